"""Compiled and eager training are one thing: callbacks, losses, optimizers, dtypes, refusals."""

from __future__ import annotations

import copy
import itertools
import math

import numpy as np
import pytest
from effort import few

import autograd
import nn
from autograd import TracerError, Value, where
from nn import MLP, SGD, Adam, Module, cross_entropy, fit, half_squared_error, hinge, mse

RNG = np.random.RandomState(0)
X = RNG.rand(20, 3)
LABELS = RNG.randint(0, 2, 20)
ONE_HOT = np.eye(2)[LABELS]
SOFT = 0.1 + 0.8 * ONE_HOT
SIGNS = 2 * LABELS - 1
BOTH = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "eager"])


def numbers(module):
    return autograd.data(module.parameters())


class Signs:
    """An optimizer of one's own: it reads and writes Values."""

    def __init__(self, parameters):
        self.parameters = list(parameters)
        self.lr = 0.01

    def zero_grad(self):
        for p in self.parameters:
            p.grad = None

    def step(self):
        for p in self.parameters:
            p.data -= self.lr * np.sign(p.grad)


class Half(SGD):
    """Overrides the update, which works on arrays."""

    def update(self, values, gradient, moved=slice(None)):
        super().update(values, 0.5 * gradient, moved)


class Scaled(Module):
    """A model with a number that the loss reads and nothing trains."""

    def __init__(self, outputs):
        self.mlp = MLP(3, [4, outputs], seed=3)
        self.unused = Value(5.0)

    def __call__(self, x):
        return self.mlp(x)


BIASES = [Value(1.0), Value(2.0)]
LOSSES = {
    "labels": (cross_entropy, LABELS, 2),
    "one hot": (cross_entropy, ONE_HOT, 2),
    "soft": (cross_entropy, SOFT, 2),
    "hinge": (hinge, LABELS, 2),
    "signs": (hinge, SIGNS, 1),
    "mse": (mse, SOFT, 2),
    "half": (half_squared_error, X[:, 0], 1),
    "by name": ("mse", ONE_HOT, 2),
    "smoothed": (lambda p, y: cross_entropy(p, y * 0.9 + 0.05), ONE_HOT, 2),
    "chosen": (lambda p, y: (autograd.take([*p], y) - 1.0) ** 2, LABELS, 2),
    "where": (lambda p, y: where(autograd.gt(1.0, 0.0), mse(p, y), BIASES[0]), SOFT, 2),
    "derived": (lambda p, y: hinge(p, 2 * y - 1), LABELS, 1),
    "ignores y": (lambda p, y: autograd.sum([v * v for v in p]), LABELS, 2),
    "ignores x": (lambda p, y: mse(p, y) * 0.0 + sum(v * v for v in BIASES), SOFT, 2),
}
OPTIMIZERS = {
    "SGD": lambda p: SGD(p, 0.1, 0.9),
    "Adam": lambda p: Adam(p, 0.05),
    "some": lambda p: Adam(p[2:7][::-1], 0.05),
    "Half": lambda p: Half(p, 0.1),
    "Signs": Signs,
}


def assigns(run, history):
    autograd.assign(run.model.parameters()[1:4], 0.25 * len(history))


def clips(run, history):
    for v in run.model.parameters():
        v.data = min(max(v.data, -0.5), 0.5)


def restores(run, history):
    """The numbers of the best epoch."""
    if history.loss[-1] == min(history.loss):
        run.best = numbers(run.model)
    autograd.assign(run.model.parameters(), run.best)


def loads(run, history):
    path = run.folder / "model"
    if len(history) == 1:
        nn.save(run.model, path)
    else:
        nn.load(path, run.model)


def anneals(run, history):
    run.beta.data = 1.0 / (1 + len(history))


def slows(run, history):
    run.optimizer.lr *= 0.5


def looks(run, history):
    run.seen.append([[v.data, v.grad, v.has_grad] for v in [*run.model.parameters(), run.beta]])


def stops(run, history):
    return len(history) == 2


CALLBACKS = {f.__name__: f for f in (assigns, clips, restores, loads, anneals, slows, looks, stops)}
CASES = [
    (loss, optimizer, callback, "float64")
    for loss, optimizer, callback in itertools.product(LOSSES, OPTIMIZERS, [None, *CALLBACKS])
]
CASES += [(loss, "Adam", "assigns", "float32") for loss in LOSSES]


