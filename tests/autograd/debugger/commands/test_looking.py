"""Commands that look: they show the right node at the right moment."""

import xml.etree.ElementTree as ET
from io import BytesIO, TextIOWrapper

from autograd import Value
from autograd.debugger.commands.table import COMMANDS, GROUPS
from autograd.debugger.session.session import Session
from autograd.debugger.shell import Shell
from autograd.debugger.terminal.screen import Screen
from autograd.recording.anomalies import path_to


def test_help_is_there_for_every_command_and_every_abbreviation(talk):
    overview = talk("help")
    for c in COMMANDS.values():
        assert c.name in overview
        assert sum(c in group for group in GROUPS.values()) == 1
        for word in (c.name, *c.abbreviations):
            answer = talk(f"help {word}")
            assert answer.startswith(f"{c.name} {c.usage}".strip())
            assert " ".join(c.summary.split()) in " ".join(answer.split())
    assert "step [COUNT]" in talk("?step")
    assert "there is no command 'nothing'" in talk("help nothing")


def test_no_two_commands_share_a_word():
    words = [w for c in COMMANDS.values() for w in (c.name, *c.abbreviations)]
    assert len(words) == len(set(words))


def test_what_gdb_and_pdb_users_type(talk):
    for typed, name in {
        "s": "step", "n": "next", "c": "continue", "b": "break", "tb": "tbreak", "p": "print",
        "i": "info", "l": "list", "w": "where", "bt": "where", "d": "delete", "u": "until",
        "rs": "reverse-step", "rn": "reverse-next", "rc": "reverse-continue", "fin": "finish",
        "h": "help", "q": "quit", "k": "kill", "cont": "continue", "reverse-s": "reverse-step",
        "exit": "quit", "dis": "disable", "en": "enable", "wa": "watch",
    }.items():  # fmt: skip
        assert talk(f"help {typed}").startswith(name)


def test_where_shows_the_way_to_the_output(talk):
    assert "start of loss: 7 operations, 18 events to come\n" in talk("where")
    assert "to the output: v2 → v6 → z → v9 → v11 → loss" in talk("step", "where")


def test_ways_to_the_output_are_shortest():
    x = Value(2.0, "x")
    y = x
    for _ in range(40):
        y = y + 1.0
    z = y * 2.0 + x
    assert [v.op for v in path_to(z, x)] == [None, "add"]
    assert len(path_to(z, y)) == 3
    assert path_to(z, z) == [z]
    assert len(path_to(z, z.parents[0].parents[1])) == 2  # no derivative flows: the two ends


def test_print_tells_how_far_a_gradient_is(talk, new_talk):
    assert "data  not computed yet" in talk("print z")
    assert "grad  none yet: 1 contribution to come" in talk("print w1")
    assert "none: a constant takes no gradient" in talk("print v10")
    x = Value(3.0, "x")
    x.grad = 7.0
    talk = new_talk(x * x)
    talk("goto 2")
    answer = talk("print x")
    assert "grad  3.0 (1 of 2 contributions)" in answer
    assert "its own .grad is 7.0, from before" in answer


def test_why_adds_up_the_contributions(new_talk):
    x = Value(3.0, "x")
    y = x * x
    y.name = "y"
    talk = new_talk(y)
    talk("goto 2")
    assert talk("why x") == (
        "∂y/∂x = the sum over its consumers:\n"
        "    consumer  made by  ∂y/∂consumer  · local  = part  sum\n"
        "=>  y         x * x             1.0      3.0     3.0  3.0\n"
        "    y         x * x             1.0      3.0     3.0  6.0  to come\n"
        "grad now 3.0, at the end 6.0\n"
    )
    assert "the pass begins here" in talk("why y")
    assert "is a constant" in new_talk(y * 4.0)("why v2")


def test_why_of_a_node_that_is_used_a_thousand_times(new_talk):
    b = Value(1.0, "b")
    y = b * 0.0
    for _ in range(1000):
        y = y + b
    talk = new_talk(y)
    answer = talk("why b")
    assert "… and 951 more contributions" in answer
    assert "at the end 1000.0" in answer


