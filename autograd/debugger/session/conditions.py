"""Conditions on which the shell stops: parsed from a text, tested on an event."""

from __future__ import annotations

import builtins
import difflib
import math
import operator
import os
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from autograd.debugger.session.event_variables import EVENT_VARIABLES, changed, place_of, scope_of
from autograd.debugger.session.expressions import Expression
from autograd.debugger.session.session import Session
from autograd.errors import CommandError
from autograd.primitive import TABLE
from autograd.recording.ledger import same
from autograd.stepping.events import Event
from autograd.text import wording
from autograd.value import Value

Condition: TypeAlias = Callable[[Event], Any]
"""True for an event to stop after. One on nodes has them in `nodes`: no other event is tested."""

_LARGE = re.compile(r"(?:\|\s*grad\s*\||abs\(grad\))\s*(>=?)\s*(\S+)")
_COMPARE = {">": operator.gt, ">=": operator.ge}
_LINE = re.compile(r"(?:(\S+):)?([0-9]{1,9})")
KINDS = ("nan", "inf", "zero", "|grad| > NUMBER", "op NAME", "scope NAME", "line FILE:N", "if EXPR")


def parse(text: str, session: Session) -> Condition:
    """Return the condition that a text asks for. Raises CommandError for one that means nothing.

    Args:
        text: a node, an operation, a scope, `nan`, `inf`, `zero`, `|grad| > 10`, `FILE:LINE`,
            `if EXPRESSION`, or one of the first with a condition: `z if grad < 0`.
        session: the session whose graph the text is about.
    """
    place, _, expression = f" {text.strip()} ".partition(" if ")
    conditions = [_at(place.strip(), session)] if place.strip() else []
    if expression.strip():
        conditions.append(_holds(expression, session))
    if not conditions:
        raise CommandError(f"say where to stop: a node, or one of {', '.join(KINDS)}")
    return conditions[0] if len(conditions) == 1 else _Both(*conditions)


class _Both:
    """True where two conditions are."""

    def __init__(self, first: Condition, second: Condition) -> None:
        self.first, self.second = first, second
        self.nodes = getattr(first, "nodes", None)

    def __call__(self, event: Event) -> bool:
        return bool(self.first(event) and self.second(event))


def _at(text: str, session: Session) -> Condition:
    if text in _NUMBERS:
        return _NUMBERS[text]
    if large := _LARGE.fullmatch(text):
        exceeds, limit = _COMPARE[large[1]], _number(large[2])
        return lambda event: event.kind == "backward" and exceeds(abs(event.after), limit)
    word, _, rest = text.partition(" ")
    if rest and word in _EXPLICIT:
        return _EXPLICIT[word](rest.strip(), session)
    if nodes := session.names.find(text):
        return _NodeTouched(nodes, session)
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


def _holds(text: str, session: Session) -> Condition:
    """The condition that an expression is true. Raises CommandError for an unknown name in it."""
    expression = Expression(text, session.names)
    for name in sorted(expression.free):
        known = name in session.variables or name in EVENT_VARIABLES
        if not known and not hasattr(math, name) and not hasattr(builtins, name):
            words = [*EVENT_VARIABLES, *session.names.by_name]
            close = difflib.get_close_matches(name, words, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise CommandError(f"{name!r} is no node, no part of an event, no variable{hint}")
    return lambda event: session.value_at(expression, event)


class _NodeTouched:
    """True for events that compute one of the nodes, or add a contribution to its gradient."""

    def __init__(self, nodes: Iterable[Value], session: Session) -> None:
        self.nodes, self.session = frozenset(nodes), session

    def __call__(self, event: Event) -> bool:
        return self.session.original(changed(event)) in self.nodes


def _node(text: str, session: Session) -> Condition:
    return _NodeTouched(session.names.find(text) or [session.names.one(text)], session)


class NodeChanges(_NodeTouched):
    """True for events that give a node another number or another gradient, its first included."""

    def __call__(self, event: Event) -> bool:
        """True if the event does."""
        if not super().__call__(event):
            return False
        if event.operand is None or not same(event.before or 0.0, event.after):
            return True
        return not self.session.stepper.events.has_grad(event.operand, event.number)


def _operation(text: str, session: Session) -> Condition:
    if text not in TABLE:
        raise CommandError(f"there is no operation {wording.name(text)!r}; `info operations`")
    return lambda event: event.op == text


def _scope(text: str, session: Session) -> Condition:
    def is_inside(path: str) -> bool:
        return path == text or path.startswith(f"{text}.")

    if not any(map(is_inside, session.scopes)):
        raise CommandError(f"no node of this graph was made in a scope {wording.name(text)!r}")
    return lambda event: is_inside(scope_of(event.node))


def _line(text: str, session: Session) -> Condition:
    match = _LINE.fullmatch(text)
    file, number = (match[1] or "", int(match[2])) if match else ("", 0)

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


_NUMBERS: dict[str, Condition] = {
    "nan": lambda event: math.isnan(event.after),
    "inf": lambda event: math.isinf(event.after),
    "zero": _is_zero,
    "zero gradient": _is_zero,
}
_EXPLICIT: dict[str, Callable[[str, Session], Condition]] = {
    "node": _node,
    "op": _operation,
    "scope": _scope,
    "line": _line,
}