class Run:
    """One run of the sweep."""

    def __init__(self, loss, optimizer, callback, dtype, compiled, folder):
        function, targets, outputs = LOSSES[loss]
        self.folder, self.seen = folder, []
        self.model, self.beta = Scaled(outputs), Value(1.0, "beta")
        parameters = self.model.parameters()
        if loss == "ignores x":
            autograd.assign(BIASES, [1.0, 2.0])
            parameters = [*parameters[:5], *BIASES, *parameters[5:]]
        self.optimizer = OPTIMIZERS[optimizer](parameters)
        base = nn.mse if isinstance(function, str) else function
        given = function if callback != "anneals" else lambda p, y: self.beta * base(p, y)
        called = callback and (lambda history: CALLBACKS[callback](self, history))
        self.history = fit(
            self.model, X, targets, loss=given, optimizer=self.optimizer, epochs=3, batch_size=8,
            validation=(X, targets), callback=called, compiled=compiled, dtype=dtype,
            progress=False,
        )  # fmt: skip

    def state(self):
        """All that a run leaves behind."""
        arrays = getattr(self.optimizer, "arrays", ())
        return {
            "parameters": numbers(self.model),
            "beta": self.beta.data,
            "biases": autograd.data(BIASES),
            "gradients": [v.has_grad for v in [*self.model.parameters(), self.beta, *BIASES]],
            "seen": np.array(self.seen, dtype=float),
            "lr": self.optimizer.lr,
            **self.history.curves(),
            **{name: getattr(self.optimizer, name) for name in arrays},
        }


@pytest.mark.filterwarnings("ignore::autograd.RecompilationWarning")
@pytest.mark.parametrize("case", few(CASES, 7), ids=lambda case: "-".join(map(str, case)))
def test_the_same_losses_and_the_same_state(case, tmp_path):
    fast, slow = (Run(*case, compiled, tmp_path).state() for compiled in (True, False))
    rtol, atol = (1e-7, 1e-10) if case[3] == "float64" else (1e-3, 1e-4)
    assert fast.keys() == slow.keys()
    for name, value in slow.items():
        np.testing.assert_allclose(fast[name], value, rtol=rtol, atol=atol, err_msg=name)
    assert not any(slow["gradients"])


@BOTH
def test_what_a_callback_writes_stays(compiled):
    model = MLP(3, [4, 2], seed=0)
    fit(model, X, LABELS, epochs=1, compiled=compiled, progress=False,
        callback=lambda h: autograd.assign(model.parameters(), 7.0))  # fmt: skip
    assert set(numbers(model)) == {7.0}


@BOTH
def test_what_a_callback_wrote_before_it_failed_stays(compiled):
    model = MLP(3, [4, 2], seed=0)

    def callback(history):
        autograd.assign(model.parameters(), 7.0)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fit(model, X, LABELS, epochs=3, compiled=compiled, progress=False, callback=callback)
    assert set(numbers(model)) == {7.0}


@BOTH
def test_the_next_lines_find_no_gradient(compiled):
    model = MLP(3, [4, 2], seed=0)
    beta = Value(0.5)
    fit(model, X, LABELS, loss=lambda p, y: beta * cross_entropy(p, y), epochs=1,
        compiled=compiled, progress=False)  # fmt: skip
    assert not any(v.has_grad for v in [*model.parameters(), beta])


def test_a_number_that_changes_and_is_no_value_is_refused_compiled():
    model = MLP(3, [4, 2], seed=0)
    model.temperature = 1.0

    def loss(prediction, target):
        return cross_entropy(prediction / model.temperature, target)

    def cools(history):
        model.temperature *= 0.5

    fit(model, X, LABELS, loss=loss, callback=cools, compiled=False, epochs=2, progress=False)
    with pytest.raises(TracerError, match=r"changes as the callback is called.*\n.*a Value") as e:
        fit(model, X, LABELS, loss=loss, callback=cools, epochs=9, progress=False)
    assert "compiled=False" in str(e.value)