def test_list_goes_on_and_comes_back(talk):
    assert talk("goto 1", "list").splitlines()[3].startswith("=>  v2")
    assert talk("list").splitlines()[1].strip().startswith("v8")
    assert "the end of the list" in talk("")
    assert "=>  v2" in talk("list .")
    assert [line.split()[0] for line in talk("list 3,5").splitlines()[1:]] == ["v3", "v4", "v5"]
    assert talk("list v12,v99").splitlines()[-1].split()[0] == "v13"
    assert "=>  v8" in talk("until z", "list")
    assert len(talk("list v13").splitlines()) == 7
    for bad in ("list 1,x", "list ,", "list " + "9" * 5000 + ",2"):
        assert "takes two numbers of nodes" in talk(bad)


def test_info(talk):
    assert "loss: 14 nodes, 5 leaves; 7 forward and 11 backward events" in talk("info")
    scopes = [line.split() for line in talk("i sc").splitlines()[1:]]
    assert scopes == [["cost", "2", "v11", "v13"], ["layer0", "5", "v2", "v9"]]
    assert "mul" in talk("i op")
    assert talk("info le").splitlines()[1].split()[:4] == ["v0", "w1", "0.5", "-"]
    assert "info of graph, leaves" in talk("info nothing")


def test_without_record_there_are_no_lines(new_talk):
    talk = new_talk(Value(1.0) * 2)
    for command in ("source", "info scopes"):
        assert "build the graph under `with autograd.record():`" in talk(command)


def test_source_marks_the_expression(talk):
    lines = talk("step", "source").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("=>"))
    start = lines[at + 1].index("^")
    assert lines[at][start : start + lines[at + 1].count("^")] == "self.w1 * self.x1"


def test_explain_and_history(talk, network):
    assert "one path" in talk("explain w1")
    assert "w1 has no gradient" in talk("history w1")
    assert "no node 'q'" in talk("explain q")
    assert "is a constant" in talk("explain v10")


def test_show_draws_the_neighbourhood_of_this_moment(talk, tmp_path):
    file = tmp_path / "z.svg"
    assert talk("until z", f"show z 1 > {file}").startswith(
        "drawn:"
    )  # a long path is on the next line
    ET.fromstring(file.read_text())
    text = file.read_text()
    assert "tanh" in text
    assert talk(f"show z 99999999999 > {file}").startswith("drawn:")
    assert "no picture" in talk(f"show z > {tmp_path}/z.nothing")
    assert "no picture" in talk("show z > /dev/null/z.svg")
    assert "no node 'q'" in talk("show q")


def test_show_draws_in_characters(talk, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    text = talk("until z", "show z 1")
    assert text.splitlines() == [
        "                     data  grad  derivative",
        "⋮    6 more",
        "│    layer0:",
        "●      v6 = v2 + v5     0     –  ∂v2 1  ∂v5 1",
        "│ ○  b                0.5     –",
        "◆─╯    z = v6 + b     0.5     –  ∂v6 1  ∂b 1",
        "●      v9 = tanh(z)     –     –  ∂z –",
        "⋮    4 more",
        "4 of 14 nodes: those within 1 step of z",
        "○ leaf  ● operation  ⋮ not drawn  ◆ highlighted",
    ]
    monkeypatch.setenv("DISPLAY", ":0")
    assert talk("show z 1 text") == text
    assert talk("show z text") == talk("show text") != text
    assert "no node 'q'" in talk("show q text")


def test_show_knows_a_node_called_text(new_talk, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", lambda page: True)
    talk = new_talk(Value(2.0, "text") * Value(3.0, "z"))
    assert talk("show text").startswith("drawn: ")
    assert "within 2 steps of text" in talk("show text text")
    assert "within 2 steps of z" in talk("show z text")


def test_show_in_the_characters_of_the_stream():
    out = TextIOWrapper(BytesIO(), "ascii")
    shell = Shell(Session(Value(2.0, "x").exp()), screen=Screen(out))
    shell.onecmd("show x 1 text")
    out.flush()
    lines = out.buffer.getvalue().decode("ascii").splitlines()
    assert "@  x               2     -" in lines
    assert "*  v1 = exp(x)     -     -  dx -" in lines


def test_show_without_what_draws(talk, monkeypatch):
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **group: ())
    assert "nothing here draws" in talk("show z")


def test_show_opens_pictures_of_its_own_where_there_is_a_display(talk, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setenv("DISPLAY", ":0")
    talk("show z")
    talk(f"show z > {tmp_path / 'z.svg'}")
    assert len(opened) == 1
    assert opened[0].startswith("file:///")
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    talk("show z")
    assert len(opened) == 1
