"""What a picture shows, as data: what `Diagram.save("y.json")` writes.

A graph is `{"format": "chainrule-graph", "version": 1, "count", "outputs", "nodes", "edges",
"folds", "left_out"}`. Nodes are those drawn, in topological order, each with its `number`, as in
the printed table, `name`, `op` (null for a leaf, "const" for a constant), `data`, `grad` (null
before a backward pass), `scope` (a list, outermost first), `operands` (numbers) and `derivatives`,
one for each operand (null where none flows). An edge leads `from` an operand `to` a result at a
`slot`; the operand may be one that is not drawn. A fold is a box that stands for the nodes with
these numbers; `left_out` are the others. A nan and infinities are the strings "nan", "inf", "-inf".

A comparison is `{"format": "chainrule-difference", "version": 1, "rtol", "counts", "first",
"nodes"}`: all nodes of both graphs, each with its `kind` and, `before` and `after`, what a graph's
node has (null where it is not).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from autograd import Graph, Value, partials
from viz.comparison.changes import Comparison
from viz.content.plan import Plan
from viz.selection.frames import scopes


def structure(plan: Plan) -> dict[str, object]:
    """What a picture of a graph shows.

    >>> from viz.content.plan import plan
    >>> from viz.appearance.numbers import OWN
    >>> y = Value(2.0, "x").exp()
    >>> found = structure(plan(Graph(y), 60, ".4g", [], 2, OWN))
    >>> found["edges"], found["left_out"]
    ([{'from': 0, 'to': 1, 'slot': 0}], [])
    """
    index, state = plan.graph.index, plan.state
    hidden = {v for box in plan.selection.folds for v in box.nodes}.union(plan.shown)

    def grad(v: Value) -> float | None:
        return state.grad(v) if state.has_grad(v) else None

    return {
        "format": "chainrule-graph",
        "version": 1,
        "count": len(plan.graph),
        "outputs": [index[v] for v in plan.graph.outputs],
        "nodes": [
            _node(plan.graph, v, state.data(v), grad(v), plan.scopes[v], state.data(v) is not None)
            for v in plan.shown
        ],
        "edges": [
            {"from": index[p], "to": index[v], "slot": slot}
            for v in plan.shown
            for slot, p in enumerate(v.parents)
        ],
        "folds": [
            {
                "kind": box.kind, "title": box.title, "scope": list(box.scope),
                "copies": box.copies, "nodes": [index[v] for v in box.nodes],
            }
            for box in plan.selection.folds
        ],
        "left_out": [index[v] for v in plan.graph if v not in hidden],
    }  # fmt: skip


def _node(
    graph: Graph,
    v: Value,
    data: float | None,
    grad: float | None,
    scope: tuple[str, ...],
    computed: bool = True,
) -> dict[str, object]:
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


def difference(comparison: Comparison, rtol: float) -> dict[str, object]:
    """A comparison of two graphs as data.

    >>> from viz.comparison.changes import compare
    >>> x = Value(2.0, "x")
    >>> difference(compare(Graph(x), Graph(x.exp())), 0.0)["counts"]
    {'same': 1, 'changed': 0, 'added': 1, 'removed': 0}
    """
    counts = Counter(node.kind for node in comparison.nodes)
    was, now = _side(comparison.before), _side(comparison.after)
    return {
        "format": "chainrule-difference",
        "version": 1,
        "rtol": rtol,
        "counts": {kind: counts[kind] for kind in ("same", "changed", "added", "removed")},
        "first": None if comparison.first is None else comparison.nodes.index(comparison.first),
        "nodes": [
            {
                "kind": e.kind,
                "before": was(e.before, e.data.before, e.grad.before),
                "after": now(e.after, e.data.after, e.grad.after),
            }
            for e in comparison.nodes
        ],
    }


_Describe = Callable[[Value | None, float | None, float | None], "dict[str, object] | None"]


def _side(graph: Graph) -> _Describe:
    """What describes the nodes of one graph."""
    scope = scopes(graph.nodes)

    def describe(
        v: Value | None, data: float | None, grad: float | None
    ) -> dict[str, object] | None:
        return None if v is None else _node(graph, v, data, grad, scope[v])

    return describe
