"""The look of an arrow: its label, colour, dashes and width.

The label gives the local derivative (`∂ 3`) and, after a backward pass, the contribution to the
gradient of the operand (`+6`). An arrow with a positive contribution is solid and blue, with a
negative one dashed and orange, with zero thin and grey; it is dotted where no derivative flows. The
larger the contribution, the wider the arrow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

from autograd import Edge, Value
from viz.appearance import colours
from viz.appearance.colours import Colour
from viz.appearance.labels import escape, escape_tooltip
from viz.content.chain_rule import total
from viz.content.highlights import COLOURS
from viz.content.plan import Plan
from viz.content.symbolic import derivative_text
from viz.dot.nodes import attributes, coloured
from viz.selection.elements import FoldedBox, PictureArrow, Stub

_BREAK = '<BR ALIGN="LEFT"/>'
_SPACE = '<FONT POINT-SIZE="4"> </FONT>'  # between the text and a wide arrow
_FORMULA = 24  # columns
_PLAIN_WIDTH = 1.2
_WIDTHS = (0.8, 3.6)

Sign: TypeAlias = Literal["positive", "negative", "zero", "bad", "none", "mixed"]
_COLOURS: dict[Sign, Colour] = {
    "positive": colours.POSITIVE,
    "negative": colours.NEGATIVE,
    "zero": colours.MUTED,
    "bad": colours.BAD,
}


def arrow(plan: Plan, number: int, arrow: PictureArrow) -> str:
    """The attributes of an arrow, which stands for one edge or for several."""
    tooltip, look = _edge(plan, arrow.edges[0]) if len(arrow.edges) == 1 else _edges(plan, arrow)
    if isinstance(arrow.end, Value):
        operand = arrow.edges[0].operand
        if plan.scopes[arrow.end] not in ((), plan.scopes.get(operand, ())):
            look = look | {"minlen": "2"}  # leaves room to bend into a frame
    marks = plan.highlight.edges
    if marks and (kinds := [marks[e[1:]] for e in arrow.edges if e[1:] in marks]):
        look = look | _highlighted(look, COLOURS[kinds[0]])
    if plan.options.view == "backward":
        look = look | {"dir": "back"}  # gradients flow from results to operands
    return attributes(id=f"e{number}", tooltip=escape_tooltip(tooltip), **look)


def _highlighted(look: dict[str, str], colour: Colour) -> dict[str, str]:
    """A wide line in another colour; the dashes still show the sign."""
    width = max(3.0, float(look.get("penwidth", 0.0)))
    return {"color": colour.light, "penwidth": f"{width:g}"}


def _edge(plan: Plan, edge: Edge) -> tuple[str, dict[str, str]]:
    """The tooltip and the look of an arrow for one edge."""
    operand, result = (f"v{plan.graph.index[v]}" for v in edge[:2])
    local, contribution = plan.flow(edge)
    if local is None:
        if plan.flows_nowhere(edge):
            tooltip = f"no derivative flows to {operand}"
            return tooltip, LOOKS["none"]
        tooltip = f"∂{result}/∂{operand} – ({result} is not computed yet)"
        return tooltip, LOOKS["mixed"]
    tooltip = f"∂{result}/∂{operand} = {local!r}"
    if not plan.options.backward:
        return tooltip, LOOKS["mixed"]
    if contribution is None or not plan.options.contributions:
        return tooltip, LOOKS[_sign(local)] | {"label": _label(plan, edge, local, None)}
    tooltip += f"\nbrings {contribution!r} to the gradient of {operand}"
    look = LOOKS[_sign(contribution)] | {"penwidth": f"{_width(plan, contribution):.2f}"}
    return tooltip, look | {"label": _label(plan, edge, local, contribution)}


def _label(plan: Plan, edge: Edge, local: float, contribution: float | None) -> str:
    """The local derivative, also as a formula if asked for, and the contribution below it."""
    text = f"{plan.options.margin}∂ {plan.number(local)}"
    if plan.options.formulas:
        formula = derivative_text(edge.result, edge.slot, _FORMULA)
        if formula and formula not in (plan.number(local), plan.number(local).replace("-", "−")):
            text = f"{plan.options.margin}∂ {formula} = {plan.number(local)}"
    if contribution is None:
        return escape(text)
    return _two_lines(plan, text, contribution)


def _two_lines(plan: Plan, text: str, contribution: float) -> str:
    """A text with the contribution below it in bold."""
    signed = escape(plan.options.margin + plan.signed(contribution))
    bold = f"<B>{coloured(signed, _COLOURS[_sign(contribution)])}</B>"
    return f"<{coloured(escape(text), colours.MUTED)}{_BREAK}{bold}{_BREAK}{_SPACE}>"


def _edges(plan: Plan, arrow: PictureArrow) -> tuple[str, dict[str, str]]:
    """The tooltip and the look of an arrow for several edges."""
    count = len(arrow.edges)
    if FoldedBox not in (type(arrow.start), type(arrow.end)):
        operand = plan.graph.index[arrow.edges[0].operand]
        tooltip = f"{count:,} arrows from v{operand} to nodes that are not drawn"
        return tooltip, LOOKS["mixed"]
    contributions = _contributions(plan, arrow)
    tooltip = f"{count:,} edges"
    if contributions:
        tooltip += (
            f", which bring {plan.number(min(contributions))} to {plan.number(max(contributions))}"
        )
    if not (contributions and _shows_contributions(plan)):
        look = LOOKS["none" if sign_of(plan, arrow) == "none" else "mixed"]
        width = _PLAIN_WIDTH + 0.4 * math.log10(count)
    else:  # the width of all together, and a colour if they have one sign
        look, width = LOOKS[sign_of(plan, arrow)], _width(plan, total(map(abs, contributions)))
    return tooltip, look | {"penwidth": f"{width:.2f}", "label": _many(plan, arrow, contributions)}


def _contributions(plan: Plan, arrow: PictureArrow) -> list[float]:
    """The contributions of an arrow that are known."""
    flows = (plan.flow(edge).contribution for edge in arrow.edges)
    return [x for x in flows if x is not None]


def _many(plan: Plan, arrow: PictureArrow, contributions: Sequence[float]) -> str:
    """The number of edges, and their total contribution if they come from one node."""
    text = f"{plan.options.margin}× {len(arrow.edges):,}"
    if isinstance(arrow.start, FoldedBox) or not (contributions and _shows_contributions(plan)):
        return text
    return _two_lines(plan, text, total(contributions))


def _shows_contributions(plan: Plan) -> bool:
    return plan.options.contributions and plan.options.backward


LOOKS: dict[Sign, dict[str, str]] = {
    "positive": {"color": colours.POSITIVE.light},
    "negative": {"color": colours.NEGATIVE.light, "style": "dashed"},
    "zero": {"color": colours.MUTED.light},
    "bad": {"color": colours.BAD.light},
    "none": {"color": colours.MUTED.light, "style": "dotted"},
    "mixed": {"color": colours.LINE.light},
}
"""The look of an arrow by its sign."""


def sign_of(plan: Plan, arrow: PictureArrow) -> Sign:
    """The sign of the contributions if shown and known, else of an only edge's derivative.

    It is "mixed" if the edges differ in sign, and if nothing is known of them.
    """
    numbers = _contributions(plan, arrow) if _shows_contributions(plan) else []
    if not numbers and len(arrow.edges) == 1:
        numbers = [x for x in [plan.flow(arrow.edges[0]).local] if x is not None]
    if not numbers:
        nowhere = all(plan.flows_nowhere(edge) for edge in arrow.edges)
        return "none" if nowhere else "mixed"
    signs = {_sign(x) for x in numbers}
    signs -= {"zero"} if len(signs) > 1 else set()
    return signs.pop() if len(signs) == 1 else "mixed"


def _sign(x: float) -> Sign:
    if not math.isfinite(x):
        return "bad"
    return "zero" if x == 0 else "positive" if x > 0 else "negative"


def _width(plan: Plan, x: float) -> float:
    """The width for a contribution; it grows with the square root, as the eye compares areas."""
    least, most = _WIDTHS
    if not math.isfinite(x):
        return most
    share = min(abs(x) / plan.largest, 1.0) if plan.largest else 0.0
    return least + (most - least) * math.sqrt(share)


def is_single(arrow: PictureArrow) -> bool:
    """True if an arrow stands for one edge and does not lead to a stub."""
    return len(arrow.edges) == 1 and not isinstance(arrow.end, Stub)
