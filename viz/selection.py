"""Which nodes of a large graph are drawn: those nearest to the outputs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from autograd import Graph, Value


@dataclass(frozen=True)
class Selection:
    """What is drawn of a graph, and what stands for the rest."""

    shown: list[Value]
    """The nodes drawn, in topological order."""
    near: list[Value]
    """These and the nodes around them, in topological order: enough to tell their frames."""
    via: dict[Value, Value]
    """For each node left out, the drawn node through which the walk first met it."""
    hidden: Counter[Value]
    """How many nodes were met through a drawn node: what its stub stands for."""


def nearest(graph: Graph, limit: int, context: int = 20_000) -> Selection:
    """The `limit` nodes nearest to the outputs, counted in operations: breadth first.

    Each node left out counts for one stub alone, so the counts of the stubs add up.

    >>> x = Value(2.0)
    >>> chosen = nearest(Graph((x + 1) * (x + 2)), limit=3)
    >>> [v.op for v in chosen.shown], sorted(chosen.hidden.values())
    (['add', 'add', 'mul'], [1, 2])
    """
    if len(graph) <= limit:
        return Selection(graph.nodes, graph.nodes, {}, Counter())
    met, via = _walk(graph, limit)
    place = graph.index.__getitem__
    near = sorted(met[: max(limit, context)], key=place)
    return Selection(sorted(met[:limit], key=place), near, via, Counter(via.values()))


def _walk(graph: Graph, limit: int) -> tuple[list[Value], dict[Value, Value]]:
    """The nodes in the order of their distance, and where those beyond the limit hang."""
    met = list(dict.fromkeys(graph.outputs))
    seen = set(met)
    via = {v: v for v in met[limit:]}  # more outputs than may be drawn
    for v in met:  # grows while it is walked
        for operand in v.parents:
            if operand not in seen:
                seen.add(operand)
                if len(met) >= limit:
                    via[operand] = via.get(v, v)
                met.append(operand)
    return met, via
