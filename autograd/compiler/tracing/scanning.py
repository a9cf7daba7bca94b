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
)  # fmt: skip
from autograd.compiler.tracing.nesting import Nest, nested
from autograd.compiler.tracing.tape import CONSTANT, INPUT, ITEM, SCAN, Tape
from autograd.compiler.tracing.trace import TapeTrace
from autograd.compiler.tracing.tracer import Tracer, refuse
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
        inner = StepTrace(self, given, len(items))
        carry = [inner.input_of(CARRY, i, f"carry{i}") for i in range(shape.size)]
        xs = [inner.input_of(X, j, f"x{j}", self._choose(c)) for j, c in enumerate(given)]
        self.inner = inner
        try:
            with modes.traced_by(inner):
                last, output = step(shape.build(carry), nest.build(xs), shape)
            carried = tuple(map(inner.node_of, nested(last)[1]))
            made, numbers = nested(output)
            each = tuple(map(inner.node_of, numbers))
        finally:
            self.inner = None
            inner.end()
        loop = Loop(
            inner.tape, len(items), carried, each, (), len(inner.outer), (-1,) * len(given),
            frozenset(inner.chosen), keeps=keeps,
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
        node = self.tape.append(SCAN, operands, loop)

        def item(*which: Any) -> Any:
            result = Tracer(self, self.tape.append(ITEM, (node,), which))
            return result if modes.recording() else self.stop(result)

        outputs = [
            made.build([item(EACH, j, t) for j in range(len(each))]) for t in range(len(items))
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

    inputs_differ = "differs from step to step, of which scan records one"

    def __init__(self, outside: TapeTrace, given: list[list[Any]], length: int) -> None:
        super().__init__()
        self.outside, self.length = outside, length
        self.given = given  # by item, then by step; computed indices are added
        self._made = outside._made
        self.outer: dict[Node, Node] = {}  # nodes of the outside tape, and their leaves here
        self.chosen: set[tuple[int, int]] = set()  # the inputs by which the step chooses

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
                order = [*compress(range(node + 1), self.tape.live([node]))]
                self.given.append([self._computed(order, t) for t in range(self.length)])
                leaf = self.input_of(X, len(self.given) - 1, "index", True)._node
            self.chosen.add(self.tape.payloads[leaf])
            self.indices[node] = leaf
        return self.indices[node]

    def _computed(self, order: Sequence[Node], step: int) -> Any:
        """Compute nodes for a step, outside of the loop, and return the last: an integer."""
        tape, numbers = self.tape, dict[Node, Any]()
        outer = {leaf: Tracer(self.outside, outside) for outside, leaf in self.outer.items()}
        for x in order:
            row, operands = tape.rows[x], [numbers[n] for n in tape.operands[x]]
            if x in outer:
                numbers[x] = outer[x]
            elif row is INPUT:
                numbers[x] = self.given[tape.payloads[x][1]][step]
            else:
                numbers[x] = row(*operands) if isinstance(row, Primitive) else tape.payloads[x]
        return numbers[order[-1]]

    def gradients(self, output: Any, inputs: list[Any], create_graph: bool) -> list[Any]:
        """The derivatives of an output within the step.

        Raises TracerError where they would lack what flows through earlier steps, or outside.
        """
        if isinstance(output, Tracer) and output._trace is not self:
            found: list[Any] = self.outside.gradients(output, inputs, create_graph)
            return found
        tape, wanted = self.tape, {self.node_of(v) for v in inputs}
        known = wanted | self._integers  # through integers no derivative flows
        used = compress(range(len(tape)), tape.live([self.node_of(output)]))
        others = [x for x in used if tape.rows[x] is INPUT and x not in known]
        is_outer = any(tape.payloads[x][0] == OUTER for x in wanted if tape.rows[x] is INPUT)
        if is_outer and any(map(self._is_computed, others)):
            refuse(
                "the derivative for a number from outside of the loop, of what depends on the "
                "carry or on other computed numbers, is not all in this step",
                "call gradients after the loop, or carry along what it needs",
            )
        return super().gradients(output, inputs, create_graph)

    def _is_computed(self, leaf: Node) -> bool:
        """True for an input of the step that outer numbers may lead to."""
        group, number = self.tape.payloads[leaf]
        if group == CARRY:
            return True
        if group == OUTER:
            nodes = [node for node, own in self.outer.items() if own == leaf]
        else:
            nodes = [self.outside.node_of(x) for x in self.given[number]]
        return any(self.outside.tape.operands[node] for node in nodes)


def _columns(items: Sequence[Any]) -> tuple[Nest, list[list[Any]]]:
    """What the steps get: the shape that all have, and for each number those of every step."""
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
