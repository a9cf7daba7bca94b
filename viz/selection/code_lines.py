"""Groups of unnamed nodes that one line of array code would compute together.

The groups are the compiler's instructions (see `autograd.compiler.passes.depths`): nodes of one
operation, created by one line of code where that was recorded, at one depth among their own kind.
A sum with its products counts as one unit. Leaves that are used in the same place form a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np

from autograd import origin
from autograd.compiler.passes.depths import Dependencies
from autograd.system.source import Place
from viz.selection.partition import Folding
from viz.selection.wiring import Ints, Mask, Wiring, combined, numbered

_CELLS, _LEVELS = 20_000_000, 20_000  # beyond these, depths take too much memory or time


class StepGroups:
    """The groups of the nodes `among` a graph's, except its outputs.

    A unit is a sum or a single node, represented by its last node. Uses of leaves count only among
    these nodes.

    >>> from autograd import Value
    >>> x = [Value(float(i)) for i in range(3)]
    >>> wiring = Wiring([*x, *(v.exp() for v in x)])
    >>> steps = StepGroups(wiring, np.full(6, True), [], Folding(np.full(6, -1), []))
    >>> steps.by_step().box, steps.longest
    (array([0, 0, 0, 1, 1, 1]), 2)
    """

    def __init__(self, wiring: Wiring, among: Mask, outputs: Sequence[int], sums: Folding) -> None:
        self.wiring = wiring
        self.among = among
        self.grouped = grouped = among.copy()
        grouped[outputs] = False
        self.unit: Ints = np.arange(len(grouped))
        in_sum = np.flatnonzero(grouped & sums.is_folded)
        last = np.zeros(len(sums.keys), dtype=np.int64)
        last[sums.box[in_sum]] = in_sum
        self.unit[in_sum] = last[sums.box[in_sum]]
        # Only the last node of a sum is used outside it, so this order has operands first.
        self.units = np.flatnonzero(grouped & (self.unit == np.arange(len(grouped))))

    @cached_property
    def _places(self) -> tuple[Ints, list[Place | None]]:
        """A number for the line that made each node, and the lines; leaves have none."""
        nodes, origins = self.wiring.nodes, self.wiring.origins
        number, instructions = numbered((id(at[0]), at[1]) if at else None for at in origins)
        first = np.zeros(len(instructions), dtype=np.int64)
        first[number[::-1]] = np.arange(len(number))[::-1]
        of_instruction, places = numbered(
            origin(nodes[i]).place if at else None
            for i, at in zip(first.tolist(), instructions, strict=True)
        )
        return of_instruction[number], places

    @cached_property
    def _operation(self) -> Ints:
        """For the unit of each node a number for its operation and its line; 0 for leaves."""
        wiring = self.wiring
        is_sum = np.bincount(self.unit[self.grouped], minlength=len(self.grouped)) > 1
        operation = 1 + combined(wiring.operation, is_sum.astype(np.int64), self._places[0])
        return np.where(wiring.is_source, 0, operation)[self.unit]

    @cached_property
    def _kinds(self) -> Ints:
        """A number for each unit, equal for all units of one group, whatever their depth.

        Leaves are told apart by their first use.
        """
        wiring, edges = self.wiring, self.wiring.edges
        edges = edges.where(self.among[edges.end])
        user, slot = np.full((2, len(self.grouped)), -1)
        user[edges.start[::-1]] = edges.end[::-1]  # the last that is written stays
        slot[edges.start[::-1]] = edges.slot[::-1]
        is_used = wiring.is_source & (user >= 0)
        use = np.where(is_used, combined(wiring.operation[user], self._operation[user], slot), -1)
        own = np.where(wiring.is_source, wiring.operation, -1)
        return combined(self._operation, own, use)[self.units]

    @cached_property
    def _dependencies(self) -> Dependencies:
        number = np.full(len(self.grouped), -1)
        number[self.units] = np.arange(len(self.units))
        number = np.where(self.grouped, number[self.unit], -1)
        start, end = number[self.wiring.edges.start], number[self.wiring.edges.end]
        between = (start >= 0) & (end >= 0) & (start != end)
        order = np.flatnonzero(between)[np.argsort(end[between], kind="stable")]
        ends = np.searchsorted(end[order], np.arange(len(self.units) + 1)).tolist()
        needed = start[order].tolist()
        return Dependencies([needed[a:b] for a, b in pairwise(ends)])

    @property
    def longest(self) -> int:
        """The length of the longest chain of dependent units: there are at least so many groups."""
        return int(self._dependencies.level.max(initial=0))

    def by_step(self) -> Folding:
        """Fold each group of more than one node: units of one kind and depth."""
        if not len(self.units):
            return self._folding(self.units)
        kinds, dependencies = self._kinds, self._dependencies
        if (int(kinds.max()) + 1) * len(kinds) > _CELLS or self.longest > _LEVELS:
            return self._folding(combined(kinds, dependencies.level))
        return self._folding(dependencies.groups_by_depth(combined(kinds)))

    def by_line(self) -> Folding:
        """Fold the nodes of each recorded line, or of one kind elsewhere, at all depths together.

        >>> from autograd import Value
        >>> y = Value(0.5).sin().sin().sin()
        >>> wiring = Wiring([y.parents[0].parents[0], y.parents[0], y])
        >>> StepGroups(wiring, np.full(3, True), [], Folding(np.full(3, -1), [])).by_line().box
        array([0, 0, 0])
        """
        place, places = self._places
        known = np.array([at is not None for at in places], dtype=bool)[place[self.units]]
        line = np.where(known, place[self.units], -1)
        return self._folding(combined(line, np.where(known, -1, self._kinds)))

    def _folding(self, groups: Ints) -> Folding:
        place, places = self._places
        box = np.full(len(self.grouped), -1)
        box[self.units] = groups
        line = np.zeros(int(groups.max(initial=-1)) + 1, dtype=np.int64)
        line[groups] = place[self.units]
        keys = [("step", places[at], g) for g, at in enumerate(line.tolist())]
        return Folding(np.where(self.grouped, box[self.unit], -1), keys).without_singles()
