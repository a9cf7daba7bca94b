"""Models on disk: readable JSON, exact to the last bit, written whole or not at all."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, NamedTuple

from autograd.system.files import write_whole
from nn.layers import MLP
from nn.module import Module
from nn.optimizers import SGD, Adam
from nn.training import History

FORMAT = "chainrule model 1"
_OPTIMIZERS = {"SGD": SGD, "Adam": Adam}


class Checkpoint(NamedTuple):
    """A model, and the optimizer and the history that were saved with it."""

    model: Module
    optimizer: SGD | Adam | None
    history: History | None


def save(
    model: Module, path: str | os.PathLike[str], *, optimizer: SGD | Adam | None = None,
    history: History | None = None,
) -> Path:  # fmt: skip
    """Write a model to a file, with its optimizer and history if given, to resume training.

    Numbers keep every bit. An older file survives if writing fails. Returns the path.

    Raises OSError, naming the path, if it cannot be written; ValueError for an optimizer of
    another class or of another model.
    """
    content = {
        "format": FORMAT,
        "model": type(model).__name__,
        "arguments": model.config if isinstance(model, MLP) else None,
        "parameters": {name: v.data for name, v in model.named_parameters()},
        "optimizer": None if optimizer is None else _optimizer_state(model, optimizer),
        "history": None if history is None else asdict(history),
    }
    return write_whole(path, json.dumps(content, indent=1) + "\n")


def load(path: str | os.PathLike[str], model: Module | None = None) -> Any:
    """Load the model in a file. An MLP is built anew; for another Module pass one to fill.

    Raises ValueError for a file that is damaged or does not fit the model (which stays as it was),
    OSError if it cannot be read.

    >>> import tempfile
    >>> from nn import MLP
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(MLP(2, [3, 1], seed=0), folder + "/model.json")
    ...     load(path)
    MLP(2 -> 3 -> 1)
    """
    return _load(path, model, whole=False).model


def load_checkpoint(path: str | os.PathLike[str], model: Module | None = None) -> Checkpoint:
    """Load a model with its optimizer and history, to resume training. Raises as `load` does."""
    return _load(path, model, whole=True)


def _load(path: str | os.PathLike[str], model: Module | None, whole: bool) -> Checkpoint:
    content = _read(path)
    try:
        model = _rebuilt(content) if model is None else model
        values = _fitting(model, content["parameters"])
        optimizer = _optimizer(model, content["optimizer"]) if whole else None
        saved = content["history"] if whole else None
        names = [each.name for each in fields(History)]
        history = None if saved is None else History(*[saved[name] for name in names])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is damaged: {error!r}") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    for v, number in values:
        v.data = number
    return Checkpoint(model, optimizer, history)


def _read(path: str | os.PathLike[str]) -> dict[str, Any]:
    text = Path(path).read_bytes()
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path} is not a saved model: {error}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{path} is not a saved model: it does not say {FORMAT!r}")
    return content


def _rebuilt(content: dict[str, Any]) -> Module:
    if content["model"] != "MLP":
        raise ValueError(
            f"it holds the parameters of a {content['model']}, which only you can build: "
            "pass one as model="
        )
    arguments = content["arguments"]
    return MLP(arguments["nin"], arguments["nouts"], arguments["activation"], seed=0)


def _fitting(model: Module, saved: dict[str, float]) -> list[tuple[Any, float]]:
    """Pair the parameters with their saved numbers."""
    own = dict(model.named_parameters())
    for what, names in (("lacks", own.keys() - saved), ("has unknown", saved.keys() - own)):
        if names:
            raise ValueError(f"{what} parameters of {model!r}: {', '.join(sorted(names)[:3])}")
    for name, number in saved.items():
        if not isinstance(number, (int, float)):
            raise ValueError(f"parameter {name} is no number but {number!r}")
    return [(v, saved[name]) for name, v in own.items()]


def _optimizer_state(model: Module, optimizer: SGD | Adam) -> dict[str, Any]:
    """Return the state of an optimizer, and the names of the parameters that it moves."""
    kind = type(optimizer)
    if kind not in _OPTIMIZERS.values():
        raise ValueError(f"only {' and '.join(_OPTIMIZERS)} can be saved, not a {kind.__name__}")
    names = {v: name for name, v in model.named_parameters()}
    foreign = [v for v in optimizer.parameters if v not in names]
    if foreign:
        raise ValueError(f"the optimizer moves what is no parameter of {model!r}: {foreign[0]!r}")
    moved = [names[v] for v in optimizer.parameters]
    return {"class": kind.__name__, "parameters": moved, **optimizer.state_dict()}


def _optimizer(model: Module, saved: dict[str, Any] | None) -> SGD | Adam | None:
    if saved is None:
        return None
    own = dict(model.named_parameters())
    moved = [own[name] for name in saved["parameters"]]
    optimizer: SGD | Adam = _OPTIMIZERS[saved["class"]](moved, lr=saved["lr"])
    optimizer.load_state_dict(saved)
    return optimizer
