"""Matrix products and sums over the batch, as prepared calls of NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Array = NDArray[Any]
Call = Callable[[], Any]
_PIECE = 512  # float32 columns that a matrix product adds up as accurately as a sum in pairs
_SMALL = 8192  # numbers
LONG = 16 * _PIECE  # columns from which that is worth the time of another call or two


def product(left: Array, right: Array, out: Array) -> Call:
    """Bind left @ right; a small one as `dot`, which takes less time to call but clears `out`."""
    while left.ndim == right.ndim > 2 and len(left) == len(right) == 1:
        left, right, out = left[0], right[0], out[0]
    if left.ndim == right.ndim == 3 and len(left) == right.shape[2] == 1:
        left, right, out = right[..., 0], left[0].T, out[..., 0]  # vectors, times a matrix
    if left.ndim == 2 and right.ndim <= 2 and out.flags.c_contiguous and out.size <= _SMALL:
        return partial(left.dot, right, out)
    return partial(np.matmul, left, right, out)


def contract_some(contract: Call, left: Array, right: Array, wanted: Any, out: Array) -> None:
    """Contract, but leave out products that are not wanted: of 0, so they matter if all is nan."""
    contract()
    numbers = out.reshape(-1)
    if np.isnan(numbers.dot(numbers)):
        for c, u, v in np.ndindex(wanted.shape[:3]):
            k = wanted[c, u, v]
            np.einsum("kb,kb->b", left[c, u, k], right[c, v, k], out=out[c, u, v])


def merged(array: Array) -> Array | None:
    """(c, u, k, b) as (c, u, k b), if that needs no copy."""
    c, u, k, b = array.shape
    if k == 1:
        return array[:, :, 0]
    if b == 1:
        return array[..., 0]
    if array.strides[2] == array.strides[3] * b:
        return as_strided(array, (c, u, k * b), (*array.strides[:2], array.strides[3]))
    return None


def sum_of_pieces(array: Array, ones: Array, out: Array) -> Call:
    """Bind the sum over the last two axes: of the last in pieces, as scalar products with ones."""
    pieces, rest = divmod(array.shape[-1], _PIECE)
    whole = array[..., : pieces * _PIECE].reshape(*array.shape[:-1], pieces, _PIECE)
    sums = np.empty((*array.shape[:-1], pieces + 1), out.dtype)
    calls = [
        partial(np.vecdot, whole, ones[:_PIECE], sums[..., :-1]),
        partial(np.vecdot, array[..., pieces * _PIECE :], ones[:rest], sums[..., -1]),
        partial(np.add.reduce, sums, (-2, -1), np.float64, out),
    ]
    return partial(in_turn, calls)


def sum_of_products(left: Array, right: Array, out: Array) -> Call:
    """Bind the sum over k of (…, k, u, n) @ (…, k, n, v), in float32 over pieces of a long n."""
    (k, u, n), v = left.shape[-3:], right.shape[-1]
    piece = _PIECE if (u == 1) == (v == 1) else _PIECE // 2  # BLAS is less accurate for vectors
    pieces = n // piece if out.itemsize == 4 and n >= LONG else 0
    if k == 1 and not pieces:
        return product(left[..., 0, :, :], right[..., 0, :, :], out)
    products, rest = np.empty((*left.shape[:-2], pieces + 1, u, v), out.dtype), pieces * piece
    calls = [partial(np.matmul, left[..., rest:], right[..., rest:, :], products[..., -1, :, :])]
    if pieces:
        whole = left[..., :rest].reshape(*left.shape[:-1], pieces, piece).swapaxes(-2, -3)
        other = right[..., :rest, :].reshape(*right.shape[:-2], pieces, piece, v)
        calls.append(partial(np.matmul, whole, other, products[..., :-1, :, :]))
    products = products.reshape(*left.shape[:-3], -1, u, v)
    calls.append(partial(np.add.reduce, products, -3, np.float64 if pieces else None, out))
    return partial(in_turn, calls)


def in_turn(calls: Sequence[Call]) -> None:
    """Make several calls."""
    for call in calls:
        call()


def singly(call: Call) -> list[Call]:
    """The calls that a call consists of."""
    if isinstance(call, partial) and call.func is in_turn:
        return [each for part in call.args[0] for each in singly(part)]
    return [call]
