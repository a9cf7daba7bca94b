"""`Program`: the array program that a function became, to be printed, explained and run."""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.passes.schedule import schedule
from autograd.compiler.passes.sums import Forms, Node, Total, gather_sums
from autograd.compiler.rolling.in_place import work_in_place
from autograd.compiler.rolling.instructions import (
    APPLY,
    GATHER,
    MATMUL,
    OUTER,
    PICK,
    TAKE,
    Instruction,
    Step,
)
from autograd.compiler.rolling.layout import Layout
from autograd.compiler.rolling.listing import explanation, table
from autograd.compiler.rolling.reroll import Roller
from autograd.compiler.rolling.views import BATCHED, MEANS, SHARED, Index, View
from autograd.compiler.tracing.tape import CONSTANT, Tape
from autograd.compiler.tracing.tape import TAKE as TAKEN


class InputSpec(NamedTuple):
    """An input: what it is called, its shape without the batch axis, whether it holds integers."""

    name: str
    shape: tuple[int, ...]
    is_integer: bool

    @property
    def size(self) -> int:
        """How many elements one example has."""
        return math.prod(self.shape)


class IndexUse(NamedTuple):
    """An element of an integer input that selects: it must be below `bound`."""

    input: int
    element: int
    bound: int  # the least number of values that it selects from


@dataclass(repr=False)
class Program:
    """Array instructions that compute the outputs for a batch, and the gradient of the first.

    Attributes:
        instructions: in the order in which they run; those on shared numbers alone run first.
        inputs: what comes in.
        parameters: how many there are; they are the first shared rows.
        constants: the shared rows after them.
        sizes: how many rows there are in each space.
        indices: the integers that select; steps refer to them by number.
        outputs: the space and the row of each output.
        has_gradient: whether it computes the gradient for the parameters.
        gradient: for each parameter the shared row of its gradient; -1 for none.
        input_gradients: for each input the batched rows of its gradient, -1 for those that are not.
        shared_input_gradients: the same of those that are shared rows.
        means: the first shared row of the means over the batch.
        mean_output: the shared row of the mean of the first output.
        tape: the scalar program that it stands for.
        itemsize: the bytes of a number.
    """

    instructions: list[Instruction]
    inputs: Sequence[InputSpec]
    parameters: int
    constants: NDArray[np.float64]
    sizes: dict[str, int]
    indices: list[IndexUse]
    outputs: list[tuple[str, int]]
    gradient: Index | None
    input_gradients: list[Index]
    shared_input_gradients: list[Index]
    means: int
    mean_output: int
    tape: Tape
    itemsize: int = 8

    @property
    def scalars(self) -> int:
        """How many scalar operations it stands for."""
        return sum(instruction.scalars for instruction in self.instructions)

    def __repr__(self) -> str:
        count = len(self.instructions)
        return (
            f"<program of {count} instructions for {self.scalars:,} operations; print lists them>"
        )

    def __str__(self) -> str:
        """One line an instruction: B is the number of examples."""
        return table(self)

    def explain(self, number: int) -> str:
        """What is behind an instruction: its scalars, and the source lines that made them.

        Raises ValueError for a number that no instruction has.
        """
        if not isinstance(number, int) or not 0 <= number < len(self.instructions):
            last = len(self.instructions) - 1
            raise ValueError(f"there is no instruction {number!r}: they are numbered 0 to {last}")
        return explanation(self, number)

    @cached_property
    def unloaded(self) -> frozenset[int]:
        """The inputs that only matrix products and one other step read: they may stay in place."""
        needed: set[int | None] = {
            self.input_of_row(row) for s, row in self.outputs if s == BATCHED
        }
        read_once: Counter[int | None] = Counter()
        for step in self.steps:
            if step.kind == GATHER and step.space == BATCHED:
                assert step.index is not None
                needed.update(map(self.input_of_row, np.unique(step.index).tolist()))
            for view in step.inputs:
                found = self._inputs_in(view)
                if len(found) > 1 or step.kind not in (MATMUL, OUTER, APPLY):
                    needed |= found
                elif step.kind == APPLY:
                    read_once.update(found)
        needed.update(number for number, count in read_once.items() if count > 1)
        for rows in self.input_gradients:
            needed.update(map(self.input_of_row, rows.tolist()))
        return frozenset(range(len(self.inputs))) - needed

    def _inputs_in(self, view: View) -> set[int | None]:
        """The inputs that a view has rows of."""
        if view.space != BATCHED:
            return set()
        first, last = (self.input_of_row(row) for row in view.ends)
        if first is None:
            return set()
        return (
            {*range(first, len(self.inputs)), None} if last is None else set(range(first, last + 1))
        )

    def input_of(self, view: View) -> int | None:
        """The input whose rows a view begins with."""
        return self.input_of_row(view.offset) if view.space == BATCHED else None

    def input_of_row(self, row: int) -> int | None:
        """The input of which a batched row is an element."""
        number = bisect.bisect_right(self._input_ends, row)
        return number if 0 <= row and number < len(self.inputs) else None

    @cached_property
    def _input_ends(self) -> list[int]:
        return list(accumulate(spec.size for spec in self.inputs))

    @property
    def steps(self) -> list[Step]:
        """All steps, those before and after the batch too."""
        return [step for instruction in self.instructions for step in instruction.steps]

    def phases(self) -> tuple[list[Step], list[Step], list[Step]]:
        """The steps before the batch, those for each chunk of it, and those after it."""
        before: list[Step] = []
        during: list[Step] = []
        after: list[Step] = []
        for step in self.steps:
            if step.is_batched:
                during.append(step)
            else:
                (after if step.out.offset >= self.means else before).append(step)
        return before, during, after


