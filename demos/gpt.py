"""A GPT, one number at a time: it learns words letter by letter, then makes up words of its own.

The model is a transformer in plain scalar code, for one word: lists of Values, products, sums.
`autograd.compile` records the loss of a word once and runs it, with its gradient, on many words at a
time. The words are those by which Unicode calls its characters: alpha, gimel, snowman, zigzag. Every
Python knows them. Afterwards all that was learnt is in the Values: a prediction is drawn with one
head of its attention open, and a few steps of its backward pass are taken one by one.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import textwrap
import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from digits import rate, seed, whole

import autograd
import nn
import viz
from autograd import Graph, Value, dot, origin, record, scope, take

WIDTH, HEADS = 16, 4  # numbers that stand for a letter; heads that share them
LONGEST = 8  # letters of a word
SYMBOLS = ".abcdefghijklmnopqrstuvwxyz"  # a full stop before and after each word
STOP, NOTHING = 0, len(SYMBOLS)  # NOTHING is what follows when a word is over: it costs nothing
BATCH, RATE, LINES, COLUMNS = 32, 0.01, 10, 80
START, NEXT = "al", "p"  # of the prediction that is drawn

Vector: TypeAlias = list[Value]
Matrix: TypeAlias = list[Vector]
Weights: TypeAlias = dict[str, Matrix]


# The words


def collect_words() -> list[str]:
    """The words of four letters and more in the names of characters, as of Unicode 3.2."""
    names = " ".join(unicodedata.ucd_3_2_0.name(chr(i), "") for i in range(0x3000))
    return sorted({word.lower() for word in re.findall(rf"\b[A-Z]{{4,{LONGEST}}}\b", names)})


def encode(word: str) -> tuple[list[int], list[int]]:
    """What to read, and after each of it what to predict: the next letter. All of one length."""
    letters = [SYMBOLS.index(letter) for letter in word]
    rest = LONGEST - len(word)
    return [STOP, *letters, *[STOP] * rest], [*letters, STOP, *[NOTHING] * rest]


# The model


class GPT(NamedTuple):
    """All that is learnt: the tables of letters and places, the scores, the weights of layers."""

    weights: Weights
    layers: list[Weights]


class Memory(NamedTuple):
    """What a layer keeps of each letter that it has read."""

    keys: list[Vector]
    values: list[Vector]


def make_gpt(layers: int, seed: int) -> GPT:
    """A model with random weights, each a Value with a name."""
    generator = random.Random(seed)

    def matrix(name: str, rows: int, columns: int = WIDTH) -> Matrix:
        spread = columns**-0.5
        return [
            [Value(generator.gauss(0.0, spread), f"{name}[{i},{j}]") for j in range(columns)]
            for i in range(rows)
        ]

    def layer(i: int) -> Weights:
        names = ("query", "key", "value", "mix")
        square = {name: matrix(f"layer{i}.{name}", WIDTH) for name in names}
        up, down = matrix(f"layer{i}.up", 4 * WIDTH), matrix(f"layer{i}.down", WIDTH, 4 * WIDTH)
        return {**square, "up": up, "down": down}

    rows = {"letters": len(SYMBOLS), "places": LONGEST + 1, "scores": len(SYMBOLS)}
    return GPT({name: matrix(name, n) for name, n in rows.items()}, [*map(layer, range(layers))])


def add(x: Vector, z: Vector) -> Vector:
    """Two vectors, number by number."""
    return [a + b for a, b in zip(x, z, strict=True)]


def linear(weights: Weights, name: str, x: Vector) -> Vector:
    """A weighted sum of x for each row of a matrix."""
    with scope(name):
        return [dot(row, x) for row in weights[name]]


@scope("norm")
def norm(x: Vector) -> Vector:
    """The vector at the length where the mean of its squares is 1."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [scale * a for a in x]


@scope("embed")
def embed(weights: Weights, letter: Any, place: int) -> Vector:
    """The numbers that stand for a letter at a place."""
    return norm(add(take(weights["letters"], letter), weights["places"][place]))


def head(query: Vector, keys: list[Vector], values: list[Vector]) -> Vector:
    """The values of the letters so far, weighted by how well their keys fit the query."""
    fits = [dot(query, key) / math.sqrt(len(query)) for key in keys]
    weights = autograd.softmax(fits)
    found = [dot(weights, numbers) for numbers in zip(*values, strict=True)]
    name_all(fit=fits, weight=weights, found=found)
    return found


