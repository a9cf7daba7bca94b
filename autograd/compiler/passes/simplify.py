"""Simplification: a tape in, a shorter tape out that computes the same numbers.

Invariants: the same values, nan and inf included, except that a power of 2 or 3 is written as
products, one of -1/2 by a root (an ulp or two), and that the sign of a zero is not kept. No
addition is reordered. The one place where a derivative differs from the engine's: `1 / (1 +
exp(-z))` becomes sigmoid before it is differentiated, so that its gradient is 0 where exp overflows
and the engine's is nan.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from autograd.compiler.passes.loops import SimplerLoop, Used, results_used, simpler_loop
from autograd.compiler.tracing.loops import EACH, Loop, Which
from autograd.compiler.tracing.tape import (
    CONSTANT,
    INPUT,
    ITEM,
    PARAMETER,
    SCAN,
    STOP,
    Marker,
    Tape,
)  # fmt: skip
from autograd.primitive import Primitive
from autograd.primitives import abs as absolute
from autograd.primitives import add, div, exp, mul, neg, sigmoid, sqrt, sub, where

Node = int
Operands = tuple[Node, ...]


def simplify(
    tape: Tape, outputs: Collection[Node], *, final: bool = True
) -> tuple[Tape, list[Node]]:
    """Return the live part of a tape, simplified, and its outputs.

    Equal expressions become one node, operations on constants become constants. Inputs and
    parameters stay. Before the final pass stopped gradients and powers stay too, because the tape
    is still to be differentiated.
    """
    alive = tape.live(outputs)
    builder = _Builder(tape, final)
    if SCAN in tape.rows:
        builder.used = results_used(tape, alive)
    for node, row in enumerate(tape.rows):
        if alive[node] or row is INPUT or row is PARAMETER:
            builder.copy(node)
    return builder.new, [builder.node_of[node] for node in outputs]


class _Builder:
    """Writes the new tape, each expression once."""

    def __init__(self, old: Tape, final: bool) -> None:
        self.old = old
        self.new = new = Tape()
        new.sources = list(old.sources)
        new._source_numbers = dict(old._source_numbers)
        self.final = final
        self.node_of: dict[Node, Node] = {}
        self.known: dict[tuple[object, Operands], Node] = {}
        self.used: dict[Node, Used] = {}  # the results of loops that something needs
        self.loops: dict[Node, SimplerLoop] = {}  # by the new node
        self.constants: set[Node] = set()
        self.is_finite: set[Node] = set()  # known never to be nan or inf, as a comparison
        self.is_positive: set[Node] = set()  # known to be nan, or from 0.0 (not -0.0) on
        slopes = [old.operands[n][0] for n in old.origins if final and old.rows[n] is sigmoid]
        self.mirrored = {old.operands[x][0] for x in slopes if old.rows[x] is neg}

    def copy(self, node: Node) -> None:
        """Write an old node, unless an equal one is written already."""
        old, new, node_of = self.old, self.new, self.node_of
        row, uses = old.rows[node], old.operands[node]
        new.place, origin = old.places[node], old.origins.get(node)
        new.origin = None if origin is None else node_of.get(origin)
        if row is sigmoid and self.final:
            made = self._shared_sigmoid(node)
        elif row is SCAN:
            made = self._scan(node, tuple([node_of[x] for x in uses]))
        elif row is ITEM:
            made = self._item(node_of[uses[0]], old.payloads[node])
        elif uses:
            made = self.make(row, tuple([node_of[x] for x in uses]), old.payloads.get(node))
        elif row is CONSTANT:
            made = self.constant(old.payloads[node])
        else:
            made = new.leaf(INPUT if row is INPUT else PARAMETER, old.payloads[node])
        node_of[node] = made
        if node in old.names:
            new.names.setdefault(made, old.names[node])
        if node in old.cotangent_of:
            belongs = node_of.get(old.cotangent_of[node])
            if belongs is not None:
                new.note_cotangent(made, belongs)
        new.origin = None

    def _scan(self, node: Node, operands: Operands) -> Node:
        loop: Loop = self.old.payloads[node]
        sources = loop.apart(operands)[2]
        # Outputs of other loops have new numbers.
        outputs = [
            s.output if s.output < 0 else self.loops[s.nodes[0]].place[EACH, s.output]
            for s in sources
        ]  # fmt: skip
        loop = replace(loop, outputs=tuple(outputs))
        simpler = simpler_loop(loop, operands, self.used[node], self.number, simplify, self.final)
        made = self.new.append(SCAN, simpler.operands, simpler.loop)
        self.loops[made] = simpler
        return made

    def _item(self, scan: Node, which: Which) -> Node:
        kind, number, *step = which
        return self.make(ITEM, (scan,), (kind, self.loops[scan].place[kind, number], *step))

    def constant(self, number: float) -> Node:
        node = self.new.constant(number)
        self.constants.add(node)
        if math.isfinite(number):
            self.is_finite.add(node)
        if math.copysign(1.0, number) > 0.0:
            self.is_positive.add(node)
        return node

    def number(self, node: Node) -> float | None:
        """The number of a constant."""
        return self.new.payloads[node] if node in self.constants else None

    def make(
        self, row: Primitive | Marker, operands: Operands, payload: tuple[Any, ...] | None = None
    ) -> Node:
        """Return a node for an operation: a simpler one, an equal one, or a new one."""
        if isinstance(row, Primitive):
            if row is neg or row is where or not self.constants.isdisjoint(operands):
                simpler = self._simpler(row, operands)
                if simpler is not None:
                    return simpler
        elif row is STOP and self.final:
            return operands[0]
        key: tuple[object, Operands] = (payload or row, operands)
        if (row is add or row is mul) and operands[0] > operands[1]:
            key = (row, operands[::-1])
        node = self.known.get(key)
        if node is None:
            node = self.known[key] = self.new.append(row, operands, payload)
            if isinstance(row, Primitive):
                self._note(row, operands, node)
        return node

    def _note(self, row: Primitive, operands: Operands, node: Node) -> None:
        """Note what is known of a new node: that it is finite, or positive."""
        if row in (exp, absolute) or (row is mul and operands[0] == operands[1]) or (
            row in (add, mul, div, sqrt) and self.is_positive.issuperset(operands)
        ):  # fmt: skip
            self.is_positive.add(node)
        if row.is_comparison:
            self.is_finite.add(node)
        elif (
            not self.is_finite.isdisjoint(operands)
            and row in (add, sub, mul, neg, where)
            and self.is_finite.issuperset(operands)
        ):
            # Comparisons and constants: sums and products of a few of them stay finite.
            numbers = [self.number(x) for x in operands]
            if all(x is None or abs(x) <= 1.0 for x in numbers):
                self.is_finite.add(node)

    def _simpler(self, row: Primitive, operands: Operands) -> Node | None:
        numbers = [self.number(x) for x in operands]
        if row is where and operands[1] == operands[2]:
            return operands[1]
        if any(x is not None for x in numbers):
            if None not in numbers:
                return self.constant(row.forward(*numbers))
            rule = getattr(self, f"_{row.name}", None)
            if rule is not None:
                simpler: Node | None = rule(operands, numbers)
                return simpler
        elif row is neg and self.new.rows[operands[0]] is neg:
            return self.new.operands[operands[0]][0]
        return None

    def _shared_sigmoid(self, node: Node) -> Node:
        """Make sigmoid(x), and sigmoid(-x) in its derivative, from one exponential.

        The latter is 0 where exp(x) is inf, and less than any normal number.
        """
        old, node_of = self.old, self.node_of
        (x,) = old.operands[node]
        if x in self.mirrored and self.number(node_of[x]) is None:
            return self.make(sigmoid, (node_of[x], self.make(exp, (node_of[x],))))
        if node in old.origins and old.rows[x] is neg:
            power = self.known.get((exp, (node_of[old.operands[x][0]],)))
            if power is not None:
                one = self.constant(1.0)
                return self.make(div, (one, self.make(add, (one, power))))
        return self.make(sigmoid, (node_of[x],))

    # The rules, by their rows: given the operands and, of those that are constants, the numbers

    def _add(self, x: Operands, c: Sequence[float | None]) -> Node | None:
        for constant, other in (x, x[::-1]):
            number = self.number(constant)
            if number == 0.0 and math.copysign(1.0, number) < 0.0:
                return other
        return None

    def _sub(self, x: Operands, c: Sequence[float | None]) -> Node | None:
        if c[1] == 0.0 and math.copysign(1.0, c[1]) > 0.0:
            return x[0]
        return None

    def _mul(self, x: Operands, c: Sequence[float | None]) -> Node | None:
        number, other = (c[0], x[1]) if c[0] is not None else (c[1], x[0])
        assert number is not None
        if number == 1.0:
            return other
        if number == -1.0:
            return self.make(neg, (other,))
        if number == 0.0 and other in self.is_finite:
            return self.constant(0.0)
        return self._scaled_again(number, other)

    def _scaled_again(self, number: float, other: Node) -> Node | None:
        """c * (d * x) as (c d) * x, where that is exact and d * x cannot have overflowed."""
        if self.new.rows[other] is not mul:
            return None
        first, second = self.new.operands[other]
        inner = self.number(first)
        scaled = second if inner is not None else first
        inner = inner if inner is not None else self.number(second)
        if inner is None or abs(math.frexp(inner)[0]) != 0.5 or not 2.0**-64 < abs(inner) <= 1.0:
            return None  # no power of 2, or one too small
        return self.make(mul, (self.constant(number * inner), scaled))

    def _div(self, x: Operands, c: Sequence[float | None]) -> Node | None:
        if c[1] == 1.0:
            return x[0]
        if c[0] == 1.0 and not self.final:
            return self._written_out_sigmoid(x[1])
        return None

    def _written_out_sigmoid(self, below: Node) -> Node | None:
        """1 / (1 + exp(-z)), if `below` is the denominator of one."""
        rows, operands = self.new.rows, self.new.operands
        if rows[below] is not add:
            return None
        for one, power in (operands[below], operands[below][::-1]):
            if self.number(one) == 1.0 and rows[power] is exp:
                return self.make(sigmoid, (self.make(neg, operands[power]),))
        return None

    def _pow(self, x: Operands, c: Sequence[float | None]) -> Node | None:
        if not self.final:
            return None
        base, exponent = x[0], c[1]
        if exponent == 0.0:
            return self.constant(1.0)
        if exponent == 1.0:
            return base
        if exponent == 2.0:
            return self.make(mul, (base, base))
        if exponent == 3.0:
            return self.make(mul, (self.make(mul, (base, base)), base))
        if exponent == -1.0:
            return self.make(div, (self.constant(1.0), base))
        is_root = base in self.is_positive and exponent in (0.5, -0.5, -1.5)
        return self._power_of_root(base, exponent) if is_root else None

    def _power_of_root(self, base: Node, exponent: float | None) -> Node:
        """The power of a number that is not -0.0 or -inf, of which a root gives another."""
        root = self.make(sqrt, (base,))
        if exponent == 0.5:
            return root
        inverse = self.make(div, (self.constant(1.0), root))
        return inverse if exponent == -0.5 else self.make(div, (inverse, base))

    def _where(self, x: Operands, c: Sequence[float | None]) -> Node | None:
        if c[0] is None:
            return None
        return x[1] if c[0] != 0.0 else x[2]
