"""Sums in float32 over long batches: as accurate as NumPy's, which adds in pairs.

Equal numbers are the hardest: every addition of one to their sum rounds to the same side.
"""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import Value, compile, dot, take
from autograd.compiler.running import run

X = float(np.float32(4.41))  # of which the batches consist
LONG = 200_003
CLOSE = 1e-6  # relative; one after the other, the additions are off by 1e-5 to 1e-3


def ones(*shape: int) -> autograd.ValueArray:
    return autograd.array(np.ones(shape))


def one_product():
    w = Value(1.0)
    return (lambda x: w * x[0]), X, [X]


def several_addends():
    w = Value(1.0)
    return (lambda x: sum((each * w for each in x), 0.0)), 3 * X, [3 * X]


def addends_of_two_kinds():
    w, b = Value(1.0), Value(1.0)
    return (lambda x: (x[0] + b) * (w * x[1])), X**2 + X, [X, X**2 + X]


def scalar_products():
    w = ones(3)
    return (lambda x: sum((w * x * x).tolist(), 0.0)), 3 * X**2, 3 * [X**2]


def squares_of_products():
    w = ones(3)
    return (lambda x: dot(w, x) ** 2), 9 * X**2, 3 * [6 * X**2]


def squares_of_a_layer():
    w = ones(5, 3)
    return (lambda x: sum(((w @ x) ** 2).tolist(), 0.0)), 45 * X**2, 15 * [6 * X**2]


def squares_with_shared_weights():
    w = ones(2)
    return (lambda x: dot(w, x[:2]) ** 2 + dot(w, x[1:]) ** 2), 8 * X**2, 2 * [8 * X**2]


KINDS = [
    one_product, several_addends, addends_of_two_kinds, scalar_products, squares_of_products,
    squares_of_a_layer, squares_with_shared_weights,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bytes_of_a_chunk", [run._MOST, 1])
def test_mean_and_gradient(kind, bytes_of_a_chunk, monkeypatch):
    monkeypatch.setattr(run, "_MOST", bytes_of_a_chunk)
    f, mean, gradient = kind()
    x = np.full((LONG, 3), X, np.float32)
    value, found = compile(f, dtype="float32").value_and_grad(x)
    assert value == pytest.approx(mean, rel=CLOSE)
    np.testing.assert_allclose(found, gradient, rtol=CLOSE)


@pytest.mark.parametrize("batch", [8192, 8192 + 511, 2_000_000])
def test_plain_sums_are_as_accurate_as_in_pairs(batch):
    w = ones(3)
    x = np.full((batch, 3), X, np.float32) * np.float32([1.0, 1.7, 0.3])
    _, found = compile(lambda x: dot(w, x), dtype="float32").value_and_grad(x)
    np.testing.assert_allclose(found, x[0], rtol=2e-7)


@pytest.mark.parametrize("second", [False, True])
def test_gradient_of_what_integers_choose(second):
    w, chosen = ones(2), np.arange(LONG) % 3 // 2
    x, counts = np.full(LONG, X, np.float32), np.bincount(chosen) / LONG

    def f(x, i):
        return take(w, i) * x + (take(w[::-1], i) * x if second else 0.0)

    _, found = compile(f, dtype="float32").value_and_grad(x, chosen)
    np.testing.assert_allclose(found, X * (counts + second * counts[::-1]), rtol=CLOSE)


def test_gradients_of_inputs_are_divided_by_the_batch():
    w, x = Value(3.0), np.full(LONG, X, np.float32)
    mean, (gradient,), each = compile(
        lambda x: w * x, dtype="float32", input_gradients=True
    ).value_and_grad(x)
    assert (mean, gradient) == pytest.approx((3 * X, X), rel=CLOSE)
    np.testing.assert_array_equal(each, np.float32(3) / np.float32(LONG))


@pytest.mark.parametrize("kind", KINDS)
def test_random_numbers_beside_float64(kind):
    f, _, _ = kind()
    x = np.random.default_rng(0).random((LONG, 3), np.float32)
    value, found = compile(f, dtype="float32").value_and_grad(x)
    mean, gradient = compile(f).value_and_grad(x)
    assert value == pytest.approx(mean, rel=CLOSE)
    np.testing.assert_allclose(found, gradient, rtol=CLOSE)
