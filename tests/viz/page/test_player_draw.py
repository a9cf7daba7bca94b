"""The player's page agrees with `draw` in contributions and in the sums of gradients."""

import math

import pytest
from chromium import CHROMIUM
from player_pages import page_data, small
from viz_graphs import SVG, article, group, network, parse, words

import viz
from autograd import Stepper, Value

in_a_browser = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on the PATH")

GO = "slider.value = {}; slider.oninput()"
BROUGHT = """Object.fromEntries([...document.querySelectorAll("#picture .edge")].map((g) =>
    [g.id.replace("picture-", ""), [...g.querySelectorAll("text")].filter((t) =>
    getComputedStyle(t).visibility === "visible").map((t) => t.textContent).join(" ")]))"""
SUMS = """Object.fromEntries([...document.querySelectorAll("#picture .node:has(.sum)")].map((g) =>
    [g.id.replace("picture-", ""), [...g.querySelectorAll(".sum")].map((t) => t.textContent)
    .join(" ").trim()]))"""
LINES = """Object.fromEntries([...document.querySelectorAll("#picture .edge")].map((g) => {
    const { stroke, strokeWidth, strokeDasharray } = getComputedStyle(g.querySelector("path"));
    return [g.id.replace("picture-", ""), [stroke, strokeWidth, strokeDasharray]]; }))"""

AT_REST = """document.querySelectorAll("#picture .edge").forEach((g) =>
    g.classList.remove("flows", "flows-back"))"""


def powers():
    """Contributions of every sign, of no size, and a gradient of four parts."""
    x, z = Value(-1.5, "x"), Value(0.0, "z")
    y = x * x + z.relu() * x - (x**2) * z - 3.0 * x
    y.name = "y"
    return y


def broken():
    """Contributions that are nan and infinite."""
    x = Value(0.0, "x")
    y = (x.log() * 2.0 - x) * x - x.log()
    y.name = "y"
    return y


def drawn(stepper):
    """The texts of each arrow and the sum in each node, as `draw` shows the moment."""
    root = parse(viz.draw(stepper.graph, state=stepper))
    arrows = {f"e{i}": words(group(root, f"e{i}")) for i in range(len(stepper.graph.edges))}
    sums = {}
    for i in range(len(stepper.graph)):
        _, equals, sum = words(group(root, f"n{i}")).partition("= ")
        if equals:
            sums[f"n{i}"] = equals + sum
    return arrows, sums


def lines(stepper):
    """The colour, the width and the dashes of each arrow, as `draw` shows the moment."""
    root = parse(viz.draw(stepper.graph, state=stepper))
    found = {}
    for i in range(len(stepper.graph.edges)):
        path = group(root, f"e{i}").find(f"{SVG}path")
        r, g, b = (int(path.get("stroke")[k : k + 2], 16) for k in (1, 3, 5))
        dashes = path.get("stroke-dasharray", "none").replace(",", ", ")
        dashes = ", ".join(f"{part}px" for part in dashes.split(", ")) if "," in dashes else dashes
        found[f"e{i}"] = [f"rgb({r}, {g}, {b})", f"{path.get('stroke-width', '1')}px", dashes]
    return found


GRAPHS = pytest.mark.parametrize(
    "make", [article, network, powers, broken], ids=lambda make: make.__name__
)


@pytest.mark.slow
@in_a_browser
@GRAPHS
def test_at_every_event_both_ways_arrows_and_sums_say_what_draw_says(opened, make):
    page, stepper = opened(make()), Stepper(make())
    for happened in [*range(len(stepper) + 1), *range(len(stepper), -1, -1)]:
        stepper.goto(happened)
        page.run(GO.format(happened))
        arrows, sums = drawn(stepper)
        assert page.run(BROUGHT) == arrows
        assert {i: text for i, text in page.run(SUMS).items() if text} == sums


@pytest.mark.slow
@in_a_browser
@GRAPHS
def test_colours_dashes_and_widths_are_those_of_draw(opened, make):
    page, stepper = opened(make(), "#step=999"), Stepper(make())
    stepper.goto(len(stepper))
    page.run(AT_REST)
    assert page.run(LINES) == lines(stepper)


@pytest.mark.slow
@in_a_browser
@GRAPHS
def test_until_a_contribution_arrives_the_derivative_has_the_sign_as_in_draw(opened, make):
    page, stepper = opened(make()), Stepper(make())
    for happened in range(stepper.events.forward, len(stepper)):
        stepper.goto(happened)
        page.run(GO.format(happened))
        page.run(AT_REST)
        expected = lines(stepper)
        for name, (colour, width, dashes) in page.run(LINES).items():
            assert [colour, dashes] == expected[name][::2]
            if happened == stepper.events.forward:  # later what has arrived sets the scale
                assert width == expected[name][1]


@in_a_browser
def test_a_contribution_appears_at_its_step_and_vanishes_on_the_way_back(opened):
    page = opened(article(), "#step=4")
    sign = "document.querySelector('#picture-e0').classList.contains('arrived')"
    assert page.run(BROUGHT)["e0"] == "∂ 3"
    assert page.run(SUMS) == {"n0": "= 1 + …"}
    page.key("ArrowRight")
    assert page.run(BROUGHT)["e0"] == "∂ 3 +3"
    assert page.run(SUMS) == {"n0": "= 1 + 3"}
    assert page.run(sign)
    page.key("ArrowLeft")
    assert page.run(BROUGHT)["e0"] == "∂ 3"
    assert page.run(SUMS) == {"n0": "= 1 + …"}
    assert not page.run(sign)


