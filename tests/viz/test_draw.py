import pytest
from viz_graphs import SVG, article, chain, group, network, parse, printed_twice, tooltip, words

import autograd
from autograd import Graph, Value
from viz import Diagram, draw


def test_a_node_shows_name_operation_data_and_gradient():
    root = parse(draw(article()))
    assert words(group(root, "n0")) == "x data 2 grad 4 = 1 + 3"
    assert words(group(root, "n2")) == "× data 6 grad 1"
    assert words(group(root, "n3")) == "+ y data 8 grad 1"


def test_its_tooltip_has_the_numbers_in_full():
    y = Value(1.0, "a long name") / 3.0
    assert tooltip(group(parse(draw(y)), "n2")) == (
        "v2 = a long name / 3.0\ndata 0.3333333333333333\ngrad – (no backward pass has come here)"
    )


def test_no_gradient_looks_different_from_a_gradient_of_zero():
    x = Value(3.0, "x")
    before = group(parse(draw(x)), "n0")
    (x * 0.0).backward()
    after = group(parse(draw(x)), "n0")
    assert (words(before), words(after)) == ("x data 3 grad –", "x data 3 grad 0")
    assert ("unset" in before.get("class"), "unset" in after.get("class")) == (True, False)


def test_a_constant_has_no_gradient_and_no_derivative_flows_to_it():
    root = parse(draw(Value(3.0, "x") ** 2))
    assert words(group(root, "n1")) == "const data 2"
    assert "constant" in group(root, "n1").get("class")
    edge = group(root, "e1")
    assert words(edge) == ""
    assert edge.find(f"{SVG}path").get("stroke-dasharray")
    assert tooltip(edge) == "no derivative flows to 2.0"


@pytest.mark.parametrize(
    ("make", "labels"),
    [
        (lambda x, z: x * z, ["∂ -3", "∂ 2"]),
        (lambda x, z: x - z, ["∂ 1", "∂ -1"]),
        (lambda x, z: x * x, ["∂ 2", "∂ 2"]),
        (lambda x, z: z.relu(), ["∂ 0 (not selected)"]),
        (lambda x, z: z.log(), ["∂ -0.3333"]),
        (lambda x, z: (x - x).sqrt(), ["∂ 1", "∂ -1", "∂ inf"]),
    ],
)
def test_edges_bear_their_local_derivatives(make, labels):
    y = make(Value(2.0, "x"), Value(-3.0, "z"))
    root = parse(draw(y))
    edges = range(len(Graph(y).edges))
    assert [words(group(root, f"e{i}")) for i in edges] == labels


def test_the_condition_of_a_where_gets_a_dashed_edge():
    condition, x, z = Value(1.0, "c"), Value(2.0, "x"), Value(3.0, "z")
    root = parse(draw(autograd.where(condition, x, z)))
    assert [words(group(root, f"e{i}")) for i in range(3)] == ["", "∂ 1", "∂ 0 (not selected)"]


def test_x_times_x_has_two_edges():
    x = Value(3.0, "x")
    assert draw(x * x).source.count("n0 -> n1 ") == 2


def test_an_output_and_each_kind_of_node_have_a_look_of_their_own():
    leaf, constant, output = draw(Value(2.0, "x") * 3).source.splitlines()[5:8]
    assert 'class="leaf unset"' in leaf
    assert "style=filled " in leaf
    assert "class=constant" in constant
    assert 'style="filled,dashed"' in constant
    assert 'class="operation output unset"' in output
    assert "penwidth=2 " in output


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (-float("inf"), "-inf"),
        (-0.0, "-0"),
        (2, "2"),
        (5e-324, "4.941e-324"),
        (1.7e308, "1.7e+308"),
        (123456, "1.235e+05"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_numbers(data, shown):
    assert words(group(parse(draw(Value(data))), "n0")) == f"leaf data {shown} grad –"


def test_the_number_format_is_a_choice():
    x = Value(2.0)
    assert "2.00" in words(group(parse(draw(x, number_format=".2f")), "n0"))
    root = parse(draw(x, number_format="<<300"))  # filled up with what would be markup
    assert "…" in words(group(root, "n0"))


def test_several_outputs_and_a_graph():
    x = Value(2.0, "x")
    a, b = x.exp(), x.log()
    assert draw([a, b]).source == draw(Graph([a, b])).source
    assert draw([a, b]).source.count('class="operation output') == 2
    assert draw(autograd.array([1.0, 2.0])).source.count('class="leaf output') == 2


def test_it_is_a_picture_of_the_moment():
    x = Value(2.0, "x")
    diagram = draw(x)
    x.data = 5.0
    assert "data 2" in words(group(parse(diagram), "n0"))
    assert "○  x     2" in str(diagram)
    assert "2.0" in diagram.table()


def test_screen_readers_get_a_title_and_a_description():
    root = parse(draw(article()))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "Computation graph of y"
    assert description.text == "2 leaves, 0 constants, 2 operations, with gradients. y = 8."


def test_a_title_stands_above_the_picture():
    root = parse(draw(article(), title="The chain rule"))
    assert root.find(f"{SVG}title").text == "The chain rule"
    assert words(root).startswith("The chain rule")


def test_ids_are_unique_and_differ_between_pictures():
    roots = [parse(draw(network())), parse(draw(article())), parse(draw(Value(1.0)))]
    ids = [e.get("id") for root in roots for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))


