"""`Value`: what it takes, what it shows, what it refuses."""

from __future__ import annotations

import inspect
import math
import operator
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd import Value


@pytest.mark.parametrize(
    ("given", "data"),
    [
        (True, 1.0), (3, 3.0), (2.5, 2.5), (Fraction(1, 4), 0.25), (np.float32(0.5), 0.5),
        (np.int64(7), 7.0), (np.bool_(True), 1.0), (np.array(1.5), 1.5), (10**400, math.inf),
        (-(10**400), -math.inf), (np.float64(2.0), 2.0), (np.longdouble(1.5), 1.5),
    ],
)  # fmt: skip
def test_takes_real_numbers(given, data):
    v = Value(given)
    assert v.data == data
    assert type(v.data) is float


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("3", r"got str '3'; convert it with float"),
        (1j, "no complex arithmetic"),
        (None, "got NoneType None"),
        (np.ones(3), r"array of shape \(3,\); autograd.array"),
        ([1.0], "autograd.array"),
        (Decimal("1.5"), "got Decimal"),
        (np.complex128(1j), "complex"),
        (np.array("3"), "got str '3'"),
        (object(), "got object"),
    ],
)
def test_refuses_the_rest(given, message):
    with pytest.raises(TypeError, match=message):
        Value(given)


def test_a_value_of_a_value_names_detach():
    with pytest.raises(TypeError, match=r"\.detach\(\)"):
        Value(Value(1.0))


def test_assignment_checks_and_converts():
    v = Value(1.0)
    v.data = 3
    v.grad = 2
    assert (v.data, v.grad) == (3.0, 2.0)
    assert type(v.data) is type(v.grad) is float
    with pytest.raises(TypeError, match="got str"):
        v.data = "3"
    with pytest.raises(TypeError, match="got str"):
        v.grad = "3"
    with pytest.raises(TypeError, match="a name is a string or None, got int 5"):
        v.name = 5
    with pytest.raises(TypeError, match="a name"):
        Value(1.0, name=3)
    assert (v.data, v.grad, v.name) == (3.0, 2.0, None)


def test_grad_is_zero_but_unset_at_first():
    v = Value(1.0)
    assert v.grad == 0.0
    assert not v.has_grad
    v.grad = 0.0
    assert v.has_grad
    v.grad = None
    assert not v.has_grad


def test_operations_are_named_and_know_their_operands():
    x, z = Value(2.0, "x"), Value(3.0)
    y = x * z
    assert (y.op, y.parents, x.op, x.parents) == ("mul", (x, z), None, ())
    assert (x * x).parents == (x, x)


def test_numbers_become_constants_and_nothing_is_elided():
    x = Value(2.0)
    for y in (x + 0, 0 + x, x * 1, 1 * x, x**1, x - 0, x / 1):
        constant = next(p for p in y.parents if p is not x)
        assert (constant.op, constant.parents, constant.name) == ("const", (), None)
        assert y.data == 2.0
    y = 0 + x
    assert y.op == "add"
    assert y.parents[1] is x


@pytest.mark.parametrize(
    ("compute", "data", "op"),
    [
        (lambda x: x + 3, 5.0, "add"), (lambda x: 3 + x, 5.0, "add"),
        (lambda x: x - 3, -1.0, "sub"), (lambda x: 3 - x, 1.0, "sub"),
        (lambda x: x * 3, 6.0, "mul"), (lambda x: 3 * x, 6.0, "mul"),
        (lambda x: x / 4, 0.5, "div"), (lambda x: 3 / x, 1.5, "div"),
        (lambda x: x**3, 8.0, "pow"), (lambda x: 3**x, 9.0, "pow"),
        (lambda x: -x, -2.0, "neg"), (lambda x: abs(-x), 2.0, "abs"),
        (lambda x: Fraction(1, 2) * x, 1.0, "mul"), (lambda x: True + x, 3.0, "add"),
        (lambda x: np.float64(3) - x, 1.0, "sub"), (lambda x: np.int64(3) ** x, 9.0, "pow"),
        (lambda x: np.array(3.0) * x, 6.0, "mul"), (lambda x: x * np.array(3.0), 6.0, "mul"),
    ],
)  # fmt: skip
def test_operators(compute, data, op):
    y = compute(Value(2.0))
    assert isinstance(y, Value)
    assert (y.data, y.op) == (data, op)
    assert type(y.data) is float


def test_unary_plus_is_the_same_node():
    x = Value(2.0)
    assert +x is x


