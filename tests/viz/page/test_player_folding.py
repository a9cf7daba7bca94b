"""Folding the frames of a player's page, in a real browser."""

import json
from urllib.parse import quote

import pytest
from chromium import CHROMIUM
from hostile_names import NAMES
from viz_graphs import network

import viz
from autograd import Stepper, Value
from viz.selection.frames import scopes

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on the PATH"),
    pytest.mark.slow,
]

WHERE = "document.getElementById('where').textContent"
LINK = "document.getElementById('link').getAttribute('href')"
FOLDED = """[...document.querySelectorAll('.toggle[aria-expanded=false]:not(.away)')]
    .map((g) => g.getAttribute('aria-label')).sort()"""
NODES = "document.querySelectorAll('#picture .node:not(.away)').length"


def toggle(label):
    """The selector of the toggle of a frame."""
    return f".toggle[aria-label={json.dumps(label)}]"


def box(label):
    """JavaScript for the cover of a frame."""
    return (
        "[...document.querySelectorAll('.cover')].find((g) => g.getAttribute('aria-labelledby')"
        f".startsWith(document.querySelector({json.dumps(toggle(label))} + ' text').id + ' '))"
    )


def cover(page, label):
    """The lines of text of a folded frame."""
    return page.run(f"[...{box(label)}.querySelectorAll('text')].map((t) => t.textContent)")


# What folds


def test_a_click_on_its_title_folds_a_frame_and_unfolds_it(opened):
    page = opened(network())
    page.click(f"{toggle('layer0.neuron1')} text")
    assert page.run(FOLDED) == ["layer0.neuron1"]
    assert page.run(NODES) == 31 - 8
    page.click(f"{toggle('layer0.neuron1')} path")
    assert page.run(FOLDED) == []
    assert page.run(NODES) == 31


@pytest.mark.parametrize("key", ["Enter", " ", "f"])
def test_a_key_folds_the_frame_that_has_the_focus(opened, key):
    page = opened(network())
    page.run(f"document.querySelector({json.dumps(toggle('layer1'))}).focus()")
    for folded in (["layer1"], []):
        page.key(key)
        assert page.run(FOLDED) == folded
        assert page.run("document.activeElement.getAttribute('aria-label')") == "layer1"
    assert page.run(WHERE) == "0 / 46"


def test_the_key_f_folds_what_is_around_the_chosen_node(opened):
    page = opened(network(), "#step=20&node=v4")
    page.key("f")
    assert page.run(FOLDED) == ["layer0.neuron0"]
    assert page.text("#panel h2") == "layer0.neuron0"
    page.run("document.activeElement.blur()")
    page.key("f")
    assert page.run(FOLDED) == []


def test_all_frames_fold_and_unfold_inner_ones_first_hidden_then_shown(opened):
    page = opened(network())
    page.click("#folds")
    assert page.run(FOLDED) == ["layer0", "layer1"]
    page.click(f"{toggle('layer0')} text")
    assert page.run(FOLDED) == ["layer0.neuron0", "layer0.neuron1", "layer1"]
    assert page.text("#folds") == "Unfold all"
    page.key("F")
    assert page.run(FOLDED) == []
    assert page.text("#folds") == "Fold all"
    assert page.run(NODES) == 31


def test_a_picture_without_frames_has_nothing_to_fold(opened):
    page = opened(Value(2.0, "x").exp())
    assert page.run("folds.hidden")
    page.key("f")
    page.key("F")
    assert page.run(FOLDED) == []


# What is seen of a folded frame


def test_nothing_moves_and_the_words_lie_within_the_box(opened):
    page = opened(network(), "#step=46")
    places = (
        "[...document.querySelectorAll('#picture .node:not(.away) > :is(path, polygon), #picture "
        ".cluster > path')].map((g) => { const b = g.getBBox(); return [b.x, b.y, b.width] })"
    )
    before = {tuple(place) for place in page.run(places)}
    for label in ("layer0.neuron1", "layer1", "layer0"):
        page.click(f"{toggle(label)} text")
        assert {tuple(place) for place in page.run(places)} <= before
        outer, inner = page.run(
            f"[...{box(label)}.children].map((e) => {{ const b = e.getBoundingClientRect();"
            "return [b.left, b.top, b.right, b.bottom] })"
        )
        assert outer[0] <= inner[0] < inner[2] <= outer[2]
        assert outer[1] <= inner[1] < inner[3] <= outer[3]


