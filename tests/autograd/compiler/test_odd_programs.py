"""Programs that a hostile user would write: each is held to the engine's numbers."""

from __future__ import annotations

import functools
import math
import random

import numpy as np
import pytest
from beside_eager import (
    assert_same,
    compare,
    eager_gradients,
    eager_outputs,
    in_order_of,
    leaves_of,
    weights,
)
from effort import few

import autograd
from autograd import Value, dot, exp, gradients, log, sigmoid, take, tanh, where

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(4, 3)), rng.normal(size=4)
W, M, B = weights(1, 6), weights(2, 3, 3, name="M"), Value(0.3, "b")
ALL = leaves_of(W, M, B)
# One example and many are the same proof again; test_random_layers has batches of every size.
BATCHES = pytest.mark.parametrize("batch", few([4, 1, 300], 3))


def data(batch, n=3, seed=3):
    few = np.random.default_rng(seed).normal(size=(6, n))
    return np.resize(few, (batch, n))


# Outputs


@BATCHES
def test_outputs_that_are_inputs_parameters_and_constants(batch):
    def f(x):
        y = x[0] * B
        return {"in": x, "w": W, "b": B, "c": 2.0, "same": [y, y, x[0]], "const": Value(1.5) * 2.0}

    x = data(batch)
    c = autograd.compile(f)
    out = c(x)
    found = [out["in"], out["w"], out["b"], out["c"], *out["same"], out["const"]]
    for a, b in zip(found, eager_outputs(f, x), strict=True):
        assert_same(a, b)
    assert out["b"].shape == (batch,)


def test_the_input_itself_as_the_only_output():
    compare(lambda x: x, [], Y)
    assert_same(autograd.compile(lambda x: x)(X), X)
    assert_same(autograd.compile(lambda x, y: [y, x])(X, Y)[1], X)


def test_a_parameter_as_the_only_output():
    c = autograd.compile(lambda: B)
    assert c() == 0.3
    assert c.value_and_grad()[1].tolist() == [1.0]


def test_parameters_only():
    def f():
        return dot(W, W) * tanh(B) + M.sum() ** 2

    c = autograd.compile(f)
    mean, gradient = c.value_and_grad()
    y = f()
    assert_same(mean, y.data)
    assert_same(in_order_of(c, gradient, ALL), gradients(y, ALL))
    assert c() == pytest.approx(y.data, rel=1e-12)


@BATCHES
def test_weight_decay_beside_the_loss(batch):
    def f(x):
        return (dot(W[:3], x) + B) ** 2 + 0.1 * dot(W, W) + 0.01 * autograd.sum(abs(M))

    compare(f, ALL, data(batch))


@BATCHES
def test_decay_of_the_same_weights_by_different_terms(batch):
    def f(x):
        return tanh(dot(M[0], x)) + (M @ M).sum() + dot(M[1], x) * M[2, 2] - log(exp(M[0, 0]) + 1.0)

    compare(f, ALL, data(batch))


def test_the_gradient_of_what_is_constant_or_an_index():
    compare(lambda x: where(x > 0, 1.0, 2.0) * B, [B], Y)
    compare(lambda x: (x > 0) * B, [B], Y)
    compare(lambda x: x.detach() * 2.0, [], Y)
    compare(lambda x: x * 0.0, [], Y)


# Lists of rows in every order: what is a view, what is gathered


@BATCHES
@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: dot(W, [*x, *y]),
        lambda x, y: dot(W, [*y, *x]),
        lambda x, y: dot(W, [*x, *y][::-1]),
        lambda x, y: dot(W[:4], [*x, *y][1:5]),
        lambda x, y: dot(W[:3], [*x, *y][::2]),
        lambda x, y: dot(W[::-1][:3], [*x, *y][1::2]),
        lambda x, y: dot(W, [x[0], y[0], x[1], y[1], x[2], y[2]]),
        lambda x, y: dot(W, [x[0], x[0], x[1], x[1], x[2], y[2]]),
        lambda x, y: dot(W[:3], [*x, *y][2:5]) * dot(W[3:], [*x, *y][:3]),
        lambda x, y: autograd.sum([tanh(dot(W[i : i + 2], [*x, *y][i : i + 2])) for i in range(5)]),
        lambda x, y: dot(W, [*x, *(M @ x)]) + y[0],
        lambda x, y: dot(W, [*(M @ x), *x]) * y[0],
        lambda x, y: dot(W, [*y, *(M @ x)]),
        lambda x, y: dot(W, [*(M @ y), *(M.T @ x)]),
        lambda x, y: (M @ np.array([x[2], y[0], y[1]])).sum() * (M @ y)[0],
        lambda x, y: tanh(M @ x) @ (M @ y),
        lambda x, y: tanh(M @ x) @ M @ y,
        lambda x, y: (np.outer(x, y) * M).sum(),
        lambda x, y: (np.outer(x, y) @ M @ np.outer(y, x)).trace(),
        lambda x, y: autograd.sum(x * y[::-1] - y * x[::-1]) + dot(x - y, W[:3]),
        lambda x, y: dot(x, x) * dot(y, y) - dot(x, y) ** 2,
        lambda x, y: dot([*x, *y], [*y, *x]) * B,
        lambda x, y: dot([x[0], B, y[0]], [W[0], W[1], x[1]]),
    ],
)
def test_operands_from_several_places(f, batch):
    compare(f, ALL, data(batch), data(batch, seed=4))


