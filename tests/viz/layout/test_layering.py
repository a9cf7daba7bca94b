import random
import re
from itertools import pairwise

import pytest
from viz_graphs import SVG, chain, network, neuron, printed_twice, star

from autograd import Value
from viz import diff, draw
from viz.layout.layering import layout
from viz.layout.measure import Size, label_size, without_markup
from viz.layout.placed import Placed
from viz.layout.placing import Item, Pull, place
from viz.layout.plain_svg import plain_svg
from viz.layout.positions import positioned
from viz.layout.ranks import DownhillArrow, aligned, downhill, layers, tracks
from viz.layout.sketch import Link, Sketch, sketch
from viz.render.engine import find_engine, render

NOTHING = Size(0, 0)


def recurrence(steps):
    w, h = Value(0.5, "w"), Value(0.1, "h")
    for i in range(steps):
        h = (h * w + Value(0.1, f"x[{i}]")).tanh()
        h.name = f"h[{i}]"
    h.backward()
    return h


def tangle(count, seed=0):
    """Operations on operands of any age."""
    some = random.Random(seed)
    nodes = [Value(float(i), f"x{i}") for i in range(6)]
    for _ in range(count):
        nodes.append(some.choice(nodes) * some.choice(nodes[-12:]))
    return nodes[-5:]


def hostile():
    names = ['"] -> n1 [label="', "<b>&amp;</b>", "\\N\\l", "}", "猫" * 9, "a.b.c", '🙂 & "q"', "]"]
    total = Value(0.0, "0 -> 1 [")
    for i, name in enumerate(names):
        total = total + Value(10.0**i, name)
    total.name = 'subgraph cluster_1 {"'
    return total


def circle():
    """Boxes whose arrows lead in a circle."""
    v = Value(0.5, "x")
    for _ in range(12):
        v = (v * 2.0).tanh()
    return draw(v, fold=lambda n: {"mul": "products", "tanh": "squashed"}.get(n.op))


GRAPHS = {
    "network": lambda **how: draw(network(), **how),
    "recurrence": lambda **how: draw(recurrence(30), max_nodes=500, fold=False, **how),
    "chain": lambda **how: draw(chain(40), max_nodes=500, fold=False, **how),
    "tangle": lambda **how: draw(tangle(150), max_nodes=500, fold=False, **how),
    "star": lambda **how: draw(star(30), max_nodes=500, fold=False, **how),
    "apart": lambda **how: draw([Value(i).exp() for i in range(9)], title="apart", **how),
    "hostile": lambda **how: draw(hostile(), title="<&>", **how),
    "folded": lambda **how: draw(recurrence(40), max_nodes=20, **how),
    "cut": lambda **how: draw(recurrence(30), max_nodes=20, fold=False, **how),
    "around": lambda **how: draw(y := recurrence(9), around=y.parents[0], hops=3, **how),
    "marked": lambda **how: draw(y := network(), highlight={"here": [y.parents[0]]}, **how),
    "circle": lambda **how: circle(),
    "difference": lambda **how: diff(network(), recurrence(3), **how),
    "backward": lambda **how: draw(recurrence(20), view="backward", **how),
}


@pytest.fixture(params=GRAPHS)
def diagram(request):
    return GRAPHS[request.param]


def drawn(dot):
    """The engine's picture of our layout."""
    return render(find_engine(), positioned(Placed(sketch(dot))), "svg", 60.0, keep=True)


def parsed(picture):
    from xml.etree import ElementTree

    return ElementTree.fromstring(picture)


def groups(root, kind):
    """The groups of that class, by their ids."""
    found = [g for g in root.iter(f"{SVG}g") if kind in (g.get("class") or "").split()]
    return {g.get("id"): g for g in found}


def corners(group):
    """The rectangle around the shapes of a group: left, top, right, bottom."""
    xs, ys = [], []
    for shape in group.iter():
        if shape.tag == f"{SVG}rect":
            x, y, width, height = (float(shape.get(k)) for k in ("x", "y", "width", "height"))
            xs, ys = [*xs, x, x + width], [*ys, y, y + height]
        elif shape.tag in (f"{SVG}path", f"{SVG}polygon"):
            numbers = re.findall(r"-?[\d.]+", shape.get("d") or shape.get("points"))
            xs, ys = xs + [float(n) for n in numbers[::2]], ys + [float(n) for n in numbers[1::2]]
    return min(xs), min(ys), max(xs), max(ys)


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def inside(inner, outer):
    return (
        outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2]
        and inner[3] <= outer[3]
    )  # fmt: skip


