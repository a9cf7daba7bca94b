"""What is highlighted in a picture: nodes and a path, or what a report found.

A mark is a word in the node's box, and a border that tells its kind apart from the others without
any colour. Reports come from the engine: `autopsy` (where a nan was born, and how far it went),
`kinks` (where a derivative was a matter of convention), `explain` (what a gradient is made of).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from autograd import Explanation, Graph, Value, autopsy, kinks, partials
from autograd.diagnosis.autopsy import Autopsy
from autograd.diagnosis.findings import Finding
from autograd.diagnosis.kinks import Kinks
from autograd.graph import flatten
from autograd.text import wording
from viz.appearance import colours
from viz.appearance.colours import Colour
from viz.content.shares import shares

MarkKind: TypeAlias = Literal["marked", "born", "passed", "stopped", "kink", "dead", "share"]

DEAD = "dead"
"""What `draw` takes to highlight the operations through which no gradient flows."""

REPORTS: dict[str, Callable[[Value], object]] = {"autopsy": autopsy, "kinks": kinks}
"""The reports that `draw` makes itself when it is given their names."""

COLOURS: dict[MarkKind, Colour] = {
    "born": colours.BAD,
    "stopped": colours.POSITIVE,
    "passed": colours.BAD,
    "kink": colours.MARK,
    "dead": colours.MUTED,
    "share": colours.MARK,
    "marked": colours.MARK,
}
"""The kinds of marks, what is most worth to know first."""
_LEGENDS: dict[MarkKind, str] = {
    "born": "born: a nan or inf began here",
    "passed": "passed on: came from there",
    "stopped": "masked, healed: ended here",
    "kink": "kink, tie, edge: a derivative by convention",
    "dead": "dead: all its local derivatives are 0",
    "share": "part of the gradient that comes through here (over 100 %: others cancel)",
}


@dataclass
class Highlight:
    """The marks of a picture."""

    kinds: dict[Value, MarkKind] = field(default_factory=dict)
    """How each marked node looks."""
    words: dict[Value, str] = field(default_factory=dict)
    """What its box says of it."""
    edges: dict[tuple[Value, int], MarkKind] = field(default_factory=dict)
    """The edges to highlight, by result and slot."""

    def add(self, v: Value, kind: MarkKind, word: str = "") -> None:
        """Mark a node. What was said of it before stands first, and tells how it looks."""
        self.kinds.setdefault(v, kind)
        if word and word not in self.words.get(v, "").split(", "):
            self.words[v] = ", ".join(filter(None, [self.words.get(v), word]))

    def along(self, nodes: Collection[Value], kind: MarkKind) -> None:
        """Highlight the edges between some nodes."""
        for v in nodes:
            for slot, operand in enumerate(v.parents):
                if operand in nodes:
                    self.edges.setdefault((v, slot), kind)

    def of_nodes(self, nodes: Iterable[Value]) -> tuple[MarkKind | None, str]:
        """The most important kind among nodes, and the counts of the two most important marks."""
        marks = Counter(
            (self.kinds[v], self.words.get(v, "highlighted")) for v in nodes if v in self.kinds
        )
        if not marks:
            return None, ""
        importance = list(COLOURS)  # the most important first
        first, *others = sorted(marks, key=lambda mark: (importance.index(mark[0]), -marks[mark]))
        texts = [
            f"{marks[mark]:,} × {mark[1]}" if marks[mark] > 1 else mark[1]
            for mark in (first, *others[:1])
        ]
        return first[0], ", ".join(texts + (["…"] if len(others) > 1 else []))


def highlight(graph: Graph, wanted: object) -> Highlight:
    """The marks for what `draw` is asked to highlight.

    Args:
        graph: the graph.
        wanted: a Value, an Autopsy, Kinks, an Explanation, "autopsy", "kinks" or "dead"; or a list
            of such.

    Raises TypeError for anything else; ValueError for what is about another graph.

    >>> x = Value(-2.0, "x")
    >>> y = x.relu() * 3
    >>> highlight(Graph(y), "dead").words
    {Value(data=0.0, op='relu'): 'dead'}
    """
    found = Highlight()
    nodes: dict[Value, None] = {}
    for item in _items(wanted):
        if isinstance(item, Value):
            _check_inside(graph, item)
            found.add(item, "marked")
            nodes[item] = None
        else:
            _report(graph, item, found)
    found.along(nodes, "marked")
    return found


def _items(wanted: object) -> Iterator[object]:
    """Values, reports and words, one by one; arrays and lists are opened."""
    if wanted is None:
        return
    if isinstance(wanted, (Value, Autopsy, Kinks, Explanation, str)):
        yield wanted
    elif isinstance(wanted, (list, tuple)):
        for item in wanted:
            yield from _items(item)
    else:
        yield from flatten(wanted)


def _check_inside(graph: Graph, v: Value) -> None:
    if v not in graph.index:
        raise ValueError(f"highlight {v!r}: it is not in the graph that is drawn")


def _report(graph: Graph, item: object, found: Highlight) -> None:
    if isinstance(item, Autopsy):
        _check_inside(graph, item.output)
        _autopsy(item, found)
    elif isinstance(item, Kinks):
        for kink in item:
            _check_inside(graph, kink.node)
            found.add(kink.node, "kink", kink.kind)
            found.edges.setdefault((kink.node, kink.slot), "kink")
    elif isinstance(item, Explanation):
        _check_inside(graph, item.output)
        _shares(item, found)
    elif item == DEAD:
        for v in filter(is_dead, graph):
            found.add(v, "dead", "dead")
    elif isinstance(item, str) and item in REPORTS:
        for output in graph.outputs:
            _report(graph, REPORTS[item](output), found)
    else:
        raise TypeError(
            "highlight is a Value, what autopsy(), kinks() or explain() gave, "
            f'"autopsy", "kinks", "dead", or a list of these; got {type(item).__name__} {item!r}'
        )


def _autopsy(report: Autopsy, found: Highlight) -> None:
    """Data first: a bad number is the cause of bad gradients more often than the reverse."""
    for f in sorted(report, key=lambda f: (f.what != "data", f.fate != "born")):
        kind: MarkKind = "stopped"
        if f.fate in ("born", "passed on"):
            kind = "born" if f.fate == "born" else "passed"
        number = "" if kind == "stopped" else f"{wording.number(f.value)} "
        fate = "turned nan" if _turned(f) else f"{number}{f.fate}"
        found.add(f.node, kind, f"{'grad ' * (f.what == 'gradient')}{fate}")
        if f.what == "data":
            for slot, x in enumerate(f.node._primals):
                if not math.isfinite(x):
                    found.edges.setdefault((f.node, slot), "passed")
        if f.source is not None:
            result, operand = (f.node, f.source) if f.what == "data" else (f.source, f.node)
            for slot in (i for i, p in enumerate(result.parents) if p is operand):
                found.edges.setdefault((result, slot), "passed")


def _turned(f: Finding) -> bool:
    """Whether infinities became a nan in a node."""
    operands = f.node._primals
    infinite = any(map(math.isinf, operands)) and not any(map(math.isnan, operands))
    return f.what == "data" and f.fate == "passed on" and math.isnan(f.value) and infinite


def _shares(report: Explanation, found: Highlight) -> None:
    nodes = shares(report)
    for v, share in nodes.items():
        brings = f"{report.size * share:+.4g}"  # of a derivative of zero there are no parts
        found.add(v, "share", f"{100 * share:.3g} %" if report.value else brings)
    found.along(nodes, "share")


def is_dead(v: Value) -> bool:
    """Whether an operation passes nothing back: all its local derivatives are zero.

    >>> is_dead(Value(-1.0).relu()), is_dead(Value(1.0).relu())
    (True, False)
    """
    slopes = [d for d in partials(v) if d is not None]
    return bool(slopes) and not any(slopes)


def legend(kinds: set[MarkKind]) -> list[tuple[str, Colour]]:
    """What the legend says of the marks that occur, and in which colours.

    >>> legend({"dead"})[0][0]
    'dead: all its local derivatives are 0'
    """
    return [(text, COLOURS[kind]) for kind, text in _LEGENDS.items() if kind in kinds]
