"""Running a program on another array library, by the Python Array API standard.

Nothing is written in place: a step makes a new array, and a space of rows is a list of such arrays.
Slower than `machine.py` with NumPy, and right wherever the standard is (version 2023.12).

Beyond the standard it needs `erf` and `erfc`, which are taken from the library where it has them
under `xp.special` and otherwise computed element by element by way of NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import batched
from autograd.compiler.instructions import (
    APPLY,
    CONTRACT,
    GATHER,
    MATMUL,
    OUTER,
    PICK,
    PRODUCT,
    REDUCE,
    TAKE,
    TOTAL,
    Step,
)  # fmt: skip
from autograd.compiler.program import Program
from autograd.compiler.views import BATCHED, MEANS, SHARED, Index, View
from autograd.primitive import Primitive

Array = Any
_NAMES = {  # of NumPy's ufuncs that the standard calls otherwise
    "absolute": "abs", "power": "pow", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
    "arctan2": "atan2",
}  # fmt: skip
_ACROSS = {"add": "sum", "maximum": "max", "minimum": "min"}


def run_standard(
    program: Program, xp: Any, theta: Array, inputs: Sequence[Array]
) -> tuple[list[Array], Array | None]:
    """The outputs for each example, and the gradient of the mean of the first if there is one.

    Args:
        program: what `Compiled.lower` gives.
        xp: the namespace of the array library, such as `array_api_strict`.
        theta: the parameters, a flat float array of that library.
        inputs: arrays (batch, …) of that library, in the order of `program.inputs`.
    """
    machine = _Machine(program, xp, theta, inputs)
    before, during, after = program.phases()
    for step in (*before, *during):
        machine.run(step)
    outputs = [machine.output(space, row) for space, row in program.outputs]
    if program.gradient is None:
        return outputs, None
    machine.finish()
    for step in after:
        machine.run(step)
    return outputs, machine.gradient()


class _Machine:
    def __init__(self, program: Program, xp: Any, theta: Array, inputs: Sequence[Array]) -> None:
        self.program, self.xp, self.dtype = program, xp, theta.dtype
        self.batch = inputs[0].shape[0] if inputs else 1
        flat = [xp.reshape(x, (self.batch, -1)) for x in inputs]
        self.spaces = {SHARED: _Rows(xp), BATCHED: _Rows(xp), MEANS: _Rows(xp)}
        constants = xp.asarray(program.constants.tolist(), dtype=self.dtype)
        self.spaces[SHARED].write(np.arange(theta.shape[0]), theta)
        first = program.parameters
        self.spaces[SHARED].write(first + np.arange(constants.shape[0]), constants)
        start = 0
        for x in flat:
            rows = xp.permute_dims(xp.astype(x, self.dtype), (1, 0))
            self.spaces[BATCHED].write(start + np.arange(rows.shape[0]), rows)
            start += rows.shape[0]
        self.indices = [flat[use.input][:, use.element] for use in program.indices]

    def run(self, step: Step) -> None:
        result = _KINDS[step.kind](self, step)
        axes = step.out.sizes + ((self.batch,) if step.out.space == BATCHED else ())
        result = self.xp.broadcast_to(result, axes)
        shape = (step.out.count, *axes[len(step.out.sizes) :])
        self.spaces[step.out.space].write(step.out.rows.ravel(), self.xp.reshape(result, shape))

    def read(self, view: View, batch_axis: bool = True) -> Array:
        """The array of a view; shared rows have a batch axis of one, or none."""
        return self.rows(view.space, view.rows, batch_axis)

    def rows(self, space: str, rows: Index, batch_axis: bool = True) -> Array:
        found = self.spaces[space].read(rows.ravel())
        found = self.xp.reshape(found, (*rows.shape, *found.shape[1:]))
        return found if space == BATCHED or not batch_axis else found[..., None]

    def output(self, space: str, row: int) -> Array:
        return self.xp.broadcast_to(self.rows(space, np.array([row]))[0, ...], (self.batch,))

    def finish(self) -> None:
        """Make means of the sums over the batch."""
        computed = np.flatnonzero(self.spaces[MEANS].array_of >= 0)
        if len(computed):
            sums = self.spaces[MEANS].read(computed)
            self.spaces[SHARED].write(self.program.means + computed, sums / self.batch)

    def gradient(self) -> Array:
        rows = self.program.gradient
        assert rows is not None
        found = self.spaces[SHARED].read(np.where(rows < 0, 0, rows))
        none = self.xp.asarray((rows < 0).tolist(), dtype=self.xp.bool)
        return self.xp.where(none, self.xp.zeros_like(found), found)

    # The kinds of steps

    def apply(self, step: Step) -> Array:
        operands = [self.read(view, step.out.space == BATCHED) for view in step.inputs]
        if step.row is None:
            return operands[0]
        return self.xp.astype(row_function(step.row, self.xp)(*operands), self.dtype)

    def gather(self, step: Step) -> Array:
        assert step.index is not None
        return self.rows(step.space, step.index, step.space == BATCHED)

    def matmul(self, step: Step) -> Array:
        left, right = step.inputs
        return self.xp.matmul(self.read(left, batch_axis=False), self.read(right))

    def product(self, step: Step) -> Array:
        return self.xp.matmul(*[self.read(view, batch_axis=False) for view in step.inputs])

    def contract(self, step: Step) -> Array:
        left, right = map(self.read, step.inputs)
        return self.xp.sum(left[:, :, None, :, :] * right[:, None, :, :, :], axis=-2)

    def outer(self, step: Step) -> Array:
        left, right = map(self.read, step.inputs)
        c, u, k, b = left.shape
        left = self.xp.reshape(left, (c, u, k * b))
        right = self.xp.reshape(right, (c, right.shape[1], k * b))
        return self.xp.matmul(left, self.xp.permute_dims(right, (0, 2, 1)))

    def reduce(self, step: Step) -> Array:
        assert step.row is not None
        array = self.read(step.inputs[0], step.out.space == BATCHED)
        axis = -2 if step.out.space == BATCHED else -1
        return getattr(self.xp, _ACROSS[step.row.name])(array, axis=axis)

    def total(self, step: Step) -> Array:
        return self.xp.sum(self.read(step.inputs[0]), axis=(-2, -1))

    def chosen(self, numbers: Index) -> Array:
        """Integer inputs by their numbers: (…, batch)."""
        stacked = self.xp.stack([self.indices[i] for i in numbers.ravel().tolist()])
        return self.xp.reshape(stacked, (*numbers.shape, self.batch))

    def take(self, step: Step) -> Array:
        """Candidate by candidate, where the index says so: (c, u, v, batch)."""
        assert step.index is not None
        index = self.chosen(step.index)[:, None, :, :]
        candidates = self.read(step.inputs[0])  # (c, u, n, batch or 1)
        found = candidates[:, :, 0:1, :]
        for n in range(1, candidates.shape[2]):
            found = self.xp.where(index == n, candidates[:, :, n : n + 1, :], found)
        return found

    def pick(self, step: Step) -> Array:
        assert step.index is not None
        assert step.choices is not None
        choices = self.xp.asarray(step.choices.tolist(), dtype=self.indices[0].dtype)
        is_chosen = (self.chosen(step.index) == choices[..., None])[:, :, None, :, :]
        x = self.read(step.inputs[0])[:, None, :, :, :]
        return self.xp.sum(self.xp.where(is_chosen, x, self.xp.zeros_like(x)), axis=(-2, -1))


_KINDS: dict[str, Callable[[_Machine, Step], Array]] = {
    APPLY: _Machine.apply, GATHER: _Machine.gather, MATMUL: _Machine.matmul,
    PRODUCT: _Machine.product, CONTRACT: _Machine.contract, OUTER: _Machine.outer,
    REDUCE: _Machine.reduce, TOTAL: _Machine.total, TAKE: _Machine.take, PICK: _Machine.pick,
}  # fmt: skip


class _Rows:
    """A space: which array, and which row of it, each row number stands for now."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp
        self.arrays: list[Array] = []
        self.array_of = np.zeros(0, dtype=np.int64)
        self.place_in = np.zeros(0, dtype=np.int64)

    def write(self, rows: Index, array: Array) -> None:
        """Let these rows be those of the array, one after the other."""
        if not len(rows):
            return
        missing = int(rows.max()) + 1 - len(self.array_of)
        if missing > 0:
            self.array_of = np.concatenate([self.array_of, np.full(missing, -1)])
            self.place_in = np.concatenate([self.place_in, np.full(missing, -1)])
        self.array_of[rows] = len(self.arrays)
        self.place_in[rows] = np.arange(len(rows))
        self.arrays.append(array)

    def read(self, rows: Index) -> Array:
        """The rows in this order, as one array."""
        numbers, which = np.unique(self.array_of[rows], return_inverse=True)
        arrays = [self.arrays[n] for n in numbers.tolist()]
        starts = np.cumsum([0, *(a.shape[0] for a in arrays[:-1])])
        places = self.xp.asarray((starts[which] + self.place_in[rows]).tolist())
        together = arrays[0] if len(arrays) == 1 else self.xp.concat(arrays, axis=0)
        return self.xp.take(together, places, axis=0)


