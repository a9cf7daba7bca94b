"""Whatever the scalar code: compiled it gives what the engine gives, nan and inf included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from effort import examples
from hypothesis import HealthCheck, given, settings
from random_programs import programs

import autograd
from autograd import Value
from autograd.primitive import TABLE

BATCHES = (1, 2, 33)
ROWS = sorted(TABLE)


def eager(f: Any, parameters: list[Value], *examples: Any) -> tuple[list[float], np.ndarray]:
    """Each example's value, and the mean of the gradients for the parameters."""
    values, total = [], np.zeros(len(parameters))
    count = len(examples[0])
    with np.errstate(all="ignore"):
        for inputs in zip(*examples, strict=True):
            y = f(*inputs)
            values.append(y.data)
            if y.op not in (None, "const"):
                total += np.array(autograd.gradients(y, parameters))
            elif y.op is None:
                total += np.array([1.0 if p is y else 0.0 for p in parameters])
    return values, total / count


def assert_same(found: Any, expected: Any, scale: float = 1.0) -> None:
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * scale, equal_nan=True)


def check(f: Any, parameters: list[Value], *inputs: np.ndarray) -> None:
    c = autograd.compile(f)
    for batch in BATCHES:
        examples = [np.resize(x, (batch, *x.shape[1:])) for x in inputs]
        as_given = [[autograd.array(e) if np.ndim(e) else e for e in x] for x in examples]
        values, gradient = eager(f, parameters, *as_given)
        found = c(*examples)
        assert_same(found, values)
        mean, g = c.value_and_grad(*examples)
        with np.errstate(all="ignore"):
            assert_same(mean, np.mean(values))
        reached = {p: i for i, p in enumerate(c.parameters)}
        full = np.array([g[reached[p]] if p in reached else 0.0 for p in parameters])
        assert_same(full, gradient)


def which_are_inputs(arity: int) -> list[tuple[bool, ...]]:
    """Operands that are inputs, the others parameters: all, or every other one."""
    patterns = [(True, True, True), (True, False, True), (False, True, False)]
    return [p for p in dict.fromkeys(p[:arity] for p in patterns) if any(p)]


@pytest.mark.parametrize(
    ("name", "batched"), [(name, b) for name in ROWS for b in which_are_inputs(TABLE[name].arity)]
)
def test_every_row(name, batched):
    row = TABLE[name]
    arity = row.arity
    points = [p for p in (*row.points, *(e[0] for e in row.edges)) if len(p) >= arity]
    for point in points:
        parameters = [Value(x, f"p{i}") for i, x in enumerate(point[:arity])]
        scale = Value(0.75, "scale")

        def f(x, parameters=parameters, scale=scale):
            operands = [
                x[i] * 1.0 + 0.0 * scale if batched[i] else p for i, p in enumerate(parameters)
            ]
            return getattr(autograd, name)(*operands) * scale

        inputs = np.array([point[:arity]], dtype=float)
        check(f, [*parameters, scale], inputs)


@settings(
    max_examples=examples(150),
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(program=programs())
def test_random_programs(program):
    check(*program)
