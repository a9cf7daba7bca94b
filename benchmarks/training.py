"""What a `fit` takes before its first batch: the first of a model, and those of equal models."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

import nn
from nn.compiled_engine import CompiledEngine

BOUND = 0.020  # seconds, of a later fit


class FirstBatch(Exception):  # noqa: N818, no error
    """Ends a fit where its training would begin."""


def before_the_first_batch(seed: int, X: Any, Y: Any) -> float:
    """The seconds that `fit` takes until then, for a new 64-64-10 network."""
    model = nn.MLP(64, [64, 10], seed=seed)
    begun = perf_counter()
    try:
        nn.fit(model, X, Y, progress=False)
    except FirstBatch:
        return perf_counter() - begun
    raise AssertionError("fit did not train")


def stop(*arguments: Any) -> None:
    raise FirstBatch


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=30, help="later fits (%(default)s)")
    turns = parser.parse_args(arguments).turns
    rng = np.random.RandomState(0)
    X, Y = rng.rand(1257, 64), rng.randint(0, 10, 1257)
    batch, CompiledEngine.batch = CompiledEngine.batch, stop  # type: ignore[method-assign]
    try:
        first, *later = (before_the_first_batch(seed, X, Y) for seed in range(turns + 1))
    finally:
        CompiledEngine.batch = batch  # type: ignore[method-assign]
    print(f"{'fit of 64-64-10, to its first batch':<37}{'time':>9}{'bound':>9}  reached")
    print(f"{'the first':<37}{1000 * first:>6.1f} ms")
    verdict = "yes" if median(later) <= BOUND else "no"
    print(f"{f'of equal models, median of {turns}':<37}{1000 * median(later):>6.1f} ms"
          f"{1000 * BOUND:>6.0f} ms  {verdict}")  # fmt: skip


if __name__ == "__main__":
    main()
