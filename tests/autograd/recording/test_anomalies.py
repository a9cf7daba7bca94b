"""`detect_anomaly()`: the first nan or infinity in any pass, and the message about it."""

from __future__ import annotations

import math
import pickle
import threading
import time

import numpy as np
import pytest
from anomaly_checks import caught, untouched

import autograd
from autograd import (
    AnomalyError,
    Graph,
    Value,
    detect_anomaly,
    exp,
    gradients,
    log,
    no_grad,
    record,
    scope,
    sqrt,
)
from autograd.errors import ChangedLeafWarning
from autograd.primitive import TABLE

INF, NAN = math.inf, math.nan


# Forward


def test_an_operation_that_gives_nan():
    u = Value(-0.5, "u")

    def f():
        with scope("head"):
            return log(u) * 2.0

    error = caught(f)
    at = f"test_anomalies.py:{f.__code__.co_firstlineno + 2}"
    assert str(error).splitlines() == [
        "log gave nan: log(-0.5) = nan",
        f"  at {at} in test_an_operation_that_gives_nan.<locals>.f: return log(u) * 2.0",
        "  in scope head",
        "  operand u = -0.5, a leaf",
    ]
    assert (error.node.op, error.output, error.event) == ("log", error.node, None)


def test_what_is_passed_on():
    with no_grad():
        c = Value(1e200) * 1e200
    text = str(caught(lambda: c + 1.0))
    assert text.startswith("add passed on inf: inf + 1.0 = inf")
    assert "  operand inf, a constant\n" in text
    x = Value(NAN, "x")
    assert "add passed on nan: nan + 1.0 = nan" in str(caught(lambda: x + 1.0))


def test_options():
    x = Value(1e200)
    assert "gave inf" in str(caught(lambda: x * x, nan=False))
    assert "gave nan" in str(caught(lambda: log(-x), inf=False))
    assert "gave 1e+200" in str(caught(lambda: x * 1.0, bad=lambda d: abs(d) > 1e100))
    with detect_anomaly(inf=False):
        assert (x * x).data == INF
    with detect_anomaly(nan=False):
        assert math.isnan(log(-x).data)
    with detect_anomaly(bad=lambda d: d == 3.0):
        assert (x * x).data == INF
    with detect_anomaly(nan=False, inf=False):
        y = log(-x) + x * x
        y.backward()
    assert math.isnan(y.data)


def test_minus_infinity_that_is_healed():
    zero = Value(0.0, "zero")
    assert "log gave -inf" in str(caught(lambda: exp(log(zero))))
    with detect_anomaly(inf=False):
        y = exp(log(zero))
    assert y.data == 0.0
    error = caught(y.backward)  # it was recorded where infinities were allowed
    assert str(error).startswith("log gave -inf: log(0.0) = -inf")
    assert untouched(zero, y)


# Backward


def test_a_derivative_that_gives_inf():
    x = Value(0.0, "x")
    with record(), scope("root"):
        y = sqrt(x * 3.0)
        z = y + 1.0
    error = caught(z.backward)
    lines = str(error).splitlines()
    assert lines[0] == "the derivative of sqrt gave inf to v2: 1.0 × inf = inf"
    assert "y = sqrt(x * 3.0)" in lines[1]
    assert lines[2] == "  in scope root"
    assert lines[3] == "  gradient of v2: 0.0 → inf"
    assert lines[4].startswith("  operand 0.0, from mul, test_anomalies.py:")
    assert lines[5].startswith("  path to the output: ")
    assert error.node is y.parents[0]
    assert error.output is z
    assert error.event.node is y
    assert error.event.local == INF
    assert untouched(*Graph(z))


def test_a_sum_of_contributions_that_overflows():
    x = Value(1e-10, "x")
    y = x * 1e308 + x * 1e308
    error = caught(y.backward)
    lines = str(error).splitlines()
    assert lines[0] == "the derivative of mul gave inf to x: 1e+308 + 1.0 × 1e+308 = inf"
    assert lines[1] == "  gradient of x: 1e+308 → inf"
    assert error.node is x
    assert untouched(x)


def test_infinities_that_cancel_in_a_gradient():
    x = Value(0.0, "x")
    y = sqrt(x) - sqrt(x)
    with detect_anomaly(inf=False), pytest.raises(AnomalyError) as raised:
        y.backward()
    assert raised.value.event.before in (INF, -INF)
    assert math.isnan(raised.value.event.after)
    assert raised.value.node is x
    with detect_anomaly(nan=False), pytest.raises(AnomalyError) as raised:
        y.backward()
    assert math.isinf(raised.value.event.after)


def test_what_constants_would_get_is_nobody_s_gradient():
    x = Value(1e200, "x")
    y = x * 1e-100
    with detect_anomaly():
        y.backward(1e200)  # to the constant it would be 1e400
    assert x.grad == 1e100


def test_the_given_gradient():
    x = Value(2.0)
    y = x * x
    assert str(caught(lambda: y.backward(NAN))) == "backward began with the gradient nan"
    assert untouched(x, y)


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_leaves_that_are_bad(bad):
    x, z = Value(bad, "x"), Value(2.0)
    y = z * x
    error = caught(y.backward)
    assert str(error).startswith(f"leaf x is {bad}")
    assert error.node is x
    assert "path to the output: x → " in str(error)
    assert str(caught(lambda: gradients(y, [z]))).startswith(f"leaf x is {bad}")
    assert str(caught(x.backward)).startswith(f"leaf x is {bad}")
    assert untouched(x, y, z)
    masked = autograd.where(Value(1.0), z, x)
    assert "leaf x is" in str(caught(masked.backward))


