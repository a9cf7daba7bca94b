"""Loops on the tape: a scan is one node, with the tape of one step as its payload.

The operands of a SCAN are the first carry, the outer numbers that a step uses, and what each step
gets: for each item a node for every step, or another SCAN whose output it is. Its results are
ITEMs: a number of the last carry, an output of a step, or a sum over the steps, which is what the
gradient for an outer number is. The gradient of a loop is a loop, in the other direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, NamedTuple, TypeAlias

from autograd.compiler.tracing.tape import CONSTANT, INPUT, SCAN, Tape
from autograd.primitives import add, mul, where

Node = int
CARRY, X, OUTER = range(3)  # the inputs of the tape of a step, by their number
LAST, EACH, SUM = "last", "each", "sum"  # what an ITEM is
Which: TypeAlias = tuple[Any, ...]  # (LAST, i), (EACH, j, step) or (SUM, k)


class Source(NamedTuple):
    """Where the numbers of an item come from: a node for each step, or an output of a SCAN."""

    nodes: tuple[Node, ...]
    output: int = -1  # of the only node, which is a SCAN; -1 for a node for each step


@dataclass(frozen=True)
class Loop:
    """The payload of a SCAN: what a step computes, and how often."""

    body: Tape  # its leaves are INPUTs (CARRY | X | OUTER, number)
    length: int
    carry: tuple[Node, ...]  # nodes of the body: the new carry,
    each: tuple[Node, ...]  # the outputs of a step,
    sums: tuple[Node, ...]  # and what is added up over the steps
    outer: int  # the number of outer numbers
    outputs: tuple[int, ...]  # for each item the output of the SCAN that it is, or -1
    integers: frozenset[tuple[int, int]] = frozenset()  # of the leaves, those that may choose
    is_reversed: bool = False  # the last step first
    keeps: bool = True  # what a step computed is kept for its gradient, not only the carry

    def apart(
        self, operands: Sequence[Node]
    ) -> tuple[Sequence[Node], Sequence[Node], list[Source]]:
        """The operands: the first carry, the outer numbers, the source of each item."""
        first = len(self.carry)
        end = first + self.outer
        sources = []
        for output in self.outputs:
            count = self.length if output < 0 else 1
            sources.append(Source(tuple(operands[end : end + count]), output))
            end += count
        return operands[:first], operands[first : first + self.outer], sources

    def fed(
        self, first: Sequence[Node], outer: Sequence[Node], sources: Sequence[Source]
    ) -> tuple[Loop, tuple[Node, ...]]:
        """The loop that gets these, and its operands, which `apart` takes apart."""
        outputs = tuple([source.output for source in sources])
        columns = [node for source in sources for node in source.nodes]
        return replace(self, outer=len(outer), outputs=outputs), (*first, *outer, *columns)

    def choosers(self, operands: Sequence[Node]) -> dict[Node, int]:
        """The operands by which steps choose, each with the least number of candidates."""
        _, outer, sources = self.apart(operands)
        least: dict[Node, int] = {}
        for leaf, bound in self.body.choosers().items():
            group, number = self.body.payloads[leaf]
            for node in sources[number].nodes if group == X else (outer[number],):
                least[node] = min(bound, least.get(node, bound))
        return least

    def results(self) -> dict[tuple[str, int], Node]:
        """The nodes of the body that ITEMs are results of, by the kind of these and a number."""
        kinds = {LAST: self.carry, EACH: self.each, SUM: self.sums}
        return {(kind, i): node for kind in kinds for i, node in enumerate(kinds[kind])}


# The gradient

Differentiate: TypeAlias = Callable[..., list[Any]]
Cotangents: TypeAlias = dict[Which, Any]  # nodes of results; (EACH, j): [(a SCAN, its output) …]


class _Gradient:
    """Writes the loop that sends the cotangents of a loop's results to its operands."""

    def __init__(self, trace: Any, node: Node, given: Cotangents, carries: bytearray) -> None:
        self.tape: Tape = trace.tape
        self.node, self.given = node, given
        loop: Loop = self.tape.payloads[node]
        self.loop = loop
        self.first, self.outer, self.sources = loop.apart(self.tape.operands[node])
        self.trace = trace.on(loop.body.copied())
        self.body: Tape = self.trace.tape  # first a copy of the step's, then its gradient
        self.end = len(self.body)
        self.leaves = loop.body.inputs()
        self.columns: list[Source] = []  # of the new loop's items
        self.shared: list[Node] = []  # its outer numbers
        floats = {key: leaf for key, leaf in self.leaves.items() if key not in loop.integers}
        self.wanted = [
            key for key in floats
            if key[0] == CARRY
            or (key[0] == OUTER and carries[self.outer[key[1]]])
            or (key[0] == X and any(carries[n] for n in self.sources[key[1]].nodes))
        ]  # fmt: skip

    def column(self, source: Source) -> tuple[int, int]:
        """Let the gradient's step get an item; return the input that it is."""
        self.columns.append(source)
        return X, len(self.columns) - 1

    def shares(self, node: Node) -> tuple[int, int]:
        """The same for an outer number."""
        self.shared.append(node)
        return OUTER, len(self.shared) - 1

    def cotangents(self) -> Iterator[tuple[tuple[bool, ...], Node]]:
        """The results of a step times their cotangents, and the steps that have one; () for all."""
        loop, zero = self.loop, self.tape.constant(0.0)

        def times(result: Node, key: tuple[int, int]) -> Node:
            return self.body.append(mul, (result, self.body.leaf(INPUT, key)))

        for i, result in enumerate(loop.carry):
            yield (), times(result, (CARRY, i))
        for j, result in enumerate(loop.each):
            nodes = [self.given.get((EACH, j, t)) for t in range(loop.length)]
            there = tuple([n is not None for n in nodes])
            if any(there):
                source = Source(tuple([zero if n is None else n for n in nodes]))
                yield () if all(there) else there, times(result, self.column(source))
            for scan, output in self.given.get((EACH, j), ()):
                yield (), times(result, self.column(Source((scan,), output)))
        for k, result in enumerate(loop.sums):
            if (SUM, k) in self.given:
                yield (), times(result, self.shares(self.given[SUM, k]))

    def slopes(self, differentiate: Differentiate) -> dict[tuple[int, int], Node | None]:
        """The derivatives for what is wanted, in the body.

        Where steps have no cotangent of a result, nothing is sent: 0 times an infinity is nan.
        """
        body, zero = self.body, self.body.constant(0.0)
        groups: dict[tuple[bool, ...], list[Node]] = {}
        for steps, term in self.cotangents():
            groups.setdefault(steps, []).append(term)
        slopes: dict[tuple[int, int], Node | None] = dict.fromkeys(self.wanted)
        for steps, terms in groups.items():
            total = reduce(lambda x, z: body.append(add, (x, z)), terms)
            found = differentiate(self.trace, total, [self.leaves[key] for key in self.wanted])
            flags = tuple([self.tape.constant(float(flag)) for flag in steps])
            flag = body.leaf(INPUT, self.column(Source(flags))) if steps and any(found) else -1
            for key, node in zip(self.wanted, found, strict=True):
                before = slopes[key]
                if node is not None:
                    node = body.append(where, (flag, node, zero)) if steps else node
                    slopes[key] = node if before is None else body.append(add, (before, node))
        return slopes

    def run(self, differentiate: Differentiate) -> Iterator[tuple[Any, Any]]:
        """Write the loop; yield operands with their contributions, and outputs of other SCANs."""
        body, loop = self.body, self.loop
        slopes, zero = self.slopes(differentiate), body.constant(0.0)
        carry = [slopes.get((CARRY, i)) for i in range(len(loop.carry))]
        xs = [key for key in self.wanted if key[0] == X and slopes[key] is not None]
        outer = [key for key in self.wanted if key[0] == OUTER and slopes[key] is not None]
        wanted = [*carry, *(slopes[key] for key in xs + outer)]
        tape, made, integers, kept = self.without_the_step(
            [zero if n is None else n for n in wanted]
        )
        self.tape.payloads[self.node] = replace(loop, each=loop.each + tuple(kept))
        for (_, number), node in zip(outer, made[len(made) - len(outer) :], strict=True):
            name = loop.body.names.get(self.leaves[OUTER, number])
            if name and tape.operands[node]:
                tape.names.setdefault(node, f"d{name}")
        end = len(carry) + len(xs)
        back = replace(
            loop, body=tape, carry=tuple(made[: len(carry)]), each=tuple(made[len(carry) : end]),
            sums=tuple(made[end:]), integers=integers, is_reversed=not loop.is_reversed,
        )  # fmt: skip
        starts = [self.given.get((LAST, i), self.tape.constant(0.0)) for i in range(len(carry))]
        fed, operands = back.fed(starts, self.shared, self.columns)
        scan = self.tape.append(SCAN, operands, fed)
        for i, node in enumerate(self.first):
            yield node, (scan, (LAST, i))
        for j, (_, number) in enumerate(xs):
            nodes, output = self.sources[number]
            for t, node in enumerate(nodes):
                yield (node, (EACH, output)) if output >= 0 else node, (scan, (EACH, j, t))
        for k, (_, number) in enumerate(outer):
            yield self.outer[number], (scan, (SUM, k))

    def without_the_step(
        self, results: Sequence[Node]
    ) -> tuple[Tape, list[Node], frozenset[tuple[int, int]], list[Node]]:
        """The body of the gradient alone: what it needs of the step becomes an input of it.

        That is what the step got or, of a loop that keeps, what it computed. Returns the tape, its
        results, its inputs that may choose, and the nodes of the step that are to be outputs of it.
        """
        old, new, loop = self.body, Tape(), self.loop
        new.sources, new._source_numbers = old.sources, old._source_numbers
        alive, needed = old.live(results), self.needed(results)
        kept: list[Node] = []
        node_of: dict[Node, Node] = {}
        integers = set()
        for node, row in enumerate(old.rows):
            is_of_step = node < self.end
            is_kept = is_of_step and loop.keeps and row is not SCAN
            if not alive[node] or (is_of_step and loop.keeps and node not in needed):
                continue
            new.place = old.places[node]
            if row is CONSTANT:
                node_of[node] = new.constant(old.payloads[node])
            elif row is INPUT or is_kept:
                key = self.input_for(node, kept) if is_of_step else old.payloads[node]
                if is_of_step and old.payloads.get(node) in loop.integers and row is INPUT:
                    integers.add(key)
                node_of[node] = new.leaf(INPUT, key)
            else:
                operands = tuple([node_of[x] for x in old.operands[node]])
                node_of[node] = new.append(row, operands, old.payloads.get(node))
            if node in old.names:
                new.names[node_of[node]] = old.names[node]
        return new, [node_of[node] for node in results], frozenset(integers), kept

    def needed(self, results: Sequence[Node]) -> set[Node]:
        """The nodes of the step that the gradient reads."""
        old = self.body
        alive = old.live(results)
        ours = [node for node in range(self.end, len(old)) if alive[node]]
        needed = {x for node in ours for x in old.operands[node]} | set(results)
        for node in range(self.end - 1, -1, -1):  # a loop within the step runs a second time
            if node in needed and old.rows[node] is SCAN:
                needed.update(old.operands[node])
        return needed

    def input_for(self, node: Node, kept: list[Node]) -> tuple[int, int]:
        """The input of the gradient's body that is a number of the step."""
        group, number = self.body.payloads[node] if self.body.rows[node] is INPUT else (None, 0)
        if group == OUTER:
            return self.shares(self.outer[number])
        if group == X:
            return self.column(self.sources[number])
        kept.append(node)  # a carry, or computed: an output of the step from now on
        return self.column(Source((self.node,), len(self.loop.each) + len(kept) - 1))


def pull_back(
    trace: Any, node: Node, given: Cotangents, carries: bytearray, differentiate: Differentiate
) -> Iterator[tuple[Any, Any]]:  # fmt: skip
    """Write the gradient of a loop, which is a loop: yield operands, each with a result of it."""
    return _Gradient(trace, node, given, carries).run(differentiate)
