"""Branches for a what-if: the recorded operations run again with other numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from autograd import modes
from autograd.primitive import CONST
from autograd.stepping.events import EventLog
from autograd.value import Value, constant, record


@contextlib.contextmanager
def unobserved() -> Iterator[None]:
    """Record the graph inside, whatever holds outside, such as `no_grad` or `detect_anomaly`."""
    token = modes.current.set(modes.NONE)
    try:
        yield
    finally:
        modes.current.reset(token)


def forward(log: EventLog, changes: Mapping[Value, float]) -> float:
    """Return the output's number when some nodes have other numbers.

    >>> x = Value(2.0)
    >>> forward(EventLog(x * x), {x: 3.0})
    9.0
    """
    numbers: dict[Value, float] = {}
    for v, recorded in zip(log.graph.nodes, log.numbers, strict=True):
        if v in changes:
            numbers[v] = changes[v]
        elif v._row is not None and v._p0 is not None:
            numbers[v] = v._row.forward(*[numbers[p] for p in v.parents])
        else:
            numbers[v] = recorded
    return numbers[log.output]


@unobserved()
def branch(log: EventLog, changes: Mapping[Value, float]) -> dict[Value, Value]:
    """Return a twin for each node, some with other numbers; the nodes themselves stay as they are.

    An operation that is given a number becomes a leaf. The operations are those recorded: code
    that chose between them with `if` is not run again.

    >>> x = Value(2.0, "x")
    >>> y = x * x
    >>> branch(EventLog(y), {x: 3.0})[y].data
    9.0
    """
    twins: dict[Value, Value] = {}
    for v, recorded in zip(log.graph.nodes, log.numbers, strict=True):
        number = changes.get(v, recorded)
        if v._row is CONST:
            twin = constant(number)
        elif v._row is None or v in changes:
            twin = Value(number)
        else:
            twin = record(v._row, tuple([twins[p] for p in v.parents]))
        twin.name = v.name
        if hasattr(v, "_origin"):
            twin._origin = v._origin
        twins[v] = twin
    return twins


def position_after(node: Value, slot: int | None, log: EventLog) -> int | None:
    """Return the position just after a node is computed, or sends to a slot; None if never."""
    if node not in log.graph.index:
        return None
    number = log.next_touching(node, 0) if slot is None else log.sending(node, slot)
    if number is None or (slot is None and number >= log.forward):
        return None
    return number + 1


def central_difference(log: EventLog, v: Value) -> tuple[float, float]:
    """Return the derivative of the output to a node, by moving the node's number, and its error.

    Central differences at three steps, extrapolated to step zero (Ridders, 1982); the error is
    estimated from how much the extrapolations differ.

    >>> x = Value(2.0)
    >>> round(central_difference(EventLog(x**3), x)[0], 8)
    12.0
    """
    x = log.numbers[log.place(v)]
    scale = max(abs(x), 1e-3)
    slopes = []
    for h in (scale * 1e-3, scale * 5e-4, scale * 2.5e-4):
        above, below = x + h, x - h
        rise = forward(log, {v: above}) - forward(log, {v: below})
        slopes.append(rise / (above - below))
    first = [(4 * slopes[i + 1] - slopes[i]) / 3 for i in range(2)]
    slope = (16 * first[1] - first[0]) / 15
    rounding = abs(log.numbers[-1]) * 2.2e-16 / (scale * 2.5e-4)
    return slope, abs(slope - first[1]) + abs(first[1] - first[0]) + 4 * rounding
