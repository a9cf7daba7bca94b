import copy
import math
import os
import time
from pathlib import Path

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from viz_graphs import article, chain, group, network, parse, tooltip, words

from autograd import Graph, Value
from viz import Diagram, diff
from viz.comparison.changes import NumberPair, compare, shared, whole
from viz.comparison.matching import match
from viz.comparison.selection import select

GOLDEN = Path(__file__).parent / "golden"


def edited(relu=True):
    x, z = Value(2.0, "x"), Value(3.0, "z")
    product = x * z
    y = product.relu() + x if relu else product + x + z**2
    y.name = "y"
    y.backward()
    return y


def compared(before, after, **options):
    return compare(whole(before), whole(after), shared(before, after), **options)


def matched(before, after):
    """The node of the graph after for each node before that has one."""
    pairs = match(whole(before), whole(after), shared(before, after))
    return {before.nodes[i]: after.nodes[j] for i, j in pairs.items()}


def kinds(before, after, **options):
    comparison = compared(Graph(before), Graph(after), **options)
    return {comparison.label(entry): entry.kind for entry in comparison.differing}


# Matching


@st.composite
def programs(draw, size=14):
    """Instructions that make a graph: leaves by name, operations on what came before."""
    made = []
    for i in range(draw(st.integers(1, size))):
        operation = draw(st.sampled_from(["leaf", "exp", "relu", "add", "mul", "twice"]))
        if not made or operation == "leaf":
            name = draw(st.sampled_from([None, "", "x", "y", f"w[{i}]"]))
            made.append(("leaf", name, draw(st.sampled_from([1.0, 2.0, math.nan]))))
        else:
            made.append((operation, draw(st.integers(0, i - 1)), draw(st.integers(0, i - 1))))
    return made


def run(program):
    values = []
    for operation, first, second in program:
        if operation == "leaf":
            values.append(Value(second, first))
        else:
            a, b = values[first % len(values)], values[second % len(values)]
            rule = {
                "exp": lambda a=a: a.sigmoid(), "relu": lambda a=a: a.relu(),
                "add": lambda a=a, b=b: a + b, "mul": lambda a=a, b=b: a * b,
                "twice": lambda a=a: a * 2,
            }  # fmt: skip
            values.append(rule[operation]())
    return values


def outputs(values):
    used = {p for v in values for p in v.parents}
    return [v for v in values if v not in used]


@given(programs())
def test_nothing_differs_from_a_copy(program):
    before = outputs(run(program))
    after = copy.deepcopy(before)
    comparison = compared(Graph(before), Graph(after))
    assert comparison.differing == []
    assert comparison.caption.startswith("nothing differs in")
    assert matched(Graph(before), Graph(before)) == {v: v for v in Graph(before)}


@given(programs(), st.data())
def test_of_a_changed_leaf_all_that_is_downstream_differs_and_nothing_else(program, data):
    before = outputs(run(program))
    after = copy.deepcopy(before)
    graph = Graph(after)
    leaf = data.draw(st.sampled_from([v for v in graph if not v.parents]))
    leaf.data = 0.625
    downstream = {leaf}
    for v in graph:
        if downstream & {*v.parents}:
            downstream.add(v)
            v.data = v.data + 1.0 if math.isfinite(v.data) else 0.0
    comparison = compared(Graph(before), graph)
    assert {entry.after.number for entry in comparison.differing} == {
        graph.index[v] for v in downstream
    }
    assert comparison.first.after.number == graph.index[leaf]


@given(programs(), st.data())
@settings(max_examples=examples(200))
def test_after_any_edit_every_node_is_in_one_place(program, data):
    other = list(program)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(other) - 1))
        if data.draw(st.booleans()) and len(other) > 1 and place:
            del other[place]
        else:
            other.insert(place + 1, ("relu", place, place))
    before, after = Graph(outputs(run(program))), Graph(outputs(run(other)))
    pairs = matched(before, after)
    assert len(set(pairs.values())) == len(pairs)
    assert all(v in before.index and w in after.index and v.op == w.op for v, w in pairs.items())
    comparison = compared(before, after)
    count = {kind: sum(e.kind == kind for e in comparison.nodes) for kind in ("added", "removed")}
    assert len(pairs) + count["added"] == len(after)
    assert len(pairs) + count["removed"] == len(before)
    assert len(comparison.nodes) == len(before) + len(after) - len(pairs)
    assert [*matched(before, after).items()] == [*pairs.items()]


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("name", ["x", None])
def test_a_node_put_in_between_is_all_that_is_added(place, name):
    def make(put_in):
        v = Value(2.0, name)
        for i in range(6):
            v = v.sin() if i % 2 else v.exp()
            v = v.relu() if i == put_in else v
        return v

    before, after = Graph(make(-1)), Graph(make(place))
    assert len(matched(before, after)) == len(before) == len(after) - 1
    assert len(matched(after, before)) == len(before)


