import re

import pytest
from effort import examples
from hostile_names import NAMES
from hypothesis import given, settings
from hypothesis import strategies as st
from viz_graphs import SVG, group, parse, tooltip, words

from autograd import Value
from autograd.text.characters import readable
from autograd.text.columns import display_width, shorten
from viz import draw
from viz.appearance.options import Options
from viz.dot.markup import escape
from viz.look.nodes import TOOLTIP_LENGTH


def assert_harmless(root):
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "g", "title", "desc", "style", "path", "polygon", "text"}
    names = {name.lower() for element in root.iter() for name in element.attrib}
    assert not [name for name in names if name.startswith("on") or name.endswith("href")]


@pytest.mark.parametrize(("name", "shown"), NAMES.items())
def test_a_name_comes_out_as_text(name, shown):
    root = parse(draw(Value(1.0, name)))
    assert_harmless(root)
    assert words(group(root, "n0")) == f"{shown} data 1 grad –"
    assert f"name {shown}\n" in tooltip(group(root, "n0"))


@pytest.mark.parametrize(("name", "shown"), NAMES.items())
def test_so_do_a_title_and_a_frame(name, shown):
    root = parse(draw(Value(1.0, f"{name}.w"), title=name))
    assert_harmless(root)
    assert root.find(f"{SVG}title").text == shown
    assert words(root).startswith(shown)
    assert words(group(root, "f1")) == shown
    assert tooltip(group(root, "f1")) == shown


@pytest.mark.parametrize("letter", ["a", "\\", "<", "&", "猫", "\0", "."])
def test_a_name_of_10_kb_is_short_in_the_box_and_longer_in_the_tooltip(letter):
    name = "start " + letter * 10_000 + " end"
    root = parse(draw(Value(1.0, name)))
    shown = words(group(root, "n0"))
    assert "…" in shown
    assert len(shown) < 60
    assert shown.split(" data")[0].endswith("end")
    assert len(tooltip(group(root, "n0"))) <= TOOLTIP_LENGTH + 200
    assert_harmless(root)


def test_ten_thousand_dots_are_not_ten_thousand_frames():
    root = parse(draw(Value(1.0, "a." * 10_000 + "w")))
    assert len([g for g in root.iter(f"{SVG}g") if g.get("class") == "cluster frame"]) == 8


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.text(max_size=60), min_size=3, max_size=3), st.text(max_size=30))
def test_any_names_give_a_harmless_svg(names, title):
    x, z = Value(1.0, names[0]), Value(2.0, names[1])
    y = x * z
    y.name = names[2]
    root = parse(draw(y, title=title))
    assert_harmless(root)
    assert len([g for g in root.iter(f"{SVG}g") if "edge" in g.get("class", "")]) == 2


@given(st.text())
def test_an_escaped_text_holds_no_syntax(text):
    escaped = escape(readable(text))
    assert not set('<>"\n') & set(escaped)
    assert (len(escaped) - len(escaped.rstrip("\\"))) % 2 == 0
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;)", escaped)


@given(st.text(alphabet=st.sampled_from("ab.猫🎉é"), max_size=80), st.integers(3, 40))
def test_a_shortened_text_fits(text, limit):
    assert display_width(shorten(text, limit)) <= limit
    assert shorten(text, limit) == text or "…" in shorten(text, limit)


@given(st.floats())
def test_numbers_fit_a_box(x):
    assert display_width(Options().number(x)) <= 11
