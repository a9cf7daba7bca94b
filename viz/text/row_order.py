"""The order of the rows of a drawing: operands before the nodes that use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from viz.snapshot.snapshot import End, ShownArrow, ShownNode, Snapshot


def ordered(snapshot: Snapshot) -> dict[End, list[ShownArrow]]:
    """Return the nodes, boxes and stubs of a snapshot in order, each with the arrows to it.

    The order is depth-first from the ends that nothing uses, operands from left to right; but a
    leaf comes just before its first use, so that its line is short. The arrows to a node are in the
    order of its slots. Where boxes use each other in a circle, some arrow leads up.

    >>> from autograd import Graph, Value
    >>> from viz.snapshot.take import take
    >>> graph = Graph(Value(0.5, "half") * Value(2.0, "x").exp())
    >>> [v.name or v.op for v in ordered(take(graph))]
    ['x', 'exp', 'half', 'mul']
    """
    ends: tuple[End, ...] = (*snapshot.nodes, *snapshot.boxes, *snapshot.stubs)
    places = sorted(ends, key=lambda end: end.place)
    incoming: dict[End, list[ShownArrow]] = {end: [] for end in places}
    for arrow in snapshot.arrows:
        incoming[arrow.end].append(arrow)
    for end, arrows in incoming.items():
        if isinstance(end, ShownNode):
            arrows.sort(key=lambda arrow: arrow.slot)
    used = {arrow.start for arrow in snapshot.arrows}
    sinks = [end for end in incoming if end not in used]
    order = dict.fromkeys(_with_leaves(_depth_first([*sinks, *incoming], incoming), incoming))
    return {end: incoming[end] for end in order}


def _depth_first(roots: Sequence[End], incoming: Mapping[End, Sequence[ShownArrow]]) -> list[End]:
    """Return the roots and all that they depend on, dependencies first."""
    order: list[End] = []
    visited: set[End] = set()
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


def _with_leaves(order: Sequence[End], incoming: Mapping[End, Sequence[ShownArrow]]) -> list[End]:
    """Put leaves before each of their uses, of which the first counts."""
    used = {arrow.start for arrows in incoming.values() for arrow in arrows}
    moved: list[End] = []
    for end in order:
        moved += [arrow.start for arrow in incoming[end] if not incoming[arrow.start]]
        if incoming[end] or end not in used:
            moved.append(end)
    return moved
