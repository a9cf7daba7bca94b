"""The pipeline of the compiler: from a recording to a program, one pass after the other.

    record -> simplify -> differentiate -> simplify -> sums of products -> schedule -> re-roll

Each pass is a function, and its result prints: a tape as a Wengert list, a program as a listing.
"""

from __future__ import annotations

from itertools import chain

from autograd.compiler.passes.simplify import simplify
from autograd.compiler.rolling.build import build
from autograd.compiler.rolling.program import Program
from autograd.compiler.tracing.differentiate import differentiate
from autograd.compiler.tracing.record import Recording
from autograd.compiler.tracing.tape import PARAMETER, Tape
from autograd.compiler.tracing.trace import TapeTrace
from autograd.system.progress import Progress

Node = int


def lower(recording: Recording, *, gradient: bool, input_gradients: bool = False) -> Program:
    """Make the program of a recording, with the gradient of its first output if that is wanted."""
    with Progress("compiling", 7) as progress:
        tape, outputs = simplify(recording.tape, recording.outputs, final=False)
        progress.advance()
        groups: list[list[Node]] = []
        nodes: list[Node | None] = []
        if gradient:
            groups = _leaves(recording, tape, input_gradients)
            nodes = differentiate(TapeTrace(tape), outputs[0], list(chain(*groups)), final=True)
        progress.advance()
        tape, kept = simplify(tape, [*outputs, *(node for node in nodes if node is not None)])
        progress.advance()
        rest = iter(kept[len(outputs) :])
        found = iter([None if node is None else next(rest) for node in nodes])
        derivatives = [[next(found) for _ in group] for group in groups]
        counts = len(recording.parameters), recording.fixed
        inputs = recording.inputs, recording.indices
        return build(tape, kept[: len(outputs)], derivatives, *inputs, *counts, progress)


def _leaves(recording: Recording, tape: Tape, input_gradients: bool) -> list[list[Node]]:
    """The nodes to differentiate for: the parameters, then if wanted the elements of each input."""
    moved = len(recording.parameters) - recording.fixed
    parameters = {tape.payloads[n]: n for n, row in enumerate(tape.rows) if row is PARAMETER}
    groups = [[parameters[p] for p in range(moved)]]
    leaves = tape.inputs()
    for number, spec in enumerate(recording.inputs if input_gradients else ()):
        elements = range(0 if spec.is_integer else spec.size)
        groups.append([leaves[number, element] for element in elements])
    return groups
