"""The look of an arrow: its numbers, colour, dashes and width.

Beside it are the local derivative (`∂ 3`) and, after a backward pass, the contribution to the
gradient of the operand (`+6`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from viz.appearance import colours
from viz.appearance.colours import Colour
from viz.appearance.options import Options
from viz.look.marks import MARKS
from viz.look.picture import USUAL_WIDTH, Dashes, Link, Span
from viz.snapshot.numbers import Sign, sign_of
from viz.snapshot.snapshot import ShownArrow, ShownNode, Snapshot

_WIDTHS = (0.8, 3.6)
_Carried: TypeAlias = tuple[Sign, str, list[Span], float | None]
"""The sign of what an arrow carries, the tooltip, the texts beside it, and its width."""

LOOKS: dict[Sign, tuple[Colour, Dashes]] = {
    "positive": (colours.POSITIVE, "solid"),
    "negative": (colours.NEGATIVE, "dashed"),
    "zero": (colours.MUTED, "solid"),
    "bad": (colours.BAD, "solid"),
    "none": (colours.MUTED, "dotted"),
    "mixed": (colours.LINE, "solid"),
}
"""The colour and the dashes of an arrow by its sign."""


def links(snapshot: Snapshot, joints: Mapping[int, str]) -> Iterator[Link]:
    """The arrows of a snapshot, some of which have a joint."""
    for i, arrow in enumerate(snapshot.arrows):
        carried = _several if arrow.count > 1 else _one
        sign, tooltip, lines, width = carried(arrow, snapshot.options, snapshot.largest)
        colour, dashes = LOOKS[sign]
        if arrow.mark:  # a wide line in another colour; the dashes still show the sign
            colour, width = MARKS[arrow.mark].colour, max(3.0, width or 0.0)
        ends, joint = (arrow.start.id, arrow.end.id), joints.get(i, "")
        yield Link(f"e{i}", *ends, tuple(lines), tooltip, colour, dashes, width, joint)


def _one(arrow: ShownArrow, options: Options, largest: float) -> _Carried:
    operand, result = arrow.operand.label, arrow.result.label
    if arrow.local is None:
        tooltip = f"no derivative flows to {operand}"
        if arrow.is_flowing:
            tooltip = f"∂{result}/∂{operand} – ({result} is not computed yet)"
        return arrow.sign(), tooltip, [], None
    tooltip = f"∂{result}/∂{operand} = {arrow.local!r}"
    if not options.backward:
        return "mixed", tooltip, [], None
    width = None
    if arrow.sent is not None:
        tooltip += f"\nbrings {arrow.sent.total!r} to the gradient of {operand}"
        width = _width(arrow.sent.total, largest)
    return arrow.sign(), tooltip, _texts(arrow, options, arrow.local), width


def _texts(arrow: ShownArrow, options: Options, local: float) -> list[Span]:
    number = options.number(local)
    text = f"∂ {number}"
    if arrow.symbols and arrow.symbols not in (number, number.replace("-", "−")):
        text = f"∂ {arrow.symbols} = {number}"
    return _with_contribution(text, arrow.sent.total if arrow.sent else None, options)


def _with_contribution(text: str, sent: float | None, options: Options) -> list[Span]:
    """A text, and the contribution below it in bold; nothing if arrows have no numbers."""
    if options.edges == "none":
        return []
    if sent is None or options.edges == "local":
        return [Span(text)]
    colour, _ = LOOKS[sign_of(sent)]
    return [Span(text, colours.MUTED), Span(options.signed(sent), colour, bold=True)]


def _several(arrow: ShownArrow, options: Options, largest: float) -> _Carried:
    if not arrow.is_bundle:
        start = arrow.operand.label
        return "mixed", f"{arrow.count:,} arrows from {start} to nodes that are not drawn", [], None
    sent, tooltip = arrow.sent, f"{arrow.count:,} edges"
    if sent:
        tooltip += f", which bring {options.number(sent.low)} to {options.number(sent.high)}"
    if sent and options.backward:  # the width of all together, and a colour if they have one sign
        sign, width = sent.sign, _width(sent.size, largest)
    else:
        sign = "mixed" if arrow.is_flowing else "none"
        width = USUAL_WIDTH + 0.4 * math.log10(arrow.count)
    return sign, tooltip, _bundle_texts(arrow, options), width


def _bundle_texts(arrow: ShownArrow, options: Options) -> list[Span]:
    """The number of edges, and their total contribution if they come from one node."""
    is_one = isinstance(arrow.start, ShownNode) and arrow.sent and options.backward
    total = arrow.sent.total if is_one and arrow.sent else None
    return _with_contribution(f"× {arrow.count:,}", total, options)


def _width(x: float, largest: float) -> float:
    """The width for a contribution; it grows with the square root, as the eye compares areas."""
    least, most = _WIDTHS
    if not math.isfinite(x):
        return most
    share = min(abs(x) / largest, 1.0) if largest else 0.0
    return least + (most - least) * math.sqrt(share)
