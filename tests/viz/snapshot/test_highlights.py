"""What is highlighted: paths, what reports found, dead operations."""

import math
from dataclasses import replace

import pytest
from viz_graphs import group, network, parse, words

from autograd import Graph, Value, autopsy, explain, kinks
from viz import draw
from viz.appearance.colours import INK
from viz.look.marks import MARKS, marked
from viz.look.nodes import BORDERS
from viz.snapshot.highlights import highlight, is_dead, shares


def attributes(diagram, start):
    """The line of the DOT text that begins so."""
    return next(
        x.strip() for x in diagram.source.splitlines() if x.strip().startswith(start + " [")
    )


def test_a_path_is_highlighted_with_its_arrows():
    x, z = Value(2.0, "x"), Value(3.0, "z")
    product = x * z
    y = product + x
    diagram = draw(y, highlight=[x, product, y])
    for node in ("n0", "n2", "n3"):
        assert "peripheries=2" in attributes(diagram, node)
    assert "peripheries=2" not in attributes(diagram, "n1")
    lines = [line for line in diagram.source.splitlines() if "->" in line]
    assert ["#8f2a6b" in line for line in lines] == [True, False, True, True]


def test_a_single_value_is_highlighted():
    x = Value(2.0, "x")
    assert 'class="leaf marked' in attributes(draw(x * 2, highlight=x), "n0")


def test_an_autopsy_is_drawn_with_its_fates():
    x, c = Value(-2.0, "x"), Value(1.0, "c")
    bad = x.log()
    y = bad * c + (bad * 0.0).exp() * 0.0
    y.backward()
    report = autopsy(y)
    diagram = draw(y, highlight=report)
    root = parse(diagram)
    index = Graph(y).index
    assert words(group(root, f"n{index[bad]}")).startswith("nan born")
    for found in report.of("data", "passed on"):
        assert "nan passed on" in words(group(root, f"n{index[found.node]}"))
    assert "born: a nan or inf began here" in diagram.source


def test_of_several_births_of_a_gradient_one_is_said():
    x = Value(0.0, "x")
    y = x.sqrt() - x.sqrt()
    marks = highlight(Graph(y), "autopsy")
    assert marks.words == {x: "grad nan born"}
    power = x / x  # 1.0 × inf through the first operand, 1.0 × nan through the second
    assert len(autopsy(power).of("gradient", "born")) == 2
    assert highlight(Graph(power), "autopsy").words[x] == "grad nan born"
    x = Value(-1.0, "x")
    y = x**x  # the second operand alone sends a nan
    assert set(highlight(Graph(y), "autopsy").edges) == {(y, 1)}


def test_an_autopsy_shows_what_was_healed():
    x = Value(800.0, "x")
    y = 1 / (1 + x.exp())
    diagram = draw(y, highlight=autopsy(y))
    assert "inf born" in diagram.source
    assert "healed" in words(parse(diagram))


def test_all_operands_that_made_a_nan_are_told():
    x = Value(1e200, "x")
    y = x * x - x * x
    diagram = draw(y, highlight="autopsy")
    assert "turned nan" in words(parse(diagram))
    lines = [line for line in diagram.source.splitlines() if "->" in line]
    assert sum('color="#a81c00"' in line for line in lines) == 2


def test_parts_of_a_gradient_of_zero_are_told_as_numbers():
    x = Value(1.0, "x")
    y = x * 2 - x * 2
    y.backward()
    text = words(parse(draw(y, highlight=explain(y, x))))
    assert "+2 ×" in text
    assert "-2 ×" in text
    assert "%" not in text.replace("100 %", "")


def test_reports_by_their_names():
    x = Value(0.0, "x")
    y = x.relu()
    assert draw(y, highlight="kinks").source == draw(y, highlight=kinks(y)).source
    assert draw(y, highlight="autopsy").source == draw(y, highlight=autopsy(y)).source


def test_kinks_are_drawn_with_their_kind():
    x, z = Value(0.0, "x"), Value(1.0, "z")
    y = x.relu() + z.relu()
    y.backward()
    diagram = draw(y, highlight=kinks(y))
    index = Graph(y).index
    marked = [v for v in Graph(y) if "kink" in attributes(diagram, f"n{index[v]}")]
    assert [(v.op, v.data) for v in marked] == [("relu", 0.0)]


def test_dead_operations_are_drawn():
    x = Value(-1.0, "x")
    y = x.relu() * 3 + x
    y.backward()
    root = parse(draw(y, highlight="dead"))
    assert words(group(root, "n1")) == "dead relu data 0 grad 3"
    assert not is_dead(y)
    assert not is_dead(x)


def test_what_makes_up_a_gradient_is_drawn_as_shares():
    w, x = Value(0.5, "w"), Value(2.0, "x")
    y = w * 3 + w * x * 0.5
    y.backward()
    root = parse(draw(y, highlight=explain(y, w)))
    found = {words(group(root, f"n{i}")).partition(" %")[0] for i in range(len(Graph(y)))}
    assert {"75", "25", "100"} <= found


def test_shares_are_parts_of_the_derivative():
    loss = network()
    graph = Graph(loss)
    for v in graph:
        if v.op is None:
            report = explain(loss, v)
            for node, share in shares(report).items():
                through = explain(node, v).value * explain(loss, node).value
                assert share == pytest.approx(through / report.value)


def test_shares_where_the_derivative_is_zero():
    x = Value(1.0, "x")
    y = x - x
    assert shares(explain(y, x)) == {x: 0.0} or y not in shares(explain(y, x))
    assert "highlight" not in str(draw(y, highlight=explain(y, x)))


def test_in_a_box_the_marks_are_counted():
    x = [Value(float(i - 20), f"x[{i}]") for i in range(40)]
    total = Value(0.0, "total")
    for v in x:
        total = total + v.relu()
    diagram = draw(total, highlight="dead", max_nodes=10)
    assert "21 × dead" in words(parse(diagram))


def test_several_things_at_once():
    x = Value(0.0, "x")
    y = x.relu() * 2
    found = highlight(Graph(y), [kinks(y), "dead", x])
    assert found.words[y.parents[0]] == "kink, dead"
    assert found.kinds[x] == "marked"


@pytest.mark.parametrize("wanted", ["alive", 3, [object()]])
def test_what_cannot_be_highlighted_is_refused(wanted):
    with pytest.raises(TypeError):
        draw(Value(1.0), highlight=wanted)


def test_what_lies_in_another_graph_is_refused():
    y, other = Value(1.0, "y") * 2, Value(2.0, "x") * 3
    with pytest.raises(ValueError, match="not in the graph that is drawn"):
        draw(y, highlight=other)
    with pytest.raises(ValueError, match="not in the graph that is drawn"):
        draw(y, highlight=autopsy(other))


def test_marks_differ_without_any_colour():
    looks = {replace(marked(BORDERS["operation"], kind), colour=INK) for kind in MARKS}
    assert len(looks) >= 5


def test_a_nan_in_the_report_does_not_break_the_legend():
    x = Value(math.inf, "x")
    y = x - x
    assert "nan" in draw(y, highlight=autopsy(y)).svg()
