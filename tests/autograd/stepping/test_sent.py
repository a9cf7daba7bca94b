"""Whether a contribution has been sent, at any moment of a pass."""

from __future__ import annotations

from autograd import Stepper, Value, where


def test_every_contribution_is_sent_by_its_own_event() -> None:
    x, z = Value(2.0, "x"), Value(3.0, "z")
    s = Stepper(where(x > 1, x * z, z) + x * x + 1)
    edges = [(v, slot) for v in s.graph for slot in range(len(v.parents))]
    sent: set[tuple[Value, int]] = set()
    for event in s.events:
        s.goto(event.number + 1)
        if event.slot is not None:
            sent.add((event.node, event.slot))
        assert {edge for edge in edges if s.has_sent(*edge)} == sent
    assert len(sent) == len(s) - s.events.forward
