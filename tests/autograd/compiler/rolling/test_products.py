"""Sums of products as few large matrix products: of an attention, of second derivatives."""

import re
from collections import Counter

import numpy as np
import pytest
from beside_eager import compare, leaves_of, weights

import autograd
from autograd import dot, gradients, softmax, tanh
from autograd.compiler.rolling.instructions import StepKind
from autograd.compiler.rolling.views import BATCHED

rng = np.random.default_rng(0)
PLACES, WIDTH = 5, 3
X = rng.normal(size=(4, PLACES, WIDTH))


def kinds(compiled, *inputs):
    """How many steps of each kind the program with the gradient has."""
    return Counter(step.kind for step in compiled.lower(*inputs).steps)


def causal_attention():
    """A loss of one head in which each place attends to itself and the earlier ones."""
    matrices = [weights(i, WIDTH, WIDTH, name=f"W{i}") for i in range(3)]

    def f(x):
        queries, keys, values = [[W @ x[t] for t in range(PLACES)] for W in matrices]
        found = []
        for t in range(PLACES):
            attended = softmax([dot(queries[t], keys[s]) for s in range(t + 1)])
            found += [dot(attended, [values[s][d] for s in range(t + 1)]) for d in range(WIDTH)]
        return dot(found, found)

    return f, leaves_of(*matrices)


def mean_of_the_past(x):
    """Sums of 1 to 5 products of two numbers of the example."""
    past = [dot(x[t, : t + 1, 0], x[: t + 1, t, 1]) for t in range(5)]
    return autograd.sum([p * p for p in past])


def seen_backwards(x):
    """Each place multiplies those that follow, which the others have in common."""
    return [dot(x[t:, 0], x[t:, d]) for t in range(PLACES) for d in (1, 2)]


def test_a_causal_attention_is_that_of_the_engine():
    f, parameters = causal_attention()
    compare(f, parameters, X)


def test_a_causal_attention_is_one_product_for_all_places():
    f, _ = causal_attention()
    c = autograd.compile(f)
    assert kinds(c, X)[StepKind.CONTRACT] <= 10  # and not one for each length
    assert len(c.program.steps) < 90


def test_sums_that_have_no_factor_in_common_are_filled_up_too():
    compare(mean_of_the_past, [], rng.normal(size=(3, 5, 5, 2)))


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan, 1e308])
@pytest.mark.parametrize("place", [0, 2, PLACES - 1])
def test_numbers_that_a_sum_does_not_have_do_not_reach_it(place, number, batch):
    x = X[:batch].copy()
    x[-1, place, 1] = number

    def forwards(x):
        return [
            dot([x[t, 0] * x[s, 2] for s in range(t + 1)], x[: t + 1, d])
            for t in range(PLACES) for d in (0, 1)
        ]  # fmt: skip

    for f in (forwards, seen_backwards):
        found = np.array(autograd.compile(f)(x))[:, -1]
        expected = np.array([y.data for y in f(autograd.array(x[-1]))])
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        assert number == 1e308 or 0 < np.isfinite(found).sum() < len(found) or place in (0, 4)


def residual_of_an_equation():
    """A physics-informed loss: (u″ + u)² of a network."""
    sizes = [(6, 1), (6, 6), (1, 6)]
    matrices = [weights(i, *shape, name=f"W{i}") for i, shape in enumerate(sizes)]

    def f(x):
        values = [x]
        for i, W in enumerate(matrices):
            values = [dot(row, values) for row in W]
            values = [tanh(v) for v in values] if i < 2 else values
        [slope] = gradients(values[0], [x], create_graph=True)
        [curvature] = gradients(slope, [x], create_graph=True)
        return (curvature + values[0]) ** 2

    return f, leaves_of(*matrices), rng.normal(size=7)


def tied_autoencoder():
    """One matrix encodes and, transposed, decodes: its gradient has two terms, the other way."""
    W = weights(1, 4, 6, name="W")

    def f(x):
        code = [tanh(dot(row, x)) for row in W]
        error = [dot(W[:, j], code) - x[j] for j in range(6)]
        return dot(error, error)

    return f, leaves_of(W), rng.normal(size=(7, 6))


@pytest.mark.parametrize(
    ("make", "products", "copies"), [(residual_of_an_equation, 11, 1), (tied_autoencoder, 1, 0)]
)
def test_a_matrix_whose_gradient_has_several_terms_is_a_few_products(make, products, copies):
    f, parameters, x = make()
    compare(f, parameters, x)
    steps = autograd.compile(f).lower(x).steps
    assert [step.kind for step in steps].count(StepKind.OUTER) <= products
    gathered = [step for step in steps if step.kind == StepKind.GATHER and step.space == BATCHED]
    assert len(gathered) <= copies


def test_the_sum_of_many_products_is_printed_short():
    f, _, x = residual_of_an_equation()
    text = str(autograd.compile(f).lower(x))
    assert re.search(r"= \(\S+ @ \S+ \+ .* \+ \S+ @ \S+ \+ … \d more\) / B", text)
    assert max(line.count(" / B") for line in text.splitlines()) == 1
