"""Optimizers against their formulas in NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import Value, array
from nn import SGD, Adam

START = np.array([1.0, -2.0, 0.5])
CURVATURE = np.array([1.0, 3.0, 10.0])


def slopes(x):
    return CURVATURE * x


def descend(optimizer, x, steps):
    path = []
    for _ in range(steps):
        optimizer.zero_grad()
        (0.5 * CURVATURE * x * x).sum().backward()
        optimizer.step()
        path.append(autograd.data(x))
    return np.array(path)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd(momentum):
    x = array(START)
    path = descend(SGD(x, lr=0.05, momentum=momentum), x, 20)
    expected, velocity = START.copy(), 0.0
    for found in path:
        velocity = momentum * velocity + slopes(expected)
        expected = expected - 0.05 * velocity
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_adam():
    x = array(START)
    path = descend(Adam(x, lr=0.1, betas=(0.8, 0.95), eps=1e-6), x, 20)
    expected, m, v = START.copy(), 0.0, 0.0
    for t, found in enumerate(path, start=1):
        g = slopes(expected)
        m, v = 0.8 * m + 0.2 * g, 0.95 * v + 0.05 * g * g
        m_hat, v_hat = m / (1 - 0.8**t), v / (1 - 0.95**t)
        expected = expected - 0.1 * m_hat / (np.sqrt(v_hat) + 1e-6)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("make", [lambda p: SGD(p, 0.1), lambda p: Adam(p, 0.1)])
def test_parameters_come_in_any_nesting_and_once(make):
    x, z = Value(1.0), Value(2.0)
    assert make([[x], np.array([z, x])]).parameters == [x, z]
    assert make(x).parameters == [x]


@pytest.mark.parametrize("make", [lambda p: SGD(p, 0.1, 0.9), lambda p: Adam(p, 0.1)])
def test_a_parameter_without_gradient_stays(make):
    x, z = Value(1.0), Value(2.0)
    optimizer = make([x, z])
    (x * x).backward()
    optimizer.step()
    assert z.data == 2.0
    assert x.data < 1.0
    optimizer.zero_grad()
    moved = x.data
    optimizer.step()
    assert x.data == moved


@pytest.mark.parametrize("make", [lambda p: SGD(p, 0.1, 0.9), lambda p: Adam(p, 0.1)])
def test_a_state_that_is_taken_over_goes_on_where_it_was(make):
    x, y = array(START), array(START)
    first = make(x)
    descend(first, x, 5)
    autograd.assign(y, autograd.data(x))
    second = make(y)
    second.load_state_dict(first.state_dict())
    np.testing.assert_array_equal(descend(first, x, 5), descend(second, y, 5))
    with pytest.raises(ValueError, match="3 parameters, here are 1"):
        make(Value(1.0)).load_state_dict(first.state_dict())


def test_the_rate_is_assignable():
    x = Value(1.0)
    optimizer = SGD([x], lr=0.1)
    optimizer.lr = 0.5
    (x * 1).backward()
    optimizer.step()
    assert x.data == 0.5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD([], 0.1), "needs parameters"),
        (lambda: Adam([]), "needs parameters"),
        (lambda: SGD([Value(1.0)], 0.0), "learning rate is a number above 0, got 0.0"),
        (lambda: SGD([Value(1.0)], -1), "got -1"),
        (lambda: Adam([Value(1.0)], math.nan), "got nan"),
        (lambda: SGD([Value(1.0)], 0.1, momentum=1.0), "momentum is at least 0 and below 1, got 1"),
        (lambda: Adam([Value(1.0)], betas=(0.9, 1.0)), "a beta is at least 0"),
        (lambda: SGD([Value(1.0) * 2], 0.1), "a parameter is a leaf"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_parameters_that_are_no_values():
    with pytest.raises(TypeError, match="expected Values, found float"):
        SGD([1.0], 0.1)
