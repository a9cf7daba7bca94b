"""A comparison as data, the content of `Diagram.save("difference.json")`.

A comparison is `{"format": "chainrule-difference", "version": 1, "rtol", "counts", "first",
"nodes"}`: all nodes of both graphs, each with its `kind` and, `before` and `after`, what a graph's
node has (null if it has no such node); see `viz.snapshot.as_data`.
"""

from __future__ import annotations

from collections import Counter

from viz.comparison.changes import Comparison
from viz.snapshot.as_data import node_as_data


def difference(comparison: Comparison) -> dict[str, object]:
    """A comparison of two graphs as data.

    >>> from autograd import Graph, Value
    >>> from viz.comparison.changes import compare, whole
    >>> x = Value(2.0, "x")
    >>> difference(compare(whole(Graph(x)), whole(Graph(x.exp())), {0: 0}))["counts"]
    {'same': 1, 'changed': 0, 'added': 1, 'removed': 0}
    """
    counts = Counter(change.kind for change in comparison.nodes)
    first = comparison.first
    return {
        "format": "chainrule-difference",
        "version": 1,
        "rtol": comparison.rtol,
        "counts": {kind: counts[kind] for kind in ("same", "changed", "added", "removed")},
        "first": None if first is None else comparison.nodes.index(first),
        "nodes": [
            {
                "kind": change.kind,
                "before": change.before and node_as_data(change.before),
                "after": change.after and node_as_data(change.after),
            }
            for change in comparison.nodes
        ],
    }
