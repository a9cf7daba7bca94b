"""The page of operations has a section and a plot for each row, and the plots are honest."""

from __future__ import annotations

import json
import math
import re
from xml.etree import ElementTree

import pytest
from docs_modules import ROOT, docs_module
from ulps import SMOOTH

from autograd.primitive import TABLE

operations, plots = docs_module("operations"), docs_module("plots")
PICTURES = ROOT / "docs" / operations.IMAGES
DRAWN = [row for row in TABLE.values() if any(row.partials)]


def curves(name):
    return {curve.name: curve.parts() for curve in plots.curves(TABLE[name])}


def test_every_row_has_a_section_and_every_picture_is_shown():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    sections = re.findall(r"^### (\w+)$", page, re.MULTILINE)
    assert sorted(sections) == sorted(TABLE)
    assert sorted(re.findall(r"\(#(\w+)\)", page)) == sorted(TABLE)
    shown = re.findall(r"\]\(images/operations/(.*?)\)", page)
    assert sorted(shown) == sorted(path.name for path in PICTURES.iterdir()), "make generate"


def test_the_accuracy_of_every_smooth_row_was_measured():
    measured = json.loads((ROOT / "docs" / "accuracy.json").read_text(encoding="utf-8"))["ulps"]
    assert list(measured) == [row.name for row in SMOOTH], "make accuracy"
    for name, errors in measured.items():
        bounds = {mode: (4, 6, 16) if mode == "eager" else (8, 10, 20) for mode in errors}
        for mode, reached in errors.items():
            kept = all(e is not None and e <= b for e, b in zip(reached, bounds[mode], strict=True))
            assert kept or TABLE[name].accuracy, (name, mode, reached)


@pytest.mark.parametrize("row", DRAWN, ids=lambda row: row.name)
def test_a_plot_is_a_small_picture_that_says_what_it_shows(row):
    text = (PICTURES / f"{row.name}.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert len(text) < 16_000
    assert root.get("role") == "img"
    assert "prefers-color-scheme: dark" in text
    title, description = (root.find(f"{{*}}{tag}").text for tag in ("title", "desc"))
    assert title.startswith("y = ")
    assert description.startswith("y solid, ∂y/∂")
    assert not re.search(r"\b(nan|inf)\b", text)


def test_a_curve_is_broken_where_it_jumps_or_has_a_pole():
    assert [len(curves("tan")[name][0]) for name in ("y", "∂y/∂x")] == [3, 1]
    pieces, breaks = curves("abs")["∂y/∂x"]
    assert [{y for _, y in piece} for piece in pieces] == [{-1.0}, {1.0}]
    assert breaks == [(0.0, 0.0)]  # the convention
    assert curves("maximum")["∂y/∂z"][1] == [(2.0, 0.5)]
    assert curves("tanh")["y"][1] == []


def test_where_a_derivative_is_infinite_the_plot_says_so():
    assert curves("cbrt")["∂y/∂x"][1] == [(0.0, math.inf)]
    assert curves("arccos")["∂y/∂x"][1] == [(-1.0, -math.inf), (1.0, -math.inf)]
    assert "−∞" in plots.svg(TABLE["arccos"])
