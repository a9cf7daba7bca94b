"""Completion of the last word of a command line, for the tab key."""

from __future__ import annotations

import re

from autograd.debugger.commands.context import Context
from autograd.debugger.commands.looking import TOPICS
from autograd.debugger.commands.table import COMMANDS, resolve
from autograd.debugger.session.expressions import EVENT_VARIABLES
from autograd.errors import CommandError
from autograd.primitive import TABLE

_OPERATOR = re.compile(r"[^\w.\[\],]")  # ends a name: `2*layer0.w[` ends in the name `layer0.w[`
_PLACES = ("start", "backward", "end")
_KINDS = ("nan", "inf", "zero", "grad", "op", "scope", "line", "node", "if")
_STOPS = ("break", "tbreak", "until")


def completions(context: Context, text: str, line: str) -> list[str]:
    """Return the words that the last word of a line, `text`, may become; it is "" after a blank."""
    before = line[: len(line) - len(text)].split()
    if not before:
        return [f"{name} " for name in COMMANDS if name.startswith(text)]
    try:
        command = resolve(before[0]).name
    except CommandError:
        return []
    words = _words(context, command, before[1:])
    if words is not None:
        return [word for word in words if word.startswith(text)]
    return _names(context, command, text)


def _words(context: Context, command: str, before: list[str]) -> list[str] | None:
    """The words of which the last must be one; None if it is an expression."""
    if command in ("help", "info", "goto") and not before:
        return {"help": list(COMMANDS), "info": list(TOPICS), "goto": list(_PLACES)}[command]
    if command in _STOPS and before[-1:] == ["op"]:
        return sorted(TABLE)
    if command in _STOPS and before[-1:] == ["scope"]:
        return context.session.scopes
    if command in ("delete", "enable", "disable"):
        return list(map(str, context.breakpoints))
    return list(map(str, context.session.displays)) if command == "undisplay" else None


def _names(context: Context, command: str, text: str) -> list[str]:
    start = _OPERATOR.split(text)[-1]
    head = text[: len(text) - len(start)]
    names = context.session.names.starting_with(start)
    if command in _STOPS:
        words = (*_KINDS, *context.session.scopes, *TABLE)
        names += [word for word in words if word.startswith(start)]
    if command in ("print", "display") and start:
        names += [word for word in EVENT_VARIABLES if word.startswith(start)]
    return [head + name for name in dict.fromkeys(names)]