@scope("attention")
def attention(weights: Weights, memory: Memory, x: Vector) -> Vector:
    """Add to a letter what each head finds in the letters so far, this one included."""
    normed = norm(x)
    query = linear(weights, "query", normed)
    memory.keys.append(linear(weights, "key", normed))
    memory.values.append(linear(weights, "value", normed))
    found: Vector = []
    for number in range(HEADS):
        part = slice(number * WIDTH // HEADS, (number + 1) * WIDTH // HEADS)
        keys, values = ([vector[part] for vector in vectors] for vectors in memory)
        with scope(f"head{number}"):
            found += head(query[part], keys, values)
    return add(x, linear(weights, "mix", found))


@scope("perceptron")
def perceptron(weights: Weights, x: Vector) -> Vector:
    """Add to a letter what a hidden layer of four times its width makes of it."""
    hidden = [autograd.relu(h) for h in linear(weights, "up", norm(x))]
    return add(x, linear(weights, "down", hidden))


def predict(gpt: GPT, letters: Sequence[Any]) -> list[Vector]:
    """After each letter, a score for each symbol that may come next."""
    memories = [Memory([], []) for _ in gpt.layers]
    scores = []
    for place, letter in enumerate(letters):
        with scope(f"place{place}"):
            x = embed(gpt.weights, letter, place)
            for i, (weights, memory) in enumerate(zip(gpt.layers, memories, strict=True)):
                with scope(f"layer{i}"):
                    x = perceptron(weights, attention(weights, memory, x))
            scores.append(linear(gpt.weights, "scores", x))
    return scores


def surprise(scores: Vector, target: Any) -> Value:
    """Minus the log of the probability of what came next; 0 for NOTHING."""
    costs = [-p for p in autograd.log_softmax(scores)]
    cost: Value = take([*costs, 0.0], target)
    return cost


def loss(gpt: GPT, letters: Sequence[Any], targets: Sequence[Any]) -> Value:
    """The surprise at a whole word: minus the log of its probability."""
    steps = zip(predict(gpt, letters), targets, strict=True)
    total: Value = autograd.sum([surprise(scores, target) for scores, target in steps])
    return total


def name_all(**vectors: Vector) -> None:
    """Name the numbers of vectors, for listings, the picture and the debugger."""
    for name, vector in vectors.items():
        for i, v in enumerate(vector):
            v.name = f"{name}[{i}]"


# Learning, and making up words


def train(gpt: GPT, words: list[str], steps: int, draw: random.Random, report: Any) -> None:
    """Adam on batches of words, with a rate that falls to 0; `report` gets the loss a letter."""
    letters, targets = (np.array(rows) for rows in zip(*map(encode, words), strict=True))
    compiled = autograd.compile(lambda x, y: loss(gpt, x, y))
    began = time.perf_counter()
    program = compiled.lower(letters, targets)
    print(f"The loss of a word and its gradient are {program.scalars:,} scalar operations, compiled"
          f"\nin {time.perf_counter() - began:.0f} s to {len(program.instructions)} instructions"
          f", such as\n\n  {program.instructions[12].left} = {program.instructions[12].formula}\n")
    optimizer = nn.Adam(gpt, lr=RATE, betas=(0.9, 0.99))
    losses = []
    for step in range(steps):
        rows = draw.sample(range(len(words)), BATCH)
        optimizer.lr = RATE * (1 - step / steps)
        optimizer.zero_grad()
        mean = compiled.backward(letters[rows], targets[rows])
        optimizer.step()
        losses.append(mean * BATCH / np.sum(targets[rows] != NOTHING))
        if (step + 1) % max(1, steps // LINES) == 0:
            report(step + 1, float(np.mean(losses)))
            losses.clear()


def make_up(
    guess: Callable[[Any], Any], count: int, temperature: float, draw: random.Random
) -> list[str]:
    """Words, letter after letter, each drawn by its probability; a low temperature dares less.

    `guess` is the compiled `predict`. The letters to come are not there yet, and it does not look.
    """
    letters = np.full((count, LONGEST + 1), STOP)
    for place in range(LONGEST):
        scores = np.transpose(guess(letters)[place]) / temperature
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        letters[:, place + 1] = [draw.choices(range(len(SYMBOLS)), row)[0] for row in odds]
    texts = ("".join(SYMBOLS[i] for i in row[1:]) for row in letters)
    return [text.partition(SYMBOLS[STOP])[0] for text in texts]


# One prediction


def predict_next(gpt: GPT, start: str, following: str) -> Value:
    """The surprise at a letter after the start of a word, recorded and with its gradients."""
    with record():
        scores = predict(gpt, [STOP, *map(SYMBOLS.index, start)])[-1]
        cost = surprise(scores, SYMBOLS.index(following))
    cost.name = "loss"
    cost.backward()
    return cost


def boxes(cost: Value, opened: str, last: int) -> dict[Value, str]:
    """The box in which each number is drawn: its part of the model, in the open head its name.

    A weight, and all else that is computed in no part, belongs to what uses it.
    """
    parts = re.compile(rf"layer(?!{last})\d+|embed|norm|perceptron|query|key|value|head\d|scores")
    graph = Graph(cost)
    users: dict[Value, list[Value]] = {cost: []}
    for edge in graph.edges:
        users.setdefault(edge.operand, []).append(edge.result)
    box = {cost: "loss"}
    for v in reversed(graph.nodes[:-1]):
        where = origin(v).scope if v.parents else ""
        used_in = {box[user]: user for user in users[v]}
        if where.endswith(opened):
            is_shared = len(used_in) > 1
            box[v] = v.name or (f"{v.op} of {len(box)}" if is_shared else next(iter(used_in)))
        elif where:
            found = parts.search(where.partition(".")[2])
            box[v] = found[0] if found else "mix"
        else:
            box[v] = next(iter(used_in))
    return box


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, make up words, look at a prediction."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--layers", type=whole, default=1, help="of the transformer (%(default)s)")
    add("--steps", type=whole, default=2000, help="of training, 32 words each (%(default)s)")
    add("--temperature", type=rate, default=0.7, help="of the words it makes up (%(default)s)")
    add("--seed", type=seed, default=0, help="of the weights and all that is drawn (%(default)s)")
    add("--out", type=Path, default=Path("out"), help="the folder for the picture (out)")
    options = parser.parse_args(arguments)


if __name__ == "__main__":
    main()
