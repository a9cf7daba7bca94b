"""The frames of a picture, derived from the names of the nodes.

`layer0.neuron3.w[5]` lies in the scope `layer0.neuron3`: the name up to its last dot. Each part of
a scope is a frame, nested in the one before. A node without a name lies in the one scope that
occurs both among the nearest named nodes that it depends on and among the nearest named nodes that
depend on it. So the products and sums of a neuron lie in its
frame, while a loss computed from several outputs, or from one, lies in none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from autograd import Value, origin

Scope: TypeAlias = tuple[str, ...]
"""The frames around a node, the outermost first."""

DEPTH = 8
"""The most levels of nested frames; deeper scopes are merged into the innermost frame."""

# A dot between digits is a decimal point, and one before a space ends a sentence.
_DOT = re.compile(r"\.(?=[^\d\s.])|(?<!\d)\.(?=\d)")


def split_name(name: str) -> tuple[Scope, str]:
    """Split a name into its scope and the short name within it.

    >>> split_name("layer0.neuron3.w[5]")
    (('layer0', 'neuron3'), 'w[5]')
    >>> split_name("x[0]"), split_name("rate 0.5")
    (((), 'x[0]'), ((), 'rate 0.5'))
    """
    *scope, short = _DOT.split(name)
    parts = tuple(part for part in scope if part.strip())
    if len(parts) > DEPTH:
        parts = (*parts[: DEPTH - 1], ".".join(parts[DEPTH - 1 :]))
    return parts, short


def scope_of(path: str) -> Scope:
    """Return the scope for a path of names joined by dots.

    >>> scope_of("layer0.neuron3")
    ('layer0', 'neuron3')
    """
    return split_name(f"{path}.x")[0]


def frames(nodes: Sequence[Value]) -> dict[Value, Scope]:
    """The scope of each node by names alone; () for a node in no frame.

    Args:
        nodes: in topological order, operands first.

    >>> w, x = Value(2.0, "neuron.w"), Value(3.0, "x")
    >>> product = w * x
    >>> output = product.tanh()
    >>> output.name = "neuron.a"
    >>> by_node = frames([w, x, product, output])
    >>> by_node[x], by_node[product]
    ((), ('neuron',))
    """
    named = {v: split_name(v.name)[0] for v in nodes if v.name}
    # A set of scopes is stored as the bits of an integer: a union is one fast operation, and even
    # for thousands of neurons a set takes only a few hundred bytes.
    scopes = list(dict.fromkeys(scope for scope in named.values() if scope))
    bits = {scope: 1 << i for i, scope in enumerate(scopes)}
    own = {v: bits.get(scope, 0) for v, scope in named.items()}
    before, after = _before(nodes, own), _after(nodes, own)
    by_node = dict(named)
    for v in nodes:
        if v not in named:
            common = before[v] & after[v]
            alone = common and not common & (common - 1)
            by_node[v] = scopes[common.bit_length() - 1] if alone else ()
    return by_node | _scope_of_users(nodes, by_node, lambda v: v.op == "const" and not v.name)


def scopes(nodes: Sequence[Value]) -> dict[Value, Scope]:
    """The scope of each node: the one noted by `record()`, elsewhere the one given by `frames`.

    A leaf that is used in one scope only, whose path ends with the scope of the leaf's own name,
    is moved there: `layer0.w` to `encoder.layer0`.

    >>> from autograd import record, scope
    >>> w = Value(2.0, "layer0.w")
    >>> with record(), scope("encoder"), scope("layer0"):
    ...     product = w * 3
    >>> scopes([w, product.parents[1], product])[w]
    ('encoder', 'layer0')
    """
    by_node = frames(nodes)
    noted = {v: scope_of(at) for v in nodes if v.parents and (at := origin(v).scope)}
    if not noted:
        return by_node
    by_node |= noted
    for leaf, inner in _scope_of_users(nodes, by_node, lambda v: not v.parents).items():
        own = by_node[leaf]
        if inner[len(inner) - len(own) :] == own and (own or not leaf.name):
            by_node[leaf] = inner
    return by_node


def _before(nodes: Sequence[Value], own: dict[Value, int]) -> dict[Value, int]:
    """For each node, the scopes of the nearest named nodes that it depends on."""
    before: dict[Value, int] = {}
    for v in nodes:
        scopes = 0
        for operand in v.parents:
            scopes |= own[operand] if operand in own else before.get(operand, 0)
        before[v] = scopes
    return before


def _after(nodes: Sequence[Value], own: dict[Value, int]) -> dict[Value, int]:
    """For each node, the scopes of the nearest named nodes that depend on it."""
    after: dict[Value, int] = dict.fromkeys(nodes, 0)
    for v in reversed(nodes):
        scopes = own[v] if v in own else after[v]
        for operand in v.parents:
            after[operand] = after.get(operand, 0) | scopes
    return after


def _scope_of_users(
    nodes: Sequence[Value], by_node: dict[Value, Scope], is_wanted: Callable[[Value], bool]
) -> dict[Value, Scope]:
    """For each operand that is wanted, the scope of the nodes that use it, if they share one."""
    users: dict[Value, set[Scope]] = {}
    for v in nodes:
        for operand in filter(is_wanted, v.parents):
            users.setdefault(operand, set()).add(by_node[v])
    return {v: next(iter(scopes)) for v, scopes in users.items() if len(scopes) == 1}