def test_a_parameter_that_a_callback_replaces_is_noticed():
    model = MLP(3, [4, 2], seed=0)

    def replaces(history):
        model.layers[0].neurons[0].b = Value(3.0)

    with pytest.raises(TracerError, match="changes as the callback"):
        fit(model, X, LABELS, callback=replaces, epochs=2, progress=False)


def test_random_numbers_in_a_loss_are_refused_compiled_before_anything_is_changed():
    rng, model = np.random.RandomState(0), MLP(3, [4, 2], seed=0)
    before = numbers(model)

    def loss(prediction, target):
        return cross_entropy(prediction * rng.rand(), target)

    with pytest.raises(TracerError, match="as if by random numbers"):
        fit(model, X, LABELS, loss=loss, progress=False)
    assert numbers(model).tolist() == before.tolist()
    fit(model, X, LABELS, loss=loss, epochs=1, compiled=False, progress=False)


class Poisoned(Module):
    """Its loss is finite where its gradient is not: sqrt at 0."""

    def __init__(self):
        self.w = Value(0.0)

    def __call__(self, x):
        return autograd.sqrt(self.w * self.w) + x[0] * 0.0


@BOTH
@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_gradient_that_is_nan_is_reported_before_the_step(compiled, make):
    model = Poisoned()
    extra = MLP(1, [8], seed=0)  # so that there are as many parameters as `make` picks from
    optimizer = make([model.w] * 2 + [*extra.parameters()][:0] + [model.w] * 6)
    state = [getattr(optimizer, n).copy() for n in getattr(optimizer, "arrays", ())]
    with pytest.raises(FloatingPointError, match=r"gradient of w became nan in epoch 0, batch 0"):
        fit(model, [[1.0], [2.0]], [1.0, 2.0], loss="mse", optimizer=optimizer, compiled=compiled,
            progress=False)  # fmt: skip
    assert model.w.data == 0.0
    for name, before in zip(getattr(optimizer, "arrays", ()), state, strict=True):
        assert getattr(optimizer, name).tolist() == before.tolist()


@BOTH
def test_a_step_that_overflows_is_not_taken(compiled):
    model = MLP(1, 1, None, seed=0)
    optimizer = SGD(model.parameters(), lr=1e308, momentum=0.9)
    before = numbers(model)
    with pytest.raises(
        FloatingPointError, match=r"the step of layer0\.neuron0\.w\[0\] became -?inf"
    ):
        fit(model, [[10.0], [20.0]], [1e3, 2e3], loss="mse", optimizer=optimizer, epochs=1,
            compiled=compiled, progress=False)  # fmt: skip
    assert numbers(model).tolist() == before.tolist()
    assert optimizer.velocity.tolist() == [0.0, 0.0]


NEGATIVE = SOFT.copy()
NEGATIVE[7] = [-0.1, 1.1]
HEAVY = SOFT.copy()
HEAVY[3] = [0.7, 0.7]
HALVES = np.where(np.arange(20) == 5, 0.5, SIGNS)


def detached(prediction, target):
    return autograd.sum([v.detach() for v in prediction])


BEFORE = autograd.sum([v * v for v in BIASES])
REFUSED = [
    (
        2,
        NEGATIVE,
        cross_entropy,
        ValueError,
        r"not negative and add up to 1, got \[-0.1, 1.1\].*row 7",
    ),
    (2, HEAVY, cross_entropy, ValueError, r"add up to 1, got \[0.7, 0.7\] \(row 3 of Y\)"),
    (2, HEAVY, lambda p, y: 2 * cross_entropy(p, y), ValueError, r"row 3 of Y"),
    (1, HALVES, hinge, ValueError, r"-1 or 1, got 0\.5 \(row 5 of Y\)"),
    (2, LABELS + (np.arange(20) == 9) * 2, cross_entropy, ValueError, r"outside the 2 .*row 9"),
    (2, LABELS.astype(float), cross_entropy, ValueError, "whole number from 0 to 1"),
    (
        1,
        LABELS + (np.arange(20) == 9),
        lambda p, y: hinge(p, 2 * y - 1),
        ValueError,
        "-1 or 1, got 3",
    ),
    (1, HALVES[:, None], lambda p, y: hinge(p, y[0]), ValueError, "-1 or 1, got 0.5"),
    (2, HEAVY, lambda p, y: cross_entropy(p, 0.9 * y + 0.05), ValueError, "add up to 1"),
    (2, LABELS * 0, cross_entropy, ValueError, "one class only, 0"),
    (2, ONE_HOT * 0 + [0, 1], cross_entropy, ValueError, "one class only"),
    (1, SIGNS * 0 + 1, hinge, ValueError, "one class only, 1"),
    (2, LABELS + 7, lambda p, y: autograd.take([*p], y), IndexError, "outside the 2"),
    (2, LABELS, detached, ValueError, "detached depends on none of the 26 parameters"),
    (2, LABELS, lambda p, y: Value(1.0), ValueError, "depends on none"),
    (2, LABELS, lambda p, y: 0.5, TypeError, "returns float 0.5: a loss is one Value"),
    (2, LABELS, lambda p, y: None, TypeError, "returns NoneType"),
    (2, LABELS, lambda p, y: [p[0], p[1]], TypeError, "returns list"),
    (2, LABELS, lambda p, y: cross_entropy(p, y) + BEFORE, ValueError, "computed before fit"),
    (3, ONE_HOT, mse, ValueError, "3 outputs need as many targets, got 2"),
]


