"""Forward propagation: the article's network, in NumPy and in Values.

A Value is one number that remembers how it was made. The formulas are the article's and are the
same for both: NumPy carries them out on floats, or on Values, which record every step.
"""

from __future__ import annotations

import article
import numpy as np

import autograd
from autograd import Graph


def main() -> None:
    """Run both and hold them side by side."""
    numbers = [np.array(a) for a in (article.W1, article.B1, article.W2, article.B2)]
    names = ("W1", "b1", "W2", "b2")
    values = [autograd.array(a, name=n) for a, n in zip(numbers, names, strict=True)]

    theirs = article.network(article.X, *numbers)
    ours = article.network(article.X, *values)

    print("The forward pass, the article's NumPy numbers beside ours:\n")
    for name, expected, found in zip(theirs._fields, theirs, ours, strict=True):
        article.show(name, expected, autograd.data(found))
    print("\nAll equal to 1e-12.")

    output = ours.output.item()
    print(f"\nBut ours remembers. The output is {output!r},")
    print(f"the last of {len(Graph(output))} recorded numbers:\n")
    print(Graph(output))


if __name__ == "__main__":
    main()
