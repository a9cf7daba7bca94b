"""Loops: eager, compiled and written out, the numbers and their gradients are the same."""

from __future__ import annotations

import array_api_strict as xp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, array, scan, take
from autograd.compiler.running.array_api import run_standard

RNG = np.random.default_rng(0)


def rnn(W, U, b, xs, **options):
    def step(h, x):
        h = [autograd.tanh(autograd.dot(W[i], h) + U[i] * x + b[i]) for i in range(3)]
        return h, h[0] * x

    return scan(step, [0.0, 0.0, 0.0], xs, **options)


def weights():
    rng = np.random.default_rng(1)
    return [
        array(rng.normal(size=shape), name=name)
        for shape, name in (((3, 3), "W"), ((3,), "U"), ((3,), "b"))
    ]


def compare(f, X, parameters=(), rel=1e-12, **options):
    """The values, the gradient of the mean and those of the inputs, compiled and in Values."""
    parameters = [v for p in parameters for v in np.ravel(p)]
    c = autograd.compile(f, input_gradients=True, parameters=parameters or None, **options)
    mean, gradient, inputs = c.value_and_grad(X)
    autograd.zero_grad(parameters)
    values, slopes = [], []
    for row in X:
        leaves = [Value(x) for x in row.ravel()]
        nest = np.array(leaves, dtype=object).reshape(row.shape)
        y = f(nest.view(autograd.ValueArray))
        (y / len(X)).backward()
        values.append(y.data)
        slopes.append([v.grad for v in leaves])
    np.testing.assert_allclose(c(X), values, rtol=rel, atol=rel)
    np.testing.assert_allclose(mean, np.mean(values), rtol=rel, atol=rel)
    np.testing.assert_allclose(gradient, [v.grad for v in parameters], rtol=rel, atol=rel)
    np.testing.assert_allclose(inputs.reshape(len(X), -1), slopes, rtol=rel, atol=rel)
    theta = xp.asarray([v.data for v in c.parameters], dtype=xp.float64)
    standard = run_standard(c.lower(X), xp, theta, [xp.asarray(X)])
    np.testing.assert_allclose(np.asarray(standard.gradient), gradient, rtol=rel, atol=rel)
    np.testing.assert_allclose(np.asarray(standard.input_gradients[0]), inputs, rtol=rel, atol=rel)
    return c


@pytest.mark.parametrize("keep_every", [1, 2, 3, 7, 100])
def test_a_recurrent_network(keep_every):
    W, U, b = weights()

    def loss(x):
        h, outputs = rnn(W, U, b, x, keep_every=keep_every)
        return autograd.dot(h, h) + sum(y * y for y in outputs)

    compare(loss, RNG.normal(size=(5, 7)), (W, U, b))


def test_a_loop_is_as_long_as_one_step():
    W, U, b = weights()
    lengths = [
        len(autograd.compile(lambda x: rnn(W, U, b, x)[0][0]).lower(np.zeros((2, n))).instructions)
        for n in (3, 300)
    ]
    assert lengths[0] == lengths[1] < 12


def test_it_equals_what_is_written_out():
    W, U, b = weights()

    def written_out(x):
        h = [0.0, 0.0, 0.0]
        for t in range(6):
            h = [autograd.tanh(autograd.dot(W[i], h) + U[i] * x[t] + b[i]) for i in range(3)]
        return autograd.dot(h, h)

    def looped(x):
        h, _ = rnn(W, U, b, x)
        return autograd.dot(h, h)

    X = RNG.normal(size=(4, 6))
    parameters = [*np.ravel(W), *U, *b]
    found = [
        autograd.compile(f, parameters=parameters).value_and_grad(X) for f in (written_out, looped)
    ]
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-13)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-12)


def test_second_derivatives():
    W, U, b = weights()

    def penalty(x):
        h, outputs = rnn(W, U, b, x)
        slopes = autograd.gradients(h[1] + sum(outputs), list(x), create_graph=True)
        return sum(g * g for g in slopes)

    compare(penalty, RNG.normal(size=(3, 5)), (W, U, b), rel=1e-11)


