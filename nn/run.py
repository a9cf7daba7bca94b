"""`TrainingRun`: epochs, batches and callbacks, until there are enough or a signal ends it."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.system.interrupts import ENDING, Interruption, noted
from autograd.system.progress import progress_bar
from autograd.system.threads import one_thread
from nn.batches import Batches, PlaceInEpoch
from nn.eager_engine import EagerEngine, Outcome, Score
from nn.examples import Examples, classes_of
from nn.history import History
from nn.saving.checkpoints import Keeper

_SELDOM = 20  # checks that compiled code can follow take a share of the time, at most


@dataclass
class TrainingRun:
    """A training run, decided in all."""

    engine: EagerEngine
    batches: Batches
    held_out: Examples | None
    history: History
    epochs: int
    callback: Callable[[History], Any] | None
    keeper: Keeper | None
    stopped: bool  # by the callback
    classes: Any = None
    next_check: float = 0.0

    def train(self, progress: bool) -> None:
        """Train until the history has that many epochs, or a signal or the callback ends it."""
        history = self.history
        history.interrupted = False
        hidden = {} if progress else {"disable": True}
        bar = progress_bar(total=self.epochs, initial=len(history), unit="epoch", **hidden)
        signals = [signal.SIGINT, *(ENDING if self.keeper else ())]
        with noted(signals) as stop, ExitStack() as at_the_end, bar:
            at_the_end.callback(self.engine.end)
            if self.engine.is_small(self.batches.size):
                at_the_end.enter_context(one_thread())
            try:
                for _ in self._epochs(stop):
                    bar.set_postfix_str(_summary(history), refresh=False)
                    bar.update()
            finally:
                history.interrupted = bool(stop)
                if self.keeper is not None:
                    self.keeper.write(self.epochs, self.stopped)

    def _epochs(self, stop: Interruption) -> Iterator[None]:
        """Train epoch by epoch."""
        while len(self.history) < self.epochs and not self.stopped:
            if not self._epoch(stop):
                print("interrupted: what was learnt is kept", file=sys.stderr)
                return
            yield
            if self.callback is not None:
                self._call_back(self.callback)
            if self.keeper is not None:
                with stop.held():
                    self.keeper.after_epoch()

    def _call_back(self, callback: Callable[[History], Any]) -> None:
        """Let the callback see and write the Values, and see that compiled code can follow."""
        engine, history = self.engine, self.history
        engine.publish()
        try:
            self.stopped = engine.backend.in_any(bool(callback(history)))
        finally:
            engine.refresh()
        engine.check_finite(
            engine.read(), f"the callback of epoch {len(history) - 1} left {{1}} in {{0}}"
        )
        now = time.perf_counter()
        if self.stopped or len(history) in (1, self.epochs) or now > self.next_check:
            engine.check_current(self.batches.data, "as the callback is called")
            self.next_check = now + _SELDOM * (time.perf_counter() - now)

    def _epoch(self, stop: Interruption) -> bool:
        """Train on the rest of an epoch from where the history ends; False if interrupted."""
        history, engine, data = self.history, self.engine, self.batches.data
        place = self.batches.start(history.place)
        for number, rows in enumerate(self.batches.of(len(history))):
            if number < place.batches:
                continue
            where = f"epoch {len(history)}, batch {number}"
            outcome = None if stop else engine.batch(data, rows, stop)
            if outcome is None:
                return False
            _check_losses(outcome, where)
            with stop.held():
                engine.step(where)
                place = self._after(place, outcome)
                history.place = place
                if self.keeper is not None:
                    self.keeper.after_batch()
        accuracy = None if place.right is None else place.right / len(data)
        held_out = self.held_out and engine.outcome(self.held_out).score(self.held_out)
        with stop.held():
            if self.keeper is not None and self.callback is not None:
                self.keeper.prepare()
            history.place = None
            history.note(Score(place.loss / len(data), accuracy), held_out)
        return True

    def _after(self, place: PlaceInEpoch, outcome: Outcome) -> PlaceInEpoch:
        if self.classes is None:
            self.classes = classes_of(self.batches.data.targets, outcome.predictions.shape[1])
        right = place.right
        if self.classes is not None:
            right = (right or 0) + outcome.right(self.classes)
        loss = place.loss + math.fsum(outcome.losses.tolist())
        return place._replace(batches=place.batches + 1, loss=loss, right=right)


def _check_losses(outcome: Outcome, where: str) -> None:
    bad = np.flatnonzero(~np.isfinite(outcome.losses))
    if len(bad):
        raise FloatingPointError(
            f"the loss became {outcome.losses[bad[0]]} in {where}, at example "
            f"{outcome.rows[bad[0]]}; the parameters are as they were before that batch: try a "
            "smaller learning rate, or look at that example"
        )


def _summary(history: History) -> str:
    shown = [f"loss {history.loss[-1]:.4f}"]
    if history.accuracy:
        shown.append(f"accuracy {history.accuracy[-1]:.1%}")
    if history.validation_accuracy:
        shown.append(f"held out {history.validation_accuracy[-1]:.1%}")
    return ", ".join(shown)
