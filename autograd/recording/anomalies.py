"""The checks of `detect_anomaly`, and the messages of its errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from autograd.diagnosis.report_text import contribution
from autograd.errors import AnomalyError
from autograd.graph import Graph
from autograd.primitive import CONST
from autograd.provenance import origin
from autograd.stepping.events import Event, EventLog, flowing_slots
from autograd.system.source import shown
from autograd.text import wording
from autograd.value import Value

IsBad: TypeAlias = Callable[[float], bool]
_STEPS_SHOWN = 8  # of a path


class Anomalies:
    """The kinds of numbers that count as anomalies.

    >>> [Anomalies(inf=False).are(x) for x in (math.nan, math.inf, 1.0)]
    [True, False, False]
    """

    def __init__(self, nan: bool = True, inf: bool = True, bad: IsBad | None = None) -> None:
        self.may_be_finite = bad is not None
        self.are: IsBad = bad or _is_bad(nan, inf)
        """True for a number that is one."""

    def may_be_among(self, numbers: Iterable[float]) -> bool:
        """False if all numbers are finite and no finite number is an anomaly: a quick test."""
        return self.may_be_finite or not all(map(math.isfinite, numbers))

    def among(self, numbers: list[float]) -> bool:
        """True if one of the numbers is an anomaly."""
        return self.may_be_among(numbers) and any(map(self.are, numbers))

    def check_computed(self, v: Value) -> None:
        """Raise AnomalyError if an operation has just given a bad number."""
        if self.are(v._float):
            raise AnomalyError("\n".join(_computed_badly(v, self.are)), v, v)

    def check_recorded(self, output: Value, order: dict[Value, float]) -> None:
        """Raise AnomalyError at the first bad number in a graph that is about to be differentiated.

        Its leaves may be bad, and its operations recorded outside `detect_anomaly`. The numbers
        checked are those recorded, whatever was assigned since.
        """
        bad = self.are
        if not self.may_be_among(_numbers(output, order)):
            return
        for v in order:
            for operand, x in zip(v.parents, v._primals, strict=True):
                if bad(x):
                    raise _error([_given(operand, x)], operand, output)
            if v._p0 is not None and bad(v._y):
                raise _error(_computed_badly(v, bad), v, output)
        if output._p0 is None and bad(output._float):
            raise _error([_given(output, output._float)], output, output)

    def check_pulled_back(self, output: Value, cotangents: dict[Value, float]) -> None:
        """Raise AnomalyError if a gradient of a finished backward pass is bad."""
        if not self.may_be_among(g for v, g in cotangents.items() if v._row is not CONST):
            return
        seed = cotangents[output]
        if self.are(seed):
            given = wording.number(seed)
            raise AnomalyError(f"backward began with the gradient {given}", output, output)
        event = EventLog(output, seed, check=False).first_backward(self.are, cotangents)
        if event is not None:
            raise AnomalyError(_backward_text(event, self.are), event.operand, output, event)


def _is_bad(nan: bool, inf: bool) -> IsBad:
    if nan and inf:
        return lambda x: not math.isfinite(x)
    return math.isnan if nan else math.isinf if inf else (lambda x: False)


def _computed_badly(v: Value, bad: IsBad) -> list[str]:
    how, number = "passed on" if any(map(bad, v._primals)) else "gave", wording.number(v._float)
    plugged = v._row.computed(v._primals) if v._row else ""
    return [f"{v.op} {how} {number}: {plugged} = {number}{_line(v)}", *_operands(v)]


def _operands(v: Value) -> list[str]:
    lines = []
    for operand, x in zip(v.parents, v._primals, strict=True):
        what = {None: "a leaf", "const": "a constant"}.get(operand.op, f"from {operand.op}")
        at = f", {line}" if (line := origin(operand).line) else ""
        name = f"{wording.name(operand.name)} = " if operand.name else ""
        lines.append(f"  operand {name}{wording.number(x)}, {what}{at}")
    return lines


def _line(v: Value) -> str:
    known = origin(v)
    scope = f"\n  in scope {known.scope}" if known.scope else ""
    return (f"\n  at {shown(known.place)}" if known.place else "") + scope


def _numbers(output: Value, order: Iterable[Value]) -> Iterator[float]:
    if output._p0 is None:
        yield output._float
    for v in order:
        if v._p0 is not None:
            yield v._y
            yield v._x0
            if v._p1 is not None:
                yield v._x1
                if v._p2 is not None:
                    yield v._x2


def _error(lines: list[str], v: Value, output: Value) -> AnomalyError:
    return AnomalyError("\n".join([*lines, _path_text(output, v)]), v, output)


def _given(v: Value, x: float) -> str:
    what = {None: "leaf", "const": "constant"}.get(v.op, f"result of {v.op}")
    called = f"{what} {wording.name(v.name)}" if v.name else f"a {what}"
    how = "is" if v._p0 is None else "was assigned"
    return f"{called} {how} {wording.number(x)}{_line(v)}"


def _backward_text(event: Event, bad: IsBad) -> str:
    node, to = event.node, event.graph.label(event.changed)
    assert event.local is not None
    upstream, local = event.upstream or 0.0, event.local
    before = event.before or 0.0
    in_sum = None if bad(upstream * local) else before
    number = wording.number(upstream * local if in_sum is None else event.after)
    how = "passed on" if bad(upstream) else "gave"
    equation = f"{contribution(upstream, local, in_sum)} = {number}"
    change = wording.change(before, event.after)
    result = f"the derivative of {node.op} {how} {number} to {to}: {equation}{_line(node)}"
    path = _path_text(event.graph.output, node)
    return "\n".join([result, f"  gradient of {to}: {change}", *_operands(node), path])


def _path_text(output: Value, v: Value) -> str:
    graph = Graph(output)
    labels = [graph.label(node) for node in path_to(output, v)]
    if len(labels) > 2 * _STEPS_SHOWN:
        left_out = f"({len(labels) - 2 * _STEPS_SHOWN:,} more)"
        labels = [*labels[:_STEPS_SHOWN], left_out, *labels[-_STEPS_SHOWN:]]
    return "  path to the output: " + " → ".join(labels)


def path_to(output: Value, v: Value) -> list[Value]:
    """Return the nodes of a shortest path along which derivatives flow, from a node to the output.

    Only the two ends if there is no such path.

    >>> x = Value(2.0, "x")
    >>> y = (x * 3) + x
    >>> [node.op for node in path_to(y, x)]
    [None, 'add']
    """
    toward: dict[Value, Value] = {}
    reached = [output]
    for node in reached:  # grows while it is walked: breadth first
        for slot in flowing_slots(node):
            if (operand := node.parents[slot]) not in toward:
                toward[operand] = node
                reached.append(operand)
        if v in toward:
            break
    path = [v]
    while path[-1] is not output:
        path.append(toward.get(path[-1], output))
    return path
