import re
import time
import warnings
from xml.etree import ElementTree

import pytest
from viz_graphs import SVG, article, chain, network, parse, star

from autograd import Value
from viz import EngineError, LayoutWarning, diff, draw
from viz.render import ladder
from viz.render.engine import find_engine


@pytest.fixture
def engine(tmp_path):
    """Make an engine that hangs where it is called with some options, and is quick elsewhere.

    It notes how it is called, apart from the word that it has to draw first.
    """

    def make(*slow, after=60):
        path, notes = tmp_path / "engine", tmp_path / "calls"
        notes.touch()
        hangs = " ".join(f'*"{option}"*) sleep {after};;' for option in slow)
        real = find_engine().path
        path.write_text(
            "#!/bin/sh\n"
            'input=$(mktemp); trap "rm -f $input" EXIT; cat > "$input"\n'
            f'if ! grep -q probe "$input"; then echo "$*" >> {notes}\n'
            f'case "$*|" in {hangs} esac; fi\n'
            f'{real} "$@" < "$input"\n'
        )
        path.chmod(0o755)
        return path, lambda: notes.read_text().splitlines()

    return make


def long(steps):
    """A recurrence, whose weights are used by every step."""
    w, h = Value(0.5, "w"), Value(0.1, "h")
    for i in range(steps):
        h = (h * w + Value(0.1, f"x[{i}]")).tanh()
    return h


def whole(y, **how):
    return draw(y, max_nodes=10**6, fold=False, **how)


def described(svg):
    return ElementTree.fromstring(svg).find(f"{SVG}desc").text


def drawn(svg, kind):
    root = ElementTree.fromstring(svg)
    return sum(kind in (g.get("class") or "").split() for g in root.iter(f"{SVG}g"))


# Which rung


def test_a_small_picture_is_laid_out_by_dot_and_nothing_is_said(engine):
    path, calls = engine()
    assert whole(network(), engine=path).svg() == whole(network()).svg()
    assert calls() == ["-Tsvg -Kdot"]


def test_a_picture_of_long_arrows_gets_fewer_rounds(engine):
    path, calls = engine()
    diagram = whole(long(40), engine=path)
    assert 'nslimit="0.1"' in diagram.dot
    with pytest.warns(LayoutWarning, match=r"^laid out in fewer rounds, with straight arrows; .*="):
        svg = diagram.svg()
    assert [call.split()[:2] for call in calls()] == [["-Tsvg", "-Kdot"]]
    assert described(svg).endswith("(laid out in fewer rounds, with straight arrows)")


def test_a_larger_one_is_laid_out_by_ourselves_at_once(engine):
    path, calls = engine("-Kdot")
    diagram = whole(long(150), engine=path)
    with pytest.warns(LayoutWarning, match=r"602 boxes and 750 arrows, laid out by a quicker way"):
        svg = diagram.svg()
    assert calls() == ["-Tsvg -Kneato -n2"]
    assert "602 boxes and 750 arrows" in described(svg)
    assert (drawn(svg, "node"), drawn(svg, "edge")) == (602, 750)
    assert "pos=" not in diagram.dot


def test_so_is_one_of_many_boxes(engine):
    path, calls = engine("-Kdot")
    with pytest.warns(LayoutWarning, match="2,003 boxes and 2,002 arrows"):
        svg = whole(chain(1001), engine=path).svg()
    assert calls() == ["-Tsvg -Kneato -n2"]
    assert drawn(svg, "node") == 2003


def test_one_of_many_thousands_of_boxes_is_drawn_by_ourselves(engine):
    path, calls = engine("-K")
    diagram = whole(chain(2501), title="a chain", engine=path)
    with pytest.warns(LayoutWarning, match="without the colours of its labels"):
        svg = diagram.svg()
    assert calls() == []
    assert (drawn(svg, "node"), drawn(svg, "edge")) == (5003, 5002)
    root = ElementTree.fromstring(svg)
    assert root.find(f"{SVG}title").text == "a chain"
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [
        root.find(f"{SVG}{tag}").get("id") for tag in ("title", "desc")
    ]
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert all(name == root.get("id") or name.startswith(f"{root.get('id')}-") for name in ids)
    assert "prefers-color-scheme: dark" in svg


def test_a_dark_one_does_not_adapt():
    with pytest.warns(LayoutWarning):
        svg = whole(chain(2501), style="dark").svg()
    assert "prefers-color-scheme" not in svg
    assert 'fill="#ffffff"' not in svg


# What is not done in time


def test_what_dot_does_not_do_in_time_gets_fewer_rounds(engine):
    path, calls = engine("-Kdot|")  # where that is the last option: on the first rung
    with pytest.warns(LayoutWarning, match="^dot was not done in time: laid out in fewer rounds"):
        svg = draw(network(), engine=path, timeout=6.0).svg()
    assert calls() == [
        "-Tsvg -Kdot",
        "-Tsvg -Kdot -Gsplines=line -Gnslimit=0.1 -Gmclimit=0.1",
    ]
    assert "dot was not done in time" in described(svg)


def test_then_it_is_laid_out_by_ourselves(engine):
    path, calls = engine("-Kdot")
    with pytest.warns(LayoutWarning, match="^dot was not done in time: 31 boxes and 32 arrows"):
        svg = draw(network(), engine=path, timeout=6.0).svg()
    assert [call.split()[1] for call in calls()] == ["-Kdot", "-Kdot", "-Kneato"]
    expected = draw(network()).svg()
    for kind in ("node", "edge", "cluster"):
        assert drawn(svg, kind) == drawn(expected, kind)


