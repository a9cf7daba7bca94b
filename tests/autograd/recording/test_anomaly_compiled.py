"""`detect_anomaly()` and compiled functions: the example and, in Values, the node."""

from __future__ import annotations

import math
import pickle

import numpy as np
from anomaly_checks import caught, untouched

import autograd
import nn
from autograd import (
    Value,
    detect_anomaly,
    log,
    no_grad,
    sqrt,
)

INF, NAN = math.inf, math.nan


def compiled(f, **options):
    return autograd.compile(f, **options)


def test_a_compiled_output_names_the_example():
    w = Value(2.0, "w")

    def loss(x, k):
        return log(w * x[0]) * k

    c = compiled(loss)
    X, k = np.array([[1.0], [2.0], [-3.0], [0.0]]), np.array([1, 1, 2, 1])
    plain = c(X, k)
    for call in (c, c.value_and_grad, c.backward):
        error = caught(lambda call=call: call(X, k))
        lines = str(error).splitlines()
        assert lines[0].endswith("loss gave a bad output for example 2 of 4")
        assert lines[1].startswith("  at test_anomaly_compiled.py:")
        assert lines[2] == "in Values: log gave nan: log(-6.0) = nan"
        assert "return log(w * x[0]) * k" in lines[3]
        assert lines[4].startswith("  operand -6.0, from mul, test_anomaly_compiled.py:")
        assert error.node.op == "log"
    assert untouched(w)
    with detect_anomaly():
        assert (c(X[:2], k[:2]) == plain[:2]).all()
        assert c.value_and_grad(X[:2], k[:2])[0] == plain[:2].mean()


def test_a_compiled_gradient_names_the_example():
    w = Value(1.0, "w")
    c = compiled(lambda x: sqrt(w * x))
    X = np.array([1.0, 2.0, 3.0, 0.0, 5.0])
    with detect_anomaly():
        c(X)
    error = caught(lambda: c.backward(X))
    assert "gave a bad gradient for example 3 of 5" in str(error)
    assert "the derivative of sqrt gave inf to" in str(error)
    assert error.event.local == INF
    assert untouched(w)


def test_a_compiled_gradient_for_the_inputs():
    c = compiled(lambda x: sqrt(x), input_gradients=True)
    assert "example 1 of 2" in str(caught(lambda: c.value_and_grad([1.0, 0.0])))


def test_compiled_with_other_parameters():
    w = Value(1.0, "w")
    c = compiled(lambda x: log(w + x))
    error = caught(lambda: c([1.0, 2.0], theta=[-1.5]))
    assert "log gave nan: log(-0.5) = nan" in str(error)
    assert w.data == 1.0


def test_compiled_with_settings_and_structures():
    w = Value(1.0, "w")

    def f(pair, sizes, *, power=1):
        return {"loss": log(w * pair["a"][0] - pair["b"]) ** power, "size": sizes * w}

    batch = {"a": np.ones((3, 2)), "b": np.array([0.0, 0.5, 2.0])}
    c = compiled(f)
    error = caught(lambda: c(batch, np.array([1, 2, 3]), power=2))
    assert "for example 2 of 3" in str(error)
    assert "log gave nan: log(-1.0) = nan" in str(error)
    error = caught(lambda: c.outputs_and_grad(batch, np.array([1, 2, 3]), power=2))
    assert "example 2 of 3" in str(error)


def test_compiled_without_inputs():
    w = Value(-1.0, "w")
    error = caught(compiled(lambda: log(w)))
    assert "gave a bad output\n" in str(error)
    assert "leaf" in str(error)


def test_compiled_overflow_in_single_precision_only():
    w = Value(1e30, "w")
    c = compiled(lambda x: w * x, dtype="float32")
    text = str(caught(lambda: c([1.0, 1e30])))
    assert "bad output for example 1 of 2\n" in text
    assert text.endswith("in Values there is no bad number, and it ran in float32")


def test_compiled_sums_that_overflow_together():
    w = Value(1.0, "w")
    c = compiled(lambda x: w * x)
    text = str(caught(lambda: c.value_and_grad([1.5e308, 1.5e308])))
    assert "bad mean: of no example alone, but of all together" in text


def test_compiled_functions_of_integers():
    table = autograd.array([1.0, 0.0, -1.0], name="table")

    def f(i, k):
        return autograd.take(log(table), i) * autograd.exp(k[0])

    c = compiled(f)
    error = caught(lambda: c(np.array([0, 0, 1]), np.array([[1], [2], [3]])))
    assert "example 2 of 3" in str(error) or "example 0 of 3" in str(error)
    assert error.node.op == "log"


def test_a_function_that_fails_in_values():
    w, runs = Value(1.0, "w"), []

    def f(x):
        runs.append(x)
        if len(runs) > 1:
            raise KeyError("gone")
        return log(w * x)

    text = str(caught(lambda: compiled(f)([1.0, 0.0])))
    assert "for example 1 of 2" in text
    assert text.endswith("in Values it raises KeyError: 'gone'")


def test_unpickled_programs_name_the_example():
    w = Value(1.0, "w")
    c = compiled(log_of, input_gradients=False)
    c([1.0])
    twin = pickle.loads(pickle.dumps(c))
    text = str(caught(lambda: twin([1.0, -1.0])))
    assert "for example 1 of 2" in text
    assert "it was unpickled" in text
    assert w.data == 1.0


WEIGHT = Value(1.0, "weight")


def log_of(x):
    return log(WEIGHT * x)


def test_compiled_options():
    w = Value(1.0, "w")
    c = compiled(lambda x: log(w * x))
    X = [1.0, 0.0]
    with detect_anomaly(inf=False):
        assert c(X)[1] == -INF
    assert "example 1 of 2" in str(caught(lambda: c(X), nan=False))
    text = str(caught(lambda: c([1.0, math.e**3]), bad=lambda d: d > 2.5))
    assert "example 1 of 2" in text
    assert "mul passed on 20.0855" in text
    with no_grad(), detect_anomaly():
        c(X)


def test_fitting_compiled():
    X, Y = np.array([[1.0], [1e200]]), np.array([[0.0], [0.0]])
    model = nn.MLP(1, [1], seed=0)
    squared = lambda p, y: (p - y[0]) * (p - y[0]) * 1e10  # noqa: E731
    for is_compiled in (True, False):
        options = {"loss": squared, "epochs": 1, "progress": False, "compiled": is_compiled}
        error = caught(lambda options=options: nn.fit(model, X, Y, **options))
        assert "gave inf" in str(error)
