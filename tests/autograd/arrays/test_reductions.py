"""Reductions and compositions of rows: against NumPy, and compiled against eager."""

from __future__ import annotations

import math
import pickle
from decimal import Decimal

import numpy as np
import pytest
from beside_eager import compare, weights

import autograd
from autograd import Value
from autograd.compositions import OF_UFUNC

rng = np.random.default_rng(0)
M = rng.normal(size=(3, 4))
SPECIAL = (0.0, 1.0, -2.5, 180.0, 1e300, 1e-300, math.inf, -math.inf, math.nan)


def leaves(numbers):
    return [Value(x) for x in numbers]


def gradient_of(f, numbers):
    values = leaves(numbers)
    y = f(values)
    return y.data, autograd.gradients(y, values)


# NumPy's ufuncs that are compositions


@pytest.mark.parametrize("ufunc", OF_UFUNC, ids=lambda ufunc: ufunc.__name__)
def test_a_composition_is_numpys_ufunc(ufunc):
    grid = np.array(np.meshgrid(*[SPECIAL] * ufunc.nin)).reshape(ufunc.nin, -1)
    with np.errstate(all="ignore"):
        expected = ufunc(*grid)
    found = [OF_UFUNC[ufunc](*leaves(point)).data for point in grid.T]
    np.testing.assert_allclose(found, expected, rtol=1e-15)
    if function := getattr(autograd, ufunc.__name__, None):
        np.testing.assert_allclose(function(*grid), expected, rtol=1e-15)
        assert function(*([2.0, 3.0],) * ufunc.nin).shape == (2,)


def test_slopes_of_compositions():
    v = Value(4.0)
    for f, slope in [
        (autograd.square, 8.0), (autograd.reciprocal, -1 / 16), (autograd.fabs, 1.0),
        (autograd.deg2rad, math.pi / 180), (autograd.rad2deg, 180 / math.pi),
    ]:  # fmt: skip
        assert autograd.gradients(f(v), [v]) == [slope]
    assert autograd.gradients(autograd.float_power(v, 2), [v]) == [8.0]


@pytest.mark.parametrize("f", [autograd.fmax, autograd.fmin])
def test_fmax_and_fmin_leave_a_nan_out(f):
    nan, first = math.nan, float(f is autograd.fmax)
    for point, data, slopes in [
        ((3.0, 2.0), 3.0 if first else 2.0, [first, 1.0 - first]),
        ((nan, 2.0), 2.0, [0.0, 1.0]),
        ((3.0, nan), 3.0, [1.0, 0.0]),
        ((2.0, 2.0), 2.0, [0.5, 0.5]),
    ]:
        assert gradient_of(lambda v: f(*v), point) == (data, slopes)
    assert math.isnan(f(nan, nan))


def test_functions_of_arrays_pickle():
    assert pickle.loads(pickle.dumps(autograd.square)) is autograd.square


def test_clip_takes_its_bounds_by_name():
    assert autograd.clip([1.0, 5.0], high=2.0).tolist() == [1.0, 2.0]
    assert autograd.clip(Value(5.0), high=2.0).data == 2.0


# Reductions

REDUCTIONS = {
    "cumsum": np.cumsum, "cumprod": np.cumprod, "var": np.var, "std": np.std, "max": np.max,
    "min": np.min, "norm": np.linalg.norm,
}  # fmt: skip


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_a_reduction_is_numpys(name, axis):
    f, expected = getattr(autograd, name), REDUCTIONS[name](M, axis=axis)
    for given in (M, autograd.array(M)):
        found = f(given, axis=axis)
        found = found.data if isinstance(found, Value) else found
        found = autograd.data(found) if isinstance(found, autograd.ValueArray) else found
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    if axis is not None:
        np.testing.assert_allclose(f(M.tolist(), axis=axis), expected, rtol=1e-13)


def test_running_sums_are_of_the_kind_given():
    x = leaves([1.0, 2.0, 3.0])
    sums, products = autograd.cumsum(x), autograd.cumprod(tuple(x))
    assert [v.data for v in sums] == [1.0, 3.0, 6.0]
    assert isinstance(products, tuple)
    assert autograd.gradients(products[2], x) == [6.0, 3.0, 2.0]
    assert autograd.cumsum([]) == []


def test_spread():
    numbers = [1.0, 2.0, 4.0]
    y, g = gradient_of(lambda v: autograd.std(v, ddof=1), numbers)
    assert y == pytest.approx(np.std(numbers, ddof=1))
    assert g == pytest.approx((np.array(numbers) - np.mean(numbers)) / (2 * y))
    assert gradient_of(autograd.std, [3.0, 3.0]) == (0.0, [0.0, 0.0])
    assert math.isnan(autograd.var([1.0], ddof=1))
    with pytest.raises(ValueError, match="var needs at least one value"):
        autograd.var([])


@pytest.mark.parametrize("order", [1, 1.5, 2, 3, 0.5, math.inf, -math.inf])
def test_norm(order):
    numbers = [3.0, -4.0, 0.0]
    assert autograd.norm(numbers, ord=order) == pytest.approx(np.linalg.norm(numbers, ord=order))
    assert gradient_of(lambda v: autograd.norm(v, ord=order), [0.0] * 3) == (0.0, [0.0] * 3)
    _, g = gradient_of(lambda v: autograd.norm(v, ord=order), [2.0, -3.0])
    h = 1e-6
    for i in range(2):
        by = h * np.eye(2)[i]
        sides = [np.linalg.norm(np.array([2.0, -3.0]) + s * by, ord=order) for s in (1, -1)]
        assert g[i] == pytest.approx((sides[0] - sides[1]) / (2 * h), rel=1e-7)


