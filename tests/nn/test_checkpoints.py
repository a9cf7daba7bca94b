"""Checkpoints: a run that was cut short goes on to the same bits, or says why it cannot."""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import autograd
import nn
from autograd import Value
from nn import MLP, SGD, Adam, Module, cross_entropy, fit
from nn.saving.files import read, write

RNG = np.random.RandomState(0)
X = RNG.rand(20, 3)
Y = RNG.randint(0, 2, 20)
BOTH = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "eager"])
SUPPORT = Path(__file__).resolve().parents[1] / "support"


def numbers(module):
    return autograd.data(module.parameters()).tolist()


class StopError(Exception):
    pass


class Interrupting(Adam):
    """An Adam that at its step number `at` does something, `how`."""

    at, how = 0, staticmethod(lambda: None)

    def update(self, values, gradient, moved=slice(None)):
        super().update(values, gradient, moved)
        if self.steps.max() == self.at:
            self.how()


def ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


def run(model=None, at=0, how=ctrl_c, **options):
    """The model, the optimizer and the history of a run of 3 epochs of 5 batches."""
    model = MLP(3, [4, 2], seed=1) if model is None else model
    kind = type("Interrupting", (Interrupting,), {"at": at, "how": staticmethod(how)})
    optimizer = kind(model.parameters(), lr=0.05)
    given = {"epochs": 3, "batch_size": 4, "progress": False, "optimizer": optimizer} | options
    history = fit(model, X, Y, **given)
    return model, optimizer, history


@BOTH
@pytest.mark.parametrize("at", [1, 3, 5, 7, 15])
@pytest.mark.parametrize("way", ["history", "resume"])
def test_an_interrupted_run_goes_on_to_the_same_bits(tmp_path, compiled, at, way):
    whole, state, expected = run(compiled=compiled)
    path = tmp_path / "run"
    options = {"checkpoint": path} if way == "resume" else {}
    model, optimizer, history = run(compiled=compiled, at=at, **options)
    assert history.interrupted
    if way == "history":
        type(optimizer).at = 0
        fit(model, X, Y, epochs=3, batch_size=4, optimizer=optimizer, history=history,
            compiled=compiled, progress=False)  # fmt: skip
    else:
        model, optimizer, history = run(MLP(3, [4, 2], seed=9), compiled=compiled, resume=path)
    assert numbers(model) == numbers(whole)
    assert optimizer.state_dict() == state.state_dict()
    assert history == expected
    assert history.place is None


def test_a_history_that_ends_within_an_epoch_goes_on_only_in_the_same_batches():
    model, _, history = run(at=7)
    assert history.place is not None
    assert history.place.batches == 2
    before = numbers(model)
    for other in ({"seed": 1}, {"batch_size": 5}, {"shuffle": False}):
        with pytest.raises(ValueError, match=r"after 2 batches of a run with .*place = None"):
            run(model, history=history, **other)
    assert numbers(model) == before
    history.place = None
    assert len(run(model, history=history, batch_size=5)[2]) == 3


def test_a_second_interrupt_acts_at_once_but_within_no_step():
    def twice():
        ctrl_c()
        ctrl_c()

    model = MLP(3, [4, 2], seed=1)
    optimizer = Interrupting(model.parameters(), lr=0.05)
    optimizer.at, optimizer.how = 7, twice
    history = nn.History()
    with pytest.raises(KeyboardInterrupt):
        fit(model, X, Y, epochs=3, batch_size=4, progress=False, optimizer=optimizer,
            history=history)  # fmt: skip
    assert history.place.batches == 2
    assert set(optimizer.steps.tolist()) == {7}
    expected, *_ = run()
    optimizer.at = 0
    fit(model, X, Y, epochs=3, batch_size=4, progress=False, optimizer=optimizer, history=history)
    assert numbers(model) == numbers(expected)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@BOTH
def test_whatever_ends_a_run_leaves_a_checkpoint(tmp_path, compiled):
    def fails():
        raise StopError

    expected, *_ = run(compiled=compiled)
    with pytest.raises(StopError):
        run(at=6, how=fails, checkpoint=tmp_path / "run", compiled=compiled)
    model, _, history = run(resume=tmp_path / "run", compiled=compiled)
    assert numbers(model) == numbers(expected)
    assert len(history) == 3


