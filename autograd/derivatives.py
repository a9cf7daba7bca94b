"""Derivatives with respect to chosen nodes: as floats, or as graphs to differentiate again.

`gradients` leaves every `.grad` alone, and visits what lies between the output and the inputs:
history behind the inputs costs nothing. With `create_graph=True` the backward pass itself is
recorded: the rules of the table are evaluated on Values, so second and higher derivatives need no
rules of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, islice, repeat
from typing import Any, TypeAlias

from autograd import modes
from autograd.backward import N, pull_back, traverse
from autograd.errors import AnomalyError, StaleGraphError
from autograd.graph import flatten
from autograd.node import UNSET, Node
from autograd.primitive import CONST
from autograd.provenance import origin
from autograd.text import wording
from autograd.text.spelling import suggesting
from autograd.value import Value, constant

Part: TypeAlias = tuple[dict[N, float], dict[N, float]]
"""Unset cotangents: of the nodes where a visit ends, and of those to pull back from, in order."""


@suggesting
def gradients(output: Value, inputs: Any, create_graph: bool = False) -> list[Any]:
    """The derivatives of `output` with respect to each of the inputs, leaves or interior nodes.

    Returns a list in the order of the inputs, which may be nested lists and arrays: floats, or
    Values that can be differentiated again with `create_graph=True`. An input that the output does
    not depend on gives 0.0. No `.grad` is touched.

    Raises StaleGraphError with `create_graph=True` if a Value's data changed since the forward
    pass, for then the recorded derivatives and those of the new numbers differ.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> [slope] = gradients(x**3, [x], create_graph=True)
    >>> slope.data, gradients(slope, [x])
    (27.0, [18.0])
    """
    if not isinstance(output, Value):
        raise TypeError(f"gradients() are of a Value, got {type(output).__name__} {output!r:.80}")
    wanted = list(flatten(inputs))
    if modes.active and (trace := modes.trace()):
        return trace.gradients(output, wanted, create_graph)
    observer = modes.observer() if modes.active else None
    ends, order = between(output, wanted)
    if create_graph or observer:
        ends, order = leading(ends, order, output, wanted)
    cotangents: dict[Value, Any] = ends | order
    if create_graph:
        work = partial(_recorded_cotangents, order, output, wanted)
        cotangents = observer.record_pull_back(output, order, wanted, work) if observer else work()
    else:
        cotangents[output] = 1.0
        if observer:
            observer.pull_back(output, cotangents, order, wanted)
        else:
            pull_back(cotangents, len(order))
    gathered = [UNSET if v._row is CONST else cotangents.get(v, UNSET) for v in wanted]
    slopes = [0.0 if g is UNSET else g for g in gathered]
    return [constant(g) if create_graph and type(g) is float else g for g in slopes]


def _recorded_cotangents(
    order: dict[Value, float], output: Value, wanted: Sequence[Value]
) -> dict[Value, Any]:
    """Run the backward pass on Values: every product and every sum is a node."""
    check_fresh(order)
    cotangents: dict[Value, Any] = {output: 1.0}
    takes = order.keys() | wanted
    for v in reversed(order):
        rules = v._row.partials if v._row else ()
        primals = [p._float if p._row is CONST else p for p in v.parents]
        for slot, (operand, rule) in enumerate(zip(v.parents, rules, strict=False)):
            if rule is not None and operand in takes and operand._row is not CONST:
                try:
                    sent = _sent(v, slot, cotangents[v], primals)
                    gathered = cotangents.get(operand)
                    cotangents[operand] = sent if gathered is None else gathered + sent
                except AnomalyError as error:
                    error.add_note(_formed(v, slot))
                    raise
    return cotangents


def _formed(v: Value, slot: int) -> str:
    """Name the derivative that was being formed when an anomaly was raised."""
    operand, made = v.parents[slot], origin(v)
    called = wording.name(operand.name) if operand.name else f"operand {slot}"
    at = f", made at {made.line}" if made.line else ""
    return f"while the derivative of {v.op} with respect to {called} was formed{at}"


def _sent(v: Value, slot: int, g: Any, primals: Sequence[Any]) -> Any:
    """Record what a node sends to an operand; constants among its operands are plain numbers."""
    assert v._row is not None
    rule: Any = (v._row.vjps or v._row.partials)[slot]
    if v._row.selects:
        return rule(g, v, *primals)
    local = rule(v, *primals)
    # A factor of exactly 1 is left out: people read the graph of a gradient, too.
    if type(g) is float and g == 1.0:
        return local
    return g if type(local) is float and local == 1.0 else g * local


def check_fresh(order: Iterable[Value]) -> None:
    """Raise StaleGraphError unless every operand's data are those of the recorded forward pass."""
    for v, operand, recorded in changed(order):
        raise StaleGraphError(
            f"{operand!r} was {recorded!r} when {v.op!r} recorded it and is {operand._float!r} "
            "now: run the forward pass again, then ask for its gradients"
        )


def changed(order: Iterable[Value]) -> Iterator[tuple[Value, Value, float]]:
    """Yield nodes with what has other data than recorded, an operand or the node, and those."""
    for v in order:
        # Nearly always they are the very objects that were recorded, and `is` is quick.
        if v._row is None or (v._float is v._y and (v._p0 is None or v._p0._float is v._x0) and (
            (v._p1 is None or v._p1._float is v._x1) and (v._p2 is None or v._p2._float is v._x2)
        )):  # fmt: skip
            continue
        for operand, recorded in zip((v, *v.parents), (v._y, *v._primals), strict=True):
            if not _same(operand._float, recorded):
                yield v, operand, recorded


def _same(x: float, z: float) -> bool:
    """True if two floats are the same number to compute with: nan is nan, -0.0 is not 0.0."""
    return x != x and z != z if x != z else x != 0.0 or math.copysign(1, x) == math.copysign(1, z)


# What lies between an output and its inputs


def between(output: N, wanted: Iterable[N]) -> Part[N]:
    """The part of a graph that is visited: `pull_back(ends | order, len(order))` does the rest.

    Derivatives are total: where one input lies behind another, its derivative counts the path
    through the other, as PyTorch's does. So a visit may end only where no input lies behind. A
    single input is such a place. Of several, depths tell: a node is deeper than all that it depends
    on, so a node no deeper than the least deep input leads to no other. Operations count no depths,
    for that would slow every one of them: a node is given its depth when one is first asked for,
    and keeps it. However often a graph is differentiated while it grows, it is walked for depths
    once. A leaf has no depth, and everything is visited: nearly any node might depend on it.

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
