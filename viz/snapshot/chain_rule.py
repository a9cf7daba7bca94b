"""The chain rule in numbers: a gradient as the sum of the contributions of the node's consumers.

The sum has the order of the backward pass (see `viz.snapshot.numbers`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import add
from typing import NamedTuple

from autograd import Edge, Graph, Value
from viz.snapshot.numbers import Flow, Flows, State

_TERMS = 3  # of a sum, in a line; beyond two lines they are counted


class GradientSum(NamedTuple):
    """The gradient of a node as the sum of contributions."""

    terms: tuple[float, ...]
    """The contributions that have arrived, in the order of the backward pass."""
    waiting: bool
    """True if others are still to come."""
    earlier: float = 0.0
    """The gradient before this pass, of a leaf that was not set to zero."""
    other: str = ""
    """The reason why the gradient is not the sum: "of another pass", "set to 0 since"; or ""."""

    def lines(self, written: Callable[[float], str]) -> list[str]:
        """The lines under the gradient in a picture; none if they would add nothing.

        >>> GradientSum((6.0, -1.0), True).lines(str), GradientSum((6.0,), False).lines(str)
        (['= 6.0 - 1.0 + …'], [])
        """
        more = self.earlier or self.waiting or self.other
        if not self.terms or (len(self.terms) == 1 and not more):
            return []
        return [f"({self.other})"] if self.other else self._added(written)

    def _added(self, written: Callable[[float], str]) -> list[str]:
        many = len(self.terms) > 2 * _TERMS
        shown = self.terms[:_TERMS] if many else self.terms
        numbers = [written(x or 0.0).removeprefix("+") for x in shown]
        signed = [f"- {x[1:]}" if x.startswith("-") else f"+ {x}" for x in numbers]
        if many:
            signed.append(f"… of {len(self.terms):,}")
        if self.earlier:
            signed.append(f"+ {written(self.earlier)} earlier".replace("+ -", "- "))
        if self.waiting:
            signed.append("+ …")
        signed[0] = f"= {numbers[0]}"
        return [" ".join(signed[i : i + _TERMS]) for i in range(0, len(signed), _TERMS)]


def sums(graph: Graph, flows: Flows, nodes: Iterable[Value]) -> Mapping[Value, GradientSum]:
    """The gradients of nodes as sums; nodes without consumers are left out.

    >>> from viz.snapshot.numbers import OWN
    >>> x = Value(3.0, "x")
    >>> y = x * 2 + x
    >>> y.backward()
    >>> sums(Graph(y), Flows(OWN), [x])[x]
    GradientSum(terms=(1.0, 2.0), waiting=False, earlier=0.0, other='')
    """
    wanted = dict.fromkeys(v for v in nodes if v.op != "const")
    arriving: dict[Value, list[Flow]] = {}
    for result in reversed(graph.nodes):
        for slot, operand in enumerate(result.parents):
            if operand in wanted:
                flow = flows.of(Edge(operand, result, slot))
                if flow.local is not None:
                    arriving.setdefault(operand, []).append(flow)
    return {v: _sum(flows.state, v, own) for v, own in arriving.items()}


def total(numbers: Iterable[float]) -> float:
    """The sum from left to right: from 3.12 on Python's own rounds differently.

    >>> total([1e16, 1.0, -1e16])
    0.0
    """
    return reduce(add, numbers, 0.0)


def _sum(state: State, v: Value, flows: list[Flow]) -> GradientSum:
    terms = tuple([f.contribution for f in flows if f.contribution is not None])
    awaits = getattr(state, "awaits", None)
    gathered = GradientSum(terms, waiting=bool(awaits and awaits(v)))
    if not terms or not state.has_grad(v):
        return gathered
    rest = state.grad(v) - total(terms)
    if not math.isfinite(total(terms)) or abs(rest) <= 1e-9 * total(map(abs, terms)):
        return gathered
    if v.parents:  # only leaves accumulate
        return gathered._replace(other="of another pass")
    if not state.grad(v):
        return gathered._replace(other="set to 0 since")
    return gathered._replace(earlier=rest)