def test_a_loss_that_reads_other_values_is_resumed_with_them(tmp_path):
    def training(beta, **options):
        def anneals(history):
            beta.data *= 0.5

        model = MLP(3, [4, 2], seed=1)
        extra = Value(0.1, "extra")
        optimizer = SGD([*model.parameters(), extra], lr=0.1, momentum=0.9)
        options |= {"optimizer": optimizer, "callback": anneals, "batch_size": 4}
        fit(model, X, Y, loss=lambda p, y: beta * cross_entropy(p, y) + (extra - 1.0) ** 2,
            progress=False, **options)  # fmt: skip
        return [*numbers(model), beta.data, extra.data, *optimizer.velocity]

    expected = training(Value(1.0), epochs=4)
    training(Value(1.0), epochs=2, checkpoint=tmp_path / "run")
    assert training(Value(1.0), epochs=4, resume=tmp_path / "run") == expected


def test_the_optimizer_may_be_left_to_the_file(tmp_path):
    whole, parts, again = (MLP(3, [4, 2], seed=1) for _ in range(3))
    options = {"batch_size": 4, "progress": False}
    fit(whole, X, Y, optimizer="sgd", lr=0.3, epochs=3, **options)
    fit(parts, X, Y, optimizer="sgd", lr=0.3, epochs=1, checkpoint=tmp_path / "run", **options)
    fit(again, X, Y, epochs=3, resume=tmp_path / "run", **options)
    assert numbers(again) == numbers(whole)


OTHERS = [
    ({"seed": 1}, "with seed=0, and here it is 1"),
    ({"batch_size": 5}, "with batch_size=4, and here it is 5"),
    ({"shuffle": False}, "with shuffle=True"),
    ({"compiled": False}, "with compiled=True"),
    ({"dtype": "float32"}, "with dtype='float64'"),
    ({"validation": (X, Y)}, "on other validation data"),
    ({"loss": "hinge"}, "of another loss or another model"),
    ({"loss": lambda p, y: 1.001 * cross_entropy(p, y)}, "another loss or another model"),
    ({"model": MLP(3, [5, 2], seed=1)}, "of MLP"),
    ({"model": MLP(3, [4, 2], "relu", seed=1)}, "its activations are"),
]


@pytest.mark.parametrize(("other", "message"), OTHERS, ids=lambda x: str(x)[:20])
def test_another_run_is_refused_with_nothing_changed(tmp_path, other, message):
    run(at=7, checkpoint=tmp_path / "run")
    content = (tmp_path / "run").read_bytes()
    model = other.pop("model", None) or MLP(3, [4, 2], seed=2)
    before, history, state = numbers(model), nn.History(), np.random.get_state()[1].tolist()
    with pytest.raises(ValueError, match=f"run: .*{message}"):
        run(model, resume=tmp_path / "run", **other)
    assert numbers(model) == before
    assert history == nn.History()
    assert np.random.get_state()[1].tolist() == state
    assert (tmp_path / "run").read_bytes() == content


def test_other_data_and_another_optimizer_are_refused(tmp_path):
    options = {"batch_size": 4, "progress": False, "epochs": 3}
    fit(MLP(3, [4, 2], seed=1), X, Y, checkpoint=tmp_path / "run", **options)
    for data in ((X + 1e-12, Y), (X, 1 - Y), (X[:19], Y[:19])):
        with pytest.raises(ValueError, match="run: it is of a run on other X and Y"):
            fit(MLP(3, [4, 2], seed=1), *data, resume=tmp_path / "run", **options)
    for optimizer in ({"lr": 0.02}, {"optimizer": "sgd"}):
        with pytest.raises(ValueError, match="with optimizer="):
            fit(MLP(3, [4, 2], seed=1), X, Y, resume=tmp_path / "run", **optimizer, **options)


def test_a_checkpoint_replaces_no_unfinished_run_and_nothing_else(tmp_path):
    path = tmp_path / "run"
    run(checkpoint=path)
    run(checkpoint=path)  # that run was finished
    run(at=17, resume=path, epochs=5)
    with pytest.raises(FileExistsError, match="not finished: resume= goes on with it"):
        run(checkpoint=path)
    nn.save(MLP(3, 2, seed=0), tmp_path / "model")
    (tmp_path / "text").write_text("mine", encoding="utf-8")
    for name in ("model", "text", "."):
        with pytest.raises(FileExistsError, match="is there already, and is no checkpoint"):
            run(checkpoint=tmp_path / name)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        run(resume=tmp_path / "nowhere")
    with pytest.raises(ValueError, match="model: it is no checkpoint of a run"):
        run(resume=tmp_path / "model")
    with pytest.raises(OSError, match=r"cannot write .*text/run"):
        run(checkpoint=tmp_path / "text" / "run")


