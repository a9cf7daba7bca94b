"""Models on disk, exact to the last bit: `save`, `load` and `load_checkpoint`."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import Value
from autograd.system.interrupts import uninterrupted
from autograd.text.characters import readable
from nn.batches import PlaceInEpoch
from nn.history import CURVES, History
from nn.layers import MLP
from nn.module import Module
from nn.optimizers import SGD, Adam, described
from nn.saving.claims import as_arrays, check_claims
from nn.saving.files import Arrays, Shapes, harmless, read, write

OPTIMIZERS: dict[str, Any] = {"SGD": SGD, "Adam": Adam}


class Checkpoint(NamedTuple):
    """A model, and the optimizer and the history that were saved with it."""

    model: Module
    optimizer: SGD | Adam | None
    history: History | None


def save(
    model: Module, path: str | os.PathLike[str], *, optimizer: SGD | Adam | None = None,
    history: History | None = None,
) -> Path:  # fmt: skip
    """Write a model to a safetensors file, with its optimizer and history if given.

    Each array of parameters is a tensor of float64 of its name, `model.layer0.neuron3.w`. Numbers
    keep every bit. An older file survives if writing fails. Returns the path.

    Raises OSError, naming the path, if it cannot be written; ValueError for an optimizer of
    another class or of another model, and for two parameters of one name.
    """
    _check_module(model)
    if optimizer is not None and type(optimizer) not in OPTIMIZERS.values():
        kind = type(optimizer).__name__
        raise ValueError(f"only {' and '.join(OPTIMIZERS)} can be saved, not a {kind}")
    return write(path, *contents(model, model.named_parameters(), [], optimizer, history))


def contents(
    model: Any, named: list[tuple[str, Value]], others: list[Value], optimizer: Any,
    history: History | None,
) -> tuple[Arrays, dict[str, Any]]:  # fmt: skip
    """Return the arrays of a file, and what they are about.

    An optimizer may move other Values than the model's parameters; they are counted after those.
    """
    arrays = {f"model.{name}": autograd.data(a) for name, a in as_arrays(named).items()}
    about: dict[str, Any] = {
        "model": type(model).__name__,
        "arguments": model.config if isinstance(model, MLP) else None,
    }
    if optimizer is not None:
        places = {v: i for i, v in enumerate([*(v for _, v in named), *others])}
        foreign = [v for v in optimizer.parameters if v not in places]
        if foreign:
            raise ValueError(f"the optimizer moves what is no parameter of {model!r}: {foreign[0]}")
        arrays["optimizer.parameters"] = np.array([places[v] for v in optimizer.parameters])
        arrays |= {
            f"optimizer.{name}": getattr(optimizer, name).copy() for name in optimizer.arrays
        }
        about["optimizer"] = described(optimizer)
    if history is not None:
        arrays |= {f"history.{name}": np.array(getattr(history, name), float) for name in CURVES}
        about["history"] = {"interrupted": bool(history.interrupted), "place": history.place}
    return arrays, about


def load(path: str | os.PathLike[str], model: Module | None = None) -> Any:
    """Load the model in a file. An MLP is built anew; for another Module pass one to fill.

    Raises ValueError for a file that is damaged or does not fit the model (which stays as it was),
    OSError if it cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(MLP(2, [3, 1], seed=0), folder + "/model.safetensors")
    ...     load(path)
    MLP(2 -> 3 -> 1)
    """
    return _load(path, model, whole=False).model


def load_checkpoint(path: str | os.PathLike[str], model: Module | None = None) -> Checkpoint:
    """Load a model with its optimizer and history, to resume training. Raises as `load` does."""
    return _load(path, model, whole=True)


def _load(path: str | os.PathLike[str], model: Module | None, whole: bool) -> Checkpoint:
    _check_module(model or Module())
    into: list[Module] = [] if model is None else [model]

    def check(shapes: Shapes, about: dict[str, Any]) -> None:
        with naming(path):
            into[:] = [check_claims(shapes, about, *into)]

    arrays, about = read(path, check)
    with naming(path):
        [model] = into
        named = model.named_parameters()
        leaves, numbers = fitting(named, arrays)
        optimizer, history = None, history_of(arrays, about) if whole else None
        if whole and about.get("optimizer") is not None:
            moved = places_of(arrays, len(named))
            kind = OPTIMIZERS[about["optimizer"]["class"]]
            optimizer = kind([named[i][1] for i in moved], lr=1.0)
            optimizer.load_state_dict(state_of(arrays, about))
            if history is not None:
                history.optimizer = optimizer
    with uninterrupted():
        autograd.assign(leaves, numbers)
    return Checkpoint(model, optimizer, history)


def _check_module(model: Any) -> None:
    if not isinstance(model, Module):
        raise TypeError(f"a file is of a Module, got {model!r:.80}")


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Name the path in errors about what a file says; whatever is wrong with it is a ValueError."""
    name = readable(os.fsdecode(path))
    try:
        yield
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError(f"{name} is damaged: {type(error).__name__} {harmless(error)}") from error
    except ValueError as error:
        raise ValueError(f"{name}: {harmless(error)}") from error


def fitting(named: list[tuple[str, Value]], arrays: Arrays) -> tuple[list[Value], list[float]]:
    """Return parameters, in some order, and their numbers in a file whose claims were checked."""
    own = {f"model.{name}": values for name, values in as_arrays(named).items()}
    if any(arrays[name].dtype != float for name in own):
        raise ValueError("its parameters are not of float64")
    leaves = [v for values in own.values() for v in values.ravel().tolist()]
    return leaves, [x for name in own for x in arrays[name].ravel().tolist()]


def places_of(arrays: Arrays, count: int) -> list[int]:
    """Return which of `count` parameters the saved optimizer moves."""
    places: list[int] = arrays["optimizer.parameters"].ravel().tolist()
    if len(set(places)) < len(places) or not all(0 <= i < count for i in places):
        raise ValueError("its optimizer moves parameters that there are not")
    return places


def state_of(arrays: Arrays, about: dict[str, Any]) -> dict[str, Any]:
    """Return the state of the saved optimizer, for `load_state_dict`."""
    names = [name for name in arrays if name.startswith("optimizer.")]
    return dict(about["optimizer"]) | {n.removeprefix("optimizer."): arrays[n] for n in names}


def history_of(arrays: Arrays, about: dict[str, Any]) -> History | None:
    """Return the saved history; None if there is none."""
    saved = about.get("history")
    if saved is None:
        return None
    curves = [arrays[f"history.{name}"] for name in CURVES]
    epochs = curves[0].size
    if any(a.dtype != float or a.shape not in ((0,), (epochs,)) for a in curves):
        raise ValueError("the curves of its history are not of one length")
    place = None
    if saved["place"] is not None:
        batches, loss, right, order = saved["place"]
        place = PlaceInEpoch(batches, loss, right, tuple(order))
    kinds = place and [type(x) for x in (*place[:3], *place.order)]
    order = [int, int, bool, int]
    is_good = kinds in (None, [int, float, int, *order], [int, float, type(None), *order])
    if place is not None and is_good:
        most = -(-place.order[3] // max(1, place.order[1]))
        is_good = 0 < place.batches <= most and 0 <= (place.right or 0) <= place.order[3]
    if not is_good or (place is not None and not math.isfinite(place.loss)):
        raise ValueError("its history ends at no place within an epoch")
    loss, accuracy, validation_loss, validation_accuracy = (a.tolist() for a in curves)
    interrupted = saved["interrupted"] is True
    return History(loss, accuracy, validation_loss, validation_accuracy, interrupted, place)