def test_several_nodes_put_in_with_the_input_changed():
    def make(put_in, x):
        v = Value(x)
        for i in range(6):
            v = v.sin() if i % 2 else v.exp()
            v = v.relu() if i in put_in else v
        return v

    before, after = Graph(make((), 1.0)), Graph(make((1, 2, 3, 5), 2.0))
    added = {*after} - {*matched(before, after).values()}
    assert [v.op for v in after if v in added] == ["relu"] * 4


@pytest.mark.parametrize(("was", "now"), [("abcd", "abcde"), ("abcd", "eabcd"), ("abcd", "abecd")])
def test_a_term_of_a_sum(was, now):
    def make(terms):
        total = None
        for name in terms:
            term = Value(1.0, name) * 2.0
            total = term if total is None else total + term
        return total

    before, after = Graph(make(was)), Graph(make(now))
    pairs = matched(before, after)
    added = [v.op for v in after if v not in set(pairs.values())]
    assert sorted(map(str, added)) == ["None", "add", "const", "mul"]
    assert len(matched(after, before)) == len(before)


def test_a_renamed_leaf_is_another_leaf():
    assert kinds(Value(2.0, "x").exp(), Value(2.0, "u").exp()) == {
        "x": "removed", "u": "added", "v1 (exp)": "changed",
    }  # fmt: skip


def test_operands_count_in_their_order():
    x, z = Value(2.0, "x"), Value(3.0, "z")
    comparison = compared(Graph(x * z), Graph(z * x))
    assert [entry.rewired for entry in comparison.differing] == [True]
    assert "z * x, was x * z" in comparison.table()
    assert [link.kind for link in comparison.edges] == ["removed", "added"] * 2


def test_operands_are_the_same_nodes_in_both_formulas():
    a, b = Value(2.0), Value(3.0)
    assert "v0 - v1, was v1 - v0" in diff(a - b, b - a).table()
    assert "v0 - v1, was v0 - old v1" in diff(a - b, a - a.exp()).table()


def test_shared_nodes_are_themselves():
    x = Value(2.0, "x")
    y = x.exp() * x.exp()
    assert kinds(y, y + 1) == {"v4 (the constant 1.0)": "added", "v5 (add)": "added"}


def test_names_that_swapped_do_not_hang():
    def make(first, second):
        a = Value(1.0, "x").relu()
        b = a.relu()
        a.name, b.name = first, second
        return b

    diagram = diff(make("p", "q"), make("q", "p"), max_nodes=2)
    assert diagram.svg()


def test_graphs_that_share_nothing():
    comparison = compared(Graph(Value(1.0, "x").exp()), Graph(Value(1.0, "z").sin()))
    assert [entry.kind for entry in comparison.nodes] == ["added", "added", "removed", "removed"]


@pytest.mark.slow
def test_many_nodes_are_matched_in_linear_time():
    before, after = Graph(chain(30_000)), Graph(chain(30_000).relu())
    start = time.process_time()
    assert len(matched(before, after)) == len(before)
    assert time.process_time() - start < 20


# NumberPair


@pytest.mark.parametrize(
    ("x", "y", "rtol", "differ"),
    [
        (1.0, 1.0 + 2**-52, 0, True),
        (1.0, 1.0 + 2**-52, 1e-9, False),
        (0.0, -0.0, 0, True),
        (0.0, -0.0, 1e-9, False),
        (math.nan, math.nan, 0, False),
        (math.nan, 1.0, 0.5, True),
        (math.inf, math.inf, 0, False),
        (math.inf, 1.0, 0.5, True),
        (math.inf, -math.inf, 0.5, True),
        (None, None, 0, False),
        (None, 0.0, 0, True),
        (90.0, 100.0, 0.1, False),
        (89.0, 100.0, 0.1, True),
    ],
)
def test_when_numbers_differ(x, y, rtol, differ):
    assert NumberPair(x, y).differ(rtol) is NumberPair(y, x).differ(rtol) is differ


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (2.0, 1.0, "-50%"), (-2.0, -1.0, "+50%"), (1.0, -1.0, "-200%"), (0.0, 1.0, ""),
        (1.0, 2e6, "× 2e+06"), (math.nan, 1.0, ""), (1e-308, 1e308, ""), (None, 1.0, ""),
        (1.0, 1.0 + 2**-50, "+8.9e-16"),
    ],
)  # fmt: skip
def test_by_how_much(x, y, said):
    assert NumberPair(x, y).relative == said


