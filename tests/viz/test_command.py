import os
import subprocess
import sys

import pytest

from viz.command import main

SCRIPT = """\
import beside
from autograd import Value
from viz import diff

x, z = Value(2.0, "x"), Value(3.0, "z")
hidden = x * z
loss = hidden + beside.one
several = [x, loss]
picture = diff(loss, loss.exp())
number = 3
empty = []
if __name__ == "__main__":
    raise RuntimeError("run as a program")
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "beside.py").write_text("one = 1.0\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.setattr(sys, "argv", [])
    yield tmp_path
    sys.modules.pop("beside", None)


def status(*arguments):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return end.value.code


def test_it_draws_what_a_script_defines(folder):
    assert status("script.py:loss", "-o", "out/loss.svg", "--title", "A slide") == 0
    svg = (folder / "out" / "loss.svg").read_text(encoding="utf-8")
    assert "A slide" in svg
    assert ">x<" in svg


@pytest.mark.parametrize("name", ["several", "picture", "hidden"])
def test_it_draws_several_values_and_saves_diagrams(folder, name):
    assert status(f"script.py:{name}", "-o", "out.txt") == 0
    assert (folder / "out.txt").read_text()


def test_without_an_output_it_draws_on_the_terminal(folder, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert status("script.py:loss", "--backward") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "●─╯  v2 = x * z        6     1  ∂x 3 → +3  ∂z 2 → +2" in lines
    assert status("script.py:picture") == 0
    assert "1 added" in capsys.readouterr().out


def test_its_options_are_those_of_draw(folder):
    assert status("script.py:loss", "-o", "a.dot", "--backward", "--direction", "TB") == 0
    dot = (folder / "a.dot").read_text()
    assert "rankdir=TB" in dot
    assert "unset" not in dot
    assert status("script.py:loss", "-o", "b.dot", "--max-nodes", "2") == 0
    assert "5 nodes shown as 2" in (folder / "b.dot").read_text()


def test_its_other_options(folder):
    assert status(
        "script.py:loss", "-o", "a.dot", "--backward", "--formulas", "--no-legend",
        "--style", "print", "--view", "backward", "--number-format", ".1f",
        "--highlight", "z", "--highlight", "dead",
    ) == 0  # fmt: skip
    dot = (folder / "a.dot").read_text()
    assert "x·z" in dot
    assert "positive" not in dot
    assert "#0072b2" not in dot
    assert "leaf marked" in dot
    assert ">2.0<" in dot
    reports = ("--highlight", "kinks", "--highlight", "autopsy")
    assert status("script.py:loss", "-o", "b.dot", *reports) == 0
    assert status("script.py:loss", "-o", "b.dot", "--highlight", "nobody") == 2
    assert status("script.py:loss", "-o", "b.dot", "--expand", "nowhere") == 2


def test_a_player(folder, capsys):
    assert status("script.py:loss", "--player", "-o", "steps.html", "--title", "Steps") == 0
    assert "<h1" in (folder / "steps.html").read_text(encoding="utf-8")
    assert status("script.py:loss", "--player", "-o", "steps.svg") == 2
    assert "a player is saved as .html" in capsys.readouterr().err
    assert status("script.py:loss", "--player") == 2
    assert "say where, with -o" in capsys.readouterr().err
    assert status("script.py:several", "--player", "-o", "steps.html") == 2
    assert "--player needs one output" in capsys.readouterr().err


@pytest.mark.parametrize(("around", "shown"), [("z", "◆  z "), ("hidden", "◆  v2 = ")])
def test_around_takes_the_name_of_a_node_or_a_variable(folder, around, shown):
    assert status("script.py:loss", "-o", "a.txt", "--around", around, "--hops", "0") == 0
    assert shown in (folder / "a.txt").read_text()


def test_what_the_script_does_is_recorded(folder):
    (folder / "scopes.py").write_text(
        "from autograd import Value, scope\nwith scope('here'):\n    y = Value(1.0).exp()\n"
    )
    assert status("scopes.py:y", "-o", "y.json") == 0
    assert '"here"' in (folder / "y.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["missing.py:y"], 2, "there is no file 'missing.py'"),
        (["script.py"], 2, "the target is FILE.py:NAME"),
        (["script.py:"], 2, "the target is FILE.py:NAME"),
        (["script.py:los"], 2, "defines no 'los'; did you mean 'loss'?"),
        (
            ["script.py:qqqq"],
            2,
            "defines no 'qqqq'; there are x, z, hidden, loss, several, picture",
        ),
        (["script.py:nope"], 2, "defines no 'nope'; there are x, "),
        (["script.py:lsos"], 2, "defines no 'lsos'; did you mean 'loss'?"),
        (["script.py:loss", "--around", "far"], 2, "no node 'far'; there are x, z"),
        (["script.py:loss", "--expand", "far"], 2, "there is no scope 'far' to expand"),
        (["script.py:number"], 2, "number in script.py is of type int"),
        (["script.py:empty"], 2, "empty in script.py is of type list"),
        (["script.py:loss", "--around", "zz"], 2, "no node 'zz'; there are x, z"),
        (["script.py:loss", "--max-nodes", "0"], 2, "max_nodes is a whole number"),
        (["script.py:loss", "--direction", "RL"], 2, "invalid choice"),
        (["script.py:several", "--backward"], 2, "--backward needs one output, got 2"),
        (["script.py:loss", "-o", "y.bmp"], 2, "'.bmp' names no format"),
        (["script.py:loss", "--scale", "0"], 2, "scale is a number above 0"),
        (["script.py:loss", "-o", "script.py/y.svg"], 1, "cannot write"),
    ],
)
def test_an_error_is_one_clear_message(folder, capsys, arguments, code, said):
    assert status("-o", "y.svg", *arguments) == code
    errors = capsys.readouterr().err
    assert said in errors
    assert "Traceback" not in errors
    assert not (folder / "y.svg").exists()


def test_an_error_in_the_script_is_shown_from_the_script_on(folder, capsys):
    (folder / "bad.py").write_text(
        "from autograd import Value\n\ndef f(v):\n    return v + 'a'\n\nf(Value(1.0))\n"
    )
    assert status("bad.py:y", "-o", "y.svg") == 1
    errors = capsys.readouterr().err
    assert 'bad.py", line 6, in <module>' in errors
    assert errors.count("  File ") == 2
    assert "TypeError" in errors


@pytest.mark.parametrize(
    ("text", "said"),
    [("y = (", "SyntaxError"), ("raise SystemExit(7)", "ended by SystemExit(7)")],
)
def test_a_script_that_does_not_run(folder, capsys, text, said):
    (folder / "bad.py").write_text(text)
    assert status("bad.py:y", "-o", "y.svg") == 1
    assert said in capsys.readouterr().err


def test_as_a_command(folder):
    def run(*arguments):
        command = [sys.executable, "-m", "viz", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = run("script.py:loss", "-o", "loss.svg")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (folder / "loss.svg").exists()
    assert "--around NAME" in run("--help").stdout
    assert run("script.py:loss").stdout.count("\n") == 7
    assert os.listdir(folder).count("y.svg") == 0


def piped(command, **environment):
    variables = os.environ | {"PYTHONIOENCODING": "utf-8"} | environment
    return subprocess.run(command, shell=True, capture_output=True, env=variables, check=False)


def test_output_that_is_not_unicode_and_one_that_nobody_reads(folder):
    command = f"{sys.executable} -m viz script.py:loss"
    done = piped(command, PYTHONIOENCODING="latin-1")
    assert done.stdout.isascii()
    assert b"*-'  v2 = x * z" in done.stdout
    done = piped(f"(sleep 0.1; {command}; echo status $? >&2) | true")
    assert done.stderr == b"status 0\n"
