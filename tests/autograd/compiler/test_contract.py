"""What `compile` promises: calls, gradients, parameters, caches, threads, pickles."""

from __future__ import annotations

import functools
import gc
import pickle
import threading
import warnings
import weakref

import numpy as np
import pytest
from beside_eager import (
    assert_same,
    compare,
    eager_gradients,
    eager_outputs,
    leaves_of,
    weights,
)

import autograd
from autograd import (
    RecompilationWarning,
    TracerError,
    Value,
    dot,
    gradients,
    no_grad,
    take,
    tanh,
    where,
)

rng = np.random.default_rng(0)
X3 = rng.normal(size=(5, 3))
Y = rng.normal(size=5)
W, B = weights(1, 3), Value(0.3, "b")


def square_error(x, y):
    return (dot(W, x) + B - y) ** 2


# Calls and outputs


def test_outputs_have_a_leading_batch_axis():
    c = autograd.compile(square_error)
    assert c(X3, Y).shape == (5,)
    assert c(X3, Y).dtype == np.float64


def test_an_input_is_a_value_array_of_the_examples_shape():
    seen = []

    def f(x, y, z):
        seen.extend([x, y, z])
        return x.sum() + y + z.sum()

    autograd.compile(f)(np.ones((2, 3, 4)), np.ones(2), np.ones((2, 1)))
    x, y, z = seen
    assert isinstance(x, autograd.ValueArray)
    assert (x.shape, z.shape) == ((3, 4), (1,))
    assert isinstance(y, Value)
    assert all(isinstance(v, Value) for v in x.ravel())


@pytest.mark.parametrize(
    ("make", "shapes"),
    [
        (lambda x: x[0] * W[0], [(5,)]),
        (lambda x: x * W, [(5, 3)]),
        (lambda x: [x[0], x * 2.0, W[1]], [(5,), (5, 3), (5,)]),
        (lambda x: (x[0], [x[1], (x[2],)]), [(5,), (5,), (5,)]),
        (lambda x: {"b": x[0], "a": np.outer(x, W)}, [(5,), (5, 3, 3)]),
        (lambda x: np.array([[x[0], x[1]], [x[2], 1.0]], dtype=object), [(5, 2, 2)]),
        (lambda x: [x[0], 3.0, np.array([1.0, 2.0])], [(5,), (5,), (5, 2)]),
    ],
)
def test_outputs_come_in_the_structure_that_the_function_returns(make, shapes):
    out = autograd.compile(make)(X3)
    expected = eager_outputs(make, X3)
    flat = []

    def collect(x):
        if isinstance(x, dict):
            assert list(x) == ["b", "a"]
            x = list(x.values())
        if isinstance(x, (list, tuple)):
            for part in x:
                collect(part)
        else:
            flat.append(x)

    collect(out)
    assert type(out) is type(make(autograd.array(X3[0]))) or isinstance(out, np.ndarray)
    assert [x.shape for x in flat] == shapes
    for x, y in zip(flat, expected, strict=True):
        assert_same(x, y)


def test_without_inputs_there_is_no_batch_axis():
    c = autograd.compile(lambda: W[0] * W[1])
    assert isinstance(c(), float)
    assert c() == W[0].data * W[1].data
    mean, gradient = c.value_and_grad()
    assert isinstance(mean, float)
    assert_same(gradient, [W[1].data, W[0].data])


def test_without_inputs_an_array_has_the_functions_shape():
    out = autograd.compile(lambda: [np.outer(W, W), W[0]])()
    assert_same(out[0], np.outer(autograd.data(W), autograd.data(W)))
    assert isinstance(out[1], float)


def test_gradients_are_those_of_the_mean_in_the_order_of_the_parameters():
    c = autograd.compile(square_error)
    mean, gradient = c.value_and_grad(X3, Y)
    expected_mean, expected, _ = eager_gradients(square_error, c.parameters, X3, Y)
    assert isinstance(mean, float)
    assert_same(mean, expected_mean)
    assert_same(gradient, expected)
    assert gradient.shape == (4,)


