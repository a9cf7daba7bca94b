"""A GPT, one number at a time: it learns words letter by letter, then makes up words of its own.

The model is a transformer in plain scalar code, for one word: lists of Values, products and sums.
`autograd.compile` records the loss of a word once and runs it, with its gradient, on many words at
once. The words are those by which Unicode calls its characters, alpha, gimel, snowman, zigzag:
every Python knows them. All that is learnt is in Values. So at the end a prediction is drawn, with
one head of its attention open, and a part of its backward pass is taken step by step.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from digits import check_folder, rate, seed, whole
from gpt_picture import look_into

import autograd
import nn
from autograd import Value, dot, record, scope, take

WIDTH, HEADS = 16, 4  # numbers that stand for a letter; heads, each with its share of them
LONGEST = 8  # letters of a word
SYMBOLS = ".abcdefghijklmnopqrstuvwxyz"  # a full stop before and after each word
STOP, NOTHING = 0, len(SYMBOLS)  # NOTHING follows where a word is over: it costs nothing
BATCH, RATE = 32, 0.02
START, NEXT = "sn", "o"  # a prediction to look into

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
        names = "query", "key", "value", "mix"
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


def head(query: Vector, keys: Matrix, values: Matrix) -> Vector:
    """The values of the letters so far, weighted by how well their keys fit the query."""
    fits = [dot(query, key) / math.sqrt(len(query)) for key in keys]
    powers = [fit.exp() for fit in fits]
    total = autograd.sum(powers)
    weights = [power / total for power in powers]
    found: Vector = [dot(weights, numbers) for numbers in zip(*values, strict=True)]
    return found


@scope("attention")
def attention(weights: Weights, keys: Matrix, values: Matrix, x: Vector) -> Vector:
    """Add to a letter what each head finds in the letters so far, this one included."""
    normed = norm(x)
    query = linear(weights, "query", normed)
    keys.append(linear(weights, "key", normed))
    values.append(linear(weights, "value", normed))
    found: Vector = []
    for number in range(HEADS):
        part = slice(number * WIDTH // HEADS, (number + 1) * WIDTH // HEADS)
        with scope(f"head{number}"):
            found += head(query[part], [k[part] for k in keys], [v[part] for v in values])
    return add(x, linear(weights, "mix", found))


@scope("perceptron")
def perceptron(weights: Weights, x: Vector) -> Vector:
    """Add to a letter what a hidden layer of four times its width makes of it."""
    hidden = [autograd.relu(h) for h in linear(weights, "up", norm(x))]
    return add(x, linear(weights, "down", hidden))


def block(weights: Weights, keys: Matrix, values: Matrix, x: Vector) -> Vector:
    """A layer: look back at the letters so far, then think about it."""
    return perceptron(weights, attention(weights, keys, values, x))


def predict(gpt: GPT, letters: Sequence[Any]) -> Matrix:
    """After each letter, a score for each symbol that may come next."""
    memories: list[tuple[Matrix, Matrix]] = [([], []) for _ in gpt.layers]
    scores = []
    for place, letter in enumerate(letters):
        with scope(f"place{place}"):
            x = embed(gpt.weights, letter, place)
            for i, (weights, memory) in enumerate(zip(gpt.layers, memories, strict=True)):
                with scope(f"layer{i}"):
                    x = block(weights, *memory, x)
            scores.append(linear(gpt.weights, "scores", x))
    return scores


def surprise(scores: Vector, target: Any) -> Any:
    """Minus the log of the probability of what came next; 0 for NOTHING."""
    costs = [-p for p in autograd.log_softmax(scores)]
    return take([*costs, 0.0], target)


def loss(gpt: GPT, letters: Sequence[Any], targets: Sequence[Any]) -> Any:
    """The surprise at a whole word: minus the log of its probability."""
    return autograd.sum([*map(surprise, predict(gpt, letters), targets)])


# Learning, and making up words


def train(gpt: GPT, words: list[str], steps: int, draw: random.Random) -> Iterator[float]:
    """Take steps of Adam on batches of words, at a falling rate; yield the losses a letter."""
    letters, targets = (np.array(rows) for rows in zip(*map(encode, words), strict=True))
    compiled = autograd.compile(lambda x, y: loss(gpt, x, y))
    show_program(compiled.lower(letters, targets))
    optimizer = nn.Adam(gpt, lr=RATE, betas=(0.9, 0.99))
    for step in range(steps):
        rows = draw.sample(range(len(words)), BATCH)
        optimizer.lr = RATE * (1 - step / steps)
        optimizer.zero_grad()
        mean = compiled.backward(letters[rows], targets[rows])
        optimizer.step()
        yield mean * BATCH / int(np.sum(targets[rows] != NOTHING))


def show_program(program: Any) -> None:
    """What the loss of a word is compiled to; of its instructions the first matrix products."""
    count = f"{program.scalars:,} scalar operations"
    print(f"The loss of a word and its gradient: {count}. Compiled, they are")
    print(f"{len(program.instructions)} instructions for B words at a time, among them\n")
    products = [i for i in program.instructions if "@" in i.formula]
    print(*(f"  {i.left} = {i.formula}" for i in products[:5]), sep="\n", end="\n\n")


def make_up(guess: Any, count: int, temperature: float, draw: random.Random) -> list[str]:
    """Words, letter after letter, each drawn by its probability; a low temperature dares less.

    `guess` is the compiled `predict`: it reads all words at once, and never what comes later.
    """
    letters = np.full((count, LONGEST + 1), STOP)
    for place in range(LONGEST):
        scores = np.transpose(guess(letters)[place]) / temperature
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        letters[:, place + 1] = [draw.choices(range(len(SYMBOLS)), row)[0] for row in odds]
    texts = ("".join(SYMBOLS[i] for i in row[1:]) for row in letters)
    return [text.partition(SYMBOLS[STOP])[0] for text in texts]


# The command


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """What the user wants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--layers", type=whole, default=1, help="of the transformer (%(default)s)")
    add("--steps", type=whole, default=2500, help=f"of training, {BATCH} words each (%(default)s)")
    add("--temperature", type=rate, default=0.5, help="of what it makes up (%(default)s)")
    add("--seed", type=seed, default=0, help="of the weights and all that is drawn (%(default)s)")
    add("--out", type=Path, default=Path("out"), help="the folder for the picture (%(default)s)")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> None:
    """Learn, make up words, look into a prediction."""
    options = arguments(given)
    check_folder(options.out)
    draw = random.Random(options.seed)
    words, gpt = collect_words(), make_gpt(options.layers, options.seed)
    print(f"{len(words):,} words: {', '.join(draw.sample(words, 8))}, …\n")
    guess = autograd.compile(lambda letters: predict(gpt, letters))
    losses = []
    for loss_of_letter in train(gpt, words, options.steps, draw):
        losses.append(loss_of_letter)
        if len(losses) % max(1, options.steps // 10) == 0:
            mean, made = np.mean(losses[-100:]), make_up(guess, 6, options.temperature, draw)
            print(f"step {len(losses):5}   loss {mean:.2f}  ", *made, flush=True)

    made = make_up(guess, 200, options.temperature, draw)
    new = [word for word in dict.fromkeys(made) if len(word) > 4 and word not in words]
    print("\nNothing in Unicode is called so yet:\n")
    for start in range(0, min(len(new), 40), 8):
        print("  " + " ".join(f"{word:<8}" for word in new[start : start + 8]).rstrip())
    look_into(predict_next(gpt, START, NEXT), f"After “{START}” comes “{NEXT}”", options.out)


def predict_next(gpt: GPT, start: str, following: str) -> Any:
    """The surprise at a letter after the start of a word, every number of it recorded."""
    with record():
        scores = predict(gpt, [STOP, *map(SYMBOLS.index, start)])[-1]
        return surprise(scores, SYMBOLS.index(following))


if __name__ == "__main__":
    main()
