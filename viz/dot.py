"""From a plan to DOT text: the same bytes for the same graph.

Nodes are numbered as in the printed table (`n3` is its `v3`), edges in the order of their results.
User text enters through `labels.escape` alone, and only into labels and tooltips.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd import Value
from viz import style
from viz.boxes import TEXT_SIZE, arrow, attributes, coloured, node, shown, stub
from viz.ends import End, Fold, Stub
from viz.fold_boxes import fold
from viz.frames import Scope
from viz.labels import escape, escape_tooltip, readable, shorten
from viz.plan import Plan

_TITLE_SIZE = 14
# Where arrows are long, as from a weight that every step of a long recurrence uses, the layout
# would take minutes: from this reach on it gets fewer rounds, and arrows are straight.
_LONG_REACH = 1500
_COARSE = {"splines": "line", "nslimit": 0.1, "mclimit": 0.1}


def dot_text(plan: Plan, title: str | None, direction: str) -> str:
    """The DOT text of a plan.

    Args:
        plan: what to draw.
        title: a heading above the picture.
        direction: "LR" (left to right) or "TB" (top to bottom).
    """
    lines = [
        *_defaults(plan, direction),
        *_heading(title, plan.caption),
        *_frames(plan),
        *_links(plan),
    ]
    return "\n".join(["digraph chainrule {", *(f"  {line}" for line in lines), "}"]) + "\n"


def _defaults(plan: Plan, direction: str) -> list[str]:
    text = {"fontname": style.FONT, "fontsize": TEXT_SIZE, "fontcolor": style.INK.light}
    flat = direction == "LR"
    graph = attributes(
        id="graph", rankdir=direction, bgcolor=style.PAPER.light, pad=0.15,
        nodesep=0.15 if flat else 0.25, ranksep=0.3 if flat else 0.25,
        **text, **(_COARSE if plan.reach > _LONG_REACH else {}),
    )  # fmt: skip
    box = attributes(shape="box", style="rounded,filled", margin="0.06,0.03", **text)
    return [
        f"graph {graph}",
        f"node {box}",
        f"edge {attributes(arrowsize=0.6, penwidth=1.2, **text)}",
    ]


def _heading(title: str | None, caption: str) -> list[str]:
    lines = []
    if title:
        lines.append(f'<FONT POINT-SIZE="{_TITLE_SIZE}"><B>{shown(title, 80)}</B></FONT>')
    if caption:
        lines.append(coloured(escape(caption), style.MUTED))
    label = "<BR/>".join(lines)
    return [f"graph {attributes(label=f'<{label}>', labelloc='t')}"] if lines else []


def _frames(plan: Plan) -> Iterator[str]:
    """The nodes, each in its frames."""
    inside: dict[Scope, list[Value | Fold]] = {(): []}
    drawn: list[Value | Fold] = [*plan.selection.folds, *plan.shown]
    for v in drawn:
        scope = v.scope if isinstance(v, Fold) else plan.scopes[v]
        for depth in range(1, len(scope) + 1):  # an outer frame comes before its inner ones
            inside.setdefault(scope[:depth], [])
        inside[scope].append(v)
    number = {scope: i for i, scope in enumerate(inside)}
    nested: dict[Scope, list[Scope]] = {scope: [] for scope in inside}
    for scope in list(inside)[1:]:
        nested[scope[:-1]].append(scope)

    def lines(scope: Scope) -> Iterator[str]:  # as deep as frames.DEPTH at most
        margin = "  " * len(scope)
        for inner in nested[scope]:
            yield f"{margin}subgraph cluster_{number[inner]} {{"
            yield f"{margin}  graph {_frame(number[inner], inner)}"
            yield from lines(inner)
            yield f"{margin}}}"
        for v in inside[scope]:
            yield f"{margin}{_id(plan, v)} {_box(plan, v)}"

    return lines(())


def _box(plan: Plan, v: Value | Fold) -> str:
    return fold(plan, v, _id(plan, v)) if isinstance(v, Fold) else node(plan, v)


def _frame(number: int, scope: Scope) -> str:
    return attributes(
        id=f"f{number}",
        class_="frame",
        label=f"<{shown(scope[-1])}>",
        labeljust="l",
        labelloc="t",
        tooltip=escape_tooltip(shorten(readable(".".join(scope)), 200)),
        style="rounded,filled",
        fillcolor=(style.FRAME if len(scope) % 2 else style.INNER_FRAME).light,
        color=style.FRAME_LINE.light,
        fontcolor=style.MUTED.light,
        margin=6,
    )


def _links(plan: Plan) -> Iterator[str]:
    """The stubs for what is left out, then the arrows."""
    for end, count in plan.selection.stubs.items():
        name = _id(plan, end)
        yield f"{name} {stub(name, count)}"
    for i, link in enumerate(plan.selection.arrows):
        yield f"{_id(plan, link.start)} -> {_id(plan, link.end)} {arrow(plan, i, link)}"


def _id(plan: Plan, end: End) -> str:
    """What DOT calls a node, a box or a stub; stubs on both sides of a node have two names."""
    if isinstance(end, Fold):
        return f"box{plan.graph.index[end.nodes[0]]}"
    if not isinstance(end, Stub):
        return f"n{plan.graph.index[end]}"
    return f"{'then' if end.side == 'consumers' else 'more'}{plan.graph.index[end.at]}"
