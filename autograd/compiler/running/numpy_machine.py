"""Running a program with NumPy: every step is a call with its views and its output prepared.

A workspace holds the rows of a program for a number of columns, and the calls bound to them. A
batch that is too large for the processor's cache is computed in chunks of columns.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from autograd.compiler.rolling.instructions import Step
from autograd.compiler.rolling.program import Program
from autograd.compiler.rolling.views import BATCHED, MEANS, SHARED, Index, View, as_slice
from autograd.compiler.running.numpy_loops import Repetition, located_results
from autograd.compiler.running.products import (
    LONG,
    contract_some,
    in_turn,
    merged,
    product,
    singly,
    sum_of_pieces,
    sum_of_products,
)

Array = NDArray[Any]
Call = Callable[[], Any]
_SMALL = 4096  # numbers of which np.putmask selects in less time than a few calls
_WORTH_NO_COPY = 256  # columns from which an input is read where it is, if only products read it
_signature = cache(inspect.signature)


class Workspace:
    """The rows of a program for a number of columns, and its steps bound to them."""

    def __init__(
        self, program: Program, columns: int, dtype: Any, *, of_step: bool = False
    ) -> None:
        self.program = program
        self.columns = columns
        self.shared = np.zeros(program.sizes[SHARED], dtype)
        self.batched = np.zeros((program.sizes[BATCHED], columns), dtype)
        self.means = np.zeros(program.sizes[MEANS], dtype)
        self.indices = np.zeros((len(program.indices), columns), np.intp)
        others = {SHARED: self.shared[:, None], MEANS: self.means[:, None]}
        self.spaces = {BATCHED: self.batched, **others}
        start = program.parameters
        self.shared[start : start + len(program.constants)] = program.constants
        self.work = np.empty(0, dtype)
        self.ones = np.ones(columns, dtype)
        self.unloaded = program.unloaded if columns >= _WORTH_NO_COPY and not of_step else ()
        self.sources: dict[int, tuple[int, Array]] = {}  # of inputs, as they are or copied
        ends = pairwise([0, *program.input_ends])
        self._inputs = [(start, self.batched[start:end]) for start, end in ends]
        for number in () if self.unloaded or of_step else program.unloaded:
            start, rows = self._inputs[number]
            self.sources[number] = start, np.zeros(rows.shape[::-1], dtype)
        self._chosen = [*self._choices()]
        self._results = located_results(self.spaces, program.outputs)
        self._arrays: dict[tuple[int, bool], Array] = {}
        before, during, after = program.phases()
        self.before, self.after = [self._bind(s) for s in before], [self._bind(s) for s in after]
        self.during = [call for step in during for call in singly(self._bind_early(step))]

    # A run, in the order of the calls

    def begin(self, theta: Array) -> None:
        """Take the parameters, and run the steps that depend on them alone."""
        self.shared[: self.program.parameters] = theta
        for call in self.before:
            call()

    def load(self, inputs: Sequence[Array]) -> bool:
        """Take inputs of shape (columns, elements) each; False if an index among them is too large.

        As an unsigned number a negative one is too large.
        """
        for number, ((first, rows), x) in enumerate(zip(self._inputs, inputs, strict=True)):
            if number in self.unloaded:
                self.sources[number] = first, x.astype(self.shared.dtype, copy=False)
            else:
                rows[...] = x.T
                if number in self.sources:
                    self.sources[number][1][...] = x
        for indices, unsigned, number, elements, bound in self._chosen:
            indices[...] = inputs[number][:, elements].T
            if unsigned.item(unsigned.argmax()) >= bound:
                return False
        return True

    def run(self) -> None:
        """Run the steps of each example, and the sums over examples."""
        for call in self.during:
            call()

    def forget(self) -> None:
        """Drop the references to the inputs."""
        if self.unloaded:
            self.sources.clear()

    def finish(self, means: Array) -> None:
        """Take the means over the batch, and run the steps that use them."""
        start = self.program.means
        self.shared[start : start + len(means)] = means
        for call in self.after:
            call()

    def read_outputs(self, into: Array) -> None:
        """Copy the rows of the outputs to (outputs, columns)."""
        for places, source, rows in self._results:
            into[places] = source[rows]

    def read_gradients(self, into: Sequence[Array]) -> None:
        """Copy the rows of the gradients for inputs to (columns, elements); zero for none."""
        rows_of_each = self.program.input_gradients, self.program.shared_input_gradients
        for out, rows, shared in zip(into, *rows_of_each, strict=True):
            if len(rows):
                out[:] = self.batched[rows].T
                others = rows < 0
                out[:, others] = np.where(shared[others] < 0, 0.0, self.shared[shared[others]])

    # Binding

    def _choices(self) -> Iterator[tuple[Array, Array, int, slice | Index, int]]:
        """The rows of indices, as they are and unsigned, with their input, elements and bound."""
        start = 0
        for (number, bound), uses in groupby(self.program.indices, lambda use: (use[0], use[2])):
            elements = [use.element for use in uses]
            rows = self.indices[start : (start := start + len(elements))]
            yield rows, rows.view(np.uintp), number, as_slice(np.array(elements)), bound

    def _array(self, view: View, batch_axis: bool = True) -> Array:
        """The array of a view; shared rows have a batch axis of one, or none."""
        if self.unloaded and self.program.input_of(view) in self.unloaded:
            return self._input(view)
        key = id(view), batch_axis  # the program holds its views for as long as this lives
        if key not in self._arrays:
            space = self.spaces[view.space]
            row, column = space.strides
            sizes = *view.sizes, space.shape[1]
            strides = *[s * row for s in view.strides], column
            array = np.ndarray(sizes, space.dtype, space, view.offset * row, strides)
            self._arrays[key] = array if batch_axis or view.space == BATCHED else array[..., 0]
        return self._arrays[key]

    def _input(self, view: View) -> Array:
        """A view of an input where it is."""
        number = self.program.input_of(view)
        assert number is not None
        start, x = self.sources[number]
        first = view.offset - start
        axes = [i for i, n in enumerate(view.sizes) if n > 1]
        if [view.strides[i] for i in axes] in ([], [1]):  # the usual cases, quickly
            return x.T[first : first + view.count].reshape(*view.sizes, self.columns)
        x = x[:, first:]
        strides = [s * x.strides[1] for s in view.strides]
        return as_strided(x, (*view.sizes, self.columns), (*strides, x.strides[0]))

    def _bind_early(self, step: Step) -> Call:
        """Bind a step, or if it reads inputs where they are a call that binds it to these."""
        is_late = any(self.program.input_of(view) in self.unloaded for view in step.inputs)
        return (lambda: self._bind(step)()) if is_late else self._bind(step)

    def _bind(self, step: Step) -> Call:
        call: Call = getattr(self, f"_bind_{step.kind}")(step)
        return call

    def _bind_apply(self, step: Step) -> Call:
        out = self._array(step.out)
        inputs = [self._array(view) for view in step.inputs]
        if step.row is None:
            return partial(np.copyto, out, inputs[0])
        if step.row.name == "where":
            return self._bind_where(inputs[0], (*step.inputs[1:], step.out))
        if isinstance(step.row.ufunc, np.ufunc):
            call = partial(step.row.ufunc, *map(_number, inputs))
            by_name = step.row.ufunc in (np.maximum, np.minimum)  # which warn of an `out` by place
            return partial(call, out=out) if by_name else partial(call, out)
        options = _signature(step.row.ufunc).parameters
        if "work" in options:
            return partial(step.row.ufunc, *inputs, out=out, work=self._work(out))
        if "out" in options:
            return partial(step.row.ufunc, *inputs, out=out)
        return partial(_assign, step.row.ufunc, out, *inputs)

    def _bind_where(self, condition: Array, views: Sequence[View]) -> Call:
        """Bind products of bits with 0 and 1, where np.where takes three to six times as long."""
        dtype, first = self.shared.dtype, self.program.parameters
        constants = range(first, first + len(self.program.constants))
        is_constant = [v.space == SHARED and all(e in constants for e in v.ends) for v in views]
        x, z, out = (np.asarray(self._array(v), dtype).view(f"i{dtype.itemsize}") for v in views)
        bits = np.empty(condition.shape, bool)
        calls: list[Call] = [partial(np.not_equal, condition, 0.0, bits)]
        if is_constant[1] and not z.any():
            calls += [partial(np.multiply, x, bits, out)]
        elif is_constant[0] and not x.any():
            calls = [partial(np.equal, condition, 0.0, bits), partial(np.multiply, z, bits, out)]
        elif is_constant[0] and out.size <= _SMALL and bits.shape == out.shape:
            numbers = np.broadcast_to(x, out.shape).copy()
            calls += [partial(np.copyto, out, z), partial(np.putmask, out, bits, numbers)]
        else:
            calls += [partial(_select, bits, x, z, self._work(out), out)]
        return partial(in_turn, calls)

    def _work(self, out: Array) -> Array:
        """An array like `out`, which the steps share."""
        if self.work.size < out.size:
            self.work = np.empty(out.size, out.dtype)
        return self.work[: out.size].view(out.dtype).reshape(out.shape)

    def _bind_gather(self, step: Step) -> Call:
        assert step.index is not None
        first, last = int(step.index.min()), int(step.index.max())
        rows = self.spaces[step.space][first : last + 1]  # if `out` is in them NumPy copies it
        return partial(rows.take, step.index - first, 0, self._array(step.out), "clip")

    def _bind_matmul(self, step: Step) -> Call:
        left = self._array(step.inputs[0], batch_axis=False)
        return product(left, self._array(step.inputs[1]), self._array(step.out))

    def _bind_product(self, step: Step) -> Call:
        return product(*[self._array(v, batch_axis=False) for v in (*step.inputs, step.out)])

    def _bind_contract(self, step: Step) -> Call:
        left, right = map(self._array, step.inputs)
        out = self._array(step.out)
        call: Call = partial(np.einsum, "cukb,cvkb->cuvb", left, right, out=out)
        if self.columns == 1:
            call = product(left[..., 0], right[..., 0].swapaxes(1, 2), out[..., 0])
        if step.choices is None:
            return call
        return partial(contract_some, call, left, right, step.choices, out)

    def _bind_outer(self, step: Step) -> Call:
        left, right = [  # an input as it is given, for which the product takes less time
            self._input(view) if self.program.input_of(view) in self.sources else self._array(view)
            for view in step.inputs
        ]
        rows, columns = merged(left), merged(right)
        if rows is not None and columns is not None:
            left, right = rows[:, :, None], columns[:, :, None]
        out = self._array(step.out, batch_axis=False)
        return sum_of_products(left.swapaxes(1, 2), right.transpose(0, 2, 3, 1), out)

    def _bind_scan(self, step: Step) -> Call:
        assert step.plan is not None
        columns = self.columns if step.out.space == BATCHED else 1
        inner = Workspace(step.plan.program, columns, self.shared.dtype, of_step=True)
        views = [self._array(view) for view in step.inputs]
        wanted = step.plan.totals
        totals = None if wanted is None else self._array(wanted, batch_axis=False)
        return Repetition(step.plan, inner, views, self._array(step.out), totals)

    def _bind_reduce(self, step: Step) -> Call:
        assert step.row is not None
        out = self._array(step.out)
        return partial(step.row.ufunc.reduce, self._array(step.inputs[0]), -2, None, out)  # type: ignore[attr-defined]

    def _bind_total(self, step: Step) -> Call:
        array, out = self._array(step.inputs[0]), self._array(step.out, batch_axis=False)
        if out.itemsize == 4 and self.columns >= LONG:
            return sum_of_pieces(array, self.ones, out)
        if array.shape[-2] == 1:
            if out.itemsize == 4:  # a product with a matrix is less accurate
                return partial(np.vecdot, array[..., 0, :], self.ones, out)
            return product(array[..., 0, :], self.ones, out)
        return partial(np.add.reduce, array, (-2, -1), None, out)

    def _bind_take(self, step: Step) -> Call:
        """Bind a choice as a choice among all numbers of the space, by their places."""
        assert step.index is not None
        (view,), out = step.inputs, self._array(step.out)
        low, high = view.ends
        source = self.spaces[view.space][low : high + 1]
        columns = source.shape[1]
        first = (view.rows[:, :, :1, None] - low) * columns + np.arange(columns)
        apart = np.array(view.strides[-1] * columns)
        place = np.empty(out.shape, np.intp)
        chosen = np.empty((*step.index.shape, self.columns), np.intp)
        calls = [
            partial(self.indices.take, step.index, 0, chosen, "clip"),
            partial(np.multiply, chosen, apart, chosen),
            partial(np.add, _number(first), chosen[:, None], place),
            partial(source.reshape(-1).take, place, None, out, "clip"),
        ]
        return partial(in_turn, calls)

    def _bind_pick(self, step: Step) -> Call:
        index, choices = step.index, step.choices
        assert index is not None
        assert choices is not None
        x, out = self._array(step.inputs[0]), self._array(step.out, batch_axis=False)
        if (index != index[:, :1]).any() or (choices != choices[..., :1]).any():
            return partial(self._pick_singly, x, index, choices, out)
        bins = max(self.program.indices[i].bound for i in np.unique(index))
        (c, v), bins = x.shape[:2], max(bins, int(choices.max()) + 1)
        first = bins * np.arange(c * v).reshape(c, v, 1, 1)
        places = first[:, None, :, 0, 0] + choices[:, :, :1]  # (c, u, v)
        return partial(self._pick, x, index[:, 0], first, c * v * bins, places, out)

    def _pick(
        self, x: Array, index: Any, first: Array, bins: int, places: Array, out: Array
    ) -> None:
        """Sum x (c, v, k, b) by the indices (c, k), and take the sums that are wanted."""
        bin_of = first + self.indices[index][:, None]
        out[...] = np.bincount(bin_of.ravel(), x.ravel(), bins)[places]

    def _pick_singly(self, x: Array, index: Any, choices: Any, out: Array) -> None:
        for c in range(len(x)):
            chosen = self.indices[index[c]] == choices[c][..., None]  # (u, k, b)
            out[c] = np.where(chosen[:, None], x[c], 0.0).sum(axis=(-2, -1))


def _number(array: Array) -> Array:
    """An array of one number without its axes, which takes a function less time; others as are."""
    is_one = all([n == 1 or not s for n, s in zip(array.shape, array.strides, strict=True)])
    return as_strided(array, (), ()) if is_one else array


def _assign(function: Callable[..., Array], out: Array, *inputs: Array) -> None:
    out[...] = function(*inputs)


def _select(condition: Array, x: Array, z: Array, work: Array, out: Array) -> None:
    np.multiply(np.bitwise_xor(x, z, out=work), condition, out=work)
    np.bitwise_xor(work, z, out=out)