def test_it_follows_the_reader_into_the_dark():
    svg = draw(network()).svg()
    sheet = svg[svg.index("<style>") : svg.index("</style>")]
    assert "prefers-color-scheme: dark" in sheet
    colours = {
        value
        for element in parse(draw(network())).iter()
        for paint in ("fill", "stroke")
        if (value := element.get(paint, "none")) != "none"
    }
    assert colours
    assert all(f'"{colour}"' in sheet for colour in colours)


_SCRIPT = """
from viz_graphs import network
from viz import draw
loss = network()
loss.backward()
sys.stdout.buffer.write((draw(loss).source + draw(loss).svg()).encode())
"""


def test_two_processes_draw_the_same_bytes():
    first, second = printed_twice(_SCRIPT)
    assert first
    assert first == second


def test_direction():
    assert "rankdir=TB" in draw(Value(1.0), direction="TB").source


def test_repr_and_text():
    diagram = draw(article())
    assert repr(diagram) == str(diagram) == diagram.text()
    assert diagram.table().splitlines()[3] == "v2          x * z      6.0   1.0"
    assert isinstance(diagram, Diagram)


@pytest.mark.parametrize(
    ("value", "options", "error", "message"),
    [
        ("x", {}, TypeError, "'x'"),
        (2.0, {}, TypeError, "float"),
        ([], {}, ValueError, "nothing to draw"),
        (Value(1.0), {"direction": "up"}, ValueError, "'up'"),
        (Value(1.0), {"max_nodes": 0}, ValueError, "max_nodes .* got 0"),
        (Value(1.0), {"max_nodes": 2.5}, ValueError, "got 2.5"),
        (Value(1.0), {"number_format": "zz"}, ValueError, "'zz' does not format a float"),
        (Value(1.0), {"title": 3}, TypeError, "title is a string or None, got int 3"),
    ],
)
def test_bad_input(value, options, error, message):
    with pytest.raises(error, match=message):
        draw(value, **options)


@pytest.mark.slow
def test_a_graph_a_million_deep_is_drawn_in_part():
    diagram = draw(chain(500_000), max_nodes=20, fold=False)
    root = parse(diagram)
    assert "20 of 1,000,001 nodes: those nearest to the output" in words(root)
    assert "more" in words(root)
    assert root.find(f"{SVG}desc").text.startswith("20 of 1,000,001 nodes")


@pytest.mark.slow
def test_a_weight_that_every_step_uses_does_not_hold_up_the_layout():
    x = v = Value(0.5, "x")
    for _ in range(1000):
        v = (v * x).tanh()
    diagram = draw(v, max_nodes=400, fold=False, timeout=20.0)
    assert "splines=line" in diagram.source
    assert diagram.svg()
    assert "splines=line" not in draw(network()).source


def test_pictures_of_different_styles_share_no_id():
    first, second = (parse(draw(article(), style=style)) for style in ("auto", "light"))
    ids = [{e.get("id") for e in root.iter() if e.get("id")} for root in (first, second)]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize("timeout", [0, -1, "a"])
def test_a_timeout_that_is_none_is_refused(timeout):
    with pytest.raises(ValueError, match="timeout is a number of seconds above 0"):
        draw(Value(1.0), timeout=timeout).svg()


def test_the_layers_of_a_long_graph_fold_unless_something_else_is_asked_for():
    y = x = Value(0.5, "x")
    for _ in range(6):
        y = (-y).exp() + 1.0
    assert "chain" in draw(y).table()
    for options in ({"max_nodes": 60}, {"fold": False}, {"formulas": True}, {"highlight": x}):
        assert "shown as" not in draw(y, **options).table()
