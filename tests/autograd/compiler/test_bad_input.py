"""Bad input: an error that shows the user's own line and says what to write instead."""

from __future__ import annotations

import copy
import inspect
import math
import os
import pickle
import re

import numpy as np
import pytest

import autograd
from autograd import TracerError, Value, dot, take, tanh, where

HERE = os.path.basename(__file__)
W, B = autograd.array([1.0, 2.0, 3.0], name="w"), Value(0.5, "b")
X = np.arange(6.0).reshape(2, 3)
I = np.array([0, 2])
TABLE = np.array([1.0, 2.0, 3.0])


def refused(call, error=(TracerError, ValueError), *, line="", hint=""):
    """The message of the error that a call raises, with what belongs in it."""
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert HERE in message, message
    assert line in message, message
    assert hint in message, message
    assert autograd.modes.active == 0
    assert autograd.modes.trace() is None
    assert type(B * 2.0) is Value
    return message


# What a tracer cannot do: each is one line of a function, and the words that help


def branch(x):
    if x > 0:  # line
        return x
    return -x


def branch_on_equality(x):
    return x if autograd.eq(x, 1.0) else B  # line


def conjunction(x):
    return where(x > 0 and x < 1, x, B)  # line


def negation(x):
    return where(not x > 0, x, B)  # line


def chained_comparison(x):
    return where(0 < x < 1, x, B)  # line


def branch_on_a_parameter(x):
    return x if B > 0 else -x  # line


def largest_of_python(x):
    return max(x, B)  # line


def sorting(x):
    return sorted([x, B])[0]  # line


def argmax_of_numpy(x):
    return np.argmax([x, B]) * x  # line


def assertion(x):
    assert x > 0  # line
    return x


def loop_until(x):
    while x < 10.0:  # line
        x = x * 2.0
    return x


def any_of(x):
    return x if any(v > 0 for v in [x, B]) else B  # line


def read_data(x):
    return B * x.data  # line


def read_data_of_a_result(x):
    return B * (x * B).data  # line


def read_data_of_a_parameter(x):
    return x * B.data  # line


def read_item(x):
    return B * x.item()  # line


def read_item_of_a_parameter(x):
    return x * B.item()  # line


def read_grad(x):
    return B * x.grad  # line


def read_all_data(x):
    return B * autograd.data([x])[0]  # line


def write_data(x):
    x.data = 1.0  # line
    return x


def to_float(x):
    return B * float(x)  # line


def to_int(x):
    return B * int(x)  # line


def to_complex(x):
    return B * abs(complex(x))  # line


def of_math(x):
    return B * math.exp(x)  # line


def of_math_floor(x):
    return B * math.floor(x)  # line


def rounding(x):
    return B * round(x)  # line


def rounding_to_digits(x):
    return B * round(x, 2)  # line


def rounding_a_parameter(x):
    return x * round(B)  # line


def formatting(x):
    return B * len(f"{x:.3f}")  # line


def formatting_by_percent(x):
    return B * len("%.3f" % x)  # noqa: UP031 # line


def formatting_a_parameter(x):
    return x * len(f"{B:.3f}")  # line


def of_a_float_array(x):
    return B * np.array([x, x], dtype=float)[0]  # line


def into_a_float_array(x):
    a = np.zeros(2)
    a[0] = x  # line
    return B * a[0]


def ranging(x):
    return B * len(range(x))  # line


def repeating(x):
    return [B] * x  # line


def backward_inside(x):
    y = x * B
    y.backward()  # line
    return y


def backward_of_parameters_inside(x):
    (B * B).backward()  # line
    return x * B


def copying(x):
    return copy.copy(x)  # line


def deep_copying(x):
    return copy.deepcopy([x])[0]  # line


def pickling(x):
    pickle.dumps(x)  # line
    return x


