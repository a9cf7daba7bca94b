"""Train a small network on handwritten digits: scalar code at the speed of matrices.

The network is written one number at a time. `fit` records its loss once, compiles it to a short
array program, which is shown, and trains with that. The trained numbers are Values: at the end one
neuron is drawn with its weights and their gradients. With --eager it trains in Values, one number
after the other, to the same losses, some thousand times slower.

With --article it is the article's own experiment instead: 64-64-10 with sigmoid, half the squared
error, one full batch an epoch, 1000 epochs, and biases that stay at zero; its losses are held to
those of the article's NumPy code.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import article
import numpy as np

import autograd
import nn
import viz
from autograd import Value, data
from autograd.system.files import write_whole
from nn.layers import find_activation

IMAGES = 1257  # to train on: 70 % of scikit-learn's
COLUMNS = 80
DRAWN = 6  # inputs of the neuron that is drawn
WATCHED = 150  # held-out images to look at after each epoch with --eager; else it is all of them
LINES = 15  # about how many epochs are reported


class Digits(NamedTuple):
    """Images as rows of 64 numbers from 0 to 1, and their digits."""

    train_x: Any
    train_y: Any
    test_x: Any
    test_y: Any


def arguments() -> argparse.Namespace:
    """What the user wants; the article's experiment has defaults of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="Ctrl-C ends the training; what was learnt by then is saved.",
    )
    add = parser.add_argument
    add("--samples", type=whole, help="how many images to train on (all 1257; --eager: 500 or 100)")
    add(
        "--layers",
        type=whole,
        nargs="+",
        help="widths of the hidden layers (64; --eager: 16 or 64)",
    )
    add("--activation", help="of the hidden layers, a unary operation (tanh; --article: sigmoid)")
    add("--epochs", type=whole, help="how often to go through them (30, 1000; --eager: 10, 3)")
    add("--batch-size", type=whole, help="images to a step (32; --eager: 16; --article: all)")
    add("--lr", type=rate, help="learning rate (0.01 with Adam; --article: 0.01, plain descent)")
    add("--seed", type=seed, default=0, help="of the split, the weights and the shuffling (0)")
    add("--out", type=Path, default=Path("out"), help="the folder for what is made (out)")
    add("--article", action="store_true", help="the article's own experiment")
    add("--biases", action="store_true", help="with --article: train the biases too")
    add("--eager", action="store_true", help="train in Values, not compiled: slow, the same losses")
    args = parser.parse_args()
    if args.biases and not args.article:
        parser.error("--biases is for --article: without it all biases are trained")
    for key, default in defaults(args.article, args.eager).items():
        if getattr(args, key) is None:
            setattr(args, key, default)
    if args.batch_size is None:
        args.batch_size = args.samples
    if args.samples > IMAGES:
        parser.error(f"--samples is a number from 1 to {IMAGES}, got {args.samples}")
    find_activation(args.activation)
    return args


