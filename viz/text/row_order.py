"""The order of the rows of a drawing: operands before the nodes that use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd import Value
from viz.content.plan import Plan
from viz.selection.elements import ArrowEnd, PictureArrow


def ordered(plan: Plan) -> dict[ArrowEnd, list[PictureArrow]]:
    """Return the nodes, boxes and stubs of a plan in order, each with the arrows to it.

    The order is depth-first from the ends that nothing uses, operands from left to right; but a
    leaf comes just before its first use, so that its line is short. The arrows to a node are in the
    order of its slots. Where boxes use each other in a circle, some arrow leads up.

    >>> from autograd import Graph
    >>> from viz.content.plan import plan
    >>> from viz.appearance.numbers import OWN
    >>> y = Value(0.5, "half") * Value(2.0, "x").exp()
    >>> [v.name or v.op for v in ordered(plan(Graph(y), 60, ".4g", [], 2, OWN))]
    ['x', 'exp', 'half', 'mul']
    """
    place = _places(plan)
    incoming: dict[ArrowEnd, list[PictureArrow]] = {
        end: [] for end in sorted(place, key=place.__getitem__)
    }
    for arrow in plan.selection.arrows:
        incoming[arrow.end].append(arrow)
    for end, arrows in incoming.items():
        if isinstance(end, Value):
            arrows.sort(key=lambda arrow: arrow.edges[0].slot)
    used = {arrow.start for arrow in plan.selection.arrows}
    sinks = [end for end in incoming if end not in used]
    order = dict.fromkeys(_with_leaves(_depth_first([*sinks, *incoming], incoming), incoming))
    return {end: incoming[end] for end in order}


def _places(plan: Plan) -> dict[ArrowEnd, int]:
    """Number the nodes, boxes and stubs topologically, a box by its last node."""
    index, selection = plan.graph.index, plan.selection
    place: dict[ArrowEnd, int] = {v: 2 * index[v] for v in selection.shown}
    place |= {box: 2 * index[box.nodes[-1]] for box in selection.folds}
    for stub in selection.stubs:
        place[stub] = 2 * index[stub.at] + (1 if stub.side == "consumers" else -1)
    return place


def _depth_first(
    roots: Sequence[ArrowEnd], incoming: Mapping[ArrowEnd, Sequence[PictureArrow]]
) -> list[ArrowEnd]:
    """Return the roots and all that they depend on, dependencies first."""
    order: list[ArrowEnd] = []
    visited: set[ArrowEnd] = set()
    for root in roots:
        if root in visited:
            continue
        visited.add(root)
        path = [(root, iter(incoming[root]))]
        while path:
            end, arrows = path[-1]
            start = next((a.start for a in arrows if a.start not in visited), None)
            if start is None:
                order.append(end)
                path.pop()
            else:
                visited.add(start)
                path.append((start, iter(incoming[start])))
    return order


def _with_leaves(
    order: Sequence[ArrowEnd], incoming: Mapping[ArrowEnd, Sequence[PictureArrow]]
) -> list[ArrowEnd]:
    """Put leaves before each of their uses, of which the first counts."""
    used = {arrow.start for arrows in incoming.values() for arrow in arrows}
    moved: list[ArrowEnd] = []
    for end in order:
        moved += [arrow.start for arrow in incoming[end] if not incoming[arrow.start]]
        if incoming[end] or end not in used:
            moved.append(end)
    return moved
