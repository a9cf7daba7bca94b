"""A small network to debug, a shell without a terminal, and one in a real terminal."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograd import Value, record, scope
from autograd.debugger.session.session import Session
from autograd.debugger.shell import Shell
from autograd.debugger.terminal.screen import Screen

ROOT = Path(__file__).parents[3]


class Network:
    """loss = (tanh(w1 x1 + w2 x2 + b) - 1)²: its 14 nodes are v0 to v13, its events 7 + 11."""

    def __init__(self):
        with record():
            self.x1, self.x2 = Value(1.0, "x1"), Value(-2.0, "x2")
            self.w1, self.w2 = Value(0.5, "w1"), Value(0.25, "w2")
            self.b = Value(0.5, "b")
            with scope("layer0"):
                self.z = self.w1 * self.x1 + self.w2 * self.x2 + self.b
                self.z.name = "z"
                self.a = self.z.tanh()
            with scope("cost"):
                self.loss = (self.a - 1.0) ** 2
            self.loss.name = "loss"

    @property
    def leaves(self):
        return (self.x1, self.x2, self.w1, self.w2, self.b)


class Talk:
    """A shell whose answers are strings."""

    def __init__(self, output, gradient=1.0, variables=None):
        self.out = io.StringIO()
        self.session = Session(output, gradient, variables)
        self.shell = Shell(self.session, screen=Screen(self.out))

    def __call__(self, *commands):
        """Return the answer to the last of the commands."""
        for command in commands:
            self.out.seek(0)
            self.out.truncate()
            self.shell.onecmd(command)
        answer = self.out.getvalue()
        assert "this should not happen" not in answer, answer
        assert max(map(len, answer.split("\n"))) <= 80, answer
        return answer

    @property
    def position(self):
        return self.session.stepper.position


@pytest.fixture(autouse=True)
def _history_of_its_own(tmp_path_factory, monkeypatch):
    """Keep the history of the user who runs the tests as it is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture
def network():
    return Network()


@pytest.fixture
def talk(network):
    return Talk(network.loss)


@pytest.fixture
def new_talk():
    return Talk


@pytest.fixture(scope="session")  # one for all examples of Hypothesis
def new_network():
    return Network


@pytest.fixture
def environment(tmp_path):
    """The environment of a program in a test, without the settings of the user who runs it."""
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "SYSTEMROOT")}
    return {
        **kept, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path / "state"),
        "TERM": "xterm-256color", "PYTHONUTF8": "1", "IPYTHONDIR": str(tmp_path / "ipython"),
    }  # fmt: skip


@pytest.fixture
def run(environment, tmp_path):
    """Run Python with arguments; return its output and its exit status."""

    def run_python(*arguments, stdin="", **variables):
        return subprocess.run(
            [sys.executable, *map(str, arguments)], input=stdin, capture_output=True, cwd=tmp_path,
            env={**environment, **variables}, text=True, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip

    return run_python


SCRIPT = """\
import sys
import autograd
from autograd import Value, record, scope

with record():
    x, w, b = Value(2.0, "x"), Value(0.5, "w"), Value(-1.5, "b")
    with scope("layer0"):
        z = w * x + b
        z.name = "z"
    loss = z.tanh() * z
    loss.name = "loss"
autograd.debug(loss)
print("after:", w.has_grad, w.grad, sys.argv[1:])
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return path