def test_backward_adds_to_the_gradients():
    w = autograd.array([1.0, 2.0, 3.0])
    c = autograd.compile(lambda x, y: (dot(w, x) - y) ** 2)
    mean, gradient = c.value_and_grad(X3, Y)
    assert not any(v.has_grad for v in w)
    assert c.backward(X3, Y) == mean
    assert_same(autograd.grads(w), gradient)
    c.backward(X3, Y)
    assert_same(autograd.grads(w), 2 * gradient)
    assert all(type(v.grad) is float for v in w)


def test_backward_with_theta_differentiates_there():
    w = Value(3.0)
    c = autograd.compile(lambda x: w * w * x)
    c.backward([1.0], theta=[5.0])
    assert w.grad == 10.0
    assert w.data == 3.0


def test_input_gradients_are_those_of_the_mean():
    c = autograd.compile(square_error, input_gradients=True)
    _, _, (for_x, for_y) = c.value_and_grad(X3, Y)
    _, _, (expected_x, expected_y) = eager_gradients(square_error, c.parameters, X3, Y)
    assert_same(for_x, expected_x)
    assert_same(for_y, expected_y.reshape(-1))
    assert (for_x.shape, for_y.shape) == (X3.shape, Y.shape)


def test_input_gradients_of_one_input_come_alone_and_of_indices_is_none():
    c = autograd.compile(lambda x: x[0] * x[1] * W[0], input_gradients=True)
    assert c.value_and_grad(X3)[2].shape == (5, 3)
    d = autograd.compile(lambda x, i: x[0] * i, input_gradients=True)
    _, _, (for_x, for_i) = d.value_and_grad(X3, np.arange(5))
    assert_same(for_i, X3[:, 0] / 5)
    d = autograd.compile(lambda x, i: x[0] * i * take(W, i % 2), input_gradients=True)
    assert d.value_and_grad(X3, np.arange(5))[2][1] is None
    assert_same(for_x[:, 0], np.arange(5) / 5)
    assert not for_x[:, 1:].any()


def test_input_gradients_that_are_the_same_for_all_examples():
    # of a linear function they are the weights alone, of a sum the number 1
    compare(lambda x: dot(W, x), leaves_of(W), X3)
    compare(lambda x: x[0] + B, [B], X3)
    compare(lambda x: x[0] - x[1] + 2.0 * x[2], [], X3)
    compare(lambda x, y: tanh(y) + W[0] * W[1] * x[2], leaves_of(W), X3, Y)


def test_input_gradients_in_the_structure_of_the_inputs():
    def f(batch, extra):
        return dot(batch["x"], W) * batch["y"][0] + batch["y"][1] ** 2 + extra[0]

    inputs = ({"x": X3, "y": (Y, Y + 1.0)}, (Y * 2.0,))
    c = autograd.compile(f, input_gradients=True)
    _, _, (batch, extra) = c.value_and_grad(*inputs)
    assert list(batch) == ["x", "y"]
    assert isinstance(batch["y"], tuple)
    assert isinstance(extra, tuple)
    compare(f, leaves_of(W), *inputs)


def test_nested_inputs_reach_the_function_as_they_are():
    seen = []

    def f(a, b):
        seen.append((a, b))
        return a["x"].sum() + a["more"][0] + b[1]["z"]

    inputs = {"x": X3, "more": (Y,)}, (Y, {"z": Y})
    compare(lambda a, b: f(a, b) + b[0] * 0.0, [], *inputs)
    a, b = seen[0]
    assert list(a) == ["x", "more"]
    assert isinstance(b, tuple)
    assert isinstance(b[1], dict)


