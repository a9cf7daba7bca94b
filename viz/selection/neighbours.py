"""The neighbours of nodes, and the stubs for nodes that are not drawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from viz.selection.elements import Side

N = TypeVar("N")
"""A node of a graph, or of a comparison of two graphs."""
S = TypeVar("S")
"""A stub, which stands for nodes that are not drawn."""


class Links(Generic[N, S]):
    """The operands and the consumers of each node.

    Args:
        nodes: all nodes.
        operands: returns the operands of a node.
        stub: returns the stub on one side of a node.

    >>> after = {"x": [], "y": ["x"], "z": ["y"]}
    >>> Links(list(after), after.__getitem__, lambda at, side: (at, side)).stubs(["y"])
    {'x': ('y', 'operands'), 'z': ('y', 'consumers')}
    """

    def __init__(
        self,
        nodes: Sequence[N],
        operands: Callable[[N], Iterable[N]],
        stub: Callable[[N, Side], S],
    ) -> None:
        self.nodes, self.operands, self.stub = nodes, operands, stub
        self.consumers: dict[N, list[N]] = {v: [] for v in nodes}
        for v in nodes:
            for operand in dict.fromkeys(operands(v)):
                self.consumers[operand].append(v)

    def neighbours(self, v: N) -> Iterator[N]:
        """The operands of a node, then its consumers."""
        yield from self.operands(v)
        yield from self.consumers[v]

    def stubs(self, drawn: Iterable[N]) -> dict[N, S]:
        """The stub of each node that is not drawn, nearest nodes first."""
        queue = list(drawn)
        is_drawn = set(queue)
        via: dict[N, S] = {}
        for v in queue:  # grows during the loop
            for n in self.neighbours(v):
                if n not in is_drawn and n not in via:
                    via[n] = via[v] if v in via else self._stub(n, v, is_drawn)
                    queue.append(n)
        apart = [v for v in self.nodes if v not in is_drawn and v not in via]
        return via | dict.fromkeys(apart, self.stub(apart[0], "apart")) if apart else via

    def _stub(self, left_out: N, at: N, drawn: Collection[N]) -> S:
        """The stub for a node next to a drawn one; a node between drawn nodes has its own."""
        if not any(p in drawn for p in self.operands(left_out)):
            return self.stub(at, "operands")
        if not any(c in drawn for c in self.consumers[left_out]):
            return self.stub(at, "consumers")
        return self.stub(left_out, "between")
