"""The gradient ledger: which backward call, and which consumer in it, brought a gradient what.

Under `autograd.record()` a backward pass leaves itself behind: its cotangents, from which every
contribution follows to the last bit. A leaf keeps the passes since its gradient was last unset (32
of them), an interior node the last one. A kept pass keeps its graph alive until the first pass
after a `zero_grad`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from autograd import wording
from autograd.backward import UNSET, partials
from autograd.graph import Graph
from autograd.source import Place
from autograd.value import Value

_KEPT = 32  # passes of a leaf, each with its graph: as many as a batch often has examples


class Pass:
    """One backward call that was recorded."""

    def __init__(
        self, number: int, output: Value, place: Place | None, cotangents: dict[Value, float]
    ) -> None:
        self.number = number
        """Counted from 1 within a `record()`."""
        self.output = output
        self.place = place
        """The user's line that called backward."""
        self.cotangents = cotangents

    def contributions(self, v: Value) -> Iterator[Contribution]:
        """What arrived at a node, in the engine's order."""
        gathered = 0.0
        for consumer in reversed(self.cotangents):
            upstream = self.cotangents[consumer]
            if upstream is UNSET or v not in consumer.parents:
                continue
            for slot, (operand, local) in enumerate(
                zip(consumer.parents, partials(consumer), strict=True)
            ):
                if operand is v and local is not None:
                    before, gathered = gathered, gathered + upstream * local
                    yield Contribution(consumer, slot, upstream, local, before, gathered)

    def __str__(self) -> str:
        """Which call it was."""
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


class Entry(NamedTuple):
    """What one pass did to the gradient of a node."""

    by: Pass
    before: float | None
    """The gradient that was there; None if there was none."""
    after: float
    data: float
    """The node's data at that time."""


class History(Sequence[Entry]):
    """How the gradient of a node came about: the passes that made it up, oldest first.

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

    def __init__(self, v: Value) -> None:
        self.node = v
        self._entries = entries_of(v)

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, i):  # type: ignore[no-untyped-def]
        """A pass by its number, from 0."""
        return self._entries[i]

    def __str__(self) -> str:
        """Each pass with what it brought."""
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        """How long it is."""
        return f"<History of {_called(self.node)}: {wording.count(len(self), 'backward call')}>"

    def _lines(self) -> Iterator[str]:
        called, v = _called(self.node), self.node
        if not v.has_grad:
            yield f"{called} has no gradient: no backward pass has reached it since it was unset"
            return
        calls = wording.count(len(self), "backward call")
        yield f"{called}.grad = {wording.number(v.grad)}, from {calls}" + ("" if self else " known")
        if self and self[0].before:
            yield f"it was {wording.number(self[0].before)} before: assigned, or from earlier calls"
        expected = None
        for entry in self:
            yield str(entry.by)
            yield from _table(entry, v)
            if entry.before:
                sums = (entry.before, entry.by.cotangents[v], entry.after)
                yield "  added: {} + {} = {}".format(*map(wording.number, sums))
            expected = entry.after
        if expected is None:
            yield "it was assigned, or came from a backward call outside record()"
        elif not same(expected, v.grad):
            yield f"then it was changed by hand, from {wording.number(expected)}"


def _table(entry: Entry, v: Value) -> Iterator[str]:
    graph = Graph(entry.by.output)
    if v is entry.by.output:
        yield f"  the output itself, with gradient {wording.number(entry.by.cotangents[v])}"
    rows = [
        (
            f"v{graph.index[c.consumer]}",
            graph.formula(c.consumer, graph.label),
            f"{wording.number(c.upstream)} × {wording.operand(c.local)}"
            f" = {wording.number(c.upstream * c.local)}",
            f"  {wording.number(c.before)} → {wording.number(c.after)}",
        )
        for c in entry.by.contributions(v)
    ]
    yield from (f"  {line}" for line in wording.columns(rows))


def _called(v: Value) -> str:
    return wording.name(v.name) if v.name else f"the {v.op or 'leaf'}"


def entries_of(v: Value) -> list[Entry]:
    """The recorded passes that made up a node's gradient, oldest first."""
    kept = getattr(v, "_ledger", None)
    if kept is None or not v.has_grad:
        return []
    if isinstance(kept, Pass):
        return [Entry(kept, None, kept.cotangents[v], v._y)]
    entries: list[Entry] = kept
    return entries


def keep(by: Pass) -> None:
    """Write a pass that is about to be delivered into the ledgers of its nodes."""
    for v, g in by.cotangents.items():
        if v._p0 is not None:
            v._ledger = by
        elif v._row is None and g is not UNSET:
            old, entries = v._grad, entries_of(v)
            if not entries or not same(old, entries[-1].after):  # begun anew, or assigned
                entries = []
            before = None if old is UNSET else old
            v._ledger = [*entries[1 - _KEPT :], Entry(by, before, old + g, v._data)]


def same(x: float, z: float) -> bool:
    """Equal, or both nan."""
    return x == z or (x != x and z != z)


Value._history = staticmethod(History)