def test_every_so_many_batches(tmp_path, monkeypatch):
    places = []

    def looks():
        found = read(tmp_path / "run")[1]["history"]["place"]
        places.append(found and found[0])

    class Looking(Adam):
        def update(self, values, gradient, moved=slice(None)):
            super().update(values, gradient, moved)
            looks()

    model = MLP(3, [4, 2], seed=1)
    fit(model, X, Y, epochs=2, batch_size=4, optimizer=Looking(model.parameters(), 0.05), every=2,
        checkpoint=tmp_path / "run", progress=False)  # fmt: skip
    assert places == [None, None, 2, 2, 4, 4, 1, 1, 3, 3]


def test_a_checkpoint_is_a_saved_model_too(tmp_path):
    model = MLP(3, [4, 2], seed=1)
    history = fit(model, X, Y, epochs=2, checkpoint=tmp_path / "run", progress=False)
    assert numbers(nn.load(tmp_path / "run")) == numbers(model)
    again = nn.load_checkpoint(tmp_path / "run")
    assert again.history == history
    assert again.optimizer.steps.tolist() == [2] * 26


def test_a_model_that_is_no_module_has_checkpoints(tmp_path):
    class Plain:
        def __init__(self):
            self.w = autograd.array([0.1, 0.2, 0.3])

        def parameters(self):
            return self.w.tolist()

        def __call__(self, x):
            return self.w @ x

    whole, first, second = Plain(), Plain(), Plain()
    options = {"loss": "mse", "progress": False, "batch_size": 4}
    fit(whole, X, X[:, 0], epochs=3, **options)
    fit(first, X, X[:, 0], epochs=1, checkpoint=tmp_path / "run", **options)
    fit(second, X, X[:, 0], epochs=3, resume=tmp_path / "run", **options)
    assert autograd.data(second.w).tolist() == autograd.data(whole.w).tolist()


def test_an_optimizer_that_cannot_be_saved_is_refused_at_once(tmp_path):
    class Mine:
        def __init__(self, parameters):
            self.parameters = parameters

        def zero_grad(self):
            pass

        def step(self):
            pass

    model = MLP(3, [4, 2], seed=1)
    with pytest.raises(TypeError, match="a checkpoint keeps the state of an SGD or Adam"):
        fit(model, X, Y, optimizer=Mine(model.parameters()), checkpoint=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("kills", "signals"), [(10, 4), pytest.param(200, 50, marks=pytest.mark.slow)]
)
def test_nothing_is_lost_and_nothing_differs_after_kill_9_and_signals(tmp_path, kills, signals):
    done = subprocess.run(
        [sys.executable, SUPPORT / "crashes.py", tmp_path, str(kills), str(signals), "5"],
        capture_output=True, text=True, check=True, timeout=600,
        env={**os.environ, "PYTHONPATH": str(SUPPORT.parents[1])},
    )  # fmt: skip
    *_, files, differing = map(int, done.stdout.split())
    assert differing == 0, done.stderr
    assert files > 0.7 * (kills + signals)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_the_process_leaves_a_checkpoint_and_ends_it(tmp_path, name):
    code = f"""
import os, signal
import nn
class Deadly(nn.Adam):
    def update(self, values, gradient, moved=slice(None)):
        super().update(values, gradient, moved)
        if self.steps.max() == 7:
            os.kill(os.getpid(), signal.{name})
model = nn.MLP(1, [2], seed=0)
nn.fit(model, [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1], batch_size=1, epochs=9,
       optimizer=Deadly(model.parameters(), 0.1), checkpoint="run", progress=False)
print("not reached")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        timeout=60, env={**os.environ, "PYTHONPATH": str(SUPPORT.parents[1])},
    )  # fmt: skip
    assert done.returncode == -getattr(signal, name)
    assert done.stdout == ""
    place = read(tmp_path / "run")[1]["history"]["place"]
    assert place[0] == 3  # of the second epoch


def test_sigterm_and_then_sighup_leave_a_checkpoint_too(tmp_path):
    code = """
import os, signal
import nn
calls = []
def loss(prediction, target):
    calls.append(1)
    if len(calls) == 60:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)
    return nn.cross_entropy(prediction, target)
