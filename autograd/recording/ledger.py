"""The gradient ledger: the contributions that make up a gradient, by backward call and consumer.

Under `autograd.record()` the cotangents of a backward pass are kept; every contribution follows
from them to the last bit. A leaf keeps the passes since its gradient was last unset, at most 32,
an interior node the last one. A kept pass keeps its graph alive until the first pass that reaches
the leaf after a `zero_grad`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from autograd.backward import partials
from autograd.graph import Graph
from autograd.node import UNSET
from autograd.system.source import Place
from autograd.text import wording
from autograd.text.columns import WIDTH, cut, display_width
from autograd.text.report import Listing, Paragraph, Part, Table
from autograd.text.tables import Row
from autograd.value import Value, register_history

_quickly = tuple.__new__  # makes a named tuple in half the time: there is one for each leaf
_KEPT = 32  # passes of a leaf, each with its graph: as many as a batch often has examples
_SHOWN = 8  # contributions at the head and at the tail of a long list
_NAME = 24  # characters of a name
_LEAST = 12  # characters of a formula in one line with its numbers


@dataclass(eq=False, repr=False)
class Pass:
    """A recorded backward call."""

    number: int
    """From 1, within a `record()`."""
    output: Value
    place: Place | None
    """The user's line that called backward."""
    cotangents: dict[Value, float]

    def contributions(self, v: Value) -> Iterator[Contribution]:
        """Yield the contributions to a node, in the engine's order."""
        total = 0.0
        for consumer in reversed(self.cotangents):
            upstream = self.cotangents[consumer]
            if upstream is UNSET or v not in consumer.parents:
                continue
            for slot, local in enumerate(partials(consumer)):
                if consumer.parents[slot] is v and local is not None:
                    before, total = total, total + upstream * local
                    yield Contribution(consumer, slot, upstream, local, before, total)

    def __str__(self) -> str:
        at = f", {self.place.short}" if self.place else ""
        return f"backward call {self.number}, of {self.output.name or self.output.op}{at}"


class Contribution(NamedTuple):
    """`upstream * local`, from a consumer through its operand number `slot`."""

    consumer: Value
    slot: int
    upstream: float
    local: float
    before: float
    after: float


class LedgerEntry(NamedTuple):
    """The change that one pass made to the gradient of a node."""

    by: Pass
    before: float | None
    """The gradient before the pass; None if there was none."""
    after: float
    data: float
    """The node's data at that time."""


class History(Listing[LedgerEntry]):
    """The passes that made up the gradient of a node, oldest first.

    >>> from autograd import record
    >>> w, x = Value(2.0, "w"), Value(3.0, "x")
    >>> with record():
    ...     y = w * x + w
    ...     y.backward()
    >>> print(w.history)  # doctest: +ELLIPSIS
    w.grad = 4.0, from 1 backward call
    backward call 1, of add, ...
      v3  v2 + w  1.0 × 1.0 = 1.0    0.0 → 1.0
      v2  w * x   1.0 × 3.0 = 3.0    1.0 → 4.0
    >>> [c.consumer.op for c in w.history[0].by.contributions(w)]
    ['add', 'mul']
    """

    _between = "\n"

    def __init__(self, v: Value, names: Mapping[Value, str] | None = None) -> None:
        super().__init__(entries_of(v))
        self.node = v
        self._names = names or {}

    def __repr__(self) -> str:
        return f"<History of {self._called}: {wording.count(len(self), 'backward call')}>"

    @property
    def _called(self) -> str:
        name = self.node.name or self._names.get(self.node)
        return wording.name(name, _NAME) if name else f"the {self.node.op or 'leaf'}"

    def _parts(self) -> list[Part]:
        return [Paragraph(part) if isinstance(part, str) else part for part in self._lines()]

    def _lines(self) -> Iterator[str | Table]:
        called, v = self._called, self.node
        if not v.has_grad:
            yield f"{called} has no gradient:"
            yield "no backward pass has reached it since it was made or unset"
            return
        calls = wording.count(len(self), "backward call")
        yield f"{called}.grad = {wording.number(v.grad)}, from {calls}" + ("" if self else " known")
        if self and self[0].before:
            yield f"it was {wording.number(self[0].before)} before: assigned, or from earlier calls"
        for entry in self:
            yield cut(str(entry.by), WIDTH)
            yield from _table(entry, v, self._names)
        if not self:
            yield "it was assigned, or came from a backward call that was not recorded"
        elif not same(self[-1].after, v.grad):
            yield f"it has changed since, from {wording.number(self[-1].after)}: assigned, or by a"
            yield "backward call that was not recorded"


