"""`Graph` and the Wengert list."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import Edge, Graph, Value, leaky_relu, where, zero_grad
from nn import SGD
from viz import draw


def test_nodes_leaves_and_edges():
    x, z = Value(2.0, "x"), Value(3.0, "z")
    p = x * x
    y = p + z * 2
    g = Graph(y)
    two = y.parents[1].parents[1]
    assert g.nodes == [x, p, z, two, y.parents[1], y]
    assert g.leaves == [x, z]
    assert len(g) == 6
    assert list(g) == g.nodes
    assert g.edges[:2] == [Edge(x, p, 0), Edge(x, p, 1)]
    assert len(g.edges) == 6
    operand, result, slot = g.edges[2]
    assert (operand, result, slot) == (z, y.parents[1], 0)
    assert repr(g) == "<Graph of 6 nodes, 2 of them leaves>"


def test_several_outputs():
    x = Value(2.0)
    a, b = x * 2, x * 3
    assert Graph([a, b]).nodes[-1] is b
    assert Graph([a, b]).output is a
    assert len(Graph([a, b])) == 5
    assert len(Graph([])) == 0
    with pytest.raises(TypeError, match="expected Values, found int 3"):
        Graph(3)


def test_the_wengert_list():
    x, z = Value(2.0, "x"), Value(-1.5, "z")
    y = where(x > 0, x**2, z).tanh() / 3 - abs(z) * leaky_relu(z, 0.2)
    y.name = "a name of\nmany words, far too long for a table"
    y.backward()
    lines = str(Graph(y)).splitlines()
    assert lines[0].split() == ["node", "name", "operation", "data", "grad"]
    formulas = [line[line.index("  ", 7) :].strip() for line in lines[1:]]
    text = "\n".join(lines)
    for formula in ("where(1.0, v3, z)", "x ** 2.0", "tanh(v5)", "v6 / 3.0", "|z|", "- v12"):
        assert formula in text, (formula, text)
    assert "leaky_relu(z, 0.2)" in text
    assert "a name of many words, far too l…" in text
    assert len(formulas) == len(Graph(y))
    assert all(len(line) <= 100 for line in lines)


def test_names_are_flush_left_and_numbers_flush_right():
    x, z = Value(2.0, "x"), Value(-1.25, "a long name")
    y = x * z
    y.backward()
    assert str(Graph(y)).splitlines() == [
        "node  name         operation         data   grad",
        "v0    x            leaf               2.0  -1.25",
        "v1    a long name  leaf             -1.25      2",
        "v2                 x * a long name   -2.5      1",
    ]


def test_a_formula_takes_at_most_forty_columns_of_the_table():
    x, z = Value(2.0, "a" * 18), Value(3.0, "b" * 19)
    y = x * z
    assert f"  {x.name} * {z.name}  " in str(Graph(y))  # just 40
    z.name += "b"
    assert f"  {x.name} * {'b' * 18}…  " in str(Graph(y))


def test_gradients_that_were_not_computed_are_shown_as_such():
    x = Value(2.0, "x")
    y = x * 0
    assert str(Graph(y)).splitlines()[1].split() == ["v0", "x", "leaf", "2.0", "-"]
    y.backward()
    assert str(Graph(y)).splitlines()[1].split() == ["v0", "x", "leaf", "2.0", "0"]


def test_a_long_table_is_shortened():
    y = Value(0.0)
    for _ in range(100):
        y = y + 1.0
    lines = str(Graph(y)).splitlines()
    assert len(lines) == 62
    assert lines[31] == "… 141 more nodes …"
    assert lines[-1].split()[0] == "v200"
    assert len(Graph(y).table(shown=2).splitlines()) == 6


def test_a_table_of_just_the_length_is_whole():
    y = Value(0.0)
    for _ in range(59):
        y = y.exp()
    assert len(str(Graph(y)).splitlines()) == 61
    assert "more" not in str(Graph(y))
    lines = str(Graph(y.exp())).splitlines()
    assert len(lines) == 62
    assert lines[31] == "… 1 more nodes …"
    assert [line.split()[0] for line in (lines[30], lines[32])] == ["v29", "v31"]


def test_formulas_and_numbers_of_every_kind_of_node():
    x = Value(2.0, "x")
    y = x * -3.0
    graph = Graph(y)
    assert list(map(graph.formula, graph)) == ["leaf", "const", "x * (-3.0)"]
    assert list(map(graph.computed, graph)) == ["2.0", "-3.0", "2.0 * (-3.0)"]
    assert list(map(graph.label, graph)) == ["x", "(-3.0)", "v2"]


def test_a_name_that_two_nodes_bear_is_no_label():
    x, z = Value(2.0, "x"), Value(3.0, "x")
    y = x * z
    assert Graph(y).formula(y) == "v0 * v1"
    graph = Graph(y)
    graph.names = {y: "x y"}
    assert (graph.name(y), graph.label(y), graph.name(x)) == ("x y", "x y", "x")


@pytest.mark.parametrize("make", [list, dict, np.ndarray])
def test_a_container_within_itself_is_refused(make):
    v = Value(1.0)
    if make is list:
        cyclic = [v]
        cyclic.append([cyclic])
    elif make is dict:
        cyclic = {"v": v}
        cyclic["again"] = [cyclic]
    else:
        cyclic = np.empty(2, dtype=object)
        cyclic[:] = [v, cyclic]
    for work in (Graph, SGD, zero_grad, draw):
        with pytest.raises(ValueError, match=f"found a {make.__name__} within itself"):
            work(cyclic, **({"lr": 0.1} if work is SGD else {}))
    twice = [[v], [v]]  # the same is no circle
    assert len(Graph([twice, twice]).nodes) == 1