def test_lists_of_numbers_are_arrays():
    c = autograd.compile(lambda x: dot(x, [1.0, 2.0]))
    assert c([[1.0, 2.0], [3, 4]]).tolist() == [5.0, 11.0]
    assert c(((1.0, 2.0), (3.0, 4.0))).tolist() == [5.0, 11.0]


@pytest.mark.parametrize(
    "dtype", [np.float32, np.float16, np.longdouble, np.int8, np.uint8, np.int64, bool]
)
@pytest.mark.parametrize("batch", [3, 300])
def test_inputs_of_any_real_dtype_compute_in_float64(dtype, batch):
    x = np.random.default_rng(2).integers(0, 120, size=(batch, 3)).astype(dtype)

    def f(x):
        return W[0] * dot(x, x) + dot(W, x) * x[1] * x[2] + tanh(W[1] * x[0])

    c = autograd.compile(f)
    d = autograd.compile(f)
    assert_same(c(x), d(x.astype(float)))
    found, expected = c.value_and_grad(x), d.value_and_grad(x.astype(float))
    assert_same(found[0], expected[0])
    assert_same(found[1], expected[1])


@pytest.mark.parametrize("batch", [4, 300])
def test_inputs_of_any_layout_in_memory(batch):
    x = np.random.default_rng(3).normal(size=(2 * batch, 6))
    layouts = [x[::2, ::2], x[::-2, ::-2], np.asfortranarray(x)[:batch, :3]]
    layouts += [np.broadcast_to(x[0, :3], (batch, 3)), x[:batch, :3][:, ::-1]]
    for view in layouts:
        before = view.copy()
        compare(lambda x: dot(W, x) ** 2 + x[1] * B, leaves_of(W, B), view)
        assert (view == before).all()


def test_an_input_of_several_axes():
    x = rng.normal(size=(4, 2, 3, 2))

    def f(x):
        return autograd.sum([tanh(dot(W, x[i, :, j])) for i in range(2) for j in range(2)])

    compare(f, leaves_of(W), x)


def test_float32_computes_in_float32():
    for batch in (3, 300):
        x, y = rng.normal(size=(batch, 3)), rng.normal(size=batch)
        c = compare(square_error, leaves_of(W, B), x, y, rel=2e-3, dtype="float32")
        assert c(x, y).dtype == np.float32
        assert c.value_and_grad(x, y)[1].dtype == np.float32
        assert isinstance(c.value_and_grad(x, y)[0], float)
        d = autograd.compile(square_error, dtype=np.float32)
        assert d(x.astype(np.float32), y.astype(np.float32)).dtype == np.float32


# Parameters


def test_parameters_are_the_very_objects_in_order_of_first_use():
    a, b, c, d = (Value(float(i), f"p{i}") for i in range(4))
    compiled = autograd.compile(lambda x: d * x + a * d + b)
    compiled([1.0])
    assert [p is q for p, q in zip(compiled.parameters, [d, a, b], strict=True)] == [True] * 3
    assert c not in compiled.parameters


def test_parameters_that_do_not_reach_the_output_are_left_out():
    a, b = Value(1.0), Value(2.0)

    def f(x):
        unused = a * x
        _ = unused + 1.0
        return b * x

    c = autograd.compile(f)
    c([1.0])
    assert c.parameters == [b]


def test_a_list_of_parameters_is_the_callers_own():
    c = autograd.compile(lambda x: B * x)
    c([1.0])
    c.parameters.clear()
    assert c.parameters == [B]


def test_values_made_inside_are_constants():
    a = Value(2.0)

    def f(x):
        made = Value(3.0)
        array = autograd.array([1.0, 5.0])
        return a * x + made * x + array[1] * made.data

    c = autograd.compile(f)
    assert c([1.0]).tolist() == [20.0]
    assert c.parameters == [a]


