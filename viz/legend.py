"""The legend: what colours, dashes, widths and borders say, as far as they occur in a picture."""

from __future__ import annotations

from collections.abc import Iterator

from viz import highlights, style
from viz.arrows import Sign, is_single, sign_of
from viz.boxes import coloured
from viz.ends import Arrow, Fold
from viz.labels import escape
from viz.plan import Plan
from viz.style import Colour

_GAP = "   "
_SIGNS: tuple[tuple[Sign, str, Colour], ...] = (
    ("positive", "—— positive", style.POSITIVE),
    ("negative", "- - negative", style.NEGATIVE),
    ("mixed", "—— of both signs", style.LINE),
    ("zero", "—— zero", style.MUTED),
    ("none", "··· none flows", style.MUTED),
)


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
    drawn = {sign_of(plan, arrow) for arrow in plan.selection.arrows if _is_told(arrow)}
    lines = [(text, colour) for sign, text, colour in _SIGNS if sign in drawn]
    if lines:
        brings = plan.look.contributions and plan.largest
        yield coloured("contribution:" if brings else "derivative:", style.MUTED)
    yield from (coloured(text, colour) for text, colour in lines)


def _is_told(arrow: Arrow) -> bool:
    """Whether an arrow is one edge, or leads from or to a box: not to what is left out."""
    return is_single(arrow) or isinstance(arrow.start, Fold) or isinstance(arrow.end, Fold)


def _numbers(plan: Plan) -> Iterator[str]:
    """What the numbers on arrows are, and what their width is."""
    if not plan.look.backward:
        return
    singles = [plan.flow(a.edges[0]) for a in plan.selection.arrows if is_single(a)]
    if any(f.local is not None for f in singles):
        yield coloured("∂ local derivative", style.MUTED)
    if plan.look.contributions and any(f.contribution is not None for f in singles):
        yield coloured("<B>bold</B> contribution: ∂ × grad of the result", style.MUTED)
    if plan.look.contributions and plan.largest:
        several = all(f.contribution is None for f in singles)
        yield coloured("wider: larger" + " contribution" * several, style.MUTED)


def _marks(plan: Plan) -> list[str]:
    """What the highlighted borders say."""
    drawn = {*plan.shown, *(v for box in plan.selection.folds for v in box.nodes)}
    kinds = {kind for v, kind in plan.highlight.kinds.items() if v in drawn}
    return [coloured(escape(text), colour) for text, colour in highlights.legend(kinds)]
