"""The plan of a picture: everything it shows, decided before any of it is written."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from autograd import Edge, Graph, Value
from autograd.primitive import CONST
from autograd.text import wording
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance.labels import number
from viz.appearance.numbers import OWN, State, current, moment
from viz.appearance.options import PLAIN, PictureOptions
from viz.content.chain_rule import Flow, GradientSum, flow, sums, total
from viz.content.highlights import Highlight
from viz.selection.elements import ArrowEnd, FoldedBox, Stub
from viz.selection.folding import BY_MEANING, FoldOptions, folded
from viz.selection.frames import Scope, scopes
from viz.selection.nearest import Selection, nearest, neighbourhood
from viz.selection.size import Size, reach

_KINDS = {"leaf": "leaves", "constant": "constants", "operation": "operations"}
_UNNAMED = {"sum": "sum", "array": "array", "step": "group"}  # boxes that are counted
_NAMED = 4  # boxes that are listed by their names


def kind(v: Value) -> str:
    """The kind of a node: "leaf", "constant" or "operation"."""
    return {None: "leaf", "const": "constant"}.get(v.op, "operation")


@dataclass(frozen=True)
class Plan:
    """The nodes to draw, their frames, the source of their numbers, and the format of these."""

    graph: Graph
    selection: Selection
    scopes: Mapping[Value, Scope]
    number_format: str
    state: State
    highlight: Highlight = field(default_factory=Highlight)
    options: PictureOptions = PLAIN
    _flows: dict[Edge, Flow] = field(default_factory=dict, repr=False, compare=False)

    @property
    def shown(self) -> list[Value]:
        """The nodes drawn, in topological order."""
        return self.selection.shown

    @cached_property
    def outputs(self) -> frozenset[Value]:
        """The graph's outputs, as a set: there may be thousands."""
        return frozenset(self.graph.outputs)

    @cached_property
    def caption(self) -> str:
        """A line about the part of the graph that is drawn, and about data that are out of date."""
        lines = [self._part, shorten(readable(moment(self.state)), 100)]
        lines += [f"{len(self.stale):,} changed since the forward pass"] if self.stale else []
        return "; ".join(filter(None, lines))

    @property
    def _part(self) -> str:
        """The part of the graph that is drawn."""
        shown, count = len(self.shown) + len(self.selection.folds), len(self.graph)
        if self.selection.folds:
            parts = folded_parts(sorted(self.selection.folds, key=self._place))
            return f"{count:,} nodes shown as {shown:,}, folded: {parts}"
        if shown == count and not self.selection.around:
            return ""
        outputs = "the output" if len(self.graph.outputs) == 1 else "the outputs"
        centre = self._named(self.selection.around) or outputs
        return f"{shown:,} of {count:,} nodes: those {self.selection.reason} {centre}"

    def _named(self, nodes: Sequence[Value]) -> str:
        """The labels of the first nodes, and the count of the others."""
        names = [shorten(readable(self.graph.label(v)), 40) for v in nodes[:3]]
        more = [f"{len(nodes) - 3:,} more"] if len(nodes) > 3 else []
        *head, last = names + more or [""]
        return f"{', '.join(head)} and {last}" if head else last

    @property
    def subject(self) -> str:
        """The subject of the picture in a line: its title unless the user gave one."""
        outputs = self.graph.outputs
        names = [shorten(readable(v.name)) for v in outputs[:3] if v.name]
        if len(names) < len(outputs):
            names = [f"{len(outputs)} outputs"] if len(outputs) > 1 else []
        return f"Computation graph of {', '.join(names)}" if names else "Computation graph"

    @property
    def description(self) -> str:
        """A description of the picture for screen readers."""
        kinds = Counter(kind(v) for v in self.shown)
        counts = [wording.count(kinds[k], k, plural) for k, plural in _KINDS.items()]
        outputs = [
            f"{shorten(readable(v.name or 'output'))} = {self.number(self.state.data(v))}"
            for v in self.graph.outputs[:3]
        ]
        some = any(self.state.has_grad(v) for v in self.shown)
        gradients = "with gradients" if some else "before any backward pass"
        sentences = (self.caption, f"{', '.join(counts)}, {gradients}", ", ".join(outputs))
        return ". ".join(filter(None, sentences)) + "."

    @cached_property
    def size(self) -> Size:
        """The counts of what is to be laid out."""
        arrows = [(arrow.start, arrow.end) for arrow in self.selection.arrows]
        boxes = len(self.shown) + len(self.selection.folds)
        return Size(boxes, reach(arrows, self._place))

    def _place(self, end: ArrowEnd) -> int:
        """The place of an end in topological order."""
        if isinstance(end, FoldedBox):
            return self.graph.index[end.nodes[-1]]
        if not isinstance(end, Stub):
            return self.graph.index[end]
        return len(self.graph) if end.side == "consumers" else self.graph.index[end.at]

    # The chain rule

    def flow(self, edge: Edge) -> Flow:
        """The local derivative and the contribution of an edge."""
        carried = self._flows.get(edge)
        if carried is None:
            carried = self._flows[edge] = flow(self.state, edge)
        return carried

    def flows_nowhere(self, edge: Edge) -> bool:
        """True if no derivative ever flows through an edge."""
        rules = edge.result._row.partials if edge.result._row is not None else ()
        return edge.operand._row is CONST or edge.slot >= len(rules) or rules[edge.slot] is None

    @cached_property
    def sums(self) -> Mapping[Value, GradientSum]:
        """The sums that are the gradients of the nodes drawn, if these are to be shown."""
        if not (self.options.contributions and self.options.backward):
            return {}
        return sums(self.graph, self.state, self.shown, self.flow)

    @cached_property
    def stale(self) -> Mapping[Value, float]:
        """The recorded numbers of the nodes drawn whose data changed since the forward pass."""
        if self.state is not OWN:
            return {}
        used = {v: v._y for v in self.shown if v.parents}
        for v in self.shown:
            used |= zip(v.parents, v._primals, strict=True)
        return {v: x for v, x in used.items() if x != v._data and (x == x or v._data == v._data)}

    @cached_property
    def largest(self) -> float:
        """The size of the largest contribution of an arrow."""
        sizes = [
            [abs(c) for edge in arrow.edges if (c := self.flow(edge).contribution) is not None]
            for arrow in self.selection.arrows
            if isinstance(arrow.start, FoldedBox | Value)
            and isinstance(arrow.end, FoldedBox | Value)
        ]
        return max((size for each in sizes if math.isfinite(size := total(each))), default=0.0)

    def number(self, x: float | None) -> str:
        """A number in the format of the picture; a dash for one that is not known yet."""
        return "–" if x is None else number(x, self.number_format)

    def signed(self, x: float) -> str:
        """A contribution with its sign; the sign of a zero is left out."""
        text = self.number(x or 0.0)
        return f"+{text}" if x > 0 and text[0] != "+" else text


