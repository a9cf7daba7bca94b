"""Reports: a few plain parts, decided once, of which both their text and their HTML are made."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, overload

from autograd.text.columns import WIDTH, cut, wrap
from autograd.text.tables import Row, aligned

_Item = TypeVar("_Item")

# A notebook's style sheet aligns cells to the right, and typesets what is between two dollars.
_PAGE = (
    '<div class="tex2jax_ignore mathjax_ignore" '
    'style="overflow-x: auto; font-family: monospace; font-size: 90%">\n{}\n</div>'
)
_PARAGRAPH = '<p style="margin: 0.4em 0; white-space: pre-wrap">{}</p>'
_TABLE = '<table style="margin: 0.4em 0; font-size: 100%">\n{}\n</table>'
_CELL = (
    '<{0}{1} style="text-align: {2}; white-space: {3}; padding: 0.15em 1.2em 0.15em 0">{4}</{0}>'
)
_BROKEN = 40  # characters of a cell: a longer one may have several lines


@dataclass(frozen=True)
class Paragraph:
    """A text, broken into lines, all but the first of them indented."""

    text: str
    indent: int = 0
    width: int = WIDTH

    def lines(self) -> list[str]:
        """Return its lines of text."""
        return wrap(self.text, self.width, self.indent)

    def html(self) -> str:
        """Return its HTML."""
        return _PARAGRAPH.format(html.escape(self.text))


@dataclass(frozen=True)
class Table:
    """Rows of cells in columns; a row that is one text goes across all columns."""

    rows: Sequence[Row]
    right: Collection[int] = ()
    """The columns that are aligned to the right."""
    headed: bool = True
    """The first row is a heading."""
    is_cut: bool = False
    """Lines of text end at 80 columns."""
    joined: str = ""
    """Between cells in the text, which then has sentences and no columns."""

    def lines(self) -> list[str]:
        """Return its lines of text."""
        if self.joined:
            cells = ([row] if isinstance(row, str) else filter(None, row) for row in self.rows)
            return [line for row in cells for line in wrap(self.joined.join(row), WIDTH, 4)]
        lines = aligned(self.rows, self.right)
        return [cut(line, WIDTH) for line in lines] if self.is_cut else lines

    def html(self) -> str:
        """Return its HTML."""
        rows = [self._row(row, "td") for row in self.rows]
        if self.headed:
            rows[0] = f"<thead>{self._row(self.rows[0], 'th')}</thead>"
        return _TABLE.format("\n".join(rows))

    def _row(self, row: Row, tag: str) -> str:
        across = ""
        if isinstance(row, str):
            across = f' colspan="{max(len(r) for r in self.rows if not isinstance(r, str))}"'
            row = [row]
        cells = []
        for i, cell in enumerate(row):
            side = "right" if i in self.right and not across else "left"
            space = "pre-wrap" if len(cell) > _BROKEN else "pre"
            cells.append(_CELL.format(tag, across, side, space, html.escape(cell)))
        return f"<tr>{''.join(cells)}</tr>"


Part: TypeAlias = Paragraph | Table


class Report(ABC):
    """A report, which prints as text, and which a notebook shows as tables."""

    _between = "\n\n"
    """Between the parts of the text."""

    @abstractmethod
    def _parts(self) -> Sequence[Part]:
        """Return what it says."""

    def __str__(self) -> str:
        return self._between.join("\n".join(part.lines()) for part in self._parts())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._repr_html_()}

    def _repr_html_(self) -> str:
        return _PAGE.format("\n".join(part.html() for part in self._parts()))


class Page(Report, str):
    """The text of a report, which shows itself at a prompt, too."""

    _own: tuple[Part, ...]

    def __new__(cls, *parts: Part) -> Page:
        """Create the text of some parts."""
        self = super().__new__(cls, cls._between.join("\n".join(p.lines()) for p in parts))
        self._own = parts
        return self

    def __getnewargs__(self) -> Any:
        return self._own

    def _parts(self) -> tuple[Part, ...]:
        return self._own

    __repr__ = Report.__str__


class Listing(Report, Sequence[_Item]):
    """A report on a sequence that cannot be changed; a slice of it is a slice of the items."""

    def __init__(self, items: Sequence[_Item]) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, i: int) -> _Item: ...

    @overload
    def __getitem__(self, i: slice) -> Sequence[_Item]: ...

    def __getitem__(self, i: int | slice) -> Any:
        return self._items[i]