@BOTH
@pytest.mark.parametrize(("outputs", "targets", "loss", "kind", "message"), REFUSED)
def test_the_same_refusals_before_anything_is_changed(
    compiled, outputs, targets, loss, kind, message
):
    model = MLP(3, [4, outputs], seed=0)
    before = numbers(model)
    for v in model.parameters():
        v.grad = 3.0
    with pytest.raises(kind, match=message):
        fit(model, X, targets, loss=loss, compiled=compiled, progress=False, batch_size=4)
    assert numbers(model).tolist() == before.tolist()
    assert {v.grad for v in model.parameters()} == {3.0}


@BOTH
def test_validation_targets_are_checked_too(compiled):
    model = MLP(3, [4, 2], seed=0)
    for targets, message in ((LABELS + 5, "row 0 of validation Y"), (HEAVY, "row 3 of validation")):
        with pytest.raises(ValueError, match=message):
            fit(model, X, LABELS, validation=(X, targets), compiled=compiled, progress=False)
    fit(model, X, LABELS, validation=(X, LABELS * 0), compiled=compiled, progress=False, epochs=1)


@BOTH
def test_examples_reach_the_model_as_arrays(compiled):
    class Doubling(Module):
        def __init__(self):
            self.w = Value(0.5)

        def __call__(self, x):
            assert len(x[1:]) == 2
            return self.w * (x * 2).sum()

    model = Doubling()
    fit(model, X, X.sum(axis=1), loss="mse", optimizer="sgd", lr=0.01, epochs=30,
        compiled=compiled, progress=False)  # fmt: skip
    assert model.w.data == pytest.approx(0.5, abs=1e-9)


@BOTH
def test_a_model_may_return_a_dict_for_a_loss_of_its_own(compiled):
    class Gaussian(Module):
        def __init__(self):
            self.mean, self.spread = Value(0.0), Value(1.0)

        def __call__(self, x):
            return {"mean": self.mean * x[0], "spread": where(self.spread > 0.1, self.spread, 0.1)}

    def loss(p, y):
        return ((y - p["mean"]) / p["spread"]) ** 2 / 2 + autograd.log(p["spread"])

    history = fit(Gaussian(), X, X[:, 0], loss=loss, epochs=2, compiled=compiled, progress=False)
    assert history.accuracy == []
    assert history.loss[1] < history.loss[0]


@BOTH
def test_shuffle_false_keeps_the_order(compiled):
    seen = []

    class Spy(SGD):
        def step(self):
            seen.append(self.parameters[0].grad)

    model = Module()
    model.w = Value(1.0)

    class Weighing(Module):
        def __init__(self):
            self.w = Value(1.0)

        def __call__(self, x):
            return self.w * x[0]

    model = Weighing()
    spy = Spy(model.parameters(), 0.1)
    fit(model, [[1.0], [2.0], [3.0]], [0.0] * 3, loss="half_squared_error", batch_size=1, epochs=1,
        shuffle=False, optimizer=spy, compiled=compiled, progress=False)  # fmt: skip
    assert seen == [1.0, 4.0, 9.0]