def test_what_was_computed_before_is_traced_to_its_leaves():
    a, b = Value(2.0), Value(3.0)
    h = tanh(a * b) + a
    c = autograd.compile(lambda x: h * x)
    compare(lambda x: h * x, [a, b], Y)
    c(Y)
    assert c.parameters == [a, b]
    a.data = 0.5
    assert_same(c([1.0]), [np.tanh(1.5) + 0.5])


def test_constants_from_before_stay():
    fixed = (Value(2.0) * 3.0).detach()
    c = autograd.compile(lambda x: fixed * x)
    assert c([2.0]).tolist() == [12.0]
    assert c.parameters == []


def test_every_call_reads_the_data():
    w = Value(2.0)
    c = autograd.compile(lambda x: w * w * x)
    assert c([1.0]).tolist() == [4.0]
    w.data = 3.0
    assert c([1.0]).tolist() == [9.0]
    assert c.value_and_grad([1.0])[1].tolist() == [6.0]
    w.data = -1.0
    assert c.backward([1.0]) == 1.0
    assert w.grad == -2.0


def test_theta_stands_for_the_data():
    c = autograd.compile(square_error)
    c(X3, Y)
    theta = np.arange(4.0)
    kept = theta.copy()
    with_theta = c(X3, Y, theta=theta)
    assert_same(with_theta, (X3 @ theta[:3] + theta[3] - Y) ** 2)
    assert (theta == kept).all()
    _, gradient = c.value_and_grad(X3, Y, theta=theta.tolist())
    residual = X3 @ theta[:3] + theta[3] - Y
    assert_same(gradient[:3], 2 * residual @ X3 / 5)
    assert_same(c(X3, Y), eager_outputs(square_error, X3, Y)[0])


def test_an_optimiser_on_theta_and_one_on_the_data_agree():
    w = weights(5, 3)
    c = autograd.compile(lambda x, y: (dot(w, x) - y) ** 2)
    theta = autograd.data(w)
    for _ in range(5):
        theta = theta - 0.1 * c.value_and_grad(X3, Y, theta=theta)[1]
        autograd.zero_grad(w)
        c.backward(X3, Y)
        autograd.assign(w, autograd.data(w) - 0.1 * autograd.grads(w))
    assert_same(theta, autograd.data(w))


# Fresh arrays and the workspace


@pytest.mark.parametrize("batch", [1, 5, 300])
def test_returned_arrays_are_fresh(batch):
    x = np.random.default_rng(6).normal(size=(batch, 3))
    c = autograd.compile(lambda x: dot(W, x) * x[0] + B, input_gradients=True)
    d = autograd.compile(lambda x: [x[0], x * W, x, x[0], W])

    def everything():
        _, gradient, for_x = c.value_and_grad(x)
        return [c(x), gradient, for_x, *d(x)]

    first = everything()
    kept = [a.copy() for a in first]
    for a in first:
        a[...] = np.nan
    for a, b in zip(everything(), kept, strict=True):
        assert_same(a, b)
    assert not any(np.shares_memory(a, b) for i, a in enumerate(first) for b in [x, *first[:i]])


def test_results_stay_when_other_calls_follow():
    c = autograd.compile(lambda x: x * W)
    first = c(X3)
    kept = first.copy()
    c(X3 + 1.0)
    assert (first == kept).all()


@pytest.mark.parametrize("batch", [1, 2, 63, 64, 65, 255, 256, 257, 3000])
def test_any_batch_size_in_any_order(batch):
    x = np.random.default_rng(batch).normal(size=(batch, 3))
    hidden = weights(7, 40, 3)

    def f(x):
        return dot([tanh(dot(hidden[i], x)) for i in range(40)], hidden[:, 0]) * x[1]

    c = autograd.compile(f, input_gradients=True)
    h = autograd.data(hidden)
    for size in (batch, 1, batch, 7):
        part = x[:size]
        z = np.tanh(part @ h.T)
        assert_same(c(part), z @ h[:, 0] * part[:, 1])
        mean, gradient, for_x = c.value_and_grad(part)
        assert_same(mean, np.mean(z @ h[:, 0] * part[:, 1]))
        slope = (1 - z**2) * h[:, 0] * part[:, 1:2]
        expected = slope.T @ part / len(part)
        expected[:, 0] += (z * part[:, 1:2]).mean(axis=0)
        order = [leaves_of(hidden).index(p) for p in c.parameters]
        assert_same(gradient, expected.ravel()[order], 1e-8)
        expected = slope @ h
        expected[:, 1] += z @ h[:, 0]
        assert_same(for_x, expected / len(part), 1e-8)


