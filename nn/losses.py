"""Losses for one example: `loss(prediction, target)` is a Value to minimise.

A prediction is what a model returns: one Value, or an array of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd import Value, eq, logsumexp, relu, sum, take, where
from autograd.floats.ieee import real

Array: TypeAlias = NDArray[Any]
_SUM_TOLERANCE = 1e-3  # of probabilities, which may come in half precision


def half_squared_error(prediction: Any, target: Any) -> Any:
    """Half the sum of the squared differences over the outputs: the article's loss.

    The target is a number for one output, else one number for each. Raises ValueError where the
    lengths differ.

    >>> half_squared_error([1.0, 3.0], [1.0, 1.0])
    2.0
    """
    return sum([0.5 * (y - t) ** 2 for y, t in _pairs(prediction, target)])


def mse(prediction: Any, target: Any) -> Any:
    """The mean of the squared differences over the outputs, as PyTorch's `MSELoss`.

    The target is a number for one output, else one number for each. Raises ValueError where the
    lengths differ.

    >>> mse([1.0, 3.0], [1.0, 1.0])
    2.0
    """
    pairs = _pairs(prediction, target)
    return sum([(y - t) ** 2 for y, t in pairs]) / len(pairs)


def cross_entropy(prediction: Any, target: Any) -> Any:
    """The negative log-likelihood of the target under the softmax of the logits.

    The target is a class index, or one probability for each class. Raises ValueError for a single
    logit, a class out of range, probabilities below 0 or that do not add up to 1, or a number of
    them other than that of the logits.

    >>> cross_entropy([0.0, 0.0], 1)  # log(2)
    0.6931471805599453
    """
    logits = _vector(prediction)
    if len(logits) < 2:
        raise ValueError(
            "cross_entropy needs a logit for each of at least two classes, got one; "
            "for two classes let the model have two outputs"
        )
    if _is_vector(target):
        pairs = _pairs(prediction, target)
        _check(target, len(logits), _no_probabilities)
        mass = sum([t for _, t in pairs])
        return logsumexp(logits) * mass - sum([y * t for y, t in pairs])
    return logsumexp(logits) - take(logits, class_index(target, len(logits)))


def hinge(prediction: Any, target: Any) -> Any:
    """Add up how far scores fall short of a margin of 1.

    For one score y and a target t of -1 or 1: max(0, 1 - t y). For a vector of scores and a class
    index c: the sum over the other classes of max(0, 1 + s_j - s_c) (Weston and Watkins, 1999).
    Raises ValueError for another target.

    >>> hinge(0.5, -1), hinge([2.0, 1.5, 0.0], 0)
    (1.5, 0.5)
    """
    scores = _vector(prediction)
    if len(scores) == 1:
        _check(target, 1, _no_sign)
        return relu(1.0 - target * scores[0])
    label = class_index(target, len(scores))
    right = take(scores, label)
    return sum([where(eq(label, i), 0.0, relu(1.0 + s - right)) for i, s in enumerate(scores)])


def class_index(label: Any, classes: int) -> Any:
    """Return a label as an index. Raises ValueError if it is not a whole number or not a class.

    Under `autograd.compile` the label is a Value that stands for an integer input, and stays one.
    """
    _check(label, classes, _no_class)
    return label if isinstance(label, Value) else int(label)


Wrong: TypeAlias = Callable[[Array, int], tuple[Any, str]]
"""Of targets, the first axis the examples, and a count of outputs: which are wrong, and why."""


def _no_class(targets: Array, classes: int) -> tuple[Any, str]:
    if targets.dtype.kind not in "iu" or targets.ndim > 1:
        return np.True_, (
            f"a class label is a whole number from 0 to {classes - 1}, got {{!r}}; "
            "labels in a float array become whole by .astype(int)"
        )
    outside = f"label {{}} is outside the {classes} classes 0..{classes - 1}"
    return (targets < 0) | (targets >= classes), outside


def _no_sign(targets: Array, outputs: int) -> tuple[Any, str]:
    are_signs = targets.ndim == 1 and np.isin(targets, (-1, 1))
    return np.logical_not(are_signs), "the target of hinge for one score is -1 or 1, got {!r}"


def _no_probabilities(targets: Array, outputs: int) -> tuple[Any, str]:
    sums = targets.sum(axis=1, dtype=float)
    wrong = (targets < 0).any(axis=1) | ~(np.abs(sums - 1.0) <= _SUM_TOLERANCE)
    return wrong, "probabilities are not negative and add up to 1, got {!r}"


@dataclass
class Standing:
    """A target that stands for all of these, by the names of the arguments they came in.

    A loss checks its target; within `used_by_losses` it checks all of them at once, and that those
    to be `trained` on are of more than one class. So a loss that is recorded, where the target has
    no number, refuses what it would refuse of an example. `derived` is true once a loss was given
    another target without a number, made of this one, say, and could not check it.
    """

    target: Any
    sets: Mapping[str, Array]
    trained: str
    derived: bool = False

    @contextmanager
    def used_by_losses(self) -> Iterator[None]:
        """Let the losses of this block, in this context, take the target so."""
        before = _standing.set(self)
        try:
            yield
        finally:
            _standing.reset(before)


_standing: ContextVar[Standing | None] = ContextVar("standing", default=None)


def _check(target: Any, outputs: int, wrong: Wrong) -> None:
    """Raise ValueError for a target that is wrong, or among those that it stands for the first."""
    standing = _standing.get()
    if standing is not None and target is standing.target:
        for name, targets in standing.sets.items():
            _refuse(targets, *wrong(targets, outputs), f" (row {{}} of {name})")
            if name == standing.trained and len(targets) > 1 and (targets == targets[0]).all():
                raise ValueError(
                    f"{name} has one class only, {targets[0].tolist()}: there is nothing to tell "
                    "apart; pass examples of two classes at least"
                )
    elif not any(isinstance(t, Value) for t in _vector(target)):
        alone = np.asarray([target])
        _refuse(alone, *wrong(alone, outputs), "")
    elif standing is not None:
        standing.derived = True


def _refuse(targets: Array, wrong: Any, why: str, where: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(why.format(targets[row].tolist()) + where.format(row))


def _is_vector(x: Any) -> bool:
    return isinstance(x, (list, tuple)) or (isinstance(x, np.ndarray) and x.ndim > 0)


def _vector(x: Any) -> list[Any]:
    if isinstance(x, np.ndarray):
        if x.ndim > 1:
            raise ValueError(f"a loss is of one example, got an array of shape {x.shape}")
        return list(x.ravel().tolist())
    return list(x) if isinstance(x, (list, tuple)) else [x]


def _pairs(prediction: Any, target: Any) -> list[tuple[Any, Any]]:
    outputs, targets = _vector(prediction), _vector(target)
    if not outputs:
        raise ValueError("a loss needs at least one output, got none")
    if len(outputs) != len(targets):
        hint = "" if _is_vector(target) else "; a class label must be made one-hot here"
        if _is_vector(target) and len(targets) == 1:
            hint = "; labels in one column become labels in a row by Y.ravel()"
        has_values = any(isinstance(t, Value) for t in targets)
        shown = "" if has_values else f": {target!r}"
        raise ValueError(
            f"{len(outputs)} outputs need as many targets, got {len(targets)}{shown}{hint}"
        )
    targets = [t if hasattr(t, "detach") else real(t) for t in targets]
    return list(zip(outputs, targets, strict=True))
