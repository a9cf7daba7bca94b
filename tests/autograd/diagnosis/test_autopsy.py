"""Autopsies: every nan and infinity has a birth, and a definition by brute force agrees."""

from __future__ import annotations

import math
import re
from collections import Counter
from math import isfinite as finite
from typing import Any

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Graph, Value
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


def gradients_by_definition(nodes: list[Value], output: Value, seed: float) -> Counter[Any]:
    """Whose fault each gradient is, as (node, fate, value, source, slot).

    Of all contributions to a node first, then of the sums of the first n of them.
    """
    expected: Counter[Any] = Counter()
    sums: dict[Value, list[float]] = {output: [seed]}
    if not finite(seed):
        expected[output, "born", key(seed), None, None] += 1
    for v in reversed(nodes):
        g = sums[v][-1] if v in sums else 0.0
        for slot, (p, d) in enumerate(zip(v.parents, autograd.partials(v), strict=True)):
            if d is not None and v in sums:
                gathered = sums.setdefault(p, [0.0])
                gathered.append(gathered[-1] + g * d)
                before, after, sent = gathered[-2], gathered[-1], g * d
                if finite(g) and not finite(sent):
                    expected[p, "born", key(sent), v, slot] += 1
                alike = {key(before), key(after)}
                if not finite(g) and len(alike) == 2 and not (math.isnan(after) > math.isnan(sent)):
                    expected[p, "passed on", key(sent), v, slot] += 1
                if not finite(after) and key(after) not in {key(before), key(sent)}:
                    expected[p, "born", key(after), v, slot] += 1
    masked = {
        p
        for v in nodes
        if v in sums and not finite(sums[v][-1])
        for p, d in zip(v.parents, autograd.partials(v), strict=True)
        if d is None and p._row is not CONST and finite(sums.get(p, [0.0])[-1])
    }
    return expected + Counter((p, "masked") for p in masked)


def key(x: float) -> Any:
    return "finite" if finite(x) else repr(x)


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
    found = [
        (f.node, f.fate) + (key(f.value), f.source, f.slot) * (f.fate != "masked")
        for f in report
        if f.what == "gradient"
    ]
    assert Counter(found) == gradients_by_definition(nodes, y, seed)
    assert not any(v.has_grad for v in nodes)
    assert str(report) == str(autopsy(y, seed))
    assert max(map(len, str(report).splitlines())) <= 80


@settings(max_examples=examples(500))
@given(st.lists(numbers, min_size=1, max_size=4), programs, st.sampled_from([1.0, -2.0, math.inf]))
def test_nothing_bad_is_missed_and_every_equation_holds(points, program, seed):
    y = run(points, program)
    report = autopsy(y, seed)
    y.backward(seed)
    nodes = topological_order([y])
    bad_data = {v for v in nodes if not finite(v.data)}
    bad_gradients = {v for v in nodes if v._row is not CONST and not finite(v.grad)}
    assert bad_data == {f.node for f in report if f.what == "data" and not finite(f.value)}
    assert bad_gradients == {f.node for f in report if f.what == "gradient" and not finite(f.value)}
    assert report.ok == (not bad_data and not bad_gradients)
    if bad_data or bad_gradients:
        assert report.born
    gradients = [f for f in report if f.what == "gradient" and f.fate != "masked"]
    for f in gradients:
        assert not math.isinf(f.node.grad) or f.value == f.node.grad
        if f.source is not None:
            assert same(f.upstream, f.source.grad)
            assert same(f.local, autograd.partials(f.source)[f.slot])
            product = f.upstream * f.local
            assert same(f.value, product if f.before is None else f.before + product)
            assert (f.fate == "born") == finite(f.upstream) or f.before is not None
    nans = {f.node for f in gradients if math.isnan(f.value)}
    assert nans == {v for v in bad_gradients if math.isnan(v.grad)}
    assert ", and reached " not in report.verdict or bad_gradients & set(Graph(y).leaves)
    if nans & set(Graph(y).leaves):
        how = r"nan was (born in|.*turned nan in) |(given to the output was|turned) nan|turned nan"
        assert re.search(how, report.verdict.rpartition("; ")[2].replace("\n", " "))


def same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)


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
    assert "turned nan in v3 → z: -inf × 0.0, and reached z as nan" in report.verdict
    x = Value(0.0, "x")
    report = autopsy(x.sqrt() - x.sqrt())
    assert "nan was born in the gradient of x, v1 → x: (-inf) + 1.0 × inf," in report.verdict


def test_a_birth_is_in_the_equation_that_gives_it():
    p = Value(0.0, "p")
    report = autopsy(p * p.log())
    assert "nan was born in the gradient of p, v1 → p: 0.0 × inf" in report.verdict
    births = [(f.value, f.upstream, f.local) for f in report.of("gradient", "born")]
    assert str(births) == "[(-inf, 1.0, -inf), (nan, 0.0, inf)]"
    x = Value(0.0, "x")
    y = x.sqrt() - x.sqrt()
    equation = r"gave nan to x: \(-inf\) \+ 1.0 × inf = nan"
    with autograd.detect_anomaly(inf=False), pytest.raises(autograd.AnomalyError, match=equation):
        y.backward()


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
