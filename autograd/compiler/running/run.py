"""Calls of a program: workspaces that are kept for the next call, parts of a batch, results."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import Context
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.rolling.program import Program
from autograd.compiler.rolling.views import BATCHED, MEANS, as_slice
from autograd.compiler.running.numpy_machine import Workspace
from autograd.errors import IndexRangeError
from autograd.system.source import users_line

Array = NDArray[Any]
_MOST = 1 << 25  # bytes of rows: a batch that takes more is computed in parts
_LEAST = 64  # columns of a chunk, at least
_SIZES = 4  # sizes of batches for which workspaces are kept
_KEPT = 4  # workspaces of one size that are kept
_Workspaces = dict[int, Workspace]  # by their columns, the newest last


class Result(NamedTuple):
    """The results of a run: each output for each example, and with a gradient the means."""

    outputs: Array
    mean: float
    gradient: Array | None
    input_gradients: list[Array]


class Runner:
    """Runs one program; many threads may call it at a time."""

    def __init__(self, program: Program, dtype: Any) -> None:
        self.program = program
        self.dtype = np.dtype(dtype)
        self._waiting: list[tuple[Context, _Workspaces]] = []  # for the next thread
        bytes_of_rows = max(1, program.sizes[BATCHED]) * self.dtype.itemsize
        self._most = max(_LEAST, _MOST // bytes_of_rows)
        self._gradient = self._among_means()

    def __reduce__(self) -> tuple[Any, ...]:
        return Runner, (self.program, self.dtype)

    def run(self, theta: Array, inputs: Sequence[Array], batch: int) -> Result:
        """The outputs (and gradients) for inputs of shape (batch, …) each, or () for all examples.

        Raises IndexRangeError for an index that selects outside of the values.
        """
        try:
            context, workspaces = self._waiting.pop()
        except IndexError:
            context, workspaces = Context(), {}
            context.run(np.seterr, all="ignore")  # np.errstate at each run takes more time
        try:
            return context.run(self._run, workspaces, theta, inputs, batch)
        finally:
            for workspace in workspaces.values():
                workspace.forget()
            if len(self._waiting) < _KEPT:
                self._waiting.append((context, workspaces))

    def _run(
        self, workspaces: _Workspaces, theta: Array, inputs: Sequence[Array], batch: int
    ) -> Result:
        program = self.program
        flat = _flat(program, inputs, batch)
        outputs = np.empty((len(program.outputs), batch), self.dtype)
        gradients = [np.empty((batch, len(rows)), self.dtype) for rows in program.input_gradients]
        sums: Any = 0.0
        workspace: Workspace | None = None
        for start, stop in self._chunks(batch):
            if workspace is None or workspace.columns != stop - start:
                workspace = self._workspace(workspaces, stop - start)
                workspace.begin(theta)
            whole = stop - start == batch
            if not workspace.load(flat if whole else [x[start:stop] for x in flat]):
                check_indices(program, inputs, batch)
            workspace.run()
            workspace.read_outputs(outputs[:, start:stop])
            if gradients:
                workspace.read_gradients([into[start:stop] for into in gradients])
            sums = workspace.means if whole else np.add(sums, workspace.means, dtype=np.float64)
        return self._result(workspace, outputs, sums, gradients, batch)

    def _result(
        self, workspace: Workspace | None, outputs: Array, sums: Any, gradients: list[Array],
        batch: int,
    ) -> Result:  # fmt: skip
        """The results of a run; those of no examples are empty."""
        program = self.program
        if workspace is None or program.gradient is None:
            return Result(outputs, 0.0, None, gradients)
        divide, by = (np.divide, batch) if batch & (batch - 1) else (np.multiply, 1.0 / batch)
        means = divide(sums, by, out=np.empty(len(sums), self.dtype))  # the same, in less time
        for each in gradients:
            each /= batch
        if self._gradient is not None:
            mean = float(means[program.mean_output - program.means])
            return Result(outputs, mean, means[self._gradient], gradients)
        workspace.finish(means)
        gradient = np.take(workspace.shared, program.gradient)
        gradient[program.gradient < 0] = 0.0
        return Result(outputs, float(workspace.shared[program.mean_output]), gradient, gradients)

    def _among_means(self) -> slice | Array | None:
        """Where among the means the gradient is, if it and the mean loss are there as a whole."""
        if self.program.gradient is None:
            return None
        rows = self.program.gradient - self.program.means
        needed = np.append(rows, self.program.mean_output - self.program.means)
        if needed.min() < 0 or needed.max() >= self.program.sizes[MEANS]:
            return None
        return as_slice(rows)

    def _chunks(self, batch: int) -> list[tuple[int, int]]:
        """Split a batch into parts of about one size, whose rows fit the cache."""
        parts = -(-batch // self._most)
        size = -(-batch // max(1, parts))
        return [(i * size, min(batch, i * size + size)) for i in range(parts)]

    def _workspace(self, kept: _Workspaces, columns: int) -> Workspace:
        workspace = kept.pop(columns, None) or Workspace(self.program, columns, self.dtype)
        kept[columns] = workspace
        if len(kept) > _SIZES:
            del kept[next(iter(kept))]
        return workspace


def _flat(program: Program, inputs: Sequence[Array], batch: int) -> list[Array]:
    """The inputs of a program (batch, elements): the function's, and indices computed from them."""
    flat = [
        x if x.ndim == 2
        else x.reshape(batch, spec.size) if x.ndim
        else np.broadcast_to(x, (batch, 1))
        for x, spec in zip(inputs, program.inputs, strict=False)
    ]  # fmt: skip
    if program.computed.nodes:
        flat += [x[:, None] for x in program.computed.of(flat)]
    return flat


def check_indices(program: Program, inputs: Sequence[Array], batch: int) -> None:
    """Raise IndexRangeError for an index that selects outside of the values."""
    if not program.indices:
        return
    flat, least = _flat(program, inputs, batch), dict[int, int]()
    for use in program.indices:
        least[use.input] = min(use.bound, least.get(use.input, use.bound))
    if batch and all([0 <= flat[i].min() and flat[i].max() < n for i, n in least.items()]):
        return
    for use in program.indices:
        chosen = flat[use.input][:, use.element]
        for wrong in np.flatnonzero((chosen < 0) | (chosen >= use.bound)).tolist():
            raise IndexRangeError(
                f"index {chosen[wrong]} of input {program.inputs[use.input].name!r}, example "
                f"{wrong}, is outside the {use.bound} values 0..{use.bound - 1} that "
                f"autograd.take chooses from\n  at {users_line()}"
            )
