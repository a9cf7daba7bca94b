"""The data of a player's page about a box that stands for several nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.page.box_ranges import BoxRanges, RangeChange
from viz.snapshot.snapshot import ShownBox

_LABEL = 60


def box_data(
    box: ShownBox, operations: int, ranges: BoxRanges, place: Callable[[float], int]
) -> dict[str, Any]:
    """Return the data of a box.

    Args:
        box: the nodes that are drawn as one.
        operations: the number of operations among them.
        ranges: their numbers at every step.
        place: returns the place of a number's texts.
    """
    leaves = {
        "count": ranges.leaves,
        "data": _placed(ranges.leaf_data, place),
        "grads": _placed(ranges.leaf_grads, place),
    }
    return {
        "kind": "box",
        "label": box_name(box),
        "name": "",
        "nodes": len(box.nodes),
        "operations": operations,
        "outputs": len(box.outputs),
        "formula": readable(box.formula),
        "data": _placed(ranges.data, place),
        "grads": _placed(ranges.grads, place),
        "leaves": leaves if ranges.leaves else None,
        "parents": [],
        "arrows": [],
        "locals": [],
    }


def box_name(box: ShownBox) -> str:
    """Return the name of a box in a sentence.

    >>> from autograd import Graph, Value
    >>> from viz.appearance.options import Options
    >>> from viz.selection.folding import folded
    >>> from viz.snapshot.take import take
    >>> x = [Value(float(i), f"x[{i}]") for i in range(9)]
    >>> graph = Graph(sum(x))
    >>> [box_name(box) for box in take(graph, folded(graph, 4), Options()).boxes]
    ['0 + Σ x', 'x [9]']
    """
    name = shorten(readable(".".join((*box.scope, box.title))[: 2 * _LABEL]), _LABEL)
    if box.kind == "array":
        return f"{name} [{len(box.nodes):,}]"
    if box.title:
        return f"{name} × {box.copies:,}" if box.kind == "alike" else name
    written = readable(box.formula)
    return written or f"a box of {len(box.nodes):,} nodes"


def _placed(changes: Sequence[RangeChange], place: Callable[[float], int]) -> list[list[int]]:
    """Each change as [step, low, high, count that is not finite], -1 for no number."""
    return [
        [step, *(-1 if x is None else place(x) for x in limits[:2]), limits.bad]
        for step, limits in changes
    ]