def _table(entry: LedgerEntry, v: Value, names: Mapping[Value, str]) -> Iterator[str | Table]:
    if v is entry.by.output:
        yield f"  the output itself, with gradient {wording.number(entry.by.cotangents[v])}"
    graph = Graph(entry.by.output)
    graph.names = names
    arrived = list(entry.by.contributions(v))
    left_out = len(arrived) - 2 * _SHOWN
    shown = arrived if left_out <= 1 else arrived[:_SHOWN] + arrived[-_SHOWN:]
    rows = _rows(graph, shown)
    if shown is not arrived:
        rows.insert(len(rows) // 2, f"  … {left_out:,} more contributions …")
    if rows:
        yield Table(rows, headed=False)
    if entry.before:
        sums = (entry.before, entry.by.cotangents[v], entry.after)
        yield "  added: {} + {} = {}".format(*map(wording.number, sums))


def _rows(graph: Graph, contributions: list[Contribution]) -> list[Row]:
    """The rows of contributions, one each; two or three where numbers are long."""
    labels = [f"  v{graph.index[c.consumer]}" for c in contributions]
    results = (wording.number(c.upstream * c.local) for c in contributions)
    factors = (wording.product(c.upstream, c.local) for c in contributions)
    products = list(map(" = ".join, zip(factors, results, strict=True)))
    changes = [f"  {wording.change(c.before, c.after)}" for c in contributions]
    columns = (labels, products, changes)
    room = WIDTH - sum(max(map(display_width, column), default=0) + 2 for column in columns)
    is_wide = room >= _LEAST
    formulas = [_formula(graph, c.consumer, room if is_wide else WIDTH - 16) for c in contributions]
    if is_wide:
        return list(zip(labels, formulas, products, changes, strict=True))
    rows: list[Row] = []
    for head, product, change in zip(
        zip(labels, formulas, strict=True), products, changes, strict=True
    ):
        one = f"    {product}  {change}"
        rows += [head, one] if len(one) <= WIDTH else [head, f"    {product}", f"    {change}"]
    return rows


def _formula(graph: Graph, v: Value, room: int) -> str:
    named = graph.formula(v)
    if display_width(named) <= room:
        return named
    return cut(graph.formula(v, lambda operand: f"v{graph.index[operand]}"), room)


def entries_of(v: Value) -> list[LedgerEntry]:
    """Return the recorded passes that made up a node's gradient, oldest first."""
    # An interior node keeps the last pass, a leaf its entry or a list of several.
    kept: Pass | LedgerEntry | list[LedgerEntry] | None = getattr(v, "_ledger", None)
    if kept is None or not v.has_grad:
        return []
    if isinstance(kept, Pass):
        return [LedgerEntry(kept, None, kept.cotangents[v], v._y)]
    return [kept] if isinstance(kept, LedgerEntry) else kept


def keep(by: Pass) -> None:
    """Write a pass into the ledgers of its nodes, before its gradients are delivered."""
    for v, g in by.cotangents.items():
        if v._p0 is not None:
            v._ledger = by
        elif v._row is None and g is not UNSET:
            old = v._grad
            if old is UNSET:
                v._ledger = _quickly(LedgerEntry, (by, None, old + g, v._float))
                continue
            entries = entries_of(v)
            if not entries or not same(old, entries[-1].after):  # assigned
                entries = []
            v._ledger = [*entries[1 - _KEPT :], LedgerEntry(by, old, old + g, v._float)]


def same(x: float, z: float) -> bool:
    """True if two numbers are equal, or both nan."""
    return x == z or (x != x and z != z)


register_history(History)
