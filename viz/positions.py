"""DOT text with the positions of a layout in it, for `neato -n2`, which keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from viz.layering import Layout, Point, layout
from viz.measure import Size, without_markup
from viz.sketch import ROOT, Line, Sketch

_INCH = 72
_HEAD = 6  # the length of an arrow's head: 10, as Graphviz has it, times its arrowsize, 0.6
_LINE = 15  # from the top of a label to the arrow below its first line
_SPREAD = 2  # how far those of plain labels lie from where they were
_INSET = 4  # from the border of a frame to its label
_MOST_MARKED_UP = 5000
"""Where there are more boxes, labels lose colours and bold letters: engines are slow at these."""


class Positioned(NamedTuple):
    """A picture of which the engine need not find the layout."""

    lines: list[Line]
    """Its text."""
    size: Size
    """How large it is, but for its title."""
    framed: bool
    """Whether it has all its frames."""
    marked_up: bool
    """Whether it has labels as in smaller pictures."""


def positioned(read: Sketch) -> Positioned:
    """The same picture, laid out by `viz.layering`.

    Args:
        read: a text of `viz.dot` or `viz.difference`, as `viz.sketch` reads it.

    >>> from viz.sketch import sketch
    >>> dot = '''digraph chainrule {
    ...   n0 [label="x"]
    ...   n1 [label="y"]
    ...   n0 -> n1 [id="e0"]
    ... }'''
    >>> for line in positioned(sketch(dot)).lines:
    ...     print(line.text)
    digraph chainrule {
      n0 [pos="10,0", width="0.2778", height="0.2917", label="x"]
      n1 [pos="78,0", width="0.2778", height="0.2917", label="y"]
      n0 -> n1 [pos="e,68,0 20,0 20,0 29,0 29,0 44,0 44,0 59,0 59,0 62,0 62,0", lp="59,15", id="e0"]
    }
    """
    found, marked_up = layout(read), len(read.boxes) <= _MOST_MARKED_UP
    lines = list(_Writer(read, found, marked_up).lines())
    low, high = found.size
    size = Size(low, high) if read.flat else Size(high, low)
    return Positioned(lines, size, None not in found.frames[1:], marked_up)


class _Writer:
    """Writes positions into the lines of a DOT text, in their order."""

    def __init__(self, sketch: Sketch, found: Layout, marked_up: bool) -> None:
        self.sketch, self.found, self.marked_up = sketch, found, marked_up

    def lines(self) -> Iterator[Line]:
        """The lines, with positions; without the frames that have none."""
        for line in self.sketch.lines:
            text, said, i = line
            where = ""
            if said.kind == "box":
                where = self._box(i)
            elif said.kind == "link":
                where = self._link(i)
            elif said.kind and i != ROOT:
                if self.found.frames[i] is None:
                    continue
                where = self._frame(i) if said.kind == "graph" else ""
            if where and not self.marked_up:
                text = without_markup(text)
            yield Line(f"{text[: said.place]}{where}{text[said.place :]}", said, i)

    def _xy(self, point: Point) -> Point:
        """The point as Graphviz has it: x to the right, y upward."""
        along, across = point
        return (along, -across) if self.sketch.flat else (across, -along)

    def _box(self, i: int) -> str:
        size, at = self.sketch.boxes[i].size, _pair(self._xy(self.found.boxes[i]))
        return f'pos="{at}", width="{size.width / _INCH:.4f}", height="{size.height / _INCH:.4f}", '

    def _frame(self, i: int) -> str:
        border = self.found.frames[i]
        if border is None:
            return ""
        (x, y), (right, above) = map(self._xy, border)
        left, right, low, high = min(x, right), max(x, right), min(y, above), max(y, above)
        label = self.sketch.frames[i].label
        at = (left + _INSET + label.width // 2, high - label.height // 2)
        return f'bb="{left},{low},{right},{high}", lp="{_pair(at)}", '

    def _link(self, i: int) -> str:
        route = self.found.routes[i]
        if route is None:
            return ""
        link = self.sketch.links[i]
        end = link.start if route.turned else link.end
        points, head_first = list(route.points), route.turned != link.backward
        aside = points[-1][1] - self.found.boxes[end][1]
        label = _label_at(points, link.label, self.sketch.flat, aside)
        if not self.marked_up:  # the lines of plain labels are further from each other
            label = (label[0], label[1] - _SPREAD)
        tip = points[0 if head_first else -1]
        if head_first:
            points[0] = (tip[0] + _HEAD, tip[1])
        else:
            points[-1] = (tip[0] - _HEAD, tip[1])
        way = list(_spline(points))
        text = " ".join(_pair(self._xy(p)) for p in (reversed(way) if route.turned else way))
        side = "s" if link.backward else "e"
        return f'pos="{side},{_pair(self._xy(tip))} {text}", lp="{_pair(self._xy(label))}", '


def _pair(point: Iterable[int]) -> str:
    return "{},{}".format(*point)


def _spline(points: list[Point]) -> Iterator[Point]:
    """The points of Bézier curves, of which every other one is a line."""
    yield points[0]
    for i, (one, other) in enumerate(pairwise(points)):
        if i % 2:
            half = (one[0] + other[0]) // 2
            yield from ((half, one[1]), (half, other[1]), other)
        else:
            yield from (one, other, other)


def _label_at(points: list[Point], label: Size, flat: bool, aside: int) -> Point:
    """Where the last bend ends: with a line above the arrow, or on the side where its end lies."""
    along, across = points[-2]
    if flat:
        return along + label.width // 2, across - _LINE + label.height // 2
    room = label.width // 2
    return along + label.height // 2, across + (room if aside > 0 else -room)
