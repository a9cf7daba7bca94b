"""How large a label of our own DOT text is, and the same label without markup.

Text is measured as the embedded engine does it, each byte as a letter of Courier New. An engine
that knows better finds it no wider.
"""

from __future__ import annotations

import html
import math
import re
from functools import lru_cache
from typing import NamedTuple

from viz.appearance.colours import TEXT_SIZE

# The alternatives begin with different characters, so no text takes longer than it is long.
_LABEL = re.compile(r'label=(?:<((?:[^<>]|<[^<>]*>)*)>|"((?:[^"\\]|\\.)*)")')
_PIECE = re.compile(r"<(/?)(\w+)([^<>]*)>|([^<>]+)")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_WORDS = re.compile(r"(?:^|>)[^<>]+")
_DIGITS = str.maketrans("123456789", "000000000")
_LETTER, _LINE = 0.6, 1.2  # the width of a letter and the height of a line, in font sizes


class Size(NamedTuple):
    """A width and a height in points."""

    width: int
    height: int


def label_size(line: str) -> Size:
    """How large the label in a line of DOT is.

    >>> label_size('n1 [label="∂ 2"]')
    Size(width=36, height=16)
    """
    match = _LABEL.search(line)
    if match is None:
        return Size(0, 0)
    # All digits are alike: few labels are left to measure.
    return _measure(_WORDS.sub(lambda words: words[0].translate(_DIGITS), match[1] or match[2]))


class _Cell:
    """What is written so far in a cell, or in the whole label: lines below each other."""

    def __init__(self, columns: int = 1) -> None:
        self.columns = columns
        self.width = self.height = 0.0
        self.line = (0.0, 0.0)

    def add(self, width: float, height: float) -> None:
        self.line = (self.line[0] + width, max(self.line[1], height))

    def end_line(self) -> None:
        self.width, self.height = max(self.width, self.line[0]), self.height + self.line[1]
        self.line = (0.0, 0.0)


class _Table:
    """The rows of a table, each of cells."""

    def __init__(self, look: dict[str, str]) -> None:
        border = float(look.get("BORDER", 1))
        self.padding = 2 * (
            float(look.get("CELLPADDING", 2)) + float(look.get("CELLBORDER", border))
        )
        self.spacing = float(look.get("CELLSPACING", 2))
        self.border = 2 * border
        self.rows: list[list[_Cell]] = []

    def size(self) -> tuple[float, float]:
        """Columns as wide as their widest cell, rows as high as their highest."""
        columns: list[float] = []
        widest = 0.0
        height = self.spacing
        for row in self.rows:
            columns += [0.0] * (len(row) - len(columns))
            total = self.spacing
            for i, cell in enumerate(row):
                width = cell.width + self.padding
                total += width + self.spacing
                if cell.columns == 1:
                    columns[i] = max(columns[i], width)
            widest = max(widest, total)
            height += max((cell.height for cell in row), default=0.0) + self.padding + self.spacing
        total = self.spacing
        for width in columns:
            total += width + self.spacing
        return max(widest, total) + self.border, height + self.border


class _Reader:
    """Measures an HTML-like label, a piece at a time."""

    def __init__(self) -> None:
        self.cells = [_Cell()]
        self.tables: list[_Table] = []
        self.fonts = [float(TEXT_SIZE)]

    def text(self, words: str) -> None:
        letters = len(html.unescape(words).encode(errors="replace"))
        self.cells[-1].add(letters * _LETTER * self.fonts[-1], _LINE * self.fonts[-1])

    def open(self, tag: str, look: dict[str, str]) -> None:
        if tag == "BR":
            self.cells[-1].end_line()
        elif tag == "FONT":
            self.fonts.append(float(look.get("POINT-SIZE", self.fonts[-1])))
        elif tag == "TABLE":
            self.tables.append(_Table(look))
        elif tag == "TR":
            self.tables[-1].rows.append([])
        elif tag == "TD":
            cell = _Cell(int(look.get("COLSPAN", 1)))
            cell.add(float(look.get("WIDTH", 0)), float(look.get("HEIGHT", 0)))
            self.tables[-1].rows[-1].append(cell)
            self.cells.append(cell)

    def close(self, tag: str) -> None:
        if tag == "FONT":
            self.fonts.pop()
        elif tag == "TABLE":
            self.cells[-1].add(*self.tables.pop().size())
        elif tag == "TD":
            self.cells.pop().end_line()


@lru_cache(maxsize=10_000)
def _measure(label: str) -> Size:
    reader = _Reader()
    for closes, tag, look, words in _PIECE.findall(label):
        if words:
            reader.text(words)
        elif closes:
            reader.close(tag)
        else:
            reader.open(tag, dict(_ATTRIBUTE.findall(look)))
    whole = reader.cells[0]
    whole.end_line()
    return Size(math.ceil(whole.width) + 3, math.ceil(whole.height) + 2)


_LABEL_END = re.compile(r"</TR>|<BR[^<>]*>")
_CELL_END = re.compile(r"</TD>")
_TAG = re.compile(r"<[^<>]*>")


class Plain(NamedTuple):
    """A label without markup, and what is said around it."""

    lines: list[str]
    """Its lines of text, as DOT escapes them."""
    headed: bool
    """Whether the first is a heading, in the middle above the others."""
    before: str
    after: str


def plain_label(line: str) -> Plain | None:
    """The label in a line of DOT as plain text; None where it has none.

    Tables in a table are left out where they hold no text, such as a histogram.

    >>> table = "<TABLE><TR><TD>x</TD></TR><TR><TD>data </TD><TD>2</TD></TR></TABLE>"
    >>> plain_label(f"n0 [id=a, label=<{table}>]")
    Plain(lines=['x', 'data 2'], headed=True, before='n0 [id=a, ', after=']')
    """
    match = _LABEL.search(line)
    if match is None:
        return None
    before, after = line[: match.start()], line[match.end() :]
    if match[1] is None:
        return Plain([match[2]], True, before, after)
    cells = [
        [words for cell in _CELL_END.split(part) if (words := _TAG.sub("", cell))]
        for part in _LABEL_END.split(match[1])
    ]
    rows = [row for row in cells if "".join(row).strip()]
    widths = [_letters("".join(row)) for row in rows]
    width = max(widths, default=0)
    lines = [
        row[0] + " " * (width - some) + "".join(row[1:]) if len(row) > 1 else row[0]
        for row, some in zip(rows, widths, strict=True)
    ]
    headed = "<TABLE" in match[1]
    if headed and lines:
        lines[0] = "".join(rows[0]).strip()
    return Plain(lines, headed, before, after)


def _letters(text: str) -> int:
    return len(html.unescape(text) if "&" in text else text)


def without_markup(line: str) -> str:
    r"""The line of DOT with its label as plain text, which engines set several times as fast.

    >>> without_markup('n0 -> n1 [label=<<B>∂ 2</B><BR ALIGN="LEFT"/>+1>]')
    'n0 -> n1 [label="∂ 2\\l+1\\l"]'
    """
    found = plain_label(line)
    if found is None:
        return line
    ends = ["\\n" if found.headed and i == 0 else "\\l" for i in range(len(found.lines))]
    text = "".join(a + b for a, b in zip(found.lines, ends, strict=True))
    return f'{found.before}label="{text}"{found.after}'
