"""Rows of text as lines in columns, and what to do where the columns are too wide."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypeAlias

from autograd.text.columns import WIDTH, display_width, pad, wrap

Row: TypeAlias = Sequence[str]

_GAP = 2  # between columns
_LEAST = 8  # to this a column of text may be shortened, not more


def aligned(rows: Sequence[Row], right: Collection[int] = ()) -> list[str]:
    """Align rows of text in columns as wide as their widest cells, some of them to the right.

    A row that is one text stays as it is.

    >>> aligned([("a", "bb"), ("猫猫", "b")], right=[1])
    ['a     bb', '猫猫   b']
    """
    widths = _widths([row for row in rows if not isinstance(row, str)])
    lines = []
    for row in rows:
        padded = (pad(cell, widths[i], i in right) for i, cell in enumerate(row))
        lines.append(row if isinstance(row, str) else (" " * _GAP).join(padded).rstrip())
    return lines


def _widths(rows: Sequence[Row]) -> list[int]:
    return [max(map(display_width, cells)) for cells in zip(*rows, strict=True)]


def widths_that_fit(rows: Sequence[Row], total: int, rigid: Sequence[int]) -> list[int] | None:
    """Widths of columns that fit side by side, the widest shortened first; None if none do.

    The `rigid` columns keep their widths.

    >>> widths_that_fit([("name", "x" * 40, "1.25")], 40, rigid=[2])
    [4, 28, 4]
    """
    widths = _widths(rows)
    room = total - _GAP * (len(widths) - 1)
    while sum(widths) > room:
        elastic = [i for i, width in enumerate(widths) if i not in rigid and width > _LEAST]
        if not elastic:
            return None
        widths[max(elastic, key=widths.__getitem__)] -= 1
    return widths


def stacked(rows: Sequence[Row], numbers: Sequence[int]) -> Iterator[list[str]]:
    """A few lines for each row but the heading: its text, and below that its numbers.

    >>> list(stacked([("node", "data"), ("v0", "2.0")], [1]))
    [['v0', '    data 2.0']]
    """
    heading = rows[0]
    for row in rows[1:]:
        text = "  ".join(cell for i, cell in enumerate(row) if cell and i not in numbers)
        called = [f"{heading[i]} {row[i]}".strip() for i in numbers if row[i]]
        yield [text, "    " + "  ".join(called)] if called else [text]


def equations(rows: Sequence[Row], indent: str = "  ") -> list[str]:
    """`a = b = c` in columns, if they all fit in 80; an empty cell leaves its column empty.

    >>> equations([("∂y/∂x", "2 * x", "6.0"), ("∂z/∂y", "", "1.0")], "")
    ['∂y/∂x = 2 * x = 6.0', '∂z/∂y         = 1.0']
    """
    rows = list(zip(*(column for column in zip(*rows, strict=True) if any(column)), strict=True))
    widths = _widths(rows)
    lines = []
    for row in rows:
        cells = map(pad, row, widths)
        joined = "".join((" = " if raw else "   ") + c for raw, c in zip(row, cells, strict=True))
        lines.append((indent + joined[3:]).rstrip())
    if all(display_width(line) <= WIDTH for line in lines):
        return lines
    return [line for row in rows for line in equation(row, indent)]


def equation(sides: Row, indent: str = "") -> list[str]:
    """`a = b = c` on one line if it fits in 80 columns, else a line for each side."""
    first, *others = filter(None, sides)
    line = indent + " = ".join([first, *others])
    if display_width(line) <= WIDTH:
        return [line]
    lines = wrap(indent + first, indent=4, shortened=True)
    for side in others:
        lines += wrap(f"{indent}  = {side}", indent=2, shortened=True)
    return lines