@BATCHES
@pytest.mark.parametrize(
    "pairs",
    few(
        [
            [(i, j) for i in range(3) for j in range(i + 1)],
            [(i, j) for i in range(3) for j in range(3) if (i, j) != (0, 1)],
            [(i, j) for i in range(3) for j in range(3) if (i + j) % 2],
            [(2, 0), (0, 0), (1, 2), (1, 1), (0, 2), (2, 1), (2, 2)],
            [(0, 0), (1, 1), (2, 2)],
            [(0, 0), (0, 0), (1, 0)],
        ],
        2,
    ),
)
def test_tables_of_products_with_places_left_out(pairs, batch):
    def f(x, y):
        products = [dot(M[i], [x[j], y[j], x[j] * y[j]]) for i, j in pairs]
        shifted = [dot(M[i], [x[j], y[j], x[j] - y[j]]) + W[i] for i, j in pairs]
        turned = [W[j] - dot(M[i], [y[j], x[j], 2.0 * x[j]]) * B for i, j in pairs]
        both = [dot([x[i], y[i]], [x[j], y[j]]) + W[0] for i, j in pairs]
        shared = [dot([M[i, 0], M[i, 1]], [M[0, j], M[1, j]]) - W[j] for i, j in pairs]
        total = 0.0
        for k, v in enumerate([*products, *shifted, *turned, *both, *shared]):
            total = total + tanh(v) * (k + 1.0)
        return total

    compare(f, ALL, data(batch), data(batch, seed=4))


@BATCHES
def test_a_weight_as_bias_and_as_factor(batch):
    # the gradient of such a weight is a mean and an outer product in one, at uneven rows
    def f(x):
        wires = [W[k % 6] for k in range(18)]
        out = []
        for i in range(3):
            row = wires[5 * i : 5 * i + 3]
            out.append(abs(dot(row, x) + wires[5 * i + 3]) * (i + 1.0))
        return autograd.sum(out)

    compare(f, ALL, data(batch))


@BATCHES
def test_weights_shared_between_layers(batch):
    def f(x):
        h = x.tolist()
        for _ in range(4):
            h = [tanh(dot(M[i], h) + W[i]) for i in range(3)]
            h = [dot(M[:, i], h) - W[i] * B for i in range(3)]
        return dot(h, M[1])

    compare(f, ALL, data(batch))


@BATCHES
def test_weights_beside_a_matrix_of_numbers(batch):
    numbers = np.random.default_rng(5).normal(size=(3, 3))

    def f(x):
        h = numbers @ x + M @ x
        return (h * (numbers.T @ h)).sum() + (M * numbers).sum() * B + (numbers @ M).sum()

    compare(f, ALL, data(batch))


@BATCHES
def test_two_inputs_swapped(batch):
    def f(x, y):
        return tanh(dot(M[0], x) - dot(M[1], y)) * dot(x, W[:3])

    x, y = data(batch), data(batch, seed=4)
    c = compare(f, ALL, x, y)
    compare(lambda y, x: f(x, y), ALL, y, x)
    assert_same(c(y, x), eager_outputs(f, y, x)[0])
    assert_same(c(x, x), eager_outputs(f, x, x)[0])


# Sums


@BATCHES
@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 33])
def test_sums_of_every_length_and_kind(length, batch):
    w = weights(6, length)

    def f(x):
        v = x.tolist()
        s = [v[i % 3] * (i + 1.0) for i in range(length)]
        plain = autograd.sum(s) - autograd.sum(w)
        products = dot(w, s) - dot(s, s) + dot(w, w)
        mixed = functools.reduce(lambda a, b: a - b, [B, *s, *w])
        turned = -(B - dot(w, s) - autograd.sum(s)) - w[0]
        return tanh(plain) + tanh(products) * tanh(mixed) + turned

    compare(f, [*leaves_of(w), B], data(batch))


