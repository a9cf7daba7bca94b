"""Kinks, ties, edges and poles of every row of the table, and none at smooth points."""

from __future__ import annotations

import math
import time
from typing import Any

import mpmath
import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import StaleGraphError, Value
from autograd.diagnosis.kink_report import kinks
from autograd.primitive import TABLE, Primitive

ROWS = list(TABLE.values())
AT_POINTS = [(row, point) for row in ROWS for point in row.points]
AT_EDGES = [(row, point) for row in ROWS for point, _ in row.edges]
# Edges of the table that are smooth, or whose operand cannot be moved: (name, point, slot).
SMOOTH_EDGES = {
    ("div", (1.0, 0.0), 0),  # infinite for every numerator: no derivative jumps
    ("pow", (0.0, 0.0), 0),  # x**0 is 1 everywhere
    ("pow", (0.0, 0.5), 1),  # 0**z is 0 for every z > 0
    ("pow", (0.0, 1.0), 0),
    ("pow", (0.0, 1.0), 1),
    ("pow", (0.0, 2.0), 0),
    ("pow", (0.0, 2.0), 1),
    ("pow", (-2.0, 3.0), 0),
    ("pow", (-8.0, 0.0), 0),
    ("pow", (5e-324, 0.0), 0),  # listed for its rounding
    ("pow", (5e-324, 0.0), 1),
    ("heaviside", (0.0, 0.5), 1),
    ("elu", (0.0,), 0),  # alpha is 1
    ("elu", (0.0, 2.0), 1),
}


SLOPE = mpmath.mpf(0.01)
EXACT: dict[str, Any] = {
    "heaviside": lambda x, h: h if x == 0 else mpmath.mpf(x > 0),
    "abs": abs,
    "relu": lambda x: max(x, 0),
    "leaky_relu": lambda x, slope=SLOPE: x if x > 0 else slope * x,
    "elu": lambda x, alpha=1: x if x > 0 else alpha * mpmath.expm1(x),
    "maximum": max,
    "minimum": min,
    "sqrt": mpmath.sqrt,
    "arcsin": mpmath.asin,
    "arccos": mpmath.acos,
    "pow": mpmath.power,
    "log": mpmath.log,
    "log1p": lambda x: mpmath.log(1 + x),
    "log2": lambda x: mpmath.log(x, 2),
    "log10": mpmath.log10,
}


def name_of(thing: object) -> str:
    return thing.name if isinstance(thing, Primitive) else str(thing)


def found_at(row: Primitive, point: tuple[float, ...]) -> list[Any]:
    return list(kinks(row(*map(Value, point))))


def slots_of(row: Primitive, point: tuple[float, ...]) -> list[int]:
    return [i for i in range(len(point)) if row.partials[i] is not None]


@pytest.mark.parametrize(("row", "point"), AT_POINTS, ids=name_of)
def test_the_points_of_a_row_are_smooth_but_for_comparisons_of_equals(row, point):
    found = found_at(row, point)
    if row.is_comparison and point[0] == point[1]:
        assert [(k.kind, k.slot) for k in found] == [("tie", 0), ("tie", 1)]
    else:
        assert found == []


def is_vertical(row: Primitive, point: tuple[float, ...], slot: int) -> bool:
    """True if the tangent is as infinite here as on both sides, as for a cube root."""
    slopes = []
    for to in (-math.inf, point[slot], math.inf):
        operands = list(point)
        operands[slot] = math.nextafter(point[slot], to)
        y = row(*operands)
        slopes.append(float(row.partials[slot](y, *operands)) if math.isfinite(y) else math.nan)
    return math.isinf(slopes[1]) and slopes[0] == slopes[2]


@pytest.mark.parametrize(("row", "point"), AT_EDGES, ids=name_of)
def test_every_edge_of_a_row_is_found_or_smooth(row, point):
    found = {k.slot for k in found_at(row, point)}
    for slot in slots_of(row, point):
        excepted = (row.name, point, slot) in SMOOTH_EDGES or is_vertical(row, point, slot)
        is_beyond = math.isnan(row(*point))  # the domain
        assert (slot in found) != (excepted or is_beyond or not math.isfinite(point[slot]))


