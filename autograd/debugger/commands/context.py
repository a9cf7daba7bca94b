"""The context in which a command is carried out."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.debugger.session.breakpoints import Breakpoints
from autograd.debugger.session.session import Session
from autograd.debugger.terminal.screen import Screen


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
