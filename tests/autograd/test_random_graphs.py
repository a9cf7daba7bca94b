"""Random expression graphs against the complex step, which needs no subtraction (Squire and Trapp,
1998): f'(x) = Im f(x + ih) / h, exact to rounding for h = 1e-30. NumPy computes it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from effort import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, gradients

H = 1e-30


def _by_real_part(choose: Any) -> Any:
    return lambda x, z: x if choose(x.real, z.real) else z


# name -> (how a complex number does it, how a Value does it); arguments are kept in range first
UNARY = {
    "neg": (lambda x: -x, lambda v: -v),
    "tanh": (np.tanh, autograd.tanh),
    "sin": (np.sin, autograd.sin),
    "cos": (np.cos, autograd.cos),
    "arctan": (np.arctan, autograd.arctan),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), autograd.sigmoid),
    "softplus": (lambda x: np.log(1 + np.exp(x)), autograd.softplus),
    "silu": (lambda x: x / (1 + np.exp(-x)), autograd.silu),
    "exp": (lambda x: np.exp(np.sin(x)), lambda v: autograd.exp(autograd.sin(v))),
    "log": (lambda x: np.log(x * x + 1), lambda v: autograd.log(v * v + 1)),
    "log1p": (lambda x: np.log(1 + (x * x)), lambda v: autograd.log1p(v * v)),
    "sqrt": (lambda x: np.sqrt(x * x + 1), lambda v: autograd.sqrt(v * v + 1)),
    "cube": (lambda x: x**3, lambda v: v**3),
    "power": (lambda x: 2.0**x, lambda v: 2.0**v),
    "relu": (lambda x: x if x.real > 0 else 0 * x, autograd.relu),
    "abs": (lambda x: x if x.real > 0 else -x, abs),
    "leaky_relu": (lambda x: x if x.real > 0 else 0.01 * x, autograd.leaky_relu),
    "elu": (lambda x: x if x.real > 0 else np.exp(x) - 1, autograd.elu),
}
BINARY = {
    "add": (lambda x, z: x + z, lambda v, w: v + w),
    "sub": (lambda x, z: x - z, lambda v, w: v - w),
    "mul": (lambda x, z: x * z, lambda v, w: v * w),
    "div": (lambda x, z: x / (z * z + 1), lambda v, w: v / (w * w + 1)),
    "maximum": (_by_real_part(lambda x, z: x > z), autograd.maximum),
    "minimum": (_by_real_part(lambda x, z: x < z), autograd.minimum),
    "where": (
        lambda x, z: x * z if x.real < z.real else z,
        lambda v, w: autograd.where(autograd.lt(v, w), v * w, w),
    ),
}

numbers = st.floats(-2, 2, allow_nan=False).map(lambda x: round(x, 3))
steps = st.one_of(
    st.tuples(st.sampled_from(sorted(UNARY)), st.integers(0, 99)),
    st.tuples(st.sampled_from(sorted(BINARY)), st.integers(0, 99), st.integers(0, 99)),
)


@st.composite
def programs(draw: Any) -> tuple[list[float], list[tuple[Any, ...]]]:
    return draw(st.lists(numbers, min_size=1, max_size=4)), draw(st.lists(steps, max_size=25))


def run(inputs: list[Any], program: list[tuple[Any, ...]], way: int, squash: Any) -> Any:
    """Carry out a program on complex numbers (way 0) or Values (way 1); any node may be shared."""
    nodes = list(inputs)
    for name, *operands in program:
        table = UNARY if len(operands) == 1 else BINARY
        nodes.append(squash(table[name][way](*(nodes[i % len(nodes)] for i in operands))))
    return nodes[-1] + nodes[len(nodes) // 2]


def check(case: tuple[list[float], list[tuple[Any, ...]]]) -> None:
    points, program = case
    leaves = [Value(x) for x in points]
    y = run(leaves, program, 1, lambda v: v / (v * v + 4))
    y.backward()
    again = gradients(y, leaves)
    recorded = gradients(y, leaves, create_graph=True)
    for i, leaf in enumerate(leaves):
        shifted = [complex(x, H if k == i else 0.0) for k, x in enumerate(points)]
        expected = run(shifted, program, 0, lambda x: x / (x * x + 4))
        assert math.isclose(y.data, expected.real, rel_tol=1e-12, abs_tol=1e-13)
        if at_a_kink(points, program):
            continue
        slope = expected.imag / H
        assert math.isclose(leaf.grad, slope, rel_tol=1e-9, abs_tol=1e-12), (leaf.grad, slope)
        assert again[i] == leaf.grad
        assert math.isclose(recorded[i].data, slope, rel_tol=1e-9, abs_tol=1e-12)


def at_a_kink(points: list[float], program: list[tuple[Any, ...]]) -> bool:
    """Whether a choice sits where it has no derivative: the complex step takes one side there."""
    leaves = [Value(x) for x in points]
    nodes = autograd.Graph(run(leaves, program, 1, lambda v: v / (v * v + 4))).nodes
    kinked = {"relu", "abs", "leaky_relu", "elu", "maximum", "minimum", "lt"}
    return any(
        v.op in kinked and abs(v.parents[0].data - (v.parents[1:] or [Value(0)])[0].data) < 1e-12
        for v in nodes
    )


@settings(max_examples=examples(500))
@given(programs())
def test_random_graphs_agree_with_the_complex_step(case):
    check(case)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_ten_thousand_random_graphs(case):
    check(case)


@settings(max_examples=examples(200))
@given(programs())
def test_second_derivatives_of_random_graphs(case):
    """The complex step over our own first derivative: the recorded rules in complex arithmetic
    would need another engine, so a central difference of exact first derivatives must do."""
    points, program = case
    if at_a_kink(points, program):
        return

    def slope(x: float) -> float:
        leaves = [Value(x), *map(Value, points[1:])]
        return gradients(run(leaves, program, 1, lambda v: v / (v * v + 4)), leaves)[0]

    leaves = [Value(x) for x in points]
    y = run(leaves, program, 1, lambda v: v / (v * v + 4))
    [first] = gradients(y, leaves[:1], create_graph=True)
    [second] = gradients(first, leaves[:1])
    step = 1e-5
    difference = (slope(points[0] + step) - slope(points[0] - step)) / (2 * step)
    smooth = abs(slope(points[0] + step) + slope(points[0] - step) - 2 * first.data) < 1e-7
    assert not smooth or math.isclose(second, difference, rel_tol=1e-4, abs_tol=1e-5)


@settings(max_examples=examples(100))
@given(programs(), st.floats(-3, 3))
def test_the_gradient_is_linear_in_the_seed(case, seed):
    points, program = case
    leaves = [Value(x) for x in points]
    y = run(leaves, program, 1, lambda v: v / (v * v + 4))
    ones = gradients(y, leaves)
    y.backward(seed)
    for leaf, one in zip(leaves, ones, strict=True):
        assert math.isclose(leaf.grad, seed * one, rel_tol=1e-12, abs_tol=1e-300)
