"""The smallest and the largest of a box's numbers, at every step of a player's page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from autograd import Value
from autograd.stepping.events import EventLog
from autograd.text.columns import display_width
from viz.content.ranges import Range
from viz.page.steps import PageStep
from viz.selection.elements import Fold


class Change(NamedTuple):
    """A range, and after how many steps it holds."""

    step: int
    range: Range


def data_ranges(log: EventLog, nodes: Sequence[Value], steps: Sequence[PageStep]) -> list[Change]:
    """How the range of some nodes' data changes, as more of them are computed.

    >>> x = Value(2.0, "x")
    >>> y, z = x * 3, x * 4
    >>> data_ranges(log := EventLog(y + z), [y, z], [PageStep(k) for k in range(len(log))])[1]
    Change(step=2, range=Range(low=6.0, high=8.0, bad=0))
    """

    def when(v: Value) -> int:
        computed = log.next_touching(v, 0) if v.parents else None
        return 0 if computed is None else computed + 1

    numbers = [log.numbers[log.place(v)] for v in nodes]
    return _changes(len(nodes), steps, [(when(v), i, numbers[i]) for i, v in enumerate(nodes)])


def grad_ranges(log: EventLog, nodes: Sequence[Value], steps: Sequence[PageStep]) -> list[Change]:
    """How the range of some nodes' gradients changes, as contributions arrive."""

    def notes() -> Iterator[tuple[int, int, float]]:
        for i, v in enumerate(nodes):
            if v is log.output:
                yield log.forward, i, log.seed
            for k in log.arrivals(v):
                yield k + 1, i, log.grad(v, k + 1)

    return _changes(len(nodes), steps, list(notes()))


def _changes(
    count: int, steps: Sequence[PageStep], notes: list[tuple[int, int, float]]
) -> list[Change]:
    """The ranges that follow from notes: after how many events which number is what."""
    notes.sort(key=lambda note: note[0])
    numbers, known = np.zeros(count), np.zeros(count, bool)
    found: list[Change] = []
    noted = 0
    for step, happened in enumerate([0, *(step.happened for step in steps)]):
        start = noted
        while noted < len(notes) and notes[noted][0] <= happened:
            _, i, number = notes[noted]
            numbers[i], known[i] = number, True
            noted += 1
        if noted > start:
            change = Change(step, _range(numbers[known]))
            if not found or repr(found[-1].range) != repr(change.range):  # 0.0 and -0.0 differ
                found.append(change)
    return found


def _range(numbers: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Range:
    finite = numbers[np.isfinite(numbers)]
    bad = len(numbers) - len(finite)
    if not len(finite):
        return Range(None, None, bad)
    return Range(float(finite.min()), float(finite.max()), bad)


class Ranges:
    """The ranges of a box: of what others use of it, and of the leaves in it."""

    def __init__(self, log: EventLog, box: Fold, steps: Sequence[PageStep]) -> None:
        differentiable = [v for v in box.outputs if v.op != "const"]
        self.data = data_ranges(log, box.outputs, steps)
        self.grads = grad_ranges(log, differentiable, steps)
        leaves = [] if box.kind == "array" else [v for v in box.nodes if v.op is None]
        self.leaves = len(leaves)
        """How many leaves lie in it; those of an array are what others use of it."""
        self.leaf_data = data_ranges(log, leaves, steps)
        self.leaf_grads = grad_ranges(log, leaves, steps)

    def widest(self, written: Callable[[float], str]) -> tuple[str, str]:
        """The longest texts of data and gradient."""

        def longest(changes: list[Change]) -> str:
            return max(
                (change.range.text(written) for change in changes), key=display_width, default="–"
            )

        return longest(self.data), longest(self.grads)