REFUSED = [
    (branch, "autograd.where"),
    (branch_on_equality, "autograd.where"),
    (conjunction, "`and` write (a < x) * (x < b)"),
    (negation, "`not` 1 - c"),
    (chained_comparison, "for `a < x < b`"),
    (branch_on_a_parameter, "instead of `if`"),
    (largest_of_python, "instead of max() write autograd.maximum()"),
    (sorting, "sorted() cannot be recorded"),
    (argmax_of_numpy, "argmax() cannot be recorded"),
    (assertion, "autograd.where"),
    (loop_until, "loop"),
    (any_of, "autograd.where"),
    (read_data, "detach"),
    (read_data_of_a_result, "detach"),
    (read_data_of_a_parameter, "detach"),
    (read_item, "autograd"),
    (read_item_of_a_parameter, "detach"),
    (read_grad, "autograd.gradients"),
    (read_all_data, "detach"),
    (write_data, "new Value"),
    (to_float, "functions of autograd"),
    (to_int, "instead of int() write autograd.trunc()"),
    (to_complex, "autograd"),
    (of_math, "functions of autograd"),
    (of_math_floor, "instead of floor() write autograd.floor()"),
    (rounding, "instead of round() write autograd.rint()"),
    (rounding_to_digits, "autograd.rint()"),
    (rounding_a_parameter, ""),
    (formatting, "return it as one more output"),
    (formatting_by_percent, ""),
    (formatting_a_parameter, ""),
    (of_a_float_array, "autograd"),
    (into_a_float_array, "autograd"),
    (ranging, "keyword argument"),
    (repeating, "keyword argument"),
    (backward_inside, "value_and_grad"),
    (backward_of_parameters_inside, "value_and_grad"),
    (copying, ""),
    (deep_copying, ""),
    (pickling, ""),
]


def marked_line(f):
    """The line of a function that ends in `# line`, without the mark."""
    lines = inspect.getsource(f).splitlines()
    [line] = [line for line in lines if line.endswith("# line")]
    return line.removesuffix("# line").split("  #")[0].strip()


@pytest.mark.parametrize(("f", "hint"), REFUSED, ids=lambda p: getattr(p, "__name__", ""))
def test_what_a_tracer_cannot_do(f, hint):
    before = B.grad
    c = autograd.compile(f)
    refused(lambda: c([1.0, 2.0]), TracerError, line=marked_line(f), hint=hint)
    assert (B.data, B.grad, B.name) == (0.5, before, "b")


def array_as_floats(x):
    return B * x.astype(float).sum()  # line


def array_as_a_mask(x):
    return x[x > 0].sum()  # line


def array_sorted(x):
    return np.sort(x)[0]  # line


def array_position_of_the_largest(x):
    return x[np.argmax(x)]  # line


def array_nonzero(x):
    return x[np.nonzero(x > 0)[0]].sum()  # line


def array_branch(x):
    return x.sum() if (x > 0).all() else B  # line


def array_linear_algebra(x):
    return B * np.linalg.norm(np.asarray(x, dtype=float))  # line


@pytest.mark.parametrize(
    "f",
    [
        array_as_floats, array_as_a_mask, array_sorted, array_position_of_the_largest,
        array_nonzero, array_branch, array_linear_algebra,
    ],
)  # fmt: skip
def test_what_an_array_of_tracers_cannot_do(f):
    refused(lambda: autograd.compile(f)(X), TracerError, line=marked_line(f), hint="autograd.")


# Indices


def index_of_a_list(i):
    return [B, B, B][i]  # line


def index_of_an_array(i):
    return W[i]  # line


def count_from_an_index(i):
    return autograd.sum([B for _ in range(i)])  # line


def computed_index(i):
    return take(W, i / 2)  # line


def float_index(x):
    return take(W, x * 1.0)  # line


