"""What lies between an output and chosen inputs: all that a derivative of one by the others reads.

Derivatives are total: where one input lies behind another, its derivative counts the path through
the other, as PyTorch's does. So a visit may end only where no input lies behind. A single input is
such a place. Of several, depths tell: a node is deeper than all that it depends on, so a node no
deeper than the least deep input leads to no other. Operations count no depths, for that would slow
every one of them: a node is given its depth when one is first asked for, and keeps it. However
often a graph is differentiated while it grows, it is walked for depths once. A leaf has no depth,
and everything is visited: nearly any node might depend on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, islice, repeat
from typing import Any, TypeAlias

from autograd.backward import N, traverse
from autograd.node import UNSET, Node
from autograd.primitive import CONST

Part: TypeAlias = tuple[dict[N, float], dict[N, float]]
"""Unset cotangents: of the nodes where a visit ends, and of those to pull back from, in order."""


def between(output: N, wanted: Iterable[N]) -> Part[N]:
    """The part of a graph that is visited: `pull_back(ends | order, len(order))` does the rest.

    >>> from autograd import Value
    >>> x = Value(2.0) * 3.0
    >>> ends, order = between(x * x + 1.0, [x])
    >>> [v.op for v in ends], [v.op for v in order]
    (['mul', 'const'], ['mul', 'add'])
    """
    inputs = {v for v in wanted if v._row is not CONST}
    if not inputs or output._p0 is None:
        return {output: UNSET}, {}
    if any(v._p0 is None for v in inputs):
        return {}, traverse((output,))
    numbering = _number(output)
    for steps in accumulate(repeat(32), lambda n, _: 4 * n):  # in turns: one may be far shorter
        if len(inputs) == 1 and (part := _visit(output, inputs.__contains__, steps)):
            return part
        if next(islice(numbering, steps, None), numbering) is numbering:  # it has ended
            break
    # An input that still has no depth is not behind the output
    floor = min(getattr(v, "_depth", output._depth) for v in inputs)
    return _visit(output, lambda v: v._depth <= floor) or ({}, {})


def _visit(output: N, ends_at: Callable[[N], bool], most: float = math.inf) -> Part[N] | None:
    """Visit in the order of `traverse`, as far as leaves and where it may end.

    None if there are more nodes than so many.
    """
    ends: dict[N, float] = {}
    order: dict[N, float] = {}
    stack: list[Any] = [output]
    while stack:
        v = stack.pop()
        if v is None:  # the operands of the node below it are placed
            order[stack.pop()] = UNSET
        elif v not in order and v not in ends:
            if v._p0 is None or ends_at(v):
                ends[v] = UNSET
            elif len(order) + len(ends) > most:
                return None
            else:
                stack += (v, None, *v.parents[::-1])
    return ends, order


def _number(output: Node) -> Iterator[None]:
    """Give the nodes behind an output their depths: how many operations lie below, at the most."""
    stack: list[Any] = [output]
    while stack:
        v = stack.pop()
        if v is None:  # the operands of the node below it have theirs
            v = stack.pop()
            v._depth = 1 + max([0 if p._p0 is None else p._depth for p in v.parents])
        elif not hasattr(v, "_depth"):
            stack += (v, None, *[p for p in v.parents if p._p0 is not None])
            yield


def leading(ends: dict[N, float], order: dict[N, float], output: N, wanted: Iterable[N]) -> Part[N]:
    """The same part, with only the nodes to pull back from that carry a derivative to an input."""
    flows = {  # the condition of a `where` gets none
        v: [p for p, rule in zip(v.parents, v._row.partials, strict=False) if rule]
        for v in order
        if v._row and v._p0 is not None
    }
    reached, leads, kept = {output}, {v for v in wanted if v._row is not CONST}, {}
    for v in reversed(flows):
        if v in reached:
            reached.update(flows[v])
    for v, operands in flows.items():
        if v in reached and not leads.isdisjoint(operands):
            leads.add(v)
            kept[v] = UNSET
    return {v: g for v, g in (ends | order).items() if v not in kept}, kept
