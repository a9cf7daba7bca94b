"""The look of an arrow: its numbers, colour, dashes and width.

Beside it are the local derivative (`∂ 3`) and, after a backward pass, the contribution to the
gradient of the operand (`+6`). An arrow with a positive contribution is solid and blue, with a
negative one dashed and orange, with zero thin and grey; it is dotted where no derivative flows. The
larger the contribution, the wider the arrow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from viz.appearance import colours
from viz.appearance.colours import Colour
from viz.appearance.options import Options
from viz.look.marks import MARKS
from viz.look.picture import Dashes, Link, Span
from viz.snapshot.numbers import Sign, sign_of
from viz.snapshot.snapshot import ShownArrow, ShownNode, Snapshot

_PLAIN_WIDTH = 1.2
_WIDTHS = (0.8, 3.6)


class _ArrowLook(NamedTuple):
    """The colour and the dashes of arrows of one sign."""

    colour: Colour
    dashes: Dashes = "solid"


LOOKS: dict[Sign, _ArrowLook] = {
    "positive": _ArrowLook(colours.POSITIVE),
    "negative": _ArrowLook(colours.NEGATIVE, "dashed"),
    "zero": _ArrowLook(colours.MUTED),
    "bad": _ArrowLook(colours.BAD),
    "none": _ArrowLook(colours.MUTED, "dotted"),
    "mixed": _ArrowLook(colours.LINE),
}
"""The look of an arrow by its sign."""


def links(snapshot: Snapshot, joints: Mapping[int, str]) -> Iterator[Link]:
    """The arrows of a snapshot, some of which have a joint."""
    options = snapshot.options
    for i, arrow in enumerate(snapshot.arrows):
        drawn = _one(arrow, options, snapshot.largest)
        if arrow.count > 1:
            drawn = _several(arrow, options, snapshot.largest)
        if arrow.mark:  # a wide line in another colour; the dashes still show the sign
            colour, width = MARKS[arrow.mark].colour, max(3.0, drawn.width or 0.0)
            drawn = replace(drawn, colour=colour, width=width)
        yield replace(drawn, id=f"e{i}", joint=joints.get(i, ""))


def _link(
    arrow: ShownArrow, sign: Sign, tooltip: str, *lines: Span, width: float | None = None
) -> Link:
    look = LOOKS[sign]
    return Link("", arrow.start.id, arrow.end.id, lines, tooltip, look.colour, look.dashes, width)


def _one(arrow: ShownArrow, options: Options, largest: float) -> Link:
    """The look of an arrow for one edge."""
    operand, result = f"v{arrow.operand.number}", f"v{arrow.result}"
    local = arrow.local
    if local is None:
        if arrow.is_flowing:
            tooltip = f"∂{result}/∂{operand} – ({result} is not computed yet)"
            return _link(arrow, "mixed", tooltip)
        return _link(arrow, "none", f"no derivative flows to {operand}")
    tooltip = f"∂{result}/∂{operand} = {local!r}"
    if not options.backward:
        return _link(arrow, "mixed", tooltip)
    if arrow.sent is None:
        return _link(arrow, arrow.sign(), tooltip, *_texts(arrow, options, local))
    sent = arrow.sent.total
    tooltip += f"\nbrings {sent!r} to the gradient of {operand}"
    lines = _texts(arrow, options, local)
    return _link(arrow, arrow.sign(), tooltip, *lines, width=_width(sent, largest))


def _texts(arrow: ShownArrow, options: Options, local: float) -> list[Span]:
    """The local derivative, also in symbols if asked for, and the contribution below it."""
    if options.edges == "none":
        return []
    number = options.number(local)
    text = f"∂ {number}"
    if arrow.symbols and arrow.symbols not in (number, number.replace("-", "−")):
        text = f"∂ {arrow.symbols} = {number}"
    return _with_contribution(text, arrow.sent.total if arrow.sent else None, options)


def _with_contribution(text: str, sent: float | None, options: Options) -> list[Span]:
    """A text, and the contribution below it in bold."""
    if sent is None or options.edges == "local":
        return [Span(text)]
    colour = LOOKS[sign_of(sent)].colour
    return [Span(text, colours.MUTED), Span(options.signed(sent), colour, bold=True)]


def _several(arrow: ShownArrow, options: Options, largest: float) -> Link:
    """The look of an arrow for several edges."""
    if not arrow.is_bundle:
        left_out = (
            f"{arrow.count:,} arrows from v{arrow.operand.number} to nodes that are not drawn"
        )
        return _link(arrow, "mixed", left_out)
    sent, tooltip = arrow.sent, f"{arrow.count:,} edges"
    if sent:
        tooltip += f", which bring {options.number(sent.low)} to {options.number(sent.high)}"
    if sent and options.backward:  # the width of all together, and a colour if they have one sign
        sign, width = sent.sign, _width(sent.size, largest)
    else:
        sign = "mixed" if arrow.is_flowing else "none"
        width = _PLAIN_WIDTH + 0.4 * math.log10(arrow.count)
    return _link(arrow, sign, tooltip, *_bundle_texts(arrow, options), width=width)


def _bundle_texts(arrow: ShownArrow, options: Options) -> list[Span]:
    """The number of edges, and their total contribution if they come from one node."""
    if options.edges == "none":
        return []
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
