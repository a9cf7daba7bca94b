"""The user's nodes: untouched until `finish`, then exactly as after `backward`."""

import math
import signal
import threading
import warnings

import pytest

import autograd
from autograd import Value, detect_anomaly, log, no_grad, record
from autograd.debugger.session.branches import unobserved
from autograd.debugger.session.session import Session
from autograd.system.interrupts import uninterrupted

EVERYTHING = (
    "s", "s 4", "n", "goto end", "rs", "rn", "rc", "where", "print z", "print z + w1", "info",
    "info leaves", "info scopes", "info operations", "list", "why w1", "explain w1", "source",
    "history w1", "break z", "c", "rc", "tbreak nan", "watch w1", "delete", "display w1.grad",
    "undisplay", "set w1 = 3", "set z = 0.5", "rerun", "diff", "check z", "goto end", "finish",
    "unset z", "rerun", "why w1", "finish", "set x2 = nan", "rerun", "goto end", "finish",
    "check w1", "unset", "rerun", "check w1", "rewind",
)  # fmt: skip


def state(network):
    nodes = autograd.Graph(network.loss).nodes
    return [(v.data.hex(), v.grad.hex(), v.has_grad, v.name, v.op, v.parents) for v in nodes]


def test_everything_but_finish_leaves_the_nodes_untouched(network, new_talk):
    before = state(network)
    talk = new_talk(network.loss)
    for command in EVERYTHING:
        talk(command)
        assert not talk.shell.failed, command
        assert state(network) == before, command


def test_after_finish_gradients_are_those_of_backward_to_the_bit(new_network, new_talk):
    network, other = new_network(), new_network()
    for v in (network.w1, other.w1):
        v.grad = 0.1  # the new gradient is added
    new_talk(network.loss, 0.7)(*EVERYTHING, "finish")
    other.loss.backward(0.7)
    # The nodes differ, their contents do not.
    assert [node[:5] for node in state(network)] == [node[:5] for node in state(other)]
    assert [v.grad.hex() for v in network.leaves] == [v.grad.hex() for v in other.leaves]


def test_finish_twice_adds_nothing(talk, network):
    assert talk("finish") == (
        "written to the nodes: w1.grad = -0.846033, x1.grad = -0.423017, w2.grad =\n"
        "  1.69207, x2.grad = -0.211508 and 1 more (`info leaves`)\n"
    )
    written = [v.grad for v in network.leaves]
    answer = talk("rewind", "finish")
    assert answer.startswith("the gradients were written to the nodes already: w1.grad")
    talk("set w1 = 3", "rerun", "finish", "unset", "rerun", "finish")
    assert [v.grad for v in network.leaves] == written


def test_a_what_if_runs_on_other_nodes_and_leads_back(talk, network):
    talk("goto 10", "set w1 = 2 * w1")
    answer = talk("rerun")
    assert answer.startswith("what if w1 = 1.0: loss 0.289318 → 0.056")
    assert "[10/18] backward (what if)  v9 → z" in answer
    assert "what if w1 = 1.0" in talk("where")
    assert "data  1.0 = " in talk("print z")
    assert "12 nodes of 14 differ, w1 first" in talk("diff")
    assert talk("diff all") == talk("diff")
    assert network.w1.data == 0.5
    talk("unset w1")
    assert talk("rerun").startswith("back to your own graph: loss = 0.289318\n[10/18]")
    assert "no what-if to compare" in talk("diff")


def test_a_what_if_stays_after_the_same_event(talk):
    talk("goto 10", "set v6 = 1", "rerun")  # z = v6 + b, and v6 no longer has operands
    assert "backward (what if)  v9 → z" in talk("where")
    assert "plays no part in this branch" in talk("print w1")
    assert "plays no part" in talk("check w1")
    talk("unset", "rerun")
    assert "backward  v9 → z" in talk("where")
    talk("goto 1", "set v6 = 1", "rerun")  # that event is not in the branch
    assert talk.position == 1


