"""A program as a pure function of arrays, by the Python Array API standard (2023.12).

Nothing is written in place: a step makes a new array, and a space of rows is a list of such arrays.
So a library that computes derivatives, compiles (`jax_machine.py`) or shards can do so through a
program; PyTorch and others are right here, and slower than `numpy_machine.py`.

Beyond the standard it needs a short list: `erf` and `erfc`, which are taken from `xp.special` or
`xp` where they are and else go by way of NumPy, element by element. Two things of the standard that
not every library has in all circumstances: `xp.asarray` of NumPy's arrays (constants and row
numbers), and, with integers that select, `bool(array)` (their range is checked).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.rolling.instructions import Step, StepKind
from autograd.compiler.rolling.program import IndexUse, Program
from autograd.compiler.rolling.views import BATCHED, MEANS, SHARED, Index
from autograd.compiler.running.array_functions import row_function
from autograd.compiler.running.array_loops import fed, run_loop, sums_of
from autograd.compiler.running.rows import Library, Rows
from autograd.errors import IndexRangeError

Array = Any
_FEW = 256  # products of an example, so few that they are taken one by one


class StandardResult(NamedTuple):
    """The results of a run, as arrays of the library; without a gradient, outputs only."""

    outputs: Array  # (outputs, batch)
    mean: Array | None  # (), of the first output
    gradient: Array | None  # (parameters,), of the mean
    input_gradients: list[Array | None]  # of the mean, in the inputs' shapes; None for integers


@np.errstate(all="ignore")  # as in `run.py`, for libraries that compute with NumPy
def run_standard(
    program: Program, xp: Any, theta: Array, inputs: Sequence[Array], dtype: Any = None,
    device: Any = None,
) -> StandardResult:  # fmt: skip
    """Return the outputs for each example, and the mean of the first with its gradients if any.

    Args:
        program: from `Compiled.lower`.
        xp: the namespace of the array library, such as `array_api_strict`.
        theta: the parameters, with the fixed ones (`Compiled.recorded.leaves`), a flat array of
            that library (or what `xp.asarray` takes).
        inputs: arrays (batch, …) of that library, in the order of the function's inputs.
        dtype: in which it computes, `xp.float64` for example; that of theta unless given.
        device: where it computes; that of theta unless given.

    Raises ValueError for another number of parameters, IndexRangeError for an index out of range.
    """
    theta = xp.asarray(theta, device=device)
    check_theta(theta, program.parameters)
    defaults = xp.__array_namespace_info__().default_dtypes(device=theta.device)
    if dtype is None:
        is_float = xp.isdtype(theta.dtype, "real floating")
        dtype = theta.dtype if is_float else defaults["real floating"]
    library = Library(xp, dtype, defaults["indexing"], theta.device)
    if getattr(xp, "__name__", "") == "jax.numpy":
        from autograd.compiler.running.jax_library import JaxLibrary

        library = JaxLibrary(dtype, defaults["indexing"])
    inputs = [xp.asarray(x, device=theta.device) for x in inputs]
    batch = inputs[0].shape[0] if inputs else 1
    flat = flattened(program, library, inputs)
    for use in program.indices:
        if bool(xp.any(selects_outside(use, flat, library))):
            raise IndexRangeError(
                f"an index of input {program.inputs[use.input].name!r} is outside the "
                f"{use.bound} values 0..{use.bound - 1} that autograd.take chooses from"
            )
    return evaluate(program, library, theta, [flat], batch)[0]


def check_theta(theta: Array, count: int) -> None:
    """Raise ValueError unless theta is a flat array of so many numbers."""
    if theta.shape != (count,):
        raise ValueError(
            f"theta is a flat array of {count} parameters, got one of shape {tuple(theta.shape)}"
        )


def flattened(program: Program, library: Library, inputs: Sequence[Array]) -> list[Array]:
    """Inputs as (batch, elements) each, with the indices that are computed from them."""
    xp = library.xp
    given = zip(inputs, program.inputs[: len(inputs)], strict=True)
    flat = [xp.reshape(x, (x.shape[0], spec.size)) for x, spec in given]
    if len(flat) == len(program.inputs):
        return flat
    computed = program.computed.of(flat, lambda row: row_function(row, library), library.integers)
    return [*flat, *[x[:, None] for x in computed]]


def selects_outside(use: IndexUse, flat: Sequence[Array], library: Library) -> Array:
    """True for each example of inputs (batch, elements) whose index is out of range."""
    chosen = library.xp.astype(flat[use.input][:, use.element], library.integer)
    return (chosen < 0) | (chosen >= use.bound)


def evaluate(
    program: Program, library: Library, theta: Array, parts: Sequence[Sequence[Array]],
    batch: int, total: Callable[[list[Array]], list[Array]] = lambda sums: sums,
) -> list[StandardResult]:  # fmt: skip
    """The results for each part of a batch of so many examples; means are those of the batch.

    `total` adds up the sums over the examples of the first part, if it is one of many, elsewhere.
    """
    whole = Machine(program, library, library.xp.astype(theta, library.dtype)[:, None])
    machines = [whole.on(part[0].shape[0] if part else 1) for part in parts]
    for machine, part in zip(machines, parts, strict=True):
        machine.load(part)
        machine.run(program.phases()[1])
    if program.gradient is None or batch == 0:
        return [StandardResult(machine.outputs(), None, None, []) for machine in machines]
    first, *others = [machine.sums for machine in machines]
    whole.finish([sum(each) / batch for each in zip(total(first), *others, strict=True)])
    return [machine.result(batch) for machine in machines]


def _copied(step: Step) -> Index | None:
    """The rows that a step copies within a space; None for other steps."""
    if step.kind is StepKind.GATHER and step.space == step.out.space:
        return step.index
    is_copy = step.kind is StepKind.APPLY and step.row is None
    return step.inputs[0].rows if is_copy and step.inputs[0].space == step.out.space else None


class Machine:
    """The rows of a program, and the kinds of steps, that make new ones.

    At first it has the shared rows alone, computed from the parameters (parameters, 1).
    """

    def __init__(self, program: Program, library: Library, theta: Array) -> None:
        self.program, self.library, self.xp, self.batch = program, library, library.xp, 1
        self.spaces = {SHARED: Rows(library, program.sizes[SHARED], 1)}
        constants = library.floats(program.constants)[:, None]
        for start, numbers in ((0, theta), (program.parameters, constants)):
            self.spaces[SHARED].write(start + np.arange(numbers.shape[0]), numbers)
        self.run(program.phases()[0])

    def on(self, batch: int) -> Machine:
        """Return the same for some examples: it has the same shared rows."""
        machine, sizes = copy.copy(self), self.program.sizes
        machine.batch = batch
        machine.spaces = {
            SHARED: self.spaces[SHARED],
            BATCHED: Rows(self.library, sizes[BATCHED], batch),
            MEANS: Rows(self.library, sizes[MEANS], 1),
        }
        return machine

    def load(self, inputs: Sequence[Array]) -> None:
        """Take inputs (batch, elements), and the integers among them that select."""
        chosen = [inputs[use.input][:, use.element] for use in self.program.indices]
        self.feed([self.xp.astype(x, self.library.dtype).T for x in inputs], chosen)

    def feed(self, rows: Sequence[Array], chosen: Sequence[Array] | None = None) -> None:
        """Take inputs (elements, batch or 1), in the order of their rows.

        The integers that select are among them, as in a loop, unless they are given: exact.
        """
        space, start = self.spaces[BATCHED], 0
        for x in rows:
            whole = self.xp.broadcast_to(x, (x.shape[0], self.batch))
            space.write(start + np.arange(x.shape[0]), whole)
            start += x.shape[0]
        if chosen is None:
            chosen = [space.read(np.array(row)) for row in self.program.index_rows]
        integers = [self.xp.astype(x, self.library.integer) for x in chosen]
        self.indices = self.xp.stack(integers) if integers else None

    def run(self, steps: Sequence[Step]) -> None:
        """Run steps: each makes an array of its sizes and a batch axis, of one if it is shared."""
        for step in steps:
            out, rows = self.spaces[step.out.space], step.out.rows.ravel()
            if step.plan is not None:
                theta = fed(self, step, step.plan.theta, 1)
                run_loop(self, Machine(step.plan.program, self.library, theta), step)
            elif (source := _copied(step)) is not None:
                out.rename(source.ravel(), rows)
            else:
                result = getattr(self, f"_{step.kind}")(step)
                columns = self.batch if step.out.space == BATCHED else 1
                result = self.xp.astype(result, self.library.dtype, copy=False)
                result = self.xp.broadcast_to(result, (*step.out.sizes, columns))
                out.write(rows, self.xp.reshape(result, (len(rows), columns)))

    def operands(self, step: Step, *, whole: bool = False) -> list[Array]:
        """The arrays of a step's views: (*sizes, batch), or 1 if shared, unless the whole batch."""
        arrays = [self.spaces[view.space].view(view) for view in step.inputs]
        if not whole:
            return arrays
        return [self.xp.broadcast_to(x, (*x.shape[:-1], self.batch)) for x in arrays]

    # Results

    @property
    def sums(self) -> list[Array]:
        """The sums over the batch, of each step that made some: (sums, 1)."""
        return self.spaces[MEANS].arrays[1:]

    def finish(self, means: Sequence[Array]) -> None:
        """Take the means over the batch, as the sums are, and run the steps that use them."""
        for view, numbers in zip(sums_of(self.program), means, strict=True):
            self.spaces[SHARED].write(self.program.means + view.rows.ravel(), numbers)
        self.run(self.program.phases()[2])

    def either(self, of_each: Index, shared: Index) -> Array:
        """Rows of which each is batched or shared and the other number is -1: (rows, batch)."""
        batched, alone = self.spaces[BATCHED].read(of_each), self.spaces[SHARED].read(shared)
        if (shared < 0).all():
            return batched
        is_shared = self.xp.asarray(shared >= 0, device=self.library.device)[:, None]
        return self.xp.where(is_shared, alone, batched)

    def outputs(self, which: slice = slice(None)) -> Array:
        """The outputs, or some of them: (outputs, batch)."""
        located = self.program.outputs[which]
        is_batched = np.array([space == BATCHED for space, _ in located], bool)
        rows = np.array([row for _, row in located], np.int64)
        return self.either(np.where(is_batched, rows, -1), np.where(is_batched, -1, rows))

    def result(self, batch: int) -> StandardResult:
        """All results, after the means."""
        program = self.program
        assert program.gradient is not None
        mean = self.spaces[SHARED].read(np.array([program.mean_output]))[0, 0]
        gradient = self.spaces[SHARED].read(program.gradient)[:, 0]
        wanted = zip(program.input_gradients, program.shared_input_gradients, strict=True)
        for_inputs = [
            None if spec.is_integer else
            self.xp.reshape(self.either(*rows).T / batch, (self.batch, *spec.shape))
            for spec, rows in zip(program.inputs, wanted, strict=False)
        ]  # fmt: skip
        return StandardResult(self.outputs(), mean, gradient, for_inputs)

    # The kinds of steps, each by its name in `instructions.py`, where their shapes are

    def _apply(self, step: Step) -> Array:
        operands = self.operands(step)
        return row_function(step.row, self.library)(*operands) if step.row else operands[0]

    def _gather(self, step: Step) -> Array:
        assert step.index is not None
        return self.spaces[step.space].read(step.index)

    def _matmul(self, step: Step) -> Array:
        left, right = self.operands(step)
        return self.xp.matmul(left[..., 0], right)

    def _product(self, step: Step) -> Array:
        left, right = self.operands(step)
        return self.xp.matmul(left[..., 0], right[..., 0])[..., None]

    def _contract(self, step: Step) -> Array:
        left, right = self.operands(step)
        if step.choices is not None or math.prod(step.out.sizes[1:]) <= _FEW:
            products = left[:, :, None, ...] * right[:, None, ...]
            if step.choices is not None:
                wanted = self.xp.asarray(step.choices[..., None], device=self.library.device)
                products = self.xp.where(wanted, products, self.xp.zeros_like(products))
            return self.library.across("add", products)
        left = self.xp.permute_dims(left, (0, 3, 1, 2))  # (c, b, u, k)
        right = self.xp.permute_dims(right, (0, 3, 2, 1))  # (c, b, k, v)
        return self.xp.permute_dims(self.xp.matmul(left, right), (0, 2, 3, 1))

    def _outer(self, step: Step) -> Array:
        c, u, v = step.out.sizes
        left, right = self.operands(step, whole=True)
        merged = left.shape[2] * self.batch
        left = self.xp.reshape(left, (c, u, merged))
        right = self.xp.permute_dims(self.xp.reshape(right, (c, v, merged)), (0, 2, 1))
        return self.xp.matmul(left, right)[..., None]

    def _reduce(self, step: Step) -> Array:
        assert step.row is not None
        return self.library.across(step.row.name, self.operands(step)[0])

    def _total(self, step: Step) -> Array:
        return self.xp.sum(self.operands(step, whole=True)[0], axis=(-2, -1))[..., None]

    def chosen(self, numbers: Index) -> Array:
        """Integer inputs by their numbers: (…, batch)."""
        chosen = self.xp.take(self.indices, self.library.integers(numbers.ravel()), axis=0)
        return self.xp.reshape(chosen, (*numbers.shape, self.batch))

    def _take(self, step: Step) -> Array:
        """One flat list of all candidates, and where in it the chosen one is."""
        assert step.index is not None
        candidates = self.operands(step)[0]  # (c, u, n, batch or 1)
        c, u, n, columns = candidates.shape
        first = np.reshape(np.arange(c * u) * n, (c, u, 1, 1))
        place = self.library.integers(first) + self.chosen(step.index)[:, None, :, :]
        place = place * columns + self.library.integers(np.arange(columns))
        flat = self.xp.reshape(candidates, (c * u * n * columns,))
        taken = self.xp.take(flat, self.xp.reshape(place, (-1,)), axis=0)
        return self.xp.reshape(taken, place.shape)

    def _pick(self, step: Step) -> Array:
        """Handle one choice at a time: all at once would multiply the memory by their number."""
        assert step.index is not None
        assert step.choices is not None
        x = self.operands(step, whole=True)[0]  # (c, v, k, b)
        zero = self.xp.zeros_like(x)
        sums = []
        for u in range(step.index.shape[1]):
            choice = self.library.integers(step.choices[:, u])[..., None]
            is_chosen = (self.chosen(step.index[:, u]) == choice)[:, None, :, :]
            sums.append(self.xp.sum(self.xp.where(is_chosen, x, zero), axis=(-2, -1)))
        return self.xp.stack(sums, axis=1)[..., None]
