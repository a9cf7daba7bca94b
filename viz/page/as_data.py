"""The data of a player's page, for JSON: the nodes, the steps and the text of every number.

The page's script formats and computes nothing, it looks texts up. Numbers are texts so that nan,
inf and -0.0 are shown as they are, and each text is stored once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from autograd import Value, partials
from autograd.explaining.local_derivatives import formula_in_numbers, local_formula
from autograd.explaining.symbols import quoted
from autograd.primitive import CONST
from autograd.text import wording
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.look.legend import numbers, signs
from viz.page.boxes import BoxRanges
from viz.page.contributions import Sums, arrivals, arrows_of
from viz.page.frames import frames_of
from viz.page.steps import PageStep, Playback
from viz.snapshot.caption import caption
from viz.snapshot.snapshot import ShownBox, ShownNode, Snapshot, kind_of

Unit: TypeAlias = Value | ShownBox

_NAME_LENGTH = 200


class NumberTexts:
    """The texts of every number, each once: as in boxes, in six digits, in full."""

    def __init__(self, written: Callable[[float], str]) -> None:
        self.written = written
        self.texts: list[tuple[str, str, str]] = []
        self._places: dict[str, int] = {}

    def place(self, x: float) -> int:
        """Return the place of a number's texts.

        >>> numbers = NumberTexts("{:.2g}".format)
        >>> [numbers.place(x) for x in (0.25, 1 / 3, 0.25)], numbers.texts[1]
        ([0, 1, 0], ('0.33', '0.333333', '0.3333333333333333'))
        """
        full = repr(x)  # 0.0 and -0.0 are equal as numbers
        if full not in self._places:
            self._places[full] = len(self.texts)
            self.texts.append((self.written(x), wording.number(x), full))
        return self._places[full]


def page_data(
    playback: Playback, ranges: Mapping[ShownBox, BoxRanges], sums: Sums, title: str
) -> dict[str, Any]:
    """Return the data of the page as dictionaries, lists, texts and whole numbers."""
    data, snapshot, log = _PageData(playback), playback.snapshot, playback.log
    steps, at = playback.steps, {end.id: i for i, end in enumerate(data.ends)}
    nodes = [data.unit(unit, ranges) for unit in data.units]
    for v, changes in sums.items():
        nodes[data.places[v]]["sums"] = changes
    return {
        "title": title,
        "caption": _caption(snapshot, len(steps), len(log)),
        "output": data.places[log.output],
        "seed": data.numbers.place(log.seed),
        "forward": sum(step.event < log.forward for step in steps),
        "flow": "←" if snapshot.options.direction == "LR" else "↑",
        "count": snapshot.count,
        "drawn": len(data.ends),
        "folded": bool(snapshot.boxes),
        "nodes": nodes,
        "arrows": [[at.get(end.id, -1) for end in (a.start, a.end)] for a in snapshot.arrows],
        "arriving": arrivals(playback, data.arrows),
        "legend": _legend(snapshot),
        "frames": frames_of(playback, data.places),
        "events": [data.step(step) for step in steps],
        "numbers": data.numbers.texts,
    }


def _legend(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    """The legend of lines and numbers on arrows, as kind, mark and words."""
    words: list[tuple[str, str, str]] = []
    for entry in (*signs(snapshot, both=True), *numbers(snapshot)):
        words.append(entry[:3])
        if entry.kind == "bold":
            words.append(("before", "", "before it arrives, lines show the sign of ∂"))
    return words


def _caption(snapshot: Snapshot, steps: int, events: int) -> str:
    """The caption of a player that does not show every node."""
    part = caption(snapshot)
    if not part:
        return ""
    if snapshot.boxes:
        when = "a box takes one, when it is done"
        return f"{part}; {events:,} events in {steps:,} steps: {when}"
    return f"{part}; {steps:,} of {events:,} events: those that touch them"


class _PageData:
    """The nodes, boxes and steps of a page, by their places in it."""

    def __init__(self, playback: Playback) -> None:
        self.playback, self.log, self.graph = playback, playback.log, playback.log.graph
        self.numbers = NumberTexts(playback.snapshot.options.number)
        self.ends: list[ShownNode | ShownBox] = [*playback.shown.values(), *playback.snapshot.boxes]
        drawn: list[Unit] = [*playback.shown, *playback.snapshot.boxes]
        self.units: list[Unit] = list(dict.fromkeys([*drawn, *self._mentioned()]))
        """The drawn nodes and boxes, then the nodes that the page only mentions."""
        self.places = {unit: i for i, unit in enumerate(self.units)}
        self.arrows = arrows_of(playback)

    def _mentioned(self) -> Iterator[Value]:
        for v in self.playback.shown:
            yield from v.parents
        for event in (self.log[s.event] for s in self.playback.steps if s.box is None):
            yield event.node
            if event.operand is not None:
                yield event.operand
        yield self.log.output

    def unit(self, unit: Unit, ranges: Mapping[ShownBox, BoxRanges]) -> dict[str, Any]:
        if isinstance(unit, ShownBox):
            return ranges[unit].as_data(self.numbers.place)
        data, box = self._node(unit), self.playback.box
        if unit in box:
            data["within"] = self.places[box[unit]]
        elif any(self.graph.nodes[self.log.sender(k)] in box for k in self.log.arrivals(unit)):
            changes = self.playback.grads(unit).items()
            data["grads"] = [[step, self.numbers.place(grad)] for step, grad in changes]
        return data

    def _node(self, v: Value) -> dict[str, Any]:
        graph = self.graph
        slots = range(len(v.parents))
        data: dict[str, Any] = {
            "id": graph.index[v],
            "label": self._label(v),
            "name": shorten(readable((v.name or "")[: 2 * _NAME_LENGTH]), _NAME_LENGTH),
            "kind": kind_of(v._row),
            "data": self.numbers.place(self.log.numbers[graph.index[v]]),
            "parents": [],
            "arrows": [],
        }
        if v.parents and v in self.playback.shown:
            data["formula"] = graph.formula(v, self._label)
            data["computed"] = graph.computed(v)
            data["parents"] = [self.places[p] for p in v.parents]
            data["arrows"] = [self.arrows.get((v, slot), -1) for slot in slots]
        data["locals"] = [self._local(v, slot) for slot in slots]
        return data

    def step(self, step: PageStep) -> list[Any]:
        """Return a computation as [node], a contribution as [node, slot, operand, *numbers].

        A step of a box is [box, -1, number of events, receivers with numbers of contributions].
        """
        if step.box is not None:
            sent = [[self.places[unit], count] for unit, count in step.sent.items()]
            return [self.places[step.box], -1, step.count, sent]
        event = self.log[step.event]
        if event.operand is None:
            return [self.places[event.node]]
        numbers = (event.upstream, event.local, event.contribution, event.before, event.after)
        places = [self.numbers.place(x) for x in numbers if x is not None]
        return [self.places[event.node], event.slot, self.places[event.operand], *places]

    def _label(self, v: Value) -> str:
        label = self.graph.label(v)
        return label if v._row is CONST else quoted(label)

    def _local(self, v: Value, slot: int) -> dict[str, Any] | None:
        """The local derivative to an operand in symbols and numbers; None if none flows."""
        derivative = partials(v)[slot]
        if derivative is None:
            return None
        return {
            "formula": local_formula(v, slot, self.graph.label),
            "plugged": formula_in_numbers(v, slot),
            "number": self.numbers.place(derivative),
        }
