"""Functions of many values: sum, mean, max, norm, the softmax family; compositions over arrays.

Each takes any iterable, or an ndarray with `axis=`, the axis to reduce (all of them by default).
They are compositions of rows: every scalar step is a node, from left to right.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import itertools
import operator
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ParamSpec

import numpy as np

from autograd import compositions
from autograd.arrays.functions import abs as fabs
from autograd.arrays.functions import pow as float_power
from autograd.floats.ieee import refuse_masked
from autograd.primitive import Primitive
from autograd.primitives import maximum, minimum
from autograd.text.spelling import suggesting
from autograd.value_array import elementwise, numbers, reduce_along, wrap

__all__ = [
    "clip", "cumprod", "cumsum", "deg2rad", "dot", "fabs", "float_power", "fmax", "fmin",
    "log_softmax", "logsumexp", "max", "mean", "min", "norm", "prod", "rad2deg",
    "reciprocal", "softmax", "square", "std", "sum", "var",
]  # fmt: skip

P = ParamSpec("P")


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


def cumsum(values: Any, axis: int | None = None) -> Any:
    """Return the sums of the first value, of the first two … in the kind given; flat for no axis.

    >>> cumsum([1.0, 2.0, 6.0])
    [1.0, 3.0, 9.0]
    """
    return _accumulate(operator.add, values, axis)


def cumprod(values: Any, axis: int | None = None) -> Any:
    """Return the products of the first value, of the first two … as `cumsum` does the sums."""
    return _accumulate(operator.mul, values, axis)


def var(values: Any, axis: int | None = None, ddof: float = 0) -> Any:
    """Return the mean square distance from the mean, the sum divided by the count less `ddof`.

    >>> var([1.0, 2.0, 3.0]), var([1.0, 2.0, 3.0], ddof=1)
    (0.6666666666666666, 1.0)
    """
    return _reduce(partial(compositions.variance, ddof=ddof), values, axis)


def std(values: Any, axis: int | None = None, ddof: float = 0) -> Any:
    """Return the square root of `var`; where that is 0 its derivative is 0, as in PyTorch."""
    return _reduce(partial(compositions.deviation, ddof=ddof), values, axis)


def norm(values: Any, ord: float = 2, axis: int | None = None) -> Any:
    """Return the length of a vector, or its p-norm for `ord` p: 1, inf, -inf or any above 0.

    Where it is 0 the derivative is the subgradient 0. Without an axis, an array of any shape is one
    vector. Raises ValueError for any other `ord`.

    >>> norm([3.0, -4.0]), norm([3.0, -4.0], ord=1)
    (5.0, 7.0)
    """
    return _reduce(partial(compositions.norm, order=ord), values, axis)


def max(*values: Any, axis: int | None = None, **options: Any) -> Any:
    """Return the largest value; nan if one is nan. Values that tie share the derivative equally.

    Takes what the builtin takes.

    >>> max([1.0, 3.0, 2.0]), max(1.0, 2.0), max(["a", "bc"], key=len)
    (3.0, 2.0, 'bc')
    """
    return _extreme(maximum, values, axis, options)


def min(*values: Any, axis: int | None = None, **options: Any) -> Any:
    """Return the smallest value, as `max` the largest."""
    return _extreme(minimum, values, axis, options)


def _of_arrays(function: Callable[P, Any]) -> Callable[P, Any]:
    """Make a function of scalars, or of arrays that broadcast."""

    @functools.wraps(function)
    def of_arrays(*operands: P.args, **named: P.kwargs) -> Any:
        if any(isinstance(x, (np.ndarray, list, tuple)) for x in (*operands, *named.values())):
            bound = inspect.signature(function).bind(*operands, **named)
            bound.apply_defaults()
            return numbers(elementwise(function, bound.args))
        return function(*operands, **named)

    of_arrays.__module__ = __name__  # where pickle looks for it
    return of_arrays


clip = _of_arrays(compositions.clip)
square, reciprocal = _of_arrays(compositions.square), _of_arrays(compositions.reciprocal)
deg2rad, rad2deg = _of_arrays(compositions.deg2rad), _of_arrays(compositions.rad2deg)
fmax, fmin = _of_arrays(compositions.fmax), _of_arrays(compositions.fmin)


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
    return numbers(reduce_along(function, values, axis))


def _extreme(row: Primitive, given: Any, axis: int | None, options: dict[str, Any]) -> Any:
    """Leave to the builtin what is neither a Value nor a float, and its options."""
    values = given[0] if len(given) == 1 else given
    if isinstance(values, np.ndarray) or axis is not None:
        return _reduce(partial(compositions.extreme, row), values, axis)
    values = list(values)
    ours = any(hasattr(v, "_record") or isinstance(v, (float, np.generic)) for v in values)
    if options or not ours:
        return getattr(builtins, row.symbol)(values, **options)
    return compositions.extreme(row, values)


def _accumulate(step: Callable[..., Any], values: Any, axis: int | None) -> Any:
    flat = values.ravel() if isinstance(values, np.ndarray) and axis is None else values
    return _map(lambda v: list(itertools.accumulate(v, step)), flat, axis)


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


for _name in ("sum", "mean", "prod", "logsumexp", "softmax", "log_softmax", "cumsum", "cumprod",
              "var", "std", "norm"):  # fmt: skip
    globals()[_name] = suggesting(globals()[_name])