def test_no_grad_around_fit_is_refused():
    with autograd.no_grad(), pytest.raises(ValueError, match=r"under no_grad\(\)"):
        fit(MLP(3, 2, seed=0), X, LABELS, progress=False)


def test_the_second_fit_compiles_nothing(monkeypatch):
    from autograd.compiler import specialization

    fit(MLP(3, [4, 2], seed=0), X, LABELS, epochs=1, progress=False)
    monkeypatch.setattr(specialization, "lower", None)
    equal = MLP(3, [4, 2], seed=1)
    before = numbers(equal)
    fit(equal, X, LABELS, epochs=1, progress=False)
    assert not (numbers(equal) == before).any()
    with pytest.raises(TypeError):  # another model needs another program
        fit(MLP(3, [7, 5, 2], seed=1), X, LABELS, epochs=1, progress=False)
    assert math.isfinite(numbers(equal).sum())


class Embedding(Module):
    """A row of a table for each word, and a layer on it."""

    def __init__(self):
        self.table = autograd.array(np.linspace(-1.0, 1.0, 12).reshape(4, 3))
        self.out = MLP(3, [2], seed=0)

    def __call__(self, x):
        return self.out([autograd.take(column, x[0]) for column in self.table.T])


@BOTH
def test_whole_numbers_in_x_index_a_table(compiled):
    words, model = np.arange(20)[:, None] % 4, Embedding()
    labels = np.arange(20) // 2 % 2
    history = fit(model, words, labels, epochs=40, lr=0.1, compiled=compiled, progress=False)
    assert history.accuracy[-1] == 1.0
    found = nn.predict(model, words, compiled=compiled).argmax(axis=1)
    assert found.tolist() == labels.tolist()
    for size in (20, 8):  # a whole batch is laid out once
        fit(model, words, labels, epochs=1, batch_size=size, compiled=compiled, progress=False)


@BOTH
def test_a_parameter_that_a_callback_spoils_is_named(compiled):
    model = MLP(3, [4, 2], seed=0)

    def spoils(history):
        model.parameters()[2].data = math.nan

    with pytest.raises(FloatingPointError, match=r"callback of epoch 0 left nan in .*w\[2\]"):
        fit(model, X, LABELS, callback=spoils, compiled=compiled, progress=False)


@BOTH
def test_settings_of_an_optimizer_are_checked_when_they_are_assigned(compiled):
    model = MLP(3, [4, 2], seed=0)
    optimizer = Adam(model.parameters(), lr=0.15)

    def falls(history):
        optimizer.lr -= 0.1

    with pytest.raises(ValueError, match=r"the learning rate is a number above 0, got -0\.05"):
        fit(
            model, X, LABELS, optimizer=optimizer, callback=falls, compiled=compiled, progress=False
        )
    with pytest.raises(AttributeError, match="keeps its parameters"):
        optimizer.parameters = []


def test_a_number_that_changes_late_is_noticed_at_the_end():
    model = MLP(3, [4, 2], seed=0)
    model.factor = 1.0

    def late(history):
        if len(history) == 5:
            model.factor = 2.0

    with pytest.raises(TracerError, match="changes as the callback is called"):
        fit(model, X, LABELS, loss=lambda p, y: model.factor * cross_entropy(p, y), callback=late,
            epochs=6, progress=False)  # fmt: skip


@BOTH
def test_an_epoch_without_validation_is_nan_in_its_curve(compiled):
    model = MLP(3, [4, 2], seed=0)
    options = {"compiled": compiled, "progress": False}
    history = fit(model, X, LABELS, epochs=2, **options)
    fit(model, X, LABELS, epochs=3, history=history, validation=(X, LABELS), **options)
    fit(model, X, LABELS, epochs=4, history=history, **options)
    assert [math.isnan(x) for x in history.validation_loss] == [True, True, False, True]
    assert {len(curve) for curve in history.curves().values()} == {4}