@pytest.mark.parametrize("terms", few([400, 2000], 2))
def test_a_long_sum(terms):
    w = weights(7, terms, scale=0.02)
    x = np.random.default_rng(8).normal(size=(3, terms))
    c = compare(lambda x: tanh(dot(w, x)) + dot(w, w), leaves_of(w), x)
    assert c(x).shape == (3,)
    compare(lambda x: autograd.sum(x) * B, [B], x)
    compare(lambda x: autograd.sum([tanh(v) for v in x]) * B, [B], x)
    compare(lambda x: autograd.logsumexp(x) * B, [B], x)
    compare(lambda x: functools.reduce(autograd.maximum, x[:300].tolist()) * B, [B], x)


def test_ragged_sums():
    groups = [[0], [1, 2], [0, 1, 2, 3], [3], [5, 0, 2], [4, 4]]

    def f(x):
        v = [*x, *x[::-1]]
        rows = [autograd.sum([W[i] * v[i] for i in g]) + W[len(g)] for g in groups]
        more = [autograd.sum([v[i] for i in g]) - B * len(g) for g in groups]
        return autograd.sum([tanh(a) * b for a, b in zip(rows, more, strict=True)])

    for batch in (1, 4, 300):
        compare(f, ALL, data(batch))


def test_terms_of_different_kinds_in_different_orders():
    def f(x):
        a = W[0] + x[0] * W[1] - x[1] + x[0] * x[1] - W[2] * W[3]
        b = x[0] * x[1] - W[2] * W[3] + W[0] - x[1] + x[0] * W[1]
        c = -x[1] - W[2] * W[3] + x[0] * W[1] + W[0] + x[0] * x[1]
        lines = [W[i] - x[i] * W[i + 1] + x[i] - 2.0 for i in range(3)]
        turned = [x[i] - 2.0 + W[i] - x[i] * W[i + 1] for i in range(3)]
        return a * b * c + autograd.sum([u * v for u, v in zip(lines, turned, strict=True)])

    compare(f, ALL, X)


def test_sums_are_added_in_the_order_of_the_program():
    # what cancels cancels where it does in the engine
    def f(x):
        return (x[0] + 1e16 - 1e16) + (x[1] - 1e16 + 1e16) * 0.5 + ((B + 1e16) - 1e16) * x[2]

    compare(f, ALL, X)


def test_long_sums_that_cancel():
    signs = [(-1.0) ** i * 1e12 for i in range(20)]

    def f(x):
        total = x[0]
        for s in signs:
            total = total + s
        return total

    (expected,) = eager_outputs(f, X)
    np.testing.assert_allclose(autograd.compile(f)(X), expected, atol=1e-9 * 20e12)


# Deep programs


@pytest.mark.parametrize("depth", few([1500, 10_000], 2))  # beyond Python's recursion limit
def test_a_long_chain(depth):
    def f(x):
        for _ in range(depth):
            x = tanh(x)
        return x

    (expected,) = eager_outputs(f, Y)
    assert_same(autograd.compile(f)(Y), expected)


@BATCHES
def test_the_gradient_of_a_chain(batch):
    def f(x):
        for i in range(150):
            x = sigmoid(x * B + (0.5 if i % 2 else -0.5)) - 0.25
        return x

    compare(f, [B], data(min(batch, 50))[:, 0], rel=1e-8)


def test_a_long_chain_of_additions_and_of_products():
    def f(x):
        y, z = x, x
        for i in range(500):
            y = y + B * x if i % 2 else y - 0.1 * B
            z = z * (1.0 + 1e-3 * B)
        return y * 1e-3 + z

    compare(f, [B], Y[:2], rel=1e-8)


@pytest.mark.slow
def test_a_deep_graph_from_before():
    h = B
    for _ in range(600):
        h = h * 0.999 + 1e-5
    c = autograd.compile(lambda x: h * x)
    assert_same(c([2.0]), [2.0 * h.data])
    assert_same(c.value_and_grad([2.0])[1], [2.0 * 0.999**600], 1e-8)


