"""`compile` as a decorator of functions and methods; compiled functions within compiled ones."""

from __future__ import annotations

import copy
import gc
import pickle
import random
import warnings
import weakref

import numpy as np
import pytest
from beside_eager import compare

import autograd
import nn
from autograd import TracerError, Value

W, B = Value(2.0, "w"), Value(1.0, "b")
X = np.array([1.0, 2.0, 3.0])


@autograd.compile
def line(x):
    """A line."""
    return W * x + B


class Model:
    def __init__(self, slope):
        self.slope = Value(slope, "slope")

    @autograd.compile(dtype="float32")
    def narrow(self, x):
        """In float32."""
        return self.slope * x

    @autograd.compile
    def wide(self, x, *, twice=False):
        return self.slope * x * (2 if twice else 1)

    @staticmethod
    @autograd.compile(input_gradients=True)
    def square(x):
        return x * x


def test_what_a_function_says_of_itself_is_kept():
    assert (line.__name__, line.__doc__, line.__module__) == ("line", "A line.", __name__)
    assert Model.narrow.__doc__ == "In float32."
    assert Model(1.0).narrow.__name__ == "narrow"
    twin = pickle.loads(pickle.dumps(line))
    assert (twin.__name__, twin.__doc__) == ("line", "A line.")


def test_each_object_has_its_own_method():
    a, b = Model(2.0), Model(5.0)
    for _ in range(2):
        assert a.wide(X).tolist() == [2.0, 4.0, 6.0]
        assert b.wide(X).tolist() == [5.0, 10.0, 15.0]
    assert a.wide is a.wide
    assert a.narrow(X).dtype == np.float32
    assert a.wide.value_and_grad(X)[1].tolist() == [2.0]
    assert b.wide.parameters == [b.slope]
    with pytest.warns(autograd.RecompilationWarning, match=r"Model\.wide"):
        assert a.wide(X, twice=True).tolist() == [4.0, 8.0, 12.0]
    assert Model.square.value_and_grad(X)[2].tolist() == (2 * X / 3).tolist()


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]
)
def test_the_method_of_a_copied_object_is_the_copys(copied):
    model = Model(2.0)
    model.wide(X)
    twin = copied(model)
    twin.slope = Value(7.0)
    assert twin.wide(X).tolist() == [7.0, 14.0, 21.0]
    assert model.wide(X).tolist() == [2.0, 4.0, 6.0]
    assert copied(twin).wide(X).tolist() == [7.0, 14.0, 21.0]


def test_an_object_goes_with_its_compiled_methods():
    model = Model(2.0)
    model.wide(X)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_a_method_of_a_module():
    class Line(nn.Module):
        def __init__(self):
            self.slope = Value(3.0)

        @autograd.compile
        def squared(self, x):
            return (self.slope * x) ** 2

    model = Line()
    assert model.squared(X).tolist() == [9.0, 36.0, 81.0]
    assert model.parameters() == model.squared.parameters == [model.slope]
    twin = copy.deepcopy(model)
    twin.slope.data = 1.0
    assert twin.squared(X).tolist() == [1.0, 4.0, 9.0]
    assert twin.squared.parameters == [twin.slope]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_has_the_function(copied):
    c = autograd.compile(lambda x: W * x, parameters=[W], dtype="float32")
    c(X)
    twin = copied(c)
    with pytest.warns(autograd.RecompilationWarning):
        assert twin(X[:, None] * [1.0, 2.0]).shape == (3, 2)
    assert twin.parameters == [W]
    assert twin.dtype == np.float32
    unpickled = copied(pickle.loads(pickle.dumps(c)))
    assert unpickled(X).tolist() == c(X).tolist()


# Within one another


def test_a_compiled_function_within_a_compiled_one():
    def loss(x, y):
        return (line(x) - y) ** 2 + line.f(x * 0.5)

    compare(lambda x, y: (line.f(x) - y) ** 2 + line.f(x * 0.5), [W, B], X, X[::-1].copy())
    c = autograd.compile(loss, parameters=[W, B])
    expected = autograd.compile(
        lambda x, y: (line.f(x) - y) ** 2 + line.f(x * 0.5), parameters=[W, B]
    )
    assert c.value_and_grad(X, -X)[1].tolist() == expected.value_and_grad(X, -X)[1].tolist()
    model = Model(3.0)
    assert autograd.compile(lambda x: model.wide(x, twice=True) + line(x))(X).tolist() == [
        9,
        17,
        25,
    ]


def test_numbers_within_are_a_batch_and_freeze_no_parameter():
    double = autograd.compile(lambda x: x * 2.0)
    assert autograd.compile(lambda x: x + double([3.0])[0])([1.0]).tolist() == [7.0]
    for call in (line, line.value_and_grad, autograd.compile(lambda x: x * W, parameters=[B])):
        with pytest.raises(TracerError, match="would be frozen"):
            autograd.compile(lambda x, call=call: x + call([3.0])[0])([1.0])


def test_the_parameters_of_a_compiled_function_without_inputs_are_not_frozen():
    penalty = autograd.compile(lambda: W * W)
    c = autograd.compile(lambda x: x + penalty())
    assert c.value_and_grad(X) == (6.0, 4.0)


# Noise


def test_noise_that_is_frozen_is_warned_of():
    generator = np.random.default_rng(0)
    for draw in (random.random, np.random.rand, lambda: random.gauss(0, 1), np.random.normal):
        with pytest.warns(UserWarning, match="pass noise as an input") as caught:
            autograd.compile(lambda x, draw=draw: x * draw())(X)
        assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        c = autograd.compile(lambda x, noise: W * x + noise)
        c(X, np.random.rand(3))
        c(X, generator.normal(size=3))
