"""The player's page in a real browser."""

import json

import pytest
from chromium import CHROMIUM
from effort import few
from hostile_names import NAMES
from viz_graphs import article, network

import viz
from autograd import Stepper, Value
from autograd.text.characters import readable
from viz.page.steps import touching

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on the PATH")


BOXES = """Object.fromEntries([...document.querySelectorAll(".node[role=button]")].map((g) =>
    [g.id.replace("picture-n", ""), [g.querySelector(".data"), g.querySelector(".grad")].map((t) =>
    t && t.textContent)]))"""
WHERE = "document.getElementById('where').textContent"


def expected(stepper):
    """The texts of the boxes at a stepper's moment."""
    shown = {}
    for i, v in enumerate(stepper.graph.nodes):
        data = "–" if stepper.data(v) is None else f"{stepper.data(v):.4g}"
        grad = f"{stepper.grad(v):.4g}" if stepper.has_grad(v) else "–"
        shown[str(i)] = [data, None if v.op == "const" else grad]
    return shown


def powers():
    x, z = Value(-1.5, "x"), Value(0.0, "z")
    y = x * x + z.relu() * x - (x**2).log() / z
    y.name = "y"
    return y


@pytest.mark.parametrize("make", [article, network, powers], ids=lambda make: make.__name__)
def test_at_every_event_both_ways_the_page_shows_what_the_stepper_says(opened, make):
    page, stepper = opened(make()), Stepper(make())
    assert page.run(BOXES) == expected(stepper)
    for _ in range(len(stepper)):
        stepper.step()
        page.key("ArrowRight")
        assert page.run(BOXES) == expected(stepper)
    assert page.run(WHERE) == f"{len(stepper)} / {len(stepper)}"
    for _ in range(len(stepper)):
        stepper.back()
        page.key("ArrowLeft")
        assert page.run(BOXES) == expected(stepper)


def test_of_a_part_of_a_graph_the_page_shows_what_the_stepper_says(opened):
    output, stepper = network(), Stepper(network())
    page = opened(output, max_nodes=14, fold=False)
    drawn = page.run(BOXES).keys()
    nodes = [v for i, v in enumerate(stepper.graph.nodes) if str(i) in drawn]
    kept = [stepper.events[k] for k in touching(stepper.events, nodes)]
    assert len(drawn) == 14
    assert 0 < len(kept) < len(stepper)
    for event in kept:
        page.key("ArrowRight")
        stepper.goto(event.number + 1)
        assert page.run(BOXES) == {i: x for i, x in expected(stepper).items() if i in drawn}
    assert "14 of 31 nodes" in page.text("#caption")


def test_an_event_is_told_in_words_and_numbers(opened):
    page = opened(article())
    for words, formula in [
        ("Forward: v2 is computed.", "v2 = x * z = 2.0 * 3.0 = 6.0"),
        (
            "Forward: y is computed. The forward pass is done; the backward pass starts with "
            "∂y/∂y = 1.0.",
            "y = v2 + x = 6.0 + 2.0 = 8.0",
        ),
    ]:
        page.key("ArrowRight")
        assert page.text("#words") == words
        assert page.text("#formula") == formula
    page.key("End")
    assert page.text("#words") == "Backward: v2 sends to z. The local derivative ∂v2/∂z is x."
    assert page.text("#formula") == "∂y/∂v2 · ∂v2/∂z = 1.0 · 2.0 = 2.0; grad of z: 0.0 → 2.0"
    page.key("ArrowLeft")
    assert page.text("#formula") == "∂y/∂v2 · ∂v2/∂x = 1.0 · 3.0 = 3.0; grad of x: 1.0 → 4.0"
    assert page.run("document.getElementById('message').ariaLive") == "polite"


