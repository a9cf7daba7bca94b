"""Hostile text everywhere a user can write: names, scopes, boxes, captions, titles, formats.

What comes out parses as XML, holds no script, no event handler and no link, and shows the text.
"""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from viz_graphs import SVG, words

from autograd import Graph, Value, autopsy, explain, kinks, record, scope
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz import diff, draw, player

SNIPPETS = [
    "<script>alert(1)</script>", '"><svg onload=alert(1)>', "</title><script>", "]]><!--", "--><b>",
    "javascript:alert(1)", '<a href="javascript:x">', "\\N\\G\\E\\l", '\\"', "\\", ";} digraph {",
    "\0", "\x1b[31m", "\u202e", "\u200f", "\ud83d", "\ufffe", "\u2028", "a\nb\tc", "&#0;", "&lt;",
    "<FONT COLOR=\"red\">", "{a|<b>}", "#0072b2", '"#0072b2"', "fill=\"#ffffff\"", "%s{0}$x$$",
    "猫🎉é", "a" * 10_000, "<" * 3_000, "." * 50, "[0]", "x[0]", "...", " ", "",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(SNIPPETS),
    st.lists(st.sampled_from(SNIPPETS), min_size=2, max_size=3).map("".join),
    st.text(max_size=40),
)
TAGS = {"svg", "g", "title", "desc", "style", "path", "polygon", "text", "polyline", "ellipse"}


def check(svg):
    """Parse a picture and assert that it can do no harm."""
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in TAGS
        for name, text in element.attrib.items():
            assert not name.lower().startswith("on")
            assert not name.lower().endswith("href")
            assert "url(" not in text
            assert "javascript" not in text
    [style] = root.iter(f"{SVG}style")
    assert "url" not in style.text
    assert "import" not in style.text
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    return root


def graph(names, inside=("a", "b")):
    """A few nodes in scopes, with a nan, a kink and a dead operation."""
    x, z = Value(0.0, names[0]), Value(-1.0, names[1])
    with record(), scope(inside[0]):
        product = x * z
        product.name = names[2]
        with scope(inside[1]):
            y = product.relu() + z.log() * 0.0 + x**2
    y.name = names[0]
    y.backward()
    return y


def scope_name(text):
    """A name that `scope` takes: neither empty nor with dots."""
    return text.replace(".", "·").strip() or "s"


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(TEXTS, min_size=3, max_size=3), TEXTS, TEXTS)
def test_names_scopes_titles_highlights_and_formulas(names, around, title):
    y = graph(names, (scope_name(around), scope_name(title)))
    marks = [autopsy(y), kinks(y), "dead", explain(y, Graph(y).leaves[0])]
    for how in (
        {"formulas": True, "highlight": marks},
        {"view": "backward", "style": "dark"},
        {"around": Graph(y).leaves[0], "hops": 1, "style": "print"},
        {"max_nodes": 4},
        {"fold": lambda v: names[0] or "box" if v.op == "mul" else None},
    ):
        root = check(draw(y, title=title, **how).svg())
        if title:
            shown = shorten(readable(title), 80)
            assert "".join(shown.split()) in "".join(words(root).split())


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(TEXTS, min_size=3, max_size=3), TEXTS, TEXTS)
def test_differences(names, first, second):
    y, z = graph(names), graph([second, *names[1:]])
    check(diff(y, z, labels=(first, second), title=second, style="dark").svg())


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(TEXTS, min_size=3, max_size=3), TEXTS)
def test_files_of_every_kind(tmp_path_factory, names, title):
    folder = tmp_path_factory.mktemp("pictures")
    diagram = draw(graph(names), title=title, formulas=True)
    page = diagram.save(folder / "p.html").read_text("utf-8")
    assert "<script" not in page
    assert not re.search(r"<[^>]*\son\w+=", page)
    assert "default-src 'none'" in page
    json.loads(diagram.save(folder / "p.json").read_text("utf-8"))
    diagram.save(folder / "p.dot").read_text("utf-8")
    text = diagram.save(folder / "p.txt").read_text("utf-8")
    assert "\x1b" not in text
    assert "\0" not in text


@settings(max_examples=examples(25), deadline=None)
@given(st.lists(TEXTS, min_size=3, max_size=3), TEXTS)
def test_players(names, title):
    page = player(graph(names), title=title).html()
    assert page.count("<script") == 2  # its data and its program
    [data] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    json.loads(data)
    assert not re.search(r"<[^>]*\son\w+=", page.split('<script type="application/json"')[0])


@pytest.mark.parametrize("spec", ["<^12.3", ">>12.3", "&^9", '"^9', "\\^9", "\n^9", "\u202e^9"])
def test_number_formats_with_fill(spec):
    check(draw(graph(["a", "b", "c"]), number_format=spec).svg())


@pytest.mark.parametrize("name", SNIPPETS)
def test_two_pictures_on_one_page_share_no_id(name):
    pictures = [draw(graph([name, "b", "c"])).svg(), draw(graph([name, "b", "d"])).svg()]
    ids = [set(re.findall(r'\sid="([^"]*)"', svg)) for svg in pictures]
    assert not ids[0] & ids[1]
