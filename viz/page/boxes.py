"""The data of a player's page about a box that stands for several nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.content.formulas import formula
from viz.page.box_ranges import BoxRanges, RangeChange
from viz.selection.elements import FoldedBox

_LABEL = 60


def box_data(box: FoldedBox, ranges: BoxRanges, place: Callable[[float], int]) -> dict[str, Any]:
    """Return the data of a box.

    Args:
        box: the nodes that are drawn as one.
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
        "operations": sum(bool(v.parents) for v in box.nodes),
        "outputs": len(box.outputs),
        "formula": readable(formula(box)),
        "data": _placed(ranges.data, place),
        "grads": _placed(ranges.grads, place),
        "leaves": leaves if ranges.leaves else None,
        "parents": [],
        "arrows": [],
        "locals": [],
    }


def box_name(box: FoldedBox) -> str:
    """Return the name of a box in a sentence.

    >>> from autograd import Graph, Value
    >>> from viz.selection.folding import folded
    >>> x = [Value(float(i), f"x[{i}]") for i in range(9)]
    >>> [box_name(box) for box in folded(Graph(sum(x)), limit=4).folds]
    ['0 + Σ x', 'x [9]']
    """
    name = shorten(readable(".".join((*box.scope, box.title))[: 2 * _LABEL]), _LABEL)
    if box.kind == "array":
        return f"{name} [{len(box.nodes):,}]"
    if box.title:
        return f"{name} × {box.copies:,}" if box.kind == "alike" else name
    written = readable(formula(box))
    return written or f"a box of {len(box.nodes):,} nodes"


def _placed(changes: Sequence[RangeChange], place: Callable[[float], int]) -> list[list[int]]:
    """Each change as [step, low, high, count that is not finite], -1 for no number."""
    return [
        [step, *(-1 if x is None else place(x) for x in limits[:2]), limits.bad]
        for step, limits in changes
    ]