def test_a_program_kept_does_not_keep_the_inputs():
    c = autograd.compile(lambda x: dot(W, x))
    x = np.ones((300, 3))
    c(x)
    alive = weakref.ref(x)
    del x
    gc.collect()
    assert alive() is None


# Static arguments and the cache


def test_keyword_arguments_are_static():
    def f(x, *, power=1, mode="sum"):
        y = x.sum() if mode == "sum" else x[0]
        return y**power * B

    c = autograd.compile(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RecompilationWarning)
        for static in ({}, {"power": 2}, {"power": 3, "mode": "first"}, {"mode": "first"}):
            (expected,) = eager_outputs(f, X3, **static)
            assert_same(c(X3, **static), expected)
            assert_same(c.value_and_grad(X3, **static)[0], expected.mean())


def test_the_order_of_keyword_arguments_does_not_matter():
    calls = []

    def f(x, *, a, b):
        calls.append((a, b))
        return x * a + b

    c = autograd.compile(f)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        c([1.0], a=1.0, b=2.0)
        c([1.0], b=2.0, a=1.0)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("first", "second"), [(1, True), (0, False), (2, 2.0), (0.0, -0.0), ((1, 2), (True, 2.0))]
)
@pytest.mark.filterwarnings("ignore::autograd.RecompilationWarning")
def test_equal_keyword_arguments_of_different_kinds_are_different(first, second):
    c = autograd.compile(lambda x, *, k: x + len(repr(k)))
    assert c([0.0], k=first)[0] == len(repr(first))
    assert c([0.0], k=second)[0] == len(repr(second))


@pytest.mark.filterwarnings("ignore::autograd.RecompilationWarning")
def test_a_keyword_argument_that_is_nan_finds_its_program_again():
    calls = []

    def f(x, *, fill):
        calls.append(fill)
        return where(x > 0, x, fill)

    c = autograd.compile(f)
    for _ in range(3):
        assert np.isnan(c([-1.0], fill=float("nan"))).all()


def test_other_batch_sizes_and_dtypes_of_floats_do_not_recompile():
    calls = []

    def f(x):
        calls.append(1)
        return x.sum()

    c = autograd.compile(f)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for batch in (1, 2, 300):
            c(np.ones((batch, 3)))
            c.value_and_grad(np.ones((batch, 3), np.float32))
    assert len(calls) == 1


def test_recompiling_says_so_once_at_the_users_line():
    c = autograd.compile(lambda x: x.sum())
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        c(np.ones((2, 3)))
        assert not found
        c(np.ones((2, 4)))
        c(np.ones((2, 5)))
    assert [w.category for w in found] == [RecompilationWarning]
    assert found[0].filename == __file__


@pytest.mark.parametrize("call", ["value_and_grad", "backward", "lower"])
def test_the_warning_stands_at_the_users_line_whatever_is_called(call):
    c = autograd.compile(lambda x: x.sum())
    c(np.ones((2, 3)))
    with pytest.warns(RecompilationWarning) as found:
        getattr(c, call)(np.ones((2, 4)))
    assert found[0].filename == __file__