def test_breakpoints_and_conditions_hold_in_a_what_if(talk):
    talk("break z if data > 0.9", "c")
    assert talk.position == 18
    talk("rewind", "set w1 = 1", "rerun", "c")
    assert "z = v6 + b" in talk("where")
    talk("delete", "break if w1 > 0", "set z = 1", "rerun", "rewind")
    assert "w1 plays no part" in talk("c")


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("set", "write `set NODE = NUMBER`"), ("set w1", "write `set NODE"), ("set w1 =", "write"),
        ("set = 3", "write"), ("set q = 3", "no node 'q'"), ("set loss = 3", "is the output"),
        ("set w1 = 'a'", "is no number"), ("set w1 = 1j", "is no number"),
        ("set w1 = (", "no expression"),
        ("set w1 = None", "is no number"),
        ("unset w1", "w1 was not set"), ("unset q", "no node 'q'"), ("diff", "no what-if"),
        ("check v10", "is a constant"), ("check loss", "is the output"), ("q = 3", "no node 'q'"),
    ],
)  # fmt: skip
def test_what_cannot_be_changed_is_said(talk, command, complaint):
    answer = " ".join(talk(command).split())
    assert answer.startswith("error: ")
    assert complaint in answer
    assert talk.session.changes == {}


def test_set_is_written_in_several_ways(talk, network):
    talk("set w1=1", "set var w2 = w1 + 1", "b = x1 == 1", "set x1 = inf")
    assert not talk.shell.failed
    changes = talk.session.changes
    assert [changes[v] for v in (network.w1, network.w2, network.b)] == [1.0, 1.5, 1.0]
    assert changes[network.x1] == math.inf


@pytest.mark.filterwarnings("error")
def test_nothing_looks_on_at_the_shells_own_work(new_network, new_talk):
    network, other = new_network(), new_network()
    with detect_anomaly():
        talk = new_talk(network.loss)
        talk(*EVERYTHING)
        assert not talk.shell.failed
        assert len(network.w1.history) == 0
        talk("finish", "finish")
        assert len(network.w1.history) == 1
    other.loss.backward()
    assert [v.grad for v in network.leaves] == [v.grad for v in other.leaves]


def test_debug_under_no_grad(network, new_talk):
    with no_grad():
        talk = new_talk(network.loss)
        talk(*EVERYTHING)
        assert not talk.shell.failed
        talk("finish")
        assert not autograd.modes.recording()
    assert network.w1.has_grad


@unobserved()
def fail_unobserved():
    assert autograd.modes.recording()
    assert autograd.modes.observer() is None
    raise ZeroDivisionError


def test_what_holds_outside_holds_again_after_an_error():
    with record(), no_grad():
        before = autograd.modes.current.get()
        with pytest.raises(ZeroDivisionError):
            fail_unobserved()
        assert autograd.modes.current.get() == before


def test_an_anomaly_in_finish_is_told_and_nothing_written(new_talk):
    x = Value(-1.0, "x")
    y = log(x)
    with detect_anomaly():
        talk = new_talk(y)
        assert "no gradient was written: log gave nan" in talk("goto 1", "finish")
        assert talk.position == 1
    assert not x.has_grad
    talk("finish")
    assert x.grad == -1.0


def test_a_warning_that_is_an_error_is_told(network, new_talk):
    with record(), warnings.catch_warnings():
        warnings.simplefilter("error")
        network.loss.backward()
        talk = new_talk(network.loss)
        written = [v.grad for v in network.leaves]
        answer = talk("finish")
        assert "no gradient was written" in answer
    assert [v.grad for v in network.leaves] == written


def test_data_assigned_while_the_shell_is_open(talk, network):
    network.w1.data = 9.0
    for command in EVERYTHING:
        talk(command)
    talk("finish")
    assert network.w1.data == 9.0


def test_ctrl_c_waits_until_gradients_are_written():
    done = []

    @uninterrupted()
    def write():
        signal.raise_signal(signal.SIGINT)
        done.append(True)

    with pytest.raises(KeyboardInterrupt):
        write()
    assert done == [True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_finish_in_a_thread(network):
    thread = threading.Thread(target=Session(network.loss).finish)
    thread.start()
    thread.join()
    assert network.w1.has_grad


def test_leaving_says_that_nothing_was_written(network, capsys):
    autograd.debug(network.loss, commands=["step", "quit"])
    assert capsys.readouterr().out.endswith("left at 1 of 18 events; no gradient was written\n")
    assert not network.w1.has_grad
    with pytest.raises(SystemExit) as left:
        autograd.debug(network.loss, commands=["kill"])
    assert left.value.code == 1
    autograd.debug(network.loss, commands=["finish"])
    assert capsys.readouterr().out.endswith("(`info leaves`)\n")


def test_a_failing_command_of_a_list_ends_it(network, capsys):
    with pytest.raises(SystemExit) as left:
        autograd.debug(network.loss, commands=["step", "nonsense", "finish"])
    assert left.value.code == 1
    assert not network.w1.has_grad
    assert "there is no command 'nonsense'" in capsys.readouterr().err
