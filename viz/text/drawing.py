"""A computation graph drawn in characters, for a terminal: one line a node, connected by lines.

                      data  grad  derivative → contribution
    ○    x               2     4
    │ ○  z               3     2
    ├─●  v2 = x * z      6     1  ∂x 3 → +3  ∂z 2 → +2
    ●─╯  v3 = v2 + x     8     1  ∂v2 1 → +1  ∂x 1 → +1

Data flow from the top down, gradients from the bottom up; the output is the last line, next to the
prompt. A line that crosses another without a joint passes behind it. `← w` below a row stands for a
line for which the terminal is too narrow, or that would lead up. `∂x 3 → +3` beside a node says
that it changes three times as fast as its operand `x`, and brings 3 to the gradient of that.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from autograd.primitive import TABLE
from autograd.text.characters import in_encoding, with_ascii_lines
from autograd.text.columns import shorten
from viz.content.plan import Plan
from viz.text.lanes import Strip, strips
from viz.text.row_layout import blocks, pack
from viz.text.rows import Row, Sheet, sheet

Drawn: TypeAlias = Callable[[int, bool], str]
"""What draws for a width, in ASCII or not."""

_NARROWEST = 20
_WIDTHS = (40, 120)  # of a drawing where nobody says how wide it is to be
_LEAST = 28  # columns of text beside the lanes, where there are more than twice as many
_MARKS = {
    "leaf": "○", "constant": "▪", "operation": "●", "fold": "▣", "stub": "⋮", "marked": "◆",
}  # fmt: skip
_LEGEND = {
    "leaf": "leaf", "constant": "constant", "operation": "operation", "fold": "several nodes",
    "stub": "not drawn", "marked": "highlighted",
}  # fmt: skip


_NAMES = {row.symbol: row.name for row in TABLE.values() if "\\" in in_encoding(row.symbol)}


def drawing(plan: Plan, width: int = 80, ascii: bool = False) -> str:
    """The drawing of a plan.

    Args:
        plan: what to draw.
        width: how many columns there are, from 20 on.
        ascii: whether to do without box characters, and all others that are not ASCII.

    Raises ValueError for a width that makes no sense.

    >>> from autograd import Graph, Value
    >>> from viz.content.plan import plan
    >>> from viz.appearance.numbers import OWN
    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> y = x * z + x
    >>> y.backward()
    >>> print(drawing(plan(Graph(y), 60, ".4g", [], 2, OWN)))
                      data  grad  derivative → contribution
    ○    x               2     4
    │ ○  z               3     2
    ├─●  v2 = x * z      6     1  ∂x 3 → +3  ∂z 2 → +2
    ●─╯  v3 = v2 + x     8     1  ∂v2 1 → +1  ∂x 1 → +1
    """
    return write(sheet(plan), width, ascii)


def write(found: Sheet, width: int, ascii: bool = False) -> str:
    """The drawing of what a sheet says; see `drawing`."""
    if not isinstance(width, int) or width < _NARROWEST:
        raise ValueError(f"width is a number of columns from {_NARROWEST} on, got {width!r}")
    lines = _lines(found.changed(plain) if ascii else found, width)
    text = "\n".join(line.rstrip() for line in lines)
    return with_ascii_lines(text) if ascii else text


def plain(text: str) -> str:
    r"""Put a text in ASCII; the symbol of an operation that has no like there gives its name.

    >>> plain("╰─● σ(é) → ∂√")
    "'-* s(\\xe9) -> dsqrt"
    """
    for symbol, name in _NAMES.items():
        text = text.replace(symbol, name)
    return in_encoding(text)


def fitted(
    draw: Drawn, width: int | None = None, ascii: bool | None = None, encoding: str = ""
) -> str:
    """A drawing that suits a terminal.

    Args:
        draw: what draws.
        width: how many columns there are; None for as many as the terminal has, 40 to 120.
        ascii: whether it is to be ASCII; None for whether the encoding lacks a character of it.
        encoding: that of the output; "" for that of standard output.
    """
    if width is None:
        least, most = _WIDTHS
        width = min(max(shutil.get_terminal_size().columns, least), most)
    if ascii is not None:
        return draw(width, ascii)
    text = draw(width, False)
    try:
        text.encode(encoding or getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return draw(width, True)
    return text


def _lines(found: Sheet, width: int) -> Iterator[str]:
    rows = found.rows
    yield from [shorten(found.title, width)] * bool(found.title)
    least = min(max(_LEAST, width // 2), width - 6)
    lanes = strips([row.sources for row in rows], most=(width - least - 1) // 2)
    beside = max(len(strip.text("○")) for strip in lanes) + 2
    heading, texts = blocks(rows, [_named(rows, s) for s in lanes], width - beside)
    yield from (" " * beside + line for line in heading)
    scope = ""
    above: tuple[Row, Strip] | None = None
    for row, strip, text in zip(rows, lanes, texts, strict=True):
        margin = above[1].after() if above else ""
        if row.scope not in ("", scope):
            scope = row.scope
            yield margin.ljust(beside) + shorten(f"{scope}:", width - beside)
        elif above and _seem_linked(*above, row, strip):
            yield margin
        yield strip.text(_MARKS[row.mark]).ljust(beside) + text[0]
        yield from (strip.after().ljust(beside) + line for line in text[1:])
        above = row, strip
    yield from pack([word for word in found.caption.split(" ") if word], width)
    if found.legend:
        kinds = {row.mark for row in rows}
        yield from pack([f"{_MARKS[k]} {_LEGEND[k]}" for k in _MARKS if k in kinds], width, "  ")


def _seem_linked(above: Row, over: Strip, row: Row, strip: Strip) -> bool:
    """Whether a mark would seem to hang on the one above it."""
    plain = {"leaf", "constant"}  # to these nothing leads
    stacked = over.place == strip.place and strip.place not in strip.above
    return stacked and not {above.mark, row.mark} <= plain


def _named(rows: Sequence[Row], strip: Strip) -> list[str]:
    """What the values are called that a row uses, but to which no line leads."""
    return [rows[source].called for source in strip.named]
