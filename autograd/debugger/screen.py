"""What the shell writes: plain text in columns, or with colours on a terminal that has them."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import Any, TextIO, TypeAlias

_WIDEST = 100
_NARROWEST = 20
_PIPE = 80  # columns where nobody says how many there are


class Styled(str):
    """Text with a style: `rich` knows what "bold" and "red" are, a pipe leaves them out."""

    style: str

    def __new__(cls, text: str, style: str) -> Styled:
        """A piece of text in a style."""
        self = super().__new__(cls, text)
        self.style = style
        return self


Row: TypeAlias = Sequence[str]

FORWARD, BACKWARD, MARK, MUTED, BAD = "cyan", "yellow", "bold", "dim", "red"


class Screen:
    """Writes lines and tables that fit the width of the terminal.

    Plain text in a pipe, under NO_COLOR or TERM=dumb, and where `rich` is not installed.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out
        self._rich: Any = None
        if _has_colours(self.out):
            self._rich = _console(self.out)

    @property
    def out(self) -> TextIO:
        """Where it writes: standard output, as it is now."""
        return self._out or sys.stdout

    @property
    def width(self) -> int:
        """How many columns there are."""
        if not self.out.isatty():
            return _PIPE
        columns = shutil.get_terminal_size((_PIPE, 24)).columns
        return min(max(columns, _NARROWEST), _WIDEST)

    def line(self, *parts: str, indent: int = 0) -> None:
        """Write pieces of text as one line, broken between words where it is too long.

        Args:
            parts: strings, some of them Styled.
            indent: how far the lines after the first are moved to the right.
        """
        text = "".join(parts)
        if self._rich is None or len(text) > self.width:
            self._write("\n".join(self._wrapped(text, indent)))
        else:
            self._print_styled(parts)

    def _wrapped(self, text: str, indent: int) -> list[str]:
        first = len(text) - len(text.lstrip(" "))
        wrapped = textwrap.wrap(
            text.strip(" "), self.width, initial_indent=" " * first,
            subsequent_indent=" " * min(first + indent, self.width // 2),
            break_on_hyphens=False, drop_whitespace=True, replace_whitespace=False,
        )  # fmt: skip
        return wrapped or [""]

    def _write(self, text: str) -> None:
        try:
            print(text, file=self.out)
        except UnicodeEncodeError:  # a terminal or a pipe that is not UTF-8
            encoding = self.out.encoding or "ascii"
            plain = text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
            print(plain, file=self.out)

    def _print_styled(self, parts: Sequence[str]) -> None:
        from rich.text import Text

        styled = Text.assemble(*[(str(part), getattr(part, "style", "")) for part in parts])
        self._rich.print(styled, soft_wrap=True, highlight=False)

    def text(self, text: str) -> None:
        """Write lines that are laid out already, each cut off at the width."""
        for line in text.split("\n"):
            self._write(_cut(line, self.width))

    def table(self, rows: Sequence[Row], right: Sequence[int] = (), marked: int = -1) -> None:
        """Write rows in columns, the widest of them shortened until all fit.

        Args:
            rows: the first one is the heading.
            right: the columns that are aligned to the right.
            marked: the number of a row to stand out.
        """
        widths = fitted([max(map(len, cells)) for cells in zip(*rows, strict=True)], self.width)
        for i, row in enumerate(rows):
            cells = [
                _padded(cell, width, column in right)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            line = _cut("  ".join(cells).rstrip(), self.width)
            style = MUTED if i == 0 else MARK if i == marked else ""
            self.line(Styled(line, style) if style else line)


_ASCII = str.maketrans({"→": "->", "×": "*", "·": "*", "∂": "d", "…": "...", "−": "-", "σ": "s"})


def _has_colours(out: TextIO) -> bool:
    quiet = os.environ.get("NO_COLOR") or os.environ.get("TERM", "") == "dumb"
    return out.isatty() and not quiet


def _console(out: TextIO) -> Any:
    try:
        from rich.console import Console
    except ImportError:
        return None
    return Console(file=out, highlight=False, markup=False, emoji=False)


def fitted(widths: Sequence[int], total: int, gap: int = 2) -> list[int]:
    """Widths of columns that fit: the widest one gives way first.

    >>> fitted([4, 40, 10], 40)
    [4, 22, 10]
    """
    fit = list(widths)
    room = max(total - gap * (len(fit) - 1), len(fit))
    while sum(fit) > room:
        widest = max(range(len(fit)), key=fit.__getitem__)
        second = max((w for i, w in enumerate(fit) if i != widest), default=0)
        excess = sum(fit) - room
        fit[widest] -= max(1, min(excess, fit[widest] - second))
    return fit


def _padded(cell: str, width: int, to_the_right: bool) -> str:
    text = _cut(cell, width)
    return text.rjust(width) if to_the_right else text.ljust(width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def plain(text: str) -> str:
    r"""The text without what steers a terminal.

    >>> plain("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda m: ascii(m[0])[1:-1], text)
