"""The boxes of a player's page that stand for several nodes: their names and their numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from autograd import Value
from autograd.text.characters import readable
from autograd.text.columns import display_width, shorten
from viz.page.steps import Playback
from viz.snapshot.ranges import Range, range_of
from viz.snapshot.snapshot import ShownBox

_LABEL = 60


class RangeChange(NamedTuple):
    """A range, and the first step at which it holds."""

    step: int
    range: Range


def changes(
    nodes: Iterable[Value], numbers: Callable[[Value], Mapping[int, float]]
) -> list[RangeChange]:
    """Return the ranges of some nodes' numbers, which `numbers` returns by the first step of each.

    >>> x, y = Value(2.0), Value(3.0)
    >>> changes([x, y], lambda v: {0: 0.5} if v is x else {2: 0.5, 3: 1.5})[1]
    RangeChange(step=3, range=Range(low=0.5, high=1.5, bad=0))
    """
    by_step: dict[int, dict[Value, float]] = defaultdict(dict)
    for v in nodes:
        for step, number in numbers(v).items():
            by_step[step][v] = number
    known: dict[Value, float] = {}
    found: list[RangeChange] = []
    for step in sorted(by_step):
        known |= by_step[step]
        limits = range_of(known.values())
        if not found or repr(found[-1].range) != repr(limits):  # 0.0 differs from -0.0
            found.append(RangeChange(step, limits))
    return found


class BoxRanges:
    """The ranges of a box at every step: of its outputs, and of the leaves in it."""

    def __init__(self, playback: Playback, box: ShownBox) -> None:
        outputs, nodes = ([playback.nodes[i] for i in which] for which in (box.outputs, box.nodes))
        leaves = [] if box.kind == "array" else [v for v in nodes if v.op is None]
        self.box = box
        self.operations = sum(bool(v.parents) for v in nodes)
        self.leaves = len(leaves)
        """The number of leaves in it, other than the outputs of an array."""
        self.data = changes(outputs, playback.data)
        self.grads = changes([v for v in outputs if v.op != "const"], playback.grads)
        self.leaf_data = changes(leaves, playback.data)
        self.leaf_grads = changes(leaves, playback.grads)

    def widest(self, written: Callable[[float], str]) -> list[str]:
        """Return the widest texts of data and gradient."""
        texts = [[c.range.text(written) for c in some] for some in (self.data, self.grads)]
        return [max(some, key=display_width, default="–") for some in texts]

    def as_data(self, place: Callable[[float], int]) -> dict[str, Any]:
        """Return the data of the box, given the places of numbers' texts."""
        box = self.box
        leaves = {
            "count": self.leaves,
            "data": _placed(self.leaf_data, place),
            "grads": _placed(self.leaf_grads, place),
        }
        return {
            "at": box.id,
            "kind": "box",
            "label": box_name(box),
            "name": "",
            "nodes": len(box.nodes),
            "operations": self.operations,
            "outputs": len(box.outputs),
            "formula": readable(box.formula),
            "data": _placed(self.data, place),
            "grads": _placed(self.grads, place),
            "leaves": leaves if self.leaves else None,
        }


def box_name(box: ShownBox) -> str:
    """Return the name of a box in a sentence.

    >>> from autograd import Graph, Value
    >>> from viz.selection.folding import folded
    >>> from viz.snapshot.take import take
    >>> x = [Value(float(i), f"x[{i}]") for i in range(9)]
    >>> graph = Graph(sum(x))
    >>> [box_name(box) for box in take(graph, folded(graph, 4)).boxes]
    ['0 + Σ x', 'x [9]']
    """
    name = shorten(readable(".".join((*box.scope, box.title))[: 2 * _LABEL]), _LABEL)
    if box.kind == "array":
        return f"{name} [{len(box.nodes):,}]"
    if box.title:
        return f"{name} × {box.copies:,}" if box.kind == "alike" else name
    return readable(box.formula) or f"a box of {len(box.nodes):,} nodes"


def _placed(ranges: Sequence[RangeChange], place: Callable[[float], int]) -> list[list[int]]:
    """Each change as [step, low, high, count that is not finite], -1 for no number."""
    return [
        [step, *(-1 if x is None else place(x) for x in limits[:2]), limits.bad]
        for step, limits in ranges
    ]
