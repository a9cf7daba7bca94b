"""What the tab key offers."""

from __future__ import annotations

import re

from autograd.debugger.commands.information import TOPICS
from autograd.debugger.commands.table import COMMANDS, resolve
from autograd.debugger.session.event_parts import PARTS
from autograd.debugger.session.session import Session
from autograd.errors import CommandError
from autograd.primitive import TABLE

# The name that an expression ends in: of `2*layer0.w[` it is `layer0.w[`.
_LAST_NAME = re.compile(r"(?:.*[^\w.\[\],])?()", re.DOTALL)
_PLACES = ("goto", "start", "backward", "end")
_KINDS = ("nan", "inf", "zero", "grad", "op", "scope", "line", "node", "if")


def completions(session: Session, text: str, line: str) -> list[str]:
    """What the last word of a line may become.

    Args:
        session: whose names are meant.
        text: the last word, as far as it is written; `""` after a blank.
        line: all of the line up to there.
    """
    before = line[: len(line) - len(text)].split()
    if not before:
        return [f"{name} " for name in COMMANDS if name.startswith(text)]
    try:
        command = resolve(before[0]).name
    except CommandError:
        return []
    words = _words(session, command, before[1:])
    if words is not None:
        return [word for word in words if word.startswith(text)]
    return _names(session, command, text)


def _words(session: Session, command: str, before: list[str]) -> list[str] | None:
    """The words from which one is taken; None where it is names of nodes."""
    if command in ("help", "info", "goto") and not before:
        return {"help": list(COMMANDS), "info": list(TOPICS), "goto": list(_PLACES[1:])}[command]
    if command in ("break", "tbreak", "until") and before[-1:] == ["op"]:
        return sorted(TABLE)
    if command in ("break", "tbreak", "until") and before[-1:] == ["scope"]:
        return list(session.scopes)
    numbered = {"delete": session.breakpoints, "enable": session.breakpoints,
                "disable": session.breakpoints, "undisplay": session.displays}  # fmt: skip
    if command in numbered:
        return [str(number) for number in numbered[command]]  # type: ignore[attr-defined]
    return None


def _names(session: Session, command: str, text: str) -> list[str]:
    head = text[: _LAST_NAME.match(text).end()]  # type: ignore[union-attr]
    start = text[len(head) :]
    names = session.names(start)
    if command in ("break", "tbreak", "until"):
        names += [word for word in (*_KINDS, *session.scopes, *TABLE) if word.startswith(start)]
    if command in ("print", "display") and start:
        names += [word for word in PARTS if word.startswith(start)]
    return [head + name for name in dict.fromkeys(names)]
