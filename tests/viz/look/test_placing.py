"""Where things lie: layers as columns, neurons in their order, arrows that stay out of frames."""

import re
from itertools import pairwise

import pytest
from viz_graphs import SVG, article, group, network, parse, words

import autograd
import nn
from autograd import Value
from viz import draw


def box(element):
    """The left, top, right and bottom of an element's outline."""
    shape = next(e for e in element if e.tag in (f"{SVG}path", f"{SVG}polygon"))
    numbers = [float(x) for x in re.findall(r"-?[\d.]+", shape.get("d") or shape.get("points"))]
    return min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])


def boxes(root, word):
    """The outlines of what has a word among its classes, by the first word that it shows."""
    groups = [g for g in root.iter(f"{SVG}g") if word in g.get("class", "").split()]
    return [(words(g), box(g)) for g in groups]


def inside(shapes, frame):
    """Those of the outlines that lie within a frame."""
    return [
        (name, outline)
        for name, outline in shapes
        if all(frame[k] <= outline[k] and outline[k + 2] <= frame[k + 2] for k in (0, 1))
    ]


def mlp(inputs, widths, **options):
    x = [Value(0.1 * i, f"x[{i}]") for i in range(inputs)]
    out = nn.MLP(inputs, widths, seed=1)(x)
    loss = out if isinstance(out, Value) else autograd.sum(out)
    loss.backward()
    return draw(loss, max_nodes=500, depth=2, **options)


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize(("inputs", "widths"), [(3, [4, 4, 1]), (2, [11, 3]), (4, [8, 8, 8, 2])])
def test_a_layer_is_a_column_of_its_neurons_in_their_order(inputs, widths, direction):
    root = parse(mlp(inputs, widths, direction=direction))
    along, across = (0, 1) if direction == "LR" else (1, 0)
    frames = sorted(boxes(root, "frame"))
    assert [name for name, _ in frames] == [f"layer{i}" for i in range(len(widths))]
    for (_, one), (_, other) in pairwise(frames):
        assert one[along + 2] < other[along]
    for (_, frame), width in zip(frames, widths, strict=True):
        neurons = sorted(inside(boxes(root, "scope"), frame), key=lambda neuron: neuron[1][across])
        assert [name.split()[0] for name, _ in neurons] == [f"neuron{i}" for i in range(width)]
    leaves = sorted(boxes(root, "leaf"), key=lambda leaf: leaf[1][across])
    assert [name.split()[0] for name, _ in leaves] == [f"x[{i}]" for i in range(inputs)]
    assert max(leaf[along + 2] for _, leaf in leaves) < frames[0][1][along]


def test_open_frames_lie_side_by_side_and_what_feeds_them_at_the_left():
    root = parse(draw(network()))
    frames = dict(boxes(root, "frame"))
    assert frames["layer0"][2] < frames["layer1"][0]
    inputs = [outline for name, outline in boxes(root, "leaf") if name.startswith("x[")]
    assert len(inputs) == 2
    assert max(outline[2] for outline in inputs) < frames["layer0"][0]


@pytest.mark.parametrize("view", ["both", "forward", "backward"])
@pytest.mark.parametrize(("inputs", "widths"), [(1, [2, 2]), (2, [3, 1]), (3, [4, 1])])
def test_open_neurons_lie_in_their_order(inputs, widths, view):
    x = [Value(0.1 * i, f"x[{i}]") for i in range(inputs)]
    out = nn.MLP(inputs, widths, seed=1)(x)
    root = parse(draw(out, fold=False, max_nodes=500, view=view))
    frames = boxes(root, "frame")
    first = sorted(inside(frames, dict(frames)["layer0"]), key=lambda frame: frame[1][1])
    names = [name for name, _ in first if name.startswith("neuron")]
    assert names == [f"neuron{i}" for i in range(widths[0])]


def lefts(root):
    """The left edge of each card, by the first words that it shows."""
    groups = [g for g in root.iter(f"{SVG}g") if g.get("class", "").startswith("node")]
    return {words(g).split(" data")[0]: box(g)[0] for g in groups}


