"""Programs run on any library of the Array API standard, here on its strict reference."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from autograd.compiler.standard import run_standard
from autograd.primitive import TABLE

xp = pytest.importorskip("array_api_strict")
RNG = np.random.RandomState(0)


def assert_same(f, *inputs, gradient=True):
    """The strict library and NumPy give the same outputs and gradient."""
    c = autograd.compile(f)
    program = c.lower(*inputs)
    theta = np.array([v.data for v in c.parameters])
    found, found_gradient = run_standard(
        program, xp, xp.asarray(theta), [xp.asarray(x) for x in inputs]
    )
    expected = c(*inputs)
    flat = np.concatenate([np.asarray(x) for x in found])
    np.testing.assert_allclose(flat, np.ravel(expected), rtol=1e-12, atol=1e-14)
    if gradient:
        _, expected_gradient = c.value_and_grad(*inputs)
        np.testing.assert_allclose(
            np.asarray(found_gradient), expected_gradient, rtol=1e-12, atol=1e-14
        )


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_row(name):
    row = TABLE[name]
    w = Value(0.75, "w")
    for point in row.points:

        def f(x, point=point):
            operands = [x[i] for i in range(len(point))]
            return getattr(autograd, name)(*operands) * w

        assert_same(f, np.array([point, point], dtype=float))


def test_a_network():
    model = nn.MLP(6, [5, 4], "sigmoid", seed=0)
    X, Y = RNG.normal(size=(7, 6)), RNG.normal(size=(7, 4))
    assert_same(lambda x, y: nn.half_squared_error(model(x), y), X, Y)
    assert_same(lambda x, y: nn.cross_entropy(model(x), y), X, RNG.randint(0, 4, 7))


def test_a_table_with_repeated_indices():
    E = autograd.array(RNG.normal(size=(5, 3)), name="E")

    def f(i):
        rows = [autograd.take(E, i[t]) for t in range(4)]
        return autograd.sum([autograd.tanh(v) for v in np.ravel(rows)])

    assert_same(f, RNG.randint(0, 5, (6, 4)))


def test_loops():
    K = autograd.array(RNG.normal(size=(2, 3)), name="K")
    U = autograd.array(RNG.normal(size=(3, 3)), name="U")

    def convolution(x):
        return autograd.sum([
            autograd.relu(autograd.sum([K[k, a] * x[i + a] for a in range(3)]))
            for k in range(2) for i in range(4)
        ])  # fmt: skip

    def recurrent(x):
        h = x[:3]
        for _ in range(4):
            h = autograd.tanh(U @ h)
        return h.sum()

    def attention(x):
        q = [U @ x[t : t + 3] for t in range(3)]
        out = []
        for t in range(3):
            p = autograd.softmax([autograd.dot(q[t], q[s]) for s in range(t + 1)])
            out += [autograd.sum([p[s] * q[s][d] for s in range(t + 1)]) for d in range(3)]
        return autograd.sum([v * v for v in out])

    X = RNG.normal(size=(5, 6))
    for f in (convolution, recurrent, attention):
        assert_same(f, X)


def test_extremes_ragged_sums_and_shared_terms():
    w = autograd.array(RNG.normal(size=6), name="w")

    def f(x):
        ragged = [autograd.sum([w[j] * x[(i + j) % 6] for j in range(i + 1)]) for i in range(6)]
        largest = autograd.maximum(autograd.maximum(x[0], x[1]), autograd.maximum(x[2], w[0]))
        decay = autograd.sum([v * v for v in w])
        return autograd.sum([autograd.tanh(v) for v in ragged]) + largest * w[1] + 0.1 * decay

    assert_same(f, RNG.normal(size=(5, 6)))


def test_second_derivatives():
    model = nn.MLP(3, [4, 1], seed=0)

    def f(x):
        slopes = autograd.gradients(model(x), x, create_graph=True)
        return autograd.sum([s * s for s in slopes])

    assert_same(f, RNG.normal(size=(4, 3)))


def test_without_inputs():
    w = autograd.array(RNG.normal(size=5), name="w")
    c = autograd.compile(lambda: autograd.logsumexp(list(w)))
    program = c.lower()
    outputs, gradient = run_standard(program, xp, xp.asarray(autograd.data(w)), [])
    np.testing.assert_allclose(float(outputs[0][0]), c(), rtol=1e-12)
    np.testing.assert_allclose(np.asarray(gradient), c.value_and_grad()[1], rtol=1e-12)
