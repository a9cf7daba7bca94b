"""From a simplified tape to a program: sums gathered, scheduled, rolled up, reusing memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autograd.compiler.passes.forms import Forms, Node, Total
from autograd.compiler.passes.schedule import schedule
from autograd.compiler.passes.sums import gather_sums
from autograd.compiler.rolling.conditions import number_conditions
from autograd.compiler.rolling.emitter import Emitter
from autograd.compiler.rolling.in_place import work_in_place
from autograd.compiler.rolling.instructions import Instruction, StepKind
from autograd.compiler.rolling.layout import RowLayout
from autograd.compiler.rolling.program import IndexUse, Program
from autograd.compiler.rolling.reroll import roll
from autograd.compiler.rolling.views import BATCHED, MEANS, SHARED, Index
from autograd.compiler.tracing.nesting import InputSpec
from autograd.compiler.tracing.tape import Tape


def build(
    tape: Tape, outputs: Sequence[Node], derivatives: Sequence[Sequence[Node | None]],
    inputs: Sequence[InputSpec], parameters: int, fixed: int,
) -> Program:  # fmt: skip
    """Make the program of a simplified tape, derivatives included.

    The derivatives, if they are wanted, are those of the first output: one for each parameter that
    is not fixed, of which the program gives the mean over the batch, then for each input one for
    each element; None for a derivative that is zero.
    """
    gradient, of_inputs = derivatives[0] if derivatives else None, derivatives[1:]
    wanted = [*outputs, *(n for nodes in of_inputs for n in nodes if n is not None)]
    forms = _forms(tape, outputs, wanted, gradient)
    layout = RowLayout(forms, inputs)
    layout.reserve(MEANS, len(gradient or ()), "gradient")
    means, instructions = _roll_all(forms, layout, _wishes(forms, gradient or ()))
    indices = _number_indices(tape, instructions)
    inputs_end = sum(spec.size for spec in inputs)
    blocks = [(b.start, b.stop) for b in layout.blocks[BATCHED] if b.start >= inputs_end]
    rows = [-1 if n is None else int(layout.row[forms.total_of[n]]) for n in gradient or ()]
    kept = np.append(_rows_in(layout, BATCHED, wanted), layout.row[layout.zero])
    kept = kept[kept >= 0]
    number_conditions(instructions, layout.sizes[BATCHED], kept)
    work_in_place(instructions, blocks, kept.tolist())
    return Program(
        instructions=instructions, inputs=tuple(inputs), parameters=parameters, fixed=fixed,
        constants=np.array([*layout.constants.values()]), sizes=dict(layout.sizes), indices=indices,
        outputs=[_located(layout, node) for node in outputs],
        gradient=None if gradient is None else np.array(rows, dtype=np.int64),
        input_gradients=[_rows_in(layout, BATCHED, nodes) for nodes in of_inputs],
        shared_input_gradients=[_rows_in(layout, SHARED, nodes) for nodes in of_inputs],
        means=means,
        mean_output=-1 if gradient is None else int(layout.row[forms.total_of[outputs[0]]]),
        tape=tape,
    )  # fmt: skip


def _forms(
    tape: Tape, outputs: Sequence[Node], wanted: list[Node], gradient: Sequence[Node | None] | None
) -> Forms:
    """Gather the sums of a tape, and name its only output."""
    totals = [n for n in gradient or () if n is not None]
    if gradient is not None:
        totals.append(outputs[0])
    if len(outputs) == 1 and tape.operands[outputs[0]]:
        tape.names.setdefault(outputs[0], "output" if gradient is None else "loss")
    return gather_sums(tape, wanted, totals)


def _wishes(forms: Forms, gradient: Sequence[Node | None]) -> dict[Node, int]:
    """Map each total to the row of the means that belongs to its parameter."""
    wished: dict[Node, int] = {}
    for row, node in enumerate(gradient):
        if node is not None and isinstance(forms.form.get(forms.total_of[node]), Total):
            wished.setdefault(forms.total_of[node], row)
    return wished


def _roll_all(
    forms: Forms, layout: RowLayout, wished: dict[Node, int]
) -> tuple[int, list[Instruction]]:
    """Roll the groups of each example, then the means, then the groups that depend on these.

    Returns the first shared row of the means, and the instructions.
    """
    emitter = Emitter(forms, layout, wished)
    instructions: list[Instruction] = []
    end = len(forms.tape)
    groups = schedule(forms)
    totals = [g for g in groups if isinstance(forms.form[g[0]], Total)]
    for group in [*(g for g in groups if g[0] < end), *totals]:
        instructions += roll(emitter, group)
    means = layout.reserve(SHARED, layout.sizes[MEANS], "means")
    for group in totals:
        layout.put(group, SHARED, means + layout.row[group])
    for group in groups:
        if group[0] >= end and not isinstance(forms.form[group[0]], Total):
            instructions += roll(emitter, group)
    return means, instructions


def _located(layout: RowLayout, node: Node) -> tuple[str, int]:
    space, rows = layout.where(np.array([node]))
    return space, int(rows[0])


def _rows_in(layout: RowLayout, space: str, nodes: Sequence[Node | None]) -> Index:
    """The rows of nodes in a space, -1 for nodes that are not in it."""
    located = [("", -1) if n is None else _located(layout, n) for n in nodes]
    return np.array([row if where == space else -1 for where, row in located], dtype=np.int64)


def _number_indices(tape: Tape, instructions: Sequence[Instruction]) -> list[IndexUse]:
    """Number the integers that select, and put these numbers into the steps."""
    bounds = tape.choosers()
    numbers = {node: i for i, node in enumerate(bounds)}
    lookup = np.zeros(len(tape), dtype=np.int64)
    lookup[list(numbers)] = list(numbers.values())
    for instruction in instructions:
        instruction.steps = [
            step if step.index is None or step.kind is StepKind.GATHER
            else replace(step, index=lookup[step.index])
            for step in instruction.steps
        ]  # fmt: skip
    places = [(tape.payloads[node], bound) for node, bound in bounds.items()]
    return [IndexUse(number, element, bound) for (number, element), bound in places]
