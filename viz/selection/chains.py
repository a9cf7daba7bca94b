"""Chains of operations on one number, such as a sigmoid that is written out.

A picture of many layers is a strip that no slide holds. Its sums and chains become boxes with
their formulas, each of a few operations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from autograd import Value
from viz.selection.elements import BoxKey
from viz.selection.foldable import FoldableParts
from viz.selection.partition import Folding, keyed

_LONGEST = 4  # operations: a sigmoid


def sums_and_chains(parts: FoldableParts) -> Folding:
    """Fold the sums of a graph, and of the rest chains of operations with their constants.

    >>> from autograd import Graph, Value
    >>> y = 1 / (1 + (-Value(0.5, "z")).exp())
    >>> sums_and_chains(FoldableParts(Graph(y))).box
    array([ 0,  0, -1,  0,  0,  0,  0])
    """
    key = dict(_chained(parts))
    return parts.sums.over(keyed(map(key.get, parts.graph)))


def _chained(parts: FoldableParts) -> Iterator[tuple[Value, BoxKey]]:
    nodes, index = parts.graph.nodes, parts.graph.index
    uses = Counter(p for v in nodes for p in v.parents)
    chain: dict[Value, tuple[int, int]] = {}  # its first node, and its length so far
    for i, v in enumerate(nodes):
        operands = [p for p in v.parents if p.op != "const"]
        if len(operands) != 1 or parts.sums.is_folded[i]:
            continue
        before = operands[0]
        continues = uses[before] == 1 and not before.name
        continues &= parts.scope[index[before]] == parts.scope[i]
        first, length = chain.get(before, (i, 0)) if continues else (i, 0)
        chain[v] = (first, length + 1) if length < _LONGEST else (i, 1)
        inside = [p for p in v.parents if p.op == "const" and uses[p] == 1 and not p.name]
        yield from ((node, ("chain", chain[v][0])) for node in (v, *inside))
