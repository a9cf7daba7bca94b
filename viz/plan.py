"""What a diagram shows, decided before a word of it is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from autograd import Graph, Value
from viz.frames import Scope, frames
from viz.labels import number, readable, shorten
from viz.selection import Selection, nearest

_KINDS = {"leaf": "leaves", "constant": "constants", "operation": "operations"}


def kind(v: Value) -> str:
    """What a node is: "leaf", "constant" or "operation"."""
    return {None: "leaf", "const": "constant"}.get(v.op, "operation")


@dataclass(frozen=True)
class Plan:
    """The nodes to draw, their frames and how numbers are printed."""

    graph: Graph
    selection: Selection
    scopes: dict[Value, Scope]
    number_format: str

    @property
    def shown(self) -> list[Value]:
        """The nodes drawn, in topological order."""
        return self.selection.shown

    @property
    def caption(self) -> str:
        """What the picture of a part of a graph says about the rest; else nothing."""
        shown, count = len(self.shown), len(self.graph)
        if shown == count:
            return ""
        outputs = "output" if len(self.graph.outputs) == 1 else "outputs"
        return f"{shown:,} of {count:,} nodes: those nearest to the {outputs}"

    @property
    def subject(self) -> str:
        """What the picture is of, in a line: its title where the user gave none."""
        outputs = self.graph.outputs
        names = [shorten(readable(v.name)) for v in outputs[:3] if v.name]
        if len(names) < len(outputs):
            names = [f"{len(outputs)} outputs"] if len(outputs) > 1 else []
        return f"Computation graph of {', '.join(names)}" if names else "Computation graph"

    @property
    def description(self) -> str:
        """What a screen reader says of the picture."""
        kinds = Counter(kind(v) for v in self.shown)
        counts = [f"{kinds[k]} {k if kinds[k] == 1 else plural}" for k, plural in _KINDS.items()]
        outputs = [
            f"{shorten(readable(v.name or 'output'))} = {self.number(v.data)}"
            for v in self.graph.outputs[:3]
        ]
        some = any(v.has_grad for v in self.shown)
        gradients = "with gradients" if some else "before any backward pass"
        sentences = (self.caption, f"{', '.join(counts)}, {gradients}", ", ".join(outputs))
        return ". ".join(filter(None, sentences)) + "."

    @property
    def reach(self) -> int:
        """How many layers the arrows cross, all together: what the time of a layout grows with."""
        via = self.selection.via
        arrows = [(via.get(p, p), v) for v in reversed(self.shown) for p in v.parents]
        layer = dict.fromkeys(self.shown, 0)  # counted from the outputs
        for start, end in arrows:
            layer[start] = max(layer.get(start, 0), layer[end] + 1)
        return sum(layer[start] - layer[end] for start, end in arrows)

    def number(self, x: float) -> str:
        """A number as the picture shows it."""
        return number(x, self.number_format)


def plan(graph: Graph, max_nodes: int, number_format: str) -> Plan:
    """Choose the nodes and find their frames."""
    selection = nearest(graph, max_nodes)
    return Plan(graph, selection, frames(selection.near), number_format)
