import pytest
from viz_graphs import chain, group, network, parse, words

import autograd
from autograd import Graph, Value
from viz import draw
from viz.selection.nearest import nearest


def test_a_small_graph_is_drawn_whole():
    graph = Graph(network())
    assert nearest(graph, len(graph)).shown == graph.nodes
    assert not nearest(graph, len(graph)).hidden


@pytest.mark.parametrize("limit", [1, 2, 5, 10, 30])
def test_what_is_left_out_is_counted_once(limit):
    graph = Graph(network())
    chosen = nearest(graph, limit)
    assert len(chosen.shown) == limit
    assert sum(chosen.hidden.values()) == len(graph) - limit
    assert {stub.at for stub in chosen.via.values()} <= set(chosen.shown)
    assert graph.outputs[0] in chosen.shown


def test_the_nearest_are_drawn():
    v = chain(10)
    assert nearest(Graph(v), 3).shown == [v.parents[0], v.parents[1], v]


def test_a_stub_says_how_many_more():
    root = parse(draw(chain(10), max_nodes=3))
    assert "3 of 21 nodes: those nearest to the output" in words(root)
    assert words(group(root, "more18")) == "… 18 more"


@pytest.mark.parametrize("function", [autograd.softmax, autograd.log_softmax, autograd.logsumexp])
def test_the_constant_that_a_softmax_shares_is_one_node(function):
    x = [Value(0.3, "a"), Value(1.2, "b"), Value(-0.4, "c")]
    shown = nearest(Graph(function(x)), 60).shown
    assert [v.data for v in shown if v.op == "const"] == [1.2]


def test_fewer_nodes_than_outputs():
    outputs = [Value(float(i)).exp() for i in range(5)]
    root = parse(draw(outputs, max_nodes=3))
    assert "3 of 10 nodes: those nearest to the outputs" in words(root)


def test_an_operand_that_another_output_hides():
    x = Value(1.0, "x")
    outputs = [(x * i).exp() for i in range(4)]
    assert parse(draw(outputs, max_nodes=2)) is not None
    chained = [outputs[0], outputs[0].exp().exp()]
    assert parse(draw(chained[::-1], max_nodes=1)) is not None


def test_the_same_nodes_at_any_limit_bear_the_same_numbers():
    loss = network()
    assert all(
        line.split()[0] in draw(loss, fold=False).source
        for line in draw(loss, max_nodes=8).source.splitlines()
        if line.strip().startswith("n")
    )