def quotient(name: str, point: tuple[float, ...], slot: int, h: Any) -> Any:
    """A one-sided difference quotient in many digits; None if there is no real number."""
    with mpmath.workdps(120):
        here = [mpmath.mpf(x) for x in point]
        moved = [x + h if i == slot else x for i, x in enumerate(here)]
        try:
            change = EXACT[name](*moved) - EXACT[name](*here)
        except (ZeroDivisionError, ValueError):
            return None
        return None if isinstance(change, mpmath.mpc) and change.imag else mpmath.re(change) / h


@pytest.mark.parametrize(("name", "point", "slot"), sorted(SMOOTH_EDGES), ids=str)
def test_a_smooth_edge_has_the_same_derivative_on_both_sides(name, point, slot):
    if (name, slot) == ("div", 0):
        assert all(TABLE[name](x, 0.0) == math.inf for x in (0.5, 1.0, 2.0))
        return
    h = mpmath.mpf(10) ** -20 * (point[slot] or 1)
    h = min(h, mpmath.mpf(5e-324) / 8) if point[slot] == 5e-324 else abs(h)
    left, right = quotient(name, point, slot, -h), quotient(name, point, slot, h)
    assert mpmath.almosteq(left, right, 1e-15, 1e-15)


@pytest.mark.parametrize(
    ("name", "point", "slot", "kind"),
    [
        ("abs", (0.0,), 0, "kink"),
        ("relu", (0.0,), 0, "kink"),
        ("relu", (-0.0,), 0, "kink"),
        ("leaky_relu", (0.0,), 0, "kink"),
        ("leaky_relu", (0.0, 0.0), 0, "kink"),
        ("leaky_relu", (0.0, 3.0), 0, "kink"),
        ("elu", (0.0, 2.0), 0, "kink"),
        ("elu", (0.0, 0.0), 0, "kink"),
        ("maximum", (1.0, 1.0), 0, "tie"),
        ("maximum", (-0.0, 0.0), 1, "tie"),
        ("minimum", (1e10, 1e10), 1, "tie"),
        ("maximum", (5e-324, 5e-324), 0, "tie"),
        ("sqrt", (0.0,), 0, "edge"),
        ("arcsin", (1.0,), 0, "edge"),
        ("arcsin", (-1.0,), 0, "edge"),
        ("arccos", (1.0,), 0, "edge"),
        ("arccos", (-1.0,), 0, "edge"),
        ("pow", (0.0, 0.5), 0, "edge"),
        ("pow", (0.0, 0.9999), 0, "edge"),
        ("log", (0.0,), 0, "pole"),
        ("log1p", (-1.0,), 0, "pole"),
        ("log2", (0.0,), 0, "pole"),
        ("log10", (0.0,), 0, "pole"),
    ],
)
def test_one_sided_derivatives_agree_with_difference_quotients(name, point, slot, kind):
    k = next(k for k in found_at(TABLE[name], point) if k.slot == slot)
    assert k.kind == kind
    for side, found in ((-1, k.left), (1, k.right)):
        near = quotient(name, point, slot, side * mpmath.mpf("1e-100"))
        far = quotient(name, point, slot, side * mpmath.mpf("1e-50"))
        if math.isnan(found):
            assert near is None
        elif math.isinf(found) and kind != "pole":
            assert abs(near) > 1.001 * abs(far)
            assert mpmath.sign(near) == math.copysign(1, found)
        elif kind != "pole":
            assert mpmath.almosteq(near, found, 1e-12, 1e-12)
        else:
            assert found == math.inf


