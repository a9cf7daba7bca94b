"""The chain rule in numbers: what each edge brings to the gradient of its operand.

An edge from an operand to a result has a local derivative, how fast the result changes with the
operand. Its contribution is that times the gradient of the result. The gradient of a node is the
sum of what its consumers contribute, in the order of the backward pass (Griewank and Walther,
"Evaluating Derivatives", 2008, section 3.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial, reduce
from operator import add
from typing import NamedTuple

from autograd import Edge, Graph, Value, partials
from viz.appearance.numbers import State

_TERMS = 3  # of a sum, in a line; beyond two lines they are counted


class Flow(NamedTuple):
    """What an edge carries."""

    local: float | None
    """The local derivative; None where none flows, and where it is not computed yet."""
    contribution: float | None
    """Local derivative times the gradient of the result; None before it is sent."""


def flow(state: State, edge: Edge) -> Flow:
    """What an edge carries at some moment.

    >>> from viz.appearance.numbers import OWN
    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> y.backward()
    >>> flow(OWN, Edge(x, y, 0))
    Flow(local=3.0, contribution=3.0)
    """
    local = partials(edge.result)[edge.slot]
    if local is None or state.data(edge.result) is None:
        return Flow(None, None)
    sent = getattr(state, "has_sent", None)
    arrived = sent(edge.result, edge.slot) if sent else state.has_grad(edge.result)
    return Flow(local, state.grad(edge.result) * local if arrived else None)


class Sum(NamedTuple):
    """What the gradient of a node is made of."""

    terms: list[float]
    """The contributions that have arrived, in the order of the backward pass."""
    waiting: bool
    """Whether others are still to come."""
    earlier: float = 0.0
    """What was there before this pass, in a leaf that is not set to zero between passes."""
    other: str = ""
    """Why the gradient is not the sum: "of another pass", "set to 0 since"; "" where it is."""

    def lines(self, written: Callable[[float], str]) -> list[str]:
        """What a picture shows under the gradient; nothing where that would say no more.

        >>> Sum([6.0, -1.0], True).lines(str), Sum([6.0], False).lines(str)
        (['= 6.0 - 1.0 + …'], [])
        """
        more = self.earlier or self.waiting or self.other
        if not self.terms or (len(self.terms) == 1 and not more):
            return []
        return [f"({self.other})"] if self.other else self._added(written)

    def _added(self, written: Callable[[float], str]) -> list[str]:
        many = _TERMS * (len(self.terms) > 2 * _TERMS)
        numbers = [written(x or 0.0).removeprefix("+") for x in self.terms[: many or None]]
        signed = [f"- {x[1:]}" if x.startswith("-") else f"+ {x}" for x in numbers]
        if many:
            signed.append(f"… of {len(self.terms):,}")
        if self.earlier:
            signed.append(f"+ {written(self.earlier)} earlier".replace("+ -", "- "))
        if self.waiting:
            signed.append("+ …")
        signed[0] = f"= {numbers[0]}"
        return [" ".join(signed[i : i + _TERMS]) for i in range(0, len(signed), _TERMS)]


def sums(
    graph: Graph,
    state: State,
    nodes: Iterable[Value],
    carried: Callable[[Edge], Flow] | None = None,
) -> Mapping[Value, Sum]:
    """What the gradients of some nodes are made of; those without any consumer are left out.

    Args:
        graph: the graph.
        state: where the numbers come from.
        nodes: whose gradients.
        carried: what each edge carries, where that has been found already.

    >>> from viz.appearance.numbers import OWN
    >>> x = Value(3.0, "x")
    >>> y = x * 2 + x
    >>> y.backward()
    >>> sums(Graph(y), OWN, [x])[x]
    Sum(terms=[1.0, 2.0], waiting=False, earlier=0.0, other='')
    """
    wanted = dict.fromkeys(v for v in nodes if v.op != "const")
    carried = carried or partial(flow, state)
    flows: dict[Value, list[Flow]] = {}
    for result in reversed(graph.nodes):
        for slot, operand in enumerate(result.parents):
            if operand in wanted:
                found = carried(Edge(operand, result, slot))
                if found.local is not None:
                    flows.setdefault(operand, []).append(found)
    return {v: _sum(state, v, found) for v, found in flows.items()}


def total(numbers: Iterable[float]) -> float:
    """The sum from left to right: Python's own rounds otherwise from 3.12 on.

    >>> total([1e16, 1.0, -1e16])
    0.0
    """
    return reduce(add, numbers, 0.0)


def _sum(state: State, v: Value, flows: list[Flow]) -> Sum:
    terms = [f.contribution for f in flows if f.contribution is not None]
    awaits = getattr(state, "awaits", None)
    found = Sum(terms, waiting=bool(awaits and awaits(v)))
    if not terms or not state.has_grad(v):
        return found
    rest = state.grad(v) - total(terms)
    if not math.isfinite(total(terms)) or abs(rest) <= 1e-9 * total(map(abs, terms)):
        return found
    if v.parents:  # only leaves accumulate
        return found._replace(other="of another pass")
    if not state.grad(v):
        return found._replace(other="set to 0 since")
    return found._replace(earlier=rest)
