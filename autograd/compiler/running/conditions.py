"""Comparisons that only choices read, as their conditions: a machine may keep bits of them."""

from __future__ import annotations

import numpy as np

from autograd.compiler.rolling.instructions import Step, StepKind
from autograd.compiler.rolling.program import Program
from autograd.compiler.rolling.views import BATCHED, Index, View
from autograd.primitives import where


def conditions(program: Program) -> dict[int, Step]:
    """Map each choice, by the id of its step, to such a comparison."""
    steps = [step for step in program.steps if step.is_batched]
    comparisons = {i for i, step in enumerate(steps) if step.row and step.row.is_comparison}
    choices: dict[int, list[Step]] = {i: [] for i in comparisons}
    made_by = np.full(program.sizes[BATCHED] + 1, -1)  # for each row the comparison it holds
    for number, step in enumerate(steps if comparisons else ()):
        for slot, view in enumerate(step.inputs):
            for maker in _makers(made_by, view):
                is_condition = step.row is where and slot == 0 and view == steps[maker].out
                if is_condition and (made_by[view.rows] == maker).all():
                    choices.get(maker, []).append(step)
                else:
                    choices.pop(maker, None)
        if step.kind == StepKind.GATHER and step.space == BATCHED and step.index is not None:
            _forget(choices, made_by[step.index])
        if step.out.space == BATCHED and (number in comparisons or _makers(made_by, step.out)):
            made_by[step.out.rows] = number if number in comparisons else -1
    _forget(choices, made_by[[row for space, row in program.outputs if space == BATCHED]])
    for rows in program.input_gradients:
        _forget(choices, made_by[rows])
    return {id(step): steps[maker] for maker, found in choices.items() for step in found}


def _makers(made_by: Index, view: View) -> set[int]:
    """The comparisons that rows from a view's first to its last hold."""
    if view.space != BATCHED:
        return set()
    low, high = view.ends
    rows = made_by[low : high + 1]
    return set(rows.tolist()) - {-1} if rows.max() >= 0 else set()


def _forget(choices: dict[int, list[Step]], makers: Index) -> None:
    for maker in makers.ravel().tolist():
        choices.pop(maker, None)
