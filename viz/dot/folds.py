"""How a box looks that stands for several nodes: its name, its formula, ranges of its numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance import colours
from viz.appearance.labels import escape, escape_tooltip
from viz.appearance.numbers import range_texts
from viz.content.formulas import formula
from viz.content.highlights import COLOURS, MarkKind
from viz.content.plan import Plan, kind
from viz.content.ranges import range_of
from viz.dot.nodes import BOXES, attributes, badge, coloured, grad_of, marked, number, row
from viz.selection.elements import Fold


def fold(plan: Plan, box: Fold, name: str) -> str:
    """The attributes of a box that stands for several nodes."""
    kinds = {kind(v) for v in box.nodes}
    look = BOXES[kinds.pop() if len(kinds) == 1 else "operation"]
    has_grads = any(v.op != "const" for v in box.outputs)
    mark, said = marks(plan, box)
    rows = [badge(said, mark)] if mark else []
    rows.append(_fold_heading(box))
    rows += [row("data", _data(plan, box))] if plan.look.forward else []
    rows += [row("grad", _grads(plan, box))] if has_grads and plan.look.backward else []
    table = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(rows)}</TABLE>'
    return attributes(
        id=name,
        class_=f"fold {box.kind}",
        tooltip=escape_tooltip(_fold_tooltip(plan, box)),
        **(marked(look, mark) if mark else look) | {"peripheries": "2"},
        label=f"<{table}>",
    )


def marks(plan: Plan, box: Fold) -> tuple[MarkKind | None, str]:
    """How the nodes in a box are highlighted: the first kind, and how many of them say what."""
    kinds, words = plan.highlight.kinds, plan.highlight.words
    found = Counter((kinds[v], words.get(v, "highlighted")) for v in box.nodes if v in kinds)
    if not found:
        return None, ""
    worth = list(COLOURS)  # what is most worth to know comes first
    first, *others = sorted(found, key=lambda mark: (worth.index(mark[0]), -found[mark]))
    said = [
        f"{found[mark]:,} × {mark[1]}" if found[mark] > 1 else mark[1]
        for mark in (first, *others[:1])
    ]
    return first[0], ", ".join(said + ["…"] * (len(others) > 1))


def _fold_heading(box: Fold) -> str:
    """The name, how often or how many, and the formula."""
    title = shorten(readable(box.title))
    words = [f"<B>{escape(title)}</B>"] if title else []
    words += [coloured(escape(f" {shape}"), colours.MUTED)] if (shape := _shape(box)) else []
    written = formula(box)
    lines = [" ".join(words)] * bool(words)
    lines += [coloured(escape(readable(written)), colours.LINE)] * bool(written)
    lines = lines or [coloured(f"{len(box.nodes):,} nodes", colours.MUTED)]
    return "".join(f'<TR><TD COLSPAN="2">{line}</TD></TR>' for line in lines)


def _shape(box: Fold) -> str:
    """How many copies a box stands for, how many items; of a layer how many numbers in and out."""
    if box.kind == "array":
        return f"[{len(box.nodes):,}]"
    if box.kind != "scope":
        return f"× {box.copies:,}" if box.copies > 1 else ""
    inside = set(box.nodes)
    operands = {p for v in box.nodes for p in v.parents if p not in inside}
    given = [p for p in operands if p.name or p.op != "const"]
    return f"{len(given):,} → {len(box.outputs):,}" if given else ""


def _fold_tooltip(plan: Plan, box: Fold) -> str:
    index = plan.graph.index
    first, last = index[box.nodes[0]], index[box.nodes[-1]]
    lines = [f"{len(box.nodes):,} nodes, from v{first} to v{last}"]
    lines += [f"{len(box.outputs):,} of them are used outside"] * (len(box.outputs) > 1)
    return "\n".join([*filter(None, [readable(".".join((*box.scope, box.title)))]), *lines])


def _data(plan: Plan, box: Fold) -> str:
    texts = range_texts(plan.state, box)
    return escape(texts[0]) if texts else _range(plan, [plan.state.data(v) for v in box.outputs])


def _grads(plan: Plan, box: Fold) -> str:
    texts = range_texts(plan.state, box)
    grads = (v for v in box.outputs if v.op != "const")
    return escape(texts[1]) if texts else _range(plan, [grad_of(plan, v) for v in grads])


def _range(plan: Plan, numbers: Sequence[float | None]) -> str:
    """One number, or the smallest and the largest of several and how they are spread."""
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
    """A small histogram of cells, which every engine and every font draws alike."""
    colour = f' BGCOLOR="{colours.LINE.light}"'
    cells = ""
    for share in heights:
        tall = max(1, round(share * (_TALLEST - 1)))
        above, bar = _CELL.format(_TALLEST - tall, ""), _CELL.format(tall, colour)
        cells += f"<TD>{_EMPTY.format(f'<TR>{above}</TR><TR>{bar}</TR>')}</TD>"
    return _EMPTY.replace('CELLSPACING="0"', 'CELLSPACING="1"').format(f"<TR>{cells}</TR>")


def spread(numbers: Sequence[float], bins: int = 6) -> list[float]:
    """How numbers are spread over their range: a bin's share of the fullest.

    >>> spread([0.0, 0.1, 0.1, 1.0], bins=3)
    [1.0, 0.0, 0.3333333333333333]
    """
    low, high = min(numbers), max(numbers)
    width = high / bins - low / bins  # halves, lest their difference overflow
    counts = [0] * bins
    for x in numbers:
        counts[min(int((x / bins - low / bins) / width * bins), bins - 1) if width else 0] += 1
    return [count / max(counts) for count in counts]
