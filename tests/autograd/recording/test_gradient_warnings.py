"""The warnings of `record()`: each where it is due, once for a line, and no others."""

from __future__ import annotations

import runpy
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd import (
    BackwardTwiceWarning,
    ChangedLeafWarning,
    GradientWarning,
    LeftoverGradientWarning,
    UnreachedParameterWarning,
    Value,
    detect_anomaly,
    gradients,
    record,
    zero_grad,
)

MODES = pytest.mark.parametrize("mode", [record, detect_anomaly])
DEMOS = Path(__file__).parents[3] / "demos"


def told(f) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        f()
    return caught


def twice() -> None:
    w = Value(2.0, "w")
    y = w * w
    y.backward()
    y.backward()


def changed() -> None:
    w = Value(2.0, "w")
    y = w * w
    w.data = 3.0
    y.backward()


def leftover() -> None:
    w = Value(2.0, "w")
    for _ in range(2):
        (w * w).backward()
        w.data -= 0.1


def unreached_by_gradients() -> None:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    gradients(w * w, [w, x])


def unreached_by_recorded_gradients() -> None:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    gradients(w * w, [w, x], create_graph=True)


def unreached_by_sgd() -> None:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    optimizer = nn.SGD([w, x], lr=0.1)
    (w * w).backward()
    optimizer.step()


def unreached_by_adam() -> None:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    optimizer = nn.Adam([w, x])
    (w * w).backward()
    optimizer.step()


CASES = [
    (twice, BackwardTwiceWarning, "backward runs again on y: the gradients of "
     "this call are added to those of the last one in w; call zero_grad in between, or backwa"),
    (changed, ChangedLeafWarning, "w was 2.0 in the forward pass and is 3.0 now: backward gives "
     "the derivatives at the old numbers; run the forward pass again first"),
    (leftover, LeftoverGradientWarning, "w moved since the last backward and still has the "
     "gradient of that one, to which this one is added; call zero_grad after each step"),
    (unreached_by_gradients, UnreachedParameterWarning, "the output does not depend on x: "),
    (unreached_by_recorded_gradients, UnreachedParameterWarning, "the output does not depend on x"),
    (unreached_by_sgd, UnreachedParameterWarning, "the loss does not depend on x: without a grad"),
    (unreached_by_adam, UnreachedParameterWarning, "the loss does not depend on x: without a grad"),
]  # fmt: skip


@MODES
@pytest.mark.parametrize(("f", "kind", "text"), CASES)
def test_each_is_given_at_the_user_s_line(f, kind, text, mode):
    def run():
        with mode():
            f()

    [warning] = told(run)
    assert warning.category is kind
    assert issubclass(kind, GradientWarning)
    assert str(warning.message).startswith(text)
    assert warning.filename == __file__
    first = f.__code__.co_firstlineno
    lines = Path(__file__).read_text().splitlines()
    assert first < warning.lineno < first + 9
    line = lines[warning.lineno - 1]
    assert any(call in line for call in ("backward()", "gradients(", "step()"))


@pytest.mark.parametrize(("f", "kind", "text"), CASES)
def test_nothing_is_said_outside(f, kind, text):
    assert told(f) == []
    with record():
        pass
    assert told(f) == []


@pytest.mark.parametrize(("f", "kind", "text"), CASES)
def test_once_for_a_line(f, kind, text):
    def within_one():
        with record():
            for _ in range(3):
                f()

    def within_one_again():
        shared = record()
        for _ in range(3):
            with shared, record(), detect_anomaly():
                f()

    decorated = record()(f)
    assert len(told(within_one)) == 1
    assert len(told(within_one_again)) == 1
    assert len(told(lambda: [decorated() for _ in range(3)])) == 1


