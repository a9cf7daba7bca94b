"""Which nodes of a graph are drawn: those nearest to the outputs, or those around some node.

What is left out is gathered in stubs. Each node left out counts for one stub alone, so the counts
of the stubs and the nodes drawn add up to the graph.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from autograd import Edge, Graph, Value
from viz.selection.elements import FoldedBox, PictureArrow, Stub
from viz.selection.frames import Scope
from viz.selection.neighbours import Links

_CONTEXT = 20_000  # so many nodes are looked at for frames


@dataclass(frozen=True)
class Selection:
    """What is drawn of a graph, and what stands for the rest."""

    shown: list[Value]
    """The nodes drawn, in topological order."""
    near: list[Value]
    """These and the nodes around them, in topological order: enough to tell their frames."""
    via: Mapping[Value, Stub | FoldedBox]
    """For each node left out, what it counts for: a stub where the walk first met it, or a box."""
    arrows: list[PictureArrow]
    """Those to drawn results, in the order of these, and those that leave or enter a box."""
    around: list[Value] = field(default_factory=list)
    """The nodes around which the others lie."""
    folds: list[FoldedBox] = field(default_factory=list)
    """The boxes that stand for several nodes, in the order of their first nodes."""
    scopes: Mapping[Value, Scope] = field(default_factory=dict)
    """The frames of the nodes, where the selection had to know them."""
    reason: str = ""
    """Why these nodes, in words that the caption ends with: "nearest to", "within 2 steps of"."""

    @cached_property
    def hidden(self) -> Counter[Stub | FoldedBox]:
        """How many nodes each stub or box stands for."""
        return Counter(self.via.values())

    @property
    def stubs(self) -> dict[Stub, int]:
        """The stubs that are drawn, and how many nodes each stands for."""
        ends = (end for arrow in self.arrows for end in arrow[:2] if isinstance(end, Stub))
        left_out = (end for end in self.via.values() if isinstance(end, Stub))
        apart = (stub for stub in left_out if stub.side == "apart")
        return {stub: self.hidden[stub] for stub in (*ends, *apart)}


def _arriving(shown: Sequence[Value], via: Mapping[Value, Stub]) -> list[PictureArrow]:
    """The arrows to drawn results, in the order of these."""
    edges = (Edge(p, v, i) for v in shown for i, p in enumerate(v.parents))
    return [PictureArrow(via.get(e.operand, e.operand), e.result, [e]) for e in edges]


def nearest(graph: Graph, limit: int, context: int = _CONTEXT) -> Selection:
    """The `limit` nodes nearest to the outputs, counted in operations: breadth first.

    >>> x = Value(2.0)
    >>> chosen = nearest(Graph((x + 1) * (x + 2)), limit=3)
    >>> [v.op for v in chosen.shown], sorted(chosen.hidden.values())
    (['add', 'add', 'mul'], [1, 2])
    """
    if len(graph) <= limit:
        return Selection(graph.nodes, graph.nodes, {}, _arriving(graph.nodes, {}))
    met, via = _walk(graph, limit)
    shown, near = _in_order(graph, met[:limit]), _in_order(graph, met[: max(limit, context)])
    return Selection(shown, near, via, _arriving(shown, via), reason="nearest to")


def _in_order(graph: Graph, nodes: Sequence[Value]) -> list[Value]:
    return sorted(nodes, key=graph.index.__getitem__)


def _walk(graph: Graph, limit: int) -> tuple[list[Value], dict[Value, Stub]]:
    """The nodes in the order of their distance, and where those beyond the limit hang."""
    met = list(dict.fromkeys(graph.outputs))
    seen = set(met)
    via = {v: Stub(v, "operands") for v in met[limit:]}  # more outputs than may be drawn
    for v in met:  # grows while it is walked
        stub = via.get(v)
        for operand in v.parents:
            if operand not in seen:
                seen.add(operand)
                if len(met) >= limit:
                    via[operand] = stub = stub or Stub(v, "operands")
                met.append(operand)
    return met, via


def neighbourhood(
    graph: Graph, around: Sequence[Value], hops: int, limit: int, context: int = _CONTEXT
) -> Selection:
    """The nodes within `hops` steps, to operands or consumers; at most `limit`, the nearest first.

    >>> x = Value(2.0)
    >>> y = x.exp()
    >>> chosen = neighbourhood(Graph((y + 1) * (x + 2)), [y], hops=1, limit=9)
    >>> [v.op for v in chosen.shown]
    [None, 'exp', 'add']
    >>> [(stub.at.op, stub.side, count) for stub, count in chosen.stubs.items()]
    [('add', 'operands', 1), (None, 'consumers', 2), ('add', 'consumers', 1)]
    """
    links = _Links(graph)
    ball = links.ball(around, hops)
    drawn = dict.fromkeys(ball[:limit])
    via = links.hang(drawn)
    shown = _in_order(graph, list(drawn))
    steps = f"within {hops:,} step{'s' * (hops != 1)} of"
    return Selection(
        shown,
        _in_order(graph, [*drawn, *via][: max(limit, context)]),
        via,
        [*_arriving(shown, via), *links.leaving(shown, via)],
        list(around),
        reason="nearest to" if len(ball) > limit else steps,
    )


class _Links(Links[Value, Stub]):
    """The operands and the consumers of each node of a graph."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph.nodes, lambda v: v.parents, Stub)

    def ball(self, centre: Sequence[Value], radius: int) -> list[Value]:
        """The nodes at most so far from the centre, in the order of their distance."""
        distance = dict.fromkeys(centre, 0)
        met = list(distance)
        for v in met:  # grows while it is walked
            if distance[v] < radius:
                new = [n for n in dict.fromkeys(self.neighbours(v)) if n not in distance]
                distance.update(dict.fromkeys(new, distance[v] + 1))
                met += new
        return met

    def leaving(self, shown: Sequence[Value], via: dict[Value, Stub]) -> Iterator[PictureArrow]:
        """One arrow from each drawn node to each stub that holds a result of it."""
        for v in shown:
            edges: dict[Stub, list[Edge]] = {}
            for result in self.consumers[v]:
                if result in via:
                    slots = [i for i, p in enumerate(result.parents) if p is v]
                    edges.setdefault(via[result], []).extend(Edge(v, result, i) for i in slots)
            yield from (PictureArrow(v, stub, found) for stub, found in edges.items())
