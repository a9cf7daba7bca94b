"""Running a program on another array library, by the Python Array API standard (2023.12).

Nothing is written in place: a step makes a new array, and a space of rows is a list of such arrays.
Slower than `numpy_machine.py`, and right wherever the standard is. A library that computes
derivatives or compiles can therefore do so through a program.

Beyond the standard it needs a short list: `erf` and `erfc`, which are taken from `xp.special` or
`xp` where they are and else go by way of NumPy, element by element. Two things of the standard that
not every library has in all circumstances: `xp.asarray` of NumPy's arrays (constants and row
numbers), and, with integers that select, `bool(array)` (their range is checked).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.rolling.instructions import Feed, Step
from autograd.compiler.rolling.program import Program
from autograd.compiler.rolling.views import BATCHED, MEANS, SHARED, Index, View
from autograd.compiler.running.array_functions import row_function, to_numpy
from autograd.errors import IndexRangeError

Array = Any
_ACROSS = {"add": "sum", "maximum": "max", "minimum": "min"}


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
    machine = _Machine(program, xp, xp.asarray(theta, device=device), inputs, dtype)
    before, during, after = program.phases()
    machine.run((*before, *during))
    if program.gradient is None or machine.batch == 0:
        return StandardResult(machine.outputs(), None, None, [])
    machine.finish()
    machine.run(after)
    return machine.result()


class _Machine:
    def __init__(
        self, program: Program, xp: Any, theta: Array, inputs: Sequence[Array], dtype: Any
    ) -> None:
        if theta.shape != (program.parameters,):
            raise ValueError(
                f"theta is a flat array of {program.parameters} parameters, "
                f"got one of shape {tuple(theta.shape)}"
            )
        self.program, self.xp, self.device = program, xp, theta.device
        defaults = xp.__array_namespace_info__().default_dtypes(device=theta.device)
        self.integer, self.dtype = defaults["indexing"], dtype
        if dtype is None:
            is_float = xp.isdtype(theta.dtype, "real floating")
            self.dtype = theta.dtype if is_float else defaults["real floating"]
        self.inputs = [xp.asarray(x, device=self.device) for x in inputs]
        self.batch = self.inputs[0].shape[0] if inputs else 1
        self.spaces = {
            space: _Rows(self, program.sizes[space], self.batch if space == BATCHED else 1)
            for space in (SHARED, BATCHED, MEANS)
        }
        self._load(theta)

    def _load(self, theta: Array) -> None:
        xp, program = self.xp, self.program
        constants = xp.asarray(program.constants, dtype=self.dtype, device=self.device)
        for start, numbers in ((0, theta), (program.parameters, constants)):
            rows = start + np.arange(numbers.shape[0])
            self.spaces[SHARED].write(rows, xp.astype(numbers, self.dtype)[:, None])
        flat, start = [], 0
        for x, spec in zip(self.inputs, program.inputs, strict=False):
            flat.append(xp.reshape(x, (self.batch, spec.size)))
        if program.computed.nodes:
            computed = program.computed.of([*map(to_numpy, flat)])
            flat += [xp.asarray(x[:, None], device=self.device) for x in computed]
        for x, spec in zip(flat, program.inputs, strict=True):
            rows = start + np.arange(spec.size)
            self.spaces[BATCHED].write(rows, xp.astype(x, self.dtype).T)
            start += spec.size
        chosen = [flat[use.input][:, use.element] for use in program.indices]
        self.indices = xp.stack([xp.astype(x, self.integer) for x in chosen]) if chosen else None
        self._check_indices()

    def _check_indices(self) -> None:
        for number, use in enumerate(self.program.indices):
            chosen = self.indices[number, :]  # type: ignore[index]
            if bool(self.xp.any((chosen < 0) | (chosen >= use.bound))):
                raise IndexRangeError(
                    f"an index of input {self.program.inputs[use.input].name!r} is outside the "
                    f"{use.bound} values 0..{use.bound - 1} that autograd.take chooses from"
                )

    def run(self, steps: Sequence[Step]) -> None:
        """Run steps: each makes an array of its sizes and a batch axis, of one if it is shared."""
        for step in steps:
            result = self.xp.astype(getattr(self, step.kind)(step), self.dtype, copy=False)
            columns = self.batch if step.out.space == BATCHED else 1
            result = self.xp.broadcast_to(result, (*step.out.sizes, columns))
            rows = self.xp.reshape(result, (step.out.count, columns))
            self.spaces[step.out.space].write(step.out.rows.ravel(), rows)

    # Reading

    def integers(self, numbers: Index) -> Array:
        """Row numbers and the like as an array of the library."""
        return self.xp.asarray(numbers, dtype=self.integer, device=self.device)

    def read(self, view: View) -> Array:
        """The array of a view, with a batch axis of one if it is shared: (*sizes, batch or 1)."""
        once = tuple([slice(0, 1) if stride == 0 else slice(None) for stride in view.strides])
        array = self.rows(view.space, view.rows[once])
        return self.xp.broadcast_to(array, (*view.sizes, array.shape[-1]))

    def read_whole(self, view: View) -> Array:
        """The array of a view, with the whole batch even if it is shared: (*sizes, batch)."""
        return self.xp.broadcast_to(self.read(view), (*view.sizes, self.batch))

    def rows(self, space: str, rows: Index) -> Array:
        """Rows in the shape of their numbers: (*shape, batch or 1)."""
        array = self.spaces[space].read(rows.ravel())
        return self.xp.reshape(array, (*rows.shape, array.shape[-1]))

    def either(self, of_each: Index, shared: Index) -> Array:
        """Rows of which each is batched or shared and the other number is -1: (rows, batch)."""
        return self.rows(BATCHED, of_each) + self.rows(SHARED, shared)

    # Results

    def finish(self) -> None:
        """Make means of the sums over the batch."""
        sums = np.arange(self.program.sizes[MEANS])
        means = self.rows(MEANS, sums) / self.batch
        self.spaces[SHARED].write(self.program.means + sums, means)

    def outputs(self) -> Array:
        if not self.program.outputs:
            return self.xp.zeros((0, self.batch), dtype=self.dtype, device=self.device)
        spaces, rows = zip(*self.program.outputs, strict=True)
        is_batched = np.array(spaces) == BATCHED
        return self.either(np.where(is_batched, rows, -1), np.where(is_batched, -1, rows))

    def result(self) -> StandardResult:
        program = self.program
        assert program.gradient is not None
        mean = self.rows(SHARED, np.array(program.mean_output))[0]
        gradient = self.rows(SHARED, program.gradient)[:, 0]
        wanted = zip(program.input_gradients, program.shared_input_gradients, strict=True)
        for_inputs = [
            None if spec.is_integer else self.xp.reshape(self.either(*rows).T / self.batch, x.shape)
            for x, spec, rows in zip(self.inputs, program.inputs, wanted, strict=False)
        ]
        return StandardResult(self.outputs(), mean, gradient, for_inputs)

    # The kinds of steps, each by its name in `instructions.py`

    def apply(self, step: Step) -> Array:
        operands = [self.read(view) for view in step.inputs]
        return row_function(step.row, self.xp)(*operands) if step.row else operands[0]

    def gather(self, step: Step) -> Array:
        assert step.index is not None
        return self.rows(step.space, step.index)

    def matmul(self, step: Step) -> Array:
        left, right = map(self.read, step.inputs)
        return self.xp.matmul(left[..., 0], right)

    def product(self, step: Step) -> Array:
        left, right = map(self.read, step.inputs)
        return self.xp.matmul(left[..., 0], right[..., 0])[..., None]

    def contract(self, step: Step) -> Array:
        left, right = map(self.read, step.inputs)
        if step.choices is not None:
            products, wanted = left[:, :, None, ...] * right[:, None, ...], step.choices[..., None]
            wanted = self.xp.asarray(wanted, device=self.device)
            products = self.xp.where(wanted, products, self.xp.zeros_like(products))
            return self.xp.sum(products, axis=-2)
        left = self.xp.permute_dims(left, (0, 3, 1, 2))  # (c, b, u, k)
        right = self.xp.permute_dims(right, (0, 3, 2, 1))  # (c, b, k, v)
        return self.xp.permute_dims(self.xp.matmul(left, right), (0, 2, 3, 1))

    def outer(self, step: Step) -> Array:
        c, u, v = step.out.sizes
        left, right = map(self.read_whole, step.inputs)
        merged = left.shape[2] * self.batch
        left = self.xp.reshape(left, (c, u, merged))
        right = self.xp.permute_dims(self.xp.reshape(right, (c, v, merged)), (0, 2, 1))
        return self.xp.matmul(left, right)[..., None]

    def reduce(self, step: Step) -> Array:
        assert step.row is not None
        return getattr(self.xp, _ACROSS[step.row.name])(self.read(step.inputs[0]), axis=-2)

    def total(self, step: Step) -> Array:
        return self.xp.sum(self.read_whole(step.inputs[0]), axis=(-2, -1))[..., None]

    def scan(self, step: Step) -> Array:
        """Run the program of a step again and again, on the library's arrays."""
        plan, xp = step.plan, self.xp
        assert plan is not None
        views = [self.read(view) for view in step.inputs]
        theta = self._fed(plan.theta, views, plan.program.parameters, 1)[:, 0]
        sizes = [spec.size for spec in plan.program.inputs]
        batch = self.batch if step.out.space == BATCHED else 1
        carry = self._fed(plan.first, views, sizes[0], batch)
        outer = self._fed(plan.outer, views, sizes[2], batch)
        each: list[Any] = [None] * plan.length
        added: Any = None
        totals: Any = None
        for t in range(plan.length)[:: -1 if plan.is_reversed else 1]:
            at = {feed.view: views[feed.view][t, ...] for feed in plan.items}
            x = self._fed(plan.items, at, sizes[1], batch)
            results, sums = _run_step(plan.program, xp, theta, [carry.T, x.T, outer.T], self.dtype)
            end = plan.carry + plan.each
            carry, each[t] = results[: plan.carry, :], results[plan.carry : end, :]
            added = results[end:, :] if added is None else added + results[end:, :]
            totals = sums if totals is None or sums is None else totals + sums
        if plan.totals is not None:
            self.spaces[MEANS].write(plan.totals.rows.ravel(), totals[:, None])
        rows = xp.concat([*each, carry, added], axis=0)
        return rows if rows.shape[0] else xp.zeros((1, batch), dtype=self.dtype, device=self.device)

    def _fed(self, feeds: Sequence[Feed], views: Any, size: int, batch: int) -> Array:
        """The rows that views feed, in their order: (size, batch)."""
        parts = [views[feed.view] for feed in feeds]
        parts = [self.xp.broadcast_to(view, (view.shape[0], batch)) for view in parts]
        if not parts:
            return self.xp.zeros((size, batch), dtype=self.dtype, device=self.device)
        return self.xp.concat(parts, axis=0)

    def chosen(self, numbers: Index) -> Array:
        """Integer inputs by their numbers: (…, batch)."""
        chosen = self.xp.take(self.indices, self.integers(numbers.ravel()), axis=0)
        return self.xp.reshape(chosen, (*numbers.shape, self.batch))

    def take(self, step: Step) -> Array:
        """One flat list of all candidates, and where in it the chosen one is."""
        assert step.index is not None
        candidates = self.read(step.inputs[0])  # (c, u, n, batch or 1)
        c, u, n, columns = candidates.shape
        first = np.reshape(np.arange(c * u) * n, (c, u, 1, 1))
        place = self.integers(first) + self.chosen(step.index)[:, None, :, :]
        place = place * columns + self.integers(np.arange(self.batch if columns > 1 else 1))
        flat = self.xp.reshape(candidates, (c * u * n * columns,))
        taken = self.xp.take(flat, self.xp.reshape(place, (-1,)), axis=0)
        return self.xp.reshape(taken, place.shape)

    def pick(self, step: Step) -> Array:
        """Handle one choice at a time: all at once would multiply the memory by their number."""
        assert step.index is not None
        assert step.choices is not None
        x = self.read_whole(step.inputs[0])  # (c, v, k, b)
        zero = self.xp.zeros_like(x)
        sums = []
        for u in range(step.index.shape[1]):
            choice = self.integers(step.choices[:, u])[..., None]
            is_chosen = (self.chosen(step.index[:, u]) == choice)[:, None, :, :]
            sums.append(self.xp.sum(self.xp.where(is_chosen, x, zero), axis=(-2, -1)))
        return self.xp.stack(sums, axis=1)[..., None]


