"""Powers and roots, exponentials and logarithms."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from autograd.floats import ieee
from autograd.primitive import Primitive, row, stopped
from autograd.primitives.arithmetic import div
from autograd.primitives.piecewise import abs, eq, ge, gt, lt, sign, where

# fmt: off

exp: Primitive = row(
    "exp", ieee.exp, (lambda y, x: y,), np.exp, doc="e to the power x.", latex="e^{{{}}}",
    points=((-2.0,), (0.0,), (1.5,)),
)
exp2: Primitive = row(
    "exp2", ieee.exp2, (lambda y, x: math.log(2.0) * y,), np.exp2, doc="2 to the power x.",
    latex="2^{{{}}}", points=((-2.0,), (0.0,), (1.5,)),
)
expm1: Primitive = row(
    "expm1", ieee.expm1, (lambda y, x: exp(x),), np.expm1,
    doc="exp(x) - 1, accurate for small x.", points=((-2.0,), (1e-9,), (1.5,)),
)
log: Primitive = row(
    "log", ieee.log, (lambda y, x: div(1.0, x),), np.log, doc="The natural logarithm.",
    latex=r"\ln\left({}\right)", points=((0.2,), (1.0,), (30.0,)),
    convention="log(0) is -inf with derivative inf; nan below, where the derivative is still 1/x",
    edges=(((0.0,), (math.inf,)), ((-2.0,), (-0.5,))),
)
log1p: Primitive = row(
    "log1p", ieee.log1p, (lambda y, x: div(1.0, 1.0 + x),), np.log1p,
    doc="log(1 + x), accurate for small x.", points=((-0.5,), (1e-9,), (3.0,)),
    convention="log1p(-1) is -inf with derivative inf; below as log",
    edges=(((-1.0,), (math.inf,)), ((-2.0,), (-1.0,))),
)
log2: Primitive = row(
    "log2", ieee.log2, (lambda y, x: div(1.0 / math.log(2.0), x),), np.log2,
    doc="The logarithm to base 2.", latex=r"\log_2\left({}\right)",
    points=((0.2,), (1.0,), (30.0,)), convention="as log", edges=(((0.0,), (math.inf,)),),
)
log10: Primitive = row(
    "log10", ieee.log10, (lambda y, x: div(1.0 / math.log(10.0), x),), np.log10,
    doc="The logarithm to base 10.", latex=r"\log_{{10}}\left({}\right)",
    points=((0.2,), (1.0,), (30.0,)), convention="as log", edges=(((0.0,), (math.inf,)),),
)


def difference(x: Any, z: Any) -> Any:
    """Return x - z, and 0 where both are the same infinity."""
    return where(eq(x, z) * eq(abs(x), math.inf), 0.0, x - z)


def _logaddexp2_rule(x: Any, z: Any) -> Any:
    # 2**x / (2**x + 2**z), of the power that does not overflow.
    ahead, lead = ge(x, z), difference(x, z)
    behind = exp2(where(ahead, -lead, lead))
    return div(where(ahead, 1.0, behind), 1.0 + behind)


logaddexp2: Primitive = row(
    "logaddexp2", ieee.logaddexp2,
    (lambda y, x, z: _logaddexp2_rule(x, z), lambda y, x, z: _logaddexp2_rule(z, x)),
    np.logaddexp2, doc="log2(2**x + 2**z), without overflow.",
    points=((1.0, 2.0), (0.5, 0.5), (-3.0, 40.0)),
    convention="derivatives 1/2 where both are the same infinity",
    edges=(((math.inf, math.inf), (0.5, 0.5)), ((-math.inf, -math.inf), (0.5, 0.5))),
    accuracy="as accurate as x - z, whose rounding counts where it is large",
)
sqrt: Primitive = row(
    "sqrt", ieee.sqrt, (lambda y, x: div(0.5, y),), np.sqrt, doc="The square root.", symbol="√",
    latex=r"\sqrt{{{}}}", points=((0.2,), (1.0,), (30.0,)),
    convention="derivative inf at 0; nan below", edges=(((0.0,), (math.inf,)),),
)


def _cbrt_rule(y: Any, x: Any) -> Any:
    own = eq(x, y)  # 0 and the infinities are their own roots
    return where(own, div(div(1.0 / 3.0, y), y), div(y, 3.0 * where(own, 1.0, x)))


cbrt: Primitive = row(
    "cbrt", ieee.cbrt, (_cbrt_rule,), np.cbrt,
    doc="The cube root.", symbol="∛", latex=r"\sqrt[3]{{{}}}", points=((0.2,), (-8.0,), (30.0,)),
    convention="derivative inf at 0", edges=(((0.0,), (math.inf,)),),
)


CORNERS = ((0.0, 0.0), *itertools.product((math.inf, -math.inf), repeat=2))


def cosine(x: Any, z: Any) -> Any:
    """Return x / hypot(x, z): no square overflows or vanishes, no derivative of it cancels."""
    wide = ge(abs(x), abs(z))
    large = where(wide, x, z)
    ratio = div(where(wide, z, x), where(eq(large, 0.0), 1.0, large))
    share = div(sign(large), sqrt(1.0 + ratio * ratio))
    return where(wide, share, ratio * share)


hypot: Primitive = row(
    "hypot", ieee.hypot,
    (lambda y, x, z: cosine(x, z), lambda y, x, z: cosine(z, x)), np.hypot,
    doc="The length of the vector (x, z), without overflow.",
    points=((3.0, 4.0), (-0.5, 1.5), (2.0, 0.0)),
    convention="derivatives 0 at (0, 0); nan between two infinities",
    edges=tuple((at, (0.0, 0.0) if at == (0.0, 0.0) else (math.nan, math.nan)) for at in CORNERS),
    accuracy="second and third derivatives by an operand below 1e-150 may overflow on the way",
)


def _pow_base(y: Any, x: Any, z: Any) -> Any:
    if isinstance(z, float) and z != 0.0:
        return z * pow(x, z - 1.0)
    # x**0 is flat. Close to x = 0 its formula would be zero times an infinite power of x: in the
    # second and third derivatives where x**4 vanishes, there x is a constant; in the first where
    # 1 / x is infinite, there and for nan it is 0.
    base, exponent = stopped(x), stopped(z)
    flat = eq(exponent, 0.0) * (1.0 - gt(base * base * base * base, 0.0))
    dead = flat * (1.0 - lt(abs(div(1.0, base)), math.inf))
    steady = where(flat, where(dead, 1.0, base), x)
    return where(dead, 0.0, z * pow(steady, z - 1.0))


def _pow_exponent(y: Any, x: Any, z: Any) -> Any:
    flat = eq(x, 0.0) * ge(z, 0.0)
    return where(flat, 0.0, y * log(where(flat, 1.0, x)))


pow: Primitive = row(
    "pow", ieee.pow, (_pow_base, _pow_exponent), np.power, doc="x to the power z.",
    text="{} ** {}", latex="{{{}}}^{{{}}}", formula="{}^{}",
    points=((2.0, 3.0), (1.5, -0.5), (0.3, 2.2), (4.0, 0.0)),
    accuracy="where z - 1, and for higher derivatives z - 2 and z - 3, is rounded, that counts "
    "times log(x); where x**z, x**(z - 2) or z * z is no normal number, nor is what comes of it",
    convention="0**0 is 1; x**0 has derivative 0 to x; 0**z with z >= 0 has derivative 0 to z; "
    "negative bases have a derivative to x for whole z only, nan to z; 0**-1 is inf; at infinities "
    "the formulas hold, nan where they multiply one by 0", edges=(
        ((0.0, 0.0), (0.0, 0.0)), ((0.0, 0.5), (math.inf, 0.0)), ((0.0, 1.0), (1.0, 0.0)),
        ((0.0, 2.0), (0.0, 0.0)), ((-2.0, 3.0), (12.0, math.nan)), ((-8.0, 0.0), (0.0, math.nan)),
        ((5e-324, 0.0), (0.0, math.log(5e-324))), ((math.nan, 0.0), (0.0, math.nan)),
    ),
)
