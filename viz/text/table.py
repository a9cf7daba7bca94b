"""The table of a picture that does not show the whole graph, or other numbers than its own."""

from __future__ import annotations

from autograd import Value
from autograd.text import wording
from autograd.text.tables import aligned
from viz.content.formulas import formula
from viz.content.plan import Plan
from viz.content.ranges import range_of
from viz.selection.elements import FoldedBox

_SHOWN = 60  # rows, as in the table of a graph


def table(plan: Plan) -> str:
    """Return a line for each drawn node and box, and the caption.

    >>> from autograd import Graph
    >>> from viz.content.plan import plan
    >>> from viz.appearance.numbers import OWN
    >>> x = Value(2.0, "x")
    >>> y = x.exp()
    >>> print(table(plan(Graph(y * y + 1), 500, ".4g", [x], 1, OWN)))
    node  name  operation  data      grad
    v0    x     leaf       2.0       -
    v1          exp(v0)    7.38906   -
    2 of 5 nodes: those within 1 step of x
    """
    rows = [_row(plan, v) for v in plan.shown]
    rows += [_box(plan, box) for box in plan.selection.folds]
    rows.sort(key=lambda row: int(row[0].partition("–")[0][1:]))
    lines = aligned([("node", "name", "operation", "data", "grad"), *rows[:_SHOWN]])
    more = len(rows) - _SHOWN
    lines += [f"… {more:,} more nodes …"] if more > 0 else []
    return "\n".join([*lines, *filter(None, [plan.caption])])


def _row(plan: Plan, v: Value) -> tuple[str, str, str, str, str]:
    name, state = wording.name(v.name or ""), plan.state
    data, grad = _number(state.data(v)), _number(state.grad(v) if state.has_grad(v) else None)
    return (f"v{plan.graph.index[v]}", name, plan.graph.formula(v), data, grad)


def _box(plan: Plan, box: FoldedBox) -> tuple[str, str, str, str, str]:
    """The line of a box: its first and last node, its formula, the ranges of its numbers."""
    index, state = plan.graph.index, plan.state
    grads = [state.grad(v) for v in box.outputs if state.has_grad(v)]
    data = [x for v in box.outputs if (x := state.data(v)) is not None]
    copies = f" × {box.copies:,}" if box.copies > 1 else ""
    name = wording.name(".".join([*box.scope, box.title or "·"])) + copies
    places = f"v{index[box.nodes[0]]}–v{index[box.nodes[-1]]}"
    operation = formula(box) or wording.count(len(box.nodes), "node")
    return (places, name, operation, _range(data), _range(grads))


def _range(numbers: list[float]) -> str:
    if len(numbers) < 2:
        return _number(numbers[0] if numbers else None)
    return range_of(numbers).text(wording.number)


def _number(x: float | None) -> str:
    return "-" if x is None else wording.number(x)
