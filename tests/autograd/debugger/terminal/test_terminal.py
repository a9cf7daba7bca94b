"""The shell in a real pseudo-terminal."""

import os
import re
import signal
import sys

import pytest

pexpect = pytest.importorskip("pexpect")

if sys.platform == "win32":
    pytest.skip("pseudo-terminals need POSIX", allow_module_level=True)

PROMPT = r"\(chain\) "
PATIENCE = 60  # seconds: the machine may be busy
STEERING = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x07")
SLOW = """\
import time
def crawl():
    for _ in range(6000):  # in one long sleep a signal that comes just before it would be lost
        time.sleep(0.01)
"""


class Terminal:
    """A program in a pseudo-terminal, line by line."""

    def __init__(self, arguments, environment, cwd, width=80):
        self.child = pexpect.spawn(
            sys.executable, [str(a) for a in arguments], env=environment, cwd=str(cwd),
            encoding="utf-8", timeout=PATIENCE, dimensions=(200, width),
        )  # fmt: skip
        self.child.delaybeforesend = None  # a prompt is shown when the terminal is ready for keys
        self.raw = ""

    def until(self, pattern):
        """Return the output before the next match."""
        self.child.expect(pattern)
        self.raw = self.child.before
        return STEERING.sub("", self.raw).replace("\r\n", "\n")

    def __call__(self, line, prompt=PROMPT):
        """Return the answer to a line."""
        self.child.sendline(line)
        return self.until(prompt).partition("\n")[2]

    def end(self):
        """Return the output until the program ends, and its exit status."""
        rest = self.until(pexpect.EOF)
        self.child.close()
        return rest, self.child.exitstatus


@pytest.fixture
def terminal(environment, tmp_path):
    opened = []

    def open_terminal(*arguments, width=80, **variables):
        new = Terminal(arguments, {**environment, **variables}, tmp_path, width)
        opened.append(new)
        return new

    yield open_terminal
    for one in opened:
        one.child.close(force=True)


SESSION = """\
help                                An empty line repeats a move
help break                          WHERE is one of
h s                                 step [COUNT]
step                                forward v2 = w * x
                                    forward z = v2 + b
next                                tanh(z)
rs                                  z = v2 + b
rn                                  v2 = w * x
goto backward                       [4/11]
rewind                              start of loss
break z                             breakpoint 1: z
tbreak op tanh                      temporary breakpoint 2
watch w                             watchpoint 3: w
break layer0 if grad > 9            breakpoint 4
info b                              watchpoint
continue                            breakpoint 1: z
c                                   op tanh
reverse-continue                    breakpoint 1
disable 1                           disabled 1
enable                              enabled 1, 3, 4
delete                              deleted 1, 3, 4
until tanh if kind == 'backward'    backward
where                               to the output
print z                             v4 z
p z * 2                             -1.0
p v                                 NameError
info                                7 backward events
info leaves                         script.py:6
info scopes                         layer0
info operations                     mul
list                                =>
list                                the end of the list
why w                               the sum over its consumers
explain w                           backward gives
show z > z.dot                      drawn: z.dot
source z                            z = w * x + b
history w                           no gradient
display w.grad                      1: w.grad =
undisplay
check w                             they agree
set w = 2                           was 0.5
rerun                               what if w = 2.0
diff                                differ,
unset w                             0 numbers set
rerun                               back to your own graph
frobnicate                          there is no command
why nobody                          there is no node 'nobody'
break nowhere                       no node, operation, scope
step many                           a count is a whole number
goto end                            the end
finish                              written to the nodes
finish                              already
"""


@pytest.mark.parametrize("width", [80, 40])
def test_a_whole_session(terminal, script, width):
    t = terminal(script, width=width)
    assert "start of loss: 4 operations" in t.until(PROMPT)
    coloured = False
    for command, expected in ((row[:36].strip(), row[36:]) for row in SESSION.splitlines()):
        if command.startswith("show") and not has_viz():
            continue
        answer = t(command)
        assert expected in " ".join(answer.split()), command
        coloured = coloured or "\x1b[1m" in t.raw
        # readline writes the line that is typed, the shell the answer.
        longest = max(answer.split("\n"), key=len)
        assert len(longest) <= width, (command, longest)
    assert coloured
    t.child.sendline("quit")
    rest, status = t.end()
    assert "after: True" in rest
    assert status == 0


