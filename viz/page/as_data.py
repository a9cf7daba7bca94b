"""What the page of a player knows: the nodes, the steps and every number in words, for JSON.

The page's script formats nothing and computes nothing: it looks up. NumberTexts are texts, so that nan,
inf and -0.0 are shown as they are, and each text stands once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from autograd import Value, partials
from autograd.explaining.symbols import local_formula, plugged, quoted
from autograd.primitive import CONST
from autograd.stepping.events import Event, EventLog
from autograd.text import wording
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.content.plan import Plan, kind
from viz.dot.document import end_id
from viz.dot.legend import numbers, signs
from viz.page.box_ranges import Ranges
from viz.page.boxes import told_box
from viz.page.contributions import Sums, arrivals, at_first
from viz.page.frames import frames_of
from viz.page.steps import PageStep, boxes_of, gradients
from viz.selection.elements import Fold, Stub

Unit: TypeAlias = Value | Fold

_NAME_LENGTH = 200


class NumberTexts:
    """Every number once, in three texts: as a box shows it, in six digits, in full."""

    def __init__(self, written: Callable[[float], str]) -> None:
        self.written = written
        self.texts: list[tuple[str, str, str]] = []
        self._places: dict[str, int] = {}

    def place(self, x: float) -> int:
        """Where a number's texts are.

        >>> numbers = NumberTexts("{:.2g}".format)
        >>> [numbers.place(x) for x in (0.25, 1 / 3, 0.25)], numbers.texts[1]
        ([0, 1, 0], ('0.33', '0.333333', '0.3333333333333333'))
        """
        full = repr(x)  # 0.0 and -0.0 are equal as numbers
        if full not in self._places:
            self._places[full] = len(self.texts)
            self.texts.append((self.written(x), wording.number(x), full))
        return self._places[full]


def script(
    plan: Plan,
    log: EventLog,
    steps: Sequence[PageStep],
    ranges: Mapping[Fold, Ranges],
    sums: Sums,
    title: str,
    direction: str,
) -> dict[str, Any]:
    """What the page knows, as dictionaries, lists, texts and whole numbers.

    Args:
        plan: what is drawn.
        log: the pass that is played.
        steps: at which of its events the page stops.
        ranges: the numbers of each box.
        sums: what stands under the gradients of nodes.
        title: what the page is called.
        direction: "LR" or "TB", in which the picture is laid out.
    """
    told = _PageData(plan, log, steps)
    nodes = [told.unit(unit, ranges) for unit in told.units]
    for v, changes in sums.items():
        nodes[told.places[v]]["sums"] = changes
    return {
        "title": title,
        "caption": _caption(plan, len(steps), len(log)),
        "output": told.places[log.output],
        "seed": told.numbers.place(log.seed),
        "forward": sum(step.event < log.forward for step in steps),
        "flow": "←" if direction == "LR" else "↑",
        "count": len(plan.graph),
        "drawn": len(told.drawn),
        "folded": bool(plan.selection.folds),
        "nodes": nodes,
        "arrows": [
            [-1 if isinstance(end, Stub) else told.places[end] for end in arrow[:2]]
            for arrow in plan.selection.arrows
        ],
        "arriving": arrivals(plan, log, steps),
        "legend": _legend(plan),
        "frames": frames_of(plan, told.places),
        "events": [told.step(step) for step in steps],
        "numbers": told.numbers.texts,
    }


def _legend(plan: Plan) -> list[tuple[str, str, str]]:
    """What the lines and the numbers on arrows say, as kind, mark and words."""
    words: list[tuple[str, str, str]] = []
    for entry in (*signs(plan, at_first(plan)), *numbers(plan)):
        words.append(entry[:3])
        if entry.kind == "bold":
            words.append(("before", "", "before it arrives, lines show the sign of ∂"))
    return words


def _caption(plan: Plan, steps: int, events: int) -> str:
    """What a player of a part of a graph, or of a folded one, says about the rest."""
    if not plan.caption:
        return ""
    if plan.selection.folds:
        when = "a box takes one, when it is done"
        return f"{plan.caption}; {events:,} events in {steps:,} steps: {when}"
    return f"{plan.caption}; {steps:,} of {events:,} events: those that touch them"


class _PageData:
    """The nodes, boxes and steps of a page, by their places in it."""

    def __init__(self, plan: Plan, log: EventLog, steps: Sequence[PageStep]) -> None:
        self.plan, self.log, self.steps = plan, log, steps
        self.numbers = NumberTexts(plan.number)
        self.box = boxes_of(plan)
        self.events = {step: log[step.event] for step in steps if step.box is None}
        self.drawn: list[Unit] = [*plan.shown, *plan.selection.folds]
        self.units = self._cast()
        """What is drawn, then what is only spoken of."""
        self.places = {unit: i for i, unit in enumerate(self.units)}
        self.arrows = {edge[1:]: i for i, a in enumerate(plan.selection.arrows) for edge in a.edges}

    def _cast(self) -> list[Unit]:
        cast = dict.fromkeys(self.drawn)
        for v in self.plan.shown:
            cast.update(dict.fromkeys(v.parents))
        for event in self.events.values():
            cast[event.node] = None
            if event.operand is not None:
                cast[event.operand] = None
        cast[self.log.output] = None
        return list(cast)

    def unit(self, unit: Unit, ranges: Mapping[Fold, Ranges]) -> dict[str, Any]:
        """What the page knows of a node or of a box."""
        if isinstance(unit, Fold):
            told = told_box(unit, ranges[unit], self.numbers.place)
            return told | {"at": end_id(self.plan, unit)}
        told = self._node(unit)
        if unit in self.box:
            told["within"] = self.places[self.box[unit]]
        elif any(self.sender(k) in self.box for k in self.log.arrivals(unit)):
            changes = gradients(self.log, unit, self.steps)
            told["grads"] = [[step, self.numbers.place(grad)] for step, grad in changes]
        return told

    def sender(self, number: int) -> Value:
        """The node of an event."""
        return self.log.graph.nodes[self.log.sender(number)]

    def _node(self, v: Value) -> dict[str, Any]:
        graph = self.plan.graph
        is_drawn = self.places[v] < len(self.drawn)
        slots = range(len(v.parents))
        told: dict[str, Any] = {
            "id": graph.index[v],
            "label": _called(self.plan, v),
            "name": shorten(readable((v.name or "")[: 2 * _NAME_LENGTH]), _NAME_LENGTH),
            "kind": kind(v),
            "data": self.numbers.place(self.log.numbers[graph.index[v]]),
            "parents": [],
            "arrows": [],
        }
        if v.parents and is_drawn:
            told["formula"] = graph.formula(v, lambda operand: _called(self.plan, operand))
            told["computed"] = graph.computed(v)
            told["parents"] = [self.places[p] for p in v.parents]
            told["arrows"] = [self.arrows.get((v, slot), -1) for slot in slots]
        told["locals"] = [_local(self.plan, v, slot, self.numbers) for slot in slots]
        return told

    def step(self, step: PageStep) -> list[Any]:
        """A computation as [node], a contribution as [node, slot, operand, and its numbers].

        What happens in a box as [box, -1, how many events], and in the backward pass where the
        contributions went.
        """
        if step.box is None:
            return self._event(self.events[step])
        told: list[Any] = [self.places[step.box], -1, step.count]
        if step.event >= self.log.forward:
            told.append([[self.places[unit], count] for unit, count in step.sent.items()])
        return told

    def _event(self, event: Event) -> list[int]:
        if event.operand is None or event.slot is None:
            return [self.places[event.node]]
        told = (event.upstream, event.local, event.contribution, event.before, event.after)
        told_places = [self.numbers.place(x) for x in told if x is not None]
        return [self.places[event.node], event.slot, self.places[event.operand], *told_places]


def _called(plan: Plan, v: Value) -> str:
    """What a node is called within a formula."""
    label = plan.graph.label(v)
    return label if v._row is CONST else quoted(label)


def _local(plan: Plan, v: Value, slot: int, numbers: NumberTexts) -> dict[str, Any] | None:
    """The local derivative to an operand in symbols and numbers; None where none flows."""
    derivative = partials(v)[slot]
    if derivative is None:
        return None
    return {
        "formula": local_formula(v, slot, plan.graph.label),
        "plugged": plugged(v, slot),
        "number": numbers.place(derivative),
    }
