"""Rows that select: the cotangent where selected, else an exact 0, whatever arrives."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import Value, clip, fmax, fmin, log, maximum, minimum, relu, sqrt, where

CUTS = {
    "relu": lambda x: relu(x - 3.0),
    "where": lambda x: where(autograd.gt(x, 5.0), x, 1.0),
    "where not": lambda x: where(autograd.lt(x, 5.0), 1.0, x),
    "maximum": lambda x: maximum(x, 4.0),
    "minimum": lambda x: minimum(0.5, x),
    "clip": lambda x: clip(x, 3.0, 4.0),
    "fmax": lambda x: fmax(x, 4.0),
    "fmin": lambda x: fmin(x, 0.5),
}
ENDS = {  # of the number that was selected, functions with an infinite derivative, and nan
    "inf": lambda y, at: sqrt(y - at),
    "-inf": lambda y, at: -sqrt(y - at),
    "nan": lambda y, at: (y - at) * log(y - at),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("cut", CUTS)
def test_what_was_not_selected_receives_an_exact_zero(cut, end):
    def f(x):
        return ENDS[end](CUTS[cut](x), CUTS[cut](2.0))

    x = Value(2.0)
    y = f(x)
    y.backward()
    [slope] = autograd.gradients(y, [x], create_graph=True)
    [bend] = autograd.gradients(slope, [x])
    assert [repr(g) for g in (x.grad, autograd.gradients(y, [x])[0], slope.data, bend)] == [
        "0.0"
    ] * 4
    for dtype in ("float64", "float32"):
        c = autograd.compile(f, dtype=dtype, input_gradients=True)
        assert c.value_and_grad(np.array([2.0, 2.0]))[2].tolist() == [0.0, 0.0]
        w = Value(2.0)
        c = autograd.compile(lambda x, w=w: f(w * 1.0) + 0.0 * x, dtype=dtype)
        assert c.value_and_grad(np.zeros(3))[1].tolist() == [0.0]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: sqrt(relu(x)), lambda x: log(relu(x)), lambda x: sqrt(clip(x, 0, 1)),
        lambda x: sqrt(where(x > 0, x, 0)),
    ],
)  # fmt: skip
def test_functions_of_a_bounded_operand(f):
    for number in (-1.0, -math.inf):
        x = Value(number)
        f(x).backward()
        assert x.grad == 0.0


def test_what_lies_behind_is_not_skipped():
    x = Value(0.0, "x")
    relu(sqrt(x)).backward()
    assert math.isnan(x.grad)
    x = Value(-1.0)
    where(autograd.gt(x, 0.0), sqrt(x), 0.0).backward()  # the known trap: 0 * nan
    assert math.isnan(x.grad)
    x = Value(0.0)
    sqrt(autograd.leaky_relu(x, 0.0)).backward()  # a row that scales
    assert math.isnan(x.grad)


def test_the_arrow_says_so():
    x = Value(-1.0, "x")
    y = sqrt(relu(x))
    y.backward()
    assert autograd.partials(y.parents[0]) == (0.0,)
    assert "inf · 0 (not selected) = 0.0" in str(autograd.explain(y, x))


def test_the_larger_gradient_of_logaddexp():
    for x, z, expected in (
        (1.0, math.inf, [0.0, 1.0]), (-math.inf, -math.inf, [0.5, 0.5]), (40.0, 0.0, None)
    ):  # fmt: skip
        operands = [Value(x), Value(z)]
        found = autograd.gradients(autograd.logaddexp(*operands), operands)
        assert found == (expected or pytest.approx([1.0, 4.248354255291589e-18], rel=1e-15))
    inner = [Value(-math.inf), Value(-math.inf)]
    outer = autograd.logaddexp(autograd.logaddexp(*inner), 0.0)
    assert autograd.gradients(outer, inner) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("x", "z", "expected"),
    [
        (1e-200, 0.0, (0.0, -1e200)), (3e-162, 4e-162, (1.6e161, -1.2e161)),
        (1e160, 1e160, (5e-161, -5e-161)), (math.inf, 1.0, (0.0, -0.0)),
    ],
)  # fmt: skip
def test_no_operand_of_arctan2_is_squared(x, z, expected):
    operands = [Value(x), Value(z)]
    found = autograd.gradients(autograd.arctan2(*operands), operands)
    assert found == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_power_of_zero_that_is_no_constant(dtype):
    c = autograd.compile(lambda x, z: x**z, dtype=dtype, input_gradients=True)
    for base in (0.0, 1e-30, 2.0):
        assert c.value_and_grad(np.array([base]), np.array([0.0]))[2][0].tolist() == [0.0]
    x, z = Value(1e-200), Value(0.0)
    [slope] = autograd.gradients(x**z, [x], create_graph=True)
    assert autograd.gradients(slope, [z]) == pytest.approx([1e200], rel=1e-15)


def test_the_smaller_gradient_of_log_softmax():
    for numbers in ([0.0, 40.0], [40.0, 0.0, -700.0]):
        values = autograd.array(numbers)
        [largest] = [
            y for y, x in zip(autograd.log_softmax(values), numbers, strict=True) if x == 40
        ]
        expected = [-4.248354255291589e-18 if x == 0.0 else 4.248354255291589e-18 for x in numbers]
        found = autograd.gradients(largest, values)
        assert max(autograd.log_softmax([*map(int, numbers)])) == largest.data  # numbers alone
        assert largest.data == pytest.approx(-4.248354255291589e-18, rel=1e-15)
        assert found[:2] == pytest.approx(expected[:2], rel=1e-14)
