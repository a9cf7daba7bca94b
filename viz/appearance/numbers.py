"""Where the numbers of a picture come from: the Values themselves, or a pass in its middle."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from autograd import Stepper, Value


@runtime_checkable
class State(Protocol):
    """The numbers of a graph at some moment. An `autograd.Stepper` is one.

    It may have an attribute `current`, a Value or None: the node to highlight; and the methods
    `has_sent(v, slot)`, whether a node has sent its contribution to that operand yet (without it,
    it has as soon as it has a gradient itself), and `awaits(v)`, whether more is to come.

    >>> from autograd import Stepper
    >>> isinstance(Stepper(Value(2.0) * 3.0), State)
    True
    """

    def data(self, v: Value) -> float | None:
        """The number in a node; None where it is not computed yet."""

    def grad(self, v: Value) -> float:
        """The gradient that has gathered at a node so far."""

    def has_grad(self, v: Value) -> bool:
        """Whether any gradient has arrived at a node."""


class _Own:
    """The numbers that the Values hold."""

    def data(self, v: Value) -> float:
        return v.data

    def grad(self, v: Value) -> float:
        return v.grad

    def has_grad(self, v: Value) -> bool:
        return v.has_grad


OWN: State = _Own()
"""The numbers that the Values hold, as `draw` shows them by default."""


def current(state: State) -> list[Value]:
    """The node that a state says it is at, if it does."""
    found = getattr(state, "current", None)
    return [found] if isinstance(found, Value) else []


def moment(state: State) -> str:
    """Where in a pass a Stepper is, in words; "" for any other state.

    >>> from autograd import Stepper
    >>> s = Stepper(Value(2.0, "x") * 3.0)
    >>> moment(s), s.step() and moment(s)
    ('event 0 of 2', 'event 1 of 2: x * 3.0 = 2.0 * 3.0 = 6.0')
    """
    if not isinstance(state, Stepper):
        return ""
    where = f"event {state.position:,} of {len(state):,}"
    return where if state.event is None else f"{where}: {state.event}"


def range_texts(state: State, box: object) -> tuple[str, str] | None:
    """What a state says of the data and the gradients in a box, if it words that itself."""
    told = getattr(state, "range_texts", None)
    return None if told is None else told(box)


def grad_texts(state: State, v: Value) -> tuple[str, list[str]] | None:
    """What a state says of a gradient and of the sum that it is, if it words that itself."""
    told = getattr(state, "grad_texts", None)
    return None if told is None else told(v)
