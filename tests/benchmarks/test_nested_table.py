"""The two published examples find what is known; how fast the machine is, no test asks."""

import math
import re

import pytest


@pytest.fixture
def nested(benchmark_module):
    return benchmark_module("nested")


def slope_of_error(nested, w):
    """The derivative of the squared crossing point, by a central difference."""
    h = 1e-5
    errors = [nested.crossing(nested.Value(w + s * h), 0.1)[0].data ** 2 for s in (1, -1)]
    return (errors[0] - errors[1]) / (2 * h)


def crossing_in_floats(w, dt):
    """The flight with the acceleration derived by hand."""
    x, y, u, v = 0.0, 8.0, 0.75, 0.0
    while True:
        far = [(x - 10, y - above) for above in (10 - w, 0)]
        a, b = (sum(d[i] / math.hypot(*d) ** 3 for d in far) for i in (0, 1))
        x, y, u, v, before = x + u * dt, y + v * dt, u + a * dt, v + b * dt, (x, y)
        if y <= 0:
            return before[0] + before[1] / (before[1] - y) * (x - before[0])


def test_the_known_answer_is_where_the_particle_meets_the_origin(nested):
    [w] = nested.EXAMPLES["particle"][1]
    assert crossing_in_floats(w - 1e-6, 0.1) > 0 > crossing_in_floats(w + 1e-6, 0.1)
    x, _ = nested.crossing(nested.Value(0.1), 0.1)
    assert x.data == pytest.approx(crossing_in_floats(0.1, 0.1), rel=1e-12)


def test_a_gradient_through_the_whole_flight(nested):
    w = nested.Value(0.25)
    x, steps = nested.crossing(w, 0.1)
    [slope] = nested.gradients(x * x, [w], create_graph=True)
    assert 300 < steps < 400
    assert slope.data == pytest.approx(slope_of_error(nested, 0.25), rel=1e-5)


def test_the_saddle_with_large_steps(nested):
    found = nested.saddle(rate=0.4)
    assert found.answer == pytest.approx([0.0] * 4, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["particle", "saddle"])
def test_the_whole_example(nested, name):
    find, known = nested.EXAMPLES[name]
    assert find().answer == pytest.approx(known, abs=1e-5)


def test_the_table(nested, monkeypatch, capsys):
    small = {"saddle": (lambda: nested.saddle(rate=0.45), [0.0] * 4)}
    monkeypatch.setattr(nested, "EXAMPLES", small)
    nested.main(["--history", "50", "--turns", "1"])
    header, saddle, _, _, *rows = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["example", "time", "bound"]
    assert saddle.endswith("yes")
    assert [re.split(r"\s{2,}", row)[0] for row in rows] == ["gradients", "gradients as graphs"]
