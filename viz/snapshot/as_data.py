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

from viz.snapshot.snapshot import ShownNode, Snapshot


def structure(snapshot: Snapshot) -> dict[str, object]:
    """A picture of a graph as data.

    >>> from autograd import Graph, Value
    >>> from viz.snapshot.take import take
    >>> graph = Graph(Value(2.0, "x").exp())
    >>> picture = structure(take(graph))
    >>> picture["edges"], picture["left_out"]
    ([{'from': 0, 'to': 1, 'slot': 0}], [])
    """
    drawn = {node.number for node in snapshot.nodes}.union(*(box.nodes for box in snapshot.boxes))
    return {
        "format": "chainrule-graph",
        "version": 1,
        "count": snapshot.count,
        "outputs": [output.number for output in snapshot.outputs],
        "nodes": [node_as_data(node) for node in snapshot.nodes],
        "edges": [
            {"from": operand.number, "to": node.number, "slot": slot}
            for node in snapshot.nodes for slot, operand in enumerate(node.operands)
        ],
        "folds": [
            {
                "kind": box.kind, "title": box.title, "scope": list(box.scope),
                "copies": box.copies, "nodes": list(box.nodes),
            }
            for box in snapshot.boxes
        ],
        "left_out": [number for number in range(snapshot.count) if number not in drawn],
    }  # fmt: skip


def node_as_data(node: ShownNode) -> dict[str, object]:
    """A node of a picture as data."""
    return {
        "number": node.number,
        "name": node.name,
        "op": node.op,
        "data": node.data,
        "grad": node.grad,
        "scope": list(node.scope),
        "operands": [operand.number for operand in node.operands],
        "derivatives": list(node.partials),
    }
