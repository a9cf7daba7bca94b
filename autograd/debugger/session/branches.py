"""Branches for a what-if: the recorded operations run again with other numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

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


def dependents(log: EventLog, v: Value) -> list[Value]:
    """Return the nodes computed from a node, in the order of the forward pass.

    >>> x = Value(2.0)
    >>> [node.op for node in dependents(EventLog((x * 3.0).exp()), x)]
    ['mul', 'exp']
    """
    moved = {v: None}
    for node in log.graph.nodes[log.place(v) + 1 :]:
        if any(p in moved for p in node.parents):
            moved[node] = None
    return list(moved)[1:]


def output_of(log: EventLog, v: Value) -> Callable[[float], float]:
    """Return the output's number as a function of that of a node.

    >>> x = Value(2.0)
    >>> output_of(EventLog(x * x), x)(3.0)
    9.0
    """
    numbers = dict(zip(log.graph.nodes, log.numbers, strict=True))
    moved = [(node, node._row.forward, node.parents) for node in dependents(log, v) if node._row]

    def output(number: float) -> float:
        numbers[v] = number
        for node, forward, operands in moved:
            numbers[node] = forward(*[numbers[p] for p in operands])
        return numbers[log.output]

    return output


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
