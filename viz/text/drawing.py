"""A computation graph drawn in characters, for a terminal: a row for each node, joined by lines.

Data flow from the top down, gradients from the bottom up; the output is the last row, next to the
prompt. A line that crosses another without a joint passes behind it. `← w` below a row replaces a
line for which the terminal is too narrow, or that would lead up. `∂x 3 → +3` beside a node says
that its derivative to its operand `x` is 3, and that it adds 3 to the gradient of `x`. See the
example of `drawing`.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd.primitive import TABLE
from autograd.text.characters import in_encoding, with_ascii_lines
from autograd.text.columns import shorten
from viz.snapshot.snapshot import Snapshot
from viz.text.lanes import Strip, strips
from viz.text.row_layout import blocks, pack
from viz.text.rows import Row, Sheet, sheet

_NARROWEST = 20
_LEAST = 28  # columns of text beside the lanes, if the terminal has twice as many
_MARKS = {
    "leaf": ("○", "leaf"), "constant": ("▪", "constant"), "operation": ("●", "operation"),
    "fold": ("▣", "several nodes"), "stub": ("⋮", "not drawn"), "marked": ("◆", "highlighted"),
}  # fmt: skip
_NAMES = {row.symbol: row.name for row in TABLE.values() if "\\" in in_encoding(row.symbol)}


def drawing(snapshot: Snapshot, width: int = 80, ascii: bool = False) -> str:
    """Draw a snapshot in characters, in so many columns, from 20 on.

    Raises ValueError for an invalid width.

    >>> from autograd import Graph, Value
    >>> from viz.appearance.options import Options
    >>> from viz.snapshot.take import take
    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> y = x * z + x
    >>> y.backward()
    >>> print(drawing(take(Graph(y), options=Options(legend=False))))
                      data  grad  derivative → contribution
    ○    x               2     4
    │ ○  z               3     2
    ├─●  v2 = x * z      6     1  ∂x 3 → +3  ∂z 2 → +2
    ●─╯  v3 = v2 + x     8     1  ∂v2 1 → +1  ∂x 1 → +1
    """
    check_width(width)
    content = sheet(snapshot)
    lines = _lines(content.changed(plain) if ascii else content, width)
    text = "\n".join(line.rstrip() for line in lines)
    return with_ascii_lines(text) if ascii else text


def check_width(width: object) -> None:
    """Raise ValueError unless it is a number of columns.

    >>> check_width(80)
    """
    if not isinstance(width, int) or width < _NARROWEST:
        raise ValueError(f"width is a number of columns from {_NARROWEST} on, got {width!r}")


def plain(text: str) -> str:
    r"""Return a text in ASCII; a symbol without a counterpart becomes its operation's name.

    >>> plain("╰─● σ(é) → ∂√")
    "'-* s(\\xe9) -> dsqrt"
    """
    for symbol, name in _NAMES.items():
        text = text.replace(symbol, name)
    return in_encoding(text)


def _lines(content: Sheet, width: int) -> Iterator[str]:
    rows = content.rows
    if content.title:
        yield shorten(content.title, width)
    least = min(max(_LEAST, width // 2), width - 6)
    lanes = strips([row.sources for row in rows], most=(width - least - 1) // 2)
    beside = max(len(strip.text("○")) for strip in lanes) + 2
    heading, texts = blocks(
        rows, [[rows[i].full_name for i in strip.named] for strip in lanes], width - beside
    )
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
        yield strip.text(_MARKS[row.mark][0]).ljust(beside) + text[0]
        yield from (strip.after().ljust(beside) + line for line in text[1:])
        above = row, strip
    yield from pack([word for word in content.caption.split(" ") if word], width)
    if content.legend:
        kinds = {row.mark for row in rows}
        yield from pack([" ".join(_MARKS[k]) for k in _MARKS if k in kinds], width, "  ")


def _seem_linked(above: Row, over: Strip, row: Row, strip: Strip) -> bool:
    """True if a mark would look connected to the one above it."""
    plain = {"leaf", "constant"}  # these have no incoming lines
    stacked = over.place == strip.place and strip.place not in strip.above
    return stacked and not {above.mark, row.mark} <= plain
