"""Code written for other scalar Value classes runs unchanged, and so do the article's formulas."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

import autograd
from autograd import Value


def test_a_lecture_style_expression():
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert g.data == pytest.approx(24.70408163265306, rel=1e-14)
    assert a.grad == pytest.approx(138.83381924198252, rel=1e-14)
    assert b.grad == pytest.approx(645.5772594752186, rel=1e-14)


def test_a_training_loop_in_plain_lists():
    rng = random.Random(1)
    data = [([rng.uniform(-1, 1), rng.uniform(-1, 1)], None) for _ in range(20)]
    data = [(x, 1.0 if x[0] * x[1] > 0 else -1.0) for x, _ in data]
    w1 = [[Value(rng.gauss(0, 1)) for _ in range(2)] for _ in range(6)]
    b1 = [Value(0) for _ in range(6)]
    w2 = [Value(rng.gauss(0, 1)) for _ in range(6)]
    parameters = [p for row in w1 for p in row] + b1 + w2
    losses = []
    for _ in range(30):
        total = 0
        for x, target in data:
            hidden = [
                sum((wi * xi for wi, xi in zip(w, x, strict=True)), b).relu()
                for w, b in zip(w1, b1, strict=True)
            ]
            score = sum(wi * hi for wi, hi in zip(w2, hidden, strict=True))
            total = total + (1 + -target * score).relu()
        loss = total * (1.0 / len(data)) + 1e-4 * sum(p * p for p in parameters)
        for p in parameters:
            p.grad = 0
        loss.backward()
        for p in parameters:
            p.data -= 0.2 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.5 * losses[0]
    assert all(type(p.data) is float for p in parameters)


def test_a_softmax_cross_entropy_in_scalar_steps():
    logits = [Value(x) for x in (0.5, -1.0, 2.0)]
    top = max(v.data for v in logits)
    powers = [(v - top).exp() for v in logits]
    total = sum(powers)
    loss = -(powers[1] / total).log()
    loss.backward()
    exact = [math.exp(v.data) / sum(math.exp(w.data) for w in logits) for v in logits]
    exact[1] -= 1
    assert [v.grad for v in logits] == pytest.approx(exact, rel=1e-13)


def articles_network(array):
    """The article's forward pass, its formulas untouched, on whatever `array` makes."""
    X = np.array([[0.5, 1.2]])
    W1 = array([[0.4, 0.3], [0.2, 0.7]])
    b1 = array([[0.1, 0.2]])
    W2 = array([[0.6], [0.8]])
    b2 = array([[0.3]])

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    z1 = np.dot(X, W1) + b1
    a1 = sigmoid(z1)
    z2 = np.dot(a1, W2) + b2
    output = sigmoid(z2)
    y = np.array([[1]])
    loss = 0.5 * (output - y) ** 2
    return X, W1, b1, W2, b2, a1, output, y, loss


def plain_objects(numbers):
    """An object array of NumPy's own class."""
    return np.array([[Value(x) for x in row] for row in numbers], dtype=object)


@pytest.mark.parametrize("array", [autograd.array, plain_objects])
def test_the_articles_formulas_run_unchanged_on_values(array):
    X, _, _, W2, _, a1, output, y, loss = articles_network(np.array)
    d_z2 = (output - y) * output * (1 - output)
    d_W2 = np.dot(a1.T, d_z2)
    d_z1 = np.dot(d_z2, W2.T) * a1 * (1 - a1)
    d_W1 = np.dot(X.T, d_z1)

    _, W1v, b1v, W2v, b2v, _, outputv, _, lossv = articles_network(array)
    lossv.item().backward()
    assert outputv.item().data == pytest.approx(output.item(), rel=1e-15)
    assert lossv.item().data == pytest.approx(loss.item(), rel=1e-14)
    for ours, articles in ((W1v, d_W1), (b1v, d_z1), (W2v, d_W2), (b2v, d_z2)):
        np.testing.assert_allclose(autograd.grads(ours), articles, rtol=1e-12)
