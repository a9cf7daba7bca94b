"""Folding of a large graph into boxes: sums, arrays, neurons, layers, similar parts.

`folded` tries the foldings of `FoldableParts.ladder` until the picture fits. No edge between two
boxes is lost: one arrow stands for all of them, so that skip connections stay visible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from autograd import Edge, Graph, Value
from viz.selection.chains import sums_and_chains
from viz.selection.elements import BY_MEANING, BoxKey, FoldedBox, FoldOptions, Kind, PictureArrow
from viz.selection.foldable import FoldableParts
from viz.selection.frames import common, scope_of, split_name
from viz.selection.nearest import Selection
from viz.selection.partition import Folding, keyed
from viz.selection.wiring import Ints, Mask, combined, equals


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
    if given is None and len(graph) <= limit:
        return None
    kept = given or parts.nothing
    for folding in chain([] if given is None else [given], parts.ladder(limit)):
        best = parts.opened(kept.over(folding), opened, limit)
        if best.drawn <= limit:
            return _selection(parts, best)
    return _selection(parts, best) if opened or given else None


def shortened(graph: Graph) -> Selection:
    """Fold the sums and the chains of a graph, so that it has fewer layers.

    >>> y = 1 / (1 + (-Value(0.5, "z")).exp())
    >>> [len(box.nodes) for box in shortened(Graph(y)).folds]
    [6]
    """
    parts = FoldableParts(graph)
    return _selection(parts, sums_and_chains(parts))


def _given(parts: FoldableParts, how: FoldOptions) -> Folding | None:
    """The boxes that the user asked for; None for none."""
    if how.by is not None:
        chosen = keyed(_chosen(how.by, v) for v in parts.graph.nodes)
        return chosen if chosen.is_folded.any() else None
    if how.scopes:
        return parts.of([scope_of(path) for path in how.scopes])
    if how.depth is None:
        return None
    if how.depth > parts.depth:
        raise ValueError(f"no scope is {how.depth} deep: the deepest are {parts.depth}")
    return parts.at_depth(how.depth)


def _chosen(by: Callable[[Value], str | int | None], v: Value) -> BoxKey | None:
    name = by(v)
    if name is not None and not isinstance(name, str | int):
        raise TypeError(
            f"fold gave {name!r} for {v!r}: the name of a box is a string or a whole number, "
            "None is for no box"
        )
    return None if name is None else ("chosen", name)


def _selection(parts: FoldableParts, folding: Folding) -> Selection:
    graph, (box, keys) = parts.graph, folding.without_singles()
    edges = parts.wiring.edges
    used = np.zeros(len(box), dtype=bool)
    used[edges.start[(box[edges.start] != box[edges.end])]] = True
    used[parts.outputs] = True
    folded_nodes = np.flatnonzero(box >= 0)
    members = [folded_nodes[places] for places in equals(box[folded_nodes])]
    folds = [_fold(parts, keys[box[inside[0]]], inside, used) for inside in members]
    via = {v: fold for fold in folds for v in fold.nodes}
    shown = [graph.nodes[i] for i in np.flatnonzero(box < 0).tolist()]
    scopes = dict(
        zip(graph.nodes, map(parts.scopes.__getitem__, parts.scope.tolist()), strict=True)
    )
    arrows = _arrows(parts, members, folds)
    return Selection(shown, graph.nodes, via, arrows, folds=folds, scopes=scopes)


def _arrows(
    parts: FoldableParts, members: Sequence[Ints], folds: Sequence[FoldedBox]
) -> list[PictureArrow]:
    """The arrows between boxes and nodes; all edges between a box and another end share one."""
    nodes, count = parts.graph.nodes, len(parts.graph)
    end_of = np.arange(count)
    for i, inside in enumerate(members):
        end_of[inside] = count + i
    edges = parts.wiring.edges
    edges = edges.where(end_of[edges.start] != end_of[edges.end])
    start, end = end_of[edges.start], end_of[edges.end]
    is_single = (start < count) & (end < count)
    order = np.argsort(~is_single, kind="stable")  # single edges come first
    start, end, is_single = start[order], end[order], is_single[order]
    key = np.where(is_single, np.arange(len(order)), len(order) + combined(start, end))
    ends: list[Value | FoldedBox] = [*nodes, *folds]
    arrows = []
    for places in equals(key):
        between = (column[order[places]].tolist() for column in edges)
        bundle = [Edge(nodes[p], nodes[v], slot) for p, v, slot in zip(*between, strict=True)]
        arrows.append(PictureArrow(ends[start[places[0]]], ends[end[places[0]]], bundle))
    return arrows


def _fold(parts: FoldableParts, key: BoxKey, inside: Ints, used: Mask) -> FoldedBox:
    kind: Kind = key[0]
    nodes = tuple([parts.graph.nodes[i] for i in inside.tolist()])
    outputs = tuple([parts.graph.nodes[i] for i in inside[used[inside]].tolist()])
    scope = parts.scopes[parts.scope[inside[-1]]]
    if kind == "scope":
        return FoldedBox(kind, key[1][-1], nodes, outputs, key[1][:-1])
    scopes = [parts.scopes[i] for i in set(parts.scope[inside].tolist())]
    if kind == "alike":
        copies = {path[: len(key[3])] for path in scopes}
        return FoldedBox(kind, key[2], nodes, outputs, key[1], len(copies))
    if kind == "array":
        return FoldedBox(kind, split_name(key[3])[1], nodes, outputs, scope)
    if kind in ("sum", "chain"):
        return FoldedBox(kind, split_name(nodes[-1].name or "")[1], nodes, outputs, scope)
    title = str(key[1]) if kind == "chosen" else key[1].short if key[1] is not None else ""
    return FoldedBox(kind, title, nodes, outputs, common(scopes))
