"""A pass told by somebody else: what the tests of the Stepper compare with."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

from autograd import Graph, Value, partials
from autograd.backward import pull_back, traverse
from autograd.node import UNSET


def bits(x: float) -> bytes:
    return struct.pack("<d", x)


class Arrival(NamedTuple):
    operand: Value
    before: float
    after: float


class Recording(dict[Value, float]):
    """Cotangents that record what the engine's own backward pass writes."""

    def __init__(self, cotangents: dict[Value, float]) -> None:
        super().__init__(cotangents)
        self.arrivals: list[Arrival] = []

    def __setitem__(self, v: Value, g: float) -> None:
        if v.op != "const":
            self.arrivals.append(Arrival(v, self[v], g))
        super().__setitem__(v, g)


def engines_own(output: Value, seed: float) -> Recording:
    cotangents = traverse((output,))
    cotangents[output] = seed
    recording = Recording(cotangents)
    pull_back(recording)
    return recording


class Sent(NamedTuple):
    node: Value
    operand: Value
    slot: int
    upstream: float
    local: float
    before: float
    after: float


def derived(output: Value, seed: float) -> list[Sent]:
    """The same contributions from parents and partials, nothing else."""
    gathered: dict[Value, float] = {output: seed}
    sent = []
    for node in reversed(Graph(output).nodes):
        if node not in gathered:
            continue
        for slot, (operand, local) in enumerate(zip(node.parents, partials(node), strict=True)):
            if local is not None:
                before = gathered.get(operand, 0.0)
                gathered[operand] = before + gathered[node] * local
                sent.append(
                    Sent(node, operand, slot, gathered[node], local, before, gathered[operand])
                )
    return sent


class State(NamedTuple):
    data: dict[Value, float]
    grad: dict[Value, float]


class Naive:
    """The state after so many events, replayed from the start each time."""

    def __init__(self, output: Value, seed: float) -> None:
        self.output, self.seed = output, seed
        self.nodes = Graph(output).nodes
        self.computed = [v for v in self.nodes if v.parents]
        self.sent = derived(output, seed)

    def __len__(self) -> int:
        return len(self.computed) + len(self.sent)

    def touched(self, number: int) -> Value:
        """The node that an event changes."""
        forward = len(self.computed)
        return self.computed[number] if number < forward else self.sent[number - forward].operand

    def sender(self, number: int) -> Value:
        forward = len(self.computed)
        return self.computed[number] if number < forward else self.sent[number - forward].node

    def at(self, position: int) -> State:
        data = {v: v.data for v in self.nodes if not v.parents}
        grad: dict[Value, float] = {}
        for number in range(position):
            if number < len(self.computed):
                v = self.computed[number]
                data[v] = v._row.forward(*(data[p] for p in v.parents))  # type: ignore[union-attr]
            else:
                grad.setdefault(self.output, self.seed)
                c = self.sent[number - len(self.computed)]
                grad[c.operand] = grad.get(c.operand, 0.0) + c.upstream * c.local
        if position >= len(self.computed):
            grad.setdefault(self.output, self.seed)
        return State(data, grad)


def same_event(event: Any, expected: Sent) -> None:
    assert event.node is expected.node
    assert event.operand is expected.operand
    assert event.slot == expected.slot
    for field in ("upstream", "local", "before", "after"):
        assert bits(getattr(event, field)) == bits(getattr(expected, field)), field
    assert bits(event.contribution) == bits(expected.upstream * expected.local)
    assert bits(event.before + event.upstream * event.local) == bits(event.after)


__all__ = ["UNSET", "Naive", "Sent", "bits", "derived", "engines_own", "same_event"]
