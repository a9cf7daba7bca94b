"""Ways through a graph: from a node to the output, and from an event to its twin in a branch."""

from __future__ import annotations

from collections.abc import Callable

from autograd.stepping.events import Event, EventLog
from autograd.value import Value


class Ways:
    """Shortest ways along which derivatives flow to the output of a log: found once, for all nodes.

    >>> x = Value(2.0, "x")
    >>> y = (x * 3) + x
    >>> [node.op for node in Ways(EventLog(y)).to_output(x)]
    [None, 'add']
    """

    def __init__(self, log: EventLog) -> None:
        self.log = log
        nodes = log.graph.nodes
        steps = [len(nodes)] * len(nodes)
        self._toward = [-1] * len(nodes)
        steps[-1] = 0
        # A node's contributions leave it when all of its own have arrived: its way is final.
        for sender, operand in log.contributions():
            if steps[sender] + 1 < steps[operand]:
                steps[operand] = steps[sender] + 1
                self._toward[operand] = sender

    def to_output(self, v: Value) -> list[Value]:
        """The nodes from one to the output; only the two ends where no derivative flows."""
        nodes, i = self.log.graph.nodes, self.log.place(v)
        path = [v]
        while i != len(nodes) - 1:
            i = self._toward[i] if self._toward[i] >= 0 else len(nodes) - 1
            path.append(nodes[i])
        return path


def after_twin(event: Event, twin: Callable[[Value], Value], log: EventLog) -> int | None:
    """How many events have happened in another log when the twin of an event has; None if none is.

    Args:
        event: one of a log.
        twin: what stands for a node in the other.
        log: the other.
    """
    node = twin(event.node)
    if node not in log.graph.index:
        return None
    if event.operand is None:
        found = log.next_touching(node, 0)
        return None if found is None or found >= log.forward else found + 1
    operand = twin(event.operand)
    if operand not in log.graph.index:
        return None
    arrived = (log[number] for number in log.arrivals(operand))
    return next((e.number + 1 for e in arrived if e.node is node and e.slot == event.slot), None)
