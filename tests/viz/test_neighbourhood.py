"""Pictures of the neighbourhood of a node, and of the middle of a pass."""

import random

import pytest
from viz_graphs import SVG, chain, group, network, parse, tooltip, words

from autograd import Graph, Stepper, Value
from viz import State, draw
from viz.appearance.colours import MARK
from viz.selection.nearest import Stub, neighbourhood


def named(graph, name):
    return next(v for v in graph if v.name == name)


def random_graph(seed, size=60):
    """Two outputs over shared leaves, and an output connected to neither."""
    rng = random.Random(seed)
    nodes = [Value(float(i)) for i in range(5)]
    for _ in range(size):
        nodes.append(rng.choice(nodes) + rng.choice(nodes[-8:]))
    return Graph([nodes[-1], nodes[-2], Value(1.0).exp()])


def linked(graph):
    links = {v: set() for v in graph}
    for operand, result, _ in graph.edges:
        links[operand].add(result)
        links[result].add(operand)
    return links


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("hops", [0, 1, 2, 4])
def test_it_is_the_nodes_within_so_many_steps(seed, hops):
    graph = random_graph(seed)
    centre = random.Random(seed).choice(graph.nodes)
    expected, links = {centre}, linked(graph)
    for _ in range(hops):
        expected |= {n for v in expected for n in links[v]}
    chosen = neighbourhood(graph, [centre], hops, limit=500)
    assert chosen.shown == [v for v in graph if v in expected]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("limit", [1, 3, 10, 500])
@pytest.mark.parametrize("hops", [0, 2, 5])
def test_every_node_left_out_counts_for_one_stub_that_is_drawn(seed, limit, hops):
    graph = random_graph(seed)
    centre = random.Random(seed).sample(graph.nodes, 2)
    chosen = neighbourhood(graph, centre, hops, limit)
    assert len(chosen.shown) <= limit
    assert len(chosen.shown) + sum(chosen.stubs.values()) == len(graph)
    assert chosen.hidden == chosen.stubs


@pytest.mark.parametrize("seed", range(8))
def test_the_arrows_are_the_edges_of_the_nodes_drawn_and_none_goes_in_a_circle(seed):
    graph = random_graph(seed)
    chosen = neighbourhood(graph, [graph.nodes[20]], 3, limit=12)
    drawn = set(chosen.shown)
    edges = [edge for arrow in chosen.arrows for edge in arrow.edges]
    assert sorted(edges, key=id_of(graph)) == sorted(
        (e for e in graph.edges if drawn & set(e[:2])), key=id_of(graph)
    )
    ends = {end for arrow in chosen.arrows for end in arrow[:2]}
    while ends:  # what no arrow leads to can go first
        free = ends - {a.end for a in chosen.arrows if a.start in ends}
        assert free
        ends -= free


def id_of(graph):
    return lambda edge: (graph.index[edge.result], edge.slot)


def test_a_stub_on_each_side():
    x = Value(2.0, "x")
    y = (x + 1).exp()
    y.name = "y"
    outputs = [y * i for i in (1.0, 2.0, 3.0)]
    root = parse(draw(outputs, around=y, hops=0))
    assert words(root).startswith("1 of 10 nodes: those within 0 steps of y")
    assert words(group(root, "more3")) == "… 3 more"
    assert words(group(root, "then3")) == "… 6 more"
    assert words(group(root, "e0")) == "∂ 20.09"
    assert tooltip(group(root, "e1")) == "3 arrows from y to nodes that are not drawn"
    dot = draw(outputs, around=y, hops=0).source
    assert [line.split(" [")[0].strip() for line in dot.splitlines() if "->" in line] == [
        "more3 -> n3", "n3 -> then3",
    ]  # fmt: skip


def test_one_consumer_left_out_shows_its_derivative():
    x = Value(2.0, "x")
    root = parse(draw(x * 3.0, around=x, hops=0))
    assert words(group(root, "then0")) == "… 2 more"
    assert words(group(root, "e0")) == "∂ 3"


def test_a_node_between_two_drawn_ones_stands_alone():
    x = Value(2.0, "x")
    a, b = x.exp(), x.log()
    y = a + b
    chosen = neighbourhood(Graph(y), [a], 2, limit=3)
    assert chosen.shown == [x, a, y]
    assert chosen.stubs == {Stub(b, "between"): 1}
    assert "1 more node is not drawn" in draw(y, around=a, max_nodes=3).source


def test_what_hangs_together_with_nothing_drawn_is_counted():
    x, z = Value(2.0, "x"), Value(3.0, "z")
    root = parse(draw([x.exp(), z.exp()], around=x, hops=5))
    assert words(group(root, "more2")) == "… 2 more"
    assert words(root).startswith("2 of 4 nodes")


def test_captions():
    loss = network()
    graph = Graph(loss)
    z, w, b = (named(graph, f"layer0.neuron0.{name}") for name in ("z", "w[0]", "b"))
    texts = [
        draw(graph, **options).source.split("label=<<FONT")[1].split(">", 1)[1].split("</FONT")[0]
        for options in (
            {"around": z},
            {"around": [z, w, b], "hops": 1},
            {"around": [z, w, b, loss, z], "max_nodes": 2},
        )
    ]
    count = len(graph)
    assert texts == [
        f"7 of {count} nodes: those within 2 steps of layer0.neuron0.z",
        f"6 of {count} nodes: those within 1 step of layer0.neuron0.z, layer0.neuron0.w[0] "
        "and layer0.neuron0.b",
        f"2 of {count} nodes: those nearest to layer0.neuron0.z, layer0.neuron0.w[0], "
        "layer0.neuron0.b and 1 more",
    ]


