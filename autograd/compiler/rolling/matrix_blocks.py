"""The matrix products in a group of sums of products.

Each of n sums has K products of a left and a right scalar. Sums that have the same left scalars, or
the same right ones, share a row or a column of a matrix. Where every row meets every column the
sums are the elements of a matrix product; where they fall into parts that do so each (heads of an
attention), of several products of one shape.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.rolling.views import Index

_MOST_SHAPES = 8  # more shapes of product than this, and each sum is computed by itself
_WASTE = 2.0  # at most so many sums may be computed for each that is wanted


class Blocks(NamedTuple):
    """Matrix products of one shape: c of them, u rows by v columns, each a sum of K products."""

    left: Index  # (c, u, K) scalars
    right: Index  # (c, v, K)
    members: Index  # (c, u, v) the number of the sum that an element is; -1 for an unwanted one


def find_blocks(left: Index, right: Index) -> list[Blocks]:
    """Find the matrix products that compute n sums, of left times right scalars (n, K)."""
    whole = _grid(left, right, np.arange(len(left)))
    if whole is not None:
        return [whole]
    by_shape: dict[tuple[int, ...], list[Blocks]] = {}
    for members in _components(_classes(left)[1], _classes(right)[1]):
        part = _grid(left, right, members)
        if part is None:
            return [_singly(left, right)]
        by_shape.setdefault(part.members.shape[1:], []).append(part)
    if len(by_shape) > _MOST_SHAPES:
        return [_singly(left, right)]
    return [Blocks(*map(np.concatenate, zip(*parts, strict=True))) for parts in by_shape.values()]


def aligned(left: Index, right: Index) -> tuple[Index, Index]:
    """Swap the factors of later terms (n, K) where these follow the first term the other way round.

    In the gradient of a gradient one term of a weight is the cotangent of its row times a number of
    its column, and the next may be a number of its row times the cotangent of its column.
    """
    same_row, same_column = (
        first[number] for _, first, number in (
            np.unique(terms[:, 0], return_index=True, return_inverse=True)
            for terms in (left, right)
        )
    )  # fmt: skip

    def follow(left: Index, right: Index) -> NDArray[np.bool_]:
        same = (left == left[same_row]) & (right == right[same_column])
        follows: NDArray[np.bool_] = same.all(axis=0)
        return follows

    swapped = follow(right, left) & ~follow(left, right)
    return np.where(swapped, right, left), np.where(swapped, left, right)


def place_members(place: Index, members: Index, rows: Index) -> None:
    """Note for each sum the row of the element that it is; one row for each element is given."""
    numbers = members.ravel()
    place[numbers[numbers >= 0]] = rows[numbers >= 0]


def _classes(scalars: Index) -> tuple[Index, Index]:
    """The distinct rows in order of first appearance, and the number of each row among them."""
    numbers: dict[bytes, int] = {}
    which = [numbers.setdefault(row.tobytes(), len(numbers)) for row in scalars]
    first = np.zeros(len(numbers), dtype=np.int64)
    class_of = np.array(which)
    first[class_of[::-1]] = np.arange(len(scalars))[::-1]
    return scalars[first], class_of


def _grid(left: Index, right: Index, members: Index) -> Blocks | None:
    """One product of all rows and columns of some sums, if enough of its elements are wanted."""
    rows, row_of = _classes(left[members])
    columns, column_of = _classes(right[members])
    cells = len(rows) * len(columns)
    if cells > _WASTE * len(members) or len(members) > cells:
        return None
    grid = np.full((1, len(rows), len(columns)), -1)
    grid[0, row_of, column_of] = members
    if (grid >= 0).sum() < len(members):  # two sums of the same products
        return None
    return Blocks(rows[None], columns[None], grid)


def _singly(left: Index, right: Index) -> Blocks:
    members = np.arange(len(left)).reshape(-1, 1, 1)
    return Blocks(left[:, None], right[:, None], members)


def _components(row_of: Index, column_of: Index) -> list[Index]:
    """The sums that are connected by rows or columns that they share."""
    parent = list(range(int(row_of.max()) + int(column_of.max()) + 2))
    shift = int(row_of.max()) + 1

    def root(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    pairs = list(zip(row_of.tolist(), (column_of + shift).tolist(), strict=True))
    for x, z in pairs:
        parent[root(z)] = root(x)
    components: dict[int, list[int]] = {}
    for i, (x, _) in enumerate(pairs):
        components.setdefault(root(x), []).append(i)
    return [np.array(members) for members in components.values()]
