"""Breakpoints, watchpoints, and what they do to a run."""

import math

import pytest

from autograd import Value, log, origin
from autograd.debugger.session.conditions import KINDS


def backward(test):
    return lambda e: e.kind == "backward" and test(e)


def touches(name):
    return lambda e: (e.operand if e.operand is not None else e.node).name == name


PLACES = {
    "z": touches("z"),
    "node z": touches("z"),
    "v8": touches("z"),
    "w1": touches("w1"),
    "op tanh": lambda e: e.op == "tanh",
    "tanh": lambda e: e.op == "tanh",
    "scope cost": lambda e: origin(e.node).scope == "cost",
    "cost": lambda e: origin(e.node).scope == "cost",
    "nan": lambda e: False,
    "inf": lambda e: False,
    "zero": lambda e: False,
    "|grad| > 0.4": backward(lambda e: abs(e.after) > 0.4),
    "abs(grad) >= 1": backward(lambda e: abs(e.after) >= 1),
    "z if kind == 'forward'": lambda e: e.kind == "forward" and e.node.name == "z",
    "op mul if grad < -0.2": backward(lambda e: e.op == "mul" and e.after < -0.2),
    "if local == 1": lambda e: e.local == 1,
    "if z > 0.4 and op == 'tanh'": lambda e: e.op == "tanh",
    "if name == 'w2'": touches("w2"),
    "if kind == 'backward' and data == -2": backward(touches("x2")),
    "if scope == 'cost' and slot is None": lambda e: e.number in (5, 6),
    "if node.op == 'add' and operand is not None": backward(lambda e: e.op == "add"),
    "if abs(contribution) > 0.9": backward(lambda e: abs(e.contribution) > 0.9),
}


@pytest.mark.parametrize("where", PLACES)
def test_where_a_breakpoint_stops(talk, where):
    stops = [e.number + 1 for e in talk.session.user.events if PLACES[where](e)]
    assert stops or where in ("nan", "inf", "zero")
    talk(f"break {where}")
    assert not talk.shell.failed
    assert hits(talk, "continue", 18) == stops
    assert hits(talk, "reverse-continue", 0) == [n for n in stops if n < 18][::-1]


def hits(talk, command, end):
    """The positions at which a breakpoint stops on the way to an end."""
    found = []
    while talk.position != end:
        if "breakpoint" in talk(command):
            found.append(talk.position)
    return found


def test_a_line_of_the_source(talk, network):
    place = origin(network.z).place
    talk(f"break conftest.py:{place.line}", "c")
    assert talk.position == 1
    talk("delete", f"break line {place.line}", "rewind", "c")
    assert talk.position == 1
    assert "no line that made a node" not in talk(f"break {place.line}")
    talk("break est.py:1", f"break debugger/conftest.py:{place.line}")
    assert len(talk.shell.context.breakpoints) == 3
    for nowhere in (f"est.py:{place.line}", "line 1", "line 99999", "other.py:3"):
        assert "no line that made a node" in talk(f"break line {nowhere.removeprefix('line ')}")
    assert "no node, operation, scope or line" in talk("break layer7")


def test_where_numbers_go_bad(new_talk):
    x = Value(0.0, "x")
    y = log(x) * 0.0
    y.name = "y"
    talk = new_talk(y)
    assert "log(x)" in talk("break inf", "c")
    assert talk.position == 1
    talk("break nan", "c")
    assert talk.position == 2
    assert "nan" in talk("c")
    zero = new_talk(Value(0.0, "a") * Value(3.0, "b"))
    zero("break zero gradient", "c")
    assert zero.session.stepper.event.operand.name == "b"


def test_a_temporary_breakpoint_stops_once(talk):
    assert talk("tbreak z") == "temporary breakpoint 1: z\n"
    assert "temporary breakpoint 1: z" in talk("c")
    assert talk.position == 4
    talk("c")
    assert talk.position == 18
    assert talk("info breakpoints") == "no breakpoints\n"


def test_a_watchpoint_says_from_what_to_what(talk):
    talk("watch z")
    assert "was not computed, is data 0.5\n" in talk("c")
    answer = talk("c")
    assert "was data 0.5, is data 0.5, grad -" in answer
    talk("goto end")
    assert "was data 0.5, is data 0.5, grad -" in talk("rc")
    talk("rc")
    assert talk.position == 4


