"""`Stepper`: a forward and a backward pass, one event at a time, in both directions."""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import TypeAlias

from autograd.backward import check_differentiable
from autograd.graph import Graph
from autograd.stepping.events import Event, EventLog
from autograd.text import wording
from autograd.value import Value, one_value

Target: TypeAlias = Value | Callable[[Event], object]


class Stepper:
    """Steps through the forward and the backward pass of an output, forwards and back in time.

    `position` is the number of events that have happened, `event` the last of them; `data(v)` and
    `grad(v)` are the state of a node at that moment. The pass is logged once, when the Stepper is
    made, and looked up from then on: every move takes the same short time, whatever its length and
    the size of the graph. Only `finish` changes the nodes' own `.grad`.

    Args:
        output: the Value to differentiate.
        gradient: the derivative of something further on with respect to it, as for `backward`.

    Raises StaleGraphError if a Value's data changed since the forward pass, TypeError if the output
    is not a Value, ValueError if it is a constant.

    >>> w, x = Value(2.0, "w"), Value(3.0, "x")
    >>> s = Stepper(w * x + w)
    >>> s.step()
    <forward event 0: w * x = 2.0 * 3.0 = 6.0>
    >>> s.run_until(w)
    <backward event 3: v3 → w: 1.0 × 1.0, grad 0.0 → 1.0>
    >>> s.step(), s.grad(w)
    (<backward event 4: v2 → w: 1.0 × 3.0, grad 1.0 → 4.0>, 4.0)
    >>> s.back().after, s.grad(w), w.has_grad
    (1.0, 1.0, False)
    >>> s.finish()
    >>> w.grad
    4.0
    """

    def __init__(self, output: Value, gradient: float = 1.0) -> None:
        output = one_value(output, "Stepper")
        check_differentiable(output)
        self.output = output
        self.events = EventLog(output, gradient)  # all events, by number
        self.position = 0  # the number of events that have happened
        self.finished = False  # True once the gradients have been written to the nodes

    @property
    def graph(self) -> Graph:
        """The graph below the output."""
        return self.events.graph

    @property
    def event(self) -> Event | None:
        """The last event that happened; None before the first."""
        return self.events[self.position - 1] if self.position else None

    def __len__(self) -> int:
        return len(self.events)

    def data(self, v: Value) -> float | None:
        """Return the number of a node; None if it is not computed yet.

        Raises ValueError for a Value that is not in the graph, as `grad` does.
        """
        return self.events.data(v, self.position)

    def grad(self, v: Value) -> float:
        """Return the gradient of a node in this pass so far; 0.0 if nothing has arrived."""
        return self.events.grad(v, self.position)

    def has_grad(self, v: Value) -> bool:
        """True if anything has arrived at a node so far."""
        return self.events.has_grad(v, self.position)

    def has_sent(self, v: Value, slot: int) -> bool:
        """True if a node has sent its contribution to the operand in a slot so far."""
        return self.events.has_sent(v, slot, self.position)

    def awaits(self, v: Value) -> bool:
        """True if contributions to a node are still to come in this pass."""
        arrivals = self.events.arrivals(v)
        return bool(arrivals) and arrivals[-1] >= self.position

    @property
    def current(self) -> Value | None:
        """The node that the last event changed; None before the first."""
        return event.changed if (event := self.event) else None

    def step(self, count: int = 1) -> Event | None:
        """Let the next event happen, or several; return the last, None if there is none left."""
        count = index(count)
        if count > 0 and self.position == len(self):
            return None
        self.position = min(max(self.position + count, 0), len(self))
        return self.event

    def back(self, count: int = 1) -> Event | None:
        """Undo the last event, or several; return the one that is the last now."""
        return self.step(-index(count))

    def next(self, count: int = 1) -> Event | None:
        """Let the next node happen, all its events, or several; return the last, else None."""
        start = end = self.position
        while count > 0 and end < len(self):
            node, end, count = self.events.sender(end), end + 1, count - 1
            while self.events.forward < end < len(self) and self.events.sender(end) == node:
                end += 1
        self.position = end
        return self.event if end > start else None

    def previous(self, count: int = 1) -> Event | None:
        """Undo all events of the node whose event was the last, or of several nodes."""
        start = self.position
        while count > 0 and start > 0:
            node, start, count = self.events.sender(start - 1), start - 1, count - 1
            while start > self.events.forward and self.events.sender(start - 1) == node:
                start -= 1
        self.position = start
        return self.event

    def goto(self, position: int) -> Event | None:
        """Go to where `position` events have happened. Raises ValueError for no such position."""
        position = index(position)
        if not 0 <= position <= len(self):
            raise ValueError(f"there are positions 0 to {len(self):,}, got {position!r}")
        self.position = position
        return self.event

    def rewind(self) -> None:
        """Go back to before the first event."""
        self.position = 0

    def run_until(self, target: Target) -> Event | None:
        """Go on to the next event that matches the target; to the end and None if there is none.

        The target is a node, for the next event that computes it or contributes to its gradient,
        or a predicate of an Event.
        """
        number = self._first(target, range(self.position, len(self)))
        self.position = len(self) if number is None else number + 1
        return None if number is None else self.event

    def run_back_until(self, target: Target) -> Event | None:
        """Go back to the last earlier event that matches the target; to the start if none does.

        The state is that after the event, as with `run_until`.
        """
        number = self._first(target, range(self.position - 2, -1, -1))
        self.position = 0 if number is None else number + 1
        return self.event

    def _first(self, target: Target, numbers: range) -> int | None:
        if isinstance(target, Value):
            log, forwards = self.events, numbers.step > 0
            return (log.next_touching if forwards else log.last_touching)(target, numbers.start)
        if not callable(target):
            given = f"{type(target).__name__} {target!r}"
            raise TypeError(f"run_until a node or a predicate of an Event, got {given}")
        return next((i for i in numbers if target(self.events[i])), None)

    def finish(self) -> None:
        """Go to the end and write the gradients to the nodes, as one `backward` would.

        Another call writes nothing more, even after stepping back and forth.
        """
        if not self.finished:
            self.output.backward(self.events.seed)
            self.finished = True
        self.position = len(self)

    @property
    def phase(self) -> str:
        """The part of the pass: "start", "forward", "backward" or "end"."""
        if self.position in (0, len(self)):
            return "start" if not self.position else "end"
        return "forward" if self.position <= self.events.forward else "backward"

    def __repr__(self) -> str:
        happened = f"{self.position:,} of {wording.count(len(self), 'event')}"
        return f"<Stepper after {happened}{f': {self.event}' if self.event else ''}>"
