"""`kinks`: the nodes of a graph at which a derivative was chosen by convention."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from autograd.backward import cotangents_of
from autograd.derivatives import check_fresh
from autograd.diagnosis.operand_function import LARGEST, KinkKind, OperandFunction
from autograd.diagnosis.report_text import equation_with_source
from autograd.graph import Graph
from autograd.primitive import CONST
from autograd.primitives import where
from autograd.text import wording
from autograd.text.report import Listing, Paragraph, Part, Table
from autograd.text.tables import Row
from autograd.value import Value, one_value

_SHOWN = 20  # nodes that a report lists


class Kink(NamedTuple):
    """An operand of a node at which the derivative is a convention.

    Attributes:
        node: the node.
        slot: the number of the operand.
        kind: "kink" (the derivative jumps), "tie" (it jumps because two operands are equal, or
            equals are compared), "edge" (one side is undefined), "pole" (the value is
            infinite) or "jump" (the value jumps).
        left: the limit of the derivative from below, infinite if it is unbounded, nan if there is
            no limit.
        taken: the derivative that the backward pass used.
        right: the limit from above.
        convention: the convention of the table.
        values: the node's value one float below, here, and one float above.
        cotangent: the gradient of the node for a gradient of 1 at the output.
    """

    node: Value
    slot: int
    kind: KinkKind
    left: float
    taken: float
    right: float
    convention: str
    values: tuple[float, float, float]
    cotangent: float

    @property
    def mattered(self) -> bool:
        """True if another convention would have given another gradient."""
        return self.cotangent != 0.0 and not _is_comparison(self.node)


class Kinks(Listing[Kink]):
    """The kinks of a graph, nodes in topological order: a sequence, which prints as a report."""

    def __init__(self, graph: Graph, kinks: Iterable[Kink]) -> None:
        super().__init__(tuple(kinks))
        self.graph = graph

    def _parts(self) -> list[Part]:
        by_node: dict[Value, list[Kink]] = {}
        for kink in self:
            by_node.setdefault(kink.node, []).append(kink)
        if not by_node:
            none = f"no node of the {len(self.graph):,} sat at a kink, a tie or an edge"
            return [Paragraph("\n".join([none, *self._unseen()]))]
        nodes = list(by_node.items())
        reports: list[Part] = [self._report(v, kinks) for v, kinks in nodes[:_SHOWN]]
        if len(by_node) > _SHOWN:
            more = wording.count(len(by_node) - _SHOWN, "more node")
            reports.append(Paragraph(f"… and {more}"))
        count = wording.count(len(self.graph), "node")
        head = f"{len(by_node):,} of {count} sat at a kink, a tie or an edge"
        return [Paragraph(head), *reports, *map(Paragraph, self._unseen())]

    def _unseen(self) -> list[str]:
        conditions = ((v, v.parents[0]) for v in self.graph.nodes if v._row is where)
        choices = [v for v, p in conditions if p._row is CONST and not p._name]  # a bool or number
        if not choices:
            return []
        which = self.graph.label(choices[0])
        which += f" and {len(choices) - 1:,} more" if len(choices) > 1 else ""
        return [
            f"not looked at: how {which} chose, by a comparison outside of the graph;\n"
            "write gt(x, 0.0) in place of x > 0.0 and it is a node"
        ]

    def _report(self, v: Value, kinks: Sequence[Kink]) -> Table:
        label = self.graph.label
        rows: list[Row] = [equation_with_source(self.graph, v)]
        rows += [(f"  {k.kind} in {label(v.parents[k.slot])}", _sides(k)) for k in kinks]
        rows.append(("  convention", kinks[0].convention))
        if not _is_comparison(v):
            gradient = wording.number(kinks[0].cotangent)
            so = "" if kinks[0].mattered else "it made no difference to any gradient"
            rows.append((f"  the gradient of {label(v)} is {gradient}", so))
        return Table(rows, joined=": ")

    def __repr__(self) -> str:
        return f"<Kinks: {len(self)} in {wording.count(len(self.graph), 'node')}>"


def _sides(k: Kink) -> str:
    slopes = f"derivative {_number(k.left)} on the left, {_number(k.right)} on the right"
    if k.kind not in ("jump", "tie") or (k.kind == "tie" and k.left != k.right):
        return f"{slopes}; taken: {wording.number(k.taken)}"
    below, here, above = map(wording.number, k.values)
    values = f"value {below} on the left, {here} here, {above} on the right"
    return values if k.kind == "tie" else f"{values}; {slopes}; taken: {wording.number(k.taken)}"


def _number(x: float) -> str:
    return "none" if x != x else wording.number(x)


def _is_comparison(v: Value) -> bool:
    return v._row is not None and v._row.is_comparison


def kinks(output: Value) -> Kinks:
    """Return the nodes exactly at a kink, a tie, a jump, a pole or the edge of a domain.

    There the backward pass took a derivative by the convention of the table. The report lists the
    one-sided derivatives beside the one taken. Constants, nodes from which no
    derivative flows to a leaf, and numbers that are not finite (or beyond 8e307) are not moved. An
    operand with two slots moves in both: `maximum(x, x)` is x, and smooth.

    Args:
        output: the Value whose graph is examined.

    Raises TypeError for what is not a Value, StaleGraphError if a Value's data changed since the
    forward pass.

    >>> x = Value(0.0, "x")
    >>> print(kinks(2 * x.relu() + x.tanh()))
    1 of 6 nodes sat at a kink, a tie or an edge
    <BLANKLINE>
    v2 = relu(x): relu(0.0)
      kink in x: derivative 0.0 on the left, 1.0 on the right; taken: 0.0
      convention: derivative 0 at 0; nan stays nan
      the gradient of v2 is 2.0
    >>> print(kinks(x.tanh()))
    no node of the 2 sat at a kink, a tie or an edge

    Source: Griewank and Walther, "Evaluating Derivatives", 2008, chapter 14.
    """
    output = one_value(output, "kinks")
    graph = Graph(output)
    check_fresh(graph.nodes)
    return Kinks(graph, _search(cotangents_of(output, graph)))


def _search(cotangents: dict[Value, float]) -> Iterator[Kink]:
    varying: set[Value] = set()  # nodes from which a derivative flows to a leaf
    for v, cotangent in cotangents.items():
        row = v._row
        if row is None:
            varying.add(v)
        if row is None or row is CONST:
            continue
        rules = list(zip(v.parents, row.partials, strict=False))
        if any(rule is not None and operand in varying for operand, rule in rules):
            varying.add(v)
        if row.convention:
            seen: set[Value] = set()
            for slot, (operand, rule) in enumerate(rules):
                if operand in varying and operand not in seen and (rule or row is not where):
                    seen.add(operand)
                    yield from _examined(v, slot, cotangent)


def _examined(v: Value, slot: int, cotangent: float) -> Iterator[Kink]:
    f = OperandFunction(v, slot)
    if abs(f.x) < LARGEST and (kind := f.kind()):
        slopes = f.limit(0), f.here[1], f.limit(1)
        yield Kink(v, slot, kind, *slopes, f.row.convention, f.triple(0), cotangent)
