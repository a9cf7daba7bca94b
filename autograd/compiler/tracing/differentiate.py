"""Reverse-mode differentiation of a tape: the gradient is more tape.

The rules are those of the table, evaluated on tracers. The order is the engine's: from the last
node to the first, one contribution `cotangent * partial` to each operand. Only nodes that lead to
what is wanted are visited.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autograd.compiler.tracing.loops import pull_back
from autograd.compiler.tracing.tape import (
    CONSTANT,
    ITEM,
    PARAMETER,
    PICK,
    SCAN,
    TAKE,
    Marker,
    Tape,
)  # fmt: skip
from autograd.compiler.tracing.tracer import TapeRecorder, Tracer
from autograd.primitives import add, eq, mul, where
from autograd.value import Value

Picked = dict[int, list[tuple[int, int, int, int]]]
"""By a parameter: each `take` among it and others, its index, its cotangent, and the choice."""


def differentiate(
    trace: TapeRecorder, output: int, wanted: Sequence[int], *, final: bool = False
) -> list[int | None]:
    """Append the derivatives of `output` with respect to `wanted`, and return their nodes.

    None is returned for a node that the output does not depend on, or only through a condition, a
    stopped gradient or an index. Of final ones only the means over the batch are used: then there
    is one node for each parameter of a table, however often `take` chooses among them.
    """
    tape = trace.tape
    carries = _carriers(tape, output, wanted)
    cotangents: dict[int, Any] = {}  # nodes; of a SCAN those of its results
    picked: Picked = {}
    if final and TAKE in tape.rows:
        picked = {node: [] for node in wanted if tape.rows[node] is PARAMETER}
    if carries[output]:
        cotangents[output] = tape.constant(1.0)
    with trace.placing():
        for node in range(output, -1, -1):
            if node in cotangents and tape.operands[node]:
                _visit(trace, node, carries, cotangents, picked)
        for parameter, taken in picked.items():
            if taken:
                _pick(tape, parameter, taken, cotangents)
    return [cotangents.get(node) for node in wanted]


def _pick(tape: Tape, parameter: int, taken: Sequence[Any], cotangents: dict[int, int]) -> None:
    """Add the cotangents of all takes that chose a parameter, as one node."""
    visited = parameter if len(taken) > 1 or parameter in cotangents else taken[0][0]
    tape.place, tape.origin = tape.gradient_source(visited), visited
    operands = tuple([x for _, index, g, _ in taken for x in (index, g)])
    made = tape.append(PICK, operands, tuple([choice for *_, choice in taken]))
    if parameter in cotangents:
        made = tape.append(add, (cotangents[parameter], made))
    cotangents[parameter] = made
    tape.note_cotangent(made, parameter)


def _carriers(tape: Tape, output: int, wanted: Sequence[int]) -> bytearray:
    """Mark the nodes, up to the output, from which a derivative flows to a wanted one."""
    carries = bytearray(output + 1)
    for node in wanted:
        if node <= output and tape.rows[node] is not CONSTANT:
            carries[node] = 1
    for node in range(output + 1):
        row, operands = tape.rows[node], tape.operands[node]
        if not operands or carries[node]:
            continue
        if row is TAKE:
            operands = operands[1:]
        elif isinstance(row, Marker) and row is not SCAN and row is not ITEM:  # a stopped gradient
            continue
        elif not isinstance(row, Marker) and None in row.partials:
            operands = tuple(
                [x for x, rule in zip(operands, row.partials, strict=False) if rule is not None]
            )
        for operand in operands:
            if carries[operand]:
                carries[node] = 1
                break
    return carries


def _visit(
    trace: TapeRecorder, node: int, carries: bytearray, cotangents: dict[int, Any],
    picked: Picked,
) -> None:  # fmt: skip
    """Send the contributions of a node to its operands."""
    tape = trace.tape
    g: Any = cotangents[node]
    row, operands = tape.rows[node], tape.operands[node]
    place = tape.place, tape.origin = tape.gradient_source(node), node
    if row is ITEM:
        results = cotangents.setdefault(operands[0], {})
        _gather(tape, results, tape.payloads[node], operands[0], g)
        return
    if row is SCAN:
        for operand, (scan, which) in pull_back(trace, node, g, carries, differentiate):
            if isinstance(operand, tuple):  # an output of another loop, at every step
                cotangents.setdefault(operand[0], {}).setdefault(operand[1], []).append(
                    (scan, which[1])
                )
            elif carries[operand]:
                _gather(tape, cotangents, operand, operand, tape.append(ITEM, (scan,), which))
        return
    for operand, contribution in _contributions(trace, g, node, row, operands, carries, picked):
        _gather(tape, cotangents, operand, operand, contribution)
        tape.place, tape.origin = place


def _gather(tape: Tape, cotangents: dict[Any, Any], key: Any, operand: int, sent: int) -> None:
    """Add a contribution to the cotangent of a node, or of a result of a loop, which is the key."""
    if key in cotangents:
        tape.place, tape.origin = tape.gradient_source(operand), operand
        sent = tape.append(add, (cotangents[key], sent))
    cotangents[key] = sent
    tape.note_cotangent(sent, operand)


def _contributions(
    trace: TapeRecorder, g: int, node: int, row: Any, operands: tuple[int, ...],
    carries: bytearray, picked: Picked,
) -> Iterator[tuple[int, int]]:  # fmt: skip
    tape = trace.tape
    if row is add:
        for operand in operands:
            if carries[operand]:
                yield operand, g
    elif row is mul:
        yield from _to_factors(tape, g, operands, carries)
    elif row is TAKE:
        yield from _to_candidates(tape, g, node, carries, picked)
    else:
        primals = [_primal(trace, operand) for operand in operands]
        y = Tracer(trace, node)
        for operand, rule in zip(operands, row.vjps or row.partials, strict=False):
            if rule is None or not carries[operand]:
                continue
            sent = (_primal(trace, g), y, *primals) if row.selects else (y, *primals)
            made = _node(trace, rule(*sent))
            yield operand, made if row.selects else _product(tape, g, made)


def _to_factors(
    tape: Tape, g: int, operands: tuple[int, ...], carries: bytearray
) -> Iterator[tuple[int, int]]:
    """Send each factor the cotangent times the other; of a square twice that, once."""
    x, z = operands
    if x == z and carries[x]:
        yield x, _product(tape, tape.append(mul, (tape.constant(2.0), g)), x)
        return
    for operand, other in ((x, z), (z, x)):
        if carries[operand]:
            yield operand, _product(tape, g, other)


def _to_candidates(
    tape: Tape, g: int, node: int, carries: bytearray, picked: Picked
) -> Iterator[tuple[int, int]]:
    """Send each candidate of a choice the cotangent where it was chosen, else zero, or note it."""
    index, *candidates = tape.operands[node]
    zero = tape.constant(0.0)
    for j, candidate in enumerate(candidates):
        if candidate in picked:
            picked[candidate].append((node, index, g, j))
        elif carries[candidate]:
            chosen = tape.append(eq, (index, tape.constant(float(j))))
            yield candidate, tape.append(where, (chosen, g, zero))


def _primal(trace: TapeRecorder, node: int) -> Any:
    """An operand for a rule: a constant as a number, so that the rule can compute with it."""
    if trace.tape.rows[node] is CONSTANT:
        return trace.tape.payloads[node]
    return Tracer(trace, node)


def _node(trace: TapeRecorder, x: Any) -> int:
    if type(x) is Tracer:
        return x._node
    return trace.tape.constant(x._float if isinstance(x, Value) else float(x))


def _product(tape: Tape, g: int, partial: int) -> int:
    """g * partial; a factor of exactly 1 is left out, as the engine does."""
    for one, other in ((g, partial), (partial, g)):
        if tape.rows[one] is CONSTANT and tape.payloads[one] == 1.0:
            return other
    return tape.append(mul, (g, partial))
