"""What the operations and their derivatives are, from mpmath: no code of ours is asked."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath

mpmath.mp.dps = 40
mpf = mpmath.mpf
SLOPE, ONE = mpf(0.01), mpf(1)


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": lambda x, z: x + z,
    "sub": lambda x, z: x - z,
    "mul": lambda x, z: x * z,
    "div": lambda x, z: x / z,
    "neg": lambda x: -x,
    "pow": lambda x, z: mpmath.power(x, z),
    "abs": abs,
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log1p": lambda x: mpmath.log(1 + x),
    "log2": lambda x: mpmath.log(x, 2),
    "log10": mpmath.log10,
    "sqrt": mpmath.sqrt,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "arcsin": mpmath.asin,
    "arccos": mpmath.acos,
    "arctan": mpmath.atan,
    "arctan2": mpmath.atan2,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "sigmoid": _sigmoid,
    "sech2": lambda x: mpmath.sech(x) ** 2,
    "gaussian": lambda x: mpmath.exp(-x * x / 2),
    "logaddexp": lambda x, z: mpmath.log(mpmath.exp(x) + mpmath.exp(z)),
    "relu": lambda x: x if x > 0 else mpf(0),
    "leaky_relu": lambda x, slope=SLOPE: x if x > 0 else slope * x,
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "silu": lambda x: x * _sigmoid(x),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "elu": lambda x, alpha=ONE: x if x > 0 else alpha * mpmath.expm1(x),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "hypot": mpmath.hypot,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "exp2": lambda x: mpmath.power(2, x),
    "logaddexp2": lambda x, z: mpmath.log(mpmath.power(2, x) + mpmath.power(2, z), 2),
    "arcsinh": mpmath.asinh,
    "arccosh": mpmath.acosh,
    "arctanh": mpmath.atanh,
    "sinc": mpmath.sincpi,
    "floor": mpmath.floor,
    "ceil": mpmath.ceil,
    "rint": mpmath.nint,
    "trunc": lambda x: mpmath.sign(x) * mpmath.floor(abs(x)),
    "sign": mpmath.sign,
    "copysign": lambda x, z: abs(x) * (1 if z > 0 else -1),
    "heaviside": lambda x, h: h if x == 0 else mpf(x > 0),
    "mod": lambda x, z: x - z * mpmath.floor(x / z),
    "floor_divide": lambda x, z: mpmath.floor(x / z),
    "minimum": lambda x, z: min(x, z),
    "maximum": lambda x, z: max(x, z),
    "where": lambda c, x, z: x if c else z,
    "lt": lambda x, z: mpf(x < z),
    "le": lambda x, z: mpf(x <= z),
    "gt": lambda x, z: mpf(x > z),
    "ge": lambda x, z: mpf(x >= z),
    "eq": lambda x, z: mpf(x == z),
    "ne": lambda x, z: mpf(x != z),
}


def value(name: str, point: tuple[float, ...]) -> float:
    """The operation at a point, correctly rounded."""
    return float(FUNCTIONS[name](*map(mpf, point)))


def derivative(name: str, point: tuple[float, ...], orders: tuple[int, ...]) -> float:
    """A partial derivative of any order, by finite differences in many digits.

    The derivative of a comparison is zero, also where the difference would straddle its step.
    """
    if name in ("lt", "le", "gt", "ge", "eq", "ne"):
        return 0.0
    with mpmath.workdps(60):
        return float(mpmath.diff(FUNCTIONS[name], tuple(map(mpf, point)), orders))


def same(x: float, y: float, rel: float = 1e-12, absolute: float = 1e-13) -> bool:
    """Equal to a tolerance; nan equals nan, infinities their own sign."""
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    return x == y or math.isclose(x, y, rel_tol=rel, abs_tol=absolute)
