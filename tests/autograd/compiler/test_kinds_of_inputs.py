"""Inputs of every kind of number, and numbers that the whole batch shares."""

from __future__ import annotations

import numpy as np
import pytest
from beside_eager import assert_same, weights

import autograd
from autograd import IndexRangeError, Value, gradients, take

W = weights(1, 3, name="w")

KINDS = ["?", "u1", "i1", "u2", "i8", "f2", "f4", "f8"]


@pytest.mark.parametrize("kind", KINDS)
def test_arithmetic_is_in_floats_whatever_comes_in(kind):
    x, z = (np.arange(600).reshape(2, 300) % 251 + 1).astype(kind)
    for f in (lambda x, z: -x - z * 3.0, lambda x, z: x - z, lambda x, z: x / z):
        assert_same(autograd.compile(f)(x, z), f(x.astype(float), z.astype(float)))


# Numbers that the whole batch shares


@pytest.mark.parametrize("number", [0.5, 2, np.float32(0.5), np.array(0.25), np.array(3)])
def test_a_number_is_the_same_for_all_examples(number):
    x, w = np.arange(6.0).reshape(3, 2), Value(1.5, "w")

    def f(x, t):
        return (x[0] * t + w) ** 2 * x[1] + t * t

    c = autograd.compile(f, input_gradients=True)
    repeated = np.full(3, float(number))
    mean, gradient, (for_x, for_t) = c.value_and_grad(x, repeated)
    assert_same(for_t.sum(), gradients(mean_of(f, x, t := Value(float(number))), [t])[0])
    for _ in range(2):
        assert_same(c(x, number), c(x, repeated))
        found = c.value_and_grad(x, number)
        assert_same(found[0], mean)
        assert_same(found[1], gradient)
        assert_same(found[2][0], for_x)
        assert isinstance(found[2][1], float)
        assert_same(found[2][1], for_t.sum())
    assert repr(c).endswith("1 recorded>")


def mean_of(f, rows, *shared):
    return autograd.mean([f(row, *shared) for row in rows])


def test_an_annealed_number_is_recorded_once():
    c = autograd.compile(lambda x, t, d: x * t["a"] + d * t["b"])
    x = np.array([1.0, 2.0])
    for step in range(5):
        assert c(x, {"a": step, "b": 0.1}, 2.0).tolist() == (x * step + 0.2).tolist()
    assert repr(c).endswith("1 recorded>")


def test_a_shared_index():
    c = autograd.compile(lambda x, i: x * take(W, i + 1))
    assert c([1.0, 2.0], 1).tolist() == [W[2].data, 2 * W[2].data]
    with pytest.raises(IndexRangeError, match=r"index 3 of input 'i \+ 1'"):
        c([1.0, 2.0], 2)


def test_numbers_alone_are_no_batch():
    for number in (1.0, 3, np.array(2.0)):
        with pytest.raises(ValueError, match="for one example write"):
            autograd.compile(lambda x: x * W[0])(number)
    c = autograd.compile(lambda x: x * W[0])
    assert c(np.array([1.0])).tolist() == [W[0].data]
    with pytest.raises(ValueError, match="for one example write"):
        c(np.array(1.0))


# Settings, and the name theta


@pytest.mark.parametrize(
    "make", [lambda: float("nan"), lambda: (1, float("nan")), lambda: np.float64("nan")]
)
def test_a_setting_of_nan_is_recorded_once(make):
    c = autograd.compile(lambda x, *, k: x * W[0])
    for _ in range(3):
        c([1.0], k=make())
    assert repr(c).endswith("1 recorded>")


@pytest.mark.filterwarnings("ignore::autograd.RecompilationWarning")
def test_settings_that_differ_are_recorded_apart():
    c = autograd.compile(lambda x, *, k: x * W[0])
    settings = [0.0, -0.0, 0, False, (0.0,), (-0.0,), (0,), "0", None, [].append, 10**20, 1e20]
    for k in settings * 2:
        c([1.0], k=k)
    assert repr(c).endswith(f"{len(settings)} recorded>")


def test_an_argument_called_theta_is_not_replaced_in_silence():
    def f(x, theta):
        return x * theta * W[0]

    c = autograd.compile(f)
    assert c([1.0], [2.0]).tolist() == [2 * W[0].data]
    for call in (c, c.value_and_grad, c.backward, c.outputs_and_grad):
        with pytest.raises(ValueError, match="needs another name"):
            call([1.0], [2.0], theta=[5.0])
    with pytest.raises(ValueError, match="needs another name"):
        autograd.compile(lambda x, *, theta: x * theta)([1.0], theta=2.0)
