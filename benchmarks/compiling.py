"""How long it takes to compile scalar code, and how much memory: each work in a process of its own.

Compiling is recording and all passes, with the gradient; the first call has a batch of 8. What is
twice as long should take twice the time: `each` is the time of one operation, `--scale 2` doubles
the works.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from time import process_time
from typing import Any, NamedTuple

import numpy as np

import autograd
import nn
from autograd import Value

BATCH = 8
Example = tuple[Callable[..., Any], list[Any]]  # a function, and a batch for it


class Work(NamedTuple):
    """What to compile, and the most that it may take."""

    make: Callable[[int], Example]
    size: int
    seconds: float
    megabytes: float = float("inf")


# The works, each of a size


def chain(steps: int) -> Example:
    """A number that is moved step by step."""
    w, b = Value(0.9, "w"), Value(0.1, "b")

    def f(x: Value) -> Value:
        for _ in range(steps):
            x = autograd.tanh(w * x + b)
        return x

    return f, [np.ones(BATCH)]


def average(steps: int) -> Example:
    """A moving average: `s = s * .9999 + w * x`, one sum of two products after the other."""
    w = Value(0.9, "w")

    def f(x: Value) -> Value:
        s = x
        for _ in range(steps):
            s = s * 0.9999 + w * x
        return s

    return f, [np.ones(BATCH)]


def lstm(steps: int) -> Example:
    """A recurrent cell of 16 units, unrolled."""
    rng = np.random.default_rng(0)
    w = autograd.array(rng.normal(0.0, 0.2, (64, 17)), name="w")
    b = autograd.array(np.zeros(64), name="b")

    def f(x: Any) -> Any:
        h, c = [0.0] * 16, [0.0] * 16
        for t in range(steps):
            z = [row @ autograd.array([x[t], *h]) + bias for row, bias in zip(w, b, strict=True)]
            gates = [autograd.sigmoid(v) for v in z[:48]]
            new = [autograd.tanh(v) for v in z[48:]]
            keep, let, show = gates[:16], gates[16:32], gates[32:]
            c = [k * s + i * n for k, s, i, n in zip(keep, c, let, new, strict=True)]
            h = [o * autograd.tanh(s) for o, s in zip(show, c, strict=True)]
        return sum(v * v for v in h)

    return f, [np.ones((BATCH, steps))]


def pendulum(steps: int) -> Example:
    """A double pendulum by the method of Runge and Kutta."""
    g, length = Value(9.81, "g"), Value(1.0, "length")

    def slope(s: list[Any]) -> list[Any]:
        a, b, u, v = s
        d = a - b
        sine, cosine = autograd.sin(d), autograd.cos(d)
        below = length * (3 - autograd.cos(2 * d))
        pull = v * v * length + u * u * length * cosine
        first = -3 * g * autograd.sin(a) - g * autograd.sin(a - 2 * b) - 2 * sine * pull
        swing = 2 * u * u * length + 2 * g * autograd.cos(a) + v * v * length * cosine
        return [u, v, first / below, 2 * sine * swing / below]

    def moved(s: list[Any], k: list[Any], by: float) -> list[Any]:
        return [x + by * dx for x, dx in zip(s, k, strict=True)]

    def f(a: Value, b: Value) -> Value:
        s: list[Any] = [a, b, 0.0 * a, 0.0 * b]
        h = 0.01
        for _ in range(steps):
            k1 = slope(s)
            k2 = slope(moved(s, k1, h / 2))
            k3 = slope(moved(s, k2, h / 2))
            k4 = slope(moved(s, k3, h))
            k = [p + 2 * q + 2 * r + t for p, q, r, t in zip(k1, k2, k3, k4, strict=True)]
            s = moved(s, k, h / 6)
        return s[0] * s[0] + s[1] * s[1]

    return f, [np.ones(BATCH), np.ones(BATCH)]


def network(hidden: int) -> Example:
    """A 64-hidden-10 network with softmax and cross entropy."""
    model = nn.MLP(64, [hidden, 10], "tanh", "linear", seed=0)

    def f(x: Any, y: Value) -> Value:
        return nn.cross_entropy(model(x), y)

    return f, [np.ones((BATCH, 64)), np.arange(BATCH) % 10]


def weighted(count: int) -> Example:
    """A list of products with one weight, added up."""
    w = Value(0.9, "w")
    return lambda x: sum([w * v for v in x]), [np.ones((BATCH, count))]


def table(rows: int) -> Example:
    """An item looked up in a table of rows of 16."""
    w = autograd.array(np.ones((rows, 16)), name="w")

    def f(i: Value) -> Value:
        return sum(v * v for v in autograd.take(w, i))

    return f, [np.arange(BATCH)]


WORKS = {
    "64-64-10 with cross entropy": Work(network, 64, 0.4),
    "chain of 4,000 steps": Work(chain, 4_000, 4.0),
    "moving average of 4,000 steps": Work(average, 4_000, 2.0),
    "LSTM of 64 steps of 16 units": Work(lstm, 64, 2.0),
    "double pendulum, 100 Runge-Kutta steps": Work(pendulum, 100, 5.0),
    "sum of 100,000 products with one weight": Work(weighted, 100_000, 5.0),
    "a row of a table of 16,000 x 16": Work(table, 16_000, 10.0),
    "64-4100-10: 10^6 operations": Work(network, 4_100, 20.0, 2000.0),
}


# Measuring


def measure(work: Work, scale: float) -> tuple[float, float, float, int, int]:
    """Seconds of compiling and of the first call, the peak in MB, operations and instructions."""
    f, batch = work.make(max(1, int(work.size * scale)))
    start = process_time()
    compiled = autograd.compile(f)
    program = compiled.lower(*batch)
    made = process_time()
    compiled.value_and_grad(*batch)
    called = process_time()
    return made - start, called - made, peak(), program.scalars, len(program.instructions)


def peak() -> float:
    """The most memory that this process has had, in MB."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