@pytest.mark.slow
def test_a_deep_chain_through_takes_and_choices():
    def f(x, i):
        for _ in range(100):
            x = take([x * 0.9, tanh(x), where(x > 0, x * B, x - 1.0)], i)
        return x

    compare(f, [B], Y, np.array([0, 1, 2, 2]), rel=1e-8)


# Models


@BATCHES
def test_a_convolution_with_padding(batch):
    kernels, bias = weights(9, 2, 3, 3, name="kernel"), weights(10, 2, name="bias")

    def f(image):
        zero = 0.0
        size = 4
        total = 0.0
        for k in range(2):
            for r in range(size):
                for c in range(size):
                    s = bias[k]
                    for i in range(3):
                        for j in range(3):
                            row, column = r + i - 1, c + j - 1
                            inside = 0 <= row < size and 0 <= column < size
                            s = s + kernels[k, i, j] * (image[row, column] if inside else zero)
                    total = total + autograd.relu(s) * (k + 1.0)
        return total / 32.0

    images = np.resize(np.random.default_rng(11).normal(size=(3, 4, 4)), (min(batch, 30), 4, 4))
    compare(f, leaves_of(kernels, bias), images)


@BATCHES
def test_a_convolution_with_stride_pooling_and_skipped_padding(batch):
    kernel, head = weights(12, 2, 2, name="k"), weights(13, 4)

    def f(x):
        image = x.reshape(4, 4)
        out = []
        for r in range(-1, 4, 2):
            for c in range(-1, 4, 2):
                terms = [
                    kernel[i, j] * image[r + i, c + j]
                    for i in range(2) for j in range(2)
                    if 0 <= r + i < 4 and 0 <= c + j < 4
                ]  # fmt: skip
                out.append(autograd.sum(terms))
        pooled = [autograd.maximum(out[i], out[i + 1]) for i in (0, 2, 4, 6)]
        return dot(pooled, head) + out[8]

    compare(f, leaves_of(kernel, head), data(min(batch, 30), 16))


@BATCHES
def test_an_unrolled_rnn(batch):
    inner, outer, out = weights(14, 3, 3), weights(15, 3, 2), weights(16, 3)

    def f(sequence):
        h = [0.0, 0.0, 0.0]
        losses = []
        for t in range(5):
            x = sequence[t]
            h = [tanh(dot(inner[i], h) + dot(outer[i], x) + W[i]) for i in range(3)]
            losses.append((dot(out, h) - sequence[t, 0]) ** 2)
        return autograd.mean(losses)

    x = np.random.default_rng(17).normal(size=(5, 5, 2))
    compare(f, leaves_of(inner, outer, out, W), np.resize(x, (min(batch, 30), 5, 2)), rel=1e-8)


def test_a_gated_rnn_with_an_end_that_differs():
    gate, inner = weights(18, 2, 3), weights(19, 2, 3)

    def f(sequence, length):
        h, last = [0.0, 0.0], 0.0
        for t in range(4):
            z = [sigmoid(dot(gate[i], [*h, sequence[t]])) for i in range(2)]
            n = [tanh(dot(inner[i], [*h, sequence[t]])) for i in range(2)]
            h = [z[i] * h[i] + (1.0 - z[i]) * n[i] for i in range(2)]
            last = where(autograd.eq(length, t + 1), h[0] + h[1], last)
        return last

    compare(f, leaves_of(gate, inner), rng.normal(size=(4, 4)), np.array([1, 4, 2, 4]), rel=1e-8)


@BATCHES
@pytest.mark.parametrize("heads", [1, 2])
def test_causal_attention(heads, batch):
    length, width = 4, 4
    query, key, value = (weights(20 + i, width, width, scale=0.5) for i in range(3))

    def f(x):
        project = lambda matrix: [[dot(row, x[p]) for row in matrix] for p in range(length)]  # noqa: E731
        q, k, v = project(query), project(key), project(value)
        size = width // heads
        total = 0.0
        for p in range(length):
            out = []
            for h in range(heads):
                part = slice(h * size, (h + 1) * size)
                scores = [dot(q[p][part], k[r][part]) / math.sqrt(size) for r in range(p + 1)]
                share = autograd.softmax(scores)
                out += [
                    autograd.sum([share[r] * v[r][h * size + j] for r in range(p + 1)])
                    for j in range(size)
                ]
            total = total + autograd.sum([tanh(o + x[p][j]) for j, o in enumerate(out)])
        return total

    x = np.random.default_rng(23).normal(size=(3, length, width))
    batch = min(batch, 260)
    compare(f, leaves_of(query, key, value), np.resize(x, (batch, length, width)), rel=1e-8,
            input_gradients=batch < 10)  # fmt: skip


