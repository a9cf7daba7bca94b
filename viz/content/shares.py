"""Which nodes make up most of a gradient: how much of it comes through each.

The derivative of an output with respect to a node is a sum over paths. What goes through a node on
the way is the derivative of that node times the derivative of the output with respect to it; its
share is that part of the sum. One sweep each way gives all of them (Griewank and Walther,
"Evaluating Derivatives", 2008, chapter 3: a tangent times an adjoint).
"""

from __future__ import annotations

import math
from functools import reduce
from operator import add

from autograd import Explanation, Value, partials
from autograd.backward import pull_back
from autograd.node import UNSET

_LEAST = 0.1
_FEWEST = 8


def shares(report: Explanation) -> dict[Value, float]:
    """The nodes through which at least a tenth of a gradient comes, in topological order.

    Where many small parts make up the whole, the largest few. Shares are parts of the derivative;
    where contributions cancel they exceed one and some are negative. They are parts of the sum of
    magnitudes where the derivative is zero.

    >>> from autograd import explain
    >>> x = Value(2.0, "x")
    >>> y = x * 3 + x
    >>> {v.name or v.op: share for v, share in shares(explain(y, x)).items()}
    {'x': 1.0, 'mul': 0.75, 'add': 1.0}
    """
    tangent = _tangents(report)
    cotangents = dict.fromkeys(report.graph, UNSET)
    cotangents[report.output] = 1.0
    pull_back(cotangents)
    whole = report.value or report.size
    if not whole or not math.isfinite(whole):
        return dict.fromkeys((report.wrt, report.output), 1.0)
    found = {v: t * cotangents[v] / whole for v, t in tangent.items()}
    largest = sorted(found, key=lambda v: -abs(found[v]))
    kept = {v for v in largest if abs(found[v]) >= _LEAST}
    kept.update(largest[:_FEWEST])
    return {v: share for v, share in found.items() if v in kept and share}


def _tangents(report: Explanation) -> dict[Value, float]:
    """The derivative of each node with respect to the one that is differentiated by."""
    tangent = {report.wrt: 1.0}
    for v in report.graph:
        if v is not report.wrt and any(p in tangent for p in v.parents):
            slopes = zip(v.parents, partials(v), strict=True)
            parts = (d * tangent[p] for p, d in slopes if d is not None and p in tangent)
            tangent[v] = reduce(add, parts, 0.0)
    return tangent