def has_viz():
    try:
        import viz  # noqa: F401
    except ImportError:
        return False
    return True


def interrupt(t):
    """Press Ctrl-C until there is a prompt: one that comes while Python reads a key has to wait."""
    for _ in range(PATIENCE // 2):
        t.child.sendintr()
        if t.child.expect([PROMPT, pexpect.TIMEOUT], timeout=2) == 0:
            break


def test_ctrl_c_and_ctrl_d(terminal, tmp_path, script):
    (tmp_path / "slow.py").write_text(SLOW)
    script.write_text("from slow import crawl\n" + script.read_text())
    t = terminal(script)
    t.until(PROMPT)
    t.child.send("half a li")
    t.child.expect_exact("half a li")
    interrupt(t)  # a new line: nothing was carried out
    t("goto 3")
    t("break if print('crawling') or crawl()")
    t.child.sendline("continue")
    t.until("crawling\r\n")
    t.child.sendintr()
    assert "interrupted: it is where it was" in t.until(PROMPT)
    assert "at 3, forward" in t("info")
    t.child.sendeof()
    rest, status = t.end()
    assert "left at 3 of 11 events; no gradient was written" in rest
    assert "after: False 0.0" in rest
    assert status == 0
    assert "Traceback" not in rest


def test_tab_completes_and_arrow_up_recalls(terminal, script, environment):
    script.write_text(script.read_text().replace('"w")', '"layer0.neuron3.w[5]")'))
    t = terminal(script)
    t.until(PROMPT)
    for typed, completed in (
        ("reverse-n\t", "reverse-next "), ("why lay\t", "layer0.neuron3.w[5]"),
        ("print 2*lay\t", "print 2*layer0.neuron3.w[5]"), ("info le\t", "info leaves"),
        ("help tb\t", "help tbreak"), ("break op sigm\t", "break op sigmoid"),
        ("goto ba\t", "goto backward"),
    ):  # fmt: skip
        t.child.send(typed)
        t.child.expect_exact(completed)
        t.child.send("\x15")  # the line is deleted
    assert "v4 z" in t("print z")
    t("step")
    t.child.send("\x1b[A\x1b[A\r")
    assert "v4 z" in t.until(PROMPT)
    assert "[2/11]" in t("\x1b[A\x1b[A")
    t.child.sendline("quit")
    t.end()
    again = terminal(script)  # the history is kept
    again.until(PROMPT)
    again.child.send("\x1b[A")
    again.child.expect_exact("quit")
    again.child.send("\x15")
    again.child.sendeof()
    again.end()


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"without": "rich"}])
def test_no_colours_where_they_are_not_wanted(terminal, script, variables):
    if "without" in variables:
        script.with_name("rich.py").write_text("raise ImportError('hidden')\n")
    t = terminal(script, **variables)
    t.until(PROMPT)
    for command in ("step", "list", "why w", "help", "nonsense", "goto end"):
        t(command)
        assert "\x1b[" not in t.raw.replace("\x1b[?2004", ""), command
    t.child.sendline("q")
    assert t.end()[1] == 0


def test_killed_from_outside_no_gradient_was_written(terminal, script):
    t = terminal(script)
    t.until(PROMPT)
    t("goto end")
    os.kill(t.child.pid, signal.SIGKILL)
    assert "after" not in t.end()[0]


def test_kill_and_what_ascii_cannot_say(terminal, script):
    t = terminal(script, PYTHONIOENCODING="ascii", PYTHONUTF8="0", LANG="C", LC_ALL="C")
    t.until(PROMPT)
    assert "->" in t("goto end")
    t("é")  # whatever the terminal makes of it
    assert "dloss/dw" in t("why w")
    t.child.sendline("kill")
    rest, status = t.end()
    assert status == 1
    assert "Traceback" not in rest


