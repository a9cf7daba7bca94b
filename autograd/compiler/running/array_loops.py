"""Loops on the arrays of a library: nothing is put together that comes apart again.

What a step carries, gives and adds up are lists of arrays, as the steps within it made them: XLA
would compute each of them again for every part of one array.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np

from autograd.compiler.rolling.instructions import Feed, Step
from autograd.compiler.rolling.program import Program
from autograd.compiler.rolling.views import BATCHED, MEANS, SHARED, View

Array = Any


def run_loop(machine: Any, whole: Any, step: Step) -> None:
    """Run the program of a step again and again, and write what the loop gives.

    Args:
        machine: of the program around, an `array_api.Machine`.
        whole: a machine of the step's program, with its parameters.
        step: of the kind SCAN.
    """
    plan, library, xp = step.plan, machine.library, machine.xp
    assert plan is not None
    program: Program = plan.program
    batch = machine.batch if step.out.space == BATCHED else 1
    during = program.phases()[1]
    ends = 0, plan.carry, plan.carry + plan.each, len(program.outputs)
    carried, made, added = [_blocks(program, *each) for each in pairwise(ends)]
    items = [*chain(*(_parts(machine, step.inputs[feed.view]) for feed in plan.items))]
    outer = [*chain(*(_parts(machine, step.inputs[feed.view]) for feed in plan.outer))]
    constant = [machine.spaces[view.space].view(view) for view in outer]

    def body(carry: Any, given: Sequence[Array]) -> Any:
        numbers, totals, sums = carry
        inner = whole.on(batch)
        inner.feed([*numbers, *given, *constant])
        inner.run(during)
        totals = [old + inner.outputs(rows) for old, rows in zip(totals, added, strict=True)]
        sums = [old + new for old, new in zip(sums, inner.sums, strict=True)]
        carry = [inner.outputs(rows) for rows in carried], totals, sums
        return carry, [inner.outputs(rows) for rows in made]

    first = fed(machine, step, plan.first, batch)
    begin = (
        [first[rows, :] for rows in carried],
        [library.zeros(rows.stop - rows.start, batch) for rows in added],
        [library.zeros(view.count, 1) for view in sums_of(program)],
    )
    over = [machine.spaces[view.space].view(view) for view in items]
    last, each = library.repeat(body, begin, over, plan.length, plan.is_reversed)
    space, start = machine.spaces[step.out.space], step.out.offset
    steps = start + plan.each * np.arange(plan.length)[:, None]
    for rows, array in zip(made, each, strict=True):
        numbers = (steps + np.arange(rows.start, rows.stop) - plan.carry).ravel()
        space.write(numbers, xp.reshape(array, (len(numbers), batch)))
    start += plan.length * plan.each
    for rows, array in zip([*carried, *added], [*last[0], *last[1]], strict=True):
        shift = start if rows.stop <= plan.carry else start - plan.each
        space.write(shift + np.arange(rows.start, rows.stop), array)
    if plan.totals is not None:
        whole.finish(last[2])
        totals = whole.spaces[SHARED].read(program.gradient)
        machine.spaces[MEANS].write(plan.totals.rows.ravel(), totals)


def fed(machine: Any, step: Step, feeds: Sequence[Feed], batch: int) -> Array:
    """The rows that views feed once, in their order: (rows, batch)."""
    views = [step.inputs[feed.view] for feed in feeds]
    parts = [machine.spaces[view.space].view(view) for view in views]
    parts = [machine.xp.broadcast_to(x, (x.shape[0], batch)) for x in parts]
    return machine.xp.concat(parts, axis=0) if parts else machine.library.zeros(0, batch)


def sums_of(program: Program) -> list[View]:
    """Where sums over the batch go, in the order in which they are written."""
    views = []
    for step in program.phases()[1]:
        if step.plan is not None and step.plan.totals is not None:
            views.append(step.plan.totals)
        if step.out.space == MEANS:
            views.append(step.out)
    return views


def _blocks(program: Program, start: int, stop: int) -> list[slice]:
    """Split outputs into those that lie side by side in a space."""
    located = program.outputs
    cuts = [
        i for i in range(start + 1, stop)
        if located[i] != (located[i - 1][0], located[i - 1][1] + 1)
    ]  # fmt: skip
    return [slice(a, b) for a, b in pairwise([start, *cuts, stop]) if a < b]


def _parts(machine: Any, view: View) -> list[View]:
    """Split the last axis of a view into those parts whose rows are in one array each."""
    numbers = machine.spaces[view.space].array_of[view.rows].reshape(-1, view.sizes[-1])
    cuts = np.flatnonzero((np.diff(numbers, axis=1) != 0).any(axis=0)) + 1
    return [
        View(view.space, view.offset + a * view.strides[-1], (*view.sizes[:-1], b - a),
             view.strides)
        for a, b in pairwise([0, *cuts.tolist(), view.sizes[-1]])
    ]  # fmt: skip