@pytest.mark.parametrize(
    ("f", "hint"),
    [
        (index_of_a_list, "take"),
        (index_of_an_array, "take"),
        (count_from_an_index, "keyword argument"),
        (computed_index, "integer input"),
    ],
    ids=lambda p: getattr(p, "__name__", ""),
)
def test_an_index_that_differs_from_example_to_example(f, hint):
    refused(lambda: autograd.compile(f)(I), TracerError, line=marked_line(f), hint=hint)


def test_an_index_of_floats():
    line = marked_line(float_index)
    refused(
        lambda: autograd.compile(float_index)([0.0, 1.0]),
        TracerError,
        line=line,
        hint="astype(int)",
    )
    f = lambda x: take(W, x)  # noqa: E731
    refused(
        lambda: autograd.compile(f)([0.0, 1.0]), TracerError, line="take(W, x)", hint="astype(int)"
    )


@pytest.mark.parametrize("bad", [-1, 3, 10**12, -(2**62)])
@pytest.mark.parametrize("batch", [2, 300])
def test_an_index_out_of_range(bad, batch):
    i = np.zeros(batch, int)
    i[1] = bad
    c = autograd.compile(lambda i: take(W, i) * B)
    for call in (c, c.value_and_grad, c.backward):
        message = refused(lambda call=call: call(i), ValueError, line="call(i)", hint="0..2")
        assert str(bad) in message
        assert "example 1" in message
    assert not any(v.has_grad for v in W)
    assert c(np.zeros(batch, int)).shape == (batch,)


def test_an_unsigned_index_out_of_range():
    c = autograd.compile(lambda i: take(W, i))
    refused(lambda: c(np.array([0, 200], np.uint8)), ValueError, hint="0..2")
    refused(lambda: c(np.array([0, 2**64 - 1], np.uint64)), ValueError, hint="0..2")


def test_an_index_is_checked_wherever_it_selects():
    c = autograd.compile(lambda i: take(W, i[0]) + take(W.tolist()[:2], i[1]))
    assert c([[2, 1]]).tolist() == [5.0]
    refused(lambda: c([[2, 2]]), ValueError, hint="0..1")


def test_take_from_nothing():
    f = lambda i: take([], i)  # noqa: E731
    refused(lambda: autograd.compile(f)(I), (ValueError, TracerError), line="take([], i)")


# Inputs


def test_batches_of_different_sizes():
    c = autograd.compile(lambda x, y: x.sum() + y)
    message = refused(lambda: c(X, [1.0, 2.0, 3.0]), ValueError, line="c(X, [1.0, 2.0, 3.0])")
    assert "x has 2" in message
    assert "y has 3" in message
    assert c(X, [1.0, 2.0]).shape == (2,)
    refused(lambda: c(X, [1.0, 2.0, 3.0]), ValueError, line="c(X, [1.0, 2.0, 3.0])")


def test_batches_of_different_sizes_within_a_dict():
    c = autograd.compile(lambda d: d["a"] + d["b"][0])
    message = refused(lambda: c({"a": [1.0], "b": (np.ones(2),)}), ValueError)
    assert "d.a has 1" in message
    assert "d.b[0] has 2" in message


@pytest.mark.parametrize(
    "wrong",
    [
        np.ones(2, complex),
        [1j, 2.0],
        ["1", "2"],
        np.array(["a", "b"]),
        [b"1", b"2"],
        [None, 1.0],
        pytest.param([1.0, object()], id="[1.0, object()]"),  # its repr is another in each process
        np.array([1.0, None]),
        np.array(["2020-01-01"], dtype="M8[D]"),
        [[1.0, 2.0], [3.0]],
        [[1.0], 2.0],
        [[[1.0], [2.0]], [[1.0]]],
        [Value(1.0), Value(2.0)],
        autograd.array([1.0, 2.0]),
        Value(1.0),
        1.0,
        3,
        True,
        np.float64(1.0),
        np.array(1.0),
        "abc",
        None,
        {1.0, 2.0},
        10**400,
        [10**400],
    ],
    ids=repr,
)
def test_inputs_that_are_no_arrays_of_numbers(wrong):
    c = autograd.compile(lambda x: (x if isinstance(x, Value) else x.sum()) * B)
    message = refused(lambda: c(wrong), (TracerError, ValueError, TypeError), line="c(wrong)")
    assert "number" in message


