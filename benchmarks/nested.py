"""Gradients inside of what is differentiated: two published examples, and the price of history.

The particle and the saddle are those of Pearlmutter and Siskind, "Using programming language theory
to make automatic differentiation sound and efficient" (2008). In both a gradient is taken at every
step of a loop, and the whole loop is differentiated again.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time
from typing import Any, NamedTuple

import autograd
from autograd import Graph, Value, gradients

TOLERANCE = 1e-5
BOUND, HISTORY, HISTORY_BOUND = 5.0, 100_000, 1.2

Point = list[Any]  # coordinates, Values or floats


class Found(NamedTuple):
    """What an example found: the answer, the steps of its inner loops, the nodes of a graph."""

    answer: Point
    steps: int
    nodes: int


# The particle


def potential(at: Point, w: Value) -> Value:
    """The potential of two unit charges, at (10, 10 - w) and at (10, 0)."""
    x, y = at
    return sum(
        1 / autograd.sqrt((x - 10) * (x - 10) + (y - above) * (y - above))
        for above in (10 - w, 0.0)
    )


def crossing(w: Value, dt: float) -> tuple[Value, int]:
    """Where the particle crosses the x axis, by Euler's method, and the steps that it took.

    It starts at (0, 8) with the velocity (0.75, 0); at each step a gradient is its acceleration.
    """
    at, velocity, steps = [w * 0 + 0, w * 0 + 8], [w * 0 + 0.75, w * 0], 0
    while True:
        force = gradients(potential(at, w), at, create_graph=True)
        before, at = at, [x + v * dt for x, v in zip(at, velocity, strict=True)]
        velocity = [v - f * dt for v, f in zip(velocity, force, strict=True)]
        steps += 1
        if at[1].data <= 0:
            part = before[1] / (before[1] - at[1])  # of the last step, above the axis
            return before[0] + part * (at[0] - before[0]), steps


def particle(dt: float = 0.1) -> Found:
    """Steer the particle into the origin: Newton's method for the least squared crossing point.

    Where the curvature is negative a step as long goes downhill.
    """
    w, total = Value(0.0, "w"), 0
    while True:
        x, steps = crossing(w, dt)
        error, total = x * x, total + steps
        [slope] = gradients(error, [w], create_graph=True)
        [curvature] = gradients(slope, [w])
        if abs(slope.data) < TOLERANCE:
            return Found([w.data], total, len(Graph(slope).nodes))
        w.data -= slope.data / abs(curvature)


# The saddle


def height(x: Point, y: Point) -> Any:
    """A saddle, at the origin of four dimensions."""
    return x[0] * x[0] + x[1] * x[1] - (y[0] * y[0] + y[1] * y[1])


def highest(x: Point, rate: float) -> tuple[Point, int]:
    """The y where the saddle is highest, by gradient ascent from (1, 1), and its steps."""
    y, steps = [v * 0 + 1 for v in x], 0
    while True:
        slopes = gradients(height(x, y), y, create_graph=True)
        if all(abs(slope.data) < TOLERANCE for slope in slopes):
            return y, steps
        y = [v + slope * rate for v, slope in zip(y, slopes, strict=True)]
        steps += 1


def saddle(rate: float = 0.1) -> Found:
    """The lowest of the highest points, by gradients through the gradient ascent."""
    x, total = [Value(1.0), Value(1.0)], 0
    while True:
        y, steps = highest(x, rate)
        top, total = height(x, y), total + steps
        slopes = gradients(top, x, create_graph=True)
        if all(abs(slope.data) < TOLERANCE for slope in slopes):
            return Found([v.data for v in (*x, *y)], total, len(Graph([top, slopes]).nodes))
        for v, slope in zip(x, slopes, strict=True):
            v.data -= rate * slope.data


# The price of history


def after(steps: int) -> list[Value]:
    """Two variables that act on each other, after so many steps."""
    x, v = Value(1.0), Value(0.0)
    for _ in range(steps):
        x, v = x + v * 0.001, v - x * 0.001
    return [x, v]


def price_of_history(steps: int, turns: int, create_graph: bool) -> tuple[float, float]:
    """Seconds for the gradients of an energy behind so many steps, and behind one, in turns."""
    states = [after(steps), after(1)]
    taken: list[list[float]] = [[], []]
    for _ in range(turns):
        for state, times in zip(states, taken, strict=True):
            begun = process_time()
            for _ in range(20):
                energy = sum(autograd.sin(v * v) for v in state)
                gradients(energy, state, create_graph)
            times.append((process_time() - begun) / 20)
    return median(taken[0]), median(taken[1])


# The table

EXAMPLES: dict[str, tuple[Callable[[], Found], Point]] = {
    "particle": (particle, [0.2071995]),
    "saddle": (saddle, [0.0, 0.0, 0.0, 0.0]),
}


def example_row(name: str) -> str:
    run, known = EXAMPLES[name]
    begun = process_time()
    found = run()
    seconds = process_time() - begun
    off = max(abs(a - b) for a, b in zip(found.answer, known, strict=True))
    verdict = "yes" if seconds <= BOUND and off < 1e-4 else "no"
    return (
        f"{name:<12}{seconds:>8.2f} s{BOUND:>8.2f} s{found.steps:>8,}{found.nodes:>10,}"
        f"{off:>12.0e}  {verdict}"
    )


def history_row(steps: int, turns: int, create_graph: bool) -> str:
    ours, none = price_of_history(steps, turns, create_graph)
    work = "gradients as graphs" if create_graph else "gradients"
    verdict = "yes" if ours <= HISTORY_BOUND * none else "no"
    figures = f"{1e6 * ours:>8.1f} µs{1e6 * none:>9.1f} µs{ours / none:>8.2f}{HISTORY_BOUND:>8.2f}"
    return f"{work:<22}{figures}  {verdict}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=int, default=HISTORY, help="steps (%(default)s)")
    parser.add_argument("--turns", type=int, default=100, help="of each (%(default)s)")
    options = parser.parse_args(arguments)
    print(
        f"{'example':<12}{'time':>10}{'bound':>10}{'steps':>8}{'nodes':>10}{'off by':>12}  reached"
    )
    for name in EXAMPLES:
        print(example_row(name))
    print(f"\n{'behind history':<22}{'time':>11}{'to none':>12}{'ratio':>8}{'bound':>8}  reached")
    for create_graph in (False, True):
        print(history_row(options.history, options.turns, create_graph))


if __name__ == "__main__":
    main()
