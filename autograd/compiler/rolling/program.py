"""`Program`: array instructions made from scalar code, to be printed, explained and run."""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.rolling.instructions import Instruction, Step, StepKind
from autograd.compiler.rolling.views import BATCHED, Index, View
from autograd.compiler.tracing.integers import Indices
from autograd.compiler.tracing.nesting import InputSpec
from autograd.compiler.tracing.tape import Tape
from autograd.system.source import shown
from autograd.text.characters import readable
from autograd.text.report import Page, Paragraph, Part, Report, Table
from autograd.text.tables import Row
from autograd.text.wording import count

_READ_IN_PLACE = (StepKind.MATMUL, StepKind.OUTER, StepKind.APPLY)


class IndexUse(NamedTuple):
    """An element of an integer input that selects among at least `bound` values."""

    input: int
    element: int
    bound: int


@dataclass(repr=False, eq=False)
class Program(Report):
    """Array instructions that compute the outputs for a batch, and the gradient of the first."""

    instructions: list[Instruction]  # in the order of the run; those on shared numbers come first
    inputs: Sequence[InputSpec]  # those of the function, then the computed indices
    computed: Indices
    parameters: int  # their number, with the fixed ones; they are the first shared rows
    fixed: int  # the number of the last of them, which have no gradient
    constants: NDArray[np.float64]  # the shared rows after them
    sizes: dict[str, int]  # the number of rows in each space
    indices: list[IndexUse]  # the integers that select; steps refer to them by number
    outputs: list[tuple[str, int]]  # the space and the row of each
    gradient: Index | None  # for each that is not fixed the shared row of its gradient, or -1
    input_gradients: list[Index]  # for each input the batched rows of its gradient, -1 if shared
    shared_input_gradients: list[Index]  # the same for shared rows
    means: int  # the first shared row of the means over the batch
    mean_output: int  # the shared row of the mean of the first output
    tape: Tape  # the scalar program that it was made from
    itemsize: int = 8  # the bytes of a number

    @property
    def scalars(self) -> int:
        """The number of scalar operations that it was made from."""
        return sum(instruction.scalars for instruction in self.instructions)

    def __repr__(self) -> str:
        made = f"{len(self.instructions)} instructions for {self.scalars:,} operations"
        return f"<program of {made}; print lists them>"

    def _parts(self) -> tuple[Part, ...]:
        """One line an instruction: B is the number of examples. The steps of loops follow."""
        return Paragraph(_headline(self), width=_WIDE), self._table(), *self._loops("")

    def _loops(self, path: str) -> Iterator[Part]:
        """The programs of the steps of loops, each below the number of its instruction."""
        for i, instruction in enumerate(self.instructions):
            for plan in [step.plan for step in instruction.steps if step.plan]:
                headline = f"each step of {path}{i}: {_headline(plan.program)}"
                yield Paragraph(headline, width=_WIDE)
                yield plan.program._table()
                yield from plan.program._loops(f"{path}{i}.")

    def _table(self) -> Table:
        rows = [("", "instruction", "stands for", "flops", "bytes")]
        for i, each in enumerate(self.instructions):
            flops = map(sum, zip(*map(Step.operations, each.steps), strict=True))
            moved = map(sum, zip(*map(Step.scalars_moved, each.steps), strict=True))
            size = _in_batch(*(self.itemsize * n for n in moved))
            line = f"{each.left} = {each.formula}"
            rows.append((str(i), line, f"{each.scalars:,}", _in_batch(*flops), size))
        return Table(rows, right=(0, 2, 3, 4))

    def explain(self, number: int) -> Page:
        """Return an instruction's operations, its scalars, and the source lines that made them.

        Raises ValueError for a number that no instruction has.
        """
        if not isinstance(number, int) or not 0 <= number < len(self.instructions):
            last = len(self.instructions) - 1
            raise ValueError(f"there is no instruction {number!r}: they are numbered 0 to {last}")
        instruction, tape = self.instructions[number], self.tape
        rows: list[Row] = [f"{number}  {instruction.left} = {instruction.formula}"]
        operations = Counter(tape.rows[node].name for node in instruction.covers)
        counted = ", ".join(f"{n:,} {name}" for name, n in operations.most_common())
        scalars = f"{instruction.scalars:,} scalar operations: {counted or 'none'}"
        rows.append(("stands for", scalars))
        for i, text in enumerate(_places(instruction, tape)):
            rows.append(("" if i else "written at", text))
        rows.append(("scalars", _listed([scalar_name(tape, n) for n in instruction.results])))
        rows.append(("runs as", ", ".join(map(_step_text, instruction.steps))))
        return Page(Table(rows))

    @cached_property
    def unloaded(self) -> frozenset[int]:
        """The floats that only matrix products and one other step read: they need not be loaded."""
        needed: set[int | None] = {
            self.input_of_row(row) for s, row in self.outputs if s == BATCHED
        }
        read_once: Counter[int | None] = Counter()
        for step in self.steps:
            if step.kind == StepKind.GATHER and step.space == BATCHED:
                assert step.index is not None
                needed.update(map(self.input_of_row, np.unique(step.index).tolist()))
            for view in step.inputs:
                read = self._inputs_in(view)
                if len(read) > 1 or step.kind not in _READ_IN_PLACE:
                    needed |= read
                elif step.kind == StepKind.APPLY:
                    read_once.update(read)
        needed.update(number for number, count in read_once.items() if count > 1)
        needed.update(number for number, spec in enumerate(self.inputs) if spec.is_integer)
        for rows in self.input_gradients:
            needed.update(map(self.input_of_row, rows.tolist()))
        return frozenset(range(len(self.inputs))) - needed

    def _inputs_in(self, view: View) -> set[int | None]:
        """The inputs whose rows a view has."""
        if view.space != BATCHED:
            return set()
        first, last = (self.input_of_row(row) for row in view.ends)
        if first is None:
            return set()
        return {*range(first, len(self.inputs) if last is None else last), last}

    def input_of(self, view: View) -> int | None:
        """The input whose rows a view begins with."""
        return self.input_of_row(view.offset) if view.space == BATCHED else None

    def input_of_row(self, row: int) -> int | None:
        """The input that a batched row is an element of."""
        number = bisect.bisect_right(self.input_ends, row)
        return number if 0 <= row and number < len(self.inputs) else None

    @cached_property
    def input_ends(self) -> list[int]:
        """The batched row after the last of each input."""
        return list(accumulate(spec.size for spec in self.inputs))

    @cached_property
    def index_rows(self) -> list[int]:
        """The batched row of each of the integers that select."""
        starts = [0, *self.input_ends]
        return [starts[use.input] + use.element for use in self.indices]

    @property
    def steps(self) -> list[Step]:
        """All steps, those before and after the batch too."""
        return [step for instruction in self.instructions for step in instruction.steps]

    def phases(self) -> tuple[list[Step], list[Step], list[Step]]:
        """The steps before the batch, those for each chunk of it, and those after it."""
        phases: tuple[list[Step], list[Step], list[Step]] = [], [], []
        for step in self.steps:
            phases[1 if step.is_batched else 2 * (step.out.offset >= self.means)].append(step)
        return phases


