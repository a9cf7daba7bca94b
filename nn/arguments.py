"""The arguments of `fit` and its like: what may be given by name, and what is refused at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.floats.ieee import is_whole
from autograd.text.spelling import hint
from nn.losses import cross_entropy, half_squared_error, hinge, mse
from nn.optimizers import SGD, Adam

LOSSES = {loss.__name__: loss for loss in (cross_entropy, half_squared_error, hinge, mse)}
_OPTIMIZERS: dict[str, tuple[Any, float]] = {"adam": (Adam, 0.01), "sgd": (SGD, 0.1)}


def chosen_loss(loss: Any) -> Callable[[Any, Any], Any]:
    """Return a loss, given by itself or by its name."""
    if isinstance(loss, str):
        if loss not in LOSSES:
            raise ValueError(f"there is no loss {loss!r}{hint(loss, LOSSES, 9)}")
        return LOSSES[loss]
    if not callable(loss):
        raise TypeError(
            f"a loss is a function of a prediction and a target, or the name of one, got {loss!r}"
        )
    chosen: Callable[[Any, Any], Any] = loss
    return chosen


def chosen_optimizer(optimizer: Any, lr: Any, model: Any) -> Any:
    """Return an optimizer, given by itself, by its name, or not at all: then Adam."""
    if optimizer is None or isinstance(optimizer, str):
        name = "adam" if optimizer is None else optimizer
        if name.lower() not in _OPTIMIZERS:
            raise ValueError(f"there is no optimizer {name!r}{hint(name, _OPTIMIZERS, 9)}")
        kind, rate = _OPTIMIZERS[name.lower()]
        return kind(model.parameters(), lr=rate if lr is None else lr)
    is_one = all(hasattr(optimizer, name) for name in ("parameters", "zero_grad", "step"))
    if isinstance(optimizer, type) or not is_one:
        raise TypeError(
            "optimizer is an SGD or Adam over the parameters, nn.SGD(model.parameters(), lr=0.1), "
            f"or a name, got {optimizer!r:.80}"
        )
    if lr is not None:
        raise ValueError(f"the optimizer that is given has its own learning rate, and lr is {lr!r}")
    return optimizer


def check_seed(seed: Any) -> int:
    """Return a seed. Raises ValueError for what is not a whole number from 0 to 2**32 - 1."""
    if not is_whole(seed, 0) or seed >= 2**32:
        raise ValueError(
            f"seed is a whole number from 0 to 2**32 - 1, got {seed!r}: a run can be repeated, and "
            "resumed, by its seed"
        )
    return int(seed)


def check_model(model: Any) -> None:
    """Raise TypeError for what cannot be trained."""
    if isinstance(model, type) or not callable(model) or not hasattr(model, "parameters"):
        raise TypeError(
            "a model is a Module with a method __call__(self, x) for one example, or anything with "
            f"parameters() that is called so, got {model!r:.80}"
        )


def check_flags(**flags: Any) -> None:
    """Raise TypeError for what is neither True nor False."""
    for name, flag in flags.items():
        if not isinstance(flag, (bool, np.bool_)):
            raise TypeError(f"{name} is True or False, got {flag!r:.60}")


def check_path(name: str, path: Any) -> str | None:
    """Return a path as text, None for none. Raises ValueError for a number and for ""."""
    if path is None:
        return None
    if isinstance(path, int) or not (text := os.fsdecode(path)):
        raise ValueError(f"{name} is the path of a file, got {path!r}")
    return os.path.abspath(text)  # a callback may change the folder


def going_on(optimizer: Any, lr: Any, before: Any, model: Any) -> Any:
    """Return the optimizer for the rest of a run: the one before, or another that is given."""
    if optimizer is None and lr is None and set(model.parameters()).isdisjoint(before.parameters):
        raise ValueError(
            "history= is of a run of another model: pass the optimizer to go on with, or set "
            "history.optimizer = None to begin with a new one"
        )
    if isinstance(optimizer, str) or lr is not None:
        raise ValueError(
            "history= goes on with the optimizer of that run, whose state a new one has not: leave "
            "optimizer= and lr= out, or pass an optimizer itself"
        )
    return before if optimizer is None else optimizer
