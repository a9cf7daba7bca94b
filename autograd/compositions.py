"""Functions of several scalars, composed of rows step by step, left to right.

Each takes scalars or a list of them, and every step is a node of the graph. Arrays are the business
of `autograd.arrays.reductions`.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np

from autograd import modes
from autograd.primitive import Primitive, stopped
from autograd.primitives import abs as absolute
from autograd.primitives import (
    div,
    eq,
    exp,
    floor_divide,
    gt,
    log,
    log1p,
    lt,
    maximum,
    minimum,
    mod,
    mul,
    ne,
    pow,
    sqrt,
    where,
)

Scalars = Sequence[Any]


def add_up(values: Scalars) -> Any:
    """Add up v0 + v1 + …; 0.0 for no values."""
    return functools.reduce(operator.add, values) if values else 0.0


def multiply_up(values: Scalars) -> Any:
    """Multiply up v0 * v1 * …; 1.0 for no values."""
    return functools.reduce(operator.mul, values) if values else 1.0


def average(values: Scalars) -> Any:
    """Divide the sum by the count. Raises ValueError for no values."""
    return add_up(_some(values, "mean")) / len(values)


def inner_product(left: Scalars, right: Scalars) -> Any:
    """Add up left0 * right0 + left1 * right1 + …. Raises ValueError where the lengths differ."""
    if len(left) != len(right):
        raise ValueError(f"dot takes two vectors of one length, got {len(left)} and {len(right)}")
    if left and modes.active and (trace := modes.trace()) and modes.recording():
        return trace.inner_product(left, right)
    return functools.reduce(operator.add, map(operator.mul, left, right)) if left else 0.0


def log_sum_exp(values: Scalars) -> Any:
    """Return log(exp(v0) + exp(v1) + …), shifted by the largest so that nothing overflows."""
    shifted, shift = _shifted(_some(values, "logsumexp"))
    return log(add_up([exp(v) for v in shifted])) + shift


def soft_max(values: Scalars) -> list[Any]:
    """Return exp(v) over the sum of all exp(v), shifted by the largest."""
    powers = [exp(v) for v in _shifted(_some(values, "softmax"))[0]]
    total = add_up(powers)
    return [div(p, total) for p in powers]


def log_soft_max(values: Scalars) -> list[Any]:
    """Return log(softmax), without taking the logarithm of a vanished probability."""
    shifted, _ = _shifted(_some(values, "log_softmax"))
    powers = [exp(v) for v in shifted]
    total = log(add_up(powers))
    results = [v - total for v in shifted]
    numbers = [*map(stopped, values)]
    if all(isinstance(x, Real) and math.isfinite(x) for x in numbers):
        # Where the largest has a probability p close to 1, 1 - p would cancel.
        i = numbers.index(max(numbers))
        if stopped(results[i]) > -0.7:
            rest = add_up(powers[:i] + powers[i + 1 :])
            results[i] = -log1p(div(rest, powers[i])) if stopped(rest) else results[i]
    return results


def variance(values: Scalars, ddof: float = 0) -> Any:
    """Return the mean square distance from the mean, the count being less by ddof."""
    mean = average(_some(values, "var"))
    distances = [v - mean for v in values]
    return div(inner_product(distances, distances), max(len(values) - ddof, 0))


def root(x: Any) -> Any:
    """Return the square root; at 0 its derivative is 0."""
    return _flat_at_zero(sqrt, x)


def deviation(values: Scalars, ddof: float = 0) -> Any:
    """Return the square root of the variance; at 0 its derivative is 0."""
    return root(variance(values, ddof))


def norm(values: Scalars, order: float = 2) -> Any:
    """Return the p-norm of a vector, also for p = ±inf; at 0 its derivative is the subgradient 0.

    Raises ValueError for any other order that is not above 0.
    """
    if order == 2:
        return root(inner_product(values, values))
    sizes = [absolute(v) for v in values]
    if math.isinf(order):
        return extreme(maximum if order > 0 else minimum, sizes)
    if not order > 0:
        raise ValueError(f"ord of a norm is a number above 0, inf or -inf, got {order!r}")
    if order == 1:
        return add_up(sizes)
    powers = [_flat_at_zero(lambda x: pow(x, order), size) for size in sizes]
    return _flat_at_zero(lambda x: pow(x, 1.0 / order), add_up(powers))


def extreme(row: Primitive, values: Scalars) -> Any:
    """Return the `maximum` or the `minimum` of values; those that tie share its derivative.

    A chain of the row does that for two, but gives four an eighth, an eighth, a quarter and a half.
    """
    if len(_some(values, row.symbol)) > 2:
        numbers = [*map(stopped, values)]
        peak, short = functools.reduce(row, numbers), lt if row is maximum else gt
        if not isinstance(peak, float) or peak != peak or numbers.count(peak) > 2:
            tied = [1.0 - short(v, peak) for v in numbers]  # all, if one is nan
            count = add_up(tied)
            share = div(1.0, count)
            # Right to rounding, and right for an infinity, for which the last line is not.
            total = add_up([where(t, v * share, 0.0) for t, v in zip(tied, values, strict=True)])
            exact = peak + (total - stopped(total))
            return where(eq(absolute(peak), math.inf), total, exact)
    return functools.reduce(row, values)


def _flat_at_zero(function: Callable[[Any], Any], x: Any) -> Any:
    """Apply a root or a power, but at 0 return 0 with the derivative 0 instead of inf or nan."""
    zero = eq(x, 0.0)
    return where(zero, 0.0, function(where(zero, 1.0, x)))


def square(x: Any) -> Any:
    """Return x * x."""
    return mul(x, x)


def reciprocal(x: Any) -> Any:
    """Return 1 / x."""
    return div(1.0, x)


def division(x: Any, z: Any) -> tuple[Any, Any]:
    """Return x // z and x % z, as `divmod` does."""
    return floor_divide(x, z), mod(x, z)