def test_orders_that_are_no_norm():
    assert autograd.norm([]) == 0.0
    for order in (0, -1, math.nan):
        with pytest.raises(ValueError, match="a number above 0, inf or -inf"):
            autograd.norm([1.0], ord=order)


# The largest and the smallest

TIES = [
    ([2.0] * 4, [0.25] * 4),
    ([2.0, 1.0, 2.0], [0.5, 0.0, 0.5]),
    ([1.0, 3.0, 3.0, 0.0, 3.0], [0.0, 1 / 3, 1 / 3, 0.0, 1 / 3]),
    ([1.0, 3.0, 2.0], [0.0, 1.0, 0.0]),
    ([math.inf, 1.0, math.inf, math.inf], [1 / 3, 0.0, 1 / 3, 1 / 3]),
    ([math.inf, -math.inf, 0.0], [1.0, 0.0, 0.0]),
    ([5e-324] * 3, [1 / 3] * 3),
    ([0.1] * 3, [1 / 3] * 3),
    ([1.7e308] * 7, [1 / 7] * 7),
    ([-0.0, 0.0, 0.0], [1 / 3] * 3),
    ([5.0], [1.0]),
]


@pytest.mark.parametrize(("numbers", "shares"), TIES, ids=str)
def test_ties_share_equally_eager_and_compiled(numbers, shares):
    for f, x in ((autograd.max, np.array(numbers)), (autograd.min, -np.array(numbers))):
        assert gradient_of(f, x) == (f(list(x)), shares)
        assert f(list(x)) == getattr(np, f.__name__)(x)
        c = autograd.compile(f, input_gradients=True)
        mean, _, by_input = c.value_and_grad(x[None])
        assert (mean, by_input.tolist()) == (f(list(x)), [shares])


@pytest.mark.parametrize(
    "numbers", [[1.0, math.nan, 2.0], [math.nan, 1.0], [math.nan] * 3], ids=str
)
def test_a_nan_is_the_largest_and_the_smallest(numbers):
    for f in (autograd.max, autograd.min):
        y, shares = gradient_of(f, numbers)
        mean, _, by_input = autograd.compile(f, input_gradients=True).value_and_grad(
            np.array([numbers])
        )
        assert math.isnan(y)
        assert math.isnan(mean)
        assert by_input.tolist() == [shares]


def test_two_that_tie_are_a_plain_chain():
    values = leaves([2.0, 1.0, 2.0, 0.0])
    assert [v.op for v in autograd.Graph(autograd.max(values)).nodes if v.op] == ["maximum"] * 3


def test_max_and_min_take_what_the_builtins_take():
    v, w = Value(1.0), Value(2.0)
    assert autograd.max(v, w).data == autograd.max([v, 2]).data == 2.0
    assert autograd.max((x for x in (v, w)), key=lambda x: -x.data) is v
    assert autograd.min([], default=3) == 3
    assert autograd.max(["a", "bc"], key=len) == "bc"
    assert autograd.min("b", "a") == "a"
    assert autograd.max(10**400, 1) == 10**400
    assert autograd.max(range(3)) == 2
    assert autograd.min([[2], [1, 5]]) == [1, 5]
    assert autograd.max(Decimal(1), Decimal(2)) == Decimal(2)
    for call in (lambda: autograd.max([]), lambda: autograd.min(np.zeros(0))):
        with pytest.raises(ValueError, match=r"empty|at least one"):
            call()


# Compiled

W = weights(1, 4)


def everything(x):
    """Each new row and reduction, smooth at random points."""
    a, b = x[0] * W[0], x[1] + W[1]
    parts = [
        autograd.hypot(a, b), autograd.cbrt(a), autograd.exp2(b), autograd.logaddexp2(a, b),
        autograd.arcsinh(a), autograd.arccosh(1.5 + a * a),
        autograd.arctanh(0.9 * autograd.tanh(b)), autograd.sinc(a), autograd.sinc(b * 0.1),
        autograd.floor(a * 3.0) * b,
        autograd.copysign(a, b), a % 0.7, a // 0.7 * b, autograd.heaviside(a, b) * b,
        autograd.fmax(a, b), autograd.square(a), autograd.reciprocal(3.0 + b * b),
        autograd.var(x * W), autograd.std(x * W, ddof=1), autograd.norm(x * W),
        autograd.norm(x * W, ord=3), autograd.norm(x - W, ord=1), autograd.max(x * W),
        autograd.min(x - W) * a, autograd.cumprod(x * W)[3] * autograd.cumsum(x)[2],
    ]  # fmt: skip
    return autograd.sum(parts)


@pytest.mark.parametrize(("dtype", "rel"), [("float64", 1e-9), ("float32", 2e-4)])
def test_all_of_it_compiled(dtype, rel):
    compare(everything, W.tolist(), rng.normal(size=(5, 4)), dtype=dtype, rel=rel)


def test_second_order_compiled():
    def slope(x):
        terms = (autograd.sinc(x), autograd.hypot(x, W[0]), autograd.arctanh(x), x % 0.3)
        return autograd.gradients(autograd.sum(terms), [x], create_graph=True)[0] * W[1]

    compare(slope, W.tolist(), np.array([0.0, 1e-9, 0.2, -0.6, 0.9]))
