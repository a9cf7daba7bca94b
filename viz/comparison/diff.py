"""`diff` draws two graphs as one picture: what was added, what was removed, what changed.

A node that is new has a thick blue border, one that is gone a dashed orange one, one that changed a
double purple one, and each says so in words; what is the same in both is grey. Arrows are drawn
alike. So it can be read in greyscale, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal

from autograd import Graph
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance import colours
from viz.appearance.arguments import DRAWN, check
from viz.appearance.colours import Colour, Style, check_style
from viz.appearance.labels import escape, escape_tooltip, number
from viz.comparison.changes import SIGNS, Comparison, Kind, NodeChange, NumberPair, changes
from viz.comparison.selection import (
    ComparisonArrow,
    ComparisonEnd,
    ComparisonPart,
    ComparisonStub,
    excerpt,
)
from viz.content.as_data import difference
from viz.content.plan import kind
from viz.diagram import Diagram
from viz.dot.document import defaults, framed
from viz.dot.document import heading as title_lines
from viz.dot.nodes import BOXES, attributes, coloured, heading, row, shown
from viz.render.engine import EnginePath
from viz.selection.frames import Scope, scopes

_CONTEXT = 20_000  # of larger graphs only what is drawn is looked at for frames
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
    before: object,
    after: object,
    *,
    rtol: float = 0.0,
    labels: tuple[str, str] = ("before", "after"),
    title: str | None = None,
    direction: Literal["LR", "TB"] = "LR",
    style: Style = "auto",
    max_nodes: int = DRAWN,
    number_format: str = ".4g",
    engine: EnginePath = None,
    timeout: float = 60.0,
) -> Diagram:
    """Draw two graphs as one: before and after an edit, eager and expected, two checkpoints.

    A node changed if its data, its gradient or its operands differ. The caption counts what differs
    and names the first: in the forward pass, or, if gradients alone differ, in the backward pass.
    Printed, the picture is a table of the nodes that differ. Which node is which, `viz.comparison.matching`
    finds: by name, by structure, by neighbours. A renamed node counts as removed and added.

    Args:
        before: a Value, a list or an array of Values, or a Graph.
        after: what it is compared with.
        rtol: two numbers are the same if they differ by at most this share of the larger. With 0
            every bit counts; nan equals nan in any case.
        labels: what the caption calls the two.
        title: a heading above the picture.
        direction: "LR", from left to right, or "TB", from top to bottom.
        style: "auto", "light", "dark" or "print", as in `draw`.
        max_nodes: how many nodes to draw at most. Of larger graphs only those that differ and their
            neighbours are drawn; the others are counted.
        number_format: how numbers are printed, as in `format(x, ".4g")`; with more digits where
            these do not tell two numbers apart.
        engine: the path of a layout program. By default the embedded one, else a system `dot`.
        timeout: how many seconds the layout may take.

    Raises TypeError for what is not a Value, ValueError for a list of none and for a tolerance, a
    direction, a style, a number of nodes or a number format that makes no sense.

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
    found = changes(_graph(before), _graph(after), rtol)
    names = [shorten(readable(label), 40) for label in labels]
    picture = _DotWriter(found, excerpt(found, max_nodes), labels, number_format)
    return Diagram(
        "\n".join(["digraph chainrule {", *picture.lines(title, direction), "}"]) + "\n",
        found.table(),
        title=readable(title) if title else f"Difference of two graphs, {' and '.join(names)}",
        description=f"{found.caption}.",
        count=len(found.entries),
        engine=engine,
        timeout=timeout,
        style=style,
        content=partial(difference, found, rtol),
    )


def _check(rtol: object, labels: object) -> None:
    if not isinstance(rtol, (int, float)) or not 0 <= rtol < 1:
        raise ValueError(f"rtol is a share from 0 to below 1, got {rtol!r}")
    texts = labels if isinstance(labels, (tuple, list)) else ()
    if len(texts) != 2 or not all(isinstance(text, str) for text in texts):
        raise TypeError(f'labels are two strings, ("before", "after"), got {labels!r}')


def _graph(value: object) -> Graph:
    graph = value if isinstance(value, Graph) else Graph(value)
    if not len(graph):
        raise ValueError(f"there is nothing to compare: {value!r} holds no Value")
    return graph


