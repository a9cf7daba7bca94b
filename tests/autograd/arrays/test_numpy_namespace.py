"""NumPy's whole public namespace on arrays of Values: its own answer, or a TypeError of ours."""

from __future__ import annotations

import numpy as np
import numpy_namespace as namespace
import pytest

import autograd
from autograd import TracerError

NAMES = list(namespace.names())
OURS = ("autograd", "v.data", "W.data", "write ")  # every refusal says what to write
EVERYWHERE = {  # NumPy reads their arguments itself, before it asks what they are
    "asarray_chkfinite": "it looks at no object",
}  # fmt: skip


def numbers_of(part):
    return autograd.data(part) if part.dtype == object else part


def is_refusal(error):
    return isinstance(error, TypeError) and any(word in str(error) for word in OURS)


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_numpys_own_or_a_refusal(name):
    call = namespace.call_of(name)
    for sample in namespace.SAMPLES:
        expected = namespace.answer(call, [x.copy() for x in sample])
        found = namespace.answer(call, list(map(autograd.array, sample)))
        if isinstance(expected, Exception):
            assert isinstance(found, Exception) or name in EVERYWHERE
        elif isinstance(found, Exception):
            assert is_refusal(found), repr(found)
        else:
            assert len(found) == len(expected)
            for part, other in zip(map(numbers_of, found), map(numbers_of, expected), strict=True):
                assert part.shape == other.shape
                if other.dtype.kind in "fiub":
                    np.testing.assert_allclose(part, other, rtol=1e-9, atol=1e-12)
                else:
                    assert (part == other).all()


def weighted(parts):
    """One number that depends on everything in an answer."""
    total = 0.0
    for i, part in enumerate(parts):
        for j, x in enumerate(part.flat if part.dtype.kind in "fO" else ()):
            total = total + x * np.cos(1.0 + i + 2 * j)
    return total


@pytest.mark.parametrize("name", [n for n in NAMES if namespace.outcome(n) == "right"])
@pytest.mark.parametrize(
    "sample",
    [namespace.INSIDE, pytest.param(namespace.OUTSIDE, marks=pytest.mark.slow)],
    ids=["in", "out"],
)
def test_the_derivative_is_that_of_numpys_answer(name, sample):
    call = namespace.call_of(name)
    arrays = list(map(autograd.array, sample))
    found = weighted(namespace.answer(call, arrays))
    leaves = [v for a in arrays for v in a.flat]
    slopes = autograd.gradients(found, leaves) if isinstance(found, autograd.Value) else [0.0] * 21

    def at(k, step):
        moved = [x.copy() for x in sample]
        moved[[0, 1, 2][(k >= 6) + (k >= 12)]].flat[k - [0, 6, 12][(k >= 6) + (k >= 12)]] += step
        return weighted(namespace.answer(call, moved))

    h = 1e-6
    for k, slope in enumerate(slopes):
        expected = (at(k, h) - at(k, -h)) / (2 * h)
        if np.isfinite(expected):
            assert slope == pytest.approx(expected, rel=1e-5, abs=1e-6), (name, k)


@pytest.mark.parametrize("name", [n for n in NAMES if namespace.outcome(n) == "right"])
def test_compiled_it_is_the_same_or_a_tracer_error(name):
    def first(*arrays):
        return namespace.parts(namespace.call_of(name)(*arrays))[0]

    batch = [np.stack([x, x * 0.9]) for x in namespace.INSIDE]
    try:
        found = autograd.compile(first, unused_inputs=True)(*batch)
    except TypeError as error:
        if isinstance(error, TracerError) or is_refusal(error):
            return
        raise
    for k in range(2):
        expected = numbers_of(first(*(autograd.array(x[k]) for x in batch)))
        np.testing.assert_allclose(found[k], expected, rtol=1e-9, atol=1e-12)