@in_a_browser
def test_the_longest_sum_fits_its_box(opened):
    page = opened(powers())
    last = page.run("Number(slider.max)")
    for happened in range(last + 1):
        page.run(GO.format(happened))
        assert page.run(
            "[...document.querySelectorAll('#picture .sum')].every((t) => { const b = t.getBBox(), "
            "o = t.parentNode.querySelector('path, polygon').getBBox(); return !t.textContent || "
            "b.x >= o.x && b.x + b.width <= o.x + o.width && b.y + b.height <= o.y + o.height + 1 "
            "})"
        )


@in_a_browser
def test_a_contribution_comes_to_rest_on_its_number(opened):
    page = opened(article(), "#step=5")
    apart = page.run(
        "(() => { const [a, b] = ['.parcel', '#picture-e0 .contribution'].map((s) => "
        "document.querySelector(s).getBoundingClientRect()); return [a.x + a.width / 2 - b.x - "
        "b.width / 2, a.y + a.height / 2 - b.y - b.height / 2, a.width] })()"
    )
    assert math.hypot(*apart[:2]) < 0.15 * apart[2]


@in_a_browser
def test_the_arrow_of_several_edges_is_wide_when_all_has_arrived(opened):
    player = viz.player(small(), max_nodes=12, edges="both")
    page, arriving = opened(player), page_data(player)["arriving"]
    page.key("End")
    several = [name for name, text in page.run(BROUGHT).items() if "×" in text]
    assert several
    for name in several:
        step = arriving[int(name[1:])][0]
        widths = []
        for happened in (step - 1, step):
            page.run(GO.format(happened))
            page.run(AT_REST)
            widths.append(page.run(LINES)[name][1])
        assert widths[0] == "1.2px" != widths[1]


@in_a_browser
def test_what_a_folded_frame_covers_hides_both_lines_of_an_arrow(opened):
    page = opened(network(), "#step=46&fold=layer0&fold=layer1")
    seen = [text.split() for text in page.run(BROUGHT).values() if text]
    assert seen
    assert all(len(text) == 3 for text in seen)  # ∂, its number, the contribution


# The legend


@in_a_browser
def test_the_legend_toggles(opened):
    page = opened(network())
    assert page.run("explain.ariaExpanded") == "true"
    for expanded in ("false", "true"):
        page.click("#explain")
        assert page.run("explain.ariaExpanded") == expanded
        assert page.run("getComputedStyle(legend).display === 'none'") == (expanded == "false")
    assert page.run("document.getElementById('where').textContent") == "0 / 46"


@in_a_browser
def test_the_legend_does_not_cover_the_picture(opened, page):
    for size in [(1280, 800), (390, 844, True), (320, 640, True)]:
        page.size(*size)
        opened(network())
        assert page.run("legend.hidden") == (size[0] < 720)
        page.run("legend.hidden && explain.click()")
        page.settle()
        stage, legend = page.run("['stage', 'legend'].map((id) => { const b = "
                                 "document.getElementById(id).getBoundingClientRect(); "
                                 "return [b.top, b.bottom, b.left, b.right] })")  # fmt: skip
        assert stage[1] <= legend[0] < legend[1]
        assert 0 <= legend[2] < legend[3] <= size[0]


@in_a_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_an_open_legend(opened, page, scheme):
    page.size(390, 844, mobile=True)
    page.prefer(prefers_color_scheme=scheme)
    opened(powers(), "#step=99")
    page.run("explain.click()")
    assert page.findings() == []


def legend_of(output, **options):
    return [
        " ".join(entry[1:]).strip() for entry in page_data(viz.player(output, **options))["legend"]
    ]


def test_the_legend_explains_what_there_is():
    assert legend_of(article()) == [
        "contribution:", "—— positive", "∂ local derivative",
        "bold contribution: ∂ × grad of the result",
        "before it arrives, lines show the sign of ∂", "wider: larger",
    ]  # fmt: skip
    assert {"- - negative", "—— zero", "··· none flows"} <= set(legend_of(powers()))
    assert legend_of(small(), depth=1)[-1].startswith("wider: larger")
    assert legend_of(Value(1.0, "x")) == []


def test_a_legend_explains_the_signs_of_derivatives_too():
    x = Value(2.0, "x")
    assert {"—— positive", "- - negative"} <= set(legend_of(x * 3.0, gradient=-1.0))


def test_what_a_gradient_is_made_of_at_the_end_is_what_draw_says():
    output = powers()
    output.backward()
    page, plan = page_data(viz.player(output)), viz.draw(output).source
    sums = [node["sums"][-1][1] for node in page["nodes"] if "sums" in node]
    assert sums
    assert all(line in plan for text in sums for line in text.split("\n"))


@in_a_browser
def test_on_paper_the_contributions_stay(opened):
    page = opened(article(), "#step=6")
    page.prefer(media="print")
    assert page.run(BROUGHT)["e0"] == "∂ 3 +3"
    assert page.run(SUMS) == {"n0": "= 1 + 3"}
