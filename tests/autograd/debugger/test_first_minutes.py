"""What somebody types in the first ten minutes: names, help, an ordinary script, a prompt."""

import re
import threading

import pytest

import autograd
import nn
import viz
from autograd import Graph, Stepper, Value, modes, origin, record
from autograd.debugger.commands.table import GROUPS
from autograd.debugger.completion import completions
from autograd.debugger.terminal.screen import Screen
from autograd.errors import BackwardTwiceWarning, LeftoverGradientWarning


@pytest.fixture
def unnamed(new_talk):
    """Nodes that have no names of their own, but variables."""
    x, w, b = Value(0.5), Value(-3.0), Value(1.0)
    hidden = [w * x + b, (x * x).exp()]
    y = hidden[0] * hidden[1]
    return new_talk(y, variables={"x": x, "w": w, "b": b, "hidden": hidden, "y": y, "_": b})


def test_the_users_variables_name_nodes_in_every_command(unnamed):
    for command, expected in {
        "where": "start of y:", "step": "= w * x", "list 0,20": "hidden[0] * hidden[1]",
        "goto backward": "y = hidden[0] * hidden[1]", "next": "y → hidden[1]",
        "until w": "grad of w:", "why x": "∂y/∂x = the sum", "explain w": "w → v2 → hidden[0] → y",
        "print w": "v0 w = leaf", "info leaves": "w     -3.0   0.642013", "info": "y: 8 nodes",
        "show y text": "within 2 steps of y", "check w": "∂y/∂w",
        "set w = 1": "w = 1.0 (was -3.0)", "rerun": "what if w = 1.0: y", "diff": "\nw  ",
        "explain x": "hidden[0] → y", "goto end": "grad of x", "unset": "0 numbers set",
        "finish": "w.grad = ",
    }.items():  # fmt: skip
        answer = unnamed(command)
        assert expected in answer, (command, answer)
        assert not re.search(r"\bv[0137]\b(?!  )", answer.replace("v0 w", "")), (command, answer)


def test_a_name_of_its_own_comes_before_a_variable_and_an_ambiguous_one_is_none(new_talk):
    x, z = Value(2.0, "x"), Value(3.0)
    y = x * z
    talk = new_talk(y, variables={"other": x, "x": z, "v0": y})
    assert "v2 = x * v1" in talk("step")


@pytest.mark.parametrize("name", ["w", "b", "d", "e", "f", "y", "loss", "p", "l", "h", "k", "q"])
def test_a_bare_name_prints_the_node(new_talk, name):
    talk = new_talk(Value(2.0, name) * 3)
    assert (
        talk(name)
        == talk(f"print {name}")
        == f"v0 {name} = leaf\n  data  2.0\n" + ("  grad  none yet: 1 contribution to come\n")
    )
    assert talk(f"{name}.grad") == "0.0\n"
    assert talk(f"{name} * 2 + 1") == "5.0\n"
    assert talk.position == 0


@pytest.mark.parametrize("name", ["s", "n", "c"])
def test_moves_come_before_names(new_talk, name):
    talk = new_talk(Value(2.0, name) * 3)
    assert talk(name).endswith(f"`print {name}` shows the node {name}\n")
    assert talk.position > 0


def test_help_fits_a_screen_and_knows_groups(talk):
    overview = talk("help")
    assert len(overview.splitlines()) <= 22
    assert all(len(line) <= 80 for line in overview.splitlines())
    for group, commands in GROUPS.items():
        answer = talk(f"help {group}")
        for command in commands:
            assert command.name in overview
            assert command.name in answer
            assert command.summary in " ".join(answer.split())
            assert command.name in talk("help all")


class _Terminal:
    encoding = "utf-8"

    def __init__(self):
        self.written = ""

    def isatty(self):
        return True

    def write(self, text):
        self.written += text

    def flush(self):
        pass


