"""The article's experiment on the digits: 64-64-10, sigmoid, half the squared error.

The scalar code is for one image, with `nn.MLP` or with the article's formulas on arrays of Values.
Its rivals take the whole batch: the article's epoch in NumPy, the same in PyTorch, and an epoch of
mini-batches with PyTorch's Adam.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from flat import Floats, join, split

import autograd
import nn

PIXELS, HIDDEN, CLASSES = 64, 64, 10
RATE = 0.01  # on the gradient that is summed over the images
BATCH = 32


class Weights(NamedTuple):
    """What the network computes with, as the article has it: `x @ W + b`."""

    W1: Any
    b1: Any
    W2: Any
    b2: Any


def load() -> tuple[Floats, Floats]:
    """The 1257 images to train on, from 0 to 1, and their digits one-hot; as in demos/digits.py."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, digits = load_digits(return_X_y=True)
    X, _, y, _ = train_test_split(images / 16.0, digits, test_size=0.3, random_state=0)
    return X, np.eye(CLASSES)[y]


# The weights, the same for all


def make_model() -> nn.MLP:
    return nn.MLP(PIXELS, [HIDDEN, CLASSES], "sigmoid", "sigmoid", init="article", seed=0)


def make_weights() -> Weights:
    """Those of `make_model`."""
    return weights_of(autograd.data(make_model().parameters()))


def make_arrays(weights: Weights) -> tuple[autograd.ValueArray, autograd.ValueArray]:
    """W1 and W2 as Values: the parameters of `written_out`, one after the other."""
    return autograd.array(weights.W1, name="W1"), autograd.array(weights.W2, name="W2")


def weights_of(vector: Floats) -> Weights:
    """From the order of `make_model().parameters()`: a neuron's weights, its bias, the next one."""
    layers = split(vector, [(HIDDEN, PIXELS + 1), (CLASSES, HIDDEN + 1)])
    return Weights(*(part.copy() for layer in layers for part in (layer.T[:-1], layer.T[-1:])))


def vector_of(weights: Weights) -> Floats:
    """The inverse of `weights_of`."""
    W1, b1, W2, b2 = weights
    return join([np.vstack([W1, b1]).T, np.vstack([W2, b2]).T])


# Scalar code, for one image


def loss(model: nn.MLP, x: Any, y: Any) -> Any:
    return nn.half_squared_error(model(x), y)


def written_out(W1: Any, W2: Any, x: Any, y: Any) -> Any:
    """The article's formulas, where the biases are zeros."""
    b1, b2 = np.zeros(HIDDEN), np.zeros(CLASSES)
    a1 = sigmoid(np.dot(x, W1) + b1)
    output = sigmoid(np.dot(a1, W2) + b2)
    return (0.5 * (output - y) ** 2).sum()


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


# Rivals: an epoch changes the weights in place and returns the loss before that


def epoch(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, Y: Any, rate: float) -> float:
    """The article's own: a full batch, its loss the mean over images and outputs."""
    z1 = np.dot(X, W1) + b1
    a1 = sigmoid(z1)
    z2 = np.dot(a1, W2) + b2
    output = sigmoid(z2)
    loss = float(np.mean(0.5 * (output - Y) ** 2))
    d_output = output - Y
    d_z2 = d_output * output * (1 - output)
    d_W2 = np.dot(a1.T, d_z2)
    d_a1 = np.dot(d_z2, W2.T)
    d_z1 = d_a1 * a1 * (1 - a1)
    d_W1 = np.dot(X.T, d_z1)
    W2 -= rate * d_W2
    W1 -= rate * d_W1
    return loss


def tensors(arrays: Any, dtype: str = "float64") -> list[Any]:
    """PyTorch's copies of arrays: `torch_epoch` trains weights that these make."""
    import torch

    return [torch.tensor(a, dtype=getattr(torch, dtype)) for a in arrays]


def torch_epoch(W1: Any, b1: Any, W2: Any, b2: Any, X: Any, Y: Any, rate: float) -> float:
    """The article's epoch, its gradients by PyTorch."""
    import torch
    from torch.nn.functional import mse_loss

    W1.requires_grad_()
    W2.requires_grad_()
    a1 = torch.sigmoid(torch.addmm(b1, X, W1))
    output = torch.sigmoid(torch.addmm(b2, a1, W2))
    loss = 0.5 * mse_loss(output, Y, reduction="sum")
    loss.backward()
    with torch.no_grad():
        for W in (W1, W2):
            W.sub_(W.grad, alpha=rate)
            W.grad = None
    return loss.item() / Y.numel()


def torch_model(weights: Weights, dtype: str = "float64") -> Any:
    """The network as a PyTorch module, biases and all; its optimizer is up to the caller."""
    import torch

    W1, b1, W2, b2 = tensors(weights, dtype)
    layers = [torch.nn.Linear(PIXELS, HIDDEN), torch.nn.Linear(HIDDEN, CLASSES)]
    for layer, W, b in zip(layers, (W1, W2), (b1, b2), strict=True):
        layer.weight = torch.nn.Parameter(W.T.contiguous())
        layer.bias = torch.nn.Parameter(b.ravel())
    return torch.nn.Sequential(layers[0], torch.nn.Sigmoid(), layers[1], torch.nn.Sigmoid())


def torch_weights(model: Any) -> Weights:
    """What `torch_model` put in, after training."""
    first, second = ((layer.weight.detach().T, layer.bias.detach()[None]) for layer in model[::2])
    return Weights(*(part.numpy() for part in (*first, *second)))


def torch_batches(model: Any, optimizer: Any, X: Any, Y: Any, order: Any) -> float:
    """An epoch of mini-batches in this order of images, each a step on the mean of the loss."""
    from torch.nn.functional import mse_loss

    total = 0.0
    for x, y in zip(X[order].split(BATCH), Y[order].split(BATCH), strict=True):
        optimizer.zero_grad()
        loss = 0.5 * mse_loss(model(x), y, reduction="sum")
        (loss / len(x)).backward()
        optimizer.step()
        total += loss.detach()
    return float(total) / len(X)
