import json
import math
import os
import re
import shutil
import struct
import sys
from types import SimpleNamespace

import pytest
from viz_graphs import article, chain, network

from autograd import Stepper, Value
from viz import EngineError, diff, draw


def saved(diagram, path, **options):
    return json.loads(diagram.save(path, **options).read_text(), parse_constant=pytest.fail)


def fake_converter(svg):
    return b"%PDF " + re.match(r"<svg[^>]*>", svg)[0].encode()


# .html


def test_a_page_holds_the_picture_and_no_script(tmp_path):
    diagram = draw(article(), title="x < y & </title>")
    page = diagram.save(tmp_path / "y.html").read_text(encoding="utf-8")
    assert diagram.svg() in page
    assert "<title>x &lt; y &amp; &lt;/title&gt;</title>" in page
    assert not re.search(r"<script|\bon\w+=|javascript:|(src|href)=", page)
    for feature in ("prefers-color-scheme: dark", "@media print", "default-src 'none'"):
        assert feature in page


# .json


def test_json_has_the_nodes_and_the_edges(tmp_path):
    found = saved(draw(article()), tmp_path / "y.json")
    assert (found["format"], found["version"], found["count"]) == ("chainrule-graph", 1, 4)
    assert found["outputs"] == [3]
    assert found["nodes"][2] == {
        "number": 2, "name": None, "op": "mul", "data": 6.0, "grad": 1.0, "scope": [],
        "operands": [0, 1], "derivatives": [3.0, 2.0],
    }  # fmt: skip
    assert found["edges"] == [
        {"from": 0, "to": 2, "slot": 0},
        {"from": 1, "to": 2, "slot": 1},
        {"from": 2, "to": 3, "slot": 0},
        {"from": 0, "to": 3, "slot": 1},
    ]
    assert found["folds"] == found["left_out"] == []


def test_json_is_that_of_the_moment_of_drawing(tmp_path):
    y = article()
    diagram = draw(y)
    y.data = y.grad = 99.0
    assert saved(diagram, tmp_path / "y.json")["nodes"][3]["data"] == 8.0


def test_json_is_valid_whatever_the_numbers_and_names(tmp_path):
    y = Value(math.nan, "\ud83d") * Value(-math.inf, '"\n') ** 2
    found = saved(draw(y), tmp_path / "y.json")
    assert [v["data"] for v in found["nodes"][:2]] == ["nan", "-inf"]
    assert [v["name"] for v in found["nodes"][:2]] == ["\ud83d", '"\n']
    assert [v["grad"] for v in found["nodes"]] == [None] * 5
    assert found["nodes"][3]["derivatives"] == ["-inf", None]


def test_json_says_what_is_folded_and_what_is_left_out(tmp_path):
    found = saved(draw(network(), depth=1), tmp_path / "y.json")
    assert [(box["kind"], box["title"]) for box in found["folds"]] == [
        ("scope", "layer1"), ("scope", "layer0"),
    ]  # fmt: skip
    drawn = [v["number"] for v in found["nodes"]]
    boxed = [n for box in found["folds"] for n in box["nodes"]]
    assert sorted(drawn + boxed) == list(range(found["count"]))
    cut = saved(draw(chain(50), max_nodes=7, fold=False), tmp_path / "cut.json")
    assert len(cut["nodes"]) + len(cut["left_out"]) == cut["count"] == 101


def test_json_of_a_pass_in_its_middle(tmp_path):
    y = article()
    found = saved(draw(y, state=Stepper(y)), tmp_path / "y.json")
    assert [v["data"] for v in found["nodes"]] == [2.0, 3.0, None, None]
    assert found["nodes"][3]["derivatives"] == [None, None]


def test_json_of_a_comparison(tmp_path):
    x = Value(2.0, "x")
    found = saved(diff(x.exp(), x.exp().relu(), rtol=0.1), tmp_path / "y.json")
    assert found["format"] == "chainrule-difference"
    assert found["counts"] == {"same": 2, "changed": 0, "added": 1, "removed": 0}
    assert found["nodes"][found["first"]]["kind"] == "added"
    assert (found["nodes"][0]["before"]["name"], found["nodes"][0]["after"]["number"]) == ("x", 0)
    assert [v["before"] is None for v in found["nodes"]] == [
        v["kind"] == "added" for v in found["nodes"]
    ]


def test_json_is_the_same_every_time(tmp_path):
    texts = {draw(network()).save(tmp_path / f"{i}.json").read_bytes() for i in range(2)}
    assert len(texts) == 1


# .png


def test_a_png_has_as_many_pixels_as_asked(tmp_path):
    def width(**options):
        return struct.unpack(">I", draw(article()).save(path, **options).read_bytes()[16:20])[0]

    path = tmp_path / "y.png"
    once = width(scale=1)
    assert width() == pytest.approx(2 * once, abs=2)
    assert width(scale=4.5) == pytest.approx(4.5 * once, abs=5)


@pytest.mark.parametrize("scale", [0, -1, math.nan, math.inf, 101, "2"])
def test_a_scale_that_makes_no_sense(tmp_path, scale):
    with pytest.raises(ValueError, match="scale is a number above 0"):
        draw(article()).save(tmp_path / "y.png", scale=scale)
    assert os.listdir(tmp_path) == []


# .pdf


def test_pdf_is_made_from_the_svg_where_the_package_is(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", SimpleNamespace(svg_to_pdf=fake_converter))
    made = draw(article()).save(tmp_path / "y.pdf").read_bytes()
    assert re.match(rb'%PDF <svg.* width="\d+" height="\d+"', made)


def test_a_failing_converter_is_told(tmp_path, monkeypatch):
    def fail(svg):
        raise ValueError("no font")

    monkeypatch.setitem(sys.modules, "vl_convert", SimpleNamespace(svg_to_pdf=fail))
    with pytest.raises(EngineError, match="vl-convert-python made no PDF: no font"):
        draw(article()).save(tmp_path / "y.pdf")


def test_the_package_takes_our_svg(tmp_path):
    pytest.importorskip("vl_convert")
    assert draw(article()).save(tmp_path / "y.pdf").read_bytes().startswith(b"%PDF")


def test_else_by_a_system_graphviz(tmp_path, monkeypatch):
    program = tmp_path / "dot"
    program.write_text(
        '#!/bin/sh\ncase "$*" in *pdf*) echo "%PDF by dot";; *) echo "<text>>bold</text>";; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda p: str(program) if p == "dot" else which(p))
    assert draw(article()).save(tmp_path / "y.pdf").read_bytes() == b"%PDF by dot\n"
    with pytest.raises(EngineError, match="does not start"):
        draw(article(), engine="/no/such").save(tmp_path / "z.pdf")


def test_without_either_the_error_names_the_fixes(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(
        EngineError, match=r"pip install -e '\.\[pdf\]'.*vl-convert-python.*Graphviz.*\.html"
    ):
        draw(article()).save(tmp_path / "y.pdf")
    assert os.listdir(tmp_path) == []


# marimo


def test_marimo_shows_the_picture_or_the_text():
    diagram = draw(article())
    kind, page = diagram._mime_()
    assert (kind, diagram.svg() in page) == ("text/html", True)
    kind, text = draw(article(), engine="/no/such/dot")._mime_()
    assert kind == "text/plain"
    assert text.startswith(str(diagram))