def test_third_derivatives():
    k = Value(0.7, "k")

    def f(x):
        y, _ = scan(lambda c, _: (autograd.sin(c * k) + x[0], None), x[1], length=4)
        [first] = autograd.gradients(y, [k], create_graph=True)
        [second] = autograd.gradients(first, [x[1]], create_graph=True)
        return second

    compare(f, RNG.normal(size=(3, 2)), [k], rel=1e-10)


def test_nested_loops():
    a, b = Value(0.8, "a"), Value(-0.3, "b")

    def f(x):
        def row(total, part):
            inner, squares = scan(lambda s, v: (autograd.tanh(s * a + v * total), s * s), b, part)
            return total + inner * part[0], sum(squares)

        last, outputs = scan(row, x[0, 0], x)
        return last + sum(y * y for y in outputs)

    compare(f, RNG.normal(size=(4, 3, 5)), [a, b], rel=1e-11)


def test_gradients_of_gradients_of_nested_loops():
    a = Value(0.8, "a")

    def f(x):
        def row(total, part):
            inner, _ = scan(lambda s, v: (autograd.sin(s * a + v), None), total, part)
            return inner, inner * a

        last, outputs = scan(row, x[0, 0], x)
        [slope] = autograd.gradients(last + outputs[1], [a], create_graph=True)
        return slope * slope

    compare(f, RNG.normal(size=(2, 3, 2)), [a], rel=1e-10)


def test_a_carry_in_dicts_lists_and_arrays():
    g = Value(0.1, "g")

    def f(x):
        def step(s, _):
            v = s["v"] - g * s["x"]
            return {"x": s["x"] + g * v, "v": v, "n": [s["n"][0] + 1.0]}, {"energy": (v * v).sum()}

        init = {"x": x, "v": np.array([0.0, 1.0]), "n": [0.0]}
        last, outputs = scan(step, init, length=9)
        return last["x"].sum() * last["n"][0] + outputs[4]["energy"]

    compare(f, RNG.normal(size=(3, 2)), [g])


def test_several_sequences_and_numbers_among_them():
    k = Value(1.3, "k")

    def f(x):
        steps = {"x": x, "t": [0.5 * t for t in range(4)], "w": [k, 1.0, k * k, x[0]]}
        last, outputs = scan(lambda c, s: (c * s["w"] + s["x"] * s["t"], s["w"] * c), 1.0, steps)
        return last + outputs[-1]

    compare(f, RNG.normal(size=(3, 4)), [k])


def test_choices_inside_of_a_loop():
    table = array(RNG.normal(size=(5, 2)), name="T")

    def f(letters, scale):
        def step(h, letter):
            row = take(table, letter)
            return h * 0.5 + autograd.dot(row, row) * scale, take([h, h * h, h], letter)

        h, outputs = scan(step, 0.0, letters)
        return h + sum(outputs)

    letters, scales = RNG.integers(0, 3, (6, 4)), RNG.normal(size=6)
    c = autograd.compile(f, parameters=table)
    mean, gradient = c.value_and_grad(letters, scales)
    autograd.zero_grad(table)
    values = []
    for row, scale in zip(letters, scales, strict=True):
        y = f(row.tolist(), float(scale))
        (y / 6).backward()
        values.append(y.data)
    assert mean == pytest.approx(np.mean(values))
    np.testing.assert_allclose(gradient, np.ravel(autograd.grads(table)), rtol=1e-12)
    with pytest.raises(autograd.IndexRangeError, match="outside the 3 values"):
        c(letters + 3, scales)