def told(stepper, labels):
    """The texts of a folded frame about its outputs at a stepper's moment."""
    nodes = [v for v in stepper.graph if v.name in labels]
    data = [stepper.data(v) for v in nodes if stepper.data(v) is not None]
    grads = [stepper.grad(v) for v in nodes if stepper.has_grad(v)]
    return [f"data {span(data)}", f"grad {span(grads)}"]


def span(numbers):
    low, high = (f"{f(numbers):.4g}" if numbers else "–" for f in (min, max))
    return low if low == high else f"{low} … {high}"


FRAMES = {
    "layer0": ("10 operations", "tanh(Σ w·x + b)", {"layer0.neuron0.a", "layer0.neuron1.a"}),
    "layer0.neuron1": ("5 operations", "tanh(Σ w·x + b)", {"layer0.neuron1.a"}),
    "layer1": ("4 operations", "Σ w·a + b", {"layer1.neuron0.z"}),
}


@pytest.mark.parametrize("label", FRAMES)
def test_at_every_event_a_folded_frame_says_what_the_stepper_says(opened, label):
    page, stepper = opened(network()), Stepper(network())
    page.click(f"{toggle(label)} text")
    many, formula, outputs = FRAMES[label]
    for happened in [*range(len(stepper) + 1), *range(len(stepper), -1, -1)]:
        stepper.goto(happened)
        page.run(f"slider.value = {happened}; slider.oninput()")
        words = cover(page, label)
        assert words[-2:] == told(stepper, outputs)
        assert {many, formula} <= set(words)


def test_arrows_end_at_the_border_of_a_folded_frame(opened):
    page = opened(network(), "#step=46")
    arrows = "document.querySelectorAll('#picture .edge:not(.away)').length"
    whole = page.run(arrows)
    page.click(f"{toggle('layer1')} text")
    assert page.run(arrows) == whole - 6  # those within the frame
    heads = page.run(
        "[...document.querySelectorAll('.head')].map((e) => { const m = e.getCTM(); return "
        "[m.e, m.f] })"
    )
    left, top, right, bottom = page.run(
        f"(() => {{ const r = {box('layer1')}.querySelector('rect'); const m = r.getCTM(), "
        "b = r.getBBox(); return [b.x * m.a + m.e, b.y * m.d + m.f, (b.x + b.width) * m.a + m.e, "
        "(b.y + b.height) * m.d + m.f] })()"
    )
    assert len(heads) == 2
    for x, y in heads:
        gaps = [abs(x - left), abs(x - right), abs(y - top), abs(y - bottom)]
        assert min(gaps) < 1
        assert left - 1 <= x <= right + 1
        assert top - 1 <= y <= bottom + 1
    page.click(f"{toggle('layer1')} text")
    assert page.run(arrows) == whole
    assert page.run("document.querySelectorAll('.head').length") == 0


def test_what_happens_is_marked_at_the_folded_frame(opened):
    page = opened(network(), "#step=26&fold=layer0")  # v22 sends to layer0.neuron1.a
    marked = "[...document.querySelectorAll('.{}')].map((g) => g.id)"
    assert page.run(f"{box('layer0')}.classList.contains('receives')")
    assert page.run(marked.format("sends")) == ["picture-n22"]
    assert page.text(".parcel") == "← -0.8218"
    page.key("ArrowRight")
    assert page.run(f"{box('layer0')}.classList.contains('sends')")
    assert page.run("document.querySelectorAll('.flows-back').length") == 2  # to x[0] and x[1]
    assert page.run("document.querySelectorAll('.flow').length") == 2


# Steps


def runs(stepper, folded):
    """The ends of the steps, where a run of events in a folded frame is one step."""
    scope = scopes(stepper.graph.nodes)

    def owner(event):
        around = [".".join(scope[event.node][: i + 1]) for i in range(len(scope[event.node]))]
        inside = [name for name in around if name in folded]
        return (inside[0], event.kind) if inside else event.number

    owners = [owner(event) for event in stepper.events]
    ends = [k + 1 for k in range(len(owners)) if owners[k : k + 1] != owners[k + 1 : k + 2]]
    return [0, *ends]


