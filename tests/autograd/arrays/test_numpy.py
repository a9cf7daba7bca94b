"""Values among NumPy's arrays and functions."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import autograd
from autograd import Value, ValueArray

NUMBERS = np.array([[1.0, -2.0, 0.5], [3.0, 0.25, -1.5]])


def weights() -> ValueArray:
    return autograd.array(NUMBERS, name="W")


def test_array_makes_named_leaves():
    W = weights()
    assert type(W) is ValueArray
    assert (W.shape, W.dtype) == ((2, 3), object)
    assert [v.name for v in W.flat][:4] == ["W[0,0]", "W[0,1]", "W[0,2]", "W[1,0]"]
    assert all(v.op is None for v in W.flat)
    assert autograd.array([1, 2], name="b")[1].name == "b[1]"
    assert autograd.array(2.0, name="x").item().name == "x"
    assert autograd.array([1.0])[0].name is None


def test_array_keeps_values_and_refuses_the_rest():
    x = Value(1.0, "x")
    assert autograd.array([x, 2.0])[0] is x
    assert autograd.array(x).item() is x
    with pytest.raises(TypeError, match="got str 'a'"):
        autograd.array(["a"])
    with pytest.raises(ValueError, match="one length"):
        autograd.array([[1.0, 2.0], [3.0]])


def test_data_and_grads_are_float_arrays_of_the_shape():
    W = weights()
    (W * W).sum().backward()
    np.testing.assert_array_equal(autograd.data(W), NUMBERS)
    np.testing.assert_array_equal(autograd.grads(W), 2 * NUMBERS)
    assert autograd.data(W).dtype == autograd.grads(W).dtype == np.float64
    assert autograd.data([Value(1.0), 2]).tolist() == [1.0, 2.0]
    assert autograd.data(Value(1.0)).shape == ()
    assert autograd.data(np.empty((0, 3), dtype=object)).shape == (0, 3)
    with pytest.raises(TypeError, match="got str"):
        autograd.data(["a"])


def test_assign():
    W = weights()
    autograd.assign(W, -NUMBERS)
    np.testing.assert_array_equal(autograd.data(W), -NUMBERS)
    autograd.assign(W[0, 0], 7)
    assert W[0, 0].data == 7.0
    autograd.assign([W[0, 0], W[0, 1]], 0.0)
    assert W[0, 1].data == 0.0
    b = Value(1.0)
    for nest in ([W, b], {"W": W, "b": b}, [b, {"W": W}][::-1], (W[0], W[1], b)):
        autograd.assign(nest, np.arange(7.0))
        assert [*W.data.flat, b.data] == list(range(7))
    autograd.assign({"b": b}, 2.0)
    assert b.data == 2.0


@pytest.mark.parametrize(
    ("numbers", "error", "message"),
    [
        (np.ones(3), ValueError, r"numbers of shape \(3,\) to shape \(2, 3\)"),
        ([["a"] * 3] * 2, TypeError, "got str 'a'"),
    ],
)
def test_assign_writes_all_or_nothing(numbers, error, message):
    W = weights()
    with pytest.raises(error, match=message):
        autograd.assign(W, numbers)
    np.testing.assert_array_equal(autograd.data(W), NUMBERS)


def test_assign_writes_to_leaves_only():
    W = weights()
    with pytest.raises(ValueError, match="leaves only"):
        autograd.assign([W[0, 0], W[0, 1] * 2], [5.0, 6.0])
    assert W[0, 0].data == 1.0


@pytest.mark.parametrize(
    "compute",
    [
        lambda W: W @ np.ones(3), lambda W: np.ones(2) @ W, lambda W: W @ W.T,
        lambda W: np.dot(W, np.ones(3)), lambda W: W.sum(), lambda W: W.sum(axis=0),
        lambda W: np.mean(W, axis=1), lambda W: W.mean(), lambda W: np.var(W),
        lambda W: W.var(axis=0),
        lambda W: np.std(W, axis=1, ddof=1), lambda W: W.std(axis=1, keepdims=True),
        lambda W: np.concatenate([W, W]), lambda W: np.stack([W, 2 * W]), lambda W: W.reshape(3, 2),
        lambda W: np.maximum(W, 0), lambda W: np.minimum(0.5, W), lambda W: np.clip(W, -1, 1),
        lambda W: W.clip(0), lambda W: np.clip(W, None, 0.3), lambda W: np.logaddexp(W, 0.5),
        lambda W: np.where(W > 0, W, 0.1 * W), lambda W: np.exp(W), lambda W: np.tanh(W) ** 2,
        lambda W: W / 2 - 1, lambda W: 1 - W, lambda W: 2**W, lambda W: -W, lambda W: abs(W),
        lambda W: W.max(), lambda W: W.min(axis=1), lambda W: np.prod(W, axis=0), lambda W: W.T,
        lambda W: np.outer(W[0], W[1]), lambda W: np.square(W),
        lambda W: np.einsum("ij,kj->ik", W, W),
        lambda W: np.cumsum(W, axis=1), lambda W: W[:, 1:], lambda W: W[W > 0],
        lambda W: np.trace(W),
        lambda W: np.float64(2) * W, lambda W: np.array([1.0, 2.0, 3.0]) * W,
        lambda W: np.log1p(W * W),
        lambda W: np.arctan2(W, 2.0), lambda W: np.multiply.outer(W[0], W[1]),
    ],
)  # fmt: skip
def test_numpy_computes_the_same_numbers(compute):
    W = weights()
    result, expected = compute(W), compute(NUMBERS)
    assert np.shape(result) == np.shape(expected)
    np.testing.assert_allclose(autograd.data(result), expected, rtol=1e-14)
    if isinstance(result, np.ndarray):
        assert type(result) is ValueArray


@pytest.mark.parametrize(
    "compute",
    [
        lambda W: np.maximum(W, 0).sum(), lambda W: np.std(W),
        lambda W: np.clip(W, -1.2, 1.1).sum(),
        lambda W: np.logaddexp(W, 0.5).sum(), lambda W: (np.where(W > 0, W, 0.1 * W) ** 2).sum(),
        lambda W: W.max(), lambda W: (W @ W.T).sum(), lambda W: np.exp(W).mean(),
        lambda W: np.var(W, axis=1).sum(), lambda W: W.clip(0).sum(), lambda W: np.prod(W),
    ],
)  # fmt: skip
def test_numpy_functions_are_differentiated(compute):
    W, step = weights(), 1e-6
    compute(W).backward()
    for index in np.ndindex(W.shape):
        shift = np.zeros_like(NUMBERS)
        shift[index] = step
        slope = (compute(NUMBERS + shift) - compute(NUMBERS - shift)) / (2 * step)
        assert W[index].grad == pytest.approx(slope, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("compute", "shares"),
    [
        (np.max, [0.25] * 4), (np.min, [0.25] * 4), (np.amax, [0.25] * 4),
        (np.nanmax, [0.25] * 4), (np.maximum.reduce, [0.25] * 4), (np.ptp, [0.0] * 4),
        (lambda W: W.max(keepdims=True)[0], [0.25] * 4),
        (lambda W: np.max(W[:3]), [1 / 3] * 3 + [0]),
        (lambda W: np.max(W, initial=0.5, where=[True, False, True, False]), [0.5, 0, 0.5, 0]),
        (lambda W: np.linalg.norm(W * [1, -1, 1, 1], np.inf), [0.25] * 4),
        (lambda W: np.linalg.norm(W - 1), [0.0] * 4), (np.std, [0.0] * 4),
        (np.nanstd, [0.0] * 4),
        (lambda W: np.std(np.stack([W, W]), axis=0).sum(), [0.0] * 4),
        (lambda W: np.maximum(W, 1).sum(), [0.5] * 4),
    ],
)  # fmt: skip
def test_equal_elements_share_the_derivative(compute, shares):
    W = autograd.array(np.ones(4))
    compute(W).backward()
    assert W.grad.tolist() == pytest.approx(shares)
    if compute not in (np.nanmax, np.nanstd):  # which look for nan
        c = autograd.compile(compute, input_gradients=True)
        _, _, gradient = c.value_and_grad(np.ones((1, 4)))
        assert gradient[0].tolist() == pytest.approx(shares)


@pytest.mark.parametrize(
    "compute",
    [
        lambda W: np.average(W, 1, [1, 2, 3], True), lambda W: np.average(W),
        lambda W: np.average(W, weights=np.abs(NUMBERS)), lambda W: np.average(W, axis=-1),
        lambda W: np.percentile(W, 30), lambda W: np.quantile(W, [0.1, 0.5], -1, keepdims=True),
        lambda W: np.quantile(a=W, q=0.3, method="nearest"), lambda W: np.median(W, axis=0),
        lambda W: np.linalg.norm(W, 3, axis=0), lambda W: np.linalg.norm(W, "fro"),
        lambda W: np.linalg.norm(W, axis=(0, 1), keepdims=True), lambda W: np.linalg.norm(W, 1),
        lambda W: np.cov(W, W[::-1]), lambda W: np.corrcoef(W.T), lambda W: np.vdot(W, W),
        lambda W: np.max(W, axis=(0, 1)), lambda W: np.min(W, axis=1, initial=0.3),
        lambda W: np.setdiff1d(W, [3.0]), lambda W: np.nan_to_num(W / [[0.0], [1.0]]),
        lambda W: np.round(W, 1), lambda W: divmod(W, 2), lambda W: np.select([W > 0], [W], -W),
        lambda W: np.vectorize(lambda v: v * v)(W), lambda W: np.clip(W, np.nan, 1.0),
        lambda W: np.add(W, 1, where=W > 0, out=W * 2), lambda W: np.sort(W, axis=None),
        lambda W: W.max(0, None, True), lambda W: W.min(1, None, False, 0.2),
        lambda W: np.nanstd(W, axis=0),
        lambda W: np.add.reduceat(W, [0, 1], axis=1), lambda W: np.multiply.accumulate(W, axis=1),
    ],
)  # fmt: skip
def test_arguments_of_numpys_functions(compute):
    with np.errstate(all="ignore"):
        found, expected = compute(weights()), compute(NUMBERS)
    answers = [x if isinstance(x, tuple) else (x,) for x in (found, expected)]
    for part, other in zip(*answers, strict=True):
        np.testing.assert_allclose(autograd.data(part), other, rtol=1e-12)


@pytest.mark.parametrize(
    ("compute", "error"),
    [
        (lambda W: np.average(W, axis=1, weights=[2.0]), ValueError),
        (lambda W: np.average(W, axis=1, weights=[0, 0, 0]), ZeroDivisionError),
        (lambda W: np.select([W.data], [W]), TypeError),
        (lambda W: np.max(W, where=W > 0), ValueError),
        (lambda W: np.max(W, axis=5), ValueError),
        (lambda W: np.max(W[:, :0]), ValueError),
        (lambda W: np.linalg.norm(W, 2), TypeError),
        (lambda W: np.nanmean(W, out=np.zeros(())), TypeError),
        (lambda W: np.concatenate([W, np.ma.array(NUMBERS, mask=NUMBERS > 2)]), TypeError),
        (lambda W: W[0, 0] * np.ma.array([1.0, 2.0], mask=[0, 1]), TypeError),
        (lambda W: autograd.array([np.ma.masked, 1.0]), TypeError),
        (lambda W: Value(np.ma.masked), TypeError),
        (lambda W: np.exp(W, where=W > 0), TypeError),
        (lambda W: np.sum(W, dtype=int), TypeError), (lambda W: np.add(W, 1, dtype=int), TypeError),
        (lambda W: np.divmod(W, 2, out=(W * 2, W * 2)), TypeError),
        (lambda W: W.sum(where=W), TypeError),
        (lambda W: np.dot(W[0], np.ma.array([1, 2, 3], mask=[0, 1, 0])), TypeError),
        (lambda W: np.quantile(W, 0.5, axis=5), ValueError),
        (lambda W: np.ptp(W, axis=0, out=np.empty(3, dtype=object)), TypeError),
    ],
)  # fmt: skip
def test_what_numpy_refuses_or_we_do(compute, error):
    with pytest.raises(error):
        compute(weights())


@pytest.mark.parametrize(
    "compute",
    [
        np.max, np.min, np.ptp, np.mean, np.nanmean, np.median, np.linalg.norm, np.average,
        lambda v: np.quantile(v, 0.3), lambda v: np.round(v, 1), lambda v: np.sum(v, initial=v),
        lambda v: np.where(v > 1, v, 0.0), lambda v: np.stack([v, v]).sum(), np.abs, np.std, np.var,
    ],
)  # fmt: skip
def test_a_lone_value_is_an_array_without_axes(compute):
    for number in (2.34, 0.0):
        v = Value(number)
        result, expected = compute(v), compute(np.float64(number))
        assert isinstance(result, Value)
        assert result.data == pytest.approx(float(expected))
        result.backward()
        assert autograd.data(compute(autograd.array(number))) == pytest.approx(float(expected))
    slope = (compute(np.float64(2.34 + 1e-6)) - compute(np.float64(2.34 - 1e-6))) / 2e-6
    assert autograd.gradients(compute(x := Value(2.34)), [x]) == pytest.approx([slope], abs=1e-8)


@pytest.mark.parametrize(
    "compute",
    [
        lambda W, out: np.std(W, 0, None, out, 1), lambda W, out: np.max(W, axis=0, out=out),
        lambda W, out: np.clip(W[0], 0, 1, out=out), lambda W, out: np.exp(W[0], out=out),
        lambda W, out: np.add.reduce(W, out=out), lambda W, out: W.mean(axis=0, out=out),
    ],
)  # fmt: skip
def test_results_are_put_out(compute):
    out, expected = np.empty(3, dtype=object), np.empty(3)
    compute(weights(), out)
    compute(NUMBERS, expected)
    np.testing.assert_allclose(autograd.data(out), expected)


def test_arrays_of_numbers_are_no_arrays_of_values():
    W = weights()
    for made in (np.zeros_like(W, dtype=float), np.vecdot(W[:, :0], W[:, :0]), W.data * 2):
        assert type(made) is np.ndarray
    assert ~(autograd.array(-1.0) > 0)
    for mask in (W[0, 0] == NUMBERS, NUMBERS < W[0, 0], np.less(NUMBERS, W[0, 0])):
        assert type(mask) is np.ndarray
        assert mask.dtype == bool
    assert type(pickle.loads(pickle.dumps(W.data))) is np.ndarray
    median = np.median(W, overwrite_input=True)
    assert (W.data == NUMBERS).all()
    assert median.data == np.median(NUMBERS)


def test_numpy_ma_takes_no_number_out_of_a_value():
    v = Value(2.0)
    product = np.ma.array([1.0, 3.0], mask=[False, True]) * v
    product[0].backward()
    assert v.grad == 1.0


def test_choices_are_recorded():
    W = weights()
    assert {v.op for v in np.maximum(W, 0).flat} == {"maximum"}
    assert {v.op for v in np.where(W > 0, W, 0).flat} == {"where"}
    assert W.max().op == "maximum"
    tie = Value(1.0)
    np.maximum(autograd.array([tie]), 1.0)[0].backward()
    assert tie.grad == 0.5


def test_clip_at_a_bound_keeps_the_derivative():
    x = Value(1.0)
    autograd.clip(x, 0.0, 1.0).backward()
    assert x.grad == 1.0


def test_clip_of_a_single_value_is_recorded():
    x = Value(2.0)
    y = np.clip(x, 0, 1)
    assert (y.data, y.op) == (1.0, "where")
    y.backward()
    assert x.grad == 0.0
    assert x.clip(high=3.0).data == 2.0


def test_comparisons_of_arrays_are_masks():
    W = weights()
    assert (W > 0).dtype == bool
    np.testing.assert_array_equal(W > 0, NUMBERS > 0)
    np.testing.assert_array_equal(W <= autograd.array(NUMBERS), np.full((2, 3), True))
    assert (W == NUMBERS).all()
    assert not (W != NUMBERS).any()
    assert W[:0][W[:0] > 0].shape == (0,)
    x = Value(1.0)
    assert (np.array([0.5, 2.0]) > x).tolist() == [False, True]
    assert (x < np.array([0.5, 2.0])).tolist() == [False, True]
    assert (np.float64(0.5) < x) is True


def test_a_value_meets_numpy():
    x = Value(2.0)
    assert np.exp(x).op == "exp"
    assert (np.float64(3) * x).op == "mul"
    for product in (np.array([1.0, 2.0]) * x, x * np.array([1.0, 2.0])):
        assert type(product) is ValueArray
        assert autograd.data(product).tolist() == [2.0, 4.0]
    assert np.add(1, x).data == 3.0
    assert np.add.reduce([x, x]).data == 4.0
    assert np.array([x, x]).dtype == object
    objects = np.array([x, Value(0.5)])
    assert np.exp(objects)[1].op == "exp"
    assert np.dot(objects, objects).data == 4.25
    assert autograd.maximum(objects, 1.0)[1].op == "maximum"


def test_clip_var_and_std_take_the_keywords_of_numpy():
    W = weights()
    for result, expected in (
        (np.clip(W, a_min=0, a_max=1), np.clip(NUMBERS, 0, 1)),
        (np.clip(a=W, a_min=None, a_max=1), np.clip(NUMBERS, None, 1)),
        (np.std(a=W, axis=0), np.std(NUMBERS, axis=0)),
        (np.clip(np.array([0.5, 5.0]), 0, W[0, 0]), [0.5, 1.0]),
        (np.var(W, correction=1), np.var(NUMBERS, correction=1)),
        (np.std(W, where=W > 0, axis=1), np.std(NUMBERS, where=NUMBERS > 0, axis=1)),
        (np.clip(W, 0, 1, out=np.empty((2, 3), dtype=object)), np.clip(NUMBERS, 0, 1)),
    ):
        np.testing.assert_allclose(autograd.data(result), expected)
    with pytest.raises(TypeError, match="Cannot cast ufunc 'clip' output"):
        np.clip(W, 0, 1, out=np.zeros((2, 3)))


def test_the_functions_take_real_numbers():
    with pytest.raises(TypeError, match="takes real numbers, got an array of complex"):
        autograd.exp(np.array([1j]))
    with pytest.raises(TypeError, match="takes real numbers, got an array of <U1"):
        autograd.exp(np.array(["1"]))


def test_an_array_without_axes_is_its_element():
    x = autograd.array(3.0)
    assert autograd.exp(x).parents == (x.item(),)
    assert autograd.where(True, x, 0.0).data == 3.0


def test_an_axis_of_nested_lists():
    assert autograd.sum([[1, 2], [3, 4]], axis=0).tolist() == [4.0, 6.0]
    assert autograd.mean([[1.0, 2.0], [3.0, 4.0]], axis=1).tolist() == [1.5, 3.5]
    with pytest.raises(TypeError, match="axis is a whole number or None"):
        autograd.sum(NUMBERS, axis=(0, 1))
    with pytest.raises(ValueError, match="two vectors; matrices"):
        autograd.dot(NUMBERS, NUMBERS)


def test_in_place_operations():
    numbers = np.zeros(2)
    with pytest.raises(TypeError, match="cannot write Values into an array of float64"):
        numbers += Value(1.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: np.nextafter(weights(), 1),
        lambda: np.spacing(Value(1.0)),
        lambda: np.ldexp(weights(), 2),
    ],
)
def test_a_ufunc_without_a_row_is_refused(call):
    with pytest.raises(TypeError, match=r"has no derivative here.*autograd\.data"):
        call()


def test_conversion_to_floats_is_refused():
    with pytest.raises(TypeError, match=r"v\.data"):
        np.array([Value(1.0)], dtype=float)
    with pytest.raises(TypeError, match=r"v\.data"):
        weights().astype(float)


def test_repr_shows_the_numbers():
    assert repr(autograd.array([1.0, 2.5])) == "ValueArray([1. , 2.5])"
    assert str(autograd.array([[1.0], [2.0]])) == "ValueArray([[1.],\n            [2.]])"
    assert repr(autograd.array([])) == "ValueArray([])"


# Reductions


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize(
    ("ours", "numpy"),
    [
        (autograd.sum, np.sum), (autograd.mean, np.mean), (autograd.prod, np.prod),
        (autograd.logsumexp, lambda a, axis: np.log(np.exp(a).sum(axis=axis))),
        (autograd.softmax, lambda a, axis: np.exp(a) / np.exp(a).sum(axis=axis, keepdims=True)),
        (autograd.log_softmax, lambda a, axis: a - np.log(np.exp(a).sum(axis=axis, keepdims=True))),
    ],
)  # fmt: skip
def test_reductions_along_an_axis(ours, numpy, axis):
    expected = numpy(NUMBERS, axis=axis)
    for given in (NUMBERS, weights(), np.array(weights())):
        result = ours(given, axis=axis)
        np.testing.assert_allclose(autograd.data(result), expected, rtol=1e-14)
    assert isinstance(ours(NUMBERS, axis=axis), (float, np.ndarray))


def test_sum_takes_steps_from_left_to_right():
    a, b, c = (Value(x) for x in (1.0, 2.0, 3.0))
    total = autograd.sum([a, b, c])
    assert total.parents[1] is c
    assert total.parents[0].parents == (a, b)
    assert sum([a, b]).parents[0].op == "add"  # the builtin begins with 0 + a
    assert autograd.sum(v for v in (a, b)).data == 3.0
    assert autograd.sum([a], 10.0).data == 11.0
    assert autograd.mean((a, b)).data == 1.5
    assert autograd.prod([]) == 1.0
    assert autograd.dot([a, b], [b, c]).data == 8.0
    assert autograd.dot([], []) == 0.0


def test_softmax_returns_the_kind_it_got():
    x = Value(1.0)
    assert type(autograd.softmax([x, 2.0])) is list
    assert type(autograd.softmax((x, 2.0))) is tuple
    assert type(autograd.softmax(weights())) is ValueArray
    assert autograd.softmax(np.ones((2, 2)), axis=0).dtype == float
    assert autograd.softmax(NUMBERS).shape == NUMBERS.shape


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_the_softmax_family_does_not_overflow(shift):
    logits = [Value(shift), Value(shift + 1.0)]
    p = autograd.softmax(logits)
    assert p[1].data == pytest.approx(1 / (1 + np.exp(-1)))
    autograd.logsumexp(logits).backward()
    assert [v.grad for v in logits] == pytest.approx([v.data for v in p])
    assert autograd.log_softmax(logits)[0].data == pytest.approx(np.log(p[0].data))


def test_infinite_logits():
    inf = np.inf
    assert autograd.logsumexp([-inf, 0.0]) == 0.0
    assert autograd.logsumexp([-inf, -inf]) == -inf
    assert autograd.logsumexp([inf, 0.0]) == inf
    assert np.isnan(autograd.logsumexp([np.nan, 0.0]))
    assert autograd.softmax([-inf, 0.0]) == [0.0, 1.0]
    assert autograd.logaddexp(-inf, 1.0) == 1.0


def test_empty_and_mismatched():
    for function in (autograd.mean, autograd.softmax, autograd.log_softmax, autograd.logsumexp):
        with pytest.raises(ValueError, match="at least one value"):
            function([])
    with pytest.raises(ValueError, match="one length, got 1 and 2"):
        autograd.dot([1.0], [1.0, 2.0])
