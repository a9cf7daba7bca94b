"""How long pictures take, from `draw` to the finished SVG or text: small, folded, of a million."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter
from typing import NamedTuple

from autograd import Graph, Value, dot
from nn import MLP, half_squared_error
from viz import Diagram, draw


def network(*widths: int) -> Value:
    """The loss of a network, after a backward pass."""
    model = MLP(widths[0], list(widths[1:]), activation="tanh", seed=0)
    loss = half_squared_error(model([0.5] * widths[0]), [0.0] * widths[-1])
    loss.backward()
    return loss


def whole(graph: Graph) -> Diagram:
    return draw(graph, max_nodes=10**6, fold=False)


def product(size: int) -> Value:
    """The dot product of two vectors: of each two numbers a product, all in one sum."""
    return dot(*([Value(0.5, f"{name}[{i}]") for i in range(size)] for name in "wx"))


class Work(NamedTuple):
    name: str
    make: Callable[[], Value]
    picture: Callable[[Graph], Diagram]
    bound: float
    """Seconds."""
    form: Callable[[Diagram], str] = Diagram.svg


WORKS = [
    Work("a network of 60 nodes", lambda: network(4, 3, 1), whole, 0.15),
    Work("a network of 500 nodes", lambda: network(8, 12, 4), whole, 0.5),
    Work("the network 64-64-10, folded", lambda: network(64, 64, 10), draw, 2.0),
    Work("a dot product, as text", lambda: product(250_000), draw, 10.0, Diagram.text),
]
HEADER = ("work", "nodes", "median", "bound", "reached")


def seconds(graph: Graph, work: Work) -> float:
    """How long one picture takes."""
    start = perf_counter()
    work.form(work.picture(graph))
    return perf_counter() - start


def rows(turns: int, most: float = 1e9) -> Iterator[tuple[str, ...]]:
    """The lines of the table.

    Args:
        turns: how often each is drawn.
        most: works of a larger bound, in seconds, are left out.
    """
    yield HEADER
    draw(Value(1.0)).svg()  # unmeasured: it finds the engine
    for work in WORKS:
        if work.bound <= most:
            graph = Graph(work.make())
            taken = median(seconds(graph, work) for _ in range(turns))
            verdict = "yes" if taken <= work.bound else "no"
            bound = f"{work.bound:g} s"
            yield (work.name, f"{len(graph):,}", f"{taken:.2f} s", bound, verdict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=5, help="of each picture (%(default)s)")
    for work, nodes, taken, bound, verdict in rows(parser.parse_args().turns):
        print(f"{work:<30}{nodes:>8}{taken:>10}{bound:>9}  {verdict}", flush=True)


if __name__ == "__main__":
    main()
