"""The numbers of a picture: of the Values themselves, or of a moment of a pass."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

from autograd import Edge, Stepper, Value, partials

Sign: TypeAlias = Literal["positive", "negative", "zero", "bad", "none", "mixed"]
"""The sign of a number, "bad" if it is not finite; of several, "mixed" or "none"."""


@runtime_checkable
class State(Protocol):
    """The numbers of a graph at some moment. An `autograd.Stepper` is one.

    It may have an attribute `current`, a Value or None: the node to highlight; and the methods
    `has_sent(v, slot)`, true once a node has sent its contribution to that operand (without the
    method, once it has a gradient itself), and `awaits(v)`, true while more is to come.

    >>> from autograd import Stepper
    >>> isinstance(Stepper(Value(2.0) * 3.0), State)
    True
    """

    def data(self, v: Value) -> float | None:
        """The number in a node; None if it is not computed yet."""

    def grad(self, v: Value) -> float:
        """The gradient that has gathered at a node so far."""

    def has_grad(self, v: Value) -> bool:
        """True if any gradient has arrived at a node."""


class _Own:
    def data(self, v: Value) -> float:
        return v.data

    def grad(self, v: Value) -> float:
        return v.grad

    def has_grad(self, v: Value) -> bool:
        return v.has_grad


OWN: State = _Own()
"""The numbers that the Values hold, as `draw` shows them by default."""


def grad_of(state: State, v: Value) -> float | None:
    """The gradient of a node; None if no pass has reached it."""
    return state.grad(v) if state.has_grad(v) else None


def current(state: State) -> list[Value]:
    """The node that a state is at, if it has one."""
    node = getattr(state, "current", None)
    return [node] if isinstance(node, Value) else []


def moment(state: State) -> str:
    """The position of a Stepper in its pass, in words; "" for any other state.

    >>> from autograd import Stepper
    >>> s = Stepper(Value(2.0, "x") * 3.0)
    >>> moment(s), s.step() and moment(s)
    ('event 0 of 2', 'event 1 of 2: x * 3.0 = 2.0 * 3.0 = 6.0')
    """
    if not isinstance(state, Stepper):
        return ""
    where = f"event {state.position:,} of {len(state):,}"
    return where if state.event is None else f"{where}: {state.event}"


class Flow(NamedTuple):
    """The numbers of an edge (Griewank and Walther, "Evaluating Derivatives", 2008, 3.2)."""

    local: float | None
    """The local derivative; None if none flows, or if the result is not computed yet."""
    contribution: float | None
    """Local derivative times the gradient of the result; None before it is sent."""


_NOTHING = Flow(None, None)


class Flows:
    """The flows of edges at some moment; the local derivatives of a node are computed once.

    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> y.backward()
    >>> Flows(OWN).of(Edge(x, y, 0))
    Flow(local=3.0, contribution=3.0)
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self._sent = getattr(state, "has_sent", None)
        self._partials: dict[Value, tuple[float | None, ...]] = {}

    def partials(self, v: Value) -> tuple[float | None, ...]:
        """The local derivatives of a node; all None if it is not computed yet."""
        known = self._partials.get(v)
        if known is None:
            computed = self.state.data(v) is not None
            known = self._partials[v] = partials(v) if computed else (None,) * len(v.parents)
        return known

    def of(self, edge: Edge) -> Flow:
        """The local derivative and the contribution of an edge."""
        _, result, slot = edge
        local = self.partials(result)[slot]
        if local is None:
            return _NOTHING
        state = self.state
        arrived = self._sent(result, slot) if self._sent else state.has_grad(result)
        return Flow(local, state.grad(result) * local if arrived else None)


def sign_of(x: float) -> Sign:
    """The sign of a number.

    >>> sign_of(-2.0), sign_of(-0.0), sign_of(math.nan)
    ('negative', 'zero', 'bad')
    """
    if not math.isfinite(x):
        return "bad"
    return "zero" if x == 0 else "positive" if x > 0 else "negative"
