"""`TapeTrace`: writes operations on a tape while a function is recorded."""

from __future__ import annotations

import functools
import operator
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, NoReturn

from autograd import modes
from autograd.backward import topological_order
from autograd.compiler.tracing.differentiate import differentiate
from autograd.compiler.tracing.integers import keeps_integers
from autograd.compiler.tracing.nesting import InputSpec
from autograd.compiler.tracing.tape import CONSTANT, INPUT, PARAMETER, STOP, TAKE, Tape
from autograd.compiler.tracing.tracer import Tracer, refuse
from autograd.errors import IndexRangeError
from autograd.floats.ieee import real
from autograd.primitive import CONST, Primitive
from autograd.primitives import add, mul
from autograd.system.source import calling_frame, place_of, users_line
from autograd.value import Value, constant

_new = Tracer.__new__


class TapeTrace:
    """A tape that is being written, and the places of leaves on it."""

    inputs_differ = "differs from example to example"

    def __init__(self, tape: Tape | None = None) -> None:
        self.tape = Tape() if tape is None else tape
        self.parameters: dict[Value, int] = {}  # leaves that existed before, in order
        self.indices: dict[int, int] = {}  # for an index the input that it is, or becomes
        self.inputs: list[InputSpec] = []  # those of the function, then the computed indices
        self._integers: set[int] = set()  # nodes that are integer inputs, or computed from such
        self._made: dict[int, Value] = {}  # leaves that the function made; kept, so ids are theirs
        self.imported: list[Value] = []
        self._imported: dict[Value, int] = {}
        self._places: dict[tuple[CodeType, int], int] = {}
        self._caller: FrameType | None = None
        self._instruction = -1
        self._marks = True
        self.is_over = False
        self.inner: TapeTrace | None = None  # that records a step of a scan, at the moment

    def on(self, tape: Tape) -> TapeTrace:
        """A trace on another tape, such as that of a step."""
        return TapeTrace(tape)

    def input(self, number: int, element: int, name: str) -> Tracer:
        """Write an element of an input and return its tracer."""
        node = self.tape.leaf(INPUT, (number, element))
        self.tape.names[node] = name
        if self.inputs[number].is_integer:
            self._integers.add(node)
        return Tracer(self, node)

    def record(self, row: Primitive, operands: tuple[Any, ...]) -> Any:
        """Write an operation, or compute it if all operands are constants."""
        if self.is_over:
            self._refuse_stranger()
        if self.inner and any(isinstance(x, Tracer) and x._trace is not self for x in operands):
            return self.inner.record(row, operands)
        tape = self.tape
        rows = tape.rows
        nodes: tuple[int, ...]
        if len(operands) == 2:  # most: spelled out for speed
            x, z = operands
            n = x._node if type(x) is Tracer and x._trace is self else self.node_of(x)
            m = z._node if type(z) is Tracer and z._trace is self else self.node_of(z)
            nodes = n, m
            is_constant = rows[n] is CONSTANT and rows[m] is CONSTANT
        else:
            nodes = tuple(map(self.node_of, operands))
            is_constant = all([rows[node] is CONSTANT for node in nodes])
        if is_constant:
            return constant(row.forward(*[tape.payloads[node] for node in nodes]))
        caller = sys._getframe(2)  # below is the operator
        if caller is not self._caller or caller.f_lasti != self._instruction:
            self._mark()
            self._caller, self._instruction = caller, caller.f_lasti  # runs on, as in a sum
        result: Tracer = _new(Tracer)
        result._trace, result._node = self, tape.append(row, nodes)
        if self._integers and not self._integers.isdisjoint(nodes):
            self._note_integer(row, nodes, result._node)
        return result if modes.recording() else self.stop(result)

    def inner_product(self, left: Sequence[Any], right: Sequence[Any]) -> Any:
        """Write left0 * right0 + left1 * right1 + … as the operators do, in a third of the time."""
        self._mark()
        tape, node_of = self.tape, self.node_of
        rows, append = tape.rows, tape.append
        total = -1
        for x, z in zip(left, right, strict=True):
            n, m = node_of(x), node_of(z)
            if rows[n] is CONSTANT and rows[m] is CONSTANT:
                return functools.reduce(operator.add, map(operator.mul, left, right))
            product = append(mul, (n, m))
            total = product if total < 0 else append(add, (total, product))
        return Tracer(self, total)

    def _note_integer(self, row: Primitive, operands: Sequence[int], node: int) -> None:
        """Note a node that is an integer, because it is computed from integers alone."""
        others = [x for x in operands if x not in self._integers]
        are_constants = all([self.tape.rows[x] is CONSTANT for x in others])
        if are_constants and all([self.tape.payloads[x] % 1 == 0 for x in others]):
            self._integers.update([node] if keeps_integers(row) else [])

    def end(self) -> None:
        """End the recording: what is written from now on is no part of the function."""
        self.is_over, self._caller = True, None  # a frame would keep the caller's arrays

    def _mark(self) -> None:
        """Note the user's line as the place of what is written next."""
        self._caller = None
        if not self._marks:
            return
        frame = calling_frame()
        key = (frame.f_code, frame.f_lasti)
        number = self._places.get(key)
        if number is None:
            number = self._places[key] = self.tape.source(place_of(frame))
        self.tape.place = number

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Leave the place in the source to the caller."""
        before, self._marks = (self._marks, self.tape.place, self.tape.origin), False
        try:
            yield
        finally:
            self._marks, self.tape.place, self.tape.origin = before

    def node_of(self, x: Any) -> int:
        """The node of a tracer, a Value or a number."""
        if isinstance(x, Tracer):
            if x._trace is not self:
                self._refuse_stranger()
            return x._node
        if isinstance(x, Value):
            return self._leaf(x) if x._p0 is None else self._import(x)
        return self.tape.constant(real(x))

    @staticmethod
    def _refuse_stranger() -> NoReturn:
        refuse(
            "a tracer of another recording is used here",
            "do not keep what a compiled function computes in a variable outside it: return it",
        )

    def _leaf(self, v: Value) -> int:
        node = self.parameters.get(v)
        if node is None:
            if v._row is CONST or id(v) in self._made:
                return self.tape.constant(v._float)
            node = self.parameters[v] = self.tape.leaf(PARAMETER, len(self.parameters))
            if v._name:
                self.tape.names[node] = v._name
        return node

    def _import(self, v: Value) -> int:
        """Write a graph that was computed before recording, from its leaves on."""
        if v not in self._imported:
            self.imported.append(v)
            self._mark()
            for node in topological_order([v]):
                if node not in self._imported:
                    operands = tuple(map(self._imported.__getitem__, node.parents))
                    if node._row is None or not operands:
                        written = self._leaf(node)
                    else:
                        written = self.tape.append(node._row, operands)
                    self._imported[node] = written
                    if node.name and operands:
                        self.tape.names[written] = node.name
        return self._imported[v]

    # The methods of modes.Trace

    def stop(self, v: Any) -> Any:
        """Return the same number, through which no gradient flows."""
        node = self.node_of(v)
        if self.tape.rows[node] is CONSTANT:
            return constant(self.tape.payloads[node])
        if node in self._integers:  # no gradient flows anyway, and it stays an index
            return v
        self._mark()
        return Tracer(self, self.tape.append(STOP, (node,)))

    def read(self, v: Value) -> float:
        """The data of a constant. Raises TracerError for a parameter: it would be frozen."""
        if v._row is CONST or id(v) in self._made:
            return v._float
        return refuse(
            f"the data of {v.name or v._row or 'a parameter'!r} would be frozen into the program",
            "compute with the Value itself; v.detach() stops its gradient; read the number before "
            "the function and pass it as a keyword argument if it is meant to stay",
        )

    def written(self, v: Value) -> None:
        """Raise TracerError for a leaf that the function did not make."""
        if id(v) not in self._made:
            refuse(
                f"{v.name or 'a Value'!r} would be assigned while the function is recorded",
                "assign data outside the compiled function: every call reads the parameters anew",
            )

    def made(self, v: Value) -> None:
        """Note a leaf that the function made: it is a constant of the program."""
        self._made[id(v)] = v

    def gradients(self, output: Any, inputs: list[Any], create_graph: bool) -> list[Any]:
        """The derivatives of an output, written on the tape."""
        self._mark()
        wanted = [self.node_of(v) for v in inputs]
        nodes = differentiate(self, self.node_of(output), wanted)
        results = [constant(0.0) if node is None else Tracer(self, node) for node in nodes]
        if create_graph and modes.recording():
            return results
        return [self.stop(g) for g in results]

    def take(self, values: list[Any], index: Tracer) -> Tracer:
        """The value at an index. Raises TracerError for one that is no integer of the inputs."""
        node = self.node_of(index)
        if node not in self._integers:
            refuse(
                f"{index!r} is no index",
                "an index of autograd.take is an element of an integer input, or computed of such "
                "by +, -, *, //, %, clip and comparisons; X.astype(int) makes integers",
            )
        if not values:
            raise IndexRangeError(f"autograd.take from no values\n  at {users_line()}")
        self._mark()
        candidates = map(self.node_of, values)
        return Tracer(self, self.tape.append(TAKE, (self._index(node), *candidates)))

    def _index(self, node: int) -> int:
        """The input that an integer is; one that is computed becomes an input of the program."""
        if self.tape.rows[node] is INPUT:
            self.indices[node] = node
        elif node not in self.indices:
            tape, row = self.tape, self.tape.rows[node]
            assert isinstance(row, Primitive)
            parts = [tape.names.get(x, tape.payloads.get(x, "…")) for x in tape.operands[node]]
            name = row.written([f"{x:g}" if isinstance(x, float) else x for x in parts])
            self.inputs.append(InputSpec(name, (), True))
            self.indices[node] = tape.leaf(INPUT, (len(self.inputs) - 1, 0))
            tape.names[self.indices[node]] = name
        return self.indices[node]