def test_values_as_inputs_are_told_what_parameters_are():
    c = autograd.compile(lambda x: x * B)
    refused(lambda: c([B]), hint="parameters")
    refused(lambda: c(W), hint="parameters")


@pytest.mark.parametrize("empty", [[], np.ones(0), np.ones((0, 3))])
def test_an_empty_batch(empty):
    c = autograd.compile(lambda x: (x if isinstance(x, Value) else x.sum()) * B)
    for call in (c.value_and_grad, c.backward):
        refused(lambda call=call: call(empty), ValueError, line="call(empty)", hint="examples")
    try:
        out = c(empty)
    except ValueError as error:
        assert "example" in str(error)  # noqa: PT017
    else:
        assert out.shape == (0,)


def test_an_input_that_is_ignored():
    def ignores(x, label):
        return x * B

    message = refused(
        lambda: autograd.compile(ignores)([1.0], [2.0]), ValueError, hint="keyword argument"
    )
    assert "'label'" in message
    assert "def ignores(x, label)" in message


def test_an_input_whose_part_is_ignored_is_used():
    assert autograd.compile(lambda x: x[1] * B)(X).tolist() == [0.5, 2.0]


def test_an_ignored_input_in_a_dict_is_named():
    f = lambda d: d["used"] * B  # noqa: E731
    message = refused(lambda: autograd.compile(f)({"used": [1.0], "idle": [2.0]}), ValueError)
    assert "idle" in message


@pytest.mark.parametrize(
    "make",
    [
        lambda x: None,
        lambda x: 3.0,
        lambda x: [],
        lambda x: {},
        lambda x: "text",
        lambda x: np.ones(3),
        lambda x: [1.0, None],
        lambda x: (v for v in x),
        lambda x: print,
        lambda x: np.array([], dtype=object),
    ],
)
def test_a_function_that_returns_no_value(make):
    refused(
        lambda: autograd.compile(make)(X),
        (TracerError, ValueError),
        line="lambda x:",
        hint="return",
    )


def test_a_function_that_returns_something_else_beside_a_value():
    for other in (None, "text", object(), 1j):
        f = lambda x, other=other: [x[0], other]  # noqa: E731
        refused(lambda f=f: autograd.compile(f)(X), (TracerError, ValueError, TypeError))


def test_a_generator():
    def generator(x):
        yield x[0]

    refused(lambda: autograd.compile(generator)(X), (TracerError, ValueError), hint="return")


def test_a_gradient_of_several_values():
    for f in (lambda x: [x[0], x[1]], lambda x: x * B, lambda x: [x[0]], lambda x: {"a": x[0]}):
        c = autograd.compile(f)
        for call in (c.value_and_grad, c.backward):
            with pytest.raises(ValueError, match="one Value"):
                call(X)


# Settings


@pytest.mark.parametrize("wrong", [np.ones(2), [1.0], {"a": 1}, {1, 2}])
def test_keyword_arguments_that_cannot_be_hashed(wrong):
    c = autograd.compile(lambda x, *, k: x * B)
    refused(lambda: c([1.0], k=wrong), (ValueError, TypeError), hint="hashable", line="k=wrong")


def test_an_input_given_by_keyword():
    c = autograd.compile(lambda x, y: x * y)
    refused(lambda: c([1.0], y=np.ones(1)), (ValueError, TypeError), hint="inputs")


@pytest.mark.parametrize("wrong", ["float16", "int64", "complex128", int, "no dtype", 3, object])
def test_a_dtype_that_is_none(wrong):
    with pytest.raises(ValueError, match="float64 or float32"):
        autograd.compile(lambda x: x, dtype=wrong)


