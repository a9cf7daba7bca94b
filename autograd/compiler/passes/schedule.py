"""Which scalars are computed together: groups of isomorphic nodes, in an order in which they run.

Two nodes are of one class if they are the same operation on operands of the same kind, made at the
same place of the source. A group is those of one class and one depth (see `autograd.compiler.passes.depths`),
which even the first position of a causal attention shares with the others.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Sequence

import numpy as np

from autograd.compiler.passes.depths import Dependencies, Ints, distinct
from autograd.compiler.passes.names import base_name
from autograd.compiler.passes.sums import (
    NONE,
    Apply,
    Fold,
    Form,
    Forms,
    Node,
    Take,
    Total,
    operands_of,
)


def schedule(forms: Forms) -> list[list[Node]]:
    """The nodes in groups: none depends on its own group or a later one.

    Within a group nodes stand in the order in which the user's code made them, or those that they
    are the derivatives of.
    """
    nodes = sorted(forms.form)
    if not nodes:
        return []
    graph = _Dependencies(forms, nodes)
    groups = _groups(forms, nodes, graph)
    order, stuck = graph.order(groups)
    if stuck:  # groups that need each other: levels never do
        groups = distinct(np.stack([groups, np.where(np.isin(groups, stuck), graph.level, 0)]))
        order, stuck = graph.order(groups)
        assert not stuck
    members: dict[int, list[Node]] = {group: [] for group in order}
    for node, group in zip(nodes, groups.tolist(), strict=True):
        members[group].append(node)
    return [sorted(members[group], key=lambda node: _position(forms, node)) for group in order]


def _position(forms: Forms, node: Node) -> tuple[int, int]:
    """Where a node stands in its group: of a gradient as what was visited, not backwards."""
    origin = _origin(forms, node)
    return (node if origin is None else origin), node


def _groups(forms: Forms, nodes: Sequence[Node], graph: _Dependencies) -> Ints:
    """A number for each class and depth.

    What the backward pass made at a visit belongs together only if the nodes visited do: so what
    the user wrote is grouped first, then its gradient, then the gradient of that.
    """
    root = {x: node for node, taken in forms.absorbed.items() for x in taken}
    origins = [_origin(forms, node) for node in nodes]
    number = {node: i for i, node in enumerate(nodes)}
    visited = [-1 if x is None else number.get(root.get(x, x), -1) for x in origins]
    orders = _orders(forms, nodes)
    groups = np.zeros(len(nodes), dtype=np.int64)
    total = 0
    for order in range(max(orders) + 1):
        keys: dict[Hashable, int] = {}
        classes = [
            keys.setdefault((class_of(forms, node), int(groups[v]) if v >= 0 else -1), len(keys))
            if o == order else -1
            for node, v, o in zip(nodes, visited, orders, strict=True)
        ]  # fmt: skip
        found = graph.groups_by_depth(np.array(classes))
        here = np.array(orders) == order
        groups[here] = total + found[here]
        total = int(groups.max()) + 1
    return distinct(groups[None])


def _origin(forms: Forms, node: Node) -> Node | None:
    return forms.tape.origins.get(forms.mean_of.get(node, node))


def _orders(forms: Forms, nodes: Sequence[Node]) -> list[int]:
    """0 for what the user wrote, 1 for what is of its gradient, 2 for what is of that's."""
    origins = forms.tape.origins
    order: dict[Node, int] = {}
    for node in sorted(origins):
        order[node] = order.get(origins[node], 0) + 1
    return [order.get(forms.mean_of.get(node, node), 0) for node in nodes]


def class_of(forms: Forms, node: Node) -> Hashable:
    """What a node must share with the others of its group."""
    tape, form = forms.tape, forms.form[node]
    written = forms.mean_of.get(node, node)
    place: Hashable = tape.places[written] if written < len(tape) else None
    if isinstance(form, Total):
        owner = tape.cotangent_of.get(written, -1)
        place = place, base_name(tape.names.get(owner, ""))
    return _signature(forms, form), place


def _signature(forms: Forms, form: Form) -> Hashable:
    batched = forms.is_batched
    if isinstance(form, Apply):
        return form.row, tuple([batched[x] for x in form.operands])
    if isinstance(form, Fold):
        return "fold", form.row, frozenset([batched[x] for x in form.operands])
    if isinstance(form, Take):
        return "take", len(form.candidates), frozenset([batched[x] for x in form.candidates])
    kinds = frozenset([term_kind(batched, *term) for term in form.terms])
    if isinstance(form, Total):
        return "total", kinds, bool(form.picks)
    return "sum", kinds, any(x >= len(forms.tape) for _, x, _ in form.terms)


def term_kind(batched: dict[Node, bool], sign: int, x: Node, z: Node) -> tuple[int, int, int]:
    """The sign of a term, how many factors it has, how many of them are batched."""
    if z == NONE:
        return sign, 1, int(batched[x])
    return sign, 2, batched[x] + batched[z]


class _Dependencies(Dependencies):
    """The nodes to be scheduled, numbered from 0, and what each needs of the others."""

    def __init__(self, forms: Forms, nodes: Sequence[Node]) -> None:
        number = {node: i for i, node in enumerate(nodes)}
        super().__init__(
            [
                [number[x] for x in dict.fromkeys(operands_of(forms.form[node])) if x in number]
                for node in nodes
            ]
        )

    def order(self, groups: Ints) -> tuple[list[int], list[int]]:
        """The groups, each after those that it needs, and those that need one another."""
        count = int(groups.max()) + 1
        first = np.full(count, len(groups))
        np.minimum.at(first, groups, np.arange(len(groups)))
        pairs = np.stack([groups[self.needed], groups[self.needing]])
        pairs = np.unique(pairs, axis=1)
        waiting = np.bincount(pairs[1], minlength=count)
        users: list[list[int]] = [[] for _ in range(count)]
        for needed, needing in pairs.T.tolist():
            users[needed].append(needing)
        ready = [(int(first[g]), g) for g in range(count) if not waiting[g]]
        heapq.heapify(ready)
        order: list[int] = []
        while ready:
            _, group = heapq.heappop(ready)
            order.append(group)
            for user in users[group]:
                waiting[user] -= 1
                if not waiting[user]:
                    heapq.heappush(ready, (int(first[user]), user))
        return order, np.flatnonzero(waiting).tolist()
