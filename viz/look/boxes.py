"""The look of a box for several nodes: its name, its formula, and the ranges of its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance import colours
from viz.appearance.options import Options
from viz.look.marks import badge, marked
from viz.look.nodes import BORDERS, number
from viz.look.picture import Card, Line, Span, joined
from viz.snapshot.ranges import range_of, spread
from viz.snapshot.snapshot import ShownBox


def box_card(box: ShownBox, options: Options) -> Card:
    """The card of a box that stands for several nodes."""
    border = BORDERS[next(iter(box.holds)) if len(box.holds) == 1 else "operation"]
    lines = [badge(box.mark)] if box.mark else []
    lines += _heading(box)
    lines += [_range("data", options, box.data)] if options.forward else []
    lines += [_range("grad", options, box.grads)] if box.grads and options.backward else []
    border = replace(marked(border, box.mark.kind) if box.mark else border, double=True)
    kinds = ("fold", box.kind)
    return Card(box.id, kinds, box.scope, box.place, tuple(lines), border, _tooltip(box))


def _heading(box: ShownBox) -> list[Line]:
    title = shorten(readable(box.title))
    words = [Span(title, bold=True)] if title else []
    words += [Span(f"  {shape}", colours.MUTED)] if (shape := _shape(box)) else []
    lines = [tuple(words)] if words else []
    lines += [(Span(readable(box.formula), colours.LINE),)] if box.formula else []
    lines = lines or [(Span(f"{len(box.nodes):,} nodes", colours.MUTED),)]
    return [Line("heading", line) for line in lines]


def _shape(box: ShownBox) -> str:
    """The number of items of an array, of inputs and outputs of a scope, or of copies."""
    if box.kind == "array":
        return f"[{len(box.nodes):,}]"
    if box.kind != "scope":
        return f"× {box.copies:,}" if box.copies > 1 else ""
    return f"{box.inputs:,} → {len(box.outputs):,}" if box.inputs else ""


def _tooltip(box: ShownBox) -> str:
    name = readable(".".join((*box.scope, box.title)))
    lines = [name] if name else []
    lines.append(f"{len(box.nodes):,} nodes, from v{box.nodes[0]} to v{box.nodes[-1]}")
    if len(box.outputs) > 1:
        lines.append(f"{len(box.outputs):,} of them are used outside")
    return "\n".join(lines)


def _range(key: Literal["data", "grad"], options: Options, numbers: Sequence[float | None]) -> Line:
    """One number, or the range of several with a small histogram."""
    known = [x for x in numbers if x is not None]
    if len(known) < 2:
        return Line(key, (number(options, known[0] if known else None),), key)
    shown = range_of(known)
    spans = [Span(f"{shown.bad:,} not finite", colours.BAD)] if shown.bad else []
    good = shown._replace(bad=0).text(options.number)
    spans += [Span(good)] if good else []
    bars = spread(list(filter(math.isfinite, known))) if shown.low != shown.high else ()
    return Line(key, joined([[span] for span in spans], " "), key, tuple(bars))
