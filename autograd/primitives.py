"""The table of primitives: every operation is declared here, once, and nowhere else.

A row holds all that is known of an operation: the function, the partial derivative for each
operand, the twin on arrays, the form in print, and the convention where the derivative is not
defined. From the rows follow the functions and methods, the backward pass, gradients of gradients,
the diagrams, the table in `docs/operations.md` and the tests. To add an operation, add a row.

A partial derivative is a function of the result `y` and the operands. It is written with rows and
with `+ - *` alone (`/` and `**` on floats raise where IEEE 754 defines a result), so the same rule
serves floats and Values: on Values it records a graph, which can be differentiated again.
A rule of `None` says that no derivative flows to that operand.
"""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import numpy as np

from autograd.floats import batched, ieee
from autograd.primitive import Primitive, row

# A row is laid out to be read as a row.
# fmt: off

# Arithmetic

add: Primitive = row(
    "add", operator.add, (lambda y, x, z: 1.0, lambda y, x, z: 1.0), np.add, doc="x + z.",
    symbol="+", text="{} + {}", latex="{} + {}", points=((2.0, 3.0), (-1.5, 0.25), (0.0, 0.0)),
)
sub: Primitive = row(
    "sub", operator.sub, (lambda y, x, z: 1.0, lambda y, x, z: -1.0), np.subtract, doc="x - z.",
    symbol="−", text="{} - {}", latex="{} - {}", formula="{} − {}",
    points=((2.0, 3.0), (-1.5, 0.25), (0.0, 0.0)),
)
mul: Primitive = row(
    "mul", operator.mul, (lambda y, x, z: z, lambda y, x, z: x), np.multiply, doc="x times z.",
    symbol="×", text="{} * {}", latex=r"{} \cdot {}", formula="{}·{}",
    points=((2.0, 3.0), (-1.5, 0.25), (0.0, 0.0)),
)
div: Primitive = row(
    "div", ieee.div, (lambda y, x, z: div(1.0, z), lambda y, x, z: div(-y, z)), np.divide,
    doc="x divided by z.", symbol="÷", text="{} / {}", latex=r"\frac{{{}}}{{{}}}", formula="{}/{}",
    points=((2.0, 3.0), (-1.5, 0.25), (0.0, 4.0)),
    convention="x/0 is ±inf, 0/0 nan; the derivatives are what the formulas give",
    edges=(((1.0, 0.0), (math.inf, -math.inf)),),
)
neg: Primitive = row(
    "neg", operator.neg, (lambda y, x: -1.0,), np.negative, doc="-x.", symbol="neg", text="-{}",
    latex="-{}", formula="−{}", points=((2.0,), (-1.5,), (0.0,)),
)


def _pow_base(y: Any, x: Any, z: Any) -> Any:
    # x**0 is flat. Close to x = 0 its formula would be zero times an infinite power of x, to the
    # third derivative from 1e-100 on: there, and for nan, the power taken is 1**1.
    flat = eq(z, 0.0) * (1.0 - ge(abs(x), 1e-100))
    return z * pow(where(flat, 1.0, x), where(flat, 1.0, z - 1.0))


def _pow_exponent(y: Any, x: Any, z: Any) -> Any:
    flat = eq(x, 0.0) * ge(z, 0.0)
    return where(flat, 0.0, y * log(where(flat, 1.0, x)))


pow: Primitive = row(
    "pow", ieee.pow, (_pow_base, _pow_exponent), np.power, doc="x to the power z.",
    text="{} ** {}", latex="{{{}}}^{{{}}}", formula="{}^{}",
    points=((2.0, 3.0), (1.5, -0.5), (0.3, 2.2), (4.0, 0.0)),
    convention="0**0 is 1; x**0 has derivative 0 to x; 0**z with z >= 0 has derivative 0 to z; "
    "negative bases have a derivative to x for whole z only, nan to z; 0**-1 is inf", edges=(
        ((0.0, 0.0), (0.0, 0.0)), ((0.0, 0.5), (math.inf, 0.0)), ((0.0, 1.0), (1.0, 0.0)),
        ((0.0, 2.0), (0.0, 0.0)), ((-2.0, 3.0), (12.0, math.nan)), ((-8.0, 0.0), (0.0, math.nan)),
        ((5e-324, 0.0), (0.0, math.log(5e-324))), ((math.nan, 0.0), (0.0, math.nan)),
    ),
)
abs: Primitive = row(
    "abs", builtins.abs, (lambda y, x: gt(x, 0.0) - lt(x, 0.0),), np.absolute,
    doc="The absolute value.", symbol="|·|", text="|{}|", latex=r"\left|{}\right|",
    points=((2.0,), (-1.5,)), convention="derivative 0 at 0", edges=(((0.0,), (0.0,)),),
)

# Exponentials and logarithms

