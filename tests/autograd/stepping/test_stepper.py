"""The Stepper against the engine's own pass, event by event, and its moves against a search."""

from __future__ import annotations

import copy
import math
import sys
import tracemalloc

import numpy as np
import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from passes import bits, derived, engines_own, same_event

import autograd
from autograd import StaleGraphError, Stepper, Value, detect_anomaly, no_grad, where
from autograd.primitive import TABLE
from autograd.stepping.events import EventLog


def check_against_the_engine(y: Value, seed: float = 1.0) -> None:
    """The log equals the arrivals noted in the engine's own pass, and the definition of a pass."""
    log = EventLog(y, seed)
    sent = derived(y, seed)
    own = engines_own(y, seed)
    backward = log[log.forward :]
    assert len(backward) == len(sent) == len(own.arrivals)
    for event, expected, arrival in zip(backward, sent, own.arrivals, strict=True):
        same_event(event, expected)
        assert arrival.operand is event.operand
        assert bits(arrival.before) == bits(event.before)
        assert bits(arrival.after) == bits(event.after)
    final = {v: g for v, g in own.items() if v.op != "const"}
    assert all(bits(log.grad(v, len(log))) == bits(g) for v, g in final.items())


def every_row() -> list:
    cases = []
    for row in TABLE.values():
        points = [*row.points, *(point for point, _ in row.edges)]
        cases += [pytest.param(row, point, id=f"{row.name}{point}") for point in points]
    return cases


@pytest.mark.parametrize(("row", "point"), every_row())
def test_the_log_is_the_engine_s_pass_for_every_row(row, point):
    for shared in (False, True):
        leaves = [Value(x) for x in point]
        if shared:
            leaves = [Value(point[0])] * len(point)
        y = row(*leaves)
        if y.op == row.name:
            check_against_the_engine(y, 0.75)
            check_against_the_engine(y * leaves[0] + y, -1.3)


@pytest.mark.parametrize(("row", "point"), every_row())
def test_constants_take_no_contribution(row, point):
    for slot in range(len(point)):
        operands = [x if i == slot else Value(x) for i, x in enumerate(point)]
        y = row(*operands)
        if isinstance(y, Value) and y.op == row.name:
            check_against_the_engine(y + 0.0 * Value(1.0))


steps = st.tuples(
    st.sampled_from(sorted(TABLE)), st.lists(st.integers(0, 99), min_size=3, max_size=3)
)
numbers = st.sampled_from([0.0, -0.0, 0.5, -1.5, 2.0, 1e-300, 1e200, 3.0])


@settings(max_examples=examples(300))
@given(st.lists(numbers, min_size=1, max_size=4), st.lists(steps, max_size=25), numbers)
def test_the_log_is_the_engine_s_pass_for_random_graphs(points, program, seed):
    nodes = [Value(x) for x in points]
    for name, chosen in program:
        row = TABLE[name]
        operands = [nodes[i % len(nodes)] for i in chosen[: row.arity]]
        nodes.append(row(*operands, 2.0) if chosen[0] % 7 == 0 and row.optional else row(*operands))
    y = nodes[-1]
    if y.op != "const":
        check_against_the_engine(y, seed)
        twin = copy.deepcopy(y)
        leaves, copies = autograd.Graph(y).leaves, autograd.Graph(twin).leaves
        Stepper(y, seed).finish()
        twin.backward(seed)
        assert [bits(v.grad) for v in leaves] == [bits(v.grad) for v in copies]
        assert [v.has_grad for v in leaves] == [v.has_grad for v in copies]


# The text of a pass


def network() -> tuple[Value, Value, Value]:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    return w, x, w * x + w


def test_the_events_in_words():
    _, _, y = network()
    s = Stepper(y)
    assert [str(e) for e in s.events] == [
        "w * x = 2.0 * 3.0 = 6.0",
        "v2 + w = 6.0 + 2.0 = 8.0",
        "v3 → v2: 1.0 × 1.0, grad 0.0 → 1.0",
        "v3 → w: 1.0 × 1.0, grad 0.0 → 1.0",
        "v2 → w: 1.0 × 3.0, grad 1.0 → 4.0",
        "v2 → x: 1.0 × 2.0, grad 0.0 → 2.0",
    ]
    assert [e.kind for e in s.events] == ["forward"] * 2 + ["backward"] * 4
    assert s.events[0].contribution is None
    assert s.events[-1].contribution == 2.0
    assert s.events[0].op == "mul"
    assert [e.number for e in s.events] == list(range(6))