@pytest.mark.parametrize("wrong", [None, 3, "f", Value(1.0), [abs]])
def test_what_cannot_be_called(wrong):
    with pytest.raises(TypeError, match="takes a function"):
        autograd.compile(wrong)


@pytest.mark.parametrize(
    "theta",
    [
        np.ones(3), np.ones(5), np.ones((4, 1)), np.ones((2, 2)), 1.0, [], ["a"] * 4, ["1"] * 4,
        np.ones(4, complex), [None] * 4, autograd.array(np.ones(4)), "abcd", {},
    ],
    ids=repr,
)  # fmt: skip
def test_a_wrong_theta(theta):
    c = autograd.compile(lambda x: dot(W, x) * B)
    c(X)
    for call in (c, c.value_and_grad):
        refused(
            lambda call=call: call(X, theta=theta),
            (TracerError, ValueError, TypeError),
            line="call(X, theta=theta)",
            hint="theta",
        )


def test_nothing_is_known_before_the_first_call():
    c = autograd.compile(lambda x: x)
    for name in ("parameters", "program"):
        with pytest.raises(ValueError, match="call it, or lower"):
            getattr(c, name)


def test_new_shapes_for_an_unpickled_program():
    c = autograd.compile(branch_free)
    c(X)
    twin = pickle.loads(pickle.dumps(c))
    assert twin(X).tolist() == c(X).tolist()
    message = refused(lambda: twin(np.ones((2, 4))), ValueError, line="twin(np.ones((2, 4)))")
    assert "(batch, 3)" in message
    assert "(batch, 4)" in message
    refused(lambda: twin(X, k=1), ValueError)
    with pytest.raises(ValueError, match="unpickled"):
        twin.clear()
    assert twin(X).tolist() == c(X).tolist()


def branch_free(x, k=2):
    return x.sum() * B * k


# Tracers that outlive their recording

kept: list[Value] = []


def test_a_tracer_kept_from_another_recording():
    kept.clear()

    def first(x):
        kept.append(x * 2.0)
        return x * B

    def second(x):
        return x + kept[0]

    def third(x):
        return [x, kept[0] * 3.0]

    def fourth(x):
        return kept[0] * x

    autograd.compile(first)([1.0])
    for f in (second, third, fourth):
        c = autograd.compile(f)
        refused(lambda c=c: c([1.0]), TracerError, hint="return it")
    refused(lambda: autograd.compile(second)([1.0]), TracerError, line="return x + kept[0]")


def test_a_tracer_kept_after_its_recording_is_no_operand():
    kept.clear()

    def keeps(x):
        kept.append(x * 2.0)
        return x * B

    c = autograd.compile(keeps)
    c([1.0])
    before = c([1.0]).tolist()
    refused(lambda: kept[0] + B, TracerError, line="kept[0] + B")
    refused(lambda: B + kept[0], TracerError, line="B + kept[0]")
    refused(lambda: tanh(kept[0]), TracerError, line="tanh(kept[0])")
    refused(lambda: kept[0].backward(), TracerError)
    assert c([1.0]).tolist() == before


def test_a_recording_within_a_recording_keeps_them_apart():
    def outer(x):
        return x + autograd.compile(lambda y: y * x).value_and_grad([1.0])[0]

    refused(lambda: autograd.compile(outer)([1.0]), TracerError, hint="return it")


def test_a_tracer_as_an_input_of_the_gradient_of_another_compiled_function():
    inner = autograd.compile(lambda x: x * B)

    def outer(x):
        return inner.value_and_grad([x])[0]

    refused(lambda: autograd.compile(outer)([1.0]), line="inner.value_and_grad([x])[0]")


# What happens to the parameters


