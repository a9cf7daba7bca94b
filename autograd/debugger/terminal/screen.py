"""The output of the shell: lines and tables, with colours on a terminal that has them."""

from __future__ import annotations

import os
import pydoc
import shutil
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from autograd.text.characters import in_encoding, is_in_encoding, readable
from autograd.text.columns import cut, pad, shorten, wrap
from autograd.text.styled import Styled, restyled
from autograd.text.tables import Row, stacked, widths_that_fit

_WIDEST = 100
_NARROWEST = 20
_PIPE = 80  # columns where the width is not known

FORWARD, BACKWARD, MARK, MUTED, BAD = "cyan", "yellow", "bold", "dim", "red"


class Screen:
    """Writes lines and tables that fit the width of the terminal.

    Plain text in a pipe, under NO_COLOR or TERM=dumb, and where `rich` is not installed.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out
        self._rich: Any = _console(self.out)

    @property
    def out(self) -> TextIO:
        """The stream given, or else the standard output of this moment."""
        return self._out or sys.stdout

    @property
    def width(self) -> int:
        """The number of columns."""
        if not self.out.isatty():
            return _PIPE
        columns = shutil.get_terminal_size((_PIPE, 24)).columns
        return min(max(columns, _NARROWEST), _WIDEST)

    def line(self, *parts: str, indent: int = 0) -> None:
        """Write pieces of text as one line, broken between words with an indent if it is long."""
        parts = tuple([self._harmless(part) for part in parts])
        lines = wrap("".join(parts), self.width, indent)
        for line in restyled(lines, parts) if self._rich else [[text] for text in lines]:
            self._write(line)

    def text(self, text: str) -> None:
        """Write lines that are laid out already; long ones are broken, with an indent."""
        for line in text.split("\n"):
            self.line(line, indent=4 if line.startswith(" ") else 2)

    def paged(self, lines: Sequence[str], indent: int) -> None:
        """Write lines, through a pager if the terminal cannot show them at once."""
        lines = [part for line in lines for part in wrap(line, self.width, indent)]
        if self.out.isatty() and len(lines) >= shutil.get_terminal_size().lines:
            pydoc.pager("\n".join(lines))
        else:
            self.text("\n".join(lines))

    def code(self, line: str) -> None:
        """Write a line as it is, cut off at the width of the screen."""
        self._write([self._shortened(cut(self._harmless(line).rstrip(), self.width))])

    def table(self, rows: Sequence[Row], right: Sequence[int] = (), marked: int = -1) -> None:
        """Write rows in columns; in a few lines each if they are too wide.

        Names and formulas are shortened first, the numbers in the columns `right` are never cut.
        The row number `marked` is highlighted; row 0 is the heading.
        """
        rows = [[self._harmless(cell) for cell in row] for row in rows]
        widths = widths_that_fit(rows, self.width, right)
        if widths is None:
            for i, lines in enumerate(stacked(rows, right), start=1):
                for line in lines:
                    self.line(Styled(line, MARK) if i == marked else line, indent=4)
            return
        for number, row in enumerate(rows):
            fitting = [self._shortened(shorten(*cell)) for cell in zip(row, widths, strict=True)]
            cells = [pad(cell, widths[i], i in right) for i, cell in enumerate(fitting)]
            style = MARK if number == marked else "" if number else MUTED
            self._write([Styled("  ".join(cells).rstrip(), style)])

    def _shortened(self, text: str) -> str:
        """A harmless text that was shortened, with an ellipsis that can be written."""
        if text.isascii():
            return text
        return self._harmless(text if self._harmless("…") == "…" else text.replace("…", "~"))

    def _harmless(self, text: str) -> str:
        """The text without control characters, in characters that can be written."""
        harmless = "\n".join(map(readable, text.expandtabs(4).split("\n")))
        if not is_in_encoding(harmless, self.out.encoding):  # a terminal or a pipe without UTF-8
            harmless = in_encoding(harmless, self.out.encoding)
        return Styled(harmless, text.style) if isinstance(text, Styled) else harmless

    def _write(self, parts: Sequence[str]) -> None:
        if self._rich is None:
            print("".join(parts), file=self.out)
            return
        from rich.text import Text

        styled = Text.assemble(*[(str(part), getattr(part, "style", "")) for part in parts])
        self._rich.print(styled, soft_wrap=True, highlight=False)


def _console(out: TextIO) -> Any:
    quiet = os.environ.get("NO_COLOR") or os.environ.get("TERM", "") in ("dumb", "unknown")
    if quiet or not out.isatty():
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    return Console(file=out, highlight=False, markup=False, emoji=False)