def test_ieee_not_python_exceptions():
    zero, x = Value(0.0), Value(-8.0)
    assert (1 / zero).data == math.inf
    assert (-1 / zero).data == -math.inf
    assert math.isnan((zero / zero).data)
    assert math.isnan((x ** (1 / 3)).data)
    assert (zero**-1).data == math.inf
    assert (Value(1e308) * 10).data == math.inf
    assert (Value(1e308) ** 2).data == math.inf
    assert Value(1000.0).exp().data == math.inf
    assert Value(0.0).log().data == -math.inf
    assert math.isnan(Value(-1.0).log().data)
    assert (Value(1.0) * 10**400).data == math.inf


def test_comparisons_look_at_the_data():
    x, z, nan = Value(1.0), Value(2.0), Value(math.nan)
    assert x < z
    assert x <= 1
    assert z > 1.5
    assert 3 >= z
    assert np.float64(3) > z
    assert [nan < x, nan > x, nan <= x, nan >= x, x < nan] == [False] * 5
    assert max(x, z) is z
    assert sorted([z, x]) == [x, z]
    assert type(x < z) is bool


def test_equality_is_identity():
    x = Value(1.0)
    assert x == x
    assert x != Value(1.0)
    with pytest.raises(TypeError, match=r"v\.data == 1\.0, or write autograd\.eq\(v, 1\.0\)"):
        assert x != 1.0
    assert len({x, x, Value(1.0)}) == 2


@pytest.mark.parametrize("other", ["a", None, [1], 1j, {}, b"1", (1,)])
@pytest.mark.parametrize(
    "operate", [lambda v, o: v < o, lambda v, o: v + o, lambda v, o: v**o, lambda v, o: o - v]
)
def test_what_is_no_operand_is_refused_by_name(other, operate):
    with pytest.raises(TypeError, match=r"Value\(data=2\.0, name='x'\).*got \w+"):
        operate(Value(2.0, "x"), other)


def test_a_foreign_class_may_answer_for_itself():
    class Money:
        def __radd__(self, other):
            return "money"

    assert Value(1.0) + Money() == "money"
    with pytest.raises(TypeError, match="unsupported operand"):
        Value(1.0) - Money()


@pytest.mark.parametrize("convert", [float, int, complex, math.exp, math.floor, math.sqrt])
def test_conversions_that_would_lose_the_gradient_fail_loudly(convert):
    with pytest.raises(TypeError, match=r"v\.data"):
        convert(Value(2.0, "x"))


def test_a_value_is_no_truth_value():
    with pytest.raises(TypeError, match=r"name='x'.*v\.data.*autograd\.where"):
        bool(Value(0.0, "x"))
    with pytest.raises(TypeError):
        _ = Value(1.0) and 3


@pytest.mark.parametrize(
    ("habit", "here"),
    [("label", "name"), ("_prev", "parents"), ("_op", "op"), ("_children", "parents")],
)
def test_habits_from_lectures_are_named(habit, here):
    v = Value(1.0)
    with pytest.raises(AttributeError, match=f"'{habit}'.*{here}"):
        getattr(v, habit)
    with pytest.raises(AttributeError, match=f"'{habit}'.*{here}"):
        setattr(v, habit, "x")
    assert not hasattr(v, habit)


PUBLIC = [
    name for name, f in vars(autograd).items()
    if inspect.isfunction(f) and name[0] != "_" and "ipython" not in name
]  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("owner", [Value(1.0), autograd.array([1.0, 2.0])], ids=["Value", "array"])
def test_a_function_that_is_no_method_says_how_it_is_called(owner, name):
    if not hasattr(owner, name):
        with pytest.raises(
            AttributeError, match=rf"has no '{name}': here it is autograd\.{name}\("
        ):
            getattr(owner, name)


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (
            lambda v, W: v.softmax,
            r"Value has no 'softmax': here it is autograd\.softmax\(\[v, …\]\)",
        ),
        (lambda v, W: v.where, r"autograd\.where\(c, v, z\)"),
        (lambda v, W: v.numpy(), r"here it is v\.data"),
        (lambda v, W: v.zero_(), r"autograd\.zero_grad\(v\)"),
        (lambda v, W: v.T, r"here it is v$"),
        (lambda v, W: v.requires_grad, "always true, but for constants"),
        (
            lambda v, W: W.sigmoid(),
            r"ValueArray has no 'sigmoid': here it is autograd\.sigmoid\(W\)",
        ),
        (lambda v, W: W.softmax(dim=1), r"autograd\.softmax\(W\)"),
        (lambda v, W: W.numpy(), r"W\.data"),
    ],
)
def test_attributes_of_others_say_what_to_write(read, said):
    assert nn.mse  # whose module says where the losses are
    with pytest.raises(AttributeError, match=said) as error:
        read(Value(1.0), autograd.array([1.0, 2.0]))
    assert error.value.name is None  # or Python would add a hint: for `sum`, did you mean `sub`


