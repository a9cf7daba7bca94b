"""Text in DOT: lines of spans as HTML-like labels, with user text that is never markup.

Whatever the name of a node, the engine sees letters only: `escape` leaves no character that is
syntax in DOT, an HTML-like label or XML. Names come here without characters that have no picture
(see `autograd.text.characters.readable`).
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from autograd.text.columns import display_width
from viz.appearance import colours
from viz.appearance.colours import Colour
from viz.appearance.options import Style
from viz.look.picture import Line, Span

_BREAK = '<BR ALIGN="LEFT"/>'
_ROOM = '<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="4"><TR><TD>{}</TD></TR></TABLE>'
_AT_RIGHT = ("was", "sum")
_TABLE = '<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">{}</TABLE>'
_BESIDE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR>{}</TR></TABLE>'
_EMPTY = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{}</TABLE>'
_CELL = '<TD WIDTH="4" HEIGHT="{}" FIXEDSIZE="TRUE"{}></TD>'
_TALLEST = 10


def escape(text: str) -> str:
    r"""Escape text for a label, HTML-like or not: it has no syntax of DOT, of XML or of labels.

    A backslash is doubled, since Graphviz reads `\N` in a label as the node's name.

    >>> print(escape('<b> & "\\N"'))
    &lt;b&gt; &amp; &quot;\\N&quot;
    """
    return html.escape(text).replace("\\", "\\\\")


def escape_tooltip(text: str) -> str:
    """Escape text for a tooltip, in which Graphviz replaces escapes twice; it may have lines."""
    return escape(text.replace("\\", "\\\\")).replace("\n", "&#10;")


class Markup:
    """Labels in the colours of a style.

    >>> Markup("light").span(Span("x", colours.MUTED, bold=True))
    '<FONT COLOR="#666b72"><B>x</B></FONT>'
    """

    def __init__(self, style: Style) -> None:
        self.style = style

    def colour(self, colour: Colour) -> str:
        """A colour in the style."""
        return colour.in_style(self.style)

    def span(self, span: Span) -> str:
        """A piece of text in its look."""
        text = escape(span.text)
        if span.bold:
            text = f"<B>{text}</B>"
        look = f' POINT-SIZE="{span.size}"' if span.size else ""
        if span.colour is not colours.INK:
            colour = colours.LETTERS.get(span.colour, span.colour)
            look = f' COLOR="{self.colour(colour)}"{look}'
        return f"<FONT{look}>{text}</FONT>" if look else text

    def spans(self, spans: Iterable[Span]) -> str:
        """Text in several looks."""
        return "".join(map(self.span, spans))

    def card(self, lines: Sequence[Line]) -> str:
        """The label of a card; with a histogram it is a table, for which the engine is slow."""
        if any(line.bars for line in lines):
            return f"<{_TABLE.format(''.join(map(self._row, lines)))}>"
        width = round(max(map(_width, lines)))
        return f"<{''.join(self._line(line, width) for line in lines)}>"

    def _line(self, line: Line, width: int) -> str:
        """A line of text; all letters are as wide, so spaces put numbers at the right end."""
        if line.key:
            text = "".join(span.text for span in line.spans)
            gap = " " * (width - display_width(f"{line.key} {text}"))
            key = self.span(Span(f"{line.key} {gap}", colours.MUTED))
            return f"{key}{self.spans(line.spans)}{_BREAK}"
        end = '<BR ALIGN="RIGHT"/>' if line.place in _AT_RIGHT else "<BR/>"
        return f"{self.spans(line.spans)}{end}"

    def _row(self, line: Line) -> str:
        text = self.spans(line.spans)
        if not line.key:
            return f'<TR><TD COLSPAN="2">{text}</TD></TR>'
        if line.bars:
            text = _BESIDE.format(f'<TD ALIGN="RIGHT">{text}</TD><TD>{self._bars(line.bars)}</TD>')
        key = self.span(Span(f"{line.key} ", colours.MUTED))
        return f'<TR><TD ALIGN="LEFT">{key}</TD><TD ALIGN="RIGHT">{text}</TD></TR>'

    def _bars(self, heights: Sequence[float]) -> str:
        """A histogram made of table cells, which looks the same with every engine and font."""
        ground = f' BGCOLOR="{self.colour(colours.LINE)}"'
        cells = ""
        for share in heights:
            tall = max(1, round(share * (_TALLEST - 1)))
            above, bar = _CELL.format(_TALLEST - tall, ""), _CELL.format(tall, ground)
            cells += f"<TD>{_EMPTY.format(f'<TR>{above}</TR><TR>{bar}</TR>')}</TD>"
        return _EMPTY.replace('CELLSPACING="0"', 'CELLSPACING="1"').format(f"<TR>{cells}</TR>")

    def beside(self, lines: Sequence[Span]) -> str:
        """The label of a link: texts one below the other, with room around them."""
        text = _BREAK.join(map(self.span, lines))
        return f"<{_ROOM.format(text + _BREAK)}>"


def _width(line: Line) -> float:
    """The columns that the engine gives a line: every byte has the width of a letter."""
    spans = [Span(f"{line.key} "), *line.spans] if line.key else line.spans
    return sum(len(s.text.encode()) * (s.size or colours.TEXT_SIZE) for s in spans) / (
        colours.TEXT_SIZE
    )
