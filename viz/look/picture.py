"""The look of a picture: cards with lines of text in frames, and links between them.

These are plain data without a word of DOT. Colours are roles (see `viz.appearance.colours`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from viz.appearance.colours import INK, Colour
from viz.appearance.options import Direction
from viz.selection.frames import Scope

Dashes: TypeAlias = Literal["solid", "dashed", "dotted"]
Place: TypeAlias = Literal["heading", "badge", "data", "grad", "was", "sum"]

USUAL_WIDTH = 1.2
"""The width of a link, in points."""


class Span(NamedTuple):
    """A piece of text in one look."""

    text: str
    colour: Colour = INK
    bold: bool = False
    size: int | None = None
    """Points; None for the usual size."""


class Line(NamedTuple):
    """A line of text in a card or above the picture."""

    place: Place
    spans: tuple[Span, ...]
    key: str = ""
    """A word at the left end; without one the line is in the middle."""
    bars: tuple[float, ...] = ()
    """A small histogram at the right end."""


@dataclass(frozen=True)
class Border:
    """The border and the ground of a card."""

    colour: Colour
    ground: Colour
    width: float | None = None
    """Points; None for a thin one."""
    dashes: Dashes = "solid"
    rounded: bool = True
    double: bool = False
    room: bool = False
    """True for room between the border and the text."""


@dataclass(frozen=True)
class Card:
    """A node, a box or a stub."""

    id: str
    classes: tuple[str, ...]
    scope: Scope
    place: int
    """The place in topological order."""
    lines: tuple[Line, ...]
    border: Border
    tooltip: str
    ink: Colour = INK


@dataclass(frozen=True)
class Link:
    """An arrow."""

    id: str
    start: str
    """The id of the card that it comes from."""
    end: str
    lines: tuple[Span, ...]
    """The texts beside it, one below the other."""
    tooltip: str
    colour: Colour
    dashes: Dashes = "solid"
    width: float | None = None
    """Points; None for the usual width."""
    joint: str = ""
    """The id of a point that it passes in the frame of its end."""


class Placing(NamedTuple):
    """The rules that the layout of a picture has to hold to."""

    joints: Mapping[int, str]
    """The joint of each arrow that has one, by the arrow's number."""
    columns: tuple[tuple[str, ...], ...] = ()
    """Cards and joints that lie in one rank, in their order; those of one column in one frame."""
    before: tuple[tuple[str, str], ...] = ()
    """Pairs of cards of which the first has an earlier rank."""
    is_layered: bool = False
    """True if boxes are columns."""


_ANYWHERE = Placing({})


@dataclass(frozen=True)
class Picture:
    """All that is drawn, before anything is laid out."""

    cards: tuple[Card, ...]
    links: tuple[Link, ...]
    heading: tuple[tuple[Span, ...], ...]
    """The lines above it."""
    direction: Direction
    title: str
    """A title for those who cannot see it."""
    description: str
    placing: Placing = _ANYWHERE
    backward: bool = False
    """True if arrowheads are at the start, where gradients flow to."""
    rank_gap: float | None = None
    """Inches between layers; None for the usual gap."""

    @cached_property
    def frames(self) -> dict[Scope, int]:
        """The number of each frame, outer ones first; 0 is the whole picture."""
        return frame_numbers(card.scope for card in self.cards)

    @cached_property
    def size(self) -> Size:
        """The counts that the time of a layout grows with."""
        place = {card.id: card.place for card in self.cards}
        ends = [(link.start, link.end) for link in self.links]
        return Size(len(self.cards), reach(ends, place))


class Size(NamedTuple):
    """The counts that the time of a layout grows with, which decide how it is done, if at all."""

    cards: int
    reach: int
    """The number of layers that the links cross in all."""


def reach(links: Iterable[tuple[str, str]], place: dict[str, int]) -> int:
    """Count the layers that links from a start to an end cross in all.

    >>> reach([("x", "y"), ("y", "z"), ("x", "z")], {"x": 0, "y": 1, "z": 2})
    4
    """
    layer = dict.fromkeys(place, 0)  # counted from the outputs
    backward = sorted(links, key=lambda link: place[link[1]], reverse=True)
    for start, end in backward:
        layer[start] = max(layer[start], layer[end] + 1)
    return sum(layer[start] - layer[end] for start, end in backward)


def frame_numbers(scopes: Iterable[Scope]) -> dict[Scope, int]:
    """Number the frames, outer ones first; 0 is the whole picture.

    >>> frame_numbers([("a", "b"), (), ("a",)])
    {(): 0, ('a',): 1, ('a', 'b'): 2}
    """
    number: dict[Scope, int] = {(): 0}
    for scope in scopes:
        for depth in range(1, len(scope) + 1):
            number.setdefault(scope[:depth], len(number))
    return number


def joined(pieces: Iterable[Sequence[Span]], gap: str) -> tuple[Span, ...]:
    """Pieces of a line, with gaps between them.

    >>> [span.text for span in joined([[Span("a"), Span("b")], [Span("c")]], ", ")]
    ['a', 'b', ', ', 'c']
    """
    spans: list[Span] = []
    for piece in pieces:
        spans += [Span(gap), *piece] if spans else piece
    return tuple(spans)
