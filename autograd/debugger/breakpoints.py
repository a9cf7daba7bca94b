"""Breakpoints: what an event must be for the shell to stop after it."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.errors import CommandError
from autograd.events import Event
from autograd.primitive import TABLE
from autograd.provenance import origin
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.debugger.session import Session

Test: TypeAlias = Callable[[Event], Any]

_LARGE = re.compile(r"\|?\s*grad\s*\|?\s*>=?\s*(\S+)")
_LINE = re.compile(r"(?:(\S+):)?(\d+)")
KINDS = ("nan", "inf", "zero", "grad > NUMBER", "op NAME", "scope NAME", "line FILE:N", "if EXPR")


@dataclass
class Breakpoint:
    """Where to stop: what the user asked for, and the test of an event that follows from it."""

    number: int
    text: str
    test: Test
    temporary: bool = False
    watched: Value | None = None
    hits: int = 0

    @property
    def kind(self) -> str:
        """What to call it."""
        if self.watched is not None:
            return "watchpoint"
        return "temporary breakpoint" if self.temporary else "breakpoint"


def parse(text: str, session: Session) -> Test:
    """The test that a text asks for. Raises CommandError for what means nothing.

    Args:
        text: a node, an operation, a scope, `nan`, `inf`, `zero`, `grad > 10`, `FILE:LINE`,
            `if EXPRESSION`, or one of the first with a condition: `z if grad < 0`.
        session: whose graph is meant.
    """
    what, _, condition = f" {text.strip()} ".partition(" if ")
    tests = [_place(what.strip(), session)] if what.strip() else []
    if condition.strip():
        tests.append(session.condition(condition))
    if not tests:
        raise CommandError(f"say where to stop: a node, or one of {', '.join(KINDS)}")
    return tests[0] if len(tests) == 1 else lambda event: all(test(event) for test in tests)


def _place(text: str, session: Session) -> Test:
    if text in _NUMBERS:
        return _NUMBERS[text]
    if large := _LARGE.fullmatch(text):
        limit = _number(large[1])
        return lambda event: event.kind == "backward" and abs(event.after) > limit
    word, _, rest = text.partition(" ")
    if rest and word in _EXPLICIT:
        return _EXPLICIT[word](rest.strip(), session)
    if nodes := session.names.find(text):
        return _touches(nodes, session)
    for kind in ("op", "scope", "line"):
        try:
            return _EXPLICIT[kind](text, session)
        except CommandError:
            continue
    close = difflib.get_close_matches(text, [*session.names.by_name, *TABLE, *session.scopes], n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else f"others are {', '.join(KINDS)}"
    raise CommandError(f"{text!r} is no node, operation, scope or line of this graph; {hint}")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CommandError(f"a limit is a number, got {text!r}") from None


def _touches(nodes: list[Value], session: Session) -> Test:
    """Events that compute one of the nodes, or bring it a contribution."""
    meant = set(nodes)

    def test(event: Event) -> bool:
        changed = event.node if event.operand is None else event.operand
        return session.original(changed) in meant

    return test


def _node(text: str, session: Session) -> Test:
    return _touches(session.names.find(text) or [session.names.one(text)], session)


def _operation(text: str, session: Session) -> Test:
    if text not in TABLE:
        raise CommandError(f"there is no operation {text!r}")
    return lambda event: event.op == text


def _scope(text: str, session: Session) -> Test:
    if not any(path == text or path.startswith(text + ".") for path in session.scopes):
        raise CommandError(f"no node of this graph was made in a scope {text!r}")

    def test(event: Event) -> bool:
        path = origin(event.node).scope
        return path == text or path.startswith(text + ".")

    return test


def _line(text: str, session: Session) -> Test:
    found = _LINE.fullmatch(text)
    if not found or not session.has_lines:
        raise CommandError(f"{text!r} is no line that made a node of this graph")
    file, number = found[1], int(found[2])

    def test(event: Event) -> bool:
        place = origin(event.node).place
        return place is not None and place.line == number and place.file.endswith(file or "")

    return test


def _is_zero(event: Event) -> bool:
    return event.kind == "backward" and event.after == 0


_NUMBERS: dict[str, Test] = {
    "nan": lambda event: math.isnan(event.after),
    "inf": lambda event: math.isinf(event.after),
    "zero": _is_zero,
    "zero gradient": _is_zero,
}
_EXPLICIT: dict[str, Callable[[str, Session], Test]] = {
    "node": _node,
    "op": _operation,
    "scope": _scope,
    "line": _line,
}
