"""Folding of a large graph into boxes: sums, arrays, neurons, layers, similar parts.

`folded` tries foldings, each coarser than the one before, until the picture fits. A box gives the
number of its nodes, and a part can be kept open (`expand`). No edge between two boxes is lost: one
arrow stands for all of them and gives their number, so that skip connections and shared weights
stay visible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from autograd import Edge, Graph, Value
from viz.selection.elements import (
    BY_MEANING,
    BoxKey,
    FoldedBox,
    Folding,
    FoldOptions,
    Kind,
    PictureArrow,
)
from viz.selection.foldable import FoldableParts
from viz.selection.frames import Scope, scope_of, split_name
from viz.selection.nearest import Selection


def folded(graph: Graph, limit: int, how: FoldOptions = BY_MEANING) -> Selection | None:
    """Fold a graph until at most `limit` nodes and boxes are drawn; None if that is not possible.

    Raises ValueError for a scope that does not exist.

    >>> x = [Value(float(i), f"x[{i}]") for i in range(9)]
    >>> y = x[0] + x[1] + x[2] + x[3] + x[4] + x[5] + x[6] + x[7] + x[8]
    >>> chosen = folded(Graph(y), limit=5)
    >>> [(box.kind, box.title, len(box.nodes)) for box in chosen.folds]
    [('array', 'x', 9), ('sum', '', 8)]
    """
    parts = FoldableParts(graph)
    opened = [scope_of(path) for path in how.expand]
    parts.check(opened, "expand")
    given = _given(parts, how)
    if not given and len(graph) <= limit:
        return None
    for keys in chain([{}] if given else [], parts.ladder(limit)):
        rest = {v: key for v, key in keys.items() if v not in given}
        best = parts.opened(rest | given, opened, limit)
        if parts.count_drawn(best) <= limit:
            return _selection(parts, best)
    return _selection(parts, best) if opened or given else None


def _given(parts: FoldableParts, how: FoldOptions) -> Folding:
    """The boxes that the user asked for."""
    if how.by is not None:
        return _chosen(parts.graph, how.by)
    if how.scopes:
        return parts.of([scope_of(path) for path in how.scopes])
    if how.depth is None:
        return {}
    if how.depth > parts.depth:
        raise ValueError(f"no scope is {how.depth} deep: the deepest are {parts.depth}")
    return parts.at_depth(how.depth)


def _chosen(graph: Graph, by: Callable[[Value], str | int | None]) -> Folding:
    """The boxes named by a function of the user."""
    folding: Folding = {}
    for v in graph.nodes:
        name = by(v)
        if name is None:
            continue
        if not isinstance(name, str | int):
            raise TypeError(
                f"fold gave {name!r} for {v!r}: the name of a box is a string or a whole number, "
                "None is for no box"
            )
        folding[v] = ("chosen", name)
    return folding


def _selection(parts: FoldableParts, keys: Folding) -> Selection:
    """Select the boxes of a folding, and the nodes that are in none."""
    inside: dict[BoxKey, list[Value]] = {}
    for v in parts.graph.nodes:
        if v in keys:
            inside.setdefault(keys[v], []).append(v)
    used = _used_outside(parts.graph, keys)
    box: dict[Value, FoldedBox] = {}
    for key, nodes in inside.items():
        if len(nodes) > 1:
            box |= dict.fromkeys(nodes, _fold(parts, key, nodes, used))
    shown = [v for v in parts.graph.nodes if v not in box]
    folds = list(dict.fromkeys(box[v] for v in parts.graph.nodes if v in box))
    return Selection(
        shown, parts.graph.nodes, box, _arrows(parts.graph, box), folds=folds, scopes=parts.scope
    )


def _arrows(graph: Graph, box: Mapping[Value, FoldedBox]) -> list[PictureArrow]:
    """The arrows between boxes and nodes; all edges between a box and another end share one."""
    single: list[PictureArrow] = []
    gathered: dict[tuple[Value | FoldedBox, Value | FoldedBox], list[Edge]] = {}
    for edge in graph.edges:
        start, end = (box.get(v, v) for v in edge[:2])
        if start is end:
            continue
        if isinstance(start, FoldedBox) or isinstance(end, FoldedBox):
            gathered.setdefault((start, end), []).append(edge)
        else:
            single.append(PictureArrow(start, end, [edge]))
    return single + [PictureArrow(*ends, edges) for ends, edges in gathered.items()]


def _used_outside(graph: Graph, keys: Folding) -> set[Value]:
    used = set(graph.outputs)
    for v in graph.nodes:
        used.update(p for p in v.parents if keys.get(p, p) != keys.get(v, v))
    return used


def _fold(parts: FoldableParts, key: BoxKey, nodes: list[Value], used: set[Value]) -> FoldedBox:
    assert isinstance(key, tuple)
    kind: Kind = key[0]
    outputs = tuple([v for v in nodes if v in used])
    scope = parts.scope[nodes[-1]]
    if kind == "scope":
        return FoldedBox(kind, key[1][-1], tuple(nodes), outputs, key[1][:-1])
    if kind == "alike":
        members = {parts.scope[v][: len(key[3])] for v in nodes}
        return FoldedBox(kind, key[2], tuple(nodes), outputs, key[1], len(members))
    if kind == "array":
        return FoldedBox(kind, split_name(key[3])[1], tuple(nodes), outputs, scope)
    if kind == "sum":
        title = split_name(nodes[-1].name or "")[1]
        return FoldedBox(kind, title, tuple(nodes), outputs, scope)
    title = str(key[1]) if kind == "chosen" else key[1].short if key[1] is not None else ""
    return FoldedBox(kind, title, tuple(nodes), outputs, _common(parts, nodes))


def _common(parts: FoldableParts, nodes: Iterable[Value]) -> Scope:
    """The innermost scope that contains all of the nodes."""
    paths = [parts.scope[v] for v in nodes]
    shortest = min(paths, key=len)
    agree = 0
    while agree < len(shortest) and len({path[agree] for path in paths}) == 1:
        agree += 1
    return shortest[:agree]