@pytest.mark.filterwarnings("ignore::autograd.RecompilationWarning")
def test_each_shape_has_its_own_parameters():
    c = autograd.compile(lambda x: dot(W[: len(x)], x))
    c(np.ones((2, 2)))
    assert c.parameters == leaves_of(W[:2])
    assert len(c.value_and_grad(np.ones((2, 3)))[1]) == 3
    assert c.parameters == leaves_of(W)
    assert len(c.value_and_grad(np.ones((2, 2)))[1]) == 2
    assert c.parameters == leaves_of(W[:2])


@pytest.mark.parametrize("batches", [([1.0, 3.0], [1, 3]), ([1, 3], [1.0, 3.0])])
def test_integers_that_select_nothing_are_numbers(batches):
    c = autograd.compile(lambda x: x * x * 0.5, input_gradients=True)
    for batch in batches:  # recorded once
        assert c.value_and_grad(batch)[2].tolist() == [0.5, 1.5]
        assert c(batch).tolist() == [0.5, 4.5]


def test_floats_where_integers_select():
    c = autograd.compile(lambda i, x: take(W, i) * x)
    assert c([0, 1], [1, 2]).tolist() == c([0, 1], [1.0, 2.0]).tolist()
    with pytest.raises(TracerError, match="no index"), pytest.warns(RecompilationWarning):
        c([0.0, 1.0], [1, 2])
    assert c(np.array([True]), [2.0]) == 2 * W[1].data


def test_clear_records_anew():
    factor = [2.0]
    c = autograd.compile(lambda x: x * factor[0])
    assert c([1.0]).tolist() == [2.0]
    factor[0] = 5.0
    assert c([1.0]).tolist() == [2.0]
    c.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert c([1.0]).tolist() == [5.0]


def test_lower_does_not_run_and_program_is_that_of_the_last_run():
    c = autograd.compile(square_error)
    lowered = c.lower(X3, Y)
    assert lowered is c.program
    assert (
        lowered.has_gradient if hasattr(lowered, "has_gradient") else lowered.gradient is not None
    )
    c(X3, Y)
    assert c.program.gradient is None
    c.value_and_grad(X3, Y)
    assert c.program is lowered


# Modes


def test_a_first_call_under_no_grad_does_not_lose_the_gradient():
    w = Value(2.0)
    c = autograd.compile(lambda x: w * w * x)
    with no_grad():
        assert c([1.0]).tolist() == [4.0]
    assert c.value_and_grad([1.0])[1].tolist() == [4.0]


def test_value_and_grad_under_no_grad():
    w = Value(2.0)
    c = autograd.compile(lambda x: w * w * x)
    with no_grad():
        assert c.value_and_grad([1.0])[1].tolist() == [4.0]


def test_no_grad_inside_stops_the_gradient():
    def f(x):
        with no_grad():
            target = W[0] * x + 1.0
        return (B * x - target) ** 2 + target

    compare(f, leaves_of(W, B), Y)


def test_after_a_call_operations_are_ordinary():
    autograd.compile(lambda x: B * x)([1.0])
    y = B * 2.0
    assert type(y) is Value
    assert y.data == 0.6
    assert y.parents[0] is B


def test_a_compiled_function_called_while_another_is_recorded():
    inner = autograd.compile(lambda x: x * 2.0)

    def f(x):
        return x + inner([3.0])[0]

    assert autograd.compile(f)([1.0]).tolist() == [7.0]


def test_detach_stops_the_gradient_and_keeps_the_value():
    def f(x):
        h = tanh(W[0] * x)
        return h.detach() * h + B.detach() * x * W[1] + (h.detach() - h) ** 2

    compare(f, leaves_of(W, B), Y)


@pytest.mark.parametrize("compare_by", ["lt", "le", "gt", "ge", "eq", "ne"])
def test_comparisons_are_numbers(compare_by):
    def f(x):
        is_so = getattr(autograd, compare_by)(x, 1.0)
        return where(is_so, x * W[0], W[1]) + is_so * W[2]

    compare(f, leaves_of(W), np.array([0.0, 1.0, 2.0, np.nan, np.inf]))


