"""The paths of a graph between a node and the output, and the sum of their products.

There may be more paths than atoms in the world: they are counted without being listed, and listed
only if they are few. Counts are exact up to `MOST`, which stands for all beyond.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from autograd.backward import partials
from autograd.graph import Graph
from autograd.recording.ledger import History
from autograd.value import Value

MOST = 10**10_000
"""The largest number of paths that is told from others: a number with a million digits is slow."""

Flows: TypeAlias = dict[Value, tuple[int, ...]]


class Term(NamedTuple):
    """One summand: a path, or the first step of all paths that begin with it.

    Attributes:
        nodes: the path, from the node that is differentiated by towards the output.
        slots: `nodes[i]` is the operand number `slots[i]` of `nodes[i + 1]`.
        locals: the derivative of `nodes[i + 1]` with respect to that operand.
        upstream: the derivative of the output with respect to the last node; 1.0 for a whole path.
        product: of `upstream` and all `locals`, multiplied in the order of the backward pass.
        paths: the number of paths that the term covers.
    """

    nodes: tuple[Value, ...]
    slots: tuple[int, ...]
    locals: tuple[float, ...]
    upstream: float
    product: float
    paths: int


@dataclass(frozen=True, eq=False, repr=False)
class PathSum:
    """The derivative of `output` with respect to `wrt` as a sum over paths."""

    output: Value
    wrt: Value
    value: float
    """The sum of the terms' products."""
    count: int
    """The number of paths."""
    folded: bool
    """True if a term covers all paths through one consumer of `wrt`."""
    terms: list[Term]
    reverse: float
    """The same derivative as the backward pass gives it."""
    grad: float | None
    """`wrt.grad`; None where no backward has reached it."""
    history: History
    """The backward calls that made up `wrt.grad`, as far as `record()` was on."""
    graph: Graph

    @property
    def size(self) -> float:
        """The sum of the terms' magnitudes, by which rounding errors are measured."""
        return sum([abs(t.product) for t in self.terms], 0.0)


def terms_between(
    graph: Graph, wrt: Value, cotangents: Mapping[Value, float], max_paths: int
) -> tuple[list[Term], int, bool]:
    """Return the terms from `wrt` to the output, the number of paths, and if they are folded.

    With more paths than `max_paths` they are; the cotangents are those of a finished backward pass.
    """
    output = graph.outputs[0]
    if output is wrt:
        return [Term((wrt,), (), (), 1.0, 1.0, 1)], 1, False
    flows = _flows(graph, wrt)
    uses = _uses(graph, wrt, flows)
    count = min(sum([paths for _, _, paths in uses]), MOST)
    if count > max_paths:
        return [_first_step(wrt, *use, cotangents[use[0]]) for use in uses], count, True
    walks, local = _walks(output, wrt, flows), cache(_local)
    return [_path(nodes, slots, local) for nodes, slots in walks], count, False


def _flows(nodes: Iterable[Value], wrt: Value) -> dict[Value, tuple[int, ...]]:
    """Return the nodes whose number depends on `wrt`, with the slots through which it does."""
    flows: Flows = {wrt: ()}
    for v in nodes:
        operands = _operands(v)
        first, second, third = operands
        if first in flows or second in flows or third in flows:
            assert v._row is not None
            rules = v._row.partials
            slots = [i for i, p in enumerate(operands) if p in flows and rules[i] is not None]
            if slots:
                flows[v] = tuple(slots)
    return flows


def _operands(v: Value) -> tuple[Any, ...]:
    return v._p0, v._p1, v._p2  # the tuple of those that there are takes longer to make


def _uses(graph: Graph, wrt: Value, flows: Flows) -> list[tuple[Value, int, int]]:
    """Return each (consumer, slot) of `wrt` with the number of paths that begin there.

    They come in the order of the backward pass. No path is walked: a node has as many paths to the
    output as its consumers together.
    """
    uses = []
    to_output = {graph.outputs[0]: 1}
    for v in reversed(graph.nodes):
        if v in flows and (paths := to_output.pop(v, 0)):
            for slot in flows[v]:
                operand = _operands(v)[slot]
                if operand is wrt:
                    uses.append((v, slot, paths))
                elif paths is MOST:
                    to_output[operand] = MOST
                else:
                    to_output[operand] = min(to_output.get(operand, 0) + paths, MOST)
    return uses


def _first_step(wrt: Value, consumer: Value, slot: int, paths: int, upstream: float) -> Term:
    local = _local(consumer, slot)
    return Term((wrt, consumer), (slot,), (local,), upstream, upstream * local, paths)


def _local(v: Value, slot: int) -> float:
    local = partials(v)[slot]
    assert local is not None
    return local


def _walks(
    output: Value, wrt: Value, flows: Flows
) -> Iterator[tuple[Sequence[Value], Sequence[int]]]:
    """Yield every path from the output down to `wrt`, operands from left to right."""
    if output not in flows:
        return
    nodes, slots, branches = [output], [-1], [iter(flows[output])]
    while branches:
        slot = next(branches[-1], -1)
        if slot < 0:
            for trail in (nodes, slots, branches):
                trail.pop()
            continue
        operand = _operands(nodes[-1])[slot]
        if operand is wrt:
            yield (*nodes, wrt), (*slots[1:], slot)
        else:
            nodes.append(operand)
            slots.append(slot)
            branches.append(iter(flows[operand]))


def _path(
    down: Sequence[Value], slots: Sequence[int], local: Callable[[Value, int], float]
) -> Term:
    factors = [local(v, slot) for v, slot in zip(down, slots, strict=False)]
    product = math.prod(factors, start=1.0)
    return Term(tuple(down[::-1]), tuple(slots[::-1]), tuple(factors[::-1]), 1.0, product, 1)
