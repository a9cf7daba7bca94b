"""Reverse-mode differentiation of a tape: the gradient is more tape.

The rules are those of the table, evaluated on tracers. The order is the engine's: from the last
node to the first, one contribution `cotangent * partial` to each operand. Only nodes that lead to
what is wanted are visited.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autograd.compiler.tracing.tape import CONSTANT, TAKE, Marker, Tape
from autograd.compiler.tracing.tracer import TapeRecorder, Tracer
from autograd.primitives import add, eq, mul, where
from autograd.value import Value


def differentiate(trace: TapeRecorder, output: int, wanted: Sequence[int]) -> list[int | None]:
    """Append the derivatives of `output` with respect to `wanted`, and return their nodes.

    None is returned for a node that the output does not depend on, or only through a condition, a
    stopped gradient or an index.
    """
    tape = trace.tape
    carries = _carriers(tape, output, wanted)
    cotangents: dict[int, int] = {}
    if carries[output]:
        cotangents[output] = tape.constant(1.0)
    with trace.placing():
        for node in range(output, -1, -1):
            if node in cotangents and tape.operands[node]:
                _visit(trace, node, carries, cotangents)
    return [cotangents.get(node) for node in wanted]


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
        elif isinstance(row, Marker):  # a stopped gradient
            continue
        elif None in row.partials:
            operands = tuple(
                [x for x, rule in zip(operands, row.partials, strict=False) if rule is not None]
            )
        for operand in operands:
            if carries[operand]:
                carries[node] = 1
                break
    return carries


def _visit(trace: TapeRecorder, node: int, carries: bytearray, cotangents: dict[int, int]) -> None:
    """Send the contributions of a node to its operands."""
    tape = trace.tape
    g, row, operands = cotangents[node], tape.rows[node], tape.operands[node]
    place = tape.place, tape.origin = _gradient_place(tape, node), node
    for operand, contribution in _contributions(trace, g, node, row, operands, carries):
        gathered = cotangents.get(operand)
        if gathered is not None:
            tape.place, tape.origin = _gradient_place(tape, operand), operand
            contribution = tape.append(add, (gathered, contribution))
            tape.place, tape.origin = place
        cotangents[operand] = contribution
        tape.note_cotangent(contribution, operand)


def _gradient_place(tape: Tape, node: int) -> int:
    place = tape.sources[tape.places[node]]
    return tape.source(place and place._replace(gradient=True))


def _contributions(
    trace: TapeRecorder, g: int, node: int, row: Any, operands: tuple[int, ...], carries: bytearray
) -> Iterator[tuple[int, int]]:  # fmt: skip
    tape = trace.tape
    if row is add:
        for operand in operands:
            if carries[operand]:
                yield operand, g
    elif row is mul:
        yield from _to_factors(tape, g, operands, carries)
    elif row is TAKE:
        yield from _to_candidates(tape, g, operands, carries)
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
    tape: Tape, g: int, operands: tuple[int, ...], carries: bytearray
) -> Iterator[tuple[int, int]]:
    """Send each candidate of a choice the cotangent where it was chosen, else zero."""
    index, *candidates = operands
    zero = tape.constant(0.0)
    for j, candidate in enumerate(candidates):
        if carries[candidate]:
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
