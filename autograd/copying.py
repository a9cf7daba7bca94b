"""Copies and pickles of graphs of any depth, in which one node stays one node.

`copy.deepcopy` and `pickle` recurse into whatever an object refers to: a chain of a million nodes
would overflow the stack. So `deepcopy` copies the nodes below a node in a loop, and a pickled node
is a `Bundle`, a flat table of the nodes below it, and its place in that table. The pickler writes
each bundle once; `_bundle_of` leads from every node to its bundle for as long as that lives, which
is as long as the pickler remembers it. Leaves are pickled one by one.
"""

from __future__ import annotations

import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from autograd.node import UNSET, Node, set_record

_new = object.__new__


def copy_node(v: Node, parents: Sequence[Node] | None = None) -> Node:
    """A node with the same data, gradient and name, and the same operands or those given."""
    twin = _new(type(v))
    twin._float, twin._grad, twin._name = v._float, v._grad, v._name
    set_record(twin, v._row, v.parents if parents is None else parents, v._primals, v._y)
    return twin


def deepcopy_node(v: Node, memo: dict[int, Any]) -> Node:
    """A copy of the node and of all below it that `memo` does not have yet."""
    for node in _below(v, lambda node: id(node) in memo):
        memo[id(node)] = copy_node(node, [memo[id(p)] for p in node.parents])
    copied: Node = memo[id(v)]
    return copied


def _below(v: Node, is_done: Callable[[Node], bool]) -> Iterator[Node]:
    """Yield v and the nodes below it, operands first, except those that are done already.

    `is_done` is asked again at every step: the caller marks each node that it receives.
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

_bundle_of: dict[Node, weakref.ref[Bundle]] = {}


def reduce_node(v: Node) -> tuple[Any, ...]:
    """The form of a node that pickle stores: a leaf's own fields, or a bundle and a place in it."""
    if v._row is None:
        grad = v._grad if v.has_grad else None
        return _leaf, (type(v), v._float, grad, v._name)
    reference = _bundle_of.get(v)
    bundle = (reference and reference()) or Bundle(v)
    return _node_of, (bundle, bundle.place[v])


def _leaf(kind: type[Any], data: float, grad: float | None, name: str | None) -> Node:
    v: Node = kind(data, name)
    if grad is not None:
        v._grad = grad
    return v


def _node_of(nodes: list[Node], place: int) -> Node:
    return nodes[place]


class Bundle:
    """The nodes below one node that no other bundle holds, in topological order."""

    def __init__(self, v: Node) -> None:
        self.place: dict[Node, int] = {}
        place = self.place

        def is_done(node: Node) -> bool:
            return node._row is None or node in place or (node in _bundle_of and node is not v)

        for node in _below(v, is_done):
            place[node] = len(place)
        reference = weakref.ref(self)
        _bundle_of.update(dict.fromkeys(place, reference))
        weakref.finalize(self, _forget, place, reference).atexit = False

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the table, column by column, with the data as they are now."""
        nodes = list(self.place)
        rows = list(dict.fromkeys(v._row for v in nodes))
        number = {row: i for i, row in enumerate(rows)}
        outside: dict[Node, int] = {}
        columns = {
            "kind": type(nodes[0]),
            "rows": rows,
            "row": array("H", [number[v._row] for v in nodes]),
            "arity": array("B", [len(v._primals) for v in nodes]),
            "parents": self._parents(outside),
            "primals": array("d", [x for v in nodes for x in v._primals]),
            "results": array("d", [v._y for v in nodes]),
            "changed": {i: v._float for i, v in enumerate(nodes) if v._float is not v._y},
            "grads": array("d", [v._grad for v in nodes]),
            "has_grad": array("B", [v.has_grad for v in nodes]),
            "names": {i: v._name for i, v in enumerate(nodes) if v._name is not None},
        }
        return _unbundle, (columns, tuple(outside))

    def _parents(self, outside: dict[Node, int]) -> array[int]:
        """The place of every operand in turn; for one in `outside` -1 minus its place there."""
        places = array("q")
        for v in self.place:
            for operand in v.parents:
                inside = self.place.get(operand)
                if inside is None:
                    inside = -1 - outside.setdefault(operand, len(outside))
                places.append(inside)
        return places


def _forget(place: Iterable[Node], reference: weakref.ref[Bundle]) -> None:
    for v in place:
        if _bundle_of.get(v) is reference:
            del _bundle_of[v]


def _unbundle(columns: dict[str, Any], outside: tuple[Node, ...]) -> list[Node]:
    nodes: list[Node] = []
    kind, rows, names = columns["kind"], columns["rows"], columns["names"]
    parents, primals = iter(columns["parents"]), iter(columns["primals"])
    each = ("row", "arity", "results", "grads", "has_grad")
    for row, arity, y, grad, has_grad in zip(*map(columns.get, each), strict=True):
        v = _new(kind)
        v._float = y
        v._grad = grad if has_grad else UNSET
        v._name = names.get(len(nodes)) if names else None
        operands = [nodes[at] if at >= 0 else outside[-1 - at] for at in islice(parents, arity)]
        set_record(v, rows[row], operands, tuple(islice(primals, arity)), y)
        nodes.append(v)
    for i, data in columns["changed"].items():
        nodes[i]._float = data
    return nodes
