"""Expressions written more than once, which the compiler computes once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from beside_eager import assert_same, compare, eager_gradients
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, exp, maximum, take, tanh, where

NUMBERS = [-math.inf, -2.5, -1.0, 0.0, 1.0, 2.0, math.inf, math.nan]
leaves = st.sampled_from(["a", "b", "w", "v"])
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-***"), inner),
        st.builds("where({}, {}, {})".format, leaves, inner, inner),
        st.builds("maximum({}, {})".format, inner, inner),
        st.builds("tanh({})".format, inner),
    ),
    max_leaves=4,
)


@settings(max_examples=examples(100))
@given(st.lists(expressions, min_size=2, max_size=2), st.data())
def test_parts_that_are_used_again(parts, data):
    def draw(choices: Any) -> Any:
        return data.draw(st.sampled_from(choices))

    text = draw(parts)
    for _ in range(draw([1, 2, 3])):
        text = f"({text} {draw('+-**')} {draw(parts)})"
    w, v = Value(draw(NUMBERS)), Value(draw(NUMBERS))
    scope = {"where": where, "maximum": maximum, "tanh": tanh, "w": w, "v": v}
    f = eval(f"lambda a, b: {text} + w + a + b", scope)
    assert_alike(f, [w, v], *[np.array([draw(NUMBERS)]) for _ in "ab"])


def assert_alike(f, parameters, *inputs):
    """The values are the engine's, and all gradients that are finite numbers, there or here.

    Where infinities meet, those of an expression written twice may be infinite for nan: the sum of
    what arrives is multiplied once.
    """
    c = autograd.compile(f, input_gradients=True, parameters=parameters, unused_inputs=True)
    found, expected = c.value_and_grad(*inputs), eager_gradients(f, parameters, *inputs)
    assert_same(found[0], expected[0])
    for_inputs = found[2] if len(inputs) > 1 else [found[2]]
    for g, e in zip([found[1], *for_inputs], [expected[1], *expected[2]], strict=True):
        g, e = (np.where(np.isfinite(x), x, np.nan).ravel() for x in (g, e))
        assert_same(g, e)


@pytest.mark.parametrize("a", NUMBERS)
@pytest.mark.parametrize("w", [-math.inf, 1.0])
def test_a_product_written_both_ways(a, w):
    v = Value(w)
    assert_alike(lambda a: (a * v) + (a * v) * (v * a) - (v * a), [v], np.array([a]))
    assert_alike(lambda a: where(a, v, v) / 0.0, [v], np.array([a]))


P, Q = Value(0.5, "p"), Value(2.0, "q")


@pytest.mark.parametrize(
    "f",
    [
        lambda x, i: take([x - P, Q], i) * x,
        lambda x, i: exp(take([x - P, Q], i)),
        lambda x, i: take([Q, x - P], i) * take([x - P, Q], i),
        lambda x, i: take([Q * x, P], i) / (x + take([exp(x), 1.0], i)),
    ],
)
@pytest.mark.parametrize("batch", [3, 300])
def test_computed_candidates_within_products(f, batch):
    x = np.random.default_rng(0).normal(size=batch) ** 2
    compare(f, [P, Q], x, np.arange(batch) % 2)
