"""Arithmetic on Python floats with the results of IEEE 754 and NumPy.

Python raises where IEEE 754 defines a result: `1.0 / 0.0`, `math.log(-1.0)`, `math.exp(1000.0)`.
The functions here never raise on floats and never warn: they try the fast function of `math`, and
where that raises they call NumPy.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from fractions import Fraction

import numpy as np

SQRT_2 = math.sqrt(2.0)
FAR = 1e3  # beyond ±FAR sigmoid and the normal distribution are 0 or 1 in any precision


class NotSelected(float):
    """The derivative 0 to an operand that a row did not select: whatever it multiplies is 0.

    >>> math.inf * NOT_SELECTED, math.inf * 0.0, f"{NOT_SELECTED:.6g}"
    (0.0, nan, '0 (not selected)')
    """

    def __mul__(self, other: float) -> float:
        return 0.0

    __rmul__ = __mul__

    def __format__(self, spec: str) -> str:
        return "0 (not selected)"


NOT_SELECTED = NotSelected(0.0)


def real(x: object) -> float:
    """Convert a real number to a float.

    Accepts bool, int, float, Fraction, NumPy's real scalars and 0-d arrays of them. An integer
    beyond the range of a float becomes an infinity, as IEEE 754 rounds it.

    Raises TypeError for anything else, naming it.

    >>> real(True), real(np.float32(0.5)), real(10**400)
    (1.0, 0.5, inf)
    """
    if isinstance(x, (float, int, Fraction, np.floating, np.integer, np.bool_)):
        try:
            return float(x)
        except OverflowError:
            return math.inf if x > 0 else -math.inf
    if isinstance(x, np.ndarray) and x.ndim == 0:
        refuse_masked(x)
        return real(x.item())
    raise TypeError(f"expected a real number, got {_describe(x)}{_way_out(x)}")


def is_whole(x: object, least: float = -math.inf) -> bool:
    """True for a whole number of Python's or NumPy's that is large enough; a bool is none."""
    return isinstance(x, (int, np.integer)) and not isinstance(x, bool) and int(x) >= least


def is_masked(x: object) -> bool:
    """True for an array with masked elements."""
    mask = getattr(x, "mask", None) if isinstance(x, np.ndarray) else None
    return mask is not None and bool(np.any(mask))


def refuse_masked(x: object) -> None:
    """Raise TypeError for an array with masked elements."""
    if is_masked(x):
        raise TypeError(
            "masked elements have no number: give them one, a.filled(0.0), or leave them out, "
            "a.compressed()"
        )


def _describe(x: object) -> str:
    if isinstance(x, np.ndarray):
        return f"an array of shape {x.shape}"
    text = repr(x)
    return f"{type(x).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


def _way_out(x: object) -> str:
    if hasattr(x, "detach") and hasattr(x, "has_grad"):
        return "; a Value is already one: use it, or v.detach(), or its number v.data"
    if isinstance(x, (np.ndarray, list, tuple)):
        return "; autograd.array(...) makes an array of Values"
    if isinstance(x, complex):
        return "; there is no complex arithmetic here: use .real, .imag or abs()"
    if isinstance(x, (str, bytes)):
        return "; convert it with float(...)"
    if hasattr(x, "item"):
        return "; its number is .item()"
    return ""


def _total(partial: Callable[..., float], ufunc: np.ufunc) -> Callable[..., float]:
    """Make a function of all floats: `partial`, and where that raises NumPy's ufunc."""

    @functools.wraps(partial)
    def total(*x: float) -> float:
        try:
            return partial(*x)
        except (ValueError, ArithmeticError):
            with np.errstate(all="ignore"):
                return float(ufunc(*x))

    return total


