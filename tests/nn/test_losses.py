"""Losses against NumPy, and their gradients by central differences."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import Value, array
from nn import cross_entropy, half_squared_error, hinge, mse

SCORES = np.array([0.5, -1.0, 2.0])
TARGETS = np.array([1.0, 0.0, 0.5])
P = np.exp(SCORES) / np.exp(SCORES).sum()


@pytest.mark.parametrize(
    ("loss", "target", "expected"),
    [
        (half_squared_error, TARGETS, 0.5 * ((SCORES - TARGETS) ** 2).sum()),
        (mse, TARGETS, ((SCORES - TARGETS) ** 2).mean()),
        (cross_entropy, 1, -np.log(P[1])),
        (cross_entropy, np.int64(2), -np.log(P[2])),
        (cross_entropy, [0.2, 0.3, 0.5], -(np.array([0.2, 0.3, 0.5]) * np.log(P)).sum()),
        (cross_entropy, np.array([0.0, 1.0, 0.0]), -np.log(P[1])),
        (hinge, 0, 0.0 + 2.5),
        (hinge, 2, 0.0),
    ],
)
def test_values_and_gradients(loss, target, expected):
    scores = array(SCORES)
    y = loss(scores, target)
    assert isinstance(y, Value)
    assert y.data == pytest.approx(expected, rel=1e-13)
    y.backward()
    step = 1e-6
    for i in range(3):
        shift = np.eye(3)[i] * step
        slope = (loss(SCORES + shift, target) - loss(SCORES - shift, target)) / (2 * step)
        assert scores[i].grad == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("score", [Value(0.25), [Value(0.25)], array([0.25])])
def test_one_output(score):
    assert half_squared_error(score, 1.0).data == 0.5 * 0.75**2
    assert mse(score, [1.0]).data == 0.75**2
    assert hinge(score, 1).data == 0.75
    assert hinge(score, -1.0).data == 1.25


def test_cross_entropy_does_not_overflow():
    logits = array([1000.0, -1000.0])
    y = cross_entropy(logits, 1)
    y.backward()
    assert y.data == 2000.0
    np.testing.assert_array_equal(autograd.grads(logits), [1.0, -1.0])


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "message"),
    [
        (half_squared_error, [1.0, 2.0], [1.0], r"2 outputs need as many targets, got 1"),
        (half_squared_error, SCORES, 2, "3 outputs.*one-hot"),
        (mse, SCORES, 2, "one-hot"),
        (cross_entropy, [1.0], 0, "at least two classes"),
        (cross_entropy, SCORES, 3, r"label 3 is outside the 3 classes 0\.\.2"),
        (cross_entropy, SCORES, -1, "label -1 is outside"),
        (cross_entropy, SCORES, 1.0, r"whole number from 0 to 2, got 1\.0.*astype"),
        (cross_entropy, SCORES, "1", "got '1'"),
        (cross_entropy, SCORES, True, "got True"),
        (cross_entropy, SCORES, [0.5, 0.5], "3 outputs"),
        (hinge, [1.0], 0, "-1 or 1, got 0"),
        (hinge, SCORES, 5, "outside the 3 classes"),
    ],
)
def test_bad_targets(loss, prediction, target, message):
    with pytest.raises(ValueError, match=message):
        loss(prediction, target)


def test_a_target_that_is_no_number():
    with pytest.raises(TypeError, match="got str"):
        mse([1.0], ["a"])
