"""The text beside the lines of a drawing: in columns where these fit, else packed into lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from autograd.text.columns import display_width, pad, shorten
from viz.text.rows import ArrowText, Row

_GAP = "  "
_LEAST = 12  # columns to which names may be shortened, for numbers to stand in columns
_INDENT = "  "  # of what lies in a frame
_FIRST = (0, 2, 4)  # forms of derivatives: with contributions, without, none
_TITLES = {0: ("derivative → contribution", "∂ → ∂·grad"), 2: ("derivative", "∂"), 4: ("",)}


def blocks(
    rows: Sequence[Row], named: Sequence[Sequence[str]], width: int
) -> tuple[list[str], list[list[str]]]:
    """A heading, and one or several lines of text for each row, none wider than `width`.

    What is too much goes, in this order: contributions, operands in formulas, derivatives, the
    rest of long names. Where there is no room for columns at all, nothing goes, but a row has
    several lines.

    Args:
        rows: what to write.
        named: for each row what it is connected with, but not by a line.
        width: how many columns there are.

    >>> blocks([Row("leaf", [], "x", "x", data="2")], [["w"]], 20)
    (['   data'], [['x     2', '← w']])
    """
    table = _table(rows, width)
    heading, texts = table if table else ([], [_packed(row, width) for row in rows])
    for text, names in zip(texts, named, strict=True):
        text += pack([f"← {names[0]}", *names[1:]], width, ", ") if names else []
    return heading, texts


def pack(pieces: Sequence[str], width: int, gap: str = " ") -> list[str]:
    """Pieces of text in lines, as many in each as fit; a piece too long is shortened.

    >>> pack(["one", "two", "three"], 9)
    ['one two', 'three']
    """
    lines: list[str] = []
    for piece in pieces:
        if lines and display_width(lines[-1]) + display_width(gap) + display_width(piece) <= width:
            lines[-1] += gap + piece
        else:
            lines.append(shorten(piece, width))
    return lines


def _packed(row: Row, width: int) -> list[str]:
    """The lines of a row, each number with what it is."""
    inner = _INDENT if row.scope else ""
    room = width - 2 * len(_INDENT)
    forms = _forms(row.links)
    links = next(
        (form for form in forms if all(display_width(text) <= room for text in form)), forms[-1]
    )
    first, *rest = pack([row.equation, *_numbers(row), *links], room, _GAP)
    return [inner + first, *(inner + _INDENT + line for line in rest)]


def _numbers(row: Row) -> list[str]:
    return [f"{what} {text}" for what, text in (("data", row.data), ("grad", row.grad)) if text]


def _forms(links: Sequence[ArrowText]) -> list[list[str]]:
    """What can be said of the arrows to a row, from the longest form to the shortest.

    >>> _forms([ArrowText("∂", "x", "3", "→ +6")])
    [['∂x 3 → +6'], ['∂ 3 → +6'], ['∂x 3'], ['∂ 3']]
    """
    short = [f" {k.local}" for k in links]
    long = [f" {k.local} {k.contribution}".rstrip() for k in links]
    named = [k.sign + k.operand for k in links]
    bare = [k.sign or k.operand for k in links]
    return [
        [name + text for name, text in zip(names, texts, strict=True)]
        for texts in (long, short)
        for names in (named, bare)
    ]


def _table(rows: Sequence[Row], width: int) -> tuple[list[str], list[list[str]]] | None:
    """The rows in columns, with as much as there is room for; None where there is too little."""
    derivatives = [_Derivatives(rows, first) for first in _FIRST]
    tables = [
        _RowColumns(rows, *which) for which in product((False, True), (True, False), (True, False))
    ]
    for links, table in product(derivatives, tables):
        if table.names + table.numbers + links.needed <= width:
            return table.lines(links, width)
    return table.lines(links, width) if table.numbers + _LEAST <= width else None


class _Derivatives:
    """The last column: what is said of the arrows to each row."""

    def __init__(self, rows: Sequence[Row], first: int) -> None:
        some = any(link.contribution for row in rows for link in row.links)
        self.titles = _TITLES[first if some else max(first, 2)]
        self.forms = [
            [_GAP.join(form) for form in _forms(row.links)[first:]] if row.links else []
            for row in rows
        ]
        widths = [
            [*map(display_width, forms)]
            for row, forms in zip(rows, self.forms, strict=True)
            if forms and row.mark not in ("fold", "stub")  # what leads to these may be cut off
        ]
        most = (
            sorted(row[0] for row in widths)[3 * (len(widths) - 1) // 4] if widths else -len(_GAP)
        )
        self.needed = len(_GAP) + max([most, *(row[-1] for row in widths)])
        """How many columns it takes: in its form for most rows, in the shortest for all."""

    def lines(self, width: int) -> list[str]:
        """The title and the cells, each in the longest form that fits."""
        titles = self.titles if any(self.forms) else ()
        return [
            next((text for text in texts if display_width(text) <= width), "")
            for texts in (titles, *self.forms)
        ]


class _RowColumns:
    """Rows in columns: names and numbers."""

    def __init__(self, rows: Sequence[Row], split: bool, formula: bool, bars: bool) -> None:
        self.texts = [_INDENT * bool(r.scope) + (r.equation if formula else r.word) for r in rows]
        self.below = [_numbers(r) if split and r.mark == "fold" else [] for r in rows]
        """What stands below the name rather than in columns."""
        beside = [[r.data, r.bars * bars, r.grad] for r in rows]
        cells_of = [["", "", ""] if b else n for b, n in zip(self.below, beside, strict=True)]
        self.columns = [
            _aligned([title, *texts], title)
            for title, *texts in zip(("data", "", "grad"), *cells_of, strict=True)
            if any(texts)
        ]
        self.names = max(map(display_width, self.texts))
        """How wide the names are."""
        self.numbers = sum(len(_GAP) + display_width(column[0]) for column in self.columns)
        """How wide the numbers are."""

    def lines(self, links: _Derivatives, width: int) -> tuple[list[str], list[list[str]]]:
        """The heading, and the lines of each row, with derivatives beside them."""
        names = min(self.names, width - self.numbers)
        first = _aligned(["", *(shorten(text, names) for text in self.texts)])
        last = links.lines(width - names - self.numbers - len(_GAP))
        heading, *lines = [
            _GAP.join(line).rstrip() for line in zip(first, *self.columns, last, strict=True)
        ]
        room = width - 2 * len(_INDENT)
        return [heading], [
            [line, *(2 * _INDENT + below for below in pack(numbers, room, _GAP))]
            for line, numbers in zip(lines, self.below, strict=True)
        ]


def _aligned(texts: Sequence[str], to_the_right: object = False) -> list[str]:
    """The cells of a column, all as wide as the widest."""
    width = max(map(display_width, texts))
    return [pad(text, width, to_the_right) for text in texts]
