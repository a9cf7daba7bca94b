"""Copies and pickles of graphs of any depth, in which one node stays one node.

`copy.deepcopy` and `pickle` recurse into whatever an object refers to: a chain of a million nodes
would overflow the stack. So a node copies all that lies below it in a loop, and a pickled node is
written as a `Bundle`, a flat table of all that lies below it, and its place in that table. The
pickler writes each bundle once; `_bundle_of` lets every node of a bundle find it while it lives,
which is as long as the pickler remembers it. Leaves are pickled one by one and referred to.
"""

from __future__ import annotations

import copy
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.value import Value

_SLOTS = ("_data", "_grad", "_name", "_row", "_p0", "_p1", "_p2", "_x0", "_x1", "_x2", "_y")
_new = object.__new__


def copy_node(v: Value) -> Value:
    """A node with the same data, gradient, name and operands."""
    twin = _new(type(v))
    for slot in _SLOTS:
        if hasattr(v, slot):
            setattr(twin, slot, getattr(v, slot))
    return twin


def deepcopy_node(v: Value, memo: dict[int, Any]) -> Value:
    """A copy of the node and of all below it that `memo` does not have yet."""
    for node in _below(v, lambda node: id(node) in memo):
        twin = copy_node(node)
        twin._p0, twin._p1, twin._p2 = (
            None if p is None else memo[id(p)] for p in (node._p0, node._p1, node._p2)
        )
        memo[id(node)] = twin
    found: Value = memo[id(v)]
    return found


def _below(v: Value, is_done: Callable[[Value], bool]) -> Iterator[Value]:
    """The nodes below v and v, operands first, leaving out what is done already.

    `is_done` is asked again at every step: the consumer marks each node that it is given.
    """
    stack = [v]
    while stack:
        node = stack[-1]
        missing = [p for p in node.parents if not is_done(p)]
        if missing:
            stack += missing[::-1]
        else:
            stack.pop()
            if not is_done(node):
                yield node


# Pickling

_bundle_of: dict[Value, weakref.ref[Bundle]] = {}


def reduce_node(v: Value) -> tuple[Any, ...]:
    """What pickle stores of a node: a leaf's own fields, or a bundle and a place in it."""
    if v._row is None:
        grad = v._grad if v.has_grad else None
        return _leaf, (type(v), v._data, grad, v._name)
    reference = _bundle_of.get(v)
    bundle = reference() if reference else None
    if bundle is None:
        bundle = Bundle(v)
    return _node_of, (bundle, bundle.place[v])


def _leaf(kind: type[Value], data: float, grad: float | None, name: str | None) -> Value:
    v = kind(data, name)
    if grad is not None:
        v._grad = grad
    return v


def _node_of(nodes: list[Value], place: int) -> Value:
    return nodes[place]


class Bundle:
    """The nodes below one node that no other bundle holds, in topological order."""

    def __init__(self, v: Value) -> None:
        """Gather them, and let each find this bundle while it lives."""
        self.place: dict[Value, int] = {}
        place = self.place
        taken = _bundle_of

        def is_done(node: Value) -> bool:
            return node._row is None or node in place or (node in taken and node is not v)

        for node in _below(v, is_done):
            place[node] = len(place)
        reference = weakref.ref(self)
        _bundle_of.update(dict.fromkeys(place, reference))
        weakref.finalize(self, _forget, place, reference).atexit = False

    def __reduce__(self) -> tuple[Any, ...]:
        """The table, column by column: the data are read now, not when the bundle was made."""
        nodes = list(self.place)
        rows = list({v._row: None for v in nodes})
        row_number = {row: i for i, row in enumerate(rows)}
        outside: dict[Value, int] = {}
        parents, primals = array("q"), array("d")
        for v in nodes:
            for operand in v.parents:
                inside = self.place.get(operand)
                parents.append(
                    inside if inside is not None else -1 - outside.setdefault(operand, len(outside))
                )
            primals.extend(v._primals)
        columns = {
            "kind": type(nodes[0]),
            "rows": rows,
            "row": array("H", [row_number[v._row] for v in nodes]),
            "arity": array("B", [len(v.parents) for v in nodes]),
            "parents": parents,
            "primals": primals,
            "results": array("d", [v._y for v in nodes]),
            "changed": {i: v._data for i, v in enumerate(nodes) if v._data is not v._y},
            "grads": array("d", [v._grad for v in nodes]),
            "has_grad": array("B", [v.has_grad for v in nodes]),
            "names": {i: v._name for i, v in enumerate(nodes) if v._name is not None},
        }
        return _unbundle, (columns, tuple(outside))


def _forget(place: Iterable[Value], reference: weakref.ref[Bundle]) -> None:
    for v in place:
        if _bundle_of.get(v) is reference:
            del _bundle_of[v]


def _unbundle(columns: dict[str, Any], outside: tuple[Value, ...]) -> list[Value]:
    """The nodes of a bundle again. Raises what indexing raises if the table is damaged."""
    nodes: list[Value] = []
    parents, primals = iter(columns["parents"]), iter(columns["primals"])
    template = columns["kind"](0.0)
    for i, number in enumerate(columns["row"]):
        v = copy.copy(template)
        v._row = columns["rows"][number]
        arity = columns["arity"][i]
        for slot in range(arity):
            at = next(parents)
            setattr(v, f"_p{slot}", nodes[at] if at >= 0 else outside[-1 - at])
            setattr(v, f"_x{slot}", next(primals))
        v._data = v._y = columns["results"][i]
        v._grad = columns["grads"][i] if columns["has_grad"][i] else template._grad
        v._name = columns["names"].get(i)
        nodes.append(v)
    for i, data in columns["changed"].items():
        nodes[i]._data = data
    return nodes
