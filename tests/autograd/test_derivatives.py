"""`gradients` visits what lies between its inputs and the output, and gives what a full walk gives.

The oracle walks the whole graph, as `gradients` once did.
"""

from __future__ import annotations

import contextlib
import math
import re
from statistics import median
from time import process_time

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, derivatives, detect_anomaly, gradients, record, where
from autograd.backward import traverse
from autograd.errors import AnomalyError, StaleGraphError, UnreachedParameterWarning
from autograd.graph import Graph
from autograd.node import UNSET
from autograd.primitive import CONST

OPERATIONS = (
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: a - b * b,
    lambda a, b: a / (b * b + 1.0),
    lambda a, b: autograd.tanh(a) * b,
    lambda a, b: where(a > b, a, b * 0.5),
    lambda a, b: where(autograd.lt(a, 0.1), b, a * b),
    lambda a, b: autograd.sin(a.detach() + b),
)


def full_walk(output, wanted, create_graph=False):
    """Derivatives over everything behind the output."""
    order = traverse((output,))
    cotangents = {output: 1.0}
    for v in reversed(order):
        rules = v._row.partials if v._row and v in cotangents else ()
        operands = v.parents if create_graph else v._primals
        result = v if create_graph else v._y
        for p, rule in zip(v.parents, rules, strict=False):
            if rule is not None and p._row is not CONST:
                sent = cotangents[v] * rule(result, *operands)
                cotangents[p] = cotangents[p] + sent if p in cotangents else UNSET + sent
    return [0.0 if v._row is CONST else cotangents.get(v, 0.0) for v in wanted]


@st.composite
def graphs(draw):
    """A graph, as its nodes in the order made, and some of them, any, to differentiate by."""
    nodes = [Value(x) for x in draw(st.lists(st.floats(-2, 2), min_size=1, max_size=3))]
    pick = st.integers(0, 1_000)
    for _ in range(draw(st.integers(1, 14))):
        a, b = (nodes[-1 - draw(pick) % len(nodes)] for _ in range(2))
        nodes.append(draw(st.sampled_from(OPERATIONS))(a, b))
    everything = Graph(nodes[-1]).nodes + nodes
    chosen = draw(st.lists(st.sampled_from(everything), max_size=4))
    interior = [v for v in chosen if v.parents] if draw(st.booleans()) else chosen
    return nodes, interior


MODES = {"plain": contextlib.nullcontext, "record": record, "anomaly": detect_anomaly}


@pytest.mark.filterwarnings("ignore::autograd.errors.UnreachedParameterWarning")
@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=examples(1_000))
@given(graph=graphs())
def test_the_same_bits_as_the_full_walk(mode, graph):
    nodes, inputs = graph
    with MODES[mode]():
        for output in nodes[-3:]:  # in turn, so that depths are there already
            assert list(map(repr, gradients(output, inputs))) == [
                repr(float(g)) for g in full_walk(output, inputs)
            ]


def data(g):
    return g.data if isinstance(g, Value) else g


@pytest.mark.filterwarnings("ignore::autograd.errors.UnreachedParameterWarning")
@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=examples(300))
@given(graph=graphs())
def test_to_the_third_order(mode, graph):
    nodes, inputs = graph
    inputs = inputs[:2]
    with MODES[mode]():
        ours, oracle = [nodes[-1]], [nodes[-1]]
        for _ in range(3):
            ours = [g for v in ours for g in gradients(v, inputs, create_graph=True)]
            oracle = [
                g if isinstance(g, Value) else Value(g)
                for v in oracle
                for g in full_walk(v, inputs, create_graph=True)
            ]
            for a, b in zip(ours, oracle, strict=True):
                assert math.isclose(a.data, b.data, rel_tol=1e-9, abs_tol=1e-9)


@settings(max_examples=examples(300))
@given(graph=graphs())
def test_what_leads_to_the_inputs_is_visited_in_the_same_order(graph):
    nodes, inputs = graph
    output = nodes[-1]
    everything = derivatives.leading({}, traverse((output,)), output, inputs)
    part = derivatives.leading(*derivatives.between(output, inputs), output, inputs)
    assert list(part[1]) == list(everything[1])
    assert all(v._depth > p._depth for v in nodes if hasattr(v, "_depth")
               for p in v.parents if p.parents)  # fmt: skip


# What is not visited


def history(steps, count=1, coupled=True):
    """The variables of a simulation after some steps."""
    state = [Value(1.0 + i) for i in range(count)]
    for _ in range(steps):
        state = [0.5 * v + (0.3 * state[i - 1] if coupled else 0.1) for i, v in enumerate(state)]
    return state