div = _total(operator.truediv, np.divide)
pow = _total(math.pow, np.power)
exp = _total(math.exp, np.exp)
expm1 = _total(math.expm1, np.expm1)
log = _total(math.log, np.log)
log1p = _total(math.log1p, np.log1p)
log2 = _total(math.log2, np.log2)
log10 = _total(math.log10, np.log10)
sqrt = _total(math.sqrt, np.sqrt)
sin = _total(math.sin, np.sin)
cos = _total(math.cos, np.cos)
tan = _total(math.tan, np.tan)
arcsin = _total(math.asin, np.arcsin)
arccos = _total(math.acos, np.arccos)
sinh = _total(math.sinh, np.sinh)
cosh = _total(math.cosh, np.cosh)
arcsinh, hypot, cbrt, copysign = math.asinh, math.hypot, math.cbrt, math.copysign
arccosh = _total(math.acosh, np.arccosh)
arctanh = _total(math.atanh, np.arctanh)
exp2 = _total(math.exp2, np.exp2)
mod = _total(operator.mod, np.remainder)
floor_divide = _total(operator.floordiv, np.floor_divide)


def _whole(rounded: Callable[[float], int]) -> Callable[[float], float]:
    """Make a rounding of all floats, which keeps the sign of what becomes a zero."""
    return lambda x: math.copysign(rounded(x), x) if abs(x) < 2.0**52 else x  # beyond, all are


floor, ceil, rint, trunc = _whole(math.floor), _whole(math.ceil), _whole(round), _whole(math.trunc)


def sign(x: float) -> float:
    """-1, 0 or 1; nan stays nan."""
    return float((x > 0.0) - (x < 0.0)) if x == x else x


def heaviside(x: float, h: float) -> float:
    """0 below zero, h at zero, 1 above; nan stays nan."""
    return h if x == 0.0 else 0.5 * (sign(x) + 1.0)


def sinc(x: float) -> float:
    """sin(pi x) / (pi x), and 1 at 0."""
    return sin(math.pi * x) / (math.pi * x) if x != 0.0 else 1.0


def logaddexp2(x: float, z: float) -> float:
    """log2(2**x + 2**z), without overflow."""
    if x == z:
        return x + 1.0
    return max(x, z) + math.log1p(math.exp2(-abs(x - z))) / math.log(2.0)


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), written so that neither tail overflows."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def relu(x: float) -> float:
    """max(x, 0); nan stays nan."""
    return 0.0 if x <= 0.0 else x


def leaky_relu(x: float, slope: float = 0.01) -> float:
    """x above zero, slope x below."""
    return x if x > 0.0 else slope * x


def elu(x: float, alpha: float = 1.0) -> float:
    """x above zero, alpha (exp(x) - 1) below."""
    return x if x > 0.0 else alpha * math.expm1(x)


def softplus(x: float) -> float:
    """log(1 + exp(x)), written so that neither tail overflows."""
    return (x if x > 0.0 else 0.0) + math.log1p(math.exp(-abs(x))) if x == x else x


def sech2(x: float) -> float:
    """1 / cosh(x)**2, without overflow."""
    if abs(x) < 0.5:
        return 1.0 - math.tanh(x) ** 2
    e = math.exp(-2.0 * abs(x))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


def gaussian(x: float) -> float:
    """exp(-x * x / 2): the square is split, since its rounding would cost digits."""
    if not abs(x) < 40.0:
        return x if x != x else 0.0
    near = round(x * 256.0) / 256.0  # whose square is exact
    power = math.exp(-0.5 * near * near)
    return power + power * math.expm1(-0.5 * (x - near) * (x + near))


def silu(x: float) -> float:
    """x sigmoid(x); 0 at -inf."""
    return (-FAR if x < -FAR else x) * sigmoid(x)


def gelu(x: float) -> float:
    """x times the normal cumulative probability at x (Hendrycks and Gimpel, 2016); 0 at -inf."""
    return 0.5 * (-FAR if x < -FAR else x) * math.erfc(-x / SQRT_2)


def logaddexp(x: float, z: float) -> float:
    """log(exp(x) + exp(z)), without overflow."""
    if x == z:
        return x + math.log(2.0)
    return maximum(x, z) + math.log1p(math.exp(-abs(x - z)))


def minimum(x: float, z: float) -> float:
    """The smaller; nan if either is."""
    return x if x < z or x != x else z


def maximum(x: float, z: float) -> float:
    """The larger; nan if either is."""
    return x if x > z or x != x else z


def where(condition: float, x: float, z: float) -> float:
    """x where the condition is not zero, else z."""
    return x if condition != 0.0 else z
