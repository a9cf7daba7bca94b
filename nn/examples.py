"""The data to train on, checked before anything is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd import no_grad


class Examples(NamedTuple):
    """Inputs (n, inputs) and targets (n,) or (n, outputs), as arrays."""

    inputs: NDArray[np.float64]
    targets: NDArray[Any]

    def __len__(self) -> int:
        return len(self.targets)


def check_examples(X: Any, Y: Any) -> Examples:
    """Return the examples in X (n, inputs) and Y (n,) or (n, outputs).

    Raises ValueError for no data, lengths that differ, other shapes, nan or inf, with the place.
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
    if targets.dtype.kind == "O":
        whole = all(isinstance(t, (int, np.integer)) for t in targets.flat)
        targets = targets.astype(int if whole else float)
    return Examples(inputs.astype(float), targets)


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


def check_targets(model: Callable[[Any], Any], loss: Callable[..., Any], data: Examples) -> None:
    """Try the loss on each kind of target, with nothing recorded, so that a bad one fails early."""
    targets = data.targets if data.targets.ndim == 1 else data.targets[:1]
    kinds = {repr(t): t for t in targets.tolist()}
    with no_grad():
        prediction = model(data.inputs[0].tolist())
        for target in kinds.values():
            loss(prediction, target)


def which_are_correct(scores: NDArray[Any], targets: NDArray[Any]) -> NDArray[np.bool_] | None:
    """For each example, True if its class has the largest score; None without classes.

    Targets (n,) are class indices, (n, outputs) one-hot. For one output the classes are -1 and 1,
    and the sign of the score decides.
    """
    scores = scores.reshape(len(targets), -1)
    if scores.shape[1] == 1:
        if targets.ndim > 1 or not np.isin(targets, (-1, 1)).all():
            return None
        return np.asarray((scores[:, 0] > 0) == (targets > 0))
    best = scores.argmax(axis=1)
    if targets.ndim == 1:
        return best == targets if targets.dtype.kind in "iu" else None
    is_one = targets == 1
    is_one_hot = (is_one | (targets == 0)).all() and (is_one.sum(axis=1) == 1).all()
    return np.asarray(is_one[np.arange(len(best)), best]) if is_one_hot else None