model = nn.MLP(1, [2], seed=0)
nn.fit(model, [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1], loss=loss, batch_size=1, epochs=99,
       checkpoint="run", every=10**6, compiled=False, progress=False)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": str(SUPPORT.parents[1])},
    )  # fmt: skip
    assert done.returncode in (-signal.SIGTERM, -signal.SIGHUP)
    assert len(nn.load_checkpoint(tmp_path / "run").history) > 5


def test_a_handler_of_the_programs_own_comes_between_whole_batches_only(tmp_path):
    def leaves(*arguments):
        raise SystemExit(3)

    expected, *_ = run()
    before = signal.signal(signal.SIGTERM, leaves)
    try:
        for at in range(1, 15):
            with pytest.raises(SystemExit):
                run(at=at, how=lambda: os.kill(os.getpid(), signal.SIGTERM),
                    checkpoint=tmp_path / f"{at}")  # fmt: skip
            assert signal.getsignal(signal.SIGTERM) is leaves
            assert numbers(run(resume=tmp_path / f"{at}")[0]) == numbers(expected)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_an_interrupt_within_an_eager_batch_takes_back_its_random_numbers(tmp_path):
    def training(at, **options):
        calls = []

        def loss(prediction, target):
            calls.append(1)
            if len(calls) == at:
                ctrl_c()
            return random.random() * cross_entropy(prediction, target)

        random.seed(3)
        model = MLP(3, [4, 2], seed=1)
        fit(model, X, Y, loss=loss, epochs=2, batch_size=5, compiled=False, progress=False,
            validation=(X, Y), **options)  # fmt: skip
        return numbers(model)

    expected = training(0, checkpoint=tmp_path / "whole")
    for at in (60, 63, 66, 90):
        training(at, checkpoint=tmp_path / f"{at}")
        assert training(0, resume=tmp_path / f"{at}") == expected


@BOTH
def test_a_rate_that_ends_at_zero_can_be_resumed(tmp_path, compiled):
    model = MLP(3, [4, 2], seed=1)
    optimizer = SGD(model.parameters(), lr=np.float32(0.5))

    def falls(history):
        optimizer.lr = np.float32(max(0.0, 0.5 * (1 - len(history) / 3)))

    options = {"callback": falls, "compiled": compiled, "progress": False, "dtype": np.float64}
    fit(model, X, Y, optimizer=optimizer, epochs=3, checkpoint=tmp_path / "run", **options)
    assert optimizer.lr == 0.0
    assert nn.load_checkpoint(tmp_path / "run").optimizer.lr == 0.0
    fit(MLP(3, [4, 2], seed=1), X, Y, epochs=4, resume=tmp_path / "run", **options)


def test_a_callback_may_change_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    fit(MLP(3, [4, 2], seed=1), X, Y, epochs=2, checkpoint="run", progress=False,
        callback=lambda h: os.chdir(tmp_path / "other"))  # fmt: skip
    assert read(tmp_path / "run")[1]["run"]["finished"]
    assert os.listdir(tmp_path / "other") == []


def test_a_loss_that_writes_is_left_alone_by_checkpoints(tmp_path):
    def training(**options):
        model, beta = MLP(3, [4, 2], seed=1), Value(1.0)

        def loss(prediction, target):
            beta.data *= 0.99
            return beta * cross_entropy(prediction, target)

        fit(model, X, Y, loss=loss, epochs=2, batch_size=5, compiled=False, progress=False,
            **options)  # fmt: skip
        return numbers(model)

    assert training() == training(checkpoint=tmp_path / "run", every=1)


def test_a_fit_within_a_callback_is_interrupted_with_the_outer():
    inner = []

    def callback(history):
        model = MLP(3, [4, 2], seed=2)
        inner.append(fit(model, X, Y, epochs=500, progress=False, callback=lambda h: ctrl_c()))

    _, _, history = run(callback=callback)
    assert len(history) == 1
    assert history.interrupted
    assert len(inner[0]) == 1
    assert inner[0].interrupted


def test_a_failed_write_after_a_failed_callback_leaves_the_values_alone(tmp_path, monkeypatch):
    model = MLP(3, [4, 2], seed=1)

    def callback(history):
        autograd.assign(model.parameters(), 7.0)
        monkeypatch.setattr("nn.saving.checkpoints.contents", None)
        raise StopError

    with pytest.raises(TypeError):
        run(model, callback=callback, checkpoint=tmp_path / "run")
    assert set(numbers(model)) == {7.0}


