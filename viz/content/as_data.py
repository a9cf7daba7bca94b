"""A picture as data, the content of `Diagram.save("y.json")`.

A graph is `{"format": "chainrule-graph", "version": 1, "count", "outputs", "nodes", "edges",
"folds", "left_out"}`. Nodes are those drawn, in topological order, each with its `number`, as in
the printed table, `name`, `op` (null for a leaf, "const" for a constant), `data`, `grad` (null
before a backward pass), `scope` (a list, outermost first), `operands` (numbers) and `derivatives`,
one for each operand (null if none flows). An edge leads `from` an operand `to` a result at a
`slot`; the operand may be one that is not drawn. A fold is a box for the nodes with these
numbers; `left_out` are the others. A nan and infinities are the strings "nan", "inf", "-inf".
"""

from __future__ import annotations

from autograd import Graph, Value, partials
from viz.content.plan import Plan


def structure(plan: Plan) -> dict[str, object]:
    """A picture of a graph as data.

    >>> from viz.content.plan import plan
    >>> from viz.appearance.numbers import OWN
    >>> y = Value(2.0, "x").exp()
    >>> picture = structure(plan(Graph(y), 60, ".4g", [], 2, OWN))
    >>> picture["edges"], picture["left_out"]
    ([{'from': 0, 'to': 1, 'slot': 0}], [])
    """
    index, state = plan.graph.index, plan.state
    drawn = {v for box in plan.selection.folds for v in box.nodes}.union(plan.shown)

    def grad(v: Value) -> float | None:
        return state.grad(v) if state.has_grad(v) else None

    def node(v: Value) -> dict[str, object]:
        data = state.data(v)
        return node_as_data(plan.graph, v, data, grad(v), plan.scopes[v], data is not None)

    return {
        "format": "chainrule-graph",
        "version": 1,
        "count": len(plan.graph),
        "outputs": [index[v] for v in plan.graph.outputs],
        "nodes": [node(v) for v in plan.shown],
        "edges": [
            {"from": index[p], "to": index[v], "slot": slot}
            for v in plan.shown for slot, p in enumerate(v.parents)
        ],
        "folds": [
            {
                "kind": box.kind, "title": box.title, "scope": list(box.scope),
                "copies": box.copies, "nodes": [index[v] for v in box.nodes],
            }
            for box in plan.selection.folds
        ],
        "left_out": [index[v] for v in plan.graph if v not in drawn],
    }  # fmt: skip


def node_as_data(
    graph: Graph,
    v: Value,
    data: float | None,
    grad: float | None,
    scope: tuple[str, ...],
    computed: bool = True,
) -> dict[str, object]:
    """A node of a picture as data; without `computed` its derivatives are left out."""
    return {
        "number": graph.index[v],
        "name": v.name,
        "op": v.op,
        "data": data,
        "grad": grad,
        "scope": list(scope),
        "operands": [graph.index[p] for p in v.parents],
        "derivatives": list(partials(v)) if computed else [None] * len(v.parents),
    }
