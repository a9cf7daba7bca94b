"""The row `where` in compiled programs beside np.where, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import compile, where
from autograd.compiler.running import numpy_machine

SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, -np.nan, 5e-324, -1e-45, 1e308]
OPERANDS = ["input", "computed", "parameter", "zero", "minus zero", "constant"]
DTYPES = ["float64", "float32"]
WIDTH = 3  # Values of each operand
BATCHES = 2, numpy_machine._WORTH_NO_COPY  # from which inputs are read where they are

numbers = st.sampled_from(SPECIAL) | st.floats()
operands = st.tuples(*[st.sampled_from(OPERANDS)] * 3).filter(set(OPERANDS[:3]).intersection)
rows = st.lists(st.tuples(numbers, numbers, numbers), min_size=WIDTH, max_size=WIDTH)


def as_operand(kind: str, x: Any, parameters: Any) -> Any:
    constants = {"zero": 0.0, "minus zero": -0.0, "constant": 2.5}
    computed = {"input": x, "computed": [-each for each in x]}
    return {"parameter": parameters, **computed}.get(kind, [constants.get(kind)] * len(x))


def bits(x: Any) -> Any:
    return np.ascontiguousarray(x).view(f"i{np.asarray(x).itemsize}").tolist()


def check(kinds: Sequence[str], given_rows: Any, batch: int, dtype: str) -> Any:
    """Compare the outputs, negated so that the selection may be in place; returns the program."""
    with np.errstate(all="ignore"):
        theta = np.array(given_rows, dtype).T  # (3, operands)
    parameters = [autograd.array(each) for each in theta.astype(float)]
    inputs = [np.array([np.roll(each, i) for i in range(batch)]) for each in theta]

    def chosen(*xs: Any) -> list[Any]:
        parts = map(as_operand, kinds, xs, parameters)
        return [-where(*each) for each in zip(*parts, strict=True)]

    def as_array(kind: str, x: Any, parameters: Any) -> Any:
        each = np.array(as_operand(kind, x.T, parameters[:, None]), dtype)
        return np.broadcast_to(each.reshape(len(given_rows), -1), (len(given_rows), batch))

    compiled = compile(chosen, dtype=dtype, unused_inputs=True)
    condition, x, z = map(as_array, kinds, inputs, theta)
    assert bits(compiled(*inputs)) == bits(-np.where(condition != 0, x, z))
    return compiled.program


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("batch", BATCHES)
@given(kinds=operands, given_rows=rows)
def test_equals_numpy(dtype, batch, kinds, given_rows):
    check(kinds, given_rows, batch, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("other", ["input", "zero"])
@pytest.mark.parametrize("place", range(3))
def test_may_write_over_an_operand(dtype, other, place):
    kinds = ["input", "input", "input"]
    kinds[1 if place == 2 else 2] = other
    kinds[place] = "computed"
    program = check(kinds, list(product(SPECIAL, SPECIAL, SPECIAL[::-1]))[::97], 11, dtype)
    (step,) = [step for step in program.steps if step.row and step.row.name == "where"]
    assert step.out == step.inputs[place]


@pytest.mark.parametrize("dtype", ["int64", "float32"])
def test_an_input_of_another_type_has_other_bits(dtype):
    """Long arrays of numbers are read where they are, as floats."""
    batch = numpy_machine._WORTH_NO_COPY
    x = np.arange(batch, dtype=dtype) - batch // 2
    program = compile(lambda x, y: where(y, x, 0.5))
    np.testing.assert_array_equal(program(x, x % 2), np.where(x % 2, x, 0.5))
    assert program.program.unloaded