def _run_step(
    program: Program, xp: Any, theta: Array, inputs: Sequence[Array], dtype: Any
) -> tuple[Array, Any]:
    """The outputs of a loop's step, and the sums over the batch that are wanted, if any."""
    machine = _Machine(program, xp, theta, inputs, dtype)
    before, during, after = program.phases()
    machine.run(before)
    machine.run(during)
    if program.gradient is None:
        return machine.outputs(), None
    machine.finish()
    machine.run(after)
    return machine.outputs(), machine.rows(SHARED, program.gradient)[:, 0] * machine.batch


class _Rows:
    """A space: for each row number the array, and the row in it, that was written last.

    Rows that nothing was written to are zero, as in `numpy_machine.py`; so is the row -1.
    """

    def __init__(self, machine: _Machine, size: int, columns: int) -> None:
        self.xp, self.integers = machine.xp, machine.integers
        zero = self.xp.zeros((1, columns), dtype=machine.dtype, device=machine.device)
        self.arrays: list[Array] = [zero]
        self.array_of = np.zeros(size + 1, dtype=np.int64)
        self.place_in = np.zeros(size + 1, dtype=np.int64)

    def write(self, rows: Index, array: Array) -> None:
        self.array_of[rows] = len(self.arrays)
        self.place_in[rows] = np.arange(len(rows))
        self.arrays.append(array)

    def read(self, rows: Index) -> Array:
        if not len(rows):
            return self.arrays[0][:0, ...]
        numbers, which = np.unique(self.array_of[rows], return_inverse=True)
        order = np.argsort(which, kind="stable")  # those of one array together
        places = np.split(self.place_in[rows][order], np.cumsum(np.bincount(which))[:-1])
        parts = [self._select(self.arrays[n], p) for n, p in zip(numbers, places, strict=True)]
        return parts[0] if len(parts) == 1 else self._select(
            self.xp.concat(parts, axis=0), np.argsort(order, kind="stable")
        )  # fmt: skip

    def _select(self, array: Array, places: Index) -> Array:
        first = int(places[0])
        if np.array_equal(places, first + np.arange(len(places))):
            return array[first : first + len(places), ...]
        return self.xp.take(array, self.integers(places), axis=0)
