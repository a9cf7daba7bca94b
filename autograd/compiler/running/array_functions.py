"""The rows of the table as functions of an array library, by the Python Array API standard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.compiler.running.rows import Library
from autograd.floats.ieee import FAR, SQRT_2
from autograd.primitive import TABLE, Primitive

Array = Any
_NAMES = {  # of NumPy's ufuncs that the standard calls otherwise
    "absolute": "abs", "power": "pow", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "rint": "round",
}  # fmt: skip


def row_function(row: Primitive, library: Library) -> Callable[..., Array]:
    """Return the function of a row in an array library; a comparison's result is boolean there."""
    if row.name == "gelu":
        return partial(_gelu, library.xp, row_function(TABLE["erfc"], library))
    if row.name in _COMPOSED:
        return partial(_COMPOSED[row.name], library.xp)
    name = row.ufunc.__name__ if isinstance(row.ufunc, np.ufunc) else row.name
    for namespace in (library.xp, library.special):
        function: Callable[..., Array] | None = getattr(namespace, _NAMES.get(name, name), None)
        if function is not None:
            return function
    return partial(_twin, row, library.xp)


def _sigmoid(xp: Any, x: Array, power: Any = None) -> Array:
    e = xp.exp(-xp.abs(x))
    return xp.where(x >= 0, xp.ones_like(x), e) / (1.0 + e)


def _sech2(xp: Any, x: Array) -> Array:
    e = xp.exp(-2.0 * xp.abs(x))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


def _gaussian(xp: Any, x: Array) -> Array:
    x = xp.where(xp.abs(x) > FAR, xp.full_like(x, FAR), x)
    near = xp.round(x * 256.0) / 256.0
    return xp.exp(-0.5 * near * near) * xp.exp(-0.5 * (x - near) * (x + near))


def _above(xp: Any, x: Array) -> Array:
    return xp.where(x < -FAR, xp.full_like(x, -FAR), x)  # an infinity times 0 is nan


def _gelu(xp: Any, erfc: Callable[..., Array], x: Array) -> Array:
    return 0.5 * _above(xp, x) * erfc(x / -SQRT_2)


def _elu(xp: Any, x: Array, alpha: Any = 1.0) -> Array:
    below = xp.expm1(xp.where(x > 0, xp.zeros_like(x), x))
    return xp.where(x > 0, x, alpha * below)


def _cbrt(xp: Any, x: Array) -> Array:
    root = xp.sign(x) * xp.abs(x) ** (1.0 / 3.0)
    other = x / (root * root)  # Newton's method, because the third is rounded
    return xp.where(xp.isfinite(other), root - (root - other) / 3.0, root)


_COMPOSED: dict[str, Callable[..., Array]] = {  # which PyTorch lacks, or all but NumPy
    "sigmoid": _sigmoid,
    "relu": lambda xp, x: xp.where(x <= 0, xp.zeros_like(x), x),
    "leaky_relu": lambda xp, x, slope=0.01: xp.where(x > 0, x, slope * x),
    "elu": _elu,
    "softplus": lambda xp, x: xp.logaddexp(xp.zeros_like(x), x),
    "sech2": _sech2,
    "gaussian": _gaussian,
    "silu": lambda xp, x: _above(xp, x) * _sigmoid(xp, x),
    "cbrt": _cbrt,
    "heaviside": lambda xp, x, h: xp.where(x == 0, h, 0.5 * (xp.sign(x) + 1.0)),
    "where": lambda xp, condition, x, z: xp.where(condition != 0, x, z),
}


def _twin(row: Primitive, xp: Any, *operands: Array) -> Array:
    """Compute a row that the library lacks with its NumPy ufunc."""
    numbers = row.ufunc(*map(to_numpy, operands))
    return xp.asarray(numbers, dtype=operands[0].dtype, device=operands[0].device)


def to_numpy(x: Array) -> Any:
    """Return an array of a library as one of NumPy's."""
    try:
        return np.asarray(x)
    except (TypeError, RuntimeError):  # on a device; NumPy 2.1 can ask for a copy
        return np.from_dlpack(x, device="cpu")
