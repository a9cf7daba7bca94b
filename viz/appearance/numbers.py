"""The source of the numbers of a picture: the Values themselves, or a moment of a pass."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from autograd import Stepper, Value


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


def range_texts(state: State, box: object) -> tuple[str, str] | None:
    """The texts of data and gradients in a box, if a state has texts of its own."""
    texts = getattr(state, "range_texts", None)
    return None if texts is None else texts(box)


def grad_texts(state: State, v: Value) -> tuple[str, list[str]] | None:
    """The texts of a gradient and its sum, if a state has texts of its own."""
    texts = getattr(state, "grad_texts", None)
    return None if texts is None else texts(v)
