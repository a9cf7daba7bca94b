"""The neighbours of nodes, and the stubs for nodes that are not drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from viz.selection.elements import Stub


class _Linked(Protocol):
    """A node of a graph, or of a comparison of two graphs."""

    @property
    def parents(self) -> Iterable[Any]: ...


N = TypeVar("N", bound=_Linked)


class Links(Generic[N]):
    """The operands and the consumers of each of some nodes.

    >>> from autograd import Value
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
