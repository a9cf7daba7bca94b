"""`debug`: the shell that steps through a graph."""

from __future__ import annotations

import cmd
import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograd.debugger import completion
from autograd.debugger.commands.context import Context
from autograd.debugger.commands.session_view import show_position
from autograd.debugger.commands.table import COMMANDS, GROUPS, resolve
from autograd.debugger.session.breakpoints import Breakpoints
from autograd.debugger.session.expressions import Expression
from autograd.debugger.session.session import Session
from autograd.debugger.terminal.input import Lines, interactive_editing
from autograd.debugger.terminal.screen import BAD, MUTED, Screen
from autograd.errors import CommandError, StaleGraphError
from autograd.provenance import variables_of
from autograd.recording import observers
from autograd.text.columns import shorten
from autograd.text.styled import Styled
from autograd.value import Value, one_value

_LONGEST = 2000  # characters of an error message


class Shell(cmd.Cmd):
    """The command loop over a session; it reads `lines`, or the keyboard if there are none."""

    prompt = "(chain) "

    def __init__(
        self, session: Session, lines: Lines | None = None, screen: Screen | None = None
    ) -> None:
        super().__init__()
        self.lines = lines
        self.context = Context(session, Breakpoints(session), screen or Screen(), lines is None)
        self.failed = False
        self._repeated = ""
        self._completions: list[str] = []

    def run(self) -> None:
        """Carry out commands until the shell is left. Raises OSError if none can be read."""
        try:
            show_position(self.context.session, self.context.screen)
            if self.lines is None:
                self.context.screen.line(Styled("`help` lists the commands", MUTED))
                with interactive_editing():
                    self._converse()
            else:
                self._read(self.lines)
            user = self.context.session.user
            if not user.finished and self.context.leaving != "kill":
                where = f"left at {user.position:,} of {len(user):,} events"
                self.context.screen.line(
                    Styled(f"{where}; {self.context.session.unwritten}", MUTED)
                )
        except BrokenPipeError:  # `… | head`: nobody reads on
            self.context.leaving = "kill"
            with contextlib.suppress(OSError, ValueError):  # so that Python reports no error
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, sys.stdout.fileno())
                os.close(null)

    def _converse(self) -> None:
        while not self.context.leaving:
            try:
                self.cmdloop()
            except KeyboardInterrupt:  # at the prompt: a new line, as in Python
                self.context.screen.line("")
            except UnicodeDecodeError as error:
                self._complain(f"the line cannot be read: {error}")
            except BrokenPipeError:
                raise
            except OSError:  # the terminal is gone
                self.context.leaving = "quit"

    def _read(self, lines: Lines) -> None:
        for line in lines:
            self.context.screen.line(Styled(self.prompt + line, MUTED))
            if self.onecmd(line):
                break
            if self.failed:  # which ends a program, but not the prompt that somebody types at
                self.context.leaving = "quit" if hasattr(sys, "ps1") else "kill"
                break

    def onecmd(self, line: str) -> bool:
        """Carry out one line; return True if the shell is to be left."""
        if line == "EOF":  # `cmd` gives this for Ctrl-D
            self.context.screen.line("")
            line = "quit"
        line = line.strip()
        repeated = self._repeated if self.context.interactive else ""
        if line.startswith("#") or not (line or repeated):
            return False
        position = self.context.session.stepper.position
        try:
            self._carry_out(line or repeated)
        except (CommandError, StaleGraphError) as error:
            self._complain(str(error))
        except KeyboardInterrupt:
            is_there = self.context.session.stepper.position == position
            self._complain("interrupted" + (": it is where it was" if is_there else ""))
        except BrokenPipeError:
            raise
        except Exception as error:  # a fault of ours must not take the user's session along
            self._complain(f"this should not happen: {type(error).__name__}: {error}")
        return bool(self.context.leaving)

    def _carry_out(self, line: str) -> None:
        word, argument = _split(line)
        if argument[:1] == "=" != argument[1:2] and word != "set":
            word, argument = "set", line  # `w = 0.5` means `set w = 0.5`
        elif self._is_of_nodes(line, word):
            word, argument = "print", line
        try:
            command = resolve(word)
        except CommandError as error:
            near = self.context.session.names.did_you_mean(line)
            raise CommandError(
                f"there is no node {shorten(line, 60)!r}; {near}" if near else str(error)
            ) from None
        argument = argument if argument != "()" else ""  # `quit()`
        if argument and not command.usage:
            given = shorten(argument, 60)
            raise CommandError(f"`{command.name}` takes nothing after it, got {given!r}")
        repeated = line if command in GROUPS["moving"] else command.name
        self._repeated = repeated if command.repeats else ""
        command.action(self.context, argument)
        if word != command.name and not argument and self.context.session.names.find(word):
            self.context.screen.line(Styled(f"`print {word}` shows the node {word}", MUTED))

    def _is_of_nodes(self, line: str, word: str) -> bool:
        """True if a line is no command but the name of a node, or an expression of nodes.

        A node called `w` comes before the abbreviation of a command, but for those that move.
        """
        names = self.context.session.names
        if word in COMMANDS or any(word in c.abbreviations for c in GROUPS["moving"] if c.repeats):
            return False
        if names.find(line):
            return True
        try:
            if not names.find(word):
                resolve(word)
                return False
        except CommandError:
            pass
        try:
            return bool(Expression(line, names).nodes)
        except CommandError:
            return False

    def _complain(self, message: str) -> None:
        self.failed = True
        out = self.context.screen if self.context.interactive else Screen(sys.stderr)
        cut = message if len(message) < _LONGEST else f"{message[:_LONGEST]}…"
        out.line(Styled("error: ", BAD), cut, indent=2)

    def complete(self, text: str, state: int) -> Any:
        """Return completion number `state` of the last word of the line, or None; for readline."""
        if state == 0:
            import readline

            line = readline.get_line_buffer()[: readline.get_endidx()]
            self._completions = completion.completions(self.context, text, line)
        return self._completions[state] if state < len(self._completions) else None