def overlaps(root):
    boxes = sorted((corners(g), name) for name, g in groups(root, "node").items())
    return [
        (one[1], other[1])
        for i, one in enumerate(boxes)
        for other in boxes[i + 1 :]
        if overlap(one[0], other[0])
    ]


def homes(dot):
    """The frame of each node, and that of each frame, by their ids."""
    found = sketch(dot)
    names = [f"f{i}" for i in range(len(found.frames))]
    home = {names[i]: names[f.parent] for i, f in enumerate(found.frames) if i}
    return home | {box.name: names[box.frame] for box in found.boxes}


# What is drawn


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_no_boxes_overlap(diagram, direction):
    assert overlaps(parsed(drawn(diagram(direction=direction).dot))) == []


def test_all_that_dot_draws_is_there(diagram):
    dot = diagram().dot
    ours, theirs = parsed(drawn(dot)), parsed(render(find_engine(), dot, "svg", 60.0))
    for kind in ("node", "edge", "cluster"):
        assert set(groups(ours, kind)) == set(groups(theirs, kind))
    for kind in ("node", "edge"):
        words = [
            {name: "".join(g.itertext()).split() for name, g in groups(root, kind).items()}
            for root in (ours, theirs)
        ]
        assert words[0] == words[1]


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_frames_hold_what_lies_in_them_and_nothing_else(diagram, direction):
    dot = diagram(direction=direction).dot
    root = parsed(drawn(dot))
    home = homes(dot)
    frames = {name: corners(g) for name, g in groups(root, "cluster").items()}
    boxes = {name: corners(g) for name, g in groups(root, "node").items()} | frames
    for name, border in boxes.items():
        around, frame = set(), home[name]
        while frame != "f0":
            around.add(frame)
            frame = home[frame]
        for frame, edges in frames.items():
            if frame in around:
                assert inside(border, edges)
            elif frame != name and name not in {home.get(frame), home.get(home.get(frame))}:
                assert not overlap(border, edges)


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_arrows_touch_their_boxes_and_cross_no_other(diagram, direction):
    found = sketch(diagram(direction=direction).dot)
    laid = layout(found)
    for link, route in zip(found.links, laid.routes, strict=True):
        ends = (link.end, link.start) if route.turned else (link.start, link.end)
        for box, (along, across) in zip(ends, (route.points[0], route.points[-1]), strict=True):
            x, y = laid.boxes[box]
            size = found.boxes[box].size
            wide, high = size if found.flat else size[::-1]
            border = found.boxes[box].border
            assert abs(abs(along - x) - (wide + border) / 2) <= 1
            assert abs(across - y) <= (high + border) / 2
    assert crossings(found, laid) == []


def crossings(found, laid):
    """The boxes that lie on the straight parts of arrows; the bends lie between layers."""
    places = []
    for box, (x, y) in zip(found.boxes, laid.boxes, strict=True):
        wide, high = box.size if found.flat else box.size[::-1]
        places.append((x - wide / 2, y - high / 2, x + wide / 2, y + high / 2))
    layers = sorted({x for x, _ in laid.boxes})
    bad = []
    for i, route in enumerate(laid.routes):
        for k, (one, other) in enumerate(pairwise(route.points)):
            low, high = sorted((one[0], other[0]))
            if k % 2:
                assert not any(low < x < high for x in layers), "a bend goes across a layer"
                continue
            line = (low + 1, one[1] - 0.5, high - 1, one[1] + 0.5)
            own = {found.links[i].start, found.links[i].end}
            bad += [(i, b) for b, p in enumerate(places) if b not in own and overlap(line, p)]
    return bad


def test_an_arrow_of_the_backward_view_has_its_head_at_its_start():
    text = positioned(Placed(sketch(GRAPHS["backward"]().dot)))
    pos = [line.split('pos="')[1] for line in text.splitlines() if " -> " in line]
    assert pos
    assert all(p.startswith("s,") for p in pos)


