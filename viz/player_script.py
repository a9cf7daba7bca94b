"""What the page of a player knows: the nodes, the events and every number in words, for JSON.

The page's script formats nothing and computes nothing: it looks up. Numbers are texts, so that nan,
inf and -0.0 are shown as they are, and each text stands once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import Value, partials, wording
from autograd.events import Event, EventLog
from autograd.primitive import CONST
from autograd.symbols import local_formula, plugged, quoted
from viz.labels import readable, shorten
from viz.plan import Plan, kind

_NAME_LENGTH = 200


class _Numbers:
    """Every number once, in three texts: as a box shows it, in six digits, in full."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.texts: list[tuple[str, str, str]] = []
        self._places: dict[str, int] = {}

    def place(self, x: float) -> int:
        """Where a number's texts are."""
        full = repr(x)  # 0.0 and -0.0 are equal as numbers
        if full not in self._places:
            self._places[full] = len(self.texts)
            self.texts.append((self.plan.number(x), wording.number(x), full))
        return self._places[full]


def events_of(log: EventLog, shown: Sequence[Value]) -> list[Event]:
    """The events that touch a node of the picture: in a whole graph, all of them.

    >>> x = Value(2.0, "x")
    >>> log = EventLog(x * x + 1)
    >>> len(log), [event.number for event in events_of(log, [x])]
    (5, [3, 4])
    """
    drawn = set(shown)
    if len(drawn) == len(log.graph):
        return list(log)
    numbers = set()
    for k in range(len(log)):
        if log.graph.nodes[log.sender(k)] in drawn:
            numbers.add(k)
    for v in shown:
        numbers.update(log.arrivals(v))
    return [log[k] for k in sorted(numbers)]


def script(plan: Plan, log: EventLog, title: str, direction: str) -> dict[str, Any]:
    """What the page knows, as dictionaries, lists, texts and whole numbers.

    Args:
        plan: what is drawn.
        log: the pass that is played.
        title: what the page is called.
        direction: "LR" or "TB", in which the picture is laid out.
    """
    events = events_of(log, plan.shown)
    numbers = _Numbers(plan)
    nodes = _cast(plan.shown, events)
    places = {v: i for i, v in enumerate(nodes)}
    arrows = {(a.end, a.edges[0].slot): i for i, a in enumerate(plan.selection.arrows)}
    return {
        "title": title,
        "caption": _caption(plan, len(events), len(log)),
        "output": places[log.output],
        "seed": numbers.place(log.seed),
        "forward": sum(event.kind == "forward" for event in events),
        "flow": "←" if direction == "LR" else "↑",
        "drawn": len(plan.shown),
        "nodes": [
            _node(plan, log, v, places, numbers)
            | {"arrows": [arrows.get((v, slot), -1) for slot in range(len(v.parents))]}
            for v in nodes
        ],
        "events": [_event(event, places, numbers) for event in events],
        "numbers": numbers.texts,
    }


def _cast(shown: Sequence[Value], events: Sequence[Event]) -> list[Value]:
    """The nodes that are drawn, then those that are only spoken of."""
    cast = dict.fromkeys(shown)
    for v in shown:
        cast.update(dict.fromkeys(v.parents))
    for event in events:
        cast[event.node] = None
        if event.operand is not None:
            cast[event.operand] = None
    return list(cast)


def _caption(plan: Plan, played: int, events: int) -> str:
    """What a player of a part of a graph says about the rest."""
    if not plan.caption:
        return ""
    return f"{plan.caption}; {played:,} of {events:,} events: those that touch them"


def _node(
    plan: Plan, log: EventLog, v: Value, places: dict[Value, int], numbers: _Numbers
) -> dict[str, Any]:
    graph = plan.graph
    told: dict[str, Any] = {
        "id": graph.index[v],
        "label": _called(plan, v),
        "name": shorten(readable((v.name or "")[: 2 * _NAME_LENGTH]), _NAME_LENGTH),
        "kind": kind(v),
        "data": numbers.place(log.numbers[graph.index[v]]),
        "parents": [],
    }
    if v.parents and places[v] < len(plan.shown):
        told["formula"] = graph.formula(v, lambda operand: _called(plan, operand))
        told["computed"] = graph.computed(v)
        told["parents"] = [places[p] for p in v.parents]
    told["locals"] = [_local(plan, v, slot, numbers) for slot in range(len(v.parents))]
    return told


def _called(plan: Plan, v: Value) -> str:
    """What a node is called within a formula."""
    label = plan.graph.label(v)
    return label if v._row is CONST else quoted(label)


def _local(plan: Plan, v: Value, slot: int, numbers: _Numbers) -> dict[str, Any] | None:
    """The local derivative to an operand in symbols and numbers; None where none flows."""
    derivative = partials(v)[slot]
    if derivative is None:
        return None
    return {
        "formula": local_formula(v, slot, plan.graph.label),
        "plugged": plugged(v, slot),
        "number": numbers.place(derivative),
    }


def _event(event: Event, places: dict[Value, int], numbers: _Numbers) -> list[int]:
    """A computation as [node], a contribution as [node, slot, operand, and its numbers]."""
    if event.operand is None or event.slot is None:
        return [places[event.node]]
    told = (event.upstream, event.local, event.contribution, event.before, event.after)
    told_places = [numbers.place(x) for x in told if x is not None]
    return [places[event.node], event.slot, places[event.operand], *told_places]