def test_writing_to_parameters_inside_is_refused():
    def writes_data(x):
        B.data = 3.0
        return x * B

    def assigns(x):
        autograd.assign(W, [1.0, 1.0, 1.0])
        return dot(W, x)

    before = autograd.data(W)
    refused(lambda: autograd.compile(writes_data)([1.0]), line="B.data = 3.0")
    assert B.data == 0.5
    refused(lambda: autograd.compile(assigns)(X), line="autograd.assign(W")
    assert (autograd.data(W) == before).all()


def test_a_number_of_the_parameters_alone_is_the_same_for_all_examples():
    for f in (branch_on_a_parameter, lambda x: x * range(B + 1.0), lambda x: x * int(B * 2.0)):
        message = refused(lambda f=f: autograd.compile(f)([1.0]), TracerError)
        assert "changes with the parameters" in message
        assert "example to example" not in message


@pytest.mark.parametrize(
    ("f", "error", "note"),
    [
        (lambda x, i: len(x) * B, TypeError, "it is one number"),
        (lambda x, i: sum(x) * B, TypeError, "it is one number"),
        (lambda x, i: x[0] * B, TypeError, "it is one number"),
        (lambda x, i: where((x > 0) & (x < 1), x, B), TypeError, r"\(a < x\) \* \(x < b\)"),
        (lambda x, i: where(~(x > 0), x, B), TypeError, "for `not` 1 - c"),
        (lambda x, i: TABLE[i] * x, IndexError, "autograd.take"),
        (lambda x, i: {0: 1.0, 1: 2.0}[i] * x, KeyError, "autograd.take"),
        (lambda x, i: TABLE[TABLE > x].sum() * x, IndexError, "autograd.where"),
    ],
)
def test_errors_of_python_and_numpy_say_what_to_write(f, error, note):
    with pytest.raises(error) as caught:
        autograd.compile(f)([1.0, 2.0], [0, 1])
    assert re.search(note, "\n".join(caught.value.__notes__))


def test_other_errors_have_no_notes():
    with pytest.raises(TypeError) as caught:
        autograd.compile(lambda x: x + "1")([1.0])
    assert not hasattr(caught.value, "__notes__")


def test_unequal_batches_for_an_unpickled_program():
    c = autograd.compile(lambda x, y: x["a"] * x["b"] * y)
    c({"a": [1.0], "b": [2.0]}, [3.0])
    twin = pickle.loads(pickle.dumps(c))
    for d in (c, twin):
        with pytest.raises(ValueError, match="different numbers of examples"):
            d({"a": [1.0], "b": [2.0, 3.0]}, [3.0])


def test_a_message_names_the_function_and_the_number_of_the_line():
    def here(x):
        h = x * B
        return h if h > 0 else B

    message = refused(
        lambda: autograd.compile(here)([1.0]), TracerError, line="return h if h > 0 else B"
    )
    number = here.__code__.co_firstlineno + 2
    assert f"{HERE}:{number}" in message
    assert "here" in message


def test_the_line_of_a_helper_is_shown():
    def helper(v):
        return v if v > 0 else B

    def f(x):
        return helper(x)

    refused(lambda: autograd.compile(f)([1.0]), TracerError, line="return v if v > 0 else B")


def test_the_line_is_the_users_also_where_a_layer_of_nn_asks():
    from nn import MLP

    model = MLP(3, [2, 1])

    def f(x):
        return model(x) if model(x) > 0 else B

    refused(lambda: autograd.compile(f)(X), TracerError, line="if model(x) > 0 else B")


def test_the_errors_of_the_function_itself_come_through():
    for error in (KeyError, ZeroDivisionError, RecursionError, StopIteration, KeyboardInterrupt):

        def f(x, error=error):
            raise error("mine")

        with pytest.raises(error, match="mine"):
            autograd.compile(f)([1.0])
    assert autograd.modes.active == 0


def test_a_wrong_count_of_inputs():
    with pytest.raises(TypeError, match="positional argument"):
        autograd.compile(lambda x: x)([1.0], [2.0])
    with pytest.raises(TypeError, match="missing"):
        autograd.compile(lambda x, y: x)([1.0])
