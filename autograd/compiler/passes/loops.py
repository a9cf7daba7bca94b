"""Loops, simplified: a step without what no one needs, and with the numbers that it knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autograd.compiler.tracing.loops import CARRY, EACH, LAST, OUTER, SUM, Loop, X
from autograd.compiler.tracing.tape import CONSTANT, INPUT, ITEM, SCAN, Tape

Node = int
Used = set[tuple[str, int]]
Simplify = Callable[..., tuple[Tape, list[Node]]]


def results_used(tape: Tape, alive: Sequence[int]) -> dict[Node, Used]:
    """The results of each loop that something needs, as (LAST | EACH | SUM, number)."""
    used: dict[Node, Used] = {}
    for node, row in enumerate(tape.rows):
        if not alive[node]:
            continue
        if row is ITEM:
            used.setdefault(tape.operands[node][0], set()).add(tape.payloads[node][:2])
        elif row is SCAN:
            used.setdefault(node, set())
            for source in tape.payloads[node].apart(tape.operands[node])[2]:
                if source.output >= 0:
                    used.setdefault(source.nodes[0], set()).add((EACH, source.output))
    return used


class SimplerLoop:
    """A loop with its operands, simplified."""

    def __init__(
        self, loop: Loop, operands: Sequence[Node], used: Used,
        number: Callable[[Node], float | None], simplify: Simplify, final: bool,
    ) -> None:  # fmt: skip
        self.loop = loop
        self.first, self.outer, self.sources = loop.apart(operands)
        body = self._with_known_numbers(number)
        self.place: dict[tuple[str, int], int] = {}  # of a result that is kept, its new number
        needed = self._needed(body, used)
        results = [which for kind in (LAST, EACH, SUM) for which in needed if which[0] == kind]
        tape, nodes = simplify(body, [self._node(which) for which in results], final=final)
        of_kind: dict[str, list[Node]] = {LAST: [], EACH: [], SUM: []}
        for which, node in zip(results, nodes, strict=True):
            self.place[which] = len(of_kind[which[0]])
            of_kind[which[0]].append(node)
        carry = [i for kind, i in results if kind == LAST]
        self._renumber(tape, nodes, carry)
        self.made = replace(
            loop, body=tape, carry=tuple(of_kind[LAST]), each=tuple(of_kind[EACH]),
            sums=tuple(of_kind[SUM]), outer=len(self.new_outer),
            outputs=tuple(source.output for source in self.new_sources), integers=self.integers,
        )  # fmt: skip
        self.operands = (
            *(self.first[i] for i in carry), *self.new_outer,
            *(n for source in self.new_sources for n in source.nodes),
        )  # fmt: skip

    def _node(self, which: tuple[str, int]) -> Node:
        kind, i = which
        return {LAST: self.loop.carry, EACH: self.loop.each, SUM: self.loop.sums}[kind][i]

    def _with_known_numbers(self, number: Callable[[Node], float | None]) -> Tape:
        """The body, what is one number at every step being an outer one, or a constant."""
        body = self.loop.body.copied()
        self.outer = list(self.outer)
        for node, row in enumerate(body.rows):
            if row is not INPUT:
                continue
            group, i = body.payloads[node]
            if (group, i) in self.loop.integers:
                continue
            if group == X and self.sources[i].output < 0 and len(set(self.sources[i].nodes)) == 1:
                self.outer.append(self.sources[i].nodes[0])
                group, i = body.payloads[node] = OUTER, len(self.outer) - 1
            known = number(self.outer[i]) if group == OUTER else None
            if known is not None:
                body.rows[node], body.payloads[node] = CONSTANT, known
        return body

    def _needed(self, body: Tape, used: Used) -> list[tuple[str, int]]:
        """The results that are used, and the carries that they depend on."""
        leaves = {body.payloads[n]: n for n, row in enumerate(body.rows) if row is INPUT}
        needed = dict.fromkeys(sorted(used))
        while True:
            alive = body.live(self._node(which) for which in needed)
            more = [
                (LAST, i) for i in range(len(self.loop.carry))
                if (LAST, i) not in needed and alive[leaves.get((CARRY, i), 0)]
                and (CARRY, i) in leaves
            ]  # fmt: skip
            if not more:
                return sorted(needed)
            needed.update(dict.fromkeys(more))

    def _renumber(self, tape: Tape, results: Sequence[Node], carry: Sequence[int]) -> None:
        """Number the inputs that the step still has, from 0 on; the others are nothing."""
        alive = tape.live(results)
        self.new_outer: list[Node] = []
        self.new_sources: list[Any] = []
        integers = set()
        places = {i: place for place, i in enumerate(carry)}
        for node, row in enumerate(tape.rows):
            if row is not INPUT:
                continue
            group, i = key = tape.payloads[node]
            if not alive[node]:
                tape.rows[node], tape.payloads[node] = CONSTANT, 0.0
                continue
            if group == CARRY:
                tape.payloads[node] = CARRY, places[i]
            elif group == OUTER:
                self.new_outer.append(self.outer[i])
                tape.payloads[node] = OUTER, len(self.new_outer) - 1
            else:
                self.new_sources.append(self.sources[i])
                tape.payloads[node] = X, len(self.new_sources) - 1
            if key in self.loop.integers:
                integers.add(tape.payloads[node])
        self.integers = frozenset(integers)