def test_what_happens_is_marked_at_nodes_and_arrows(opened):
    page = opened(article(), "#step=5")  # v2 sends to x, through its first operand
    for name, ids in {
        "sends": ["picture-n2"],
        "receives": ["picture-n0"],
        "flows-back": ["picture-e0"],
    }.items():
        assert page.run(f"[...document.querySelectorAll('.{name}')].map((g) => g.id)") == ids
    assert page.text(".parcel") == "← 3"
    page.key("Home")
    assert page.run("document.querySelectorAll('.sends, .receives, .parcel').length") == 0
    assert page.run("document.querySelectorAll('.node.waiting').length") == 2


def test_the_nodes_stay_where_they_are(opened):
    page = opened(article())
    places = (
        "[...document.querySelectorAll('#picture .node')].map((g) => { const b = "
        "g.querySelector('path, polygon').getBBox(); return [b.x, b.y, b.width, b.height] })"
    )
    before = page.run(places)
    page.key("End")
    assert page.run(places) == before


@pytest.mark.parametrize(
    ("key", "start", "stop"),
    [
        ("Home", 5, 0), ("End", 1, 6), ("ArrowLeft", 3, 2), ("ArrowRight", 3, 4),
        ("PageDown", 0, 1), ("PageDown", 2, 4), ("PageUp", 6, 4), ("PageUp", 4, 2),
        ("PageUp", 0, 0), ("PageDown", 6, 6), ("ArrowLeft", 0, 0), ("ArrowRight", 6, 6),
    ],
)  # fmt: skip
def test_keys(opened, key, start, stop):
    page = opened(article(), f"#step={start}")
    page.key(key)
    assert page.run(WHERE) == f"{stop} / 6"


def test_buttons_and_the_slider(opened):
    page = opened(article())
    for button, position in [("step", 1), ("turn", 2), ("end", 6), ("back", 5), ("start", 0)]:
        page.click(f"#{button}")
        assert page.run(WHERE) == f"{position} / 6"
    page.run("slider.value = 4; slider.dispatchEvent(new Event('input'))")
    assert page.run(WHERE) == "4 / 6"
    assert "4 of 6" in page.run("slider.getAttribute('aria-valuetext')")


def test_it_plays_to_the_end_and_pauses(opened):
    page = opened(article())
    page.run("speed.value = '16'")
    page.key(" ", text=" ")
    assert page.run("play.ariaLabel") == "Pause"
    page.until(f"{WHERE} === '6 / 6'")
    assert page.run("play.ariaLabel") == "Play"
    page.click("#play")
    assert page.run("play.ariaLabel") == "Pause"
    page.click("#play")
    assert page.run("play.ariaLabel") == "Play"


def test_a_contribution_travels_unless_motion_is_unwanted(opened, page):
    place = "document.querySelector('.parcel').getAttribute('transform')"
    opened(article(), "#step=2")
    page.key("ArrowRight")
    resting = page.run(place)
    page.prefer(prefers_reduced_motion="no-preference")
    page.key("ArrowLeft")
    page.run(f"step.click(); window.first = {place}")
    assert page.run("window.first") != resting
    page.until(f"{place} === '{resting}'")


def test_a_node_unfolds(opened):
    page = opened(article(), "#step=4")
    page.click("#picture-n0")
    panel = page.run("[...panel.querySelectorAll('h2, .quiet, .mono, li')].map((e) => e.innerText)")
    assert panel[:3] == ["x", "v0, leaf", "x = 2.0"]
    assert "from y ✓ arrived in step 4" in panel[3]
    assert panel[4] == "∂y/∂y · ∂y/∂x = 1.0 · 1.0 = 1.0"
    assert "from v2 … to come in step 5" in panel[5]
    assert panel[6:] == ["∂y/∂v2 · ∂v2/∂x = –", "sum so far = 1.0"]
    page.key("ArrowRight")
    assert "sum so far = 1.0 + 3.0 = 4.0" in page.text("#panel")


