"""Indices that are computed from integer inputs: exactly, in integers, before the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.tracing.nesting import InputSpec
from autograd.compiler.tracing.tape import INPUT, Tape
from autograd.primitive import Primitive
from autograd.primitives import abs as absolute
from autograd.primitives import add, floor_divide, maximum, minimum, mod, mul, neg, sub, where

_ARITHMETIC = (add, sub, mul, floor_divide, mod, neg, absolute, maximum, minimum, where)


def keeps_integers(row: Primitive) -> bool:
    """True for an operation whose result on integers is an integer."""
    return row in _ARITHMETIC or row.is_comparison


def _ufunc(row: Primitive) -> Any:
    return row.ufunc


def _integers(numbers: Any) -> NDArray[np.int64]:
    return np.asarray(numbers, np.int64)


class Indices(NamedTuple):
    """Integers that a tape computes from inputs; a program has them as inputs of their own."""

    tape: Tape
    inputs: list[InputSpec]
    nodes: list[int]
    order: list[int]  # the nodes and all that they are computed from

    @np.errstate(divide="raise")
    def of(
        self, inputs: Sequence[Any], function_of: Callable[[Primitive], Any] = _ufunc,
        integers: Callable[[Any], Any] = _integers,
    ) -> list[Any]:  # fmt: skip
        """Compute them from inputs, (batch, elements) each. x // 0 raises FloatingPointError.

        For arrays of another library, `function_of` gives its functions, `integers` its integers.
        """
        numbers: dict[int, Any] = {}
        for node in self.order:
            row, number = self.tape.rows[node], self.tape.payloads.get(node)
            if isinstance(row, Primitive):
                number = function_of(row)(*[numbers[x] for x in self.tape.operands[node]])
            elif row is INPUT:
                which, element = self.tape.payloads[node]
                number = inputs[which][:, element]
            numbers[node] = integers(number)
        return [numbers[node] for node in self.nodes]
