"""The log of a pass: its events in the engine's order, looked up without a replay.

The engine's own backward pass, run once on cotangents that note each number that arrives, writes
the log. A contribution takes 21 bytes in arrays and a node about 100, some 70 bytes an event in
all. The rest of an event is computed on demand, in time that does not grow with the graph.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Container, Iterator, Sequence
from operator import neg
from typing import Any, Literal, NamedTuple, overload

import numpy as np

from autograd.backward import partials, pull_back
from autograd.derivatives import check_fresh
from autograd.floats.ieee import real
from autograd.graph import Graph
from autograd.node import UNSET
from autograd.primitive import CONST
from autograd.text import wording
from autograd.value import Value


class Event(NamedTuple):
    """One step of a pass.

    In the forward pass a node is computed: `after` is its data. In the backward pass a contribution
    `upstream * local` leaves `node` and arrives at its operand number `slot`, whose gradient it
    changes from `before` to `after`.
    """

    number: int  # the index among the events, from 0
    kind: Literal["forward", "backward"]
    node: Value
    operand: Value | None
    slot: int | None
    upstream: float | None  # the gradient of the node, which is complete
    local: float | None  # the derivative of the node with respect to the operand
    before: float | None
    after: float
    graph: Graph

    @property
    def op(self) -> str | None:
        """The node's operation."""
        return self.node.op

    @property
    def changed(self) -> Value:
        """The node whose number or gradient it changes."""
        return self.node if self.operand is None else self.operand

    @property
    def contribution(self) -> float | None:
        """The product `upstream * local`; None in the forward pass."""
        if self.upstream is None or self.local is None:
            return None
        return self.upstream * self.local

    def __str__(self) -> str:
        label, node = self.graph.label, self.node
        if self.operand is None:
            called = f"{label(node)} = " if node.name else ""
            formula, plugged = self.graph.formula(node), self.graph.computed(node)
            return f"{called}{formula} = {plugged} = {wording.number(self.after)}"
        assert self.local is not None
        factors = wording.product(self.upstream or 0.0, self.local)
        change = wording.change(self.before or 0.0, self.after)
        return f"{label(node)} → {label(self.operand)}: {factors}, grad {change}"

    def __repr__(self) -> str:
        return f"<{self.kind} event {self.number}: {self}>"