@pytest.mark.parametrize("rows", [30, 3])
def test_what_is_longer_than_the_terminal_goes_through_a_pager(monkeypatch, rows):
    paged = []
    monkeypatch.setattr("pydoc.pager", paged.append)
    monkeypatch.setenv("LINES", str(rows))
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = _Terminal()
    lines = [f"line {i}" for i in range(5)]
    Screen(terminal).paged(lines, indent=0)
    text = "\n".join(lines)
    assert (terminal.written, paged) == ((f"{text}\n", []) if rows == 30 else ("", [text]))


ORDINARY = """\
from autograd import Value
w, b = Value(0.0), Value(0.0)
for step in range(2):
    loss = sum((w * x + b - 1) ** 2 for x in (-1.0, 2.0))
    w.grad = b.grad = 0
    loss.backward(0.5)
    for p in (w, b):
        p.data -= 0.1 * p.grad
print(w.data, b.data)
"""


def test_an_ordinary_script_stops_at_its_first_backward(run, tmp_path):
    (tmp_path / "ordinary.py").write_text(ORDINARY)
    plain = run("ordinary.py").stdout
    for commands, said in (
        ("until w\nquit\n", "now backward() writes the gradients"),
        ("goto end\nfinish\nquit\n", "written to the nodes: w.grad = -1.0, b.grad = -2.0"),
    ):
        done = run("-m", "autograd", "ordinary.py", stdin=commands)
        assert (done.returncode, done.stderr) == (0, "")
        assert "at the first backward(): ordinary.py:6 in <module>: loss.backward(" in done.stdout
        assert done.stdout.count("start of loss") == 1
        assert said in done.stdout
        assert done.stdout.endswith(plain)
    assert run("-m", "autograd", "--only-debug", "ordinary.py", stdin="step\n").stdout == plain
    assert run("-m", "autograd", "ordinary.py", stdin="kill\n").returncode == 1


def test_a_script_that_calls_debug_stops_there_alone(run, tmp_path):
    (tmp_path / "own.py").write_text(
        ORDINARY.replace("    loss.backward(0.5)", "    autograd.debug(loss); loss.backward()")
        .replace("from", "import autograd\nfrom", 1)
    )  # fmt: skip
    done = run("-m", "autograd", "own.py", stdin="quit\nquit\n")
    assert done.stdout.count("start of loss") == 2
    assert "at the first backward()" not in done.stdout


def test_a_script_in_which_there_is_nothing_to_step_through(run, tmp_path):
    (tmp_path / "none.py").write_text("print(2)\n")
    done = run("-m", "autograd", "none.py")
    assert (done.returncode, done.stdout) == (0, "2\n")
    assert "called no backward() and no debug()" in done.stderr


def test_everything_is_loaded_at_the_prompt(run):
    names = [*autograd.__all__, *nn.__all__, *viz.__all__, "np", "autograd", "nn", "viz"]
    done = run("-m", "autograd", stdin=f"print([n for n in {names} if n not in globals()])")
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_record_always_holds_in_every_thread_and_warns():
    w = Value(2.0)
    seen = []
    with autograd.no_grad(), record():  # a context that had modes of its own before
        pass
    record.always()
    try:
        with autograd.no_grad():
            assert not modes.recording()
        thread = threading.Thread(target=lambda: seen.append(origin(w * 3.0)))
        thread.start()
        thread.join()
        y = w * w
        y.backward()
        with pytest.warns(BackwardTwiceWarning, match=r"again on y: .* in w; call zero_grad"):
            y.backward()
        with record():  # which ends itself alone
            pass
        w.data = 3.0
        with pytest.warns(LeftoverGradientWarning):
            (w * 5.0).backward()
    finally:
        record.always(False)
    assert seen[0].line.startswith("test_first_minutes.py:")
    assert [entry.after for entry in w.history] == [4.0, 8.0, 13.0]
    assert not origin(w * 2).line
    assert not modes.active


CELLS = """\
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in [
    "%load_ext autograd", "from autograd import *\\nw = Value(2.0)", "w = Value(2.0)\\ny = w * w",
    "y.backward()", "y.backward()", "debug(y, commands=['break In [3]:2', 'continue'])",
    "%unload_ext autograd\\nprint(origin(w * w).line or 'not known')",
]:
    shell.run_cell(cell, store_history=True)
"""