@BATCHES
def test_attention_that_looks_ahead_with_a_mask(batch):
    def f(x):
        total = 0.0
        for p in range(3):
            scores = [x[p] * x[r] * W[0] if r <= p else -math.inf for r in range(3)]
            share = autograd.softmax(scores)
            total = total + autograd.sum([s * v for s, v in zip(share, x.tolist(), strict=True)])
        return total

    compare(f, ALL, data(batch))


@BATCHES
def test_the_log_likelihood_of_a_mixture_of_gaussians(batch):
    logits, means, scales = weights(24, 3), weights(25, 3, 2), weights(26, 3, 2, scale=0.3)

    def f(x):
        shares = autograd.log_softmax(logits)
        terms = []
        for k in range(3):
            s = shares[k]
            for d in range(2):
                z = (x[d] - means[k, d]) * exp(-scales[k, d])
                s = s - 0.5 * z**2 - scales[k, d] - 0.5 * math.log(2.0 * math.pi)
            terms.append(s)
        return -autograd.logsumexp(terms)

    compare(f, leaves_of(logits, means, scales), data(batch, 2) * 5.0, rel=1e-8)


@BATCHES
def test_layer_normalisation_and_residuals(batch):
    def f(x):
        h = x.tolist()
        for _ in range(2):
            centre = autograd.mean(h)
            spread = autograd.mean([(v - centre) ** 2 for v in h])
            normal = [(v - centre) / autograd.sqrt(spread + 1e-5) * W[i] for i, v in enumerate(h)]
            h = [v + autograd.gelu(dot(M[i], normal)) for i, v in enumerate(h)]
        return dot(h, h)

    compare(f, ALL, data(batch), rel=1e-8)


def test_ode_steps_of_runge_and_kutta():
    def slope(s):
        return [s[1], -B * s[0] - W[0] * s[1] * s[1]]

    def f(s):
        s, h = s.tolist(), 0.1
        for _ in range(5):
            k1 = slope(s)
            k2 = slope([a + h / 2 * b for a, b in zip(s, k1, strict=True)])
            k3 = slope([a + h / 2 * b for a, b in zip(s, k2, strict=True)])
            k4 = slope([a + h * b for a, b in zip(s, k3, strict=True)])
            s = [
                a + h / 6 * (b + 2 * c + 2 * d + e)
                for a, b, c, d, e in zip(s, k1, k2, k3, k4, strict=True)
            ]
        return s[0] ** 2 + s[1]

    compare(f, ALL, X[:, :2], rel=1e-8)


def test_dynamic_programming_over_a_grid():
    def f(x):
        best = [[None] * 3 for _ in range(3)]
        for i in range(3):
            for j in range(3):
                cost = (x[i] - W[j]) ** 2
                before = [
                    best[a][b] for a, b in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if a >= 0 <= b
                ]
                best[i][j] = cost - autograd.logsumexp([-v for v in before]) if before else cost
        return best[2][2]

    compare(f, ALL, X, rel=1e-8)


def test_determinant_by_elimination_and_inverse_by_newton():
    def f(x):
        a = [[M[i, j] + (x[i] if i == j else 0.0) for j in range(3)] for i in range(3)]
        det = 1.0
        for k in range(3):
            det = det * a[k][k]
            for i in range(k + 1, 3):
                ratio = a[i][k] / a[k][k]
                a[i] = [u - ratio * v for u, v in zip(a[i], a[k], strict=True)]
        return det

    compare(f, ALL, X + 4.0, rel=1e-8)


def test_recursion_and_closures():
    def tree(values, depth):
        if len(values) == 1:
            return values[0]
        half = len(values) // 2
        return tanh(tree(values[:half], depth + 1) * W[depth] + tree(values[half:], depth + 1))

    compare(lambda x: tree([*x, *x[::-1], B], 0), ALL, X)


# Numbers at the edge


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e306, -1e306, 5e-324, 0.0])
def test_inputs_at_the_edge(bad):
    x = X.copy()
    x[1, 0] = x[2, :] = bad
    for f in (
        lambda x: dot(W[:3], x) + B,
        lambda x: tanh(dot(W[:3], x)) * B,
        lambda x: sigmoid(M @ x).sum(),
        lambda x: autograd.logsumexp(x * W[:3]),
        lambda x: autograd.softmax(x)[0] * B,
        lambda x: autograd.maximum(x[0], x[1]) * W[0],
        lambda x: where(x[0] > 0, x[1] * B, x[2]),
        lambda x: autograd.clip(x[0], -1.0, 1.0) * B,
        lambda x: abs(x[0]) ** 0.5 * B,
        lambda x: x[0] / x[1] + B,
        lambda x: autograd.relu(x[0]) * 0.0 * W[0] + x[1] * 0.0,
    ):
        compare(f, ALL, x)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e300, 1e-320])
