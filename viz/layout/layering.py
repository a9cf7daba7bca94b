"""A layout of our own for pictures that are too large for `dot`: one of few steps, each quick.

Boxes lie in layers (`ranks.py`). Each frame is laid out on its own (`placing.py`), the inner
before the outer, where it is an item as a box is. Arrows bend in the gaps between layers, and long
ones run through the layers on tracks, so that none crosses a box. The time grows with the boxes,
the arrows and the layers that tracks and frames cross; both are left out where that is too much.

Points are along the layers, then across them: x and y where arrows go from left to right.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from viz.layout.across import Across, Layers
from viz.layout.along import Along, Point, Rectangle, Route
from viz.layout.sketch import ROOT, Sketch

_MOST_CROSSED = 2_000_000  # layers, by all frames together


class Layout(NamedTuple):
    """Where everything lies."""

    boxes: list[Point]
    """The middle of each box."""
    frames: list[Rectangle | None]
    """None for the whole picture and for a frame in which there is nothing."""
    routes: list[Route | None]
    """None for an arrow from a box to itself."""
    size: Point
    """How far it reaches along the layers and across them."""


def layout(sketch: Sketch) -> Layout:
    """Lay a picture out.

    >>> from viz.layout.sketch import sketch
    >>> found = layout(sketch('''digraph chainrule {
    ...   n0 [label="x"]
    ...   n1 [label="y"]
    ...   n0 -> n1 [id="e0"]
    ... }'''))
    >>> [x for x, y in found.boxes], [y for x, y in found.boxes]
    ([10, 78], [0, 0])
    """
    plan = Layers(sketch)
    if sum(last - first for first, last in plan.spans[plan.first_frame :]) > _MOST_CROSSED:
        boxes = [box._replace(frame=ROOT) for box in sketch.boxes]
        plan = Layers(replace(sketch, boxes=boxes))
    across = Across(plan)
    along = Along(plan, across)
    return Layout(
        [(along.middle[plan.layer[i]], across.middle[i]) for i in range(len(sketch.boxes))],
        [None, *(along.frame(i, across) for i in range(1, len(sketch.frames)))],
        [along.route(i, across) for i in range(len(sketch.links))],
        (along.left[-1] + along.width[-1], across.size[plan.first_frame]),
    )