def test_a_computed_node_unfolds_with_its_local_derivatives(opened):
    page = opened(article())
    lines = "[...panel.querySelectorAll('.mono')].map((e) => e.textContent)"
    page.run("document.getElementById('picture-n2').focus()")
    page.key("Enter")
    before = page.run(lines)
    assert before[0] == "v2 = x * z = – (not computed yet)"
    assert before[1:3] == ["∂v2/∂x = z = –", "∂v2/∂z = x = –"]
    page.key("End")
    after = page.run(lines)
    assert after[0] == "v2 = x * z = 2.0 * 3.0 = 6.0"
    assert after[1:3] == ["∂v2/∂x = z = 3.0", "∂v2/∂z = x = 2.0"]
    assert after[3:] == ["∂y/∂y · ∂y/∂v2 = 1.0 · 1.0 = 1.0", "sum so far = 1.0"]


def test_a_node_is_named_by_what_it_shows(opened):
    page = opened(article(), "#step=1")
    document = page.call("DOM.getDocument")["root"]["nodeId"]
    node = page.call("DOM.querySelector", nodeId=document, selector="#picture-n2")["nodeId"]
    [told] = page.call("Accessibility.getPartialAXTree", nodeId=node, fetchRelatives=False)["nodes"]
    assert told["role"]["value"] == "button"
    assert told["name"]["value"].split() == ["×", "data", "6", "grad", "–", "v2"]


def test_links_in_the_panel_lead_to_neighbours_and_steps(opened):
    page = opened(article(), "#step=6&node=v2")
    page.run("[...panel.querySelectorAll('.jump')].find((b) => b.textContent === 'z').click()")
    assert page.text("#panel h2") == "z"
    page.run("[...panel.querySelectorAll('.jump')].find((b) => b.textContent === 'step 6').click()")
    assert page.run(WHERE) == "6 / 6"
    page.key("Escape")
    assert page.run("panel.hidden")
    assert page.run("document.activeElement.id") == "picture-n1"


def test_by_keyboard_alone(opened):
    page = opened(article(), "#step=3")
    met = []
    for _ in range(25):
        page.key("Tab")
        met.append(page.run("document.activeElement.id || document.activeElement.className"))
    wanted = {"query", "closer", "fit", "slider", "speed", "play", "end", "skip"}
    assert wanted | {f"picture-n{i}" for i in range(4)} <= set(met)
    page.run("document.querySelector('.skip').click()")
    assert page.run("document.activeElement.id") == "controls"
    assert page.run(WHERE) == "3 / 6"
    page.run("document.getElementById('play').focus()")
    page.key("Tab")
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize(
    ("query", "ids"),
    [("Y", [3]), ("v2", [2]), ("8", [3]), ("3", [1]), ("nothing", []), ("", []), ("4", [0])],
)
def test_search(opened, query, ids):
    page = opened(article(), "#step=6")
    page.run(f"query.value = {json.dumps(query)}; query.dispatchEvent(new Event('input'))")
    found = "[...document.querySelectorAll('.match')].map((g) => Number(g.id.slice(9)))"
    assert page.run(found) == ids
    assert page.text("#matches") == (f"{len(ids)} found" if query else "")
    page.run("query.focus()")
    page.key("Enter")
    assert page.run("panel.hidden") == (not ids)


def test_what_is_typed_into_the_search_moves_nothing(opened):
    page = opened(article(), "#step=3")
    page.run("query.focus()")
    for letter in "v2 ":
        page.key(letter, text=letter)
    page.key("Home")
    assert page.run("query.value") == "v2 "
    assert page.run(WHERE) == "3 / 6"
    assert page.run("document.querySelectorAll('.match').length") == 1
    page.key("Escape")
    assert page.run("query.value") == ""
    assert page.run("document.querySelectorAll('.match').length") == 0


def test_a_link_to_a_step_and_a_node(opened):
    page = opened(article(), "#step=4&node=v2")
    assert page.run(WHERE) == "4 / 6"
    assert page.text("#panel h2") == "v2"
    page.key("ArrowRight")
    page.until("location.hash === '#step=5&node=v2'")
    page.run("location.hash = '#step=1'")
    page.until(f"{WHERE} === '1 / 6'")
    assert page.run("panel.hidden")


