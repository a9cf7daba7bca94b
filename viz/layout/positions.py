"""DOT text with the positions of a layout in it, for `neato -n2`, which keeps them."""

from __future__ import annotations

from collections.abc import Iterator

from viz.layout.along import Point
from viz.layout.measure import without_markup
from viz.layout.placed import Placed
from viz.layout.sketch import ROOT

_INCH = 72


def positioned(placed: Placed) -> str:
    """The text of a picture with its layout.

    >>> from viz.layout.sketch import sketch
    >>> dot = '''digraph chainrule {
    ...   n0 [label="x"]
    ...   n1 [label="y"]
    ...   n0 -> n1 [id="e0"]
    ... }'''
    >>> print(positioned(Placed(sketch(dot))))
    digraph chainrule {
      n0 [pos="10,0", width="0.2778", height="0.2917", label="x"]
      n1 [pos="78,0", width="0.2778", height="0.2917", label="y"]
      n0 -> n1 [pos="e,68,0 20,0 20,0 29,0 29,0 44,0 44,0 59,0 59,0 62,0 62,0", lp="59,15", id="e0"]
    }
    """
    return "\n".join(_lines(placed))


def _lines(placed: Placed) -> Iterator[str]:
    """The lines; without the frames that have no place."""
    for text, said, i in placed.sketch.lines:
        where = ""
        if said.kind == "box":
            where = _box(placed, i)
        elif said.kind == "link":
            where = _link(placed, i)
        elif said.kind and i != ROOT:
            if placed.layout.frames[i] is None:
                continue
            where = _frame(placed, i) if said.kind == "graph" else ""
        line = without_markup(text) if where and not placed.marked_up else text
        yield f"{line[: said.place]}{where}{line[said.place :]}"


def _box(placed: Placed, i: int) -> str:
    width, height = (f"{side / _INCH:.4f}" for side in placed.sketch.boxes[i].size)
    return f'pos="{_pair(placed.box(i))}", width="{width}", height="{height}", '


def _frame(placed: Placed, i: int) -> str:
    found = placed.frame(i)
    if found is None:
        return ""
    ((left, top), (right, bottom)), label = found
    return f'bb="{left},{-bottom},{right},{-top}", lp="{_pair(label)}", '


def _link(placed: Placed, i: int) -> str:
    way = placed.way(i)
    if way is None:
        return ""
    side = "s" if placed.sketch.links[i].backward else "e"
    curves = " ".join(map(_pair, way.curves))
    return f'pos="{side},{_pair(way.tip)} {curves}", lp="{_pair(way.label)}", '


def _pair(point: Point) -> str:
    """The point as Graphviz has it: y grows upward."""
    return f"{point[0]},{-point[1]}"
