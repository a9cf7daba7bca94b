"""From a simplified tape to a program: sums gathered, scheduled, rolled up, reusing memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autograd.compiler.passes.forms import Forms, Node, Scan, Total
from autograd.compiler.passes.schedule import schedule
from autograd.compiler.passes.sums import gather_sums
from autograd.compiler.rolling.emitter import Emitter
from autograd.compiler.rolling.in_place import work_in_place
from autograd.compiler.rolling.instructions import Instruction, StepKind
from autograd.compiler.rolling.layout import RowLayout
from autograd.compiler.rolling.program import IndexUse, Program
from autograd.compiler.rolling.reroll import roll
from autograd.compiler.rolling.scanning import split_outer, sums_of_each
from autograd.compiler.rolling.views import BATCHED, MEANS, SHARED, Index
from autograd.compiler.tracing.integers import Indices
from autograd.compiler.tracing.loops import OUTER
from autograd.compiler.tracing.nesting import InputSpec
from autograd.compiler.tracing.tape import INPUT, PARAMETER, Tape
from autograd.system.progress import Progress


def build(
    tape: Tape, outputs: Sequence[Node], derivatives: Sequence[Sequence[Node | None]],
    given: Sequence[InputSpec], computed: Indices, parameters: int, fixed: int,
    progress: Progress, is_step: bool = False,
) -> Program:  # fmt: skip
    """Make the program of a simplified tape, derivatives included.

    The derivatives, if they are wanted, are those of the first output: one for each parameter that
    is not fixed, of which the program gives the mean over the batch, then for each input one for
    each element; None for a derivative that is zero. For the step of a loop, the first derivatives
    are any nodes of which the means are wanted.
    """
    inputs = (*given, *computed.inputs)
    gradient, of_inputs = derivatives[0] if derivatives else None, derivatives[1:]
    wanted = [*outputs, *(n for nodes in of_inputs for n in nodes if n is not None)]
    forms = _forms(tape, outputs, wanted, gradient, is_step)
    progress.advance()
    layout = RowLayout(forms, inputs)
    layout.reserve(MEANS, len(gradient or ()), "gradient")
    emitter = Emitter(forms, layout, _wishes(forms, gradient or ()), is_step)
    means, instructions = _roll_all(emitter, progress)
    indices = _number_indices(tape, instructions)
    inputs_end = sum(spec.size for spec in inputs)
    blocks = [(b.start, b.stop) for b in layout.blocks[BATCHED] if b.start >= inputs_end]
    rows = [-1 if n is None else int(layout.row[forms.total_of[n]]) for n in gradient or ()]
    kept = np.append(_rows_in(layout, BATCHED, wanted), layout.row[layout.zero])
    work_in_place(instructions, blocks, kept[kept >= 0].tolist())
    return Program(
        instructions=instructions, inputs=inputs, computed=computed,
        parameters=parameters, fixed=fixed,
        constants=np.array([*layout.constants.values()]), sizes=dict(layout.sizes), indices=indices,
        outputs=[_located(layout, node) for node in outputs],
        gradient=None if gradient is None else np.array(rows, dtype=np.int64),
        input_gradients=[_rows_in(layout, BATCHED, nodes) for nodes in of_inputs],
        shared_input_gradients=[_rows_in(layout, SHARED, nodes) for nodes in of_inputs],
        means=means,
        mean_output=-1
        if gradient is None or is_step
        else int(layout.row[forms.total_of[outputs[0]]]),
        tape=tape,
    )  # fmt: skip


def _forms(
    tape: Tape, outputs: Sequence[Node], wanted: list[Node],
    gradient: Sequence[Node | None] | None, is_step: bool,
) -> Forms:  # fmt: skip
    """Gather the sums of a tape, and name its only output."""
    totals = [n for n in gradient or () if n is not None]
    if is_step:
        return gather_sums(tape, wanted, totals)
    if gradient is not None:
        totals.append(outputs[0])
    if len(outputs) == 1 and tape.operands[outputs[0]]:
        tape.names.setdefault(outputs[0], "output" if gradient is None else "loss")
    return gather_sums(tape, wanted, totals)


def _wishes(forms: Forms, gradient: Sequence[Node | None]) -> dict[Node, int]:
    """Map each total to the row of the means that belongs to its parameter."""
    wished: dict[Node, int] = {}
    for row, node in enumerate(gradient):
        if node is None:
            continue
        total = forms.total_of[node]
        if total in forms.made_by or isinstance(forms.form.get(total), Total):
            wished.setdefault(total, row)
    return wished


def _roll_all(emitter: Emitter, progress: Progress) -> tuple[int, list[Instruction]]:
    """Roll the groups of each example, then the means, then the groups that depend on these.

    Returns the first shared row of the means, and the instructions.
    """
    forms, layout = emitter.forms, emitter.layout
    emitter.programs = {
        node: _step_program(forms, node, form)
        for node, form in forms.form.items() if isinstance(form, Scan)
    }  # fmt: skip
    instructions: list[Instruction] = []
    end = len(forms.tape)
    groups = schedule(forms)
    progress.advance()
    totals = [g for g in groups if isinstance(forms.form[g[0]], Total)]
    for group in [*(g for g in groups if g[0] < end), *totals]:
        instructions += roll(emitter, group)
        progress.advance(1 / len(groups))
    means = layout.reserve(SHARED, layout.sizes[MEANS], "means")
    sums = [[total for total, _ in each] for each in forms.totals.values()]
    for group in [*totals, *sums]:
        layout.put(group, SHARED, means + layout.row[group])
    for group in groups:
        if group[0] >= end and not isinstance(forms.form[group[0]], Total):
            instructions += roll(emitter, group)
    return means, instructions


def _step_program(forms: Forms, node: Node, form: Scan) -> Program:
    """Make the program of a loop's step: outer numbers that no batch has are its parameters."""
    loop, tape = form.loop, form.loop.body.copied()
    outer = loop.apart(form.operands)[1]
    numbers = split_outer(forms, outer)
    for (group, i), leaf in tape.inputs().items():
        if group == OUTER:
            is_batched, number = numbers[i]
            tape.rows[leaf] = INPUT if is_batched else PARAMETER
            tape.payloads[leaf] = (OUTER, number) if is_batched else number
    batched = sum(is_batched for is_batched, _ in numbers)
    inputs = [
        InputSpec(name, (count,), False)
        for name, count in (
            ("carry", len(loop.carry)), ("x", len(loop.outputs)), ("outer", batched)
        )
    ]  # fmt: skip
    outputs = [*loop.carry, *loop.each, *(loop.sums[k] for k in sums_of_each(forms, node))]
    totals = [[loop.sums[k] for _, k in forms.totals[node]]] if node in forms.totals else []
    none = Indices(tape, [], [], [])
    return build(
        tape, outputs, totals, inputs, none, len(outer) - batched, 0, Progress("", 1), is_step=True
    )


def _located(layout: RowLayout, node: Node) -> tuple[str, int]:
    space, rows = layout.where(np.array([node]))
    return space, int(rows[0])


def _rows_in(layout: RowLayout, space: str, nodes: Sequence[Node | None]) -> Index:
    """The rows of nodes in a space, -1 for nodes that are not in it."""
    located = [("", -1) if n is None else _located(layout, n) for n in nodes]
    return np.array([row if where == space else -1 for where, row in located], dtype=np.int64)


def _number_indices(tape: Tape, instructions: Sequence[Instruction]) -> list[IndexUse]:
    """Number the integers that select, and put these numbers into the steps."""
    bounds = {n: bound for n, bound in tape.choosers().items() if tape.rows[n] is INPUT}
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
