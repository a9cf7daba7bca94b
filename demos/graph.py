"""The computational graph of the article's network after a backward pass, as a picture.

Every box is one number: its name or operation, its data, its gradient. Every edge carries the local
derivative; a gradient is the sum, over the edges that leave a box, of local derivative times the
gradient at the other end. That is the chain rule, and it is all that backward() does.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import article

import autograd
import viz
from autograd import Graph, Value, sigmoid


def article_loss() -> Value:
    """The article's loss for its one example, in scalar steps with names for the neurons."""
    x = [Value(number, f"x[{i}]") for i, number in enumerate(article.X[0])]
    W1, b1 = autograd.array(article.W1), autograd.array(article.B1[0])
    W2, b2 = autograd.array(article.W2), autograd.array(article.B2[0])
    hidden = [_neuron(f"layer0.neuron{j}", x, W1[:, j], b1[j]) for j in range(2)]
    output = _neuron("layer1.neuron0", hidden, W2[:, 0], b2[0])
    loss = 0.5 * (output - float(article.Y[0, 0])) ** 2
    loss.name = "loss"
    return loss


def _neuron(name: str, inputs: list[Value], weights: autograd.ValueArray, bias: Value) -> Value:
    for i, w in enumerate(weights):
        w.name = f"{name}.w[{i}]"
    bias.name = f"{name}.b"
    z = autograd.dot(weights, inputs) + bias
    z.name = f"{name}.z"
    a = sigmoid(z)
    a.name = f"{name}.a"
    return a


def main() -> None:
    """Draw it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder for the picture")
    folder = parser.parse_args().out

    loss = article_loss()
    loss.backward()
    print(Graph(loss))
    picture = viz.draw(loss, title="The article's network after backward()")
    print(f"\nThe same as a picture: {picture.save(folder / 'graph.svg')}")


if __name__ == "__main__":
    main()