def test_at_pythons_own_prompt(terminal):
    t = terminal("-q", PYTHON_BASIC_REPL="1")
    t.until(">>> ")
    t("from autograd import Value, debug", ">>> ")
    t("x = Value(2.0, 'x'); y = x * x", ">>> ")
    assert "start of y" in t("debug(y)")
    assert "x * x" in t("step")
    assert "4.0" in t("print y.data")
    t("finish")
    t("q", ">>> ")
    assert "4.0" in t("x.grad", ">>> ")
    t.child.send("\x1b[A\r")  # its history is as it was
    assert "4.0" in t.until(">>> ")
    t("debug(y)")
    t.child.sendline("kill")
    assert t.end()[1] == 1


@pytest.mark.parametrize("hidden", [True, False])
def test_python_m_autograd_is_a_prompt_that_knows_its_lines(
    terminal, tmp_path, environment, hidden
):
    variables = {"PYTHON_BASIC_REPL": "1"}
    if hidden:
        (tmp_path / "IPython.py").write_text("raise ImportError('hidden')\n")
        variables["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{environment['PYTHONPATH']}"
        prompt, source = ">>> ", "<input 2>:1"
    else:
        pytest.importorskip("IPython")
        prompt, source = r"In \[\d+\]: ", "In [2]:1"
        variables["TERM"] = "dumb"
    t = terminal("-m", "autograd", **variables)
    assert "chainrule" in t.until(prompt)
    t.child.sendline("x = Value(2.0, 'x')")
    t.until(prompt)
    t.child.sendline("y = exp(x) * x")
    t.until(prompt)
    t.child.sendline("debug(y)")
    assert "start of y" in t.until(PROMPT)
    answer = t("step")
    assert source in answer
    assert "exp(x)" in answer
    assert "v2 y = v1 * x" in t("print y")
    t.child.sendline("finish")
    t.until(PROMPT)
    t.child.sendline("quit")
    t.until(prompt)
    t.child.sendline("print(round(x.grad, 3))")
    assert "22.167" in t.until(prompt)
    t.child.sendline("exit()")
    assert t.end()[1] == 0


def test_python_m_autograd_opens_on_an_anomaly(terminal, tmp_path):
    (tmp_path / "bad.py").write_text(
        "from autograd import Value, log\nx = Value(-1.0, 'x')\ny = log(x) + 1\n"
    )
    t = terminal("-m", "autograd", "bad.py")
    answer = t.until(PROMPT)
    assert "log gave nan" in answer
    assert "anomaly; the shell is where it happened" in answer
    assert "-1.0" in t("print x")
    t.child.sendline("q")
    assert t.end()[1] == 1


PLAIN = """\
1/0
debug(Value(2.0, "x") * 3, commands=["until z9"])
x = Value(2.0, "x"); y = x * x; y.backward(); y.backward()
x = Value(2.0, "x"); y = x * x; y.backward(); y.backward()
Graph(y)
draw(y)
"""


def test_the_plain_prompt(terminal, tmp_path, environment):
    (tmp_path / "IPython.py").write_text("raise ImportError('hidden')\n")
    path = f"{tmp_path}{os.pathsep}{environment['PYTHONPATH']}"
    t = terminal("-m", "autograd", PYTHON_BASIC_REPL="1", PYTHONPATH=path, NO_COLOR="1")
    banner = t.until(">>> ")
    assert all(len(line) <= 80 for line in banner.splitlines())
    answers = [t(line, ">>> ") for line in PLAIN.splitlines()]
    assert "ZeroDivisionError" in answers[0]
    assert "During handling" not in answers[0]
    assert "there is no node 'z9'" in answers[1] or "'z9' is no node" in answers[1]
    assert "BackwardTwiceWarning" in answers[2]
    assert "BackwardTwiceWarning" in answers[3]
    assert "v1    y     x * x" in answers[4] or "v1          x * x" in answers[4]
    assert "○    x" in answers[5] or "x * x" in answers[5]
    t.child.sendline("exit()")
    assert t.end()[1] == 0
