"""`debug`: the shell that steps through a graph."""

from __future__ import annotations

import cmd
import sys
from collections.abc import Iterable
from pathlib import Path

from autograd.debugger import changing, looking, moving, stopping
from autograd.debugger.commands import COMMANDS, resolve
from autograd.debugger.lines import Lines, interactive_editing
from autograd.debugger.screen import MUTED, Screen, Styled
from autograd.debugger.session import Session
from autograd.debugger.views import show_position
from autograd.errors import CommandError
from autograd.value import Value

_ = (changing, looking, moving, stopping)  # they fill the table of commands

PROMPT = "(chain) "


class Shell(cmd.Cmd):
    """The command loop over a session.

    Args:
        session: what is looked at.
        lines: where commands come from; None for the keyboard.
        screen: where answers go.
    """

    prompt = PROMPT

    def __init__(
        self, session: Session, lines: Lines | None = None, screen: Screen | None = None
    ) -> None:
        super().__init__()
        self.session = session
        self.screen = screen or Screen()
        self.lines = lines
        self.leaving = ""
        self.failed = False
        self._repeated = ""

    @property
    def interactive(self) -> bool:
        """Whether a person types."""
        return self.lines is None

    def run(self) -> None:
        """Read and carry out commands until the shell is left."""
        show_position(self.session, self.screen)
        if self.lines is None:
            with interactive_editing(self._complete):
                while not self.leaving:
                    self._type()
        else:
            for line in self.lines:
                self.screen.line(Styled(PROMPT + line, MUTED))
                if self.onecmd(line):
                    break
                if self.failed:
                    self.leaving = "kill"
                    break
        self._say_how_left()

    def _type(self) -> None:
        try:
            self.onecmd(input(PROMPT))
        except EOFError:
            self.screen.line("")
            self.leaving = "quit"
        except KeyboardInterrupt:
            self.screen.line("")

    def onecmd(self, line: str) -> bool:
        """Carry out one line; whether the shell is to be left."""
        line = line.strip()
        if line.startswith("#") or not (line or (self.interactive and self._repeated)):
            return False
        try:
            self._carry_out(line or self._repeated)
        except CommandError as error:
            self._complain(str(error))
        except KeyboardInterrupt:
            self._complain("interrupted: it is where it was")
        except Exception as error:  # a fault of ours must not take the user's session along
            self._complain(f"this should not happen: {type(error).__name__}: {error}")
        return bool(self.leaving)

    def _carry_out(self, line: str) -> None:
        word, argument = _split(line)
        found = resolve(word)
        self._repeated = line if found.repeats else ""
        found.action(self, argument)

    def _complain(self, message: str) -> None:
        self.failed = True
        out = self.screen if self.interactive else Screen(sys.stderr)
        out.line(Styled("error: ", "red"), message, indent=2)

    def _say_how_left(self) -> None:
        session = self.session
        if session.user.finished:
            return
        where = f"left at {session.user.position:,} of {len(session.user):,} events"
        self.screen.line(Styled(f"{where}; no gradient was written", MUTED))

    # Completion

    def _complete(self, text: str, line: str) -> list[str]:
        """What the last word of a line may become."""
        before = line[: len(line) - len(text)] if text else line
        if not before.strip():
            return [f"{name} " for name in COMMANDS if name.startswith(text)]
        if before.split()[0] in ("h", "help", "?"):
            return [name for name in COMMANDS if name.startswith(text)]
        if before.split()[0] in ("i", "info"):
            words = ("leaves", "breakpoints", "scopes", "operations", "graph")
            return [word for word in words if word.startswith(text)]
        return self.session.names(text)


def _split(line: str) -> tuple[str, str]:
    """The command and the rest: `break|grad| > 1` and `p(w)` are forgiven."""
    for i, character in enumerate(line):
        if character.isspace() or character in "|(=":
            return line[:i], line[i:].strip()
    return line, ""


def debug(
    output: Value,
    gradient: float = 1.0,
    *,
    commands: str | Path | Iterable[str] | None = None,
) -> None:
    """Step through the forward and the backward pass of a Value, in a shell.

    Commands come from the keyboard; where standard input is no terminal from there, line by line;
    or from `commands`. `help` lists them. Until `finish` the nodes' `.grad` stays as it is. Lines
    of the source and scopes are known for graphs built under `record()`.

    Args:
        output: the Value to differentiate.
        gradient: the derivative of something further on with respect to it, as for `backward`.
        commands: lines, or the path of a file that holds them.

    Raises TypeError for what is not a Value, ValueError for a constant, StaleGraphError if data
    changed since the forward pass. SystemExit(1) after `kill`, or where a command fails that no
    person typed.

    >>> w, x = Value(2.0, "w"), Value(3.0, "x")
    >>> debug(w * x, commands=["goto end", "finish"])
    start of v2: 1 operation, 3 events to come
    (chain) goto end
    [3/3] backward  v2 → x
          ∂v2/∂x = w = 2.0
          ∂v2/∂v2 · ∂v2/∂x = 1.0 · 2.0 = 2.0
          grad of x: 0.0 → 2.0  (complete)
          the end
    (chain) finish
    written to the nodes: w.grad = 3, x.grad = 2
    """
    frame = sys._getframe(1)
    variables = {**frame.f_globals, **frame.f_locals}
    run_shell(Session(output, gradient, variables), commands)


def run_shell(session: Session, commands: str | Path | Iterable[str] | None = None) -> None:
    """Run a shell on a session; see `debug`."""
    shell = Shell(session, Lines.of(commands))
    shell.run()
    if shell.leaving == "kill":
        raise SystemExit(1)
