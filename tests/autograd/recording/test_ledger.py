"""`v.history`: every contribution of every backward call, adding up to the gradient bit for bit."""

from __future__ import annotations

import collections.abc
import gc
import math
import weakref

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from passes import bits

import autograd
from autograd import Graph, Stepper, Value, detect_anomaly, record, zero_grad
from autograd.errors import BackwardTwiceWarning, GradientWarning
from autograd.recording.ledger import History


def check_sums(v: Value) -> None:
    """The contributions of a history add up to the gradient."""
    history, total = v.history, 0.0
    for i, entry in enumerate(history):
        gathered = entry.by.cotangents[entry.by.output] if v is entry.by.output else 0.0
        for c in entry.by.contributions(v):
            assert c.consumer.parents[c.slot] is v
            assert bits(c.before) == bits(gathered)
            gathered = gathered + c.upstream * c.local
            assert bits(c.after) == bits(gathered)
        assert bits(gathered) == bits(entry.by.cotangents[v])
        before = 0.0 if entry.before is None else entry.before
        if i:
            assert bits(before) == bits(total)
        total = before + gathered if v.op is None else gathered
        assert bits(total) == bits(entry.after)
    if history:
        assert bits(total) == bits(v.grad)


def network() -> tuple[Value, Value, Value]:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    return w, x, w * x + w


def test_a_leaf_over_several_calls():
    w, _, _ = network()
    with record():
        for i in range(3):
            (w * float(i)).backward(0.5)
    assert w.grad == 1.5
    assert [e.after for e in w.history] == [0.0, 0.5, 1.5]
    assert [e.before for e in w.history] == [None, 0.0, 0.5]
    assert [e.by.number for e in w.history] == [1, 2, 3]
    assert len({e.by.place.line for e in w.history}) == 1
    check_sums(w)


def test_the_text():
    w, _, y = network()
    y.name = "loss"
    with record():
        y.backward()
        (w * w).backward(0.5)
    shown = str(w.history).splitlines()
    places = [entry.by.place.short for entry in w.history]
    assert shown == [
        "w.grad = 6.0, from 2 backward calls",
        f"backward call 1, of loss, {places[0]}",
        "  v3  v2 + w  1.0 × 1.0 = 1.0    0.0 → 1.0",
        "  v2  w * x   1.0 × 3.0 = 3.0    1.0 → 4.0",
        f"backward call 2, of mul, {places[1]}",
        "  v1  w * w  0.5 × 2.0 = 1.0    0.0 → 1.0",
        "  v1  w * w  0.5 × 2.0 = 1.0    1.0 → 2.0",
        "  added: 4.0 + 2.0 = 6.0",
    ]
    assert repr(w.history) == "<History of w: 2 backward calls>"
    assert str(y.history).splitlines() == [
        "loss.grad = 1.0, from 1 backward call",
        f"backward call 1, of loss, {places[0]}",
        "  the output itself, with gradient 1.0",
    ]
    assert str(Value(1.0).history).startswith("the leaf has no gradient")


def test_it_is_a_sequence():
    w, _, _ = network()
    with record():
        for _ in range(3):
            (w * 1.0).backward()
    history = w.history
    assert isinstance(history, collections.abc.Sequence)
    assert isinstance(history, History)
    assert (len(history), list(history)[1]) == (3, history[1])
    assert list(history[1:]) == [history[1], history[2]]
    assert next(reversed(history)) == history[-1]
    assert history[0] in history
    assert history.index(history[2]) == 2
    with pytest.raises(IndexError):
        history[3]


def test_interior_nodes_know_the_last_call():
    with record():
        w, x, y = network()
        z = y * y
        z.backward()
        assert [e.by.number for e in y.history] == [1]
        check_sums(y)
        zero_grad(Graph(z).leaves)
        (y * 3.0).backward()
    assert (y.grad, len(y.history), y.history[0].by.number) == (3.0, 1, 2)
    assert z.grad == 1.0
    for v in (w, x, y, z, z.parents[0].parents[0]):
        check_sums(v)


def test_after_zero_grad_it_begins_anew():
    w, _, y = network()
    with record():
        y.backward()
        zero_grad(w)
        assert len(w.history) == 0
        assert "no backward pass has reached it since" in str(w.history)
        y.backward()
    assert len(w.history) == 1
    check_sums(w)


@pytest.mark.parametrize("assigned", [0, 0.0, 7.0, math.nan])
def test_after_an_assignment(assigned):
    w, x, y = network()
    with record():
        y.backward()
        w.grad = assigned
        assert "it has changed since, from 4.0: assigned" in str(w.history)
        (w * x).backward()
    assert [e.by.number for e in w.history] == [2]
    assert bits(w.history[0].before) == bits(float(assigned))
    check_sums(w)
    lines = str(w.history).splitlines()
    assert any(line.startswith("it was") for line in lines) == bool(assigned)
    w.grad = 1.0
    assert "it has changed since" in str(w.history)


def test_an_assigned_gradient_alone():
    w = Value(2.0, "w")
    w.grad = 1.0
    assert str(w.history).splitlines() == [
        "w.grad = 1.0, from 0 backward calls known",
        "it was assigned, or came from a backward call that was not recorded",
    ]
    assert len(w.history) == 0


def test_a_call_outside_between_recorded_ones():
    w, x, y = network()
    with record():
        y.backward()
    (w * x).backward()
    assert "it has changed since, from 4.0" in str(w.history)
    with record():
        (w * 1.0).backward()
    assert [(e.before, e.after) for e in w.history] == [(7.0, 8.0)]
    assert "it was 7.0 before: assigned, or from earlier calls" in str(w.history)
    check_sums(w)


