"""Backward propagation: the gradients that the article derives by hand, and one call of backward().

The article then updates the weights and forgets the biases. Here both updates are shown.
"""

from __future__ import annotations

import article
import numpy as np

import autograd

NAMES = ("W1", "b1", "W2", "b2")


def main() -> None:
    """Derive by hand, then let the chain rule do it, and compare."""
    numbers = {n: np.array(a) for n, a in zip(NAMES, _start(), strict=True)}
    theirs = article.network(article.X, **numbers)
    by_hand = article.gradients_by_hand(
        article.X, theirs.a1, theirs.output, article.Y, numbers["W2"]
    )

    values = {n: autograd.array(a, name=n) for n, a in zip(NAMES, _start(), strict=True)}
    output = article.network(article.X, **values).output
    loss = article.half_squared_error(output, article.Y).item()
    loss.backward()

    print("The loss and its gradients, derived by hand and by backward():\n")
    article.show("loss", article.half_squared_error(theirs.output, article.Y), loss.data)
    for name in NAMES:
        article.show(f"gradient of {name}", by_hand[name], values[name].grad)

    print(f"\nOne step of gradient descent with the article's rate {article.LEARNING_RATE}:\n")
    for name in NAMES:
        array = values[name]
        array -= article.LEARNING_RATE * autograd.grads(array)  # into its leaves
        expected = numbers[name] - article.LEARNING_RATE * by_hand[name]
        article.show(f"updated {name}", expected, array.data)
    print("\nAll equal to 1e-12. (The updates of b1 and b2 are the ones that the article forgets.)")

    after = article.half_squared_error(article.network(article.X, **values).output, article.Y)
    print(f"The loss falls from {loss.data:.6f} to {after.item().data:.6f}.")


def _start() -> tuple[list[list[float]], ...]:
    return article.W1, article.B1, article.W2, article.B2


if __name__ == "__main__":
    main()
