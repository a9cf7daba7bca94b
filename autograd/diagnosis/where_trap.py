"""The trap of `where`, which gives nan gradients, and the code that avoids it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from autograd.diagnosis.findings import Finding, chose_another
from autograd.diagnosis.report_text import contribution
from autograd.graph import Graph
from autograd.primitive import CONST
from autograd.primitives import where
from autograd.text import wording
from autograd.value import Value

_FIRST = "choose the operand before the function"
_SAFE = (1.0, 0.5, 2.0)  # any function has a value and a derivative at one of them


def hint(graph: Graph, cotangents: Mapping[Value, float], births: Iterable[Finding]) -> str:
    """Return the code to write instead, "" if no birth of a bad gradient is the trap."""
    consumers: dict[Value, list[Value]] = {}
    for f in births:
        if f.upstream == 0.0 and f.source is not None:
            consumers = consumers or _consumers(graph)
            choice = _not_chosen(f.source, consumers, cotangents)
            if choice is not None:
                return _advice(graph, f, *choice)
    return ""


def _consumers(graph: Graph) -> dict[Value, list[Value]]:
    consumers: dict[Value, list[Value]] = {v: [] for v in graph.nodes}
    for v in graph.nodes:
        for operand in v.parents:
            consumers[operand].append(v)
    return consumers


def _not_chosen(
    v: Value, consumers: Mapping[Value, list[Value]], cotangents: Mapping[Value, float]
) -> tuple[Value, Value] | None:
    """Return the node that did not choose the branch of v, and the operand it did not choose."""
    stack, seen = [v], {v}
    while stack:
        v = stack.pop()
        for consumer in consumers[v]:
            if cotangents[consumer] != 0.0 and chose_another(consumer, v):
                return consumer, v
            if cotangents[consumer] == 0.0 and consumer not in seen:
                seen.add(consumer)
                stack.append(consumer)
    return None


def _advice(graph: Graph, f: Finding, choice: Value, branch: Value) -> str:
    v = f.source
    assert v is not None
    if choice._row is where:
        for operand in v.parents:
            safe = None if operand._row is CONST else _safe(v, operand)
            if safe is not None:
                keep = graph.label(operand), wording.number(safe)
                return f"{_FIRST}: {_rewritten(graph, v, operand, choice, branch, keep)}"
    label, product = graph.label, contribution(0.0, f.local or 0.0)
    return (
        f"{label(choice)} did not choose {label(branch)}, but {product} is nan: keep "
        f"{label(f.node)} where {v.op} has a finite derivative"
    )


def _rewritten(
    graph: Graph, v: Value, operand: Value, choice: Value, branch: Value, keep: tuple[str, str]
) -> str:
    assert v._row is not None
    condition = _condition(graph, choice.parents[0])
    chosen = where.written([condition, *(keep if choice._p1 is branch else keep[::-1])])
    return v._row.written([chosen if p is operand else graph.label(p) for p in v.parents])


def _safe(v: Value, operand: Value) -> float | None:
    assert v._row is not None
    for x in _SAFE:
        pairs = zip(v.parents, v._primals, strict=True)
        primals = [x if p is operand else primal for p, primal in pairs]
        y = v._row.forward(*primals)
        slopes = [float(rule(y, *primals)) for rule in v._row.partials[: len(primals)] if rule]
        if all(map(math.isfinite, (y, *slopes))):
            return x
    return None


def _condition(graph: Graph, v: Value) -> str:
    if v._row is CONST and not v.name:  # `x > 0` on Values: a bool
        return "your condition"
    if v._row is None or not v.parents or not v._row.is_comparison:
        return graph.label(v)
    return v._row.written([graph.label(p) for p in v.parents])
