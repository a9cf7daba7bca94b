"""The rivals compute what the scalar code does: the same loss, the same gradient."""

import importlib
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd.graph import flatten

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
EXAMPLES = 3


@pytest.fixture
def flat(monkeypatch):
    return load(monkeypatch, "flat")


@pytest.fixture
def digits(monkeypatch):
    return load(monkeypatch, "digits_network")


@pytest.fixture
def gmm(monkeypatch):
    return load(monkeypatch, "gmm")


@pytest.fixture
def transformer(monkeypatch):
    return load(monkeypatch, "transformer")


def load(monkeypatch, name):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module(name)


def images(digits, count=EXAMPLES):
    random = np.random.RandomState(0)
    X = random.uniform(size=(count, digits.PIXELS))
    return X, np.eye(digits.CLASSES)[random.randint(digits.CLASSES, size=count)]


def scalar(loss, parameters, *batches):
    """The mean of an eager loss over a batch, and its gradient."""
    losses = [loss(*example) for example in zip(*batches, strict=True)]
    mean = autograd.mean(losses)
    autograd.zero_grad(parameters)
    mean.backward()
    return mean.data, autograd.grads(parameters)


def assert_same(rival, ours):
    """To a relative 1e-9; of a gradient, relative to its length too: some entries are almost 0."""
    for theirs, mine in zip(rival, ours, strict=True):
        scale = np.abs(mine).max()
        assert scale > 0
        np.testing.assert_allclose(theirs, mine, rtol=1e-9, atol=1e-12 * scale)


# Vectors and arrays


def test_a_vector_is_taken_apart_and_put_together(flat):
    vector = np.arange(7.0)
    pair, square = flat.split(vector, [(3,), (2, 2)])
    assert pair.tolist() == [0, 1, 2]
    assert square.tolist() == [[3, 4], [5, 6]]
    assert np.shares_memory(square, vector)
    assert flat.join([pair, square]).tolist() == vector.tolist()
    with pytest.raises(ValueError, match="these shapes have 6 numbers, the vector has 7"):
        flat.split(vector, [(2, 3)])


def test_the_model_of_the_digits_and_the_articles_weights_are_the_same_numbers(digits):
    model, weights = digits.make_model(), digits.make_weights()
    vector = autograd.data(model.parameters())
    np.testing.assert_array_equal(digits.vector_of(weights), vector)
    numbered = digits.weights_of(np.arange(len(vector), dtype=float))
    np.testing.assert_array_equal(digits.vector_of(numbered), np.arange(len(vector)))
    x = np.linspace(0, 1, digits.PIXELS)
    z = np.dot(x, weights.W1) + weights.b1
    np.testing.assert_allclose(autograd.data(model.layers[0](x)), digits.sigmoid(z)[0])


# The digits


def test_the_two_scalar_forms_agree(digits, flat):
    X, Y = images(digits)
    model, weights = digits.make_model(), digits.make_weights()
    loss, gradient = scalar(lambda x, y: digits.loss(model, x, y), model.parameters(), X, Y)
    arrays = digits.make_arrays(weights)
    written = scalar(lambda x, y: digits.written_out(*arrays, x, y), flat.join(arrays), X, Y)
    d_W1, _, d_W2, _ = digits.weights_of(gradient)
    assert_same(written, (loss, flat.join([d_W1, d_W2])))


def test_the_articles_epoch_is_a_step_along_the_scalar_gradient(digits):
    assert_same_step(digits, digits.epoch, *images(digits), digits.make_weights())


def test_pytorchs_epoch_is_the_same_step(digits):
    pytest.importorskip("torch")
    X, Y, *weights = digits.tensors([*images(digits), *digits.make_weights()])
    assert_same_step(digits, digits.torch_epoch, X, Y, weights)
    X, Y, *weights = digits.tensors([*images(digits), *digits.make_weights()], "float32")
    assert_same_step(digits, digits.torch_epoch, X, Y, weights, rtol=1e-4)


def assert_same_step(digits, epoch, X, Y, weights, rtol=1e-9):
    model, before = digits.make_model(), digits.make_weights()
    trained = scalar(lambda x, y: digits.loss(model, x, y), model.parameters(), *images(digits))
    loss, gradient = trained[0], digits.weights_of(EXAMPLES * trained[1])
    theirs = epoch(*weights, X, Y, 1.0)  # at this rate the step is the gradient
    np.testing.assert_allclose(theirs, loss / digits.CLASSES, rtol=rtol)
    for name in ("W1", "W2"):
        i = digits.Weights._fields.index(name)
        step = before[i] - np.asarray(weights[i].data, dtype=float)
        scale = np.abs(gradient[i]).max()
        np.testing.assert_allclose(step, gradient[i], rtol=rtol, atol=rtol * scale)
    assert not np.any(np.asarray(weights[1]))


