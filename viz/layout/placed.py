"""Where the parts of a picture lie that `layering.py` laid out: x to the right, y downward."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from viz.layout.along import Point, Rectangle
from viz.layout.layering import Layout, layout
from viz.layout.measure import Size
from viz.layout.sketch import Sketch

_HEAD = 6  # the length of an arrow's head: 10, as Graphviz has it, times its arrowsize, 0.6
_LINE = 15  # from the top of a label to the arrow below its first line
_SPREAD = 2  # how far the lines of plain labels lie from where they were
_INSET = 4  # from the border of a frame to its label
_MOST_MARKED_UP = 5000


class Way(NamedTuple):
    """Where an arrow leads."""

    curves: list[Point]
    """The points of Bézier curves, of which every other one is a line."""
    tip: Point
    label: Point
    """The middle of its label."""


class Placed:
    """A picture and its layout.

    >>> from viz.layout.sketch import sketch
    >>> found = Placed(sketch('''digraph chainrule {
    ...   n0 [label="x"]
    ...   n1 [label="y"]
    ...   n0 -> n1 [id="e0"]
    ... }'''))
    >>> found.box(0), found.box(1), found.way(0).tip
    ((10, 0), (78, 0), (68, 0))
    """

    def __init__(self, sketch: Sketch) -> None:
        self.sketch = sketch
        self.layout: Layout = layout(sketch)
        self.marked_up = len(sketch.boxes) <= _MOST_MARKED_UP
        """Whether labels have colours and bold letters: for many thousands, that is slow."""

    @property
    def framed(self) -> bool:
        """Whether the picture has all its frames."""
        return None not in self.layout.frames[1:]

    @property
    def size(self) -> Size:
        """How large the picture is, but for its title."""
        return Size(*self._turned(self.layout.size))

    def _turned(self, point: Point) -> Point:
        along, across = point
        return (along, across) if self.sketch.flat else (across, along)

    def box(self, i: int) -> Point:
        """The middle of a box."""
        return self._turned(self.layout.boxes[i])

    def frame(self, i: int) -> tuple[Rectangle, Point] | None:
        """The upper left and the lower right corner of a frame, and the middle of its label."""
        border = self.layout.frames[i]
        if border is None:
            return None
        low, high = map(self._turned, border)
        label = self.sketch.frames[i].label
        middle = (low[0] + _INSET + label.width // 2, low[1] + label.height // 2)
        return Rectangle(low, high), middle

    def way(self, i: int) -> Way | None:
        """Where an arrow leads; None for one from a box to itself."""
        route, link = self.layout.routes[i], self.sketch.links[i]
        if route is None:
            return None
        label = self._label(i)
        points, head_first = list(route.points), route.turned != link.backward
        tip = points[0 if head_first else -1]
        if head_first:
            points[0] = (tip[0] + _HEAD, tip[1])
        else:
            points[-1] = (tip[0] - _HEAD, tip[1])
        curves = [self._turned(point) for point in _curves(points)]
        return Way(curves[::-1] if route.turned else curves, self._turned(tip), label)

    def _label(self, i: int) -> Point:
        """Where the last bend ends: a line above the arrow, or on the side where its end lies."""
        route, link = self.layout.routes[i], self.sketch.links[i]
        assert route is not None
        along, across = route.points[-2]
        wide, high = link.label
        if self.sketch.flat:
            above = _LINE if self.marked_up else _LINE + _SPREAD
            return along + wide // 2, across - above + high // 2
        box = link.start if route.turned else link.end
        is_right = route.points[-1][1] > self.layout.boxes[box][1]
        return across + (wide // 2 if is_right else -wide // 2), along + high // 2


def _curves(points: list[Point]) -> Iterator[Point]:
    yield points[0]
    for i, (one, other) in enumerate(pairwise(points)):
        if i % 2:
            half = (one[0] + other[0]) // 2
            yield from ((half, one[1]), (half, other[1]), other)
        else:
            yield from (one, other, other)
