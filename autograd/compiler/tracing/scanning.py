"""Recording a scan: its step is recorded once, and becomes one node of the tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, compress
from numbers import Integral
from typing import Any

from autograd import modes
from autograd.compiler.tracing.loops import (
    CARRY,
    EACH,
    LAST,
    OUTER,
    Loop,
    X,
    append_item,
    append_scan,
)  # fmt: skip
from autograd.compiler.tracing.nesting import Nest, nested
from autograd.compiler.tracing.tape import CONSTANT, INPUT, Tape
from autograd.compiler.tracing.trace import TapeTrace
from autograd.compiler.tracing.tracer import Tracer
from autograd.errors import IndexRangeError
from autograd.primitive import Primitive
from autograd.system.source import users_line
from autograd.value import Value

Node = int


class LoopTrace(TapeTrace):
    """A trace that records scans."""

    def scan(
        self, step: Callable[..., Any], init: Any, items: Sequence[Any], keeps: bool
    ) -> tuple[Any, list[Any]]:
        """Record a step, and write the loop; return the last carry and each step's outputs."""
        shape, first = nested(init)
        if not items:
            return init, []
        nest, given = _columns(items)
        inner = StepTrace(self, len(given))
        carry = [inner.input_of(CARRY, i, f"carry{i}") for i in range(shape.size)]
        xs = [inner.input_of(X, j, f"x{j}", self._choose(c)) for j, c in enumerate(given)]
        self.inner = inner
        try:
            with modes.traced_by(inner):
                (last, output), _ = step(shape.build(carry), nest and nest.build(xs), shape)
            carried = tuple(map(inner.node_of, nested(last)[1]))
            made = None if output is None else nested(output)
            each = () if made is None else tuple(map(inner.node_of, made[1]))
        finally:
            self.inner = None
            inner.end()
        given += [
            inner.computed(node, given, len(items))
            for node in inner.indices
            if node not in inner.chosen
        ]
        loop = Loop(
            inner.tape, len(items), carried, each, (), len(inner.outer), (-1,) * len(given),
            frozenset(inner.chosen.values()), keeps=keeps,
        )  # fmt: skip
        columns = [[self.node_of(x) for x in column] for column in given]
        outer = list(inner.outer)
        for group, number in loop.integers:
            of = columns[number] if group == X else outer
            for i in range(len(of)) if group == X else (number,):
                of[i] = of[i] if self.tape.rows[of[i]] is CONSTANT else self._index(of[i])
        operands = (*map(self.node_of, first), *outer, *chain(*columns))
        _check_constants(self.tape, loop, operands)
        self._mark()
        node = append_scan(self.tape, loop, operands)

        def item(*which: Any) -> Any:
            result = Tracer(self, append_item(self.tape, node, which))
            return result if modes.recording() else self.stop(result)

        outputs = [
            made and made[0].build([item(EACH, j, t) for j in range(len(each))])
            for t in range(len(items))
        ]
        return shape.build([item(LAST, i) for i in range(len(carried))]), outputs

    def _choose(self, column: Sequence[Any]) -> bool:
        """True if what an item is at each step may choose: integers, plain or of an input."""
        return all(
            self.node_of(x) in self._integers if isinstance(x, Tracer)
            else isinstance(x, Integral) and not isinstance(x, Value)
            for x in column
        )  # fmt: skip


class StepTrace(LoopTrace):
    """Records a step of a scan; outer numbers that it uses become inputs of its tape."""

    def __init__(self, outside: TapeTrace, items: int) -> None:
        super().__init__()
        self.outside, self.items = outside, items
        self._made = outside._made
        self.outer: dict[Node, Node] = {}  # nodes of the outside tape, and their leaves here
        self.chosen: dict[Node, tuple[int, int]] = {}  # the leaves by which the step chooses

    def input_of(self, group: int, number: int, name: str, is_integer: bool = False) -> Tracer:
        """Write an input of the step."""
        node = self.tape.leaf(INPUT, (group, number))
        self.tape.names[node] = name
        self._integers.update([node] if is_integer else [])
        return Tracer(self, node)

    def node_of(self, x: Any) -> Node:
        """The node of a number of the step, or of an outer one."""
        if isinstance(x, Tracer) and x._trace is self:
            return x._node
        if not isinstance(x, Value):
            return super().node_of(x)
        node, tape = self.outside.node_of(x), self.outside.tape
        if tape.rows[node] is CONSTANT:
            return self.tape.constant(tape.payloads[node])
        if node not in self.outer:
            name, number = tape.names.get(node, "outer"), len(self.outer)
            leaf = self.input_of(OUTER, number, name, node in self.outside._integers)
            self.outer[node] = leaf._node
        return self.outer[node]

    def _index(self, node: Node) -> Node:
        """The input by which to choose; what is computed becomes one, as an item of its own."""
        if node not in self.indices:
            leaf = node
            if self.tape.rows[node] is not INPUT:
                computed = len(self.indices) - len(self.chosen)
                leaf = self.input_of(X, self.items + computed, "index", True)._node
            else:
                self.chosen[node] = self.tape.payloads[node]
            self.indices[node] = leaf
        return self.indices[node]

    def computed(self, node: Node, given: Sequence[Sequence[Any]], length: int) -> list[Any]:
        """Compute an integer for every step outside of the loop."""
        tape = self.tape
        outer = {leaf: outside for outside, leaf in self.outer.items()}
        self.chosen[node] = tape.payloads[self.indices[node]]
        alive, column = tape.live([node]), []
        for t in range(length):
            numbers: dict[Node, Any] = {}
            for x in compress(range(node + 1), alive):
                row = tape.rows[x]
                if x in outer:
                    numbers[x] = Tracer(self.outside, outer[x])
                elif row is INPUT:
                    numbers[x] = given[tape.payloads[x][1]][t]
                else:
                    known = tape.payloads.get(x)
                    operands = [numbers[n] for n in tape.operands[x]]
                    numbers[x] = row(*operands) if isinstance(row, Primitive) else known
            column.append(numbers[node])
        return column


def _columns(items: Sequence[Any]) -> tuple[Nest | None, list[list[Any]]]:
    """What the steps get: the shape that all have, and for each number those of every step."""
    if items[0] is None:
        return None, []
    nests, rows = zip(*map(nested, items), strict=True)
    for nest in nests:
        if nest != nests[0]:
            raise ValueError(f"what the steps of scan get has one shape, got {nests[0]} and {nest}")
    return nests[0], [list(column) for column in zip(*rows, strict=True)]


def _check_constants(tape: Tape, loop: Loop, operands: Sequence[Node]) -> None:
    """Raise IndexRangeError for a plain integer that chooses outside of the values."""
    for node, bound in loop.choosers(operands).items():
        if tape.rows[node] is CONSTANT and not 0 <= tape.payloads[node] < bound:
            raise IndexRangeError(
                f"index {tape.payloads[node]:g} is outside the {bound} values 0..{bound - 1} that "
                f"autograd.take chooses from\n  at {users_line()}"
            )