@pytest.mark.parametrize("options", [{}, {"foreach": True}, {"fused": True}], ids=str)
def test_pytorchs_adam_is_ours(digits, monkeypatch, options):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(digits, "BATCH", 2)
    X, Y = images(digits)
    order = [2, 0, 1]
    ours = digits.make_model()
    optimizer = nn.Adam(ours.parameters(), lr=0.01)
    total = 0.0
    for batch in (order[:2], order[2:]):
        loss, _ = scalar(
            lambda x, y: digits.loss(ours, x, y), ours.parameters(), X[batch], Y[batch]
        )
        optimizer.step()
        total += loss * len(batch)

    theirs = digits.torch_model(digits.make_weights())
    optimizer = torch.optim.Adam(theirs.parameters(), lr=0.01, **options)
    loss = digits.torch_batches(theirs, optimizer, *digits.tensors([X, Y]), order)
    vector = digits.vector_of(digits.torch_weights(theirs))
    expected = autograd.data(ours.parameters())
    np.testing.assert_allclose(loss, total / EXAMPLES, rtol=1e-9)
    np.testing.assert_allclose(vector, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.slow
def test_the_images_are_those_of_the_demo(digits):
    pytest.importorskip("sklearn")
    X, Y = digits.load()
    assert X.shape == (1257, digits.PIXELS)
    assert Y.shape == (1257, digits.CLASSES)
    assert X.min() == 0
    assert X.max() == 1
    assert np.all(Y.sum(1) == 1)


# The mixture of Gaussians


@pytest.mark.parametrize("full", [False, True], ids=["diagonal", "full"])
def test_pytorchs_mixture_is_the_scalar_one(gmm, flat, full):
    pytest.importorskip("torch")
    points, vector = gmm.make_points(EXAMPLES), gmm.make_vector(full)
    mixture = gmm.make_mixture(vector, full)
    parameters = flat.join(a for a in mixture if a is not None)
    ours = scalar(lambda x: gmm.log_likelihood(mixture, x), parameters, points)
    assert_same(gmm.TorchMixture(vector, points, full).value_and_grad(), ours)
    if not full:
        assert_same(gmm.ExpandedTorchMixture(vector, points).value_and_grad(), ours)


@pytest.mark.parametrize("full", [False, True], ids=["diagonal", "full"])
def test_the_density_is_a_gaussian(gmm, full):
    vector, point = gmm.make_vector(full), gmm.make_points(1)[0]
    mixture = gmm.make_mixture(vector, full)
    k = 7
    factor = np.diag(np.exp(autograd.data(mixture.log_scales[k])))
    if full:
        rows, columns = np.tril_indices(gmm.DIMENSIONS, -1)
        factor[rows, columns] = autograd.data(mixture.lower[k])
    covariance = np.linalg.inv(factor.T @ factor)
    off = point - autograd.data(mixture.means[k])
    log_determinant = np.linalg.slogdet(2 * np.pi * covariance)[1]
    expected = -0.5 * (off @ np.linalg.solve(covariance, off) + log_determinant)
    np.testing.assert_allclose(gmm.log_density(mixture, k, point).data, expected, rtol=1e-9)


# The transformer


def test_the_transformer_by_hand_is_the_scalar_one(transformer, flat):
    x, y = transformer.make_texts(2)
    vector = transformer.make_vector()
    weights = transformer.make_weights(vector)
    ours = scalar(lambda x, y: transformer.loss(weights, x, y), flat.join(weights), x, y)
    numbers = transformer.Weights(*flat.split(vector, transformer.SHAPES))
    loss, gradient = transformer.by_hand(numbers, x, y)
    assert_same((loss, flat.join(gradient)), ours)


def test_the_transformer_does_not_see_the_future(transformer, flat):
    weights = transformer.make_weights(transformer.make_vector())
    x, _ = transformer.make_texts(1)
    changed = x[0].copy()
    changed[-1] = (changed[-1] + 1) % transformer.VOCABULARY
    with autograd.no_grad():
        streams = [[list(v) for v in weights.tokens[text]] for text in (x[0], changed)]
        first, second = (autograd.data(transformer.attention(weights, s)) for s in streams)
    np.testing.assert_array_equal(first[:-1], second[:-1])
    assert np.any(first[-1] != second[-1])


# The GPT of the demo


def test_the_gpt_by_hand_is_the_scalar_one(monkeypatch, flat):
    small_gpt = load(monkeypatch, "small_gpt")
    model = small_gpt.gpt.make_gpt(layers=1, seed=0)
    x, y = small_gpt.make_batch(EXAMPLES)
    assert len(set((y < small_gpt.SYMBOLS).sum(1))) > 1  # words of several lengths
    loss = small_gpt.eagerly(model, x, y)
    ours = loss, autograd.grads(list(flatten(small_gpt.parameters_of(model))))
    loss, gradient = small_gpt.by_hand(small_gpt.weights_of(model), x, y)
    assert_same((loss, flat.join(gradient)), ours)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_the_dense_network_by_hand(monkeypatch, activation):
    models = load(monkeypatch, "models")
    model = models.dense(activation, 7)
    loss, gradient = model.ours()()
    by_hand, gradients = models.DenseByHand(model, activation)()
    np.testing.assert_allclose(loss, by_hand, rtol=1e-12)
    np.testing.assert_allclose(gradient, np.concatenate([g.ravel() for g in gradients]), rtol=1e-9)
