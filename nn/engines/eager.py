"""The eager engine: trains on one example after the other, every number a Value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import autograd
from autograd import Value, no_grad, zero_grad
from autograd.backward import topological_order
from autograd.system.interrupts import Interruption
from nn.engines.engine import Array, Engine, Outcome
from nn.examples import Examples, by_kind
from nn.losses import standing_for


class EagerEngine(Engine):
    """Trains on one example after the other: every number is a Value."""

    def prepare(self, sets: Mapping[str, Examples]) -> None:
        """Compute the first example twice, and the loss for every target."""
        trained = next(iter(sets))
        first, *_ = groups = by_kind(sets)
        runs = [self._try(alike, trained) for alike in (first, *groups)]
        self._try_targets(sets)
        before = set(runs[0])  # what two runs read was there before
        shared = [v for v in runs[1] if v in before]
        leaves = [v for v in shared if v.op is None]
        self._survey(leaves, [v for v in shared if v.parents], set(leaves))
        if self.optimizer is not None:  # another example may take another branch
            self.reached = self.optimizer.parameters
            self.leaves = list(dict.fromkeys([*leaves, *self.reached, *self.model.parameters()]))

    def _try(self, sets: Mapping[str, Examples], trained: str) -> list[Value]:
        """Compute the loss of the first example, whose target stands for all; return its nodes."""
        data = next(iter(sets.values()))
        target, targets = data.targets[0], {name: d.targets for name, d in sets.items()}
        with standing_for(target, targets, trained if self.optimizer else ""):
            return topological_order([self.example(data.inputs[0].copy(), target)[0]])

    def _try_targets(self, sets: Mapping[str, Examples]) -> None:
        for name, data in sets.items():
            with no_grad():
                prediction = self.model(data.inputs[0].copy())
                for row in np.unique(data.targets, axis=0, return_index=True)[1].tolist():
                    try:
                        self.loss(prediction, _target(data, row))
                    except ValueError as error:
                        error.add_note(f"the target is that in row {row} of {name}")
                        raise

    def batch(self, data: Examples, batch: Array, stop: Interruption) -> Outcome | None:
        """Add up the gradients of the examples of a batch."""
        zero_grad(self.leaves)
        self.optimizer.zero_grad()
        losses, predictions = [], []
        for i in batch.tolist():
            if stop:
                return None
            loss, outputs = self.example(data.inputs[i].copy(), _target(data, i))
            loss.backward(1.0 / len(batch))
            losses.append(loss.data)
            predictions.append(autograd.data(outputs))
        return Outcome(batch, np.array(losses), np.array(predictions))

    def gradient(self) -> Array:
        """The gradient of the batch for each of `reached`."""
        return autograd.grads(self.reached)

    def move(self) -> None:
        """Let the optimizer take its step."""
        self.optimizer.step()

    def read(self) -> Array:
        """The numbers of `reached`."""
        return autograd.data(self.reached)

    def write(self, numbers: Array) -> None:
        """Set the numbers of `reached`."""
        autograd.assign(self.reached, numbers)

    def losses(self, data: Examples) -> Array:
        """The losses of a few examples."""
        return self.outcome(data).losses

    def outcome(self, data: Examples) -> Outcome:
        """The outcome of data, without training."""
        with no_grad():
            pairs = [self.example(x.copy(), _target(data, i)) for i, x in enumerate(data.inputs)]
        predictions = np.array([autograd.data(p) for _, p in pairs])
        losses = np.array([loss.data for loss, _ in pairs])
        return Outcome(np.arange(len(data)), losses, predictions)


def _target(data: Examples, row: int) -> Any:
    """A target as a loss takes it: a number, or an array of its own."""
    target = data.targets[row]
    return target.copy() if target.ndim else target.item()
