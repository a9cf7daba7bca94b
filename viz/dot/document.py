"""The DOT text of a plan: the same bytes for the same graph.

Nodes are numbered as in the printed table (`n3` is its `v3`), edges in the order of their results.
User text appears only in labels and tooltips, always escaped by `viz.appearance.labels`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autograd import Value
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance import colours
from viz.appearance.labels import escape, escape_tooltip
from viz.content.plan import Plan
from viz.dot.arrows import arrow
from viz.dot.folds import fold
from viz.dot.legend import legend
from viz.dot.nodes import attributes, coloured, node, shown, stub
from viz.selection.elements import ArrowEnd, FoldedBox, Stub
from viz.selection.frames import Scope
from viz.selection.size import Size

_TITLE_SIZE = 14
_LEGEND_SIZE = 10
# With long arrows, as from a weight that every step of a long recurrence uses, `dot` would take
# minutes: from this reach on it makes fewer rounds, and arrows are straight.
_LONG_REACH = 1500
_FEWER_ROUNDS = {"splines": "line", "nslimit": "0.1", "mclimit": "0.1"}


def dot_text(plan: Plan, title: str | None, direction: str, ranksep: float | None = None) -> str:
    """The DOT text of a plan.

    Args:
        plan: what to draw.
        title: a heading above the picture.
        direction: "LR" (left to right) or "TB" (top to bottom).
        ranksep: the least distance between ranks, in inches.
    """
    lines = [
        *defaults(direction, plan.size, ranksep),
        *heading(title, _under_title(plan)),
        *_frames(plan),
        *_links(plan),
    ]
    return "\n".join(["digraph chainrule {", *(f"  {line}" for line in lines), "}"]) + "\n"


def _under_title(plan: Plan) -> list[str]:
    """The caption, and the legend in small letters."""
    caption = [coloured(escape(plan.caption), colours.MUTED)] if plan.caption else []
    small = [f'<FONT POINT-SIZE="{_LEGEND_SIZE}">{line}</FONT>' for line in legend(plan)]
    return caption + small


def defaults(direction: str, size: Size, ranksep: float | None = None) -> list[str]:
    """The attributes of the whole picture.

    Args:
        direction: "LR" (left to right) or "TB" (top to bottom).
        size: the size of the picture; where arrows are long, `dot` makes fewer rounds.
        ranksep: the least distance between ranks, in inches; None for the default.
    """
    text = {"fontname": colours.FONT, "fontsize": colours.TEXT_SIZE, "fontcolor": colours.INK.light}
    flat = direction == "LR"
    room = {"nodesep": 0.15 if flat else 0.25, "ranksep": ranksep or (0.3 if flat else 0.25)}
    look = {"id": "graph", "rankdir": direction, "bgcolor": colours.PAPER.light, "pad": 0.15}
    rounds = _FEWER_ROUNDS if size.reach > _LONG_REACH else {}
    graph = attributes(**look, **room, **text, **rounds)
    box = attributes(shape="box", style="rounded,filled", margin="0.06,0.03", **text)
    return [
        f"graph {graph}",
        f"node {box}",
        f"edge {attributes(arrowsize=0.6, penwidth=1.2, **text)}",
    ]


def heading(title: str | None, caption: Sequence[str]) -> list[str]:
    """The title, and below it lines that are already escaped."""
    head = [f'<FONT POINT-SIZE="{_TITLE_SIZE}"><B>{shown(title, 80)}</B></FONT>'] if title else []
    label = "<BR/>".join([*head, *caption])
    return [f"graph {attributes(label=f'<{label}>', labelloc='t')}"] if label else []


def _frames(plan: Plan) -> Iterator[str]:
    """The lines of the boxes and nodes in their frames."""
    return framed((scope, f"{end_id(plan, v)} {_box(plan, v)}") for v, scope in drawn(plan).items())


def drawn(plan: Plan) -> dict[Value | FoldedBox, Scope]:
    """The scope of each box and node, in the order of the DOT text."""
    folds: dict[Value | FoldedBox, Scope] = {box: box.scope for box in plan.selection.folds}
    return folds | {v: plan.scopes[v] for v in plan.shown}


def framed(nodes: Iterable[tuple[Scope, str]]) -> Iterator[str]:
    """The lines of a picture with its nodes in frames.

    Args:
        nodes: the scope and the line of each node.
    """
    nodes = list(nodes)
    number = frame_numbers(scope for scope, _ in nodes)
    inside: dict[Scope, list[str]] = {scope: [] for scope in number}
    for scope, line in nodes:
        inside[scope].append(line)
    nested: dict[Scope, list[Scope]] = {scope: [] for scope in inside}
    for scope in list(inside)[1:]:
        nested[scope[:-1]].append(scope)

    def lines(scope: Scope) -> Iterator[str]:  # recursion is at most frames.DEPTH deep
        margin = "  " * len(scope)
        for inner in nested[scope]:
            yield f"{margin}subgraph cluster_{number[inner]} {{"
            yield f"{margin}  graph {_frame(number[inner], inner)}"
            yield from lines(inner)
            yield f"{margin}}}"
        yield from (f"{margin}{line}" for line in inside[scope])

    return lines(())


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


def _box(plan: Plan, v: Value | FoldedBox) -> str:
    return fold(plan, v, end_id(plan, v)) if isinstance(v, FoldedBox) else node(plan, v)


def _frame(number: int, scope: Scope) -> str:
    return attributes(
        id=f"f{number}",
        class_="frame",
        label=f"<{shown(scope[-1])}>",
        labeljust="l",
        labelloc="t",
        tooltip=escape_tooltip(shorten(readable(".".join(scope)), 200)),
        style="rounded,filled",
        fillcolor=(colours.FRAME if len(scope) % 2 else colours.INNER_FRAME).light,
        color=colours.FRAME_LINE.light,
        fontcolor=colours.MUTED.light,
        margin=6,
    )


def _links(plan: Plan) -> Iterator[str]:
    """The lines of the stubs, then of the arrows."""
    for end, count in plan.selection.stubs.items():
        name = end_id(plan, end)
        yield f"{name} {stub(name, count)}"
    for i, link in enumerate(plan.selection.arrows):
        yield f"{end_id(plan, link.start)} -> {end_id(plan, link.end)} {arrow(plan, i, link)}"


def end_id(plan: Plan, end: ArrowEnd) -> str:
    """The DOT identifier of a node, a box or a stub; it depends on the side of a stub."""
    if isinstance(end, FoldedBox):
        return f"box{plan.graph.index[end.nodes[0]]}"
    if not isinstance(end, Stub):
        return f"n{plan.graph.index[end]}"
    return f"{'then' if end.side == 'consumers' else 'more'}{plan.graph.index[end.at]}"
