"""The smallest and the largest number of a box, at every step of a player's page."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from autograd import Value
from autograd.stepping.events import EventLog
from autograd.text.columns import display_width
from viz.page.steps import PageStep
from viz.snapshot.ranges import Range
from viz.snapshot.snapshot import ShownBox


class RangeChange(NamedTuple):
    """A range, and the first step at which it holds."""

    step: int
    range: Range


def data_ranges(
    log: EventLog, nodes: Sequence[Value], steps: Sequence[PageStep]
) -> list[RangeChange]:
    """Return the ranges of some nodes' data, as more of them are computed.

    >>> x = Value(2.0, "x")
    >>> y, z = x * 3, x * 4
    >>> data_ranges(log := EventLog(y + z), [y, z], [PageStep(k) for k in range(len(log))])[1]
    RangeChange(step=2, range=Range(low=6.0, high=8.0, bad=0))
    """

    def when(v: Value) -> int:
        computed = log.next_touching(v, 0) if v.parents else None
        return 0 if computed is None else computed + 1

    numbers = [log.numbers[log.place(v)] for v in nodes]
    return _changes(len(nodes), steps, [(when(v), i, numbers[i]) for i, v in enumerate(nodes)])


def grad_ranges(
    log: EventLog, nodes: Sequence[Value], steps: Sequence[PageStep]
) -> list[RangeChange]:
    """Return the ranges of some nodes' gradients, as contributions arrive."""

    def events() -> Iterator[tuple[int, int, float]]:
        for i, v in enumerate(nodes):
            if v is log.output:
                yield log.forward, i, log.seed
            for k in log.arrivals(v):
                yield k + 1, i, log.grad(v, k + 1)

    return _changes(len(nodes), steps, events())


def _changes(
    count: int, steps: Sequence[PageStep], events: Iterable[tuple[int, int, float]]
) -> list[RangeChange]:
    """Return the ranges after each step.

    Args:
        count: the number of nodes.
        steps: the steps of the page.
        events: a number of events, after which the node at a place has a number.
    """
    queue = deque(sorted(events, key=lambda event: event[0]))
    numbers, known = np.zeros(count), np.zeros(count, bool)
    changes: list[RangeChange] = []
    for step, happened in enumerate([0, *(step.happened for step in steps)]):
        count_before = len(queue)
        while queue and queue[0][0] <= happened:
            _, i, number = queue.popleft()
            numbers[i], known[i] = number, True
        if len(queue) < count_before:
            change = RangeChange(step, _range(numbers[known]))
            if not changes or repr(changes[-1].range) != repr(
                change.range
            ):  # 0.0 differs from -0.0
                changes.append(change)
    return changes


def _range(numbers: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Range:
    finite = numbers[np.isfinite(numbers)]
    bad = len(numbers) - len(finite)
    if not len(finite):
        return Range(None, None, bad)
    return Range(float(finite.min()), float(finite.max()), bad)


class BoxRanges:
    """The ranges of a box: of its outputs, and of the leaves in it."""

    def __init__(self, log: EventLog, box: ShownBox, steps: Sequence[PageStep]) -> None:
        outputs, nodes = ([log.graph.nodes[i] for i in which] for which in (box.outputs, box.nodes))
        self.data = data_ranges(log, outputs, steps)
        self.grads = grad_ranges(log, [v for v in outputs if v.op != "const"], steps)
        leaves = [] if box.kind == "array" else [v for v in nodes if v.op is None]
        self.leaves = len(leaves)
        """The number of leaves in it, other than the outputs of an array."""
        self.leaf_data = data_ranges(log, leaves, steps)
        self.leaf_grads = grad_ranges(log, leaves, steps)

    def widest(self, written: Callable[[float], str]) -> tuple[str, str]:
        """Return the widest texts of data and gradient."""

        def longest(changes: list[RangeChange]) -> str:
            return max(
                (change.range.text(written) for change in changes), key=display_width, default="–"
            )

        return longest(self.data), longest(self.grads)