def test_a_tolerance_hides_small_changes():
    before, after = Value(1.0, "x").exp(), Value(1.0 + 1e-12, "x").exp()
    assert len(kinds(before, after)) == 2
    assert kinds(before, after, rtol=1e-9) == {}


def test_gradients_that_differ_begin_in_the_backward_pass():
    before, after = article(), article()
    for v in Graph(after):
        v.grad = 2 * v.grad
    assert compared(Graph(before), Graph(after)).caption == (
        "4 changed, 0 added, 0 removed of 4 nodes; first in the backward pass: y"
    )


# The picture


def test_each_kind_of_node_says_what_happened():
    root = parse(diff(edited(False), edited()))
    comparison = compared(Graph(edited(False)), Graph(edited()))
    said = {entry.kind: words(group(root, f"n{i}")) for i, entry in enumerate(comparison.nodes)}
    assert said["added"] == "+ added relu data 6 grad 1"
    assert said["removed"].startswith("− removed")
    assert said["same"] == "× data 6 grad 1"
    assert "≠ changed, other operands + y data 17 → 8 -52.9%" in words(root)
    assert "2 changed, 1 added, 3 removed of 8 nodes; first: v3 (relu)" in words(root)
    assert "before → after" in words(root)


def test_the_kinds_differ_in_more_than_colour():
    dot = diff(edited(False), edited()).source
    looks = {}
    for line in dot.splitlines():
        if 'class="' in line and " -> " not in line:
            kind = line.split('class="')[1].split('"')[0].split()[-1]
            parts = ("dashed" in line, "peripheries" in line, "penwidth=3" in line)
            looks[kind] = parts
    assert len(set(looks.values())) == len(looks) == 4


def test_numbers_that_look_alike_are_written_in_full():
    root = parse(diff(Value(0.3, "x"), Value(0.1 + 0.2, "x")))
    assert "0.3 → 0.30000000000000004" in words(group(root, "n0"))
    assert "data 0.3 → 0.30000000000000004" in tooltip(group(root, "n0"))


def test_the_text_is_a_table_of_what_differs():
    assert str(diff(edited(False), edited())).splitlines()[-1] == (
        "2 changed, 1 added, 3 removed of 8 nodes; first: v3 (relu)"
    )
    assert str(diff(article(), article())) == "nothing differs in 4 nodes"


@pytest.mark.parametrize("limit", [1, 5, 12, 40])
def test_what_is_left_out_is_counted(limit):
    def make(put_in):
        y = chain(25)
        return (y.relu() if put_in else y) * chain(25)

    comparison = compared(Graph(make(False)), Graph(make(True)))
    part = select(comparison, limit)
    assert len(part.shown) <= limit
    assert len(part.shown) + sum(part.hidden.values()) == len(comparison.nodes)
    assert comparison.first in part.shown
    assert f"{len(part.shown)} drawn" in words(
        parse(diff(make(False), make(True), max_nodes=limit))
    )


def test_the_frames_are_those_of_both():
    dot = diff(network(), network()).source
    assert dot.count("subgraph") == 5


def test_names_are_text():
    x = Value(1.0, '<b>"\\N\n&')
    assert parse(diff(x, x.exp(), title="<i>", labels=("<a>", '"b"')))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"rtol": -1}, ValueError), ({"rtol": math.nan}, ValueError), ({"rtol": "x"}, ValueError),
        ({"labels": "ab"}, TypeError), ({"max_nodes": 0}, ValueError),
        ({"direction": "RL"}, ValueError), ({"number_format": "d"}, ValueError),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(arguments, error):
    with pytest.raises(error):
        diff(Value(1.0), Value(2.0), **arguments)


@pytest.mark.parametrize(("value", "error"), [(3, TypeError), ([], ValueError)])
def test_what_is_no_graph_is_refused(value, error):
    with pytest.raises(error):
        diff(Value(1.0), value)


def test_golden():
    diagram = diff(edited(False), edited(), title="An edit")
    assert isinstance(diagram, Diagram)
    path = GOLDEN / "difference.dot"
    if os.environ.get("REGENERATE_GOLDEN"):
        path.write_text(diagram.source, encoding="utf-8")
    assert diagram.source == path.read_text(encoding="utf-8")
