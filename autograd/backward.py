"""The backward pass: reverse-mode differentiation over a recorded graph.

Every node is visited once, after all of its consumers, in the reverse of the depth-first order
that `topological_order` gives. A visit sends one contribution to each operand: the cotangent that
has gathered at the node times the local derivative (Linnainmaa, 1970; Griewank and Walther,
"Evaluating Derivatives", 2008, section 3.2), and an exact 0 to what a row did not select. Loops,
never recursion: depth is no limit.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, TypeVar

from autograd import modes
from autograd.floats.ieee import NOT_SELECTED, real
from autograd.node import UNSET, Node
from autograd.primitive import CONST
from autograd.primitives import add, mul

N = TypeVar("N", bound=Node)


def topological_order(outputs: Iterable[N]) -> list[N]:
    """The nodes that the outputs depend on, operands first: depth-first, left to right, once each.

    >>> from autograd import Value
    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> [v.name or v.op for v in topological_order([x * z + x])]
    ['x', 'z', 'mul', 'add']
    """
    return list(traverse(outputs))


def traverse(outputs: Iterable[N]) -> dict[N, float]:
    """An unset cotangent for each node that the outputs depend on, in topological order."""
    cotangents: dict[N, float] = {}
    stack: list[Any] = list(outputs)[::-1]
    pop = stack.pop
    while stack:
        v = pop()
        if v is None:  # the operands of the node below it are placed
            cotangents[pop()] = UNSET
        elif v not in cotangents:
            first, second, third = v._p0, v._p1, v._p2
            if first is None:
                cotangents[v] = UNSET
            elif second is None:
                stack += (v, None, first)
            elif third is not None:
                stack += (v, None, third, second, first)
            elif first._p0 is not None or second._p0 is not None:
                stack += (v, None, second, first)
            else:  # weight times input, half of every network: both are leaves
                cotangents[first] = cotangents[second] = cotangents[v] = UNSET
    return cotangents


def partials(node: Node) -> tuple[float | None, ...]:
    """The local derivative of a node to each of its operands, at the recorded forward pass.

    It is None where no derivative flows: to a constant, to the condition of a `where`. It is
    `NOT_SELECTED`, a zero, to an operand that a row such as `relu` did not select.

    >>> from autograd import Value
    >>> partials(Value(2.0) * Value(3.0)), partials(Value(3.0) ** 2)
    ((3.0, 2.0), (6.0, None))
    """
    row = node._row
    if row is None:
        return ()
    slopes = [
        None if rule is None or operand._row is CONST else float(rule(node._y, *node._primals))
        for operand, rule in zip(node.parents, row.partials, strict=False)
    ]
    if row.vjps:
        return tuple([NOT_SELECTED if slope == 0.0 else slope for slope in slopes])
    return tuple(slopes)


def pull_back(cotangents: dict[Any, float], last: int | None = None) -> None:
    """Carry the cotangents from the last node in topological order down to the first, in place.

    Given a number, from so many of the last nodes only: those before them have all they get.
    """
    items = reversed(cotangents.items())
    for v, g in items if last is None else islice(items, last):
        row = v._row
        if g is UNSET:  # reached through a condition only, to which no derivative flows
            continue
        if row is mul:  # mul and add are most of a network: their rows, spelled out
            cotangents[v._p0] += g * v._x1
            cotangents[v._p1] += g * v._x0
        elif row is add:
            cotangents[v._p0] += g
            cotangents[v._p1] += g
        elif v._p0 is not None:
            for operand, partial in zip(v.parents, partials(v), strict=True):
                if partial is not None:
                    cotangents[operand] += g * partial


def cotangents_of(output: N, order: Iterable[N]) -> dict[N, float]:
    """The derivatives of an output with respect to its nodes, given in topological order.

    No gradient is written; a node that no derivative reaches has `UNSET`.
    """
    cotangents = dict.fromkeys(order, UNSET)
    cotangents[output] = 1.0
    pull_back(cotangents)
    return cotangents


def check_differentiable(output: Node, consequence: str = "") -> None:
    """Raise ValueError for a constant: there is no recorded graph to look into."""
    if output._row is CONST:
        raise ValueError(
            f"{output!r} is a constant: nothing that led to it was recorded{consequence}; was it "
            "computed under no_grad(), or from numbers only?"
        )


def backward(output: Node, gradient: float = 1.0) -> None:
    """Run the backward pass of an output and write the gradients: `Value.backward`."""
    check_differentiable(output, ", so it has no gradients")
    cotangents = traverse((output,))
    cotangents[output] += real(gradient)
    if modes.active and (observer := modes.observer()):
        observer.backward(output, cotangents)
    else:
        pull_back(cotangents)
        deliver(cotangents)


def deliver(cotangents: dict[Any, float]) -> None:
    """Write the cotangents of a finished pass into `.grad`: a leaf adds its own to what it has."""
    for v, g in cotangents.items():
        if v._p0 is not None:
            v._grad = g
        elif v._row is None and g is not UNSET:
            v._grad += g
