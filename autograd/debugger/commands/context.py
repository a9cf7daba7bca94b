"""The context in which a command is carried out."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.debugger.session.breakpoints import Breakpoints
from autograd.debugger.session.session import Session
from autograd.debugger.terminal.screen import Screen
from autograd.errors import CommandError
from autograd.primitive import CONST
from autograd.value import Value


@dataclass
class Context:
    """The session that a command works on, its breakpoints, and the screen for the answer."""

    session: Session
    breakpoints: Breakpoints
    screen: Screen
    interactive: bool
    """True if commands are typed at the keyboard."""
    leaving: str = ""
    """The command that leaves the shell, "quit" or "kill"; "" while it goes on."""

    def node(self, argument: str) -> Value:
        """Return the node that a text names; for no text the one that the last event changed."""
        return self.session.find(argument) if argument.strip() else self.session.changed

    def differentiable(self, argument: str) -> Value:
        """Return the same. Raises CommandError for a constant."""
        v = self.node(argument)
        if v._row is CONST:
            raise CommandError(f"{self.session.label(v)} is a constant: it takes no gradient")
        return v
