"""How one node and one edge look: the attributes that DOT gives them.

A leaf is a blue box with corners, an operation a white one with round corners, a constant a grey
word and its number. An output has a thick border, a node that is highlighted a thicker one, twofold
and purple. Numbers that are nan or infinite are red.
"""

from __future__ import annotations

import math

from autograd import Edge, Value, partials
from viz import style
from viz.ends import Arrow, Fold
from viz.frames import split_name
from viz.labels import TOOLTIP_LENGTH, cells, escape, escape_tooltip, readable, shorten
from viz.plan import Plan, kind
from viz.style import Colour

TEXT_SIZE = 11
_SYMBOL_SIZE = 15


def attributes(**values: object) -> str:
    """Attributes as DOT writes them; what stands in <> is HTML-like, the rest is quoted.

    >>> attributes(shape="box", label="<<B>x</B>>", class_="leaf")
    '[shape="box", label=<<B>x</B>>, class="leaf"]'
    """
    return f"[{', '.join(_attribute(k.rstrip('_'), str(x)) for k, x in values.items())}]"


def _attribute(key: str, text: str) -> str:
    return f"{key}={text}" if text[:1] == "<" else f'{key}="{text}"'


def shown(text: str, limit: int = 24) -> str:
    """User text as it may stand in a label."""
    return escape(shorten(readable(text), limit))


def coloured(text: str, colour: Colour) -> str:
    """A piece of an HTML-like label in a colour."""
    return f'<FONT COLOR="{colour.light}">{text}</FONT>'


def node(plan: Plan, v: Value) -> str:
    """The attributes of a node."""
    what = kind(v)
    return attributes(
        id=f"n{plan.graph.index[v]}",
        class_=" ".join([what, *_marks(plan, v)]),
        tooltip=_node_tooltip(plan, v),
        **_border(plan, v),
        label=f"<{_table(plan, v)}>",
    )


def _marks(plan: Plan, v: Value) -> list[str]:
    """What is special about a node, in the words of the SVG's classes."""
    marks = {
        "output": v in plan.graph.outputs,
        "marked": v in plan.marked,
        "unset": v.op != "const" and not plan.state.has_grad(v),
    }
    return [mark for mark, holds in marks.items() if holds]


def _border(plan: Plan, v: Value) -> dict[str, str]:
    if v in plan.marked:
        return BOXES[kind(v)] | _MARKED
    return BOXES[kind(v)] | ({"penwidth": "2"} if v in plan.graph.outputs else {})


BOXES = {
    "leaf": {"style": "filled", "fillcolor": style.LEAF.light, "color": style.POSITIVE.light},
    "operation": {"fillcolor": style.BOX.light, "color": style.LINE.light},
    "constant": {
        "style": "filled,dashed",
        "fillcolor": style.PAPER.light,
        "color": style.FRAME_LINE.light,
    },
}
_MARKED = {"color": style.MARK.light, "penwidth": "3", "peripheries": "2", "margin": "0.1,0.07"}


def _table(plan: Plan, v: Value) -> str:
    """The label: a heading over the rows for data and grad."""
    rows = [heading(v), row("data", number(plan, plan.state.data(v)))]
    if v.op != "const":
        rows.append(row("grad", number(plan, grad_of(plan, v))))
    return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(rows)}</TABLE>'


def row(key: str, text: str) -> str:
    """A line of a label: what it is, and the number."""
    key = f'<TD ALIGN="LEFT">{coloured(f"{key} ", style.MUTED)}</TD>'
    return f'<TR>{key}<TD ALIGN="RIGHT">{text}</TD></TR>'


def heading(v: Value) -> str:
    """The operation's symbol and the name; in a frame the name is what the frame does not say."""
    name = shorten(readable(split_name(v.name)[1] if v.name else ""))
    symbol = v._row.symbol if v._row is not None and v.op != "const" else ""
    words = [f"<B>{escape(name)}</B>"] if name else []
    if v.op == "const" or (v.op is None and not name):
        words.insert(0, coloured("const" if v.op else "leaf", style.MUTED))
    elif symbol:
        words.insert(0, f'<FONT POINT-SIZE="{_SYMBOL_SIZE}"><B>{escape(symbol)}</B></FONT>')
    return f'<TR><TD COLSPAN="2">{_centring(symbol + name)}{" ".join(words)}</TD></TR>'


