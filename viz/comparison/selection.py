"""Which nodes of a comparison are drawn: of many, those that differ and their neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from viz.comparison.changes import Comparison, Kind, NodeChange
from viz.selection.elements import Side
from viz.selection.neighbours import Links


class ComparisonStub(NamedTuple):
    """What stands for nodes that are not drawn; as `ends.Stub`."""

    at: NodeChange
    side: Side


ComparisonEnd: TypeAlias = NodeChange | ComparisonStub


class ComparisonArrow(NamedTuple):
    """An edge, or all edges of one kind between two ends: how many."""

    start: ComparisonEnd
    end: ComparisonEnd
    kind: Kind
    edges: int


@dataclass(frozen=True)
class ComparisonPart:
    """What is drawn of a comparison, and what stands for the rest."""

    shown: list[NodeChange]
    via: Mapping[NodeChange, ComparisonStub]
    """For each node left out, the stub that it counts for."""
    arrows: list[ComparisonArrow]

    @cached_property
    def hidden(self) -> Counter[ComparisonStub]:
        """How many nodes each stub stands for."""
        return Counter(self.via.values())

    @cached_property
    def hidden_differing(self) -> Counter[ComparisonStub]:
        """How many of them differ."""
        return Counter(stub for entry, stub in self.via.items() if entry.kind != "same")


def excerpt(found: Comparison, limit: int) -> ComparisonPart:
    """Choose at most `limit` nodes: what differs, from where that begins, and what is next to it.

    >>> from autograd import Graph, Value
    >>> from viz.comparison.changes import changes
    >>> y = Value(2.0, "x").exp().sin().tanh().sigmoid()
    >>> chosen = excerpt(changes(Graph(y), Graph(y.relu())), limit=4)
    >>> [entry.value.op for entry in chosen.shown], list(chosen.hidden.values())
    (['sigmoid', 'relu'], [4])
    """
    links = _Neighbours(found)
    nodes = found.entries
    if len(nodes) > limit:
        drawn = set(links.near()[:limit])
        nodes = [entry for entry in nodes if entry in drawn]
    via = links.hang(nodes)
    return ComparisonPart(nodes, via, list(links.arrows(dict.fromkeys(nodes), via)))


class _Neighbours(Links[NodeChange, ComparisonStub]):
    """The operands and the consumers of each node, in either graph."""

    def __init__(self, found: Comparison) -> None:
        super().__init__(found.entries, lambda entry: entry.parents, ComparisonStub)
        self.found = found

    def near(self) -> list[NodeChange]:
        """What differs, from where it begins on, and then its neighbours."""
        differing = self.found.differing
        if not differing:
            return self.found.entries[::-1]
        first = [entry for entry in differing if entry.kind != "changed" or entry.rewired]
        met = dict.fromkeys(first or filter(None, [self.found.first]))
        queue = list(met)
        for entry in queue:  # grows while it is walked
            new = [n for n in self.neighbours(entry) if n.kind != "same" and n not in met]
            met |= dict.fromkeys(new)
            queue += new
        met |= dict.fromkeys(differing)
        around = [n for entry in met for n in self.neighbours(entry)]
        return list(dict.fromkeys([*met, *around]))

    def arrows(
        self, drawn: Mapping[NodeChange, None], via: Mapping[NodeChange, ComparisonStub]
    ) -> Iterator[ComparisonArrow]:
        """Each edge between nodes that are drawn; those to a stub are gathered."""
        gathered: Counter[tuple[ComparisonEnd, ComparisonEnd, Kind]] = Counter()
        for start, end, _, kind in self.found.links:
            if start in drawn and end in drawn:
                yield ComparisonArrow(start, end, kind, 1)
            elif start in drawn or end in drawn:
                gathered[via.get(start, start), via.get(end, end), kind] += 1
        yield from (ComparisonArrow(*ends, count) for ends, count in gathered.items())