def test_comparison_operators_of_tracers_and_parameters():
    def f(x):
        return (
            where(x > B, x, B)
            + where(B >= x, 1.0, W[0])
            + where(x[0] < 0.1 if isinstance(x, np.ndarray) else x < 0.1, x, 2.0)
            + where(1.0 <= x, W[1], 0.0)
        )

    compare(f, leaves_of(W, B), np.array([0.3, 0.0, 1.0, -1.0, 0.5]))


def test_where_takes_bools_values_and_arrays():
    mask = np.array([True, False, True])

    def f(x):
        picked = where(mask, x, W)
        also = np.where(x > 0.0, x * 2.0, W)
        return picked.sum() + also.sum() * where(True, B, x[0]) + where(B, x[1], x[2])

    compare(f, leaves_of(W, B), X3)


def test_names_of_the_results_are_left_to_the_user():
    def f(x):
        h = W[0] * x
        h.name = "hidden"
        assert h.name == "hidden"
        return h + B

    compare(f, leaves_of(W, B), Y)


# What can be compiled


class Model:
    def __init__(self):
        self.w = weights(8, 3)

    def __call__(self, x):
        return dot(self.w, x)

    def loss(self, x, y=0.0):
        return (self(x) - y) ** 2

    @staticmethod
    def of_two(x, y):
        return (dot(W, x) - y) ** 2

    @classmethod
    def of_class(cls, x):
        return dot(W, x)


def with_default(x, scale=3.0):
    return x.sum() * scale


def with_rest(x, *others):
    return x.sum() + autograd.sum([o * (i + 1.0) for i, o in enumerate(others)])


def with_all(*inputs, **settings):
    return inputs[0].sum() * settings.get("k", 2.0) + (inputs[1] if len(inputs) > 1 else 0.0)


def positional_only(x, /, y):
    return x.sum() * y


def test_functions_of_every_make():
    model = Model()
    compare(model, leaves_of(model.w), X3)
    compare(model.loss, leaves_of(model.w), X3)
    compare(model.loss, leaves_of(model.w), X3, Y)
    compare(Model.of_two, leaves_of(W), X3, Y)
    compare(Model.of_class, leaves_of(W), X3)
    compare(with_default, [], X3)
    compare(with_default, [], X3, Y)
    compare(with_default, [], X3, scale=0.5)
    compare(with_rest, [], X3, Y, Y + 1.0)
    compare(with_rest, [], X3)
    compare(with_all, [], X3, Y, k=5.0)
    compare(positional_only, [], X3, Y)
    compare(functools.partial(with_default, scale=4.0), [], X3)
    compare(functools.partial(Model.of_two, y=2.0), leaves_of(W), X3)
    compare(functools.partial(model.loss, y=B), leaves_of(model.w, B), X3)
    compare(functools.wraps(with_default)(lambda *a, **k: with_default(*a, **k)), [], X3)
    compare(autograd.tanh, [], Y)
    compare(autograd.logaddexp, [], Y, Y[::-1])
    compare(autograd.logsumexp, [], X3)


def test_a_parameter_as_a_keyword_argument():
    c = autograd.compile(lambda x, *, p: p * x)
    assert c.value_and_grad([2.0], p=B)[1].tolist() == [2.0]
    assert c.parameters == [B]


# Threads


def test_threads_share_one_compiled_function():
    hidden = weights(9, 8, 3)

    def f(x, y):
        return (autograd.sum([tanh(dot(hidden[i], x)) for i in range(8)]) - y) ** 2

    c = autograd.compile(f)
    h = autograd.data(hidden)
    failures = []
    gate = threading.Barrier(8)

    def work(seed):
        r = np.random.default_rng(seed)
        gate.wait()
        try:
            for _ in range(30):
                batch = int(r.integers(1, 400))
                x, y = r.normal(size=(batch, 3)), r.normal(size=batch)
                z = np.tanh(x @ h.T)
                residual = z.sum(axis=1) - y
                assert_same(c(x, y), residual**2)
                mean, gradient = c.value_and_grad(x, y)
                assert_same(mean, np.mean(residual**2))
                expected = (2 * residual[:, None] * (1 - z**2)).T @ x / batch
                assert_same(gradient, expected.ravel(), 1e-8)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures


