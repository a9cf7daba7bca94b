"""Breakpoints: what an event must be for the shell to stop after it."""

from __future__ import annotations

import math
import operator
import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.debugger.session.event_parts import changed, place_of, scope_of
from autograd.errors import CommandError
from autograd.primitive import TABLE
from autograd.recording.ledger import same
from autograd.stepping.events import Event
from autograd.text import wording
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.debugger.session.session import Session

Test: TypeAlias = Callable[[Event], Any]

_LARGE = re.compile(r"(?:\|\s*grad\s*\||abs\(grad\))\s*(>=?)\s*(\S+)")
_COMPARE = {">": operator.gt, ">=": operator.ge}
_LINE = re.compile(r"(?:(\S+):)?([0-9]{1,9})")
KINDS = ("nan", "inf", "zero", "|grad| > NUMBER", "op NAME", "scope NAME", "line FILE:N", "if EXPR")


@dataclass
class Breakpoint:
    """Where to stop: what the user asked for, and the test of an event that follows from it."""

    number: int
    text: str
    test: Test
    temporary: bool = False
    watched: Value | None = None
    hits: int = 0
    enabled: bool = True

    @property
    def nodes(self) -> Collection[Value] | None:
        """The user's nodes without which no event is meant; None if it may be any event."""
        return getattr(self.test, "nodes", None)

    @property
    def kind(self) -> str:
        """What to call it."""
        if self.watched is not None:
            return "watchpoint"
        return "temporary breakpoint" if self.temporary else "breakpoint"


def parse(text: str, session: Session) -> Test:
    """The test that a text asks for. Raises CommandError for what means nothing.

    Args:
        text: a node, an operation, a scope, `nan`, `inf`, `zero`, `|grad| > 10`, `FILE:LINE`,
            `if EXPRESSION`, or one of the first with a condition: `z if grad < 0`.
        session: whose graph is meant.
    """
    what, _, condition = f" {text.strip()} ".partition(" if ")
    tests = [_place(what.strip(), session)] if what.strip() else []
    if condition.strip():
        tests.append(session.condition(condition))
    if not tests:
        raise CommandError(f"say where to stop: a node, or one of {', '.join(KINDS)}")
    return tests[0] if len(tests) == 1 else _Both(tests[0], tests[1])


class _Both:
    """A test that is two."""

    def __init__(self, first: Test, second: Test) -> None:
        self.first, self.second = first, second
        self.nodes = getattr(first, "nodes", None)

    def __call__(self, event: Event) -> bool:
        return bool(self.first(event) and self.second(event))


def _place(text: str, session: Session) -> Test:
    if text in _NUMBERS:
        return _NUMBERS[text]
    if large := _LARGE.fullmatch(text):
        exceeds, limit = _COMPARE[large[1]], _number(large[2])
        return lambda event: event.kind == "backward" and exceeds(abs(event.after), limit)
    word, _, rest = text.partition(" ")
    if rest and word in _EXPLICIT:
        return _EXPLICIT[word](rest.strip(), session)
    if nodes := session.names.find(text):
        return _Touches(nodes, session)
    for kind in ("op", "scope", "line"):
        try:
            return _EXPLICIT[kind](text, session)
        except CommandError:
            continue
    close = session.names.close(text, [*TABLE, *session.scopes])
    hint = f"did you mean {' or '.join(map(wording.name, close))}?" if close else _advice(text)
    called = wording.name(text, 60)
    raise CommandError(f"{called!r} is no node, operation, scope or line of this graph; {hint}")


def _advice(text: str) -> str:
    if any(sign in text for sign in "<>=("):
        return f"to stop on a condition write `if {wording.name(text, 60)}`"
    return f"others are {', '.join(KINDS)}"


def _number(text: str) -> float:
    try:
        limit = float(text)
    except ValueError:
        limit = math.nan
    if math.isnan(limit):
        raise CommandError(f"a limit is a number, got {wording.name(text)!r}")
    return limit


class _Touches:
    """Events that compute one of the nodes, or bring it a contribution."""

    def __init__(self, nodes: Iterable[Value], session: Session) -> None:
        self.nodes, self.session = frozenset(nodes), session

    def __call__(self, event: Event) -> bool:
        return self.session.original(changed(event)) in self.nodes


def _node(text: str, session: Session) -> Test:
    return _Touches(session.names.find(text) or [session.names.one(text)], session)


class Changes(_Touches):
    """Events that give a node another number or another gradient, its first included."""

    def __call__(self, event: Event) -> bool:
        """Whether the event is one."""
        if not super().__call__(event):
            return False
        if event.operand is None or not same(event.before or 0.0, event.after):
            return True
        return not self.session.stepper.events.has_grad(event.operand, event.number)


def _operation(text: str, session: Session) -> Test:
    if text not in TABLE:
        raise CommandError(f"there is no operation {wording.name(text)!r}; `info operations`")
    return lambda event: event.op == text


def _scope(text: str, session: Session) -> Test:
    if not any(path == text or path.startswith(text + ".") for path in session.scopes):
        raise CommandError(f"no node of this graph was made in a scope {wording.name(text)!r}")

    def test(event: Event) -> bool:
        path = scope_of(event.node)
        return path == text or path.startswith(text + ".")

    return test


def _line(text: str, session: Session) -> Test:
    found = _LINE.fullmatch(text)
    file, number = (found[1] or "", int(found[2])) if found else ("", 0)

    def was_made_there(v: Value) -> bool:
        place = place_of(v)
        if place is None or place.line != number:
            return False
        return not file or f"/{place.file}".replace(os.sep, "/").endswith(f"/{file}")

    if not any(map(was_made_there, session.user.graph.nodes)):
        raise CommandError(f"{wording.name(text)!r} is no line that made a node of this graph")
    return lambda event: was_made_there(event.node)


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
