"""How fast compiled scalar code is, beside what people write by hand for the same work.

Everything runs in one process with the same number of threads for all. The contenders of a row
take turns, A B A B …, so that a machine that slows down slows down both; the ratio is the median
over the turns of ours to theirs. That both compute the same, tests/benchmarks holds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from statistics import median
from typing import Any

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
Work = Callable[[], Any]
DTYPES = ("float64", "float32")


# Measuring


def take_turns(ours: Work, theirs: Work, turns: int) -> tuple[float, float, float]:
    """The median times in milliseconds, and the median of the ratios of ours to theirs."""
    for _ in range(3):
        ours(), theirs()
    pairs = [(timed(ours), timed(theirs)) for _ in range(turns)]
    mine, other = (median(side) for side in zip(*pairs, strict=True))
    return mine, other, median(a / b for a, b in pairs)


def timed(work: Work) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def compare(
    name: str, rival: str, ours: Work, theirs: Work, bound: float | None, turns: int
) -> tuple[str, ...]:
    """A row of the table."""
    from eager import reached

    mine, other, ratio = take_turns(ours, theirs, turns)
    held = ("", "") if bound is None else (f"{bound:.2f}", reached(ratio, bound))
    return (name, f"{mine:.3f} ms", rival, f"{other:.3f} ms", f"{ratio:.3f}", *held)


# The works


def article(turns: int) -> Iterator[tuple[str, ...]]:
    """An epoch of the article's experiment: all 1257 images, an update, the loss."""
    import digits_network as d
    import numpy as np

    import autograd

    X, Y = d.load()
    numpy_weights = [a.copy() for a in d.make_weights()]

    def by_hand() -> None:
        d.epoch(*numpy_weights, X, Y, 1e-4)

    for dtype in DTYPES:
        forms = {"written out": written_out(), "sigmoid row": sigmoid_row()}
        x, y = (np.asfortranarray(a, dtype=dtype) for a in (X, Y))
        works = {}
        for form, f in forms.items():
            compiled = autograd.compile(f, dtype=dtype)
            compiled.lower(x, y)
            works[form] = descent(compiled, x, y, 1e-4)
            bound = 0.85 if dtype == "float64" else 0.5
            name = f"article, {form}, {dtype}"
            yield compare(name, "article's NumPy", works[form], by_hand, bound, turns)
            if dtype == "float64":  # without AVX-512 the bound is 0.8
                reading = descent_in_values(compiled, x, y, 1e-4)
                yield compare(
                    f"{name}, in Values", "article's NumPy", reading, by_hand, 0.65, turns
                )
        yield from article_in_torch(works, X, Y, dtype, turns)


def written_out() -> Callable[..., Any]:
    import digits_network as d

    W1, W2 = d.make_arrays(d.make_weights())
    return lambda x, y: d.written_out(W1, W2, x, y)


def sigmoid_row() -> Callable[..., Any]:
    import digits_network as d
    import numpy as np

    import autograd

    W1, W2 = d.make_arrays(d.make_weights())

    def loss(x: Any, y: Any) -> Any:
        hidden = autograd.sigmoid(np.dot(x, W1))
        output = autograd.sigmoid(np.dot(hidden, W2))
        return (0.5 * (output - y) ** 2).sum()

    return loss


def descent(compiled: Any, x: Any, y: Any, rate: float) -> Work:
    """A step of gradient descent on parameters that are read at the beginning."""
    import numpy as np

    theta = np.array([v.data for v in compiled.parameters], dtype=x.dtype)

    def step() -> None:
        _, gradient = compiled.value_and_grad(x, y, theta=theta)
        gradient *= rate * len(x)
        theta.__isub__(gradient)

    return step


def descent_in_values(compiled: Any, x: Any, y: Any, rate: float) -> Work:
    """A step of gradient descent on Values: they are read at each call, and written after it."""
    import autograd

    parameters = compiled.parameters

    def step() -> None:
        _, gradient = compiled.value_and_grad(x, y)
        autograd.assign(parameters, autograd.data(parameters) - rate * len(x) * gradient)

    return step


def article_in_torch(
    works: dict[str, Work], X: Any, Y: Any, dtype: str, turns: int
) -> Iterator[tuple[str, ...]]:
    import digits_network as d

    if not find_spec("torch"):
        return
    weights = d.tensors(d.make_weights(), dtype)
    x, y = d.tensors((X, Y), dtype)

    def by_torch() -> None:
        d.torch_epoch(*weights, x, y, 1e-4)

    for form, work in works.items():
        yield compare(f"article, {form}, {dtype}", "PyTorch", work, by_torch, 1.0, turns)


