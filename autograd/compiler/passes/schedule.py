"""The schedule: groups of isomorphic nodes that are computed together, in the order of the run.

Two nodes are of one class if they are the same operation on operands of the same kind, made at the
same place of the source. A group holds those of one class and one depth (see `depths.py`), which
even the first position of a causal attention shares with the others.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable

import numpy as np

from autograd.compiler.passes.depths import Dependencies, Ints, distinct
from autograd.compiler.passes.forms import (
    Apply,
    Extreme,
    Forms,
    Node,
    Scan,
    Take,
    Total,
    operands_of,
)  # fmt: skip
from autograd.compiler.passes.names import base_name


def schedule(forms: Forms) -> list[list[Node]]:
    """Return the nodes in groups, none of which depends on itself or a later one.

    The nodes of a group are in the order in which the user's code made them, or the nodes whose
    derivatives they are.
    """
    nodes = sorted(forms.form)
    if not nodes:
        return []
    number = {node: i for i, node in enumerate(nodes)}
    made_by = forms.made_by
    operands = [
        dict.fromkeys([made_by.get(x, x) for x in operands_of(forms.form[node])]) for node in nodes
    ]
    graph = Dependencies([[number[x] for x in each if x in number] for each in operands])
    groups = _groups(forms, number, graph)
    order, stuck = _order(graph, groups)
    if stuck:  # groups that need each other: levels never do
        groups = distinct(np.stack([groups, np.where(np.isin(groups, stuck), graph.level, 0)]))
        order, stuck = _order(graph, groups)
        assert not stuck
    members: dict[int, list[Node]] = {group: [] for group in order}
    for node, group in zip(nodes, groups.tolist(), strict=True):
        members[group].append(node)
    return [sorted(members[group], key=lambda node: _position(forms, node)) for group in order]


def _position(forms: Forms, node: Node) -> tuple[int, int]:
    """The sort key of a node in its group; of a gradient, that of the node it was sent from."""
    origin = _origin(forms, node)
    return (node if origin is None else origin), node


def _groups(forms: Forms, number: dict[Node, int], graph: Dependencies) -> Ints:
    """A number for each class and depth of the nodes, which are numbered.

    Contributions of the backward pass belong together only if the nodes that sent them do: so the
    user's nodes are grouped first, then their gradient, then the gradient of that.
    """
    root = {x: node for node, taken in forms.absorbed.items() for x in taken}
    origins = [_origin(forms, node) for node in number]
    visited = [-1 if x is None else number.get(root.get(x, x), -1) for x in origins]
    orders = _orders(forms, number)
    groups = np.zeros(len(number), dtype=np.int64)
    total = 0
    for order in range(max(orders) + 1):
        keys: dict[Hashable, int] = {}
        classes = [
            keys.setdefault((class_of(forms, node), int(groups[v]) if v >= 0 else -1), len(keys))
            if o == order else -1
            for node, v, o in zip(number, visited, orders, strict=True)
        ]  # fmt: skip
        here = np.array(orders) == order
        others = len(keys) + np.arange(len(here))  # each alone
        by_depth = graph.groups_by_depth(np.where(here, classes, others))
        groups[here] = total + by_depth[here]
        total = int(groups.max()) + 1
    return distinct(groups[None])


def _origin(forms: Forms, node: Node) -> Node | None:
    return forms.tape.origins.get(forms.mean_of.get(node, node))


def _orders(forms: Forms, nodes: Iterable[Node]) -> list[int]:
    """The order of each node: 0 if the user wrote it, 1 in the gradient, 2 in its gradient."""
    origins = forms.tape.origins
    order: dict[Node, int] = {}
    for node in sorted(origins):
        order[node] = order.get(origins[node], 0) + 1
    return [order.get(forms.mean_of.get(node, node), 0) for node in nodes]


def class_of(forms: Forms, node: Node) -> Hashable:
    """The class of a node, which all nodes of its group share."""
    tape, form = forms.tape, forms.form[node]
    written = forms.mean_of.get(node, node)
    place: Hashable = tape.places[written] if written < len(tape) else None
    if isinstance(form, Total):
        owner = tape.cotangent_of.get(written, -1)
        place = place, base_name(tape.names.get(owner, ""))
    return _signature(forms, node), place


def _signature(forms: Forms, node: Node) -> Hashable:
    form, batched = forms.form[node], forms.is_batched
    if isinstance(form, Apply):
        return form.row, tuple([batched[x] for x in form.operands])
    if isinstance(form, Scan):
        return "scan", node
    if isinstance(form, Extreme):
        return "fold", form.row, frozenset([batched[x] for x in form.operands])
    if isinstance(form, Take):
        return "take", len(form.candidates), frozenset([batched[x] for x in form.candidates])
    kinds = frozenset([term.kind(batched) for term in form.terms])
    if isinstance(form, Total):
        return "total", kinds, bool(form.picks)
    return "sum", kinds, any(x >= len(forms.tape) for _, x, _ in form.terms)


def _order(graph: Dependencies, groups: Ints) -> tuple[list[int], list[int]]:
    """Sort the groups topologically; also return those that depend on one another."""
    count = int(groups.max()) + 1
    first = np.full(count, len(groups))
    np.minimum.at(first, groups, np.arange(len(groups)))
    keys = np.unique(groups[graph.needed] * count + groups[graph.needing])
    pairs = np.stack(np.divmod(keys, count))
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