def test_numbers_count_as_they_were_recorded():
    x = Value(NAN, "x")
    x.data = 2.0
    y = x * x
    x.data = NAN
    with detect_anomaly(), pytest.warns(ChangedLeafWarning):
        y.backward()
    assert x.grad == 4.0
    z = x * 3.0
    x.data, x.grad = 1.0, None
    with pytest.warns(ChangedLeafWarning):
        assert str(caught(z.backward)).startswith("leaf x is nan")


def test_an_interior_node_that_was_assigned():
    x = Value(2.0)
    y = x * x
    y.data = NAN
    z = autograd.where(Value(1.0), x, y)
    assert str(caught(z.backward)).startswith("a result of mul was assigned nan")


def test_a_changed_leaf_does_not_hide_an_anomaly():
    x = Value(0.0, "x")
    y = sqrt(x)
    x.data = 1.0
    with pytest.warns(ChangedLeafWarning):
        error = caught(y.backward)
    assert "the derivative of sqrt gave inf to x" in str(error)


def test_an_error_travels():
    x = Value(0.0, "x")
    error = caught(sqrt(x).backward)
    twin = pickle.loads(pickle.dumps(error))
    assert str(twin) == str(error)
    assert twin.node.name == "x"
    assert twin.event.local == INF


def test_gradients_check_what_lies_between():
    x, z = Value(0.0, "x"), Value(1.0, "z")
    y = sqrt(x) + z
    assert "gave inf to x" in str(caught(lambda: gradients(y, [z, x])))
    with detect_anomaly():
        assert gradients(y, [z]) == [1.0]


# Second order


def test_the_derivative_that_was_formed():
    x = Value(0.0, "x")
    y = sqrt(x) * 2.0
    error = caught(lambda: gradients(y, [x], create_graph=True))
    assert "gave inf" in str(error)
    assert error.__notes__ == ["while the derivative of sqrt with respect to x was formed"]
    with record():
        z = sqrt(x + 0.0)
    error = caught(lambda: gradients(z, [x], create_graph=True))
    assert "with respect to operand 0 was formed, made at test_anomalies.py:" in error.__notes__[0]


@pytest.mark.parametrize("row", TABLE.values(), ids=str)
@pytest.mark.filterwarnings("ignore::autograd.errors.UnreachedParameterWarning")
def test_rules_in_values_raise_no_false_alarm(row):
    """Where value and derivatives are finite, the rules compute them without a bad number."""
    for point in [*row.points, *(point for point, _ in row.edges)]:
        leaves = [Value(x) for x in point]
        y = row(*leaves)
        numbers = [*point, y.data, *gradients(y, leaves)]
        if y.op == row.name and all(map(math.isfinite, numbers)):
            with detect_anomaly():
                gradients(y, leaves, create_graph=True)
                y.backward()


def test_the_second_derivative():
    x = Value(0.0, "x")
    with detect_anomaly():
        [slope] = gradients(autograd.pow(x, 1.5), [x], create_graph=True)
    assert slope.data == 0.0
    error = caught(lambda: gradients(slope, [x]))
    assert "inf" in str(error).splitlines()[0]
    assert untouched(x)
    assert "inf" in str(caught(lambda: gradients(slope, [x], create_graph=True)))


def test_second_order_of_what_was_bad_before():
    x = Value(-1.0, "x")
    y = log(x)
    assert str(caught(lambda: gradients(y, [x], create_graph=True))).startswith("log gave nan")


# Nesting, threads, cost


def test_within_record_and_around_it():
    x = Value(0.0, "x")
    for outer, inner in ((record, detect_anomaly), (detect_anomaly, record)):
        with outer(), inner():
            y = sqrt(x)
            with pytest.raises(AnomalyError):
                y.backward()
    with record():
        with detect_anomaly():
            pass
        sqrt(x).backward()
    assert x.grad == INF


def test_the_inner_options_hold():
    x = Value(1e200)
    with detect_anomaly():
        with detect_anomaly(inf=False):
            assert (x * x).data == INF
        with pytest.raises(AnomalyError):
            x * x


def test_only_the_thread_that_asked():
    results = []
    x = Value(-1.0)

    def work():
        results.append(log(x).data)

    with detect_anomaly():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert math.isnan(results[0])


def test_a_bad_loss_never_passes_silently():
    for loss in (
        lambda x: log(x),
        lambda x: x / 0.0,
        lambda x: exp(x * -1e4),
        lambda x: autograd.sum([log(x), 1.0]),
        lambda x: np.log(autograd.array([x]))[0],
        lambda x: (x * INF) * 0.0,
    ):
        early = loss(Value(-1.0))
        assert not math.isfinite(early.data)
        caught(lambda loss=loss: loss(Value(-1.0)))
        caught(early.backward)
        caught(lambda early=early: gradients(early, Graph(early).leaves))
        caught(lambda early=early: gradients(early, Graph(early).leaves, create_graph=True))


@pytest.mark.slow
def test_it_is_linear():
    def taken(length):
        x = Value(0.0, "x")
        y = sqrt(x)
        for _ in range(length):
            y = y * 1.0 + 0.0
        begun = time.process_time()
        error = caught(y.backward)
        text = str(error)
        assert "more) →" in text
        assert max(map(len, text.splitlines())) < 200
        return time.process_time() - begun

    short = min(taken(1_000) for _ in range(3))
    assert min(taken(20_000) for _ in range(2)) < 80 * short
