"""The benchmark runs and sets out its table; how fast the machine is, no test asks."""

import importlib
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TIMES = {"total": 8.0, "forward": 4.0, "backward": 4.0}


@pytest.fixture
def eager(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("eager")


def cells(line):
    return re.split(r"\s{2,}", line.strip())


def test_the_smallest_run_prints_every_row(eager, capsys):
    eager.main(["--rounds", "1", "--turns", "1"])
    where, _, header, *lines = capsys.readouterr().out.splitlines()
    assert re.match(r"Python 3\.\d+\.\S+, \d+ CPUs; ", where)
    assert cells(header) == ["work", "measured", "chainrule's ratio to it", "bound", "reached"]
    rows = {work: measured for work, measured, *_ in map(cells, lines)}
    units = {
        "chainrule, one image": "ms",
        "forward": "ms",
        "backward": "ms",
        "micrograd, one image": "ms",
        "plain, one image": "ms",
        "chainrule, one node": "bytes",
        "micrograd, one node": "bytes",
        "plain, one node": "bytes",
    }
    assert list(rows) == list(units)
    for work, measured in rows.items():
        if work.startswith("micrograd") and not find_spec("micrograd"):
            assert measured == "skipped"
        else:
            assert re.fullmatch(rf"\d+(\.\d+)? {units[work]}", measured)


def test_a_class_that_is_not_installed_is_skipped(eager):
    *_, micrograd, _ = eager.time_rows({"chainrule": [TIMES], "plain": [TIMES]})
    _, micrograd_memory, _ = eager.memory_rows({"chainrule": 176.0, "plain": 160.0})
    for row in (micrograd, micrograd_memory):
        assert row.measured == "skipped"
        assert row.reached == "not installed: pip install -e '.[bench]' here"


def test_the_ratio_is_the_median_of_the_rounds(eager):
    rounds = [{**TIMES, "total": total} for total in (8.0, 9.0, 40.0)]
    row = eager.ratio_row("plain", {"chainrule": rounds, "plain": [{**TIMES, "total": 10.0}] * 3})
    assert row == ("plain, one image", "10.00 ms", "0.900 (0.800–4.000)", "0.80", "no")


def test_classes_that_disagree_get_no_figures(eager, monkeypatch):
    answers = {"chainrule": [0.5, 1.0, 2.0], "plain": [0.5, 1.0, 2.0 + 1e-11]}
    monkeypatch.setattr(eager, "ask_once", lambda measurement, name: answers[name])
    with pytest.raises(SystemExit, match=r"no figures: chainrule's gradient 2 is 2\.0, plain's"):
        eager.check_answers(["chainrule", "plain"])


def test_rounds_are_counted_from_one(eager, capsys):
    with pytest.raises(SystemExit):
        eager.main(["--rounds", "0"])
    assert "--rounds: invalid count value: '0'" in capsys.readouterr().err
