"""The look of highlights: the borders, the words and the legend of marked nodes and boxes."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import NamedTuple

from autograd.text.columns import shorten
from viz.appearance import colours
from viz.appearance.colours import Colour
from viz.look.picture import Border, Dashes, Line, Span
from viz.snapshot.snapshot import Mark, MarkKind


class _MarkLook(NamedTuple):
    """The border of one kind of marks, and its meaning."""

    colour: Colour
    width: float
    legend: str = ""
    dashes: Dashes = "solid"
    double: bool = False


MARKS: dict[MarkKind, _MarkLook] = {
    "born": _MarkLook(colours.BAD, 3, "born: a nan or inf began here", double=True),
    "passed": _MarkLook(colours.BAD, 2, "passed on, turned nan: came from there"),
    "stopped": _MarkLook(colours.POSITIVE, 2.5, "masked, healed: ended here", "dashed"),
    "kink": _MarkLook(colours.MARK, 2.5, "kink, tie, edge: a derivative by convention", "dashed"),
    "dead": _MarkLook(colours.MUTED, 2.5, "dead: all its local derivatives are 0", "dotted"),
    "share": _MarkLook(
        colours.MARK, 3, "part of the gradient that comes through here (over 100 %: others cancel)"
    ),
    "marked": _MarkLook(colours.MARK, 3, double=True),
}


def marked(border: Border, kind: MarkKind) -> Border:
    """The border of a highlighted node or box."""
    look = MARKS[kind]
    dashes = border.dashes if look.dashes == "solid" else look.dashes
    border = replace(border, colour=look.colour, width=look.width, dashes=dashes)
    return replace(border, double=look.double, room=look.double)


def badge(mark: Mark) -> Line:
    """The line of a card that gives the reason for a highlight."""
    return Line("badge", (Span(shorten(mark.words, 32), MARKS[mark.kind].colour, bold=True),))


def legend(kinds: Set[MarkKind]) -> tuple[Span, ...]:
    """The meaning of the marks that occur.

    >>> legend({"dead"})[0].text
    'dead: all its local derivatives are 0'
    """
    return tuple(
        Span(look.legend, look.colour)
        for kind, look in MARKS.items()
        if kind in kinds and look.legend
    )
