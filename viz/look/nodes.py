"""The look of a node: its numbers, and borders that tell leaves, operations and constants apart.

Below a gradient of several contributions is their sum: `grad 5`, and below it `= 6 - 1`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

from autograd.text import wording
from autograd.text.characters import readable
from autograd.text.columns import display_width, shorten
from viz.appearance import colours
from viz.appearance.options import Options
from viz.look.marks import badge, marked
from viz.look.picture import Border, Card, Line, Span, joined
from viz.selection.frames import split_name
from viz.snapshot.snapshot import NodeKind, ShownNode, ShownStub

SYMBOL_SIZE = 15
TOOLTIP_LENGTH = 1000
"""The number of characters of a name that a tooltip keeps."""

BORDERS: dict[NodeKind, Border] = {
    "leaf": Border(colours.POSITIVE, colours.LEAF, rounded=False),
    "operation": Border(colours.LINE, colours.BOX),
    "constant": Border(colours.FRAME_LINE, colours.PAPER, dashes="dashed", rounded=False),
}


def node_card(node: ShownNode, options: Options) -> Card:
    """The card of a node."""
    kind = node.mark.kind if node.mark else ""
    unset = "unset" if node.op != "const" and node.grad is None else ""
    classes = tuple(filter(None, (node.kind, "output" * node.is_output, kind, unset)))
    lines, border = tuple(_lines(node, options)), BORDERS[node.kind]
    if node.mark:
        border = marked(border, node.mark.kind)
    elif node.is_output:
        border = replace(border, width=2)
    return Card(node.id, classes, node.scope, node.place, lines, border, _tooltip(node))


def _lines(node: ShownNode, options: Options) -> list[Line]:
    """The heading above the lines for data and grad."""
    lines = [badge(node.mark)] if node.mark and node.mark.words else []
    lines.append(heading(node))
    if options.forward or node.op == "const":
        lines.append(Line("data", (number(options, node.data),), "data"))
        if node.was is not None:
            lines.append(_small("was", f"(was {options.number(node.was)})"))
    if options.backward and node.op != "const":
        lines.append(Line("grad", (number(options, node.grad),), "grad"))
        lines += [_small("sum", s) for s in node.sum.lines(options.number)] if node.sum else []
    return lines


def _small(place: Literal["was", "sum"], text: str) -> Line:
    return Line(place, (Span(text, colours.MUTED),))


def number(options: Options, x: float | None) -> Span:
    """A number; a grey dash if it is not known, red if it is not finite."""
    text = options.number(x)
    if x is None:
        return Span(text, colours.MUTED)
    return Span(text) if math.isfinite(x) else Span(text, colours.BAD)


def heading(node: ShownNode) -> Line:
    """The symbol of the operation and the name, without the part that the frames show."""
    name = shorten(readable(split_name(node.name)[1] if node.name else ""))
    if node.symbols:
        named = [Span(name, bold=True), Span(" = ")] if name else []
        return Line("heading", (_centring(name + node.symbols), *named, Span(node.symbols)))
    symbol = node.node.row.symbol if node.node.row and node.kind == "operation" else ""
    words = [Span(name, bold=True)] if name else []
    if node.op == "const" or (node.op is None and not name):
        words.insert(0, Span("const" if node.op else "leaf", colours.MUTED))
    elif symbol:
        words.insert(0, Span(symbol, bold=True, size=SYMBOL_SIZE))
    return Line("heading", (_centring(symbol + name), *joined([[word] for word in words], " ")))


def _centring(text: str) -> Span:
    """Spaces that centre a heading, as the engine measures every byte as a letter."""
    return Span(" " * min(len(text.encode()) - display_width(text), 4))


def _tooltip(node: ShownNode) -> str:
    """The full numbers, the full name, and the operation as in the printed table."""
    lines = [f"v{node.number} = {node.operation}"]
    if node.name:
        name = readable(node.name[: TOOLTIP_LENGTH + 1])
        lines.append(f"name {name[:TOOLTIP_LENGTH]}{'…' * (len(name) > TOOLTIP_LENGTH)}")
    data, grad = node.data, node.grad
    lines += ["data – (not computed yet)" if data is None else f"data {data!r}"]
    if node.op != "const":
        lines += ["grad – (no backward pass has come here)" if grad is None else f"grad {grad!r}"]
    return "\n".join(lines)


def stub_card(stub: ShownStub, more: str = "") -> Card:
    """The card of a stub, which stands for nodes that are not drawn, with more words about them."""
    text = f"… {stub.count:,} more{more}"
    return Card(
        stub.id, ("more",), (), stub.place, (Line("heading", (_centring(text), Span(text))),),
        Border(colours.MUTED, colours.PAPER, dashes="dashed"),
        tooltip=f"{wording.count(stub.count, 'more node')} {'is' if stub.count == 1 else 'are'} "
        f"not drawn{more}",
        ink=colours.MUTED,
    )  # fmt: skip
