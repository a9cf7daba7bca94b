"""The drawing in characters: its texts, and the rows that its lines connect."""

import io
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from viz_graphs import article, chain, network

from autograd import Graph, Stepper, Value
from autograd.primitive import TABLE
from autograd.text.columns import display_width
from viz import diff, draw
from viz.appearance.options import Options
from viz.selection.choose import choose
from viz.selection.elements import BY_MEANING, FoldOptions
from viz.snapshot.caption import caption
from viz.snapshot.highlights import Highlight
from viz.snapshot.numbers import OWN, current
from viz.snapshot.take import take
from viz.text.drawing import drawing, plain
from viz.text.lanes import strips
from viz.text.row_order import ordered
from viz.text.rows import sheet

MARKS, RIGHT, LEFT = "○▪●▣⋮◆", "─├┼╰┴", "─┤┼╯┴"
LANES = re.compile(f"[{MARKS}│─├┤┼╰╯┴ ]*")


def planned(value, max_nodes=60, around=(), state=OWN, fold=None):
    graph = value if isinstance(value, Graph) else Graph(value)
    marks = Highlight()
    for v in around or current(state):
        marks.add(v, "marked")
    selection = choose(graph, max_nodes, fold, around)
    return take(graph, selection, Options(legend=False), state, marks)


def named(value, name):
    return next(v for v in Graph(value) if v.name == name)


def perceptron():
    w1, x1, w2 = Value(0.5, "w1"), Value(1.0, "x1"), Value(0.25, "w2")
    y = (w1 * x1 + w2 * Value(-2.0, "x2") + Value(0.5, "b")).tanh()
    y.name = "y"
    y.backward()
    return y


def recurrence(steps):
    h, w = Value(0.0, "h0"), Value(0.9, "w")
    for t in range(steps):
        h = (w * h + Value(0.1, f"x[{t}]")).tanh()
        h.name = f"h[{t}]"
    return h


# Drawings to look at


def test_a_product_and_a_shared_operand():
    assert drawing(planned(article())).splitlines() == [
        "                 data  grad  derivative → contribution",
        "○    x              2     4",
        "│ ○  z              3     2",
        "├─●  v2 = x * z     6     1  ∂x 3 → +3  ∂z 2 → +2",
        "●─╯  y = v2 + x     8     1  ∂v2 1 → +1  ∂x 1 → +1",
    ]


def test_a_neuron():
    assert drawing(planned(perceptron())).splitlines() == [
        "                       data    grad  derivative → contribution",
        "○      w1               0.5  0.7864",
        "│ ○    x1                 1  0.3932",
        "●─╯    v2 = w1 * x1     0.5  0.7864  ∂w1 1 → +0.7864  ∂x1 0.5 → +0.3932",
        "│ ○    w2              0.25  -1.573",
        "│ │ ○  x2                -2  0.1966",
        "│ ●─╯  v5 = w2 * x2    -0.5  0.7864  ∂w2 -2 → -1.573  ∂x2 0.25 → +0.1966",
        "●─╯    v6 = v2 + v5       0  0.7864  ∂v2 1 → +0.7864  ∂v5 1 → +0.7864",
        "│ ○    b                0.5  0.7864",
        "●─╯    v8 = v6 + b      0.5  0.7864  ∂v6 1 → +0.7864  ∂b 1 → +0.7864",
        "●      y = tanh(v8)  0.4621       1  ∂v8 0.7864 → +0.7864",
    ]


def test_lines_of_shared_values_pass_behind_others_and_frames_are_headings():
    assert drawing(planned(network()), 60).splitlines()[:12] == [
        "                       data  grad  derivative",
        "         layer0.neuron0:",
        "○          w[0]        0.25     –",
        "│ ○      x[0]             1     –",
        "●─┤        v4  ×       0.25     –  ∂w[0] 1  ∂x[0] 0.25",
        "│ │ ○      w[1]        -0.5     –",
        "│ │ │ ○  x[1]            -2     –",
        "│ │ ●─┤    v7  ×          1     –  ∂w[1] -2  ∂x[1] -0.5",
        "●─│─╯ │    v8  +       1.25     –  ∂v4 1  ∂v7 1",
        "│ │ ○ │    b            0.5     –",
        "●─│─╯ │    z  +        1.75     –  ∂v8 1  ∂b 1",
        "● │   │    a  tanh   0.9414     –  ∂z 0.1138",
    ]


