"""Folding what has no names: nodes that one line of array code would compute together.

The groups are those that the compiler makes its instructions of (see `autograd.grouping`): nodes of
one operation, made on one line where that was recorded, at one depth among their own kind. A sum is
one unit, with its products. A leaf belongs with those that are used in the same place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from autograd import Value, origin
from autograd.grouping import Dependencies
from autograd.source import Place

Key: TypeAlias = Hashable
Keys: TypeAlias = dict[Value, Key]
"""The box of each node that is folded; the others are drawn themselves."""

_CELLS, _LEVELS = 20_000_000, 20_000  # beyond them depths would take too much room or time


def by_step(nodes: Sequence[Value], outputs: Collection[Value], sums: Keys) -> Keys:
    """A key for each group of more than one node.

    Args:
        nodes: those to be grouped, in topological order.
        outputs: those that stay on their own.
        sums: a key for each node that is part of a sum.

    >>> x = [Value(float(i)) for i in range(3)]
    >>> y = [v.exp() for v in x]
    >>> len(set(by_step(x + y, [], {}).values()))
    2
    """
    units = _Units(nodes, outputs, sums)
    kinds = [units.kind(u) for u in units.members]
    return units.keys(_groups(units, kinds))


def by_line(nodes: Sequence[Value], outputs: Collection[Value], sums: Keys) -> Keys:
    """The same with all depths in one box: where lines were recorded, all that a line computes.

    >>> x = Value(0.5)
    >>> y = x.sin().sin().sin()
    >>> len(set(by_line(y.parents[0].parents, [], {}).values()))
    0
    """
    units = _Units(nodes, outputs, sums)
    return units.keys([units.place[u] or units.kind(u) for u in units.members])


class _Units:
    """Sums and single nodes, each called by its last node."""

    def __init__(
        self, nodes: Sequence[Value], outputs: Collection[Value], sums: Mapping[Value, Key]
    ) -> None:
        alone = set(outputs)
        left = [v for v in nodes if v not in alone]
        last = {sums[v]: v for v in left if v in sums}
        self.unit = {v: last[sums[v]] if v in sums else v for v in left}
        # Within a sum only its last node is used by others: in the order of these, operands first.
        self.members: dict[Value, list[Value]] = {v: [] for v in left if self.unit[v] is v}
        for v in left:
            self.members[self.unit[v]].append(v)
        self.place: dict[Value, Place | None] = {
            u: origin(u).place if u.parents else None for u in self.members
        }
        self.use: dict[Value, tuple[Key, ...]] = {}
        for v in reversed(nodes):
            for slot, operand in enumerate(v.parents):
                if not operand.parents:
                    self.use[operand] = (v.op, self._what(self.unit.get(v, v)), slot)

    def _what(self, unit: Value) -> Key:
        if not unit.parents:
            return None
        return unit.op, len(self.members.get(unit, ())) > 1, origin(unit).place

    def kind(self, unit: Value) -> Key:
        """What units of one group have in common besides their depth."""
        return self._what(unit) if unit.parents else (unit.op, self.use.get(unit))

    def needs(self) -> list[list[int]]:
        """For each unit the numbers of those that it needs."""
        number = {u: i for i, u in enumerate(self.members)}
        return [
            [number[p] for p in dict.fromkeys(self._operands(u, inside)) if p in number]
            for u, inside in self.members.items()
        ]

    def _operands(self, unit: Value, inside: Sequence[Value]) -> list[Value]:
        units = [self.unit.get(p, p) for v in inside for p in v.parents]
        return [u for u in units if u is not unit]

    def keys(self, groups: Sequence[Key]) -> Keys:
        """A key for each node whose group has more than one."""
        named = {u: ("step", self.place[u], g) for u, g in zip(self.members, groups, strict=True)}
        size = Counter(named[u] for u, inside in self.members.items() for _ in inside)
        return {
            v: named[u]
            for u, inside in self.members.items()
            for v in inside
            if size[named[u]] > 1
        }  # fmt: skip


def _groups(units: _Units, kinds: Sequence[Key]) -> Sequence[Key]:
    """A number for each kind and depth."""
    if not kinds:
        return []
    found = Dependencies(units.needs())
    classes = {kind: i for i, kind in enumerate(dict.fromkeys(kinds))}
    if len(classes) * len(kinds) > _CELLS or found.level.max(initial=0) > _LEVELS:
        return list(zip(kinds, found.level.tolist(), strict=True))
    numbers: list[Key] = found.groups_by_depth(np.array([classes[k] for k in kinds])).tolist()
    return numbers
