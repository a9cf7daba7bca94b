"""Text in 80 columns: wrapped, cut in the middle, in aligned columns."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import east_asian_width

WIDTH = 80
UNBROKEN = "\N{NO-BREAK SPACE}"


def columns(text: str) -> int:
    """How many columns of a fixed-width font the text takes, rather too many than too few.

    >>> columns("abc"), columns("猫")
    (3, 2)
    """
    return len(text) + sum(east_asian_width(c) in "WF" for c in text)


def fit(text: str, width: int) -> str:
    """The text cut in its middle to at most so many columns.

    >>> fit("a name that goes on for ever", 16)
    'a name tha… ever'
    """
    if columns(text) <= width:
        return text
    head, tail = text[:width], text[-(width // 3) :]
    while columns(tail) > width // 3:
        tail = tail[1:]
    while columns(head) + 1 + columns(tail) > width:
        head = head[:-1]
    return head + "…" + tail


def wrap(text: str, first: str = "", rest: str = "") -> list[str]:
    """The text in lines of at most 80 columns, broken at spaces."""
    lines, line = [], first
    for word in text.split(" "):
        if line.strip() and columns(line) + columns(word) + 1 > WIDTH:
            lines.append(line.rstrip())
            line = rest
        gap = "" if line in (first, rest) else " "
        line += gap + fit(word, WIDTH - columns(line) - len(gap))
    return [*lines, line.rstrip()]


def stack(cells: Sequence[str], indent: str) -> list[str]:
    """`a = b = c` on one line if it fits, else a line for each side."""
    line = indent + " = ".join(filter(None, cells))
    if columns(line) <= WIDTH:
        return [line]
    lines = wrap(cells[0], indent, indent + "    ")
    for cell in filter(None, cells[1:]):
        lines += wrap(cell, indent + "  = ", indent + "    ")
    return lines


def table(rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """`a = b = c` in columns, if they all fit; an empty cell leaves its column empty."""
    rows = list(zip(*(column for column in zip(*rows, strict=True) if any(column)), strict=True))
    if not rows:
        return []
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [c + " " * (w - columns(c)) for c, w in zip(row, widths, strict=True)]
        joined = "".join(
            ("   " if not raw else " = ") + c for raw, c in zip(row, cells, strict=True)
        )
        lines.append((indent + joined[3:]).rstrip())
    if max(map(columns, lines)) <= WIDTH:
        return lines
    return [line for row in rows for line in stack(row, indent)]