# The listing

_WIDE = 10_000  # columns of the headline: it stays one line
_SHOWN = 3  # scalars that are named at each end of a long list


def _headline(program: Program) -> str:
    given = program.inputs[: len(program.inputs) - len(program.computed.inputs)]
    inputs = [
        f"{spec.name}[{','.join([*map(str, spec.shape), 'B'])}]" for spec in given if spec.size
    ]
    if program.parameters:
        fixed = f" ({program.fixed:,} fixed)" if program.fixed else ""
        inputs.append(count(program.parameters, "parameter") + fixed)
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


def _places(instruction: Instruction, tape: Tape) -> list[str]:
    """The source lines that made the scalars, the most frequent first."""
    counts = Counter(tape.places[node] for node in instruction.covers)
    places = [(tape.sources[number], n) for number, n in counts.most_common()]
    return [
        f"{'gradient of ' if place.gradient else ''}{readable(shown(place))}  ({n:,})"
        for place, n in places if place is not None
    ]  # fmt: skip


def scalar_name(tape: Tape, node: int) -> str:
    """The name of a scalar, or `d` and the name of the scalar it is the cotangent of, or `v7`."""
    if node in tape.names:
        return readable(tape.names[node])
    owner = tape.cotangent_of.get(node)
    return f"v{node}" if owner is None else "d" + scalar_name(tape, owner)


def _listed(names: Sequence[str]) -> str:
    if len(names) <= 2 * _SHOWN:
        return ", ".join(names)
    left_out = len(names) - 2 * _SHOWN
    return ", ".join([*names[:_SHOWN], f"… {left_out:,} more …", *names[-_SHOWN:]])


def _step_text(step: Step) -> str:
    name = step.row.name if step.row is not None and step.kind is StepKind.APPLY else step.kind
    sizes = ["×".join(map(str, view.sizes)) or "1" for view in step.inputs]
    return f"{name}({', '.join(sizes)})" if sizes else name