def test_the_extension_of_ipython(run):
    pytest.importorskip("IPython")
    done = run("-c", CELLS)
    assert "In [5]:1: BackwardTwiceWarning: backward runs again on y:" in done.stderr
    assert "breakpoint 1: In [3]:2" in done.stdout
    assert "      In [3]:2 in <module>: y = w * w" in done.stdout
    assert done.stdout.endswith("not known\n")


def test_a_node_is_called_the_same_everywhere():
    w, x = Value(2.0, "w"), Value(3.0, "x")
    y = w * x
    assert "w * x" in str(Graph(y))
    assert "w * x" in viz.draw(y).table()
    assert "w * x" in str(Stepper(y).step())


def test_what_cannot_be_stepped_through_runs_as_it_would(run, tmp_path):
    (tmp_path / "stale.py").write_text(
        "from autograd import Value\nx = Value(2.0)\ny = x * x\nx.data = 3.0\n"
        "y.backward()\nprint(x.grad)\n"
    )
    done = run("-m", "autograd", "stale.py", stdin="step\n")
    assert (done.returncode, done.stdout) == (0, "4.0\n")
    assert "the graph cannot be stepped through: Value(data=3.0) was 2.0" in done.stderr


def test_a_loop_over_parameters_does_not_rename_them(new_talk):
    w, b = Value(2.0), Value(1.0)
    params = [Value(3.0), w, b]
    y = params[0] * w + b
    variables = {"w": w, "b": b, "params": params, "y": y, "p": b, "q": params[0]}
    assert "y = v2 + b" in new_talk(y, variables=variables)("goto backward")
    assert "v0 params[0] = leaf" in new_talk(y, variables=variables)("print q")


def test_a_what_if_has_the_numbers_and_names_of_the_graph(new_talk):
    x, w, b = Value(0.5), Value(-3.0), Value(1.0)
    h = [x * w + b, x * w - b]
    y = (h[0].tanh() + h[1].exp() - 1) ** 2
    talk = new_talk(y, variables={"x": x, "w": w, "b": b, "h": h})
    sum_, output = Graph(y).index[y.parents[0].parents[0]], Graph(y).index[y]
    talk("set h[0] = 3", "rerun")
    assert f"\n  v{sum_} " in talk("explain h[0]")
    assert f"∂v{output}/∂h[0] = " in talk("explain h[0]")
    assert "h[1] = v" in talk("show h[1] 1 text")
    assert "=>" in talk("list") or "v0" in talk("list 0,3")


def test_what_is_near_a_name_is_suggested_for_variables_too(unnamed):
    assert "did you mean hidden[0]" in unnamed("why hiden[0]")
    assert "there is no node 'hiden[0]'; did you mean hidden[0]" in unnamed("hiden[0]")
    assert "hidden[1]" in completions(unnamed.shell.context, "hid", "why hid")
    assert "`finish` runs the backward pass" in unnamed("y.backward()")


def test_a_gradient_that_was_reset_to_zero_is_not_left_over():
    w = Value(-1.0, "w")
    with record():
        for _ in range(2):
            w.grad = 0
            (w.relu() * 1.0).backward()  # its gradient is 0, too
            w.data -= 0.1


def test_arrays_of_one_element_are_that_element():
    loss = autograd.array([[Value(2.0, "w") * 3]])
    assert Stepper(loss).output is loss.item()
    assert "v2" in repr(autograd.explain(loss, loss.item().parents[0]))
    assert viz.player(loss)
    with pytest.raises(TypeError, match=r"debug\(\) takes a Value, got ValueArray .*which element"):
        autograd.debug(autograd.array([1.0, 2.0]))


def test_ipython_on_a_terminal_lays_out_no_picture(run):
    pytest.importorskip("IPython")
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "from autograd import Value\nfrom viz import draw\n"
        "print(sorted(draw(Value(2.0))._repr_mimebundle_()))\n"
    )
    assert run("-c", code).stdout == "['text/plain']\n"