_SCRIPT = """
from test_layering import GRAPHS
from viz.layout.placed import Placed
from viz.layout.plain_svg import plain_svg
from viz.layout.positions import positioned
from viz.layout.sketch import sketch
for make in GRAPHS.values():
    placed = Placed(sketch(make().dot))
    sys.stdout.buffer.write(positioned(placed).encode() + plain_svg(placed))
"""


def test_two_processes_lay_out_alike():
    first, second = printed_twice(_SCRIPT, __file__)
    assert first.count(b"pos=") > 1000
    assert first == second


# Sizes


def test_labels_are_measured_as_large_as_they_are_or_a_little_larger(diagram):
    dot = diagram().dot
    plain = render(find_engine(), dot, "plain", 60.0).decode()
    real = {}
    for line in plain.splitlines():
        kind, *rest = line.split(" ")
        name = rest[0] if rest else ""
        if kind == "node":
            real[name] = [72 * float(n) for n in rest[3:5]]
    for box in sketch(dot).boxes:
        wide, high = real[box.name]
        assert wide - 1 <= box.size.width + box.border <= wide + 12
        assert box.name.startswith(("more", "then")) or box.size.height + box.border >= high - 1


def test_a_label_that_is_no_table_is_measured_too():
    assert label_size('a [label=<<FONT POINT-SIZE="22">ab</FONT><BR/>c>]') > label_size(
        "a [label=<ab<BR/>c>]"
    )
    assert label_size("a [shape=box]") == NOTHING


def test_a_long_label_is_measured_in_no_time_to_speak_of():
    assert label_size(f"a [label=<{'<' * 50_000}>]") == NOTHING
    assert label_size(f"a [label=<{'<B>x</B>' * 20_000}>]").width > 100_000


def test_a_label_without_markup_keeps_its_words():
    label = without_markup(draw(Value(0.5, "a<b\\")).dot.splitlines()[-2])
    assert 'label="a&lt;b\\\\\\ndata 0.5\\lgrad   –\\l"' in label


# Layers


def ways(*pairs):
    return [DownhillArrow(*pair) for pair in pairs]


def test_a_leaf_lies_right_before_its_first_user():
    found = layers(ways((0, 1), (1, 2), (2, 3), (4, 3), (4, 2)), count=5)
    assert found == [0, 1, 2, 3, 1]


def test_an_output_lies_right_behind_its_operands():
    assert layers(ways((0, 1), (0, 2), (2, 3), (3, 4)), count=5) == [0, 1, 1, 2, 3]


def test_arrows_in_a_circle_are_turned_round():
    links = [Link(a, b, NOTHING) for a, b in ((0, 1), (1, 2), (2, 3), (3, 1), (2, 0))]
    found = downhill(links, count=4)
    assert [way[:2] for way in found] == [(0, 1), (1, 2), (2, 3), (1, 3), (0, 2)]
    assert layers(found, count=4) == [0, 1, 2, 3]


def test_the_neurons_of_a_layer_begin_in_one_layer_of_the_picture():
    inputs = [Value(1.0, "x[0]"), Value(2.0, "x[1]")]
    hidden = [neuron(f"layer0.neuron{i}", inputs, (0.1, 0.2)) for i in range(5)]
    found = sketch(draw(neuron("layer1.neuron0", hidden, [1.0] * 5), max_nodes=500).dot)
    arrows = downhill(found.links, len(found.boxes))
    late = layers(arrows, len(found.boxes))
    early = aligned(found, arrows, late)

    def begins(layer):
        first = {}
        for box, at in zip(found.boxes, layer, strict=True):
            first[box.frame] = min(at, first.get(box.frame, at))
        return [first[i] for i, f in enumerate(found.frames) if f.label.width == f_width and i]

    f_width = label_size("graph [label=<neuron0>]").width
    assert len(set(begins(late)[-5:])) > 1
    assert len(set(begins(early)[-5:])) == 1
    assert all(early[w.end] - early[w.start] >= w.least for w in arrows)


def test_all_long_arrows_of_a_box_share_a_track():
    found = sketch(draw(star(20), max_nodes=500, fold=False).dot)
    arrows = downhill(found.links, len(found.boxes))
    lanes, _ = tracks(found, arrows, layers(arrows, len(found.boxes)))
    assert len(lanes) == 1
    assert found.boxes[lanes[0].start].name == "n0"


