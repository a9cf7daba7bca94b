"""Rows and views: the rows of an array that an operand consists of, as a slice where possible.

A scalar of the program is a row. Unbatched scalars are rows of one array, those that differ from
example to example of another, with a column for each example. An operand of an array instruction is
a block of rows; if they are evenly spaced along each axis it is a view, which costs nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]

SHARED, BATCHED, MEANS = "shared", "batched", "means"
"""The spaces: unbatched numbers, numbers of each example, means over the batch."""


@dataclass(frozen=True)
class View:
    """Rows of a space: row number `offset + i * stride` along each axis."""

    space: str
    offset: int
    sizes: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def rows(self) -> Index:
        """The row numbers, in the shape of the view."""
        rows = np.array(self.offset)
        for size, stride in zip(self.sizes, self.strides, strict=True):
            rows = rows[..., None] + np.arange(size) * stride
        return rows

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest row."""
        low = high = self.offset
        for size, stride in zip(self.sizes, self.strides, strict=True):
            low += min(0, stride) * (size - 1)
            high += max(0, stride) * (size - 1)
        return low, high

    @property
    def count(self) -> int:
        """The number of rows, repeated ones counted."""
        return math.prod(self.sizes)

    @property
    def distinct(self) -> int:
        """The number of rows, repeated ones counted once."""
        sizes = [n for n, s in zip(self.sizes, self.strides, strict=True) if s]
        return math.prod(sizes)

    def expand(self, axis: int) -> View:
        """Insert an axis of size one before `axis`."""
        sizes = (*self.sizes[:axis], 1, *self.sizes[axis:])
        strides = (*self.strides[:axis], 0, *self.strides[axis:])
        return View(self.space, self.offset, sizes, strides)

    def transpose(self, *axes: int) -> View:
        """Reorder the axes; those of size one may be left out."""
        sizes, strides = tuple(self.sizes[i] for i in axes), tuple(self.strides[i] for i in axes)
        return View(self.space, self.offset, sizes, strides)


def contiguous(space: str, offset: int, sizes: tuple[int, ...]) -> View:
    """Make a view of consecutive rows."""
    strides: list[int] = []
    step = 1
    for size in reversed(sizes):
        strides.append(step if size > 1 else 0)
        step *= size
    return View(space, offset, sizes, tuple(reversed(strides)))


def even(rows: Index) -> tuple[int, tuple[int, ...]] | None:
    """Offset and strides of rows that are evenly spaced along each axis; None if they are not."""
    offset = int(rows.flat[0])
    if rows.size == 1:
        return offset, (0,) * rows.ndim
    strides = []
    for axis, size in enumerate(rows.shape):
        second = tuple([min(size - 1, 1) if i == axis else 0 for i in range(rows.ndim)])
        strides.append(int(rows[second]) - offset)
    expected = View("", offset, rows.shape, tuple(strides))
    return (offset, expected.strides) if np.array_equal(rows, expected.rows) else None


def as_slice(rows: Index) -> slice | Index:
    """Consecutive rows as a slice, which takes less time; others as they are.

    >>> as_slice(np.array([3, 4, 5])), as_slice(np.array([3, 5]))
    (slice(3, 6, None), array([3, 5]))
    """
    is_slice = len(rows) > 0 and bool((np.diff(rows) == 1).all())
    return slice(int(rows[0]), int(rows[-1]) + 1) if is_slice else rows


def runs(rows: Index) -> list[Index]:
    """Split lists of rows (m, n) where the step from one to the next changes: places of each run.

    >>> [run.tolist() for run in runs(np.array([[0, 1, 2, 7, 9], [5, 6, 7, 0, 0]]))]
    [[0, 1, 2], [3, 4]]
    """
    changes = np.flatnonzero((np.diff(rows, n=2, axis=1) != 0).any(axis=0)).tolist()
    starts = [0]
    for change in changes:
        if change >= starts[-1]:  # not the step from one run to the next
            starts.append(change + 2)
    return np.split(np.arange(rows.shape[1]), starts[1:])


def common_grid(rows: Index) -> tuple[int, ...] | None:
    """The shape in which each of several lists of rows (m, n) is evenly spaced; None if none is.

    It is the shape with the fewest axes: the loops of the program, from the innermost out.
    """
    if rows.shape[1] == 2:
        return (2,)
    sizes: list[int] = []
    while rows.shape[1] > 1:
        steps = np.diff(rows, axis=1)
        same = (steps == steps[:, :1]).all(axis=0)
        run = rows.shape[1] if same.all() else int(np.argmin(same)) + 1
        if rows.shape[1] % run:
            return None
        blocks = rows.reshape(len(rows), -1, run)
        inner = np.arange(run) * steps[:, :1]
        if not np.array_equal(blocks - blocks[:, :, :1], np.broadcast_to(
            inner[:, None, :], blocks.shape)):  # fmt: skip
            return None
        sizes.append(run)
        rows = blocks[:, :, 0]
    return tuple(sizes[::-1]) or (1,)