def build(
    tape: Tape,
    inputs: Sequence[InputSpec],
    outputs: Sequence[Node],
    gradient: Sequence[Node | None] | None = None,
    input_gradients: Sequence[Sequence[Node | None]] = (),
    parameters: int = 0,
) -> Program:
    """The program of a simplified tape.

    Args:
        tape: simplified, gradient included.
        inputs: what the INPUT nodes are elements of.
        outputs: nodes that are wanted for each example.
        gradient: for each parameter the derivative of the first output, as a node; None for zero.
            The program gives its mean over the batch.
        input_gradients: for each input the derivative for each of its elements.
        parameters: how many parameters there are.
    """
    wanted = [*outputs, *(n for nodes in input_gradients for n in nodes if n is not None)]
    totals = [n for n in gradient or () if n is not None]
    if gradient is not None:
        totals.append(outputs[0])
    if len(outputs) == 1 and tape.operands[outputs[0]]:
        tape.names.setdefault(outputs[0], "output" if gradient is None else "loss")
    forms = gather_sums(tape, wanted, totals)
    layout = Layout(forms)
    layout.place_leaves([spec.size for spec in inputs], [spec.name for spec in inputs])
    layout.reserve(MEANS, parameters if gradient is not None else 0, "gradient")
    roller = Roller(forms, layout, _wishes(forms, gradient or ()))
    instructions = roller.instructions
    means = _roll_all(forms, layout, roller)
    for instruction in instructions:
        _cover(instruction, forms)
    indices = _number_indices(tape, instructions)
    kept = [int(layout.row[n]) for n in wanted if layout.where(np.array([n]))[0] == BATCHED]
    inputs_end = sum(spec.size for spec in inputs)
    work_in_place(
        instructions,
        [(b.start, b.stop) for b in layout.blocks[BATCHED] if b.start >= inputs_end],
        kept,
    )
    mean_output = int(layout.row[forms.total_of[outputs[0]]]) if gradient is not None else -1
    return Program(
        instructions=instructions,
        inputs=tuple(inputs),
        parameters=parameters,
        constants=np.array([tape.payloads[n] for n, r in enumerate(tape.rows) if r is CONSTANT]),
        sizes=dict(layout.sizes),
        indices=indices,
        outputs=[_located(layout, node) for node in outputs],
        gradient=None if gradient is None else _rows_of_means(forms, layout, gradient),
        input_gradients=[_rows_in(layout, BATCHED, nodes) for nodes in input_gradients],
        shared_input_gradients=[_rows_in(layout, SHARED, nodes) for nodes in input_gradients],
        means=means,
        mean_output=mean_output,
        tape=tape,
    )


