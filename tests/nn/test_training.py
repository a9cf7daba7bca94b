"""fit: averages, seeds, resuming, interruption, and what it refuses."""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import types

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.system.display import in_notebook
from nn import MLP, SGD, Adam, History, Module, cross_entropy, evaluate, fit, hinge, mse

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
LABELS = [0, 1, 1, 0]


def model(seed=1):
    return MLP(2, [6, 2], seed=seed)


def numbers(module):
    return [v.data for v in module.parameters()]


def test_it_learns():
    history = fit(model(), XOR, LABELS, epochs=150, progress=False)
    assert history.accuracy[-1] == 1.0
    assert history.loss[-1] < 0.1 * history.loss[0]
    assert len(history) == len(history.accuracy) == 150
    assert not history.interrupted


def test_the_same_seed_gives_the_same_numbers():
    runs = []
    for seed in (0, 0, 1):
        m = model()
        fit(m, XOR, LABELS, epochs=3, batch_size=2, seed=seed, progress=False)
        runs.append(numbers(m))
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("compiled", [True, False])
def test_the_gradient_is_the_average_over_the_batch(compiled):
    m, by_hand = model(), model()
    fit(m, XOR, LABELS, epochs=1, batch_size=4, optimizer=SGD(m.parameters(), 0.1), progress=False,
        compiled=compiled)  # fmt: skip
    losses = [cross_entropy(by_hand(x), y) for x, y in zip(XOR, LABELS, strict=True)]
    autograd.mean(losses).backward()
    expected = [v.data - 0.1 * v.grad for v in by_hand.parameters()]
    assert numbers(m) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_last_batch_that_is_smaller_is_averaged_over_its_own_count(compiled):
    m = model()
    seen = []

    class Spy(SGD):
        def step(self):
            seen.append(sum(abs(p.grad) for p in self.parameters))

    fit(m, XOR[:3], [0, 1, 0], batch_size=2, epochs=1, optimizer=Spy(m.parameters(), 0.1),
        progress=False, compiled=compiled)  # fmt: skip
    assert len(seen) == 2
    assert seen[1] > 0.2 * seen[0]


@pytest.mark.parametrize("make", [lambda p: SGD(p, 0.1, 0.9), lambda p: Adam(p, 0.05)])
def test_a_run_in_two_parts_is_a_run_in_one(make):
    whole, parts = model(), model()
    options = {"batch_size": 2, "progress": False}
    expected = fit(whole, XOR, LABELS, epochs=6, optimizer=make(whole.parameters()), **options)
    optimizer = make(parts.parameters())
    history = fit(parts, XOR, LABELS, epochs=2, optimizer=optimizer, **options)
    again = fit(parts, XOR, LABELS, epochs=6, optimizer=optimizer, history=history, **options)
    assert again is history
    assert history.loss == expected.loss
    assert numbers(parts) == numbers(whole)


def test_validation_callback_and_stopping():
    lengths = []

    def callback(history):
        lengths.append(len(history))
        return len(history) == 3

    history = fit(model(), XOR, LABELS, epochs=9, validation=(XOR[:2], LABELS[:2]),
                  callback=callback, progress=False)  # fmt: skip
    assert lengths == [1, 2, 3]
    assert len(history.validation_loss) == len(history.validation_accuracy) == 3
    assert not history.interrupted


def test_evaluate_is_the_mean_and_records_nothing():
    m = model()
    score = evaluate(m, XOR, LABELS)
    losses = [cross_entropy(m(x), y).data for x, y in zip(XOR, LABELS, strict=True)]
    assert score.loss == pytest.approx(np.mean(losses), rel=1e-14)
    predictions = [int(np.argmax(autograd.data(m(x)))) for x in XOR]
    assert score.accuracy == np.mean(np.equal(predictions, LABELS))
    assert not any(v.has_grad for v in m.parameters())


def test_accuracy_where_there_are_classes():
    one_hot = np.eye(2)[LABELS]
    assert len(fit(model(), XOR, one_hot, loss=mse, epochs=1, progress=False).accuracy) == 1
    single = MLP(2, [4, 1], seed=0)
    signs = np.array([-1, 1, 1, -1])
    assert len(fit(single, XOR, signs, loss=hinge, epochs=1, progress=False).accuracy) == 1
    regression = fit(single, XOR, [0.1, 0.2, 0.3, 0.4], loss=mse, epochs=1, progress=False)
    assert regression.accuracy == []
    assert evaluate(single, XOR, [0.1, 0.2, 0.3, 0.4], loss=mse).accuracy is None


def test_any_callable_with_parameters_is_a_model():
    class Line(Module):
        def __init__(self):
            self.a = Value(0.0)

        def __call__(self, x):
            return self.a * x[0]

    line = Line()
    fit(line, [[1.0], [2.0]], [3.0, 6.0], loss=mse, epochs=300, progress=False,
        optimizer=SGD(line.parameters(), 0.1))  # fmt: skip
    assert line.a.data == pytest.approx(3.0, rel=1e-6)


