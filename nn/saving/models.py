"""Models on disk, exact to the last bit: `save`, `load` and `load_checkpoint`."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import Value
from nn.batches import PlaceInEpoch
from nn.history import CURVES, History
from nn.layers import MLP
from nn.module import Module
from nn.optimizers import SGD, Adam
from nn.saving.files import Arrays, harmless, read, write

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
        arrays |= {f"optimizer.{name}": getattr(optimizer, name) for name in optimizer.arrays}
        settings = {name: getattr(optimizer, name) for name in optimizer.settings}
        about["optimizer"] = {"class": type(optimizer).__name__, **settings}
    if history is not None:
        arrays |= {f"history.{name}": np.array(getattr(history, name), float) for name in CURVES}
        about["history"] = {"interrupted": history.interrupted, "place": history.place}
    return arrays, about


def as_arrays(named: Iterable[tuple[str, Value]]) -> dict[str, Any]:
    """Put parameters whose names are all the places of an array together, in an array of objects.

    >>> w = autograd.array([[1.0, 2.0]], name="w")
    >>> as_arrays([("w[0,0]", w[0, 0]), ("w[0,1]", w[0, 1]), ("b", Value(0.0))])["w"].shape
    (1, 2)
    """
    groups: dict[str, list[tuple[str, Value]]] = {}
    for name, v in named:
        base, bracket, _ = name.rpartition("[")
        groups.setdefault(base if bracket and name[-1] == "]" else name, []).append((name, v))
    found: dict[str, Any] = {}
    for base, members in groups.items():
        shape = _shape(base, [name for name, _ in members])
        if shape is None:
            found |= {name: np.array(v, dtype=object) for name, v in members}
        else:
            values = np.empty(len(members), dtype=object)
            values[:] = [v for _, v in members]
            found[base] = values.reshape(shape)
    return found


def _shape(base: str, names: list[str]) -> tuple[int, ...] | None:
    """The shape of the array whose elements have these names, in order; None if there is none."""
    last = names[-1][len(base) + 1 : -1].split(",")
    if not all(index.isdecimal() and len(index) < 8 for index in last):
        return () if names == [base] else None
    shape = tuple(int(index) + 1 for index in last)
    if math.prod(shape) != len(names):
        return None
    places = [f"{base}[{','.join(map(str, place))}]" for place in np.ndindex(shape)]
    return shape if places == names else None


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
    arrays, about = read(path)
    with naming(path):
        model = _rebuilt(arrays, about) if model is None else model
        named = model.named_parameters()
        leaves, numbers = fitting(named, arrays, model)
        if isinstance(model, MLP) and about["arguments"] is not None:
            own, other = model.config["activation"], about["arguments"]["activation"]
            if own != other:
                raise ValueError(f"its activations are {other!r:.80}, and those of {model!r} {own}")
        optimizer, history = None, history_of(arrays, about) if whole else None
        if whole and about.get("optimizer") is not None:
            moved = places_of(arrays, len(named))
            kind = OPTIMIZERS[about["optimizer"]["class"]]
            optimizer = kind([named[i][1] for i in moved], lr=1.0)
            optimizer.load_state_dict(state_of(arrays, about))
            if history is not None:
                history.optimizer = optimizer
    autograd.assign(leaves, numbers)
    return Checkpoint(model, optimizer, history)


def _check_module(model: Any) -> None:
    if not isinstance(model, Module):
        raise TypeError(f"a file is of a Module, got {model!r:.80}")


@contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Name the path in errors about what a file says; whatever is wrong with it is a ValueError."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError(f"{path} is damaged: {type(error).__name__} {harmless(error)}") from error
    except ValueError as error:
        raise ValueError(f"{path}: {harmless(error)}") from error


def _rebuilt(arrays: Arrays, about: dict[str, Any]) -> MLP:
    """An MLP as a file describes it, once its arrays are found to be as large."""
    if about["model"] != "MLP" or about["arguments"] is None:
        raise ValueError(
            f"it holds the parameters of a {about['model']!s:.60}, which only you can build: "
            "pass one as model="
        )
    nin, nouts, activation, init = (
        about["arguments"][name] for name in ("nin", "nouts", "activation", "init")
    )
    if any(type(n) is not int or n < 1 for n in (nin, *nouts)):
        raise ValueError(f"the widths are whole numbers from 1, got {[nin, *nouts]!r:.60}")
    saved = sum(name.startswith("model.") for name in arrays)
    if 2 * sum(nouts) != saved:
        raise ValueError(f"it has {saved} arrays, and an MLP of its widths {2 * sum(nouts)}")
    for layer, (count, width) in enumerate(zip([nin, *nouts], nouts, strict=False)):
        for neuron in range(width):
            weights = arrays[f"model.layer{layer}.neuron{neuron}.w"]
            if weights.shape != (count,):
                raise ValueError(f"layer{layer} has {count} inputs, and weights {weights.shape}")
    return MLP(nin, nouts, activation, init=init, seed=0)


def fitting(
    named: list[tuple[str, Value]], arrays: Arrays, model: Any
) -> tuple[list[Value], list[float]]:
    """Return parameters with their numbers in a file. Raises ValueError if it has others."""
    own = {f"model.{name}": values for name, values in as_arrays(named).items()}
    saved = {name: a for name, a in arrays.items() if name.startswith("model.")}
    for what, names in (("lacks", own.keys() - saved), ("has unknown", saved.keys() - own)):
        if names:
            shown = ", ".join(sorted(name.removeprefix("model.") for name in names)[:3])
            raise ValueError(f"{what} parameters of {model!r}: {shown}")
    for name, values in own.items():
        if saved[name].shape != values.shape or saved[name].dtype != float:
            raise ValueError(
                f"{name} is of {saved[name].dtype} and shape {saved[name].shape}, and should be of "
                f"float64 and {values.shape}"
            )
    leaves = [v for values in own.values() for v in values.ravel().tolist()]
    return leaves, [x for name in own for x in saved[name].ravel().tolist()]


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
    if not is_good or (place and not (place.batches > 0 and math.isfinite(place.loss))):
        raise ValueError("its history ends at no place within an epoch")
    loss, accuracy, validation_loss, validation_accuracy = (a.tolist() for a in curves)
    interrupted = saved["interrupted"] is True
    return History(loss, accuracy, validation_loss, validation_accuracy, interrupted, place)