@pytest.mark.parametrize(
    "folded", [["layer0.neuron0"], ["layer0", "layer1"], ["layer0.neuron0", "layer0", "layer1"]]
)
def test_steps_within_a_folded_frame_are_one(opened, folded):
    stepper = Stepper(network())
    page = opened(network(), "#step=0" + "".join(f"&fold={name}" for name in folded))
    stops = runs(stepper, folded)
    assert len(stops) < len(stepper)
    for stop in stops[1:]:
        page.key("ArrowRight")
        assert page.run(WHERE) == f"{stop} / {len(stepper)}"
    for stop in stops[-2::-1]:
        page.key("ArrowLeft")
        assert page.run(WHERE) == f"{stop} / {len(stepper)}"


def test_a_run_of_steps_is_told_in_words_and_numbers(opened):
    page = opened(network(), "#fold=layer0.neuron0")
    page.key("ArrowRight")
    assert page.text("#words") == "Forward: layer0.neuron0: 5 operations computed."
    assert page.text("#formula") == "layer0.neuron0 = tanh(Σ w·x + b) = 0.941376"
    page.run("slider.value = 3; slider.oninput()")
    assert page.text("#words") == "Forward: layer0.neuron0: 3 operations computed."
    assert page.text("#formula") == "layer0.neuron0 = tanh(Σ w·x + b) = –"
    page.key("End")
    assert page.text("#words") == "Backward: layer0.neuron0: 9 contributions passed back."
    assert page.text("#formula").endswith("; 7 within it")


def test_the_numbers_said_of_a_run_are_those_of_the_stepper(opened):
    stepper = Stepper(network())
    stepper.goto(len(stepper))
    page = opened(network(), "#step=46&fold=layer0")
    for name in ("x[0]", "x[1]"):
        [v] = [v for v in stepper.graph if v.name == name]
        assert f"to {name}, whose grad is now {stepper.grad(v):.6g}" in page.text("#formula")


def test_playing_takes_a_folded_frame_at_once(opened):
    page = opened(network(), "#fold=layer0&fold=layer1")
    page.run("speed.value = '16'; window.met = []; new MutationObserver(() => "
             "met.push(where.textContent)).observe(where, { childList: true })")  # fmt: skip
    page.click("#play")
    page.until(f"{WHERE} === '46 / 46'")
    met = [int(words.split(" /")[0]) for words in page.run("met")]
    assert met == runs(Stepper(network()), ["layer0", "layer1"])[1:]


# Finding, links


def test_to_choose_a_node_in_a_folded_frame_unfolds_it(opened):
    page = opened(network(), "#fold=layer0&fold=layer0.neuron0&fold=layer0.neuron1&fold=layer1")
    page.run("query.value = 'neuron1.w[1]'; query.oninput()")
    assert page.text("#matches") == "1 found"
    assert page.run(f"{box('layer0')}.classList.contains('match')")
    page.run("query.focus()")
    page.key("Enter")
    assert page.run(FOLDED) == ["layer0.neuron0", "layer1"]
    assert page.text("#panel h2") == "layer0.neuron1.w[1]"
    assert page.run("document.querySelector('.match:not(.away)').classList.contains('node')")


def test_a_link_knows_what_is_folded(opened):
    page = opened(network(), "#step=9&fold=layer0.neuron1&fold=layer1")
    assert page.run(FOLDED) == ["layer0.neuron1", "layer1"]
    assert page.run(LINK) == "#step=9&fold=layer0.neuron1&fold=layer1"
    page.click(f"{toggle('layer1')} text")
    page.until("location.hash === '#step=9&fold=layer0.neuron1'")
    page.call("Page.reload")
    page.until("document.readyState === 'complete'")
    assert page.run(FOLDED) == ["layer0.neuron1"]
    page.run("location.hash = '#step=9&fold=layer0&frame=layer0'")
    page.until("document.querySelector('#panel h2')?.textContent === 'layer0'")
    assert page.run(FOLDED) == ["layer0"]


@pytest.mark.parametrize("hash", ["#fold=nothing", "#fold=&fold=constructor", "#frame=x&fold=%00"])
def test_a_link_to_frames_that_are_not_there(opened, hash):
    page = opened(network(), hash)
    assert page.run(FOLDED) == []
    assert page.run("panel.hidden")


def test_a_folded_frame_has_a_panel(opened):
    page = opened(network(), "#step=46&fold=layer0")
    page.click(f"#{page.run(box('layer0') + '.id')} rect")
    assert page.text("#panel h2") == "layer0"
    words = page.run("panel.innerText")
    assert "a frame of 16 nodes, 10 operations" in words
    assert "2 numbers go on from here" in words
    assert "from v22: 1 contribution, all by step 26" in " ".join(words.split())
    page.click("#fold")
    assert page.run(FOLDED) == []
    assert page.text("#fold") == "Fold"