def test_leaves_and_constants_are_given():
    w, x, y = network()
    z = y * 2.0
    s = Stepper(z)
    [two] = [v for v in s.graph.nodes if v.op == "const"]
    assert [s.data(v) for v in (w, x, two, y, z)] == [2.0, 3.0, 2.0, None, None]
    s.goto(len(s))
    assert s.grad(two) == 0.0
    assert not s.has_grad(two)
    assert all(e.operand is not two for e in s.events)


def test_the_output_has_its_seed_when_the_forward_pass_is_over():
    _, _, y = network()
    s = Stepper(y, gradient=0.5)
    s.goto(1)
    assert (s.data(y), s.grad(y), s.has_grad(y), s.phase) == (None, 0.0, False, "forward")
    s.step()
    assert (s.data(y), s.grad(y), s.has_grad(y)) == (8.0, 0.5, True)


def test_what_is_reached_through_a_condition_only_takes_nothing():
    x, z = Value(2.0), Value(3.0)
    condition = autograd.tanh(x)
    y = where(condition, z, z)
    check_against_the_engine(y)
    s = Stepper(y)
    s.goto(len(s))
    assert [s.has_grad(v) for v in (x, condition, z)] == [False, False, True]
    s.finish()
    assert not x.has_grad
    assert z.grad == 1.0


def test_a_leaf_by_itself():
    x = Value(2.0)
    s = Stepper(x, 3.0)
    assert (len(s), s.event, s.step(), s.back(), s.next(), s.previous()) == (0,) + (None,) * 5
    assert (s.grad(x), s.phase, repr(s)) == (3.0, "start", "<Stepper after 0 of 0 events>")
    s.finish()
    assert x.grad == 3.0


def test_moves():
    _, _, y = network()
    s = Stepper(y)
    assert s.step(2).number == 1
    assert s.next().number == 3  # y sends to both of its operands
    assert s.phase == "backward"
    assert s.next().number == 5
    assert s.phase == "end"
    assert s.next() is s.step() is None
    assert s.previous().number == 3
    assert s.previous().number == 1
    assert s.previous().number == 0
    assert s.previous() is None
    assert s.step(100).number == 5
    assert s.step(-2).number == 3
    assert s.back(-1).number == 4
    assert s.previous().number == 3  # from the middle of a node to its beginning
    s.rewind()
    assert (s.position, s.event) == (0, None)
    assert s.goto(np.int64(4)).number == 3
    assert repr(s) == "<Stepper after 4 of 6 events: v3 → w: 1.0 × 1.0, grad 0.0 → 1.0>"


def test_running():
    w, _, y = network()
    s = Stepper(y)
    assert [e.number for e in iter(lambda: s.run_until(w), None)] == [3, 4]
    assert s.position == len(s)
    assert s.run_back_until(w).number == 4
    assert s.run_back_until(w).number == 3
    assert s.run_back_until(w) is None
    assert s.position == 0
    assert s.run_until(lambda e: e.after == 8.0).node is y
    assert s.run_until(lambda e: False) is None
    assert s.run_back_until(lambda e: e.kind == "forward").number == 1
    assert s.run_until(y) is None  # it is computed once, and has been


def test_a_predicate_that_raises_moves_nothing():
    s = Stepper(network()[2])
    s.goto(3)
    with pytest.raises(ZeroDivisionError):
        s.run_until(lambda e: 1 / (e.number - 5) > 0)
    assert s.position == 3


@pytest.mark.parametrize("move", ["step", "back", "goto"])
@pytest.mark.parametrize("count", [1.5, "1", None])
def test_moves_take_whole_numbers(move, count):
    s = Stepper(network()[2])
    with pytest.raises(TypeError, match="integer"):
        getattr(s, move)(count)
    assert s.position == 0


def test_errors_say_what_was_meant():
    _, _, y = network()
    s = Stepper(y)
    with pytest.raises(ValueError, match="positions 0 to 6, got 7"):
        s.goto(7)
    with pytest.raises(ValueError, match="positions 0 to 6, got -1"):
        s.goto(-1)
    with pytest.raises(IndexError, match="there are 6 events"):
        s.events[6]
    with pytest.raises(TypeError, match="a node or a predicate of an Event, got int 3"):
        s.run_until(3)
    with pytest.raises(ValueError, match="is not in the graph of"):
        s.run_until(Value(1.0))
    with pytest.raises(ValueError, match="is not in the graph of"):
        s.grad(Value(1.0))
    with pytest.raises(TypeError, match="expected a Value of the graph, got str"):
        s.data("w")
    with pytest.raises(TypeError, match=r"Stepper\(\) takes a Value, got float"):
        Stepper(1.0)
    with pytest.raises(TypeError):
        Stepper(y, "1")
    with no_grad(), pytest.raises(ValueError, match="is a constant"):
        Stepper(y + 1)


