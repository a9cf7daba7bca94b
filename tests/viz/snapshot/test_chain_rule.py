"""The chain rule on the picture: local derivatives, contributions, sums, views."""

import math
import random

import pytest
from viz_graphs import SVG, article, group, network, parse, tooltip, words

from autograd import Edge, Graph, Stepper, Value, gradients, partials
from viz import draw
from viz.selection.choose import choose, fold_options
from viz.snapshot.chain_rule import sums
from viz.snapshot.numbers import OWN, Flows
from viz.snapshot.snapshot import ShownBox
from viz.snapshot.take import take


def labels(root, count):
    return [words(group(root, f"e{i}")) for i in range(count)]


def line(root, name):
    return group(root, name).find(f"{SVG}path")


def test_every_arrow_carries_its_local_derivative_and_what_it_brings():
    root = parse(draw(article()))
    assert labels(root, 4) == ["∂ 3 +3", "∂ 2 +2", "∂ 1 +1", "∂ 1 +1"]
    assert tooltip(group(root, "e0")) == "∂v2/∂x = 3.0\nbrings 3.0 to the gradient of x"


def test_a_gradient_is_shown_as_the_sum_of_what_is_brought():
    x = Value(2.0, "x")
    y = x * 3 - x * x
    y.backward()
    root = parse(draw(y))
    assert words(group(root, "n0")) == "x data 2 grad -1 = -2 - 2 + 3"
    assert words(group(root, "n2")) == "× data 6 grad 1"


def test_many_terms_are_counted():
    x = Value(1.0, "x")
    y = x + x + x + x
    y.backward()
    assert words(group(parse(draw(y)), "n0")) == "x data 1 grad 4 = 1 + 1 + 1 + 1"
    y = y + x * 2 + x * 3 + x
    x.grad = 0.0
    y.backward()
    assert words(group(parse(draw(y)), "n0")) == "x data 1 grad 10 = 1 + 3 + 2 … of 7"


def test_what_was_in_a_leaf_before_the_pass_is_told_apart():
    x = Value(2.0, "x")
    (x * 5).backward()
    y = x * 3
    y.backward()
    assert words(group(parse(draw(y)), "n0")) == "x data 2 grad 8 = 3 + 5 earlier"


def test_an_operation_whose_gradient_is_of_another_pass_says_so():
    x = Value(3.0, "x")
    a = x * 2
    first, second = a * a, a + 1
    first.backward()
    second.backward()
    root = parse(draw(first))
    assert words(group(root, f"n{Graph(first).index[a]}")) == "× data 6 grad 1 (of another pass)"


def test_a_gradient_that_was_set_to_zero_says_so():
    x = Value(3.0, "x")
    y = x * 2
    y.backward()
    x.grad = 0.0
    assert words(group(parse(draw(y)), "n0")) == "x data 3 grad 0 (set to 0 since)"


def test_what_changed_since_the_forward_pass_is_told():
    x = Value(3.0, "x")
    y = x * x
    y.backward()
    x.data = 5.0
    root = parse(draw(y))
    assert words(group(root, "n0")).startswith("x data 5 (was 3) grad 6")
    assert "1 changed since the forward pass" in words(root)
    assert "changed" not in draw(x * x).source


def test_nothing_is_to_come_after_a_whole_pass():
    x = Value(2.0, "x")
    [slope] = gradients(x**3, [x], create_graph=True)
    slope.backward()
    assert "…" not in words(parse(draw(slope, formulas=False, legend=False)))


def test_contributions_add_up_to_the_gradients_of_random_graphs():
    rng = random.Random(7)
    for _ in range(20):
        nodes = [Value(rng.uniform(0.5, 2.0)) for _ in range(4)]
        for _ in range(30):
            a, b = rng.choice(nodes), rng.choice(nodes)
            nodes.append(rng.choice([a + b, a * b, a - b, (a * 0.1).tanh(), b.sigmoid()]))
        y = nodes[-1]
        y.backward()
        graph = Graph(y)
        for v, parts in sums(graph, Flows(OWN), graph).items():
            assert sum(parts.terms) == pytest.approx(v.grad, rel=1e-12, abs=1e-300)
            assert not parts.waiting
            assert parts.earlier == 0.0


def test_in_the_middle_of_a_pass_what_has_not_been_sent_is_not_there():
    stepper = Stepper(network())
    graph = stepper.graph
    for position in range(len(stepper) + 1):
        stepper.goto(position)
        sent = {(e.node, e.slot) for e in stepper.events[:position] if e.slot is not None}
        for edge in graph.edges:
            assert (Flows(stepper).of(edge).contribution is not None) == (edge[1:] in sent)


def test_a_flow_is_the_local_derivative_times_the_gradient_of_the_result():
    loss = network()
    loss.backward()
    for operand, result, slot in Graph(loss).edges:
        local = partials(result)[slot]
        expected = None if local is None else local * result.grad
        assert Flows(OWN).of(Edge(operand, result, slot)) == (local, expected)


def test_sign_is_told_by_colour_and_by_dashes():
    x, z = Value(2.0, "x"), Value(3.0, "z")
    y = x - z + (x * 0.0) + 2
    y.backward()
    root = parse(draw(y))
    found = {}
    for i, edge in enumerate(Graph(y).edges):
        path = line(root, f"e{i}")
        found[edge.operand.name, edge.result.op] = (
            path.get("stroke"),
            path.get("stroke-dasharray"),
        )
    assert found["x", "sub"] == ("#0072b2", None)
    assert found["z", "sub"] == ("#d55e00", "5,2")
    assert found["x", "mul"] == ("#666b72", None)
    assert found[None, "mul"] == ("#666b72", "1,5")