def test_a_stopped_run_stays_stopped_however_often_it_is_resumed(tmp_path):
    options = {"callback": lambda h: len(h) == 2, "epochs": 8}
    run(checkpoint=tmp_path / "run", **options)
    for _ in range(3):
        assert len(run(resume=tmp_path / "run", **options)[2]) == 2


def test_the_optimizer_of_a_schedule_that_ended_can_be_left_to_the_file(tmp_path):
    model = MLP(3, [4, 2], seed=1)
    optimizer = SGD(model.parameters(), lr=0.1)
    optimizer.lr = 0.0
    fit(model, X, Y, optimizer=optimizer, epochs=1, checkpoint=tmp_path / "run", progress=False)
    fit(MLP(3, [4, 2], seed=1), X, Y, epochs=2, resume=os.fsencode(tmp_path / "run"),
        checkpoint=tmp_path / "run", progress=False)  # fmt: skip


def test_a_moment_that_overflows_is_a_step_that_is_not_taken():
    model = MLP(1, 1, None, seed=0)
    optimizer = Adam(model.parameters(), lr=0.1)
    with pytest.raises(FloatingPointError, match=r"the gradient of .* became 1\.5e\+160"):
        fit(model, [[1.0], [2.0]], [0.0, 1.0], loss=lambda p, y: 1e160 * (p - y),
            optimizer=optimizer, progress=False)  # fmt: skip
    assert not optimizer.squares.any()


@BOTH
def test_a_callback_that_failed_is_called_again_for_its_epoch(tmp_path, compiled):
    def training(seen, fails, **options):
        model = MLP(3, [4, 2], seed=1)
        optimizer = Adam(model.parameters(), lr=0.05)

        def callback(history):
            seen.append(len(history))
            if fails and len(history) == 2:
                raise StopError
            optimizer.lr *= 0.5

        fit(model, X, Y, optimizer=optimizer, callback=callback, epochs=3, batch_size=4,
            compiled=compiled, progress=False, validation=(X, Y), **options)  # fmt: skip
        return numbers(model)

    seen = []
    expected = training([], fails=False)
    with pytest.raises(StopError):
        training(seen, fails=True, checkpoint=tmp_path / "run")
    assert training(seen, fails=False, resume=tmp_path / "run") == expected
    assert seen == [1, 2, 2, 3]


@BOTH
def test_a_run_that_its_callback_stopped_stays_stopped(tmp_path, compiled):
    options = {"callback": lambda h: len(h) == 2, "epochs": 9, "compiled": compiled}
    model, _, history = run(checkpoint=tmp_path / "run", **options)
    assert len(history) == 2
    again, _, history = run(resume=tmp_path / "run", **options)
    assert len(history) == 2
    assert numbers(again) == numbers(model)
    run(checkpoint=tmp_path / "run", **options)  # it is finished, and may be replaced