@pytest.fixture
def numbered(monkeypatch):
    """A list that grows by an item for every step of a walk for depths."""
    seen = []
    number = derivatives._number

    def counted(output):
        for step in number(output):
            seen.append(step)
            yield step

    monkeypatch.setattr(derivatives, "_number", counted)
    return seen


def test_history_behind_one_input_is_not_walked(numbered):
    [x, *_] = history(3_000, 2)
    y = x * x + autograd.sin(x)
    assert gradients(y, [x]) == pytest.approx([2 * x.data + math.cos(x.data)], rel=1e-12)
    ends, order = derivatives.between(y, [x])
    assert len(ends) + len(order) == 4
    assert len(numbered) < 100


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("coupled", [False, True])
@pytest.mark.parametrize("wanted", [1, 2, 4])  # one of four: the others have a history, too
def test_history_is_walked_once(wanted, coupled, create_graph, numbered):
    state = history(1_000, 4, coupled)
    for i in range(5):
        energy = sum(v * v * w for v, w in zip(state, [*state[1:], state[0]], strict=True))
        numbered.clear()
        slopes = gradients(energy, state[:wanted], create_graph)
        ends, order = derivatives.between(energy, state[:wanted])
        assert len(ends) + len(order) < 40
        assert len(numbered) < 200 or i == 0
        expected = full_walk(energy, state)[:wanted]
        assert list(map(data, slopes)) == pytest.approx(expected, rel=1e-12)
        state = [0.5 * v + 0.3 * state[i - 1] for i, v in enumerate(state)]


def test_a_leaf_among_the_inputs_is_found_anywhere():
    w = Value(0.5)
    hidden = w
    for _ in range(50):
        hidden = hidden * w
    loss = hidden * hidden
    assert gradients(loss, [hidden, w]) == full_walk(loss, [hidden, w])


def count_nodes(*outputs):
    return len(Graph(outputs).nodes)


def test_only_what_is_needed_is_recorded():
    x, z = Value(2.0), Value(3.0)
    other = z
    for _ in range(100):
        other = autograd.sin(other) * z
    before = count_nodes(y := x * x * x + other)
    [slope] = gradients(y, [x], create_graph=True)
    assert count_nodes(y, slope) - before < 10


def test_only_what_is_read_must_be_fresh():
    w, z, condition = Value(2.0), Value(4.0), Value(1.0)
    x = w * 3.0
    y = where(condition * 1.0 > 0, x * x, x) + z * z
    w.data = z.data = condition.data = 0.0  # behind x; on no path to x
    [slope] = gradients(y, [x], create_graph=True)
    assert slope.data == 12.0
    x.data = 7.0
    with pytest.raises(StaleGraphError):
        gradients(y, [x], create_graph=True)


@pytest.mark.parametrize("number", [math.nan, -0.0, 1.0])
def test_a_number_of_any_kind_is_seen_to_have_changed(number):
    x = Value(0.0)
    y = x * x
    assert gradients(y, [x], create_graph=True)[0].data == 0.0
    x.data = 0.0  # another object, the same number
    assert gradients(y, [x], create_graph=True)[0].data == 0.0
    x.data = number
    with pytest.raises(StaleGraphError):
        gradients(y, [x], create_graph=True)
    y = x * x
    x.data = 0.0
    with pytest.raises(StaleGraphError):
        gradients(y, [x], create_graph=True)


def test_every_node_that_is_read_is_looked_at():
    x, z = Value(2.0), Value(3.0)
    y = autograd.exp(x) * autograd.sin(x * z)
    z.data = 4.0
    with pytest.raises(StaleGraphError, match=r"was 3\.0"):
        gradients(y, [x], create_graph=True)


@pytest.mark.parametrize(("function", "slots"), [(autograd.exp, 1), (autograd.mul, 2), (where, 3)])
def test_an_operand_in_any_place_must_be_fresh(function, slots):
    for slot in range(slots):
        operands = [Value(2.0 + i) for i in range(slots)]
        y = function(*operands)
        gradients(y, operands, create_graph=True)
        operands[slot].data += 1.0
        with pytest.raises(StaleGraphError):
            gradients(y, operands, create_graph=True)


def test_no_factor_of_one_is_recorded():
    x, z = Value(2.0), Value(3.0)
    assert gradients(x * z, [x], create_graph=True) == [z]
    [slope] = gradients((x + z) * x, [z], create_graph=True)
    assert slope is x


