"""One rule for inputs: a list is one array, as np.asarray reads it; a tuple or dict is several."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from beside_eager import assert_same

import autograd
import nn
from autograd import Value, dot

W = autograd.array([1.0, 2.0, 3.0], name="w")
X = np.random.default_rng(0).normal(size=(3, 3))  # as many rows as columns: a mistake would run


def total(x):
    return dot(W, x) * x[1]


@pytest.mark.parametrize(
    "make",
    [
        lambda x: x.tolist(),
        list,
        lambda x: [tuple(row) for row in x],
        lambda x: [row.tolist() if i else row for i, row in enumerate(x)],
        lambda x: [[np.array(v) for v in row] for row in x],
        lambda x: tuple(map(tuple, x.tolist())),
        lambda x: x.astype(object),
        lambda x: list(x.astype(object)),
        lambda x: [[Fraction(v) for v in row] for row in x],
        np.ma.array,
        lambda x: list(np.ma.array(x)),
    ],
)
def test_rows_are_a_batch(make):
    c = autograd.compile(total, input_gradients=True)
    expected = c.value_and_grad(X)
    rows = make(X)
    assert_same(c(rows), c(X))
    for found, known in zip(c.value_and_grad(rows), expected, strict=True):
        assert_same(found, known)
    assert c(rows).dtype == np.float64
    nested = autograd.compile(lambda d: total(d["x"]) + d["y"][0])
    assert_same(nested({"x": rows, "y": (np.zeros(3),)}), c(X))


@pytest.mark.parametrize("make", [lambda x: x.tolist(), list, lambda x: x.astype(object)])
def test_fit_evaluate_and_predict_read_the_same_rows(make):
    rows, y = make(X), [0, 1, 1]
    models = [nn.MLP(3, [4, 2], seed=0) for _ in range(2)]
    for model, x in zip(models, (X, rows), strict=True):
        nn.fit(model, x, y, epochs=2, seed=0, progress=False)
    assert_same(nn.predict(models[0], X), nn.predict(models[1], rows))
    assert_same(autograd.compile(models[0])(X), nn.predict(models[0], rows))
    assert nn.evaluate(models[0], X, y) == nn.evaluate(models[1], rows, y)


@pytest.mark.parametrize("kind", [np.array, list, np.ndarray.tolist])
def test_a_tuple_and_a_dict_are_several_inputs(kind):
    c = autograd.compile(lambda x, d: x[0] * x[1] + dot(d["z"], [1.0, 0.0, 0.0]))
    a, b = map(kind, X[:2])
    assert_same(c((a, b), {"z": kind(X)}), X[0] * X[1] + X[:, 0])


def test_integers_in_lists_still_choose():
    c = autograd.compile(lambda i: autograd.take(W, i[1]))
    for rows in ([[0, 2], [0, 1]], [np.array([0, 2]), [0, 1]], np.array([[0, 2], [0, 1]], object)):
        assert c(rows).tolist() == [3.0, 2.0]


@pytest.mark.parametrize(
    "ragged",
    [
        [np.ones(2), np.ones(3)],
        [np.ones(2), 1.0],
        [[1.0, 2.0], np.ones(3)],
        [{"x": 1.0}],
        [(np.ones(2), np.ones(3))],
        {"x": [np.ones(2), np.ones(3)]},
    ],
)
def test_rows_of_several_lengths_are_told_of_the_tuple(ragged):
    c = autograd.compile(lambda x: W[0] * np.sum(x))
    with pytest.raises(ValueError, match="several inputs in one are a tuple or a dict"):
        c(ragged)


def test_arrays_in_a_list_beside_a_batch_are_told_of_the_tuple():
    c = autograd.compile(lambda x, y: x[0] * x[1] * y)
    with pytest.raises(ValueError, match=r"x has 2, y has 5\n.*\n.*several inputs .* a tuple"):
        c([np.ones(5), np.ones(5)], np.ones(5))
    assert c((np.ones(5), np.ones(5)), np.ones(5)).shape == (5,)


@pytest.mark.parametrize(
    "masked",
    [
        np.ma.array([1.0, 2.0], mask=[False, True]),
        np.ma.masked_invalid([np.nan, 1.0]),
        [np.ma.array([1.0, 2.0], mask=[False, True]), np.ones(2)],
        [[1.0, np.ma.masked]],
        {"x": np.ma.array([1.0], mask=True)},
        (np.ones(1), [np.ma.masked]),
        np.ma.array([1, 2], mask=[True, False]),
        np.ma.array([1.0, 2.0], mask=[True, False], dtype=object),
    ],
)
def test_masked_elements_are_refused(masked):
    c = autograd.compile(lambda x: W[0] * np.sum(x))
    with pytest.raises(ValueError, match=r"masked elements\n  at .*c\(masked\)\n.*np.ma.filled"):
        c(masked)


@pytest.mark.parametrize(
    "wrong",
    [
        [np.timedelta64(1, "s")],
        [1.0, None],
        [1.0, "2"],
        [1.0, 1j],
        [1.0, Decimal(1)],
        [10**400, 1],
        [2**70, None],
    ],
)
def test_objects_that_are_no_numbers_are_refused(wrong):
    c = autograd.compile(lambda x: W[0] * x)
    with pytest.raises(ValueError, match="an array of real numbers"):
        c(np.array(wrong, object))
    with pytest.raises(ValueError, match="got Values"):
        c(np.array([1.0, Value(2.0)], object))


def test_whole_numbers_that_are_too_large_for_an_integer_are_floats():
    assert autograd.compile(lambda x: W[0] * x)(np.array([2**70, 1], object)).tolist() == [
        2.0**70,
        1,
    ]