def test_what_is_chosen_gives_way_to_the_frame_around_it(opened):
    page = opened(network(), "#node=v4")
    page.click(f"{toggle('layer0')} text")
    assert page.text("#panel h2") == "layer0"
    page.key("Escape")
    assert page.run("panel.hidden")


# Names, people, paper


@pytest.mark.parametrize("name", [*NAMES, "</script><script>hacked = 1</script>", "n" * 10_000,
                                  "\u202egnp.exe\x00\u2066"])  # fmt: skip
def test_a_hostile_name_of_a_frame(opened, name):
    scope = name.replace(".", "·")
    x, w = Value(2.0, "x"), Value(3.0, f"{scope}.w")
    y = w * x
    y.name = f"{scope}.y"
    page = opened(y * 2.0, "#step=1")
    page.key("F")
    assert page.run("window.hacked") is None
    assert page.run("document.images.length + document.querySelectorAll('b, table').length") == 0
    page.run("document.querySelector('.cover').dispatchEvent(new Event('click'))")
    link = page.run(LINK)
    assert len(link) < 1500
    page.run(f"location.hash = ''; location.hash = {json.dumps(link)}")
    if scope.strip():
        page.until("document.querySelectorAll('.cover:not(.away)').length === 1")
        assert page.run("panel.hidden") is False


def test_two_frames_whose_links_would_be_the_same(opened):
    one, other = Value(1.0, "a b.x"), Value(2.0, "a b.c.x")
    page = opened(one * other)
    page.key("F")
    assert page.run(LINK).count("fold=") == 2
    assert quote("a b") in page.run(LINK)


def test_a_screen_reader_hears_the_name_and_the_state(opened):
    page = opened(network(), "#step=14&fold=layer1")
    document = page.call("DOM.getDocument")["root"]["nodeId"]

    def heard(selector):
        node = page.call("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
        tree = page.call("Accessibility.getPartialAXTree", nodeId=node, fetchRelatives=False)
        return tree["nodes"][0]

    folder = heard(toggle("layer1"))
    assert (folder["role"]["value"], folder["name"]["value"]) == ("button", "layer1")
    [expanded] = [p["value"]["value"] for p in folder["properties"] if p["name"] == "expanded"]
    assert expanded is False
    covering = heard(f"#{page.run(box('layer1') + '.id')}")
    assert covering["name"]["value"].split()[:3] == ["layer1", "layer1", "4"]
    assert "2.096" in covering["name"]["value"]


def test_a_folded_frame_is_dark_where_the_reader_prefers_that(opened):
    page = opened(network(), "#step=14&fold=layer1")
    colours = []
    for scheme in ("light", "dark"):
        page.prefer(prefers_color_scheme=scheme)
        colours.append(page.run(
            f"[...{box('layer1')}.querySelectorAll('rect, tspan:not(.key)')].slice(0, 2)"
            ".map((e) => getComputedStyle(e).fill)"
        ))  # fmt: skip
    assert colours == [
        ["rgb(255, 255, 254)", "rgb(27, 31, 36)"], ["rgb(45, 52, 61)", "rgb(232, 234, 237)"],
    ]  # fmt: skip


def test_on_paper_a_folded_frame_stays_folded(opened):
    page = opened(network(), "#step=20&fold=layer0")
    page.prefer(media="print")
    assert page.run(f"{box('layer0')}.getBoundingClientRect().width") > 50
    assert page.run("getComputedStyle(document.getElementById('overlay')).display") == "none"


def test_two_players_fold_each_for_itself(page, tmp_path):
    frame = viz.player(network())._repr_mimebundle_()["text/html"]
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8>{frame}{frame}", "utf-8")
    page.open(path.as_uri())
    one, two = page.frames()
    page.run("document.getElementById('folds').click()", one)
    assert page.run(FOLDED, one) == ["layer0", "layer1"]
    assert page.run(FOLDED, two) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("mobile", [False, True])
def test_axe_finds_nothing(opened, scheme, mobile):
    page = opened(network(), "#step=20&fold=layer0.neuron0&fold=layer1&frame=layer1")
    page.size(*((390, 844, True) if mobile else (1280, 800)))
    page.prefer(prefers_color_scheme=scheme)
    assert page.findings() == []
