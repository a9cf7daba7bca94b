"""`check`: a derivative held to finite differences, with an honest verdict."""

from __future__ import annotations

import dataclasses
import math

import pytest

import autograd
from autograd import Value


@pytest.mark.parametrize(
    ("make", "x", "said"),
    [
        (lambda x: x * 3 + 1, 2.0, "they agree"),
        (autograd.sin, 1e5, "they agree"),
        (lambda x: autograd.exp(-((x - 1e5) ** 2)), 1e5 + 0.5, "they agree"),
        (lambda x: x**3, 1e-8, "they agree"),
        (lambda x: 1 / x, 1e-6, "they agree"),
        (lambda x: autograd.relu(x) * 2, 1e-9, "they agree"),
        (
            lambda x: autograd.gt(x, 0.0) * 1.0 + x * 0.0,
            0.0,
            "cannot tell: the slope depends on",
        ),
        (lambda x: x * 0.002 + 1e16, 1.0, "cannot tell: the change is lost in rounding"),
        (
            lambda x: autograd.relu(x) + x,
            0.0,
            "cannot tell: the slope depends on the side or the step, as at a kink",
        ),
        (lambda x: autograd.relu(x) + x, 0.0, "but v1 = relu(x) sits at a kink"),
        (
            lambda x: autograd.log(x) * 2,
            -1.0,
            "cannot tell: a number on the way is nan or infinite",
        ),
        (autograd.sqrt, 0.0, "cannot tell: a number on the way is nan or infinite"),
    ],
)
def test_check_says_what_can_be_said(new_talk, make, x, said):
    y = make(Value(x, "x"))
    assert said in " ".join(new_talk(y)("check x").split())


def test_check_prints_both_derivatives(talk, new_talk):
    assert "they agree" in talk("check w1")
    assert "they agree" in talk("check z")
    x = Value(0.5, "x")
    for seed in (0.5, 0.0, math.inf):  # the gradient given to the output is no part of it
        lines = new_talk(x * 3, seed)("check x").splitlines()
        assert "  by the chain rule        3.0" in lines
        assert any(line.startswith("  by central differences   3.0 ± ") for line in lines)
        assert "  they agree" in lines


def test_check_finds_a_wrong_rule(new_talk):
    """A derivative that is wrong by 0.1 % differs."""
    x = Value(0.7, "x")
    y = x.tanh() * 2
    tanh = y.parents[0]
    wrong = dataclasses.replace(tanh._row, partials=(lambda y, x: 1.001 * (1 - y * y),))
    tanh._row = wrong
    assert "they differ" in new_talk(y)("check x")
