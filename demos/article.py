"""The numbers and the formulas of the article, shared by the demos.

`network` holds the article's formulas as they stand there. They run on arrays of numbers and, not a
letter changed, on arrays of Values.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

X = np.array([[0.5, 1.2]])
Y = np.array([[1]])
W1 = [[0.4, 0.3], [0.2, 0.7]]
B1 = [[0.1, 0.2]]
W2 = [[0.6], [0.8]]
B2 = [[0.3]]
LEARNING_RATE = 0.1


class Pass(NamedTuple):
    """What a forward pass computes on the way."""

    z1: Any
    a1: Any
    z2: Any
    output: Any


def sigmoid(z: Any) -> Any:
    """The logistic function, as the article writes it."""
    return 1 / (1 + np.exp(-z))


def network(X: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Pass:
    """Two layers with sigmoid."""
    z1 = np.dot(X, W1) + b1
    a1 = sigmoid(z1)
    z2 = np.dot(a1, W2) + b2
    output = sigmoid(z2)
    return Pass(z1, a1, z2, output)


def half_squared_error(output: Any, y: Any) -> Any:
    """The article's loss, element by element."""
    return 0.5 * (output - y) ** 2


def gradients_by_hand(X: Any, a1: Any, output: Any, y: Any, W2: Any) -> dict[str, Any]:
    """The gradients that the article derives by hand; the biases' are the deltas, summed."""
    d_output = output - y
    d_z2 = d_output * output * (1 - output)
    d_W2 = np.dot(a1.T, d_z2)
    d_a1 = np.dot(d_z2, W2.T)
    d_z1 = d_a1 * a1 * (1 - a1)
    d_W1 = np.dot(X.T, d_z1)
    return {
        "W1": d_W1,
        "b1": d_z1.sum(axis=0, keepdims=True),
        "W2": d_W2,
        "b2": d_z2.sum(axis=0, keepdims=True),
    }


def show(name: str, numpy: Any, ours: Any) -> None:
    """One line with the article's numbers and ours, which must agree to 1e-12."""
    numpy, ours = np.asarray(numpy, dtype=float), np.asarray(ours, dtype=float)
    np.testing.assert_allclose(ours, numpy, rtol=1e-12, atol=0)
    for which, numbers in (("NumPy", numpy), ("chainrule", ours)):
        text = np.array2string(numbers.ravel(), precision=12, floatmode="fixed", separator="  ")
        print(f"  {name if which == 'NumPy' else '':<22}{which:<11}{text}")


def train_in_numpy(
    X: Any, Y: Any, W1: Any, W2: Any, epochs: int, rate: float, biases: bool = False
) -> list[float]:
    """The article's experiment on the digits: full batch, its losses before each update.

    The gradient is summed over the images, the loss is the mean over images and outputs. The
    article leaves the biases at zero; `biases` trains them too.
    """
    W1, W2 = np.array(W1), np.array(W2)
    b1, b2 = np.zeros((1, W1.shape[1])), np.zeros((1, W2.shape[1]))
    losses = []
    for _ in range(epochs):
        _, a1, _, output = network(X, W1, b1, W2, b2)
        losses.append(float(np.mean(half_squared_error(output, Y))))
        gradients = gradients_by_hand(X, a1, output, Y, W2)
        W2 -= rate * gradients["W2"]
        W1 -= rate * gradients["W1"]
        if biases:
            b1 -= rate * gradients["b1"]
            b2 -= rate * gradients["b2"]
    return losses