def deg2rad(x: Any) -> Any:
    """Convert an angle from degrees to radians."""
    return mul(x, math.pi / 180.0)


def rad2deg(x: Any) -> Any:
    """Convert an angle from radians to degrees."""
    return mul(x, 180.0 / math.pi)


def fmax(x: Any, z: Any) -> Any:
    """Return the larger of x and z, or the one that is not nan."""
    return where(ne(x, x), z, where(ne(z, z), x, maximum(x, z)))


def fmin(x: Any, z: Any) -> Any:
    """Return the smaller of x and z, or the one that is not nan."""
    return where(ne(x, x), z, where(ne(z, z), x, minimum(x, z)))


def clip(x: Any, low: Any = None, high: Any = None) -> Any:
    """Keep x between two bounds, either of which may be None.

    At a bound the derivative is that of x, as in PyTorch's clamp.

    >>> clip(3.0, 0.0, 1.0)
    1.0
    """
    for bound, beyond in ((low, lt), (high, gt)):
        if bound is not None:
            outside, unknown = beyond(x, bound), ne(bound, bound)  # a bound of nan gives nan
            known = isinstance(unknown, float) and not unknown
            x = where(outside if known else outside + unknown, bound, x)
    return x


def _shifted(values: Scalars) -> tuple[list[Any], Any]:
    """The values minus the largest, and the largest: among Values one constant for all."""
    shift = number = _largest(values)
    if isinstance(number, float):
        makers = (v._constant for v in values if hasattr(v, "_constant"))
        shift = next(makers, float)(number)
    return [v - (shift if hasattr(v, "_constant") else number) for v in values], shift


def _largest(values: Scalars) -> Any:
    """Return the largest value, through which no gradient flows.

    Instead of an infinity, from which it could not be subtracted, a number beyond all but a few.
    """
    largest = functools.reduce(maximum, map(stopped, values))
    return where(eq(absolute(largest), math.inf), 3e38, largest)  # finite in float32, too


def _some(values: Scalars, what: str) -> Scalars:
    if not values:
        raise ValueError(f"{what} needs at least one value, got none")
    return values


OF_UFUNC: dict[np.ufunc, Callable[..., Any]] = {
    np.fabs: absolute, np.float_power: pow, np.positive: operator.pos, np.conjugate: operator.pos,
    np.square: square, np.reciprocal: reciprocal,
    np.fmax: fmax, np.fmin: fmin,
    np.deg2rad: deg2rad, np.radians: deg2rad, np.rad2deg: rad2deg, np.degrees: rad2deg,
}  # fmt: skip
"""NumPy's ufuncs that are no rows but composed of them."""
