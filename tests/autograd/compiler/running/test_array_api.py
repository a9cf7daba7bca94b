"""Programs run on libraries of the Array API standard, beside the NumPy machine."""

import contextlib
import functools
import importlib
import warnings

import numpy as np
import pytest
from beside_eager import weights
from effort import examples
from hypothesis import HealthCheck, given, settings
from random_programs import UNSIGNED, assert_as_eager, programs

import autograd
import nn
from autograd import IndexRangeError, Value, dot, gradients, take, tanh
from autograd.compiler.rolling.instructions import StepKind
from autograd.compiler.running.array_api import run_standard
from autograd.primitive import TABLE

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 6))


def wrapped_torch():
    """PyTorch under the standard's names, from array-api-compat or SciPy's copy of it."""
    pytest.importorskip("torch")
    for name in ("array_api_compat.torch", "scipy._lib.array_api_compat.torch"):
        with contextlib.suppress(ImportError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    return pytest.skip("array-api-compat is not installed")


@pytest.fixture(params=["array_api_strict", "torch", pytest.param("jax", marks=pytest.mark.slow)])
def xp(request):
    """A namespace; the strict one without all that is optional or newer than the standard."""
    if request.param == "torch":
        yield wrapped_torch()
        return
    if request.param == "jax":
        with pytest.importorskip("jax").enable_x64(True):
            yield importlib.import_module("jax.numpy")
        return
    strict = pytest.importorskip("array_api_strict")
    with strict.ArrayAPIStrictFlags(
        api_version="2023.12",
        boolean_indexing=False,
        data_dependent_shapes=False,
        enabled_extensions=(),
    ):
        yield strict


def run(xp, c, program, *inputs, **options):
    theta = np.array([v.data for v in c.parameters], dtype=float)
    return run_standard(program, xp, xp.asarray(theta), [xp.asarray(x) for x in inputs], **options)


def assert_close(found, expected, rel=1e-12):
    expected = np.asarray(expected)
    assert tuple(found.shape) == expected.shape
    np.testing.assert_allclose(np.asarray(found), expected, rtol=rel, atol=rel, equal_nan=True)


def compare(xp, f, *inputs):
    """Outputs, mean, gradient and input gradients are those of the NumPy machine.

    So are the outputs of the program without gradients, which is another one: it folds extremes.
    """
    c = autograd.compile(f, input_gradients=True)
    outputs = np.reshape(c(*inputs), (1, -1))
    assert_close(run(xp, c, c.program, *inputs).outputs, outputs)
    found = run(xp, c, c.lower(*inputs), *inputs)
    mean, gradient, by_input = c.value_and_grad(*inputs)
    assert_close(found.outputs, outputs)
    assert_close(found.mean, mean)
    assert_close(found.gradient, gradient)
    by_input = by_input if isinstance(by_input, tuple) else (by_input,)
    for x, expected in zip(found.input_gradients, by_input, strict=True):
        assert (x is None) == (expected is None)
        if expected is not None:
            assert_close(x, expected)
    if xp.__name__ == "jax.numpy":
        compare_jitted(f, *inputs)


def compare_jitted(f, *inputs):
    """What JAX compiles gives the same through the same calls."""
    c, theirs = (
        autograd.compile(f, input_gradients=True, backend=backend) for backend in ("numpy", "jax")
    )
    assert_close(theirs(*inputs), c(*inputs))
    for found, expected in zip(
        jax_leaves(theirs.value_and_grad(*inputs)), jax_leaves(c.value_and_grad(*inputs)),
        strict=True,
    ):  # fmt: skip
        assert_close(np.asarray(found), expected)


def jax_leaves(thing):
    return importlib.import_module("jax").tree.leaves(thing)


# Every row of the table

SPECIAL = (np.nan, np.inf, -np.inf, 0.0, 1.0, -1.0, 800.0, -800.0, 1e-300)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_row_at_its_points(xp, name):
    row, w = TABLE[name], Value(0.75, "w")
    for count in sorted({len(point) for point in row.points}):
        points = np.array([p for p in row.points if len(p) == count])
        compare(xp, lambda x: row(*x) * w, points)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_row_at_the_edges_of_its_domain(xp, name):
    row = TABLE[name]
    operands = len(row.partials)
    points = np.array(np.meshgrid(*[SPECIAL] * operands)).reshape(operands, -1).T
    c = autograd.compile(lambda x: row(*x))
    found = run(xp, c, c.lower(points), points).outputs[0, :]
    expected = c(points)
    if xp.__name__ != "array_api_strict":  # the standard leaves overflow to the library
        found = xp.where(xp.abs(found) > 1e300, xp.sign(found) * 1e300, found)
        expected = np.clip(expected, -1e300, 1e300)
    assert_close(found, expected)


def test_a_row_of_shared_numbers(xp):
    w = weights(1, 4)

    def f(x):
        return x * autograd.sum([tanh(v) * autograd.gt(v, 0.1) + autograd.erf(v) for v in w])

    compare(xp, f, X[:, 0])


# Programs

E, K, U, W = weights(2, 5, 3), weights(3, 2, 3), weights(4, 3, 3), weights(5, 6)
NETWORK = nn.MLP(6, [5, 4], "sigmoid", seed=0)
SMOOTH = nn.MLP(3, [4, 1], "tanh", seed=0)
LABELS, WORDS = rng.integers(0, 4, 5), rng.integers(0, 5, (5, 4))


def half_squared_error(x, y):
    return nn.half_squared_error(NETWORK(x), y)


def cross_entropy(x, y):
    return nn.cross_entropy(NETWORK(x), y)


def embedding(i):
    """A table whose rows are taken again and again."""
    return autograd.sum([tanh(v * (t + 1)) for t in range(4) for v in take(E, i[t])])


def taken_from_mixed(x, i):
    """Candidates of which some are shared and some are of each example."""
    return take([x[0], W[0], x[1] * x[2], 1.5, W[1] * W[2]], i[0]) * take(list(x), i[1])


def convolution(x):
    return autograd.sum([
        autograd.relu(autograd.sum([K[k, a] * x[i + a] for a in range(3)])) * (k + 1)
        for k in range(2) for i in range(4)
    ])  # fmt: skip


def recurrent(x):
    h = x[:3]
    for t in range(4):
        h = tanh(U @ h + x[t])
    return h.sum()


def attention(x):
    q = [U @ x[t : t + 3] for t in range(4)]
    out = []
    for t in range(4):
        p = autograd.softmax([dot(q[t], q[s]) for s in range(t + 1)])
        out += [autograd.sum([p[s] * q[s][d] for s in range(t + 1)]) for d in range(3)]
    return autograd.sum([v * v for v in out])


def mixture(x):
    """-log of a mixture of normal densities."""
    parts = [W[k] - 0.5 * dot(x[:3] - E[k], x[:3] - E[k]) for k in range(5)]
    return -autograd.logsumexp(parts) + autograd.logsumexp(list(W))


def largest(values):
    return functools.reduce(autograd.maximum, values)


def smallest(values):
    return functools.reduce(autograd.minimum, values)


def extremes(x):
    mixed = autograd.maximum(autograd.maximum(x[0], x[1]), autograd.maximum(x[2], W[0]))
    rows = [largest([U[i, j] * x[j] for j in range(3)]) for i in range(3)]
    return mixed * W[1] + smallest(x) * largest(W) + autograd.sum(rows)


def ragged(x):
    sums = [autograd.sum([W[j] * x[(i + j) % 6] for j in range(i + 1)]) for i in range(6)]
    decay = autograd.sum([v * v for v in W])
    return autograd.sum([tanh(v) for v in sums]) + 0.1 * decay


def squared_slopes(x):
    slopes = gradients(SMOOTH(x[:3]), x[:3], create_graph=True)
    return autograd.sum([s * s for s in slopes])


def products_of_each_example(x):
    """Matrix products of two factors that both differ from example to example."""
    m = [[x[i] * x[j] + W[j] for j in range(3)] for i in range(3)]
    n = [[tanh(x[i + j]) for j in range(3)] for i in range(3)]
    return autograd.sum([
        tanh(autograd.sum([m[i][k] * n[k][j] for k in range(3)]))
        for i in range(3) for j in range(3)
    ])  # fmt: skip


def products_of_weights(x):
    """Products of parameters alone, which run before the batch."""
    return dot(tanh(U @ (U @ U))[0], x[:3])


def in_place(x):
    """A chain of steps that each write over their operand."""
    y = x * W
    for _ in range(3):
        y = tanh(y) * 1.5 + 0.1
    return y.sum()


def no_parameters(x):
    return x[0] * x[1] + autograd.exp(x[2])


def not_all_inputs_matter(x, i):
    return x[0] * W[0] + 0.0 * i


def looped(x):
    return autograd.scan(lambda c, v: (autograd.sin(c * W[0] + v), c), W[1], list(x))[0]


PROGRAMS = {
    half_squared_error: (X, rng.normal(size=(5, 4))),
    cross_entropy: (X, LABELS),
    embedding: (WORDS,),
    taken_from_mixed: (X, WORDS[:, :2]),
    not_all_inputs_matter: (X, LABELS),
} | dict.fromkeys(
    (convolution, recurrent, attention, mixture, extremes, ragged, squared_slopes,
     products_of_each_example, products_of_weights, in_place, no_parameters, looped), (X,)
)  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_a_program(xp, f):
    compare(xp, f, *PROGRAMS[f])


@settings(max_examples=examples(50), suppress_health_check=list(HealthCheck))
@given(program=programs(UNSIGNED))
def test_random_programs(xp, program):
    f, w, x = program
    c = autograd.compile(f, parameters=w)
    c.value_and_grad(x)
    theta = np.array([v.data for v in c.recorded.leaves], dtype=float)
    found = run_standard(c.program, xp, xp.asarray(theta), [xp.asarray(x)])
    assert_as_eager(np.asarray(found.outputs)[0], np.asarray(found.gradient), *program)


def test_the_programs_above_have_steps_of_every_kind():
    steps = []
    for f, inputs in PROGRAMS.items():
        c = autograd.compile(f, input_gradients=True)
        steps += c.lower(*inputs).steps
        c(*inputs)
        steps += c.program.steps
    assert {step.kind for step in steps} == set(StepKind)
    reduced = {step.row.name for step in steps if step.kind == StepKind.REDUCE}
    assert reduced == {"add", "maximum", "minimum"}


def test_without_inputs(xp):
    c = autograd.compile(lambda: autograd.logsumexp(list(W)) * W[0])
    found = run(xp, c, c.lower())
    mean, gradient = c.value_and_grad()
    assert_close(found.outputs, [[mean]])
    assert_close(found.mean, mean)
    assert_close(found.gradient, gradient)
    assert found.input_gradients == []


def test_several_outputs_of_which_one_is_shared(xp):
    c = autograd.compile(lambda x: (dot(W, x), W[0] * W[1], x[0]))
    found = run(xp, c, c.lower(X), X)
    assert_close(found.outputs, np.stack(c(X)))
    assert found[1:] == (None, None, [])


def test_nan_is_the_largest_and_the_smallest(xp):
    x = np.where(np.eye(5, 6) > 0, np.nan, X)
    for f in (largest, smallest, extremes):
        compare(xp, f, x)


def test_inf_beside_what_is_picked_does_not_turn_into_nan(xp):
    x = np.array([[1.0, 2.0], [np.inf, 3.0], [0.5, -np.inf]])
    compare(xp, lambda x, i: dot(take(E[:, :2], i), x), x, np.array([0, 1, 0]))


def test_an_empty_batch(xp):
    c = autograd.compile(cross_entropy)
    found = run(xp, c, c.lower(X, LABELS), X[:0], LABELS[:0])
    assert found.outputs.shape == (1, 0)
    assert found[1:] == (None, None, [])


@pytest.mark.parametrize("kind", ["uint8", "int32", "int64"])
def test_integers_of_any_width(xp, kind):
    table = [tanh(W[0] * k) for k in range(300)]
    compare(xp, lambda i: take(table, i), np.array([3, 200, 255, 3], kind))
    compare(xp, lambda i: take(table, np.clip(2 * i - 3, 1, 9 - i // 3)), np.array([3, 9, 1], kind))


def test_a_truth_value_is_a_number(xp):
    compare(xp, lambda x, b: x[0] * b * W[0], X, X[:, 1] > 0)


# What it is given


def test_float32(xp):
    c = autograd.compile(cross_entropy, dtype="float32")
    program = c.lower(X, LABELS)
    found = run(xp, c, program, X, LABELS, dtype=xp.float32)
    mean, gradient = c.value_and_grad(X, LABELS)
    assert found.outputs.dtype == found.mean.dtype == found.gradient.dtype == xp.float32
    assert_close(found.mean, mean, rel=1e-6)
    assert_close(found.gradient, gradient, rel=1e-6)


def test_parameters_as_a_list(xp):
    c = autograd.compile(lambda x: dot(W, x))
    theta = [1, 2, 3, 4, 5, 6]
    found = run_standard(c.lower(X), xp, theta, [X], dtype=xp.float64)
    assert_close(found.outputs[0, :], X @ theta)


@pytest.mark.parametrize("f", [cross_entropy, embedding, lambda x: autograd.gelu(dot(W, x))])
def test_another_device(f):
    strict = pytest.importorskip("array_api_strict")
    if np.lib.NumpyVersion(np.__version__) < "2.1.0":
        pytest.skip("NumPy's from_dlpack knows no device before 2.1")
    inputs = PROGRAMS.get(f, (X,))
    c = autograd.compile(f)
    elsewhere = strict.Device("device1")
    found = run(strict, c, c.lower(*inputs), *inputs, device=elsewhere)
    here = strict.Device("CPU_DEVICE")
    assert found.outputs.device == found.gradient.device == elsewhere
    assert_close(found.gradient.to_device(here), c.value_and_grad(*inputs)[1])


def test_what_is_given_stays_as_it_is(xp):
    c = autograd.compile(in_place, input_gradients=True)
    theta, x = xp.asarray(autograd.data(W)), xp.asarray(X.copy())
    first = run_standard(c.lower(X), xp, theta, [x])
    again = run_standard(c.lower(X), xp, theta, [x])
    assert_close(theta, autograd.data(W))
    assert_close(x, X)
    assert_close(again.gradient, np.asarray(first.gradient), rel=0.0)


@pytest.mark.parametrize("wrong", [5, -1])
def test_an_index_out_of_range_is_refused(xp, wrong):
    c = autograd.compile(embedding)
    words = WORDS.copy()
    words[2, 3] = wrong
    with pytest.raises(IndexRangeError, match=r"input 'i' is outside the 5 values 0\.\.4"):
        run(xp, c, c.lower(WORDS), words)


def test_another_number_of_parameters_is_refused(xp):
    c = autograd.compile(lambda x: dot(W, x))
    with pytest.raises(ValueError, match=r"6 parameters, got one of shape \(7,\)"):
        run_standard(c.lower(X), xp, xp.zeros(7), [xp.asarray(X)])


@pytest.mark.filterwarnings("ignore:torch.asarray. unspecified requires_grad")
def test_a_library_can_differentiate_through_it():
    """Nothing is written in place: PyTorch's own gradient of the outputs is the program's."""
    xp = wrapped_torch()
    for f in (half_squared_error, attention, extremes):
        inputs = [xp.asarray(x) for x in PROGRAMS[f]]
        c = autograd.compile(f)
        program = c.lower(*PROGRAMS[f])
        theta = xp.asarray(autograd.data(c.parameters)).requires_grad_()
        found = run_standard(program, xp, theta, inputs)
        found.outputs.mean().backward()
        assert_close(theta.grad, found.gradient.detach().numpy())


def test_sums_of_different_lengths(xp):
    x = rng.normal(size=(3, 5, 2))
    x[2, 3, 1] = np.inf  # which the sums of earlier places do not have

    def f(x):
        past = [dot([x[t, 0] * x[s, 0] for s in range(t + 1)], x[: t + 1, 1]) for t in range(5)]
        return autograd.sum([p * p for p in past])

    compare(xp, f, x)
