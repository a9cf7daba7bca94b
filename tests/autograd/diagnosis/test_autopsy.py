"""Autopsies: every nan and infinity has a birth, and a definition by brute force agrees."""

from __future__ import annotations

import math
from math import isfinite as finite
from typing import Any

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.backward import topological_order
from autograd.diagnosis.autopsy_report import Autopsy, autopsy
from autograd.primitive import CONST, TABLE

BAD = (math.nan, math.inf, -math.inf)
CHOICES = {"maximum", "minimum", "where"}


def fates(report: Autopsy, what: str) -> dict[Value, str]:
    return {f.node: f.fate for f in report if f.what == what}


# The definitions again, by names instead of by the table, and in another order


def data_by_definition(nodes: list[Value]) -> dict[Value, str]:
    expected: dict[Value, str] = {}
    for v in nodes:
        operands = [p.data for p in v.parents]
        bad = [i for i, x in enumerate(operands) if not finite(x)]
        if not finite(v.data):
            expected[v] = "passed on" if bad else "born"
        elif bad:
            expected[v] = "masked" if all(lost(v, i) for i in bad) else "healed"
    return expected


def lost(v: Value, slot: int) -> bool:
    operands = [p.data for p in v.parents]
    if v.op == "where":
        return slot == (2 if operands[0] != 0 else 1)
    return v.op in ("maximum", "minimum") and operands[1 - slot] == v.data


def gradients_by_definition(nodes: list[Value], output: Value, seed: float) -> dict[Value, str]:
    """Contributions sent from each node to its operands, added up operand by operand."""
    arrived: dict[Value, list[tuple[float, float]]] = {v: [] for v in nodes}
    expected: dict[Value, str] = {} if finite(seed) else {output: "born"}
    total = dict.fromkeys(nodes, 0.0)
    total[output] = seed
    reached, masked = {output}, set()
    for v in reversed(nodes):
        if v not in reached:
            continue
        for p, d in zip(v.parents, autograd.partials(v), strict=True):
            rule_is_none = v.op == "where" and p is v.parents[0]
            if d is not None:
                reached.add(p)
                arrived[p].append((total[v], d))
                before, total[p] = total[p], total[p] + total[v] * d
                if not finite(total[p]):
                    product = total[v] * d
                    meets = finite(product) and finite(before)
                    meets |= math.isnan(total[p]) and before == -product
                    if (finite(total[v]) and not finite(product)) or meets:
                        expected[p] = "born"
                    elif not finite(product):
                        expected.setdefault(p, "passed on")
            elif p._row is not CONST and not finite(total[v]):
                assert rule_is_none or v._row.is_comparison
                masked.add(p)
    return expected | {v: "masked" for v in masked if finite(total[v])}


numbers = st.one_of(st.floats(-3, 3), st.sampled_from([0.0, -1.0, 1e300, 800.0, *BAD]))
NAMES = ["add", "sub", "mul", "div", "pow", "exp", "log", "sqrt", "tanh", "relu", "maximum",
         "minimum", "where", "gt", "neg", "sigmoid"]  # fmt: skip
programs = st.lists(
    st.tuples(st.sampled_from(NAMES), *[st.integers(0, 99)] * 3), min_size=1, max_size=15
)


