"""The legend: the meaning of the colours, dashes, widths and borders that a picture uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from viz.appearance import colours
from viz.appearance.colours import Colour
from viz.appearance.labels import escape
from viz.content import highlights
from viz.content.plan import Plan
from viz.dot.arrows import Sign, is_single, sign_of
from viz.dot.nodes import coloured
from viz.selection.elements import FoldedBox, PictureArrow

_GAP = "   "
_SIGNS: tuple[tuple[Sign, str, str, Colour], ...] = (
    ("positive", "——", "positive", colours.POSITIVE),
    ("negative", "- -", "negative", colours.NEGATIVE),
    ("mixed", "——", "of both signs", colours.LINE),
    ("zero", "——", "zero", colours.MUTED),
    ("none", "···", "none flows", colours.MUTED),
)


class LegendEntry(NamedTuple):
    """A mark on arrows and its meaning."""

    kind: str
    mark: str
    words: str
    colour: Colour = colours.MUTED


def legend(plan: Plan) -> list[str]:
    """The lines of the legend as HTML-like text; none if there is nothing to explain."""
    if not plan.options.legend:
        return []
    lines = [_labels(signs(plan)), _labels(numbers(plan)), _marks(plan)]
    return [_GAP.join(line) for line in lines if line]


def _labels(entries: Iterable[LegendEntry]) -> list[str]:
    marks = {"bold": "<B>bold</B>"}
    return [
        coloured(f"{marks.get(kind, mark)} {words}".strip(), colour)
        for kind, mark, words, colour in entries
    ]


def signs(plan: Plan, *others: Plan) -> Iterator[LegendEntry]:
    """The entries for the signs of arrows that occur.

    Args:
        plan: the plan that is drawn.
        others: the same plan at other moments of a pass.
    """
    if not plan.options.backward:
        return
    explained = [arrow for arrow in plan.selection.arrows if _is_explained(arrow)]
    drawn = {sign_of(moment, arrow) for moment in (plan, *others) for arrow in explained}
    lines = [LegendEntry(*line) for line in _SIGNS if line[0] in drawn]
    if lines:
        are_contributions = plan.options.contributions and plan.largest
        yield LegendEntry("what", "contribution:" if are_contributions else "derivative:", "")
    yield from lines


def _is_explained(arrow: PictureArrow) -> bool:
    """True if an arrow stands for one edge, or leads from or to a box."""
    return (
        is_single(arrow) or isinstance(arrow.start, FoldedBox) or isinstance(arrow.end, FoldedBox)
    )


def numbers(plan: Plan) -> Iterator[LegendEntry]:
    """The entries for the numbers on arrows and for their width."""
    if not plan.options.backward:
        return
    singles = [plan.flow(a.edges[0]) for a in plan.selection.arrows if is_single(a)]
    if any(f.local is not None for f in singles):
        yield LegendEntry("local", "∂", "local derivative")
    if plan.options.contributions and any(f.contribution is not None for f in singles):
        yield LegendEntry("bold", "bold", "contribution: ∂ × grad of the result")
    if plan.options.contributions and plan.largest:
        unexplained = all(f.contribution is None for f in singles)
        words = "larger contribution" if unexplained else "larger"
        yield LegendEntry("wider", "wider:", words)


def _marks(plan: Plan) -> list[str]:
    """The lines for the highlighted borders."""
    drawn = {*plan.shown, *(v for box in plan.selection.folds for v in box.nodes)}
    kinds = {kind for v, kind in plan.highlight.kinds.items() if v in drawn}
    return [coloured(escape(text), colour) for text, colour in highlights.legend(kinds)]