def test_the_neighbourhood_of_a_node():
    loss = network()
    text = drawing(planned(loss, around=[named(loss, "layer0.neuron0.z")]))
    assert text.splitlines() == [
        "                                        data  grad  derivative",
        "⋮    7 more",
        "│    layer0.neuron0:",
        "●      v4 = w[0] * x[0]                 0.25     –  ∂w[0] 1  ∂x[0] 0.25",
        "│ ⋮  4 more",
        "│ ●    v7 = w[1] * x[1]                    1     –  ∂w[1] -2  ∂x[1] -0.5",
        "●─╯    v8 = v4 + v7                     1.25     –  ∂v4 1  ∂v7 1",
        "│ ○    b                                 0.5     –",
        "◆─╯    z = v8 + b                       1.75     –  ∂v8 1  ∂b 1",
        "●      a = tanh(z)                    0.9414     –  ∂z 0.1138",
        "│ ⋮  1 more",
        "│ │  layer1.neuron0:",
        "●─╯    v12 = w[0] * layer0.neuron0.a   1.412     –  ∂ 0.9414  ∂ 1.5",
        "⋮    12 more",
        "7 of 31 nodes: those within 2 steps of layer0.neuron0.z",
    ]


def test_a_pass_in_its_middle():
    stepper = Stepper(article())
    stepper.step(4)
    assert drawing(planned(stepper.graph, state=stepper)).splitlines() == [
        "                 data  grad  derivative → contribution",
        "◆    x              2     1",
        "│ ○  z              3     –",
        "├─●  v2 = x * z     6     1  ∂x 3  ∂z 2",
        "●─╯  y = v2 + x     8     1  ∂v2 1 → +1  ∂x 1 → +1",
        "event 4 of 6: y → x: 1.0 × 1.0, grad 0.0 → 1.0",
    ]
    stepper.back(3)
    assert drawing(planned(stepper.graph, state=stepper)).splitlines()[3:] == [
        "├─◆  v2 = x * z     6     –  ∂x 3  ∂z 2",
        "●─╯  y = v2 + x     –     –  ∂v2 –  ∂x –",
        "event 1 of 6: x * z = 2.0 * 3.0 = 6.0",
    ]


def test_what_is_not_finite_is_marked():
    x = Value(0.0, "x")
    y = x.log() * 0.0
    y.backward()
    assert drawing(planned(y)).splitlines()[1:] == [
        "○    x                  0  nan!",
        "●    v1 = log(x)    -inf!     0  ∂x inf! → nan!",
        "│ ▪  constant           0",
        "●─╯  v3 = v1 * 0.0   nan!     1  ∂v1 0 → 0",
    ]


def test_boxes_have_ranges_and_what_leads_up_is_named():
    folds = FoldOptions(by=lambda v: {"tanh": "squash", "add": "sums"}.get(v.op))
    assert drawing(planned(recurrence(3), fold=folds)).splitlines() == [
        "                                           data  grad  derivative",
        "○            w                              0.9     –",
        "│ ○          h0                               0     –",
        "├─●          v2 = w * h0                      0     –  ∂w 0  ∂h0 0.9",
        "├─│─●        v10 = w * h[1]              0.1687     –  ∂w 0.1875  ∂h[1] 0.9",
        "│ │ │        ← squash",
        "│ │ │ ○      x[0]                           0.1     –",
        "│ │ │ │ ○    x[1]                           0.1     –",
        "│ │ │ │ │ ○  x[2]                           0.1     –",
        "│ ▣─┴─┴─┴─╯  sums = _ + x          0.1 … 0.2687     –",
        "│ │          ← v6",
        "│ ▣          squash = tanh(_)  0.09967 … 0.2624     –  sums × 3",
        "●─╯          v6 = w * h[0]               0.0897     –  ∂w 0.09967  ∂h[0] 0.9",
        "14 nodes shown as 10, folded: sums, squash",
    ]


def test_where_columns_are_too_wide_a_row_has_several_lines():
    x, long = Value(2.0, "x"), Value(3.0, "a_rather_long_name")
    y = x * long + x
    y.backward()
    assert drawing(planned(y), 24).splitlines() == [
        "○    x  data 2",
        "│      grad 4",
        "│ ○  a_rather_…_name",
        "│ │    data 3  grad 2",
        "├─●  v2 = x * …_name",
        "│ │    data 6  grad 1",
        "│ │    ∂ 3 → +3",
        "│ │    ∂ 2 → +2",
        "●─╯  v3 = v2 + x",
        "       data 8  grad 1",
        "       ∂v2 1 → +1",
        "       ∂x 1 → +1",
    ]


def test_a_box_counts_what_is_not_finite():
    values = [Value(x, f"x[{i}]") for i, x in enumerate((1.0, 2.0, float("inf"), float("nan")))]
    y = values[0] + values[1] + values[2] + values[3]
    assert "x[4]  1 … 2, 2 not finite!" in drawing(planned(y, 3, fold=BY_MEANING))