def run(points: list[float], program: list[tuple[Any, ...]]) -> Value:
    nodes: list[Any] = [Value(x) for x in points]
    for name, *places in program:
        operands = [nodes[i % len(nodes)] for i in places[: TABLE[name].arity]]
        nodes.append(TABLE[name](*operands))
    return nodes[-1] * 1.0 + nodes[len(nodes) // 2]


@settings(max_examples=examples(800))
@given(st.lists(numbers, min_size=1, max_size=4), programs, st.sampled_from([1.0, -2.0, math.nan]))
def test_random_graphs_agree_with_the_definition(points, program, seed):
    y = run(points, program)
    nodes = topological_order([y])
    report = autopsy(y, seed)
    expected = data_by_definition(nodes)
    assert {v: f for v, f in fates(report, "data").items() if v.op not in CHOICES} == {
        v: f for v, f in expected.items() if v.op not in CHOICES
    }
    for v in nodes:  # with equal numbers in two operands both words are right
        if v.op in CHOICES and fates(report, "data").get(v) != expected.get(v):
            assert {fates(report, "data")[v], expected[v]} == {"masked", "healed"}
    assert fates(report, "gradient") == gradients_by_definition(nodes, y, seed)
    assert not any(v.has_grad for v in nodes)
    assert str(report) == str(autopsy(y, seed))
    assert max(map(len, str(report).splitlines())) <= 80


@settings(max_examples=examples(300))
@given(st.lists(numbers, min_size=1, max_size=4), programs)
def test_nothing_bad_is_missed(points, program):
    y = run(points, program)
    report = autopsy(y)
    y.backward()
    nodes = topological_order([y])
    bad_data = {v for v in nodes if not finite(v.data)}
    bad_gradients = {v for v in nodes if v._row is not CONST and not finite(v.grad)}
    assert bad_data == {f.node for f in report if f.what == "data" and not finite(f.value)}
    assert bad_gradients == {f.node for f in report if f.what == "gradient" and not finite(f.value)}
    assert report.ok == (not bad_data and not bad_gradients)
    if bad_data or bad_gradients:
        assert report.born


@pytest.mark.parametrize(
    ("make", "fate"),
    [
        (lambda v: v(-1.0).log(), "born"),
        (lambda v: v(1000.0).exp(), "born"),
        (lambda v: v(1.0) / v(0.0), "born"),
        (lambda v: v(math.inf) - v(math.inf), "passed on"),
        (lambda v: v(math.nan) + 1, "passed on"),
        (lambda v: v(-math.inf).exp(), "healed"),
        (lambda v: 1 / v(math.inf), "healed"),
        (lambda v: v(math.inf).tanh(), "healed"),
        (lambda v: v(math.nan) ** 0, "healed"),
        (lambda v: v(0.0) / v(math.inf), "healed"),
        (lambda v: autograd.pow(v(1.0), v(math.nan)), "healed"),
        (lambda v: autograd.lt(v(math.inf), v(1.0)), "healed"),
        (lambda v: autograd.arctan2(v(0.0), v(math.inf)), "healed"),
        (lambda v: autograd.where(v(math.nan), v(3.0), v(2.0)), "healed"),
        (lambda v: autograd.where(v(0.0), v(math.nan), v(2.0)), "masked"),
        (lambda v: autograd.where(v(2.0), v(2.0), v(math.inf)), "masked"),
        (lambda v: autograd.maximum(v(-math.inf), v(2.0)), "masked"),
        (lambda v: autograd.minimum(v(0.0), v(math.inf)), "masked"),
        (lambda v: autograd.leaky_relu(v(3.0), v(math.inf)), "masked"),
        (lambda v: autograd.elu(v(3.0), v(math.nan)), "masked"),
    ],
)
def test_the_fate_of_a_number(make, fate):
    y = make(Value)
    assert fates(autopsy(y), "data")[y] == fate


def test_a_birth_is_reported_with_its_line_and_its_path():
    with autograd.record(), autograd.scope("loss"):
        u = Value(-0.5, "u")
        y = u.log() * 2 + 1
    report = autopsy(y)
    assert "nan was born in v1 = log(u): log(-0.5) at test_autopsy.py:" in report.verdict
    assert "in loss, passed on through 1 node to the output" in report.verdict
    assert [v.op for v in report.path] == ["log", "mul", "add"]
    assert report.of("data", "born")[0].node is report.path[0]
    assert "path: v1 → v3 → v5" in str(report)
    assert repr(report) == "<Autopsy: 3 findings in 6 nodes>"


def test_an_infinity_that_turns_nan():
    a = Value(1000.0, "a").exp()
    assert "inf was born in v1" in (text := autopsy(a - a * 1.0).verdict)
    assert "turned nan in v4 = v1 - v3: inf - inf" in text


def test_the_numbers_are_those_that_were_used():
    x = Value(math.nan, "x")
    x.data = 1.0
    y = x * 2
    assert autopsy(y).ok
    x.data = math.nan
    assert autopsy(y).ok
    z = x * 2
    x.data = 1.0
    assert fates(autopsy(z), "data") == {x: "born", z: "passed on"}
    h = Value(2.0) * 3
    h.data = math.inf
    assert "inf was assigned to v2" in autopsy(h + 1).verdict


def test_contributions_that_cancel_or_overflow():
    x, big = Value(1.0, "x"), Value(1e308, "big")
    report = autopsy(x * big + x * big)
    assert [(f.node, f.before) for f in report.of("gradient", "born")] == [(x, 1e308)]
    z = Value(0.0, "z")
    root = (z * z).sqrt()
    report = autopsy(root - (z * z).sqrt())
    assert len(report.of("gradient", "born")) == 2
    assert {f.node for f in report.of("gradient", "passed on")} == {z}


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda x, w: autograd.where(autograd.gt(x, 0), x.log(), 0), "log(where(x > 0.0, x, 1.0))"),
        (lambda x, w: autograd.where(autograd.eq(x, 0), 1, w / x), "w / where(x == 0.0, 1.0, x)"),
        (lambda x, w: autograd.where(autograd.gt(x, 0), x.sqrt() * w, w), "sqrt(where(x > 0.0, x"),
        (lambda x, w: autograd.maximum(x.log(), w), "did not choose v1"),
    ],
)
def test_the_trap_of_where(make, hint):
    x, w = Value(0.0, "x"), Value(2.0, "w")
    report = autopsy(make(x, w))
    assert math.isnan(autograd.gradients(make(x, w), [x])[0])
    assert hint in report.hint
    assert "hint: " in str(report)


def test_the_advice_of_the_hint_works():
    x = Value(0.0, "x")
    above = autograd.gt(x, 0)
    y = autograd.where(above, autograd.log(autograd.where(above, x, 1.0)), 0)
    assert autopsy(y).ok


def test_no_hint_without_the_trap():
    assert autopsy(Value(0.0).sqrt() * 0.0).hint == ""
    assert autopsy(Value(-1.0).log()).hint == ""


def test_nothing_bad():
    x = Value(2.0)
    report = autopsy(x * x + 1)
    assert report.ok
    assert not report
    assert report.born == report.path == []
    assert str(report) == report.verdict == "no nan and no inf among 4 nodes and 3 gradients"


def test_constants_and_errors():
    with autograd.no_grad():
        assert autopsy(Value(-1.0).log()).verdict == "nan came in with the constant nan, the output"
    with pytest.raises(TypeError, match=r"autopsy\(\) takes a Value, got float"):
        autopsy(1.0)
    with pytest.raises(TypeError, match="real number"):
        autopsy(Value(1.0), "1")


def test_a_deep_graph_is_no_limit():
    y = Value(-1.0).log()
    for _ in range(20_000):
        y = y + 1.0
    report = autopsy(y)
    assert len(report.path) == 20_001
    assert "passed on through 19,999 nodes to the output" in report.verdict
    assert len(str(report).splitlines()) < 40