def plan(
    graph: Graph,
    max_nodes: int,
    number_format: str,
    around: list[Value],
    hops: int,
    state: State,
    fold: FoldOptions | None = None,
    wanted: Highlight | None = None,
    options: PictureOptions = PLAIN,
) -> Plan:
    """Choose the nodes and find their frames; see `draw`."""
    selection = None
    if around:
        selection = neighbourhood(graph, around, hops, max_nodes)
    elif fold is not None and (len(graph) > max_nodes or fold != BY_MEANING):
        selection = folded(graph, max_nodes, fold)
    selection = selection or nearest(graph, max_nodes)
    wanted = wanted or Highlight()
    for v in around or ([] if wanted.kinds else current(state)):
        wanted.add(v, "marked")
    framed = selection.scopes or scopes(selection.near)
    return Plan(graph, selection, framed, number_format, state, wanted, options)


def folded_parts(folds: Sequence[FoldedBox]) -> str:
    """List the folded boxes in words: parts by their names, the others by their counts.

    >>> from autograd import Graph, Value
    >>> from viz.selection.folding import folded
    >>> x = [Value(float(i), f"x[{i}]") for i in range(9)]
    >>> chosen = folded(Graph(x[0] + x[1] + x[2] + x[3] + x[4] + x[5] + x[6] + x[7]), limit=5)
    >>> folded_parts(chosen.folds)
    '1 array, 1 sum'
    """
    named = [
        shorten(readable(".".join((*box.scope, box.title))), 30)
        + (f" × {box.copies:,}" if box.copies > 1 else "")
        for box in folds
        if box.kind not in _UNNAMED
    ]
    more = [f"{len(named) - _NAMED:,} more"] if len(named) > _NAMED else []
    counts = Counter(_UNNAMED[box.kind] for box in folds if box.kind in _UNNAMED)
    counted = [wording.count(n, word) for word, n in counts.items()]
    return ", ".join(named[:_NAMED] + more + counted)
