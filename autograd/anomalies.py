"""What `detect_anomaly` looks for, and what it says when it finds it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from autograd import wording
from autograd.backward import UNSET, partials
from autograd.errors import AnomalyError
from autograd.events import Event, EventLog
from autograd.graph import Graph
from autograd.provenance import origin
from autograd.source import shown
from autograd.value import Value

IsBad: TypeAlias = Callable[[float], bool]
_STEPS_SHOWN = 8  # of a path


def is_bad(nan: bool = True, inf: bool = True) -> IsBad:
    """What counts as an anomaly.

    >>> [is_bad(inf=False)(x) for x in (math.nan, math.inf, 1.0)]
    [True, False, False]
    """
    if nan and inf:
        return lambda x: not math.isfinite(x)
    return math.isnan if nan else math.isinf if inf else (lambda x: False)


def check_computed(v: Value, bad: IsBad) -> None:
    """Raise AnomalyError if an operation has just given a bad number."""
    if bad(v._data):
        raise AnomalyError("\n".join([_forward_headline(v, bad), *_operands(v)]), v, v)


def _forward_headline(v: Value, bad: IsBad) -> str:
    passed_on = [i for i, x in enumerate(v._primals) if bad(x)]
    how = f"{v.op} {'passed on' if passed_on else 'gave'} {wording.number(v._data)}"
    plugged = v._row.computed(v._primals) if v._row else ""
    return f"{how}: {plugged} = {wording.number(v._data)}{_line(v)}"


def _operands(v: Value) -> list[str]:
    """One line for each operand: its number, what made it, where."""
    lines = []
    for operand, x in zip(v.parents, v._primals, strict=True):
        what = {None: "a leaf", "const": "a constant"}.get(operand.op, f"from {operand.op}")
        known = origin(operand)
        at = f", {known.line}" if known.line else ""
        name = f"{wording.name(operand.name)} = " if operand.name else ""
        lines.append(f"  operand {name}{wording.number(x)}, {what}{at}")
    return lines


def _line(v: Value) -> str:
    known = origin(v)
    scope = f"\n  in scope {known.scope}" if known.scope else ""
    return (f"\n  at {shown(known.place)}" if known.place else "") + scope


def check_recorded(output: Value, cotangents: dict[Value, float], bad: IsBad) -> None:
    """Raise AnomalyError at the first bad number in a graph that is about to be differentiated.

    Its operations may have been recorded before anyone looked on, and its leaves be bad.
    """
    for v in cotangents:
        recorded = v._data if v._p0 is None else v._y
        if bad(recorded):
            if v._p0 is not None:
                lines = [_forward_headline(v, bad), *_operands(v)]
            else:
                what = "constant" if v.op else "leaf"
                called = f"{what} {wording.name(v.name)}" if v.name else f"a {what}"
                lines = [f"{called} is {wording.number(recorded)}{_line(v)}"]
            raise AnomalyError("\n".join([*lines, path_text(output, v)]), v, output)


def check_pulled_back(output: Value, cotangents: dict[Value, float], bad: IsBad) -> None:
    """Raise AnomalyError if a finished pass gathered a bad gradient anywhere."""
    if any(bad(g) for g in cotangents.values() if g is not UNSET):
        event = first_bad_event(output, cotangents[output], bad)
        if event is None:
            seed = wording.number(cotangents[output])
            raise AnomalyError(f"backward began with the gradient {seed}", output, output)
        raise AnomalyError(_backward_text(event, bad), event.operand, output, event)


def first_bad_event(output: Value, seed: float, bad: IsBad) -> Event | None:
    """The first contribution of a backward pass after which a gradient is bad."""
    log = EventLog(output, seed)
    return next((e for e in log[log.forward :] if bad(e.after)), None)


def _backward_text(event: Event, bad: IsBad) -> str:
    node, operand = event.node, event.operand
    assert operand is not None
    assert event.upstream is not None
    assert event.local is not None
    contribution = event.upstream * event.local
    label = event.graph.label
    how = "passed on" if bad(event.upstream) else "gave"
    found = wording.number(contribution if bad(contribution) else event.after)
    product = f"{wording.number(event.upstream)} × {wording.operand(event.local)}"
    lines = [
        f"the derivative of {node.op} {how} {found} to {label(operand)}: {product} = "
        f"{wording.number(contribution)}{_line(node)}",
        f"  gradient of {label(operand)}: {wording.number(event.before or 0.0)} → "
        f"{wording.number(event.after)}",
        *_operands(node),
        path_text(event.graph.output, node),
    ]
    return "\n".join(lines)


def path_text(output: Value, v: Value) -> str:
    """The shortest way from a node to the output, shortened in its middle."""
    graph = Graph(output)
    labels = [graph.label(node) for node in path_to(output, v)]
    if len(labels) > 2 * _STEPS_SHOWN:
        left_out = f"({len(labels) - 2 * _STEPS_SHOWN:,} more)"
        labels = [*labels[:_STEPS_SHOWN], left_out, *labels[-_STEPS_SHOWN:]]
    return "  path to the output: " + " → ".join(labels)


def path_to(output: Value, v: Value) -> list[Value]:
    """The nodes of a shortest way along which derivatives flow, from a node to the output.

    Only the two ends where there is no such way.

    >>> x = Value(2.0, "x")
    >>> y = (x * 3) + x
    >>> [node.op for node in path_to(y, x)]
    [None, 'add']
    """
    toward: dict[Value, Value] = {}
    met = [output]
    for node in met:  # grows while it is walked: breadth first
        for operand, partial in zip(node.parents, partials(node), strict=True):
            if partial is not None and operand not in toward:
                toward[operand] = node
                met.append(operand)
        if v in toward:
            break
    path = [v]
    while path[-1] is not output:
        path.append(toward.get(path[-1], output))
    return path
