"""What differs between two graphs, node by node and edge by edge, and how that is put in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from autograd import Graph, Value
from autograd.text import wording
from autograd.text.characters import readable
from autograd.text.columns import shorten
from autograd.text.tables import aligned
from viz.comparison.matching import match

Kind: TypeAlias = Literal["same", "changed", "added", "removed"]
SIGNS: dict[Kind, str] = {"same": "", "changed": "≠", "added": "+", "removed": "−"}
_SHOWN = 60  # rows, as the table of a graph has


class NumberPair(NamedTuple):
    """A number before and after; None where there was none."""

    before: float | None
    after: float | None

    def differ(self, rtol: float) -> bool:
        """Whether they do, by more than a share of the larger: of 0, by any bit; nan equals nan.

        >>> NumberPair(1.0, 1.001).differ(0.0), NumberPair(1.0, 1.001).differ(0.01)
        (True, False)
        >>> NumberPair(math.nan, math.nan).differ(0.0), NumberPair(0.0, -0.0).differ(0.0)
        (False, True)
        """
        x, y = self
        if x is None or y is None:
            return x is not y
        if x == y:
            return not rtol and math.copysign(1, x) != math.copysign(1, y)
        if math.isnan(x) or math.isnan(y):
            return not (math.isnan(x) and math.isnan(y))
        if math.isinf(x) or math.isinf(y):
            return True
        return not math.isclose(x, y, rel_tol=rtol)

    @property
    def relative(self) -> str:
        """The change as a share of the number before; "" where that says nothing.

        >>> NumberPair(2.0, 3.0).relative, NumberPair(1.0, 1.0 + 2**-52).relative, NumberPair(0, 1).relative
        ('+50%', '+2.2e-16', '')
        """
        x, y = self
        if not x or y is None or not math.isfinite(x) or not math.isfinite(y):
            return ""
        share = y / abs(x) - math.copysign(1, x)
        if abs(share) < 1e-6:
            share = (y - x) / abs(x)  # nothing cancels
        if not share or not math.isfinite(share):
            return ""
        return f"{100 * share:+.3g}%" if 1e-4 <= abs(share) < 9.995 else f"{share:+.2g}"


@dataclass(frozen=True, eq=False)
class NodeChange:
    """A node of the one graph, of the other, or of both."""

    before: Value | None
    after: Value | None
    kind: Kind
    data: NumberPair
    grad: NumberPair
    rewired: bool
    """Whether other nodes are its operands."""
    by_data: bool
    """Whether its data differ."""
    was: list[NodeChange] = field(default_factory=list, repr=False)
    """Its operands before."""
    now: list[NodeChange] = field(default_factory=list, repr=False)
    """Its operands after."""

    @property
    def value(self) -> Value:
        """The node as it is after, or, if it is gone, as it was."""
        value = self.before if self.after is None else self.after
        assert value is not None
        return value

    @property
    def parents(self) -> list[NodeChange]:
        """Its operands before and after, each once."""
        return list(dict.fromkeys(self.was + self.now))

    @property
    def by_gradient_alone(self) -> bool:
        """Whether nothing else differs."""
        return self.kind == "changed" and not self.rewired and not self.by_data


class EdgeChange(NamedTuple):
    """An edge of one graph or of both."""

    start: NodeChange
    end: NodeChange
    slot: int
    kind: Kind


@dataclass(frozen=True)
class Comparison:
    """Two graphs, and what differs between them.

    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> print(changes(Graph(x * z), Graph(z * x)).caption)
    1 changed, 0 added, 0 removed of 3 nodes; first: v2 (mul)
    """

    before: Graph
    after: Graph
    entries: list[NodeChange]
    """Operands first, as after; what is gone stands where it was."""
    links: list[EdgeChange]

    @cached_property
    def differing(self) -> list[NodeChange]:
        """What is not the same in both."""
        return [entry for entry in self.entries if entry.kind != "same"]

    @property
    def first(self) -> NodeChange | None:
        """Where to look first.

        The first that differs in the forward pass; if gradients alone differ, in the backward pass.
        """
        forward = (entry for entry in self.differing if not entry.by_gradient_alone)
        return next(forward, self.differing[-1] if self.differing else None)

    @property
    def caption(self) -> str:
        """How many nodes differ, and where that begins."""
        total, first = wording.count(len(self.entries), "node"), self.first
        if first is None:
            return f"nothing differs in {total}"
        counts = Counter(entry.kind for entry in self.differing)
        said = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("changed", "added", "removed"))
        where = " in the backward pass" if first.by_gradient_alone else ""
        return f"{said} of {total}; first{where}: {shorten(readable(self.label(first)), 40)}"

    def label(self, entry: NodeChange) -> str:
        """What to call a node: its name, or its number in its graph and what it is."""
        graph, v = self.before if entry.after is None else self.after, entry.value
        if v.op == "const" and not v.name:
            return f"v{graph.index[v]} (the constant {graph.label(v)})"
        label = graph.label(v)
        return f"{label} ({v.op or 'leaf'})" if label == f"v{graph.index[v]}" else label

    def number(self, v: Value | None, after: bool) -> str:
        """The number of a node in its graph: `v3`."""
        return "" if v is None else f"v{(self.after if after else self.before).index[v]}"

    def formula(self, entry: NodeChange) -> str:
        """The operation with its operands, and what it was if these are others now."""
        now = (self.before if entry.after is None else self.after).formula(entry.value)
        if entry.rewired and entry.before is not None:
            return f"{now}, was {self.before.formula(entry.before)}"
        return now

    def table(self) -> str:
        """The nodes that differ, a line each, and the caption."""
        head = ("", "before", "after", "name", "operation", "data", "grad")
        rows = [head, *(self._row(entry) for entry in self.differing[:_SHOWN])]
        lines = aligned(rows) if self.differing else []
        more = len(self.differing) - _SHOWN
        lines += [f"… {more:,} more nodes …"] if more > 0 else []
        return "\n".join([*lines, self.caption])

    def _row(self, entry: NodeChange) -> tuple[str, ...]:
        places = (self.number(entry.before, False), self.number(entry.after, True))
        name, what = wording.name(entry.value.name or ""), self.formula(entry)
        numbers = (_told(numbers, entry.kind) for numbers in (entry.data, entry.grad))
        return (SIGNS[entry.kind], *places, name, what, *numbers)


def _told(numbers: NumberPair, kind: Kind) -> str:
    """Both numbers, if they are not the same, in as many digits as tell them apart."""
    before, after = ("-" if x is None else wording.number(x) for x in numbers)
    if kind == "removed" or not numbers.differ(0.0):
        return before
    if kind == "added":
        return after
    if before == after:
        before, after = map(repr, numbers)
    share = f" ({numbers.relative})" if numbers.relative else ""
    return f"{before} → {after}{share}"


def changes(before: Graph, after: Graph, rtol: float = 0.0) -> Comparison:
    """Compare two graphs.

    Args:
        before: a graph.
        after: another, or the same a while later in a copy.
        rtol: up to which share of the larger two numbers count as the same.

    >>> x = Value(2.0, "x")
    >>> found = changes(Graph(x * 3), Graph(x * 4))
    >>> [(entry.kind, entry.data) for entry in found.differing]
    [('changed', NumberPair(before=3.0, after=4.0)), ('changed', NumberPair(before=6.0, after=8.0))]
    """
    pairs = match(before, after)
    entries = [_entry(v, w, pairs, rtol) for v, w in _merged(before, after, pairs)]
    was = {entry.before: entry for entry in entries if entry.before is not None}
    now = {entry.after: entry for entry in entries if entry.after is not None}
    for entry in entries:
        entry.was.extend([was[p] for p in _operands(entry.before)])
        entry.now.extend([now[p] for p in _operands(entry.after)])
    return Comparison(before, after, entries, [link for entry in entries for link in _links(entry)])


def _operands(v: Value | None) -> tuple[Value, ...]:
    return () if v is None else v.parents


def _merged(
    before: Graph, after: Graph, pairs: dict[Value, Value]
) -> Iterator[tuple[Value | None, Value | None]]:
    """The nodes of both graphs; what is gone stands before what came after it."""
    back = {w: v for v, w in pairs.items()}
    gone = [v for v in before if v not in pairs]
    place = 0
    for w in after:
        v = back.get(w)
        while v is not None and place < len(gone) and before.index[gone[place]] < before.index[v]:
            yield gone[place], None
            place += 1
        yield v, w
    yield from ((v, None) for v in gone[place:])


def _entry(v: Value | None, w: Value | None, pairs: dict[Value, Value], rtol: float) -> NodeChange:
    """A node with its numbers; its operands are entered when all nodes are."""
    data = NumberPair(*(None if x is None else x.data for x in (v, w)))
    grad = NumberPair(*(x.grad if x is not None and x.has_grad else None for x in (v, w)))
    if v is None or w is None:
        return NodeChange(v, w, "added" if v is None else "removed", data, grad, False, True)
    rewired = [pairs.get(p) for p in v.parents] != [*w.parents]
    by_data = data.differ(rtol)
    kind: Kind = "changed" if rewired or by_data or grad.differ(rtol) else "same"
    return NodeChange(v, w, kind, data, grad, rewired, by_data)


def _links(entry: NodeChange) -> Iterator[EdgeChange]:
    """The edges to a node: in order of their slots, those that are gone first."""
    for slot in range(max(len(entry.was), len(entry.now))):
        old, new = entry.was[slot : slot + 1], entry.now[slot : slot + 1]
        if old == new:
            yield EdgeChange(old[0], entry, slot, "same")
        else:
            yield from (EdgeChange(start, entry, slot, "removed") for start in old)
            yield from (EdgeChange(start, entry, slot, "added") for start in new)
