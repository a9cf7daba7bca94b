"""Losses for one example: `loss(prediction, target)` is a Value to minimise.

A prediction is what a model returns: one Value, or an array of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Value, eq, logsumexp, relu, sum, take, where
from autograd.floats.ieee import real


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
    logit, a class out of range, or a number of probabilities other than that of the logits.

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
        if any(t < 0 for _, t in pairs if not isinstance(t, Value)):
            raise ValueError(f"probabilities are not negative, got {target!r}")
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
        if _is_vector(target) or not (isinstance(target, Value) or target in (-1, 1)):
            raise ValueError(f"the target of hinge for one score is -1 or 1, got {target!r}")
        return relu(1.0 - target * scores[0])
    label = class_index(target, len(scores))
    right = take(scores, label)
    return sum([where(eq(label, i), 0.0, relu(1.0 + s - right)) for i, s in enumerate(scores)])


def class_index(label: Any, classes: int) -> Any:
    """Return a label as an index. Raises ValueError if it is not a whole number or not a class.

    Under `autograd.compile` the label is a Value that stands for an integer input, and stays one.
    """
    if isinstance(label, Value):
        return label
    if not isinstance(label, (int, np.integer)) or isinstance(label, bool):
        raise ValueError(
            f"a class label is a whole number from 0 to {classes - 1}, got {label!r}; "
            "labels in a float array become whole by .astype(int)"
        )
    if not 0 <= label < classes:
        raise ValueError(f"label {label} is outside the {classes} classes 0..{classes - 1}")
    return int(label)


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
        one_hot = "" if _is_vector(target) else "; a class label must be made one-hot here"
        raise ValueError(
            f"{len(outputs)} outputs need as many targets, got {len(targets)}: {target!r}{one_hot}"
        )
    targets = [t if hasattr(t, "detach") else real(t) for t in targets]
    return list(zip(outputs, targets, strict=True))
