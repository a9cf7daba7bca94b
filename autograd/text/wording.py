"""How numbers and names are put in words, everywhere the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

NAME_WIDTH = 32

# What would move the cursor, turn the text around or cannot be printed.
_NO_PICTURE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def number(x: float) -> str:
    """A number in six digits, always recognisable as a float.

    >>> number(8.0), number(1 / 3), number(float("nan"))
    ('8.0', '0.333333', 'nan')
    """
    text = f"{x:.6g}"
    return text if any(c in text for c in ".en") else text + ".0"


def operand(x: float) -> str:
    """The same within a formula: a negative number in parentheses.

    >>> operand(-0.5)
    '(-0.5)'
    """
    text = number(x)
    return f"({text})" if text.startswith("-") else text


def name(text: str, width: int = NAME_WIDTH) -> str:
    r"""A user's name on one line, shortened, control characters spelled out.

    >>> name("a\nb"), name("x" * 40, 8), name("\x1b[2J")
    ('a b', 'xxxxxxx…', '\\x1b[2J')
    """
    line = _NO_PICTURE.sub(lambda match: ascii(match[0])[1:-1], " ".join(text.split()))
    return line if len(line) <= width else line[: width - 1] + "…"


def count(n: int, thing: str, things: str = "") -> str:
    """A number of things.

    >>> count(1, "node"), count(1200, "node"), count(2, "leaf", "leaves")
    ('1 node', '1,200 nodes', '2 leaves')
    """
    return f"{n:,} {thing if n == 1 else things or thing + 's'}"


def columns(rows: Sequence[Sequence[str]], gap: str = "  ") -> list[str]:
    """Rows of text as lines, every column as wide as its widest cell.

    >>> columns([("a", "bb"), ("aaa", "b")])
    ['a    bb', 'aaa  b']
    """
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return [
        gap.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
