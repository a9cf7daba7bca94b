"""The legend: the meaning of the colours, dashes, widths and borders that a picture uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from viz.appearance import colours
from viz.appearance.colours import Colour
from viz.look import marks
from viz.look.arrows import LOOKS
from viz.look.picture import Span, joined
from viz.snapshot.numbers import Sign
from viz.snapshot.snapshot import Snapshot

_GAP = "   "
_SIZE = 10
_SIGNS: tuple[tuple[Sign, str, str], ...] = (
    ("positive", "——", "positive"),
    ("negative", "- -", "negative"),
    ("mixed", "——", "of both signs"),
    ("zero", "——", "zero"),
    ("none", "···", "none flows"),
)


class LegendEntry(NamedTuple):
    """A mark on arrows and its meaning."""

    kind: str
    mark: str
    words: str
    colour: Colour = colours.MUTED


def legend(snapshot: Snapshot) -> Iterator[tuple[Span, ...]]:
    """The lines of the legend; none if there is nothing to explain."""
    if not snapshot.options.legend:
        return
    for line in (_spans(signs(snapshot)), _spans(numbers(snapshot)), _marks(snapshot)):
        if line:
            yield tuple(span._replace(size=_SIZE) for span in joined(line, _GAP))


def _spans(entries: Iterator[LegendEntry]) -> list[tuple[Span, ...]]:
    return [
        (Span(e.mark, e.colour, bold=True), Span(f" {e.words}", e.colour))
        if e.kind == "bold"
        else (Span(f"{e.mark} {e.words}".strip(), e.colour),)
        for e in entries
    ]


def signs(snapshot: Snapshot, both: bool = False) -> Iterator[LegendEntry]:
    """The entries for the signs of arrows that occur; if `both`, also before any is sent."""
    if not snapshot.options.backward:
        return
    explained = [arrow for arrow in snapshot.arrows if arrow.is_single or arrow.is_bundle]
    drawn = {arrow.sign() for arrow in explained}
    drawn |= {arrow.sign(contributions=False) for arrow in explained if both}
    lines = [LegendEntry(*line, LOOKS[line[0]][0]) for line in _SIGNS if line[0] in drawn]
    if lines:
        yield LegendEntry("what", "contribution:" if snapshot.largest else "derivative:", "")
    yield from lines


def numbers(snapshot: Snapshot) -> Iterator[LegendEntry]:
    """The entries for the numbers on arrows and for their width."""
    options = snapshot.options
    if not options.backward:
        return
    singles = [arrow for arrow in snapshot.arrows if arrow.is_single]
    if options.edges != "none" and any(arrow.local is not None for arrow in singles):
        yield LegendEntry("local", "∂", "local derivative")
    if options.edges == "both" and any(arrow.sent for arrow in singles):
        yield LegendEntry("bold", "bold", "contribution: ∂ × grad of the result")
    if snapshot.largest:
        is_explained = any(arrow.sent for arrow in singles)
        yield LegendEntry("wider", "wider:", "larger" if is_explained else "larger contribution")


def _marks(snapshot: Snapshot) -> list[tuple[Span, ...]]:
    kinds = {node.mark.kind for node in snapshot.nodes if node.mark}
    return [(span,) for span in marks.legend(kinds.union(*(box.marks for box in snapshot.boxes)))]
