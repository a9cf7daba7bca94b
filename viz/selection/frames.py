"""The frames of a picture, derived from the names of the nodes.

`layer0.neuron3.w[5]` lies in the scope `layer0.neuron3`: the name up to its last dot. Each part of
a scope is a frame, nested in the one before. A node without a name lies in the one scope that
occurs both among the nearest named nodes that it depends on and among the nearest named nodes that
depend on it. So the sums of a neuron lie in its frame, and a loss of several outputs in none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

import numpy as np

from autograd import Value
from viz.selection.wiring import Ints, Mask, Wiring, numbered, renumbered

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
    if "." not in name:
        return (), name
    *scope, short = _DOT.split(name)
    parts = tuple(part for part in scope if part.strip())
    if len(parts) > DEPTH:
        parts = (*parts[: DEPTH - 1], ".".join(parts[DEPTH - 1 :]))
    return parts, short


def common(paths: Sequence[Scope]) -> Scope:
    """The innermost scope that contains all of the scopes.

    >>> common([("a", "b", "c"), ("a", "b"), ("a", "b", "d")])
    ('a', 'b')
    """
    agree = [len(set(parts)) == 1 for parts in zip(*paths, strict=False)]
    return paths[0][: [*agree, False].index(False)]


def scope_of(path: str) -> Scope:
    """Return the scope for a path of names joined by dots.

    >>> scope_of("layer0.neuron3")
    ('layer0', 'neuron3')
    """
    return split_name(f"{path}.x")[0] if path else ()


def scopes(nodes: Sequence[Value]) -> dict[Value, Scope]:
    """The scope of each node: the one noted by `record()`, elsewhere the one given by names.

    The nodes are in topological order; () is for a node in no frame. A leaf that is used in one
    scope only, whose path ends with the scope of the leaf's own name, is moved there: `layer0.w` to
    `encoder.layer0`.

    >>> w, x = Value(2.0, "neuron.w"), Value(3.0, "x")
    >>> product = w * x
    >>> output = product.tanh()
    >>> output.name = "neuron.a"
    >>> by_node = scopes([w, x, product, output])
    >>> by_node[x], by_node[product]
    ((), ('neuron',))
    >>> from autograd import record, scope
    >>> w = Value(2.0, "layer0.w")
    >>> with record(), scope("encoder"), scope("layer0"):
    ...     product = w * 3
    >>> scopes([w, product.parents[1], product])[w]
    ('encoder', 'layer0')
    """
    numbers, table = numbered_scopes(Wiring(nodes))
    return dict(zip(nodes, map(table.__getitem__, numbers.tolist()), strict=True))


def numbered_scopes(wiring: Wiring) -> tuple[Ints, list[Scope]]:
    """A number for the scope of each node, and the scopes that the numbers stand for."""
    numbers, table = _with_notes(wiring, *_by_names(wiring))
    there = np.flatnonzero(np.bincount(numbers))
    return renumbered(numbers), [table[i] for i in there.tolist()]


def _with_notes(wiring: Wiring, numbers: Ints, table: list[Scope]) -> tuple[Ints, list[Scope]]:
    """The scopes noted by `record()` in place of those by names."""
    if not any(wiring.origins):
        return numbers, table
    noted, paths = numbered(at[2] if at else "" for at in wiring.origins)
    place = {scope: i for i, scope in enumerate(table)}
    of_path = np.array([place.setdefault(scope_of(path), len(place)) for path in paths])
    is_noted = np.array([bool(path) for path in paths], dtype=bool)[noted]
    if not is_noted.any():
        return numbers, table
    numbers = np.where(is_noted, of_path[noted], numbers)
    return _with_leaves_moved(wiring, numbers, list(place)), list(place)


def _with_leaves_moved(wiring: Wiring, numbers: Ints, table: Sequence[Scope]) -> Ints:
    """Move leaves to the one scope that they are used in, if it ends with their own."""
    inner = wiring.shared_by_users(wiring.is_source, numbers)
    moved = numbers.copy()
    for i in np.flatnonzero((inner >= 0) & (inner != numbers)).tolist():
        own, there = table[numbers[i]], table[inner[i]]
        if there[len(there) - len(own) :] == own and (own or not wiring.is_named[i]):
            moved[i] = inner[i]
    return moved


def _by_names(wiring: Wiring) -> tuple[Ints, list[Scope]]:
    """The same as `numbered_scopes` by names alone; the scope () has the number 0."""
    place: dict[Scope, int] = {(): 0}
    split = cache(lambda name: place.setdefault(split_name(name)[0], len(place)))
    own = [split(v._name) if v._name else -1 for v in wiring.nodes]
    if len(place) == 1:  # no name has a dot
        return np.zeros(len(own), dtype=np.int64), [()]
    # A set of scopes is stored as the bits of an integer: a union is one fast operation, and even
    # for thousands of neurons a set takes only a few hundred bytes.
    bits = [0, *(1 << i for i in range(len(place) - 1))]
    before, after = _before(wiring, own, bits), _after(wiring, own, bits)
    numbers = np.array([
        named if named >= 0 else _only(b & a)
        for named, b, a in zip(own, before, after, strict=True)
    ])  # fmt: skip
    unnamed: Mask = wiring.made_by("const") & ~wiring.is_named
    shared = wiring.shared_by_users(unnamed, numbers)
    return np.where(shared >= 0, shared, numbers), list(place)


def _only(scopes: int) -> int:
    """The number of the only scope in a set; 0 for none or several."""
    return 0 if scopes & (scopes - 1) else scopes.bit_length()


def _before(wiring: Wiring, own: Sequence[int], bits: Sequence[int]) -> list[int]:
    """For each node, the scopes of the nearest named nodes that it depends on."""
    before: list[int] = []
    passed = [0] * (len(own) + 1)  # the last is that of a missing operand
    for i, (p, q, r) in enumerate(zip(*wiring.operands, strict=True)):
        scopes = passed[p] | passed[q] | passed[r]
        before.append(scopes)
        passed[i] = scopes if own[i] < 0 else bits[own[i]]
    return before


def _after(wiring: Wiring, own: Sequence[int], bits: Sequence[int]) -> list[int]:
    """For each node, the scopes of the nearest named nodes that depend on it."""
    after = [0] * len(own)
    slots = zip(*(reversed(slot) for slot in wiring.operands), strict=True)
    for i, operands in zip(range(len(own) - 1, -1, -1), slots, strict=True):
        scopes = after[i] if own[i] < 0 else bits[own[i]]
        if scopes:
            for p in operands:
                if p >= 0:
                    after[p] |= scopes
    return after
