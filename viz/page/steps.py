"""The steps of a player's page: the moments of a pass at which it stops.

The engine does not compute box by box: it computes a neuron of one layer, then a product of the
next one, and returns. The page plays the engine's own events in the engine's order, but stops less
often: after every event of a drawn node, and for a box once in each pass, when the last of its
nodes is computed or has sent its last contribution. There it shows the true state, in which another
box may have begun before one is done.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
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


class Playback:
    """A pass, the picture of it, and the steps in which a page plays the one on the other.

    In a whole graph every event is a step; in a part of a graph, every event that touches a drawn
    node.

    >>> from viz.selection.folding import folded
    >>> from viz.snapshot.take import take
    >>> x = [Value(float(i), f"x[{i}]") for i in range(4)]
    >>> log = EventLog((x[0] + x[1] + x[2] + x[3]).exp())
    >>> playback = Playback(take(log.graph, folded(log.graph, 4)), log)
    >>> [(step.event, step.box and step.box.kind, step.count) for step in playback.steps]
    [(2, 'sum', 3), (3, None, 1), (4, None, 1), (10, 'sum', 6)]
    >>> playback.data(x[0]), playback.grads(log.output)
    ({0: 0.0}, {2: 1.0})
    """

    def __init__(self, snapshot: Snapshot, log: EventLog) -> None:
        nodes = log.graph.nodes
        self.snapshot, self.log, self.nodes = snapshot, log, nodes
        self.shown = {nodes[node.number]: node for node in snapshot.nodes}
        """The nodes that are drawn one by one."""
        self.box = {nodes[i]: box for box in snapshot.boxes for i in box.nodes}
        """The box of each node that lies in one."""
        self.steps = self._steps()

    def _steps(self) -> list[PageStep]:
        """The steps in the order of their events; a box has one for each pass."""
        log, sent = self.log, self._sent()
        events: dict[tuple[ShownBox | None, int], list[int]] = {}
        for k in touching(log, [*self.shown, *self.box]):
            box = self.box.get(self.nodes[log.sender(k)])
            events.setdefault((box, k if box is None else k < log.forward), []).append(k)
        steps = [
            PageStep(some[-1], box, len(some), sent[box] if box and some[0] >= log.forward else {})
            for (box, _), some in events.items()
        ]
        return sorted(steps, key=lambda step: step.event)

    def _sent(self) -> Mapping[ShownBox, Counter[Value | ShownBox]]:
        """The number of contributions from each box to each receiver."""
        sent: dict[ShownBox, Counter[Value | ShownBox]] = {}
        for sender, receiver in self.log.contributions() if self.box else ():
            if box := self.box.get(self.nodes[sender]):
                operand = self.nodes[receiver]
                sent.setdefault(box, Counter())[self.box.get(operand, operand)] += 1
        return sent

    def step_of(self, event: int | None) -> int | None:
        """Return the first step at whose end an event has happened, 0 for -1, if there is one."""
        if event is None or event < 0:
            return None if event is None else 0
        at = bisect_left(self.steps, event, key=lambda step: step.event)
        return at + 1 if at < len(self.steps) else None

    def data(self, v: Value) -> dict[int, float]:
        """Return the data of a node by the step from which on they are known, 0 for a leaf."""
        step = self.step_of(self.log.next_touching(v, 0) if v.parents else -1)
        return {} if step is None else {step: self.log.numbers[self.log.place(v)]}

    def grads(self, v: Value) -> dict[int, float]:
        """Return the gradient of a node after each step in which contributions arrive."""
        log = self.log
        found = {self.step_of(log.forward - 1): log.seed} if v is log.output else {}
        found |= {self.step_of(event): log.grad(v, event + 1) for event in log.arrivals(v)}
        return {step: grad for step, grad in found.items() if step is not None}


def touching(log: EventLog, shown: Sequence[Value]) -> Sequence[int]:
    """Return the events that compute a drawn node, or in which it sends or receives."""
    drawn = set(shown)
    if len(drawn) == len(log.graph):
        return range(len(log))
    numbers = {k for k in range(len(log)) if log.graph.nodes[log.sender(k)] in drawn}
    for v in shown:
        numbers.update(log.arrivals(v))
    return sorted(numbers)
