"""Compiled and eager training are the same training."""

import numpy as np
import pytest
from effort import few

from autograd import TracerError, Value, where
from nn import MLP, SGD, Adam, Module, cross_entropy, evaluate, fit, half_squared_error, hinge, mse

RNG = np.random.RandomState(0)
X = RNG.rand(40, 6)
LABELS = RNG.randint(0, 3, 40)
ONE_HOT = np.eye(3)[LABELS]


def numbers(model):
    return [v.data for v in model.parameters()]


def both(make, Y, **options):
    """The history and the model of a compiled and of an eager run."""
    runs = []
    for compiled in (True, False):
        model = MLP(6, [5, 3], seed=0)
        options_now = {**options, "optimizer": make(model.parameters())}
        history = fit(model, X, Y, compiled=compiled, progress=False, **options_now)
        runs.append((history, model))
    return runs


@pytest.mark.parametrize("make", [lambda p: SGD(p, 0.1, 0.9), lambda p: Adam(p, 0.05)])
@pytest.mark.parametrize(
    ("loss", "Y"),
    [(cross_entropy, LABELS), (cross_entropy, ONE_HOT), (half_squared_error, ONE_HOT),
     (mse, ONE_HOT), (hinge, LABELS)],
)  # fmt: skip
def test_losses_and_parameters_agree(make, loss, Y):
    (fast, a), (slow, b) = both(make, Y, loss=loss, epochs=5, batch_size=8, validation=(X, Y))
    for field in ("loss", "accuracy", "validation_loss", "validation_accuracy"):
        np.testing.assert_allclose(getattr(fast, field), getattr(slow, field), rtol=1e-9)
    np.testing.assert_allclose(numbers(a), numbers(b), rtol=1e-9, atol=1e-12)


def test_a_callback_sees_the_gradient_of_the_last_batch():
    seen = []
    for compiled in (True, False):
        model = MLP(6, [5, 3], seed=0)

        def looks(history, model=model):
            seen.append([v.grad for v in model.parameters()])

        fit(model, X, LABELS, optimizer=SGD(model.parameters(), 0.1), epochs=1, batch_size=16,
            callback=looks, compiled=compiled, progress=False)  # fmt: skip
    np.testing.assert_allclose(*seen, rtol=1e-9, atol=1e-15)
    assert np.count_nonzero(seen[0]) > 40


def test_an_optimizer_of_some_parameters_leaves_the_others():
    for compiled in (True, False):
        model = MLP(6, [5, 3], seed=0)
        before = numbers(model)
        chosen = model.parameters()[3:9][::-1]
        fit(model, X, LABELS, optimizer=Adam(chosen, 0.1), epochs=2, compiled=compiled,
            progress=False)  # fmt: skip
        moved = [i for i, (a, b) in enumerate(zip(before, numbers(model), strict=True)) if a != b]
        assert moved == list(range(3, 9))


def test_a_parameter_that_the_loss_does_not_reach_stays():
    class Odd(Module):
        def __init__(self):
            self.used, self.unused = Value(1.0), Value(2.0)

        def __call__(self, x):
            return self.used * x[0]

    for compiled in (True, False):
        model = Odd()
        fit(model, X, X[:, 1], loss=mse, epochs=1, compiled=compiled, progress=False)
        assert model.unused.data == 2.0
        assert model.used.data != 1.0


def test_a_callback_sees_the_trained_values():
    model, seen = MLP(6, [5, 3], seed=0), []
    fit(model, X, LABELS, epochs=3, callback=lambda h: seen.append(numbers(model)), progress=False)
    assert seen[0] != seen[1] != seen[2] == numbers(model)


def test_an_optimizer_of_ones_own_works_on_the_values():
    class Signs:
        def __init__(self, parameters):
            self.parameters = parameters

        def zero_grad(self):
            for p in self.parameters:
                p.grad = None

        def step(self):
            for p in self.parameters:
                p.data -= 0.01 * (p.grad > 0) - 0.01 * (p.grad < 0)

    (fast, a), (slow, b) = both(Signs, LABELS, epochs=2, batch_size=16)
    np.testing.assert_allclose(fast.loss, slow.loss, rtol=1e-9)
    assert numbers(a) == pytest.approx(numbers(b))


def test_a_model_that_branches_on_a_number_says_how_to_train_it():
    class Branching(Module):
        def __init__(self):
            self.w = Value(0.5)

        def __call__(self, x):
            return self.w * x[0] if x[0] > 0.5 else self.w

    with pytest.raises(TracerError, match="where") as caught:
        fit(Branching(), X, X[:, 0], loss=mse, progress=False)
    assert "compiled=False" in caught.value.__notes__[0]
    assert (
        len(fit(Branching(), X, X[:, 0], loss=mse, epochs=1, compiled=False, progress=False)) == 1
    )


def test_a_model_may_choose_by_where():
    class Choosing(Module):
        def __init__(self):
            self.w = Value(0.5)

        def __call__(self, x):
            return where(x[0] > 0.5, self.w * x[0], self.w)

    models = [Choosing(), Choosing()]
    for model, compiled in zip(models, (True, False), strict=True):
        fit(model, X, X[:, 0], loss=mse, epochs=2, compiled=compiled, progress=False)
    assert models[0].w.data == pytest.approx(models[1].w.data, rel=1e-9)


def test_float32_is_close():
    models = [MLP(6, [5, 3], seed=0), MLP(6, [5, 3], seed=0)]
    histories = [
        fit(m, X, LABELS, epochs=3, progress=False, dtype=dtype)
        for m, dtype in zip(models, ("float64", "float32"), strict=True)
    ]
    np.testing.assert_allclose(histories[0].loss, histories[1].loss, rtol=1e-4)


def test_evaluate_agrees():
    model = MLP(6, [5, 3], seed=0)
    fast, slow = (evaluate(model, X, LABELS, compiled=c) for c in (True, False))
    assert fast.loss == pytest.approx(slow.loss, rel=1e-12)
    assert fast.accuracy == slow.accuracy


def digits():
    datasets = pytest.importorskip("sklearn.datasets")
    images, labels = datasets.load_digits(return_X_y=True)
    return images / 16.0, labels


@pytest.mark.parametrize("make", few([lambda p: Adam(p, 0.01), lambda p: SGD(p, 0.1)], 2))
def test_twenty_steps_on_the_digits(make):
    images, labels = digits()
    histories, models = [], []
    for compiled in (True, False):
        model = MLP(64, [16, 10], seed=0)
        optimizer = make(model.parameters())
        options = {"epochs": 2, "batch_size": 8, "compiled": compiled, "progress": False}
        histories.append(fit(model, images[:80], labels[:80], optimizer=optimizer, **options))
        models.append(numbers(model))
    np.testing.assert_allclose(histories[0].loss, histories[1].loss, rtol=1e-9)
    np.testing.assert_allclose(*models, rtol=1e-9, atol=1e-11)
