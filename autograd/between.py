"""What lies between an output and chosen inputs: all that a derivative of one by the others reads.

Derivatives are total: where one input lies behind another, its derivative counts the path through
the other, as PyTorch's does. So a visit may end only at a node that no input lies behind. If one
of the inputs is a leaf, nearly any node might depend on it, and everything is visited. Otherwise
two walks take turns to find where a visit may end, and the first to finish decides:

- A graph has no cycle: behind a node that lies behind every input there is no input. In a
  simulation whose variables act on each other, that is any node a few steps back.
- A node is deeper than all that it depends on: whatever is no deeper than the least deep of the
  inputs leads to none of the others. Operations count no depths, for that would slow every one of
  them. A node is given its depth when one is first asked for, and keeps it: however often a graph
  is differentiated as it grows, it is walked for depths once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from autograd.backward import N, traverse
from autograd.node import UNSET, Node
from autograd.primitive import CONST


def between(output: N, wanted: Iterable[N]) -> tuple[dict[N, float], dict[N, float]]:
    """Unset cotangents, of the nodes where a visit ends, and of those to pull back from.

    The latter are in topological order: `pull_back(ends | order, len(order))`.

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
    behind: dict[N, int] = {output: 0}
    deque(zip(_number(output), _meet(output, inputs, behind), strict=False), maxlen=0)
    if _depth(output) is None:
        every = (1 << len(inputs)) - 1
        return _visit(output, lambda v: behind[v] == every)
    depths = [depth for v in inputs if (depth := _depth(v)) is not None]
    floor = min(depths, default=output._depth)  # no depth: the output does not depend on it
    return _visit(output, lambda v: v._depth <= floor)


def _visit(output: N, ends_at: Callable[[N], bool]) -> tuple[dict[N, float], dict[N, float]]:
    """Visit in the order of `traverse`, as far as leaves and where it may end."""
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
            else:
                stack += (v, None, *v.parents[::-1])
    return ends, order


def _meet(output: N, inputs: Iterable[N], behind: dict[N, int]) -> Iterator[None]:
    """Note which inputs a node is behind, a bit for each, until only nodes behind all are left.

    Breadth-first: a node behind every input is visited for each one that is not, so that the news
    of what is behind one input catches up with the walk behind another.
    """
    bit = {v: 1 << i for i, v in enumerate(inputs)}
    every = (1 << len(bit)) - 1
    open_, closed = deque([output]), deque[N]()
    visited: set[N] = set()
    stack: list[N] = []
    while open_ or stack:
        if not stack:
            v = open_.popleft()
            if behind[v] == every:
                closed.append(v)
                continue
            stack = [v, closed.popleft()] if closed else [v]
            visited.update(stack)
        v = stack.pop()
        bits = behind[v] | bit.get(v, 0)
        for p in v.parents:
            if p not in behind:
                behind[p] = bits
                if p._p0 is not None:
                    (closed if bits == every else open_).append(p)
            elif bits & ~behind[p]:
                behind[p] |= bits
                if p in visited:  # tell what is behind it
                    stack.append(p)
        yield


def _number(output: Node) -> Iterator[None]:
    """Give their depths to the nodes behind an output that have none: the output is the last."""
    stack: list[Any] = [output]
    while stack:
        v = stack.pop()
        if v is None:  # the operands of the node below it have theirs
            v = stack.pop()
            v._depth = 1 + max([0 if p._p0 is None else p._depth for p in v.parents])
        elif _depth(v) is None:
            stack += (v, None, *[p for p in v.parents if p._p0 is not None])
        yield


def _depth(v: Node) -> int | None:
    """The number of operations on the longest way to a leaf, once it is counted; else None."""
    return getattr(v, "_depth", None)


def leading(
    ends: dict[N, float], order: dict[N, float], output: N, wanted: Iterable[N]
) -> tuple[dict[N, float], dict[N, float]]:
    """The same, with only the nodes to pull back from that carry a derivative to an input.

    >>> from autograd import Value
    >>> x, z = Value(2.0), Value(3.0)
    >>> y = x * x + z * z
    >>> ends, order = leading(*between(y, [x]), y, [x])
    >>> [v.op for v in order]
    ['mul', 'add']
    """
    reached, leads = {output}, {v for v in wanted if v._row is not CONST}
    for v in reversed(order):
        if v in reached:
            reached.update(_flowing(v))
    kept = {}
    for v in order:
        if v in reached and not leads.isdisjoint(_flowing(v)):
            leads.add(v)
            kept[v] = UNSET
    return {v: g for v, g in (ends | order).items() if v not in kept}, kept


def _flowing(v: N) -> tuple[N, ...]:
    """The operands to which a derivative flows: not the condition of a `where`."""
    rules = v._row.partials if v._row else ()
    if None not in rules:
        return v.parents
    return tuple([p for p, rule in zip(v.parents, rules, strict=False) if rule is not None])
