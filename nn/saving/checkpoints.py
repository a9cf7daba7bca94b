"""The checkpoint of a run of `fit`: all that it takes to go on to the same numbers."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from autograd import Value
from nn.batches import Batches
from nn.eager_engine import EagerEngine, distinct
from nn.examples import Examples
from nn.history import CURVES, History
from nn.module import named_parameters
from nn.optimizers import SGD, Adam, described
from nn.saving.claims import check_claims
from nn.saving.files import Arrays, Shapes, read, write
from nn.saving.models import (
    OPTIMIZERS,
    contents,
    fitting,
    history_of,
    naming,
    places_of,
    state_of,
)  # fmt: skip
from nn.saving.randomness import (
    as_data,
    from_data,
    kept_random_states,
    random_states,
    set_random_states,
)  # fmt: skip

_LOOKED_AT = 1000  # examples, among which there are
_PROBED = 10  # of several targets: their losses tell one loss from another if nothing is recorded
_APART = 1.0  # seconds between two epochs' checkpoints, at least
_WORDS = {
    "data": "on other X and Y", "validation": "on other validation data",
    "computation": "of another loss or another model",
}  # fmt: skip


class Keeper:
    """Writes the checkpoints of a run to a file, or takes the run up from one."""

    def __init__(
        self, path: str | os.PathLike[str], every: int | None, engine: EagerEngine,
        batches: Batches, held_out: Examples | None, history: History, settings: dict[str, Any],
    ) -> None:  # fmt: skip
        optimizer = engine.optimizer
        is_known = isinstance(optimizer, (SGD, Adam))
        if not is_known or {*vars(optimizer)} != {"parameters", *optimizer.state_dict()}:
            kind = type(optimizer).__name__
            raise TypeError(f"a checkpoint keeps the state of an SGD or Adam, not that of a {kind}")
        self.path, self.every = Path(path), every
        self.engine, self.batches, self.history = engine, batches, history
        self._states = random_states()  # those of the last whole batch
        first = Examples(*(a[:_LOOKED_AT] for a in batches.data))
        rows = distinct(first)[:_PROBED]
        self._probed = Examples(first.inputs[rows], first.targets[rows])
        self.named = named_parameters(engine.model)
        own = {v for _, v in self.named}
        self.others = [v for v in engine.leaves if v not in own]
        if not np.array_equal(self._losses(), self._losses(), equal_nan=True):
            raise ValueError(
                f"the loss {engine.loss_name} is another at each call, though the random states of "
                "Python and NumPy are the same: a checkpoint has no other generator's state; draw "
                "from random or np.random"
            )
        self.identity = settings | {
            "seed": batches.seed, "batch_size": batches.size, "shuffle": batches.shuffle,
            "data": batches.data.digest(), "validation": held_out and held_out.digest(),
            "computation": engine.fingerprint(),
            "optimizer": described(optimizer),
        }  # fmt: skip
        self.identity = json.loads(json.dumps(self.identity))  # as a file gives it back
        self._last, self._count = 0.0, 0
        self._prepared: Any = None

    def after_batch(self) -> None:
        """Write if it is time by the count of batches."""
        self._count += 1
        self._states = random_states()
        if self.every is not None and self._count % self.every == 0:
            self.write()

    def after_epoch(self) -> None:
        """Write if no count is given, and the last time was long ago."""
        self._prepared = None
        self._states = random_states()
        if self.every is None and time.monotonic() - self._last >= _APART:
            self.write()

    def prepare(self) -> None:
        """Keep the run as it is now, before a callback: until that returns, this is written."""
        self.engine.publish()
        optimizer = self.engine.optimizer
        state = {name: copy.copy(thing) for name, thing in vars(optimizer).items()}
        history = copy.copy(self.history)
        vars(history).update({name: [*getattr(history, name)] for name in CURVES})
        self._prepared = self._numbers(), state, history

    def _numbers(self) -> Any:
        return autograd.data(self.engine.leaves)

    def write(self, epochs: int | None = None, stopped: bool = False) -> None:
        """Write the run as it is now. Raises OSError, naming the path, if that fails.

        At the end it is noted whether it has all of its `epochs`, or was stopped by its callback.
        Of several processes that train together the first writes.
        """
        if not self.engine.backend.is_first:
            return
        if self._prepared is None:
            self.engine.publish()
            arrays, about = self._contents(self.history)
        else:  # as it was, for as long as it takes
            optimizer = vars(self.engine.optimizer)
            now, state = self._numbers(), dict(optimizer)
            numbers, earlier, history = self._prepared
            autograd.assign(self.engine.leaves, numbers)
            optimizer.update(earlier)
            try:
                arrays, about = self._contents(history)
            finally:
                autograd.assign(self.engine.leaves, now)
                optimizer.update(state)
        is_whole = epochs is not None and arrays["history.loss"].size >= epochs
        about["run"] |= {"finished": is_whole or stopped, "stopped": stopped}
        write(self.path, arrays, about)
        self._last = time.monotonic()

    def _contents(self, history: History) -> tuple[Arrays, dict[str, Any]]:
        engine = self.engine
        arrays, about = contents(engine.model, self.named, self.others, engine.optimizer, history)
        arrays["run.others"] = autograd.data(self.others)
        arrays["run.losses"] = self._losses()
        randoms = as_data(self._states)
        about["run"] = {**self.identity, "loss": engine.loss_name, "random": randoms}
        return arrays, about

    def _losses(self) -> Any:
        """The losses of some examples; nan where the loss fails now, which is no reason to lose."""
        with kept_random_states():
            set_random_states(self._states)
            try:
                return self.engine.losses(self._probed)
            except Exception:
                return np.full(len(self._probed), np.nan)

    def resume(self, path: str | os.PathLike[str]) -> bool:
        """Set all that the run needs to what a file says; True if its callback had stopped it.

        Raises ValueError, with nothing changed, for the file of a run with other settings, data,
        model or loss.
        """

        def check(shapes: Shapes, about: dict[str, Any]) -> None:
            with naming(path):
                run = _run(about)
                check_claims(shapes, about, self.engine.model)
                for name, own in self.identity.items():
                    if run[name] != own:
                        raise ValueError(_unlike(name, run[name], own))

        arrays, about = read(path, check)
        with naming(path):
            run = _run(about)
            leaves, numbers = fitting(self.named, arrays)
            leaves += self.others
            numbers += arrays["run.others"].tolist()
            everything = [*(v for _, v in self.named), *self.others]
            moved = [everything[i] for i in places_of(arrays, len(everything))]
            if len(leaves) != len(numbers) or moved != self.engine.optimizer.parameters:
                raise ValueError("its loss or its optimizer is that of other Values than here")
            history, states = history_of(arrays, about), from_data(run["random"])
            if history is None:
                raise ValueError("it has no history")
            self.batches.start(history.place)
            before = [v.data for v in leaves], self.engine.optimizer.state_dict(), random_states()
            self._states = states
            try:
                self._set(leaves, numbers, state_of(arrays, about), states)
                self._check_same_loss(arrays["run.losses"], run)
            except BaseException:
                self._set(leaves, *before)
                raise
            vars(self.history).update(vars(history))
        return run["stopped"] is True

    def _set(self, leaves: list[Value], numbers: list[float], state: Any, states: Any) -> None:
        set_random_states(states)
        self.engine.optimizer.load_state_dict(state)
        autograd.assign(leaves, numbers)
        self.engine.refresh()

    def _check_same_loss(self, saved: Any, run: Any) -> None:
        """Raise ValueError if, with the same numbers, the loss is not what it was."""
        found, known = self._losses(), np.isfinite(saved)
        if found.shape != saved.shape or not np.allclose(found[known], saved[known], rtol=1e-9):
            raise ValueError(
                f"the loss {self.engine.loss_name} is {found} for some examples, and in the file "
                f"{run['loss']!r:.60} was {saved}: another loss or another model"
            )


def optimizer_in(path: str | os.PathLike[str], model: Any) -> SGD | Adam:
    """Return the optimizer of the run in a file, as it was at the start."""
    arrays, about = read(path)
    with naming(path):
        settings = dict(_run(about)["optimizer"])
        kind = OPTIMIZERS[settings.pop("class")]
        parameters = [v for _, v in named_parameters(model)]
        moved = [parameters[i] for i in places_of(arrays, len(parameters))]
        optimizer: SGD | Adam = kind(moved, lr=1.0)
        for name, x in settings.items():
            setattr(optimizer, name, x)
    return optimizer


def _run(about: dict[str, Any]) -> Any:
    if "run" not in about:
        raise ValueError("it is no checkpoint of a run, but a saved model: load() reads it")
    return about["run"]


def check_free(path: str | os.PathLike[str]) -> None:
    """Raise FileExistsError where a checkpoint would replace anything but a finished run."""
    found: dict[str, Any] = {}

    def look(shapes: Shapes, about: dict[str, Any]) -> None:
        found.update(about)
        raise ValueError  # the numbers do not matter

    if os.path.exists(path):
        with contextlib.suppress(ValueError, OSError):
            read(path, look)
        if "run" not in found:
            raise FileExistsError(f"{path} is there already, and is no checkpoint: name another")
        if not found["run"].get("finished"):
            raise FileExistsError(
                f"{path} is the checkpoint of a run that is not finished: resume= goes on with it; "
                "to begin anew delete it, or name another"
            )


def _unlike(name: str, saved: Any, own: Any) -> str:
    if name in _WORDS:
        return f"it is of a run {_WORDS[name]}; resume goes on with the same"
    hint = "; optimizer= is as at the start, or left out" if name == "optimizer" else ""
    return f"it is of a run with {name}={saved!r:.80}, and here it is {own!r:.80}{hint}"
