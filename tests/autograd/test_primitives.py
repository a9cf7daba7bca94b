"""Every row of the table against mpmath, its own edges and its NumPy twin."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import math
import pickle
import sys
from decimal import Decimal

import numpy as np
import oracle
import pytest

import autograd
from autograd import Value
from autograd.primitive import CONST, TABLE, Primitive, row

ROWS = list(TABLE.values())
AT_POINTS = [(row, point) for row in ROWS for point in row.points]
AT_EDGES = [(row, *edge) for row in ROWS for edge in row.edges]
EXTREMES = (0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 1000.0, -1000.0, 1e-300, 1e300, -1e300,
            math.inf, -math.inf, math.nan)  # fmt: skip


def name_of(thing: object) -> str:
    return thing.name if isinstance(thing, Primitive) else str(thing)


def test_the_oracle_knows_every_row():
    assert set(oracle.FUNCTIONS) == set(TABLE)


@pytest.mark.parametrize(("row", "point"), AT_POINTS, ids=name_of)
def test_forward_agrees_with_mpmath(row, point):
    assert oracle.same(row(*point), oracle.value(row.name, point), rel=1e-14)


@pytest.mark.parametrize(("row", "point"), AT_POINTS, ids=name_of)
def test_first_derivatives_agree_with_mpmath(row, point):
    operands = [Value(x) for x in point]
    row(*operands).backward()
    for slot, v in enumerate(operands):
        orders = tuple(int(i == slot) for i in range(len(point)))
        expected = 0.0 if row.partials[slot] is None else oracle.derivative(row.name, point, orders)
        assert oracle.same(v.grad, expected), (row.name, slot, v.grad, expected)


@pytest.mark.parametrize(("row", "point"), AT_POINTS, ids=name_of)
def test_second_derivatives_agree_with_mpmath(row, point):
    operands = [Value(x) for x in point]
    firsts = autograd.gradients(row(*operands), operands, create_graph=True)
    for (i, first), j in itertools.product(enumerate(firsts), range(len(point))):
        [second] = autograd.gradients(first, [operands[j]])
        orders = tuple(int(k == i) + int(k == j) for k in range(len(point)))
        flows = row.partials[i] is not None and row.partials[j] is not None
        expected = oracle.derivative(row.name, point, orders) if flows else 0.0
        assert oracle.same(second, expected, rel=1e-10), (row.name, i, j, second, expected)


@pytest.mark.parametrize("row", [row for row in ROWS if row.convention], ids=name_of)
def test_what_is_chosen_at_an_edge_holds_there_only(row):
    """Close to it, on either side, the derivative is that of the function."""
    close = (-0.75, -0.22, 0.31, 0.8)
    for point in itertools.product(close, repeat=row.arity):
        if math.isnan(row(*point)) or len(set(point)) < len(point):  # beyond the domain, a tie
            continue
        operands = [Value(x) for x in point]
        found = autograd.gradients(row(*operands), operands)
        for slot, rule in enumerate(row.partials[: row.arity]):
            orders = tuple(int(i == slot) for i in range(row.arity))
            if rule is not None and not math.isnan(found[slot]):
                assert oracle.same(found[slot], oracle.derivative(row.name, point, orders)), point


@pytest.mark.parametrize(("row", "point", "expected"), AT_EDGES, ids=name_of)
def test_edges_take_the_documented_convention(row, point, expected):
    operands = [Value(x) for x in point]
    row(*operands).backward()
    for v, partial in zip(operands, expected, strict=True):
        assert oracle.same(v.grad, partial), (row.name, point, v.grad, partial)


def test_a_row_with_an_edge_states_its_convention():
    assert [row.name for row in ROWS if row.edges and not row.convention] == []


@pytest.mark.parametrize(
    ("base", "exponent", "expected"),
    [
        (0.0, 0, (1.0, 0.0, 0.0, 0.0)),
        (0.0, 1, (0.0, 1.0, 0.0, 0.0)),
        (0.0, 2, (0.0, 0.0, 2.0, 0.0)),
        (0.0, 3, (0.0, 0.0, 0.0, 6.0)),
        (0.0, 0.5, (0.0, math.inf, -math.inf, math.inf)),
        (0.0, 1.5, (0.0, 0.0, math.inf, -math.inf)),
        (0.0, 2.5, (0.0, 0.0, 0.0, math.inf)),
        (-2.0, 3, (-8.0, 12.0, -12.0, 6.0)),
        (-2.0, -1, (-0.5, -0.25, -0.25, -0.375)),
        (-2.0, 0, (1.0, 0.0, 0.0, 0.0)),
        (-8.0, 1 / 3, (math.nan,) * 4),
        (math.inf, 0, (1.0, 0.0, 0.0, 0.0)),
        (1e-320, 0, (1.0, 0.0, 0.0, 0.0)),
        (1e-160, 1, (1e-160, 1.0, 0.0, 0.0)),
        (1e-200, 2, (0.0, 2e-200, 2.0, 0.0)),
    ],
)
def test_powers_to_third_order(base, exponent, expected):
    x = Value(base)
    y, found = x**exponent, []
    for _ in range(3):
        found.append(y.data)
        [y] = autograd.gradients(y, [x], create_graph=True)
    found.append(y.data)
    assert all(map(oracle.same, found, expected)), (found, expected)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_the_numpy_twin_agrees_everywhere(row):
    grid = np.array(list(itertools.product(EXTREMES, repeat=row.arity))).T
    with np.errstate(all="ignore"):
        twin = np.asarray(row.ufunc(*grid), dtype=float)
    scalar = np.array([row(*map(float, point)) for point in grid.T])
    np.testing.assert_allclose(scalar, twin, rtol=1e-13, atol=0.0)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_floats_never_raise_in_forward_or_backward(row):
    for point in itertools.product(EXTREMES, repeat=row.arity):
        operands = [Value(x) for x in point]
        y = row(*operands)
        y.backward()
        assert type(y.data) is float
        assert all(type(v.grad) is float for v in operands)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "abs", "elu", "softplus", "silu", "gelu"])
def test_nan_passes_through_activations(name):
    assert math.isnan(TABLE[name](math.nan))


@pytest.mark.parametrize("name", ["minimum", "maximum"])
@pytest.mark.parametrize("point", [(math.nan, 1.0), (1.0, math.nan), (math.nan, math.nan)])
def test_nan_passes_through_choices(name, point):
    assert math.isnan(TABLE[name](*point))


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_every_row_is_a_function_of_values_numbers_and_arrays(row):
    function, point = getattr(autograd, row.name), row.points[0]
    assert oracle.same(function(*point), row(*point))
    assert type(function(*point)) in (float, int)
    assert isinstance(function(*map(Value, point)), Value)
    arrays = [np.array([x, x]) for x in point]
    assert function(*arrays).dtype == float
    np.testing.assert_allclose(function(*arrays), [row(*point)] * 2, rtol=1e-14)
    recorded = function(*(autograd.array(x) for x in arrays))
    assert isinstance(recorded, autograd.ValueArray)
    np.testing.assert_array_equal(autograd.data(recorded), [row(*point)] * 2)
    assert function.__doc__.startswith(row.doc)
    assert list(inspect.signature(function).parameters) == list(row.operands)
    assert len(row.operands) == len(row.partials)


@pytest.mark.parametrize("row", [r for r in ROWS if len(r.points[0]) == 1], ids=name_of)
def test_every_unary_row_is_a_method_and_numpy_finds_it(row):
    v = Value(row.points[0][0], name="v")
    y = getattr(v, row.name)()
    assert (y.op, y.parents, y.data) == (row.name, (v,), row(v.data))
    if isinstance(row.ufunc, np.ufunc):
        found = [row.ufunc(v), row.ufunc(autograd.array([v]))[0]]
        if row.name not in ("sign", "floor", "ceil", "trunc"):  # on plain objects not by methods
            found += [row.ufunc(np.array([v]))[0]]
        for z in found:
            assert (z.op, z.parents, z.data) == (row.name, (v,), y.data)


@pytest.mark.parametrize("at", [-1.5, -0.5, 0.5])
@pytest.mark.parametrize("name", ["leaky_relu", "elu"])
def test_an_optional_operand_takes_a_number_or_a_value(name, at):
    x, slope = Value(at), Value(0.3)
    y = TABLE[name](x, slope)
    assert y.parents == (x, slope)
    y.backward()
    for slot, orders in enumerate([(1, 0), (0, 1)]):
        expected = oracle.derivative(name, (at, 0.3), orders)
        assert oracle.same((x, slope)[slot].grad, expected)
    assert getattr(x, name)(0.3).data == y.data
    named = {TABLE[name].operands[1]: 0.3}
    assert getattr(autograd, name)(x, **named).data == getattr(x, name)(**named).data == y.data
    for wrong in ({"wrong": 1.0}, {**named, "wrong": 1.0}):
        with pytest.raises(TypeError, match=r"takes no operand named .*wrong"):
            TABLE[name](x, **wrong)
    with pytest.raises(TypeError, match="takes no operand named"):  # nor in place of the first
        TABLE[name](**named)
    with pytest.raises(TypeError, match="takes no operand named"):
        TABLE[name](x, 0.3, **named)


def test_a_wrong_rule_is_caught():
    """The checker is worth something only if it sees a rule that is off by a thousandth."""
    wrong = dataclasses.replace(
        TABLE["tanh"], name="wrong", partials=(lambda y, x: 1.001 * (1.0 - y * y),)
    )
    v = Value(0.5)
    wrong(v).backward()
    assert not oracle.same(v.grad, oracle.derivative("tanh", (0.5,), (1,)))
    assert "wrong" not in TABLE


def test_a_row_stays_as_it_was_declared():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TABLE["tanh"].doc = "another"


def test_a_constant_is_no_operation():
    assert CONST not in TABLE.values()
    assert not CONST.is_comparison
    with pytest.raises(TypeError, match="not computed"):
        CONST()


def test_names_are_unique():
    with pytest.raises(ValueError, match="already"):
        row("tanh", math.tanh, (None,), np.tanh, doc="another", points=())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: autograd.tanh("x"), "real number, got str 'x'"),
        (lambda: autograd.add(1.0), "add takes 2 operands, got 1"),
        (lambda: autograd.tanh(1.0, 2.0), "tanh takes 1 operand, got 2"),
        (lambda: autograd.elu(1.0, 2.0, 3.0), "elu takes 1 to 2 operands, got 3"),
        (lambda: autograd.exp(None), "got NoneType None"),
        (lambda: autograd.exp(1j), "no complex arithmetic"),
    ],
)
def test_bad_operands(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_rows_print_pickle_and_format(row):
    assert pickle.loads(pickle.dumps(row)) is row
    assert repr(row) == f"<primitive {row.name}>"
    operands = "abc"[: row.arity]
    for text in (row.text, row.latex):
        assert all(x in text.format(*operands) for x in operands)


@pytest.mark.parametrize(
    ("name", "symbol", "text", "latex", "formula"),
    [
        ("tanh", "tanh", "tanh(a)", r"\operatorname{tanh}\left(a\right)", "tanh(a)"),
        ("sigmoid", "σ", "sigmoid(a)", r"\sigma\left(a\right)", "σ(a)"),
        ("mul", "×", "a * b", r"a \cdot b", "a·b"),
        ("mod", "mod", "a % b", r"\operatorname{mod}\left(a, b\right)", "mod(a, b)"),
        ("abs", "|·|", "|a|", r"\left|a\right|", "|a|"),
        ("elu", "elu", "elu(a)", r"\operatorname{elu}\left(a\right)", "elu(a)"),
    ],
)
def test_what_a_row_does_not_say_follows_from_its_name(name, symbol, text, latex, formula):
    row, operands = TABLE[name], "ab"[: TABLE[name].arity]
    assert row.symbol == symbol
    assert [row.written(operands, style) for style in ("text", "latex", "formula")] == [
        text, latex, formula]  # fmt: skip


def test_an_optional_operand_is_written_when_it_is_given():
    row = TABLE["elu"]
    assert row.written("ab") == row.written("ab", "formula") == "elu(a, b)"
    assert row.written("ab", "latex") == r"\operatorname{elu}\left(a, b\right)"
    assert row.computed([-1.5, -0.5]) == "elu(-1.5, -0.5)"
    assert TABLE["mul"].computed([-1.5, -0.5]) == "(-1.5) * (-0.5)"
    assert TABLE["abs"].computed([-1.5]) == "|-1.5|"
    assert TABLE["log"].computed([-1.5]) == "log(-1.5)"


def test_builtins_keep_their_meaning():
    assert autograd.abs(-3) == 3
    assert autograd.abs(3 + 4j) == 5.0
    assert autograd.pow(2, 100) == 2**100
    assert autograd.pow(7, 2, 5) == 4
    assert autograd.pow(2, -1) == 0.5
    assert autograd.pow(base=2, exp=3, mod=5) == 3
    assert autograd.pow(Decimal(2), 2) == 4
    assert autograd.abs(Decimal(-1)) == 1
    assert autograd.pow(2.0, -1) == autograd.pow(np.float64(2), -1) == 0.5
    assert autograd.sum([[1], [2]], []) == [1, 2]
    assert autograd.sum([]) == 0
    assert autograd.sum(range(4)) == 6
    assert autograd.pow(0, -1) == math.inf
    namespace: dict[str, object] = {}
    exec("from autograd import *", namespace)
    assert not {"abs", "pow", "sum", "min", "max"} & set(namespace)
    assert namespace["tanh"] is autograd.tanh


def test_a_star_import_brings_all_that_is_promised():
    assert all(hasattr(autograd, name) for name in autograd.__all__)
    assert len(set(autograd.__all__)) == len(autograd.__all__)


def test_no_module_bears_the_name_of_a_public_function():
    modules = {name.split(".")[1] for name in sys.modules if name.startswith("autograd.")}
    assert [n for n in modules if not inspect.ismodule(getattr(autograd, n))] == []
