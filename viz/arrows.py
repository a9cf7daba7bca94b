"""How an arrow looks: local derivative and contribution as text, sign by colour and dash, width.

Each edge carries the local derivative (`∂ 3`) and, after a backward pass, what it brings to the
gradient of its operand (`+6`). Where that is positive the arrow is solid and blue, where negative
dashed and orange, where zero thin and grey; where no derivative flows it is dotted. The larger the
contribution, the wider the arrow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd import Edge, Value
from viz import style
from viz.boxes import attributes, coloured
from viz.ends import Arrow, Fold, Stub
from viz.flows import Flow
from viz.highlights import COLOURS
from viz.labels import escape, escape_tooltip
from viz.plan import Plan
from viz.style import Colour
from viz.symbolic import derivative_text

_BREAK = '<BR ALIGN="LEFT"/>'
_SPACE = '<FONT POINT-SIZE="4"> </FONT>'  # between the text and a wide arrow
_FORMULA = 24  # columns
_PLAIN_WIDTH = 1.2
_WIDTHS = (0.8, 3.6)


def arrow(plan: Plan, number: int, arrow: Arrow) -> str:
    """The attributes of an arrow: of the one edge that it is, or of the several it stands for."""
    tooltip, look = _edge(plan, arrow.edges[0]) if len(arrow.edges) == 1 else _edges(plan, arrow)
    if isinstance(arrow.end, Value):
        operand = arrow.edges[0].operand
        if plan.scopes[arrow.end] not in ((), plan.scopes.get(operand, ())):
            look["minlen"] = "2"  # room to bend on the way into a frame
    marks = plan.highlight.edges
    if marks and (kinds := [marks[e[1:]] for e in arrow.edges if e[1:] in marks]):
        look |= _highlighted(look, COLOURS[kinds[0]])
    if plan.look.view == "backward":
        look["dir"] = "back"  # gradients flow from results to operands
    return attributes(id=f"e{number}", tooltip=escape_tooltip(tooltip), **look)


def _highlighted(look: dict[str, str], colour: Colour) -> dict[str, str]:
    """A wide line in another colour: its dashes still tell the sign."""
    width = max(3.0, float(look.get("penwidth", 0.0)))
    return {"color": colour.light, "penwidth": f"{width:g}"}


def _edge(plan: Plan, edge: Edge) -> tuple[str, dict[str, str]]:
    """The tooltip of an edge, and how it looks."""
    operand, result = (f"v{plan.graph.index[v]}" for v in edge[:2])
    local, contribution = plan.flow(edge)
    if local is None:
        if plan.flows_nowhere(edge):
            tooltip = f"no derivative flows to {operand}"
            return tooltip, {"style": "dotted", "color": style.MUTED.light}
        tooltip = f"∂{result}/∂{operand} – ({result} is not computed yet)"
        return tooltip, {"color": style.LINE.light}
    tooltip = f"∂{result}/∂{operand} = {local!r}"
    if not plan.look.backward:
        return tooltip, {"color": style.LINE.light}
    if contribution is None or not plan.look.contributions:
        return tooltip, _signed(local) | {"label": _label(plan, edge, local, None)}
    tooltip += f"\nbrings {contribution!r} to the gradient of {operand}"
    look = _signed(contribution) | {"penwidth": f"{_width(plan, contribution):.2f}"}
    return tooltip, look | {"label": _label(plan, edge, local, contribution)}


def _label(plan: Plan, edge: Edge, local: float, contribution: float | None) -> str:
    """The local derivative, as a formula too where that is wanted, and under it what it brings."""
    text = f"∂ {plan.number(local)}"
    if plan.look.formulas:
        formula = derivative_text(edge.result, edge.slot, _FORMULA)
        if formula and formula not in (plan.number(local), plan.number(local).replace("-", "−")):
            text = f"∂ {formula} = {plan.number(local)}"
    if contribution is None:
        return escape(text)
    number = plan.number(contribution or 0.0)  # of a product, the sign of a zero tells nothing
    signed = f"+{number}" if contribution > 0 and number[0] != "+" else number
    brought = f"<B>{coloured(escape(signed), sign_colour(contribution))}</B>"
    return f"<{coloured(escape(text), style.MUTED)}{_BREAK}{brought}{_BREAK}{_SPACE}>"


def _edges(plan: Plan, arrow: Arrow) -> tuple[str, dict[str, str]]:
    """The same for an arrow that stands for several edges."""
    count = len(arrow.edges)
    if Fold not in (type(arrow.start), type(arrow.end)):
        operand = plan.graph.index[arrow.edges[0].operand]
        tooltip = f"{count:,} arrows from v{operand} to nodes that are not drawn"
        return tooltip, {"color": style.LINE.light}
    flows = [plan.flow(edge) for edge in arrow.edges]
    tooltip = f"{count:,} edges{_brought(plan, flows)}"
    return tooltip, _together(plan, flows) | {"label": f"× {count:,}"}


def _brought(plan: Plan, flows: Sequence[Flow]) -> str:
    brought = [f.contribution for f in flows if f.contribution is not None]
    if not brought:
        return ""
    return f", which bring {plan.number(min(brought))} to {plan.number(max(brought))}"


def _together(plan: Plan, flows: Sequence[Flow]) -> dict[str, str]:
    """How several edges look as one: as wide as all, with a colour if they have one sign."""
    brought = [f.contribution for f in flows if f.contribution is not None]
    if not (brought and plan.look.contributions and plan.look.backward):
        width = _PLAIN_WIDTH + 0.4 * math.log10(len(flows))
        return {"color": style.LINE.light, "penwidth": f"{width:.2f}"}
    width = _width(plan, sum(map(abs, brought)))
    signs = {(x > 0) - (x < 0) for x in brought if x}
    look = _signed(max(brought, key=abs)) if len(signs) < 2 else {"color": style.LINE.light}
    return look | {"penwidth": f"{width:.2f}"}


def _width(plan: Plan, x: float) -> float:
    """How wide the arrow of a contribution is: areas, not widths, are compared by the eye."""
    least, most = _WIDTHS
    if not math.isfinite(x):
        return most
    share = min(abs(x) / plan.largest, 1.0) if plan.largest else 0.0
    return least + (most - least) * math.sqrt(share)


def _signed(x: float) -> dict[str, str]:
    """The colour of a number, and dashes for one below zero."""
    look = {"color": sign_colour(x).light}
    return look | {"style": "dashed"} if x < 0 else look


def sign_colour(x: float) -> Colour:
    """Blue above zero, orange below, grey for zero, red for what is not finite."""
    if not math.isfinite(x):
        return style.BAD
    return style.MUTED if x == 0 else style.POSITIVE if x > 0 else style.NEGATIVE


def is_single(arrow: Arrow) -> bool:
    """Whether an arrow is one edge between two nodes that are drawn, or leads to a stub for one."""
    return len(arrow.edges) == 1 and not isinstance(arrow.end, Stub)
