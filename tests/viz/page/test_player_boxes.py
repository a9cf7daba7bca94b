"""Players of graphs that are too large to draw: folded, with boxes that play as one."""

import time

import pytest
from chromium import CHROMIUM
from effort import few
from player_pages import page_data, small
from viz_graphs import chain

import nn
import viz
from autograd import Graph, Stepper, Value
from autograd.stepping.events import EventLog
from viz.appearance.options import Options
from viz.page.steps import Playback
from viz.selection.choose import choose
from viz.selection.elements import BY_MEANING
from viz.snapshot.take import take

in_a_browser = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on the PATH")
WHERE = "document.getElementById('where').textContent"


def digits():
    model = nn.MLP(64, [64, 10], seed=0)
    image = [Value(i % 17 / 16, f"x[{i}]") for i in range(64)]
    loss = nn.cross_entropy(model(image), 3)
    loss.name = "loss"
    return loss


def steps_and_selection(output, limit):
    log = EventLog(output)
    selection = choose(log.graph, limit, BY_MEANING)
    return log, Playback(take(log.graph, selection, Options()), log).steps, selection


def texts(page, changes, step):
    """The last of a box's ranges, in full."""
    now = [change[1:] for change in changes if change[0] <= step]
    if not now:
        return None
    low, high, bad = now[-1]
    return (*(page["numbers"][x][2] if x >= 0 else None for x in (low, high)), bad)


def expected(numbers):
    known = [x for x in numbers if x is not None]
    finite = [x for x in known if abs(x) < float("inf")]
    if not known:
        return None
    ends = (repr(min(finite)), repr(max(finite))) if finite else (None, None)
    return (*ends, len(known) - len(finite))


# What the page knows


@pytest.mark.parametrize("special", [0.0, float("nan"), float("inf")])
def test_at_every_step_a_box_says_what_the_stepper_says(special):
    output = small() if special == 0.0 else small() * Value(special, "k")
    page, stepper = page_data(viz.player(output, max_nodes=20)), Stepper(output)
    _, steps, selection = steps_and_selection(output, 20)
    boxes = [node for node in page["nodes"] if node["kind"] == "box"]
    assert len(boxes) == len(selection.folds) > 2
    assert len(page["events"]) == len(steps)
    for number, happened in enumerate([0, *(step.event + 1 for step in steps)]):
        stepper.goto(happened)
        for box_page, box in zip(boxes, selection.folds, strict=True):
            data = [stepper.data(v) for v in box.outputs]
            grads = [stepper.grad(v) if stepper.has_grad(v) else None for v in box.outputs]
            assert texts(page, box_page["data"], number) == expected(data)
            assert texts(page, box_page["grads"], number) == expected(grads)


@pytest.mark.parametrize("make", few([small, digits], 2), ids=lambda make: make.__name__)
def test_every_event_is_in_one_step_and_in_its_order(make):
    output = make()
    page = page_data(viz.player(output, max_nodes=20))
    log, steps, selection = steps_and_selection(output, 20)
    counts = [event[2] if event[1:2] == [-1] else 1 for event in page["events"]]
    assert sum(counts) == len(log)
    assert [step.event for step in steps] == sorted({step.event for step in steps})
    assert steps[-1].event + 1 == len(log)
    assert len(steps) <= 4 * len(selection.shown) + 2 * len(selection.folds)
    for step, count in zip(steps, counts, strict=True):
        nodes = log.graph.nodes
        inside = {nodes[i] for i in step.box.nodes} if step.box else {log[step.event].node}
        own = [k for k in range(len(log)) if log.graph.nodes[log.sender(k)] in inside]
        phase = [k for k in own if (k < log.forward) == (step.event < log.forward)]
        if step.box:
            assert (phase[-1], len(phase)) == (step.event, count)
            assert sum(step.sent.values()) == (0 if step.event < log.forward else count)


def test_at_the_end_every_number_is_the_real_one():
    output = digits()
    page = page_data(viz.player(output))
    last = len(page["events"])
    _, _, selection = steps_and_selection(output, 60)
    output.backward()
    boxes = [node for node in page["nodes"] if node["kind"] == "box"]
    for box_page, box in zip(boxes, selection.folds, strict=True):
        assert texts(page, box_page["data"], last) == expected([v.data for v in box.outputs])
        assert texts(page, box_page["grads"], last) == expected([v.grad for v in box.outputs])
        leaves = [v for v in box.nodes if v.op is None]
        if box_page["leaves"]:
            assert box_page["leaves"]["count"] == len(leaves)
            grads = texts(page, box_page["leaves"]["grads"], last)
            assert grads == expected([v.grad for v in leaves])


def test_a_network_for_digits_is_a_small_page_made_at_once():
    output = digits()
    start = time.process_time()
    player = viz.player(output)
    size = len(player.html().encode())
    assert time.process_time() - start < 10
    assert size < 300_000
    assert repr(player).startswith("<Player of 53 steps on 14,443 nodes shown as 28; .show()")
    caption = page_data(player)["caption"]
    assert caption.startswith("14,443 nodes shown as 28, folded: layer0.neuron × 64, ")
    assert "; 28,618 events in 53 steps" in caption
    assert not any(v.has_grad for v in Graph(output))


def test_the_same_graph_gives_the_same_bytes():
    assert viz.player(small(), max_nodes=20).html() == viz.player(small(), max_nodes=20).html()


