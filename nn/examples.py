"""The data to train on, checked before anything is touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import no_grad


class Examples(NamedTuple):
    """Inputs, a list of numbers for each example, and targets, one for each."""

    inputs: list[list[float]]
    targets: list[Any]

    def __len__(self) -> int:
        return len(self.targets)


def check_examples(X: Any, Y: Any) -> Examples:
    """The examples in X (n, inputs) and Y (n,) or (n, outputs).

    Raises ValueError for no data, lengths that differ, other shapes, and nan or inf, naming where.
    """
    inputs, targets = _numbers("X", X), _numbers("Y", Y)
    if inputs.size == 0 or targets.size == 0:
        raise ValueError(f"no data: X has shape {inputs.shape}, Y has shape {targets.shape}")
    if inputs.ndim != 2:
        raise ValueError(
            f"X is a table of one row for each example, got shape {inputs.shape}; "
            "X.reshape(len(X), -1) makes one"
        )
    if len(inputs) != len(targets):
        raise ValueError(f"X has {len(inputs)} examples and Y has {len(targets)}")
    return Examples(inputs.astype(float).tolist(), list(_each(targets)))


def _numbers(what: str, data: Any) -> NDArray[Any]:
    try:
        array = np.asarray(data)
        if array.dtype.kind not in "biufO" or not array.ndim:
            raise TypeError(f"got {array.dtype} of shape {array.shape}")
        finite = np.isfinite(array.astype(float))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{what} must hold numbers, in rows of one length: {error}") from None
    if not finite.all():
        index = tuple(int(i) for i in np.argwhere(~finite)[0])
        place = ", ".join(f"{axis} {i}" for axis, i in zip(("row", "column"), index, strict=False))
        raise ValueError(f"{what} holds {array[index]} at {place}: fill or drop what is missing")
    return array


def _each(targets: NDArray[Any]) -> list[Any]:
    """Class labels as ints, other single targets as floats, rows as lists."""
    rows: list[Any] = targets.tolist()
    return rows


def check_targets(model: Callable[[Any], Any], loss: Callable[..., Any], data: Examples) -> None:
    """Try the loss on each kind of target, with nothing recorded, so that a bad one fails now."""
    kinds = {repr(t): t for t in data.targets if not isinstance(t, list)} or {"": data.targets[0]}
    with no_grad():
        prediction = model(data.inputs[0])
        for target in kinds.values():
            loss(prediction, target)


def is_correct(prediction: Any, target: Any) -> bool | None:
    """Whether the largest output is the target's class; None where there are no classes.

    The target is a class index or one-hot. For one output only -1 and 1 are classes, by the sign.
    """
    scores = [v.data for v in np.ravel(prediction)]
    if len(scores) == 1:
        return None if target not in (-1, 1) else (scores[0] > 0) == (target > 0)
    best = max(range(len(scores)), key=scores.__getitem__)
    if isinstance(target, int):
        return best == target
    if isinstance(target, list) and sorted(target)[-2:] == [0, 1] and sum(target) == 1:
        return bool(target[best] == 1)
    return None