@pytest.mark.parametrize(
    ("X", "Y", "options", "message"),
    [
        ([], [], {}, r"no data: X has shape \(0,\)"),
        (np.empty((0, 2)), np.empty(0, int), {}, "no data"),
        (XOR, LABELS[:3], {}, "X has 4 examples and Y has 3"),
        ([[0.0, math.nan], [1.0, 1.0]], [0, 1], {}, "X holds nan at row 0, column 1"),
        (XOR, [0, 1, math.inf, 0], {}, "Y holds inf at row 2"),
        (XOR, [0, 1, 2, 0], {}, r"label 2 is outside the 2 classes 0\.\.1"),
        (XOR, [0.0, 1.0, 1.0, 0.0], {}, r"whole number from 0 to 1, got 0\.0"),
        ([[1.0], [2.0, 3.0]], [0, 1], {}, "X must hold numbers, in rows of one length"),
        ([["a", "b"]], [0], {}, "X must hold numbers"),
        ([0.0, 1.0], [0, 1], {}, r"one row for each example, got shape \(2,\); X\.reshape"),
        (np.ones((4, 3)), LABELS, {}, r"takes 2 inputs, got 3"),
        (XOR, LABELS, {"epochs": 0}, "epochs is a whole number of at least 1, got 0"),
        (XOR, LABELS, {"batch_size": 2.5}, r"batch_size is a whole number of at least 1, got 2\.5"),
        (XOR, LABELS, {"validation": (XOR, [5] * 4)}, "label 5 is outside"),
        (XOR, LABELS, {"loss": mse}, "one-hot"),
    ],
)
def test_bad_data_is_refused_before_anything_changes(X, Y, options, message):
    m = model()
    before = numbers(m)
    with pytest.raises(ValueError, match=message):
        fit(m, X, Y, progress=False, **options)
    assert numbers(m) == before
    assert not any(v.has_grad for v in m.parameters())


def test_a_model_without_parameters():
    class Nothing(Module):
        def __call__(self, x):
            return [Value(0.0), Value(0.0)]

    with pytest.raises(ValueError, match="needs parameters"):
        fit(Nothing(), XOR, LABELS, progress=False)


def test_a_loss_that_is_not_finite_stops_the_run():
    m = MLP(1, 1, seed=0)
    with pytest.raises(FloatingPointError, match=r"loss became (inf|nan) in epoch \d+, batch 0"):
        fit(m, [[1.0], [2.0]], [1.0, 2.0], loss=mse, optimizer=SGD(m.parameters(), lr=1e6),
            epochs=99, progress=False)  # fmt: skip
    assert all(map(math.isfinite, numbers(m)))


def interrupting(after):
    """A loss that sends Ctrl-C at its call number `after`."""
    calls = []

    def loss(prediction, target):
        calls.append(1)
        if len(calls) == after:
            os.kill(os.getpid(), signal.SIGINT)
        return cross_entropy(prediction, target)

    return loss


class Interrupting(Adam):
    """Sends Ctrl-C in its fourth step."""

    def update(self, values, gradient, moved=slice(None)):
        super().update(values, gradient, moved)
        if self.steps.max() == 4:  # the last of the second epoch
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("compiled", [True, False])
def test_an_interrupted_run_keeps_whole_steps_and_can_go_on(compiled):
    m, whole = model(), model()
    optimizer = (Interrupting if compiled else Adam)(m.parameters(), lr=0.05)
    check = 8  # calls of the loss before the run
    options = {"epochs": 4, "batch_size": 2, "progress": False, "compiled": compiled}
    loss = cross_entropy if compiled else interrupting(check + 9)
    history = fit(m, XOR, LABELS, loss=loss, optimizer=optimizer, **options)
    assert history.interrupted
    assert len(history) == 2
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    expected = fit(whole, XOR, LABELS, optimizer=Adam(whole.parameters(), lr=0.05), **options)
    resumed = fit(m, XOR, LABELS, optimizer=optimizer, history=history, **options)
    assert resumed.loss == expected.loss
    assert not resumed.interrupted
    assert numbers(m) == numbers(whole)


def test_a_thread_may_train():
    done = []
    thread = threading.Thread(
        target=lambda: done.append(fit(model(), XOR, LABELS, epochs=2, progress=False))
    )
    thread.start()
    thread.join()
    assert len(done[0]) == 2


def test_history_starts_empty():
    assert len(History()) == 0


@pytest.mark.parametrize("progress", [True, False])
def test_progress_shows_in_a_notebook_which_is_no_terminal(monkeypatch, capsys, progress):
    fit(model(), XOR, LABELS, epochs=3, progress=progress)
    assert capsys.readouterr() == ("", "")
    notebook = types.SimpleNamespace(get_ipython=lambda: types.SimpleNamespace(kernel=None))
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    fit(model(), XOR, LABELS, epochs=3, progress=progress)
    out, err = capsys.readouterr()
    assert ("3/3" in out, err) == (progress, "")


@pytest.mark.parametrize("loaded", [None, types.SimpleNamespace(get_ipython=lambda: None)])
def test_no_notebook_without_a_running_kernel(monkeypatch, loaded):
    monkeypatch.setitem(sys.modules, "IPython", loaded)
    assert not in_notebook()
