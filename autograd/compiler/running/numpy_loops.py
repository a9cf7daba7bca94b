"""Loops with NumPy: the program of a step, run again and again in a workspace of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.rolling.instructions import Plan
from autograd.compiler.rolling.views import as_slice

Array = NDArray[Any]
Call = Callable[..., Any]


class Repetition:
    """The call of a loop: its arrays are those of the workspace around it."""

    def __init__(
        self, plan: Plan, step: Any, views: Sequence[Array], out: Array, totals: Array | None
    ) -> None:
        self.plan, self.step, self.views, self.totals = plan, step, views, totals
        end, carry, made = plan.length * plan.each, plan.carry, plan.carry + plan.each
        outputs = plan.program.outputs
        each = out[:end].reshape(plan.length, plan.each, out.shape[-1])
        self.last = out[end : end + carry]
        self.sums = out[end + carry : len(outputs) + end - plan.each]
        self.means = np.zeros(len(step.means))
        self.theta = np.zeros(plan.program.parameters, step.shared.dtype)
        self.carry = step.batched[:carry]
        chosen = plan.program.index_rows
        items = [(step.batched[feed.rows], views[feed.view]) for feed in plan.items]
        before = [partial(_put, step.indices, slice(None), step.batched, chosen)] * bool(chosen)
        kept, results, added = [
            located_results(step.spaces, each)
            for each in (outputs[:carry], outputs[carry:made], outputs[made:])
        ]
        after: list[Call] = [partial(_add, self.sums, *part) for part in added]
        after += [partial(np.add, self.means, step.means, self.means)] * (totals is not None)
        after += [_copy(self.carry, *part) for part in kept]  # first those that are in it now
        self.calls: list[Call] = []
        for t in range(plan.length)[:: -1 if plan.is_reversed else 1]:
            self.calls += [partial(np.copyto, rows, numbers[t]) for rows, numbers in items]
            self.calls += [*before, *step.during]
            self.calls += [_copy(each[t], *part) for part in results]
            self.calls += after

    def __call__(self) -> None:
        """Run all steps."""
        plan, step = self.plan, self.step
        for feed in plan.theta:
            self.theta[feed.rows] = self.views[feed.view][..., 0]
        step.begin(self.theta)
        for feed in (*plan.first, *plan.outer):
            step.batched[feed.rows] = self.views[feed.view]
        self.sums[...] = 0.0
        self.means[...] = 0.0
        for call in self.calls:
            call()
        self.last[...] = self.carry
        if self.totals is not None:
            count = plan.length * step.columns
            step.finish(self.means / count)
            self.totals[...] = step.shared[plan.program.gradient] * count


Part = tuple[Any, Array, Any]  # where results go, where they are, and their rows there


def located_results(spaces: dict[str, Array], located: Sequence[tuple[str, int]]) -> list[Part]:
    """The results of a program, those of each example and those that they share."""
    parts: list[Part] = []
    for name, source in spaces.items():
        chosen = [(i, row) for i, (space, row) in enumerate(located) if space == name]
        if chosen:
            places, rows = [as_slice(np.array(numbers)) for numbers in zip(*chosen, strict=True)]
            parts.append((places, source, rows))
    return parts


def _copy(into: Array, places: Any, source: Array, rows: Any) -> Call:
    """The call that copies results."""
    if isinstance(places, slice):
        if isinstance(rows, slice):
            return partial(np.copyto, into[places], source[rows])
        if source.shape[1] == into.shape[1]:
            return partial(source.take, rows, 0, into[places], "clip")
    return partial(_put, into, places, source, rows)


def _put(into: Array, places: Any, source: Array, rows: Any) -> None:
    into[places] = source[rows]


def _add(into: Array, places: Any, source: Array, rows: Any) -> None:
    into[places] += source[rows]
