"""Working in place: a step writes over the operand that nobody reads any more.

Rows are memory, and memory that is not touched is fast: a chain of element-wise steps stays in the
processor's cache. Only whole blocks change places; which numbers are computed does not change.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from autograd.compiler.rolling.instructions import APPLY, GATHER, Instruction, Step
from autograd.compiler.rolling.views import BATCHED, View, contiguous


def work_in_place(
    instructions: Sequence[Instruction], blocks: Sequence[tuple[int, int]], kept: Iterable[int]
) -> dict[int, int]:
    """Let element-wise steps write over operands, in place.

    Args:
        instructions: in order; their steps are replaced.
        blocks: first row and end of the blocks of batched rows that steps compute.
        kept: batched rows that are read after the last step.

    Returns for the first row of each block that moved where it is now.
    """
    finder = _Blocks(blocks)
    pinned = {finder.block_of(row) for row in kept}
    steps = [step for instruction in instructions for step in instruction.steps]
    last_read = finder.last_reads(steps, pinned)
    written: set[int] = set()
    moved: dict[int, int] = {}
    tenants = {start: [start] for start in finder.starts}  # whose numbers have been at a place
    number = 0
    for instruction in instructions:
        for i, step in enumerate(instruction.steps):
            out = finder.whole_block(step.out)
            first_write = out is not None and out not in written
            written.update(finder.touched(step.out))
            step = finder.relocate(step, moved)
            if first_write and out not in pinned and step.kind == APPLY:
                assert out is not None
                operand = _dying_operand(finder, step, tenants, last_read, number)
                if operand is not None:
                    moved[out] = operand
                    tenants[operand].append(out)
                    step = finder.relocate(step, {out: operand})
            instruction.steps[i] = step
            number += 1
    return moved


def _dying_operand(
    finder: _Blocks, step: Step, tenants: dict[int, list[int]], last_read: dict[int, int], now: int
) -> int | None:
    """Where an operand of a step is that has the result's shape and is read for the last time."""
    for view in step.inputs:
        start = finder.whole_block(view)
        if start is None or (view.sizes, view.strides) != (step.out.sizes, step.out.strides):
            continue
        if all(last_read.get(tenant, -1) <= now for tenant in tenants[start]):
            return start
    return None


class _Blocks:
    """The blocks of batched rows, and which of them views are."""

    def __init__(self, blocks: Sequence[tuple[int, int]]) -> None:
        self.starts = [start for start, _ in blocks]
        self.stops = dict(blocks)

    def block_of(self, row: int) -> int:
        """The first row of the block that a row is in; -1 if that is none of them."""
        i = bisect.bisect_right(self.starts, row) - 1
        return self.starts[i] if i >= 0 and row < self.stops[self.starts[i]] else -1

    def touched(self, view: View) -> set[int]:
        """The blocks that a view has rows of."""
        if view.space != BATCHED:
            return set()
        low, high = view.ends
        first = bisect.bisect_right(self.starts, low) - 1
        last = bisect.bisect_right(self.starts, high)
        return {self.block_of(low), *self.starts[max(0, first) : last]}

    def whole_block(self, view: View) -> int | None:
        """The block that a view is all of, row after row."""
        start = self.block_of(view.offset) if view.space == BATCHED else -1
        if start != view.offset or self.stops[start] - start != view.count:
            return None
        return start if view == contiguous(BATCHED, start, view.sizes) else None

    def last_reads(self, steps: Sequence[Step], pinned: set[int]) -> dict[int, int]:
        """For each block the number of the last step that reads it; never for what must stay.

        A block that a view or a gather reads together with others must stay where it is.
        """
        last: dict[int, int] = {}
        for number, step in enumerate(steps):
            for view in step.inputs:
                touched = self.touched(view)
                if len(touched) > 1:
                    pinned |= touched
                for block in touched:
                    last[block] = number
            if len(self.touched(step.out)) > 1:
                pinned |= self.touched(step.out)
            if step.kind == GATHER and step.space == BATCHED:
                assert step.index is not None
                read = {self.block_of(row) for row in np.unique(step.index).tolist()}
                pinned |= read
        for block in pinned:
            last[block] = len(steps)
        return last

    def relocate(self, step: Step, moved: dict[int, int]) -> Step:
        """A step with its views where the rows are now."""
        if not moved:
            return step
        views = [self._relocated(view, moved) for view in (step.out, *step.inputs)]
        return replace(step, out=views[0], inputs=tuple(views[1:]))

    def _relocated(self, view: View, moved: dict[int, int]) -> View:
        if view.space != BATCHED:
            return view
        block = self.block_of(view.offset)
        target = moved.get(block, block)
        return view if target == block else replace(view, offset=view.offset + target - block)