def test_a_stale_graph_is_refused():
    w, _, y = network()
    w.data = 5.0
    with pytest.raises(StaleGraphError):
        Stepper(y)


def test_leaves_assigned_before_use_are_what_they_were_used_as():
    x = Value(math.nan)
    x.data = 2.0
    s = Stepper(x * x)
    assert s.data(x) == 2.0


def test_what_is_assigned_later_does_not_change_a_pass():
    w, _, y = network()
    s = Stepper(y)
    told = [(e.upstream, e.local, e.before, e.after) for e in s.events]
    w.data = y.data = 7.0
    assert (s.data(w), s.grad(w)) == (2.0, 0.0)
    assert told == [(e.upstream, e.local, e.before, e.after) for e in s.events]
    s.finish()
    assert w.grad == 4.0


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


# The nodes' own gradients


def test_only_finish_writes_and_it_writes_once():
    w, x, y = network()
    y.backward()
    before = [v.grad for v in (w, x)]
    s = Stepper(y, 0.5)
    s.goto(len(s))
    s.back(3)
    s.run_until(x)
    assert [v.grad for v in (w, x)] == before
    assert y.grad == 1.0
    s.finish()
    assert [v.grad for v in (w, x, y)] == [6.0, 3.0, 0.5]
    s.rewind()
    s.finish()
    assert [v.grad for v in (w, x, y)] == [6.0, 3.0, 0.5]
    assert s.finished
    assert s.phase == "end"


def test_the_gradient_of_a_node_that_has_none():
    x = Value(2.0)
    y = x * x
    y.backward(Value(1.0).grad)
    assert (x.grad, x.has_grad, y.has_grad) == (0.0, True, True)
    s = Stepper(x * x, Value(1.0).grad)
    s.goto(len(s))
    assert len(s) == 3
    assert s.has_grad(x)


def test_a_finish_that_fails_can_be_tried_again():
    x = Value(0.0)
    s = Stepper(autograd.sqrt(x))
    with detect_anomaly(), pytest.raises(autograd.AnomalyError):
        s.finish()
    assert not s.finished
    assert not x.has_grad
    s.finish()
    assert x.grad == math.inf


def test_slices_and_the_sequence():
    log = EventLog(network()[2])
    assert [e.number for e in log[::-2]] == [5, 3, 1]
    assert log[-1] == log[5]
    assert log[2] in log
    assert log.index(log[4]) == 4
    assert [e.number for e in reversed(log)] == [5, 4, 3, 2, 1, 0]


# Size


def chain(length: int) -> tuple[Value, Value]:
    v, w = Value(1.0, "v"), Value(1.0, "w")
    y = v
    for _ in range(length):
        y = y * w + 0.0
    return w, y


def walk(nodes: int) -> tuple[int, float]:
    """Make every kind of move in a long pass; return the number of events and the bytes of each."""
    w, y = chain(nodes)
    limit = sys.getrecursionlimit()
    tracemalloc.start()
    try:
        s = Stepper(y)
        size = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    count = len(s)
    assert count == 5 * nodes  # two computed, three contributions
    assert s.run_until(w).number == s.events.forward + 2
    assert s.goto(count).operand is w
    assert s.run_back_until(w).number == count - 4
    assert s.run_back_until(lambda e: e.kind == "forward").number == s.events.forward - 1
    s.rewind()
    while s.step(997):
        pass
    while s.previous() and s.position > count - 500:
        pass
    s.rewind()
    s.finish()
    assert w.grad == nodes
    assert sys.getrecursionlimit() == limit
    return count, size / count


@pytest.mark.slow
def test_a_long_pass_takes_a_hundred_bytes_an_event():
    count, size = walk(10_000)
    assert count == 50_000
    assert size < 100


@pytest.mark.slow
def test_a_million_events():
    count, size = walk(200_000)
    assert count == 1_000_000
    assert size < 100
    _, y = chain(200_000)
    s = Stepper(y)
    assert sum(1 for _ in iter(s.step, None)) == 1_000_000
    assert sum(1 for _ in iter(s.back, None)) == 999_999


def test_a_step_takes_the_same_time_in_a_large_graph():
    """Lookups are counted: a move does nothing else."""
    looked = []
    for nodes in (100, 10_000):
        _, y = chain(nodes)
        s = Stepper(y)
        s.goto(len(s) // 2)
        calls = 0

        def count(frame, event, argument):
            nonlocal calls
            calls += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            s.step()
            s.back()
            s.next()
            s.previous()
            s.grad(y)
        finally:
            sys.setprofile(None)
        looked.append(calls)
    assert looked[0] == looked[1]
