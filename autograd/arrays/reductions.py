"""Functions of many values: sum, mean, prod, dot and the softmax family.

Each takes any iterable, or an ndarray with `axis=`, the axis to reduce (all of them by default).
They are compositions of rows: every scalar step is a node, from left to right.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd import compositions
from autograd.floats.ieee import refuse_masked
from autograd.value_array import elementwise, numbers, wrap

__all__ = ["clip", "dot", "log_softmax", "logaddexp", "logsumexp", "mean", "prod", "softmax", "sum"]


def sum(values: Any, start: Any = None, axis: int | None = None) -> Any:
    """Add up values from left to right.

    Takes what the builtin takes, but begins with the first value rather than with `0 +`.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> sum([x, x, 1.0]).data, sum([[1], [2]], [])
    (7.0, [1, 2])
    """
    if isinstance(values, np.ndarray) or axis is not None:
        total = _reduce(compositions.add_up, values, axis)
        return total if start is None else start + total
    values = list(values)
    if start is None:
        return compositions.add_up(values) if values else 0
    return builtins.sum(values, start)


def mean(values: Any, axis: int | None = None) -> Any:
    """Return the sum divided by the count. Raises ValueError for no values.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    return _reduce(compositions.average, values, axis)


def prod(values: Any, axis: int | None = None) -> Any:
    """Multiply values from left to right.

    >>> prod([2.0, 3.0, 4.0])
    24.0
    """
    return _reduce(compositions.multiply_up, values, axis)


def dot(left: Iterable[Any], right: Iterable[Any]) -> Any:
    """Return the inner product of two vectors; for matrices there is `@`.

    Raises ValueError where the lengths differ.

    >>> dot([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    if any(isinstance(x, np.ndarray) and x.ndim > 1 for x in (left, right)):
        raise ValueError("dot takes two vectors; matrices are multiplied by @")
    return compositions.inner_product(_vector(left), _vector(right))


def logsumexp(values: Any, axis: int | None = None) -> Any:
    """Return log(sum of exp(v)), without overflow. Raises ValueError for no values.

    >>> round(logsumexp([1000.0, 1000.0]), 6)  # 1000 + log(2)
    1000.693147
    """
    return _reduce(compositions.log_sum_exp, values, axis)


def softmax(values: Any, axis: int | None = None) -> Any:
    """Return exp(v) over the sum of all exp(v), without overflow.

    The result is of the kind given: an array of the same shape, a list, a tuple. No gradient flows
    through the shift by the largest value (it would cancel). Raises ValueError for no values.

    >>> softmax([1.0, 1.0])
    [0.5, 0.5]
    """
    return _map(compositions.soft_max, values, axis)


def log_softmax(values: Any, axis: int | None = None) -> Any:
    """Return log(softmax), accurate also where a probability vanishes, in the kind given.

    >>> log_softmax([0.0, -1000.0])
    [0.0, -1000.0]
    """
    return _map(compositions.log_soft_max, values, axis)


def logaddexp(x: Any, z: Any) -> Any:
    """Return log(exp(x) + exp(z)), without overflow, for scalars or arrays that broadcast.

    >>> round(logaddexp(1000.0, 1000.0), 6)  # 1000 + log(2)
    1000.693147
    """
    return _broadcast(compositions.logaddexp, (x, z))


def clip(x: Any, low: Any = None, high: Any = None) -> Any:
    """Keep x between two bounds, either of which may be None; for scalars or arrays.

    At a bound the derivative is that of x, as in PyTorch's clamp.

    >>> clip(3.0, 0.0, 1.0)
    1.0
    """
    return _broadcast(compositions.clip, (x, low, high))


def _broadcast(function: Callable[..., Any], operands: tuple[Any, ...]) -> Any:
    if any(isinstance(x, (np.ndarray, list, tuple)) for x in operands):
        return numbers(elementwise(function, operands))
    return function(*operands)


def _vector(values: Any) -> list[Any]:
    return values.ravel().tolist() if isinstance(values, np.ndarray) else list(values)


def _with_axis(values: Any, axis: int | None) -> Any:
    """Convert nested lists to an array where an axis is given."""
    if axis is not None and not isinstance(axis, (int, np.integer)):
        raise TypeError(f"axis is a whole number or None, got {axis!r}")
    refuse_masked(values)
    return values if axis is None else np.asarray(values)


def _reduce(function: Callable[[list[Any]], Any], values: Any, axis: int | None) -> Any:
    values = _with_axis(values, axis)
    if axis is None:
        return function(_vector(values))
    vectors = np.moveaxis(values, axis, -1)
    results = np.empty(vectors.shape[:-1], dtype=object)
    for index in np.ndindex(results.shape):
        results[index] = function(vectors[index].tolist())
    return numbers(wrap(results)) if results.ndim else results.item()


def _map(function: Callable[[list[Any]], list[Any]], values: Any, axis: int | None) -> Any:
    values = _with_axis(values, axis)
    if not isinstance(values, np.ndarray):
        results = function(list(values))
        return tuple(results) if isinstance(values, tuple) else results
    vectors = np.moveaxis(values if axis is not None else values.reshape(-1), axis or 0, -1)
    out = np.empty(vectors.shape, dtype=object)
    for index in np.ndindex(vectors.shape[:-1]):
        out[index] = function(vectors[index].tolist())
    shaped = np.moveaxis(out, -1, axis) if axis is not None else out.reshape(values.shape)
    return numbers(wrap(shaped))
