"""The article's network, one event at a time: from its input to the update of W1.

    python -m autograd demos/stepping.py

opens the shell on the loss. `finish` writes the gradients and `quit` lets the program go on: it
takes the article's step of gradient descent and compares its W1 with the article's.
"""

from __future__ import annotations

import article
import numpy as np

import autograd
from autograd import debug, record


def main() -> None:
    """Build the graph, step through it, update W1."""
    with record():
        W1 = autograd.array(article.W1, name="W1")
        b1 = autograd.array(article.B1, name="b1")
        W2 = autograd.array(article.W2, name="W2")
        b2 = autograd.array(article.B2, name="b2")
        computed = article.network(article.X, W1, b1, W2, b2)
        for name, values in computed._asdict().items():
            values.name = name
        loss = article.half_squared_error(computed.output, article.Y).item()
        loss.name = "loss"

    debug(loss)

    if not W1[0, 0].has_grad:
        print("no gradients: the shell was left before `finish`, so W1 stays as it is")
        return
    W1 -= article.LEARNING_RATE * autograd.grads(W1)
    print("W1 after a step of gradient descent:\n")
    article.show("updated W1", by_hand(), W1.data)
    print("\nThe article's numbers and ours are equal to 1e-12.")


def by_hand() -> np.ndarray:
    """W1 after the article's step, by the gradients that it derives by hand."""
    numbers = [np.array(a) for a in (article.W1, article.B1, article.W2, article.B2)]
    done = article.network(article.X, *numbers)
    gradients = article.gradients_by_hand(
        article.X, done.a1, done.output, article.Y, np.array(article.W2)
    )
    return np.array(article.W1 - article.LEARNING_RATE * gradients["W1"])


if __name__ == "__main__":
    main()
