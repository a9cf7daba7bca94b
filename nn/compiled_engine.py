"""The compiled engine: trains on whole batches, the numbers of the parameters in one array."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import autograd
from autograd import Value
from autograd.compiler.arguments import check_indices
from autograd.errors import TracerError
from autograd.system.interrupts import Interruption
from nn.eager_engine import Array, EagerEngine, Loss, Outcome
from nn.examples import Examples, by_kind
from nn.losses import standing_for
from nn.optimizers import SGD
from nn.prediction import hinting

_SMALL = 10**8  # scalar operations, some 10 ms: below, a second thread saves at most a third


class CompiledEngine(EagerEngine):
    """Trains on whole batches with the compiled loss, the parameters in one array."""

    def __init__(self, model: Any, loss: Loss, optimizer: Any, dtype: str) -> None:
        super().__init__(model, loss, optimizer)
        self.compiled = autograd.compile(self._row, dtype=dtype, unused_inputs=True)
        self._others = autograd.compile(self._row, dtype=dtype, unused_inputs=True)
        self._kind: Any = None  # of the targets that are trained on
        self.knows_arrays = getattr(type(optimizer), "step", None) is SGD.step
        self.theta: Any = None  # the numbers of all that the loss reads; None: those of the Values
        self._gradient: Array | None = None
        self._whole: Examples | None = None
        self._standing: tuple[Mapping[str, Array], str] = {}, ""

    def _row(self, x: Any, y: Any) -> tuple[Any, Any]:
        with standing_for(y, *self._standing):
            loss, outputs = self.example(x, y)
        return loss, np.array(outputs, dtype=object)

    def prepare(self, sets: Mapping[str, Examples]) -> None:
        """Record and compile, and check all targets."""
        trained, first = next(iter(sets.items()))
        self._kind = first.kind
        for alike in by_kind(sets):
            is_trained = trained in alike and self.optimizer is not None
            self._standing = {name: d.targets for name, d in alike.items()}, trained * is_trained
            first = next(iter(alike.values()))
            compiled = self._for(first)
            run = compiled.outputs_and_grad if is_trained else compiled
            with hinting():
                run(first.inputs[:1], first.targets[:1])
            for data in alike.values():
                check_indices(compiled.program, [data.inputs, data.targets])
            if is_trained:
                self._find_places(compiled.parameters)
        self._standing = {}, ""
        if self.optimizer is not None and not self.compiled.reused:
            self.check_current(sets[trained], "from one call to the next, as if by random numbers")

    def _for(self, data: Examples) -> Any:
        return self.compiled if data.kind == self._kind else self._others

    def _find_places(self, leaves: list[Value]) -> None:
        """Find the parameters that are moved in the arrays, by the gradient of the program."""
        program = self.compiled.program
        self.scalars = program.scalars
        self.with_gradient = np.flatnonzero(np.asarray(program.gradient) >= 0).tolist()
        place = {leaves[i]: i for i in self.with_gradient}
        self._survey(leaves, self.compiled.imported, set(place))
        moved = [i for i, v in enumerate(self.optimizer.parameters) if v in place]
        self.moved = np.array(moved, dtype=int)
        self.place = np.array([place[v] for v in self.reached], dtype=int)
        self.all = self.optimizer.parameters == self.leaves == self.reached
        self.refresh()

    def check_current(self, data: Examples, since: str) -> None:
        """Raise TracerError if the loss would be recorded otherwise than it was."""
        if not self.compiled.is_current(data.inputs[:1], data.targets[:1]):
            raise TracerError(
                f"the loss {self.loss_name} of {self.model!r} changes {since}, and compiled it "
                "cannot follow: numbers that are no Values are read once, at the start of fit\n"
                "make a number that changes a Value and assign its .data, pass noise as an input, "
                "or train with compiled=False"
            )

    def batch(self, data: Examples, batch: Array, stop: Interruption) -> Outcome | None:
        """Run the program on a batch."""
        if len(batch) == len(data):
            (x, y), batch = self._all(data), np.arange(len(data))
        else:
            x, y = data.inputs[batch], data.targets[batch]
        outputs, self._gradient = self.compiled.outputs_and_grad(x, y, theta=self.theta)
        return Outcome(batch, *outputs)

    def _all(self, data: Examples) -> Examples:
        """All of the data in their own order, laid out once as the program reads them."""
        if self._whole is None:
            x = np.asfortranarray(data.inputs, dtype=self.compiled.dtype)
            self._whole = Examples(x, data.targets)
        return self._whole

    def gradient(self) -> Array:
        """The gradient of the batch for each of `reached`."""
        assert self._gradient is not None
        return self._gradient if self.all else self._gradient[self.place]

    def move(self) -> None:
        """Let the optimizer take its step, in arrays if it can."""
        if not self.knows_arrays:  # another optimizer: its step reads the Values
            self.optimizer.zero_grad()
            self.publish()
            self.optimizer.step()
            self.refresh()
            return
        with np.errstate(all="ignore"):
            if self.all:
                self.optimizer.update(self.theta, self.gradient())
                return
            values = np.zeros(len(self.optimizer.parameters))
            values[self.moved] = self.theta[self.place]
            self.optimizer.update(values, self.gradient(), self.moved)
            self.theta[self.place] = values[self.moved]

    def is_small(self, batch: int) -> bool:
        """True if a batch is so small that a second thread would save nothing."""
        return self.scalars * batch < _SMALL

    def read(self) -> Array:
        """The numbers of `reached`."""
        return np.array(self.theta if self.all else self.theta[self.place])

    def write(self, numbers: Array) -> None:
        """Set the numbers of `reached`, in the Values too."""
        self.theta[self.place] = numbers
        self.publish()

    def losses(self, data: Examples) -> Array:
        """The losses of a few examples, by the program that trains."""
        (losses, _), _ = self.compiled.outputs_and_grad(*data, theta=self.theta)
        return np.asarray(losses, dtype=float)

    def outcome(self, data: Examples) -> Outcome:
        """The outcome of data, without training."""
        theta = self.theta
        if data.kind != self._kind:  # another recording, with an order of its own
            self.publish()
            theta = None
        with hinting():
            found = self._for(data)(data.inputs, data.targets, theta=theta)
        return Outcome(np.arange(len(data)), *found)

    def publish(self) -> None:
        """Write what was moved, and the last gradient, to the Values."""
        for v, x in zip(self.reached, self.read().tolist(), strict=True):
            v.data = x
        if self._gradient is not None:
            for i in self.with_gradient:
                self.leaves[i].grad = float(self._gradient[i])

    def refresh(self) -> None:
        """Read the numbers of all that the loss reads."""
        self.theta = np.array([v.data for v in self.leaves])
