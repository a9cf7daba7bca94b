"""Trigonometric functions, the hyperbolic ones and the inverses of both."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.floats import batched, ieee
from autograd.primitive import Primitive, row, stopped
from autograd.primitives.arithmetic import div
from autograd.primitives.piecewise import abs, lt, rint, where
from autograd.primitives.powers import CORNERS, cosine, hypot, sqrt

# fmt: off

sin: Primitive = row(
    "sin", ieee.sin, (lambda y, x: cos(x),), np.sin, doc="The sine of an angle in radians.",
    points=((-2.0,), (0.0,), (0.5,)),
)
cos: Primitive = row(
    "cos", ieee.cos, (lambda y, x: -sin(x),), np.cos, doc="The cosine of an angle in radians.",
    points=((-2.0,), (0.0,), (0.5,)),
)
tan: Primitive = row(
    "tan", ieee.tan, (lambda y, x: 1.0 + y * y,), np.tan, doc="The tangent of an angle in radians.",
    points=((-2.0,), (0.0,), (0.5,)),
)


def _rest_of_square(x: Any) -> Any:
    # Either form of 1 - x**2 is accurate, with its derivative, where the other is not.
    return where(lt(abs(x), 0.5), 1.0 - x * x, (1.0 - x) * (1.0 + x))


arcsin: Primitive = row(
    "arcsin", ieee.arcsin, (lambda y, x: div(1.0, sqrt(_rest_of_square(x))),), np.arcsin,
    doc="The angle in radians whose sine is x.", points=((-0.8,), (0.0,), (0.5,)),
    convention="derivative inf at ±1; nan beyond", edges=(((1.0,), (math.inf,)),),
)
arccos: Primitive = row(
    "arccos", ieee.arccos, (lambda y, x: div(-1.0, sqrt(_rest_of_square(x))),), np.arccos,
    doc="The angle in radians whose cosine is x.", points=((-0.8,), (0.0,), (0.5,)),
    convention="derivative -inf at ±1; nan beyond", edges=(((1.0,), (-math.inf,)),),
)


def _arctan_rule(y: Any, x: Any) -> Any:
    length = hypot(1.0, x)  # whose square may overflow
    return div(div(1.0, length), length)


arctan: Primitive = row(
    "arctan", math.atan, (_arctan_rule,), np.arctan,
    doc="The angle in radians whose tangent is x.", points=((-2.0,), (0.0,), (0.5,), (1e9,)),
)
arctan2: Primitive = row(
    "arctan2", math.atan2,
    (lambda y, x, z: div(cosine(z, x), hypot(x, z)),
     lambda y, x, z: div(-cosine(x, z), hypot(x, z))), np.arctan2,
    doc="The angle in radians of the point (z, x): ordinate first.",
    points=((1.0, 2.0), (-0.5, -1.5), (2.0, -0.1)),
    convention="nan derivatives at (0, 0) and between two infinities; smooth across the jump at "
    "x = 0, z < 0", edges=tuple((at, (math.nan, math.nan)) for at in CORNERS),
    accuracy="second and third derivatives by an operand below 1e-150 may overflow on the way",
)


def _sinc_rule(y: Any, x: Any) -> Any:
    # The terms of (cos(pi x) - y) / x cancel close to 0, where this is the Taylor series.
    near = lt(abs(x), 0.5)
    small, other = where(near, x, 0.0), where(near, 1.0, x)
    square, series = small * small, _SINC_SLOPE[-1]
    for c in _SINC_SLOPE[-2::-1]:
        series = series * square + c
    turn = other - 2.0 * rint(0.5 * other)  # pi x itself is rounded
    turn = turn * where(lt(stopped(turn), 0.0), -1.0, 1.0)  # sines are better than cosines
    return where(near, series * small, div(sin(math.pi * (0.5 - turn)) - y, other))


_SINC_SLOPE = [  # of x, x**3 …
    2 * k * (-1) ** k * math.pi ** (2 * k) / math.factorial(2 * k + 1) for k in range(1, 12)
]
sinc: Primitive = row(
    "sinc", ieee.sinc, (_sinc_rule,), batched.sinc,
    doc="sin(pi x) / (pi x), and 1 at 0: NumPy's, normalised.", convention="nan at ±inf",
    accuracy="near whole numbers as accurate as its value, NumPy's, for which pi x is rounded",
    points=((-2.25,), (0.0,), (1e-9,), (0.3,), (1.5,)),
)
sinh: Primitive = row(
    "sinh", ieee.sinh, (lambda y, x: cosh(x),), np.sinh, doc="The hyperbolic sine.",
    points=((-2.0,), (0.0,), (0.5,)),
)
cosh: Primitive = row(
    "cosh", ieee.cosh, (lambda y, x: sinh(x),), np.cosh, doc="The hyperbolic cosine.",
    points=((-2.0,), (0.0,), (0.5,)),
)
tanh: Primitive = row(
    "tanh", math.tanh, (lambda y, x: sech2(x),), np.tanh, doc="The hyperbolic tangent.",
    points=((-2.0,), (0.0,), (0.5,), (20.0,)),
)
sech2: Primitive = row(
    "sech2", ieee.sech2, (lambda y, x: -2.0 * y * tanh(x),), batched.sech2,
    doc="1 / cosh(x)**2, the derivative of tanh.", symbol="sech²",
    points=((-2.0,), (0.0,), (0.5,), (20.0,)), latex=r"\operatorname{{sech}}^2\left({}\right)",
)
arcsinh: Primitive = row(
    "arcsinh", ieee.arcsinh, (lambda y, x: div(1.0, hypot(1.0, x)),), np.arcsinh,
    doc="The number whose hyperbolic sine is x.", points=((-2.0,), (0.0,), (0.5,), (1e9,)),
)
arccosh: Primitive = row(
    "arccosh", ieee.arccosh, (lambda y, x: div(div(1.0, sqrt(x - 1.0)), sqrt(x + 1.0)),),
    np.arccosh, doc="The number from 0 up whose hyperbolic cosine is x.",
    points=((1.25,), (2.0,), (1e9,)),
    convention="derivative inf at 1; nan below", edges=(((1.0,), (math.inf,)),),
)


arctanh: Primitive = row(
    "arctanh", ieee.arctanh, (lambda y, x: div(1.0, _rest_of_square(x)),), np.arctanh,
    doc="The number whose hyperbolic tangent is x.", points=((-0.8,), (0.0,), (0.5,), (1e-9,)),
    convention="arctanh(±1) is ±inf with derivative inf; nan beyond, where the derivative is "
    "still that of the formula",
    edges=(((1.0,), (math.inf,)), ((-1.0,), (math.inf,)), ((3.0,), (-0.125,))),
)
