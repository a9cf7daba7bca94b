"""The paths of a graph between a node and the output, and the sum of their products.

There may be more paths than atoms in the world: they are counted without being listed, and listed
only if they are few.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from autograd.backward import partials
from autograd.graph import Graph
from autograd.recording.ledger import History
from autograd.stepping.events import flowing_slots
from autograd.value import Value


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
    """The exact number of paths."""
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
    reached = _reached(graph, wrt) if wrt in graph.index else set()
    uses = _uses(graph, wrt, reached)
    count = sum(paths for _, _, paths in uses)
    if count > max_paths:
        return [_first_step(wrt, *use, cotangents[use[0]]) for use in uses], count, True
    partials_of = cache(partials)
    walks = _walks(output, wrt, reached)
    return [_path(nodes, slots, partials_of) for nodes, slots in walks], count, False


def _flow(v: Value) -> Iterator[tuple[int, Value]]:
    return ((slot, v.parents[slot]) for slot in flowing_slots(v))


def _reached(nodes: Iterable[Value], wrt: Value) -> set[Value]:
    """Return the nodes whose number depends on `wrt`, itself included."""
    reached = {wrt}
    for v in nodes:
        if any(operand in reached for _, operand in _flow(v)):
            reached.add(v)
    return reached


def _uses(graph: Graph, wrt: Value, reached: set[Value]) -> list[tuple[Value, int, int]]:
    """Return each (consumer, slot) of `wrt` with the number of paths that begin there.

    They come in the order of the backward pass. No path is walked: a node has as many paths to the
    output as its consumers together. A count is dropped once it is used, since it may have a
    million digits.
    """
    uses = []
    to_output = {graph.outputs[0]: 1}
    for v in reversed(graph.nodes):
        paths = to_output.pop(v, 0)
        if not paths or v not in reached or v is wrt:
            continue
        for slot, operand in _flow(v):
            if operand is wrt:
                uses.append((v, slot, paths))
            elif operand in reached:
                to_output[operand] = to_output.get(operand, 0) + paths
    return uses


def _first_step(wrt: Value, consumer: Value, slot: int, paths: int, upstream: float) -> Term:
    local: Any = partials(consumer)[slot]
    return Term((wrt, consumer), (slot,), (local,), upstream, upstream * local, paths)


def _walks(
    output: Value, wrt: Value, reached: set[Value]
) -> Iterator[tuple[Sequence[Value], Sequence[int]]]:
    """Yield every path from the output down to `wrt`, operands from left to right."""
    if output not in reached:
        return
    nodes, slots, branches = [output], [-1], [_flow(output)]
    while branches:
        slot, operand = next(branches[-1], (-1, None))
        if operand is None:
            for trail in (nodes, slots, branches):
                trail.pop()
        elif operand is wrt:
            yield (*nodes, wrt), (*slots[1:], slot)
        elif operand in reached:
            nodes.append(operand)
            slots.append(slot)
            branches.append(_flow(operand))


def _path(
    down: Sequence[Value], slots: Sequence[int], partials_of: Callable[[Value], Sequence[Any]]
) -> Term:
    factors = [partials_of(v)[slot] for v, slot in zip(down, slots, strict=False)]
    product = math.prod(factors, start=1.0)
    return Term(tuple(down[::-1]), tuple(slots[::-1]), tuple(factors[::-1]), 1.0, product, 1)
