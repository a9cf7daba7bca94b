"""`compile(f, parameters=…)`: the order of a flat gradient is the user's, whatever f does first."""

from __future__ import annotations

import pickle
from functools import partial
from itertools import pairwise

import array_api_strict
import numpy as np
import pytest
from beside_eager import assert_same
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

import autograd
import nn
from autograd import RecompilationWarning, Value
from autograd.compiler.running.array_api import run_standard

# Functions that optimisers are tried on (Moré, Garbow and Hillstrom, 1981; Jamil and Yang, 2013),
# of a namespace and the variables; below with a start, and the minimum that it leads to.


def rosenbrock(m, x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def rosenbrock_chain(m, *x):
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def beale(m, x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def booth(m, x, y):
    return (2 * y + x - 7) ** 2 + (y + 2 * x - 5) ** 2


def himmelblau(m, x, y):
    return (y + x**2 - 11) ** 2 + (x + y**2 - 7) ** 2


def matyas(m, x, y):
    return 0.26 * (y**2 + x**2) - 0.48 * y * x


def powell(m, a, b, c, d):
    return (10 * b + a) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4


def goldstein_price(m, x, y):
    left = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    right = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    return (1 + (y + x + 1) ** 2 * left) * (30 + (2 * x - 3 * y) ** 2 * right)


def colville(m, a, b, c, d):
    return (
        10.1 * ((d - 1) ** 2 + (b - 1) ** 2) + 19.8 * (d - 1) * (b - 1) + 90 * (c**2 - d) ** 2
        + 100 * (a**2 - b) ** 2 + (c - 1) ** 2 + (a - 1) ** 2
    )  # fmt: skip


def three_hump_camel(m, x, y):
    return y**2 + y * x + 2 * x**2 - 1.05 * x**4 + x**6 / 6


def six_hump_camel(m, x, y):
    return (4 * y**2 - 4) * y**2 + y * x + (4 - 2.1 * x**2 + x**4 / 3) * x**2


def easom(m, x, y):
    return -m.cos(y) * m.cos(x) * m.exp(-((y - np.pi) ** 2) - (x - np.pi) ** 2)


def mccormick(m, x, y):
    return 2.5 * y + m.sin(y + x) + (x - y) ** 2 - 1.5 * x + 1


def branin(m, x, y):
    inner = y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6
    return inner**2 + 10 * (1 - 1 / (8 * np.pi)) * m.cos(x) + 10


def freudenstein_roth(m, x, y):
    return (((5 - y) * y - 2) * y - 13 + x) ** 2 + (((y + 1) * y - 14) * y - 29 + x) ** 2


def brown(m, x, y):
    return (y - 2) ** 2 + (x - 3) ** 2 + (x * y - 6) ** 2


def zakharov(m, *x):
    weighted = sum(0.5 * i * v for i, v in reversed(list(enumerate(x, 1))))
    return sum(v**2 for v in x) + weighted**2 + weighted**4


def trid(m, *x):
    return sum((v - 1) ** 2 for v in x[::-1]) - sum(a * b for a, b in pairwise(x))


def styblinski_tang(m, *x):
    return sum(v**4 - 16 * v**2 + 5 * v for v in x[::-1]) / 2


def dixon_price(m, a, b):
    return 2 * (2 * b**2 - a) ** 2 + (a - 1) ** 2


FUNCTIONS = [
    (rosenbrock, [-1.2, 1.0], [1, 1]),
    (rosenbrock_chain, [-1.2, 1.0, 0.7, 1.3, 0.9], [1] * 5),
    (beale, [1.0, 0.8], [3, 0.5]),
    (booth, [-3.0, 4.0], [1, 3]),
    (himmelblau, [4.0, 1.0], [3, 2]),
    (matyas, [3.0, -8.0], [0, 0]),
    (powell, [3.0, -1.0, 0.0, 1.0], [0] * 4),
    (goldstein_price, [0.3, -0.8], [0, -1]),
    (colville, [0.8, 1.1, 1.2, 0.9], [1] * 4),
    (three_hump_camel, [0.4, -0.6], [0, 0]),
    (six_hump_camel, [0.2, -0.6], [0.08984201, -0.71265640]),
    (easom, [3.0, 3.5], [np.pi, np.pi]),
    (mccormick, [0.0, -1.0], [0.5 - np.pi / 3, -0.5 - np.pi / 3]),
    (branin, [3.0, 2.0], [np.pi, 2.275]),
    (freudenstein_roth, [5.5, 3.5], [5, 4]),
    (brown, [1.0, 4.0], [3, 2]),
    (zakharov, [0.5, -1.0, 2.0], [0] * 3),
    (trid, [1.0, 2.0, 0.0, 1.0], [4, 6, 6, 4]),
    (styblinski_tang, [-3.0, -2.0, -2.5], [-2.90353403] * 3),
    (dixon_price, [0.8, 0.6], [1, 2**-0.5]),
]


def complex_step(f, x):
    """The gradient as Squire and Trapp (1998) compute it: no difference, so nothing cancels."""
    return [f(np, *(np.array(x) + 1e-30j * np.eye(len(x))[i])).imag / 1e-30 for i in range(len(x))]


@pytest.mark.parametrize(
    ("f", "start", "minimum"), FUNCTIONS, ids=lambda x: getattr(x, "__name__", "")
)
def test_a_function_is_minimised_in_the_users_order(f, start, minimum):
    x = autograd.array(start, name="x")
    c = autograd.compile(lambda: f(autograd, *x), parameters=x)
    assert c.parameters == x.tolist()
    for point in (start, np.random.default_rng(0).normal(size=len(start))):
        value, gradient = c.value_and_grad(theta=point)
        assert_same(value, f(np, *point))
        assert_same(gradient, complex_step(f, point))
        autograd.assign(x, point)
        assert_same(gradient, autograd.gradients(f(autograd, *x), x.tolist()))
    result = minimize(lambda t: c.value_and_grad(theta=t), start, jac=True, options={"gtol": 1e-9})
    assert result.x == pytest.approx(minimum, abs=0.01 if f is powell else 1e-6)


def test_the_order_of_first_use_is_another_for_half_of_them():
    orders = []
    for f, start, _ in FUNCTIONS:
        x = autograd.array(start)
        c = autograd.compile(lambda f=f, x=x: f(autograd, *x))
        c()
        orders.append(c.parameters == x.tolist())
    assert orders.count(False) >= 10


# What may be given

A, B, C, D = (Value(float(i), name) for i, name in enumerate("abcd", 1))


class Line:
    """Has parameters, and is no Module."""

    def parameters(self):
        return (v for v in (D, A))


@pytest.mark.parametrize(
    ("parameters", "order"),
    [
        (A, [A]),
        ([C, A, B], [C, A, B]),
        ((C, [A, (B,)]), [C, A, B]),
        ({"second": B, "first": [A]}, [B, A]),
        (np.array([[D, C], [B, A]]), [D, C, B, A]),
        (np.array([[D, C], [B, A]]).T, [D, B, C, A]),
        (np.array(C), [C]),
        (np.array([A, B]).view(autograd.ValueArray)[::-1], [B, A]),
        (Line(), [D, A]),
        ([C, Line(), {"b": B}], [C, D, A, B]),
        ({"b": B, "a": A}.values(), [B, A]),
        ((v for v in (B, A)), [B, A]),
    ],
)
def test_what_parameters_may_be(parameters, order):
    c = autograd.compile(lambda: A * B + B * C * D, parameters=parameters)
    assert c.parameters == order  # before anything is recorded
    assert all(v is w for v, w in zip(c.parameters, order, strict=True))
    derivatives = {A: 2.0, B: 1.0 + 12.0, C: 8.0, D: 6.0}
    assert c.value_and_grad()[1].tolist() == [derivatives[v] for v in order]


def test_a_module_and_the_list_of_its_parameters_are_one_order():
    model = nn.MLP(3, [4, 1], seed=0)
    x = np.random.default_rng(0).normal(size=(5, 3))
    given = [
        autograd.compile(lambda x: model(x) ** 2, parameters=p)
        for p in (model, model.parameters(), model.parameters()[::-1])
    ]
    gradients = [c.value_and_grad(x)[1] for c in given]
    assert given[0].parameters == given[1].parameters == model.parameters()
    assert (gradients[0] == gradients[1]).all()
    assert_same(gradients[2][::-1], gradients[0])
    given[0].backward(x)
    assert_same(autograd.grads(model.parameters()), gradients[0])


@pytest.mark.parametrize(
    ("parameters", "error", "words"),
    [
        ([A, B, A], ValueError, "parameters 0 and 2 are one Value: .*'a'"),
        ([B, {"again": np.array([A, B])}], ValueError, "parameters 0 and 2 are one Value: .*'b'"),
        ([Line(), A], ValueError, "parameters 1 and 2 are one Value: .*'a'"),
        ([A, A * B], ValueError, "is a leaf, and this is none: .*'mul'"),
        ([A, A.detach()], ValueError, "is a leaf, and this is none: .*'const'"),
        ([], ValueError, "no parameters"),
        ({}, ValueError, "no parameters"),
        (nn.Module(), ValueError, "no parameters"),
        ([A, 2.0], TypeError, "float 2.0"),
        (3, TypeError, "int 3"),
        ("ab", TypeError, "str 'ab'"),
        ([None], TypeError, "None"),
        (np.ones(2), TypeError, "float 1.0"),
        ({A, B}, TypeError, "a set has none"),
        (nn.Module().parameters, TypeError, "method"),
        (print, TypeError, "print"),
    ],
)
def test_what_parameters_may_not_be(parameters, error, words):
    with pytest.raises(error, match=words):
        autograd.compile(lambda: A * B, parameters=parameters)


def test_a_list_within_itself():
    cyclic = [A]
    cyclic.append(cyclic)
    with pytest.raises(ValueError, match="list within itself"):
        autograd.compile(lambda: A * B, parameters=cyclic)


def test_the_list_is_copied():
    mine = [B, A]
    c = autograd.compile(lambda: A * B, parameters=mine)
    mine.clear()
    c.parameters.clear()
    assert c.parameters == [B, A]


# What is not reached, and what is not given


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_not_reached_has_gradient_0(dtype):
    w, b, unused, undone = Value(2.0), Value(3.0), Value(4.0), Value(5.0)

    def f(x):
        _ = undone * x
        return b * b * x + w

    c = autograd.compile(f, parameters=[unused, b, undone, w], dtype=dtype, input_gradients=True)
    mean, gradient, for_x = c.value_and_grad([1.0, 2.0])
    assert (mean, gradient.tolist(), for_x.tolist()) == (15.5, [0.0, 9.0, 0.0, 1.0], [4.5, 4.5])
    assert gradient.dtype == dtype
    assert c.backward([1.0, 2.0]) == 15.5
    assert [v.grad for v in (unused, b, undone, w)] == [0.0, 9.0, 0.0, 1.0]
    assert c([1.0], theta=[9.0, 1.0, 9.0, 0.5]).tolist() == [1.5]
    none = autograd.compile(lambda x: x * 2.0, parameters=[w, b])
    assert none.value_and_grad([1.0])[1].tolist() == [0.0, 0.0]


def test_a_leaf_that_is_not_given_is_read_at_every_call_and_stays():
    w, frozen = Value(2.0, "w"), Value(3.0, "frozen")
    c = autograd.compile(lambda x: frozen * frozen * w * x, parameters=[w])
    assert c.value_and_grad([1.0])[1].tolist() == [9.0]
    frozen.data = 10.0
    assert c([1.0]).tolist() == [200.0]
    mean, gradient = c.value_and_grad([1.0], theta=[1.0])
    assert (mean, gradient.tolist()) == (100.0, [100.0])
    c.backward([1.0])
    assert (w.grad, frozen.has_grad) == (100.0, False)
    for wrong in ([1.0, 2.0], [], 1.0):
        with pytest.raises(ValueError, match="each of the 1 parameters"):
            c([1.0], theta=wrong)


def test_the_gradient_of_what_is_not_given_is_not_computed():
    model = nn.MLP(8, [16, 16, 1], seed=0)
    x = np.ones((2, 8))
    last = autograd.compile(model, parameters=model.layers[-1])
    full = autograd.compile(model, parameters=model)
    assert last.lower(x).scalars < 0.6 * full.lower(x).scalars
    assert "433 parameters (416 fixed)" in str(last.program)
    assert "fixed" not in str(full.program)
    assert_same(last.value_and_grad(x)[1], full.value_and_grad(x)[1][-17:])
    assert last.recorded.leaves[:17] == model.layers[-1].parameters()
    for number in range(len(last.program.instructions)):
        assert last.program.explain(number)


def test_no_parameters_at_all_for_the_gradients_of_inputs():
    model = nn.MLP(3, [4, 1], seed=0)
    x = np.random.default_rng(0).normal(size=(5, 3))
    c = autograd.compile(model, parameters=[], input_gradients=True)
    assert c.parameters == []
    mean, gradient, for_x = c.value_and_grad(x)
    known = autograd.compile(model, input_gradients=True)
    expected = known.value_and_grad(x)
    assert (mean, gradient.size) == (expected[0], 0)
    assert_same(for_x, expected[2])
    assert c.program.scalars < known.program.scalars


def test_a_leaf_below_what_was_computed_before_is_a_parameter():
    w, b = Value(2.0), Value(3.0)
    h = b * b * w
    c = autograd.compile(lambda x: h * x, parameters=[w])
    assert c.value_and_grad([2.0])[1].tolist() == [18.0]


def test_a_derivative_for_a_fixed_leaf_inside_the_function():
    w, fixed = Value(2.0), Value(3.0)

    def f(x):
        return autograd.gradients(w * w * fixed**3 * x, [fixed], create_graph=True)[0]

    mean, gradient = autograd.compile(f, parameters=w).value_and_grad([1.0])
    assert (mean, gradient.tolist()) == (108.0, [108.0])


# One layout for all that is recorded


@pytest.mark.filterwarnings("ignore", category=RecompilationWarning)
def test_one_layout_for_every_shape_and_setting():
    w = autograd.array([1.0, 2.0, 3.0, 4.0])
    free, first = Value(5.0), [3, 0, 1, 2]

    def f(x, *, which):
        return free * sum(w[i] * x[i] for i in range(len(x))[::-1] if i != which)

    order = w[first]
    c = autograd.compile(f, parameters=order, unused_inputs=True)
    for size in (2, 4, 3, 2):
        for which in (0, None):
            expected = np.where(np.isin(np.arange(4), [which]) | (np.arange(4) >= size), 0.0, 5.0)
            mean, gradient = c.value_and_grad(np.ones((3, size)), which=which)
            assert gradient.tolist() == expected[first].tolist()
            assert mean == expected @ [1.0, 2.0, 3.0, 4.0]
            assert c.parameters == order.tolist()
            assert c.recorded.parameters == order.tolist()
            outputs = c(np.ones((1, size)), which=which, theta=[0.0, 1.0, 0.0, 0.0])
            assert outputs.tolist() == [5.0 * (which != 0)]
            _, same = c.outputs_and_grad(np.ones((3, size)), which=which)
            assert (same == gradient).all()


def test_kept_programs_of_other_layouts_are_not_mixed():
    def made(order, **options):
        w, b = Value(2.0), Value(3.0)
        f = lambda x: w * w * x + b  # noqa: E731
        given = {"wb": [w, b], "bw": [b, w], "w": [w], "b": [b], "": None}[order]
        c = autograd.compile(f, parameters=given, **options)
        return c, c.value_and_grad([1.0])[1].tolist()

    expected = {"wb": [4.0, 1.0], "bw": [1.0, 4.0], "w": [4.0], "b": [1.0], "": [4.0, 1.0]}
    kept = {}
    for _ in range(2):
        for order, gradient in expected.items():
            c, found = made(order)
            assert found == gradient, order
            assert kept.setdefault(order, c.program) is c.program
            assert made(order, dtype="float32")[1] == gradient
    assert len({id(kept[order]) for order in ("wb", "bw", "w", "b")}) == 4


def test_a_pickle_keeps_the_layout_and_the_identity_of_the_parameters():
    def twice(x):
        return pickle.loads(pickle.dumps(x))

    w, b, unused, fixed = (Value(float(i)) for i in range(2, 6))
    c = autograd.compile(lambda x: b * w * w * x * fixed, parameters=[unused, w, b])
    expected = c.value_and_grad([1.0])[1].tolist()
    assert expected == [0.0, 60.0, 20.0]
    twin, leaves = twice((c, [w, b, unused, fixed]))
    assert all(v is p for v, p in zip(twin.parameters, [leaves[i] for i in (2, 0, 1)], strict=True))
    assert twin.value_and_grad([1.0])[1].tolist() == expected
    leaves[0].data, leaves[3].data = 1.0, 1.0
    assert twin.value_and_grad([1.0])[1].tolist() == [0.0, 6.0, 1.0]
    twin.backward([1.0])
    assert [v.grad for v in leaves] == [6.0, 1.0, 0.0, 0.0]
    assert not any(v.has_grad for v in (w, b, unused, fixed))
    before = twice(autograd.compile(lambda x: w * x, parameters=[b, w]))
    assert len(before.parameters) == 2


def test_current_and_cleared():
    w, b, scale = Value(2.0), Value(3.0), [Value(1.0)]
    c = autograd.compile(lambda x: b * x + w * scale[0], parameters=[w, b])
    assert c.value_and_grad([2.0])[1].tolist() == [1.0, 2.0]
    prints = c.recorded.fingerprint
    assert c.is_current([2.0])
    scale[0] = Value(4.0)
    assert not c.is_current([2.0])
    c.clear()
    assert c.parameters == [w, b]
    assert c.value_and_grad([2.0])[1].tolist() == [4.0, 2.0]
    assert c.recorded.fingerprint == prints
    other = autograd.compile(c.f, parameters=[b, w])
    other([2.0])
    assert other.recorded.fingerprint != prints


def test_an_anomaly_is_found_with_theta_and_fixed_leaves():
    w, b, fixed = Value(1.0, "w"), Value(1.0, "b"), Value(2.0, "fixed")
    c = autograd.compile(lambda x: fixed * autograd.log(b * x) * w, parameters=[w, b])
    with autograd.detect_anomaly():
        c.value_and_grad([1.0, 2.0], theta=[3.0, 4.0])
        with pytest.raises(autograd.AnomalyError, match=r"example 1 of 2[^$]*log"):
            c.value_and_grad([-1.0, 2.0], theta=[3.0, -4.0])
    assert [v.data for v in (w, b, fixed)] == [1.0, 1.0, 2.0]


def test_on_another_array_library_theta_has_the_fixed_ones_last():
    w, b, unused, fixed = (Value(float(i)) for i in range(2, 6))
    c = autograd.compile(lambda x: fixed * b * x + w, parameters=[unused, w, b])
    mean, gradient = c.value_and_grad([1.0, 3.0])
    theta = array_api_strict.asarray([v.data for v in c.recorded.leaves])
    result = run_standard(
        c.program, array_api_strict, theta, [array_api_strict.asarray([1.0, 3.0])]
    )
    assert float(result.mean) == mean
    assert np.asarray(result.gradient).tolist() == gradient.tolist() == [0.0, 1.0, 10.0]


# Any function, any order


@st.composite
def functions(draw):
    """A function of four leaves and one input, which may leave some out, and some parameters."""
    count = draw(st.integers(1, 6))
    operand = st.integers(0, 9)
    steps = [(draw(st.sampled_from("+-*st")), draw(operand), draw(operand)) for _ in range(count)]
    order = draw(st.permutations(range(4)))
    return steps, order[: draw(st.integers(1, 4))]


def computed(steps, leaves, x):
    known = [x, *leaves]
    for kind, i, j in steps:
        a, b = known[i % len(known)], known[j % len(known)]
        known.append({
            "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
            "s": lambda a, b: autograd.sin(a) * b, "t": lambda a, b: autograd.tanh(a + b),
        }[kind](a, b))  # fmt: skip
    return known[-1] + x


@given(functions())
def test_any_function_in_any_order_is_the_engines(drawn):
    steps, order = drawn
    leaves = autograd.array([0.3, -0.7, 1.1, 0.5]).tolist()
    parameters = [leaves[i] for i in order]
    c = autograd.compile(
        partial(computed, steps, leaves), parameters=parameters, input_gradients=True
    )
    x = np.array([0.2, -1.3])
    mean, gradient, for_x = c.value_and_grad(x)
    inputs = [Value(v) for v in x]
    eager = sum((computed(steps, leaves, v) for v in inputs), Value(0.0)) / 2
    assert_same(mean, eager.data)
    assert_same(gradient, autograd.gradients(eager, parameters))
    assert_same(for_x, autograd.gradients(eager, inputs))
    c.backward(x)
    assert_same(autograd.grads(parameters), gradient)
    assert not any(v.has_grad for v in leaves if v not in parameters)
