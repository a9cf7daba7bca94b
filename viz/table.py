"""The text of a picture that is not simply the graph's: the nodes drawn, with the numbers drawn."""

from __future__ import annotations

from autograd import Value, wording
from viz.plan import Plan

_SHOWN = 60  # rows, as the table of a graph has


def table(plan: Plan) -> str:
    """The lines of the graph's table that are drawn, and what the caption says of the others.

    >>> from autograd import Graph
    >>> from viz.plan import plan
    >>> from viz.state import OWN
    >>> x = Value(2.0, "x")
    >>> y = x.exp()
    >>> print(table(plan(Graph(y * y + 1), 500, ".4g", [x], 1, OWN)))
    node  name  operation  data      grad
    v0    x     leaf       2.0       -
    v1          exp(v0)    7.38906   -
    2 of 5 nodes: those within 1 step of x
    """
    rows = [_row(plan, v) for v in plan.shown[:_SHOWN]]
    lines = wording.columns([("node", "name", "operation", "data", "grad"), *rows])
    more = len(plan.shown) - len(rows)
    lines += [f"… {more:,} more nodes …"] if more else []
    return "\n".join([*lines, *filter(None, [plan.caption])])


def _row(plan: Plan, v: Value) -> tuple[str, str, str, str, str]:
    name, state = wording.name(v.name or ""), plan.state
    data, grad = _number(state.data(v)), _number(state.grad(v) if state.has_grad(v) else None)
    return (f"v{plan.graph.index[v]}", name, plan.graph.formula(v), data, grad)


def _number(x: float | None) -> str:
    return "-" if x is None else wording.number(x)