def batches(turns: int) -> Iterator[tuple[str, ...]]:
    """An epoch of the same network in batches of 32 with Adam."""
    if not find_spec("torch"):
        return
    import digits_network as d
    import numpy as np
    import torch

    import nn
    from autograd.system.interrupts import Interruption
    from nn.batches import Batches
    from nn.compiled_engine import CompiledEngine
    from nn.examples import Examples

    X, Y = d.load()
    order = np.random.RandomState(0).permutation(len(X))
    for dtype in DTYPES:
        model = d.make_model()
        optimizer = nn.Adam(model.parameters())
        engine = CompiledEngine(model, nn.half_squared_error, optimizer, dtype)
        data = Examples(X.astype(dtype), Y.astype(dtype))
        engine.prepare({"Y": data})

        def ours(engine: Any = engine, data: Any = data) -> None:
            for rows in Batches(data, 32, 0, True).of(0):
                engine.batch(data, rows, Interruption())
                engine.step("the benchmark")

        theirs = d.torch_model(d.make_weights(), dtype)
        adam = torch.optim.Adam(theirs.parameters())
        x, y = d.tensors((X, Y), dtype)

        def by_torch(theirs: Any = theirs, adam: Any = adam, x: Any = x, y: Any = y) -> None:
            d.torch_batches(theirs, adam, x, y, order)

        name = f"batches of 32, Adam, {dtype}"
        yield compare(name, "PyTorch", ours, by_torch, 0.5, max(3, turns // 10))


def mixture(turns: int) -> Iterator[tuple[str, ...]]:
    """The log-likelihood of 1000 points under a Gaussian mixture, with its gradient."""
    if not find_spec("torch"):
        return
    import gmm

    import autograd

    for full in (False, True):
        vector, points = gmm.make_vector(full), gmm.make_points()
        mixture = gmm.make_mixture(vector, full)
        compiled = autograd.compile(lambda x, m=mixture: gmm.log_likelihood(m, x))
        rivals = {"PyTorch": gmm.TorchMixture(vector, points, full, "float64")}
        if not full:
            rivals["PyTorch, square expanded"] = gmm.ExpandedTorchMixture(vector, points, "float64")
        name = f"Gaussian mixture, {'full' if full else 'diagonal'}"
        for rival, torch_mixture in rivals.items():
            bound = 1.5 if rival == "PyTorch" else None
            yield compare(name, rival, lambda c=compiled, p=points: c.value_and_grad(p),
                          torch_mixture.value_and_grad, bound, turns)  # fmt: skip


def transformer(turns: int) -> Iterator[tuple[str, ...]]:
    """A one-layer character transformer on 32 texts, forward and gradient."""
    import transformer as t
    from flat import split

    import autograd

    vector = t.make_vector()
    x, y = t.make_texts(32)
    values = t.make_weights(vector)
    numbers = t.Weights(*split(vector, t.SHAPES))
    compiled = autograd.compile(lambda x, y: t.loss(values, x, y))
    yield compare("character transformer", "NumPy by hand", lambda: compiled.value_and_grad(x, y),
                  lambda: t.by_hand(numbers, x, y), 2.0, turns)  # fmt: skip


def micrograd(turns: int) -> Iterator[tuple[str, ...]]:
    """The article's epoch against micrograd's, which is one image's time 1257 times."""
    if not find_spec("micrograd"):
        return
    import digits_network as d
    import numpy as np
    from micrograd.engine import Value
    from network import Network

    import autograd

    X, Y = d.load()
    x, y = np.asfortranarray(X), np.asfortranarray(Y)
    compiled = autograd.compile(written_out())
    compiled.lower(x, y)
    network = Network(Value)
    image = min(timed(lambda: network.loss().backward()) for _ in range(5))
    work = descent(compiled, x, y, 1e-4)
    work()
    ours = median(timed(work) for _ in range(turns))
    theirs = image * len(X)
    yield ("article, written out, float64", f"{ours:.3f} ms", "micrograd, from one image",
           f"{theirs:,.0f} ms", f"1 / {theirs / ours:,.0f}", "", "")  # fmt: skip


def overhead(turns: int) -> Iterator[tuple[str, ...]]:
    """A small program at a batch of one: what a call costs beside its arithmetic."""
    import numpy as np
    from eager import reached

    import autograd

    w, b = autograd.array(np.ones((9, 10)) / 10, name="w"), autograd.array(np.zeros(9), name="b")

    def f(x: Any) -> Any:
        return autograd.sum(list(autograd.tanh(w @ x + b)))

    compiled = autograd.compile(f)
    x = np.ones((1, 10))
    compiled.value_and_grad(x)
    taken = median(timed(lambda: compiled.value_and_grad(x)) for _ in range(20 * turns)) * 1000
    size = (
        f"{len(compiled.program.instructions)} instructions, {len(compiled.parameters)} parameters"
    )
    yield (f"a call at batch 1: {size}", f"{taken:.1f} µs", "", "", "", "50 µs", reached(taken, 50))


def dense(turns: int) -> Iterator[tuple[str, ...]]:
    """A 64-64-10 network beside NumPy by hand, and beside JAX."""
    import models

    for batch in (1257, 32):
        for activation in ("tanh", "sigmoid", "relu"):
            model = models.dense(activation, batch)
            by_hand = models.DenseByHand(model, activation)
            more = turns * (1 if batch > 100 else 10)
            yield compare(model.name, "NumPy by hand", model.ours(), by_hand, model.bound, more)
            yield from beside_jax(model._replace(bound=None), more)


def in_jax(turns: int) -> Iterator[tuple[str, ...]]:
    """Second derivatives, loops, an option and a convolution, beside jax.jit."""
    import models

    made = models.physics(), models.option(), models.convolution(), models.biquad(), models.kalman()
    for model in (models.lstm(), models.lstm(unrolled=True), *made):
        yield from beside_jax(model, turns)


def on_jax(turns: int) -> Iterator[tuple[str, ...]]:
    """The same scalar code run by JAX, beside hand-written code for it; the first calls, too."""
    import models
    from eager import reached

    dense = [models.dense(name, n) for n in (1257, 32) for name in ("tanh", "sigmoid", "relu")]
    others = models.physics(), models.option(), models.convolution(), models.biquad()
    for model in (*dense, *others, models.kalman(), models.lstm()):
        theirs = model.jax()
        if theirs is None:
            return
        ours = model.ours("jax")
        first, other = timed(ours), timed(theirs)
        yield compare(f"{model.name}, on JAX", "jax.jit", ours, theirs, 1.05, turns)
        yield ("  the first call", f"{first:.0f} ms", "", f"{other:.0f} ms",
               f"{first / other:.1f}", "2.00", reached(first / other, 2.0))  # fmt: skip


def beside_jax(model: Any, turns: int) -> Iterator[tuple[str, ...]]:
    theirs = model.jax()
    if theirs is not None:
        yield compare(model.name, "jax.jit", model.ours(), theirs, model.bound, turns)


COLD = """
import json, sys, time
import nn, numpy as np, autograd
widths = json.loads(sys.argv[1])
model = nn.MLP(64, widths, "sigmoid", "sigmoid", init="article", seed=0)
start = time.perf_counter()
compiled = autograd.compile(lambda x, y: nn.half_squared_error(model(x), y))
program = compiled.lower(np.zeros((1, 64)), np.zeros((1, widths[-1])))
seconds = time.perf_counter() - start
lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
peak = int(lines["VmHWM"].split()[0]) / 1024
print(json.dumps([seconds, peak, len(compiled.parameters)]))
"""


def cold(turns: int) -> Iterator[tuple[str, ...]]:
    """Compiling from cold, each in a process of its own, up to ten times the network."""
    from eager import reached

    first: list[float] = []
    for widths, bounds in (([64, 10], (1.0, 300.0)), ([128, 10], None), ([640, 10], None)):
        command = [sys.executable, "-c", COLD, json.dumps(widths)]
        runs = [json.loads(subprocess.check_output(command)) for _ in range(3)]
        seconds, peak, parameters = (median(column) for column in zip(*runs, strict=True))
        name = f"compiling 64-{widths[0]}-10 from cold: {parameters:,} parameters"
        first = first or [seconds, peak, parameters]
        growth = f"{seconds / first[0]:.1f}x time, {peak / first[1]:.1f}x memory"
        held = (
            ("1.0 s, 300 MB", reached(max(seconds / 1.0, peak / 300.0), 1.0))
            if bounds
            else ("", "")
        )
        size = f"{parameters / first[-1]:.1f}x the size"
        yield (name, f"{seconds:.2f} s, {peak:.0f} MB", size, "", growth, *held)


WORKS = [article, batches, mixture, transformer, dense, in_jax, on_jax, overhead, cold, micrograd]
HEADER = ("work", "ours", "against", "theirs", "ratio", "bound", "reached")


# The command


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=100, help="turns of each pair (%(default)s)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, os.cpu_count() or 1],
                        help="numbers of threads to measure with, one table each")  # fmt: skip
    parser.add_argument("--only", choices=[work.__name__ for work in WORKS], nargs="+")
    options = parser.parse_args(arguments)
    if len(options.threads) > 1:
        for threads in dict.fromkeys(options.threads):
            again = [
                sys.executable,
                __file__,
                "--turns",
                str(options.turns),
                "--threads",
                str(threads),
            ]
            subprocess.run(again + (["--only", *options.only] if options.only else []), check=True,
                           env={**os.environ, **dict.fromkeys(THREADS, str(threads))})  # fmt: skip
        return
    if any(os.environ.get(name) != str(options.threads[0]) for name in THREADS):
        os.environ.update(dict.fromkeys(THREADS, str(options.threads[0])))
        os.execv(sys.executable, [sys.executable, __file__, *sys.argv[1:]])
    report(options.turns, options.threads[0], options.only)


def report(turns: int, threads: int, only: Sequence[str] | None) -> None:
    """Print the table, line by line as it is measured."""
    if find_spec("torch"):
        import torch

        torch.set_num_threads(threads)
    else:
        print("PyTorch is not installed (pip install -e '.[bench]' here): its rows are left out")
    print(f"\nPython {platform.python_version()}, {threads} thread(s), {turns} turns\n", flush=True)
    widths = (52, 16, 26, 12, 24, 13, 7)
    for row in rows(turns, only):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip(), flush=True)


def rows(turns: int, only: Sequence[str] | None) -> Iterator[tuple[str, ...]]:
    yield HEADER
    for work in WORKS:
        if not only or work.__name__ in only:
            yield from work(turns)


if __name__ == "__main__":
    main()
