"""`take`: the same as indexing, eagerly and compiled, with its gradient."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
from beside_eager import compare, in_order_of, leaves_of, weights
from effort import examples, few
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import IndexRangeError, Value, dot, gradients, take, tanh

rng = np.random.default_rng(0)
X = rng.normal(size=(6, 3))
I = np.array([2, 0, 1, 1, 0, 1])


# Eagerly


def test_take_is_indexing():
    values = [Value(1.0), Value(2.0), Value(3.0)]
    assert take(values, 1) is values[1]
    assert take(tuple(values), np.int64(2)) is values[2]
    assert take(np.array(values), np.array(0)) is values[0]
    assert take([0.1, 0.7], 1) == 0.7
    assert take(autograd.array(np.eye(3)), 2).shape == (3,)


def test_take_of_an_array_of_indices():
    table = weights(1, 4, 2)
    rows = take(table, np.array([3, 3, 0]))
    assert rows.shape == (3, 2)
    assert rows[0, 1] is table[3, 1]
    assert take(np.arange(5.0), [4, 0]).tolist() == [4.0, 0.0]


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_an_index_outside_raises(index):
    with pytest.raises(IndexRangeError, match=f"index {index} is outside the 3 values"):
        take([1.0, 2.0, 3.0], index)
    assert issubclass(IndexRangeError, IndexError)
    assert issubclass(IndexRangeError, ValueError)


@pytest.mark.parametrize("index", [1.5, 1.0, "1", None, math.nan])
def test_an_index_that_is_no_whole_number_raises(index):
    with pytest.raises(TypeError, match="whole number"):
        take([1.0, 2.0, 3.0], index)


def test_the_eager_gradient_goes_to_what_was_taken():
    table = weights(2, 3, 2)
    y = dot(take(table, 1), take(table, 1)) + take(table, 0)[1]
    y.backward()
    expected = np.zeros((3, 2))
    expected[1] = 2 * autograd.data(table)[1]
    expected[0, 1] = 1.0
    np.testing.assert_allclose(autograd.grads(table), expected)


# Compiled: what is taken from

T1, T2, T3 = weights(3, 3), weights(4, 3, 2), weights(5, 3, 2, 2)


@pytest.mark.parametrize("batch", few([6, 1, 300], 3))
@pytest.mark.parametrize(
    "f",
    [
        lambda i: take(T1, i) ** 2,
        lambda i: take(T1.tolist(), i) ** 2,
        lambda i: take(tuple(T1), i) * 3.0,
        lambda i: -take(T1, i),
        lambda i: take([-v for v in T1], i),
        lambda i: 1.0 - take([1.0 - v for v in T1], i),
        lambda i: take([v - 2.0 for v in T1], i) - take(T1, i),
        lambda i: take([2.0 * v for v in T1], i) * take(T1, i),
        lambda i: take([tanh(v) for v in T1], i) + i * T1[0],
        lambda i: take([T1[0], T1[0], T1[1]], i) ** 2,
        lambda i: take([T1[0], 5.0, -1.0], i) * T1[1],
        lambda i: take([1.0, 2.0, 4.0], i) * T1[0],
        lambda i: take(np.array([1.0, 2.0, 4.0]), i) * T1[0],
        lambda i: tanh(dot(take(T2, i), take(T2, i))),
        lambda i: dot(take(T2, i), [1.0, -2.0]),
        lambda i: take(T2, i)[1] * take(T2.tolist(), i)[0],
        lambda i: take(T2[:, 0], i) * take(T2[:, ::-1][:, 0], i),
        lambda i: take(T2.T[0], i) ** 3,
        lambda i: take(T3, i).sum() * take(T3, i)[1, 0],
        lambda i: (take(T3, i) @ take(T2, i)).sum(),
        lambda i: take([take(T1, i), T1[0] * 2.0, T1[1]], i) ** 2,
        lambda i: take(T1, i).detach() * take(T1, i),
        lambda i: take([T1[0] * i, T1[1] + i, T1[2] - i], i) ** 2,
    ],
)
def test_take_from(f, batch):
    compare(f, leaves_of(T1, T2, T3), np.resize(I, batch))


@pytest.mark.parametrize("batch", few([6, 1, 300], 3))
@pytest.mark.parametrize(
    "f",
    [
        lambda x, i: take(x, i) ** 2,
        lambda x, i: take(x.tolist(), i) * T1[0],
        lambda x, i: take([-v for v in x], i),
        lambda x, i: take(x * T1, i) ** 2,
        lambda x, i: take([x[0], T1[0], x[1] * T1[1]], i) ** 2,
        lambda x, i: take([T1[0], T1[1], x[0]], i) * x[1],
        lambda x, i: take([1.0, x[0], 0.0], i) + T1[0],
        lambda x, i: take(np.outer(x, T1), i) @ x,
        lambda x, i: take(T2 * x[0], i).sum() * take(x, i),
        lambda x, i: -autograd.log(take(autograd.softmax(x * T1), i)),
        lambda x, i: -take(autograd.log_softmax(x * T1), i),
        lambda x, i: autograd.logsumexp(x * T1) - take(x * T1, i),
        lambda x, i: take([take(x, i), x[0], take(T1, i)], i) * x[2],
        lambda x, i: autograd.sum([take(x, i) * v for v in x]) - take(T1, i) * x[0],
    ],
)
def test_take_from_what_differs_from_example_to_example(f, batch):
    compare(f, leaves_of(T1, T2), np.resize(X, (batch, 3)), np.resize(I, batch))


@pytest.mark.parametrize(
    "f",
    [
        lambda x, i: autograd.where(autograd.eq(i, 2.0), T1[0], 0.0) * x[0],
        lambda x, i: autograd.where(autograd.eq(i, 5.0), x[0], 0.0) * take(T1, i),
        lambda x, i: autograd.where(autograd.eq(i, 0.5), T1[0], 0.0) * x[1] * take(T1, i),
        lambda x, i: autograd.where(autograd.eq(i, -1.0), T1[0], 0.0) * x[1] * take(T1, i),
        lambda x, i: autograd.where(autograd.eq(x[0], 1.5), T1[0], 0.0) * x[1] + take(T1, i),
        lambda x, i: take(x, i) - autograd.where(autograd.eq(i, 1.0), T1[0], 0.0) * x[1],
        lambda x, i: autograd.where(autograd.eq(i, T1[0]), T1[1], 0.0) * x[1] + take(T1, i),
    ],
)
def test_a_comparison_that_looks_like_a_choice(f):
    x = np.resize(X, (6, 3))
    x[::2, 0] = 1.5
    compare(f, leaves_of(T1), x, I)


# Embeddings


@pytest.mark.parametrize("batch", [1, 5, 300])
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.int16])
def test_an_embedding_at_several_positions_with_repeated_indices(batch, dtype):
    table, head = weights(6, 5, 3, name="table"), weights(7, 4, 3, name="head")
    few = np.array([[0, 0, 0, 0], [4, 1, 4, 1], [2, 2, 3, 4]])
    tokens = np.resize(few, (batch, 4)).astype(dtype)

    def f(tokens):
        rows = [take(table, t) for t in tokens]
        return autograd.sum([tanh(dot(row, head[p])) for p, row in enumerate(rows)])

    compare(f, leaves_of(table, head), tokens)


@pytest.mark.parametrize("batch", [3, 300])
def test_take_with_an_array_of_indices_compiled(batch):
    table = weights(8, 5, 3)
    tokens = np.resize(np.array([[0, 0], [4, 1], [1, 4]]), (batch, 2))

    def f(tokens):
        rows = take(table, tokens)
        assert rows.shape == (2, 3)
        return dot(rows[0], rows[1]) + rows.sum() ** 2

    compare(f, leaves_of(table), tokens)


def test_two_axes_of_indices():
    table = weights(9, 4, 2)

    def f(tokens):
        rows = take(table, tokens)
        assert rows.shape == (2, 3, 2)
        return autograd.sum(tanh(rows) * rows[::-1])

    compare(f, leaves_of(table), rng.integers(0, 4, size=(5, 2, 3)))


def test_a_language_model_with_tied_embeddings():
    table, mix = weights(10, 6, 3, name="table", scale=0.5), weights(11, 2, name="mix")

    def f(tokens):
        loss = []
        for p in range(2, 5):
            h = take(table, tokens[p - 1]) * mix[0] + take(table, tokens[p - 2]) * mix[1]
            logits = [dot(row, h) for row in table]
            loss.append(-take(autograd.log_softmax(logits), tokens[p]))
        return autograd.mean(loss)

    compare(f, leaves_of(table, mix), rng.integers(0, 6, size=(4, 5)))


def test_a_constant_among_the_candidates_is_copied_for_all_places_at_once():
    def f(x, i):
        return autograd.sum([take([*(-x[t]).tolist(), 0.5], i[t]) for t in range(4)])

    x, i = rng.normal(size=(3, 4, 5)), rng.integers(0, 6, (3, 4))
    compare(f, [], x, i)
    steps = autograd.compile(f).lower(x, i).steps
    assert len([step for step in steps if step.kind == "apply" and step.row is None]) <= 2


@pytest.mark.parametrize("dtype", ["i1", "u1", "<i8", ">i8", "u8"])
def test_indices_of_every_kind_are_checked(dtype):
    w = weights(3, 200)
    c = autograd.compile(lambda i: take(w, i))
    last = min(199, np.iinfo(dtype).max)
    assert c(np.array([0, last], dtype)).tolist() == [w[0].data, w[last].data]
    for wrong in {np.iinfo(dtype).min, np.iinfo(dtype).max} - {0, last}:
        with pytest.raises(IndexRangeError, match=f"index {wrong} of input 'i', example 1"):
            c(np.array([0, wrong], dtype))


def test_positions_and_tokens_and_types():
    tokens, positions, kinds = weights(12, 5, 3), weights(13, 4, 3), weights(14, 2, 3)

    def f(i, k):
        total = 0.0
        for p in range(4):
            row = take(tokens, i[p]) + positions[p] + take(kinds, k)
            total = total + tanh(row.sum()) * row[0]
        return total

    i, k = rng.integers(0, 5, size=(4, 4)), rng.integers(0, 2, size=4)
    compare(f, leaves_of(tokens, positions, kinds), i, k)


def test_one_index_into_tables_of_different_lengths():
    long, short = weights(15, 6), weights(16, 3)

    def f(i):
        return take(long, i) * take(short, i) + take(long.tolist()[:4], i)

    c = compare(f, leaves_of(long, short), I)
    with pytest.raises(IndexRangeError, match="outside the 3 values"):
        c(np.array([3]))


def test_an_index_is_a_number_in_arithmetic():
    def f(i, x):
        return take(T1, i) * i + i * i * x[0] + tanh(x[1] * i) + autograd.where(i > 1, x[2], i)

    compare(f, leaves_of(T1), I, X)


def test_an_index_compared():
    def f(i, j):
        return autograd.where(autograd.eq(i, j), T1[0], take(T1, i) * take(T1, j))

    compare(f, leaves_of(T1), I, I[::-1].copy())


def test_the_gradient_of_a_table_for_indices_that_do_not_occur_is_zero():
    table = weights(17, 50, 2)
    c = autograd.compile(lambda i: take(table, i).sum() ** 2)
    gradient = c.value_and_grad(np.array([7, 7, 49]))[1]
    gradient = in_order_of(c, gradient, leaves_of(table)).reshape(50, 2)
    assert set(np.flatnonzero(gradient.any(axis=1)).tolist()) == {7, 49}
    compare(lambda i: take(table, i).sum() ** 2, leaves_of(table), np.array([7, 7, 49]))


# Indices computed from integer inputs


@settings(max_examples=examples(60))
@given(st.data())
def test_integer_arithmetic_is_an_index(data):
    def draw(*choices):
        return data.draw(st.sampled_from(choices))

    text = "i"
    for _ in range(draw(1, 2, 3)):
        other = draw("1", "2", "3", "j", "(j + 1)", "-j")
        text = draw(
            f"({text} + {other})", f"({text} - {other})", f"({other} - {text})",
            f"({text} * {other})", f"{text} // {draw('2', '3', '(j + 1)')}", f"-{text}",
            f"{text} % {draw('2', '5')}", f"abs({text})", f"np.clip({text}, 0, 2)",
        )  # fmt: skip
    scope = {"take": take, "T1": T1, "np": np}
    k = f"({text}) % 3"
    f = eval(f"lambda i, j: take(T1, {k}) * take([T1[0] * i, T1[1], T1[2]], {k}) + j", scope)
    compare(f, leaves_of(T1), np.arange(6, dtype=draw("u1", "i2", "i8")), I)


def test_a_window_into_an_image():
    kernel, image = weights(20, 2, 2), rng.normal(size=(5, 4, 4))

    def f(image, y, x):
        flat = image.ravel()
        at = [[take(flat, (y + a) * 4 + x + b) for b in range(2)] for a in range(2)]
        return tanh(autograd.sum(np.array(at) * kernel))

    y, x = rng.integers(0, 3, size=(2, 5))
    c = compare(f, leaves_of(kernel), image, y, x)
    assert str(c.program).startswith("image[4,4,B], y[B], x[B], 4 parameters ->")
    with pytest.raises(IndexRangeError, match=r"index 1. of input '… \+ "):
        c(image, y + 2, x)


def test_integers_are_exact_in_float32_and_beyond_2_to_the_53():
    i = np.array([2**24 + 1, 2**53 + 1, 2**60 + 3])
    c = autograd.compile(lambda i: take(T1 * T1, i % 3), dtype="float32")
    mean, gradient = c.value_and_grad(i)
    w = autograd.data(T1)
    np.testing.assert_allclose(mean, np.mean(w[i % 3] ** 2), rtol=1e-6)
    np.testing.assert_allclose(gradient, 2 * w * np.bincount(i % 3, minlength=3) / 3, rtol=1e-6)


def test_an_index_divided_by_zero():
    with pytest.raises(ArithmeticError, match="divide by zero"):
        autograd.compile(lambda i: take(T1, 2 // i))(np.array([1, 0]))


def test_an_input_used_by_a_computed_index_alone_is_used():
    assert autograd.compile(lambda i: take([1.0, 2.0], 1 - i) * T1[0])(np.array([1])).shape == (1,)
    with pytest.raises(ValueError, match="ignores its input 'i'"):
        autograd.compile(lambda i, x: [x, take(T1, i + 1)][0])(I, X[:, 0])
    c = autograd.compile(lambda i, x: [x, take(T1, i + 1)][0], unused_inputs=True)
    assert c(I, X[:, 0]).tolist() == X[:, 0].tolist()


def test_computed_indices_are_recorded_the_same_again_only_if_they_are():
    def compiled(step):
        return autograd.compile(lambda i: take(T1, i + 1 if step else i + 0) + 0 * (i + 1 - step))

    assert compiled(1)(np.array([0])) == T1[1].data
    assert compiled(0)(np.array([0])) == T1[0].data


# nan and inf


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_selected_does_not_spoil(bad):
    table = autograd.array([[1.0, 2.0], [bad, bad], [3.0, 4.0]])

    def f(i):
        return dot(take(table, i), [0.5, 1.5]) ** 2

    for i in ([0, 2, 2], [0, 1, 2], [1, 1, 1]):
        compare(f, leaves_of(table), np.array(i))


def test_nan_stays_in_the_value_that_is_not_selected():
    def f(x, i):
        return take([autograd.log(v * T1[0]) for v in x], i) + take([v / v for v in x], i)

    # The derivatives are another matter: a candidate that is not selected gets the cotangent 0,
    # which times an infinite partial is nan, as with `where`.
    x = np.array([[-1.0, 2.0, 0.0], [0.0, 1.0, np.inf], [1.0, np.nan, 3.0], [2.0, 1.0, 1.0]])
    for i in range(3):
        found = autograd.compile(f)(x, np.full(4, i))
        expected = [f(autograd.array(row), i).data for row in x]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


# Second derivatives


def test_second_derivatives_through_take():
    def f(x, i):
        z = [v * v * u for v, u in zip(x.tolist(), T1.tolist(), strict=True)]
        y = take(z, i) ** 2 * take(T1, i)
        slopes = gradients(y, x.tolist(), create_graph=True)
        return autograd.sum([s * s for s in slopes])

    compare(f, leaves_of(T1), X, I)


def test_second_derivatives_for_a_table():
    def f(i, j):
        y = tanh(take(T1, i) * take(T1, j)) + take(T1, i) ** 3
        slopes = gradients(y, T1, create_graph=True)
        return autograd.sum([s * s for s in slopes])

    compare(f, leaves_of(T1), I, I[::-1].copy())


def test_penalty_on_the_embedding_taken():
    table, w = weights(18, 4, 2), weights(19, 2)

    def f(i):
        row = take(table, i).tolist()
        slopes = gradients(tanh(dot(w, row)) * row[0], row, create_graph=True)
        return dot(slopes, slopes)

    compare(f, leaves_of(table, w), np.array([3, 1, 3]))


# At random


@settings(max_examples=examples(40))
@given(st.integers(0, 10**6))
def test_random_programs_with_take(seed):
    r = random.Random(seed)
    n = r.randint(1, 5)
    table = weights(seed, n, 2)
    flat = weights(seed + 1, n)
    batch = r.choice([1, 3, 9])
    i = np.random.default_rng(seed).integers(0, n, size=(batch, 3))
    x = np.random.default_rng(seed).normal(size=(batch, n))
    recipe = [(r.randrange(7), r.randrange(3), r.randrange(3)) for _ in range(r.randint(1, 6))]

    def term(kind, a, b, x):
        row = take(table, a)
        return [
            lambda: dot(row, take(table, b)),
            lambda: tanh(row[0] * take(flat, b)),
            lambda: take(x, a) * take(flat, b),
            lambda: take([-v for v in flat], a) - take(x * flat, b),
            lambda: take([row[0], *table[:, 1]][:n], a) ** 2,
            lambda: autograd.maximum(row[0], take(table.tolist(), b)[1]),
            lambda: -take(autograd.log_softmax(x * flat), a),
        ][kind]()

    def f(i, x):
        total = x[0] * flat[0]
        for kind, a, b in recipe:
            total = total + term(kind, i[a], i[b], x)
        return total

    compare(f, leaves_of(table, flat), i, x, rel=1e-8)


# A table of parameters: its gradient has one node for each, however often it is looked up


def looked_up_often(table, x, i):
    rows = [take(table, i[t]) for t in range(4)]
    return autograd.sum([tanh(a * b) for a, b in itertools.pairwise(autograd.array(rows).ravel())])


TABLES = {
    "often": looked_up_often,
    "added up": lambda table, x, i: autograd.sum(take(table, i[0])),  # its cotangents are shared
    "added up often": lambda table, x, i: autograd.sum([v for t in i for v in take(table, t)]),
    "shared and batched": lambda table, x, i: take(table, i[0])[0] + x[0] * take(table, i[1])[0],
    "one cotangent": lambda table, x, i: autograd.sum(take(table, i[0])) * x[0],
    "twice in it": lambda table, x, i: take([table[0, 0], table[1, 0], table[0, 0]], i[3]) * x[1],
    "two tables": lambda table, x, i: take(table[:, 0], i[0]) * take(table[:3, 0], i[3]) * x[2],
    "read elsewhere": lambda table, x, i: take(table, i[0])[1] * table[2, 1] * x[0] + table[0, 0],
    "with computed ones": lambda table, x, i: take([table[0, 0], x[0] * table[1, 0], 2.0], i[3]),
    "detached": lambda table, x, i: take(table, i[0])[0].detach() * take(table, i[1])[0] * x[0],
    "second order": lambda table, x, i: gradients(
        tanh(take(table, i[0])[0] * x[0] * table[0, 1]), [table[0, 1]], create_graph=True
    )[0],
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_parameters_beside_the_engine(name):
    table = weights(3, 5, 2)
    indices = np.random.default_rng(1).integers(0, 3, (6, 4))
    compiled = autograd.compile(lambda x, i: TABLES[name](table, x, i), unused_inputs=True)
    value, gradient = compiled.value_and_grad(X, indices)
    examples = zip(X, indices.tolist(), strict=True)
    mean = sum(TABLES[name](table, [*map(Value, x)], i) for x, i in examples) / len(X)
    mean.backward()
    np.testing.assert_allclose(value, mean.data, rtol=1e-12)
    expected = [v.grad for v in compiled.parameters]
    np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("times", [1, 2, 30])
def test_the_size_of_a_program_does_not_grow_with_lookups_times_rows(times):
    table = weights(4, 50, 3)
    compiled = autograd.compile(
        lambda i: autograd.sum([v * v for t in range(times) for v in take(table, i[t])])
    )
    tape = compiled.lower(np.zeros((1, times), int)).tape
    assert len(tape) < 2 * table.size + 20 * times
