import base64
import hashlib
import html
import json
import math
import re

import pytest
from effort import examples
from hostile_names import NAMES
from hypothesis import given, settings
from hypothesis import strategies as st
from player_pages import Read, page_data
from viz_graphs import article, chain, network

import autograd
import nn
import viz
from autograd import Graph, Stepper, Value
from viz.dot.document import digraph
from viz.page.html import embedded


def grad_in(page, i, happened):
    """The gradient of a node on the page, from the last contribution that has arrived."""
    shown = page["seed"] if i == page["output"] and happened >= page["forward"] else None
    for event in page["events"][page["forward"] : happened]:
        if event[2] == i:
            shown = event[7]
    return None if shown is None else page["numbers"][shown][2]


@pytest.mark.parametrize("make", [article, network], ids=lambda make: make.__name__)
def test_the_events_are_those_of_the_stepper(make):
    output = make()
    page, stepper = page_data(viz.player(output)), Stepper(output)
    assert len(page["events"]) == len(stepper)
    for happened in range(len(stepper) + 1):
        stepper.goto(happened)
        for i, v in enumerate(stepper.graph.nodes):
            grad = repr(stepper.grad(v)) if stepper.has_grad(v) else None
            assert grad_in(page, i, happened) == grad
    for event, logged in zip(page["events"], stepper.events, strict=True):
        numbers = [page["numbers"][k][2] for k in event[3:]]
        expected = [logged.upstream, logged.local, logged.contribution, logged.before, logged.after]
        assert numbers == [repr(x) for x in expected if logged.operand is not None]


def test_it_leaves_the_gradients_alone():
    output = network()
    viz.player(output).html()
    assert not any(v.has_grad for v in Graph(output))


def test_the_gradient_to_start_with():
    x = Value(2.0, "x")
    page = page_data(viz.player(x * 3, gradient=-0.5))
    assert page["numbers"][page["seed"]][2] == "-0.5"
    assert page["numbers"][page["events"][-1][7]][2] == "-1.5"


def test_numbers_that_json_has_not():
    x = Value(math.inf, "x")
    page = page_data(viz.player(x * 0.0 + Value(-0.0, "z")))
    texts = {full: (shown, said) for shown, said, full in page["numbers"]}
    assert texts["nan"] == ("nan", "nan")
    assert texts["inf"] == ("inf", "inf")
    assert texts["-0.0"] == ("-0", "-0.0")
    assert texts["0.0"] == ("0", "0.0")


def test_a_leaf_alone_has_no_events():
    player = viz.player(Value(2.0, "x"))
    assert (
        repr(player)
        == '<Player of 0 events on 1 node; .show() opens it, .save("steps.html") writes it>'
    )
    assert page_data(player)["forward"] == 0


def test_the_boxes_have_room_for_the_longest_number():
    x = Value(0.5, "x")  # its gradient is 1 at last, and 0.3333 before
    y = x * (1 / 3) + x * (2 / 3)
    [text] = [t for a, t in Read(viz.player(y).html()).all("text") if a.get("class") == "grad"][:1]
    assert text in ("0.3333", "0.6667")


def test_the_same_graph_gives_the_same_bytes():
    assert viz.player(network()).html() == viz.player(network()).html()


def test_a_later_change_does_not_change_it():
    output = article()
    player, before = viz.player(output), viz.player(output).html()
    output.name = "another"
    assert player.html() == before


# The page asks for nothing and runs nothing that is not its own


