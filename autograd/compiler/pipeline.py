"""The pipeline of the compiler: from a recording to a program, one pass after the other.

    record -> simplify -> differentiate -> simplify -> sums of products -> schedule -> re-roll

Each pass is a function, and its result prints: a tape as a Wengert list, a program as a listing.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.compiler.passes.simplify import simplify
from autograd.compiler.rolling.build import Derivatives, build
from autograd.compiler.rolling.program import Program
from autograd.compiler.tracing.differentiate import differentiate
from autograd.compiler.tracing.record import Recording
from autograd.compiler.tracing.tape import INPUT, PARAMETER, Tape
from autograd.compiler.tracing.trace import TapeTrace

Node = int


class Differentiated(NamedTuple):
    """A tape with the derivatives of its first output on it."""

    tape: Tape
    outputs: list[Node]
    derivatives: Derivatives | None


def lower(recording: Recording, *, gradient: bool, input_gradients: bool = False) -> Program:
    """Make the program of a recording, with the gradient of its first output if that is wanted."""
    tape, outputs = simplify(recording.tape, recording.outputs, final=False)
    lowered = Differentiated(tape, outputs, None)
    if gradient:
        lowered = with_derivatives(recording, tape, outputs, input_gradients)
    return build(*simplified(lowered), recording.inputs, len(recording.parameters))


def with_derivatives(
    recording: Recording, tape: Tape, outputs: list[Node], input_gradients: bool
) -> Differentiated:
    """Append the derivatives for the parameters, and for the inputs if these are wanted."""
    leaves = {
        (row.name, tape.payloads[node]): node
        for node, row in enumerate(tape.rows) if row is PARAMETER or row is INPUT
    }  # fmt: skip
    wanted = [leaves[PARAMETER.name, p] for p in range(len(recording.parameters))]
    of_inputs: list[list[Node]] = []
    for number, spec in enumerate(recording.inputs if input_gradients else ()):
        elements = range(0 if spec.is_integer else spec.size)
        of_inputs.append([leaves[INPUT.name, (number, element)] for element in elements])
    flat = [node for nodes in of_inputs for node in nodes]
    derivatives = differentiate(TapeTrace(tape), outputs[0], [*wanted, *flat])
    rest = iter(derivatives[len(wanted) :])
    inputs = [[next(rest) for _ in nodes] for nodes in of_inputs]
    return Differentiated(tape, outputs, Derivatives(derivatives[: len(wanted)], inputs))


def simplified(lowered: Differentiated) -> Differentiated:
    """Simplify a tape, keeping its outputs and derivatives."""
    tape, outputs, derivatives = lowered
    if derivatives is None:
        return Differentiated(*simplify(tape, outputs), None)
    present = [node for node in derivatives.nodes() if node is not None]
    tape, nodes = simplify(tape, [*outputs, *present])
    new = dict(zip([*outputs, *present], nodes, strict=True))
    return Differentiated(tape, [new[node] for node in outputs], derivatives.renumbered(new))
