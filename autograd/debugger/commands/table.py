"""The table of the shell's commands: names, abbreviations, help, what they do."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from autograd.errors import CommandError
from autograd.text import wording

if TYPE_CHECKING:
    from autograd.debugger.session.session import Session
    from autograd.debugger.terminal.screen import Screen


class Desk(Protocol):
    """What a command works with: the shell."""

    session: Session
    screen: Screen
    leaving: str
    """Why the shell is to be left; "" if it is not."""

    @property
    def interactive(self) -> bool:
        """Whether a person types."""


Action = Callable[[Desk, str], None]
GROUPS = ("moving", "stopping", "looking", "changing", "leaving")


@dataclass(frozen=True)
class Command:
    """One command. Its help is the docstring of what it does."""

    name: str
    abbreviations: tuple[str, ...]
    usage: str
    group: str
    action: Action
    repeats: bool
    """Whether an empty line does it again."""

    @property
    def help(self) -> str:
        """All that there is to say."""
        return inspect.getdoc(self.action) or ""

    @property
    def summary(self) -> str:
        """The first line of it."""
        return self.help.partition("\n")[0]


COMMANDS: dict[str, Command] = {}
"""Every command by its name."""


def command(
    name: str, *abbreviations: str, group: str, usage: str = "", repeats: bool = False
) -> Callable[[Action], Action]:
    """Enter what follows into the table."""

    def enter(action: Action) -> Action:
        COMMANDS[name] = Command(name, abbreviations, usage, group, action, repeats)
        return action

    return enter


def resolve(word: str) -> Command:
    """The command that a word means: a name, an abbreviation, or the beginning of one name alone.

    Raises CommandError if there is none, or several.
    """
    for command in COMMANDS.values():
        if word == command.name or word in command.abbreviations:
            return command
    matching = [c for c in COMMANDS.values() if c.name.startswith(word)]
    if len(matching) == 1:
        return matching[0]
    called = wording.name(word)
    if matching and word:
        names = ", ".join(sorted(c.name for c in matching))
        raise CommandError(f"{called!r} may mean {names}: write more of it")
    raise CommandError(f"there is no command {called!r}{_hint(called)}")


def _hint(word: str) -> str:
    import difflib

    close = difflib.get_close_matches(word, [c for c in COMMANDS if c != "kill"], n=1)
    return f"; did you mean {close[0]!r}?" if close else "; `help` lists them, `print` evaluates"