def test_how_to_fold():
    def labels(**options):
        nodes = page_data(viz.player(small(), **options))["nodes"]
        return [node["label"] for node in nodes if node["kind"] == "box"]

    assert labels() == []
    assert {"layer0", "layer1"} == set(labels(depth=1))
    assert "layer0.neuron0" not in labels(max_nodes=20, expand="layer0.neuron0")
    assert labels(fold=lambda v: "all" if v.parents and v.name != "loss" else None) == ["all"]
    assert labels(fold="layer0") == ["layer0"]
    assert labels(max_nodes=20, fold=False) == []
    with pytest.raises(ValueError, match="there is no scope 'layer9' to expand"):
        viz.player(small(), max_nodes=20, expand="layer9")
    with pytest.raises(ValueError, match="depth is a whole number"):
        viz.player(small(), depth=0)
    with pytest.raises(TypeError, match="fold is True, False"):
        viz.player(small(), fold=3)


def test_a_function_that_names_no_box_leaves_folding_to_the_player():
    page = page_data(viz.player(chain(300), max_nodes=50, fold=lambda v: None))
    assert page["drawn"] <= 50
    assert page["folded"]
    assert not page_data(viz.player(chain(10), max_nodes=50, fold=lambda v: None))["folded"]


# The page


BOXES = """Object.fromEntries([...document.querySelectorAll("#picture .fold")].map((g) =>
    [g.getAttribute("aria-description"), [".data", ".grad"].map((name) =>
    g.querySelector(name).textContent)]))"""


def span(numbers):
    known = [x for x in numbers if x is not None]
    low, high = (f"{f(known):.4g}" if known else "–" for f in (min, max))
    return low if low == high else f"{low} … {high}"


@in_a_browser
def test_at_every_step_both_ways_the_page_shows_what_the_stepper_says(opened):
    page, stepper = opened(small(), max_nodes=20), Stepper(small())
    _, steps, selection = steps_and_selection(stepper.graph.outputs[0], 20)
    moments = [0, *(step.event + 1 for step in steps)]

    def check(happened):
        stepper.goto(happened)
        shown = list(page.run(BOXES).values())
        assert len(shown) == len(selection.folds)
        for box in selection.folds:
            grads = [stepper.grad(v) if stepper.has_grad(v) else None for v in box.outputs]
            assert [span([stepper.data(v) for v in box.outputs]), span(grads)] in shown
        nodes = page.run("[...document.querySelectorAll('#picture .node:not(.fold)')].map((g) => "
                         "[g.id, ...['.data', '.grad'].map((n) => g.querySelector(n)?.textContent"
                         " ?? '')])")  # fmt: skip
        assert len(nodes) == len(selection.shown)
        for name, data, grad in nodes:
            v = stepper.graph.nodes[int(name.removeprefix("picture-n"))]
            assert data == span([stepper.data(v)])
            if v.op != "const":
                assert grad == span([stepper.grad(v) if stepper.has_grad(v) else None])

    for happened in moments:
        check(happened)
        page.key("ArrowRight")
    for happened in moments[::-1]:
        check(happened)
        page.key("ArrowLeft")


@in_a_browser
def test_a_step_of_a_box_is_told_in_words_and_numbers(opened):
    page = opened(digits())
    assert page.text("#formula") == "Ahead: 9,568 computations, then 19,050 contributions."
    page.key("ArrowRight")
    assert page.text("#words") == (
        "Forward: layer0.neuron × 64 is done: 8,256 operations computed."
    )
    assert page.text("#formula").startswith("layer0.neuron × 64 = tanh(Σ w·x + b) = -")
    page.key("End")
    assert page.text("#words") == (
        "Backward: layer0.neuron × 64 is done: 16,448 contributions passed back."
    )
    assert page.text("#formula").startswith("4,096 to x [64], whose grad is now -")
    assert page.text("#formula").endswith("; 12,352 within it")
    assert page.run(f"{WHERE}") == "53 / 53"


@in_a_browser
def test_a_box_that_holds_the_output(opened):
    page = opened(small(), fold=lambda v: "all" if v.parents else None)
    page.key("ArrowRight")
    assert page.text("#words") == (
        "Forward: all is done: 52 operations computed. The forward pass is done; the backward pass "
        "starts with ∂loss/∂loss = 1.0."
    )
    page.key("ArrowRight")
    assert "94 contributions passed back" in page.text("#words")
    assert page.run(WHERE) == "2 / 2"


@in_a_browser
def test_a_box_has_a_panel(opened):
    page = opened(digits(), "#step=53")
    page.click("#picture-box1")
    words = " ".join(page.run("panel.innerText").split())
    for said in (
        "layer0.neuron × 64 12,416 nodes, 8,256 operations, drawn as one",
        "64 numbers go on from here: tanh(Σ w·x + b) = -",
        "from layer1.neuron × 10: 640 contributions, all by step 52",
        "4,160 leaves in it",
    ):
        assert said.lower() in words.lower()
    page.until("location.hash === '#step=53&node=box1'")
    page.run("[...panel.querySelectorAll('.jump')].find((b) => b.textContent === 'x [64]').click()")
    assert page.text("#panel h2") == "x [64]"


@in_a_browser
def test_a_frame_around_boxes_folds(opened):
    page = opened(digits(), "#step=53&fold=layer0")
    assert page.run("[...document.querySelectorAll('.cover:not(.away)')].length") == 1
    assert page.run("document.getElementById('picture-box1').classList.contains('away')")
    inside, beside = page.run(
        "['.cover:not(.away) .grad tspan:last-child', '#picture-box1 .grad'].map((s) => "
        "document.querySelector(s).textContent)"
    )
    assert "…" in inside
    page.key("F")
    page.key("F")
    assert page.run("document.querySelector('#picture-box1 .grad').textContent") == inside
    assert beside


@in_a_browser
@pytest.mark.parametrize("scheme", few(["dark", "light"], 2))
def test_axe_finds_nothing(opened, scheme):
    page = opened(digits(), "#step=52&node=box1")
    page.prefer(prefers_color_scheme=scheme)
    assert page.findings() == []
