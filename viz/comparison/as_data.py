"""A comparison as data, the content of `Diagram.save("difference.json")`.

A comparison is `{"format": "chainrule-difference", "version": 1, "rtol", "counts", "first",
"nodes"}`: all nodes of both graphs, each with its `kind` and, `before` and `after`, what a graph's
node has (null if it has no such node); see `viz.content.as_data`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from autograd import Graph, Value
from viz.comparison.changes import Comparison
from viz.content.as_data import node_as_data
from viz.selection.frames import scopes


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
    """A function that describes the nodes of one graph."""
    scope = scopes(graph.nodes)

    def describe(
        v: Value | None, data: float | None, grad: float | None
    ) -> dict[str, object] | None:
        return None if v is None else node_as_data(graph, v, data, grad, scope[v])

    return describe
