"""The size of a picture, which decides by counts how it is laid out, if at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

_End = TypeVar("_End")


class Size(NamedTuple):
    """The counts that the time of a layout grows with."""

    boxes: int
    """The number of nodes and boxes."""
    reach: int
    """The number of layers that the arrows cross in all."""


def reach(arrows: Iterable[tuple[_End, _End]], place: Callable[[_End], int]) -> int:
    """Count the layers that arrows cross in all.

    Args:
        arrows: the start and the end of each.
        place: the place of an end in topological order.

    >>> reach([("x", "y"), ("y", "z"), ("x", "z")], "xyz".index)
    4
    """
    backward = sorted(arrows, key=lambda arrow: place(arrow[1]), reverse=True)
    layer: Counter[_End] = Counter()  # counted from the outputs
    for start, end in backward:
        layer[start] = max(layer[start], layer[end] + 1)
    return sum(layer[start] - layer[end] for start, end in backward)
