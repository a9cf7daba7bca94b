"""Display width, and what is cut and wrapped by it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Graph, Value
from autograd.text.columns import cut, display_width, pad, shorten, wrap
from autograd.text.tables import aligned, equation

TEXT = st.text(alphabet=st.sampled_from("ab .猫🎉é\u0301\u200d\ufe0f🏽🇨❤"), max_size=120)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("猫", 2), ("Ａ", 2), ("🎉", 2),  # wide, fullwidth
        ("α", 1), ("→", 1), ("·", 1), ("±", 1), ("─", 1),  # ambiguous
        ("☃", 1), ("é", 1), ("ﾈ", 1), ("x", 1), ("\N{NO-BREAK SPACE}", 1),
        ("\u1112\u1161\u11ab", 2), ("👩\u200d🔬", 2), ("❤\ufe0f", 2), ("❤", 1), ("🇨🇳🇩🇪", 4),
        ("👍🏽", 2), ("👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏿", 2), ("1\ufe0f\u20e3", 2),
        ("a\ufe0f", 1), ("🏽", 2), ("क\u094d\u200dष", 2),
        ("\u0301", 0), ("\u20dd", 0), ("\u3099", 0), ("e\u0301", 1), ("", 0),
    ],
)  # fmt: skip
def test_width_is_that_of_unicode_with_ambiguous_characters_narrow(text, width):
    assert display_width(text) == width


@given(TEXT, st.integers(1, 40))
def test_what_is_cut_or_shortened_fits_and_says_so(text, width):
    for short in (cut(text, width), shorten(text, width)):
        assert display_width(short) <= width
        assert short == text or "…" in short


@given(TEXT, st.integers(8, 40), st.booleans())
def test_wrapped_lines_fit(text, width, shortened):
    lines = wrap(text, width, 2, shortened)
    assert all(display_width(line) <= width for line in lines)
    if not shortened:
        assert "".join("".join(lines).split()) == "".join(text.split())


def test_marks_piled_on_a_letter_are_cut():
    assert len(shorten("e" + "\u0301" * 10_000, 10)) <= 60
    assert len(cut("e" + "\u0301" * 10_000, 10)) <= 60


@example("\ufe0f")  # it makes no emoji of a space
@given(TEXT)
def test_padded_text_is_as_wide_as_its_column(text):
    assert display_width(pad(text, 200)) == display_width(pad(text, 200, right=True)) == 200


def test_tables_are_aligned_by_width():
    assert aligned([("猫", "1"), ("x", "22")], right=[1]) == ["猫   1", "x   22"]
    assert str(Graph(Value(1.0, "猫猫") * 2)).splitlines() == [
        "node  name  operation   data  grad",
        "v0    猫猫  leaf         1.0     -",
        "v1          const        2.0     -",
        "v2          猫猫 * 2.0   2.0     -",
    ]


def test_an_equation_too_wide_for_a_line_has_a_line_for_each_side():
    assert equation(["a" * 50, "b" * 50], "  ") == ["  " + "a" * 50, "    = " + "b" * 50]
    assert equation(["a", "", "b"]) == ["a = b"]