def test_a_hostile_name_in_the_caption_is_text():
    name = '<b>&amp;"\\N\u202e\ud83d\x1b'
    x = Value(2.0, name)
    diagram = draw(x.exp() + 1, around=x, hops=1)
    root = parse(diagram)
    shown = '<b>&amp;"\\N\\u202e\\ud83d\\x1b'
    assert words(root).startswith(f"2 of 4 nodes: those within 1 step of {shown}")
    assert f"of {shown}." in root.find(f"{SVG}desc").text
    assert not list(root.iter(f"{SVG}b"))


def test_the_node_is_highlighted_by_more_than_a_colour():
    loss = network()
    z = named(Graph(loss), "layer0.neuron0.z")
    number = Graph(loss).index[z]
    lines = draw(loss, around=z).source.splitlines()
    marked = [line for line in lines if "marked" in line]
    assert [line.split()[0] for line in marked] == [f"n{number}"]
    assert f'color="{MARK.light}"' in marked[0]
    assert "penwidth=3 peripheries=2" in marked[0]
    assert MARK.dark in draw(loss, around=z).svg()
    assert MARK.dark not in draw(loss).svg()


def test_a_pass_in_its_middle():
    x, z = Value(2.0, "x"), Value(3.0, "z")
    product = x * z
    y = product + x
    stepper = Stepper(y)
    stepper.step()
    root = parse(draw(y, state=stepper))
    assert words(group(root, "n2")) == "× data 6 grad –"
    assert words(group(root, "n3")) == "+ data – grad –"
    assert tooltip(group(root, "n3")) == (
        "v3 = v2 + x\ndata – (not computed yet)\ngrad – (no backward pass has come here)"
    )
    assert [words(group(root, f"e{i}")) for i in range(4)] == ["∂ 3", "∂ 2", "", ""]
    assert tooltip(group(root, "e2")) == "∂v3/∂v2 – (v3 is not computed yet)"
    assert root.find(f"{SVG}desc").text.endswith("before any backward pass. output = –.")
    stepper.run_until(x)
    root = parse(draw(y, state=stepper))
    assert words(group(root, "n0")) == "x data 2 grad 1 = 1 + …"
    assert [words(group(root, f"e{i}")) for i in range(4)] == ["∂ 3", "∂ 2", "∂ 1 +1", "∂ 1 +1"]
    assert words(group(root, "n1")) == "z data 3 grad –"
    assert not x.has_grad


def test_its_text_has_the_numbers_of_the_moment():
    x = Value(2.0, "x")
    y = x.exp() + 1.0
    assert draw(y, state=Stepper(y), around=x, hops=1).table().splitlines() == [
        "node  name  operation  data  grad",
        "v0    x     leaf       2.0   -",
        "v1          exp(x)     -     -",
        "2 of 4 nodes: those within 1 step of x; event 0 of 4",
    ]
    assert "… 141 more nodes …" in draw(chain(100), fold=False, max_nodes=500).table()


class Own:
    """The smallest possible state."""

    current = None

    def data(self, v):
        return v.data

    def grad(self, v):
        return v.grad

    def has_grad(self, v):
        return v.has_grad


def test_the_current_node_of_a_state_is_highlighted_in_the_whole_graph():
    y = network()
    state = Own()
    assert isinstance(state, State)
    assert "marked" not in draw(y, state=state).source
    assert draw(y, state=state).source == draw(y, fold=False).source
    state.current = y.parents[0]
    dot = draw(y, state=state).source
    assert dot.count("marked") == 1
    assert "nodes: those" not in dot
    assert draw(y, state=state, around=y).source == draw(y, around=y).source


def test_a_state_without_events_is_a_state():
    x = Value(2.0, "x")
    x.grad = 5.0
    stepper = Stepper(x)
    assert "grad 5" not in words(parse(draw(x, state=stepper)))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"around": Value(1.0)}, ValueError, "is not in it"),
        ({"around": []}, ValueError, "which holds none"),
        ({"around": "x"}, TypeError, "'x'"),
        ({"around": 2.0}, TypeError, "float"),
        ({"hops": -1}, ValueError, "from 0 on, got -1"),
        ({"hops": 1.5}, ValueError, "got 1.5"),
        ({"state": {}}, TypeError, "as a Stepper has; got dict"),
    ],
)
def test_bad_input(options, error, message):
    with pytest.raises(error, match=message):
        draw(network(), **options)


@pytest.mark.slow
def test_the_middle_of_a_graph_of_two_hundred_thousand_nodes():
    v = chain(100_000)
    middle = Graph(v).nodes[100_000]
    root = parse(draw(v, around=middle))
    assert "8 of 200,001 nodes: those within 2 steps of v100000" in words(root)
    assert words(group(root, "more99996")) == words(group(root, "then100004")) == "… 99,996 more"
    assert words(group(root, "more100004")) == "… 1 more"


@pytest.mark.slow
def test_a_weight_that_every_step_uses_does_not_hold_up_the_layout():
    w = v = Value(0.5, "w")
    for _ in range(1000):
        v = (v * w).tanh()
    diagram = draw(v, around=w, max_nodes=300, timeout=20.0)
    assert diagram.svg()
