"""Arithmetic: sums, differences, products, quotients and remainders."""

from __future__ import annotations

import math
import operator

import numpy as np

from autograd.floats import ieee
from autograd.primitive import Primitive, row

# fmt: off

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
floor_divide: Primitive = row(
    "floor_divide", ieee.floor_divide, (None, None), np.floor_divide,
    doc="The largest whole number that is not above x / z.", symbol="//", text="{} // {}",
    latex=r"\left\lfloor{{\frac{{{}}}{{{}}}}}\right\rfloor",
    points=((7.0, 2.0), (-7.0, 2.0), (1.0, 0.3), (7.5, -2.0)),
    convention="no derivative flows through it",
)
mod: Primitive = row(
    "mod", ieee.mod, (lambda y, x, z: 1.0, lambda y, x, z: -floor_divide(x, z)), np.remainder,
    doc="The remainder of x divided by z, with the sign of z.", text="{} % {}",
    formula="mod({}, {})", points=((7.0, 2.5), (-7.0, 2.5), (1.0, 0.3), (7.5, -2.0)),
    convention="at a jump the derivatives between the jumps",
    edges=(((6.0, 3.0), (1.0, -2.0)),),
)