@pytest.mark.slow
def test_all_rungs_together_keep_to_the_time(engine):
    path, calls = engine("-K")
    start = time.monotonic()
    with pytest.raises(EngineError, match=r"not done after 3 s; draw fewer nodes \(max_nodes=\)"):
        draw(network(), engine=path, timeout=3.0).svg()
    assert len(calls()) == 3
    assert time.monotonic() - start < 30.0  # not 60, as long as the engine sleeps


def test_an_engine_that_refuses_is_not_asked_again(engine):
    path, calls = engine()
    path.write_text(path.read_text().replace(find_engine().path, "false # ", 1))
    path.write_text(path.read_text().replace("if ! grep", "if grep -q probe $input; then "
                    f'exec {find_engine().path} "$@" < "$input"; fi; if ! grep'))  # fmt: skip
    with pytest.raises(EngineError, match="exit code 1"):
        draw(network(), engine=path).svg()
    assert len(calls()) == 1


# What is said


def test_the_warning_is_at_the_users_line():
    diagram = whole(long(150))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        diagram.svg()
        diagram.svg()
    assert [(w.category, w.filename) for w in caught] == [(LayoutWarning, __file__)]
    assert "fold=True" in str(caught[0].message)


def test_a_warning_made_an_error_is_no_picture(recwarn):
    warnings.simplefilter("error", LayoutWarning)
    with pytest.raises(LayoutWarning):
        whole(long(150)).svg()


def test_what_is_left_out_is_said(monkeypatch):
    monkeypatch.setattr("viz.layout.layering._MOST_CROSSED", 0)
    monkeypatch.setattr(ladder, "_FEW_LINES", 0)
    monkeypatch.setattr(ladder, "_MOST_BOXES", 0)
    with pytest.warns(LayoutWarning, match="quicker way than that of dot, without its frames"):
        svg = draw(network()).svg()
    assert drawn(svg, "cluster") == 0


# Other formats and other pictures


def test_pixels_too(tmp_path):
    with pytest.warns(LayoutWarning, match="602 boxes"):
        path = whole(long(150)).save(tmp_path / "y.png", scale=0.2)
    assert path.read_bytes()[:4] == b"\x89PNG"


def test_more_pixels_than_a_file_should_hold(tmp_path):
    diagram = whole(chain(1001))
    with pytest.raises(EngineError, match=r"[\d,]+ × \d+ pixels, which .*save it as \.svg, or at"):
        diagram.save(tmp_path / "y.png")
    assert not (tmp_path / "y.png").exists()


def test_at_the_scale_that_the_error_names_it_works(tmp_path):
    diagram = whole(chain(1001))
    with pytest.raises(EngineError) as error:
        diagram.save(tmp_path / "y.jpg")
    scale = float(re.search(r"scale=([\d.]+)", str(error.value))[1])
    with pytest.warns(LayoutWarning):
        assert diagram.save(tmp_path / "y.jpg", scale=0.9 * scale).exists()


@pytest.mark.slow
def test_a_difference_climbs_too(engine):
    path, calls = engine("-Kdot")
    diagram = diff(article(), network(), engine=path, timeout=6.0)
    with pytest.warns(LayoutWarning, match="^dot was not done in time: "):
        svg = diagram.svg()
    assert drawn(svg, "node") == drawn(diff(article(), network()).svg(), "node")
    assert calls()[-1] == "-Tsvg -Kneato -n2"


def test_boxes_in_a_circle(monkeypatch):
    monkeypatch.setattr(ladder, "_FEW_LINES", 0)
    monkeypatch.setattr(ladder, "_MOST_BOXES", 0)
    v = Value(0.5, "x")
    for _ in range(40):
        v = (v * 2.0).tanh()
    kinds = {"mul": "products", "tanh": "squashed"}
    diagram = draw(v, fold=lambda n: kinds.get(n.op))
    with pytest.warns(LayoutWarning):
        svg = diagram.svg()
    assert drawn(svg, "edge") == diagram.dot.count(" -> ")


# Nothing hangs it


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda: long(7500),
        lambda: chain(15_000),
        lambda: sum((Value(2.0) * float(i) for i in range(8000)), Value(0.0)),
        lambda: [Value(float(i)) for i in range(30_000)],
        lambda: [Value(float(i)).exp() for i in range(15_000)],
        lambda: star(10_000),
        lambda: _crossing_frames(5000),
    ],
    ids=["recurrence", "chain", "sum", "leaves", "pairs", "star", "frames"],
)
def test_tens_of_thousands_of_nodes(make):
    y = make()
    with pytest.warns(LayoutWarning):
        svg = whole(y, timeout=600.0).svg()
    assert drawn(svg, "node") > 15_000


def _crossing_frames(count):
    """Frames of which each lies from the beginning to the end."""
    v, made = Value(1.0, "x"), []
    for i in range(count):
        v = v * 1.01
        v.name = f"s{i}.a"
        made.append(v)
    for i, early in enumerate(made):
        v = v + early
        v.name = f"s{i}.b"
    return v


@pytest.mark.slow
def test_a_million_operations_fold():
    assert parse(draw(chain(500_000))).get("role") == "img"
