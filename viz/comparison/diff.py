"""`diff` draws two graphs as one picture: which nodes were added, removed or changed.

An added node has a thick blue border, a removed one a dashed orange one, a changed one a double
purple one, and each says so in words; a node that is the same in both is grey. Arrows are drawn in
the same way, so that the picture can be read in greyscale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import Literal

from autograd import Graph
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance import colours
from viz.appearance.colours import Colour, Style, check_style
from viz.appearance.labels import escape, escape_tooltip, number
from viz.appearance.options import DRAWN, check
from viz.comparison.as_data import difference
from viz.comparison.changes import SIGNS, Comparison, Kind, NodeChange, NumberPair, compare
from viz.comparison.selection import (
    ComparisonArrow,
    ComparisonEnd,
    ComparisonPart,
    ComparisonStub,
    select,
)
from viz.content.plan import kind
from viz.diagram import Diagram, graph_of
from viz.dot.document import defaults, framed
from viz.dot.document import heading as title_lines
from viz.dot.nodes import BOXES, attributes, coloured, heading, row, shown
from viz.render.engine import EnginePath
from viz.selection.frames import Scope, scopes
from viz.selection.size import Size, reach

_CONTEXT = 20_000  # nodes; in larger graphs only drawn nodes determine the frames
_COLOURS: dict[Kind, Colour] = {
    "same": colours.MUTED,
    "changed": colours.MARK,
    "added": colours.POSITIVE,
    "removed": colours.NEGATIVE,
}
_BORDERS: dict[Kind, dict[str, str]] = {
    "same": {"style": "rounded,filled", "fillcolor": colours.PAPER.light},
    "changed": {"peripheries": "2", "penwidth": "1.5"},
    "added": {"penwidth": "3"},
    "removed": {"style": "filled,dashed", "penwidth": "2", "fillcolor": colours.PAPER.light},
}
_ARROWS: dict[Kind, dict[str, str]] = {
    "same": {"color": colours.FRAME_LINE.light},
    "changed": {},
    "added": {"color": colours.POSITIVE.light, "penwidth": "2.5"},
    "removed": {"color": colours.NEGATIVE.light, "penwidth": "2", "style": "dashed"},
}
_LEGEND: dict[Kind, str] = {"added": "thick", "removed": "dashed", "changed": "double"}


def diff(
    before: object, after: object, *,
    rtol: float = 0.0, labels: tuple[str, str] = ("before", "after"),
    title: str | None = None, direction: Literal["LR", "TB"] = "LR", style: Style = "auto",
    max_nodes: int = DRAWN, number_format: str = ".4g",
    engine: EnginePath = None, timeout: float = 60.0,
) -> Diagram:  # fmt: skip
    """Draw two graphs as one: before and after an edit, eager and expected, two checkpoints.

    A node changed if its data, its gradient or its operands differ. The caption counts the nodes
    that differ and names the first in the forward pass or, if only gradients differ, in the
    backward pass. Printed, the picture is a table of the nodes that differ. Nodes are matched by
    name, structure and neighbours (see `viz.comparison.matching`). A renamed node counts as removed
    and added.

    Args:
        before: a Value, a list or an array of Values, or a Graph.
        after: the same, to compare with it.
        rtol: two numbers are the same if they differ by at most this share of the larger. With 0
            every bit counts; nan equals nan in any case.
        labels: the names of the two in the caption.
        title: a heading above the picture.
        direction: "LR", from left to right, or "TB", from top to bottom.
        style: "auto", "light", "dark" or "print", as in `draw`.
        max_nodes: the most nodes to draw. Of larger graphs only the nodes that differ and their
            neighbours are drawn; the others are counted.
        number_format: the format of numbers, as in `format(x, ".4g")`; numbers that it does not
            tell apart get more digits.
        engine: the path of a layout program. By default the embedded one, else a system `dot`.
        timeout: the seconds that the layout may take.

    Raises TypeError for an object that is not a Value, ValueError for an empty list and for an
    invalid tolerance, direction, style, number of nodes or number format.

    >>> from autograd import Value
    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> print(diff(x * z + x, (x * z).relu() + x))
       before  after  name  operation             data  grad
    +          v3           relu(v2)              6.0   -
    ≠  v3      v4           v3 + v0, was v2 + v0  8.0   -
    1 changed, 1 added, 0 removed of 5 nodes; first: v3 (relu)
    """
    check(title, direction, max_nodes, number_format)
    check_style(style)
    _check(rtol, labels)
    comparison = compare(graph_of(before, "compare"), graph_of(after, "compare"), rtol)
    names = [shorten(readable(label), 40) for label in labels]
    picture = _DotWriter(comparison, select(comparison, max_nodes), labels, number_format)
    return Diagram(
        "\n".join(["digraph chainrule {", *picture.lines(title, direction), "}"]) + "\n",
        comparison.table(),
        title=readable(title) if title else f"Difference of two graphs, {' and '.join(names)}",
        description=f"{comparison.caption}.", count=len(comparison.nodes),
        size=picture.size, engine=engine, timeout=timeout, style=style,
        data=partial(difference, comparison, rtol),
    )  # fmt: skip


def _check(rtol: object, labels: object) -> None:
    if not isinstance(rtol, (int, float)) or not 0 <= rtol < 1:
        raise ValueError(f"rtol is a share from 0 to below 1, got {rtol!r}")
    texts = labels if isinstance(labels, (tuple, list)) else ()
    if len(texts) != 2 or not all(isinstance(text, str) for text in texts):
        raise TypeError(f'labels are two strings, ("before", "after"), got {labels!r}')


class _DotWriter:
    """The DOT text of a comparison."""

    def __init__(
        self, comparison: Comparison, part: ComparisonPart, labels: Sequence[str], spec: str
    ) -> None:
        self.comparison, self.part, self.labels, self.format = comparison, part, labels, spec
        self.index = {node: i for i, node in enumerate(comparison.nodes)}
        self.scopes = self._scopes(comparison.before, False) | self._scopes(comparison.after, True)

    def _scopes(self, graph: Graph, after: bool) -> dict[NodeChange, Scope]:
        """The frames of the drawn nodes of one graph."""
        nodes = self.part.shown if len(graph) > _CONTEXT else self.comparison.nodes
        of = {(node.after if after else node.before): node for node in nodes}
        return {of[v]: scope for v, scope in scopes([v for v in graph if v in of]).items()}

    @cached_property
    def size(self) -> Size:
        """The counts of what is to be laid out."""
        arrows = [(arrow.start, arrow.end) for arrow in self.part.arrows]
        return Size(len(self.part.shown), reach(arrows, self._place))

    def _place(self, end: ComparisonEnd) -> int:
        """The place of an end in topological order."""
        if isinstance(end, NodeChange):
            return self.index[end]
        return len(self.index) if end.side == "consumers" else self.index[end.at]

    def lines(self, title: str | None, direction: str) -> Iterator[str]:
        """Yield the statements of the graph."""
        nodes = [(self.scopes[node], self._node(node)) for node in self.part.shown]
        yield from (f"  {line}" for line in defaults(direction, self.size))
        yield from (f"  {line}" for line in title_lines(title, self._caption()))
        yield from (f"  {line}" for line in framed(nodes))
        yield from (f"  {self._stub(stub, n)}" for stub, n in self.part.hidden.items())
        yield from (f"  {self._arrow(i, a)}" for i, a in enumerate(self.part.arrows))

    def _caption(self) -> list[str]:
        """The counts of differing and of drawn nodes, and the meaning of the borders."""
        lines = [coloured(escape(self.comparison.caption), colours.INK)]
        if self.part.hidden:
            some = "those that differ and their neighbours"
            if self.part.hidden_differing or not self.comparison.differing:
                some = "a part" if self.comparison.differing else "those nearest to the outputs"
            lines.append(coloured(f"{len(self.part.shown):,} drawn: {some}", colours.MUTED))
        kinds = {node.kind for node in self.comparison.differing}
        kinds.update(arrow.kind for arrow in self.part.arrows)
        legend = [
            coloured(f"{SIGNS[k]} {k} ({look})", _COLOURS[k])
            for k, look in _LEGEND.items()
            if k in kinds
        ]
        arrow = " → ".join(shown(label, 30) for label in self.labels)
        return [*lines, " &#160; ".join([*legend, coloured(arrow, colours.MUTED)])]

    def _node(self, node: NodeChange) -> str:
        base = BOXES[kind(node.value)]
        border = base | _BORDERS[node.kind] | {"color": _COLOURS[node.kind].light}
        if node.kind == "same":
            border |= {"fontcolor": colours.MUTED.light, "color": colours.FRAME_LINE.light}
        return self.name(node) + " " + attributes(
            id=self.name(node),
            class_=f"{kind(node.value)} {node.kind}",
            tooltip=escape_tooltip(self._tooltip(node)),
            **border,
            label=f"<{self._table(node)}>",
        )  # fmt: skip

    def _table(self, node: NodeChange) -> str:
        """The label: the kind of change, the heading of any node, its numbers."""
        rows = [heading(node.value), row("data", self._numbers(node, node.data))]
        if node.value.op != "const":
            rows.append(row("grad", self._numbers(node, node.grad)))
        if node.kind != "same":
            change = node.kind + ", other operands" * node.rewired
            change = coloured(f"<B>{SIGNS[node.kind]} {change}</B>", _COLOURS[node.kind])
            rows.insert(0, f'<TR><TD COLSPAN="2">{change}</TD></TR>')
        return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(rows)}</TABLE>'

    def _numbers(self, node: NodeChange, numbers: NumberPair) -> str:
        """The number, or both numbers and their relative change."""
        before, after = (self._number(x) for x in numbers)
        if node.kind != "changed":
            return escape(before if node.after is None else after)
        if not numbers.differ(0.0):
            return escape(after)
        if before == after and None not in numbers:
            before, after = map(repr, numbers)
        # The engine draws the arrow three letters wide.
        text = f"{escape(before)} →<B>{escape(after)}</B>"
        share = coloured(f" {escape(numbers.relative)}", colours.MARK) if numbers.relative else ""
        return text + share

    def _number(self, x: float | None) -> str:
        return "–" if x is None else number(x, self.format)

    def _tooltip(self, node: NodeChange) -> str:
        """The node's place in both graphs, its operation, and its numbers in full."""
        sides = zip(self.labels, (node.before, node.after), strict=True)
        lines = [
            f"{readable(label)}: {self.comparison.number(v, v is node.after)}"
            for label, v in sides
            if v is not None
        ]
        lines += [readable(node.value.name[:1000])] if node.value.name else []
        lines.append(self.comparison.formula(node))
        for key, numbers in (("data", node.data), ("grad", node.grad)):
            known = list(dict.fromkeys(repr(x) for x in numbers if x is not None))
            lines += [f"{key} {' → '.join(known)}"] if known else []
        return "\n".join(lines)

    def _stub(self, stub: ComparisonStub, count: int) -> str:
        differ = self.part.hidden_differing[stub]
        label = f"… {count:,} more" + (f" ({differ:,} differ)" if differ else "")
        return self.name(stub) + " " + attributes(
            id=self.name(stub), class_="more", style="rounded,dashed", label=label,
            tooltip=label, color=colours.MUTED.light, fontcolor=colours.MUTED.light,
        )  # fmt: skip

    def _arrow(self, i: int, arrow: ComparisonArrow) -> str:
        edges = f"{arrow.edges:,} edges" if arrow.edges > 1 else "edge"
        tooltip = f"{edges}, {'in both' if arrow.kind == 'same' else arrow.kind}"
        ends = f"{self.name(arrow.start)} -> {self.name(arrow.end)}"
        return f"{ends} {attributes(id=f'e{i}', tooltip=tooltip, **_ARROWS[arrow.kind])}"

    def name(self, end: ComparisonEnd) -> str:
        """The name of a node or a stub in DOT."""
        if isinstance(end, NodeChange):
            return f"n{self.index[end]}"
        return f"{'then' if end.side == 'consumers' else 'more'}{self.index[end.at]}"
