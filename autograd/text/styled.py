"""How text is broken into lines and cells into columns, for a given width."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from autograd.text.columns import columns

Row: TypeAlias = Sequence[str]

_GAP = 2  # between columns
_LEAST = 8  # to this a column of text may be shortened, not more


class Styled(str):
    """Text with a style: `rich` knows what "bold" and "red" are, a pipe leaves them out."""

    style: str

    def __new__(cls, text: str, style: str) -> Styled:
        """A piece of text in a style."""
        self = super().__new__(cls, text)
        self.style = style
        return self


def wrap(text: str, width: int, indent: int = 0) -> list[str]:
    """The text in lines of at most `width` columns, broken at blanks where there are any.

    Args:
        text: may have several lines; the blanks at the beginning of one are kept.
        width: of the widest line.
        indent: how much further than the first the lines below it begin.

    >>> wrap("  one two three", 10, indent=2)
    ['  one two', '    three']
    """
    lines: list[str] = []
    for line in text.split("\n"):
        lines += [line.rstrip()] if columns(line) <= width else _broken(line, width, indent)
    return lines


def _broken(text: str, width: int, indent: int) -> list[str]:
    words = text.lstrip(" ")
    first = min(len(text) - len(words), width // 2)
    rest = min(first + indent, width // 2)
    lines: list[str] = []
    line, start = " " * first, first
    for blanks, word in re.findall(r"( *)([^ ]+)", words):
        if len(line) > start and columns(line) + len(blanks) + columns(word) > width:
            lines.append(line)
            line, start = " " * rest, rest
        elif len(line) > start:
            line += blanks
        for piece in _pieces(word, width, columns(line)):
            if columns(line) + columns(piece) > width:
                lines.append(line)
                line, start = " " * rest, rest
            line += piece
    return [*lines, line]


def _pieces(word: str, width: int, at: int) -> list[str]:
    """A word, in characters if it does not fit in what is left of the line."""
    return [word] if at + columns(word) <= width else list(word)


def cut(text: str, width: int) -> str:
    """The beginning of a text, in at most so many columns.

    >>> cut("return a + b", 8)
    'return …'
    """
    if columns(text) <= width:
        return text
    head = text[: width - 1]
    while columns(head) > width - 1:
        head = head[:-1]
    return head + "…"


def restyled(lines: Sequence[str], parts: Sequence[str]) -> Iterator[list[str]]:
    """Lines into which pieces of text were broken, in pieces of the styles that they had."""
    styles = iter([getattr(p, "style", "") for p in parts for c in p if not c.isspace()])
    for line in lines:
        pieces: list[list[str]] = []
        style = ""
        for c in line:
            if not c.isspace():
                style = next(styles, "")
            if not pieces or pieces[-1][0] != style:
                pieces.append([style, ""])
            pieces[-1][1] += c
        yield [Styled(text, style) if style else text for style, text in pieces]


def widths_that_fit(rows: Sequence[Row], total: int, rigid: Sequence[int]) -> list[int] | None:
    """Widths of columns that fit side by side, the widest shortened first; None if none do.

    Args:
        rows: of cells.
        total: how many columns of text there are.
        rigid: the columns that may not be shortened.

    >>> widths_that_fit([("name", "x" * 40, "1.25")], 40, rigid=[2])
    [4, 28, 4]
    """
    fit = [max(map(columns, cells)) for cells in zip(*rows, strict=True)]
    room = total - _GAP * (len(fit) - 1)
    while sum(fit) > room:
        elastic = [i for i, width in enumerate(fit) if i not in rigid and width > _LEAST]
        if not elastic:
            return None
        fit[max(elastic, key=fit.__getitem__)] -= 1
    return fit


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
