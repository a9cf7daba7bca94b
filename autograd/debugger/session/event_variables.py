"""The variables that an expression has of an event: `upstream`, `op`, `grad`, `line` and so on."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from functools import lru_cache
from types import CodeType
from typing import Any

from autograd.debugger.session.expressions import NodeState
from autograd.stepping.events import Event
from autograd.stepping.stepper import Stepper
from autograd.system.source import Place, place_in
from autograd.value import Value

_Variable = Callable[[Event, Stepper], Any]


def changed(event: Event) -> Value:
    """Return the node whose number or gradient an event changes."""
    return event.node if event.operand is None else event.operand


def scope_of(v: Value) -> str:
    """Return the scope in which a node was made; "" outside all, and if it is not known."""
    noted = getattr(v, "_origin", None)
    return "" if noted is None else str(noted[2])


def place_of(v: Value) -> Place | None:
    """Return the line that made a node, if it is known."""
    noted = getattr(v, "_origin", None)
    return None if noted is None else _place_in(noted[0], noted[1])


@lru_cache(maxsize=1024)  # one line often makes many nodes
def _place_in(code: CodeType, instruction: int) -> Place:
    return place_in(code, instruction)[0]


def _number(key: str) -> _Variable:
    def number(event: Event, stepper: Stepper) -> float:
        x = getattr(event, key)
        return math.nan if x is None else float(x)

    return number


def _operand(event: Event, stepper: Stepper) -> NodeState | None:
    return None if event.operand is None else NodeState(stepper, event.operand)


EVENT_VARIABLES: dict[str, _Variable] = {
    **{key: _number(key) for key in ("upstream", "local", "contribution", "before", "after")},
    "event": lambda event, stepper: event,
    "kind": lambda event, stepper: event.kind,
    "op": lambda event, stepper: event.op,
    "slot": lambda event, stepper: event.slot,
    "node": lambda event, stepper: NodeState(stepper, event.node),
    "operand": _operand,
    "data": lambda event, stepper: stepper.data(changed(event)),
    "grad": lambda event, stepper: math.nan if event.operand is None else event.after,
    "name": lambda event, stepper: changed(event).name,
    "scope": lambda event, stepper: scope_of(event.node),
    "line": lambda event, stepper: place.short if (place := place_of(event.node)) else "",
}
"""Each name with the function that computes its value; a number that an event lacks is nan."""


def event_variables(
    event: Event | None, stepper: Stepper, wanted: Collection[str]
) -> dict[str, Any]:
    """Return the values of those variables of an event that are wanted."""
    if event is None:
        return {"event": None} if "event" in wanted else {}
    return {key: EVENT_VARIABLES[key](event, stepper) for key in wanted if key in EVENT_VARIABLES}