def test_a_nan_is_the_nan_that_was_recorded():
    x = Value(math.nan)
    y = x * x
    x.data = math.inf - math.inf
    assert math.isnan(gradients(y, [x], create_graph=True)[0].data)


def test_a_visit_ends_at_what_is_no_deeper_than_any_input():
    [shallow] = history(3)
    a, b = history(6, 2)
    ends, order = derivatives.between(a * b + shallow, [a, b])
    assert list(ends)[:2] == [a, b]
    assert shallow in ends
    assert [v.op for v in order] == ["mul", "add"]


@pytest.mark.parametrize("mode", ["record", "anomaly"])
def test_an_anomaly_says_which_derivative_was_being_formed(mode):
    x = Value(0.0, "x")
    with MODES[mode]():
        y = autograd.sqrt(x * 1.0) * x
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        gradients(y, [x], create_graph=True)
    [note] = caught.value.__notes__
    assert re.match(r"while the derivative of sqrt with respect to operand 0 was formed, made at "
                    r"test_derivatives\.py:\d+", note)  # fmt: skip
    y = autograd.sqrt(x)
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        gradients(y, [x], create_graph=True)
    assert caught.value.__notes__ == ["while the derivative of sqrt with respect to x was formed"]


def test_only_what_is_read_is_checked_for_anomalies():
    old, z = Value(0.0), Value(1.0)
    x = autograd.sqrt(old) + 1.0
    with detect_anomaly():
        assert gradients(x * z, [x]) == [1.0]
        assert gradients(autograd.sqrt(old) + z, [z]) == [1.0]
        with pytest.raises(AnomalyError, match="gave inf"):
            gradients(x * z, [old])


def test_an_error_names_a_contribution_that_was_asked_for():
    a, b = Value(0.0, "a"), Value(0.0, "b")
    with detect_anomaly(), pytest.raises(AnomalyError, match="gave inf to a"):
        gradients(autograd.sqrt(a) + autograd.sqrt(b), [a])


# Odd inputs


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.filterwarnings("ignore::autograd.errors.UnreachedParameterWarning")
@pytest.mark.parametrize("mode", MODES)
def test_odd_inputs(mode, create_graph):
    leaf, constant = Value(2.0), Value(2.0).detach()
    x = leaf * 1.0
    y, condition = x * x, x > 1.0
    chosen = where(autograd.gt(x, 1.0), leaf * 3.0, leaf)
    apart = Value(1.0) * 2.0
    with MODES[mode]():
        for output, inputs, expected in (
            (x, [x], [1.0]),
            (leaf, [leaf], [1.0]),
            (leaf, [x], [0.0]),
            (y, [y, x], [1.0, 4.0]),
            (y, [x, y, leaf, x], [4.0, 1.0, 4.0, 4.0]),
            (y, [], []),
            (y, [constant], [0.0]),
            (constant, [constant], [0.0]),
            (y, [apart], [0.0]),
            (y, [apart, x], [0.0, 4.0]),
            (y * constant, [constant, x], [0.0, 8.0]),
            (chosen, [x], [0.0]),  # the condition only
            (chosen, [x, leaf], [0.0, 3.0]),
        ):
            slopes = gradients(output, inputs, create_graph)
            assert all(isinstance(g, Value) == create_graph for g in slopes)
            assert list(map(data, slopes)) == expected
    assert condition is True


def test_an_input_that_is_not_reached_is_warned_of():
    x, apart = Value(2.0) * 1.0, Value(1.0, "apart") * 2.0
    with record(), pytest.warns(UnreachedParameterWarning, match="does not depend on apart"):
        gradients(x * x, [x, apart])


# The price


def seconds(steps, create_graph):
    state = history(steps, 2)
    taken = []
    for _ in range(15):
        begun = process_time()
        y = sum(autograd.sin(state[0] * state[1]) for _ in range(20))
        gradients(y, state, create_graph)
        taken.append(process_time() - begun)
    return median(taken)


@pytest.mark.slow
@pytest.mark.parametrize("create_graph", [False, True])
def test_history_costs_nothing(create_graph):
    assert seconds(100_000, create_graph) < 2.0 * seconds(1, create_graph)


def test_inputs_are_nested_lists_and_arrays():
    W, b = autograd.array([[1.0, 2.0]]), Value(3.0)
    y = (W * W).sum() + b
    assert gradients(y, [W, {"b": b}]) == [2.0, 4.0, 1.0]
    assert gradients(y, W) == [2.0, 4.0]
