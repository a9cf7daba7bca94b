"""`debug`: the shell that steps through a graph."""

from __future__ import annotations

import cmd
import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from autograd.debugger import completion
from autograd.debugger.commands import information, moving, quitting, showing, stopping, what_if
from autograd.debugger.commands.table import resolve
from autograd.debugger.commands.views import show_position
from autograd.debugger.session.session import Session
from autograd.debugger.terminal.input import Lines, interactive_editing
from autograd.debugger.terminal.screen import BAD, MUTED, Screen
from autograd.errors import CommandError, StaleGraphError
from autograd.text.columns import shorten
from autograd.text.styled import Styled
from autograd.value import Value

_ = (moving, stopping, showing, information, what_if, quitting)  # they fill the table of commands

PROMPT = "(chain) "
_LONGEST = 2000  # characters of an error message


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
        self._completions: list[str] = []

    @property
    def interactive(self) -> bool:
        """Whether a person types."""
        return self.lines is None

    def run(self) -> None:
        """Read and carry out commands until the shell is left.

        Raises OSError where there is nothing to read them from.
        """
        try:
            show_position(self.session, self.screen)
            if self.lines is None:
                with interactive_editing():
                    self._converse()
            else:
                self._read(self.lines)
            self._say_how_left()
        except BrokenPipeError:  # `… | head`: nobody reads on
            self.leaving = "kill"
            _write_nowhere()

    def _converse(self) -> None:
        while not self.leaving:
            try:
                self.cmdloop()
            except KeyboardInterrupt:  # at the prompt: a new line, as in Python
                self.screen.line("")
            except UnicodeDecodeError as error:
                self._complain(f"the line cannot be read: {error}")
            except BrokenPipeError:
                raise
            except OSError:  # the terminal is gone
                self.leaving = "quit"

    def _read(self, lines: Lines) -> None:
        for line in lines:
            self.screen.line(Styled(PROMPT + line, MUTED))
            if self.onecmd(line):
                break
            if self.failed:
                self.leaving = "kill"
                break

    def onecmd(self, line: str) -> bool:
        """Carry out one line; whether the shell is to be left."""
        if line == "EOF":  # what `cmd` makes of Ctrl-D
            self.screen.line("")
            line = "quit"
        line = line.strip()
        if line.startswith("#") or not (line or (self.interactive and self._repeated)):
            return False
        position = self.session.stepper.position
        try:
            self._carry_out(line or self._repeated)
        except (CommandError, StaleGraphError) as error:
            self._complain(str(error))
        except KeyboardInterrupt:
            is_there = self.session.stepper.position == position
            self._complain("interrupted" + (": it is where it was" if is_there else ""))
        except BrokenPipeError:
            raise
        except Exception as error:  # a fault of ours must not take the user's session along
            self._complain(f"this should not happen: {type(error).__name__}: {error}")
        return bool(self.leaving)

    def _carry_out(self, line: str) -> None:
        word, argument = _split(line)
        if argument[:1] == "=" != argument[1:2] and word != "set":
            word, argument = "set", line  # `w = 0.5` means what it says
        try:
            found = resolve(word)
        except CommandError:
            if not self.session.names.find(line):
                raise
            called = shorten(line, 60)
            raise CommandError(
                f"there is no command {called!r}; `print {called}` shows that node"
            ) from None
        if argument == "()":  # `quit()`
            argument = ""
        if argument and not found.usage:
            given = shorten(argument, 60)
            raise CommandError(f"`{found.name}` takes nothing after it, got {given!r}")
        repeated = line if found.group == "moving" else found.name
        self._repeated = repeated if found.repeats else ""
        found.action(self, argument)

    def _complain(self, message: str) -> None:
        self.failed = True
        out = self.screen if self.interactive else Screen(sys.stderr)
        cut = message if len(message) < _LONGEST else f"{message[:_LONGEST]}…"
        out.line(Styled("error: ", BAD), cut, indent=2)

    def _say_how_left(self) -> None:
        session = self.session
        if session.user.finished:
            return
        where = f"left at {session.user.position:,} of {len(session.user):,} events"
        self.screen.line(Styled(f"{where}; no gradient was written", MUTED))

    def complete(self, text: str, state: int) -> str | None:  # type: ignore[override]
        """What the last word of the line may become, one after another; for readline."""
        if state == 0:
            import readline

            line = readline.get_line_buffer()[: readline.get_endidx()]
            self._completions = completion.completions(self.session, text, line)
        return self._completions[state] if state < len(self._completions) else None


def _split(line: str) -> tuple[str, str]:
    """The command and the rest: `break|grad| > 1`, `p(w)`, `?step` and `!w` are forgiven."""
    if line[0] in "?!":
        return ("help" if line[0] == "?" else "print"), line[1:].strip()
    for i, character in enumerate(line):
        if character.isspace() or character in "|(=":
            return line[:i], line[i:].strip()
    return line, ""


def _write_nowhere() -> None:
    """Let what is still to be written be lost, without a word about it when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


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
    changed since the forward pass, OSError if commands cannot be read: standard input is closed,
    or pytest captures it. SystemExit(1) after `kill`, or where a command fails that no person
    typed.

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
    written to the nodes: w.grad = 3.0, x.grad = 2.0
    """
    if not isinstance(output, Value):
        raise TypeError(
            f"debug() takes a Value, got {type(output).__name__} {shorten(repr(output), 60)}"
        )
    frame = sys._getframe(1)
    variables = {**frame.f_globals, **frame.f_locals}
    run_shell(Session(output, gradient, variables), commands)


def run_shell(session: Session, commands: str | Path | Iterable[str] | None = None) -> None:
    """Run a shell on a session; see `debug`."""
    shell = Shell(session, Lines.of(commands))
    shell.run()
    if shell.leaving == "kill":
        raise SystemExit(1)
