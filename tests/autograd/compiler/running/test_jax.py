"""Programs compiled by JAX: the same calls and errors, several devices, pure functions."""

import subprocess
import sys

import numpy as np
import pytest
from effort import examples
from hypothesis import HealthCheck, given, settings
from random_programs import assert_as_eager, programs

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
@given(program=programs())
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
        'JAX is not installed, which backend="jax" needs: pip install "chainrule[jax]"'
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


def test_training_refuses_batches_that_cannot_be_shared():
    model = nn.MLP(6, [3], seed=0)
    with pytest.raises(ValueError, match="the last batch has 1 of 41 examples, too few for 4"):
        nn.fit(model, X, LABELS, batch_size=8, backend="jax", mesh=mesh_of(4))
    with pytest.raises(ValueError, match="a batch has 2 of 41 examples, too few for 4"):
        nn.fit(model, X, LABELS, batch_size=2, backend="jax", mesh=mesh_of(4))
    with pytest.raises(ValueError, match="compiled=False trains in Values"):
        nn.fit(model, X, LABELS, compiled=False, backend="jax")


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


def test_a_pure_function_computes_indices_and_gives_nan_out_of_range():
    c = autograd.compile(lambda i: take(list(W[:, 0]), 2 * i - 1))
    c([1])
    with jax.enable_x64(True):
        found = jax.jit(c.to_jax())(autograd.data(W[:, 0]), np.array([1, 2]))
    assert float(found[0]) == W[1, 0].data
    assert np.isnan(found[1])


def test_what_a_pure_function_refuses():
    c = autograd.compile(cross_entropy)
    with pytest.raises(ValueError, match="nothing is compiled yet"):
        c.to_jax()
    c(X, LABELS)
    with pytest.raises(ValueError, match="flat array of 18 parameters, got one of shape"):
        c.to_jax()(THETA[:4], X, LABELS)