def _cover(instruction: Instruction, forms: Forms) -> None:
    """Note the operations of the tape that an instruction stands for."""
    end = len(forms.tape)
    taken = [forms.absorbed.get(node, []) for node in instruction.nodes]
    own = [node for node in instruction.nodes if node < end]
    instruction.covers = sorted(set(chain(own, *taken)))
    results = [forms.mean_of.get(node, node) for node in instruction.nodes]
    instruction.results = [node for node in results if node < end]


def _wishes(forms: Forms, gradient: Sequence[Node | None]) -> dict[Node, int]:
    """In which row of the means a total is wanted: that of its parameter."""
    wished: dict[Node, int] = {}
    for row, node in enumerate(gradient):
        if node is not None and isinstance(forms.form.get(forms.total_of[node]), Total):
            wished.setdefault(forms.total_of[node], row)
    return wished


def _roll_all(forms: Forms, layout: Layout, roller: Roller) -> int:
    """Roll what is of each example, then the means, then what follows from those."""
    end = len(forms.tape)
    groups = schedule(forms)
    for group in groups:
        if group[0] < end:
            roller.roll(group)
    totals = [g for g in groups if isinstance(forms.form[g[0]], Total)]
    for group in totals:
        roller.roll(group)
    means = layout.reserve(SHARED, layout.sizes[MEANS], "means")
    for group in totals:
        layout.put(group, SHARED, means + layout.row[group])
    for group in groups:
        if group[0] >= end and not isinstance(forms.form[group[0]], Total):
            roller.roll(group)
    return means


def _located(layout: Layout, node: Node) -> tuple[str, int]:
    space, rows = layout.where(np.array([node]))
    return space, int(rows[0])


def _rows_in(layout: Layout, space: str, nodes: Sequence[Node | None]) -> Index:
    """The rows of nodes in a space, -1 for those elsewhere."""
    located = [("", -1) if n is None else _located(layout, n) for n in nodes]
    return np.array([row if where == space else -1 for where, row in located], dtype=np.int64)


def _rows_of_means(forms: Forms, layout: Layout, gradient: Sequence[Node | None]) -> Index:
    rows = [-1 if n is None else int(layout.row[forms.total_of[n]]) for n in gradient]
    return np.array(rows, dtype=np.int64)


def _number_indices(tape: Tape, instructions: Sequence[Instruction]) -> list[IndexUse]:
    """Give each selecting integer a number, and let the steps use it."""
    bounds: dict[Node, int] = {}
    for node, row in enumerate(tape.rows):
        if row is TAKEN:
            index, *candidates = tape.operands[node]
            bounds[index] = min(len(candidates), bounds.get(index, len(candidates)))
    for step in (step for each in instructions for step in each.steps if step.kind == PICK):
        assert step.index is not None
        for node in np.unique(step.index).tolist():
            bounds.setdefault(node, int(step.choices.max()) + 1)  # type: ignore[union-attr]
    numbers = {node: i for i, node in enumerate(bounds)}
    lookup = np.zeros(len(tape), dtype=np.int64)
    lookup[list(numbers)] = list(numbers.values())
    for instruction in instructions:
        instruction.steps = [_numbered(step, lookup) for step in instruction.steps]
    places = {node: tape.payloads[node] for node in bounds}
    return [IndexUse(places[n][0], places[n][1], bound) for n, bound in bounds.items()]


def _numbered(step: Step, lookup: Index) -> Step:
    if step.kind not in (TAKE, PICK) or step.index is None:
        return step
    return Step(step.kind, step.out, step.inputs, step.row, lookup[step.index], step.choices)