def _centring(text: str) -> str:
    """The spaces that centre a heading, of which the engine measures every byte as a letter."""
    return " " * min(len(text.encode()) - cells(text), 4)


def number(plan: Plan, x: float | None) -> str:
    """A number as a label shows it; a dash for one that is not known."""
    text = escape(plan.number(x))
    if x is None:
        return coloured(text, style.MUTED)
    return text if math.isfinite(x) else coloured(text, style.BAD)


def grad_of(plan: Plan, v: Value) -> float | None:
    """The gradient of a node; None where none has come."""
    return plan.state.grad(v) if plan.state.has_grad(v) else None


def _node_tooltip(plan: Plan, v: Value) -> str:
    """The numbers in full, the name in full, and the operation as the printed table has it."""
    lines = [f"v{plan.graph.index[v]} = {plan.graph.formula(v)}"]
    lines += [f"name {_long(v.name)}"] if v.name else []
    data, grad = plan.state.data(v), grad_of(plan, v)
    lines += ["data – (not computed yet)" if data is None else f"data {data!r}"]
    if v.op != "const":
        lines += ["grad – (no backward pass has come here)" if grad is None else f"grad {grad!r}"]
    return escape_tooltip("\n".join(lines))


def _long(name: str) -> str:
    text = readable(name[: TOOLTIP_LENGTH + 1])
    return text if len(text) <= TOOLTIP_LENGTH else text[:TOOLTIP_LENGTH] + "…"


def arrow(plan: Plan, number: int, arrow: Arrow) -> str:
    """The attributes of an arrow: of the one edge that it is, or of the several it stands for."""
    tooltip, look = _edge(plan, arrow.edges[0]) if len(arrow.edges) == 1 else _edges(plan, arrow)
    if isinstance(arrow.end, Value):
        operand = arrow.edges[0].operand
        if plan.scopes[arrow.end] not in ((), plan.scopes.get(operand, ())):
            look["minlen"] = "2"  # room to bend on the way into a frame
    return attributes(id=f"e{number}", tooltip=escape_tooltip(tooltip), **look)


def _edge(plan: Plan, edge: Edge) -> tuple[str, dict[str, str]]:
    """The tooltip of an edge, and how it looks."""
    operand, result = (f"v{plan.graph.index[v]}" for v in edge[:2])
    partial = partials(edge.result)[edge.slot]
    if partial is None:
        tooltip = f"no derivative flows to {operand}"
        return tooltip, {"style": "dashed", "color": style.MUTED.light}
    if plan.state.data(edge.result) is None:
        tooltip = f"∂{result}/∂{operand} – ({result} is not computed yet)"
        return tooltip, {"color": style.LINE.light}
    tooltip = f"∂{result}/∂{operand} = {partial!r}"
    return tooltip, {"color": _sign(partial).light, "label": escape(f"∂ {plan.number(partial)}")}


def _edges(plan: Plan, arrow: Arrow) -> tuple[str, dict[str, str]]:
    """The same for an arrow that stands for several edges, all of one operand."""
    count = len(arrow.edges)
    if Fold in (type(arrow.start), type(arrow.end)):
        width = {"penwidth": f"{1.2 + 0.4 * math.log10(count):.2f}"}
        return f"{count:,} edges", {"color": style.LINE.light, "label": f"× {count:,}", **width}
    operand = plan.graph.index[arrow.edges[0].operand]
    tooltip = f"{count:,} arrows from v{operand} to nodes that are not drawn"
    return tooltip, {"color": style.LINE.light}


def _sign(x: float) -> Colour:
    if not math.isfinite(x):
        return style.BAD
    return style.MUTED if x == 0 else style.POSITIVE if x > 0 else style.NEGATIVE


def stub(name: str, count: int) -> str:
    """The attributes of what stands for nodes that are not drawn."""
    return attributes(
        id=name,
        class_="more",
        style="rounded,dashed",
        color=style.MUTED.light,
        tooltip=f"{count:,} more nodes are not drawn" if count > 1 else "1 more node is not drawn",
        label=f"… {count:,} more",
        fontcolor=style.MUTED.light,
    )
