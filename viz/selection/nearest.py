"""Selection of the nodes nearest to the outputs of a graph or to given nodes.

Stubs stand for the nodes that are left out. Each of these counts for exactly one stub, so the
counts of the stubs and the number of nodes drawn add up to the size of the graph.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic

from autograd import Edge, Graph, Value
from viz.selection.elements import FoldedBox, N, PictureArrow, Stub
from viz.selection.frames import Scope

_CONTEXT = 20_000  # the number of nodes that frames are derived from


@dataclass(frozen=True)
class Selection:
    """The nodes, boxes and arrows that are drawn of a graph, and the stubs for the rest."""

    shown: list[Value]
    """The nodes drawn, in topological order."""
    near: list[Value]
    """The nodes drawn and those near them, in topological order, from which frames are derived."""
    via: Mapping[Value, Stub[Value] | FoldedBox]
    """The box of each folded node, or the stub of each node left out: the first that is reached."""
    arrows: list[PictureArrow]
    """The arrows to the nodes drawn, in the order of these, then those from or to a box or stub."""
    around: list[Value] = field(default_factory=list)
    """The given nodes whose neighbourhood is drawn."""
    folds: list[FoldedBox] = field(default_factory=list)
    """The boxes that stand for several nodes, in the order of their first nodes."""
    scopes: Mapping[Value, Scope] = field(default_factory=dict)
    """The scopes of the nodes, if the selection needed them."""
    reason: str = ""
    """The reason for the selection, for the caption: "nearest to", "within 2 steps of"."""

    @cached_property
    def hidden(self) -> Counter[Stub[Value] | FoldedBox]:
        """The number of nodes that each stub or box stands for."""
        return Counter(self.via.values())

    @property
    def stubs(self) -> dict[Stub[Value], int]:
        """The stubs that are drawn, with the number of nodes that each stands for."""
        ends = (end for arrow in self.arrows for end in arrow[:2] if isinstance(end, Stub))
        left_out = (end for end in self.via.values() if isinstance(end, Stub))
        apart = (stub for stub in left_out if stub.side == "apart")
        return {stub: self.hidden[stub] for stub in (*ends, *apart)}


def _arriving(shown: Sequence[Value], via: Mapping[Value, Stub[Value]]) -> list[PictureArrow]:
    """The arrows to the nodes drawn, in the order of these."""
    edges = (Edge(p, v, i) for v in shown for i, p in enumerate(v.parents))
    return [PictureArrow(via.get(e.operand, e.operand), e.result, [e]) for e in edges]


def nearest(graph: Graph, limit: int) -> Selection:
    """Select the `limit` nodes nearest to the outputs, in breadth-first order.

    >>> x = Value(2.0)
    >>> chosen = nearest(Graph((x + 1) * (x + 2)), limit=3)
    >>> [v.op for v in chosen.shown], sorted(chosen.hidden.values())
    (['add', 'add', 'mul'], [1, 2])
    """
    if len(graph) <= limit:
        return Selection(graph.nodes, graph.nodes, {}, _arriving(graph.nodes, {}))
    met, via = _walk(graph, limit)
    shown, near = _in_order(graph, met[:limit]), _in_order(graph, met[: max(limit, _CONTEXT)])
    return Selection(shown, near, via, _arriving(shown, via), reason="nearest to")


def _in_order(graph: Graph, nodes: Sequence[Value]) -> list[Value]:
    return sorted(nodes, key=graph.index.__getitem__)


def _walk(graph: Graph, limit: int) -> tuple[list[Value], dict[Value, Stub[Value]]]:
    """The nodes in the order of their distance, and the stubs of those beyond the limit."""
    met = list(dict.fromkeys(graph.outputs))
    seen = set(met)
    via = {v: Stub(v, "operands") for v in met[limit:]}  # more outputs than may be drawn
    for v in met:  # grows during the loop
        stub = via.get(v)
        for operand in v.parents:
            if operand not in seen:
                seen.add(operand)
                if len(met) >= limit:
                    via[operand] = stub = stub or Stub(v, "operands")
                met.append(operand)
    return met, via


def neighbourhood(graph: Graph, around: Sequence[Value], hops: int, limit: int) -> Selection:
    """Select the nodes within `hops` steps to operands or consumers, at most the `limit` nearest.

    >>> x = Value(2.0)
    >>> y = x.exp()
    >>> chosen = neighbourhood(Graph((y + 1) * (x + 2)), [y], hops=1, limit=9)
    >>> [v.op for v in chosen.shown]
    [None, 'exp', 'add']
    >>> [(stub.at.op, stub.side, count) for stub, count in chosen.stubs.items()]
    [('add', 'operands', 1), (None, 'consumers', 2), ('add', 'consumers', 1)]
    """
    links = Links(graph.nodes)
    ball = _ball(links, around, hops)
    drawn = dict.fromkeys(ball[:limit])
    via = links.stubs(drawn)
    shown = _in_order(graph, list(drawn))
    near = _in_order(graph, [*drawn, *via][: max(limit, _CONTEXT)])
    arrows = [*_arriving(shown, via), *_leaving(links, shown, via)]
    reason = "nearest to" if len(ball) > limit else f"within {hops:,} step{'s' * (hops != 1)} of"
    return Selection(shown, near, via, arrows, list(around), reason=reason)


class Links(Generic[N]):
    """The operands and the consumers of each of some nodes.

    >>> x = Value(2.0)
    >>> y = x.exp()
    >>> [(v.op, stub.at.op, stub.side) for v, stub in Links([x, y, y.sin()]).stubs([y]).items()]
    [(None, 'exp', 'operands'), ('sin', 'exp', 'consumers')]
    """

    def __init__(self, nodes: Sequence[N]) -> None:
        self.nodes = nodes
        self.consumers: dict[N, list[N]] = {v: [] for v in nodes}
        for v in nodes:
            for operand in dict.fromkeys(v.parents):
                self.consumers[operand].append(v)

    def neighbours(self, v: N) -> Iterator[N]:
        """The operands of a node, then its consumers."""
        yield from v.parents
        yield from self.consumers[v]

    def stubs(self, drawn: Iterable[N]) -> dict[N, Stub[N]]:
        """The stub of each node that is not drawn, nearest nodes first."""
        queue = list(drawn)
        is_drawn = set(queue)
        via: dict[N, Stub[N]] = {}
        for v in queue:  # grows during the loop
            for n in self.neighbours(v):
                if n not in is_drawn and n not in via:
                    via[n] = via[v] if v in via else self._stub(n, v, is_drawn)
                    queue.append(n)
        apart = [v for v in self.nodes if v not in is_drawn and v not in via]
        return via | dict.fromkeys(apart, Stub(apart[0], "apart")) if apart else via

    def _stub(self, left_out: N, at: N, drawn: Collection[N]) -> Stub[N]:
        """The stub for a node next to a drawn one; a node between drawn nodes has its own."""
        if not any(p in drawn for p in left_out.parents):
            return Stub(at, "operands")
        if not any(c in drawn for c in self.consumers[left_out]):
            return Stub(at, "consumers")
        return Stub(left_out, "between")


def _ball(links: Links[Value], centre: Sequence[Value], radius: int) -> list[Value]:
    """The nodes within a radius of the centre, nearest first."""
    distance = dict.fromkeys(centre, 0)
    met = list(distance)
    for v in met:  # grows during the loop
        if distance[v] < radius:
            new = [n for n in dict.fromkeys(links.neighbours(v)) if n not in distance]
            distance.update(dict.fromkeys(new, distance[v] + 1))
            met += new
    return met


def _leaving(
    links: Links[Value], shown: Sequence[Value], via: Mapping[Value, Stub[Value]]
) -> Iterator[PictureArrow]:
    """One arrow from each drawn node to each stub that stands for consumers of it."""
    for v in shown:
        edges: dict[Stub[Value], list[Edge]] = {}
        for result in links.consumers[v]:
            if result in via:
                slots = [i for i, p in enumerate(result.parents) if p is v]
                edges.setdefault(via[result], []).extend(Edge(v, result, i) for i in slots)
        yield from (PictureArrow(v, stub, bundle) for stub, bundle in edges.items())
