"""The contributions on a player's page: the steps in which arrows and sums show them.

The picture is laid out at the end of the pass, when every arrow has the colour, the dashes and the
width that `draw` gives it. The page hides these until the contribution has arrived; before that an
arrow shows the sign of its local derivative, as in `draw`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from autograd import Value
from autograd.stepping.events import EventLog
from viz.page.steps import PageStep, boxes_of
from viz.snapshot.chain_rule import GradientSum
from viz.snapshot.snapshot import ShownStub, Snapshot

Sums: TypeAlias = Mapping[Value, list[tuple[int, str]]]
"""The lines below the gradient of a node, each text with the step from which on it is shown."""


def step_of(event: int, steps: Sequence[PageStep]) -> int | None:
    """Return the first step at whose end an event of the log has happened; None if there is none.

    >>> [step_of(event, [PageStep(2), PageStep(5)]) for event in (0, 2, 3, 6)]
    [1, 1, 2, None]
    """
    at = bisect_left(steps, event, key=lambda step: step.event)
    return at + 1 if at < len(steps) else None


def sums_of(snapshot: Snapshot, log: EventLog, steps: Sequence[PageStep]) -> Sums:
    """Return the sums below the gradients of drawn nodes, as contributions arrive.

    >>> from viz.appearance.options import Options
    >>> from viz.page.picture import AtEnd
    >>> from viz.selection.nearest import nearest
    >>> from viz.snapshot.take import take
    >>> x = Value(3.0, "x")
    >>> log = EventLog(x * x, gradient=-1.0)
    >>> snapshot = take(log.graph, nearest(log.graph, 60), Options(), AtEnd(log))
    >>> sums_of(snapshot, log, [PageStep(k) for k in range(3)])[x]
    [(2, '= -3 + …'), (3, '= -3 - 3')]
    """
    written, sums = snapshot.options.number, {}
    for node in snapshot.nodes:
        if node.sum is not None:
            v = log.graph.nodes[node.number]
            if changes := list(_filling(node.sum.terms, log.arrivals(v), steps, written)):
                sums[v] = changes
    return sums


def _filling(
    terms: Sequence[float],
    events: Sequence[int],
    steps: Sequence[PageStep],
    written: Callable[[float], str],
) -> Iterator[tuple[int, str]]:
    """Yield the texts of a sum as its terms arrive, each in an event."""
    arrived: dict[int, int] = {}  # by step: of several in one step the last counts
    for count, event in enumerate(events, start=1):
        if (step := step_of(event, steps)) is not None:
            arrived[step] = count
    before = ""
    for step, count in arrived.items():
        some = GradientSum(tuple(terms[:count]), waiting=count < len(terms))
        if (text := "\n".join(some.lines(written))) != before:
            yield step, text
            before = text


def arrivals(
    snapshot: Snapshot,
    log: EventLog,
    steps: Sequence[PageStep],
    arrows: Mapping[tuple[Value, int], int],
) -> list[list[int | str]]:
    """Return for each arrow the step in which its contribution arrives, -1 for never.

    The sign of the arrow before that step follows if it is different, as a class of the page's
    style sheet. For an arrow of several edges the last contribution counts.

    Args:
        snapshot: what is drawn.
        log: the pass to play.
        steps: the events at which the page stops.
        arrows: the arrow of each edge, from `arrows_of`.
    """
    last: dict[int, int] = {}
    for (result, slot), i in arrows.items():
        event = log.sending(result, slot)
        if event is not None:
            last[i] = max(last.get(i, event), event)
    arriving: list[list[int | str]] = []
    for i, arrow in enumerate(snapshot.arrows):
        step = step_of(last[i], steps) if i in last else None
        before = arrow.sign(contributions=False)
        is_changing = step is not None and before != arrow.sign()
        arriving.append([-1 if step is None else step, *([before] if is_changing else [])])
    return arriving


def arrows_of(snapshot: Snapshot, log: EventLog) -> dict[tuple[Value, int], int]:
    """Return the number of the arrow that stands for an edge, by the edge's result and slot."""
    nodes = log.graph.nodes
    numbers = {
        (nodes[arrow.result], arrow.slot): i
        for i, arrow in enumerate(snapshot.arrows)
        if not (arrow.is_bundle or isinstance(arrow.end, ShownStub))
    }
    bundles = {
        (arrow.start.id, arrow.end.id): i
        for i, arrow in enumerate(snapshot.arrows)
        if arrow.is_bundle
    }
    end = {nodes[node.number]: node.id for node in snapshot.nodes}
    end |= {v: box.id for v, box in boxes_of(snapshot, log).items()}
    for operand, result, slot in log.graph.edges if bundles else ():
        i = bundles.get((end.get(operand, ""), end.get(result, "")))
        if i is not None:
            numbers[result, slot] = i
    return numbers
