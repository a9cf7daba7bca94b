"""How many last digits of a derivative are right: every row over a grid of points, against mpmath.

Where the true value is a normal number: within 4 ulps for first and second derivatives. Next to a
zero of a derivative the terms that cancel count: an ulp is that of twice the derivative one order
lower. What a row excepts it says in `accuracy`.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import mpmath
import numpy as np
import oracle
import pytest
from mpmath import mpf

import autograd
from autograd import Value
from autograd.floats import batched
from autograd.primitive import TABLE

SIZES = (1e-300, 1e-20, 1e-9, 0.1, 0.49, 0.5, 0.7, 0.99999, 1 - 2**-53, 1 + 2**-52, 1.3, 2.0, 5.0,
         7.7, 20.0, 26.3, 37.0, 300.5, 700.0, 1e9, 1e150, 1e300)  # fmt: skip
UNARY = [(sign * x,) for x in SIZES for sign in (1.0, -1.0)]
PAIRS = [*itertools.product((1e-200, 0.3, 1.0, 40.0, 1e160, -2.5), (1e-200, 0.3, 2.0, 37.3, 1e160))]
SMOOTH = [row for row in TABLE.values() if any(row.partials) and not row.selects]
SMOOTH = [row for row in SMOOTH if row.name not in ("mod", "copysign", "abs")]  # exact elsewhere
NORMAL = {"float64": (2.3e-308, 1.7e308), "float32": (1.2e-38, 3.4e38)}


def points(row: Any, every: int) -> list[tuple[float, ...]]:
    return [*(UNARY if row.arity == 1 else PAIRS)[::every], *row.points]


@functools.cache
def exact(name: str, point: tuple[float, ...], orders: tuple[int, ...]) -> Any:
    """The derivative in many digits; None outside of the domain or where it is not a number."""
    tiny = min((abs(x) for x in point if x), default=1.0) < 1e-30
    with mpmath.workdps(1300 if tiny or max(map(abs, point)) > 1e5 else 400):
        try:
            found = mpmath.diff(oracle.FUNCTIONS[name], tuple(map(mpf, point)), orders)
        except (ValueError, ArithmeticError):
            return None
    return None if isinstance(found, mpmath.mpc) or not mpmath.isfinite(found) else found


def ulp(x: Any, dtype: str) -> Any:
    number = float(x * mpf(1))  # in the usual digits
    return mpf(
        math.ulp(number) if dtype == "float64" else float(np.spacing(np.float32(abs(number))))
    )


def is_near_a_zero(name: str, point: tuple[float, ...], orders: tuple[int, ...]) -> bool:
    """True if the derivative changes its sign within a quarter of an operand."""
    here = exact(name, point, orders)
    for i, x in enumerate(point):
        for step in (0.25 * abs(x) + 0.1, -0.25 * abs(x) - 0.1):
            there = exact(name, (*point[:i], x + step, *point[i + 1 :]), orders)
            if there is not None and there * here < 0:
                return True
    return False


def error(name: str, point: Any, orders: tuple[int, ...], slot: int, found: float,
          dtype: str = "float64") -> float:  # fmt: skip
    """The error in ulps of a derivative, of which the slot's was the last; 0 if nothing is held."""
    true = exact(name, point, orders)
    least, most = NORMAL[dtype]
    if true is None or not least < abs(true) < most:
        return 0.0
    unit = ulp(true, dtype)
    if abs(mpf(found) - true) > 4 * unit and is_near_a_zero(name, point, orders):
        lower = tuple(n - (i == slot) for i, n in enumerate(orders))
        unit = max(unit, ulp(2 * (exact(name, point, lower) or mpf(0)), dtype))
    return float(abs(mpf(found) - true) / unit) if math.isfinite(found) else math.inf


def errors(row: Any, every: int) -> list[tuple[float, Any]]:
    """The errors of the first and second derivatives, with where they are."""
    measured = []
    for point in points(row, every):
        operands = [Value(x) for x in point]
        y = row(*operands)
        if not math.isfinite(y.data):
            continue
        firsts = autograd.gradients(y, operands, create_graph=True)
        for i, first in enumerate(firsts):
            ones = tuple(int(k == i) for k in range(len(point)))
            measured.append((error(row.name, point, ones, i, first.data), (point, ones)))
            for j, second in enumerate(autograd.gradients(first, operands)):
                orders = tuple(n + (k == j) for k, n in enumerate(ones))
                measured.append((error(row.name, point, orders, j, second), (point, orders)))
    return measured


@pytest.mark.parametrize("row", SMOOTH, ids=str)
@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_first_and_second_derivatives_within_four_ulps(row, every):
    wrong = [(ulps, where) for ulps, where in errors(row, every) if not ulps <= 4]
    assert not wrong or row.accuracy, wrong


def test_fewer_than_ten_rows_are_excepted():
    assert 0 < sum(bool(row.accuracy) for row in TABLE.values()) < 10


@pytest.mark.slow
@pytest.mark.parametrize("row", [r for r in SMOOTH if r.accuracy], ids=str)
def test_an_exception_is_needed(row):
    assert any(not ulps <= 4 for ulps, _ in errors(row, 1))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("row", [r for r in SMOOTH if r.arity == 1 and not r.accuracy], ids=str)
def test_compiled_within_four_more(row, dtype):
    numbers = [float(np.dtype(dtype).type(x)) for (x,) in UNARY if 1e-30 < abs(x) < 1e30][::3]
    c = autograd.compile(lambda x: row(x), dtype=dtype, input_gradients=True)
    for x in numbers:
        _, _, found = c.value_and_grad(np.array([x]))
        assert error(row.name, (x,), (1,), 0, float(found[0]), dtype) <= 8, (x, found)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("has_fast_cosh", [True, False])
def test_the_derivative_of_a_compiled_tanh_on_any_processor(has_fast_cosh, dtype, monkeypatch):
    monkeypatch.setattr(batched, "_has_fast_cosh", lambda: has_fast_cosh)
    c = autograd.compile(autograd.tanh, dtype=dtype, input_gradients=True)
    numbers = np.linspace(-352.0, 352.0, 41) if dtype == "float64" else np.linspace(-44, 44, 41)
    for x in [*numbers.astype(dtype).tolist(), 0.125, -1.5, 400.0, 1e9]:
        _, _, found = c.value_and_grad(np.array([x]))
        assert error("tanh", (x,), (1,), 0, float(found[0]), dtype) <= 8, (x, found)
        assert abs(x) < 360.0 or found[0] == 0.0
