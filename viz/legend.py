"""The legend: what colours, dashes, widths and borders say, as far as they occur in a picture."""

from __future__ import annotations

from collections.abc import Iterator

from viz import highlights, style
from viz.arrows import is_single
from viz.boxes import coloured
from viz.labels import escape
from viz.plan import Plan

_GAP = "   "
_SOLID, _DASHED, _DOTTED = "——", "- -", "···"


def legend(plan: Plan) -> list[str]:
    """The lines of the legend, fit for a label; none if there is nothing to explain."""
    if not plan.look.legend:
        return []
    lines = [[*_signs(plan)], [*_numbers(plan)], _marks(plan)]
    return [_GAP.join(line) for line in lines if line]


def _signs(plan: Plan) -> Iterator[str]:
    """What arrows look like: those that there are."""
    if not plan.look.backward:
        return
    singles = [a for a in plan.selection.arrows if is_single(a)]
    carried = [(plan.flow(a.edges[0]), a.edges[0]) for a in singles]
    numbers = [f.local if f.contribution is None or not plan.look.contributions else f.contribution
               for f, _ in carried if f.local is not None]  # fmt: skip
    if any(x > 0 for x in numbers):
        yield coloured(f"{_SOLID} positive", style.POSITIVE)
    if any(x < 0 for x in numbers):
        yield coloured(f"{_DASHED} negative", style.NEGATIVE)
    if any(x == 0 for x in numbers):
        yield coloured(f"{_SOLID} zero", style.MUTED)
    if any(plan.flows_nowhere(edge) for f, edge in carried if f.local is None):
        yield coloured(f"{_DOTTED} no derivative", style.MUTED)


def _numbers(plan: Plan) -> Iterator[str]:
    """What the numbers on arrows are, and what their width is."""
    if not plan.look.backward:
        return
    singles = [plan.flow(a.edges[0]) for a in plan.selection.arrows if is_single(a)]
    if any(f.local is not None for f in singles):
        yield coloured("∂ local derivative", style.MUTED)
    if plan.look.contributions and any(f.contribution is not None for f in singles):
        yield coloured("<B>bold</B> contribution: ∂ × grad", style.MUTED)
    if plan.look.contributions and plan.largest:
        several = all(f.contribution is None for f in singles)
        yield coloured("wider: larger" + " contribution" * several, style.MUTED)


def _marks(plan: Plan) -> list[str]:
    """What the highlighted borders say."""
    drawn = {*plan.shown, *(v for box in plan.selection.folds for v in box.nodes)}
    kinds = {kind for v, kind in plan.highlight.kinds.items() if v in drawn}
    return [coloured(escape(text), colour) for text, colour in highlights.legend(kinds)]