# The command


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="times the size of each work")
    parser.add_argument("--only", nargs="+", default=[""], help="works whose names have these")
    parser.add_argument("--measure", choices=WORKS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        print(json.dumps(measure(WORKS[options.measure], options.scale)))
        return
    report(options.scale, [n for n in WORKS if any(part in n for part in options.only)])


def report(scale: float, names: Sequence[str]) -> None:
    """Print the table, line by line as it is measured."""
    from eager import reached

    print(f"\nPython {platform.python_version()}, NumPy {np.__version__}, {processor()}\n")
    widths = (40, -11, -13, -10, -11, -8, -8, 16, 7)
    header = ("work", "operations", "instructions", "compiling", "first call", "peak", "each")
    print(line((*header, "bound", "reached"), widths), flush=True)
    for name in names:
        work = WORKS[name]
        command = [sys.executable, __file__, "--scale", str(scale), "--measure", name]
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        answer = json.loads(subprocess.check_output(command, env=environment))
        seconds, call, megabytes, operations, instructions = answer
        part = max(seconds / work.seconds, megabytes / work.megabytes)
        bound = f"{work.seconds:g} s" + (
            f", {work.megabytes:,.0f} MB" if work.megabytes < 1e9 else ""
        )
        held = (bound, reached(part, 1.0)) if scale == 1.0 else ("", "")
        each = f"{1e6 * (seconds + call) / max(1, operations):.0f} µs"
        cells = (name, f"{operations:,}", f"{instructions:,}", f"{seconds:.2f} s", f"{call:.2f} s",
                 f"{megabytes:,.0f} MB", each, *held)  # fmt: skip
        print(line(cells, widths), flush=True)


def line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """A line of the table; a negative width is that of a column aligned to the right."""
    pairs = zip(cells, widths, strict=True)
    return "  ".join(c.rjust(-w) if w < 0 else c.ljust(w) for c, w in pairs).rstrip()


def processor() -> str:
    """The name of the processor."""
    try:
        with open("/proc/cpuinfo") as lines:
            return next(text.split(":", 1)[1].strip() for text in lines if "model name" in text)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
