"""A program as a person reads it: one line an instruction, and what is behind each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograd.compiler.rolling.instructions import Instruction, Step
from autograd.compiler.tracing.tape import Tape
from autograd.system.source import shown
from autograd.text.tables import aligned
from autograd.text.wording import count

if TYPE_CHECKING:
    from autograd.compiler.rolling.program import Program

_SHOWN = 3  # scalars that are named at each end of a long list


def table(program: Program) -> str:
    """The instructions with the scalar operations, floating-point operations and bytes of each."""
    rows = [("", "instruction", "stands for", "flops", "bytes")]
    for i, instruction in enumerate(program.instructions):
        flops = [sum(part) for part in zip(*map(Step.operations, instruction.steps), strict=True)]
        moved = [
            sum(part) for part in zip(*map(Step.scalars_moved, instruction.steps), strict=True)
        ]
        rows.append(
            (
                str(i), f"{instruction.left} = {instruction.formula}", f"{instruction.scalars:,}",
                _in_batch(*flops), _in_batch(*(program.itemsize * n for n in moved)),
            )
        )  # fmt: skip
    return "\n".join([_headline(program), "", *aligned(rows, right=(0, 2, 3, 4))])


def _headline(program: Program) -> str:
    inputs = [f"{spec.name}[{','.join([*map(str, spec.shape), 'B'])}]" for spec in program.inputs]
    if program.parameters:
        inputs.append(count(program.parameters, "parameter"))
    gradient = ""
    if program.gradient is not None:
        gradient = " and the gradient of the mean over B" if program.inputs else " and its gradient"
    batch = ", B examples at a time" if program.inputs else ""
    outputs = count(len(program.outputs), "output")
    return (
        f"{', '.join(inputs) or 'nothing'} -> {outputs}{gradient}: "
        f"{count(program.scalars, 'scalar operation')} in "
        f"{count(len(program.instructions), 'instruction')}{batch}"
    )


def _in_batch(each: int, once: int) -> str:
    """A count that grows with the batch, and one that does not: `8,192 B + 64`."""
    parts = [f"{each:,} B"] if each else []
    parts += [f"{once:,}"] if once or not each else []
    return " + ".join(parts)


def explanation(program: Program, number: int) -> str:
    """What instruction `number` stands for: operations, source lines, scalars, steps."""
    instruction, tape = program.instructions[number], program.tape
    lines = [f"{number}  {instruction.left} = {instruction.formula}"]
    operations = Counter(tape.rows[node].name for node in instruction.covers)
    counted = ", ".join(f"{n:,} {name}" for name, n in operations.most_common())
    lines.append(f"stands for  {instruction.scalars:,} scalar operations: {counted or 'none'}")
    for i, text in enumerate(_places(instruction, tape)):
        lines.append(f"{'written at' if i == 0 else '':10}  {text}")
    lines.append(f"scalars     {_listed([scalar_name(tape, n) for n in instruction.results])}")
    lines.append(f"runs as     {', '.join(_step_text(step) for step in instruction.steps)}")
    return "\n".join(lines)


def _places(instruction: Instruction, tape: Tape) -> list[str]:
    """The source lines that made the scalars, those of most of them first."""
    counts = Counter(tape.places[node] for node in instruction.covers)
    found = [(tape.sources[number], n) for number, n in counts.most_common()]
    return [
        f"{'gradient of ' if place.gradient else ''}{shown(place)}  ({n:,})"
        for place, n in found if place is not None
    ]  # fmt: skip


def scalar_name(tape: Tape, node: int) -> str:
    """Its name, or `d` and the name of what it is the derivative for, or `v7`."""
    if node in tape.names:
        return tape.names[node]
    owner = tape.cotangent_of.get(node)
    return f"v{node}" if owner is None else "d" + scalar_name(tape, owner)


def _listed(names: Sequence[str]) -> str:
    if len(names) <= 2 * _SHOWN:
        return ", ".join(names)
    left_out = len(names) - 2 * _SHOWN
    return ", ".join([*names[:_SHOWN], f"… {left_out:,} more …", *names[-_SHOWN:]])


def _step_text(step: Step) -> str:
    name = step.row.name if step.row is not None and step.kind == "apply" else step.kind
    sizes = ["×".join(map(str, view.sizes)) or "1" for view in step.inputs]
    return f"{name}({', '.join(sizes)})" if sizes else name
