"""Functions in pieces: comparisons, choices, signs and roundings."""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import numpy as np

from autograd.floats import batched, ieee
from autograd.primitive import Primitive, row

# fmt: off


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
where: Primitive = row(
    "where", ieee.where,
    (None, lambda g, y, c, x, z: where(c, g, 0.0), lambda g, y, c, x, z: where(c, 0.0, g)),
    batched.where, selects=True, doc="x where the condition is not zero, else z.",
    points=((1.0, 2.0, 3.0), (0.0, 2.0, 3.0)), convention="no derivative flows to the condition",
)


def _share(g: Any, lost: Any, tied: Any) -> Any:
    return where(lost, 0.0, g * (1.0 - 0.5 * tied))


minimum: Primitive = row(
    "minimum", ieee.minimum,
    (lambda g, y, x, z: _share(g, gt(x, z), eq(x, z)),
     lambda g, y, x, z: _share(g, gt(z, x), eq(x, z))),
    np.minimum, selects=True, doc="The smaller of x and z; nan if either is nan.", symbol="min",
    text="min({}, {})", latex=r"\min\left({}, {}\right)", points=((2.0, 3.0), (-1.5, -4.0)),
    convention="a tie gives half to each", edges=(((1.0, 1.0), (0.5, 0.5)),),
)
maximum: Primitive = row(
    "maximum", ieee.maximum,
    (lambda g, y, x, z: _share(g, lt(x, z), eq(x, z)),
     lambda g, y, x, z: _share(g, lt(z, x), eq(x, z))),
    np.maximum, selects=True, doc="The larger of x and z; nan if either is nan.", symbol="max",
    text="max({}, {})", latex=r"\max\left({}, {}\right)", points=((2.0, 3.0), (-1.5, -4.0)),
    convention="a tie gives half to each", edges=(((1.0, 1.0), (0.5, 0.5)),),
)


def bounded(x: Any) -> Any:
    """Keep x between ±FAR, where a rule would multiply an infinity by 0."""
    return maximum(minimum(x, ieee.FAR), -ieee.FAR)


abs: Primitive = row(
    "abs", builtins.abs, (lambda y, x: gt(x, 0.0) - lt(x, 0.0),), np.absolute,
    doc="The absolute value.", symbol="|·|", text="|{}|", latex=r"\left|{}\right|",
    points=((2.0,), (-1.5,)), convention="derivative 0 at 0", edges=(((0.0,), (0.0,)),),
)


def _step(name: str, ufunc: np.ufunc, doc: str, latex: str = "") -> Primitive:
    return row(
        name, getattr(ieee, name), (None,), ufunc, doc=doc, latex=latex,
        points=((2.25,), (-1.25,), (0.75,)), convention="no derivative flows through it",
    )


sign: Primitive = _step("sign", np.sign, "-1 below 0, 0 at 0, 1 above 0; nan stays nan.")
copysign: Primitive = row(
    "copysign", ieee.copysign, (lambda y, x, z: sign(x) * copysign(1.0, z), None), np.copysign,
    doc="|x| with the sign of z, which may be that of a zero.",
    points=((2.0, -3.0), (-1.5, -0.5), (-1.5, 4.0)), edges=(((0.0, -1.0), (0.0, 0.0)),),
    convention="derivative 0 to x at x = 0; no derivative flows to z",
)
heaviside: Primitive = row(
    "heaviside", ieee.heaviside, (None, lambda g, y, x, h: where(x, 0.0, g)), np.heaviside,
    selects=True, doc="0 below 0, h at 0, 1 above 0; nan stays nan.",
    points=((2.0, 0.5), (-1.5, 0.5)), edges=(((0.0, 0.5), (0.0, 1.0)),),
    convention="no derivative flows to x; derivative 1 to h at x = 0",
)
floor: Primitive = _step(
    "floor", np.floor, "The largest whole number that is not above x.",
    r"\left\lfloor{{{}}}\right\rfloor",
)
ceil: Primitive = _step(
    "ceil", np.ceil, "The smallest whole number that is not below x.",
    r"\left\lceil{{{}}}\right\rceil",
)
rint: Primitive = _step("rint", np.rint, "The nearest whole number; of two the even one.")
trunc: Primitive = _step("trunc", np.trunc, "The whole part of x, rounded towards 0.")
