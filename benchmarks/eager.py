"""How fast the eager engine is: building and running backward the 64-64-10 network on one image.

chainrule's Value is held against micrograd's and against the least that such a class can be
(plain.py). All run the same scalar code, each class in a process of its own with the garbage
collector on. A round is a new process for each class; in it the classes take turns, so that a
machine that slows down slows down all of them, and a ratio is that of two means over the round.
The table shows the median of the rounds. Time is the processor's, and covers letting go of the
graph.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import fmean, median
from subprocess import PIPE, Popen
from typing import Any, NamedTuple

from measurements import CONTENDERS, IMAGES, MEASUREMENTS

OTHERS = [name for name in CONTENDERS if name != "chainrule"]
TOLERANCE = 1e-12
BYTES_BOUND = 350

Times = dict[str, float]  # milliseconds of "total", "forward" and "backward"
Samples = dict[str, list[Times]]  # for each class, those of each round


# Processes: each measures one class, and sends back one figure for every line that it is sent


def serve(measurement: str, name: str) -> None:
    figures = MEASUREMENTS[measurement](CONTENDERS[name])
    for _, figure in zip(sys.stdin, figures, strict=False):  # measured when the line has come
        print(json.dumps(figure), flush=True)


def start(measurement: str, name: str) -> Popen[str]:
    command = [sys.executable, __file__, "--serve", measurement, name]
    return Popen(command, stdin=PIPE, stdout=PIPE, text=True)


def ask(process: Popen[str]) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    print(file=process.stdin, flush=True)
    reply = process.stdout.readline()
    return json.loads(reply) if reply else sys.exit("no figures: the measurement above failed")


def ask_once(measurement: str, name: str) -> Any:
    with start(measurement, name) as process:
        return ask(process)


# What is asked


def check_answers(names: Sequence[str]) -> None:
    """Leave with an error unless every class has the same loss and the same gradients."""
    first, *others = names
    expected = ask_once("answer", first)
    for name in others:
        for i, (ours, theirs) in enumerate(zip(expected, ask_once("answer", name), strict=True)):
            if not math.isclose(ours, theirs, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
                what = f"gradient {i}" if i else "loss"
                sys.exit(f"no figures: {first}'s {what} is {ours!r}, {name}'s is {theirs!r}")


def measure_times(names: Sequence[str], rounds: int, turns: int) -> Samples:
    measured = [measure_round(names, turns) for _ in range(rounds)]
    return {name: [times[name] for times in measured] for name in names}


def measure_round(names: Sequence[str], turns: int) -> dict[str, Times]:
    """The mean of the turns for each class: A B C A B C …"""
    with ExitStack() as stack:
        processes = {name: stack.enter_context(start("time", name)) for name in names}
        taken = [{name: ask(processes[name]) for name in names} for _ in range(turns)]
    parts = taken[0]["chainrule"].keys()
    return {
        name: {part: fmean(turn[name][part] for turn in taken) for part in parts} for name in names
    }


# The table


class Row(NamedTuple):
    work: str
    measured: str
    ratio: str = ""
    bound: str = ""
    reached: str = ""


HEADER = Row("work", "measured", "chainrule's ratio to it", "bound", "reached")
SKIPPED = "not installed: pip install -e '.[bench]' here"


def reached(figure: float, bound: float) -> str:
    return "yes" if figure <= bound else "no"


def time_rows(samples: Samples) -> list[Row]:
    """chainrule's time and its two parts, then each other class with the ratio to it."""
    parts = {"total": "chainrule, one image", "forward": "  forward", "backward": "  backward"}
    rows = [Row(work, milliseconds(samples["chainrule"], part)) for part, work in parts.items()]
    return rows + [ratio_row(name, samples) for name in OTHERS]


def ratio_row(name: str, samples: Samples) -> Row:
    work, bound = f"{name}, one image", CONTENDERS[name].bound
    if name not in samples:
        return Row(work, "skipped", "", f"{bound:.2f}", SKIPPED)
    rounds = zip(samples["chainrule"], samples[name], strict=True)
    ratios = [ours["total"] / theirs["total"] for ours, theirs in rounds]
    spread = f"{median(ratios):.3f} ({min(ratios):.3f}–{max(ratios):.3f})"
    time = milliseconds(samples[name], "total")
    return Row(work, time, spread, f"{bound:.2f}", reached(median(ratios), bound))


def milliseconds(samples: Sequence[Times], part: str) -> str:
    return f"{median(times[part] for times in samples):.2f} ms"


def memory_rows(sizes: dict[str, float]) -> list[Row]:
    """The bytes of a node, for each class."""
    ours = sizes["chainrule"]
    bound = f"{BYTES_BOUND} bytes"
    rows = [Row("chainrule, one node", f"{ours:.0f} bytes", "", bound, reached(ours, BYTES_BOUND))]
    for name in OTHERS:
        cells = ("skipped", "", "", SKIPPED)
        if name in sizes:
            cells = (f"{sizes[name]:.0f} bytes", f"{ours / sizes[name]:.3f}", "", "")
        rows.append(Row(f"{name}, one node", *cells))
    return rows


def table(rows: Sequence[Row]) -> str:
    """The rows in columns, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    pattern = "  ".join(f"{{:{side}{width}}}" for side, width in zip("<><><", widths, strict=True))
    return "\n".join(pattern.format(*row).rstrip() for row in rows)


def report(rounds: int, turns: int) -> str:
    """Check, measure, and set out what was found."""
    names = [name for name, contender in CONTENDERS.items() if contender.installed()]
    check_answers(names)
    times = measure_times(names, rounds, turns)
    sizes = {name: ask_once("memory", name) for name in names}
    where = f"Python {platform.python_version()}, {os.cpu_count()} CPUs"
    how = f"median (min–max) of {rounds} rounds of {turns} turns of {IMAGES} images"
    return f"{where}; {how}\n\n{table([HEADER, *time_rows(times), *memory_rows(sizes)])}"


# The command


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=count, default=7, help="new processes (%(default)s)")
    parser.add_argument("--turns", type=count, default=10, help="turns in a round (%(default)s)")
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)  # how `start` calls this file
    options = parser.parse_args(arguments)
    if options.serve:
        serve(*options.serve)
    else:
        print(report(options.rounds, options.turns))


def count(text: str) -> int:
    """A whole number from 1, as argparse reads it."""
    if (number := int(text)) < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    main()