def test_a_generator_of_ones_own_has_no_checkpoints(tmp_path):
    class Noisy(Module):
        def __init__(self):
            self.mlp, self.rng = MLP(3, [4, 2], seed=1), np.random.default_rng(0)

        def __call__(self, x):
            return self.mlp(x * self.rng.random())

    with pytest.raises(ValueError, match="has no other generator's state; draw from random"):
        fit(Noisy(), X, Y, compiled=False, progress=False, checkpoint=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_writing_changes_nothing_of_a_run_that_uses_random_numbers(tmp_path):
    class Noisy(Module):
        def __init__(self):
            self.mlp = MLP(3, [4, 2], seed=1)

        def __call__(self, x):
            return self.mlp(x * np.random.rand() + random.random())

    def training(**options):
        np.random.seed(5)
        random.seed(6)
        model = Noisy()
        fit(model, X, Y, epochs=3, batch_size=4, compiled=False, progress=False, **options)
        return numbers(model)

    expected = training()
    assert training(checkpoint=tmp_path / "run", every=1) == expected
    with pytest.raises(StopError):
        training(checkpoint=tmp_path / "again", every=2, callback=stopping)
    assert training(resume=tmp_path / "again", every=2) == expected


def stopping(history):
    raise StopError


ODD_STATES = [
    lambda r: r[1].__setitem__(1, 10**8),
    lambda r: r[1].__setitem__(1, -5),
    lambda r: r[1].__setitem__(0, [0] * 3),
    lambda r: r[1].__setitem__(0, [0] * 624),
    lambda r: r[1].__setitem__(0, [0.5] * 624),
    lambda r: r[1].__setitem__(0, [2**40] * 624),
    lambda r: r[0].__setitem__(2, "x"),
    lambda r: r[0].__setitem__(1, [1, 2]),
    lambda r: r.pop(),
]


@pytest.mark.parametrize("change", ODD_STATES)
def test_states_of_random_numbers_are_checked(tmp_path, change):
    run(at=7, checkpoint=tmp_path / "run")
    arrays, about = read(tmp_path / "run")
    change(about["run"]["random"])
    write(tmp_path / "run", arrays, about)
    model = MLP(3, [4, 2], seed=2)
    before, state = numbers(model), (random.getstate(), np.random.get_state()[1].tolist())
    with pytest.raises(ValueError, match="run"):
        run(model, resume=tmp_path / "run")
    assert numbers(model) == before
    assert (random.getstate(), np.random.get_state()[1].tolist()) == state


@pytest.mark.parametrize("path", [True, False, 3, ""])
def test_what_is_no_path_is_refused(path):
    for name in ("checkpoint", "resume"):
        with pytest.raises(ValueError, match=f"{name} is the path of a file, got"):
            run(**{name: path})


# Hostile files


def mutated(content, choose):
    """A damaged version of a file."""
    raw = bytearray(content)
    size = int.from_bytes(raw[:8], "little")
    kind = choose.randrange(6)
    if kind == 0:  # bytes anywhere
        for _ in range(choose.randrange(1, 8)):
            raw[choose.randrange(len(raw))] = choose.randrange(256)
    elif kind == 1:  # cut or grown
        end = choose.randrange(len(raw))
        raw = raw[:end] if choose.random() < 0.5 else raw + bytes(choose.randrange(1, 999))
    elif kind == 2:  # another length of the header
        other = choose.choice([0, 1, size - 1, size + 1, 2**31, 2**40, 2**63, 2**64 - 1])
        raw[:8] = other.to_bytes(8, "little")
    else:  # another number or word in the header
        text = raw[8 : 8 + size].decode()
        tokens = list(
            re.finditer(r"-?\d+(?:\.\d+)?(?:e-?\d+)?|true|false|null|[A-Za-z_]{2,}", text)
        )
        for _ in range(choose.randrange(1, 3)):
            token = choose.choice(tokens)
            new = choose.choice(STRANGE)
            text = text[: token.start()] + new + text[token.end() :]
            tokens = [t for t in tokens if t.end() < token.start()] or tokens[:1]
        body = text.encode()
        raw = bytearray(len(body).to_bytes(8, "little") + body + raw[8 + size :])
    return bytes(raw)


STRANGE = [
    "0", "-1", "1e300", "1" + "0" * 400, "true", "null", "NaN", "Infinity", "99999999999", "3000",
    "[]", "{}", "[" * 5000, "x", "model", "F64", "F16", "I64", "\\\\u0000", "0.5", "-0.0", '"',
]  # fmt: skip


@pytest.mark.parametrize("count", [400, pytest.param(10_000, marks=pytest.mark.slow)])
def test_hostile_files_are_refused_or_are_right(tmp_path, count):
    model = MLP(3, [4, 2], seed=1)
    path = tmp_path / "run"
    run(model, at=7, checkpoint=path, optimizer=Adam(model.parameters(), 0.05), epochs=2)
    content, choose = path.read_bytes(), random.Random(count)
    messages = []
    began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(count):
        path.write_bytes(mutated(content, choose))
        start = time.process_time()
        try:
            found = nn.load_checkpoint(path)
        except ValueError as error:
            messages.append(str(error))
        else:
            arrays = safetensors.numpy.load_file(path)
            for i, neuron in enumerate(found.model.layers[1].neurons):
                saved = arrays[f"model.layer1.neuron{i}.w"]
                np.testing.assert_array_equal(autograd.data(neuron.w), saved)
            assert found.history is None or len(found.history) == arrays["history.loss"].size
        assert time.process_time() - start < 1.0
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began
    assert grown < 100_000  # kB
    assert len(messages) > count // 2
    assert all(str(path) in message and len(message) < 1000 for message in messages)


def test_a_module_that_claims_to_be_large_takes_no_memory(tmp_path):
    class Pair(Module):
        def __init__(self):
            self.a = Value(1.0)

    path = nn.save(Pair(), tmp_path / "pair")
    raw = path.read_bytes().replace(b'"shape":[]', b'"shape":[1]')
    size = int.from_bytes(raw[:8], "little") + 1
    path.write_bytes(size.to_bytes(8, "little") + raw[8:])
    with pytest.raises(ValueError, match=r"pair"):
        nn.load(path, Pair())
