"""Highlights of a picture: nodes and a path, or the findings of a report.

A mark is a word in the node's box, and a border that differs from others even without colour.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import get_args

from autograd import Explanation, Graph, Value, autopsy, kinks, partials
from autograd.backward import cotangents_of
from autograd.diagnosis.autopsy_report import Autopsy
from autograd.diagnosis.findings import Finding
from autograd.diagnosis.kink_report import Kinks
from autograd.graph import flatten
from autograd.text import wording
from viz.snapshot.chain_rule import total
from viz.snapshot.snapshot import Mark, MarkKind

DEAD = "dead"
"""The word with which `draw` highlights the operations through which no gradient flows."""

REPORTS: dict[str, Callable[[Value], object]] = {"autopsy": autopsy, "kinks": kinks}
"""The reports that `draw` makes itself when it is given their names."""

_IMPORTANCE = get_args(MarkKind)
_FATES: dict[str, MarkKind] = {"born": "born", "passed on": "passed"}
_LEAST = 0.1  # of a gradient
_FEWEST = 8


@dataclass
class Highlight:
    """The marks of a picture."""

    kinds: dict[Value, MarkKind] = field(default_factory=dict)
    words: dict[Value, str] = field(default_factory=dict)
    """The words in the box of a marked node."""
    edges: dict[tuple[Value, int], MarkKind] = field(default_factory=dict)
    """The edges to highlight, by result and slot."""

    def add(self, v: Value, kind: MarkKind, word: str = "") -> None:
        """Mark a node. An earlier mark keeps its kind, and its word comes first."""
        self.kinds.setdefault(v, kind)
        if word and word not in self.words.get(v, "").split(", "):
            self.words[v] = ", ".join(filter(None, [self.words.get(v), word]))

    def along(self, nodes: Collection[Value], kind: MarkKind) -> None:
        """Highlight the edges between some nodes."""
        for v in nodes:
            for slot, operand in enumerate(v.parents):
                if operand in nodes:
                    self.edges.setdefault((v, slot), kind)

    def of_nodes(self, nodes: Iterable[Value]) -> Mark | None:
        """The most important kind among nodes, and the counts of the two most important marks."""
        marked = [v for v in nodes if v in self.kinds] if self.kinds else []
        if not marked:
            return None
        count = Counter(Mark(self.kinds[v], self.words.get(v, "highlighted")) for v in marked)
        marks = sorted(count, key=lambda mark: (_IMPORTANCE.index(mark.kind), -count[mark]))
        texts = [f"{count[m]:,} × {m.words}" if count[m] > 1 else m.words for m in marks[:2]]
        return Mark(marks[0].kind, ", ".join(texts + ["…"] * (len(marks) > 2)))


def highlight(graph: Graph, wanted: object) -> Highlight:
    """The marks that `draw(highlight=)` asks for.

    Raises TypeError for what is no highlight; ValueError for a node or a report of another graph.

    >>> x = Value(-2.0, "x")
    >>> y = x.relu() * 3
    >>> highlight(Graph(y), "dead").words
    {Value(data=0.0, op='relu'): 'dead'}
    """
    marks = Highlight()
    nodes: dict[Value, None] = {}
    kinds = (Value, Autopsy, Kinks, Explanation, str)
    for item in () if wanted is None else flatten(wanted, kinds):
        if isinstance(item, Value):
            _check_inside(graph, item)
            marks.add(item, "marked")
            nodes[item] = None
        else:
            _report(graph, item, marks)
    marks.along(nodes, "marked")
    return marks


def _check_inside(graph: Graph, v: Value) -> None:
    if v not in graph.index:
        raise ValueError(f"highlight {v!r}: it is not in the graph that is drawn")


def _report(graph: Graph, item: object, marks: Highlight) -> None:
    if isinstance(item, Autopsy):
        _check_inside(graph, item.output)
        _autopsy(item, marks)
    elif isinstance(item, Kinks):
        for kink in item:
            _check_inside(graph, kink.node)
            marks.add(kink.node, "kink", kink.kind)
            marks.edges.setdefault((kink.node, kink.slot), "kink")
    elif isinstance(item, Explanation):
        _check_inside(graph, item.output)
        _shares(item, marks)
    elif item == DEAD:
        for v in filter(is_dead, graph):
            marks.add(v, "dead", "dead")
    elif isinstance(item, str) and item in REPORTS:
        for output in graph.outputs:
            _report(graph, REPORTS[item](output), marks)
    else:
        raise TypeError(
            "highlight is a Value, what autopsy(), kinks() or explain() gave, "
            f'"autopsy", "kinks", "dead", or a list of these; got {type(item).__name__} {item!r}'
        )


def _autopsy(report: Autopsy, marks: Highlight) -> None:
    """Mark data first: a bad number causes bad gradients more often than the reverse."""
    said = set()  # of several births of a gradient the word is that of a nan
    for f in sorted(report, key=lambda f: (f.what != "data", f.fate != "born", f.value == f.value)):
        kind = _FATES.get(f.fate, "stopped")
        number = "" if kind == "stopped" else f"{wording.number(f.value)} "
        fate = "turned nan" if _turned(f) else f"{number}{f.fate}"
        if (f.node, f.what, f.fate) not in said:
            marks.add(f.node, kind, f"grad {fate}" if f.what == "gradient" else fate)
            said.add((f.node, f.what, f.fate))
        if f.what == "data":
            for slot, x in enumerate(f.node._primals):
                if not math.isfinite(x):
                    marks.edges.setdefault((f.node, slot), "passed")
        if f.source is not None and f.slot is not None:
            marks.edges.setdefault((f.source, f.slot), "passed")


def _turned(f: Finding) -> bool:
    """True if infinities became a nan in a node."""
    operands = f.node._primals
    infinite = any(map(math.isinf, operands)) and not any(map(math.isnan, operands))
    return f.what == "data" and f.fate == "passed on" and math.isnan(f.value) and infinite


def _shares(report: Explanation, marks: Highlight) -> None:
    nodes = shares(report)
    for v, share in nodes.items():
        size = f"{report.size * share:+.4g}"  # a derivative of zero has no parts in percent
        marks.add(v, "share", f"{100 * share:.3g} %" if report.value else size)
    marks.along(nodes, "share")


def is_dead(v: Value) -> bool:
    """True if an operation passes nothing back: all its local derivatives are zero.

    >>> is_dead(Value(-1.0).relu()), is_dead(Value(1.0).relu())
    (True, False)
    """
    slopes = [d for d in partials(v) if d is not None]
    return bool(slopes) and not any(slopes)


def shares(report: Explanation) -> dict[Value, float]:
    """The nodes through which at least a tenth of a gradient comes, in topological order.

    If there are only smaller parts, the largest few. A derivative is a sum over paths; the share of
    a node is the part of the paths through it: its tangent times its adjoint (Griewank and Walther,
    2008, chapter 3). Where contributions cancel, shares exceed one and some are negative; if the
    derivative is zero they are parts of the sum of magnitudes.

    >>> from autograd import explain
    >>> x = Value(2.0, "x")
    >>> y = x * 3 + x
    >>> {v.name or v.op: share for v, share in shares(explain(y, x)).items()}
    {'x': 1.0, 'mul': 0.75, 'add': 1.0}
    """
    tangent = _tangents(report)
    cotangents = cotangents_of(report.output, report.graph)
    whole = report.value or report.size
    if not whole or not math.isfinite(whole):
        return dict.fromkeys((report.wrt, report.output), 1.0)
    parts = {v: t * cotangents[v] / whole for v, t in tangent.items()}
    largest = sorted(parts, key=lambda v: -abs(parts[v]))
    kept = {v for v in largest if abs(parts[v]) >= _LEAST}
    kept.update(largest[:_FEWEST])
    return {v: share for v, share in parts.items() if v in kept and share}


def _tangents(report: Explanation) -> dict[Value, float]:
    tangent = {report.wrt: 1.0}
    for v in report.graph:
        if v is not report.wrt and any(p in tangent for p in v.parents):
            slopes = zip(v.parents, partials(v), strict=True)
            parts = (d * tangent[p] for p, d in slopes if d is not None and p in tangent)
            tangent[v] = total(parts)
    return tangent
