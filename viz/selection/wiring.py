"""A graph as arrays of numbers, in which a million nodes are a few operations of NumPy."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from types import CodeType
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd import Value
from autograd.primitive import Primitive

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
_T = TypeVar("_T", bound=Hashable)
_SPARSE = 8  # times as large as their count: numbers that are sorted, not counted


class Edges(NamedTuple):
    """Edges in the order of their results, then of their slots."""

    start: Ints
    """The numbers of the operands."""
    end: Ints
    """The numbers of the results."""
    slot: Ints

    def where(self, mask: Mask) -> Edges:
        """Some of the edges."""
        return Edges(self.start[mask], self.end[mask], self.slot[mask])


class Wiring:
    """The operands and the operations of nodes, which are numbered in topological order.

    >>> x = Value(2.0)
    >>> y = x * x
    >>> Wiring([x, y]).edges
    Edges(start=array([0, 0]), end=array([1, 1]), slot=array([0, 1]))
    """

    def __init__(self, nodes: Sequence[Value], index: Mapping[Value, int] | None = None) -> None:
        self.nodes = nodes
        number = index or {v: i for i, v in enumerate(nodes)}
        slots = [v._p0 for v in nodes], [v._p1 for v in nodes], [v._p2 for v in nodes]
        self.operands = [[-1 if p is None else number.get(p, -1) for p in slot] for slot in slots]
        """For each slot the numbers of the operands; -1 for none, or for one outside the nodes."""
        self.is_source = np.array([p is None for p in slots[0]], dtype=bool)
        """True for leaves and constants."""

    @cached_property
    def edges(self) -> Edges:
        """The edges among the nodes."""
        operands = np.array(self.operands, dtype=np.int64).T
        end, slot = np.nonzero(operands >= 0)
        return Edges(operands[end, slot], end, slot)

    @cached_property
    def _numbered_rows(self) -> tuple[Ints, list[Primitive | None]]:
        return numbered(v._row for v in self.nodes)

    @property
    def operation(self) -> Ints:
        """A number for the operation of each node."""
        return self._numbered_rows[0]

    def made_by(self, *names: str) -> Mask:
        """True for the nodes of some operations."""
        rows = [row is not None and row.name in names for row in self._numbered_rows[1]]
        return np.array(rows, dtype=bool)[self.operation]

    @cached_property
    def is_named(self) -> Mask:
        """True for nodes with a name."""
        return np.array([bool(v._name) for v in self.nodes], dtype=bool)

    @cached_property
    def origins(self) -> Sequence[tuple[CodeType, int, str] | None]:
        """The instruction and the scope in which each operation was recorded, if it was."""
        return [None if v._p0 is None else getattr(v, "_origin", None) for v in self.nodes]

    def shared_by_users(self, wanted: Mask, marks: Ints) -> Ints:
        """For each operand that is wanted, the mark of the nodes that use it if all have the same.

        -1 for all others.
        """
        start, end, _ = self.edges.where(wanted[self.edges.start])
        shared = np.full(len(self.nodes), -1)
        shared[start] = marks[end]
        shared[start[marks[end] != shared[start]]] = -1
        return shared


def numbered(items: Iterable[_T]) -> tuple[Ints, list[_T]]:
    """Number the distinct items in the order in which they are met.

    >>> numbered("abba")
    (array([0, 1, 1, 0]), ['a', 'b'])
    """
    items = list(items)
    table = {item: i for i, item in enumerate(dict.fromkeys(items))}
    return np.fromiter(map(table.__getitem__, items), np.int64, len(items)), list(table)


def combined(*columns: Ints) -> Ints:
    """Number the distinct rows of columns, the first column first. The numbers are from -1 on.

    >>> combined(np.array([1, 0, 1]), np.array([-1, 5, -1]))
    array([1, 0, 1])
    """
    key, *others = columns
    for column in others:
        spread = int(column.max(initial=0)) + 2
        key = renumbered(key) * spread + column + 1
    return renumbered(key)


def renumbered(key: Ints) -> Ints:
    """Number the distinct numbers, which are from -1 on, in their order.

    >>> renumbered(np.array([7, -1, 7])), renumbered(np.array([10**9, 5]))
    (array([1, 0, 1]), array([1, 0]))
    """
    if key.max(initial=0) > _SPARSE * len(key):
        return np.unique(key, return_inverse=True)[1].reshape(-1)
    is_there = np.bincount(key + 1, minlength=1) > 0
    return (np.cumsum(is_there) - 1)[key + 1]


def equals(key: Ints) -> list[Ints]:
    """The places of equal numbers, in the order in which the numbers are first met.

    >>> [part.tolist() for part in equals(np.array([7, 5, 7]))]
    [[0, 2], [1]]
    """
    if not len(key):
        return []
    number = renumbered(key)
    if number.max() <= np.iinfo(np.uint16).max:
        number = number.astype(np.uint16)  # which NumPy sorts much faster
    order = np.argsort(number, kind="stable")
    found = np.split(order, np.flatnonzero(np.diff(number[order])) + 1)
    return sorted(found, key=lambda part: int(part[0]))
