"""The rows of a text drawing: the texts and the current numbers of nodes, boxes and stubs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, TypeAlias

from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance.options import Options
from viz.selection.frames import Scope, split_name
from viz.snapshot.caption import caption
from viz.snapshot.ranges import range_of, spread
from viz.snapshot.snapshot import Reference, ShownArrow, ShownBox, ShownNode, ShownStub, Snapshot
from viz.text.row_order import ordered

Mark: TypeAlias = Literal["leaf", "constant", "operation", "fold", "stub", "marked"]

_OPERAND = 16  # columns of an operand's name in a formula, at most
_SCOPE = 80
_BARS = "▁▂▃▄▅▆▇█"
_TEXTS = ("name", "full_name", "scope", "symbol", "formula", "data", "grad", "bars")  # of a row


class ArrowText(NamedTuple):
    """The text of an arrow that leads to a row."""

    sign: str
    """`∂` for a derivative; "" for a number of edges."""
    operand: str
    local: str
    """The local derivative; for a box the number of edges."""
    contribution: str = ""
    """The contribution to the operand's gradient, such as `→ +6`; "" before it is sent."""


@dataclass(frozen=True)
class Row:
    """A line of the drawing."""

    mark: Mark
    sources: Sequence[int]
    """The places of the rows whose values it uses."""
    name: str
    """Its name within its frame."""
    full_name: str
    scope: str = ""
    """The frames around it."""
    symbol: str = ""
    """The symbol of its operation."""
    formula: str = ""
    """The operation with the operands."""
    data: str = ""
    grad: str = ""
    bars: str = ""
    """A histogram of the data of a box."""
    links: Sequence[ArrowText] = ()

    def changed(self, change: Callable[[str], str]) -> Row:
        """Return a copy with a function applied to every text."""
        texts: dict[str, Any] = {name: change(getattr(self, name)) for name in _TEXTS}
        return replace(self, **texts, links=[ArrowText(*map(change, link)) for link in self.links])

    @property
    def equation(self) -> str:
        """The name and the formula."""
        return f"{self.name} = {self.formula}" if self.formula else self.word

    @property
    def word(self) -> str:
        """The name and the symbol of the operation."""
        return f"{self.name}  {self.symbol}" if self.symbol else self.name


@dataclass(frozen=True)
class Sheet:
    """The texts of a drawing."""

    rows: Sequence[Row]
    caption: str = ""
    title: str = ""
    legend: bool = False
    """Add a line that explains the marks."""

    def changed(self, change: Callable[[str], str]) -> Sheet:
        """Return a copy with a function applied to every text, such as `plain`."""
        rows = [row.changed(change) for row in self.rows]
        return Sheet(rows, change(self.caption), change(self.title), self.legend)


def sheet(snapshot: Snapshot) -> Sheet:
    """Return the rows of a snapshot's drawing, operands before results.

    >>> from autograd import Graph, Value
    >>> from viz.snapshot.take import take
    >>> graph = Graph(Value(2.0, "x") * 3.0)
    >>> for row in sheet(take(graph)).rows:
    ...     print(row.name, row.formula, row.data, row.sources)
    x  2 []
    constant  3 []
    v2 x * 3.0 6 [0, 1]
    """
    options = snapshot.options
    rows = _RowWriter(options).rows(snapshot)
    return Sheet(rows, caption(snapshot), readable(options.title or ""), options.legend)


