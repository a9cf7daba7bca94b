"""How right derivatives are: every row over a grid of points, in every mode, to the third order."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import oracle
import pytest
import ulps

import autograd
from autograd.floats import batched
from autograd.primitive import TABLE

SMOOTH = ulps.SMOOTH
BOUNDS = (4, 6, 16)  # in ulps, of first, second and third derivatives; compiled 4 more
MODES = ("eager", "float64", "float32")  # compiled for those
DEEP = ("logaddexp", "logaddexp2")  # take a thousand digits and seconds for each point
EDGES = (0.0, -0.0, math.inf, -math.inf, 1.0, -1.0)


def is_moderate(x, z):
    return all(a == 0.0 or 1e-150 < abs(a) for a in (x, z))


def is_normal(x, z):
    """True if no exponent of the derivatives of a power is rounded, and none is out of range."""
    exponents = [Fraction(z) - n for n in range(4)]
    sizes = [z * z, *(autograd.pow(x, float(n)) for n in exponents)]
    return all(float(n) == n for n in exponents) and all(1e-30 < abs(y) < 1e30 for y in sizes)


EXCEPTED = {  # what rows with an exception keep to, and where
    "sinc": (BOUNDS, lambda x: abs(x - round(x)) > 0.1),
    "gelu": (BOUNDS, lambda x: True),
    "logaddexp": ((24, 24, 24), lambda x, z: True),
    "logaddexp2": ((24, 24, 24), lambda x, z: True),
    "hypot": (BOUNDS, is_moderate),
    "arctan2": (BOUNDS, is_moderate),
    "pow": (BOUNDS, is_normal),
}


def wrong(row, order, every, bounds=BOUNDS, holds=lambda *point: True):
    return [
        (mode, *found)
        for mode in MODES
        for found in ulps.errors(row, order, mode, every)
        if holds(*found[1]) and not found[0] <= bounds[order - 1] + 4 * (mode != "eager")
    ]


@pytest.mark.parametrize("row", SMOOTH, ids=str)
@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("every", [13, pytest.param(1, marks=pytest.mark.slow)])
def test_derivatives_are_right_to_the_last_digits(row, order, every):
    # Fewer points for the third order and for pairs, which take the most digits.
    every *= (3 if order == 3 else 1) * row.arity * (3 if row.name in DEEP else 1)
    assert not wrong(row, order, every, *EXCEPTED.get(row.name, ()))


@pytest.mark.slow
@pytest.mark.parametrize("row", [r for r in SMOOTH if r.accuracy and r.name != "gelu"], ids=str)
def test_an_exception_is_needed(row):
    errors = itertools.chain(*(ulps.errors(row, order, "eager") for order in (2, 1)))
    assert any(not error[0] <= BOUNDS[0] for error in errors)


def test_every_exception_is_stated():
    assert {row.name for row in TABLE.values() if row.accuracy} == set(EXCEPTED)


def test_fewer_than_ten_rows_are_excepted():
    assert 0 < sum(bool(row.accuracy) for row in TABLE.values()) < 10


@pytest.mark.parametrize("row", SMOOTH, ids=str)
@pytest.mark.parametrize("order", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_at_zeros_and_infinities_stands_the_limit(row, order):
    """Where there is one, the row states no other convention, and no infinity is a base."""
    edges = {at for at, _ in row.edges}
    points = [p for p in itertools.product(EDGES, repeat=row.arity) if p not in edges]
    if row.name == "pow":
        points = [point for point in points if not any(map(math.isinf, point))]  # as it says
    points = [point for point in points if not math.isnan(row(*point))]
    points = points[:: 4 if order == 2 and row.name in DEEP else 1]
    for slots in ulps.chains(row, order, row.arity):
        limits = [ulps.limit(row.name, point, slots) for point in points]
        for mode in MODES:
            found = ulps.found(row, slots, points, mode)
            for point, y, expected in zip(points, found, limits, strict=True):
                held = expected is not None
                assert not held or oracle.same(y, expected, rel=1e-4), (mode, point, y, expected)


@pytest.mark.parametrize("row", [r for r in TABLE.values() if any(r.partials)], ids=str)
@pytest.mark.parametrize("order", [1, 2])
def test_edges_are_the_same_in_every_mode(row, order):
    """At zeros, infinities, nan and ties."""
    special = (*EDGES, math.nan) if row.arity < 3 else (0.0, math.inf, 1.0, math.nan)
    points = [*itertools.product(special, repeat=row.arity)]
    for slots in ulps.chains(row, order, row.arity):
        eager, *compiled = (ulps.found(row, slots, points, mode) for mode in MODES)
        for found in compiled:
            np.testing.assert_allclose(found, eager, rtol=1e-6, atol=0.0)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("has_fast_cosh", [True, False])
def test_the_derivative_of_a_compiled_tanh_on_any_processor(has_fast_cosh, dtype, monkeypatch):
    monkeypatch.setattr(batched, "_has_fast_cosh", lambda: has_fast_cosh)
    c = autograd.compile(autograd.tanh, dtype=dtype, input_gradients=True)
    numbers = np.linspace(-352.0, 352.0, 41) if dtype == "float64" else np.linspace(-44, 44, 41)
    for x in [*numbers.astype(dtype).tolist(), 0.125, -1.5, 400.0, 1e9]:
        _, _, found = c.value_and_grad(np.array([x]))
        assert ulps.error(TABLE["tanh"], (x,), (0,), float(found[0]), dtype) <= 8, (x, found)
        assert abs(x) < 360.0 or found[0] == 0.0
