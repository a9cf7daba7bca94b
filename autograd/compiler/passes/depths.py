"""Groups of nodes that one line of array code would compute together.

Nodes of one class, such as one operation written on one line, may depend on one another: layers,
time steps. So a group holds the nodes of one class and one depth, the number of nodes of that class
on the longest path up to it. Unlike the level in the graph, this depth does not change where one
item of a loop needs an operation more than its neighbours. The compiler makes an instruction of
each group, and a folded picture a box.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Dependencies:
    """Nodes numbered from 0 in topological order, and what each needs: its operands, each once.

    >>> x, first, second = 0, 1, 2  # first = f(x), second = f(first)
    >>> Dependencies([[], [x], [first]]).groups_by_depth(np.array([0, 1, 1]))
    array([0, 1, 2])
    """

    def __init__(self, needs: Sequence[Sequence[int]]) -> None:
        levels: list[int] = []
        for operands in needs:
            levels.append(1 + max([levels[x] for x in operands], default=0))
        self.level = np.array(levels, dtype=np.int64)
        """For each node the number of nodes on the longest path up to it, itself included."""
        counts = np.array(list(map(len, needs)), dtype=np.int64)
        self.needed = np.fromiter(chain.from_iterable(needs), dtype=np.int64, count=counts.sum())
        self.needing = np.repeat(np.arange(len(needs)), counts)
        self.starts = np.concatenate([[0], np.cumsum(counts)])

    def groups_by_depth(self, classes: Ints) -> Ints:
        """Number the classes, which are numbers from -1 on, and depths, in this order."""
        own = self._depths(distinct(classes[None]))
        return distinct((classes * (int(own.max()) + 1) + own)[None])

    def _depths(self, classes: Ints) -> Ints:
        """For each node the number of nodes of its class on the longest path up to it.

        A class that is on several levels counts in a column, from its first level to its last. Then
        the next one has the column and counts on from the most that the last one can have reached.
        """
        column, base, width = self._columns(classes)
        depth = np.zeros((len(classes), width + 1), dtype=np.int32)  # the last is for all others
        by_level = np.argsort(self.level, kind="stable")
        ends = np.cumsum(np.bincount(self.level)).tolist()
        for start, end in pairwise(ends if width else []):
            here = by_level[start:end]
            lengths = self.starts[here + 1] - self.starts[here]
            if lengths.any():  # of one level all need others, or none does
                first = np.cumsum(lengths) - lengths
                at = np.repeat(self.starts[here] - first, lengths) + np.arange(lengths.sum())
                depth[here] = np.maximum.reduceat(depth[self.needed[at]], first, axis=0)
            own = here, column[classes[here]]
            depth[own] = np.maximum(depth[own], base[classes[here]]) + 1
        reached = depth[np.arange(len(classes)), column[classes]]
        return np.where(column[classes] < 0, 1, reached - base[classes])

    def _columns(self, classes: Ints) -> tuple[Ints, Ints, int]:
        """For each class its column and what it counts from there; and the number of columns.

        A class that is on one level has none, which is the column -1.
        """
        sizes = np.bincount(classes)
        levels = self.level[np.argsort(classes * (self.level.max() + 1) + self.level)]
        ends = np.cumsum(sizes)
        first, last = levels[ends - sizes], levels[ends - 1]
        column, base = np.full(len(sizes), -1), np.zeros(len(sizes), dtype=np.int64)
        let: list[tuple[int, int, int]] = []  # columns: to which level, which, what is counted
        several = np.flatnonzero(first < last)
        for number in several[np.argsort(first[several], kind="stable")].tolist():
            if let and let[0][0] < first[number]:
                _, column[number], base[number] = heapq.heappop(let)
            else:
                column[number] = len(let)
            count = int(base[number] + sizes[number])
            heapq.heappush(let, (int(last[number]), int(column[number]), count))
        return column, base, len(let)


def distinct(keys: Ints) -> Ints:
    """Number the distinct columns.

    >>> distinct(np.array([[1, 0, 1], [5, 5, 5]]))
    array([1, 0, 1])
    """
    if len(keys) == 1:  # many times as fast
        keys = keys[0]
    return np.unique(keys, axis=-1, return_inverse=True)[1].reshape(-1)