class _RowWriter:
    """Writes the rows of a snapshot."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def rows(self, snapshot: Snapshot) -> list[Row]:
        """The row of each node, box or stub."""
        incoming = ordered(snapshot)
        place = {end: i for i, end in enumerate(incoming)}
        rows = []
        for end, arrows in incoming.items():
            sources = [place[arrow.start] for arrow in arrows]
            if isinstance(end, ShownStub):
                text = f"{end.count:,} more"
                rows.append(Row("stub", sources, text, text, links=_counts(arrows)))
            elif isinstance(end, ShownBox):
                rows.append(self._box(end, arrows, sources))
            else:
                rows.append(self._node(end, arrows, sources))
        return rows

    def _node(self, node: ShownNode, arrows: Sequence[ShownArrow], sources: Sequence[int]) -> Row:
        options, kind, scope = self.options, node.kind, node.scope
        word = node.mark.words if node.mark else ""
        label = _label(node.node, scope)
        if node.name and label == f"v{node.number}":
            label += f" {shorten(readable(split_name(node.name)[1]))}"
        if kind == "constant" and not node.name:
            label = "constant"
        operands = [_label(operand, scope) for operand in node.operands]
        row = node.node.row if kind == "operation" else None
        return Row(
            "marked" if node.mark else kind,
            sources,
            name=f"{label} [{readable(word)}]" if word else label,
            full_name=_label(node.node),
            scope=_path(scope),
            symbol=row.symbol if row else "",
            formula=node.written(operands) if row else "",
            data=self._number(node.data) if options.forward else "",
            grad=self._number(node.grad) if options.backward and kind != "constant" else "",
            links=self._links(arrows, scope),
        )

    def _box(self, box: ShownBox, arrows: Sequence[ShownArrow], sources: Sequence[int]) -> Row:
        options, scope, title = self.options, _path(box.scope), _title(box)
        return Row(
            "fold",
            sources,
            name=f"{title} ({shorten(box.mark.words)})" if box.mark else title,
            full_name=shorten(".".join(filter(None, [scope, title]))),
            scope=scope,
            formula=_formula(box) if box.title else "",
            data=self._range(box.data) if options.forward else "",
            grad=self._range(box.grads) if options.backward else "",
            bars=_bars([x for x in box.data if x is not None]) if options.forward else "",
            links=_counts(arrows),
        )

    def _number(self, x: float | None) -> str:
        """The text of a number, with a mark if it is not finite."""
        mark = "" if x is None or math.isfinite(x) else "!"
        return self.options.number(x) + mark

    def _range(self, numbers: Sequence[float | None]) -> str:
        """The smallest and the largest number, and how many are not finite."""
        known = [x for x in numbers if x is not None]
        if len(known) < 2:
            return self._number(known[0] if known else None) if numbers else ""
        limits = range_of(known)
        return limits.text(self._number) + ("!" if limits.bad else "")

    def _links(self, arrows: Sequence[ShownArrow], scope: Scope) -> list[ArrowText]:
        shows = self.options.backward and self.options.edges != "none"
        some = [a for a in arrows if shows and a.operand.kind != "constant"]
        return [self._derivative(a, scope) if a.count == 1 else _count(a) for a in some]

    def _derivative(self, arrow: ShownArrow, scope: Scope) -> ArrowText:
        local = self._number(arrow.local) if arrow.is_flowing else "none"
        sent = ""
        if arrow.is_flowing and arrow.sent is not None and self.options.edges != "local":
            total = arrow.sent.total
            sent = f"→ {self.options.signed(total)}{'' if math.isfinite(total) else '!'}"
        return ArrowText("∂", _label(arrow.operand, scope), local, sent)


def _label(node: Reference, scope: Scope | None = None) -> str:
    """The name of a node; in its own scope without the scope."""
    label = readable(node.label)
    if not node.name or label == f"v{node.number}":
        return label
    around, short = split_name(node.name)
    return shorten(readable(short if around and around == scope else node.name), _OPERAND)


def _title(box: ShownBox) -> str:
    """The title of a box with the number of its copies or items."""
    if not box.title:
        return _formula(box) or f"{len(box.nodes):,} nodes"
    copies = f" × {box.copies:,}" if box.kind == "alike" else ""
    items = f"[{len(box.nodes):,}]" if box.kind == "array" else ""
    return shorten(readable(box.title)) + copies + items


def _counts(arrows: Sequence[ShownArrow]) -> list[ArrowText]:
    """The counts of edges, for arrows to a box or a stub that are several."""
    return [_count(arrow) for arrow in arrows if arrow.count > 1]


def _count(arrow: ShownArrow) -> ArrowText:
    start = arrow.start
    name = _title(start) if isinstance(start, ShownBox) else _label(arrow.operand)
    return ArrowText("", name, f"× {arrow.count:,}")


def _formula(box: ShownBox) -> str:
    return shorten(readable(box.formula), 2 * _OPERAND)


def _path(scope: Scope) -> str:
    return shorten(readable(".".join(scope)), _SCOPE)


def _bars(numbers: Sequence[float]) -> str:
    """A small histogram; "" if the numbers do not differ."""
    finite = [x for x in numbers if math.isfinite(x)]
    if len(set(finite)) < 2:
        return ""
    return "".join(_BARS[round(share * (len(_BARS) - 1))] for share in spread(finite))
