"""`fit` trains a model on data, `evaluate` scores it, and `History` holds the course of a run."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from nn.engines import Batches, CompiledEngine, EagerEngine, Engine, Loss, Score
from nn.examples import Examples, check_examples, check_targets
from nn.losses import cross_entropy
from nn.module import check_count
from nn.optimizers import SGD, Adam


@dataclass
class History:
    """The losses and accuracies of a training run, one number for each epoch.

    The loss and the accuracy are means over the examples as they were trained on, while the
    parameters moved. The accuracy is empty where there are no classes.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    interrupted: bool = False

    def __len__(self) -> int:
        return len(self.loss)


def fit(
    model: Any, X: Any, Y: Any, *, loss: Loss = cross_entropy, optimizer: SGD | Adam | None = None,
    epochs: int = 10, batch_size: int = 32, seed: int = 0,
    validation: tuple[Any, Any] | None = None, callback: Callable[[History], Any] | None = None,
    progress: bool = True, history: History | None = None, compiled: bool = True,
    dtype: str = "float64",
) -> History:  # fmt: skip
    """Train a model in mini-batches; the gradient is the average over the batch.

    The loss of the model is compiled at the beginning of each call and runs on whole batches
    (`autograd.compile`); the parameters receive their numbers, and the last gradient, at the end,
    at every callback and on interruption. `compiled=False` trains one example at a time in Values,
    with the same losses.

    Ctrl-C ends the run after the current batch (the example, if not compiled): the parameters are
    those after the last whole step, and `history.interrupted` is true. Given that history, a later
    call resumes with the epoch that was cut short and shuffles as an unbroken run would.

    Args:
        model: a Module, or anything with `parameters()` that is called with one example.
        X: numbers of shape (n, inputs).
        Y: targets of shape (n,) or (n, outputs), as the loss takes them.
        loss: of one prediction and one target.
        optimizer: over the model's parameters; Adam with a rate of 0.01 by default.
        epochs: passes through the data, including those in `history`.
        batch_size: examples in a step; the last batch may be smaller.
        seed: for the shuffling, which depends on nothing but the seed and the epoch.
        validation: a pair (X, Y) to evaluate after each epoch.
        callback: called with the history after each epoch; a true answer ends the run.
        progress: show a bar, on a terminal.
        history: of an earlier run to resume; it is extended.
        compiled: run as array code.
        dtype: of the compiled code, "float64" or "float32".

    Raises ValueError, before anything is changed, for bad data, labels that are not a class,
    numbers out of range or a model without parameters; TypeError for what is not an optimizer;
    FloatingPointError if a loss is not finite; TracerError for a model that cannot be compiled
    because it branches on its numbers.

    >>> from nn import MLP
    >>> X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    >>> history = fit(MLP(2, [8, 2], seed=1), X, Y, epochs=200, progress=False)
    >>> history.accuracy[-1]
    1.0
    """
    data = check_examples(X, Y)
    held_out = None if validation is None else check_examples(*validation)
    check_count("epochs", epochs)
    check_count("batch_size", batch_size)
    for examples in filter(None, (data, held_out)):
        check_targets(model, loss, examples)
    optimizer = Adam(model.parameters(), lr=0.01) if optimizer is None else optimizer
    if not hasattr(optimizer, "step"):
        raise TypeError(f"optimizer is an SGD or Adam over the parameters, got {optimizer!r}")
    if not set(optimizer.parameters) & set(model.parameters()):
        raise ValueError("the optimizer moves none of the model's parameters")
    eager = EagerEngine(model, loss, optimizer)
    engine = CompiledEngine(model, loss, optimizer, dtype) if compiled else eager
    history = History() if history is None else history
    batches = Batches(data, int(batch_size), seed)
    _train(engine, batches, held_out, history, epochs, callback, progress)
    return history


def _train(
    engine: Engine, batches: Batches, held_out: Examples | None, history: History, epochs: int,
    callback: Callable[[History], Any] | None, progress: bool,
) -> None:  # fmt: skip
    """Train until the history has that many epochs, or Ctrl-C or the callback ends the run."""
    engine.prepare(batches.data)
    history.interrupted = False
    disable = None if progress else True  # for tqdm, None means: unless on a terminal
    bar = tqdm(total=epochs, initial=len(history), unit="epoch", disable=disable)
    with _interruptible() as interrupted, ExitStack() as at_the_end, bar:
        at_the_end.callback(engine.write_back)  # also after an error
        while len(history) < epochs and not history.interrupted:
            score = engine.epoch(batches, len(history), interrupted)
            if score is None:
                history.interrupted = True
                break
            _note(history, score, held_out and engine.evaluate(held_out))
            bar.set_postfix_str(_summary(history), refresh=False)
            bar.update()
            if callback is not None:
                engine.write_back()  # the callback sees the parameters as they are
                if callback(history):
                    break


def evaluate(
    model: Any, X: Any, Y: Any, *, loss: Loss = cross_entropy, compiled: bool = True
) -> Score:
    """Return the mean loss and the accuracy of a model on data; nothing is recorded.

    Raises ValueError for bad data, TracerError for a model that cannot be compiled.

    >>> from nn import MLP
    >>> evaluate(MLP(2, 2, init="article", seed=0), [[0.0, 0.0]], [0]).accuracy
    1.0
    """
    data = check_examples(X, Y)
    if compiled:
        return CompiledEngine(model, loss, None, "float64").evaluate(data)
    return EagerEngine(model, loss, None).evaluate(data)


def _note(history: History, trained: Score, held_out: Score | None) -> None:
    history.loss.append(trained.loss)
    if trained.accuracy is not None:
        history.accuracy.append(trained.accuracy)
    if held_out is not None:
        history.validation_loss.append(held_out.loss)
        if held_out.accuracy is not None:
            history.validation_accuracy.append(held_out.accuracy)


def _summary(history: History) -> str:
    shown = [f"loss {history.loss[-1]:.4f}"]
    if history.accuracy:
        shown.append(f"accuracy {history.accuracy[-1]:.1%}")
    if history.validation_accuracy:
        shown.append(f"held out {history.validation_accuracy[-1]:.1%}")
    return ", ".join(shown)


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Give an event that the first Ctrl-C sets; a second one interrupts at once, as usual."""
    event = threading.Event()
    previous = signal.getsignal(signal.SIGINT)
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or previous is not signal.default_int_handler:
        yield event
        return

    def note(number: int, frame: Any) -> None:
        event.set()
        signal.signal(signal.SIGINT, previous)
        print("interrupted: finishing what is under way", file=sys.stderr)

    signal.signal(signal.SIGINT, note)
    try:
        yield event
    finally:
        signal.signal(signal.SIGINT, previous)
