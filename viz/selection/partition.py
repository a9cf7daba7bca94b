"""A folding: the box of each folded node, as a number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from viz.selection.elements import BoxKey
from viz.selection.wiring import Ints, Mask, numbered


class Folding(NamedTuple):
    """The boxes of a graph's nodes; nodes in no box are drawn one by one.

    >>> folding = keyed(["a", None, "b", "a"])
    >>> folding.drawn, folding.without_singles().box
    (3, array([ 0, -1, -1,  0]))
    """

    box: Ints
    """For each node the number of its box, -1 for none."""
    keys: Sequence[BoxKey]
    """What the numbers stand for."""

    @property
    def is_folded(self) -> Mask:
        """True for the nodes in a box."""
        return self.box >= 0

    @property
    def drawn(self) -> int:
        """The number of boxes and nodes that are drawn."""
        sizes = np.bincount(self.box + 1, minlength=1)
        return int(sizes[0]) + int(np.count_nonzero(sizes[1:]))

    def over(self, other: Folding) -> Folding:
        """The boxes of both; a node that both fold lies in the box of this one."""
        below = np.where(other.box < 0, -1, other.box + len(self.keys))
        return Folding(np.where(self.box < 0, below, self.box), [*self.keys, *other.keys])

    def only(self, mask: Mask) -> Folding:
        """The same for some nodes; the others are in no box."""
        return Folding(np.where(mask, self.box, -1), self.keys)

    def without_singles(self) -> Folding:
        """The boxes that hold more than one node."""
        sizes = np.bincount(self.box + 1, minlength=1)
        sizes[0] = 0
        return self.only(sizes[self.box + 1] > 1)


def keyed(keys: Iterable[BoxKey | None]) -> Folding:
    """Fold nodes by their keys; None is for no box."""
    numbers, table = numbered(keys)
    none = table.index(None) if None in table else -1
    return Folding(np.where(numbers == none, -1, numbers), [key or () for key in table])
