"""A transformer of one layer that predicts characters: scalar code, and the same by hand in NumPy.

The scalar code is for one text. The NumPy code takes a batch of them, and its gradient is derived
by hand.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from flat import Floats, join, split
from numpy.typing import NDArray

import autograd

VOCABULARY, WIDTH, HEADS, POSITIONS, BATCH = 27, 16, 4, 8, 32
HEAD = WIDTH // HEADS
INNER = 4 * WIDTH
EPSILON = 1e-5

Vector: TypeAlias = list[Any]  # of Values
Indices: TypeAlias = NDArray[np.int64]


class Weights(NamedTuple):
    """The parameters, as Values or as numbers; a matrix has a row for each output."""

    tokens: Any
    positions: Any
    qkv: Any  # three matrices: queries, keys, values
    mixing: Any  # of the heads' outputs
    up: Any
    down: Any
    logits: Any


SHAPES = Weights(
    tokens=(VOCABULARY, WIDTH),
    positions=(POSITIONS, WIDTH),
    qkv=(3, WIDTH, WIDTH),
    mixing=(WIDTH, WIDTH),
    up=(INNER, WIDTH),
    down=(WIDTH, INNER),
    logits=(VOCABULARY, WIDTH),
)


def make_vector() -> Floats:
    random = np.random.RandomState(3)
    return join(random.standard_normal(shape) / math.sqrt(shape[-1]) for shape in SHAPES)


def make_weights(vector: Floats) -> Weights:
    """The vector as Values; `flat.join` of them gives the parameters in its order."""
    named = zip(split(vector, SHAPES), Weights._fields, strict=True)
    return Weights(*(autograd.array(a, name=name) for a, name in named))


def make_texts(count: int = BATCH) -> tuple[Indices, Indices]:
    """Indices of characters, and of those that follow them."""
    texts = np.random.RandomState(4).randint(VOCABULARY, size=(count, POSITIONS + 1))
    return texts[:, :-1], texts[:, 1:]


# Scalar code, for one text


def loss(w: Weights, x: Any, y: Any) -> Any:
    """The mean cross entropy of the characters that follow."""
    stream = [
        add(autograd.take(w.tokens, x[t]), autograd.take(w.positions, t)) for t in range(POSITIONS)
    ]
    attended = attention(w, [norm(v) for v in stream])
    stream = [add(v, a) for v, a in zip(stream, attended, strict=True)]
    stream = [add(v, mlp(w, norm(v))) for v in stream]
    predicted = [autograd.log_softmax(linear(w.logits, norm(v))) for v in stream]
    return -autograd.mean([autograd.take(predicted[t], y[t]) for t in range(POSITIONS)])


def attention(w: Weights, stream: list[Vector]) -> list[Vector]:
    """For each position, what its heads gather from the positions up to it."""
    queries, keys, values = ([linear(W, v) for v in stream] for W in w.qkv)
    attended = []
    for t, query in enumerate(queries):
        gathered: Vector = []
        for start in range(0, WIDTH, HEAD):
            part = slice(start, start + HEAD)
            seen_keys = [key[part] for key in keys[: t + 1]]
            seen_values = [value[part] for value in values[: t + 1]]
            gathered += gather(query[part], seen_keys, seen_values)
        attended.append(linear(w.mixing, gathered))
    return attended


def gather(query: Vector, keys: list[Vector], values: list[Vector]) -> Vector:
    """The values, weighted by how well their keys fit the query."""
    weights = autograd.softmax([autograd.dot(query, key) / math.sqrt(HEAD) for key in keys])
    return [autograd.dot(weights, component) for component in zip(*values, strict=True)]


def mlp(w: Weights, v: Vector) -> Vector:
    return linear(w.down, [autograd.relu(h) for h in linear(w.up, v)])


def linear(W: Any, v: Vector) -> Vector:
    return [autograd.dot(row, v) for row in W]


def norm(v: Vector) -> Vector:
    """The vector with a root mean square of 1."""
    scale = (autograd.dot(v, v) / WIDTH + EPSILON) ** -0.5
    return [scale * x for x in v]


def add(v: Any, u: Any) -> Vector:
    return [x + z for x, z in zip(v, u, strict=True)]


# The rival: texts and positions are the rows of matrices, d_… is the gradient of …

FUTURE = np.triu(np.full((POSITIONS, POSITIONS), -np.inf), 1)  # added to the scores


def by_hand(w: Weights, x: Indices, y: Indices) -> tuple[float, Weights]:
    """The mean loss over a batch and its gradient; the weights are numbers."""
    texts, rows = len(x), np.arange(x.size)
    qkv = w.qkv.reshape(-1, WIDTH)

    stream0 = (w.tokens[x] + w.positions).reshape(-1, WIDTH)
    normed0, scale0 = norm_rows(stream0)
    q, k, v = (normed0 @ qkv.T).reshape(texts, POSITIONS, 3, HEADS, HEAD).transpose(2, 0, 3, 1, 4)
    scores = q @ k.swapaxes(2, 3) / math.sqrt(HEAD) + FUTURE
    attended = np.exp(scores - scores.max(-1, keepdims=True))
    attended /= attended.sum(-1, keepdims=True)
    gathered = (attended @ v).swapaxes(1, 2).reshape(-1, WIDTH)
    stream1 = stream0 + gathered @ w.mixing.T
    normed1, scale1 = norm_rows(stream1)
    inner = np.maximum(normed1 @ w.up.T, 0.0)
    stream2 = stream1 + inner @ w.down.T
    normed2, scale2 = norm_rows(stream2)
    logits = normed2 @ w.logits.T
    logits -= logits.max(1, keepdims=True)
    odds = np.exp(logits)
    total = odds.sum(1, keepdims=True)
    loss = float(np.mean(np.log(total[:, 0]) - logits[rows, y.ravel()]))

    d_logits = odds / total
    d_logits[rows, y.ravel()] -= 1.0
    d_logits /= x.size
    d_stream2 = norm_rows_back(d_logits @ w.logits, normed2, scale2)
    d_inner = (d_stream2 @ w.down) * (inner > 0.0)
    d_stream1 = d_stream2 + norm_rows_back(d_inner @ w.up, normed1, scale1)
    d_gathered = (d_stream1 @ w.mixing).reshape(texts, POSITIONS, HEADS, HEAD).swapaxes(1, 2)
    d_qkv = attention_back(d_gathered, attended, q, k, v)
    d_stream0 = d_stream1 + norm_rows_back(d_qkv @ qkv, normed0, scale0)
    return loss, Weights(
        tokens=np.eye(VOCABULARY)[x.ravel()].T @ d_stream0,
        positions=d_stream0.reshape(texts, POSITIONS, WIDTH).sum(0),
        qkv=(d_qkv.T @ normed0).reshape(SHAPES.qkv),
        mixing=d_stream1.T @ gathered,
        up=d_inner.T @ normed1,
        down=d_stream2.T @ inner,
        logits=d_logits.T @ normed2,
    )


def attention_back(d_gathered: Floats, attended: Floats, q: Floats, k: Floats, v: Floats) -> Floats:
    """The gradient of queries, keys and values, a row for each position.

    All are (texts, heads, positions, …), the scores being scaled by the root of a head's width.
    """
    texts, heads, positions, head = d_gathered.shape
    d_attended = d_gathered @ v.swapaxes(2, 3)
    along = np.einsum("bhts,bhts->bht", d_attended, attended)[..., None]
    d_scores = attended * (d_attended - along) / math.sqrt(head)
    d_qkv = np.empty((texts, positions, 3, heads, head))
    d_q, d_k, d_v = d_qkv.transpose(2, 0, 3, 1, 4)
    d_q[...] = d_scores @ k
    d_k[...] = d_scores.swapaxes(2, 3) @ q
    d_v[...] = attended.swapaxes(2, 3) @ d_gathered
    return d_qkv.reshape(texts * positions, -1)


def norm_rows(rows: Floats) -> tuple[Floats, Floats]:
    """Rows with a root mean square of 1, and what they were multiplied by."""
    squares = np.einsum("ij,ij->i", rows, rows)[:, None]
    scale = 1.0 / np.sqrt(squares / WIDTH + EPSILON)
    return rows * scale, scale


def norm_rows_back(d_normed: Floats, normed: Floats, scale: Floats) -> Floats:
    along = np.einsum("ij,ij->i", d_normed, normed)[:, None] / WIDTH
    return scale * (d_normed - along * normed)