def test_parameters_at_the_edge(bad):
    w, v = Value(bad, "w"), Value(0.5, "v")
    for f in (
        lambda x: w * x + v,
        lambda x: w * x * v,
        lambda x: x * v + w * 0.0,
        lambda x: tanh(w * x) * v,
        lambda x: where(x > 0, w, v) * x,
        lambda x: autograd.maximum(w, x) * v,
        lambda x: autograd.logsumexp([w * x, v]),
        lambda x: (x - w) ** 2 * v,
        lambda x: exp(-w) * x,
    ):
        compare(f, [w, v], np.array([2.0, -1.0, 0.5, 0.0]))


@pytest.mark.parametrize("scale", [1e308, 1e-308, 1e200, 1e-200])
def test_products_that_overflow_only_if_they_are_multiplied_in_another_order(scale):
    small = 1.0 / scale if scale > 1 else 1e200
    w, v = Value(small, "w"), Value(1.0, "v")
    for f in (
        lambda x: w * x + 0.0 * v,
        lambda x: v * (w * x),
        lambda x: v * w * x,
        lambda x: x * v * w,
        lambda x: (x * v) * small,
        lambda x: small * (x * v) + w,
        lambda x: 2.0**60 * (small * (x * v)),
        lambda x: 0.5 * (x * (small * v)),
    ):
        compare(f, [w, v], np.array([scale, scale, 0.5 * scale]))


def test_powers_of_two_are_not_moved_across_an_overflow():
    compare(lambda x: 2.0**60 * (1e300 * x), [], np.array([1e-300, 2e-310]))
    compare(lambda x: 0.5 * (5e-324 * x) + B, [B], np.array([1e300]))
    compare(lambda x: 2.0**-60 * (1e-310 * x), [], np.array([1e300]))


@pytest.mark.parametrize("weight", [math.inf, -math.inf, 0.0])
def test_the_mean_of_products_with_an_infinite_weight_or_input(weight):
    # a weight may not be taken out of the mean over the batch: inf - inf is nan, inf * 0 too
    w, v = Value(weight, "w"), Value(0.5, "v")
    compare(lambda x: w * (x * v), [w, v], np.array([2.0, -1.0, 0.5]))
    compare(lambda x: w * (x * v), [w, v], np.array([math.inf, 1.0]))
    compare(lambda x: w * (x * v), [w, v], np.array([1e308, 1e308, 1e308]))


@pytest.mark.parametrize("exponent", [-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0])
def test_powers(exponent):
    x = np.array([0.0, 1.0, -2.0, 3.0, 1e200, 1e-200, math.inf, -math.inf, math.nan])
    if exponent in (0.5, 1.5):
        x = x[x != -math.inf]  # NumPy's power takes the square root of it for 0.5, which is nan
    compare(lambda x: x**exponent * B, [B], x)
    compare(lambda x: exponent**x * B if exponent > 0 else x * B, [B], x)


def test_a_power_whose_base_and_exponent_are_parameters():
    a, n = Value(2.0), Value(3.0)
    compare(lambda x: (a * x) ** n + x**a + 2.0 ** (n * x), [a, n], np.array([0.5, 1.5]))


def test_sigmoids_written_out():
    x = np.array([-5.0, -1.0, 0.0, 1.0, 4.0])
    compare(lambda x: 1.0 / (1.0 + exp(-x * B)), [B], x)
    compare(lambda x: 1 / (exp(x * B) + 1), [B], x)
    compare(lambda x: 1.0 / (1.0 + exp(-(x - B))), [B], x)


def test_the_same_expression_twice_and_its_negative():
    def f(x):
        a, b = tanh(x[0] * W[0]), tanh(x[0] * W[0])
        c, d = x[1] - x[2], x[2] - x[1]
        return a * b - b + a * a + c * d - (-c) + autograd.neg(-d) + where(a > b, a, b)

    compare(f, ALL, X)