def test_the_same_output_twice():
    x = Value(3.0, "x")
    with record():
        y = x * x
        y.backward()
        with pytest.warns(BackwardTwiceWarning):
            y.backward()
    assert [e.after for e in x.history] == [6.0, 12.0]
    assert [c.after for c in x.history[1].by.contributions(x)] == [3.0, 6.0]
    assert len(y.history) == 1
    check_sums(x)
    check_sums(y)


def test_a_leaf_differentiated_itself():
    x = Value(3.0, "x")
    with record():
        x.backward(2.0)
    check_sums(x)
    assert "the output itself, with gradient 2.0" in str(x.history)


def test_more_calls_than_are_kept():
    w = Value(2.0, "w")
    with record():
        for i in range(100):
            (w * float(i)).backward()
    assert len(w.history) == 32
    assert [e.by.number for e in w.history] == list(range(69, 101))
    assert w.history[0].before == sum(range(68))
    check_sums(w)
    assert str(w.history).splitlines()[1].startswith("it was 2278.0 before: assigned, or from earl")


def test_a_stepper_s_finish_is_a_call():
    w, _, y = network()
    with record():
        Stepper(y).finish()
    assert len(w.history) == 1
    assert w.history[0].by.place.file == __file__


def test_calls_are_counted_through_nested_blocks():
    w = Value(2.0, "w")
    with record():
        (w * 1.0).backward()
        with detect_anomaly():
            (w * 1.0).backward()
            with record():
                (w * 1.0).backward()
        (w * 1.0).backward()
    assert [e.by.number for e in w.history] == [1, 2, 3, 4]


def test_lines_fit_the_terminal():
    names = ["a name that is long, longer than most " * 2, "b\n\x1b[2J" * 20, "größe" * 30]
    leaves = [Value(-1.23456789e-100 * (i + 1), name) for i, name in enumerate(names)]
    with record():
        a, b, c = leaves
        y = autograd.where(a, b, c) * a + autograd.maximum(a, b) * autograd.clip(c, a, b) + a * b
        y.name = "z" * 100
        y.backward(-1.23456789e-200)
        (a * 2.0).backward(-1.23456789e100)
    for v in [*leaves, *Graph(y)]:
        if v.op != "const":
            check_sums(v)
            lines = str(v.history).splitlines()
            assert max(map(len, lines)) <= 80, lines
            assert all(line.isprintable() for line in lines)


def test_many_consumers_are_shortened():
    w = Value(1.0, "w")
    with record():
        y = sum([w * float(i) for i in range(1000)])
        y.backward()
    lines = str(w.history).splitlines()
    assert len(lines) == 19
    assert lines[10] == "  … 984 more contributions …"
    assert len(list(w.history[0].by.contributions(w))) == 1000
    check_sums(w)


operations = [
    lambda v, w: v * w,
    lambda v, w: v + w,
    lambda v, w: autograd.where(v, w, v),
    lambda v, w: autograd.tanh(v) / (w * w + 0.1),
]
places = st.integers(0, 20)
programs = st.lists(st.tuples(st.integers(0, 3), places, places), min_size=1, max_size=12)
acts = st.lists(
    st.tuples(st.sampled_from(["backward", "outside", "zero", "assign", "move"]), places),
    min_size=1,
    max_size=12,
)


@settings(max_examples=examples(200))
@given(st.lists(st.floats(-2, 2), min_size=1, max_size=3), programs, acts)
@pytest.mark.filterwarnings("ignore::autograd.errors.GradientWarning")
def test_whatever_happens_it_adds_up(points, program, acts):
    leaves = [Value(x) for x in points]
    nodes = list(leaves)
    for operation, i, k in program:
        nodes.append(operations[operation](nodes[i % len(nodes)], nodes[k % len(nodes)]))
    for act, i in acts:
        leaf = leaves[i % len(leaves)]
        if act == "backward":
            with record():
                nodes[-1 - i % len(program)].backward(0.7)
            for v in Graph(nodes[-1 - i % len(program)]):
                if v.op != "const":
                    check_sums(v)
        elif act == "outside":
            nodes[-1].backward()
        elif act == "zero":
            zero_grad(leaf)
            assert len(leaf.history) == 0
        elif act == "assign":
            leaf.grad = 0.25
        else:
            leaf.data += 0.1
        for v in nodes:
            assert all(len(line) <= 80 for line in str(v.history).splitlines())


def test_the_warnings_have_a_common_class():
    assert issubclass(BackwardTwiceWarning, GradientWarning)


def test_a_gradient_from_a_compiled_function():
    w = Value(2.0, "w")
    c = autograd.compile(lambda x: w * x)
    with record():
        c.backward([1.0, 2.0])
        assert str(w.history).splitlines() == [
            "w.grad = 1.5, from 0 backward calls known",
            "it was assigned, or came from a backward call that was not recorded",
        ]
        (w * 1.0).backward()
        c.backward([1.0, 2.0])
    assert "it has changed since, from 2.5: assigned" in str(w.history)
    assert len(w.history) == 1


def test_zero_grad_lets_go_of_the_graph():
    """Also if the leaf is not reached again, such as one word of many."""
    words = [Value(float(i), f"word{i}") for i in range(3)]
    kept = []
    with record():
        for word in words:
            y = word * word
            y.backward()
            kept.append(weakref.ref(y))
            zero_grad(words)
            del y
    gc.collect()
    assert [graph() for graph in kept] == [None] * 3
