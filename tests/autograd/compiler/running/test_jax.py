"""Programs compiled by JAX: the same calls and errors, several devices, pure functions."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from effort import examples
from hypothesis import HealthCheck, given, settings
from random_programs import UNSIGNED, assert_as_eager, programs

import autograd
import nn
from autograd import AnomalyError, IndexRangeError, dot, take, tanh

pytestmark = pytest.mark.slow
jax = pytest.importorskip("jax")
jnp = jax.numpy

rng = np.random.default_rng(0)
X, LABELS = rng.normal(size=(41, 6)), np.arange(41) % 3
W = autograd.array(rng.normal(size=(3, 6)), name="W")
THETA = autograd.data(W).ravel()


def cross_entropy(x, y):
    scores = list(W @ x)
    return autograd.logsumexp(scores) - take(scores, y)


def looped(x, y):
    state, _ = autograd.scan(lambda c, v: (tanh(c * W[0, 0] + v), None), W[1, 1], list(x))
    return state * take(list(W[:, 2]), y)


def mesh_of(count):
    return jax.make_mesh((count,), ("batch",), devices=jax.devices()[:count])


def on_mesh(f, count=4, **options):
    return autograd.compile(f, backend="jax", mesh=mesh_of(count), **options)


# Equal results


@settings(max_examples=examples(50), suppress_health_check=list(HealthCheck))
@given(program=programs(UNSIGNED))
def test_random_programs(program):
    f, w, x = program
    c = autograd.compile(f, backend="jax", parameters=w)
    assert_as_eager(*c.outputs_and_grad(x), *program)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_dtype_is_that_of_the_program_whatever_jax_is_set_to(dtype):
    c = autograd.compile(cross_entropy, backend="jax", dtype=dtype)
    mean, gradient = c.value_and_grad(X, LABELS)
    expected = autograd.compile(cross_entropy).value_and_grad(X, LABELS)
    assert c(X, LABELS).dtype == gradient.dtype == dtype
    rel = 1e-13 if dtype == "float64" else 1e-6
    assert mean == pytest.approx(expected[0], rel=rel)
    np.testing.assert_allclose(gradient, expected[1], rtol=rel, atol=rel)
    assert jnp.ones(1).dtype == "float32"  # as JAX is by default


def test_inputs_of_any_kind():
    f = autograd.compile(lambda x, y: dot(W[0], x["a"]) * x["b"] + y, backend="jax")
    g = autograd.compile(lambda x, y: dot(W[0], x["a"]) * x["b"] + y)
    for a, b, y in (
        (X, X[:, 0], 2.0),
        (X.astype("f4"), LABELS.astype("u1"), True),
        (jnp.asarray(X), LABELS > 0, np.longdouble(2)),
        (X[::2, ::-1][:, ::-1], list(LABELS[::2]), 3),
    ):
        np.testing.assert_allclose(f({"a": a, "b": b}, y), g({"a": a, "b": b}, y), rtol=1e-13)


def test_an_empty_batch_through_a_loop():
    def f(x):
        return autograd.scan(lambda c, v: (c + v, c * W[0, 0]), 0.0, list(x))[1]

    c = autograd.compile(f, backend="jax")
    assert [each.shape for each in c(X[:0])] == [each.shape for each in autograd.compile(f)(X[:0])]


def test_numbers_that_jax_has_not():
    large = np.full(5, 2**63 + 5, np.uint64)
    f, g = (
        autograd.compile(lambda x: W[0, 0] * (x * 1e-19), backend=backend)
        for backend in ("jax", "numpy")
    )
    np.testing.assert_allclose(f(large), g(large))
    theta = np.array([2.0], np.longdouble)
    assert f(large[:1], theta=theta) == g(large[:1], theta=theta)


def test_functions_of_jax_and_compiled_ones_say_what_to_do_instead():
    c = autograd.compile(cross_entropy, backend="jax")
    for record in (
        lambda: jax.jit(c)(X, LABELS),
        lambda: jax.grad(lambda theta: c(X, LABELS, theta=theta).mean())(jnp.asarray(THETA)),
    ):
        with pytest.raises(TypeError, match=r"there is the function c.to_jax\(\)"):
            record()
    for f in (lambda x: jnp.tanh(x[0]), lambda x: x[0] * jnp.ones(2)):
        with pytest.raises(TypeError) as caught:
            autograd.compile(f)(X)
        notes = " ".join(caught.value.__notes__)
        assert "write the functions of autograd or of NumPy" in notes


def test_numbers_that_another_program_of_jax_has_met():
    """JAX 0.10 takes an array for one of another dtype if a function that lives has met it."""
    c = autograd.compile(cross_entropy, backend="jax")
    mean, _ = c.value_and_grad(X, LABELS)
    f = c.to_jax()
    step = jax.jit(lambda theta: f(theta, X, LABELS).mean())
    assert float(step(THETA)) == pytest.approx(mean, rel=1e-5)
    assert c.value_and_grad(X, LABELS)[0] == mean


def test_a_mesh_that_is_the_context_already():
    with jax.set_mesh(mesh_of(4)):
        found = on_mesh(cross_entropy)(X, LABELS)
    np.testing.assert_allclose(found, autograd.compile(cross_entropy)(X, LABELS), rtol=1e-12)


def test_a_call_within_a_function_of_jax():
    c = autograd.compile(cross_entropy, backend="jax")
    inside = jax.jit(lambda y: y + c(X[:2], LABELS[:2]).sum())
    assert float(inside(0.0)) == pytest.approx(c(X[:2], LABELS[:2]).sum(), rel=1e-6)


def test_a_pickle_has_no_mesh():
    c = on_mesh(cross_entropy)
    mean, _ = c.value_and_grad(X, LABELS)
    again = pickle.loads(pickle.dumps(c))
    assert again.backend == ("jax", None)
    assert again.value_and_grad(X, LABELS)[0] == pytest.approx(mean, rel=1e-12)


def test_what_a_result_is_may_be_written_to():
    _, gradient = autograd.compile(cross_entropy, backend="jax").value_and_grad(X, LABELS)
    gradient *= 2.0


def test_errors_are_those_of_any_backend():
    c = autograd.compile(cross_entropy, backend="jax")
    with pytest.raises(IndexRangeError, match="index 3 of input 'y', example 0"):
        c(X[:2], [3, 0])
    with pytest.raises(ValueError, match="different numbers of examples"):
        c(X, LABELS[:5])
    with pytest.raises(ValueError, match="empty batch"):
        c.value_and_grad(X[:0], LABELS[:0])
    assert c(X[:0], LABELS[:0]).shape == (0,)


def test_another_backend_or_mesh_is_refused():
    with pytest.raises(ValueError, match="backend is 'numpy' or 'jax', got 'tpu'"):
        autograd.compile(cross_entropy, backend="tpu")
    with pytest.raises(ValueError, match='for backend="jax"'):
        autograd.compile(cross_entropy, mesh=mesh_of(2))
    with pytest.raises(TypeError, match=r"mesh= is a jax.sharding.Mesh, got int 4"):
        autograd.compile(cross_entropy, backend="jax", mesh=4)
    square = jax.make_mesh((2, 2), ("rows", "columns"))
    with pytest.raises(ValueError, match=r"one axis.*'rows': 2"):
        autograd.compile(cross_entropy, backend="jax", mesh=square)


def test_without_jax_it_says_how_to_install_it():
    code = (
        "import sys; sys.modules['jax'] = None\n"
        "import autograd\n"
        "autograd.compile(lambda x: x, backend='jax')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stderr.rstrip().endswith(
        'backend="jax" needs JAX, which is not installed: pip install "jax>=0.8"'
    )


# Many devices


@pytest.mark.parametrize("f", [cross_entropy, looped], ids=lambda f: f.__name__)
@pytest.mark.parametrize("batch", [4, 5, 7, 40, 41])
def test_devices_share_a_batch_even_or_not(f, batch):
    alone = autograd.compile(f, input_gradients=True)
    shared = on_mesh(f, input_gradients=True)
    x, y = X[:batch], LABELS[:batch]
    close = {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(shared(x, y), alone(x, y), **close)
    for found, expected in zip(
        shared.value_and_grad(x, y), alone.value_and_grad(x, y), strict=True
    ):
        for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(a, b, **close)


def test_one_all_reduce_adds_up_a_gradient():
    c = on_mesh(cross_entropy)
    c.value_and_grad(X[:40], LABELS[:40])
    runner = c.recorded.runner(True, False, c.dtype, c.backend)
    with jax.enable_x64(True):
        given = [X[:40], LABELS[:40]]
        text = runner._compiled.lower(*runner._placed(THETA, given, 40)).compile().as_text()
    assert text.count(" all-reduce(") == 1
    assert not any(f" {other}(" in text for other in ("all-gather", "collective-permute"))


def test_a_batch_smaller_than_the_devices_is_refused():
    with pytest.raises(ValueError, match="a batch of 3 cannot be shared by the 4 devices"):
        on_mesh(cross_entropy)(X[:3], LABELS[:3])


def test_a_nan_on_one_device_is_found():
    x = X.copy()
    x[17] = np.nan
    with autograd.detect_anomaly(), pytest.raises(AnomalyError, match="example 17 of 41"):
        on_mesh(cross_entropy).value_and_grad(x, LABELS)


def test_inputs_that_nothing_depends_on_are_shared_all_the_same():
    c = on_mesh(lambda x: dot(W[0], W[1]), unused_inputs=True)
    expected = autograd.compile(lambda x: dot(W[0], W[1]), unused_inputs=True).value_and_grad(X)
    mean, gradient = c.value_and_grad(X)
    assert mean == pytest.approx(expected[0])
    np.testing.assert_allclose(gradient, expected[1])


def test_a_function_without_inputs_is_computed_by_all():
    c = on_mesh(lambda: dot(W[0], W[1]))
    assert c() == pytest.approx(float(autograd.data(W)[0] @ autograd.data(W)[1]))
    assert len(c.value_and_grad()[1]) == 12


def test_training_has_the_same_losses():
    def losses(**options):
        model = nn.MLP(6, [5, 3], "tanh", seed=0)
        history = nn.fit(
            model, X, LABELS, epochs=3, batch_size=16, progress=False,
            validation=(X[:20], LABELS[:20]), **options,
        )  # fmt: skip
        return [*history.loss, *history.validation_loss]

    alone = losses()
    np.testing.assert_allclose(losses(backend="jax"), alone, rtol=1e-12)
    np.testing.assert_allclose(losses(backend="jax", mesh=mesh_of(4)), alone, rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 8}, "the last batch has 1 examples, too few for 4 devices"),
        ({"batch_size": 2}, "a batch has 2 examples"),
        ({"batch_size": 41, "validation": (X[:3], LABELS[:3])}, "validation has 3 examples"),
    ],
)
def test_training_refuses_what_cannot_be_shared_before_it_begins(options, message):
    model = nn.MLP(6, [3], seed=0)
    before = [v.data for v in model.parameters()]
    with pytest.raises(ValueError, match=message):
        nn.fit(model, X, LABELS, backend="jax", mesh=mesh_of(4), **options)
    assert [v.data for v in model.parameters()] == before


def test_training_in_values_has_no_backend():
    with pytest.raises(ValueError, match="compiled=False trains in Values"):
        nn.fit(nn.MLP(6, [3], seed=0), X, LABELS, compiled=False, backend="jax")


# Pure functions


def test_a_pure_function_under_jit_grad_and_vmap():
    c = autograd.compile(cross_entropy, backend="jax")
    outputs = c(X, LABELS)
    f = c.to_jax()
    with jax.enable_x64(True):
        np.testing.assert_allclose(jax.jit(f)(THETA, X, LABELS), outputs, rtol=1e-13)
        gradient = jax.grad(lambda theta: f(theta, X, LABELS).mean())(THETA)
        np.testing.assert_allclose(gradient, c.value_and_grad(X, LABELS)[1], rtol=1e-12)
        of_two = jax.vmap(f, (0, None, None))(np.stack([THETA, 2 * THETA]), X, LABELS)
        np.testing.assert_allclose(of_two[1], c(X, LABELS, theta=2 * THETA), rtol=1e-12)


def test_a_pure_function_computes_in_the_dtype_of_theta():
    c = autograd.compile(cross_entropy)
    outputs = c(X, LABELS)
    found = c.to_jax()(jnp.asarray(THETA), X, LABELS)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, outputs, rtol=1e-5)


def test_a_pure_function_takes_dicts_in_any_order():
    c = autograd.compile(lambda p: dot(W[0], p["x"]) - 2 * p["a"])
    given = {"x": X, "a": X[:, 0]}
    expected = c(given)
    f = c.to_jax()
    with jax.enable_x64(True):
        for run in (f, jax.jit(f)):
            np.testing.assert_allclose(run(autograd.data(W[0]), given), expected, rtol=1e-12)
            turned = dict(reversed(given.items()))
            np.testing.assert_allclose(run(autograd.data(W[0]), turned), expected, rtol=1e-12)


def test_a_pure_function_without_inputs():
    c = autograd.compile(lambda: dot(W[0], W[1]))
    expected = c()
    f = c.to_jax()
    with jax.enable_x64(True):
        theta = jnp.asarray([v.data for v in c.parameters])
        assert float(jax.jit(f)(theta)) == pytest.approx(expected)
        np.testing.assert_allclose(jax.grad(f)(theta), c.value_and_grad()[1], rtol=1e-12)


def test_a_pure_function_has_the_nests_of_f_and_its_fixed_numbers():
    free = W[0]

    def f(pair):
        return {"sum": dot(W[0], pair["x"]) + W[1, 0], "all": W @ pair["x"] + pair["shift"]}

    c = autograd.compile(f, parameters=free)
    expected = c({"x": X, "shift": 0.5})
    with jax.enable_x64(True):
        found = c.to_jax()(autograd.data(free), {"x": X, "shift": 0.5})
    for name in ("sum", "all"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-13)


@pytest.mark.parametrize("wrong", [-1, 3, 100])
def test_a_pure_function_gives_nan_where_an_index_is_out_of_range(wrong):
    c = autograd.compile(lambda i: [take(list(W[:, 0]), 2 * i - 1), take(list(W[:, 1]), i)])
    c([1])
    with jax.enable_x64(True):
        first, second = jax.jit(c.to_jax())(autograd.data(W[:, :2]).T.ravel(), np.array([1, wrong]))
    assert [float(first[0]), float(second[0])] == [W[1, 0].data, W[1, 1].data]
    assert np.isnan([first[1], second[1]]).all()


def test_what_a_pure_function_refuses():
    c = autograd.compile(cross_entropy)
    with pytest.raises(ValueError, match="nothing is compiled yet"):
        c.to_jax()
    c(X, LABELS)
    f = c.to_jax()
    with pytest.raises(ValueError, match="flat array of 18 parameters, got one of shape"):
        f(THETA[:4], X, LABELS)
    with pytest.raises(ValueError, match="2 inputs were recorded, got 1"):
        f(THETA, X)
    with pytest.raises(ValueError, match=r"input 'x' was recorded as numbers of shape"):
        f(THETA, X[:, :5], LABELS)
    with pytest.raises(ValueError, match=r"input 'y' was recorded as integers of shape"):
        f(THETA, X, LABELS * 1.0)
    with pytest.raises(ValueError, match=r"got int\d+ of shape \(1,\) in a batch of 41"):
        f(THETA, X, LABELS[:1])
    c = autograd.compile(lambda pair: pair["x"] * W[0, 0] + pair["y"])
    c({"x": X[:, 0], "y": 1.0})
    with pytest.raises(ValueError, match=r"a nest is .*not {'x': '…', 'y': '…'}"):
        c.to_jax()([1.0], {"x": X[:, 0]})
