"""Loops with NumPy: the program of a step, run again and again in a workspace of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.rolling.instructions import Plan
from autograd.compiler.rolling.views import BATCHED, as_slice

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
        starts = np.cumsum([0, *(spec.size for spec in plan.program.inputs)])
        chosen = [int(starts[use.input]) + use.element for use in plan.program.indices]
        items = [(step.batched[feed.rows], views[feed.view]) for feed in plan.items]
        before = [partial(_put, step.indices, slice(None), step.batched, chosen)] * bool(chosen)
        after: list[Call] = [partial(_add, self.sums, *p) for p in _parts(step, outputs[made:])]
        after += [partial(np.add, self.means, step.means, self.means)] * (totals is not None)
        after += _copies(_parts(step, outputs[:carry]), self.carry)
        results = _parts(step, outputs[carry:made])
        self.calls: list[Call] = []
        for t in range(plan.length)[:: -1 if plan.is_reversed else 1]:
            self.calls += [partial(np.copyto, rows, numbers[t]) for rows, numbers in items]
            self.calls += [*before, *step.during, *_copies(results, each[t]), *after]

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


def _parts(step: Any, located: Sequence[tuple[str, int]]) -> list[Part]:
    """The results of a step's program, those of each example and those that they share."""
    parts = []
    for is_batched, source in ((True, step.batched), (False, step.shared[:, None])):
        chosen = [i for i, (space, _) in enumerate(located) if (space == BATCHED) == is_batched]
        if chosen:
            rows = np.array([located[i][1] for i in chosen])
            parts.append((as_slice(np.array(chosen)), source, rows))
    return parts


def _copies(parts: Sequence[Part], into: Array) -> list[Call]:
    """The calls that copy results."""
    return [
        partial(source.take, rows, 0, into[places], "clip")
        if isinstance(places, slice) and source.shape[1] == into.shape[1]
        else partial(_put, into, places, source, rows)
        for places, source, rows in parts
    ]


def _put(into: Array, places: Any, source: Array, rows: Any) -> None:
    into[places] = source[rows]


def _add(into: Array, places: Any, source: Array, rows: Any) -> None:
    into[places] += source[rows]
