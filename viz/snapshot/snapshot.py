"""The part of a graph that a picture shows, as it was when it was taken: plain, frozen data.

A snapshot has the nodes that are drawn, boxes that stand for several, stubs for what is left out,
and the arrows between them, with their numbers. DOT, the drawing in characters, JSON and the table
are functions of it. Nodes are numbered as in the printed table (3 is its `v3`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from autograd.primitive import CONST, Primitive
from autograd.text import wording
from viz.appearance.options import Options
from viz.selection.elements import Kind as BoxKind
from viz.selection.elements import Side
from viz.selection.frames import Scope
from viz.snapshot.chain_rule import GradientSum
from viz.snapshot.numbers import Sign, sign_of

NodeKind: TypeAlias = Literal["leaf", "constant", "operation"]
MarkKind: TypeAlias = Literal["born", "stopped", "passed", "kink", "dead", "share", "marked"]
"""The kinds of marks, the most important first."""


class Mark(NamedTuple):
    """The highlight of a node or a box, with the words in it."""

    kind: MarkKind
    words: str = ""


class Reference(NamedTuple):
    """A node of the graph, drawn or not, as others speak of it."""

    number: int
    """Its place in the printed table."""
    name: str | None
    row: Primitive | None
    """The operation that made it."""
    constant: float | None
    is_alone: bool
    """True if no other node has its name."""

    @property
    def kind(self) -> NodeKind:
        """A leaf, a constant or an operation."""
        return kind_of(self.row)

    @property
    def label(self) -> str:
        """Its name if no other node has it, else its number; of a constant its data."""
        if self.name and self.is_alone:
            return wording.name(self.name)
        if self.constant is not None and not self.name:
            return wording.operand(self.constant)
        return f"v{self.number}"


def kind_of(row: Primitive | None) -> NodeKind:
    """The kind of the nodes that a row of the table makes; None makes leaves."""
    return "leaf" if row is None else "constant" if row is CONST else "operation"


@dataclass(frozen=True, eq=False, slots=True)
class ShownNode:
    """A node that is drawn; two of the same numbers are two nodes."""

    node: Reference
    scope: Scope
    operands: tuple[Reference, ...]
    partials: tuple[float | None, ...]
    """The local derivative to each operand; None if none flows or it is not computed yet."""
    data: float | None
    """None if it is not computed yet."""
    grad: float | None
    """None if no backward pass has reached it."""
    is_output: bool = False
    sum: GradientSum | None = None
    """The contributions that its gradient is the sum of."""
    was: float | None = None
    """The data that the forward pass read, if they changed since."""
    mark: Mark | None = None
    symbols: str = ""
    """Its formula in symbols, where these are to be shown."""

    @property
    def number(self) -> int:
        """Its place in the printed table."""
        return self.node.number

    @property
    def name(self) -> str | None:
        """The name that the user gave it."""
        return self.node.name

    @property
    def kind(self) -> NodeKind:
        """A leaf, a constant or an operation."""
        return self.node.kind

    @property
    def op(self) -> str | None:
        """The name of the operation, "const" of a constant; None of a leaf."""
        return None if self.node.row is None else self.node.row.name

    @property
    def id(self) -> str:
        """The id in the picture."""
        return f"n{self.number}"

    @property
    def place(self) -> int:
        """The place in topological order, as for every end of an arrow."""
        return 2 * self.number

    @property
    def operation(self) -> str:
        """The operation, its operands by their labels: `w * x`."""
        return self.written([operand.label for operand in self.operands])

    def written(self, operands: Sequence[str]) -> str:
        """The operation with operands as given."""
        row = self.node.row
        if row is None:
            return "leaf"
        return row.written(operands) if operands else row.name


@dataclass(frozen=True, eq=False, slots=True)
class ShownBox:
    """A box that stands for several nodes."""

    kind: BoxKind
    title: str
    scope: Scope
    copies: int
    """The number of similar parts that it stands for."""
    nodes: tuple[int, ...]
    """The numbers of its nodes, in topological order."""
    outputs: tuple[int, ...]
    """Those that are used outside, or are outputs of the graph."""
    inputs: int
    """The number of nodes outside that it uses, constants without a name aside."""
    holds: frozenset[NodeKind]
    formula: str
    data: tuple[float | None, ...]
    """The data of its outputs."""
    grads: tuple[float | None, ...]
    """The gradients of its outputs that are no constants."""
    mark: Mark | None = None
    marks: frozenset[MarkKind] = frozenset()

    @property
    def id(self) -> str:
        """The id in the picture."""
        return f"box{self.nodes[0]}"

    @property
    def place(self) -> int:
        """The place of its last node."""
        return 2 * self.nodes[-1]


@dataclass(frozen=True, eq=False, slots=True)
class ShownStub:
    """The place of nodes that are left out, beside a node that is drawn."""

    at: int
    """The number of that node."""
    side: Side
    count: int
    scope: Scope = ()

    @property
    def id(self) -> str:
        """The id in the picture."""
        return f"{'then' if self.side == 'consumers' else 'more'}{self.at}"

    @property
    def place(self) -> int:
        """The place before or after the node."""
        return 2 * self.at + (1 if self.side == "consumers" else -1)


End: TypeAlias = ShownNode | ShownBox | ShownStub


class Contributions(NamedTuple):
    """The contributions of the edges of an arrow, as far as they have been sent."""

    low: float
    high: float
    total: float
    size: float
    """The sum of their magnitudes."""
    sign: Sign
    """The sign of all that are not zero; "mixed" if they differ."""


@dataclass(frozen=True, eq=False, slots=True)
class ShownArrow:
    """An arrow that is drawn, for one edge or for several."""

    start: End
    end: End
    operand: Reference
    result: Reference
    """The operand, the result and the slot are those of its first edge; the result of an arrow to a
    box with one output is that."""
    slot: int
    count: int
    """The number of its edges."""
    is_flowing: bool
    """False if no derivative ever flows through it."""
    local: float | None
    """The local derivative of a single edge, if it is known."""
    sent: Contributions | None
    """None before any contribution is sent."""
    mark: MarkKind | None = None
    symbols: str = ""
    """The local derivative in symbols, where these are to be shown."""

    @property
    def is_single(self) -> bool:
        """True if it stands for one edge and does not lead to a stub."""
        return self.count == 1 and not isinstance(self.end, ShownStub)

    @property
    def is_bundle(self) -> bool:
        """True if it leads from or to a box."""
        return isinstance(self.start, ShownBox) or isinstance(self.end, ShownBox)

    def sign(self, contributions: bool = True) -> Sign:
        """The sign of what it carries, else of its derivative; "mixed" if nothing is known."""
        if contributions and self.sent is not None:
            return self.sent.sign
        if self.local is not None:
            return sign_of(self.local)
        return "mixed" if self.is_flowing else "none"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A part of a graph, or all of it, as it was at some moment."""

    count: int
    """The number of nodes of the whole graph."""
    outputs: tuple[Reference, ...]
    results: tuple[float | None, ...]
    """The data of the outputs."""
    nodes: tuple[ShownNode, ...]
    """In topological order."""
    boxes: tuple[ShownBox, ...]
    """In the order of their first nodes."""
    stubs: tuple[ShownStub, ...]
    arrows: tuple[ShownArrow, ...]
    reason: str
    """The reason for the selection: "nearest to", "within 2 steps of"; "" if all is drawn."""
    around: tuple[Reference, ...]
    """The given nodes whose neighbourhood is drawn."""
    moment: str
    """The position in a pass; "" for the numbers of the Values themselves."""
    stale: int
    """The number of nodes that changed since the forward pass."""
    options: Options
    is_bare: bool = False
    """It is folded, and no node of the graph has a line of code, a scope or a name with dots."""

    @cached_property
    def largest(self) -> float:
        """The size of the largest contribution of an arrow."""
        sizes = [
            arrow.sent.size
            for arrow in self.arrows
            if arrow.sent and ShownStub not in (type(arrow.start), type(arrow.end))
        ]
        return max(filter(math.isfinite, sizes), default=0.0)

    @property
    def ends(self) -> Sequence[ShownNode | ShownBox]:
        """The boxes and the nodes, in the order of the DOT text."""
        return (*self.boxes, *self.nodes)
