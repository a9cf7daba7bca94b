"""Slopes by finite differences and their verdicts, against derivatives by mpmath."""

from __future__ import annotations

import math
from collections import Counter

import mpmath
import pytest

from autograd.diagnosis.finite_differences import finite_difference
from autograd.floats import ieee

SMOOTH = {
    "sin": lambda m, x: m.sin(x),
    "exp": lambda m, x: m.exp(x),
    "tanh": lambda m, x: m.tanh(x),
    "sigmoid": lambda m, x: 1 / (1 + m.exp(-x)),
    "cube": lambda m, x: x * x * x,
    "1/x": lambda m, x: 1 / x,
    "log": lambda m, x: m.log(x),
    "sqrt": lambda m, x: m.sqrt(x),
    "log(1 + x²)": lambda m, x: m.log(1 + x * x),
    "line with offset": lambda m, x: 1e6 + x,
    "Gaussian at 1e5": lambda m, x: m.exp(-((x - 100000) ** 2)),
    "parabola at 3": lambda m, x: (x - 3) ** 2 + 5,
    "tiny": lambda m, x: 1e-30 * m.sin(x),
    "huge": lambda m, x: 1e30 * m.sin(x),
    "fast": lambda m, x: m.sin(1e8 * x),
    "slow": lambda m, x: m.sin(1e-8 * x),
    "ripple": lambda m, x: x + 1e-3 * m.sin(1e6 * x),
    "small slope": lambda m, x: 1 + 1e-9 * x,
}
POINTS = (0.0, 1e-20, 1e-8, 1e-6, 0.3, 1.0, 3.0, -2.5, 100.0, 1e5, 1e5 + 0.5)


def on_floats(f):
    def safe(x: float) -> float:
        try:
            return f(math, x)
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            return math.nan

    return safe


def derivative(f, x: float) -> float:
    with mpmath.workdps(60):
        return float(mpmath.diff(lambda t: f(mpmath, t), mpmath.mpf(x)))


def test_no_right_derivative_differs_and_no_wrong_one_agrees():
    verdicts: Counter[str] = Counter()
    for name, f in SMOOTH.items():
        for x in POINTS:
            if math.isfinite(on_floats(f)(x)) and not (name == "sqrt" and x == 0.0):
                exact = derivative(f, x)
                measured = finite_difference(on_floats(f), x)
                verdict, reason = measured.verdict(exact)
                assert verdict != "differ", (name, x, exact, measured)
                assert bool(reason) == (verdict == "cannot tell")
                for wrong in (1.001 * exact, 0.999 * exact, -exact, 3 * exact):
                    if abs(wrong - exact) > 2 * measured.negligible:
                        assert measured.verdict(wrong)[0] != "agree", (name, x, exact, measured)
                verdicts[verdict] += 1
    assert verdicts["cannot tell"] < 0.05 * verdicts.total()


@pytest.mark.parametrize(
    ("f", "x", "exact", "expected"),
    [
        (math.sin, 1e5, math.cos(1e5), "agree"),
        (lambda x: max(x, 0.0), 1e-9, 1.0, "agree"),  # at a kink nearby the small steps decide
        (lambda x: max(x, 0.0), -1e-9, 0.0, "agree"),
        (lambda x: max(x, 0.0) + 1.0, 1e-9, 1.0, "agree"),
        (lambda x: max(x, 0.0), 1e-9, 0.5, "differ"),
        (lambda x: max(x, 0.0) + 7.0, -0.5, 0.0, "agree"),  # flat
        (lambda x: max(x, 0.0) + 7.0, -0.5, 0.01, "differ"),
        (math.tanh, 100.0, 0.0, "agree"),
        (math.cos, 0.0, 0.0, "agree"),
        (math.floor, 2.5, 0.0, "agree"),
    ],
)
def test_verdicts(f, x, exact, expected):
    assert finite_difference(f, x).verdict(exact) == (expected, "")


@pytest.mark.parametrize(
    ("f", "x", "exact", "why"),
    [
        (abs, 0.0, 0.0, "the side or the step"),
        (lambda x: max(x, 0.0) + x, 0.0, 1.0, "the side or the step"),
        (
            lambda x: max(x, 0.0) + 1e6,
            1e-9,
            1.0,
            "the side or the step",
        ),  # rounding hides the right side
        (lambda x: float(x > 0), 0.0, 0.0, "the side or the step"),
        (lambda x: math.copysign(1.0, x), 0.0, 0.0, "the side or the step"),
        (math.cbrt if hasattr(math, "cbrt") else lambda x: x, 0.0, 0.0, "the side or the step"),
        (lambda x: math.sin(1e8 * x), 1e10, math.cos(1e18), "the side or the step"),
        (lambda x: 1e16 + 0.002 * x, 1.0, 0.002, "rounding"),
        (ieee.sigmoid, 40.0, 4e-18, "rounding"),
        (ieee.sqrt, 0.0, math.inf, "nan or infinite"),
        (ieee.log, -1.0, -1.0, "nan or infinite"),
        (lambda x: x, math.nan, 1.0, "nan or infinite"),
        (lambda x: x, 1.0, math.nan, "nan or infinite"),
    ],
)
def test_what_cannot_be_told_has_a_reason(f, x, exact, why):
    verdict, reason = finite_difference(f, x).verdict(exact)
    assert verdict == "cannot tell"
    assert why in reason


@pytest.mark.parametrize("x", [0.0, 1e-300, 5e-324, -1e-8, 1.0, 1e5, 1e300, -1.7e308])
def test_the_evaluations_are_bounded(x):
    seen = []
    measured = finite_difference(lambda t: seen.append(t) or 2.0 * t, x)
    assert len(seen) <= 39
    assert measured.slope == 2.0 or not math.isfinite(2.0 * x)
    assert x == 5e-324 or not math.isfinite(2.0 * x) or measured.verdict(2.0)[0] == "agree"
