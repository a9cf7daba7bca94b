"""The rows of a text drawing: the texts and the current numbers of nodes, boxes and stubs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, cast

from autograd import Edge, Value
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.content.formulas import formula
from viz.content.plan import Plan, kind
from viz.content.ranges import range_of, spread
from viz.selection.elements import ArrowEnd, FoldedBox, PictureArrow, Stub
from viz.selection.frames import Scope, split_name
from viz.text.row_order import ordered

Mark: TypeAlias = Literal["leaf", "constant", "operation", "fold", "stub", "marked"]

_OPERAND = 16  # columns of an operand's name in a formula, at most
_SCOPE = 80
_BARS = "▁▂▃▄▅▆▇█"


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
        texts = (self.name, self.full_name, self.scope, self.symbol, self.formula)
        name, full_name, scope, symbol, formula = map(change, texts)
        data, grad, bars = map(change, (self.data, self.grad, self.bars))
        links = [ArrowText(*map(change, link)) for link in self.links]
        names = (name, full_name, scope, symbol, formula)
        return Row(self.mark, self.sources, *names, data, grad, bars, links)

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


def sheet(plan: Plan, title: str | None = None) -> Sheet:
    """Return the rows of a plan's drawing, operands before results.

    Args:
        plan: the plan of the picture.
        title: a heading.

    >>> from autograd import Graph
    >>> from viz.content.plan import plan
    >>> from viz.appearance.numbers import OWN
    >>> y = Value(2.0, "x") * 3.0
    >>> for row in sheet(plan(Graph(y), 60, ".4g", [], 2, OWN)).rows:
    ...     print(row.name, row.formula, row.data, row.sources)
    x  2 []
    constant  3 []
    v2 x * 3.0 6 [0, 1]
    """
    incoming = ordered(plan)
    place = {end: i for i, end in enumerate(incoming)}
    writer = _RowWriter(plan)
    rows = [
        writer.row(end, arrows, [place[a.start] for a in arrows])
        for end, arrows in incoming.items()
    ]
    return Sheet(rows, plan.caption, readable(title or ""), plan.options.legend)


class _RowWriter:
    """Writes the rows of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.graph = plan.graph

    def row(self, end: ArrowEnd, arrows: Sequence[PictureArrow], sources: Sequence[int]) -> Row:
        """The row of a node, box or stub, given the arrows to it."""
        if isinstance(end, Stub):
            text = f"{self.plan.selection.hidden[end]:,} more"
            return Row("stub", sources, text, text, links=self._counts(arrows))
        if isinstance(end, FoldedBox):
            return self._fold(end, arrows, sources)
        return self._node(end, arrows, sources)

    def _node(self, v: Value, arrows: Sequence[PictureArrow], sources: Sequence[int]) -> Row:
        plan, role = self.plan, kind(v)
        scope = plan.scopes[v]
        label = self.label(v, scope)
        if v.name and label == f"v{self.graph.index[v]}":
            label += f" {shorten(readable(split_name(v.name)[1]))}"
        if role == "constant" and not v.name:
            label = "constant"
        word = plan.highlight.words.get(v, "")
        operation = v._row if role == "operation" else None
        return Row(
            "marked" if v in plan.highlight.kinds else cast(Mark, role),
            sources,
            name=f"{label} [{readable(word)}]" if word else label,
            full_name=self.label(v),
            scope=_path(scope),
            symbol=operation.symbol if operation else "",
            formula=self.graph.formula(v, lambda p: self.label(p, scope)) if operation else "",
            data=self.number(plan.state.data(v)) if plan.options.forward else "",
            grad=self.number(self.grad(v)) if plan.options.backward and role != "constant" else "",
            links=self._links(arrows, scope),
        )

    def _fold(self, box: FoldedBox, arrows: Sequence[PictureArrow], sources: Sequence[int]) -> Row:
        plan, scope = self.plan, _path(box.scope)
        title = self._title(box)
        marked = plan.highlight.of_nodes(box.nodes)[1]
        data = [plan.state.data(v) for v in box.outputs if plan.options.forward]
        grads = [self.grad(v) for v in box.outputs if v.op != "const" and plan.options.backward]
        return Row(
            "fold",
            sources,
            name=f"{title} ({shorten(marked)})" if marked else title,
            full_name=shorten(".".join(filter(None, [scope, title]))),
            scope=scope,
            formula=_formula(box) if box.title else "",
            data=self._range(data),
            grad=self._range(grads),
            bars=_bars([x for x in data if x is not None]),
            links=self._counts(arrows),
        )

    def grad(self, v: Value) -> float | None:
        """The gradient of a node; None before a backward pass."""
        return self.plan.state.grad(v) if self.plan.state.has_grad(v) else None

    def _title(self, box: FoldedBox) -> str:
        """The title of a box with the number of its copies or items."""
        if not box.title:
            return _formula(box) or f"{len(box.nodes):,} nodes"
        copies = f" × {box.copies:,}" if box.kind == "alike" else ""
        items = f"[{len(box.nodes):,}]" if box.kind == "array" else ""
        return shorten(readable(box.title)) + copies + items

    # Names

    def label(self, v: Value, scope: Scope | None = None) -> str:
        """The name of a node; in its own scope without the scope."""
        label = readable(self.graph.label(v))
        if not v.name or label == f"v{self.graph.index[v]}":
            return label
        around, short = split_name(v.name)
        return shorten(readable(short if around and around == scope else v.name), _OPERAND)

    # Numbers

    def number(self, x: float | None) -> str:
        """The text of a number, with a mark if it is not finite."""
        mark = "" if x is None or math.isfinite(x) else "!"
        return self.plan.number(x) + mark

    def _range(self, numbers: Sequence[float | None]) -> str:
        """The smallest and the largest number, and how many are not finite."""
        known = [x for x in numbers if x is not None]
        if len(known) < 2:
            return self.number(known[0] if known else None) if numbers else ""
        limits = range_of(known)
        return limits.text(self.number) + ("!" if limits.bad else "")

    # Arrows

    def _links(self, arrows: Sequence[PictureArrow], scope: Scope) -> list[ArrowText]:
        return [
            self._derivative(a.edges[0], scope) if len(a.edges) == 1 else self._count(a)
            for a in arrows
            if self.plan.options.backward and a.edges[0].operand.op != "const"
        ]

    def _derivative(self, edge: Edge, scope: Scope) -> ArrowText:
        operand = self.label(edge.operand, scope)
        if self.plan.flows_nowhere(edge):
            return ArrowText("∂", operand, "none")
        local, contribution = self.plan.flow(edge)
        if contribution is None:
            return ArrowText("∂", operand, self.number(local))
        bad = "" if math.isfinite(contribution) else "!"
        return ArrowText(
            "∂", operand, self.number(local), f"→ {self.plan.signed(contribution)}{bad}"
        )

    def _counts(self, arrows: Sequence[PictureArrow]) -> list[ArrowText]:
        """The counts of edges, for arrows to a box or a stub that are several."""
        return [self._count(arrow) for arrow in arrows if len(arrow.edges) > 1]

    def _count(self, arrow: PictureArrow) -> ArrowText:
        start = arrow.start
        name = (
            self._title(start)
            if isinstance(start, FoldedBox)
            else self.label(arrow.edges[0].operand)
        )
        return ArrowText("", name, f"× {len(arrow.edges):,}")


def _formula(box: FoldedBox) -> str:
    return shorten(readable(formula(box)), 2 * _OPERAND)


def _path(scope: Scope) -> str:
    return shorten(readable(".".join(scope)), _SCOPE)


def _bars(numbers: Sequence[float]) -> str:
    """A small histogram; "" if the numbers do not differ."""
    finite = [x for x in numbers if math.isfinite(x)]
    if len(set(finite)) < 2:
        return ""
    return "".join(_BARS[round(share * (len(_BARS) - 1))] for share in spread(finite))
