"""The GPT of demos/gpt.py beside the same model in NumPy, its gradient by hand, and its eager self.

All in one process, on one core, in turns; the ratio is the median over the turns of ours to theirs.
That all compute the same, tests/benchmarks holds.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from compiled import HEADER, THREADS, compare, timed
from flat import Shape, split
from numpy.typing import NDArray
from transformer import attention_back, norm_rows, norm_rows_back

import autograd
from autograd.graph import flatten

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "demos"))
import gpt

SYMBOLS, WIDTH, HEADS = len(gpt.SYMBOLS), gpt.WIDTH, gpt.HEADS
HEAD, PLACES = WIDTH // HEADS, gpt.LONGEST + 1
PAST = np.tri(PLACES)
BOUNDS = {1: 1.2, 32: 1.0}  # by the size of the batch
WIDTHS = (27, 10, 31, 10, 9, 7, 7)
Indices = NDArray[np.int64]


class Weights(NamedTuple):
    """The parameters as numbers, in the order of `parameters_of`."""

    letters: Any
    places: Any
    scores: Any
    qkv: Any  # three matrices: queries, keys, values
    mix: Any
    up: Any
    down: Any


SHAPES: list[Shape] = [
    (SYMBOLS, WIDTH), (PLACES, WIDTH), (SYMBOLS, WIDTH),
    (3 * WIDTH, WIDTH), (WIDTH, WIDTH), (4 * WIDTH, WIDTH), (WIDTH, 4 * WIDTH),
]  # fmt: skip


def parameters_of(model: gpt.GPT) -> list[Any]:
    """All matrices of a model of one layer."""
    return [*model.weights.values(), *model.layers[0].values()]


def weights_of(model: gpt.GPT) -> Weights:
    vector = autograd.data(list(flatten(parameters_of(model))))
    return Weights(*split(vector, SHAPES))


def make_batch(size: int) -> tuple[Indices, Indices]:
    """Words from all over the alphabet."""
    words = gpt.collect_words()
    chosen = words[:: len(words) // size][:size]
    letters, targets = zip(*map(gpt.encode, chosen), strict=True)
    return np.array(letters), np.array(targets)


def by_hand(w: Weights, x: Indices, y: Indices) -> tuple[float, Weights]:
    """The mean loss over a batch and its gradient; letters are rows, d_… is the gradient of …"""
    words, rows = len(x), np.arange(x.size)
    counts = (y < SYMBOLS).reshape(-1, 1)
    target = np.where(counts[:, 0], y.ravel(), 0)

    stream0, scale0 = norm_rows((w.letters[x] + w.places).reshape(-1, WIDTH))
    normed0, scale1 = norm_rows(stream0)
    q, k, v = (normed0 @ w.qkv.T).reshape(words, PLACES, 3, HEADS, HEAD).transpose(2, 0, 3, 1, 4)
    attended = np.exp(q @ k.swapaxes(2, 3) * HEAD**-0.5) * PAST
    attended /= attended.sum(-1, keepdims=True)
    found = (attended @ v).swapaxes(1, 2).reshape(-1, WIDTH)
    stream1 = stream0 + found @ w.mix.T
    normed1, scale2 = norm_rows(stream1)
    hidden = np.maximum(normed1 @ w.up.T, 0.0)
    stream2 = stream1 + hidden @ w.down.T
    logits = stream2 @ w.scores.T
    logits -= logits.max(1, keepdims=True)
    odds = np.exp(logits)
    total = odds.sum(1, keepdims=True)
    costs = (np.log(total[:, 0]) - logits[rows, target]) * counts[:, 0]

    d_logits = odds / total
    d_logits[rows, target] -= 1.0
    d_logits *= counts / words
    d_stream2 = d_logits @ w.scores
    d_hidden = (d_stream2 @ w.down) * (hidden > 0.0)
    d_stream1 = d_stream2 + norm_rows_back(d_hidden @ w.up, normed1, scale2)
    d_found = (d_stream1 @ w.mix).reshape(words, PLACES, HEADS, HEAD).swapaxes(1, 2)
    d_qkv = attention_back(d_found, attended, q, k, v)
    d_stream0 = d_stream1 + norm_rows_back(d_qkv @ w.qkv, normed0, scale1)
    d_embedded = norm_rows_back(d_stream0, stream0, scale0)
    return float(costs.sum()) / words, Weights(
        letters=np.eye(SYMBOLS)[x.ravel()].T @ d_embedded,
        places=d_embedded.reshape(words, PLACES, WIDTH).sum(0),
        scores=d_logits.T @ stream2,
        qkv=d_qkv.T @ normed0,
        mix=d_stream1.T @ found,
        up=d_hidden.T @ normed1,
        down=d_stream2.T @ hidden,
    )


def eagerly(model: gpt.GPT, x: Indices, y: Indices) -> float:
    """The mean loss over a batch, one word after another; its gradient is added to the Values."""
    mean = 0.0
    for letters, targets in zip(x.tolist(), y.tolist(), strict=True):
        loss = gpt.loss(model, letters, targets)
        loss.backward(1.0 / len(x))
        mean += loss.data / len(x)
    return mean


def rows(turns: int) -> Iterator[tuple[str, ...]]:
    """The table."""
    yield HEADER
    model = gpt.make_gpt(layers=1, seed=0)
    parameters, numbers = parameters_of(model), weights_of(model)
    compiled = autograd.compile(lambda x, y: gpt.loss(model, x, y), parameters=parameters)
    word = median(timed(partial(eagerly, model, *make_batch(1))) for _ in range(3))
    for size, bound in BOUNDS.items():
        batch = make_batch(size)
        name, ours = f"GPT of one layer, batch {size}", partial(compiled.value_and_grad, *batch)
        row = compare(name, "NumPy by hand", ours, partial(by_hand, numbers, *batch), bound, turns)
        yield row
        eager = size * word
        ratio = f"1 / {eager / float(row[1].split()[0]):,.0f}"
        yield (name, row[1], "its eager self, from one word", f"{eager:,.0f} ms", ratio, "", "")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=300, help="turns of each pair (%(default)s)")
    turns = parser.parse_args(arguments).turns
    for row in rows(turns):
        cells = [cell.ljust(width) for cell, width in zip(row, WIDTHS, strict=True)]
        print("  ".join(cells).rstrip(), flush=True)


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in THREADS):
        os.environ.update(dict.fromkeys(THREADS, "1"))
        os.execv(sys.executable, [sys.executable, __file__, *sys.argv[1:]])
    main()
