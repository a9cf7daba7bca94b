"""The engines of `fit`: compiled, on whole batches, or eager, one example after the other.

Both give the same losses. An engine holds the model, the loss and the optimizer; `epoch` trains on
each batch and returns the score of the epoch, as the parameters were then.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import no_grad
from autograd.errors import TracerError
from nn.examples import Examples, which_are_correct
from nn.optimizers import SGD

Array: TypeAlias = NDArray[Any]
Loss: TypeAlias = Callable[[Any, Any], Any]


class Score(NamedTuple):
    """A mean loss, and the share of right classes (None where there are no classes)."""

    loss: float
    accuracy: float | None


def score(losses: Array, predictions: Array, targets: Array) -> Score:
    """Return the score of examples with these losses and predictions."""
    right = which_are_correct(predictions, targets)
    accuracy = None if right is None else float(right.mean())
    return Score(math.fsum(losses.tolist()) / len(losses), accuracy)


class Batches(NamedTuple):
    """The data in batches, shuffled anew for each epoch; the same seed gives the same order."""

    data: Examples
    size: int
    seed: int

    def of(self, epoch: int) -> Iterator[Array]:
        """Yield the indices of the examples of each batch."""
        count = len(self.data)
        order = np.random.RandomState([self.seed, epoch]).permutation(count)
        for start in range(0, count, self.size):
            yield order[start : start + self.size]


class CompiledEngine:
    """Trains on whole batches with the compiled loss, the parameters in one array."""

    def __init__(self, model: Any, loss: Loss, optimizer: Any, dtype: str) -> None:
        def example(x: Any, y: Any) -> tuple[Any, Any]:
            prediction = model(x)
            return loss(prediction, y), np.array(np.ravel(prediction), dtype=object)

        self.compiled = autograd.compile(example, dtype=dtype)
        self.optimizer = optimizer
        self.knows_arrays = getattr(type(optimizer), "step", None) is SGD.step
        self.theta: Array | None = None
        self.gradient: Array | None = None
        self.whole: Examples | None = None

    def prepare(self, data: Examples) -> None:
        """Record and compile. Raises TracerError for a model that reads its numbers."""
        with _hinting():
            self.compiled.lower(data.inputs[:1], data.targets[:1])
        self.parameters = self.compiled.parameters
        self.theta = np.array([v.data for v in self.parameters])
        place = {v: i for i, v in enumerate(self.parameters)}
        moved = [i for i, v in enumerate(self.optimizer.parameters) if v in place]
        self.moved = np.array(moved, dtype=int)
        self.place = np.array([place[self.optimizer.parameters[i]] for i in moved], dtype=int)
        self.all = self.optimizer.parameters == self.parameters

    def epoch(self, batches: Batches, number: int, interrupted: threading.Event) -> Score | None:
        """Train on every batch; return None if interrupted on the way."""
        data = batches.data
        losses, predictions, targets = [], [], []
        for at, batch in enumerate(batches.of(number)):
            if interrupted.is_set():
                return None
            whole = len(batch) == len(data)
            x, y = self._whole(data) if whole else (data.inputs[batch], data.targets[batch])
            outputs, gradient = self.compiled.outputs_and_grad(x, y, theta=self.theta)
            _check_finite(outputs[0], number, at, np.arange(len(data)) if whole else batch)
            self._step(gradient)
            losses.append(outputs[0])
            predictions.append(outputs[1])
            targets.append(y)
        return score(*map(np.concatenate, (losses, predictions, targets)))

    def _whole(self, data: Examples) -> Examples:
        """Return all of the data in their own order, laid out once as the program reads them."""
        if self.whole is None:
            x = np.asfortranarray(data.inputs, dtype=self.compiled.dtype)
            self.whole = Examples(x, data.targets)
        return self.whole

    def _step(self, gradient: Array) -> None:
        assert self.theta is not None
        self.gradient = gradient
        if not self.knows_arrays:  # another optimizer: its step reads the Values
            self.optimizer.zero_grad()
            self.write_back()
            self.optimizer.step()
            self.theta = np.array([v.data for v in self.parameters])
        elif self.all:
            self.optimizer.update(self.theta, gradient)
        else:
            values = np.zeros(len(self.optimizer.parameters))
            values[self.moved] = self.theta[self.place]
            self.optimizer.update(values, gradient[self.place], self.moved)
            self.theta[self.place] = values[self.moved]

    def evaluate(self, data: Examples) -> Score:
        """Return the score on data, without training."""
        with _hinting():
            losses, predictions = self.compiled(data.inputs, data.targets, theta=self.theta)
        return score(losses, predictions, data.targets)

    def write_back(self) -> None:
        """Copy the array and the last gradient to the Values."""
        if self.theta is None:
            return
        for v, x in zip(self.parameters, self.theta.tolist(), strict=True):
            v.data = x
        if self.gradient is not None:
            for v, g in zip(self.parameters, self.gradient.tolist(), strict=True):
                v.grad = g


class EagerEngine:
    """Trains on one example after the other: every number is a Value."""

    def __init__(self, model: Any, loss: Loss, optimizer: Any) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer

    def prepare(self, data: Examples) -> None:
        """Do nothing: there is nothing to compile."""

    def epoch(self, batches: Batches, number: int, interrupted: threading.Event) -> Score | None:
        """Train on every batch; return None if interrupted on the way."""
        data = batches.data
        losses: list[float] = []
        predictions: list[Any] = []
        order: list[int] = []
        for at, batch in enumerate(batches.of(number)):
            self.optimizer.zero_grad()
            for i in batch.tolist():
                if interrupted.is_set():
                    self.optimizer.zero_grad()
                    return None
                prediction, loss = self._example(data, i)
                _check_finite(np.array([loss.data]), number, at, np.array([i]))
                loss.backward(1.0 / len(batch))
                losses.append(loss.data)
                predictions.append([v.data for v in np.ravel(prediction)])
                order.append(i)
            self.optimizer.step()
        return score(np.array(losses), np.array(predictions), data.targets[order])

    def _example(self, data: Examples, i: int) -> tuple[Any, Any]:
        prediction = self.model(data.inputs[i].tolist())
        return prediction, self.loss(prediction, data.targets[i].tolist())

    def evaluate(self, data: Examples) -> Score:
        """Return the score on data, without training."""
        with no_grad():
            pairs = [self._example(data, i) for i in range(len(data))]
        predictions = [[v.data for v in np.ravel(prediction)] for prediction, _ in pairs]
        losses = np.array([loss.data for _, loss in pairs])
        return score(losses, np.array(predictions), data.targets)

    def write_back(self) -> None:
        """Do nothing: the Values have their numbers already."""


Engine: TypeAlias = CompiledEngine | EagerEngine


@contextmanager
def _hinting() -> Iterator[None]:
    """Add to a TracerError that the model can be trained uncompiled."""
    try:
        yield
    except TracerError as error:
        error.add_note("or train it as it is, one example at a time: compiled=False")
        raise


def _check_finite(losses: Array, epoch: int, batch: int, examples: Array) -> None:
    if np.isfinite(losses).all():
        return
    first = int(np.flatnonzero(~np.isfinite(losses))[0])
    raise FloatingPointError(
        f"the loss became {losses[first]} in epoch {epoch}, batch {batch}, at example "
        f"{examples[first]}: try a smaller learning rate, or look at that example"
    )
