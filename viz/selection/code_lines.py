"""Folding what has no names: nodes that one line of array code would compute together.

The groups are those that the compiler makes its instructions of (see `autograd.compiler.passes.depths`): nodes of
one operation, made on one line where that was recorded, at one depth among their own kind. A sum is
one unit, with its products. A leaf belongs with those that are used in the same place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np

from autograd import Value, origin
from autograd.compiler.passes.depths import Dependencies
from autograd.system.source import Place

Key: TypeAlias = Hashable
Keys: TypeAlias = dict[Value, Key]
"""The box of each node that is folded; the others are drawn themselves."""

_CELLS, _LEVELS = 20_000_000, 20_000  # beyond them depths would take too much room or time


class Steps:
    """The groups of some nodes. A unit is a sum or a single node, called by its last node.

    Args:
        nodes: those to be grouped, in topological order.
        outputs: those that stay on their own.
        sums: a key for each node that is part of a sum.

    >>> x = [Value(float(i)) for i in range(3)]
    >>> steps = Steps([*x, *(v.exp() for v in x)], [], {})
    >>> len(set(steps.by_step().values())), steps.longest
    (2, 2)
    """

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

    def _kind(self, unit: Value) -> Key:
        """What units of one group have in common besides their depth."""
        return self._what(unit) if unit.parents else (unit.op, self.use.get(unit))

    def _needs(self) -> list[list[int]]:
        """For each unit the numbers of those that it needs."""
        number = {u: i for i, u in enumerate(self.members)}
        return [
            [number[p] for p in dict.fromkeys(self._operands(u, inside)) if p in number]
            for u, inside in self.members.items()
        ]

    def _operands(self, unit: Value, inside: Sequence[Value]) -> list[Value]:
        units = [self.unit.get(p, p) for v in inside for p in v.parents]
        return [u for u in units if u is not unit]

    def _keys(self, groups: Sequence[Key]) -> Keys:
        """A key for each node whose group has more than one."""
        named = {u: ("step", self.place[u], g) for u, g in zip(self.members, groups, strict=True)}
        size = Counter(named[u] for u, inside in self.members.items() for _ in inside)
        return {
            v: named[u]
            for u, inside in self.members.items()
            for v in inside
            if size[named[u]] > 1
        }  # fmt: skip

    @cached_property
    def _dependencies(self) -> Dependencies:
        return Dependencies(self._needs())

    @property
    def longest(self) -> int:
        """How many units depend on one another: there are at least so many groups."""
        return int(self._dependencies.level.max(initial=0))

    def by_step(self) -> Keys:
        """A key for each group of more than one node: of one kind and one depth in it."""
        kinds = [self._kind(u) for u in self.members]
        return self._keys(self._groups(kinds))

    def by_line(self) -> Keys:
        """The same with all depths in one group: where lines were recorded, all of a line.

        >>> y = Value(0.5).sin().sin().sin()
        >>> from autograd import Graph
        >>> len(Steps(Graph(y).nodes, [], {}).by_line())
        3
        """
        return self._keys([self.place[u] or self._kind(u) for u in self.members])

    def _groups(self, kinds: Sequence[Key]) -> Sequence[Key]:
        """A number for each kind and depth."""
        if not kinds:
            return []
        found = self._dependencies
        classes = {kind: i for i, kind in enumerate(dict.fromkeys(kinds))}
        if len(classes) * len(kinds) > _CELLS or self.longest > _LEVELS:
            return list(zip(kinds, found.level.tolist(), strict=True))
        numbers: list[Key] = found.groups_by_depth(np.array([classes[k] for k in kinds])).tolist()
        return numbers