@pytest.mark.parametrize(
    ("name", "point", "slot", "kind", "left", "right"),
    [
        ("div", (1.0, 0.0), 1, "pole", -math.inf, -math.inf),
        ("div", (1e300, 0.0), 1, "pole", -math.inf, -math.inf),
        ("pow", (0.0, -1.0), 0, "pole", -math.inf, -math.inf),
        ("pow", (0.0, -2.0), 0, "pole", math.inf, -math.inf),
        ("pow", (0.0, -100.0), 0, "pole", math.inf, -math.inf),
        ("pow", (0.0, 0.0), 1, "jump", math.nan, 0.0),
        ("pow", (-2.0, 3.0), 1, "edge", math.nan, math.nan),
        ("pow", (0.0, 1.5), 0, "edge", math.nan, 0.0),
        ("arctan2", (0.0, -1.0), 0, "jump", -1.0, -1.0),
        ("arctan2", (0.0, 0.0), 0, "jump", 0.0, 0.0),
        ("div", (0.0, 0.0), 1, "edge", 0.0, 0.0),
    ],
)
def test_poles_jumps_and_isolated_points(name, point, slot, kind, left, right):
    k = next(k for k in found_at(TABLE[name], point) if k.slot == slot)
    assert k.kind == kind
    assert str((k.left, k.right)) == str((left, right))


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("sqrt", (1e-300,)), ("sqrt", (5e-324,)), ("log", (5e-324,)), ("log", (1e-310,)),
        ("log", (-1.0,)), ("relu", (5e-324,)), ("relu", (-5e-324,)), ("abs", (5e-324,)),
        ("arcsin", (1 - 2**-53,)), ("arcsin", (1 + 2**-52,)), ("arccos", (-1 + 2**-53,)),
        ("tanh", (18.5,)), ("tanh", (19.0616,)), ("sigmoid", (36.8,)), ("sigmoid", (-744.0,)),
        ("div", (1.0, 5e-324)), ("pow", (10.0, 400.0)), ("maximum", (1.0, 1 + 2**-52)),
        ("maximum", (0.0, 1e-200)), ("maximum", (0.0, 5e-324)), ("lt", (1.0, 1 + 2**-52)),
        ("maximum", (1e300, -1e300)), ("elu", (0.0, 1.0)), ("leaky_relu", (0.0, 1.0)),
        ("pow", (1e154, 2.0)), ("arctan2", (1e-300, -1.0)), ("log1p", (-1 + 2**-53,)),
        ("maximum", (math.inf, math.inf)), ("relu", (math.nan,)),
    ],
)  # fmt: skip
def test_steep_large_and_saturated_is_no_kink(name, point):
    assert found_at(TABLE[name], point) == []


def test_arcsin_close_to_one_and_tanh_near_saturation_are_smooth():
    for k in range(1, 400):
        assert not kinks(Value(1 - k * 2**-53).arcsin())
        assert not kinks(Value(17 + k / 100).tanh())
        assert not kinks(Value(34 + k / 100).sigmoid())


anything = st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: abs(x) > 1e-300)
KINKED_ANYWHERE = {"pow", "floor", "ceil", "rint", "trunc", "mod", "floor_divide"}  # whole numbers


@settings(max_examples=examples(1500))
@given(st.sampled_from([r for r in ROWS if r.name not in KINKED_ANYWHERE]), anything, st.data())
def test_a_random_point_is_no_kink(row, x, data):
    others = data.draw(st.lists(anything.filter(lambda z: z != x), min_size=2, max_size=2))
    point = (x, *others)[: row.arity]
    swings = row.name == "sinc" and abs(x) > 2.0**52  # between two floats: as good as jumps
    if len(set(point)) == len(point) and abs(x) != 1.0 and not swings:
        assert found_at(row, point) == []


SMOOTH = ["tanh", "sin", "exp", "sigmoid", "softplus", "arctan", "erf", "gelu", "silu", "neg"]


