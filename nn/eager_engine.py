"""The eager engine: trains on one example after the other, in Values.

The compiled engine is derived from it and computes whole batches. The two are one thing: they take
and refuse the same models, losses and data, give the same losses to rounding, and leave the same
numbers in the same Values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Graph, Value, ValueArray, no_grad, zero_grad
from autograd.backward import topological_order
from autograd.compiler.running.backends import Backend
from autograd.system.interrupts import Interruption
from autograd.text import wording
from nn.examples import Examples, by_kind, classes_of, decided
from nn.losses import Standing
from nn.module import named_parameters
from nn.optimizers import SGD, Adam

Array: TypeAlias = NDArray[Any]
Loss: TypeAlias = Callable[[Any, Any], Any]
_KEPT = "the parameters are as they were: try a smaller learning rate, or detect_anomaly()"
_LARGEST = 1e154  # whose square is finite, as Adam's moments must be
_SURVEYED = 10  # examples of different targets whose graphs are looked through


class Score(NamedTuple):
    """A mean loss, and the share of right classes (None where there are no classes)."""

    loss: float
    accuracy: float | None


class Outcome(NamedTuple):
    """The losses of some rows of the data, and what was predicted for them, (n, outputs)."""

    rows: Array
    losses: Array
    predictions: Array

    def right(self, classes: Array) -> int:
        """How many are right, by the classes of all rows."""
        return int((decided(self.predictions) == classes[self.rows]).sum())

    def score(self, data: Examples) -> Score:
        """The means."""
        count = len(self.rows)
        classes = classes_of(data.targets, self.predictions.shape[1])
        accuracy = None if classes is None else self.right(classes) / count
        return Score(math.fsum(self.losses.tolist()) / count, accuracy)


class EagerEngine:
    """Trains on one example after the other; every number is a Value."""

    def __init__(self, model: Any, loss: Loss, optimizer: Any = None) -> None:
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.backend = Backend("numpy", None)
        self.moves_all = False  # True if the optimizer is known to move all that the model has
        self.leaves: list[Value] = []  # all of the loss, the optimizer and the model, if prepared

    def example(self, x: Any, y: Any) -> tuple[Value, list[Any]]:
        """Return the loss of one example, and the outputs of the model if they are numbers.

        Raises TypeError for a loss that is not one Value.
        """
        prediction = self.model(x)
        loss = self.loss(prediction, y)
        if isinstance(loss, np.ndarray) and loss.size == 1:
            loss = loss.item()
        if not isinstance(loss, Value):
            raise TypeError(
                f"the loss {self.loss_name} returns {type(loss).__name__} {loss!r:.60}: a loss is "
                "one Value, computed from the prediction without .data or float()"
            )
        return loss, _outputs(prediction)

    def _example(self, data: Examples, row: int) -> tuple[Value, list[Any]]:
        return self.example(_inputs(data, row), _target(data, row))

    @property
    def loss_name(self) -> str:
        """The name of the loss, for messages."""
        return wording.name(str(getattr(self.loss, "__name__", type(self.loss).__name__)))

    def prepare(self, sets: Mapping[str, Examples]) -> None:
        """Try the loss on data, by the names of the targets; those to train on come first.

        Raises, before anything is changed, what `fit` raises for a model, a loss and targets that
        do not fit together.
        """
        trained = next(iter(sets)) if self.optimizer else ""
        first, *_ = groups = by_kind(sets)
        runs = [self._try(alike, trained) for alike in (first, *groups)]
        self._try_targets(sets)
        before = set(runs[0])  # what two runs read was there before
        shared = [v for v in runs[1] if v in before]
        leaves = [v for v in shared if v.op is None]
        own = self.model.parameters() if leaves and self.optimizer else []  # on other branches
        self._survey(leaves, [v for v in shared if v.parents], {*leaves, *own})

    def _try(self, sets: Mapping[str, Examples], trained: str) -> list[Value]:
        """Compute the loss of the first example, whose target stands for all, and of some others.

        Return the nodes. Those for other targets may take another branch.
        """
        data = next(iter(sets.values()))
        standing = Standing(data.targets[0], {n: d.targets for n, d in sets.items()}, trained)
        with standing.used_by_losses():
            losses = [self.example(_inputs(data, 0), standing.target)[0]]
        losses += [self._example(data, row)[0] for row in distinct(data)[:_SURVEYED]]
        return topological_order(losses)

    def _try_targets(self, sets: Mapping[str, Examples]) -> None:
        for name, data in sets.items():
            with no_grad():
                prediction = self.model(_inputs(data, 0))
                for row in distinct(data):
                    try:
                        self.loss(prediction, _target(data, row))
                    except ValueError as error:
                        error.add_note(f"the target is that in row {row} of {name}")
                        raise

    def _survey(self, leaves: list[Value], computed: Iterable[Value], reached: set[Value]) -> None:
        """Note what the loss reads. Raises ValueError for what training could not follow."""
        self.leaves = leaves
        if self.optimizer is None:
            return
        for v in computed:
            if sources := Graph(v).leaves:
                raise ValueError(
                    f"the loss uses {v!r}, computed before fit from {sources[0]!r}: it would not "
                    "follow it. Compute it in the model or in the loss, or take v.detach() if it "
                    "is meant to stay"
                )
        moved = list(self.optimizer.parameters)
        if reached.isdisjoint(moved):
            raise ValueError(
                f"the loss {self.loss_name} depends on none of the {len(moved)} parameters that "
                "the optimizer moves: was the prediction detached, or is the optimizer that of "
                "another model?"
            )
        own = moved if self.moves_all else self.model.parameters()
        if not leaves == moved == own:  # usually they are, in one order
            self.leaves = list(dict.fromkeys([*leaves, *moved, *own]))

    def batch(self, data: Examples, batch: Array, stop: Interruption) -> Outcome | None:
        """Compute a batch and the gradient of its mean loss; None if interrupted meanwhile."""
        self.optimizer.zero_grad()
        for v in self.leaves:
            v.grad = 0.0  # what no example reaches has a gradient, too
        losses, predictions = [], []
        for i in batch.tolist():
            if stop:
                return None
            loss, outputs = self._example(data, i)
            loss.backward(1.0 / len(batch))
            losses.append(loss.data)
            predictions.append(autograd.data(outputs))
        return Outcome(batch, np.array(losses), np.array(predictions))

    def gradient(self) -> Array:
        """The gradient of the batch for each of the optimizer's parameters."""
        return autograd.grads(self.optimizer.parameters)

    def step(self, where: str) -> None:
        """Let the optimizer move the parameters.

        Raises FloatingPointError if the gradient or the step is not finite; after any error the
        parameters, and an SGD or Adam, are as they were.
        """
        problem = f"{{}} of {{{{}}}} became {{{{}}}} in {where}; {_KEPT}"
        self.check_finite(self.gradient(), problem.format("the gradient"), _LARGEST)
        before = self.read().copy()
        arrays = self.optimizer.arrays if isinstance(self.optimizer, (SGD, Adam)) else ()
        state = {name: getattr(self.optimizer, name).copy() for name in arrays}
        try:
            self.move()
            self.check_finite(self.read(), problem.format("the step"))
        except BaseException:
            self.write(before)
            for name, numbers in state.items():
                setattr(self.optimizer, name, numbers)
            raise

    def check_finite(self, numbers: Array, problem: str, below: float = math.inf) -> None:
        """Raise FloatingPointError for the first parameter whose number is nan or too large."""
        if float(np.abs(numbers).max(initial=0.0)) < below:  # which nan is not
            return
        first = int(np.argmin(np.abs(numbers.astype(float)) < below))
        v = self.optimizer.parameters[first]
        names = {each: name for name, each in named_parameters(self.model)}
        name = names.get(v, v.name or repr(v))
        raise FloatingPointError(problem.format(wording.name(name), numbers[first]))

    def move(self) -> None:
        """Let the optimizer take its step."""
        self.optimizer.step()

    def read(self) -> Array:
        """The numbers of the optimizer's parameters."""
        return autograd.data(self.optimizer.parameters)

    def write(self, numbers: Array) -> None:
        """Set the numbers of the optimizer's parameters."""
        autograd.assign(self.optimizer.parameters, numbers)

    def fingerprint(self) -> str:
        """Tell one computation from another; "" where only its `losses` can."""
        return ""

    def losses(self, data: Examples) -> Array:
        """The losses of a few examples, whatever else they write undone."""
        before = autograd.data(self.leaves)
        try:
            return self.outcome(data).losses
        finally:
            autograd.assign(self.leaves, before)

    def outcome(self, data: Examples) -> Outcome:
        """The outcome of data, without training."""
        with no_grad():
            pairs = [self._example(data, row) for row in range(len(data))]
        losses = np.array([loss.data for loss, _ in pairs])
        return Outcome(np.arange(len(data)), losses, np.array([autograd.data(p) for _, p in pairs]))

    def is_small(self, batch: int) -> bool:
        """True if a batch is so small that a second thread would save nothing."""
        return False

    def publish(self) -> None:
        """Let the Values have the numbers and the last gradient: they do."""

    def refresh(self) -> None:
        """Take the numbers of the Values, which others may have changed: they are taken as is."""

    def check_current(self, data: Examples, since: str) -> None:
        """Raise TracerError if the loss is another than it was: here each example is computed."""

    def end(self) -> None:
        """Leave the Values with their numbers and without gradients."""
        self.publish()
        zero_grad(self.leaves)


def _outputs(prediction: Any) -> list[Any]:
    """What a model returns in a row; nothing if they are no numbers."""
    try:
        row: list[Any] = np.ravel(prediction).tolist()
    except ValueError:  # lists of several lengths
        return []
    return row if all(isinstance(v, (Value, float, int)) for v in row) else []


def _inputs(data: Examples, row: int) -> Any:
    """The inputs of an example: its own; whole numbers neither overflow nor stay whole by force."""
    inputs = data.inputs[row].copy()
    return inputs.astype(object).view(ValueArray) if inputs.dtype.kind == "i" else inputs


def _target(data: Examples, row: int) -> Any:
    """A target as a loss takes it: a number, or an array of its own."""
    target = data.targets[row]
    return target.copy() if target.ndim else target.item()


def distinct(data: Examples) -> list[int]:
    """The first row of each target."""
    rows: list[int] = np.unique(data.targets, axis=0, return_index=True)[1].tolist()
    return sorted(rows)
