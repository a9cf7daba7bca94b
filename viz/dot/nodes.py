"""The look of a node, as DOT attributes.

A leaf is a blue box with sharp corners, an operation a white one with round corners, a constant a
grey word with its number. An output has a thick border. A highlighted node has a special border and
a word (see `viz.content.highlights`). Numbers that are nan or infinite are red. Below a gradient of
several contributions is their sum: `grad 5`, and below it `= 6 - 1`.
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
from viz.appearance.options import PictureOptions
from viz.content.highlights import COLOURS, MarkKind
from viz.content.plan import Plan, kind
from viz.content.symbolic import expression
from viz.selection.frames import split_name

_SYMBOL_SIZE = 15
_FORMULA = 32  # columns


def attributes(**values: object) -> str:
    """Attributes in DOT syntax; values in <> are HTML-like and stay as they are, others are quoted.

    >>> attributes(shape="box", label="<<B>x</B>>", class_="leaf")
    '[shape="box", label=<<B>x</B>>, class="leaf"]'
    """
    return f"[{', '.join(_attribute(k.rstrip('_'), str(x)) for k, x in values.items())}]"


def _attribute(key: str, text: str) -> str:
    return f"{key}={text}" if text[:1] == "<" else f'{key}="{text}"'


def shown(text: str, limit: int = 24) -> str:
    """User text, shortened and escaped for a label."""
    return escape(shorten(readable(text), limit))


def coloured(text: str, colour: Colour) -> str:
    """A piece of an HTML-like label in a colour."""
    return f'<FONT COLOR="{colours.LETTERS.get(colour, colour).light}">{text}</FONT>'


def node(plan: Plan, v: Value) -> str:
    """The attributes of a node."""
    return attributes(
        id=f"n{plan.graph.index[v]}",
        class_=" ".join([kind(v), *_marks(plan, v)]),
        tooltip=_node_tooltip(plan, v),
        **_border(plan, v),
        label=f"<{_table(plan, v)}>",
    )


def _marks(plan: Plan, v: Value) -> list[str]:
    """Further classes of a node in the SVG."""
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
"""The borders of highlighted nodes."""


def marked(look: dict[str, str], mark: MarkKind) -> dict[str, str]:
    """The look of a highlighted node or box."""
    border = {"color": COLOURS[mark].light} | _MARKS[mark]
    dashes = border.pop("dashes", "")
    line = {"style": f"{look.get('style', 'rounded,filled')},{dashes}"} if dashes else {}
    return look | border | line


def _table(plan: Plan, v: Value) -> str:
    """The label: a heading above the rows for data and grad."""
    options, word = plan.options, plan.highlight.words.get(v, "")
    rows = [badge(word, plan.highlight.kinds[v])] if word else []
    rows.append(heading(v, options))
    if options.forward or v.op == "const":
        rows.append(row("data", number(plan, plan.state.data(v))))
        rows += [_small(f"(was {plan.number(plan.stale[v])})")] if v in plan.stale else []
    if options.backward and v.op != "const":
        rows += _grad_rows(plan, v)
    return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(rows)}</TABLE>'


def badge(text: str, mark: MarkKind) -> str:
    """The line of a label that gives the reason for a highlight."""
    word = coloured(f"<B>{escape(shorten(text, 32))}</B>", COLOURS[mark])
    return f'<TR><TD COLSPAN="2">{word}</TD></TR>'


def _grad_rows(plan: Plan, v: Value) -> list[str]:
    """The gradient, and below it the contributions that it is the sum of, if there are several."""
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
    """A line of a label with a key and a number."""
    key = f'<TD ALIGN="LEFT">{coloured(f"{key} ", colours.MUTED)}</TD>'
    return f'<TR>{key}<TD ALIGN="RIGHT">{text}</TD></TR>'


def heading(v: Value, options: PictureOptions | None = None) -> str:
    """The symbol of the operation and the name, without the part that the frames show."""
    name = shorten(readable(split_name(v.name)[1] if v.name else ""))
    formula = expression(v, _FORMULA) if options and options.formulas else ""
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
    """Spaces that centre a heading, as the engine measures every byte as a letter."""
    return " " * min(len(text.encode()) - display_width(text), 4)


def number(plan: Plan, x: float | None) -> str:
    """A number formatted for a label; a dash if it is not known."""
    text = escape(plan.number(x))
    if x is None:
        return coloured(text, colours.MUTED)
    return text if math.isfinite(x) else coloured(text, colours.BAD)


def grad_of(plan: Plan, v: Value) -> float | None:
    """The gradient of a node; None if no pass has reached it."""
    return plan.state.grad(v) if plan.state.has_grad(v) else None


def _node_tooltip(plan: Plan, v: Value) -> str:
    """The full numbers, the full name, and the operation as in the printed table."""
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
    """The attributes of a stub, which stands for nodes that are not drawn."""
    return attributes(
        id=name,
        class_="more",
        style="rounded,dashed",
        color=colours.MUTED.light,
        tooltip=f"{count:,} more nodes are not drawn" if count > 1 else "1 more node is not drawn",
        label=f"… {count:,} more",
        fontcolor=colours.MUTED.light,
    )
