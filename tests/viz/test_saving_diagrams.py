import os

import pytest
from viz_graphs import article

from autograd import Value
from viz import draw


@pytest.mark.parametrize(
    ("ending", "start"),
    [
        (".svg", b"<svg"),
        (".SVG", b"<svg"),
        (".png", b"\x89PNG"),
        (".jpg", b"\xff\xd8"),
        (".jpeg", b"\xff\xd8"),
        (".dot", b"digraph"),
        (".gv", b"digraph"),
        (".txt", b"     "),
    ],
)
def test_the_ending_chooses_the_format(tmp_path, ending, start):
    path = draw(article()).save(tmp_path / f"y{ending}")
    assert path == tmp_path / f"y{ending}"
    assert path.read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["y.bmp", "y", "y.svg.gz"])
def test_an_unknown_ending_lists_the_known_ones(tmp_path, name):
    with pytest.raises(ValueError, match=r"'(\.bmp||\.gz)' names no format.*\.svg.*\.png"):
        draw(article()).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_missing_folders_are_made(tmp_path):
    assert draw(article()).save(tmp_path / "a" / "b" / "y.svg").exists()


def test_an_unwritable_folder_is_named_and_nothing_is_left(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(OSError, match=r"cannot write .*y\.svg"):
        draw(article()).save(blocked / "y.svg")
    assert os.listdir(tmp_path) == ["file"]


def test_an_old_picture_survives_a_failure(tmp_path, monkeypatch):
    path = draw(article()).save(tmp_path / "y.svg")
    before = path.read_bytes()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match=r"cannot write .*y\.svg: No space left"):
        draw(Value(1.0)).save(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["y.svg"]


def test_a_name_with_half_a_character_can_be_saved_as_text(tmp_path):
    assert "\\ud83d" in draw(Value(1.0, "\ud83d")).save(tmp_path / "y.txt").read_text()


@pytest.mark.parametrize("ending", [".png", ".jpg"])
def test_pixels_warn_at_the_users_line_of_characters_without_a_picture(tmp_path, ending):
    with pytest.warns(UserWarning, match=r"file of pixels 猫 😀 한 ก are boxes.* \.svg") as caught:
        draw(Value(2.0, "猫é→😀") * Value(3.0, "한ก")).save(tmp_path / f"y{ending}")
    assert [warning.filename for warning in caught] == [__file__]
    with pytest.warns(UserWarning, match="图 像 的 计 算 和 梯 度 … are boxes"):
        draw(Value(2.0, "图像的计算和梯度公式")).save(tmp_path / f"y{ending}")


def test_what_is_drawn_well_warns_of_nothing(tmp_path):
    x, z = Value(-0.5, "é e\u0301 αβγ Ω жñß"), Value(2.0, "‹x› ≤ ½ € → … ∂")
    y = (x * z).sigmoid().log() / z
    y.backward()
    draw(y, title="Ελληνικά, Русский, עברית, Tiếng Việt").save(tmp_path / "y.png")
    draw(y, formulas=True).save(tmp_path / "y.png")
    draw(Value(2.0, "猫")).save(tmp_path / "y.svg")
    draw(Value(2.0, "猫" * 50 + "a" * 50)).save(tmp_path / "y.html")


def test_a_notebook_gets_the_picture_and_the_text():
    diagram = draw(article())
    bundle = diagram._repr_mimebundle_()
    page = f'<div class="tex2jax_ignore mathjax_ignore">{diagram.svg()}</div>'  # no MathJax
    assert bundle == {
        "image/svg+xml": diagram.svg(), "text/html": page, "text/plain": str(diagram),
    }  # fmt: skip
    assert list(diagram._repr_mimebundle_(include={"image/svg+xml"})) == ["image/svg+xml"]
    assert list(diagram._repr_mimebundle_(exclude={"image/svg+xml", "text/html"})) == ["text/plain"]