def test_the_page_stands_alone():
    page = viz.player(network()).html()
    read = Read(page)
    for _, attributes, _ in read.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("src", "srcset", "action", "xlink:href", "style")
            assert name != "href" or value.startswith("#")
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|url\(|@import", page)
    assert not re.search(r"\beval\(|innerHTML|insertAdjacent|document\.write|fetch\(", page)


def test_the_policy_allows_this_script_and_this_style_alone():
    read = Read(viz.player(article()).html())
    policy = next(a["content"] for a, _ in read.all("meta") if "http-equiv" in a)
    [script] = [text for a, text in read.all("script") if not a]
    [[_, style]] = read.all("style")
    for kind, text in (("script", script), ("style", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", [*NAMES, "</script><script>alert(1)</script>", "\u2028<!--"])
def test_names_are_data(name):
    x = Value(1.0, name)
    y = x * x
    y.name = f"{name}.y"
    page = viz.player(y, title=name).html()
    read = Read(page)
    assert len(read.all("script")) == 2
    assert len(read.all("style")) == len(read.all("title")) == 1
    assert {"b", "table", "i"}.isdisjoint(tag for tag, _, _ in read.elements)
    page.encode()


@settings(max_examples=examples(40), deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_names_are_data(name, title):
    page = viz.player(Value(1.0, name).exp(), title=title).html()
    assert len(Read(page).all("script")) == 2


@given(st.text())
def test_embedded_json_has_no_markup(text):
    written = embedded([text])
    assert json.loads(written) == [text]
    assert written.isascii()
    assert not set("<>&") & set(written)


# Large graphs


def test_of_a_large_graph_the_nodes_nearest_to_the_output_are_played():
    output = chain(300)
    player = viz.player(output, max_nodes=50, fold=False)
    page, stepper = page_data(player), Stepper(output)
    stepper.goto(len(stepper))
    assert page["drawn"] == 50
    assert page["caption"].startswith(
        "50 of 601 nodes: those nearest to the output; 52 of 600 events: "
    )
    for i, node in enumerate(page["nodes"][:50]):
        v = stepper.graph.nodes[node["id"]]
        grad = repr(stepper.grad(v)) if stepper.has_grad(v) else None
        assert grad_in(page, i, len(page["events"])) == grad


def test_two_hundred_nodes_take_less_than_500_kb():
    model = nn.MLP(4, [8, 6, 3, 1], seed=0)
    loss = (model([0.5, -1.2, 0.25, 3.0]) - 1.0) ** 2
    player = viz.player(loss, fold=False)
    assert page_data(player)["drawn"] == 200
    assert len(player.html().encode()) < 500_000


# Where it goes


def test_saving(tmp_path):
    path = viz.player(article()).save(tmp_path / "deep" / "steps.html")
    assert path.read_text("utf-8") == viz.player(article()).html()
    with pytest.raises(ValueError, match=r"saved as .html, got the ending '.svg'"):
        viz.player(article()).save(tmp_path / "steps.svg")


def test_a_notebook_shows_it_in_a_frame_without_rights():
    player = viz.player(article(), title='"><script>alert(1)</script>')
    bundle = player._repr_mimebundle_()
    [(attributes, _)] = Read(bundle["text/html"]).all("iframe")
    assert attributes["sandbox"] == "allow-scripts"
    assert attributes["srcdoc"] == player.html()
    assert Read(bundle["text/html"]).all("script") == []
    assert (
        bundle["text/plain"]
        == '<Player of 6 events on 4 nodes; .show() opens it, .save("steps.html") writes it>'
    )
    assert set(player._repr_mimebundle_(include={"text/plain"})) == {"text/plain"}
    assert set(player._repr_mimebundle_(exclude={"text/plain"})) == {"text/html"}
    assert html.unescape(html.escape(player.html())) == player.html()


def test_without_an_engine_a_notebook_shows_why(tmp_path):
    player = viz.player(article(), engine=tmp_path / "none")
    assert "(There is no picture: there is no engine" in player._repr_mimebundle_()["text/plain"]
    with pytest.raises(viz.EngineError):
        player.html()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"output": 3.0}, TypeError, "takes a Value, got float 3.0"),
        ({"output": [Value(1.0)]}, TypeError, "takes a Value, got list"),
        ({"title": 3}, TypeError, "title is a string or None"),
        ({"direction": "RL"}, ValueError, 'direction is "LR" or "TB"'),
        ({"max_nodes": 0}, ValueError, "max_nodes is a whole number from 1 on"),
        ({"number_format": "x"}, ValueError, "does not format a float"),
    ],
)
def test_what_it_does_not_take(arguments, error, words):
    with pytest.raises(error, match=words):
        viz.player(**{"output": article()} | arguments)


def test_a_constant_and_a_stale_graph():
    with autograd.no_grad():
        constant = Value(2.0) * 3.0
    with pytest.raises(ValueError, match="is a constant"):
        viz.player(constant)
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    with pytest.raises(autograd.StaleGraphError):
        viz.player(y)


@pytest.mark.parametrize(("direction", "room"), [("LR", "0.6"), ("TB", "0.4")])
def test_there_is_room_for_what_travels_along_the_arrows(direction, room):
    source = digraph(viz.player(article(), direction=direction)._picture).source
    assert f"ranksep={room}" in source