def test_without_room_for_tracks_arrows_are_straight(monkeypatch):
    monkeypatch.setattr("viz.layout.ranks.MOST_CROSSED", 0)
    dot = draw(star(20), max_nodes=500, fold=False).dot
    found = sketch(dot)
    assert all(len(route.points) == 4 for route in layout(found).routes)
    assert overlaps(parsed(drawn(dot))) == []


def test_where_frames_would_take_too_long_there_are_none(monkeypatch):
    monkeypatch.setattr("viz.layout.layering._MOST_CROSSED", 0)
    found = Placed(sketch(draw(network()).dot))
    assert not found.framed
    assert "cluster" not in positioned(found)
    assert positioned(found).count("\n}") == 1
    assert overlaps(parsed(drawn(draw(network()).dot))) == []


def test_a_picture_of_nothing_and_a_box_with_an_arrow_to_itself():
    assert layout(Sketch([])).boxes == []
    dot = 'digraph g {\n  n0 [label="x"]\n  n0 -> n0 [id="e0"]\n}'
    assert layout(sketch(dot)).routes == [None]
    assert b"<svg" in drawn(dot)


# Coordinates


@pytest.mark.parametrize("seed", range(20))
def test_items_in_one_layer_do_not_overlap(seed):
    some = random.Random(seed)
    items = []
    for _ in range(some.randrange(1, 60)):
        first = some.randrange(8)
        last = min(first + (some.randrange(4) if some.random() < 0.3 else 0), 8)
        items.append(Item(first, last, some.randrange(1, 40), some.random() < 0.1))
    pairs = [sorted(some.choices(range(len(items)), k=2)) for _ in range(len(items))]
    pulls = [Pull(a, b, some.randrange(-5, 6)) for a, b in pairs if items[a].first < items[b].first]
    found = place(items, pulls)
    for i, one in enumerate(items):
        for j, other in enumerate(items[:i]):
            if one.first <= other.last and other.first <= one.last:
                assert abs(found[i] - found[j]) >= one.half + other.half
    assert min(at - item.half for at, item in zip(found, items, strict=True)) == 0


def test_a_chain_is_straight_and_what_joins_it_lies_beside_it():
    chained = [Item(i, i, 5) for i in range(50)]
    joining = [Item(i, i, 5) for i in range(1, 49)]
    pulls = [Pull(i, i + 1, 0) for i in range(49)]
    pulls += [Pull(50 + i, i + 2, 0) for i in range(48)]
    found = place([*chained, *joining], pulls)
    assert len(set(found[:50])) == 1
    assert {abs(at - found[0]) for at in found[50:]} == {10}


# The SVG that is written without an engine


@pytest.fixture
def plain(monkeypatch):
    """A picture by `plain_svg`."""
    monkeypatch.setattr("viz.layout.placed._MOST_MARKED_UP", 0)
    return lambda dot: parsed(plain_svg(Placed(sketch(dot))))


def test_the_plain_svg_has_all_boxes_and_arrows_and_their_tooltips(diagram, plain):
    dot = diagram().dot
    ours, theirs = plain(dot), parsed(render(find_engine(), dot, "svg", 60.0))
    link = "{http://www.w3.org/1999/xlink}title"
    for kind in ("node", "edge", "cluster"):
        expected = {
            name: [a.get(link) for a in g.iter(f"{SVG}a")][:1]
            for name, g in groups(theirs, kind).items()
        }
        found = {name: [g.find(f"{SVG}title").text] for name, g in groups(ours, kind).items()}
        assert found == expected


def test_the_plain_svg_says_what_the_engine_would(diagram, plain):
    dot = diagram().dot
    ours, theirs = plain(dot), parsed(render(find_engine(), dot, "svg", 60.0))
    for kind in ("node", "edge"):
        words = []
        for root in (ours, theirs):
            texts = {
                name: "".join(t.text or "" for t in g.iter(f"{SVG}text"))
                for name, g in groups(root, kind).items()
            }
            words.append({name: re.sub(r"\s", "", text) for name, text in texts.items()})
        assert words[0] == words[1]


def test_boxes_of_the_plain_svg_do_not_overlap_and_lie_in_it(diagram, plain):
    root = plain(diagram().dot)
    assert overlaps(root) == []
    left, top, width, height = map(float, root.get("viewBox").split())
    for kind in ("node", "edge", "cluster"):
        for group in groups(root, kind).values():
            assert inside(corners(group), (left, top, left + width, top + height))
