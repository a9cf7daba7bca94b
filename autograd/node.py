"""`Node`: the slots of a Value, which the backward pass, copies and pickles work on.

A node holds a number, the operation and the operands that gave it, and the forward pass as it was
recorded: the operands' data and the result, which later assignments to `.data` do not touch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import CodeType
from typing import Any, Self

from autograd.primitive import Primitive

UNSET = float("0.0")
"""The gradient of a node that no gradient has reached: this one object, recognised by `is`.

It equals 0.0, so contributions are added to it without asking, and a sum is always a new object.
So "unset" takes no slot of its own. It never leaves the engine: `Value.grad` shows a plain 0.0.
"""


written = object()
"""Another object after each write of a leaf's data: what was read before it may have changed."""


class Node:
    """A number in a graph: what made it, its recorded forward pass, its gradient."""

    # An operation has at most three operands. They lie in slots, not in tuples: half the memory
    # and two thirds of the time (benchmarks/eager.py).
    __slots__ = (  # noqa: RUF023, in the order in which they are explained
        "_float", "_grad", "_name", "_row",  # no `_data`: numpy.ma takes that for plain numbers
        "_p0", "_p1", "_p2",  # the operands; None from the first that is missing
        "_x0", "_x1", "_x2", "_y",  # the operands' data and the result's, as recorded
        "_origin", "_ledger",  # under `record()`: where it was made, what its gradient is made of
        "_depth",  # the longest way to a leaf, once `gradients` has counted it
        "__weakref__",
    )  # fmt: skip
    _float: float
    _grad: float
    _name: str | None
    _row: Primitive | None
    _p0: Self | None
    _p1: Self | None
    _p2: Self | None
    _x0: float
    _x1: float
    _x2: float
    _y: float
    _origin: tuple[CodeType, int, str] | None
    _ledger: Any
    _depth: int

    @property
    def has_grad(self) -> bool:
        """True once a backward pass, or an assignment, has given this node a gradient."""
        return self._grad is not UNSET

    @property
    def parents(self) -> tuple[Self, ...]:
        """The operands in order: `x * x` has two."""
        operands = (self._p0, self._p1, self._p2)
        return tuple([p for p in operands if p is not None])

    @property
    def _primals(self) -> tuple[float, ...]:
        """The operands' data as recorded."""
        if self._p1 is None:
            return () if self._p0 is None else (self._x0,)
        return (self._x0, self._x1) if self._p2 is None else (self._x0, self._x1, self._x2)


def set_data(nodes: Iterable[Node], numbers: Iterable[float]) -> None:
    """Write numbers to nodes, one for each."""
    global written
    try:
        for node, x in zip(nodes, numbers, strict=True):
            node._float = x
    finally:
        written = object()


def set_record(
    node: Node, row: Primitive | None, parents: Sequence[Node], primals: Sequence[float], y: float
) -> None:
    """Fill in the recorded forward pass of a node: its row, operands, their data, its result."""
    node._row, node._y = row, y
    if len(parents) == 2:  # the most frequent
        node._p0, node._p1 = parents
        node._x0, node._x1 = primals
        node._p2, node._x2 = None, 0.0
    else:
        node._p0, node._p1, node._p2 = (*parents, None, None, None)[:3]
        node._x0, node._x1, node._x2 = (*primals, 0.0, 0.0, 0.0)[:3]