@pytest.mark.parametrize("hash", ["#step=-3", "#step=x&node=v99", "#node=constructor", "#%"])
def test_a_link_that_leads_nowhere(opened, hash):
    assert opened(article(), hash).run(WHERE) == "0 / 6"
    assert opened(article(), "#step=99").run(WHERE) == "6 / 6"


def test_zoom(opened):
    page = opened(network())
    width = "document.querySelector('#picture .graph').getBoundingClientRect().width"
    first = page.run(width)
    page.click("#closer")
    assert page.run(width) == pytest.approx(1.3 * first, rel=0.01)
    page.click("#farther")
    assert page.run(width) == pytest.approx(first, rel=0.01)
    wheel = {"type": "mouseWheel", "x": 300, "y": 300, "deltaX": 0, "deltaY": -200}
    page.call("Input.dispatchMouseEvent", **wheel)
    page.until(f"{width} > {1.2 * first}")
    page.click("#fit")
    room = page.run("stage.clientWidth")
    assert page.run(width) < room + 1


def test_a_drag_moves_the_picture_and_chooses_nothing(opened):
    page = opened(article())
    left = "document.getElementById('picture-n0').getBoundingClientRect().left"
    first = page.run(left)
    x, y = page.run(
        "(() => { const b = document.getElementById('picture-n0').getBoundingClientRect();"
        "return [b.x + 9, b.y + 9] })()"
    )
    for kind, dx in [("mousePressed", 0), ("mouseMoved", 50), ("mouseReleased", 50)]:
        page.call(
            "Input.dispatchMouseEvent", type=kind, x=x + dx, y=y,
            button="left", buttons=1, clickCount=1,
        )  # fmt: skip
    assert page.run(left) == pytest.approx(first + 50, abs=1)
    assert page.run("panel.hidden")


def test_two_fingers_pinch(opened, page):
    opened(article())
    page.size(390, 844, mobile=True)
    width = "document.querySelector('#picture .graph').getBoundingClientRect().width"
    first = page.run(width)
    for kind, apart in [("touchStart", 40), ("touchMove", 50), ("touchMove", 80)]:
        points = [{"x": 190 - apart, "y": 250, "id": 1}, {"x": 190 + apart, "y": 250, "id": 2}]
        page.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)
    page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    page.until(f"{width} > {1.4 * first}")


def test_dark_mode_follows_the_reader(opened):
    page = opened(article(), "#step=6")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    box = "getComputedStyle(document.querySelector('#picture-n3 path')).fill"
    colours = []
    for scheme in ("light", "dark"):
        page.prefer(prefers_color_scheme=scheme)
        colours.append((page.run(paper), page.run(box)))
    assert colours[0] == ("rgb(255, 255, 255)", "rgb(255, 255, 254)")
    assert colours[1] == ("rgb(21, 25, 30)", "rgb(45, 52, 61)")


def test_on_a_phone_it_stacks_and_fingers_fit(opened, page):
    page.size(390, 844, mobile=True)
    opened(network(), "#step=20&node=v2")
    page.size(390, 844, mobile=True)
    assert page.run("document.documentElement.scrollWidth") <= 390
    tops = page.run("['stage', 'message', 'controls', 'panel'].map((id) => "
                    "document.getElementById(id).offsetTop)")  # fmt: skip
    assert tops == sorted(tops)
    small = page.run(
        "[...document.querySelectorAll('button, select, input')].filter((e) => e.offsetParent && "
        "(e.offsetHeight < 44 || e.offsetWidth < 44)).map((e) => e.outerHTML)"
    )
    assert small == []


def test_on_paper_there_is_the_moment_without_controls(opened):
    page = opened(network(), "#step=20")
    page.prefer(media="print")
    assert page.run("getComputedStyle(controls).display") == "none"
    assert page.run("getComputedStyle(query).display") != ""
    assert page.run("query.offsetParent") is None
    box, room = page.run(
        "['#picture', '#stage'].map((s) => document.querySelector(s).getBoundingClientRect().width)"
    )
    assert box <= room
    assert page.text("#words").startswith("Backward")


