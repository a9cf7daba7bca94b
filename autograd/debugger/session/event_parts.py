"""What the parts of an event are called in an expression."""

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

Part = Callable[[Event, Stepper], Any]


def changed(event: Event) -> Value:
    """The node whose number or gradient an event changes."""
    return event.node if event.operand is None else event.operand


def scope_of(v: Value) -> str:
    """The scope in which a node was made; "" outside all, and where it is not known."""
    noted = getattr(v, "_origin", None)
    return "" if noted is None else str(noted[2])


def place_of(v: Value) -> Place | None:
    """The line that made a node, if it is known; looked up once for all nodes that it made."""
    noted = getattr(v, "_origin", None)
    return None if noted is None else _place_in(noted[0], noted[1])


@lru_cache(maxsize=1024)
def _place_in(code: CodeType, instruction: int) -> Place:
    return place_in(code, instruction)[0]


def _number(key: str) -> Part:
    def part(event: Event, stepper: Stepper) -> float:
        found = getattr(event, key)
        return math.nan if found is None else float(found)

    return part


def _operand(event: Event, stepper: Stepper) -> NodeState | None:
    return None if event.operand is None else NodeState(stepper, event.operand)


PARTS: dict[str, Part] = {
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
"""Each name with what it stands for; a number that an event does not have is nan."""


def parts(event: Event | None, stepper: Stepper, wanted: Collection[str]) -> dict[str, Any]:
    """Those of the parts of an event that are wanted."""
    if event is None:
        return {"event": None} if "event" in wanted else {}
    return {key: PARTS[key](event, stepper) for key in wanted if key in PARTS}
