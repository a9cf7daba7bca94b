"""Activation functions of networks, and the error function."""

from __future__ import annotations

import math
from typing import Any

from autograd.floats import batched, ieee
from autograd.primitive import Primitive, row
from autograd.primitives.piecewise import gt, le, where
from autograd.primitives.powers import exp, expm1

# fmt: off

sigmoid: Primitive = row(
    "sigmoid", ieee.sigmoid, (lambda y, x: y * (1.0 - y),), batched.sigmoid,
    doc="1 / (1 + exp(-x)), without overflow.", symbol="σ", latex=r"\sigma\left({}\right)",
    points=((-2.0,), (0.0,), (0.5,), (-40.0,)),
    convention="near 1 the derivative is right to absolute, not relative, accuracy",
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
softplus: Primitive = row(
    "softplus", ieee.softplus, (lambda y, x: sigmoid(x),), batched.softplus,
    doc="log(1 + exp(x)), without overflow.", points=((-2.0,), (0.0,), (0.5,), (-40.0,)),
)


def _silu_rule(y: Any, x: Any) -> Any:
    s = sigmoid(x)
    return s * (1.0 + x * (1.0 - s))


silu: Primitive = row(
    "silu", ieee.silu, (_silu_rule,), batched.silu, points=((-2.0,), (0.0,), (0.5,)),
    doc="x * sigmoid(x), also called swish (Elfwing et al., 2018).",
)


def _gelu_rule(y: Any, x: Any) -> Any:
    density = exp(-0.5 * x * x) * (1.0 / math.sqrt(2.0 * math.pi))
    return 0.5 * erfc(x * (-1.0 / ieee.SQRT_2)) + x * density


gelu: Primitive = row(
    "gelu", ieee.gelu, (_gelu_rule,), batched.gelu, points=((-2.0,), (0.0,), (0.5,)),
    doc="x times the normal cumulative probability at x, exact (Hendrycks and Gimpel, 2016).",
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
erf: Primitive = row(
    "erf", math.erf, (lambda y, x: exp(-x * x) * (2.0 / math.sqrt(math.pi)),), batched.erf,
    doc="The error function.", points=((-2.0,), (0.0,), (0.5,)),
)
erfc: Primitive = row(
    "erfc", math.erfc, (lambda y, x: exp(-x * x) * (-2.0 / math.sqrt(math.pi)),), batched.erfc,
    doc="1 - erf(x), accurate where erf(x) is close to 1.",
    points=((-2.0,), (0.0,), (0.5,), (5.0,)),
)
