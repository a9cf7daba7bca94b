import time

import pytest
from viz_graphs import group, network, neuron, parse, tooltip, words

from autograd import Graph, Value
from viz import draw
from viz.selection.frames import scopes as frames
from viz.selection.frames import split_name


def scope_of(output, v):
    return ".".join(frames(Graph(output).nodes)[v])


@pytest.mark.parametrize(
    ("name", "scope", "short"),
    [
        ("x", (), "x"),
        ("x[0]", (), "x[0]"),
        ("layer0.neuron3.w[5]", ("layer0", "neuron3"), "w[5]"),
        ("model.0.weight", ("model", "0"), "weight"),
        ("rate 0.5", (), "rate 0.5"),
        ("0.5", (), "0.5"),
        ("the loss.", (), "the loss."),
        ("Eq. 3", (), "Eq. 3"),
        (".hidden", (), "hidden"),
        ("a..b", ("a.",), "b"),
        ("W[0,1].σ", ("W[0,1]",), "σ"),
        (".".join("abcdefghijk"), (*"abcdefg", "h.i.j"), "k"),
    ],
)
def test_a_name_tells_its_scope(name, scope, short):
    assert split_name(name) == (scope, short)


def test_a_neuron_is_framed_without_its_inputs_and_the_loss():
    loss = network()
    found = frames(Graph(loss).nodes)
    scopes = [".".join(found[v]) for v in Graph(loss).nodes]
    for name in ("layer0.neuron0", "layer0.neuron1"):
        assert scopes.count(name) == 8  # two weights, two products, their sum, b, z, a
    assert scopes.count("layer1.neuron0") == 7  # no a
    outside = [v for v in Graph(loss).nodes if not found[v]]
    assert [v.name or v.op for v in outside] == [
        "const", "x[0]", "x[1]", "const", "sub", "const", "pow", "loss",
    ]  # fmt: skip


def test_a_loss_of_one_output_and_a_penalty_on_a_weight_lie_outside():
    w = Value(2.0, "n.w")
    a = w * Value(1.0, "x")
    a.name = "n.a"
    penalty = w * w
    assert scope_of([(a - 1.0) ** 2, penalty], penalty) == ""


def test_a_constant_lies_where_it_is_used():
    w = Value(2.0, "n.w")
    inner = w * 3.0
    a = inner + 1.0
    a.name = "n.a"
    output = a * 2.0
    assert scope_of(output, inner.parents[1]) == "n"
    assert scope_of(output, a.parents[1]) == "n"
    assert scope_of(output, output.parents[1]) == ""


def test_a_node_between_two_scopes_lies_in_none():
    p, q = Value(1.0, "p.w"), Value(2.0, "q.w")
    between = p * q
    left, right = between + p, between + q
    left.name, right.name = "p.y", "q.y"
    assert scope_of([left, right], between) == ""


def test_a_weight_that_two_neurons_share_stays_in_the_first():
    first = neuron("l.n0", [Value(1.0, "x")], [2.0])
    shared = Graph(first).leaves[0]
    second = shared * Value(3.0, "x2") + Value(0.0, "l.n1.b")
    second.name = "l.n1.z"
    assert scope_of([first, second], shared) == "l.n0"
    assert scope_of([first, second], second.parents[0]) == ""  # from n0 alone, to n1


def test_the_picture_shows_them_in_each_other():
    root = parse(draw(network()))
    labels = {tooltip(g): words(g) for i in range(1, 6) if (g := group(root, f"f{i}")) is not None}
    assert labels == {
        "layer0": "layer0", "layer0.neuron0": "neuron0", "layer0.neuron1": "neuron1",
        "layer1": "layer1", "layer1.neuron0": "neuron0",
    }  # fmt: skip


@pytest.mark.slow
def test_twenty_thousand_scopes_in_one_sum_take_no_time():
    total = sum(Value(1.0, f"neuron{i}.b") for i in range(20_000))
    start = time.process_time()
    draw(total, max_nodes=10)
    assert time.process_time() - start < 10.0
