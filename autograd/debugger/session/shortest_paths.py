"""Shortest paths from the nodes of a graph to its output."""

from __future__ import annotations

from autograd.stepping.events import EventLog
from autograd.value import Value


class ShortestPaths:
    """Shortest paths along which derivatives flow to the output of a log, for all its nodes.

    >>> x = Value(2.0, "x")
    >>> y = (x * 3) + x
    >>> [node.op for node in ShortestPaths(EventLog(y)).to_output(x)]
    [None, 'add']
    """

    def __init__(self, log: EventLog) -> None:
        self.log = log
        nodes = log.graph.nodes
        steps = [len(nodes)] * len(nodes)
        self._toward = [-1] * len(nodes)
        steps[-1] = 0
        # A node sends its contributions after all of its own have arrived: its path is final.
        for sender, operand in log.contributions():
            if steps[sender] + 1 < steps[operand]:
                steps[operand] = steps[sender] + 1
                self._toward[operand] = sender

    def to_output(self, v: Value) -> list[Value]:
        """Return the nodes from one to the output; only these two if no derivative flows."""
        nodes, i = self.log.graph.nodes, self.log.place(v)
        path = [v]
        while i != len(nodes) - 1:
            i = self._toward[i] if self._toward[i] >= 0 else len(nodes) - 1
            path.append(nodes[i])
        return path
