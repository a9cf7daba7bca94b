"""Where a graph sat at a kink: the nodes at which a derivative was chosen, not computed.

Nothing here knows an operation. A node is looked at as a function of one operand, the others as
recorded: its value and its derivative at the operand, one float to either side, and a million
floats further out. What changes between neighbours but not further out is no slope: it is a break.
The one-sided derivatives are limits of the derivative (Clarke, "Optimization and Nonsmooth
Analysis", 1983; Griewank and Walther, "Evaluating Derivatives", 2008, chapter 14).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias, overload

from autograd.backward import pull_back
from autograd.derivatives import check_fresh
from autograd.diagnosis.node_text import paragraph, placed
from autograd.graph import Graph
from autograd.node import UNSET
from autograd.primitive import CONST
from autograd.primitives import where
from autograd.text import wording
from autograd.value import Value

Kind: TypeAlias = Literal["kink", "tie", "edge", "pole", "jump"]
Side: TypeAlias = tuple[float, float]  # value and derivative

_FAR = 2.0**20  # floats further out
_FROM_ZERO = (2.0**-500, 2.0**-100, 2.0**-20, 1.0)  # zero has no scale of its own
_TINY = math.ulp(0.0)
_UNDERFLOW, _OVERFLOW = 2.0**-960, 2.0**960  # beyond them steps are those of rounding
_LARGEST = 2.0**1023  # up to here there are numbers further out
_ROUNDING = 64 * sys.float_info.epsilon
_SHOWN = 20  # nodes that a report lists


class Kink(NamedTuple):
    """An operand of a node at which the derivative was a matter of convention.

    Attributes:
        node: the node.
        slot: which of its operands.
        kind: "kink" (the derivative jumps), "tie" (it does because two operands are equal, or a
            comparison of equals), "edge" (nothing is defined on one side), "pole" (the value is
            infinite) or "jump" (the value jumps).
        left: the limit of the derivative from below, infinite if it is unbounded, nan if there is
            none.
        taken: the derivative that the backward pass used.
        right: the limit from above.
        convention: what the table says of it.
        values: the node's value one float below, here, and one float above.
        cotangent: the gradient of the node for a gradient of 1 at the output.
    """

    node: Value
    slot: int
    kind: Kind
    left: float
    taken: float
    right: float
    convention: str
    values: tuple[float, float, float]
    cotangent: float

    @property
    def mattered(self) -> bool:
        """Whether another convention would have given another gradient."""
        return self.cotangent != 0.0 and not self.node._row.is_comparison  # type: ignore[union-attr]


class _Line:
    """A node as a function of one operand, in all slots where it stands; the others as recorded."""

    def __init__(self, node: Value, slot: int) -> None:
        assert node._row is not None
        operand = node.parents[slot]
        self.row, self.primals = node._row, node._primals
        self.slots = [i for i, p in enumerate(node.parents) if p is operand]
        self.rules = [rule for i in self.slots if (rule := self.row.partials[i]) is not None]
        self.x = self.primals[slot]
        self.here: Side = node._y, self.slope(node._y, self.primals)

    def slope(self, y: float, operands: Sequence[float]) -> float:
        return sum([float(rule(y, *operands)) for rule in self.rules], 0.0)

    def at(self, x: float, slots: Sequence[int] | None = None) -> Side:
        operands = list(self.primals)
        for slot in slots or self.slots:
            operands[slot] = x
        y = self.row.forward(*operands)
        return y, self.slope(y, operands)

    def around(self, step: float) -> tuple[Side, Side]:
        return self.at(self.x - step), self.at(self.x + step)

    @cached_property
    def near(self) -> tuple[Side, Side]:
        return tuple(self.at(math.nextafter(self.x, to)) for to in (-math.inf, math.inf))  # type: ignore[return-value]

    @cached_property
    def far(self) -> tuple[Side, Side]:
        return self.around(_FAR * math.ulp(self.x))

    @property
    def equals(self) -> list[int]:
        """The slots of all operands that are the same number, if there are any others."""
        found = [i for i, x in enumerate(self.primals) if x == self.x]
        return found if len(found) > len(self.slots) else []

    def triple(self, i: int) -> tuple[float, float, float]:
        """Values (0) or derivatives (1): left, here, right."""
        (left, right), here = self.near, self.here
        return left[i], here[i], right[i]

    # The kinds

    def kind(self) -> Kind | None:
        left, here, right = self.triple(0)
        if self.row.is_comparison:
            return "tie" if self.equals and not left == here == right else None
        if here != here:  # a hole, as 0/0; not what lies outside, as log(-1)
            return "edge" if left == left and right == right and self.is_hole() else None
        if math.isinf(here):
            return "pole" if self.is_pole() else None
        if left != left or right != right:
            return "edge"
        if self.breaks(0) or self.is_wall():
            return "jump" if abs(self.x) != _TINY else None
        if self.breaks(1) and self.is_no_rounding():
            if self.is_tie():
                return "tie"
            # From the first float beside 0, the kink at 0 looks the same as one right there.
            return "kink" if abs(self.x) != _TINY else None
        return None

    def breaks(self, i: int) -> bool:
        """Whether values (0) or derivatives (1) change here and not further out, as slopes do."""
        near = self.triple(i)
        change = max(near) - min(near)
        if not change > max(_ROUNDING * max(map(abs, near)), _UNDERFLOW):
            return False
        left, right = self.far
        return abs(near[0] - left[i]) + abs(near[2] - right[i]) < change / 4

    def is_wall(self) -> bool:
        """Whether the value is finite here and infinite all along one side."""
        sides = [i for i in (0, 1) if math.isinf(self.near[i][0])]
        return bool(sides) and abs(self.here[0]) < _OVERFLOW and math.isinf(self.far[sides[0]][0])

    def is_pole(self) -> bool:
        """Whether the value is infinite here alone: it has not overflowed."""
        sides = [self.near, *map(self.around, _FROM_ZERO if self.x == 0.0 else ())]
        return any(
            not math.isinf(a) and not math.isinf(b) and (a == a or b == b)
            for (a, _), (b, _) in sides
        )

    def is_hole(self) -> bool:
        """Whether all is defined around: (-2)**z has a value at every other float near 2**51."""
        around = self.around(2.0 * math.ulp(self.x))
        return all(y == y for y, _ in around)

    def is_tie(self) -> bool:
        """Whether operands are equal and that is why: moved together, they change nothing."""
        return bool(self.equals) and all(
            self.at(math.nextafter(self.x, to), self.equals)[1] == self.here[1]
            for to in (-math.inf, math.inf)
        )

    def is_no_rounding(self) -> bool:
        """Whether the rounding of the result, as in 1 - y * y near y = 1, cannot explain it."""
        slopes = self.triple(1)
        y, taken = self.here
        rounded = [
            abs(self.slope(math.nextafter(y, to), self.primals) - taken)
            for to in (-math.inf, math.inf)
        ]
        return not max(slopes) - min(slopes) <= 8 * max(rounded)

    def limit(self, side: Literal[0, 1]) -> float:
        """The limit of the derivative from one side."""
        y, near = self.near[side]
        if y != y or (math.isinf(y) and math.isfinite(self.here[0])):
            return math.nan
        if self.x != 0.0:
            return self._limit(near, self.far[side][1])
        if not math.isfinite(near):  # the square of the smallest float is 0, its inverse infinite
            near = self.around(_FROM_ZERO[0])[side][1]
        return self._limit(near, self.around(_FROM_ZERO[1])[side][1])

    def _limit(self, near: float, far: float) -> float:
        """What grows or shrinks over a distance as short as this is a power or a logarithm."""
        if abs(near) > abs(far) * (1.0 if math.isinf(self.here[1]) else 1.5):
            return math.copysign(math.inf, near)
        return 0.0 if abs(near) * 1.5 < abs(far) else near


class Kinks(Sequence[Kink]):
    """What `kinks` found: a sequence of `Kink`, true if there are any. Printed, it is a report."""

    def __init__(self, graph: Graph, found: Iterable[Kink]) -> None:
        self.graph = graph
        self._found = tuple(found)

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, i: int) -> Kink: ...

    @overload
    def __getitem__(self, i: slice) -> tuple[Kink, ...]: ...

    def __getitem__(self, i: int | slice) -> Any:
        """A finding by its number, nodes in topological order."""
        return self._found[i]

    def __str__(self) -> str:
        """A paragraph for each node."""
        by_node: dict[Value, list[Kink]] = {}
        for found in self._found:
            by_node.setdefault(found.node, []).append(found)
        count = wording.count(len(self.graph), "node")
        if not by_node:
            none = f"no node of the {len(self.graph):,} sat at a kink, a tie or an edge"
            return "\n".join([none, *self._unseen()])
        told = [self._told(v, found) for v, found in list(by_node.items())[:_SHOWN]]
        if len(by_node) > _SHOWN:
            told.append(f"… and {wording.count(len(by_node) - _SHOWN, 'more node', 'more nodes')}")
        head = f"{len(by_node):,} of {count} sat at a kink, a tie or an edge"
        return "\n\n".join([head, *told, *self._unseen()])

    def _unseen(self) -> list[str]:
        """What is said of choices whose comparison is not in the graph."""
        choices = [v for v in self.graph.nodes if v._row is where and _is_bare(v.parents[0])]
        if not choices:
            return []
        label = self.graph.label(choices[0])
        many = f" and {len(choices) - 1:,} more" if len(choices) > 1 else ""
        return [
            f"not looked at: how {label}{many} chose, by a comparison outside of the graph; "
            "write gt(x, 0.0)\nin place of x > 0.0 and it is a node"
        ]

    def _told(self, v: Value, found: Sequence[Kink]) -> str:
        label = self.graph.label
        lines = [placed(self.graph, v)]
        lines += [f"  {k.kind} in {label(v.parents[k.slot])}: {_sides(k)}" for k in found]
        lines.append(f"  convention: {found[0].convention}")
        if not v._row.is_comparison:  # type: ignore[union-attr]
            gradient = wording.number(found[0].cotangent)
            so = "" if found[0].mattered else ": it made no difference to any gradient"
            lines.append(f"  the gradient of {label(v)} is {gradient}{so}")
        return "\n".join(paragraph(line, "    ") for line in lines)

    def __repr__(self) -> str:
        """How many there are."""
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


def _is_bare(v: Value) -> bool:
    """Whether a condition came as a bool or a number, of which the graph knows nothing more."""
    return v._row is CONST and not v._name


def kinks(output: Value) -> Kinks:
    """The nodes that sat exactly at a kink, a tie, a jump, a pole or the edge of a domain.

    There the backward pass took a derivative by the convention of the table. Each is told with the
    one-sided derivatives beside the one taken. Not moved are constants, what no derivative flows
    from, and numbers that are not finite (or beyond 8e307). An operand that stands in two slots
    moves in both: `maximum(x, x)` is x, and smooth.

    Args:
        output: the Value whose graph is looked at.

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
    if not isinstance(output, Value):
        raise TypeError(f"kinks() takes a Value, got {type(output).__name__} {output!r}")
    graph = Graph(output)
    check_fresh(graph.nodes)
    cotangents = dict.fromkeys(graph.nodes, UNSET)
    cotangents[output] = 1.0
    pull_back(cotangents)
    return Kinks(graph, _found_in(cotangents))


def _found_in(cotangents: dict[Value, float]) -> Iterator[Kink]:
    varying: set[Value] = set()  # what a derivative flows from to some leaf
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
                if operand in varying and operand not in seen and (rule or row.is_comparison):
                    seen.add(operand)
                    yield from _examined(v, slot, cotangent)


def _examined(v: Value, slot: int, cotangent: float) -> Iterator[Kink]:
    if not abs(v._primals[slot]) < _LARGEST:
        return
    line = _Line(v, slot)
    kind = line.kind()
    if kind is not None:
        left, right = line.limit(0), line.limit(1)
        convention = line.row.convention
        values = line.triple(0)
        yield Kink(v, slot, kind, left, line.here[1], right, convention, values, cotangent)
