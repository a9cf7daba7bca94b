"""Numbers and Values written into arrays, and numbers, gradients and names read from them."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import TracerError, Value
from autograd.errors import ReplacedLeafWarning
from nn import MLP

NUMBERS = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def weights():
    return autograd.array(NUMBERS, name="W")


def carry_out(statement, W):
    """Run a line of code on W, and return what W is then."""
    names = {"W": W, "np": np, "autograd": autograd, "Value": Value}
    exec(statement, names)
    return names["W"]


# Numbers go to the leaves

WRITES = [
    "W -= 0.5", "W += [[1], [2]]", "W *= np.arange(3)", "W /= 2", "W //= 2", "W %= 2", "W **= 2",
    "W @= np.eye(3)[::-1]", "W /= 0", "W[0] = 5.0", "W[:, 1] = [7, 8]", "W[0, 0] = 9",
    "W[-1, ::2] = 0", "W[W > 3] = 0", "W[[1, 0]] = W.T[:2].tolist() and [[1, 2, 3], [4, 5, 6]]",
    "W[...] = 1", "W[None, 0] = [[1, 2, 3]]", "W.T[...] = [[1, 2], [3, 4], [5, 6]]",
    "W[:, 1] -= 1", "W[1:][:, :2] *= 3", "W.reshape(-1)[2:5] = 0", "W.ravel()[1] = 8",
    "W.T[1] /= 4", "W.fill(3)", "W.put([0, 5], [9, 8])", "np.copyto(W, 7)",
    "np.copyto(W, [1, 2, 3], where=W > 2)", "np.put(W, [0, 7], [9, 8], mode='wrap')",
    "np.place(W, W > 3, [1, 2])", "np.putmask(W, W > 3, [1, 2])", "np.fill_diagonal(W, 0)",
    "np.put_along_axis(W, np.array([[0], [2]]), 9.0, 1)", "V = W[None]; V -= 1",
    "W[:, None][...] = 5", "np.atleast_3d(W)[...] = 1", "np.putmask(W, [1, 0, 1, 0, 1, 0], 9)",
    "W[0] = True", "W[0] = np.float32(0.5)", "W[:0] = 1", "W += True",
    "W[...] = np.ma.array([1, 2, 3])",
]  # fmt: skip


@pytest.mark.parametrize("statement", WRITES)
def test_numbers_are_written_into_the_leaves(statement):
    W = weights()
    leaves = list(W.flat)
    with np.errstate(all="ignore"):
        expected = carry_out(statement, NUMBERS.copy())
    assert carry_out(statement, W) is W
    np.testing.assert_array_equal(W.data, expected)
    assert all(v is leaf for v, leaf in zip(W.flat, leaves, strict=True))
    assert [v.op for v in leaves] == [None] * 6


@pytest.mark.parametrize(
    ("statement", "error", "message"),
    [
        ("W[0] = [1, 2]", ValueError, "could not broadcast"),
        ("W -= np.ones((2, 2, 3))", ValueError, "could not broadcast"),
        ("W += np.ones(4)", ValueError, "could not be broadcast"),
        ("W[0] = 'a'", TypeError, "got str 'a'"),
        ("W[0] = None", TypeError, "got NoneType"),
        ("W[0] = [1.0, 2.0, 1j]", TypeError, "no complex arithmetic"),
        ("W[0] = np.ma.array([1, 2, 3], mask=[0, 1, 0])", TypeError, "masked elements"),
        ("W *= np.ma.array([1, 2, 3], mask=[0, 1, 0])", TypeError, "masked elements"),
        ("W[0] = [Value(1.0), None, 3]", TypeError, "got NoneType"),
        ("W[0] = [W[0, 0] * 2, 'a', 3]", TypeError, "got str"),
        ("np.place(W, W > 3, [])", ValueError, "no values to write"),
        ("W[5] = 1.0", IndexError, "out of bounds"),
        ("np.broadcast_to(W[0], (2, 3))[0] = 5.0", ValueError, "read-only"),
        ("np.asarray(W)[0] = 5.0", ValueError, "read-only"),
        ("W.flat[4] = 0.0", ValueError, "read-only"),
        ("W.flat = [1.0, 2.0]", ValueError, "read-only"),
        ("np.random.shuffle(W)", ValueError, "read-only"),
        ("np.add.at(W, (0,), 1.0)", TypeError, r"add\.at would replace leaves: write W\[i\]"),
        ("W.resize(3, 3)", TypeError, r"write np\.resize\(W, shape\)"),
        ("W.data[0] = 5", ValueError, r"autograd\.assign\(W, numbers\)"),
        ("W.data[0, 1] -= 5", ValueError, r"autograd\.assign\(W, numbers\)"),
        ("W.grad[0] = 5", ValueError, r"write W\.grad = numbers"),
        ("W.grad[0, 1] -= 5", ValueError, r"write W\.grad = numbers"),
        ("np.add.at(np.zeros(3), [0, 1, 1], W[0])", TypeError, "make the array with dtype=object"),
        ("out = np.zeros(3); out[0] = W[0, 0]", TypeError, "is made with dtype=object"),
        ("W.data = [1, 2]", ValueError, r"shape \(2,\) to shape \(2, 3\)"),
        ("W.grad = [1, 2]", ValueError, "could not be broadcast"),
        ("W.grad = 'a'", TypeError, "got str 'a'"),
        ("W.name = 3", TypeError, "a name is a string or None, got int 3"),
        ("W.backward()", ValueError, r"has 6: write array\.sum\(\)\.backward\(\)"),
        ("(2 * W).data = 1", ValueError, "leaves only"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_changes_nothing(statement, error, message):
    W = weights()
    with pytest.raises(error, match=message):
        carry_out(statement, W)
    np.testing.assert_array_equal(W.data, NUMBERS)
    assert [v.op for v in W.flat] == [None] * 6
    assert not any(v.has_grad for v in W.flat)


@given(
    st.integers(0, 3), st.integers(0, 3), st.integers(1, 2), st.sampled_from(["-", "*", "+"]),
    st.floats(-3, 3), st.booleans(),
)  # fmt: skip
def test_any_basic_view_writes_the_leaves(start, stop, step, sign, x, turned):
    N, W = NUMBERS.copy(), weights()
    for array in (N, W):
        view = (array.T if turned else array)[:, slice(start, stop, step)][::-1]
        names = {"view": view, "x": x}
        exec(f"view {sign}= x; view[:1] = x", names)
    np.testing.assert_array_equal(W.data, N)


def test_objects_that_are_numbers_are_numbers():
    W = weights()
    W -= np.array([1, 2.0, 3], dtype=object)
    assert W.data.tolist() == [[0.0] * 3, [3.0] * 3]
    assert W[0, 0].op is None
    assert autograd.exp(np.array([0.0, 0], dtype=object)).dtype == float


def test_one_leaf_receives_one_number():
    x = Value(1.0, "x")
    W = autograd.array([x, x])
    with pytest.raises(ValueError, match=r"'x'\) is there twice, .* 3\.0 and 4\.0"):
        W[:] = [3.0, 4.0]
    assert x.data == 1.0
    W[:] = 2.0
    assert x.data == 2.0


def test_the_arrays_of_a_module_own_their_leaves():
    model = MLP(2, [3, 1], seed=0)
    loaded = pickle.loads(pickle.dumps(model))
    for each in (model, copy.deepcopy(model), loaded):
        neuron = each.layers[0].neurons[0]
        neuron.w -= neuron.w.data
        assert each.parameters()[0] is neuron.w[0]
        assert [v.data for v in each.parameters()[:2]] == [0.0, 0.0]
    assert (model.layers[0].neurons[1].w.data != 0).all()


@pytest.mark.parametrize(
    "made",
    [
        lambda W: W.copy(), lambda W: W[[0, 1]], lambda W: W[W > 0], lambda W: W[:1].sum(axis=0),
        lambda W: np.max(W[:1], axis=0), lambda W: np.concatenate([W, W]), lambda W: +W,
        lambda W: copy.copy(W), lambda W: W * 1.0, lambda W: np.array(W), lambda W: np.sort(W),
        lambda W: np.where(W > 0, W, 0.0), lambda W: W.astype(object), lambda W: np.stack([W, W]),
        lambda W: np.add(W, 0.0, out=np.empty((2, 3), dtype=object)), lambda W: np.ones_like(W),
        lambda W: W.T.reshape(-1), lambda W: np.take(W, [0, 1]), lambda W: W.flatten(),
    ],
)  # fmt: skip
def test_what_is_no_view_owns_nothing(made):
    W = weights()
    array = made(W)
    array[..., :1] = 5.0
    array -= 1.0
    assert autograd.data(array).flat[0] == 4.0
    np.testing.assert_array_equal(W.data, NUMBERS)


# Values take the place of elements


@pytest.mark.parametrize(
    "statement",
    [
        "W -= 0.1 * W", "W[0] = 2 * W[0]", "W[0, 0] -= 1", "W[[0, 1]] -= 1.0",
        "W[:, 1] = W[:, 0] * 1.0", "np.add(W, 1, out=W)", "W[0] = [Value(1.0) * 2, 1.0, 2.0]",
        "np.copyto(W, W * 2)", "W @= W.T @ W",
        "W[0] = W[0, 0].detach()",
    ],
)  # fmt: skip
def test_a_computed_value_that_replaces_a_leaf_is_warned_of_once(statement):
    with pytest.warns(ReplacedLeafWarning, match=r"leaf Value\(data=.*autograd\.assign") as caught:
        carry_out(statement + "; W[1] = W[1] * 2", weights())
    assert len(caught) == 1
    assert caught[0].filename == "<string>"


def test_a_warning_that_is_an_error_leaves_all_as_it_was():
    W = weights()
    for _ in range(2):
        with pytest.raises(ReplacedLeafWarning):  # warnings are errors in these tests
            W[:] = W * 2
    assert [v.op for v in W.flat] == [None] * 6


def test_values_on_the_right_record_as_an_expression_does():
    W = weights()
    first = W[0, 0]
    with pytest.warns(ReplacedLeafWarning):
        W -= 0.5 * W
    assert [v.op for v in W.flat] == ["sub"] * 6
    W.sum().backward()
    assert first.grad == 0.5


@pytest.mark.parametrize(
    "statement",
    [
        "W[0] = W[1]", "W[:] = W[:, ::-1]", "W[:] = autograd.array(W.data)", "W[0] = list(W[1])",
        "W[:] = Value(3.0)", "W.fill(Value(3.0))",
    ],
)  # fmt: skip
def test_an_array_of_leaves_that_is_not_copied_is_warned_of(statement):
    W = weights()
    with pytest.warns(ReplacedLeafWarning, match=r"not copied, .*write W\[i\] = x\.data"):
        carry_out(statement, W)
    assert [v.op for v in W.flat] == [None] * 6


def test_leaves_are_tied_and_a_view_is_put_back_in_silence():
    W, tied = weights(), Value(7.0, "tied")
    W[0, 0] = W[0, 2] = tied
    assert W[0, 0] is W[0, 2] is tied
    W = weights()
    W[:, 1] -= 1
    W[0] = W[0]
    assert [v.name for v in W[:, 1]] == ["W[0,1]", "W[1,1]"]


@pytest.mark.parametrize("statement", ["W.sort(axis=0)", "W.partition(1)", "W.sort()"])
def test_leaves_are_sorted_by_their_numbers(statement):
    numbers = np.array([[3.0, np.nan, 1.0], [2.0, 9.0, -1.0]])
    W, expected = autograd.array(numbers, name="W"), carry_out(statement, numbers.copy())
    carry_out(statement, W)
    np.testing.assert_array_equal(W.data, expected)
    assert W.name == "W"
    computed = autograd.array(numbers) * 1.0
    carry_out(statement, computed)
    np.testing.assert_array_equal(computed.data, expected)


def test_at_and_shuffles_of_what_owns_nothing():
    W, out = weights(), np.zeros(3, dtype=object)
    np.add.at(out, [0, 1, 1], W[0])
    out[1].backward()
    assert W.grad[0].tolist() == [0.0, 1.0, 1.0]
    computed = W[0] * 1.0
    np.random.default_rng(0).shuffle(computed)
    assert sorted(v.data for v in computed) == [1.0, 2.0, 3.0]


def test_leaves_in_a_mixed_array_still_move():
    W = weights()
    with pytest.warns(ReplacedLeafWarning):
        W[0] = 2 * W[0]
    W -= 1.0
    W[1, 1:] *= 2.0
    assert [v.op for v in W.flat] == ["sub"] * 3 + [None] * 3
    assert autograd.data(W).tolist() == [[1.0, 3.0, 5.0], [3.0, 8.0, 10.0]]
    W[1] = [Value(1.0) * 2, 7.0, W[1, 2]]
    assert [v.op for v in W[1]] == ["mul", None, None]
    assert autograd.data(W[1]).tolist() == [2.0, 7.0, 10.0]


def test_a_mixed_array_takes_numbers_as_elements():
    W = weights()
    with pytest.warns(ReplacedLeafWarning):
        W[0] = 2 * W[0]
    W[0] = 5.0
    assert autograd.data(W[0]).tolist() == [5.0] * 3


@pytest.mark.parametrize(
    "statement",
    [
        "W -= 1.0", "W[0] = 5.0", "W.data = 0.0", "autograd.assign(W, 0.0)", "W[0] = x", "W -= x",
        "W.fill(1)", "np.copyto(W, 1)", "W[0, 0].data = 1.0",
    ],
)  # fmt: skip
def test_parameters_are_not_written_while_a_function_is_compiled(statement):
    W = weights()

    def f(x):
        exec(statement, {"W": W, "x": x, "np": np, "autograd": autograd})
        return W.sum() * x

    with pytest.raises(TracerError, match="would be assigned while the function is recorded"):
        autograd.compile(f)([1.0])
    np.testing.assert_array_equal(W.data, NUMBERS)
    assert [v.op for v in W.flat] == [None] * 6


def test_no_tracer_stays_in_an_array_that_owns_its_leaves():
    W = weights()
    with pytest.warns(ReplacedLeafWarning):
        W[0] = 2 * W[0]

    def f(x):
        W[0, 0] = x
        return x

    with pytest.raises(TracerError, match="would be assigned"):
        autograd.compile(f)([1.0])
    assert W[0, 0].op == "mul"


def test_arrays_of_tracers_can_be_written():
    def f(x):
        A = autograd.array([x, 2.0])
        A *= 2.0
        A[1] = 5.0
        A[0] += 1.0
        return A[0] * A[1]

    assert autograd.compile(f)([3.0]).tolist() == [35.0]


def test_arrays_made_in_a_compiled_function_and_its_inputs_can_be_written():
    def f(x):
        table = autograd.array([1.0, 2.0])
        table[0] = 5.0
        x[1] = 3.0
        x -= 1.0
        return (table * x).sum()

    assert autograd.compile(f)([[2.0, 9.0]]).tolist() == [9.0]


# Numbers, gradients and names


def test_data_and_grad_are_read_and_assigned():
    W = weights()
    (W * W).sum().backward()
    assert type(W.data * 2) is np.ndarray
    np.testing.assert_array_equal(W.grad, 2 * NUMBERS)
    W.data -= 0.25 * W.grad
    np.testing.assert_array_equal(W.data, NUMBERS / 2)
    kept = W.data.copy()
    kept[0] = 0.0
    assert repr(kept) == "array([[0. , 0. , 0. ],\n       [2. , 2.5, 3. ]])"
    W.grad = [1.0, 2.0, 3.0]
    assert W.grad[1].tolist() == [1.0, 2.0, 3.0]
    W.zero_grad()
    assert not any(v.has_grad for v in W.flat)
    W.data = 0.0
    assert not W.data.any()
    W.sum(keepdims=True).backward()
    assert W.grad.tolist() == [[1.0] * 3] * 2


def test_a_name_names_the_elements():
    z1 = autograd.array([[0.5, 1.2]]) @ weights().T[:2, :]
    z1.name = "z1"
    assert [v.name for v in z1.flat] == ["z1[0,0]", "z1[0,1]"]
    assert z1.name == "z1"
    assert weights()[1].name is None
    again = autograd.array(z1, name="z")
    assert again[0, 0] is z1[0, 0]
    assert z1[0, 1].name == "z[0,1]"
    assert autograd.array(2.0, name="b").name == "b"
    z1.name = None
    assert z1[0, 0].name is None
    assert autograd.array([]).name is None


def test_names_given_while_a_function_is_compiled_are_those_of_the_program():
    W = weights()

    def f(x):
        z = W @ x
        z.name = "z"
        return autograd.tanh(z).sum()

    c = autograd.compile(f)
    c([[1.0, 2.0, 3.0]])
    assert "z[" in str(c.program)


# Equality


@pytest.mark.parametrize("other", [2, 2.0, np.float64(2), True, np.int8(2), 2j])
def test_a_value_is_not_compared_with_a_number_by_equality(other):
    v = Value(2.0, "v")
    for compare in (
        lambda: v == other,
        lambda: other != v,
        lambda: other in [v],
        lambda: v in [other],
    ):
        with pytest.raises(TypeError, match=r"v\.data == .*autograd\.eq\(v, "):
            compare()


def test_equality_of_arrays_is_a_mask_and_of_values_identity():
    W = weights()
    assert (W == 2).tolist() == [[False, True, False], [False] * 3]
    assert (W == W.data).all()
    v = Value(2.0)
    assert v == v
    assert v != Value(2.0)
    assert v != "2"
    assert v is not None
    assert (v == np.array([2.0, 3.0])).tolist() == [True, False]
    assert {v: 1}[v] == 1
    assert [Value(2.0), v].index(v) == 1


def test_pow_takes_no_modulus():
    with pytest.raises(TypeError, match=r"no third argument: write \(v \*\* n\) % m"):
        pow(Value(2.0), 2, 3)
    assert pow(Value(2.0), 2).data == 4.0


# The article's update


@pytest.mark.parametrize(
    "update", ["W -= 0.1 * autograd.grads(W)", "W -= 0.1 * W.grad", "W.data -= 0.1 * W.grad"]
)
def test_the_articles_formulas_are_numpys_for_250_steps(update):
    X, y = np.array([[0.5, 1.2]]), np.array([[1.0]])
    numbers = [
        np.array([[0.4, 0.3], [0.2, 0.7]]),
        np.array([[0.1, 0.2]]),
        np.array([[0.6], [0.8]]),
        np.array([[0.3]]),
    ]
    W1, b1, W2, b2 = arrays = [
        autograd.array(a, name=n) for a, n in zip(numbers, ("W1", "b1", "W2", "b2"), strict=True)
    ]
    leaves = [v for a in arrays for v in a.flat]
    sizes = set()

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def forward(W1, b1, W2, b2):
        a1 = sigmoid(np.dot(X, W1) + b1)
        return a1, sigmoid(np.dot(a1, W2) + b2)

    w1, c1, w2, c2 = (a.copy() for a in numbers)
    for _ in range(250):
        _, output = forward(W1, b1, W2, b2)
        loss = 0.5 * (output - y) ** 2
        autograd.zero_grad(arrays)
        loss.backward()
        for W in arrays:
            carry_out(update, W)
        sizes.add(len(autograd.Graph(loss)))

        a1, out = forward(w1, c1, w2, c2)
        d_z2 = (out - y) * out * (1 - out)
        d_z1 = np.dot(d_z2, w2.T) * a1 * (1 - a1)
        w2 -= 0.1 * np.dot(a1.T, d_z2)
        w1 -= 0.1 * np.dot(X.T, d_z1)
        c2 -= 0.1 * d_z2
        c1 -= 0.1 * d_z1
    for found, expected in zip(arrays, (w1, c1, w2, c2), strict=True):
        np.testing.assert_allclose(found.data, expected, rtol=1e-12, atol=1e-12)
    assert sizes == {len(autograd.Graph(loss))}
    assert all(
        v is leaf for v, leaf in zip((v for a in arrays for v in a.flat), leaves, strict=True)
    )
