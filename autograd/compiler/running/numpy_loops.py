"""Loops with NumPy: the program of a step, run again and again in a workspace of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.rolling.instructions import Plan
from autograd.compiler.rolling.views import BATCHED, Index, as_slice

Array = NDArray[Any]


class Repetition:
    """The call of a loop: its arrays are those of the workspace around it."""

    def __init__(
        self, plan: Plan, step: Any, views: Sequence[Array], out: Array, totals: Array | None
    ) -> None:
        self.plan, self.step, self.views, self.totals = plan, step, views, totals
        end = plan.length * plan.each
        outputs = plan.program.outputs
        self.each = out[:end].reshape(plan.length, plan.each, out.shape[-1])
        self.last = out[end : end + plan.carry]
        self.sums = out[end + plan.carry : len(outputs) + end - plan.each]
        self.carried = _Results(step, outputs[: plan.carry])
        self.made = _Results(step, outputs[plan.carry : plan.carry + plan.each])
        self.added = _Results(step, outputs[plan.carry + plan.each :])
        self.theta = np.zeros(plan.program.parameters, step.shared.dtype)
        starts = np.cumsum([0, *(spec.size for spec in plan.program.inputs)])
        self.indices = [
            (i, int(starts[use.input]) + use.element) for i, use in enumerate(plan.program.indices)
        ]
        self.carry = step.batched[: plan.carry]
        self.kept = np.empty_like(self.carry)
        order = range(plan.length)[:: -1 if plan.is_reversed else 1]
        items = [(step.batched[feed.rows], views[feed.view]) for feed in plan.items]
        self.steps = [([(x, view[t]) for x, view in items], self.each[t]) for t in order]

    def __call__(self) -> None:
        """Run all steps."""
        plan, step = self.plan, self.step
        self._begin()
        means = np.zeros(len(step.means))
        calls, copy = step.during, np.copyto
        for given, each in self.steps:
            for x, numbers in given:
                copy(x, numbers)
            for number, row in self.indices:
                step.indices[number] = step.batched[row]
            for call in calls:
                call()
            if plan.each:
                self.made.read(each)
            if len(self.sums):
                self.added.add_to(self.sums)
            if self.totals is not None:
                means += step.means
            self.carried.read(self.kept)
            copy(self.carry, self.kept)
        self.last[...] = self.carry
        if self.totals is not None:
            count = plan.length * step.columns
            step.finish(means / count)
            self.totals[...] = step.shared[plan.program.gradient] * count

    def _begin(self) -> None:
        for feed in self.plan.theta:
            self.theta[feed.rows] = self.views[feed.view][..., 0]
        self.step.begin(self.theta)
        for feed in (*self.plan.first, *self.plan.outer):
            self.step.batched[feed.rows] = self.views[feed.view]
        self.sums[...] = 0.0


class _Results:
    """Results of a step's program, some of which may be shared."""

    def __init__(self, step: Any, located: Sequence[tuple[str, int]]) -> None:
        self.parts: list[tuple[Any, Array, Index]] = []
        for is_batched, source in ((True, step.batched), (False, step.shared[:, None])):
            chosen = [i for i, (space, _) in enumerate(located) if (space == BATCHED) == is_batched]
            if chosen:
                rows = np.array([located[i][1] for i in chosen])
                self.parts.append((as_slice(np.array(chosen)), source, rows))

    def read(self, into: Array) -> None:
        for places, source, rows in self.parts:
            if len(rows) == len(into) and source.shape[1] == into.shape[1]:
                np.take(source, rows, 0, into, "clip")
            else:
                into[places] = source[rows]

    def add_to(self, sums: Array) -> None:
        for places, source, rows in self.parts:
            sums[places] += source[rows]