def whole(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number of at least 1, got {text}")
    return int(text)


def seed(text: str) -> int:
    """A whole number that NumPy takes as a seed."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"a whole number from 0 to 2**32 - 1, got {text}")
    return int(text)


def rate(text: str) -> float:
    """A finite number above 0."""
    with contextlib.suppress(ValueError):
        if 0.0 < float(text) < math.inf:
            return float(text)
    raise argparse.ArgumentTypeError(f"a number above 0, got {text}")


def defaults(article: bool, eager: bool) -> dict[str, Any]:
    """What is not asked for: what takes a few seconds, or with --eager half a minute."""
    if article:
        size = {"samples": 100, "epochs": 3} if eager else {"samples": 1257, "epochs": 1000}
        return {**size, "layers": [64], "activation": "sigmoid", "lr": 0.01}
    if eager:
        size = {"samples": 500, "layers": [16], "epochs": 10, "batch_size": 16}
    else:
        size = {"samples": 1257, "layers": [64], "epochs": 30, "batch_size": 32}
    return {**size, "activation": "tanh", "lr": 0.01}


def load_digits(samples: int, seed: int) -> Digits:
    """scikit-learn's 1797 digits of 8 by 8 pixels; 30 % are held out."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, digits = load_digits(return_X_y=True)
    split = train_test_split(images / 16.0, digits, test_size=0.3, random_state=seed)
    train_x, test_x, train_y, test_y = split
    return Digits(train_x[:samples], train_y[:samples], test_x, test_y)


def train(args: argparse.Namespace, digits: Digits) -> tuple[nn.MLP, nn.History]:
    """A classifier: cross entropy on logits, Adam, mini-batches."""
    model = nn.MLP(64, [*args.layers, 10], args.activation, seed=args.seed)
    print(f"{model} has {len(model.parameters()):,} parameters, each of them a Value.")
    if not args.eager:
        show_program(model, nn.cross_entropy, digits.train_x, digits.train_y)
    watched = WATCHED if args.eager else None
    history = nn.fit(
        model,
        digits.train_x,
        digits.train_y,
        optimizer=nn.Adam(model.parameters(), lr=args.lr),
        epochs=args.epochs,
        batch_size=args.batch_size,
        seed=args.seed,
        validation=(digits.test_x[:watched], digits.test_y[:watched]),
        callback=report_every(args.epochs),
        compiled=not args.eager,
    )
    return model, history


def train_as_the_article(args: argparse.Namespace, digits: Digits) -> tuple[nn.MLP, nn.History]:
    """Full batch, the gradient summed over the images (`fit` averages: hence the rate times n)."""
    model = nn.MLP(
        64, [*args.layers, 10], args.activation, "sigmoid", init="article", seed=args.seed
    )
    named = model.named_parameters()
    trained = [v for name, v in named if args.biases or not name.endswith(".b")]
    start = [np.array([data(n.w) for n in layer.neurons]).T for layer in model.layers]
    one_hot = np.eye(10)
    watched = WATCHED if args.eager else None
    if not args.eager:
        show_program(model, nn.half_squared_error, digits.train_x, one_hot[digits.train_y])
    history = nn.fit(
        model,
        digits.train_x,
        one_hot[digits.train_y],
        loss=nn.half_squared_error,
        optimizer=nn.SGD(trained, lr=args.lr * args.batch_size),
        epochs=args.epochs,
        batch_size=args.batch_size,
        validation=(digits.test_x[:watched], one_hot[digits.test_y[:watched]]),
        callback=report_every(args.epochs),
        compiled=not args.eager,
    )
    if len(args.layers) == 1 and args.activation == "sigmoid" and args.batch_size >= args.samples:
        compare_with_numpy(args, digits, one_hot[digits.train_y], start, history)
    return model, history


def show_program(model: nn.MLP, loss: Any, X: Any, Y: Any) -> None:
    """What the scalar code of a training step is compiled to."""
    program = autograd.compile(lambda x, y: loss(model(x), y)).lower(X, Y)
    count = f"{program.scalars:,} scalar operations in {len(program.instructions)}"
    print(f"\nThe loss and its gradient, compiled: {count} instructions\n")
    for instruction in program.instructions:
        line = f"  {instruction.left} = {instruction.formula}"
        print(line if len(line) <= COLUMNS else line[: COLUMNS - 1] + "…")
    print()


def compare_with_numpy(
    args: argparse.Namespace, digits: Digits, targets: Any, start: list[Any], history: nn.History
) -> None:
    """Hold our losses to those of the article's NumPy code: AssertionError if they differ."""
    ours = np.divide(history.loss, 10)  # the article's mean is over the ten outputs too
    theirs = article.train_in_numpy(
        digits.train_x, targets, *start, len(history), args.lr, args.biases
    )
    print("\nThe loss of each epoch, as the article prints it:")
    for epoch in range(0, len(ours), max(1, len(ours) // LINES)):
        print(f"  epoch {epoch:<4} NumPy {theirs[epoch]:.12f}   chainrule {ours[epoch]:.12f}")
    differences = np.abs(ours / np.array(theirs) - 1)
    np.testing.assert_allclose(ours[:100], theirs[:100], rtol=1e-9)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)
    print(f"  the first {len(ours[:100])} are equal to {differences[:100].max():.0e}", end="")
    print(f", all to {differences.max():.0e}:\n  where the loss jumps, steps magnify rounding.")


def report_every(epochs: int) -> Callable[[nn.History], None]:
    """A line for every so many epochs, about LINES in all."""
    step = max(1, epochs // LINES)
    return lambda history: report(history) if len(history) % step == 0 else None


def report(history: nn.History) -> None:
    """A line for an epoch."""
    print(
        f"epoch {len(history):3}   loss {history.loss[-1]:.4f}   right {history.accuracy[-1]:6.1%}"
        f"   held out {history.validation_accuracy[-1]:6.1%}",
        flush=True,
    )


def draw_neuron(model: nn.MLP, image: Any, digit: int, path: Path) -> Path:
    """The output neuron of a digit, on an image of it: trained weights and their gradients.

    To fit a slide, the inputs that matter most are drawn and the rest is summed up in one number.
    """
    values: Any = image
    for layer in model.layers[:-1]:
        values = layer(values)
    inputs = data(values)
    neuron = model.layers[-1].neurons[digit]
    products = np.abs(inputs * data(neuron.w))
    drawn = sorted(np.argsort(-products, kind="stable")[:DRAWN].tolist())
    rest = float(inputs @ data(neuron.w)) - sum(inputs[i] * neuron.w[i].data for i in drawn)
    terms = [neuron.w[i] * Value(inputs[i], f"a[{i}]") for i in drawn]
    if len(drawn) < len(inputs):
        terms.append(Value(rest, f"the other {len(inputs) - len(drawn)} products"))
    score = sum(terms[1:], terms[0]) + neuron.b
    score.name = neuron.name + ".z"

    model.zero_grad()
    scores = [*model.layers[-1](inputs)]
    scores[digit] = score
    nn.cross_entropy(scores, digit).backward()
    title = f"The output neuron of the digit {digit}, on an image of a {digit}"
    return viz.draw(score, title=title).save(path)


def main() -> None:
    """Train, look, save."""
    args = arguments()
    began = time.perf_counter()
    check_folder(args.out)
    digits = load_digits(args.samples, args.seed)
    print(f"{len(digits.train_x)} images to train on, {len(digits.test_x)} held out.")
    model, history = (train_as_the_article if args.article else train)(args, digits)
    files = [nn.save(model, args.out / "model.safetensors", history=history)]
    if history.interrupted:
        print(f"\nInterrupted after {len(history)} epochs. What was learnt is in\n  {files[0]}")
        sys.exit(130)
    files += look(model, history, digits, args.out)
    print("\nMade:", *files, sep="\n  ")
    print(f"in {time.perf_counter() - began:.0f} seconds.")


def look(model: nn.MLP, history: nn.History, digits: Digits, out: Path) -> list[Path]:
    """The pictures of what was learnt."""
    import pictures

    predictions = model.predict(digits.test_x).argmax(axis=1).tolist()
    labels = [int(y) for y in digits.test_y]
    right = sum(p == y for p, y in zip(predictions, labels, strict=True))
    print(f"\nOf the held-out images {right / len(labels):.1%} are right.")
    shown = labels.index(3)
    return [
        pictures.learning_curve(history, out / "learning_curve.png"),
        pictures.confusion_matrix(labels, predictions, out / "confusion_matrix.png"),
        pictures.prediction_strip(digits.test_x, labels, predictions, out / "predictions.png"),
        draw_neuron(model, digits.test_x[shown], 3, out / "neuron.svg"),
    ]


def check_folder(folder: Path) -> None:
    """Fail now, not after the training, where nothing can be written."""
    write_whole(folder / ".writable", "").unlink()


if __name__ == "__main__":
    try:
        main()
    except ImportError as error:
        sys.exit(f"{error}. This demo needs more: pip install -e '.[demos]' here")
    except (OSError, ValueError, FloatingPointError) as error:
        sys.exit(textwrap.fill(f"digits: {error}", COLUMNS))
