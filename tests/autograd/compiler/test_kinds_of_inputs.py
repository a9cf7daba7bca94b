"""Inputs of every kind of number, and numbers that the whole batch shares."""

from __future__ import annotations

import numpy as np
import pytest
from beside_eager import assert_same

import autograd

KINDS = ["?", "u1", "i1", "u2", "i8", "f2", "f4", "f8"]


@pytest.mark.parametrize("kind", KINDS)
def test_arithmetic_is_in_floats_whatever_comes_in(kind):
    x, z = (np.arange(600).reshape(2, 300) % 251 + 1).astype(kind)
    for f in (lambda x, z: -x - z * 3.0, lambda x, z: x - z, lambda x, z: x / z):
        assert_same(autograd.compile(f)(x, z), f(x.astype(float), z.astype(float)))
