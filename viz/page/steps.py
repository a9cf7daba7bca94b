"""The steps of a player's page: the moments of a pass at which it stops.

The engine does not compute box by box: it computes a neuron of one layer, then a product of the
next one, and returns. The page plays the engine's own events in the engine's order, but stops less
often: after every event of a drawn node, and for a box once in each pass, when the last of its
nodes is computed or has sent its last contribution. There it shows the true state, in which another
box may have begun before one is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograd import Value
from autograd.stepping.events import EventLog
from viz.snapshot.snapshot import ShownBox, Snapshot


@dataclass(frozen=True, eq=False)
class PageStep:
    """A moment at which the page stops: after an event, which may be the last one of a box."""

    event: int
    """The number of the event in the log."""
    box: ShownBox | None = None
    """The box that is done; None for the event of a drawn node."""
    count: int = 1
    """The number of events in the step."""
    sent: Mapping[Value | ShownBox, int] = field(default_factory=dict)
    """The number of contributions from the box to each receiver."""

    @property
    def happened(self) -> int:
        """The number of events of the log up to the step."""
        return self.event + 1


def steps_of(snapshot: Snapshot, log: EventLog) -> list[PageStep]:
    """Return the steps of a page, in the order of their events.

    In a whole graph every event is a step; in a part of a graph, every event that touches a drawn
    node.

    >>> from viz.appearance.options import Options
    >>> from viz.selection.folding import folded
    >>> from viz.snapshot.take import take
    >>> x = [Value(float(i), f"x[{i}]") for i in range(4)]
    >>> log = EventLog((x[0] + x[1] + x[2] + x[3]).exp())
    >>> snapshot = take(log.graph, folded(log.graph, 4), Options())
    >>> [(step.event, step.box and step.box.kind, step.count) for step in steps_of(snapshot, log)]
    [(2, 'sum', 3), (3, None, 1), (4, None, 1), (10, 'sum', 6)]
    """
    if snapshot.boxes:
        return _of_boxes(snapshot, log)
    return [PageStep(k) for k in touching(log, shown_values(snapshot, log))]


def shown_values(snapshot: Snapshot, log: EventLog) -> list[Value]:
    """Return the nodes that are drawn one by one."""
    return [log.graph.nodes[node.number] for node in snapshot.nodes]


def touching(log: EventLog, shown: Sequence[Value]) -> Sequence[int]:
    """Return the events that compute a drawn node, or in which it sends or receives."""
    drawn = set(shown)
    if len(drawn) == len(log.graph):
        return range(len(log))
    numbers = {k for k in range(len(log)) if log.graph.nodes[log.sender(k)] in drawn}
    for v in shown:
        numbers.update(log.arrivals(v))
    return sorted(numbers)


def _of_boxes(snapshot: Snapshot, log: EventLog) -> list[PageStep]:
    box = boxes_of(snapshot, log)
    nodes = log.graph.nodes
    single: list[PageStep] = []
    last: dict[tuple[ShownBox, bool], int] = {}
    count: Counter[tuple[ShownBox, bool]] = Counter()
    for k in range(len(log)):
        around = box.get(nodes[log.sender(k)])
        if around is None:
            single.append(PageStep(k))
        else:
            last[around, k < log.forward] = k
            count[around, k < log.forward] += 1
    sent = _sent(log, box)
    grouped = [
        PageStep(k, fold, count[fold, forward], {} if forward else sent[fold])
        for (fold, forward), k in last.items()
    ]
    return sorted(single + grouped, key=lambda step: step.event)


def _sent(
    log: EventLog, box: Mapping[Value, ShownBox]
) -> dict[ShownBox, Counter[Value | ShownBox]]:
    """The number of contributions from each box to each receiver."""
    sent: dict[ShownBox, Counter[Value | ShownBox]] = {fold: Counter() for fold in box.values()}
    nodes = log.graph.nodes
    for sender, operand in log.contributions():
        around = box.get(nodes[sender])
        if around is not None:
            sent[around][box.get(nodes[operand], nodes[operand])] += 1
    return sent


def boxes_of(snapshot: Snapshot, log: EventLog) -> dict[Value, ShownBox]:
    """Return the box of each node that lies in one."""
    return {log.graph.nodes[i]: box for box in snapshot.boxes for i in box.nodes}


def gradients(log: EventLog, v: Value, steps: Sequence[PageStep]) -> Iterator[tuple[int, float]]:
    """Yield each step that changes a node's gradient, and the gradient after it."""
    before = None
    for number, step in enumerate(steps, start=1):
        if log.has_grad(v, step.happened):
            grad = log.grad(v, step.happened)
            if repr(grad) != before:
                before = repr(grad)
                yield number, grad
