"""The checkpoint of a run of `fit`: all that it takes to go on to the same numbers."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from autograd import Value
from nn.batches import Batches, PlaceInEpoch
from nn.eager_engine import EagerEngine, named
from nn.examples import Examples
from nn.history import History
from nn.optimizers import SGD, Adam
from nn.saving.files import read, write
from nn.saving.models import (
    OPTIMIZERS,
    contents,
    fitting,
    history_of,
    naming,
    places_of,
    state_of,
)  # fmt: skip

_PROBED = 2  # examples whose losses tell one loss from another
_APART = 1.0  # seconds between two epochs' checkpoints, at least
_WORDS = {"data": "X and Y", "validation": "validation data"}


class Keeper:
    """Writes the checkpoints of a run to a file, or takes the run up from one."""

    def __init__(
        self, path: str | os.PathLike[str], every: int | None, engine: EagerEngine,
        batches: Batches, held_out: Examples | None, history: History, settings: dict[str, Any],
    ) -> None:  # fmt: skip
        optimizer = engine.optimizer
        kept = {
            "parameters",
            *getattr(optimizer, "settings", ()),
            *getattr(optimizer, "arrays", ()),
        }
        if not isinstance(optimizer, (SGD, Adam)) or set(vars(optimizer)) != kept:
            kind = type(optimizer).__name__
            raise TypeError(f"a checkpoint keeps the state of an SGD or Adam, not that of a {kind}")
        self.path, self.every = Path(path), every
        self.engine, self.data, self.history = engine, batches.data, history
        self.named = named(engine.model)
        own = {v for _, v in self.named}
        read_or_moved = dict.fromkeys([*engine.leaves, *engine.optimizer.parameters])
        self.others = [v for v in read_or_moved if v not in own]
        if (self._losses() != self._losses()).any():
            raise ValueError(
                f"the loss {engine.loss_name} is another at each call, though the random states of "
                "Python and NumPy are the same: a checkpoint has no other generator's state; draw "
                "from random or np.random"
            )
        self.identity = settings | {
            "seed": batches.seed, "batch_size": batches.size, "shuffle": batches.shuffle,
            "data": batches.data.digest(), "validation": held_out and held_out.digest(),
            "optimizer": {n: getattr(optimizer, n) for n in optimizer.settings},
        }  # fmt: skip
        self.identity["optimizer"]["class"] = type(optimizer).__name__
        self.identity = json.loads(json.dumps(self.identity))  # as a file gives it back
        self._last, self._count = 0.0, 0

    def after_batch(self) -> None:
        """Write if it is time by the count of batches."""
        self._count += 1
        if self.every is not None and self._count % self.every == 0:
            self.write()

    def after_epoch(self) -> None:
        """Write if no count is given, and the last time was long ago."""
        if self.every is None and time.monotonic() - self._last >= _APART:
            self.write()

    def write(
        self, epochs: int | None = None, stopped: bool = False, unheard: PlaceInEpoch | None = None
    ) -> None:
        """Write the run as it is now. Raises OSError, naming the path, if that fails.

        At the end it is noted whether it has all of its `epochs`, or was stopped by its callback.
        An epoch whose callback did not return, and ended at the place `unheard`, is not in it.
        """
        self.engine.publish()
        optimizer = self.engine.optimizer
        history = self.history if unheard is None else self.history.before(unheard)
        arrays, about = contents(self.engine.model, self.named, self.others, optimizer, history)
        is_whole = epochs is not None and len(history) >= epochs
        arrays["run.others"] = autograd.data(self.others)
        state = _random_state()
        arrays["run.losses"] = self._losses()
        about["run"] = {
            **self.identity, "loss": self.engine.loss_name, "random": state,
            "finished": is_whole or stopped, "stopped": stopped,
        }  # fmt: skip
        write(self.path, arrays, about)
        self._last = time.monotonic()

    def _losses(self) -> Any:
        """The losses of the first examples, with the random states left as they were."""
        state = _random_state()
        losses = self.engine.losses(Examples(*(a[:_PROBED] for a in self.data)))
        _set_random_state(state)
        return losses

    def resume(self, path: str | os.PathLike[str]) -> bool:
        """Set all that the run needs to what a file says; True if its callback had stopped it.

        Raises ValueError, with nothing changed, for the file of a run with other settings, data,
        model or loss.
        """
        arrays, about = read(path)
        with naming(path):
            run = _run(about)
            for name, own in self.identity.items():
                if run[name] != own:
                    raise ValueError(_unlike(name, run[name], own))
            leaves, numbers = fitting(self.named, arrays, self.engine.model)
            leaves += self.others
            numbers += arrays["run.others"].tolist()
            everything = [*(v for _, v in self.named), *self.others]
            moved = [everything[i] for i in places_of(arrays, len(everything))]
            if len(leaves) != len(numbers) or moved != self.engine.optimizer.parameters:
                raise ValueError("its loss or its optimizer is that of other Values than here")
            history = history_of(arrays, about)
            before = [v.data for v in leaves], self.engine.optimizer.state_dict(), _random_state()
            try:
                self._set(leaves, numbers, state_of(arrays, about), run["random"])
                self._check_same_loss(arrays["run.losses"], run)
                _set_random_state(run["random"])
            except BaseException:
                self._set(leaves, *before)
                raise
            vars(self.history).update(vars(history))
        return run["stopped"] is True

    def _set(self, leaves: list[Value], numbers: list[float], state: Any, randoms: Any) -> None:
        _set_random_state(randoms)
        self.engine.optimizer.load_state_dict(state)
        autograd.assign(leaves, numbers)
        self.engine.refresh()

    def _check_same_loss(self, saved: Any, run: Any) -> None:
        """Raise ValueError if, with the same numbers, the loss is not what it was."""
        found = self._losses()
        tolerance = 1e-9 if run["dtype"] == "float64" else 1e-4
        if not np.allclose(found, saved, rtol=tolerance, atol=tolerance):
            raise ValueError(
                f"the loss {self.engine.loss_name} is {found[0]} for the first example, and in the "
                f"file {run['loss']!r:.60} was {saved[0]}: another loss or another model"
            )


def optimizer_in(path: str | os.PathLike[str], model: Any) -> SGD | Adam:
    """Return the optimizer of the run in a file, as it was at the start."""
    arrays, about = read(path)
    with naming(path):
        settings = dict(_run(about)["optimizer"])
        kind = OPTIMIZERS[settings.pop("class")]
        parameters = model.parameters()
        optimizer: SGD | Adam = kind(
            [parameters[i] for i in places_of(arrays, len(parameters))], **settings
        )
    return optimizer


def _run(about: dict[str, Any]) -> Any:
    if "run" not in about:
        raise ValueError("it is no checkpoint of a run, but a saved model: load() reads it")
    return about["run"]


def check_free(path: str | os.PathLike[str]) -> None:
    """Raise FileExistsError where a checkpoint would replace anything but a finished run."""
    if os.path.lexists(path):
        try:
            _, about = read(path)
        except (ValueError, OSError):
            about = {}
        if "run" not in about:
            raise FileExistsError(f"{path} is there already, and is no checkpoint: name another")
        if not about["run"].get("finished"):
            raise FileExistsError(
                f"{path} is the checkpoint of a run that is not finished: resume= goes on with it; "
                "to begin anew delete it, or name another"
            )


def _unlike(name: str, saved: Any, own: Any) -> str:
    if name in _WORDS:
        return f"it is of a run on other {_WORDS[name]}; resume goes on with the same"
    return f"it is of a run with {name}={saved!r:.80}, and here it is {own!r:.80}"


def _random_state() -> Any:
    """The state of Python's and NumPy's random numbers, which a model may use."""
    kind, key, *rest = np.random.get_state()
    return [random.getstate(), [kind, np.asarray(key).tolist(), *rest]]


def _set_random_state(state: Any) -> None:
    """Set them. Raises ValueError for a state that no numbers were drawn from."""
    (version, key, gauss), (kind, words, place, has_gauss, cached) = state
    own = np.array(words, dtype=np.uint32)  # NumPy checks none of these
    if kind != "MT19937" or own.shape != (624,) or type(place) is not int or not 0 <= place <= 624:
        raise ValueError("it has no state of NumPy's random numbers")
    random.setstate((version, tuple(key), gauss))
    np.random.set_state((kind, own, place, int(has_gauss), float(cached)))
