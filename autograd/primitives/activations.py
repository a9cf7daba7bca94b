"""Activation functions of networks, and the error function."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.floats import batched, ieee
from autograd.primitive import Primitive, row
from autograd.primitives.piecewise import bounded, gt, le, where
from autograd.primitives.powers import difference, exp, expm1

# fmt: off

sigmoid: Primitive = row(
    "sigmoid", ieee.sigmoid, (lambda y, x: y * sigmoid(-x),), batched.sigmoid,
    doc="1 / (1 + exp(-x)), without overflow.", symbol="σ", latex=r"\sigma\left({}\right)",
    points=((-2.0,), (0.0,), (0.5,), (-40.0,), (40.0,)),
)
relu: Primitive = row(
    "relu", ieee.relu, (lambda g, y, x: where(le(x, 0.0), 0.0, g),), batched.relu, selects=True,
    doc="max(x, 0).", points=((2.0,), (-1.5,)), convention="derivative 0 at 0; nan stays nan",
    edges=(((0.0,), (0.0,)),),
)
leaky_relu: Primitive = row(
    "leaky_relu", ieee.leaky_relu, (lambda y, x, slope=0.01: where(gt(x, 0.0), 1.0, slope),
     lambda y, x, slope=0.01: where(gt(x, 0.0), 0.0, x)),
    batched.leaky_relu, optional=1,
    doc="x above 0, slope * x below; the slope is 0.01 unless given.", points=((2.0,), (-1.5,)),
    convention="derivative slope at 0", edges=(((0.0,), (0.01,)),),
)
logaddexp: Primitive = row(
    "logaddexp", ieee.logaddexp,
    (lambda y, x, z: sigmoid(difference(x, z)), lambda y, x, z: sigmoid(-difference(x, z))),
    np.logaddexp, doc="log(exp(x) + exp(z)), without overflow.",
    points=((1.0, 2.0), (0.5, 0.5), (-3.0, 40.0)),
    convention="derivatives 1/2 where both are the same infinity",
    edges=(((math.inf, math.inf), (0.5, 0.5)), ((-math.inf, -math.inf), (0.5, 0.5))),
    accuracy="as accurate as x - z, whose rounding counts where it is large",
)
softplus: Primitive = row(
    "softplus", ieee.softplus, (lambda y, x: sigmoid(x),), batched.softplus,
    doc="log(1 + exp(x)), without overflow.", points=((-2.0,), (0.0,), (0.5,), (-40.0,)),
)


def _silu_rule(y: Any, x: Any) -> Any:
    return sigmoid(x) * (1.0 + bounded(x) * sigmoid(-x))


silu: Primitive = row(
    "silu", ieee.silu, (_silu_rule,), batched.silu, points=((-2.0,), (0.0,), (0.5,), (40.0,)),
    doc="x * sigmoid(x), also called swish (Elfwing et al., 2018).",
    convention="0 at -inf, with derivative 0; derivative 1 at inf",
    edges=(((-math.inf,), (0.0,)), ((math.inf,), (1.0,))),
)


gaussian: Primitive = row(
    "gaussian", ieee.gaussian, (lambda y, x: -bounded(x) * y,), batched.gaussian,
    doc="exp(-x * x / 2), with all digits of the square.",
    points=((-2.0,), (0.0,), (0.5,), (20.3,), (-37.1,)),
)


def _gelu_rule(y: Any, x: Any) -> Any:
    density = gaussian(x) * (1.0 / math.sqrt(2.0 * math.pi))
    return 0.5 * erfc(x * (-1.0 / ieee.SQRT_2)) + bounded(x) * density


gelu: Primitive = row(
    "gelu", ieee.gelu, (_gelu_rule,), batched.gelu, points=((-2.0,), (0.0,), (0.5,)),
    accuracy="the value, below 0, to about x * x ulps, for x / sqrt(2) is rounded",
    doc="x times the normal cumulative probability at x, exact (Hendrycks and Gimpel, 2016).",
    convention="0 at -inf, with derivative 0; derivative 1 at inf",
    edges=(((-math.inf,), (0.0,)), ((math.inf,), (1.0,))),
)


def _elu_rule(y: Any, x: Any, alpha: Any = 1.0) -> Any:
    above = gt(x, 0.0)
    return where(above, 1.0, alpha * exp(where(above, 0.0, x)))


def _elu_alpha_rule(y: Any, x: Any, alpha: Any = 1.0) -> Any:
    above = gt(x, 0.0)
    return where(above, 0.0, expm1(where(above, 0.0, x)))


elu: Primitive = row(
    "elu", ieee.elu, (_elu_rule, _elu_alpha_rule), batched.elu, optional=1,
    doc="x above 0, alpha * (exp(x) - 1) below; alpha is 1 unless given (Clevert et al., 2016).",
    points=((2.0,), (-1.5,), (1000.0,)), convention="derivative alpha at 0",
    edges=(((0.0,), (1.0,)), ((0.0, 2.0), (2.0, 0.0))),
)


def _bell(x: Any) -> Any:
    root = gaussian(x)
    return root * root


erf: Primitive = row(
    "erf", math.erf, (lambda y, x: _bell(x) * (2.0 / math.sqrt(math.pi)),), batched.erf,
    doc="The error function.", points=((-2.0,), (0.0,), (0.5,), (20.3,)),
)
erfc: Primitive = row(
    "erfc", math.erfc, (lambda y, x: _bell(x) * (-2.0 / math.sqrt(math.pi)),), batched.erfc,
    doc="1 - erf(x), accurate where erf(x) is close to 1.",
    points=((-2.0,), (0.0,), (0.5,), (5.0,)),
)
