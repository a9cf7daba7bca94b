import os
import time
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from viz_graphs import article

from viz import EngineError, draw
from viz.render import engine as engines
from viz.render.engine import EMBEDDED, find_engine


@pytest.fixture
def program(tmp_path):
    """Make a program that stands for an engine."""

    def make(script, name="dot"):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return make


@pytest.fixture
def no_engine(monkeypatch, tmp_path):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", missing)
    monkeypatch.setenv("PATH", str(tmp_path))


def embedded():
    return find_engine().path


def test_the_embedded_engine_is_the_default():
    engine = find_engine()
    assert engine.origin == "embedded"
    assert Path(engine.path).stem == "graphviz-pure"


def test_an_explicit_path_comes_first(program):
    path = program(f'exec {embedded()} "$@"')
    assert find_engine(path) == find_engine(str(path)) == (str(path), "explicit")
    assert draw(article(), engine=path).svg() == draw(article()).svg()


def test_a_system_dot_comes_last(program, no_engine, monkeypatch):
    monkeypatch.undo()
    path = program(f'exec {embedded()} "$@"')
    monkeypatch.setattr(metadata, "files", lambda name: None)
    monkeypatch.setenv("PATH", str(path.parent))
    assert find_engine() == (str(path), "system")


def test_an_embedded_engine_that_fails_gives_way(program, monkeypatch):
    path = program(f'exec {embedded()} "$@"')
    monkeypatch.setattr(engines, "_embedded", lambda: str(program("exit 1", "broken")))
    monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}/bin")
    assert find_engine().origin == "system"


def test_without_an_engine_there_are_text_and_an_error_that_helps(no_engine, tmp_path):
    diagram = draw(article())
    assert "n0 -> n2" in diagram.source
    assert "v2 = x * z" in str(diagram)
    assert diagram.save(tmp_path / "y.gv").read_text() == diagram.source
    for fails in (diagram.svg, lambda: diagram.save(tmp_path / "y.svg")):
        with pytest.raises(EngineError, match=r"pip install graphviz-pure==.*Graphviz.*engine="):
            fails()
    assert not (tmp_path / "y.svg").exists()


def test_a_notebook_without_an_engine_shows_the_text_and_says_why(no_engine):
    bundle = draw(article())._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "v2 = x * z" in bundle["text/plain"]
    assert "There is no picture" in bundle["text/plain"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 3", "exit code 3"),
        ("echo no plugin >&2; exit 1", "no plugin"),
        ("cat", "no SVG of its input"),
        ("true", "no message"),
    ],
)
def test_a_program_that_is_no_engine(program, script, message):
    with pytest.raises(EngineError, match=message):
        draw(article(), engine=program(script)).svg()


def test_a_path_that_does_not_exist(tmp_path):
    with pytest.raises(EngineError, match="nowhere does not start"):
        draw(article(), engine=tmp_path / "nowhere").svg()


def test_a_picture_that_does_not_parse(program):
    path = program("cat > /dev/null; echo '<svg><text>bold</text>'")
    path.write_text(path.read_text().replace("<text>", "<text a=>"))
    with pytest.raises(EngineError, match="does not parse"):
        draw(article(), engine=path).svg()


def test_an_engine_that_hangs_is_ended_with_what_it_started(program, tmp_path):
    child = tmp_path / "child"
    probe_only = (
        f'input=$(cat); case "$input" in *probe*) echo "$input" | {embedded()} "$@";; '
        f"*) sleep 60 & echo $! > {child}; wait;; esac"
    )
    with pytest.raises(EngineError, match=r"not done after 2 s.*: draw fewer nodes"):
        draw(article(), engine=program(probe_only), timeout=2.0).svg()
    assert not _runs(int(child.read_text()))


def _runs(process):
    """Whether the process is there and no zombie that nobody has buried yet."""
    status = Path(f"/proc/{process}/stat")
    for _ in range(50):
        if not status.exists() or status.read_text().rsplit(")")[-1].split()[0] == "Z":
            return False
        time.sleep(0.1)
    return True


def test_the_release_named_in_the_error_is_the_one_that_is_pinned():
    project = tomllib.loads(Path(__file__).parents[3].joinpath("pyproject.toml").read_text())
    pinned = [r for r in project["project"]["dependencies"] if r.startswith("graphviz-pure")]
    assert [r.split(";")[0].strip() for r in pinned] == [EMBEDDED]
