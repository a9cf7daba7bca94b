"""Styles: light, dark, following the reader, and print; and formula labels."""

import re

import pytest
from viz_graphs import article, group, network, parse, words

from autograd import Graph, Value, autopsy
from viz import diff, draw
from viz.appearance import colours
from viz.appearance.colours import PALETTE
from viz.look.marks import MARKS
from viz.snapshot.symbolic import derivative_text, expression


def everything(**how):
    """A picture with every colour there is."""
    x = Value(-1.0, "x")
    y = x.log() * 2 + x.relu() - x * 0.0
    y.backward()
    return draw(y, highlight=[autopsy(y), "dead", x], title="all", **how)


def greys(text):
    return [c for c in re.findall(r'"(#[0-9a-f]{6})"', text) if len({c[1:3], c[3:5], c[5:]}) > 1]


def test_print_is_black_white_and_grey():
    assert greys(everything().source)
    assert not greys(everything(style="print").source)
    assert not greys(everything(style="print").svg())


def test_dark_has_the_dark_colours_for_good():
    dark = everything(style="dark")
    lights = {colour.light for colour in PALETTE} - {colour.dark for colour in PALETTE}
    assert not lights & set(re.findall(r'"(#[0-9a-f]{6})"', dark.source))
    assert "prefers-color-scheme" not in dark.svg()


def test_light_stays_light_and_auto_follows_the_reader():
    assert "prefers-color-scheme" not in everything(style="light").svg()
    assert "prefers-color-scheme: dark" in everything().svg()
    assert everything(style="light").source == everything().source


def test_pages_have_the_colours_of_their_picture(tmp_path):
    for wanted, scheme in [("light", "light"), ("dark", "dark"), ("print", "light")]:
        page = article_page(tmp_path, wanted)
        assert f"color-scheme: {scheme}}}" in page
        assert "prefers-color-scheme" not in page
    assert "prefers-color-scheme" in article_page(tmp_path, "auto")


def article_page(folder, wanted):
    return draw(article(), style=wanted).save(folder / f"{wanted}.html").read_text("utf-8")


def test_colours_in_what_a_user_wrote_are_left_as_they_are():
    name = 'x"#ffffff" #0072b2 fill="#1b1f24"'
    x = Value(1.0, name)
    root = parse(draw(x, style="dark", title=name))
    assert name in root.find("{http://www.w3.org/2000/svg}title").text
    assert name in group(root, "n0").find("{http://www.w3.org/2000/svg}title").text


def test_a_difference_has_styles_too():
    x = Value(2.0, "x")
    assert not greys(diff(x * 2, x * 3, style="print").source)
    with pytest.raises(ValueError, match="style is"):
        diff(x, x, style="loud")


def test_a_style_that_there_is_not_is_refused():
    with pytest.raises(
        ValueError, match='style is "auto", "light", "dark" or "print", got \'loud\''
    ):
        draw(Value(1.0), style="loud")


def test_every_role_has_a_light_colour_of_its_own():
    assert len({colour.light for colour in PALETTE}) == len(PALETTE)
    assert {look.colour.light for look in MARKS.values()} <= {c.light for c in PALETTE}


def test_contrast_of_text_is_that_of_the_standard():
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 for text, on paper and in boxes and frames."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    texts = (colours.INK, colours.MUTED, colours.BAD, colours.MARK, *colours.LETTERS.values())
    grounds = (colours.PAPER, colours.BOX, colours.LEAF, colours.FRAME, colours.INNER_FRAME)
    found = {}
    for i in range(3):
        for text in texts:
            for ground in grounds:
                pair = sorted((luminance(text[i]), luminance(ground[i])))
                found[text[i], ground[i]] = (pair[1] + 0.05) / (pair[0] + 0.05)
    poor = {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < 4.5}
    assert not poor


# Formula labels


def test_formulas_name_what_nodes_compute_and_their_derivatives():
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.0, "b")
    z = w * x + b
    z.name = "z"
    a = z.tanh()
    a.name = "a"
    loss = (a - 1) ** 2
    root = parse(draw(loss, formulas=True))
    index = Graph(loss).index
    assert words(group(root, f"n{index[z]}")).startswith("z = w·x + b data")
    assert words(group(root, f"n{index[a]}")).startswith("a = tanh(z)")
    assert words(group(root, f"n{index[loss]}")).startswith("(a − 1)²")
    edges = [words(group(root, f"e{i}")) for i in range(len(Graph(loss).edges))]
    assert "∂ sech²(z) = 1" in edges
    assert "∂ x = 2" in edges


@pytest.mark.parametrize(
    ("make", "text", "slope"),
    [
        (lambda x, y: x * y, "x·y", "y"),
        (lambda x, y: -x, "−x", "−1"),
        (lambda x, y: x**2, "x²", "2·x"),
        (lambda x, y: x**-2, "x⁻²", "−2·x⁻³"),
        (lambda x, y: x**2.5, "x^2.5", "2.5·x^1.5"),
        (lambda x, y: (x + y).sqrt(), "√(x + y)", "0.5/√(x + y)"),
        (lambda x, y: x / (y - 1), "x/(y − 1)", "1/(y − 1)"),
        (lambda x, y: abs(x), "|x|", "1"),
        (lambda x, y: 0 + x, "0 + x", "1"),
    ],
)
def test_formulas_are_set_as_in_a_book(make, text, slope):
    v = make(Value(2.0, "x"), Value(4.0, "y"))
    assert expression(v) == text
    slot = len(v.parents) - 1 if v.parents[0].op == "const" else 0
    assert slope in (
        derivative_text(v, slot),
        derivative_text(v, slot).replace("…", "x + y"),
    )


def test_names_in_formulas_stay_as_they_are():
    assert expression(Value(1.0, "a * b") * Value(2.0, "w[-1]")) == '"a * b"·w[-1]'


def test_a_long_formula_gives_way_to_the_symbol():
    total = Value(0.0, "x[0]")
    for i in range(1, 4):
        total = total + Value(1.0, f"a_rather_long_name[{i}]")
    assert expression(total) == ""
    assert words(group(parse(draw(total, formulas=True)), "n6")).startswith("+")


def test_every_operation_of_a_network_has_a_formula():
    root = parse(draw(network(), formulas=True))
    assert "z = w[0]·x[0] + w[1]·x[1] + b" in words(root)
