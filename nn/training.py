"""`fit` trains a model on data, and `evaluate` scores it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd import modes
from autograd.system.garbage import paused
from autograd.text.spelling import suggesting
from nn.arguments import (
    check_flags,
    check_model,
    check_path,
    check_seed,
    chosen_loss,
    chosen_optimizer,
    going_on,
)  # fmt: skip
from nn.batches import Batches
from nn.compiled_engine import CompiledEngine
from nn.eager_engine import EagerEngine, Loss, Score
from nn.examples import Examples, check_examples
from nn.history import History
from nn.losses import cross_entropy
from nn.module import check_count
from nn.optimizers import SGD, Adam, described
from nn.run import TrainingRun
from nn.saving.checkpoints import Keeper, check_free, optimizer_in
from nn.saving.randomness import kept_random_states

Path = str | os.PathLike[str]


@suggesting
def fit(
    model: Any, X: Any, Y: Any, *, loss: Loss | str = cross_entropy,
    optimizer: SGD | Adam | str | None = None, lr: float | None = None, epochs: int = 10,
    batch_size: int = 32, seed: int = 0, shuffle: bool = True,
    validation: tuple[Any, Any] | None = None, callback: Callable[[History], Any] | None = None,
    progress: bool = True, history: History | None = None, compiled: bool = True,
    dtype: str = "float64", backend: str = "numpy", mesh: Any = None,
    checkpoint: Path | None = None, every: int | None = None, resume: Path | None = None,
) -> History:  # fmt: skip
    """Train a model in mini-batches; the gradient is the average over the batch.

    The loss of the model is compiled and runs on whole batches (`autograd.compile`); a later call
    with an equal model and loss takes the same program. `compiled=False` trains one example at a
    time in Values, with the same losses, and refuses the same.

    Between epochs all is in the Values: a callback sees the numbers, with the gradients of the last
    batch, and what it writes, to parameters, to the optimizer's `lr`, to any Value of the loss,
    stays. At the end the gradients are unset.

    Ctrl-C ends the run after the current batch (eager: after the last whole one), and
    `history.interrupted` is true. Given that history, a later call goes on after that batch. With
    a checkpoint, SIGTERM and SIGHUP leave one too before they end the process, and `resume` goes
    on from it to the same bits as an unbroken run.

    While batches are small, NumPy's matrix products run in one thread, in the whole process.

    Args:
        model: a Module, or anything with `parameters()` that is called with one example.
        X: numbers of shape (n, inputs).
        Y: targets of shape (n,) or (n, outputs), as the loss takes them.
        loss: of one prediction and one target; or the name of one of `nn`, "mse".
        optimizer: over the model's parameters, or "adam" (the default, but for `resume` that of
            the file) or "sgd".
        lr: the learning rate of an optimizer that is given by name; 0.01 for Adam, 0.1 for SGD.
        epochs: passes through the data, including those in `history`.
        batch_size: examples in a step; the last batch may be smaller.
        seed: for the shuffling, which depends on nothing but the seed and the epoch.
        shuffle: False to take the examples in their own order.
        validation: a pair (X, Y) to evaluate after each epoch.
        callback: called with the history after each epoch; a true answer ends the run.
        progress: show a bar, on a terminal.
        history: of an earlier run to go on with; it is extended.
        compiled: run as array code.
        dtype: of the compiled code, "float64" or "float32"; Values are float64.
        backend: what runs it, "numpy" or "jax", as for `autograd.compile`.
        mesh: of JAX's devices, which share each batch. In a mesh of several processes each calls
            fit with all the data, and the first alone writes checkpoints; one may be resumed on any
            number of devices.
        checkpoint: a file to which the whole run is written, at the start, after epochs (at most
            one a second) and at the end, whatever ends it.
        every: write after so many batches, in place of epochs.
        resume: a checkpoint to go on from, and to go on writing unless `checkpoint` names another.

    Raises, before anything is changed: ValueError for bad data, targets that the loss does not
    take, numbers out of range, a loss that depends on no parameter, a checkpoint of another run;
    TypeError for a loss or an optimizer that is none; FileExistsError for a checkpoint that would
    replace an unfinished one; TracerError for a model that cannot be compiled because it branches
    on its numbers. Raises FloatingPointError, with the parameters as they were before the step, if
    a loss or a gradient is not finite.

    >>> from nn import MLP
    >>> X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    >>> history = fit(MLP(2, [8, 2], seed=1), X, Y, epochs=200, progress=False)
    >>> history.accuracy[-1]
    1.0
    """
    loss = chosen_loss(loss)
    check_count("epochs", epochs)
    check_count("batch_size", batch_size)
    check_count("every", 1 if every is None else every)
    seed = check_seed(seed)
    check_model(model)
    check_flags(shuffle=shuffle, compiled=compiled, progress=progress)
    checkpoint, resume = check_path("checkpoint", checkpoint), check_path("resume", resume)
    path = checkpoint or resume
    _check_together(callback, history, resume, every, path)
    with paused():  # of a large model the collector would go through all Values, again and again
        if optimizer is None and lr is None and resume is not None:
            optimizer = optimizer_in(resume, model)
        if history is not None and history.optimizer is not None:
            optimizer = going_on(optimizer, lr, history.optimizer, model)
        is_default = optimizer is None or isinstance(optimizer, str)
        optimizer = chosen_optimizer(optimizer, lr, model)
        data = check_examples(X, Y)
        held_out = _held_out(validation, data)
        batches = Batches(data, int(batch_size), seed, bool(shuffle))
        history = History() if history is None else history
        batches.start(history.place)
        engine = _engine(model, loss, optimizer, compiled, (dtype, backend, mesh), batches)
        _check_shares(engine.backend.devices, batches, held_out)
        if path is not None and (
            resume is None or os.path.realpath(path) != os.path.realpath(resume)
        ):
            check_free(path)
        engine.moves_all = is_default
        engine.backend.check_alike(partial(_in_common, batches, int(epochs), optimizer))
        with kept_random_states():
            engine.prepare({"Y": data} | ({} if held_out is None else {"validation Y": held_out}))
    keeper, stopped = None, False
    if path is not None:
        settings = {"compiled": bool(compiled), "dtype": str(np.dtype(dtype))}
        keeper = Keeper(path, every, engine, batches, held_out, history, settings)
        stopped = resume is not None and keeper.resume(resume)
    engine.backend.check_alike(lambda: {
        "set of parameters": engine.read().tolist(), "loss": engine.fingerprint(),
    })  # fmt: skip
    if keeper is not None:
        keeper.write(stopped=stopped)
    history.optimizer = optimizer
    run = TrainingRun(engine, batches, held_out, history, epochs, callback, keeper, stopped)
    run.train(progress)
    return history


def _check_together(callback: Any, history: Any, resume: Any, every: Any, path: Any) -> None:
    if callback is not None and not callable(callback):
        raise TypeError(f"callback is a function of the history, got {callback!r}")
    if history is not None and not isinstance(history, History):
        raise TypeError(f"history is the History of an earlier run, got {history!r:.60}")
    if history is not None and resume is not None:
        raise ValueError("give history= or resume=: a checkpoint has the history in it")
    if every is not None and path is None:
        raise ValueError("every= is for checkpoint=, the file that is written, and there is none")
    if not modes.recording():
        raise ValueError("fit() under no_grad() could not train: call it outside")


def _held_out(validation: Any, data: Examples) -> Examples | None:
    if validation is None:
        return None
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise ValueError(f"validation is a pair (X, Y), got {validation!r:.60}")
    held_out = check_examples(validation[0], validation[1], "validation ")
    here, there = held_out.inputs.shape[1], data.inputs.shape[1]
    if here != there:
        raise ValueError(f"validation X has {here} columns and X has {there}")
    return held_out


def _engine(
    model: Any, loss: Loss, optimizer: Any, compiled: bool, run_by: tuple[str, str, Any],
    batches: Batches,
) -> EagerEngine:  # fmt: skip
    engine = CompiledEngine(model, loss, optimizer, *run_by, batches.size)  # which checks run_by
    if not compiled and run_by[1] != "numpy":
        raise ValueError(f"compiled=False trains in Values, without backend={run_by[1]!r}")
    return engine if compiled else EagerEngine(model, loss, optimizer)


def _in_common(batches: Batches, epochs: int, optimizer: Any) -> dict[str, Any]:
    """What processes that train together have in common, before anything is computed."""
    order = batches.seed, batches.size, batches.shuffle, epochs
    return {
        "seed, batch_size, shuffle or epochs": order,
        "set of examples": batches.data.digest(),
        "optimizer": described(optimizer),
    }


def _check_shares(devices: int, batches: Batches, held_out: Examples | None) -> None:
    """Raise ValueError if a batch has too few examples for the devices of a mesh."""
    rest = len(batches.data) % batches.size
    sizes = {"a batch": min(batches.size, len(batches.data)), "the last batch": rest or devices}
    sizes["validation"] = devices if held_out is None else len(held_out)
    for what, size in sizes.items():
        if size < devices:
            raise ValueError(
                f"{what} has {size} examples, too few for {devices} devices to share: choose "
                f"another batch_size than {batches.size}, more data, or a mesh of fewer devices"
            )


@suggesting
def evaluate(
    model: Any, X: Any, Y: Any, *, loss: Loss | str = cross_entropy, compiled: bool = True
) -> Score:
    """Return the mean loss and the accuracy of a model on data; nothing is recorded.

    Raises ValueError for bad data, TracerError for a model that cannot be compiled.

    >>> from nn import MLP
    >>> evaluate(MLP(2, 2, init="article", seed=0), [[0.0, 0.0]], [0]).accuracy
    1.0
    """
    data = check_examples(X, Y)
    of = model, chosen_loss(loss), None
    engine = CompiledEngine(*of, "float64") if compiled else EagerEngine(*of)
    engine.prepare({"Y": data})
    return engine.outcome(data).score(data)
