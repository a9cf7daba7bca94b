"""Functions of several scalars, composed of rows step by step, left to right.

Each takes scalars or a list of them, and every step is a node of the graph. Arrays are the business
of `autograd.arrays.reductions`.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import modes
from autograd.primitives import abs as absolute
from autograd.primitives import div, eq, exp, gt, log, lt, maximum, where

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
    total = log(add_up([exp(v) for v in shifted]))
    return [v - total for v in shifted]


def logaddexp(x: Any, z: Any) -> Any:
    """Return log(exp(x) + exp(z)), without overflow."""
    return log_sum_exp([x, z])


def clip(x: Any, low: Any = None, high: Any = None) -> Any:
    """Keep x between two bounds; at a bound the derivative is x's, as in PyTorch's clamp."""
    if low is not None:
        x = where(lt(x, low), low, x)
    if high is not None:
        x = where(gt(x, high), high, x)
    return x


def _shifted(values: Scalars) -> tuple[list[Any], Any]:
    """The values minus the largest, and the largest: among Values one constant for all."""
    shift = number = _largest(values)
    if isinstance(number, float):
        makers = (v._constant for v in values if hasattr(v, "_constant"))
        shift = next(makers, float)(number)
    return [v - (shift if hasattr(v, "_constant") else number) for v in values], shift


def _largest(values: Scalars) -> Any:
    """Return the largest value, through which no gradient flows; 0 if it is infinite."""
    largest = functools.reduce(maximum, [getattr(v, "_stopped", v) for v in values])
    return where(eq(absolute(largest), math.inf), 0.0, largest)


def _some(values: Scalars, what: str) -> Scalars:
    if not values:
        raise ValueError(f"{what} needs at least one value, got none")
    return values


OF_UFUNC = {np.logaddexp: logaddexp, np.conjugate: lambda x: x}