# The rows of the table that NumPy has no ufunc for, in the standard's functions


def row_function(row: Primitive, xp: Any) -> Callable[..., Array]:
    """The function of a row in an array library."""
    if isinstance(row.ufunc, np.ufunc):
        name = row.ufunc.__name__
        return getattr(xp, _NAMES.get(name, name))  # type: ignore[no-any-return]
    return getattr(_Composed(xp), row.name)  # type: ignore[no-any-return]


class _Composed:
    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def sigmoid(self, x: Array) -> Array:
        e = self.xp.exp(-self.xp.abs(x))
        return self.xp.where(x >= 0, self.xp.ones_like(x), e) / (1.0 + e)

    def relu(self, x: Array) -> Array:
        return self.xp.where(x <= 0, self.xp.zeros_like(x), x)

    def leaky_relu(self, x: Array, slope: Any = 0.01) -> Array:
        return self.xp.where(x > 0, x, slope * x)

    def elu(self, x: Array, alpha: Any = 1.0) -> Array:
        below = self.xp.expm1(self.xp.where(x > 0, self.xp.zeros_like(x), x))
        return self.xp.where(x > 0, x, alpha * below)

    def softplus(self, x: Array) -> Array:
        return self.xp.logaddexp(self.xp.zeros_like(x), x)

    def silu(self, x: Array) -> Array:
        return x * self.sigmoid(x)

    def gelu(self, x: Array) -> Array:
        return 0.5 * x * self.erfc(x * -(0.5**0.5))

    def where(self, condition: Array, x: Array, z: Array) -> Array:
        return self.xp.where(condition != 0, x, z)

    def erf(self, x: Array) -> Array:
        return self._by_numpy("erf", x)

    def erfc(self, x: Array) -> Array:
        return self._by_numpy("erfc", x)

    def _by_numpy(self, name: str, x: Array) -> Array:
        own = getattr(getattr(self.xp, "special", None), name, None)
        if own is not None:
            return own(x)
        return self.xp.asarray(getattr(batched, name)(np.asarray(x)), dtype=x.dtype)
