"""An exercise: somewhere in this loss a nan is born. Find it with three commands.

    python -m autograd demos/planted_nan.py

runs it, and opens the shell where it happens.
"""

from __future__ import annotations

import autograd
from autograd import Value, scope

ROWS = [(0.5, 1.2), (0.9, -0.4), (-0.7, -0.7), (1.5, 0.3)]


def spread(values: list[Value]) -> Value:
    """The standard deviation of some values."""
    mean = autograd.mean(values)
    return autograd.mean([(v - mean) ** 2 for v in values]).sqrt()


def main() -> None:
    """Add up how far the rows are spread, and ask for the gradient."""
    scale = Value(2.0, "scale")
    total = Value(0.0, "total")
    for i, row in enumerate(ROWS):
        with scope(f"row{i}"):
            total = total + spread([scale * x for x in row])
    total.name = "loss"
    total.backward()
    print(f"loss {total.data:.4f}, gradient {scale.grad:.4f}")


if __name__ == "__main__":
    main()
