"""Numbers, names and counts in words, the same wherever text is printed."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.text.characters import readable
from autograd.text.columns import cut


def number(x: float) -> str:
    """Write a number in six digits, always recognisable as a float.

    >>> number(8.0), number(1 / 3), number(float("nan"))
    ('8.0', '0.333333', 'nan')
    """
    text = f"{x:.6g}"
    return text if any(c in text for c in ".en") else text + ".0"


def operand(x: float) -> str:
    """Write a number within a formula: a negative one in parentheses.

    >>> operand(-0.5)
    '(-0.5)'
    """
    text = number(x)
    return f"({text})" if text.startswith("-") else text


def product(x: float, z: float) -> str:
    """Write a product in numbers: `2.0 × (-1.0)`."""
    return f"{number(x)} × {operand(z)}"


def change(before: float, after: float) -> str:
    """Write a change from one number to another: `0.0 → 2.5`."""
    return f"{number(before)} → {number(after)}"


def name(text: str, width: int = 32) -> str:
    r"""Put a user's name on one line, cut to `width` columns, its control characters spelled out.

    >>> name("a\nb"), name("x" * 40, 8), name("\x1b[2J")
    ('a b', 'xxxxxxx…', '\\x1b[2J')
    """
    return cut(readable(" ".join(text.split())), width)


def listed(names: Sequence[str], shown: int = 3) -> str:
    """Write a list of names, of a long one the first and how many more there are.

    >>> listed(["w"]), listed(["w", "x", "b", "c", "d"])
    ('w', 'w, x, b and 2 more')
    """
    more = [f"{len(names) - shown:,} more"] if len(names) > shown else []
    *most, last = [*names[:shown], *more]
    return f"{', '.join(most)} and {last}" if most else last


def count(n: int, thing: str, things: str = "") -> str:
    """Write a number of things, in the singular or the plural.

    >>> count(1, "node"), count(1200, "node"), count(2, "leaf", "leaves")
    ('1 node', '1,200 nodes', '2 leaves')
    """
    return f"{n:,} {thing if n == 1 else things or thing + 's'}"
