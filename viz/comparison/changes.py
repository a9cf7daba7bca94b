"""The differences between two graphs, node by node and edge by edge, their table and data."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from autograd import Graph
from autograd.text import wording
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.comparison.matching import match
from viz.selection.elements import Stub
from viz.selection.nearest import Selection
from viz.snapshot.as_data import node_as_data
from viz.snapshot.snapshot import ShownNode, Snapshot
from viz.snapshot.take import take
from viz.text.table import printed

Kind: TypeAlias = Literal["same", "changed", "added", "removed"]
SIGNS: dict[Kind, str] = {"same": "", "changed": "≠", "added": "+", "removed": "−"}


class NumberPair(NamedTuple):
    """A number before and after; None where there was none."""

    before: float | None
    after: float | None

    def differ(self, rtol: float) -> bool:
        """True if they differ by more than this share of the larger; with 0, by any bit.

        A nan equals a nan.

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
        are_nan = math.isnan(x) and math.isnan(y)
        return not are_nan and not math.isclose(x, y, rel_tol=rtol)

    @property
    def relative(self) -> str:
        """The change as a share of the number before; "" where there is no such share.

        >>> [NumberPair(*pair).relative for pair in ((2, 3), (1, 1 + 2**-52), (2, 60), (0, 1))]
        ['+50%', '+2.2e-16', '× 30', '']
        """
        x, y = self
        if not x or y is None or not math.isfinite(x) or not math.isfinite(y):
            return ""
        share = y / abs(x) - math.copysign(1, x)
        if abs(share) < 1e-6:
            share = (y - x) / abs(x)  # loses no digits to cancellation
        if not share or not math.isfinite(share):
            return ""
        if abs(share) >= 9.995:
            return f"× {y / x:.3g}"
        return f"{100 * share:+.3g}%" if abs(share) >= 1e-4 else f"{share:+.2g}"


@dataclass(frozen=True, eq=False)
class NodeChange:
    """A node of either graph, or a pair of matched nodes, and how it changed."""

    before: ShownNode | None
    after: ShownNode | None
    kind: Kind
    data: NumberPair
    grad: NumberPair
    rewired: bool
    """True if its operands are other nodes."""
    data_differ: bool
    operands_before: list[NodeChange] = field(default_factory=list, repr=False)
    operands_after: list[NodeChange] = field(default_factory=list, repr=False)

    @property
    def node(self) -> ShownNode:
        """The node after the change, or before it if it was removed."""
        node = self.before if self.after is None else self.after
        assert node is not None
        return node

    @property
    def operation(self) -> str:
        """The operation with its operands, and the one before if it was rewired."""
        operands = self.operands_before if self.after is None else self.operands_after
        now = self.node.written([change.node.node.label for change in operands])
        if self.rewired and self.before is not None:
            return f"{now}, was {self.before.written([c._then for c in self.operands_before])}"
        return now

    @property
    def _then(self) -> str:
        """Its label as an operand of a node before; numbers are those after, where it has one."""
        label = self.node.node.label
        return f"old {label}" if self.after is None and label == f"v{self.node.number}" else label

    @property
    def parents(self) -> list[NodeChange]:
        """Its operands before and after, each once."""
        return list(dict.fromkeys(self.operands_before + self.operands_after))

    def texts(self, numbers: NumberPair, written: Callable[[float | None], str]) -> list[str]:
        """Return its number, or both if they differ, with enough digits to tell them apart."""
        before, after = map(written, numbers)
        if self.kind != "changed" or not numbers.differ(0.0):
            return [before if self.after is None else after]
        if before == after and None not in numbers:
            return list(map(repr, numbers))
        return [before, after]

    @property
    def only_grad_differs(self) -> bool:
        """True if the node differs in its gradient and in nothing else."""
        return self.kind == "changed" and not self.rewired and not self.data_differ


ComparisonEnd: TypeAlias = NodeChange | Stub[NodeChange]


class ComparisonArrow(NamedTuple):
    """An edge of one graph or of both; from or to a stub, all of one kind are one arrow."""

    start: ComparisonEnd
    end: ComparisonEnd
    kind: Kind
    edges: int = 1


@dataclass(frozen=True)
class Comparison:
    """Two graphs and the differences between them.

    >>> from autograd import Value
    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> print(compare(whole(Graph(x * z)), whole(Graph(z * x)), {0: 1, 1: 0}).caption)
    1 changed, 0 added, 0 removed of 3 nodes; first: v2 (mul)
    """

    nodes: list[NodeChange]
    """In topological order of the graph after; a removed node keeps its place."""
    edges: list[ComparisonArrow]
    rtol: float

    @cached_property
    def differing(self) -> list[NodeChange]:
        """The nodes that are not the same in both graphs."""
        return [node for node in self.nodes if node.kind != "same"]

    @property
    def first(self) -> NodeChange | None:
        """The first node that differs in the forward pass, else the first in the backward pass."""
        forward = (node for node in self.differing if not node.only_grad_differs)
        return next(forward, self.differing[-1] if self.differing else None)

    @property
    def caption(self) -> str:
        """The number of nodes that differ, and the first of them."""
        total, first = wording.count(len(self.nodes), "node"), self.first
        if first is None:
            return f"nothing differs in {total}"
        counts = Counter(node.kind for node in self.differing)
        summary = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("changed", "added", "removed"))
        where = " in the backward pass" if first.only_grad_differs else ""
        return f"{summary} of {total}; first{where}: {shorten(readable(self.label(first)), 40)}"

    def label(self, change: NodeChange) -> str:
        """The name of a node, or its number in its graph with its operation."""
        node = change.node
        if node.op == "const" and not node.name:
            return f"v{node.number} (the constant {node.node.label})"
        label = node.node.label
        return f"{label} ({node.op or 'leaf'})" if label == f"v{node.number}" else label

    def table(self) -> str:
        """A line for each node that differs, and the caption."""
        head = ("", "before", "after", "name", "operation", "data", "grad")
        return printed(head, self.differing, _row, self.caption)

    def as_data(self) -> dict[str, object]:
        """The content of `Diagram.save("difference.json")`, all nodes of both graphs.

        Each node has its `kind` and, `before` and `after`, what a graph's node has (null if it has
        no such node); see `viz.snapshot.as_data`.

        >>> from autograd import Value
        >>> x = Value(2.0, "x")
        >>> compare(whole(Graph(x)), whole(Graph(x.exp())), {0: 0}).as_data()["counts"]
        {'same': 1, 'changed': 0, 'added': 1, 'removed': 0}
        """
        counts, first = Counter(change.kind for change in self.nodes), self.first
        return {
            "format": "chainrule-difference",
            "version": 1,
            "rtol": self.rtol,
            "counts": {kind: counts[kind] for kind in SIGNS},
            "first": None if first is None else self.nodes.index(first),
            "nodes": [
                {
                    "kind": change.kind,
                    "before": change.before and node_as_data(change.before),
                    "after": change.after and node_as_data(change.after),
                }
                for change in self.nodes
            ],
        }


