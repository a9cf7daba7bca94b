"""The rows of a program where nothing is written in place: each step made an array of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.compiler.rolling.views import Index, View, even, runs

Array = Any
_ACROSS = {"add": "sum", "maximum": "max", "minimum": "min"}
_PIECES = 16  # of arrays, so few that each is a slice


@dataclass(frozen=True)
class Library:
    """An array library of the Python Array API standard, and in what and where it computes."""

    xp: Any
    dtype: Any
    integer: Any  # the dtype of indices
    device: Any

    @property
    def special(self) -> Any:
        """The namespace of special functions, if there is one."""
        return getattr(self.xp, "special", None)

    def floats(self, numbers: Any) -> Array:
        """Numbers as an array of the dtype that it computes in."""
        return self.xp.asarray(numbers, dtype=self.dtype, device=self.device)

    def integers(self, numbers: Any) -> Array:
        """Row numbers and the like as an array."""
        return self.xp.asarray(numbers, dtype=self.integer, device=self.device)

    def zeros(self, *shape: int) -> Array:
        """An array of zeros."""
        return self.xp.zeros(shape, dtype=self.dtype, device=self.device)

    def take(self, array: Array, rows: Index) -> Array:
        """Rows of an array by numbers that are known to be in its range."""
        return self.xp.take(array, self.integers(rows), axis=0)

    def across(self, name: str, x: Array) -> Array:
        """The sum of rows ("add"), or their "maximum" or "minimum": (…, k, b) -> (…, b)."""
        return getattr(self.xp, _ACROSS[name])(x, axis=-2)

    def repeat(
        self, body: Any, carry: Any, items: Sequence[Array], length: int, is_reversed: bool
    ) -> tuple[Any, list[Array]]:
        """Call `body(carry, items) -> (carry, results)` for each step; stack the results."""
        each: list[Any] = [None] * length
        for t in range(length)[:: -1 if is_reversed else 1]:
            carry, each[t] = body(carry, [x[t, ...] for x in items])
        return carry, [self.xp.stack(parts, axis=0) for parts in zip(*each, strict=True)]


class Rows:
    """A space: for each row number the array, and the row in it, that was written last.

    Rows that nothing was written to are zero, as in `numpy_machine.py`; so is the row -1.
    """

    def __init__(self, library: Library, size: int, columns: int) -> None:
        self.library = library
        self.arrays: list[Array] = [library.zeros(1, columns)]
        self.array_of = np.zeros(size + 1, dtype=np.int64)
        self.place_in = np.zeros(size + 1, dtype=np.int64)

    def write(self, rows: Index, array: Array) -> None:
        """Take an array (rows, columns) as the rows of these numbers."""
        self.array_of[rows] = len(self.arrays)
        self.place_in[rows] = np.arange(len(rows))
        self.arrays.append(array)

    def rename(self, source: Index, rows: Index) -> None:
        """Take rows of this space as the rows of other numbers, too."""
        self.array_of[rows], self.place_in[rows] = self.array_of[source], self.place_in[source]

    def view(self, view: View) -> Array:
        """The array of a view: (*sizes, columns)."""
        once = tuple([slice(0, 1) if stride == 0 else slice(None) for stride in view.strides])
        array = self.read(view.rows[once])
        return self.library.xp.broadcast_to(array, (*view.sizes, array.shape[-1]))

    def read(self, rows: Index) -> Array:
        """Rows in the shape of their numbers: (*shape, columns)."""
        if not rows.size:
            return self.library.zeros(*rows.shape, self.arrays[0].shape[-1])
        numbers, places = self.array_of[rows.ravel()], self.place_in[rows.ravel()]
        if (numbers == numbers[0]).all() and even(places.reshape(rows.shape)):
            return self._select(self.arrays[numbers[0]], places.reshape(rows.shape))
        order, pieces, period = _pieces(numbers, places)
        parts = [self._select(self.arrays[numbers[p[0]]], places[p]) for p in pieces]
        whole = self.library.xp.concat(parts, axis=0) if len(parts) > 1 else parts[0]
        whole = self._select(whole, np.argsort(order).reshape(-1, period))
        return self.library.xp.reshape(whole, (*rows.shape, whole.shape[-1]))

    def _select(self, array: Array, places: Index) -> Array:
        """Rows of one array, as slices of it if they are evenly spaced: (*shape, columns)."""
        grid = even(places)
        box = None if grid is None else _box(self.library.xp, array, *grid, places.shape)
        if box is not None:
            return box
        taken = self.library.take(array, places.ravel())
        return self.library.xp.reshape(taken, (*places.shape, array.shape[-1]))


def _pieces(numbers: Index, places: Index) -> tuple[Index, list[Index], int]:
    """Split rows, given by their arrays and places, into few parts that are slices of an array.

    They may come by turns: every second, say. Returns the order in which the parts have them, the
    parts, and the period; where that takes too many parts, one part for each array.
    """
    for period in range(1, _PIECES + 1):
        if len(numbers) % period == 0:
            order = np.arange(len(numbers)).reshape(-1, period).T.ravel()
            of_one = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
            pieces = [part[run] for part in of_one for run in runs(places[None, part])]
            if len(pieces) <= _PIECES:
                return order, pieces, period
    order = np.argsort(numbers, kind="stable")
    return order, np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1), 1


def _box(
    xp: Any, array: Array, offset: int, strides: tuple[int, ...], sizes: tuple[int, ...]
) -> Array | None:
    """Rows offset + i·stride + … as slices, axes flipped and permuted; None if they overlap.

    From the widest stride to the narrowest, n of stride s are n lines of s rows each, and the
    narrower strides are within a line.
    """
    axes = [i for i, n in enumerate(sizes) if n > 1]
    axes.sort(key=lambda i: -abs(strides[i]))
    offset += sum(min(0, strides[i]) * (sizes[i] - 1) for i in axes)
    line, columns = array.shape[0], array.shape[-1]
    for number, i in enumerate(axes):
        n, s = sizes[i], abs(strides[i])
        start = min(offset, line - n * s)
        inner = sum(abs(strides[j]) * (sizes[j] - 1) for j in axes[number + 1 :])
        if start < 0 or s == 0 or offset - start + inner >= s:
            return None
        if n * s < line:
            array = array[..., start : start + n * s, :]
        array = xp.reshape(array, (*array.shape[:-2], n, s, columns))
        line, offset = s, offset - start
    if line > 1:
        array = array[..., offset : offset + 1, :]
    flipped = tuple([number for number, i in enumerate(axes) if strides[i] < 0])
    if flipped:
        array = xp.flip(array, axis=flipped)
    array = xp.reshape(array, (*[sizes[i] for i in axes], columns))
    if axes != sorted(axes):
        array = xp.permute_dims(array, (*np.argsort(axes).tolist(), len(axes)))
    return xp.reshape(array, (*sizes, columns))
