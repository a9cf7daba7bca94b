"""Groups of unnamed nodes that one line of array code would compute together.

The groups are the compiler's instructions (see `autograd.compiler.passes.depths`): nodes of one
operation, created by one line of code where that was recorded, at one depth among their own kind.
A sum with its products counts as one unit. Leaves that are used in the same place form a group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import numpy as np

from autograd import Value, origin
from autograd.compiler.passes.depths import Dependencies
from autograd.system.source import Place
from viz.selection.elements import BoxKey, Folding

_CELLS, _LEVELS = 20_000_000, 20_000  # beyond these, depths take too much memory or time


class StepGroups:
    """The groups of some nodes. A unit is a sum or a single node, represented by its last node.

    Args:
        nodes: the nodes to group, in topological order.
        outputs: nodes that are left out of all groups.
        sums: a key for each node that is part of a sum.

    >>> x = [Value(float(i)) for i in range(3)]
    >>> steps = StepGroups([*x, *(v.exp() for v in x)], [], {})
    >>> len(set(steps.by_step().values())), steps.longest
    (2, 2)
    """

    def __init__(
        self, nodes: Sequence[Value], outputs: Collection[Value], sums: Mapping[Value, BoxKey]
    ) -> None:
        excluded = set(outputs)
        grouped = [v for v in nodes if v not in excluded]
        last = {sums[v]: v for v in grouped if v in sums}
        self.unit = {v: last[sums[v]] if v in sums else v for v in grouped}
        # Only the last node of a sum is used outside it, so this order has operands first.
        self.members: dict[Value, list[Value]] = {v: [] for v in grouped if self.unit[v] is v}
        for v in grouped:
            self.members[self.unit[v]].append(v)
        self.place: dict[Value, Place | None] = {
            u: origin(u).place if u.parents else None for u in self.members
        }
        self.use: dict[Value, tuple[BoxKey, ...]] = {}
        for v in reversed(nodes):
            for slot, operand in enumerate(v.parents):
                if not operand.parents:
                    self.use[operand] = (v.op, self._operation(self.unit.get(v, v)), slot)

    def _operation(self, unit: Value) -> BoxKey:
        if not unit.parents:
            return None
        return unit.op, len(self.members.get(unit, ())) > 1, origin(unit).place

    def _kind(self, unit: Value) -> BoxKey:
        """A key that is equal for all units of one group, whatever their depth."""
        return self._operation(unit) if unit.parents else (unit.op, self.use.get(unit))

    @cached_property
    def _dependencies(self) -> Dependencies:
        number = {u: i for i, u in enumerate(self.members)}
        return Dependencies([
            [number[p] for p in dict.fromkeys(self._operands(u, inside)) if p in number]
            for u, inside in self.members.items()
        ])  # fmt: skip

    def _operands(self, unit: Value, inside: Sequence[Value]) -> list[Value]:
        units = [self.unit.get(p, p) for v in inside for p in v.parents]
        return [u for u in units if u is not unit]

    @property
    def longest(self) -> int:
        """The length of the longest chain of dependent units: there are at least so many groups."""
        return int(self._dependencies.level.max(initial=0))

    def by_step(self) -> Folding:
        """Fold each group of more than one node: units of one kind and depth."""
        return self._folding(self._groups([self._kind(u) for u in self.members]))

    def by_line(self) -> Folding:
        """Fold the nodes of each recorded line, or of one kind elsewhere, at all depths together.

        >>> y = Value(0.5).sin().sin().sin()
        >>> from autograd import Graph
        >>> len(StepGroups(Graph(y).nodes, [], {}).by_line())
        3
        """
        return self._folding([self.place[u] or self._kind(u) for u in self.members])

    def _folding(self, groups: Sequence[BoxKey]) -> Folding:
        key = {u: ("step", self.place[u], g) for u, g in zip(self.members, groups, strict=True)}
        folding: Folding = {v: key[u] for u, inside in self.members.items() for v in inside}
        return without_singles(folding)

    def _groups(self, kinds: Sequence[BoxKey]) -> Sequence[BoxKey]:
        """A number for each kind and depth."""
        if not kinds:
            return []
        dependencies = self._dependencies
        classes = {kind: i for i, kind in enumerate(dict.fromkeys(kinds))}
        if len(classes) * len(kinds) > _CELLS or self.longest > _LEVELS:
            return list(zip(kinds, dependencies.level.tolist(), strict=True))
        numbers: list[BoxKey] = dependencies.groups_by_depth(
            np.array([classes[k] for k in kinds])
        ).tolist()
        return numbers


def without_singles(folding: Folding) -> Folding:
    """The boxes that hold more than one node."""
    size = Counter(folding.values())
    return {v: key for v, key in folding.items() if size[key] > 1}
