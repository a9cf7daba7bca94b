"""The 64-64-10 network and one image, in scalar code that runs with any `Value` class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeAlias

Scalar: TypeAlias = Any  # a Value of the class that is measured

PIXELS, HIDDEN, CLASSES = 64, 64, 10


class Network:
    """Weights, biases and pixels, each wrapped once; the same numbers for every class."""

    def __init__(self, wrap: Callable[[float], Scalar]) -> None:
        random = Random(2026)

        def vector(size: int, low: float, high: float) -> list[Scalar]:
            return [wrap(random.uniform(low, high)) for _ in range(size)]

        self.pixels = vector(PIXELS, 0.0, 1.0)
        self.weights1 = [vector(PIXELS, -0.2, 0.2) for _ in range(HIDDEN)]
        self.biases1 = vector(HIDDEN, -0.1, 0.1)
        self.weights2 = [vector(HIDDEN, -0.2, 0.2) for _ in range(CLASSES)]
        self.biases2 = vector(CLASSES, -0.1, 0.1)

    def leaves(self) -> list[Scalar]:
        rows = [self.pixels, *self.weights1, self.biases1, *self.weights2, self.biases2]
        return [leaf for row in rows for leaf in row]

    def loss(self) -> Scalar:
        """Half the squared error of the image; a new graph each time."""
        hidden = [s.relu() for s in sums(self.weights1, self.biases1, self.pixels)]
        outputs = sums(self.weights2, self.biases2, hidden)
        targets = [1.0] + [0.0] * (CLASSES - 1)
        errors = [output - target for output, target in zip(outputs, targets, strict=True)]
        return 0.5 * sum(error * error for error in errors)


def sums(
    weights: Sequence[Sequence[Scalar]], biases: Sequence[Scalar], inputs: Sequence[Scalar]
) -> list[Scalar]:
    """One weighted sum for each row of weights: nearly all of the network's nodes."""
    results = []
    for row, bias in zip(weights, biases, strict=True):
        s = bias
        for w, x in zip(row, inputs, strict=True):
            s = s + w * x
        results.append(s)
    return results
