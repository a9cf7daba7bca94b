"""The compiled engine: trains on whole batches, the numbers of the parameters in one array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import autograd
from autograd import Value
from autograd.compiler.running.run import check_indices
from autograd.node import set_data
from autograd.system.interrupts import Interruption
from nn.eager_engine import Array, EagerEngine, Loss, Outcome
from nn.examples import Examples, by_kind
from nn.losses import Standing
from nn.optimizers import SGD
from nn.prediction import check_repeatable, hinting, refuse_change

_SMALL = 10**8  # scalar operations, some 10 ms: below, a second thread saves at most a third


class CompiledEngine(EagerEngine):
    """Trains on whole batches with the compiled loss, the parameters in one array."""

    def __init__(
        self, model: Any, loss: Loss, optimizer: Any, dtype: str, backend: str = "numpy",
        mesh: Any = None, batch_size: int = 1,
    ) -> None:  # fmt: skip
        super().__init__(model, loss, optimizer)
        self.compiled, self._others = [
            autograd.compile(self._row, dtype=dtype, unused_inputs=True, backend=backend, mesh=mesh)
            for _ in range(2)
        ]
        self.backend = self.compiled.backend
        # JAX compiles for a number of examples: for that of the batches, not for one first
        self._tried = slice(0, 1 if backend == "numpy" else batch_size)
        self._kind: Any = None  # of the targets that are trained on
        step = getattr(optimizer, "step", None)
        self.knows_arrays = getattr(step, "__func__", None) is SGD.step
        self.theta: Any = None  # the numbers of all that the loss reads; None: those of the Values
        self._gradient: Array | None = None
        self._whole: Examples | None = None
        self._standing = Standing(None, {}, "")

    def _row(self, x: Any, y: Any) -> tuple[Any, Any]:
        self._standing.target = y
        with self._standing.used_by_losses():
            loss, outputs = self.example(x, y)
        return loss, np.array(outputs, dtype=object)

    def prepare(self, sets: Mapping[str, Examples]) -> None:
        """Record and compile, and check all targets."""
        trained, first = next(iter(sets.items()))
        self._kind = first.kind
        for alike in by_kind(sets):
            is_trained = trained in alike and self.optimizer is not None
            targets = {name: d.targets for name, d in alike.items()}
            self._standing = Standing(None, targets, trained if is_trained else "")
            first = next(iter(alike.values()))
            compiled = self._for(first)
            run = compiled.outputs_and_grad if is_trained else compiled
            with hinting():
                run(first.inputs[self._tried], first.targets[self._tried])
            if self._standing.derived:
                self._try_targets(alike)
            for data in alike.values():
                check_indices(compiled.program, [data.inputs, data.targets], len(data))
            if is_trained:
                self._find_places(compiled.parameters)
        self._standing = Standing(None, {}, "")
        check_repeatable(self.compiled, f"loss {self.loss_name}", *(a[:1] for a in sets[trained]))

    def _for(self, data: Examples) -> Any:
        return self.compiled if data.kind == self._kind else self._others

    def _find_places(self, leaves: list[Value]) -> None:
        """Find the parameters that are moved in the array of all that the loss reads."""
        program = self.compiled.program
        self.scalars, self.read_count = program.scalars, len(leaves)
        rows = np.asarray(program.gradient)
        reached = {leaves[i] for i in np.flatnonzero(rows >= 0).tolist()}
        self._survey(leaves, self.compiled.recorded.imported, reached)
        self.place: Any = slice(None)
        if self.leaves != self.optimizer.parameters:
            place = {v: i for i, v in enumerate(self.leaves)}
            self.place = np.array([place[v] for v in self.optimizer.parameters], dtype=int)
        self.refresh()

    def check_current(self, data: Examples, since: str) -> None:
        """Raise TracerError if the loss would be recorded otherwise than it was."""
        if not self.compiled.is_current(data.inputs[:1], data.targets[:1]):
            refuse_change(f"loss {self.loss_name}", since)

    def batch(self, data: Examples, batch: Array, stop: Interruption) -> Outcome | None:
        """Run the program on a batch."""
        if len(batch) == len(data):
            (x, y), batch = self._all(data), np.arange(len(data))
        else:
            x, y = data.inputs[batch], data.targets[batch]
        outputs, self._gradient = self._run(x, y)
        if self.read_count < len(self.leaves):
            self._gradient = np.append(self._gradient, np.zeros(len(self.leaves) - self.read_count))
        return Outcome(batch, *outputs)

    def _run(self, x: Any, y: Any) -> Any:
        return self.compiled.outputs_and_grad(x, y, theta=self.theta[: self.read_count])

    def _all(self, data: Examples) -> Examples:
        """All of the data in their own order, laid out once as the program reads them."""
        if self._whole is None:
            is_whole = data.inputs.dtype.kind in "iu"
            x = np.asfortranarray(data.inputs, dtype=None if is_whole else self.compiled.dtype)
            self._whole = Examples(x, data.targets)
        return self._whole

    def gradient(self) -> Array:
        """The gradient of the batch for each of the optimizer's parameters."""
        assert self._gradient is not None
        gradient: Array = self._gradient[self.place]
        return gradient

    def move(self) -> None:
        """Let the optimizer take its step, in arrays if it can."""
        if not self.knows_arrays:  # another optimizer: its step reads the Values
            self.optimizer.zero_grad()
            self.publish()
            self.optimizer.step()
            self.refresh()
            return
        numbers = self.read()
        with np.errstate(all="ignore"):
            self.optimizer.update(numbers, self.gradient())
        self.theta[self.place] = numbers

    def is_small(self, batch: int) -> bool:
        """True if a batch is so small that a second thread would save nothing."""
        return self.scalars * batch < _SMALL

    def read(self) -> Array:
        """The numbers of the optimizer's parameters."""
        numbers: Array = self.theta[self.place]
        return numbers

    def write(self, numbers: Array) -> None:
        """Set the numbers of the optimizer's parameters, in the Values too."""
        self.theta[self.place] = numbers
        self.publish()

    def fingerprint(self) -> str:
        """A digest of what was recorded."""
        return self.compiled.recorded.fingerprint

    def losses(self, data: Examples) -> Array:
        """No losses: the fingerprint says more."""
        return np.zeros(0)

    def outcome(self, data: Examples) -> Outcome:
        """The outcome of data, without training."""
        theta = None if self.theta is None else self.theta[: self.read_count]
        if theta is not None and data.kind != self._kind:  # recorded with an order of its own
            self.publish()
            theta = None
        with hinting():
            found = self._for(data)(data.inputs, data.targets, theta=theta)
        return Outcome(np.arange(len(data)), *found)

    def publish(self) -> None:
        """Write what was moved, and the last gradient, to the Values."""
        set_data(self.optimizer.parameters, self.read().tolist())
        if self._gradient is not None:
            for v, g in zip(self.leaves, self._gradient.tolist(), strict=True):
                v._grad = g

    def refresh(self) -> None:
        """Read the numbers of all that the loss reads and the optimizer moves."""
        self.theta = np.array([v._float for v in self.leaves])