y = Value(2.0, "x") * 3.0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: Value(2.0, label="a"),
            r"Value\(\) takes no argument 'label'; did you mean 'name'\?",
        ),
        (lambda: Value(2.0, nam="a"), "did you mean 'name'"),
        (lambda: Value(2.0, requires_grad=True), "leave it out: all but constants take gradients"),
        (lambda: Value(2.0, (), "+"), "takes no operands and no operation"),
        (lambda: Value(2.0, ()), "takes no operands and no operation"),
        (lambda: Value(2.0, "a", "+"), "takes no operands and no operation"),
        (lambda: autograd.array([1.0], requires_grad=True), r"array\(\) takes no .* leave it out"),
        (lambda: autograd.array([1.0], dtype=float), "leave it out: a Value is a float"),
        (lambda: autograd.softmax([1.0], dim=0), r"softmax\(\) .*'dim'; did you mean 'axis'"),
        (lambda: autograd.sum([1.0], dim=0), "did you mean 'axis'"),
        (lambda: autograd.mean([1.0], keepdims=True), "there are values, axis$"),
        (lambda: autograd.explain(y, y, paths=3), "did you mean 'max_paths'"),
        (lambda: autograd.gradients(y, [y], retain_graph=True), "leave it out: a graph can be run"),
        (lambda: autograd.compile(len, inputs_gradient=True), "did you mean 'input_gradients'"),
        (lambda: viz.draw(y, foo=1), r"draw\(\) takes no argument 'foo'; there are value, around"),
        (lambda: viz.draw(y, rankdir="TB"), "did you mean 'direction'"),
        (lambda: viz.player(y, maxnodes=1), r"player\(\) .*did you mean 'max_nodes'"),
        (lambda: viz.diff(y, y, tol=1), r"diff\(\) .*did you mean 'rtol'"),
    ],
)
def test_keywords_that_are_misspelt_or_of_others(call, said):
    with pytest.raises(TypeError, match=said):
        call()


def test_one_value_is_wanted_and_arrays_are_told_how_to_give_it():
    x = Value(2.0)
    assert len(autograd.kinks(autograd.array([x.relu()]))) == 0  # the only one of its array
    for given, said in [([x], r"list \[.*\]$"), (3.0, "float 3.0$")]:
        with pytest.raises(TypeError, match=rf"kinks\(\) takes a Value, got {said}"):
            autograd.kinks(given)
    with pytest.raises(TypeError, match=r"; say which element of the array$"):
        autograd.kinks(autograd.array([1.0, 2.0]))


def test_unknown_attributes_are_refused():
    with pytest.raises(AttributeError):
        Value(1.0).nmae = "x"


def test_repr_leaves_out_what_is_unset():
    x = Value(2.0, "x")
    y = x * 3
    assert repr(x) == "Value(data=2.0, name='x')"
    assert repr(y) == "Value(data=6.0, op='mul')"
    y.name = "y"
    y.backward()
    assert repr(y) == "Value(data=6.0, grad=1.0, op='mul', name='y')"
    assert str(y) == repr(y)
    assert repr(Value(math.nan)) == "Value(data=nan)"


def test_formatting():
    v = Value(2.34567)
    assert f"{v:.3f}" == "2.346"
    assert f"{v:>8.1e}" == " 2.3e+00"
    assert f"{v}" == repr(v)
    assert round(v, 2) == 2.35
    assert round(v) == 2
    assert v.item() == 2.34567


@pytest.mark.parametrize("row", [operator.add, operator.sub, operator.mul, operator.truediv,
                                 operator.pow, operator.mod, operator.floordiv])  # fmt: skip
def test_operands_stand_in_the_order_in_which_they_are_written(row):
    v = Value(3.0)
    assert [p.data for p in row(2.0, v).parents] == [2.0, 3.0]
    assert [p.data for p in row(v, 2.0).parents] == [3.0, 2.0]