def test_a_thread_that_records_does_not_disturb_eager_threads():
    stop = threading.Event()
    odd = []

    def ordinary():
        w = Value(2.0)
        while not stop.is_set():
            y = w * 3.0 + 1.0
            if type(y) is not Value or y.data != 7.0 or w.data != 2.0:
                odd.append(y)

    thread = threading.Thread(target=ordinary)
    thread.start()
    for _ in range(20):
        autograd.compile(lambda x: tanh(x * B) + B)([1.0])
    stop.set()
    thread.join()
    assert not odd


# Pickles


@pytest.mark.parametrize("batch", [4, 300])
def test_a_pickle_keeps_programs_and_parameters(batch):
    x, y = np.random.default_rng(10).normal(size=(batch, 3)), np.zeros(batch)
    c = autograd.compile(square_error, input_gradients=True)
    c(x, y)
    twin = pickle.loads(pickle.dumps(c))
    assert_same(twin(x, y), c(x, y))
    for found, expected in zip(
        twin.value_and_grad(x, y)[:2], c.value_and_grad(x, y)[:2], strict=True
    ):
        assert_same(found, expected)
    assert [p.name for p in twin.parameters] == [p.name for p in c.parameters]
    twin.parameters[0].data += 1.0
    assert not np.allclose(twin(x, y), c(x, y))


def test_a_pickle_of_take_and_structures():
    table = weights(11, 4, 2, name="table")

    def f(i, x):
        row = take(table, i[0])
        return {"a": row * x, "b": [take(row.tolist(), i[1])]}

    i = np.array([[3, 1], [0, 0], [3, 0]])
    c = autograd.compile(f)
    expected = c(i, Y[:3])
    found = pickle.loads(pickle.dumps(c))(i, Y[:3])
    assert_same(found["a"], expected["a"])
    assert_same(found["b"][0], expected["b"][0])
    assert_same(expected["a"], eager_outputs(f, i, Y[:3])[0])


def test_a_pickle_with_parameters_beside_it_shares_them():
    w = Value(2.0)
    c = autograd.compile(lambda x: w * x)
    c([1.0])
    twin, w2 = pickle.loads(pickle.dumps((c, w)))
    w2.data = 7.0
    assert twin([1.0]).tolist() == [7.0]


def test_a_pickle_of_what_was_never_called():
    twin = pickle.loads(pickle.dumps(autograd.compile(with_default)))
    with pytest.raises(ValueError, match="unpickled"):
        twin(X3)


# A failed compile


def test_a_failed_compile_leaves_values_and_modes_as_they_were():
    a, b = Value(1.0, "a"), Value(2.0)
    (a * b).backward()

    def f(x):
        y = a * b + x
        y.name = "y"
        gradients(y, [a, b, x], create_graph=True)
        raise KeyError("mine")

    c = autograd.compile(f)
    with pytest.raises(KeyError, match="mine"):
        c([1.0])
    assert (a.data, a.grad, a.name) == (1.0, 2.0, "a")
    assert (b.data, b.grad, b.name) == (2.0, 1.0, None)
    z = a * b
    assert type(z) is Value
    assert z.data == 2.0
    assert autograd.modes.active == 0
    assert autograd.modes.trace() is None


def test_after_a_failed_compile_the_function_can_be_compiled():
    broken = [True]

    def f(x):
        return x * B if not broken[0] else x.missing

    c = autograd.compile(f)
    with pytest.raises(AttributeError):
        c([1.0])
    broken[0] = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert c([1.0]).tolist() == [0.3]
