"""Working in place: a step writes over an operand that no later step reads.

The fewer rows are touched, the more of them stay in the processor's cache: a chain of element-wise
steps needs one block. Only whole blocks move; the numbers computed stay the same.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from autograd.compiler.rolling.instructions import Instruction, Step, StepKind
from autograd.compiler.rolling.views import BATCHED, View, contiguous


def work_in_place(
    instructions: Sequence[Instruction], blocks: Sequence[tuple[int, int]], kept: Iterable[int]
) -> None:
    """Let element-wise steps write over operands, in place: steps are replaced.

    The blocks of batched rows that steps compute are given by first row and end; the rows kept are
    read after the last step.
    """
    finder = _Blocks(blocks)
    pinned = {finder.block_of(row) for row in kept}
    steps = [step for instruction in instructions for step in instruction.steps]
    last_read = finder.last_reads(steps, pinned)
    written: set[int] = set()
    moved: dict[int, int] = {}  # the new first row of a block, by its old one
    busy = dict(last_read)  # a place: until the last read of all blocks that have been there
    number = 0
    for instruction in instructions:
        for i, step in enumerate(instruction.steps):
            out = finder.whole_block(step.out)
            first_write = out is not None and out not in written
            written.update(finder.touched(step.out))
            step = finder.relocate(step, moved)
            if first_write and out not in pinned and step.kind == StepKind.APPLY:
                assert out is not None
                operand = _dying_operand(finder, step, busy, number)
                if operand is not None:
                    moved[out] = operand
                    busy[operand] = max(busy.get(operand, -1), last_read.get(out, -1))
                    step = finder.relocate(step, {out: operand})
            instruction.steps[i] = step
            number += 1


def _dying_operand(finder: _Blocks, step: Step, busy: dict[int, int], now: int) -> int | None:
    """The place of an operand that has the result's shape and is read for the last time."""
    for view in step.inputs:
        start = finder.whole_block(view)
        if start is None or (view.sizes, view.strides) != (step.out.sizes, step.out.strides):
            continue
        if busy.get(start, -1) <= now:
            return start
    return None


class _Blocks:
    """The blocks of batched rows, and the blocks that views cover."""

    def __init__(self, blocks: Sequence[tuple[int, int]]) -> None:
        self.starts = [start for start, _ in blocks]
        self.stops = dict(blocks)

    def block_of(self, row: int) -> int:
        """The first row of the block that a row is in; -1 if it is in none."""
        i = bisect.bisect_right(self.starts, row) - 1
        return self.starts[i] if i >= 0 and row < self.stops[self.starts[i]] else -1

    def touched(self, view: View) -> set[int]:
        """The blocks that a view overlaps."""
        if view.space != BATCHED:
            return set()
        low, high = view.ends
        block = self.block_of(low)
        if high < self.stops.get(block, 0):
            return {block}
        first = bisect.bisect_right(self.starts, low) - 1
        last = bisect.bisect_right(self.starts, high)
        return {block, *self.starts[max(0, first) : last]}

    def whole_block(self, view: View) -> int | None:
        """The block that a view covers completely and in order; None if there is none."""
        start = self.block_of(view.offset) if view.space == BATCHED else -1
        if start != view.offset or self.stops[start] - start != view.count:
            return None
        return start if view == contiguous(BATCHED, start, view.sizes) else None

    def last_reads(self, steps: Sequence[Step], pinned: set[int]) -> dict[int, int]:
        """For each block the number of the last step that reads it; for pinned blocks the end.

        A block that a view or a gather reads together with others is pinned: it must not move.
        """
        last: dict[int, int] = {}
        for number, step in enumerate(steps):
            for view in step.inputs:
                touched = self.touched(view)
                if len(touched) > 1:
                    pinned |= touched
                for block in touched:
                    last[block] = number
            if len(written := self.touched(step.out)) > 1:
                pinned |= written
            if step.kind == StepKind.GATHER and step.space == BATCHED:
                assert step.index is not None
                read = {self.block_of(row) for row in np.unique(step.index).tolist()}
                pinned |= read
        for block in pinned:
            last[block] = len(steps)
        return last

    def relocate(self, step: Step, moved: dict[int, int]) -> Step:
        """Move the views of a step to the new places of their blocks."""
        if not moved:
            return step
        views = [self._relocated(view, moved) for view in (step.out, *step.inputs)]
        if views == [step.out, *step.inputs]:
            return step
        return replace(step, out=views[0], inputs=tuple(views[1:]))

    def _relocated(self, view: View, moved: dict[int, int]) -> View:
        if view.space != BATCHED:
            return view
        block = self.block_of(view.offset)
        target = moved.get(block, block)
        return view if target == block else replace(view, offset=view.offset + target - block)