exp: Primitive = row(
    "exp", ieee.exp, (lambda y, x: y,), np.exp, doc="e to the power x.", latex="e^{{{}}}",
    points=((-2.0,), (0.0,), (1.5,)),
)
expm1: Primitive = row(
    "expm1", ieee.expm1, (lambda y, x: exp(x),), np.expm1,
    doc="exp(x) - 1, accurate for small x.", points=((-2.0,), (1e-9,), (1.5,)),
)
log: Primitive = row(
    "log", ieee.log, (lambda y, x: div(1.0, x),), np.log, doc="The natural logarithm.",
    latex=r"\ln\left({}\right)", points=((0.2,), (1.0,), (30.0,)),
    convention="log(0) is -inf with derivative inf; nan below", edges=(((0.0,), (math.inf,)),),
)
log1p: Primitive = row(
    "log1p", ieee.log1p, (lambda y, x: div(1.0, 1.0 + x),), np.log1p,
    doc="log(1 + x), accurate for small x.", points=((-0.5,), (1e-9,), (3.0,)),
    convention="log1p(-1) is -inf with derivative inf; nan below", edges=(((-1.0,), (math.inf,)),),
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
sqrt: Primitive = row(
    "sqrt", ieee.sqrt, (lambda y, x: div(0.5, y),), np.sqrt, doc="The square root.", symbol="√",
    latex=r"\sqrt{{{}}}", points=((0.2,), (1.0,), (30.0,)),
    convention="derivative inf at 0; nan below", edges=(((0.0,), (math.inf,)),),
)

# Trigonometric and hyperbolic

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
arcsin: Primitive = row(
    "arcsin", ieee.arcsin, (lambda y, x: div(1.0, sqrt(1.0 - x * x)),), np.arcsin,
    doc="The angle in radians whose sine is x.", points=((-0.8,), (0.0,), (0.5,)),
    convention="derivative inf at ±1; nan beyond", edges=(((1.0,), (math.inf,)),),
)
arccos: Primitive = row(
    "arccos", ieee.arccos, (lambda y, x: div(-1.0, sqrt(1.0 - x * x)),), np.arccos,
    doc="The angle in radians whose cosine is x.", points=((-0.8,), (0.0,), (0.5,)),
    convention="derivative -inf at ±1; nan beyond", edges=(((1.0,), (-math.inf,)),),
)
arctan: Primitive = row(
    "arctan", math.atan, (lambda y, x: div(1.0, 1.0 + x * x),), np.arctan,
    doc="The angle in radians whose tangent is x.", points=((-2.0,), (0.0,), (0.5,)),
)
arctan2: Primitive = row(
    "arctan2", math.atan2,
    (lambda y, x, z: div(z, x * x + z * z), lambda y, x, z: div(-x, x * x + z * z)), np.arctan2,
    doc="The angle in radians of the point (z, x): ordinate first.",
    points=((1.0, 2.0), (-0.5, -1.5), (2.0, -0.1)), edges=(((0.0, 0.0), (math.nan, math.nan)),),
    convention="nan derivatives at (0, 0); smooth across the jump at x = 0, z < 0",
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
    "tanh", math.tanh, (lambda y, x: 1.0 - y * y,), np.tanh, doc="The hyperbolic tangent.",
    points=((-2.0,), (0.0,), (0.5,), (20.0,)),
    convention="near saturation the derivative is right to absolute, not relative, accuracy",
)

# Activations

sigmoid: Primitive = row(
    "sigmoid", ieee.sigmoid, (lambda y, x: y * (1.0 - y),), batched.sigmoid,
    doc="1 / (1 + exp(-x)), without overflow.", symbol="σ", latex=r"\sigma\left({}\right)",
    points=((-2.0,), (0.0,), (0.5,), (-40.0,)),
    convention="near 1 the derivative is right to absolute, not relative, accuracy",
)
relu: Primitive = row(
    "relu", ieee.relu, (lambda y, x: 1.0 - le(x, 0.0),), batched.relu, doc="max(x, 0).",
    points=((2.0,), (-1.5,)), convention="derivative 0 at 0; nan stays nan",
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

# Choices


def _share(lost: Any, tied: Any) -> Any:
    return where(lost, 0.0, where(tied, 0.5, 1.0))


minimum: Primitive = row(
    "minimum", ieee.minimum,
    (lambda y, x, z: _share(gt(x, z), eq(x, z)), lambda y, x, z: _share(gt(z, x), eq(x, z))),
    np.minimum, doc="The smaller of x and z; nan if either is nan.", symbol="min",
    text="min({}, {})", latex=r"\min\left({}, {}\right)", points=((2.0, 3.0), (-1.5, -4.0)),
    convention="a tie gives half to each", edges=(((1.0, 1.0), (0.5, 0.5)),),
)
maximum: Primitive = row(
    "maximum", ieee.maximum,
    (lambda y, x, z: _share(lt(x, z), eq(x, z)), lambda y, x, z: _share(lt(z, x), eq(x, z))),
    np.maximum, doc="The larger of x and z; nan if either is nan.", symbol="max",
    text="max({}, {})", latex=r"\max\left({}, {}\right)", points=((2.0, 3.0), (-1.5, -4.0)),
    convention="a tie gives half to each", edges=(((1.0, 1.0), (0.5, 0.5)),),
)
where: Primitive = row(
    "where", ieee.where, (None, lambda y, c, x, z: ne(c, 0.0), lambda y, c, x, z: eq(c, 0.0)),
    batched.where, doc="x where the condition is not zero, else z.",
    points=((1.0, 2.0, 3.0), (0.0, 2.0, 3.0)), convention="no derivative flows to the condition",
)


def _comparison(name: str, ufunc: np.ufunc, symbol: str, latex: str) -> Primitive:
    compare = getattr(operator, name)
    return row(
        name, lambda x, z: 1.0 if compare(x, z) else 0.0, (None, None), ufunc,
        doc=f"1 where x {symbol} z, else 0 (with a nan: {int(compare(math.nan, 0.0))}).",
        symbol=symbol, text=f"{{}} {symbol} {{}}", latex=f"{{}} {latex} {{}}",
        points=((2.0, 3.0), (3.0, 2.0), (1.0, 1.0)), convention="no derivative flows through it",
        is_comparison=True,
    )


lt: Primitive = _comparison("lt", np.less, "<", "<")
le: Primitive = _comparison("le", np.less_equal, "<=", r"\le")
gt: Primitive = _comparison("gt", np.greater, ">", ">")
ge: Primitive = _comparison("ge", np.greater_equal, ">=", r"\ge")
eq: Primitive = _comparison("eq", np.equal, "==", "=")
ne: Primitive = _comparison("ne", np.not_equal, "!=", r"\ne")
