"""The picture of a comparison: how each node and edge changed, in words, borders and colours.

Borders and arrows differ in more than colours, so that the picture can be read in greyscale.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance import colours
from viz.appearance.colours import Colour
from viz.appearance.options import Options
from viz.comparison.changes import SIGNS, Comparison, ComparisonArrow, Kind, NodeChange, NumberPair
from viz.comparison.selection import select
from viz.look.graph import title_line
from viz.look.nodes import BORDERS, TOOLTIP_LENGTH, heading, stub_card
from viz.look.picture import Border, Card, Dashes, Line, Link, Picture, Span, joined
from viz.snapshot.snapshot import ShownStub

_COLOURS: dict[Kind, Colour] = {
    "same": colours.MUTED,
    "changed": colours.MARK,
    "added": colours.POSITIVE,
    "removed": colours.NEGATIVE,
}
_ARROWS: dict[Kind, tuple[Colour, Dashes, float | None]] = {
    "same": (colours.FRAME_LINE, "solid", None),
    "changed": (colours.INK, "solid", None),
    "added": (colours.POSITIVE, "solid", 2.5),
    "removed": (colours.NEGATIVE, "dashed", 2),
}
"""The colour, the dashes and the width of arrows of one kind."""
_LEGEND: dict[Kind, str] = {"added": "thick", "removed": "dashed", "changed": "double"}


def comparison_picture(
    comparison: Comparison, labels: tuple[str, str], options: Options, max_nodes: int
) -> Picture:
    """The picture of a comparison of two graphs with these labels."""
    looks, title = _Looks(comparison, labels, options, max_nodes), options.title
    names = [shorten(readable(label), 40) for label in labels]
    return Picture(
        cards=(*map(looks.card, looks.part.shown), *looks.stubs.values()),
        links=tuple(looks.link(i, arrow) for i, arrow in enumerate(looks.part.arrows)),
        heading=(*title_line(title), *looks.caption()),
        direction=options.direction,
        title=readable(title) if title else f"Difference of two graphs, {' and '.join(names)}",
        description=f"{comparison.caption}.",
    )


class _Looks:
    def __init__(
        self, comparison: Comparison, labels: tuple[str, str], options: Options, max_nodes: int
    ) -> None:
        self.comparison, self.labels, self.options = comparison, labels, options
        self.part = select(comparison, max_nodes)
        self.index = {node: i for i, node in enumerate(comparison.nodes)}
        stubs = self.part.stubs.items()
        self.differ = Counter(stub for change, stub in stubs if change.kind != "same")
        self.stubs: dict[object, Card] = dict(self._stubs())

    def caption(self) -> Iterator[tuple[Span, ...]]:
        """The counts of differing and of drawn nodes, and the meaning of the borders."""
        differing, part = self.comparison.differing, self.part
        yield (Span(self.comparison.caption),)
        if part.hidden:
            some = "those that differ and their neighbours"
            if self.differ or not differing:
                some = "a part" if differing else "those nearest to the outputs"
            yield (Span(f"{len(part.shown):,} drawn: {some}", colours.MUTED),)
        kinds = {change.kind for change in differing} | {arrow.kind for arrow in part.arrows}
        legend = [
            [Span(f"{SIGNS[kind]} {kind} ({look})", _COLOURS[kind])]
            for kind, look in _LEGEND.items()
            if kind in kinds
        ]
        arrow = " → ".join(shorten(readable(label), 30) for label in self.labels)
        yield joined([*legend, [Span(arrow, colours.MUTED)]], " \N{NO-BREAK SPACE} ")

    def card(self, change: NodeChange) -> Card:
        node, ink = change.node, colours.MUTED if change.kind == "same" else colours.INK
        kinds, lines = (node.kind, change.kind), tuple(self._lines(change))
        border, tooltip, number = _border(change), self._tooltip(change), self.index[change]
        return Card(self._id(change), kinds, node.scope, number, lines, border, tooltip, ink)

    def _lines(self, change: NodeChange) -> Iterator[Line]:
        if change.kind != "same":
            words = f"{SIGNS[change.kind]} {change.kind}{', other operands' * change.rewired}"
            yield Line("badge", (Span(words, _COLOURS[change.kind], bold=True),))
        yield heading(change.node)
        yield Line("data", self._numbers(change, change.data), "data")
        if change.node.op != "const":
            yield Line("grad", self._numbers(change, change.grad), "grad")

    def _numbers(self, change: NodeChange, numbers: NumberPair) -> tuple[Span, ...]:
        """The number, or both numbers and their relative change."""
        *before, after = change.texts(numbers, self.options.number)
        if not before:
            return (Span(after),)
        # The engine draws the arrow three letters wide.
        spans = (Span(f"{before[0]} →"), Span(after, bold=True))
        share = Span(f" {numbers.relative}", colours.MARK)
        return (*spans, share) if numbers.relative else spans

    def _tooltip(self, change: NodeChange) -> str:
        """The node's place in both graphs, its operation, and its numbers in full."""
        sides = zip(self.labels, (change.before, change.after), strict=True)
        lines = [f"{readable(label)}: v{node.number}" for label, node in sides if node is not None]
        name = change.node.name
        lines += [readable(name[:TOOLTIP_LENGTH])] if name else []
        lines.append(change.operation)
        for key, numbers in (("data", change.data), ("grad", change.grad)):
            known = list(dict.fromkeys(repr(x) for x in numbers if x is not None))
            lines += [f"{key} {' → '.join(known)}"] if known else []
        return "\n".join(lines)

    def _stubs(self) -> Iterator[tuple[object, Card]]:
        for stub, count in self.part.hidden.items():
            differ = self.differ[stub]
            words = f" ({differ:,} differ)" if differ else ""
            yield stub, stub_card(ShownStub(self.index[stub.at], stub.side, count), words)

    def link(self, i: int, arrow: ComparisonArrow) -> Link:
        edges = f"{arrow.edges:,} edges" if arrow.edges > 1 else "edge"
        tooltip = f"{edges}, {'in both' if arrow.kind == 'same' else arrow.kind}"
        start, end = self._id(arrow.start), self._id(arrow.end)
        return Link(f"e{i}", start, end, (), tooltip, *_ARROWS[arrow.kind])

    def _id(self, end: object) -> str:
        return f"n{self.index[end]}" if isinstance(end, NodeChange) else self.stubs[end].id


def _border(change: NodeChange) -> Border:
    border = replace(BORDERS[change.node.kind], colour=_COLOURS[change.kind])
    if change.kind == "added":
        return replace(border, width=3)
    if change.kind == "changed":
        return replace(border, width=1.5, double=True)
    if change.kind == "removed":
        return Border(border.colour, colours.PAPER, 2, "dashed", rounded=False)
    return Border(colours.FRAME_LINE, colours.PAPER)
