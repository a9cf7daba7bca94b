"""Comparisons that only choices read, as their conditions: a machine keeps bits of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autograd.compiler.rolling.instructions import Instruction, Step, StepKind
from autograd.compiler.rolling.views import BATCHED, Index, View
from autograd.primitives import where


def number_conditions(instructions: Sequence[Instruction], size: int, kept: Index) -> None:
    """Give such comparisons and their choices a number, where no block is used again as yet.

    There are so many batched rows; those kept are read after the last step.
    """
    steps = [step for instruction in instructions for step in instruction.steps]
    compared = dict.fromkeys([step.out for step in steps if step.row and step.row.is_comparison])
    read = np.zeros(size, bool)  # by others than choices
    read[kept] = True
    for step in steps if compared else ():
        is_choice = step.row is where and step.inputs[0] in compared
        for view in step.inputs[is_choice:]:
            if view.space == BATCHED:
                read[view.ends[0] : view.ends[1] + 1] = True
        if step.kind == StepKind.GATHER and step.space == BATCHED:
            read[step.index] = True
    views = [v for v in compared if v.space == BATCHED and not read[v.rows].any()]
    numbers: dict[View | None, int] = {view: i for i, view in enumerate(views)}
    for instruction in instructions if views else ():
        instruction.steps = [
            replace(step, bits=numbers.get(_condition(step))) for step in instruction.steps
        ]


def _condition(step: Step) -> View | None:
    """The comparison that a step makes or chooses by."""
    if step.row is where:
        return step.inputs[0]
    return step.out if step.row and step.row.is_comparison else None