def test_a_box_of_sums_of_sums_takes_no_longer_than_it_has_nodes():
    v = Value(1.0, "x")
    for _ in range(2000):
        v = v + v
    folds = FoldOptions(by=lambda v: v.op)
    assert "Σ x" in drawing(planned(v * 2, fold=folds))
    assert drawing(planned(v * v + v.exp() + v.log() + v.sin() + v.cos() + v, fold=folds))


def test_a_legend_says_what_the_marks_are_and_a_title_stands_above():
    x = Value(2.0, "x")
    lines = draw(x * 3, title="A\nproduct").text(80).splitlines()
    assert (lines[0], lines[-1]) == ("A\\nproduct", "○ leaf  ▪ constant  ● operation")
    assert "leaf" not in draw(x * 3, legend=False).text(80)


def test_only_what_the_view_shows():
    assert "grad" not in draw(article(), view="forward").text(80)
    assert "data" not in draw(article(), view="backward").text(80)


# Its lines, followed


class Picture:
    """The marks of a drawing, each with the rows to which lines lead from it."""

    def __init__(self, text, caption=""):
        self.marks = []
        self.edges = set()
        self.named = []
        self.down = {}  # which row's value each column carries
        for line in text.removesuffix(caption).splitlines():
            lanes = LANES.match(line)[0]
            if any(c in MARKS for c in lanes):
                self.row(lanes)
            elif line[len(lanes) :].startswith("← "):
                self.named[-1] += line[len(lanes) + 2 :].split(", ")
            self.down = {
                column: row
                for column, row in self.down.items()
                if lanes[column : column + 1] in ("│", "├", "┤", "┼", *MARKS) and lanes[column:]
            }

    def row(self, lanes):
        (place,) = [i for i, c in enumerate(lanes) if c in MARKS]
        number = len(self.marks)
        self.marks.append(lanes[place])
        self.named.append([])
        if lanes[place] not in "○▪" and place in self.down:
            self.edges.add((self.down[place], number))
        for step, on, back in ((1, LEFT, RIGHT), (-1, RIGHT, LEFT)):
            at = place + step
            while 0 <= at < len(lanes) and lanes[at] in "─" and lanes[at + step] != " ":
                joint = lanes[at + step]
                if joint not in "│─":
                    assert joint in on
                    self.edges.add((self.down[at + step], number))
                if joint not in back + "│":
                    break
                at += 2 * step
        self.down[place] = number


def check(snapshot, width, ascii=False):
    """Every node, box and stub is drawn once; lines and names are the snapshot's arrows."""
    text = drawing(snapshot, width)
    lines = text.splitlines()
    assert max(map(display_width, lines)) <= width
    assert [line for line in lines if line != line.rstrip()] == []
    ends = list(ordered(snapshot))
    arrows = {(ends.index(a.start), ends.index(a.end)) for a in snapshot.arrows}
    drawn = {end for arrow in snapshot.arrows for end in (arrow.start, arrow.end)}
    assert len(ends) == len(set(ends))
    assert set(ends) == {*snapshot.ends, *snapshot.stubs} >= drawn
    picture = Picture(text, caption(snapshot))
    assert len(picture.marks) == len(ends)
    assert picture.edges <= arrows
    rest = sorted(arrows - picture.edges, key=lambda arrow: arrow[::-1])
    rows = sheet(snapshot).rows
    for end, names in enumerate(picture.named):
        assert sorted(names) == sorted(rows[a].full_name for a, b in rest if b == end)
    return picture


@st.composite
def graphs(draw_one):
    """Any graph: shared operands, the same operand twice, several outputs, some used again."""
    nodes = [Value(1.0, f"x{i}") for i in range(draw_one(st.integers(1, 6)))]
    for _ in range(draw_one(st.integers(0, 40))):
        a, b = (nodes[-1 - draw_one(st.integers(0, len(nodes) - 1))] for _ in "ab")
        nodes.append(draw_one(st.sampled_from([a + b, a * b, a.tanh(), a * 2.0])))
    count = draw_one(st.integers(1, 4))
    return Graph([nodes[-1], *draw_one(st.lists(st.sampled_from(nodes), max_size=count))])


@given(graphs(), st.sampled_from([20, 40, 80, 120]))
def test_lines_lead_from_operands_to_results(graph, width):
    picture = check(planned(graph, 1000), width)
    assert len(picture.marks) == len(graph)


@given(graphs(), st.integers(1, 12), st.sampled_from([40, 80]), st.booleans(), st.data())
def test_so_they_do_in_parts_of_graphs(graph, most, width, near, data):
    around = [data.draw(st.sampled_from(graph.nodes))] if near else []
    check(planned(graph, most, around), width)


