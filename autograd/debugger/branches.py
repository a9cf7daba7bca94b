"""What if: the recorded operations run again with other numbers, on nodes of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from autograd.graph import Graph
from autograd.observers import undisturbed
from autograd.primitive import CONST
from autograd.value import Value, constant, record


def forward(graph: Graph, changes: Mapping[Value, float]) -> float:
    """The output's number with some nodes at other numbers, whatever led to these.

    >>> x = Value(2.0)
    >>> forward(Graph(x * x), {x: 3.0})
    9.0
    """
    numbers: dict[Value, float] = {}
    for v in graph.nodes:
        if v in changes:
            numbers[v] = changes[v]
        elif v._row is not None and v._p0 is not None:
            numbers[v] = v._row.forward(*[numbers[p] for p in v.parents])
        else:
            numbers[v] = v._data
    return numbers[graph.output]


@undisturbed
def branch(graph: Graph, changes: Mapping[Value, float]) -> dict[Value, Value]:
    """A twin for each node, some of them at other numbers; the nodes themselves stay.

    An operation that is given a number becomes a leaf. The operations are those recorded: code
    that chose between them with `if` is not asked again.

    >>> x = Value(2.0, "x")
    >>> y = x * x
    >>> branch(Graph(y), {x: 3.0})[y].data
    9.0
    """
    twins: dict[Value, Value] = {}
    for v in graph.nodes:
        number = changes.get(v, v._data)
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


class Estimate(NamedTuple):
    """A derivative by central differences, and how far it may be off."""

    slope: float
    error: float


def central_difference(graph: Graph, v: Value) -> Estimate:
    """The derivative of the output with respect to a node, by moving the node's number.

    Central differences at three steps, extrapolated to step zero (Ridders, 1982); the error is
    estimated from how much the extrapolations differ.

    >>> x = Value(2.0)
    >>> round(central_difference(Graph(x**3), x).slope, 8)
    12.0
    """
    x, scale = v._data, max(abs(v._data), 1e-3)
    slopes = []
    for h in (scale * 1e-3, scale * 5e-4, scale * 2.5e-4):
        above, below = x + h, x - h
        rise = forward(graph, {v: above}) - forward(graph, {v: below})
        slopes.append(rise / (above - below))
    first = [(4 * slopes[i + 1] - slopes[i]) / 3 for i in range(2)]
    slope = (16 * first[1] - first[0]) / 15
    rounding = abs(graph.output._data) * 2.2e-16 / (scale * 2.5e-4)
    return Estimate(slope, abs(slope - first[1]) + abs(first[1] - first[0]) + 4 * rounding)
