"""The selection of nodes to draw of a comparison: those that differ, and their neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from viz.comparison.changes import Comparison, ComparisonArrow, ComparisonEnd, Kind, NodeChange
from viz.selection.elements import Stub
from viz.selection.nearest import Links


@dataclass(frozen=True)
class ComparisonPart:
    """The part of a comparison that is drawn, and the stubs for the rest."""

    shown: list[NodeChange]
    stubs: Mapping[Any, Stub[NodeChange]]
    """The stub of each node that is not drawn."""
    arrows: list[ComparisonArrow]

    @cached_property
    def hidden(self) -> Counter[Stub[NodeChange]]:
        """The number of nodes of each stub."""
        return Counter(self.stubs.values())


def select(comparison: Comparison, limit: int) -> ComparisonPart:
    """Select at most `limit` nodes, first those that differ, then their neighbours.

    >>> from autograd import Graph, Value
    >>> from viz.comparison.changes import compare, whole
    >>> y = Value(2.0, "x").exp().sin().tanh().sigmoid()
    >>> same = {i: i for i in range(5)}
    >>> part = select(compare(whole(Graph(y)), whole(Graph(y.relu())), same), limit=4)
    >>> [change.node.op for change in part.shown], list(part.hidden.values())
    (['sigmoid', 'relu'], [4])
    """
    nodes = comparison.nodes
    links = Links(nodes)
    if len(nodes) > limit:
        drawn = set(_by_relevance(comparison, links)[:limit])
        nodes = [node for node in nodes if node in drawn]
    stubs = links.stubs(nodes)
    return ComparisonPart(nodes, stubs, list(_arrows(comparison, set(nodes), stubs)))


def _by_relevance(comparison: Comparison, links: Links[NodeChange]) -> list[NodeChange]:
    """The nodes that differ, starting where the graphs part, then their neighbours."""
    differing = comparison.differing
    if not differing:
        return comparison.nodes[::-1]
    first = [node for node in differing if node.kind != "changed" or node.rewired]
    order = dict.fromkeys(first or filter(None, [comparison.first]))
    queue = list(order)
    for node in queue:  # grows in the loop
        new = [n for n in links.neighbours(node) if n.kind != "same" and n not in order]
        order |= dict.fromkeys(new)
        queue += new
    order |= dict.fromkeys(differing)
    return list(order | dict.fromkeys(n for node in order for n in links.neighbours(node)))


def _arrows(
    comparison: Comparison, drawn: Set[Any], stubs: Mapping[Any, Stub[NodeChange]]
) -> Iterator[ComparisonArrow]:
    """Yield an arrow for each edge between drawn nodes, then one for all edges to a stub."""
    to_stubs: Counter[tuple[ComparisonEnd, ComparisonEnd, Kind]] = Counter()
    for arrow in comparison.edges:
        start, end, kind, _ = arrow
        if start in drawn and end in drawn:
            yield arrow
        elif start in drawn or end in drawn:
            to_stubs[stubs.get(start, start), stubs.get(end, end), kind] += 1
    yield from (ComparisonArrow(*ends, count) for ends, count in to_stubs.items())