def test_two_players_in_one_page_do_not_disturb_each_other(page, tmp_path):
    frames = [viz.player(make())._repr_mimebundle_()["text/html"] for make in (article, powers)]
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8>{''.join(frames)}", "utf-8")
    page.prefer()
    page.open(path.as_uri())
    one, two = page.frames()
    page.run("document.getElementById('end').click()", one)
    assert page.run(WHERE, one) == "6 / 6"
    assert page.run(WHERE, two).startswith("0 / ")
    assert page.run(BOXES, one)["0"] == ["2", "4"]
    assert page.run(BOXES, two)["0"][1] == "–"
    with pytest.raises(RuntimeError, match="SecurityError"):
        page.run("parent.document.title", one)
    assert page.run("document.getElementById('link').hidden", one)
    assert page.heard("Runtime.exceptionThrown") == []


def test_a_frame_that_is_shown_later_fits_its_picture(page, tmp_path):
    frame = viz.player(article())._repr_mimebundle_()["text/html"]
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8><div hidden>{frame}</div>", "utf-8")
    page.size(1280, 800)
    page.open(path.as_uri())
    [child] = page.call("Page.getFrameTree")["frameTree"]["childFrames"]
    [context] = [
        e["context"]["id"]
        for e in page.heard("Runtime.executionContextCreated")
        if e["context"]["auxData"]["frameId"] == child["frame"]["id"]
    ][-1:]
    assert page.run("stage.clientWidth", context) == 0
    page.run("document.querySelector('div').hidden = false")
    page.run("new Promise((done) => setTimeout(done, 200))", context)
    box, room, tag = page.run(
        "['#picture', '#stage', '.tag'].map((s) => { const b = document.querySelector(s)"
        ".getBoundingClientRect(); return [b.left, b.right, b.top, b.bottom] })",
        context,
    )
    assert room[0] <= box[0] < tag[0] < tag[1] < box[1] <= room[1]
    assert room[2] <= box[2] < tag[2] < tag[3] < box[3] <= room[3]
    assert box[1] - box[0] > 0.5 * (room[1] - room[0])


HOSTILE = "<img src=x onerror=alert(1)></script><script>window.hacked = 1</script>"


@pytest.mark.parametrize("name", few([HOSTILE, *NAMES], 6))
def test_a_hostile_name_is_shown_and_does_not_run(opened, name):
    x = Value(2.0, name)
    y = x * x
    y.name = f"{name}!"
    page = opened(y, "#step=2&node=v0", title=name)
    assert page.run("window.hacked") is None
    assert page.run("document.images.length + document.querySelectorAll('b, table').length") == 0
    shown = readable(name)
    assert page.text("#title") == shown
    assert page.run("document.title").strip() == " ".join(shown.split())
    if shown == name and len(name) < 30 and '"' not in name:
        assert name in page.text("#panel h2")
        assert name in page.text("#picture-n0")


def test_no_script_but_its_own_may_run(page, tmp_path):
    path = viz.player(article()).save(tmp_path / "steps.html")
    page.open(path.as_uri())
    page.run("const s = document.createElement('script'); s.textContent = 'window.hacked = 1';"
             "document.body.append(s)")  # fmt: skip
    assert page.run("window.hacked") is None
    assert "script-src" in page.heard("Log.entryAdded")[0]["entry"]["text"]


@pytest.mark.parametrize("scheme", few(["light", "dark"], 2))
@pytest.mark.parametrize("mobile", few([False, True], 2))
def test_axe_finds_nothing(opened, scheme, mobile):
    page = opened(network(), "#step=20&node=v2")
    page.size(*((390, 844, True) if mobile else (1280, 800)))
    page.prefer(prefers_color_scheme=scheme)
    assert page.findings() == []
