"""How a node looks: the attributes that DOT gives it.

A leaf is a blue box with corners, an operation a white one with round corners, a constant a grey
word and its number. An output has a thick border; what is highlighted has a border of its own kind
and a word (see `viz.content.highlights`). Numbers that are nan or infinite are red. A gradient of several
parts is shown with its sum: `grad 5`, and under it `= 6 - 1`.
"""

from __future__ import annotations

import math

from autograd import Value
from autograd.text.characters import readable
from autograd.text.columns import display_width, shorten
from viz.appearance import colours
from viz.appearance.colours import Colour
from viz.appearance.labels import TOOLTIP_LENGTH, escape, escape_tooltip
from viz.appearance.numbers import grad_texts
from viz.appearance.options import Look
from viz.content.highlights import COLOURS, MarkKind
from viz.content.plan import Plan, kind
from viz.content.symbolic import expression
from viz.selection.frames import split_name

_SYMBOL_SIZE = 15
_FORMULA = 32  # columns


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
    return f'<FONT COLOR="{colours.LETTERS.get(colour, colour).light}">{text}</FONT>'


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
        "output": v in plan.outputs,
        plan.highlight.kinds.get(v, ""): v in plan.highlight.kinds,
        "unset": v.op != "const" and not plan.state.has_grad(v),
    }
    return [mark for mark, holds in marks.items() if holds]


def _border(plan: Plan, v: Value) -> dict[str, str]:
    look = BOXES[kind(v)]
    if v in plan.highlight.kinds:
        return marked(look, plan.highlight.kinds[v])
    return look | ({"penwidth": "2"} if v in plan.outputs else {})


BOXES = {
    "leaf": {"style": "filled", "fillcolor": colours.LEAF.light, "color": colours.POSITIVE.light},
    "operation": {"fillcolor": colours.BOX.light, "color": colours.LINE.light},
    "constant": {
        "style": "filled,dashed",
        "fillcolor": colours.PAPER.light,
        "color": colours.FRAME_LINE.light,
    },
}
_TWOFOLD = {"penwidth": "3", "peripheries": "2", "margin": "0.1,0.07"}
_MARKS: dict[MarkKind, dict[str, str]] = {
    "marked": _TWOFOLD,
    "born": _TWOFOLD,
    "passed": {"penwidth": "2"},
    "stopped": {"penwidth": "2.5", "dashes": "dashed"},
    "kink": {"penwidth": "2.5", "dashes": "dashed"},
    "dead": {"penwidth": "2.5", "dashes": "dotted"},
    "share": {"penwidth": "3"},
}
"""The borders of what is highlighted."""


def marked(look: dict[str, str], mark: MarkKind) -> dict[str, str]:
    """How a node or a box looks that is highlighted."""
    border = {"color": COLOURS[mark].light} | _MARKS[mark]
    dashes = border.pop("dashes", "")
    line = {"style": f"{look.get('style', 'rounded,filled')},{dashes}"} if dashes else {}
    return look | border | line


def _table(plan: Plan, v: Value) -> str:
    """The label: a heading over the rows for data and grad."""
    look, said = plan.look, plan.highlight.words.get(v, "")
    rows = [badge(said, plan.highlight.kinds[v])] if said else []
    rows.append(heading(v, look))
    if look.forward or v.op == "const":
        rows.append(row("data", number(plan, plan.state.data(v))))
        rows += [_small(f"(was {plan.number(plan.stale[v])})")] if v in plan.stale else []
    if look.backward and v.op != "const":
        rows += _grad_rows(plan, v)
    return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(rows)}</TABLE>'


def badge(text: str, mark: MarkKind) -> str:
    """The line of a label that says why the node is highlighted."""
    word = coloured(f"<B>{escape(shorten(text, 32))}</B>", COLOURS[mark])
    return f'<TR><TD COLSPAN="2">{word}</TD></TR>'


def _grad_rows(plan: Plan, v: Value) -> list[str]:
    """The gradient, and under it the sum of contributions that it is, where that says more."""
    if texts := grad_texts(plan.state, v):
        grad, lines = escape(texts[0]), texts[1]
    else:
        parts = plan.sums.get(v)
        grad, lines = number(plan, grad_of(plan, v)), parts.lines(plan.number) if parts else []
    return [row("grad", grad), *(_small(line) for line in lines)]


def _small(text: str) -> str:
    text = coloured(escape(text), colours.MUTED)
    return f'<TR><TD COLSPAN="2" ALIGN="RIGHT">{text}</TD></TR>'


def row(key: str, text: str) -> str:
    """A line of a label: what it is, and the number."""
    key = f'<TD ALIGN="LEFT">{coloured(f"{key} ", colours.MUTED)}</TD>'
    return f'<TR>{key}<TD ALIGN="RIGHT">{text}</TD></TR>'


def heading(v: Value, look: Look | None = None) -> str:
    """The operation's symbol and the name; in a frame the name is what the frame does not say."""
    name = shorten(readable(split_name(v.name)[1] if v.name else ""))
    formula = expression(v, _FORMULA) if look and look.formulas else ""
    if formula:
        equals = f"<B>{escape(name)}</B> = " if name else ""
        return f'<TR><TD COLSPAN="2">{_centring(name + formula)}{equals}{escape(formula)}</TD></TR>'
    symbol = v._row.symbol if v._row is not None and v.op != "const" else ""
    words = [f"<B>{escape(name)}</B>"] if name else []
    if v.op == "const" or (v.op is None and not name):
        words.insert(0, coloured("const" if v.op else "leaf", colours.MUTED))
    elif symbol:
        words.insert(0, f'<FONT POINT-SIZE="{_SYMBOL_SIZE}"><B>{escape(symbol)}</B></FONT>')
    return f'<TR><TD COLSPAN="2">{_centring(symbol + name)}{" ".join(words)}</TD></TR>'


def _centring(text: str) -> str:
    """The spaces that centre a heading, of which the engine measures every byte as a letter."""
    return " " * min(len(text.encode()) - display_width(text), 4)


def number(plan: Plan, x: float | None) -> str:
    """A number as a label shows it; a dash for one that is not known."""
    text = escape(plan.number(x))
    if x is None:
        return coloured(text, colours.MUTED)
    return text if math.isfinite(x) else coloured(text, colours.BAD)


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


def stub(name: str, count: int) -> str:
    """The attributes of what stands for nodes that are not drawn."""
    return attributes(
        id=name,
        class_="more",
        style="rounded,dashed",
        color=colours.MUTED.light,
        tooltip=f"{count:,} more nodes are not drawn" if count > 1 else "1 more node is not drawn",
        label=f"… {count:,} more",
        fontcolor=colours.MUTED.light,
    )
