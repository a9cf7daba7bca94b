"""Text in lines and columns: wrapped, styled, and in tables that are too wide."""

import pytest

from autograd.text.columns import cut, display_width, wrap
from autograd.text.styled import Styled, restyled
from autograd.text.tables import stacked, widths_that_fit


@pytest.mark.parametrize("width", [20, 40, 80])
@pytest.mark.parametrize("text", ["a bc " * 30, "x" * 200, "  indented " + "y" * 90, "猫" * 60, ""])
def test_wrapped_text_fits_and_loses_nothing(text, width):
    lines = wrap(text, width, 2)
    assert all(display_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_styles_stay_with_their_text():
    parts = (Styled("one two", "bold"), " three four")
    lines = list(restyled(wrap("".join(parts), 9), parts))
    assert [[(str(p), getattr(p, "style", "")) for p in line] for line in lines] == [
        [("one two", "bold")], [("three", "")], [("four", "")],
    ]  # fmt: skip


def test_numbers_are_never_cut():
    rows = [("node", "operation", "data", "grad"), ("v1", "x" * 50, "-1.23457e-100", "0.123457")]
    assert widths_that_fit(rows, 80, [2, 3])[2:] == [13, 8]
    assert widths_that_fit(rows, 30, [2, 3]) is None
    assert next(stacked(rows, [2, 3]))[1] == "    data -1.23457e-100  grad 0.123457"
    assert cut("abc", 2) == "a…"