def test_integers_that_are_computed_inside_of_a_loop():
    table = array(RNG.normal(size=4), name="T")

    def f(letters, shift):
        def step(h, s):
            chosen = take(table, (s["letter"] + shift) % 4) * take(table, s["t"] // 2)
            return h + chosen, chosen

        h, outputs = scan(step, 0.0, {"letter": letters, "t": range(5)})
        return h + outputs[3]

    letters, shifts = RNG.integers(0, 9, (6, 5)), RNG.integers(0, 9, 6)
    c = autograd.compile(f, parameters=table)
    mean, gradient = c.value_and_grad(letters, shifts)
    autograd.zero_grad(table)
    values = []
    for row, shift in zip(letters.tolist(), shifts.tolist(), strict=True):
        y = f(row, shift)
        (y / 6).backward()
        values.append(y.data)
    assert mean == pytest.approx(np.mean(values))
    np.testing.assert_allclose(gradient, autograd.grads(table), rtol=1e-12)


def test_plain_integers_choose():
    table = array([1.0, 10.0, 100.0], name="T")

    def f(x):
        return scan(lambda c, i: (c + x * take(table, i), None), 0.0, range(3))[0]

    c = autograd.compile(f)
    assert c.value_and_grad([2.0])[1].tolist() == [2.0, 2.0, 2.0]
    assert c([2.0, 1.0]).tolist() == [222.0, 111.0]
    with pytest.raises(autograd.IndexRangeError, match="index 3 is outside the 3 values"):
        autograd.compile(
            lambda x: scan(lambda c, i: (c + x * take(table, i), None), 0.0, range(4))[0]
        )([1.0])


def test_without_a_batch_and_with_a_shared_loop():
    k = Value(0.9, "k")
    c = autograd.compile(lambda: scan(lambda s, _: (s * k, None), 1.0, length=5)[0])
    assert c.value_and_grad() == (pytest.approx(0.9**5), [pytest.approx(5 * 0.9**4)])
    c = autograd.compile(lambda x: x * scan(lambda s, _: (s * k, None), 1.0, length=5)[0])
    mean, gradient = c.value_and_grad([1.0, 2.0])
    assert mean == pytest.approx(1.5 * 0.9**5)
    assert gradient == pytest.approx([1.5 * 5 * 0.9**4])


def test_a_parameter_inside_and_outside_of_a_loop():
    k = Value(0.9, "k")

    def f(x):
        last, _ = scan(lambda s, v: (s * k + v + k * k, None), x[0], x)
        return last * k + k

    compare(f, RNG.normal(size=(3, 4)), [k])


def test_integrals_and_swapped_carries():
    def f(x):
        (a, b), outputs = scan(lambda c, v: ((c[1], c[0] + v), c[0]), (x[0], x[1]), x)
        return a * b + outputs[2]

    compare(f, RNG.normal(size=(3, 5)))


def test_the_last_carry_may_be_unused_and_nothing_depend_on_the_loop():
    k = Value(2.0, "k")

    def f(x):
        _, outputs = scan(lambda s, v: (s + v, v * v), 0.0, x)
        return outputs[1] * k

    c = compare(f, RNG.normal(size=(3, 4)), [k])
    assert "carry" not in str(c.program)


OPERATIONS = [
    lambda a, b: a * b, lambda a, b: a - b, lambda a, b: autograd.tanh(a) + b,
    lambda a, b: autograd.sin(a * b), lambda a, b: autograd.maximum(a, b),
    lambda a, b: autograd.where(a > b, a, 0.5 * b), lambda a, b: a / (2.0 + b * b),
    lambda a, b: autograd.sigmoid(a) * b, lambda a, b: autograd.dot([a, b, a], [b, b, 0.3]),
]  # fmt: skip
NUMBER = st.integers(0, 99)


@given(
    carries=st.integers(1, 3), outer=st.integers(0, 2), length=st.integers(1, 5),
    operations=st.lists(st.tuples(st.sampled_from(OPERATIONS), NUMBER, NUMBER), max_size=7),
    chosen=st.lists(NUMBER, min_size=5, max_size=5), batch=st.integers(1, 3),
    keep_every=st.integers(1, 4), loops=st.integers(1, 2), order=st.integers(1, 2),
)  # fmt: skip
def test_random_loops(
    carries, outer, length, operations, chosen, batch, keep_every, loops, order
):  # fmt: skip
    rng = np.random.default_rng(length)
    parameters = [Value(x, f"p{i}") for i, x in enumerate(rng.normal(size=outer + 1))]

    def step(carry, x):
        numbers = [*carry, x, *parameters[:outer], 0.7]
        for operation, a, b in operations:
            numbers.append(operation(numbers[a % len(numbers)], numbers[b % len(numbers)]))
        picked = [numbers[-1 - n % len(numbers)] for n in chosen]
        return picked[:carries], picked[3] + picked[4]

    def loss(x):
        carry, total = [parameters[-1] * (i + 1) for i in range(carries)], x[0] * parameters[-1]
        for _ in range(loops):
            carry, outputs = scan(step, carry, list(x), keep_every=keep_every)
            total = total + sum(carry) + sum(outputs) * outputs[0]
        if order == 2:
            slopes = autograd.gradients(total, [x[0], parameters[-1]], create_graph=True)
            total = slopes[0] * slopes[1] + total * 0.0
        return total

    with np.errstate(all="ignore"):
        compare(loss, rng.normal(size=(batch, length)), parameters, rel=1e-8)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("batch", [1, 40_000])
def test_a_batch_in_chunks(dtype, batch):
    W, U, b = weights()
    X = RNG.normal(size=(batch, 8))
    c = autograd.compile(lambda x: autograd.dot(*[rnn(W, U, b, x)[0]] * 2), dtype=dtype)
    mean, gradient = c.value_and_grad(X)
    parts = [
        c.value_and_grad(
            part,
        )
        for part in np.array_split(X, min(batch, 4))
    ]
    sizes = [len(part) for part in np.array_split(X, min(batch, 4))]
    expected = np.average([g for _, g in parts], axis=0, weights=sizes)
    np.testing.assert_allclose(gradient, expected, rtol=1e-4 if dtype == "float32" else 1e-11)
    assert mean == pytest.approx(np.average([m for m, _ in parts], weights=sizes), rel=1e-5)


def test_no_gradient_flows_through_detached_numbers():
    k = Value(0.9, "k")

    def f(x):
        last, _ = scan(lambda s, v: (s.detach() * k + v, None), x[0], x)
        with autograd.no_grad():
            other, _ = scan(lambda s, v: (s * k, None), x[0], x)
        return last + other

    compare(f, RNG.normal(size=(2, 3)), [k])


def test_programs_are_known_again_and_models_with_loops_are_trained():
    W, U, b = weights()
    c = autograd.compile(lambda x: rnn(W, U, b, x)[0][0])
    c(np.ones((2, 3)))
    assert c.is_current(np.ones((2, 3)))

    class Recurrent(nn.Module):
        def __init__(self):
            self.W, self.U, self.b = weights()

        def __call__(self, x):
            return rnn(self.W, self.U, self.b, x)[0]

    X, Y = RNG.normal(size=(12, 4)), RNG.normal(size=(12, 3))
    losses = []
    for compiled in (True, False):
        model = Recurrent()
        options = {"epochs": 2, "batch_size": 4, "seed": 0, "progress": False}
        losses.append(nn.fit(model, X, Y, loss=nn.mse, compiled=compiled, **options).loss)
    np.testing.assert_allclose(*losses, rtol=1e-12)


def test_only_parameters_move():
    k = Value(0.7, "k")
    c = autograd.compile(lambda x: sum(scan(lambda c, v: (c + v, v * k), 0.0, x)[1]))
    assert c.value_and_grad(np.ones((2, 3))) == (pytest.approx(2.1), [pytest.approx(3.0)])


@pytest.mark.parametrize("keep_every", [1, 2])
def test_none_is_a_nest_of_nothing(keep_every):
    k = Value(0.7, "k")

    def f(x):
        def step(carry, item):
            v, nothing = carry
            assert nothing is None is item[1]
            return (v * k + item[0], None), (v, None)

        (last, _), outputs = scan(step, (x[0], None), [(v, None) for v in x], keep_every=keep_every)
        last, _ = scan(lambda c, _: (c * k, None), last, length=3, keep_every=keep_every)
        return last + outputs[1][0]

    compare(f, RNG.normal(size=(2, 4)), [k])


def test_equal_integers_choose_and_loops_in_loops():
    table = array([1.0, 2.0, 3.0], name="T")

    def chosen(i):
        return lambda c, _: (c + scan(lambda a, j: (a + take(table, j), None), c, i)[0], None)

    for integers in ([1, 1], [1], [0, 2]):
        f = lambda x, i=integers: scan(chosen(i), x, length=2)[0]  # noqa: E731
        assert autograd.compile(f)([1.0]) == f(1.0).data


def test_gradients_within_a_step():
    k = Value(0.7, "k")

    def of_outside(x):
        z = k * x[0]
        last, _ = scan(
            lambda c, _: (c + autograd.gradients(z, [k], create_graph=True)[0], None), 0.0, length=2
        )
        return last

    def of_the_carry(x):
        def descend(c, v):
            [slope] = autograd.gradients((c - v) ** 4 * k, [c], create_graph=True)
            return c - 0.1 * slope, None

        return scan(descend, x[0], x)[0]

    for f in (of_outside, of_the_carry):
        compare(f, RNG.normal(size=(2, 3)), [k])
    items = [
        lambda x: (x, lambda c, v: autograd.gradients(c * k, [k])[0]),
        lambda x: ([k * x[0]], lambda c, v: autograd.gradients(v * v, [k])[0]),
    ]
    for make in items:

        def f(x, make=make):
            xs, slope = make(x)
            return scan(lambda c, v: (c * k, slope(c, v)), x[0], xs)[1][-1]

        with pytest.raises(autograd.TracerError, match="is not all in this step"):
            autograd.compile(f)(np.ones((2, 3)))


def test_steps_whose_output_is_not_used_send_nothing():
    k = Value(0.7, "k")
    f = lambda x: scan(lambda c, v: (c + v, (c * c * k) ** 0.5), 0.0, x)[1][-1]  # noqa: E731
    compare(f, np.ones((1, 3)), [k])


def test_eagerly_a_step_is_a_scope_and_nothing_else_is_recorded():
    k = Value(0.7, "k")

    def step(c, _):
        z = c * k
        z.backward()
        z.backward()  # a warning under record()
        autograd.gradients(z, [Value(1.0)])
        return z, None

    (last, _) = scan(step, Value(1.0), length=3)
    assert autograd.origin(last).scope == "step2"
    assert len(last.history) == 0
    with autograd.no_grad():
        last, _ = scan(lambda c, _: (c * k, None), k, length=2)
    assert autograd.origin(last).scope == ""


def test_nothing_to_scan():
    assert scan(lambda c, x: (c, x), 1.0, []) == (1.0, [])
    c = autograd.compile(lambda x: scan(lambda c, v: (c * v, None), x, [])[0])
    assert c([3.0]).tolist() == [3.0]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("step", "init", "xs", "options", "kind", "words"),
    [
        (lambda c, x: (c, None), 1.0, None, {}, ValueError, "takes xs, or the length"),
        (lambda c, x: (c, x), 1.0, ([1.0], [1.0, 2.0]), {}, ValueError, r"one length, got \[1, 2"),
        (lambda c, x: (c, None), 1.0, 3.0, {}, ValueError, "lists and arrays, got 3.0"),
        (lambda c, x: c, 1.0, [1.0], {}, TypeError, "returns a pair"),
        (lambda c, x: ([c], None), 1.0, [1.0], {}, TypeError, "keeps the shape of the carry"),
        (lambda c, x: ((c[0],), None), [1.0], [1.0], {}, TypeError, "keeps the shape"),
        (lambda c, x: (c, None), 1.0, [1.0], {"keep_every": 0}, ValueError, "keep_every is a"),
    ],
)  # fmt: skip
def test_errors_say_what_to_do(compiled, step, init, xs, options, kind, words):
    def f(x):
        return scan(step, init, xs, **options)[0] * x

    with pytest.raises(kind, match=words):
        autograd.compile(f)([1.0]) if compiled else f(1.0)


def test_a_choice_by_the_carry_is_refused():
    with pytest.raises(autograd.TracerError, match="neither true nor false"):
        autograd.compile(lambda x: scan(lambda c, v: (c if c > 0 else v, None), x[0], x)[0])(
            np.ones((2, 3))
        )


@pytest.mark.parametrize("use", [lambda i: 1.0 if i > 0 else 2.0, lambda i: [1.0, 2.0, 3.0][i]])
def test_a_step_is_recorded_for_all(use):
    def f(x):
        return scan(lambda c, i: (c + use(i), None), x, range(3))[0]

    with pytest.raises(autograd.TracerError, match="differs from step to step"):
        autograd.compile(f)([1.0])


def test_what_a_step_computed_is_not_kept_outside():
    kept = []

    def f(x):
        def step(c, v):
            kept.append(c * v)
            return c + v, None

        return scan(step, x[0], x)[0] + kept[-1]

    with pytest.raises(autograd.TracerError, match="tracer of another recording"):
        autograd.compile(f)(np.ones((2, 3)))