class _DotWriter:
    """The DOT text of a comparison."""

    def __init__(
        self, found: Comparison, part: ComparisonPart, labels: Sequence[str], number_format: str
    ) -> None:
        self.found, self.part, self.labels = found, part, labels
        self.format = number_format
        self.index = {entry: i for i, entry in enumerate(found.entries)}
        self.scopes = self._scopes(found.before, False) | self._scopes(found.after, True)

    def _scopes(self, graph: Graph, after: bool) -> dict[NodeChange, Scope]:
        """The frames of the nodes drawn."""
        entries = self.part.shown if len(graph) > _CONTEXT else self.found.entries
        of = {(e.after if after else e.before): e for e in entries}
        found = scopes([v for v in graph if v in of])
        return {of[v]: scope for v, scope in found.items()}

    def lines(self, title: str | None, direction: str) -> Iterator[str]:
        """All but the first and the last line."""
        nodes = [(self.scopes[entry], self._node(entry)) for entry in self.part.shown]
        yield from (f"  {line}" for line in defaults(direction, {}))
        yield from (f"  {line}" for line in title_lines(title, self._caption()))
        yield from (f"  {line}" for line in framed(nodes))
        yield from (f"  {self._stub(stub, n)}" for stub, n in self.part.hidden.items())
        yield from (f"  {self._arrow(i, a)}" for i, a in enumerate(self.part.arrows))

    def _caption(self) -> list[str]:
        """How much differs; how many are drawn; what the borders say."""
        lines = [coloured(escape(self.found.caption), colours.INK)]
        if self.part.hidden:
            some = "those that differ and their neighbours"
            if self.part.hidden_differing or not self.found.differing:
                some = "a part" if self.found.differing else "those nearest to the outputs"
            lines.append(coloured(f"{len(self.part.shown):,} drawn: {some}", colours.MUTED))
        kinds = {entry.kind for entry in self.found.differing}
        kinds.update(arrow.kind for arrow in self.part.arrows)
        legend = [
            coloured(f"{SIGNS[k]} {k} ({look})", _COLOURS[k])
            for k, look in _LEGEND.items()
            if k in kinds
        ]
        arrow = " → ".join(shown(label, 30) for label in self.labels)
        return [*lines, " &#160; ".join([*legend, coloured(arrow, colours.MUTED)])]

    def _node(self, entry: NodeChange) -> str:
        base = BOXES[kind(entry.value)]
        look = base | _BORDERS[entry.kind] | {"color": _COLOURS[entry.kind].light}
        if entry.kind == "same":
            look |= {"fontcolor": colours.MUTED.light, "color": colours.FRAME_LINE.light}
        return self.name(entry) + " " + attributes(
            id=self.name(entry),
            class_=f"{kind(entry.value)} {entry.kind}",
            tooltip=escape_tooltip(self._tooltip(entry)),
            **look,
            label=f"<{self._table(entry)}>",
        )  # fmt: skip

    def _table(self, entry: NodeChange) -> str:
        """The label: what happened, the heading of any node, its numbers."""
        rows = [heading(entry.value), row("data", self._numbers(entry, entry.data))]
        if entry.value.op != "const":
            rows.append(row("grad", self._numbers(entry, entry.grad)))
        if entry.kind != "same":
            said = entry.kind + ", other operands" * entry.rewired
            said = coloured(f"<B>{SIGNS[entry.kind]} {said}</B>", _COLOURS[entry.kind])
            rows.insert(0, f'<TR><TD COLSPAN="2">{said}</TD></TR>')
        return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(rows)}</TABLE>'

    def _numbers(self, entry: NodeChange, numbers: NumberPair) -> str:
        """A number, or both and by how much they differ."""
        before, after = (self._number(x) for x in numbers)
        if entry.kind != "changed":
            return escape(before if entry.after is None else after)
        if not numbers.differ(0.0):
            return escape(after)
        if before == after and None not in numbers:
            before, after = map(repr, numbers)
        text = f"{escape(before)} →<B>{escape(after)}</B>"  # the engine makes the arrow three wide
        share = coloured(f" {escape(numbers.relative)}", colours.MARK) if numbers.relative else ""
        return text + share

    def _number(self, x: float | None) -> str:
        return "–" if x is None else number(x, self.format)

    def _tooltip(self, entry: NodeChange) -> str:
        """The numbers of the node in both graphs, the operation, all numbers in full."""
        sides = zip(self.labels, (entry.before, entry.after), strict=True)
        lines = [
            f"{readable(label)}: {self.found.number(v, v is entry.after)}"
            for label, v in sides
            if v is not None
        ]
        lines += [readable(entry.value.name[:1000])] if entry.value.name else []
        lines.append(self.found.formula(entry))
        for key, numbers in (("data", entry.data), ("grad", entry.grad)):
            known = list(dict.fromkeys(repr(x) for x in numbers if x is not None))
            lines += [f"{key} {' → '.join(known)}"] if known else []
        return "\n".join(lines)

    def _stub(self, stub: ComparisonStub, count: int) -> str:
        """What stands for nodes that are not drawn."""
        differ = self.part.hidden_differing[stub]
        label = f"… {count:,} more" + f" ({differ:,} differ)" * bool(differ)
        return self.name(stub) + " " + attributes(
            id=self.name(stub), class_="more", style="rounded,dashed", label=label,
            tooltip=label, color=colours.MUTED.light, fontcolor=colours.MUTED.light,
        )  # fmt: skip

    def _arrow(self, i: int, arrow: ComparisonArrow) -> str:
        said = f"{arrow.edges:,} edges" if arrow.edges > 1 else "edge"
        tooltip = f"{said}, {'in both' if arrow.kind == 'same' else arrow.kind}"
        ends = f"{self.name(arrow.start)} -> {self.name(arrow.end)}"
        return f"{ends} {attributes(id=f'e{i}', tooltip=tooltip, **_ARROWS[arrow.kind])}"

    def name(self, end: ComparisonEnd) -> str:
        """What DOT calls a node or a stub."""
        if isinstance(end, NodeChange):
            return f"n{self.index[end]}"
        return f"{'then' if end.side == 'consumers' else 'more'}{self.index[end.at]}"
