"""The layout of the text beside the lanes: in columns where these fit, else packed into lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from autograd.text.columns import display_width, pad, shorten
from viz.text.rows import ArrowText, Row

_GAP = "  "
_LEAST = 12  # columns: names are not shortened below this to fit the numbers beside them
_INDENT = "  "  # of rows in a frame
# By index into `_forms`: with contributions, without, none.
_TITLES = {0: ("derivative → contribution", "∂ → ∂·grad"), 2: ("derivative", "∂"), 4: ("",)}


def blocks(
    rows: Sequence[Row], named: Sequence[Sequence[str]], width: int
) -> tuple[list[str], list[list[str]]]:
    """Return a heading, and the lines of text for each row, none wider than `width`.

    Where they do not fit, these are dropped, in this order: contributions, operands in formulas,
    derivatives, the ends of long names. Where there is no room for columns at all, nothing is
    dropped, but a row takes several lines.

    `named` are for each row the operands that no line connects to it.

    >>> blocks([Row("leaf", [], "x", "x", data="2")], [["w"]], 20)
    (['   data'], [['x     2', '← w']])
    """
    table = _in_columns(rows, width)
    heading, texts = table if table else ([], [_packed(row, width) for row in rows])
    for text, names in zip(texts, named, strict=True):
        text += pack([f"← {names[0]}", *names[1:]], width, ", ") if names else []
    return heading, texts


def pack(pieces: Sequence[str], width: int, gap: str = " ") -> list[str]:
    """Pack pieces of text into lines; a piece wider than a line is shortened.

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
    """The lines of a row without columns, where each number has its label."""
    inner = _INDENT if row.scope else ""
    room = width - 2 * len(_INDENT)
    forms = _forms(row.links)
    links = next((f for f in forms if all(display_width(text) <= room for text in f)), forms[-1])
    first, *rest = pack([row.equation, *_numbers(row), *links], room, _GAP)
    return [inner + first, *(inner + _INDENT + line for line in rest)]


def _numbers(row: Row) -> list[str]:
    return [f"{what} {text}" for what, text in (("data", row.data), ("grad", row.grad)) if text]


def _forms(links: Sequence[ArrowText]) -> list[list[str]]:
    """The texts of the arrows to a row, from the longest form to the shortest.

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


def _in_columns(rows: Sequence[Row], width: int) -> tuple[list[str], list[list[str]]] | None:
    """The rows in columns, in the longest form that fits; None if none does."""
    derivatives = [_Derivatives(rows, first) for first in _TITLES]
    tables = [
        _RowColumns(rows, *which) for which in product((False, True), (True, False), (True, False))
    ]
    for links, table in product(derivatives, tables):
        if table.names_width + table.numbers_width + links.needed <= width:
            return table.lines(links, width)
    return table.lines(links, width) if table.numbers_width + _LEAST <= width else None


class _Derivatives:
    """The last column: the texts of the arrows to each row."""

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
            if forms and row.mark not in ("fold", "stub")  # texts of arrows to these may be cut
        ]
        longest = sorted(row[0] for row in widths)
        most = longest[3 * (len(longest) - 1) // 4] if longest else -len(_GAP)
        self.needed = len(_GAP) + max([most, *(row[-1] for row in widths)])
        """Its width: enough for the longest form of most rows, and the shortest form of all."""

    def lines(self, width: int) -> list[str]:
        """The title and the cells, each in the longest form that fits into `width`."""
        titles = self.titles if any(self.forms) else ()
        return [
            next((text for text in texts if display_width(text) <= width), "")
            for texts in (titles, *self.forms)
        ]


class _RowColumns:
    """Rows in columns: names and numbers."""

    def __init__(self, rows: Sequence[Row], split: bool, formula: bool, bars: bool) -> None:
        self.texts = [
            (_INDENT if r.scope else "") + (r.equation if formula else r.word) for r in rows
        ]
        self.below = [_numbers(r) if split and r.mark == "fold" else [] for r in rows]
        """The numbers that go below the name instead of into columns."""
        beside = [[r.data, r.bars * bars, r.grad] for r in rows]
        cells_of = [["", "", ""] if b else n for b, n in zip(self.below, beside, strict=True)]
        self.columns = [
            _aligned([title, *texts], title)
            for title, *texts in zip(("data", "", "grad"), *cells_of, strict=True)
            if any(texts)
        ]
        self.names_width = max(map(display_width, self.texts))
        self.numbers_width = sum(len(_GAP) + display_width(column[0]) for column in self.columns)

    def lines(self, links: _Derivatives, width: int) -> tuple[list[str], list[list[str]]]:
        """The heading, and the lines of each row, with their derivatives."""
        names = min(self.names_width, width - self.numbers_width)
        first = _aligned(["", *(shorten(text, names) for text in self.texts)])
        last = links.lines(width - names - self.numbers_width - len(_GAP))
        heading, *lines = [
            _GAP.join(line).rstrip() for line in zip(first, *self.columns, last, strict=True)
        ]
        room = width - 2 * len(_INDENT)
        return [heading], [
            [line, *(2 * _INDENT + below for below in pack(numbers, room, _GAP))]
            for line, numbers in zip(lines, self.below, strict=True)
        ]


def _aligned(texts: Sequence[str], right: object = False) -> list[str]:
    """The cells of a column, all as wide as the widest."""
    width = max(map(display_width, texts))
    return [pad(text, width, right) for text in texts]
