"""Large graphs are folded by meaning; nothing is lost, and what is folded is counted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from viz_graphs import chain, network, parse, words

import autograd
import nn
from autograd import Graph, Value, record, scope
from viz import draw
from viz.selection.code_lines import StepGroups
from viz.selection.elements import FoldOptions
from viz.selection.folding import folded
from viz.selection.partition import Folding
from viz.selection.wiring import Wiring
from viz.snapshot.formulas import formula


def perceptron(nin=6, hidden=5, classes=3, recorded=False):
    model = nn.MLP(nin, [hidden, classes], activation="sigmoid", seed=0)
    inputs = [0.1 * i for i in range(nin)]
    if recorded:
        with record():
            loss = nn.cross_entropy(model(inputs), 1)
    else:
        loss = nn.cross_entropy(model(inputs), 1)
    loss.name = "loss"
    loss.backward()
    return loss


def named(*names):
    return [Value(1.5 + i, name) for i, name in enumerate(names)]


def boxes(output, limit, **how):
    chosen = folded(Graph(output), limit, FoldOptions(**how))
    assert chosen is not None
    return chosen


def check_nothing_is_lost(graph, chosen):
    """Every node is drawn or lies in one box; every edge is drawn once or lies within a box."""
    inside = [v for box in chosen.folds for v in box.nodes]
    assert len(inside) == len(set(inside))
    assert set(inside) | set(chosen.shown) == set(graph.nodes)
    assert not set(inside) & set(chosen.shown)
    of = {v: box for box in chosen.folds for v in box.nodes}
    between = [
        e for e in graph.edges if of.get(e.operand, e.operand) is not of.get(e.result, e.result)
    ]
    drawn = [e for arrow in chosen.arrows for e in arrow.edges]
    assert sorted(map(graph.edges.index, drawn)) == sorted(map(graph.edges.index, between))
    for box in chosen.folds:
        used = {e.operand for e in between} | set(graph.outputs)
        assert [v for v in box.nodes if v in used] == list(box.outputs)


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("limit", [3, 8, 12, 20, 40, 80, 150])
def test_nothing_is_lost_and_the_limit_holds(limit, recorded):
    loss = perceptron(recorded=recorded)
    chosen = folded(Graph(loss), limit)
    if chosen is None:
        assert limit < 10
    else:
        assert len(chosen.shown) + len(chosen.folds) <= limit
        check_nothing_is_lost(Graph(loss), chosen)


@pytest.mark.parametrize("recorded", [False, True])
def test_neurons_that_are_alike_are_one_box(recorded):
    found = {
        box.scope: (box.title, box.copies, len(box.outputs), formula(box))
        for box in boxes(perceptron(recorded=recorded), 20).folds
        if box.kind == "alike"
    }
    assert found == {
        ("layer0",): ("neuron", 5, 5, "σ(Σ w·x + b)"),
        ("layer1",): ("neuron", 3, 3, "Σ w·a + b"),
    }


def titles(chosen):
    return [".".join((*box.scope, box.title)) for box in chosen.folds]


@pytest.mark.parametrize("inputs", [[1.0, 2.0, 3.0], named("x", "y", "z")])
def test_a_network_that_must_fold_is_the_figure_of_the_textbook(inputs):
    chosen = boxes(nn.MLP(3, [4, 4, 1], seed=0)(inputs), 60)
    assert len(chosen.shown) == 3
    assert sorted(titles(chosen)) == [
        *(f"layer{i}.neuron{j}" for i in range(2) for j in range(4)), "layer2.neuron0",
    ]  # fmt: skip
    assert {box.kind for box in chosen.folds} == {"scope"}


def test_a_loss_of_many_examples_folds_beside_the_neurons():
    model = nn.MLP(3, [4, 4, 1], seed=0)
    loss = autograd.sum([nn.mse(model([0.1 * i, 0.2, 0.3]), 0.5) for i in range(20)])
    kinds = [box.kind for box in boxes(loss, 60).folds]
    assert kinds.count("scope") == 9
    assert kinds.count("step") == 6


def test_layers_come_after_neurons_that_differ():
    h = [Value(0.1 * i, f"x{i}") for i in range(3)]
    with record():
        for i in range(12):
            with scope(f"layer{i}"):
                for kind in (Value.tanh, Value.exp, Value.sin):
                    with scope(f"to_{kind.__name__}"):
                        h = [kind(v) * 0.5 for v in h]
    assert set(titles(boxes(h, 40))) >= {"layer0.to_tanh", "layer11.to_sin"}
    assert titles(boxes(h, 20)) == [f"layer{i}" for i in range(12)]
    assert titles(boxes(h, 10)) == ["layer"]


def test_a_single_scope_shows_what_is_in_it():
    neuron = nn.Neuron(40, seed=0)
    chosen = boxes(neuron([0.1 * i for i in range(40)]), 60)
    assert [(box.kind, box.title) for box in chosen.folds] == [
        ("array", "w"), ("array", "x"), ("sum", "z"),
    ]  # fmt: skip


def test_a_neuron_is_opened_and_its_layer_stays_around_it():
    loss = perceptron()
    chosen = boxes(loss, 12, expand=("layer0.neuron3",))
    check_nothing_is_lost(Graph(loss), chosen)
    titles = {(*box.scope, box.title): box for box in chosen.folds}
    assert titles["layer0", "neuron"].copies == 4
    assert titles["layer0", "neuron3", "w"].kind == "array"
    assert {v.name for v in chosen.shown} >= {"layer0.neuron3.a", "layer0.neuron3.b"}


def test_a_scope_to_open_that_there_is_not():
    with pytest.raises(ValueError, match=r"no scope 'layer7' to expand"):
        draw(perceptron(), max_nodes=12, expand="layer7")


def test_by_depth():
    loss = perceptron()
    chosen = boxes(loss, 60, depth=1)
    assert {box.title for box in chosen.folds} == {"layer0", "layer1"}
    check_nothing_is_lost(Graph(loss), chosen)


def test_by_a_function():
    loss = perceptron()
    chosen = boxes(loss, 2, by=lambda v: "weights" if v.op is None else v.op and "rest")
    assert {box.title: len(box.nodes) for box in chosen.folds} == {
        "weights": len(Graph(loss).leaves),
        "rest": len(Graph(loss)) - len(Graph(loss).leaves),
    }


def test_shared_weights_stay_a_box_of_their_own():
    w = autograd.array([0.5, -0.5, 0.25], name="shared.w")
    with record():
        parts = []
        for i in range(3):
            with scope(f"use{i}"):
                parts.append(autograd.dot(w, [1.0, 2.0, float(i)]))
        total = autograd.sum(parts)
    chosen = boxes(total, 6)
    check_nothing_is_lost(Graph(total), chosen)
    shared = next(box for box in chosen.folds if box.title in ("w", "shared"))
    assert set(shared.nodes) == set(w.ravel())


def test_a_skip_connection_is_an_arrow_of_its_own():
    x = Value(0.5, "x")
    with record():
        h = x
        for i in range(4):
            with scope(f"block{i}"):
                for _ in range(5):
                    h = (h * 1.5).tanh()
        y = h + x
    chosen = boxes(y, 8)
    assert any(arrow.start is x and arrow.end is y for arrow in chosen.arrows)


def test_sums_of_small_graphs_stay_whole_and_the_caption_says_nothing():
    loss = network()
    diagram = draw(loss, max_nodes=40)
    assert "shown as" not in words(parse(diagram))
    assert 'class="fold' not in diagram.svg()


def test_the_caption_counts_both():
    loss = perceptron()
    count = len(Graph(loss))
    assert f"{count} nodes shown as" in words(parse(draw(loss, max_nodes=30)))
    assert f"{count} nodes shown as" in str(draw(loss, max_nodes=30))


def test_what_does_not_fold_is_cut():
    diagram = draw(perceptron(), max_nodes=2)
    assert "2 of" in words(parse(diagram))


def test_what_fold_must_be():
    with pytest.raises(TypeError, match="fold is True, False, a scope"):
        draw(Value(1.0), fold=3)
    with pytest.raises(ValueError, match="depth is a whole number"):
        draw(Value(1.0), depth=0)


def test_a_chain_without_names():
    chosen = boxes(chain(300), 10)
    assert {(box.kind, formula(box)) for box in chosen.folds} == {
        ("step", "mul, 299 nodes"),
        ("step", "const, 300 nodes"),
    }


def layer(inputs, weights):
    """A layer written with loops, its parts without names."""
    found = []
    for row in weights:
        total = Value(0.0)
        for w, x in zip(row, inputs, strict=True):
            total = total + w * x
        found.append(total.tanh())
    return found


def test_code_without_names_folds_by_its_lines_as_the_compiler_does():
    hidden = [Value(0.1 * i) for i in range(8)]
    with record():
        for k in range(2):
            hidden = layer(hidden, [[Value(0.01 * i * j + k) for i in range(8)] for j in range(8)])
        loss = (hidden[0] - hidden[1]) * hidden[2]
    chosen = boxes(loss, 20)
    lines = [(formula(box), box.title) for box in chosen.folds if box.nodes[-1].parents]
    sums, tanhs = "total = total + w * x, 128 nodes", "found.append(total.tanh()), 8 nodes"
    assert [text for text, _ in lines].count(sums) == 1  # of the second, three rows are used
    assert [text for text, _ in lines].count(tanhs) == 1
    assert all(title.startswith("test_folding.py:") for _, title in lines)
    assert len(chosen.shown) + len(chosen.folds) <= 20


def test_depths_are_those_of_the_compilers_instructions():
    x = Value(0.3)
    row = [x.sin(), x.sin().sin(), (x.sin() * 2).sin()]
    nodes = Graph(row).nodes
    none = Folding(np.full(len(nodes), -1), [])
    steps = StepGroups(Wiring(nodes), np.full(len(nodes), True), [], none)
    groups = dict(zip(nodes, steps.by_step().box.tolist(), strict=True))
    depth = {v: groups.get(v) for v in Graph(row) if v.op == "sin"}
    assert depth[row[1]] == depth[row[2]]
    assert depth[row[1].parents[0]] == depth[row[0]]
    assert len(set(depth.values())) == 2


NAMES = ["a.x[0]", "a.x[1]", "b1.y", "b2.y", "c", None, "<b>&amp;\0", "w.w[0,1]", "w.w[0,2]"]


@settings(max_examples=examples(80))
@given(st.data())
def test_random_graphs(data):
    nodes = [Value(float(i), data.draw(st.sampled_from(NAMES))) for i in range(4)]
    for _ in range(data.draw(st.integers(5, 60))):
        left, right = (nodes[data.draw(st.integers(0, len(nodes) - 1))] for _ in range(2))
        new = data.draw(st.sampled_from([left + right, left * right, left.tanh(), left * 2.0]))
        new.name = data.draw(st.sampled_from(NAMES))
        nodes.append(new)
    graph = Graph(nodes[-2:])
    chosen = folded(graph, data.draw(st.integers(1, 20)))
    if chosen is not None:
        check_nothing_is_lost(graph, chosen)


def test_a_layer_says_how_many_numbers_go_in_and_out():
    root = parse(draw(perceptron(nin=6, hidden=5, classes=3), depth=1))
    assert "layer0 6 → 5" in words(root)
    assert "layer1 5 → 3" in words(root)


def test_named_scopes_are_folded_and_nothing_else():
    loss = perceptron(nin=2, hidden=2, classes=2)
    diagram = draw(loss, fold="layer0", max_nodes=500)
    assert diagram.source.count('class="fold scope') == 1
    assert "layer1" in diagram.source
    both = draw(loss, fold=["layer0", "layer1.neuron0"], max_nodes=500)
    assert both.source.count('class="fold scope') == 2
    with pytest.raises(ValueError, match="there is no scope 'layer7' to fold"):
        draw(loss, fold="layer7")
    with pytest.raises(TypeError, match="fold is True, False, a scope"):
        draw(loss, fold=[3])


def test_a_formula_ends_at_the_border_of_its_box():
    h = Value(0.5, "x") + 1.0
    with record():
        for i in range(2):
            with scope(f"block{i}"):
                h = h + (h * Value(0.5, f"w{i}")).relu()
    chosen = boxes(h, 60, depth=1)
    found = {box.title: formula(box) for box in chosen.folds}
    assert found == {"block0": "_ + relu(_·w0)", "block1": "_ + relu(_·w1)"}


def test_terms_that_are_alone_say_which_they_are():
    model = nn.MLP(2, [3, 1], seed=0)
    loss = model([Value(1.0, "x0"), Value(2.0, "x1")])
    [box] = [box for box in boxes(loss, 60, depth=1).folds if box.title == "layer0"]
    assert formula(box) == "tanh(w[0]\u00b7x0 + w[1]\u00b7x1 + b)"


def test_a_caption_says_what_is_folded():
    root = parse(draw(perceptron(), depth=1))
    assert "folded: layer0, layer1" in words(root)


def test_arrows_from_constants_are_dotted_where_they_are_many():
    diagram = draw(perceptron(), max_nodes=12)
    lines = [line for line in diagram.source.splitlines() if "->" in line]
    index = {box.nodes[0]: box for box in boxes(perceptron(), 12).folds}
    assert index
    assert any("dotted" in line and "edges" in line for line in lines)


def test_an_arrow_of_one_node_brings_its_part_of_the_gradient():
    model = nn.MLP(2, [3, 1], seed=0)
    x = [Value(1.0, "x0"), Value(2.0, "x1")]
    loss = model(x)
    loss.backward()
    text = words(parse(draw(loss, depth=1, number_format=".6g")))
    for v in x:
        assert f"× 3 {v.grad:+.6g}" in text


def test_what_a_function_gives_must_name_a_box():
    with pytest.raises(TypeError, match="fold gave \\[1\\]"):
        draw(Value(1.0) * 2, fold=lambda v: [1])


def test_scopes_that_there_are_are_named():
    with pytest.raises(
        ValueError, match="there is no scope 'nowhere' to fold; there are layer0, layer1, "
    ):
        draw(perceptron(), fold="nowhere")


@pytest.mark.parametrize(
    "expand", [("layer0.neuron1", "layer0.neuron2"), ("layer0.neuron2", "layer0.neuron1")]
)
def test_several_scopes_stay_open_whatever_their_order(expand):
    loss = perceptron(nin=2, hidden=3, classes=2)
    chosen = boxes(loss, 60, depth=1, expand=expand)
    inside = {v.name for v in chosen.shown if v.name}
    assert {"layer0.neuron1.z", "layer0.neuron2.z"} <= inside
    assert "layer0.neuron0.z" not in inside


def test_what_lies_in_an_open_scope_is_open():
    loss = perceptron(nin=2, hidden=2, classes=2)
    for expand in (("layer0", "layer0.neuron1"), ("layer0.neuron1", "layer0")):
        chosen = boxes(loss, 90, depth=1, expand=expand)
        assert {v.name for v in chosen.shown} >= {"layer0.neuron0.z", "layer0.neuron1.z"}


def test_a_small_graph_stays_whole_with_expand():
    loss = perceptron(nin=2, hidden=2, classes=2)
    assert (
        draw(loss, max_nodes=100, expand="layer0.neuron1").source
        == draw(loss, max_nodes=100).source
    )
    with pytest.raises(ValueError, match="no scope 'layer9' to expand; did you mean 'layer0'"):
        draw(loss, max_nodes=100, expand="layer9")


def test_what_is_asked_for_is_kept_and_the_rest_folded_to_the_limit():
    loss = perceptron()
    chosen = boxes(loss, 12, scopes=("layer0",))
    assert "layer0" in {box.title for box in chosen.folds}
    assert len(chosen.shown) + len(chosen.folds) <= 12
    assert len(boxes(chain(300), 10, by=lambda v: None).folds) > 0
    with pytest.raises(ValueError, match="no scope is 3 deep"):
        draw(loss, depth=3)
    with pytest.raises(ValueError, match="fold=False draws no boxes"):
        draw(loss, fold=False, depth=1)
    with pytest.raises(TypeError, match="expand is a scope"):
        draw(loss, expand=5)


@pytest.mark.slow
def test_a_chain_of_many_thousands_folds():
    assert "200,001 nodes shown as 4" in draw(chain(100_000)).source


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda w, a, b, c: w * (a - b) + c * (a + b) + a, "w·(a − b) + c·(a + b) + a"),
        (lambda w, a, b, c: -(a + b) * c + (a / b) * w + 1, "(−(_ + _)·c) + a/b·w + 1"),
        (lambda w, a, b, c: (a + b).exp() * c - w, "exp(a + b)·c − w"),
        (lambda w, a, b, c: ((a - b) * abs(w)) ** 2, "((a − b)·|w|)²"),
    ],
)
def test_the_formula_of_a_box_has_the_parentheses_it_needs(make, text):
    values = named("w", "a", "b", "c")
    y = make(*values)
    [box] = boxes(y, 20, by=lambda v: "box" if v.parents or v.op == "const" else None).folds
    assert formula(box) == text


def test_names_that_could_be_formulas_are_quoted_in_boxes():
    [x, z] = named("w - x", "z")
    y = x.exp() * z
    assert formula(boxes(y, 2, by=lambda v: "box" if v.parents else None).folds[-1]) == (
        'exp("w - x")·z'
    )


def test_a_box_with_outputs_that_differ_has_no_formula():
    x = Value(2.0, "x")
    y = x.sin() * x.cos()
    fold = boxes(y, 3, by=lambda v: "trig" if v.op in ("sin", "cos") else None).folds[0]
    assert formula(fold) == ""


def test_the_formula_of_sums_of_sums_is_found_at_once():
    h = named(*(f"net.x{i}" for i in range(25)))
    for _ in range(4):
        h = [autograd.sum([v * 0.1 for v in h]).tanh() for _ in range(25)]
    assert draw(h[0], max_nodes=10).source


def test_a_table_counts_what_is_not_finite():
    x = [Value(v, f"x[{i}]") for i, v in enumerate((1.0, math.nan, 2.0, 3.0, 4.0, 5.0))]
    assert "1.0 … 5.0, 1 not finite" in draw(autograd.sum(x), max_nodes=3).table()


def test_marks_in_boxes_are_told_in_text_too():
    x = [Value(float(i - 3), f"x[{i}]") for i in range(8)]
    y = autograd.sum([v.relu() for v in x])
    diagram = draw(y, max_nodes=4, highlight="dead")
    assert "4 × dead" in diagram.text(100)
