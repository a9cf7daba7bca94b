"""A training that is killed, again and again, and taken up from its checkpoint.

    python crashes.py FOLDER KILLS SIGNALS SEED

Half of the kills are at random times, half between the system calls of a write. Each run is then
resumed and held, by its bits, to an unbroken one. Prints `kills signals files differing`.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from tqdm import tqdm

import nn

tqdm.set_lock(threading.RLock())  # its own is shared by forks, and one that is killed may hold it

RNG = np.random.RandomState(0)
X = RNG.rand(24, 3)
Y = RNG.randint(0, 2, 24)
OPTIONS = {"epochs": 3, "batch_size": 4, "progress": False, "validation": (X[:6], Y[:6])}
SIGNALS = {signal.SIGINT, signal.SIGTERM}
CALLS = ("fsync", "replace", "open", "close")


def train(eager=False, **options):
    """The bits of all that a run leaves behind."""
    model = nn.MLP(3, [5, 2], seed=1)
    optimizer = nn.Adam(model.parameters(), lr=0.05)

    def noisy(history):  # a model may use random numbers
        model.parameters()[0].data += 1e-3 * np.random.rand() + 1e-3 * random.random()
        optimizer.lr *= 0.9

    np.random.seed(3)
    random.seed(4)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # none comes while Python forks or seeds
    history = nn.fit(model, X, Y, optimizer=optimizer, callback=noisy, compiled=not eager,
                     **OPTIONS, **options)  # fmt: skip
    numbers = [v.data for v in model.parameters()]
    return repr((numbers, optimizer.state_dict(), history.curves(), np.random.rand()))


class Deadly:
    """Kills this process before or after the call number `moment` of those that it wraps."""

    def __init__(self, moment: int, after: bool) -> None:
        self.left, self.after = moment, after

    def __call__(self, call):
        def wrapped(*arguments):
            self.left -= 1
            if self.left == 0 and not self.after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = call(*arguments)
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return wrapped


class Torn:
    """A file that is written in two halves."""

    def __init__(self, file, deadly):
        self.file, self.deadly = file, deadly
        self.flush = deadly(file.flush)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.file.close()

    def write(self, raw):
        self.deadly(self.file.write)(raw[: len(raw) // 2])
        self.file.write(raw[len(raw) // 2 :])


def dying_in_a_write(moment: int, after: bool) -> None:
    """Let this process be killed between the system calls of a write."""
    from autograd.system import files

    deadly = Deadly(moment, after)
    known = vars(os) | {name: deadly(getattr(os, name)) for name in CALLS}
    known["fdopen"] = lambda handle, mode: Torn(os.fdopen(handle, mode, buffering=0), deadly)
    files.os = SimpleNamespace(**known)


def in_a_child(work, until=None):
    """Run work in a fork; return its status and what it returned."""
    reading, writing = os.pipe()
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            result = work()
            with os.fdopen(writing, "w") as file:
                file.write(result)
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
    os.close(writing)
    if until is not None:
        until(child)
    with os.fdopen(reading) as file:
        found = file.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), found


def main() -> None:
    folder, kills, signals, seed = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    choose = random.Random(seed)
    files = differing = 0
    expected = {eager: in_a_child(lambda eager=eager: train(eager))[1] for eager in (False, True)}
    train()  # compiles, for all children
    began = time.monotonic()
    train(checkpoint=folder / "timed", every=1)
    lasts = time.monotonic() - began

    for i in range(kills + signals):
        path, eager = folder / f"run{i}", i % 7 == 0

        def work(path=path, eager=eager, i=i):
            if i % 3 == 2:  # a handler of the program's own
                signal.signal(signal.SIGTERM, lambda *arguments: sys.exit(3))
            if i < kills and i % 2:
                dying_in_a_write(choose.randrange(1, 120), after=bool(i % 4 == 1))
            return train(eager, checkpoint=path, every=1)

        number = signal.SIGKILL if i < kills else (signal.SIGINT, signal.SIGTERM)[i % 2]
        wait = choose.random() * lasts * (3 if eager else 1)

        def until(child, number=number, wait=wait, i=i):
            if i >= kills or not i % 2:
                time.sleep(wait)
                os.kill(child, number)

        choose.random()
        in_a_child(work, until)
        there = path.exists()
        files += there
        option = {"resume": path} if there else {"checkpoint": path}
        status, found = in_a_child(lambda eager=eager, option=option: train(eager, **option))
        if status or found != expected[eager]:
            print(i, status, there, file=sys.stderr)
            differing += 1
    print(kills, signals, files, differing)


if __name__ == "__main__":
    main()
