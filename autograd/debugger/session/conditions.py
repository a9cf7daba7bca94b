"""Conditions on which the shell stops: parsed from a text, tested on an event."""

from __future__ import annotations

import builtins
import math
import operator
import os
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from autograd.debugger.session.expressions import EVENT_VARIABLES, Expression, place_of, scope_of
from autograd.debugger.session.session import Session
from autograd.errors import CommandError
from autograd.primitive import TABLE
from autograd.recording.ledger import same
from autograd.stepping.events import Event
from autograd.text import wording
from autograd.text.spelling import hint
from autograd.value import Value

_LARGE = re.compile(r"(?:\|\s*grad\s*\||abs\(grad\))\s*(>=?)\s*(\S+)")
_COMPARE = {">": operator.gt, ">=": operator.ge}
_LINE = re.compile(r"(?:(.+):)?([0-9]{1,9})")
KINDS = ("nan", "inf", "zero", "|grad| > NUMBER", "op NAME", "scope NAME", "line FILE:N", "if EXPR")


class Condition(NamedTuple):
    """A test of the events to stop after. If it is about nodes, no event on others is tested."""

    holds: Callable[[Event], Any]
    nodes: Collection[Value] | None = None


def parse(text: str, session: Session) -> Condition:
    """Return the condition that a text asks for. Raises CommandError for one that means nothing.

    The text is a node, an operation, a scope, `nan`, `inf`, `zero`, `|grad| > 10`, `FILE:LINE`,
    `if EXPRESSION`, or one of the first with a condition: `z if grad < 0`.
    """
    place, _, expression = f" {text.strip()} ".partition(" if ")
    at = _at(place.strip(), session) if place.strip() else Condition(lambda event: True)
    if expression.strip():
        is_true = _truth(expression, session)
        return Condition(lambda event: at.holds(event) and is_true(event), at.nodes)
    if not place.strip():
        raise CommandError(f"say where to stop: a node, or one of {', '.join(KINDS)}")
    return at


def _at(text: str, session: Session) -> Condition:
    if text in _NUMBERS:
        return _NUMBERS[text]
    if large := _LARGE.fullmatch(text):
        exceeds, limit = _COMPARE[large[1]], _number(large[2])
        return Condition(lambda e: e.kind == "backward" and exceeds(abs(e.after), limit))
    word, _, rest = text.partition(" ")
    if rest and word in _EXPLICIT:
        return _EXPLICIT[word](rest.strip(), session)
    if nodes := session.names.find(text):
        return _touched(nodes, session)
    for kind in ("op", "scope", "line"):
        try:
            return _EXPLICIT[kind](text, session)
        except CommandError:
            continue
    hint = session.names.did_you_mean(text, [*TABLE, *session.scopes]) or _advice(text)
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


def _truth(text: str, session: Session) -> Callable[[Event], Any]:
    expression = Expression(text, session.names)
    for name in sorted(expression.free):
        known = name in session.variables or name in EVENT_VARIABLES
        if not known and not hasattr(math, name) and not hasattr(builtins, name):
            words = [*EVENT_VARIABLES, *session.names.by_name]
            meant = hint(name, words)
            raise CommandError(f"{name!r} is no node, no part of an event, no variable{meant}")
    return lambda event: session.value_at(expression, event)


def _touched(nodes: Iterable[Value], session: Session) -> Condition:
    wanted = frozenset(nodes)
    return Condition(lambda event: session.original(event.changed) in wanted, wanted)


def _node(text: str, session: Session) -> Condition:
    return _touched(session.names.find(text) or [session.names.one(text)], session)


def changes(v: Value, session: Session) -> Condition:
    """Return the condition that a node gets another number or another gradient, or its first."""

    def is_another(event: Event) -> bool:
        if event.operand is None or not same(event.before or 0.0, event.after):
            return True
        return not session.stepper.events.has_grad(event.operand, event.number)

    touched = _touched([v], session)
    return Condition(lambda event: touched.holds(event) and is_another(event), touched.nodes)


def _operation(text: str, session: Session) -> Condition:
    if text not in TABLE:
        raise CommandError(f"there is no operation {wording.name(text)!r}; `info operations`")
    return Condition(lambda event: event.op == text)


def _scope(text: str, session: Session) -> Condition:
    def is_inside(path: str) -> bool:
        return path == text or path.startswith(f"{text}.")

    if not any(map(is_inside, session.scopes)):
        raise CommandError(f"no node of this graph was made in a scope {wording.name(text)!r}")
    return Condition(lambda event: is_inside(scope_of(event.node)))


def _line(text: str, session: Session) -> Condition:
    match = _LINE.fullmatch(text)
    file, number = (match[1] or "", int(match[2])) if match else ("", 0)

    def was_made_there(v: Value) -> bool:
        place = place_of(v)
        if place is None or place.line != number:
            return False
        path = f"/{place.file}".replace(os.sep, "/")
        return not file or path.endswith(f"/{file}") or place.short == text

    if not any(map(was_made_there, session.user.graph.nodes)):
        raise CommandError(f"{wording.name(text)!r} is no line that made a node of this graph")
    return Condition(lambda event: was_made_there(event.node))


_ZERO = Condition(lambda event: event.kind == "backward" and event.after == 0)
_NUMBERS = {
    "nan": Condition(lambda event: math.isnan(event.after)),
    "inf": Condition(lambda event: math.isinf(event.after)),
    "zero": _ZERO,
    "zero gradient": _ZERO,
}
_EXPLICIT = {"node": _node, "op": _operation, "scope": _scope, "line": _line}