def test_ties():
    def f(x):
        return (
            autograd.maximum(x[0], x[1]) * B
            + autograd.minimum(x[0], B)
            + autograd.maximum(W[0], W[0])
            + functools.reduce(autograd.maximum, [*x, *x])
            + autograd.relu(x[0] - x[1])
            + abs(x[0] - x[1])
        )

    compare(f, ALL, np.array([[1.0, 1.0, 1.0], [0.3, 0.3, 0.0], [2.0, 1.0, 2.0]]))


# Strange data


@BATCHES
def test_an_input_with_a_single_element_and_one_without(batch):
    x = data(batch)
    compare(lambda x: x[0] * B, [B], x[:, :1])
    compare(lambda x, e: x[0] * B + e.sum(), [B], x, np.empty((batch, 0)))
    compare(lambda x: x[0, 0, 0] * B, [B], x[:, :1, None, None])


def test_many_inputs():
    inputs = [rng.normal(size=4) for _ in range(40)]
    compare(lambda *xs: tanh(dot(xs, weights40)) * xs[3], leaves_of(weights40), *inputs)


weights40 = weights(27, 40)


def test_names_that_collide():
    a, b, c = Value(1.0, "x"), Value(2.0, "x"), Value(3.0, "constants")
    d = Value(0.5, "x[0]")

    def f(x, scratch, v1):
        h = a * x[0] + b * scratch + c * v1
        h.name = "gradient"
        k = tanh(h) * d
        k.name = "x"
        return k + h

    compare(f, [a, b, c, d], X, Y, Y + 1.0)


@pytest.mark.parametrize(
    "name", ["", "%s", "{}", "a\nb", "w[", "]", ".", "layer0.neuron1.w[0", "ä", "v" * 500]
)
def test_parameters_of_any_name(name):
    p = [Value(float(i), name) for i in range(3)]
    compare(lambda x: dot(p, x) + p[0], p, X)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_two_dtypes_of_one_function(dtype):
    def f(x, y):
        return (tanh(dot(W[:3], x) + B) - y) ** 2

    rel = 1e-9 if dtype == "float64" else 1e-4
    for batch in (1, 300):
        x, y = data(batch), data(batch, 1)[:, 0]
        c = autograd.compile(f, dtype=dtype, input_gradients=True)
        mean, gradient, (for_x, for_y) = c.value_and_grad(x, y)
        expected_mean, expected, (by_x, by_y) = eager_gradients(f, c.parameters, x, y)
        assert_same(mean, expected_mean, rel)
        assert np.abs(gradient - expected).max() < rel
        assert np.abs(for_x - by_x).max() < rel
        assert np.abs(for_y - by_y[:, 0]).max() < rel
        assert {c(x, y).dtype, gradient.dtype, for_x.dtype} == {np.dtype(dtype)}


# At random: layers over vectors, their parts in every order


def layers(r):
    kinds = [
        "linear", "linear", "linear", "join", "turn", "stride", "shuffle", "each", "by_weight",
        "times", "plus", "minus", "softmax", "triangle", "take", "take_row", "running", "outer",
        "largest", "penalty", "logsumexp", "mixed", "convolution", "weights", "part",
    ]  # fmt: skip
    return [
        (r.choice(kinds), r.random(), r.random(), r.randrange(10**6))
        for _ in range(r.randint(2, 8))
    ]


UNARY = [
    tanh, sigmoid, abs, autograd.relu, lambda v: -v, lambda v: v * v, lambda v: 1.0 - v,
    lambda v: 0.5 * v + 1.0, lambda v: exp(-v * v), lambda v: where(v > 0.1, v, -2.0 * v),
    lambda v: v * v.detach() if isinstance(v, Value) else v * v,
]  # fmt: skip