@given(graphs(), st.sampled_from([40, 80]))
def test_and_where_boxes_use_each_other_in_circles(graph, width):
    check(planned(graph, 1000, fold=FoldOptions(by=lambda v: v.op)), width)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("most", [5, 20, 60, 1000])
def test_networks(width, most):
    check(planned(network(), most, fold=BY_MEANING), width)
    check(planned(recurrence(30), most), width)


@given(st.data(), st.integers(1, 9))
def test_lanes_are_as_few_as_values_are_alive(data, most):
    count = data.draw(st.integers(1, 30))
    sources = [
        data.draw(st.sets(st.integers(0, i - 1), max_size=4)) if i else set() for i in range(count)
    ]
    found = strips(sources, most)
    alive = [
        sum(any(a in sources[b] for b in range(i + 1, count)) for a in range(i + 1))
        for i in range(count)
    ]
    assert all(len(strip.below) <= most for strip in found)
    if max(alive) <= most:
        assert [len(strip.below) for strip in found] == alive
        assert not any(strip.named for strip in found)
        assert max([0, *(column for strip in found for column in strip.below)]) < max(1, *alive, 1)


# Terminals


@pytest.mark.parametrize("width", [40, 80, 120])
def test_in_ascii_the_lines_are_the_same(width):
    for value in (article(), perceptron(), network()):
        plain = drawing(planned(value), width, ascii=True)
        assert plain.isascii()
        assert max(map(len, plain.splitlines())) <= width
        lanes = [LANES.match(line)[0] for line in drawing(planned(value), width).splitlines()]
        table = str.maketrans("○▪●▣⋮◆│─├┤┼╰╯┴", "o.*#:@|-+++'''")
        for line, expected in zip(plain.splitlines(), lanes, strict=True):
            assert line.startswith(expected.strip().translate(table)) or not expected.strip()


def test_every_symbol_of_the_table_has_a_form_in_ascii():
    assert plain("√ ÷ σ") == "sqrt / s"
    assert not [row.name for row in TABLE.values() if "\\" in plain(row.symbol)]


HOSTILE = [
    "\x1b[2J\x1b[31m", "a\nb\r\tc", "\u202eright to left", "\x00\x07\x9b", "x" * 10_000,
    "猫" * 5_000, "│ ● ├─╯", "← v0", "\ud800", "e\u0301" * 50, " ",
    "layer.\x1b[0m.\n.w", ".".join("ab" * 99),
]  # fmt: skip


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("ascii", [False, True])
def test_no_name_reaches_the_terminal_raw(width, ascii):
    values = [Value(1.0, name) for name in HOSTILE]
    total = values[0]
    for name, v in zip(HOSTILE[::-1], values, strict=True):
        total = total * v
        total.name = name
    drawn = draw(total, title=HOSTILE[0]).text(width, ascii)
    text = f"{drawing(planned(total), width, ascii)}\n{drawn}"
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)
    assert all(display_width(line) <= width for line in text.splitlines())
    assert text.isascii() == ascii
    assert all(line == line.rstrip() for line in text.splitlines())


def test_the_terminal_tells_how_wide_it_is_and_what_it_can_write(monkeypatch):
    diagram = draw(network())
    monkeypatch.setenv("COLUMNS", "72")
    assert diagram.text() == diagram.text(72, ascii=False)
    monkeypatch.setenv("COLUMNS", "9")
    assert diagram.text() == diagram.text(40)
    monkeypatch.setenv("COLUMNS", "999")
    assert diagram.text() == diagram.text(120)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    assert diagram.text() == diagram.text(120, ascii=True)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert diagram.text() == diagram.text(120, ascii=False)


@pytest.mark.parametrize("width", [0, 19, -80, 80.0, "80"])
def test_a_width_that_makes_no_sense(width):
    with pytest.raises(ValueError, match="from 20 on, got"):
        draw(Value(1.0)).text(width)


def test_it_stays_as_it_was_when_it_was_drawn():
    y = article()
    diagram = draw(y)
    before = diagram.text(80)
    y.parents[0].grad, y.data, y.name = 7.0, 5.0, "other"
    assert diagram.text(80) == before != draw(y).text(80)
    assert draw(article()).text(80) == before


def test_a_comparison_is_its_table():
    x = Value(2.0, "x")
    diagram = diff(x * 3, (x * 3).relu())
    assert diagram.text(40) == str(diagram)
    assert diagram.text(40, ascii=True).isascii()


@pytest.mark.slow
def test_a_part_of_a_very_large_graph():
    graph = Graph(chain(100_000))
    assert len(check(planned(graph), 80).marks) == 62
    assert "those nearest to the output" in drawing(planned(graph))
    assert len(drawing(planned(Graph(chain(3_000)), 10_000)).splitlines()) == 6_002
