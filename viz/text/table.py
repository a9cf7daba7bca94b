"""The table of a picture: a line for each node and box."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from autograd.graph import FORMULA
from autograd.text import wording
from autograd.text.columns import cut
from autograd.text.tables import aligned
from viz.snapshot.caption import caption
from viz.snapshot.ranges import range_of
from viz.snapshot.snapshot import ShownBox, ShownNode, Snapshot

_R = TypeVar("_R")

_SHOWN = 60  # rows, as in the table of a graph


def table(snapshot: Snapshot) -> str:
    """Return a line for each node and box that is drawn, and the caption.

    >>> from autograd import Graph, Value
    >>> from viz.selection.nearest import neighbourhood
    >>> from viz.snapshot.take import take
    >>> x = Value(2.0, "x")
    >>> y = x.exp()
    >>> graph = Graph(y * y + 1)
    >>> print(table(take(graph, neighbourhood(graph, [x], 1, 500))))
    node  name  operation  data     grad
    v0    x     leaf       2.0      -
    v1          exp(x)     7.38906  -
    2 of 5 nodes: those within 1 step of x
    """
    rows = sorted(snapshot.ends, key=lambda e: e.nodes[0] if isinstance(e, ShownBox) else e.number)
    return printed(("node", "name", "operation", "data", "grad"), rows, _row, caption(snapshot))


def printed(
    head: Sequence[str], rows: Sequence[_R], written: Callable[[_R], Sequence[str]], caption: str
) -> str:
    """Return a table with the cells that `written` returns of the first rows, and a caption."""
    lines = aligned([head, *map(written, rows[:_SHOWN])]) if rows else []
    more = [f"… {len(rows) - _SHOWN:,} more nodes …"] if len(rows) > _SHOWN else []
    return "\n".join([*lines, *more, *filter(None, [caption])])


def _row(end: ShownNode | ShownBox) -> tuple[str, ...]:
    if isinstance(end, ShownBox):
        return _box(end)
    name = wording.name(end.name or "")
    operation = cut(end.operation, FORMULA)
    return (f"v{end.number}", name, operation, _text(end.data), _text(end.grad))


def _box(box: ShownBox) -> tuple[str, ...]:
    """The line of a box: its first and last node, its formula, the ranges of its numbers."""
    copies = f" × {box.copies:,}" if box.copies > 1 else ""
    name = wording.name(".".join([*box.scope, box.title or "·"])) + copies
    operation = box.formula or wording.count(len(box.nodes), "node")
    places = f"v{box.nodes[0]}–v{box.nodes[-1]}"
    return (places, name, operation, _range(box.data), _range(box.grads))


def _range(numbers: Sequence[float | None]) -> str:
    known = [x for x in numbers if x is not None]
    if len(known) < 2:
        return _text(known[0] if known else None)
    return range_of(known).text(wording.number)


def _text(x: float | None) -> str:
    return "-" if x is None else wording.number(x)
