"""How long the shell takes to open and to move, and `explain` on a graph a million deep."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from time import perf_counter

from autograd import Graph, Value, explain, record
from autograd.debugger.session.session import Session
from autograd.debugger.shell import Shell
from autograd.debugger.terminal.screen import Screen

HEADER = ("work", "nodes", "time", "bound", "reached")
COMMANDS = ("step", "next", "goto end", "reverse-step", "list", "xs[3]", "until xs[7]", "why xs[3]")


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def row(work: str, nodes: int, taken: float, bound: float) -> tuple[str, ...]:
    """A line of the table."""
    verdict = "yes" if taken <= bound else "no"
    return (work, f"{nodes:,}", f"{taken:.4f} s", f"{bound:g} s", verdict)


def rows(nodes: int, deep: int) -> Iterator[tuple[str, ...]]:
    """The lines of the table, for graphs of about so many nodes, and of so many operations."""
    yield HEADER
    xs = [Value(0.1 * (i % 7)) for i in range(nodes // 4)]
    with record():
        total = sum(x * x.tanh() for x in xs)
    shells: list[Shell] = []

    def start() -> None:
        session = Session(total, variables={"xs": xs, "total": total})
        shells.append(Shell(session, screen=Screen(StringIO())))
        shells[0].onecmd("where")

    size = len(Graph(total))
    yield row("the shell starts", size, seconds(start), 0.5)
    times = [(seconds(partial(shells[0].onecmd, command)), command) for command in COMMANDS]
    slowest, command = max(times)
    yield row(f"its slowest move, `{command}`", size, slowest, 0.05)
    y = x = Value(1.0, "x")
    for _ in range(deep):
        y = y * x
    yield row("explain, and its text", deep + 1, seconds(lambda: str(explain(y, x))), 10.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=20_000, help="in the shell (%(default)s)")
    parser.add_argument("--deep", type=int, default=10**6, help="for explain (%(default)s)")
    options = parser.parse_args()
    for work, nodes, taken, bound, verdict in rows(options.nodes, options.deep):
        print(f"{work:<34}{nodes:>10}{taken:>12}{bound:>9}  {verdict}", flush=True)


if __name__ == "__main__":
    main()