@settings(max_examples=examples(200))
@given(
    st.lists(st.floats(-2, 2), min_size=1, max_size=4),
    st.lists(
        st.tuples(st.sampled_from([*SMOOTH, "add", "mul"]), *[st.integers(0, 99)] * 2), max_size=20
    ),
)
def test_smooth_graphs_have_no_kinks(points, program):
    nodes = [Value(x) for x in points]
    for name, i, j in program:
        operands = [nodes[i % len(nodes)], nodes[j % len(nodes)]][: TABLE[name].arity]
        nodes.append(autograd.tanh(TABLE[name](*operands)))
    y = autograd.sum(nodes) ** 2 / 3 + autograd.sqrt(nodes[-1] ** 2 + 1)
    assert not kinks(y)


def test_constants_are_not_moved():
    x = Value(0.0)
    assert [k.slot for k in kinks(autograd.maximum(x, 0.0))] == [0]
    assert not kinks(x**2)
    assert not kinks(autograd.lt(0.0, x * 0 + 1).detach() + x)
    assert not kinks(autograd.where(autograd.eq(autograd.gt(x, 1.0), 0.0), x, 0.0))


def test_a_node_in_two_slots_moves_in_both():
    x = Value(1.0)
    assert not kinks(autograd.maximum(x, x))
    assert not kinks(autograd.eq(x, x))
    zero = Value(0.0)
    [k] = kinks(zero**zero)
    assert (k.kind, k.taken, k.right) == ("edge", 0.0, -math.inf)


def test_a_second_derivative_has_the_kinks_of_the_first_only():
    x = Value(0.5)
    [slope] = autograd.gradients(x.relu() ** 3 + abs(x), [x], create_graph=True)
    assert not kinks(slope)


def test_a_kink_is_reported_with_both_derivatives():
    x, w = Value(0.0, "x"), Value(2.0, "w")
    h = x.relu()
    found = kinks(w * h)
    [k] = found
    assert (k.node, k.slot, k.kind) == (h, 0, "kink")
    assert (k.left, k.taken, k.right, k.cotangent, k.mattered) == (0.0, 0.0, 1.0, 2.0, True)
    assert k.convention == TABLE["relu"].convention
    assert list(found) == [k] == [found[0]]
    assert bool(found)
    assert found[:1] == (k,)
    assert repr(found) == "<Kinks: 1 in 4 nodes>"
    assert x.has_grad is False


def test_a_kink_that_made_no_difference_says_so():
    x = Value(0.0, "x")
    found = kinks(abs(x) * 0.0 + x)
    assert found[0].mattered is False
    assert "is 0.0: it made no difference to any gradient" in str(found)


def test_the_report_names_the_line_and_fits_a_page():
    with autograd.record(), autograd.scope("gate"):
        x, z = Value(0.0, "x" * 60), Value(0.0, "z" * 60)
        chosen = autograd.where(autograd.gt(x, z), x, z) + autograd.arctan2(x, z - 1)
        y = autograd.sum([autograd.maximum(x, z) for _ in range(30)]) + chosen
    text = str(kinks(y))
    assert "test_kinks.py:" in text
    assert "in gate" in text
    assert "… and 12 more nodes" in text
    assert max(map(len, text.splitlines())) <= 80
    assert str(kinks(y)) == text


def test_no_kinks():
    x = Value(2.0)
    assert str(kinks(x.relu() + 1)) == "no node of the 4 sat at a kink, a tie or an edge"
    assert not kinks(Value(0.0))
    with autograd.no_grad():
        assert not kinks(Value(0.0).relu())


def test_errors():
    with pytest.raises(TypeError, match=r"kinks\(\) takes a Value, got list"):
        kinks([Value(0.0)])
    x = Value(0.0)
    y = x.relu()
    x.data = 1.0
    with pytest.raises(StaleGraphError):
        kinks(y)


@pytest.mark.slow
def test_twenty_thousand_nodes_take_no_time():
    y = Value(0.0)
    for _ in range(10_000):
        y = (y - 0.0).relu()
    started = time.process_time()
    assert len(kinks(y)) == 10_000
    assert time.process_time() - started < 5