def test_a_watchpoint_passes_what_changes_nothing(new_talk):
    x = Value(3.0, "x")
    talk = new_talk(x * 0.0 + x * 2.0 + x * 0.0)
    talk("watch x")
    stops = []
    while talk.position < len(talk.session.user):
        talk("c")
        stops.append(talk.position)
    gradients = [talk.session.user.events.grad(x, n) for n in stops]
    assert gradients[:2] == [0.0, 2.0]  # the first contribution counts, though it is 0.0
    assert "watchpoint" not in talk("c")


def test_breakpoints_are_listed_deleted_disabled_enabled(talk):
    talk("b z", "tb op mul", "watch w1", "c")
    answer = talk("info b")
    assert "1       breakpoint  z          0" in answer
    assert "3       watchpoint  w1" in answer
    assert talk("disable 1 3") == "disabled 1, 3\n"
    assert "breakpoint, disabled" in talk("info breakpoints")
    talk("goto 2", "c")
    assert talk.position == 18
    talk("enable 1", "rewind", "c")
    assert talk.position == 4
    assert talk("delete 1, 3") == "deleted 1, 3\n"
    assert talk("delete") == "there were none\n"


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("tbreak", "say where to stop"), ("watch", "say what to watch"),
        ("watch q", "there is no node 'q'"), ("delete 9", "there is no breakpoint 9"),
        ("delete x", "there is no breakpoint x"), ("delete ٣", "there is no breakpoint"),
        ("delete " + "9" * 5000, "there is no breakpoint"), ("break node q", "no node 'q'"),
        ("break op q", "no operation 'q'"), ("break scope q", "no node of this graph was made"),
        ("break line q", "no line"), ("break |grad| > much", "a limit is a number"),
        ("break |grad| > nan", "a limit is a number"), ("break if", "say where to stop"),
        ("break if (", "is no expression"), ("break z > 3", "write `if z > 3`"),
        ("break layr0", "did you mean layer0?"), ("break v99", "no node, operation"),
        ("break line " + "9" * 5000, "no line"), ("break v" + "9" * 5000, "no node, operation"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused(talk, command, complaint):
    answer = " ".join(talk(command).split())
    assert answer.startswith("error: ")
    assert complaint in answer
    assert talk.shell.context.breakpoints == {}


def test_break_alone_lists(talk):
    assert talk("break") == "no breakpoints\n"


def test_a_condition_that_raises_is_named_and_nothing_moves(talk):
    talk("break if 1 / (z - z)", "goto 4")
    answer = " ".join(talk("continue").split())
    assert "breakpoint 1, after event 5: 1 / (z - z): ZeroDivisionError" in answer
    assert "`delete 1` takes it away" in answer
    assert talk.position == 4
    assert "SystemExit" in talk("delete", "break if exit()", "continue")
    assert talk.position == 4


def test_ctrl_c_in_a_condition_leaves_the_position(talk):
    def interrupt():
        raise KeyboardInterrupt

    talk.session.variables["interrupt"] = interrupt
    talk("goto 3", "break if interrupt()")
    for command in ("continue", "until z", "reverse-continue"):
        assert "interrupted" in talk(command)
        assert talk.position == 3
    assert list(talk.shell.context.breakpoints) == [1]


def test_several_nodes_of_one_name_stop_together(new_talk):
    a, b = Value(1.0, "w"), Value(2.0, "w")
    talk = new_talk(a * 3 + b * 4)
    talk("break w", "c", "c")
    assert talk.position == len(talk.session.user)


def test_names_hide_operations_and_kinds_can_be_told(new_talk):
    exp, nan = Value(1.0, "exp"), Value(2.0, "nan")
    talk = new_talk(exp.exp() * nan)
    talk("break op exp", "c")
    assert talk.position == 1
    talk("delete", "break exp", "rewind", "c")
    assert talk.session.stepper.event.operand is exp
    talk("delete", "break node nan", "rewind", "c")
    assert talk.session.stepper.event.operand is nan
    talk("delete", "break nan", "c")
    assert talk.position == len(talk.session.user)
    assert math.isfinite(talk.session.stepper.event.after)


def test_help_names_every_kind(talk):
    answer = talk("help break")
    assert all(kind.split()[0] in answer for kind in KINDS)
