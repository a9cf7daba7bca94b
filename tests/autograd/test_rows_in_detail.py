"""What the tests over the table do not say: signed zeros, tails, steps, operators."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf

import autograd
from autograd import Value
from autograd.primitive import TABLE

FLOATS = (0.0, -0.0, 0.3, -0.3, 0.5, -0.5, 1.0, -1.0, 1.5, -2.5, 3.0, -3.0, 5e-324, -1e-310, 1e-20,
          2.0**52 - 0.5, -(2.0**52) - 1.0, 1e300, math.inf, -math.inf, math.nan)  # fmt: skip
STEPS = ("floor", "ceil", "rint", "trunc", "sign")
EXACT = (*STEPS, "copysign", "heaviside", "mod", "floor_divide")


@pytest.mark.parametrize("name", EXACT)
def test_exact_rows_are_numpys_to_the_sign_of_zero(name):
    row = TABLE[name]
    grid = np.array(list(itertools.product(FLOATS, repeat=row.arity))).T
    with np.errstate(all="ignore"):
        expected = row.ufunc(*grid)
    found = np.array([row(*map(float, point)) for point in grid.T])
    np.testing.assert_array_equal(found, expected)
    known = expected == expected
    np.testing.assert_array_equal(np.signbit(found[known]), np.signbit(expected[known]))


@pytest.mark.parametrize("name", [*STEPS, "floor_divide"])
def test_no_derivative_flows_through_a_step_whatever_arrives(name):
    operands = [Value(0.0), Value(0.0)][: TABLE[name].arity]
    y = TABLE[name](*operands)
    (1.0 / y).backward()  # an infinite or nan cotangent
    assert [v.grad for v in operands] == [0.0] * len(operands)
    assert autograd.gradients(y, operands, create_graph=True)[0].data == 0.0


def test_remainders_by_their_operators():
    x, z = Value(-7.0), Value(2.5)
    cases = [(x % z, "mod", 0.5), (x % 2.5, "mod", 0.5), (-7.0 % z, "mod", 0.5)]
    cases += [(x // z, "floor_divide", -3.0), (x // 2.5, "floor_divide", -3.0)]
    cases += [(-7.0 // z, "floor_divide", -3.0), (np.float64(-7.0) % z, "mod", 0.5)]
    for y, op, data in cases:
        assert (y.op, y.data) == (op, data)
    for pair in (divmod(x, z), divmod(x, 2.5), divmod(-7.0, z)):
        assert [y.data for y in pair] == [-3.0, 0.5]
    assert autograd.gradients(x % z, [x, z]) == [1.0, 3.0]
    assert autograd.gradients(x - z * (x // z), [x, z]) == [1.0, 3.0]
    A = autograd.array([5.0, -5.0])
    np.testing.assert_array_equal(autograd.data(A % 3), [2.0, 1.0])
    np.testing.assert_array_equal(autograd.data(np.array([7.0, 8.0]) // A), [1.0, -2.0])
    f = autograd.compile(lambda x: (x[0] % x[1]) + 10.0 * (x[0] // 2.0) + 7.0 % x[1] + 7.0 // x[1])
    np.testing.assert_array_equal(f(np.array([[5.0, 3.0]])), [2.0 + 20.0 + 1.0 + 2.0])
    with pytest.raises(TypeError, match="real number, got str"):
        x % "2"


def test_steps_are_methods():
    v = Value(2.5)
    assert [getattr(v, name)().data for name in STEPS] == [2.0, 3.0, 2.0, 2.0, 1.0]
    for function in (np.floor, np.ceil, np.trunc):  # NumPy calls those of math
        with pytest.raises(TypeError, match=r"v\.data"):
            function(np.array([v]))
    assert (v.heaviside(0.5).data, v.copysign(-1.0).data, v.mod(2).data) == (1.0, -2.5, 0.5)
    assert not hasattr(v, "where")
    assert not hasattr(v, "lt")


@pytest.mark.parametrize(
    ("name", "point", "expected"),
    [
        ("floor", (2.0,), [("jump", 0)]), ("floor", (2.5,), []), ("sign", (0.0,), [("jump", 0)]),
        ("rint", (2.5,), [("jump", 0)]), ("copysign", (2.0, 0.0), [("jump", 1)]),
        ("heaviside", (0.0, 0.3), [("jump", 0)]), ("mod", (6.0, 3.0), [("jump", 0), ("jump", 1)]),
        ("floor_divide", (6.0, 4.0), []), ("hypot", (0.0, 0.0), [("kink", 0), ("kink", 1)]),
    ],
)  # fmt: skip
def test_steps_are_seen_as_jumps(name, point, expected):
    found = autograd.kinks(TABLE[name](*map(Value, point)))
    assert [(k.kind, k.slot) for k in found] == expected


def derivatives(y, operands):
    """The first derivatives, and the second ones of the first of them."""
    firsts = autograd.gradients(y, operands, create_graph=True)
    return [g.data for g in firsts], autograd.gradients(firsts[0], operands)


def ulps(found, exact):
    return float(abs(mpf(found) - exact) / mpf(math.ulp(float(exact))))


def root(x):
    return mpmath.sqrt(x)


@pytest.mark.parametrize(
    ("name", "first", "second", "points"),
    [
        ("arcsinh", lambda x: 1 / root(1 + x * x), lambda x: -x / root(1 + x * x) ** 3,
         (1e-300, -1e-9, 0.3, 7.0, -1e100, 1e300)),
        ("arccosh", lambda x: 1 / root(x * x - 1), lambda x: -x / root(x * x - 1) ** 3,
         (1 + 2**-52, 1.001, 3.0, 1e100, 1e300)),
        ("arctanh", lambda x: 1 / (1 - x * x), lambda x: 2 * x / (1 - x * x) ** 2,
         (1e-300, -1e-17, 0.4, 0.6, -0.999, 1 - 2**-53)),
        ("expm1", mpmath.exp, mpmath.exp, (-700.0, -40.0, -1e-9, 1e-300, 3.0, 700.0)),
        ("exp2", lambda x: mpmath.log(2) * 2**x, lambda x: mpmath.log(2) ** 2 * 2**x,
         (-1000.5, -1e-9, 0.7, 1000.5)),
        ("cbrt", lambda x: 1 / (3 * mpmath.cbrt(abs(x)) ** 2),
         lambda x: -2 * mpmath.sign(x) / (9 * mpmath.cbrt(abs(x)) ** 5),
         (1e-180, -1e-9, 0.3, 1.0, -1.0, -8.0, 1e150)),
    ],
)  # fmt: skip
def test_derivatives_keep_their_digits_in_the_tails(name, first, second, points):
    for x in points:
        v = Value(x)
        (slope,), (bend,) = derivatives(TABLE[name](v), [v])
        with mpmath.workdps(60):
            for found, exact in ((slope, first(mpf(x))), (bend, second(mpf(x)))):
                if abs(exact) > 2.3e-308:
                    assert ulps(found, exact) <= 6, (name, x, found, exact)


@pytest.mark.parametrize("x", [0.0, 5e-324, -1e-300, 1e-9, 0.01, -0.3, 0.499, 0.5, 0.6, -2.2, 7.25])
def test_the_slope_of_sinc_does_not_cancel(x):
    v = Value(x)
    (slope,), (bend,) = derivatives(autograd.sinc(v), [v])
    with mpmath.workdps(400):
        t = mpmath.pi * mpf(x)
        if abs(x) < 1e-20:
            first, second = -mpmath.pi * t / 3, -(mpmath.pi**2) / 3
        else:
            first = mpmath.pi * (mpmath.cos(t) / t - mpmath.sin(t) / t**2)
            second = -(mpmath.pi**2) * mpmath.sinc(t) - 2 * first / mpf(x)
        assert slope == first == 0.0 or ulps(slope, first) <= 4
        assert ulps(bend, second) <= 8


@pytest.mark.parametrize(
    ("x", "z"),
    [(3.0, 4.0), (1e300, -1e300), (-1e-300, 1e-300), (5e-324, 5e-324), (1.7e308, 1.7e308),
     (1.0, 1e-20), (1e-20, 1.0), (1e200, 1e190), (-2.0, 0.0), (0.0, 2.0)],
)  # fmt: skip
def test_no_operand_of_hypot_is_squared(x, z):
    operands = [Value(x), Value(z)]
    firsts, (xx, xz) = derivatives(autograd.hypot(*operands), operands)
    with mpmath.workdps(60):
        a, b = mpf(x), mpf(z)
        y = mpmath.sqrt(a * a + b * b)
        for found, exact in zip((*firsts, xx, xz), (a / y, b / y, b**2 / y**3, -a * b / y**3),
                                strict=True):  # fmt: skip
            if exact == 0:
                assert found == 0.0
            elif 2.3e-308 < abs(exact) < 1.7e308:
                assert ulps(found, exact) <= 6


def test_infinite_operands_of_hypot_and_logaddexp2():
    for name in ("hypot", "logaddexp2"):
        operands = [Value(math.inf), Value(1.0)]
        assert autograd.gradients(TABLE[name](*operands), operands) == [1.0, 0.0]


@pytest.mark.parametrize("z", [0.0, 3.0, -3.0, 900.0, -900.0])
def test_both_tails_of_logaddexp2(z):
    operands = [Value(0.0), Value(z)]
    firsts, (bend, mixed) = derivatives(autograd.logaddexp2(*operands), operands)
    with mpmath.workdps(600):
        e = mpmath.power(2, z)
        exact = 1 / (1 + e), e / (1 + e), mpmath.log(2) * e / (1 + e) ** 2
    assert ulps(firsts[0], exact[0]) <= 4
    assert ulps(firsts[1], exact[1]) <= 4
    assert ulps(bend, exact[2]) <= 6
    assert mixed == -bend


@pytest.mark.parametrize("condition", [1.0, -1.0, 5e-324, -math.inf, math.nan, 0.0, -0.0])
def test_whatever_is_not_zero_is_true(condition):
    x, z = Value(2.0), Value(3.0)
    slopes = [0.0, 1.0] if condition == 0.0 else [1.0, 0.0]
    for c in (condition, Value(condition)):
        y = autograd.where(c, x, z)
        assert y.data == (3.0 if condition == 0.0 else 2.0)
        assert autograd.gradients(y, [x, z]) == slopes
        assert [g.data for g in autograd.gradients(y, [x, z], create_graph=True)] == slopes


def test_a_nan_passes_a_relu_with_what_arrives():
    """As in PyTorch: the derivative is 0 only where the operand is known not to be above 0."""
    x = Value(math.nan)
    assert autograd.gradients(autograd.relu(x), [x]) == [1.0]
    assert autograd.gradients(autograd.relu(x), [x], create_graph=True)[0].data == 1.0


@pytest.mark.parametrize("exponent", [-0.5, -1.0, -2.0])
def test_no_power_below_zero_is_flat_at_zero(exponent):
    x, z = Value(0.0), Value(exponent)
    assert autograd.gradients(x**z, [z]) == [-math.inf]


@pytest.mark.parametrize("row", [TABLE["arcsin"], TABLE["arccos"]], ids=str)
@pytest.mark.parametrize("number", [1.5, -math.inf, math.inf])
def test_beyond_the_domain_of_an_angle_all_is_nan(row, number):
    x = Value(number)
    y = row(x)
    assert math.isnan(y.data)
    assert math.isnan(autograd.gradients(y, [x])[0])
