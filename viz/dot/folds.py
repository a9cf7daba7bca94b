"""The look of a box for several nodes: its name, its formula, and the ranges of its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance import colours
from viz.appearance.labels import escape, escape_tooltip
from viz.appearance.numbers import range_texts
from viz.content.formulas import formula
from viz.content.plan import Plan, kind
from viz.content.ranges import range_of, spread
from viz.dot.nodes import BOXES, attributes, badge, coloured, grad_of, marked, number, row
from viz.selection.elements import FoldedBox


def fold(plan: Plan, box: FoldedBox, name: str) -> str:
    """The attributes of a box that stands for several nodes."""
    kinds = {kind(v) for v in box.nodes}
    look = BOXES[kinds.pop() if len(kinds) == 1 else "operation"]
    has_grads = any(v.op != "const" for v in box.outputs)
    mark, said = plan.highlight.of_nodes(box.nodes)
    rows = [badge(said, mark)] if mark else []
    rows.append(_fold_heading(box))
    rows += [row("data", _data(plan, box))] if plan.options.forward else []
    rows += [row("grad", _grads(plan, box))] if has_grads and plan.options.backward else []
    table = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(rows)}</TABLE>'
    return attributes(
        id=name,
        class_=f"fold {box.kind}",
        tooltip=escape_tooltip(_fold_tooltip(plan, box)),
        **(marked(look, mark) if mark else look) | {"peripheries": "2"},
        label=f"<{table}>",
    )


def _fold_heading(box: FoldedBox) -> str:
    """The name, the shape and the formula of a box."""
    title = shorten(readable(box.title))
    words = [f"<B>{escape(title)}</B>"] if title else []
    words += [coloured(escape(f" {shape}"), colours.MUTED)] if (shape := _shape(box)) else []
    written = formula(box)
    lines = [" ".join(words)] if words else []
    lines += [coloured(escape(readable(written)), colours.LINE)] if written else []
    lines = lines or [coloured(f"{len(box.nodes):,} nodes", colours.MUTED)]
    return "".join(f'<TR><TD COLSPAN="2">{line}</TD></TR>' for line in lines)


def _shape(box: FoldedBox) -> str:
    """The number of items of an array, of inputs and outputs of a scope, or of copies."""
    if box.kind == "array":
        return f"[{len(box.nodes):,}]"
    if box.kind != "scope":
        return f"× {box.copies:,}" if box.copies > 1 else ""
    inside = set(box.nodes)
    operands = {p for v in box.nodes for p in v.parents if p not in inside}
    given = [p for p in operands if p.name or p.op != "const"]
    return f"{len(given):,} → {len(box.outputs):,}" if given else ""


def _fold_tooltip(plan: Plan, box: FoldedBox) -> str:
    index = plan.graph.index
    first, last = index[box.nodes[0]], index[box.nodes[-1]]
    name = readable(".".join((*box.scope, box.title)))
    lines = [name] if name else []
    lines.append(f"{len(box.nodes):,} nodes, from v{first} to v{last}")
    if len(box.outputs) > 1:
        lines.append(f"{len(box.outputs):,} of them are used outside")
    return "\n".join(lines)


def _data(plan: Plan, box: FoldedBox) -> str:
    texts = range_texts(plan.state, box)
    return escape(texts[0]) if texts else _range(plan, [plan.state.data(v) for v in box.outputs])


def _grads(plan: Plan, box: FoldedBox) -> str:
    texts = range_texts(plan.state, box)
    grads = (v for v in box.outputs if v.op != "const")
    return escape(texts[1]) if texts else _range(plan, [grad_of(plan, v) for v in grads])


def _range(plan: Plan, numbers: Sequence[float | None]) -> str:
    """One number, or the range of several with a small histogram."""
    known = [x for x in numbers if x is not None]
    if len(known) < 2:
        return number(plan, known[0] if known else None)
    shown = range_of(known)
    good = escape(shown._replace(bad=0).text(plan.number))
    bad = coloured(f"{shown.bad:,} not finite", colours.BAD) if shown.bad else ""
    parts = [text for text in (bad, good) if text]
    bars = _bars(spread(list(filter(math.isfinite, known)))) if shown.low != shown.high else ""
    text = f'<TD ALIGN="RIGHT">{" ".join(parts)}</TD>'
    return _TABLE.format(f"{text}<TD>{bars}</TD>") if bars else " ".join(parts)


_TABLE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2"><TR>{}</TR></TABLE>'
_EMPTY = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{}</TABLE>'
_CELL = '<TD WIDTH="4" HEIGHT="{}" FIXEDSIZE="TRUE"{}></TD>'
_TALLEST = 10


def _bars(heights: Sequence[float]) -> str:
    """A small histogram made of table cells, which looks the same with every engine and font."""
    colour = f' BGCOLOR="{colours.LINE.light}"'
    cells = ""
    for share in heights:
        tall = max(1, round(share * (_TALLEST - 1)))
        above, bar = _CELL.format(_TALLEST - tall, ""), _CELL.format(tall, colour)
        cells += f"<TD>{_EMPTY.format(f'<TR>{above}</TR><TR>{bar}</TR>')}</TD>"
    return _EMPTY.replace('CELLSPACING="0"', 'CELLSPACING="1"').format(f"<TR>{cells}</TR>")
