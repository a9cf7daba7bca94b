"""Diagrams and players opened in the browser, and what is done without a display."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from autograd import Value
from autograd.system import display
from viz import diff, draw, player

x = Value(2.0, "x")
SHOWN = {
    "draw": lambda: draw(x * x),
    "diff": lambda: diff(x, x * x),
    "player": lambda: player(x * x),
}


@pytest.fixture
def opened(monkeypatch):
    pages = []
    monkeypatch.setattr("webbrowser.open", pages.append)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return pages


@pytest.mark.parametrize("make", SHOWN.values(), ids=SHOWN)
def test_show_opens_a_page_in_the_browser(make, opened, monkeypatch, capsys):
    monkeypatch.setenv("DISPLAY", ":0")
    make().show()
    path = Path(unquote(urlsplit(*opened).path))
    assert path.read_text().startswith("<!DOCTYPE html>")
    assert capsys.readouterr().out == f"opened: {path}\n"


@pytest.mark.parametrize("make", SHOWN.values(), ids=SHOWN)
def test_show_without_a_display_prints_what_the_prompt_shows_and_a_line(make, opened, capsys):
    make().show()
    *shown, said = capsys.readouterr().out.splitlines()
    assert "\n".join(shown) == repr(make())
    assert said.startswith("(no display to open it on")
    assert opened == []


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_a_desk_has_a_display(opened, monkeypatch, platform):
    assert not display.has_display()
    monkeypatch.setattr("sys.platform", platform)
    assert display.has_display()


class Kernel:
    """What IPython's module looks like in a notebook."""

    kernel = object()

    def get_ipython(self):
        return self


@pytest.mark.parametrize("make", SHOWN.values(), ids=SHOWN)
def test_show_in_a_notebook_is_below_the_cell(make, opened, monkeypatch, capsys):
    below = []
    monkeypatch.setitem(__import__("sys").modules, "IPython", Kernel())
    monkeypatch.setattr("viz.render.notebook.import_module", lambda name: Below(below))
    monkeypatch.setenv("DISPLAY", ":0")
    shown = make()
    shown.show()
    assert below == [shown]
    assert opened == []
    assert capsys.readouterr().out == ""


class Below:
    def __init__(self, shown):
        self.display = shown.append