def _row(change: NodeChange) -> tuple[str, ...]:
    places = ("" if v is None else f"v{v.number}" for v in (change.before, change.after))
    name, formula = wording.name(change.node.name or ""), change.operation
    numbers = (_in_words(change, numbers) for numbers in (change.data, change.grad))
    return (SIGNS[change.kind], *places, name, formula, *numbers)


def _in_words(change: NodeChange, numbers: NumberPair) -> str:
    texts = change.texts(numbers, lambda x: "-" if x is None else wording.number(x))
    share = f" ({numbers.relative})" if len(texts) > 1 and numbers.relative else ""
    return " → ".join(texts) + share


def whole(graph: Graph) -> Snapshot:
    """Take a snapshot of all nodes of a graph, to compare it with another."""
    return take(graph, Selection(graph.nodes, graph.nodes, {}, []))


def shared(before: Graph, after: Graph) -> dict[int, int]:
    """The numbers of the objects that are in both graphs, before and after."""
    return {i: after.index[v] for i, v in enumerate(before) if v in after.index}


def compare(
    before: Snapshot, after: Snapshot, same: Mapping[int, int], rtol: float = 0.0
) -> Comparison:
    """Compare the snapshots of two whole graphs, or of one at two moments.

    The objects that are in both are known by their numbers before and after, from `shared`. Two
    numbers are the same if they differ by at most the share `rtol` of the larger.

    >>> from autograd import Value
    >>> x = Value(2.0, "x")
    >>> comparison = compare(whole(Graph(x * 3)), whole(Graph(x * 4)), {0: 0})
    >>> [(node.kind, node.data) for node in comparison.differing]
    [('changed', NumberPair(before=3.0, after=4.0)), ('changed', NumberPair(before=6.0, after=8.0))]
    """
    pairs = match(before, after, same)
    nodes = [_node_change(v, w, pairs, rtol) for v, w in _merged(before, after, pairs)]
    of_before = {node.before.number: node for node in nodes if node.before}
    of_after = {node.after.number: node for node in nodes if node.after}
    for node in nodes:
        node.operands_before.extend([of_before[p] for p in _operands(node.before)])
        node.operands_after.extend([of_after[p] for p in _operands(node.after)])
    return Comparison(nodes, [link for node in nodes for link in _edges(node)], rtol)


def _operands(node: ShownNode | None) -> list[int]:
    return [operand.number for operand in node.operands] if node else []


def _merged(
    before: Snapshot, after: Snapshot, pairs: Mapping[int, int]
) -> Iterator[tuple[ShownNode | None, ShownNode | None]]:
    """Yield the nodes of both graphs; a removed one comes before those that followed it."""
    back = {j: i for i, j in pairs.items()}
    removed = deque(v for v in before.nodes if v.number not in pairs)
    for w in after.nodes:
        i = back.get(w.number)
        while i is not None and removed and removed[0].number < i:
            yield removed.popleft(), None
        yield (None if i is None else before.nodes[i]), w
    yield from ((v, None) for v in removed)


def _node_change(
    v: ShownNode | None, w: ShownNode | None, pairs: Mapping[int, int], rtol: float
) -> NodeChange:
    """A node with its numbers; `compare` adds its operands when all nodes exist."""
    data = NumberPair(*(None if x is None else x.data for x in (v, w)))
    grad = NumberPair(*(None if x is None else x.grad for x in (v, w)))
    if v is None or w is None:
        return NodeChange(v, w, "added" if v is None else "removed", data, grad, False, True)
    rewired = [pairs.get(p) for p in _operands(v)] != _operands(w)
    data_differ = data.differ(rtol)
    kind: Kind = "changed" if rewired or data_differ or grad.differ(rtol) else "same"
    return NodeChange(v, w, kind, data, grad, rewired, data_differ)


def _edges(node: NodeChange) -> Iterator[ComparisonArrow]:
    """Yield the edges to a node by slot, a removed one before the one that replaced it."""
    for slot in range(max(len(node.operands_before), len(node.operands_after))):
        old, new = node.operands_before[slot : slot + 1], node.operands_after[slot : slot + 1]
        if old == new:
            yield ComparisonArrow(old[0], node, "same")
        else:
            yield from (ComparisonArrow(start, node, "removed") for start in old)
            yield from (ComparisonArrow(start, node, "added") for start in new)
