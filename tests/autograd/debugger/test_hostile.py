"""The shell survives any command line and any names of nodes, and its state stays valid."""

import io
import math
import random

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, log, record
from autograd.debugger.commands.table import COMMANDS
from autograd.debugger.session.session import Session
from autograd.debugger.shell import Shell
from autograd.debugger.terminal.screen import Screen

# `show` writes files: its argument is a file's name.
WORDS = sorted((set(COMMANDS) - {"show"}) | {a for c in COMMANDS.values() for a in c.abbreviations})
WORDS.remove("sh")
PIECES = [
    "z", "w1", "loss", "v3", "v99", "v", "w1.grad", "=", "==", "0", "-1", "1e309", "nan", "inf",
    "if", "op", "mul", "scope", "layer0", "line", "1", "9" * 400, "(", ")", "[", "'", '"', "\\",
    "|grad|", ">", "grad", ",", ".", "leaves", "all", "*", "not", "lambda", "+", "\0", "\n", "\r",
    "\x1b[2J", "\u202e", "\ud800", "猫", "é", "%s", "{}", "{z}", "~", ":=", "#", "?", "!", ";",
]  # fmt: skip
ARGUMENTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=5).map(" ".join)
LINES = st.one_of(
    st.tuples(st.sampled_from(WORDS), ARGUMENTS).map(" ".join),
    st.tuples(st.sampled_from(WORDS), ARGUMENTS).map("".join),
    ARGUMENTS,
    st.text(),
)


@settings(max_examples=examples(150))
@given(st.lists(LINES, min_size=1, max_size=30))
def test_no_line_gets_a_traceback_out_or_spoils_the_state(new_network, lines):
    network = new_network()
    out = io.StringIO()
    shell = Shell(Session(network.loss), screen=Screen(out))
    wrote = False
    for line in lines:
        shell.context.leaving = ""
        shell.onecmd(line)
        session = shell.context.session
        assert 0 <= session.stepper.position <= len(session.stepper)
        wrote = wrote or session.user.finished
        assert network.w1.has_grad == wrote
        assert network.w1.data == 0.5
    answer = out.getvalue()
    assert "this should not happen" not in answer
    assert all(c == "\n" or c.isprintable() or c == "\u3000" or ord(c) > 127 for c in answer)
    assert "\x1b" not in answer
    shell.onecmd("unset")
    shell.onecmd("rerun")
    shell.onecmd("finish")
    other = new_network()
    other.loss.backward()
    assert [v.grad for v in network.leaves] == [v.grad for v in other.leaves]


NAMES = [
    "\x1b[2J\x1b[31mred", "two\nlines", "it's", 'a "quote"', "x" * 10_000, "", " ", "\t", "a = b",
    "if", "lambda", "\u202egnihtyna", "猫猫猫", "w[0]", "w[", "nan", "op", "v1", "%s%n", "\ud800",
    "\0", "start", "0,3", "a if b", "-1", "*", "(", "grad > 3",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_kind(new_talk, name):
    with record(), autograd.scope("s"):
        node, x = Value(2.0, name), Value(3.0, "x")
        y = node * x + node
    talk = new_talk(y)
    talk("info leaves", "list", f"print {name}", f"why {name}", f"break node {name}", "c", "c")
    talk("info breakpoints", "where", "explain v0", "why v0", f"watch {name}", "history v0")
    talk("set v0 = 4", "rerun", "diff", "check v0", "goto end", "where", f"set {name} = 3")
    assert "\x1b" not in talk.out.getvalue()
    talk.session.names.starting_with("")
    talk("finish")


def test_many_nodes_of_one_name_and_none(new_talk):
    same = [Value(float(i), "same") for i in range(100)]
    talk = new_talk(autograd.sum(same))
    assert "100 nodes are called 'same': say which one: v0, v1" in " ".join(
        talk("why same").split()
    )
    assert "… and 90 more nodes of that name" in talk("print same")
    talk("info leaves", "break same", "c", "list", "explain v3")
    assert not any(v.has_grad for v in same)
    unnamed = new_talk(Value(1.0) * Value(2.0))
    assert "its nodes have no names" in " ".join(unnamed("why w").split())
    unnamed("list", "info leaves", "where", "goto end", "where", "print", "why v0")


def test_nan_everywhere(new_talk):
    x = Value(math.nan, "x")
    talk = new_talk(log(x) * x + x)
    for command in ("break nan", "c", "c", "c", "where", "list", "why x", "explain x", "check x",
                    "set x = nan", "rerun", "diff", "info", "info leaves", "finish"):  # fmt: skip
        talk(command)
        assert not talk.shell.failed, command


class Terminal(io.TextIOWrapper):
    """A stream of a given encoding that claims to be a terminal."""

    def __init__(self, encoding):
        super().__init__(io.BytesIO(), encoding=encoding)

    def isatty(self):
        return True


@pytest.mark.parametrize("colour", [False, True])
def test_an_ascii_terminal(network, monkeypatch, colour):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal("ascii")
    network.w1.name = "猫→é"
    shell = Shell(Session(network.loss), screen=Screen(out))
    for command in ("step", "goto end", "where", "list", "why w2", "info leaves", "explain w2",
                    "help", "set x1 = 3", "rerun", "diff", "print '猫'", "source"):  # fmt: skip
        shell.onecmd(command)
        assert not shell.failed, command
    out.flush()
    text = out.buffer.getvalue().decode("ascii")
    assert "->" in text
    assert ("\x1b" in text) == colour
    assert "\\u732b" in text


def big(width=60, depth=3):
    """A network of some 29,000 nodes."""
    random.seed(0)
    values = [Value(random.random(), f"x{i}") for i in range(40)]
    with record():
        for layer in range(depth):
            with autograd.scope(f"layer{layer}"):
                values = [_neuron(values, f"layer{layer}.neuron{i}") for i in range(width)]
        output = autograd.sum(values)
    output.name = "out"
    return output


def _neuron(inputs, name):
    total = Value(0.1, f"{name}.b")
    for i, x in enumerate(inputs):
        total = total + Value(random.gauss(0, 0.2), f"{name}.w[{i}]") * x
    return total.tanh()


def test_a_large_graph_is_looked_at_in_little_work(new_talk, monkeypatch):
    talk = new_talk(big())
    assert len(talk.session.graph) > 20_000
    talk("where", "print layer0.neuron0.w[3]", "goto backward")  # builds what is built once
    evaluated = []
    kept = autograd.stepping.events.EventLog.__getitem__
    monkeypatch.setattr(
        autograd.stepping.events.EventLog,
        "__getitem__",
        lambda log, n: evaluated.append(n) or kept(log, n),
    )
    for command in (
        *("step", "step 5000", "next", "rs", "where", "list", "print layer1.neuron2.w[5]"),
        *("why layer0.neuron7.w[3]", "why x0", "source", "goto 40000", "where"),
        *("break layer1.neuron2.w[5]", "watch x3", "rewind", "c", "c", "rc"),
    ):
        evaluated.clear()
        talk(command)
        assert not talk.shell.failed, command
        assert len(evaluated) <= 60, command
