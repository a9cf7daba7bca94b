"""The texts of a report on a node: its equation, its numbers and the line that made it."""

from __future__ import annotations

from autograd.graph import Graph
from autograd.provenance import origin
from autograd.text import wording
from autograd.value import Value


def equation(graph: Graph, v: Value) -> str:
    """Return a node as an equation, in the names of its operands and in their numbers.

    >>> x = Value(2.0, "x")
    >>> y = x * -3.0
    >>> equation(Graph(y), y), equation(Graph(y), x)
    ('v2 = x * (-3.0): 2.0 * (-3.0)', 'the leaf x')
    """
    if v._p0 is None:
        return f"the {'leaf' if v._row is None else 'constant'} {graph.label(v)}"
    return f"{graph.label(v)} = {graph.formula(v)}: {graph.computed(v)}"


def source_of(v: Value) -> str:
    """Return the line and the scope that made a node, as far as they are known.

    >>> source_of(Value(2.0))
    ''
    """
    made = origin(v)
    return " in ".join(filter(None, (made.line, wording.name(made.scope))))


def equation_with_source(graph: Graph, v: Value) -> str:
    """Return the equation, followed by the line and the scope if they are known."""
    return " at ".join(filter(None, (equation(graph, v), source_of(v))))


def contribution(upstream: float, local: float, before: float | None = None) -> str:
    """Return a gradient times a local derivative, added to the sum before it if one is given.

    >>> contribution(-2.0, -1.0), contribution(-2.0, -1.0, float("-inf"))
    ('-2.0 × (-1.0)', '(-inf) + (-2.0) × (-1.0)')
    """
    if before is None:
        return wording.product(upstream, local)
    return "{} + {} × {}".format(*map(wording.operand, (before, upstream, local)))