def test_layers_with_operations_between_them_are_no_column():
    h = Value(1.0, "x")
    for i in range(2):
        z = Value(0.5, f"layer{i}.w") * h
        z.name = f"layer{i}.z"
        h = z.tanh()
        h.name = f"h{i}"
    left = lefts(parse(draw(h, depth=1)))
    order = [left[next(name for name in left if key in name)] for key in ("layer0", "h0", "layer1")]
    assert order == sorted(order)


def test_a_recurrence_in_a_frame_runs_forward():
    w, h = Value(0.5, "cell.w"), Value(0.1, "h0")
    for t in range(3):
        s = w * h
        s.name = f"cell.s{t}"
        h = s.tanh()
        h.name = f"h{t + 1}"
    left = lefts(parse(draw(h, fold=False)))
    order = [left[name] for name in ("h0", "× s0", "tanh h1", "× s1", "tanh h2", "× s2", "tanh h3")]
    assert order == sorted(order)


def test_an_open_neuron_stays_among_its_like():
    x = [Value(0.1 * i, f"x[{i}]") for i in range(3)]
    root = parse(draw(nn.MLP(3, [4, 4, 1], seed=1)(x), expand="layer0.neuron1"))
    folded = sorted(name.split()[0].removeprefix("neuron") for name, _ in boxes(root, "scope"))
    assert "".join(folded) == "00012233"  # one of layer0 is open


def test_an_arrow_that_passes_a_joint_is_one_path():
    diagram = draw(network())
    joined = set(re.findall(r"\bid=(e\d+)a\b", diagram.source))
    assert joined
    root = parse(diagram)
    ids = [g.get("id").partition("-")[2] for g in root.iter(f"{SVG}g") if g.get("id")]
    assert not [name for name in ids if re.fullmatch(r"e\d+a|j\d+", name)]
    for name in joined:
        edge = group(root, name)
        assert [part.tag for part in edge].count(f"{SVG}path") == 1
        assert [part.tag for part in edge].count(f"{SVG}polygon") == 1


@pytest.mark.parametrize("view", ["forward", "backward"])
def test_an_arrow_with_a_joint_has_its_head_at_one_end(view):
    root = parse(draw(network(), view=view))
    edges = [g for g in root.iter(f"{SVG}g") if g.get("class") == "edge"]
    assert all([part.tag for part in g].count(f"{SVG}polygon") == 1 for g in edges)


# The numbers on arrows


def numbers_on_arrows(diagram):
    root = parse(diagram)
    count = sum(g.get("class") == "edge" for g in root.iter(f"{SVG}g"))
    return [words(group(root, f"e{i}")) for i in range(count)]


def test_edges_says_which_numbers_arrows_carry():
    assert numbers_on_arrows(draw(article(), edges="none")) == ["", "", "", ""]
    assert numbers_on_arrows(draw(article(), edges="local")) == ["∂ 3", "∂ 2", "∂ 1", "∂ 1"]
    both = ["∂ 3 +3", "∂ 2 +2", "∂ 1 +1", "∂ 1 +1"]
    assert numbers_on_arrows(draw(article(), edges="both")) == both
    assert numbers_on_arrows(draw(article())) == both
    assert "bold" not in words(parse(draw(article(), edges="local")))
    with pytest.raises(ValueError, match='edges is "none", "local" or "both", got \'all\''):
        draw(article(), edges="all")


def test_arrows_between_layers_carry_none_unless_asked_to():
    assert not any(numbers_on_arrows(mlp(3, [4, 1])))
    assert any(numbers_on_arrows(mlp(3, [4, 1], edges="both")))


def test_text_obeys_edges_too():
    none, local, both = (draw(article(), edges=e).text(width=80) for e in ("none", "local", "both"))
    assert "∂" not in none
    assert "∂x 3" in local
    assert "→ +3" not in local
    assert "→ +3" in both
    assert both == draw(article()).text(width=80)


def test_many_arrows_carry_none_unless_asked_to():
    x = Value(1.0, "x")
    total = x
    for i in range(80):
        total = total + x * Value(float(i))
    assert not any(numbers_on_arrows(draw(total, max_nodes=500)))
    assert any(numbers_on_arrows(draw(total, max_nodes=500, edges="local")))


def test_negation_and_subtraction_look_different():
    x, z = Value(2.0, "x"), Value(3.0, "z")
    assert words(group(parse(draw(-x)), "n1")).startswith("neg ")
    assert words(group(parse(draw(x - z)), "n2")).startswith("− ")