@BOTH
def test_a_history_goes_on_with_its_optimizer(compiled):
    whole, parts = MLP(3, [4, 2], seed=0), MLP(3, [4, 2], seed=0)
    options = {"compiled": compiled, "progress": False}
    fit(whole, X, LABELS, epochs=4, **options)
    history = fit(parts, X, LABELS, epochs=2, **options)
    fit(parts, X, LABELS, epochs=4, history=history, **options)
    assert numbers(parts).tolist() == numbers(whole).tolist()
    for given in ({"optimizer": "adam"}, {"lr": 0.1}):
        with pytest.raises(ValueError, match="goes on with the optimizer of that run"):
            fit(parts, X, LABELS, epochs=5, history=history, **given, **options)


@pytest.mark.filterwarnings("ignore:.*pass noise as an input")
def test_predictions_that_are_random_are_refused_compiled():
    model = MLP(3, [4, 2], seed=0)

    class Noisy(Module):
        def __call__(self, x):
            return [v + np.random.rand() for v in model(x)]

    with pytest.raises(TracerError, match="the model changes from one call to the next"):
        nn.predict(Noisy(), X)
    assert nn.predict(Noisy(), X, compiled=False).shape == (20, 2)


@BOTH
def test_an_optimizer_whose_step_is_replaced_is_asked(compiled):
    model = MLP(3, [4, 2], seed=0)
    optimizer, calls = SGD(model.parameters(), lr=0.1), []
    real = optimizer.step
    vars(optimizer)["step"] = lambda: (calls.append(1), real())
    fit(model, X, LABELS, optimizer=optimizer, epochs=1, batch_size=10, compiled=compiled,
        progress=False)  # fmt: skip
    assert len(calls) == 2


@BOTH
def test_small_whole_numbers_do_not_overflow(compiled):
    class Centred(Module):
        def __init__(self):
            self.w = Value(0.1)

        def __call__(self, x):
            return self.w * ((x - 128) * 2).sum() * (x[0] + 1) ** -1

    model, pixels = Centred(), (np.arange(20)[:, None] * [12, 7, 3]).astype(np.uint8)
    expected = (pixels.astype(float) - 128).sum(axis=1) * 2 / (pixels[:, 0] + 1.0) * 0.1
    score = nn.evaluate(model, pixels, expected, loss="mse", compiled=compiled)
    assert score.loss == pytest.approx(0.0, abs=1e-20)


@pytest.mark.filterwarnings("ignore:.*pass noise as an input")
def test_random_numbers_are_refused_each_time():
    class Noisy(Module):
        def __init__(self):
            self.mlp = MLP(3, [4, 2], seed=0)

        def __call__(self, x):
            noise = [np.random.rand(), np.random.rand()]
            return [v * n for v, n in zip(self.mlp(x), noise, strict=True)]

    for _ in range(3):
        for work in (fit, nn.evaluate, lambda model, x, y, **options: nn.predict(model, x)):
            np.random.seed(0)
            with pytest.raises(TracerError, match="as if by random numbers"):
                work(Noisy(), X, LABELS)


@BOTH
def test_a_table_that_is_not_trained_keeps_no_gradients(compiled):
    words, model, seen = np.arange(20)[:, None] % 4, Embedding(), []
    optimizer = SGD(model.out.parameters(), lr=0.1)

    def looks(history):
        seen.append(autograd.grads(model.table))

    fit(model, words, LABELS, optimizer=optimizer, epochs=1, batch_size=20, compiled=compiled,
        progress=False, callback=looks)  # fmt: skip
    assert seen[0].all()
    assert not any(v.has_grad for v in model.parameters())


@BOTH
def test_a_history_of_another_model_says_so(compiled):
    options = {"compiled": compiled, "progress": False}
    model = MLP(3, [4, 2], seed=0)
    history = fit(model, X, LABELS, epochs=1, **options)
    with pytest.raises(ValueError, match=r"history= is of a run of another model"):
        fit(MLP(3, [4, 2], seed=0), X, LABELS, epochs=2, history=history, **options)
    twin = copy.deepcopy(history)
    assert twin == history
    fit(MLP(3, [4, 2], seed=0), X, LABELS, epochs=2, history=twin, **options)


@BOTH
def test_evaluate_takes_what_was_computed_before(compiled):
    double = BIASES[0] * 2.0

    class Fixed(Module):
        def __call__(self, x):
            return double * x[0]

    score = nn.evaluate(Fixed(), X, X[:, 0], loss="mse", compiled=compiled)
    assert math.isfinite(score.loss)