def run_layers(steps, wires, table, x, y, i):  # noqa: C901
    pool, place = [x, y], 0

    def fresh(n):
        nonlocal place
        place += n
        return [wires[k % len(wires)] for k in range(place - n, place)]

    def chosen(f):
        return pool[int(f * len(pool))] if f < 0.6 else pool[-1]

    for kind, f, g, n in steps:
        a, b = chosen(f), chosen(g)
        both = list(zip(a, b, strict=False))
        if kind == "linear":
            act = UNARY[n % 11] if n % 2 else lambda v: v
            out = []
            for _ in range(1 + n % 4):
                z = dot(fresh(len(a)), a)
                out.append(act(z + fresh(1)[0] if n % 3 else z))
        elif kind == "shuffle":
            out = random.Random(n).sample(a, len(a))
        elif kind == "running":
            out, s = [], 0.0
            for v in a:
                s = s + v
                out.append(s)
        elif kind == "take_row":
            rows = [table[3 * j : 3 * j + 3] for j in range(3)]
            out = [v for j in i for v in take(rows, j)]
        elif kind == "penalty":
            s = autograd.sum([tanh(v) * v for v in a]) + x[0] * 0.0
            out = gradients(s, x, create_graph=True)
        elif kind == "mixed":
            p = fresh(3)
            out = [p[0] - v + p[1] * v - p[2] + p[0] * p[1] for v in a]
        elif kind == "convolution":
            k, padded = fresh(3), [0.0, *a, 0.0]
            out = [dot(k, padded[j : j + 3]) for j in range(len(a))]
        else:
            out = {
                "join": lambda a=a, b=b: a + b,
                "turn": lambda a=a: a[::-1],
                "stride": lambda a=a: a[::2],
                "part": lambda a=a: a[1:] or a,
                "each": lambda a=a, n=n: [UNARY[n % 11](v) for v in a],
                "by_weight": lambda a=a: [w * v for w, v in zip(fresh(len(a)), a, strict=True)],
                "times": lambda both=both: [u * v for u, v in both],
                "plus": lambda both=both: [u + v for u, v in both],
                "minus": lambda both=both: [u - v for u, v in both[::-1]],
                "softmax": lambda a=a: autograd.softmax(a),
                "logsumexp": lambda a=a, b=b: [autograd.logsumexp(a), autograd.logsumexp(b + a)],
                "triangle": lambda both=both: [
                    dot(both[0], both[-1]) * both[p][0] + both[q][1]
                    for p in range(len(both)) for q in range(p + 1)
                ],
                "take": lambda a=a: [take(a, 0), *[take(table[:3], j) for j in i]],
                "outer": lambda a=a, b=b: [u * v for u in a[:3] for v in b[:3]],
                "largest": lambda both=both, a=a: [autograd.maximum(u, v) for u, v in both]
                + [functools.reduce(autograd.minimum, a)],
                "weights": lambda: fresh(3),
            }[kind]()  # fmt: skip
        pool.append(out[:10])
    return autograd.sum([(0.1 + 0.1 * k) * v for k, v in enumerate(pool[-1])])


@pytest.mark.parametrize("seed", few(range(120), 5))
def test_random_layers(seed):
    r, draw = random.Random(seed), np.random.default_rng(seed)
    steps = layers(r)
    wires = leaves_of(weights(seed, r.choice([5, 12, 40])))
    table = leaves_of(weights(seed + 1, 9, name="table"))
    batch = r.choice([1, 2, 5, 260])
    few = min(batch, 4)
    x, y = draw.normal(size=(few, r.randint(1, 4))), draw.normal(size=(few, r.randint(1, 4)))
    i = draw.integers(0, 3, size=(few, 2))
    x, y, i = (np.resize(a, (batch, a.shape[1])) for a in (x, y, i))

    def f(x, y, i):
        touched = 0.01 * (x[0] * y[0] + take(table, i[0]))
        return run_layers(steps, wires, table, x.tolist(), y.tolist(), list(i)) + touched

    assert_same_as_eager_for_distinct(f, wires + table, few, x, y, i)


def assert_same_as_eager_for_distinct(f, parameters, few, *inputs):
    """As `compare`, with the engine run on the distinct examples alone."""
    batch = len(inputs[0])
    distinct = [a[:few] for a in inputs]
    counts = np.bincount(np.arange(batch) % few, minlength=few)
    (values,) = eager_outputs(f, *distinct)
    if not np.isfinite(values).all() or np.abs(values).max() > 1e5:
        return
    gradient = np.zeros(len(parameters))
    for_inputs = [[], []]
    for k in range(few):
        _, g, by_input = eager_gradients(f, parameters, *[a[k : k + 1] for a in distinct])
        gradient += g * counts[k] / batch
        for into, each in zip(for_inputs, by_input, strict=True):
            into.append(each[0] / batch)
    c = autograd.compile(f, input_gradients=True)
    assert_same(c(*inputs), values[np.arange(batch) % few], 1e-8)
    mean, found, (for_x, for_y, _) = c.value_and_grad(*inputs)
    assert_same(mean, (values * counts).sum() / batch, 1e-8)
    assert_same(in_order_of(c, found, parameters), gradient, 1e-7)
    for a, b in ((for_x, for_inputs[0]), (for_y, for_inputs[1])):
        assert_same(a, np.array(b)[np.arange(batch) % few], 1e-7)