def _split(line: str) -> tuple[str, str]:
    """The command and its argument; `break|grad| > 1`, `p(w)`, `?step` and `!w` are accepted."""
    if line[0] in "?!":
        return ("help" if line[0] == "?" else "print"), line[1:].strip()
    for i, character in enumerate(line):
        if character.isspace() or character in "|(=":
            return line[:i], line[i:].strip()
    return line, ""


def debug(
    output: Value, gradient: float = 1.0, *, commands: str | Path | Iterable[str] | None = None
) -> None:
    """Step through the forward and the backward pass of a Value, in a shell.

    Commands are read from `commands`, or else from the keyboard, or from standard input if that is
    no terminal. `help` lists them. Until `finish` the nodes' `.grad` stays as it is. Lines of the
    source and scopes are known for graphs built under `record()`.

    Args:
        output: the Value to differentiate.
        gradient: the derivative of something further on with respect to it, as for `backward`.
        commands: lines, or the path of a file that holds them.

    Raises TypeError if the output is not a Value, ValueError if it is a constant, StaleGraphError
    if data changed since the forward pass, OSError if commands cannot be read: standard input is
    closed, or pytest captures it. SystemExit(1) after `kill`, or if a command fails that was not
    typed at the keyboard.

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
    output = one_value(output, "debug")
    frame = sys._getframe(1)
    variables = variables_of(frame)
    observers.at_backward = None  # a script that calls debug() says itself where to stop
    run_shell(Session(output, gradient, variables), commands)


def run_shell(session: Session, commands: str | Path | Iterable[str] | None = None) -> None:
    """Run a shell on a session; see `debug`."""
    shell = Shell(session, Lines.of(commands))
    shell.run()
    if shell.context.leaving == "kill":
        raise SystemExit(1)