def test_the_larger_the_contribution_the_wider_the_arrow():
    x, z, w = Value(1.0, "x"), Value(100.0, "z"), Value(9.0, "w")
    y = x * z + w
    y.backward()
    root = parse(draw(y))
    widths = [float(line(root, f"e{i}").get("stroke-width", 1.0)) for i in range(4)]
    assert widths[0] == max(widths)  # brings 100
    assert widths[1] == widths[2] == widths[3] < 1.2  # each brings 1
    assert widths[0] == 3.6


def test_before_a_backward_pass_there_are_local_derivatives_alone():
    x, z = Value(2.0, "x"), Value(-3.0, "z")
    root = parse(draw(x * z))
    assert labels(root, 2) == ["∂ -3", "∂ 2"]
    assert line(root, "e0").get("stroke-dasharray") == "5,2"


def test_contributions_that_are_not_finite_are_shown():
    x = Value(0.0, "x")
    y = x.sqrt()
    y.backward()
    root = parse(draw(y))
    assert labels(root, 1) == ["∂ inf +inf"]
    assert line(root, "e0").get("stroke-width") == "3.6"
    y = Value(math.nan, "x") * 2.0
    y.backward()
    assert labels(parse(draw(y)), 1) == ["∂ 2 +2"]


# Views


def test_the_forward_view_shows_data_alone():
    root = parse(draw(article(), view="forward"))
    assert [words(group(root, f"n{i}")) for i in range(4)] == [
        "x data 2", "z data 3", "× data 6", "+ y data 8",
    ]  # fmt: skip
    assert labels(root, 4) == [""] * 4


def test_the_backward_view_shows_gradients_and_arrows_to_operands():
    root = parse(draw(article(), view="backward"))
    assert words(group(root, "n0")) == "x grad 4 = 1 + 3"
    assert words(group(root, "n3")) == "+ y grad 1"
    assert labels(root, 4) == ["∂ 3 +3", "∂ 2 +2", "∂ 1 +1", "∂ 1 +1"]
    forward = parse(draw(article()))
    for i in range(4):  # the head is at the other end
        ends = [_head(root, f"e{i}"), _head(forward, f"e{i}")]
        assert ends[0][0] < ends[1][0]


def _head(root, name):
    points = group(root, name).find(f"{SVG}polygon").get("points").split()
    return tuple(float(x) for x in points[0].split(","))


def test_a_view_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match='view is "both", "forward" or "backward", got \'side\''):
        draw(Value(1.0), view="side")


# The legend


def test_the_legend_explains_what_occurs():
    assert "positive" in draw(article()).source
    assert "negative" not in draw(article()).source
    assert "no derivative" in draw(Value(2.0, "x") ** 2).source
    assert "wider: larger" in draw(article()).source
    assert "positive" not in draw(article(), legend=False).source
    assert "positive" not in draw(article(), view="forward").source
    assert "contribution" not in draw(Value(2.0, "x") * 3).source
    assert "derivative:" in draw(Value(2.0, "x") * 3).source
    assert "contribution:" in draw(article()).source


def test_a_state_that_is_a_value_is_refused():
    y = Value(2.0) * 3
    with pytest.raises(TypeError, match="state has the methods"):
        draw(y, state=y)


def test_a_stepper_tells_where_it_is():
    stepper = Stepper(Value(2.0, "x") * 3.0)
    stepper.step()
    diagram = draw(stepper.graph, state=stepper)
    assert "event 1 of 2: x * 3.0 = 2.0 * 3.0 = 6.0" in words(parse(diagram))
    assert 'class="operation output marked' in diagram.source


# Folded


def test_arrows_of_boxes_are_as_wide_as_what_they_bring_together():
    x = [Value(float(i), f"x[{i}]") for i in range(40)]
    big, small = Value(0.0, "big"), Value(0.0, "small")
    for v in x:
        big, small = big + v * 100.0, small + v * 0.01
    y = big * 1.0 + small * 1.0
    y.backward()
    root = parse(draw(y, max_nodes=12))
    several = [
        float(g.find(f"{SVG}path").get("stroke-width"))
        for g in root.iter(f"{SVG}g")
        if g.get("class") == "edge" and "40 edges" in tooltip(g)
    ]
    assert len(several) >= 2
    assert max(several) > 3
    assert min(several) < 1


def test_an_arrow_to_a_box_carries_the_derivative_of_the_box():
    w, y = Value(-3.0, "w"), Value(0.4, "z")
    for name in "abcd":
        y = 1 / (1 + (-(y * w)).exp())
        y.name = name
    y.backward()
    graph = Graph(y)
    how = fold_options(True, None, ())
    shown = take(graph, choose(graph, 60, how, [], 2, shorten=True))
    into_boxes = [arrow for arrow in shown.arrows if isinstance(arrow.end, ShownBox)]
    assert [arrow.result.label for arrow in into_boxes] == list("abcd")
    for arrow in into_boxes:
        a = graph.nodes[arrow.result.number]
        assert arrow.local == pytest.approx(a.data * (1 - a.data))
        assert arrow.sent.total == pytest.approx(a.grad * arrow.local)