class _NotingCotangents(dict[Value, float]):
    """Cotangents that note each number that arrives at a node, unless it is a constant."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(dict.fromkeys(graph.nodes, UNSET))
        self.index = graph.index
        self.operands, self.after = array("i"), array("d")

    def __setitem__(self, v: Value, g: float) -> None:
        dict.__setitem__(self, v, g)
        if v._row is not CONST:
            self.operands.append(self.index[v])
            self.after.append(g)


class EventLog(Sequence[Event]):
    """The events of the forward and the backward pass of an output, and the state after each.

    A state is given by the number of events that have happened. The nodes' `.grad` stays as it is.

    Raises StaleGraphError if a Value's data changed since the forward pass, unless `check=False`.

    >>> x = Value(3.0, "x")
    >>> log = EventLog(x * x)
    >>> log[0]
    <forward event 0: x * x = 3.0 * 3.0 = 9.0>
    >>> log[2]
    <backward event 2: v1 → x: 1.0 × 3.0, grad 3.0 → 6.0>
    """

    def __init__(self, output: Value, gradient: float = 1.0, *, check: bool = True) -> None:
        self.graph = Graph(output)
        self.output = output
        self.seed = real(gradient) * 1.0  # a new object, as `backward` has it
        nodes = self.graph.nodes
        if check:
            check_fresh(nodes)
        self.numbers = array("d", [v._float for v in nodes])  # as recorded
        self._computed = array("i", [i for i, v in enumerate(nodes) if v._p0 is not None])
        self.forward = len(self._computed)  # the number of events of the forward pass
        self._when = array("i", bytes(4 * len(nodes)))
        for happened, i in enumerate(self._computed, start=1):
            self._when[i] = happened
        self._write(nodes)
        self._arrange(len(nodes))

    def _write(self, nodes: list[Value]) -> None:
        cotangents = _NotingCotangents(self.graph)
        dict.__setitem__(cotangents, self.output, self.seed)
        pull_back(cotangents)
        self._operands, self._after = cotangents.operands, cotangents.after
        self._senders, self._slots = array("i"), array("b")
        for i in range(len(nodes) - 1, -1, -1):
            v = nodes[i]
            if v._p0 is not None and dict.__getitem__(cotangents, v) is not UNSET:
                for slot in flowing_slots(v):
                    self._senders.append(i)
                    self._slots.append(slot)

    def _arrange(self, count: int) -> None:
        """Sort the arrivals by node: those at node i are a slice of `_arrivals`, in order."""
        operands = np.frombuffer(self._operands, np.int32) if self._operands else np.zeros(0, int)
        order = np.argsort(operands, kind="stable").astype(np.int32)
        starts = np.concatenate([[0], np.cumsum(np.bincount(operands, minlength=count))])
        self._arrivals = array("i", order.tobytes())
        self._starts = array("i", starts.astype(np.int32).tobytes())

    def __len__(self) -> int:
        return self.forward + len(self._operands)

    @overload
    def __getitem__(self, number: int) -> Event: ...

    @overload
    def __getitem__(self, number: slice) -> list[Event]: ...

    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        if number < 0:
            number += len(self)
        if not 0 <= number < len(self):
            raise IndexError(f"there are {len(self):,} events, from 0: none is number {number}")
        if number >= self.forward:
            return self._contribution(number)
        i = self._computed[number]
        node, data = self.graph.nodes[i], self.numbers[i]
        return Event(number, "forward", node, None, None, None, None, None, data, self.graph)

    def _contribution(self, number: int) -> Event:
        k = number - self.forward
        nodes, slot = self.graph.nodes, self._slots[k]
        node, operand = nodes[self._senders[k]], nodes[self._operands[k]]
        return Event(
            number, "backward", node, operand, slot,
            upstream=self.grad(node, number), local=partials(node)[slot],
            before=self.grad(operand, number), after=self._after[k], graph=self.graph,
        )  # fmt: skip

    def first_backward(
        self, predicate: Callable[[float], bool], among: Container[Value]
    ) -> Event | None:
        """Return the first contribution after which a gradient of these satisfies a predicate."""
        nodes, arrived = self.graph.nodes, zip(self._operands, self._after, strict=True)
        bad = (k for k, (i, g) in enumerate(arrived) if predicate(g) and nodes[i] in among)
        k = next(bad, None)
        return None if k is None else self[self.forward + k]

    def sender(self, number: int) -> int:
        """Return the number in the graph of the node of an event."""
        k = number - self.forward
        return self._senders[k] if k >= 0 else self._computed[number]

    def contributions(self) -> Iterator[tuple[int, int]]:
        """Yield the numbers of the node and the operand of each contribution, in order."""
        return zip(self._senders, self._operands, strict=True)

    def data(self, v: Value, happened: int) -> float | None:
        """Return the number of a node; None before it is computed."""
        i = self.place(v)
        return self.numbers[i] if self._when[i] <= happened else None

    def grad(self, v: Value, happened: int) -> float:
        """Return the gradient of a node in this pass so far: 0.0 before anything arrives."""
        if arrived := self._arrived(self.place(v), happened):
            return self._after[arrived[-1]]
        return self.seed if v is self.output and happened >= self.forward else 0.0

    def has_grad(self, v: Value, happened: int) -> bool:
        """True if anything has arrived at a node, the seed at the output included."""
        is_seeded = v is self.output and happened >= self.forward
        return is_seeded or bool(self._arrived(self.place(v), happened))

    def _arrived(self, i: int, happened: int) -> array[int]:
        """The last of the contributions that have arrived at node i, if there is one."""
        start = self._starts[i]
        at = bisect_left(self._arrivals, happened - self.forward, start, self._starts[i + 1])
        return self._arrivals[max(start, at - 1) : at]

    def has_sent(self, v: Value, slot: int, happened: int) -> bool:
        """True if a node has sent its contribution to the operand in a slot."""
        sent = self.sending(v, slot)
        return sent is not None and sent < happened

    def sending(self, v: Value, slot: int) -> int | None:
        """Return the number of the event in which a node sends to a slot; None if it never does."""
        at = bisect_left(self._senders, -self.place(v), key=neg)  # senders go from last to first
        slots = flowing_slots(v)
        if at == len(self._senders) or self._senders[at] != self.place(v) or slot not in slots:
            return None
        return self.forward + at + slots.index(slot)

    def next_touching(self, v: Value, number: int) -> int | None:
        """Return the first event from this number on that changes a node's data or gradient."""
        i = self.place(v)
        if self._when[i] > number:
            return self._when[i] - 1
        stop = self._starts[i + 1]
        at = bisect_left(self._arrivals, number - self.forward, self._starts[i], stop)
        return self._arrivals[at] + self.forward if at < stop else None

    def last_touching(self, v: Value, number: int) -> int | None:
        """Return the last event up to this number that changes a node's data or gradient."""
        i = self.place(v)
        if arrived := self._arrived(i, number + 1):
            return arrived[0] + self.forward
        return self._when[i] - 1 if 0 < self._when[i] <= number + 1 else None

    def arrivals(self, v: Value) -> list[int]:
        """Return the numbers of the events that are contributions to a node, in order."""
        i = self.place(v)
        return [k + self.forward for k in self._arrivals[self._starts[i] : self._starts[i + 1]]]

    def place(self, v: Value) -> int:
        """Return a node's number in the graph. Raises ValueError if it is not in it."""
        if not isinstance(v, Value):
            raise TypeError(f"expected a Value of the graph, got {type(v).__name__} {v!r}")
        i = self.graph.index.get(v)
        if i is None:
            raise ValueError(f"{v!r} is not in the graph of {self.output!r}")
        return i


def flowing_slots(v: Value) -> list[int]:
    """Return the slots of a node through which a derivative flows to an operand."""
    rules = v._row.partials if v._row is not None else ()
    flows = enumerate(zip(v.parents, rules, strict=False))
    return [slot for slot, (p, rule) in flows if rule is not None and p._row is not CONST]