@pytest.mark.parametrize(("f", "kind", "text"), CASES)
def test_once_for_a_line_of_a_program(f, kind, text):
    """A `with record()` for each turn of a loop: Python's own rule says it once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            with record():
                f()
    assert len(caught) == 1


def test_two_lines_are_two_places():
    w = Value(2.0, "w")

    def f():
        with record():
            y = w * w
            y.backward()
            y.backward()
            y.backward()

    assert [t.lineno for t in told(f)] == [f.__code__.co_firstlineno + n for n in (4, 5)]


@pytest.mark.parametrize(("f", "kind", "text"), CASES)
def test_as_errors_they_leave_everything_as_it_was(f, kind, text):
    with record(), pytest.raises(kind):
        f()
    assert autograd.modes.active == 0


def test_an_error_before_a_backward_writes_nothing():
    w = Value(2.0, "w")
    with record():
        y = w * w
        y.backward()
        with pytest.raises(BackwardTwiceWarning):
            y.backward()
    assert w.grad == 4.0
    assert len(w.history) == 1


# No false alarms


@MODES
def test_a_batch_gathers_and_then_one_step(mode):
    model = nn.MLP(2, [3, 1], seed=0)
    optimizer = nn.Adam(model.parameters())
    with mode():
        for _ in range(3):
            optimizer.zero_grad()
            for x in ([0.5, 1.0], [1.0, -1.0], [0.0, 0.0]):
                model(x).backward(1 / 3)
            optimizer.step()


@MODES
def test_the_same_graph_after_zero_grad(mode):
    w, x = Value(2.0, "w"), Value(3.0, "x")
    with mode():
        y = w * x
        y.backward()
        zero_grad([w, x])
        y.backward()
        w.grad = 0  # as in other libraries; the input x keeps its own
        y.backward()
        w.grad = x.grad = 0
        y.backward()


@MODES
def test_two_losses_share_a_graph(mode):
    w, x = Value(2.0, "w"), Value(3.0, "x")
    with mode():
        shared = w * x
        first, second = shared * 2.0, shared + w
        first.backward()
        second.backward()
        zero_grad([w, x])
        second.backward()
        shared.backward()


@MODES
@pytest.mark.parametrize("compiled", [False, True])
def test_fitting(mode, compiled):
    X = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    model = nn.MLP(2, [4, 2], "relu", seed=0)
    with mode():
        history = nn.fit(model, X, np.array([0, 1, 1, 0]), epochs=3, batch_size=2, progress=False,
                         compiled=compiled)  # fmt: skip
        nn.evaluate(model, X, np.array([0, 1, 1, 0]), compiled=compiled)
    assert len(history) == 3


@MODES
@pytest.mark.parametrize("demo", ["backward", "forward"])
def test_the_article_s_demos(mode, demo, monkeypatch, capsys):
    monkeypatch.setattr(sys, "path", [str(DEMOS), *sys.path])
    monkeypatch.setattr(sys, "argv", [f"{demo}.py"])
    with mode():
        runpy.run_path(str(DEMOS / f"{demo}.py"), run_name="__main__")
    assert capsys.readouterr().out


@MODES
def test_what_takes_no_gradient_by_its_nature(mode):
    x = Value(2.0, "x")
    with mode():
        constant = x.detach()
        assert gradients(x * constant, [x, constant]) == [2.0, 0.0]
        y = x * x
        assert gradients(y, [y, x]) == [1.0, 4.0]
        [g] = gradients(y, [y], create_graph=True)
        assert g.data == 1.0


@MODES
def test_moved_after_zero_grad(mode):
    w = Value(2.0, "w")
    optimizer = nn.SGD([w], lr=0.1)
    with mode():
        for _ in range(3):
            (w * w).backward()
            optimizer.step()
            optimizer.zero_grad()


def test_what_is_still_nan_has_not_moved():
    w = Value(float("nan"), "w")
    with record():
        for _ in range(2):
            (w * 2.0).backward()


def test_an_optimizer_before_any_backward():
    w = Value(2.0, "w")
    optimizer = nn.SGD([w], lr=0.1)
    with record(), pytest.warns(UnreachedParameterWarning, match="is backward still to come"):
        optimizer.step()
    assert w.data == 2.0


def test_several_are_counted():
    w = Value(2.0, "w")
    others = [Value(1.0, f"p{i}") for i in range(5)]
    with record(), pytest.warns(UnreachedParameterWarning, match="on p0, p1, p2 and 2 more:"):
        gradients(w * w, [w, *others])
    y = sum([w, *others])
    w.data = others[0].data = 9.0
    with record(), pytest.warns(ChangedLeafWarning, match=r"w was 2.0 .* 9.0 now \(and 1 more\)"):
        y.backward()


def test_a_condition_reaches_nothing():
    condition, x = Value(1.0, "condition"), Value(2.0, "x")
    with record(), pytest.warns(UnreachedParameterWarning, match="on condition:"):
        gradients(autograd.where(condition, x, x), [condition, x])


def test_interior_data_assigned():
    x = Value(2.0, "x")
    y = x * x
    z = y * 3.0
    y.data = 5.0
    with (
        record(),
        pytest.warns(ChangedLeafWarning, match="y was 4.0 .* and is 5.0 now"),
    ):
        z.backward()
    assert x.grad == 12.0


def test_threads_warn_each_for_themselves():
    caught: list[type[Warning]] = []

    def work():
        try:
            with record():
                twice()
        except BackwardTwiceWarning as warning:
            caught.append(type(warning))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert caught == [BackwardTwiceWarning] * 3
