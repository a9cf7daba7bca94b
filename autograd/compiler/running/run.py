"""Calls of a program: workspaces that are kept for the next call, parts of a batch, results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.rolling.program import Program
from autograd.compiler.rolling.views import BATCHED, MEANS, as_slice
from autograd.compiler.running.numpy_machine import Workspace

Array = NDArray[Any]
_MOST = 1 << 25  # bytes of rows: a batch that takes more is computed in parts
_LEAST = 64  # columns of a chunk, at least
_SIZES = 4  # sizes of batches for which workspaces are kept
_KEPT = 4  # workspaces of one size that are kept


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
        self._waiting: dict[int, list[Workspace]] = {}
        self._parts: dict[int, list[tuple[int, int]]] = {}
        self._gradient = self._among_means()

    def __reduce__(self) -> tuple[Any, ...]:
        return Runner, (self.program, self.dtype)

    def run(self, theta: Array, inputs: Sequence[Array], batch: int) -> Result:
        """The outputs (and gradients) for inputs of shape (batch, …) each."""
        program = self.program
        flat = [x if x.ndim == 2 else x.reshape(batch, math.prod(x.shape[1:])) for x in inputs]
        outputs = np.empty((len(program.outputs), batch), self.dtype)
        gradients = [np.empty((batch, len(rows)), self.dtype) for rows in program.input_gradients]
        sums: Array | None = None
        borrowed: dict[int, Workspace] = {}
        workspace: Workspace | None = None
        try:
            with np.errstate(all="ignore"):
                for start, stop in self._chunks(batch):
                    workspace = borrowed.get(stop - start)
                    if workspace is None:
                        workspace = borrowed[stop - start] = self._borrow(stop - start)
                        workspace.begin(theta)
                    whole = stop - start == batch
                    workspace.load(flat if whole else [x[start:stop] for x in flat])
                    workspace.run()
                    workspace.read_outputs(outputs[:, start:stop])
                    if gradients:
                        workspace.read_gradients([into[start:stop] for into in gradients])
                    if program.gradient is not None:
                        sums = workspace.means if whole else _added(sums, workspace)
                return self._result(workspace, outputs, sums, gradients, batch)
        finally:
            for workspace in borrowed.values():
                self._give_back(workspace)

    def _result(
        self, workspace: Workspace | None, outputs: Array, sums: Array | None,
        gradients: list[Array], batch: int,
    ) -> Result:  # fmt: skip
        """The results of a run; those of no examples are empty."""
        program = self.program
        if workspace is None or sums is None or program.gradient is None:
            return Result(outputs, 0.0, None, gradients)
        means = np.divide(sums, batch, out=np.empty(len(sums), self.dtype))
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
        parts = self._parts.get(batch)
        if parts is None:
            rows = max(1, self.program.sizes[BATCHED])
            most = max(_LEAST, _MOST // (rows * self.dtype.itemsize))
            size = -(-batch // max(1, -(-batch // most)))
            starts = range(0, batch, max(1, size))
            if len(self._parts) > 1000:
                self._parts.clear()
            parts = self._parts[batch] = [(a, min(batch, a + size)) for a in starts]
        return parts

    def _borrow(self, columns: int) -> Workspace:
        try:
            return self._waiting[columns].pop()
        except (KeyError, IndexError):
            return Workspace(self.program, columns, self.dtype)

    def _give_back(self, workspace: Workspace) -> None:
        workspace.forget()
        waiting = self._waiting.pop(workspace.columns, [])
        self._waiting[workspace.columns] = waiting  # now the newest
        if len(waiting) < _KEPT:
            waiting.append(workspace)
        while len(self._waiting) > _SIZES:
            self._waiting.pop(next(iter(self._waiting)), None)


def _added(sums: Array | None, workspace: Workspace) -> Array:
    more = workspace.means
    return more.astype(np.float64) if sums is None else np.add(sums, more, out=sums)
