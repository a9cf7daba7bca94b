"""`gradients(..., create_graph=True)` inside a compiled function: second and higher derivatives."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from beside_eager import assert_same, compare, leaves_of, weights
from effort import examples, few
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, dot, gradients, sigmoid, softplus, tanh, where
from autograd.primitive import TABLE

rng = np.random.default_rng(0)
UNARY = sorted(name for name, row in TABLE.items() if row.arity == 1)
BINARY = sorted(name for name, row in TABLE.items() if row.arity == 2 and not row.is_comparison)
X = rng.normal(size=(4, 3))
Y = rng.normal(size=4)


def mlp(seed, *sizes):
    layers = [
        (weights(seed + i, n, m, name=f"W{i}"), weights(seed + 50 + i, n, name=f"b{i}"))
        for i, (m, n) in enumerate(itertools.pairwise(sizes))
    ]

    def run(x, activate=tanh):
        for i, (W, b) in enumerate(layers):
            x = [dot(W[j], x) + b[j] for j in range(len(b))]
            if i < len(layers) - 1:
                x = [activate(v) for v in x]
        return x

    return run, leaves_of(*[a for layer in layers for a in layer])


def points_of(name):
    row = TABLE[name]
    points = [p for p in row.points if len(p) >= row.arity]
    points += [point for point, _ in row.edges if len(point) >= row.arity]
    return [tuple(map(float, p)) for p in points]


@pytest.mark.parametrize("name", UNARY)
def test_second_derivative_of_every_unary_row(name):
    w = Value(0.8, "w")
    points = [p[0] for p in points_of(name)]

    def f(x):
        [slope] = gradients(getattr(autograd, name)(x), [x], create_graph=True)
        return slope * w + slope * slope + x * w

    compare(f, [w], np.array(points))


@pytest.mark.parametrize("name", UNARY)
def test_third_derivative_of_every_unary_row(name):
    points = [p[0] for p in TABLE[name].points]

    def f(x):
        [slope] = gradients(getattr(autograd, name)(x), [x], create_graph=True)
        [bend] = gradients(slope, [x], create_graph=True)
        return bend + x

    compare(f, [], np.array(points))


@pytest.mark.parametrize("name", UNARY)
def test_second_derivative_for_a_parameter(name):
    for point, *_ in points_of(name):
        w = Value(point, "w")

        def f(x, w=w):
            [slope] = gradients(getattr(autograd, name)(w) * x, [w], create_graph=True)
            return slope * x + slope

        compare(f, [w], np.array([0.5, 1.5]))


@pytest.mark.parametrize("name", BINARY)
def test_second_derivatives_of_every_binary_row(name):
    points = np.array([p[:2] for p in points_of(name)])
    w = Value(0.7, "w")

    def f(x):
        for_x, for_z = gradients(
            getattr(autograd, name)(x[0], x[1]), [x[0], x[1]], create_graph=True
        )
        return for_x * w + for_z * w * w + for_x * for_z + x[0] * w

    compare(f, [w], points)


@pytest.mark.parametrize("name", ["leaky_relu", "elu"])
def test_second_derivatives_with_an_operand_that_may_be_left_out(name):
    slope = Value(0.3, "slope")

    def f(x):
        y = getattr(autograd, name)(x, slope)
        for_x, for_slope = gradients(y, [x, slope], create_graph=True)
        return for_x * for_slope + for_x

    compare(f, [slope], np.array([-2.0, -0.5, 0.0, 0.5, 2.0]))


def test_second_derivative_of_where():
    def f(x):
        y = where(x[0] > 0.0, x[1] ** 3, x[2] ** 2 * x[1])
        slopes = gradients(y, x.tolist(), create_graph=True)
        return slopes[1] * slopes[2] + slopes[0] + slopes[1] ** 2

    compare(f, [], X)


@pytest.mark.parametrize("activate", [tanh, sigmoid, softplus, autograd.relu, autograd.gelu])
@pytest.mark.parametrize("batch", few([4, 1, 300], 3))
def test_gradient_penalty_of_an_mlp(activate, batch):
    run, parameters = mlp(1, 3, 4, 2, 1)
    few = np.random.default_rng(2).normal(size=(5, 3))
    x = np.resize(few, (batch, 3))

    def f(x):
        [y] = run(x.tolist(), activate)
        slopes = gradients(y, x.tolist(), create_graph=True)
        norm = autograd.sqrt(autograd.sum([g * g for g in slopes]) + 1e-6)
        return y + 10.0 * (norm - 1.0) ** 2

    compare(f, parameters, x)


def test_hessian_vector_product():
    run, parameters = mlp(3, 3, 4, 1)
    v = rng.normal(size=len(parameters)).tolist()

    def f(x, y):
        loss = (run(x.tolist())[0] - y) ** 2
        g = gradients(loss, parameters, create_graph=True)
        along = autograd.sum([a * b for a, b in zip(g, v, strict=True)])
        return autograd.sum(gradients(along, parameters, create_graph=True))

    compare(f, parameters, X, Y)


def test_hessian_rows_as_outputs():
    w = weights(4, 3)

    def f(x):
        loss = softplus(dot(w, x)) * w[0]
        g = gradients(loss, w, create_graph=True)
        return [gradients(slope, w, create_graph=True) for slope in g]

    c = autograd.compile(f)
    rows = np.array(c(X)).transpose(2, 0, 1)
    for x, hessian in zip(X, rows, strict=True):
        expected = [[h.data for h in row] for row in f(autograd.array(x))]
        assert_same(hessian, expected)
        assert_same(hessian, hessian.T)


def test_physics_informed_residual():
    run, parameters = mlp(5, 2, 5, 1)

    def f(x):
        t, z = x
        [u] = run([t, z])
        [for_t, for_z] = gradients(u, [t, z], create_graph=True)
        [second] = gradients(for_z, [z], create_graph=True)
        return (for_t + u * for_z - 0.01 * second) ** 2

    compare(f, parameters, X[:, :2])


def test_force_matching_of_pairs():
    scale, width = Value(1.3), Value(0.7)

    def f(positions):
        p = positions.tolist()
        energy = autograd.sum(
            [scale * autograd.exp(-width * (p[i] - p[j]) ** 2) for i in range(4) for j in range(i)]
        )
        forces = gradients(energy, p, create_graph=True)
        return autograd.sum([g * g for g in forces])

    compare(f, [scale, width], rng.normal(size=(4, 4)))


def test_a_step_of_gradient_descent_inside():
    w, rate = weights(6, 3), Value(0.1)

    def f(x, y):
        loss = (dot(w, x) - y) ** 2
        g = gradients(loss, w, create_graph=True)
        moved = [v - rate * s for v, s in zip(w.tolist(), g, strict=True)]
        return (dot(moved, x) - 2.0 * y) ** 2

    compare(f, leaves_of(w, rate), X, Y)


def test_several_steps_inside():
    w, rate = weights(7, 3), Value(0.05)

    def f(x):
        moved = w.tolist()
        for _ in range(3):
            g = gradients(tanh(dot(moved, x)) ** 2, moved, create_graph=True)
            moved = [v - rate * s for v, s in zip(moved, g, strict=True)]
        return dot(moved, x)

    compare(f, leaves_of(w, rate), X)


def test_without_create_graph_the_gradient_is_a_constant():
    w = weights(8, 3)

    def f(x):
        y = tanh(dot(w, x))
        slopes = gradients(y, w)
        return y * slopes[0] + autograd.sum(
            [s * v for s, v in zip(slopes, w.tolist(), strict=True)]
        )

    compare(f, leaves_of(w), X)


def test_gradients_for_interior_nodes():
    w = weights(9, 3)

    def f(x):
        h = [tanh(v * w[i]) for i, v in enumerate(x.tolist())]
        again = [tanh(v * w[i]) for i, v in enumerate(x.tolist())]
        y = dot(h, h) * h[0] + again[0] * h[1]
        slopes = gradients(y, [*h, *again, w[0]], create_graph=True)
        return autograd.sum([s * (i + 1.0) for i, s in enumerate(slopes)])

    compare(f, leaves_of(w), X)


def test_gradients_of_the_output_itself_of_a_leaf_and_of_what_is_not_reached():
    w, other = Value(2.0), Value(3.0)

    def f(x):
        y = x * w
        g = gradients(y, [y, x, other, w, y], create_graph=True)
        [one] = gradients(w, [w], create_graph=True)
        [none] = gradients(x.detach() * 1.0, [x], create_graph=True)
        return autograd.sum([v * (i + 1.0) for i, v in enumerate(g)]) + one * x + none + other * 0.0

    compare(f, [w, other], Y)


def test_stopped_gradients_stay_stopped_in_the_second_derivative():
    w = Value(0.6)

    def f(x):
        y = tanh(w * x) * (w * x).detach() + x**3
        [slope] = gradients(y, [x], create_graph=True)
        return slope * slope.detach() + slope * w

    compare(f, [w], Y)


def test_equal_expressions_have_their_own_gradients():
    def f(x):
        a, b = x * x, x * x
        [for_a] = gradients(a * a * b, [a], create_graph=True)
        [for_x] = gradients(for_a, [x], create_graph=True)
        return for_a + for_x

    compare(f, [], Y)


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("function", [autograd.sin, autograd.exp, tanh, lambda x: x**5])
def test_higher_derivatives(order, function):
    w = Value(0.9)

    def f(x):
        y = function(w * x)
        for _ in range(order):
            [y] = gradients(y, [x], create_graph=True)
        return y

    compare(f, [w], Y, rel=1e-8)


def test_softmax_and_logsumexp_twice():
    w = weights(10, 3)

    def f(x):
        z = [v * u for v, u in zip(x.tolist(), w.tolist(), strict=True)]
        y = autograd.logsumexp(z) + dot(autograd.softmax(z), x)
        slopes = gradients(y, z, create_graph=True)
        return autograd.sum([s * s for s in slopes])

    compare(f, leaves_of(w), X)


@settings(max_examples=examples(40))
@given(
    st.lists(
        st.sampled_from(["tanh", "sin", "mul", "add", "sigmoid", "square", "max"]), max_size=8
    ),
    st.lists(st.floats(-1.5, 1.5).map(lambda v: round(v, 2)), min_size=4, max_size=4),
)
def test_penalties_of_random_programs(names, xs):
    w = [Value(0.7, "w0"), Value(-0.4, "w1")]

    def f(x):
        pool = [x[0], x[1], *w]
        for i, name in enumerate(names):
            a, b = pool[-1], pool[(3 * i) % len(pool)]
            pool.append(
                {
                    "tanh": lambda a, b: tanh(a * b),
                    "sin": lambda a, b: autograd.sin(a + b),
                    "mul": lambda a, b: a * b,
                    "add": lambda a, b: a + 0.5 * b,
                    "sigmoid": lambda a, b: sigmoid(a) * b,
                    "square": lambda a, b: (a - b) ** 2,
                    "max": lambda a, b: autograd.maximum(a, b) * a,
                }[name](a, b)
            )
        y = autograd.sum(pool[-3:]) + x[0] * x[1]
        slopes = gradients(y, [x[0], x[1], *w], create_graph=True)
        return autograd.sum([s * s for s in slopes])

    compare(f, w, np.array(xs).reshape(2, 2), rel=1e-8)
