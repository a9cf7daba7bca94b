"""Loops, simplified: a step without what no one needs, and with the numbers that it knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from autograd.compiler.tracing.loops import CARRY, EACH, LAST, OUTER, SUM, Loop, Source, X
from autograd.compiler.tracing.tape import CONSTANT, ITEM, SCAN, Tape

Node = int
Result = tuple[str, int]  # (LAST | EACH | SUM, number)
Used = set[Result]
Simplify = Callable[..., tuple[Tape, list[Node]]]


def results_used(tape: Tape, alive: Sequence[int]) -> dict[Node, Used]:
    """The results of each loop that something needs."""
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


class SimplerLoop(NamedTuple):
    """A loop with its operands, simplified."""

    loop: Loop
    operands: tuple[Node, ...]
    place: dict[Result, int]  # of a result that is kept, its new number


def simpler_loop(
    loop: Loop, operands: Sequence[Node], used: Used,
    number: Callable[[Node], float | None], simplify: Simplify, final: bool,
) -> SimplerLoop:  # fmt: skip
    """Simplify a loop, of whose operands `number` tells the constants."""
    first, given, sources = loop.apart(operands)
    outer = list(given)
    body = _with_known_numbers(loop, outer, sources, number)
    needed = _needed(loop, body, used)
    tape, nodes = simplify(body, needed.values(), final=final)
    place: dict[Result, int] = {}
    of_kind: dict[str, list[Node]] = {LAST: [], EACH: [], SUM: []}
    for which, node in zip(needed, nodes, strict=True):
        place[which] = len(of_kind[which[0]])
        of_kind[which[0]].append(node)
    carry = {i: place[kind, i] for kind, i in needed if kind == LAST}
    numbers: dict[int, dict[int, int]] = {CARRY: carry, X: {}, OUTER: {}}
    integers = _renumber(tape, nodes, numbers, loop.integers)
    outer, sources = [outer[i] for i in numbers[OUTER]], [sources[i] for i in numbers[X]]
    last, each, sums = map(tuple, of_kind.values())
    made = replace(loop, body=tape, carry=last, each=each, sums=sums, integers=integers)
    return SimplerLoop(*made.fed([first[i] for i in carry], outer, sources), place)


def _with_known_numbers(
    loop: Loop, outer: list[Node], sources: Sequence[Source],
    number: Callable[[Node], float | None],
) -> Tape:  # fmt: skip
    """The body, what is one number at every step being an outer one, or a constant."""
    body = loop.body.copied()
    for (group, i), node in body.inputs().items():
        if (group, i) in loop.integers:
            continue
        if group == X and sources[i].output < 0 and len(set(sources[i].nodes)) == 1:
            outer.append(sources[i].nodes[0])
            group, i = body.payloads[node] = OUTER, len(outer) - 1
        known = number(outer[i]) if group == OUTER else None
        if known is not None:
            body.rows[node], body.payloads[node] = CONSTANT, known
    return body


def _needed(loop: Loop, body: Tape, used: Used) -> dict[Result, Node]:
    """The results that are used, and the carries that they depend on, by their nodes."""
    results, leaves, needed = loop.results(), body.inputs(), set(used)
    while True:
        alive = body.live([results[which] for which in needed])
        more = {(LAST, i) for (group, i), leaf in leaves.items() if group == CARRY and alive[leaf]}
        if more <= needed:
            return {which: node for which, node in results.items() if which in needed}
        needed |= more


def _renumber(
    tape: Tape, results: Sequence[Node], numbers: dict[int, dict[int, int]],
    integers: frozenset[tuple[int, int]],
) -> frozenset[tuple[int, int]]:  # fmt: skip
    """Number the inputs that the step still has from 0 on, by their group; the others are nothing.

    Returns those that may choose.
    """
    alive, choosing = tape.live(results), []
    for (group, i), node in tape.inputs().items():
        if not alive[node]:
            tape.rows[node], tape.payloads[node] = CONSTANT, 0.0
            continue
        tape.payloads[node] = group, numbers[group].setdefault(i, len(numbers[group]))
        if (group, i) in integers:
            choosing.append(tape.payloads[node])
    return frozenset(choosing)
