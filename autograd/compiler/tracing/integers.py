"""Indices that are computed from integer inputs: exactly, in integers, before the run."""

from __future__ import annotations

from collections.abc import Sequence
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


class Indices(NamedTuple):
    """Integers that a tape computes from inputs; a program has them as inputs of their own."""

    tape: Tape
    inputs: list[InputSpec]
    nodes: list[int]
    order: list[int]  # the nodes and all that they are computed from

    @np.errstate(divide="raise")
    def of(self, inputs: Sequence[NDArray[Any]]) -> list[NDArray[np.int64]]:
        """Compute them from inputs, (batch, elements) each. x // 0 raises FloatingPointError."""
        numbers: dict[int, Any] = {}
        for node in self.order:
            row, number = self.tape.rows[node], self.tape.payloads.get(node)
            if isinstance(row, Primitive):
                number = row.ufunc(*[numbers[x] for x in self.tape.operands[node]])
            elif row is INPUT:
                which, element = self.tape.payloads[node]
                number = inputs[which][:, element]
            numbers[node] = np.asarray(number, np.int64)
        return [numbers[node] for node in self.nodes]
