"""Each pass of the compiler on its own: what it keeps equal, on which graphs."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
import pytest
from beside_eager import compare
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, sigmoid
from autograd.compiler.passes.forms import (
    NONE,
    Apply,
    Extreme,
    ProductTerm,
    SumOfProducts,
    Take,
    Total,
    operands_of,
)
from autograd.compiler.passes.schedule import schedule
from autograd.compiler.passes.simplify import simplify
from autograd.compiler.passes.sums import gather_sums
from autograd.compiler.pipeline import lower
from autograd.compiler.rolling import build as building
from autograd.compiler.rolling.matrix_blocks import find_blocks
from autograd.compiler.rolling.views import common_grid, contiguous, even
from autograd.compiler.running.run import Runner
from autograd.compiler.tracing.differentiate import differentiate
from autograd.compiler.tracing.nesting import LEAF, InputSpec, Structure
from autograd.compiler.tracing.record import Recording, record
from autograd.compiler.tracing.tape import CONSTANT, INPUT, PARAMETER, PICK, STOP, TAKE, Tape
from autograd.compiler.tracing.trace import TapeTrace
from autograd.primitive import TABLE
from autograd.primitives import add, mul

ONE = Structure(LEAF)
RNG = np.random.RandomState(0)


def recorded(f: Any, size: int = 4) -> Recording:
    return record(f, [ONE], [InputSpec("x", (size,), False)], {})


def interpret(tape: Tape, x: Any, theta: Any) -> list[float]:
    """The number of every node, one scalar operation after the other."""
    values: list[float] = []
    for node, row in enumerate(tape.rows):
        operands = [values[operand] for operand in tape.operands[node]]
        if row is INPUT:
            values.append(float(x[tape.payloads[node][1]]))
        elif row is PARAMETER:
            values.append(float(theta[tape.payloads[node]]))
        elif row is CONSTANT:
            values.append(tape.payloads[node])
        elif row is STOP:
            values.append(operands[0])
        elif row is TAKE:
            values.append(operands[1:][int(operands[0])])
        else:
            values.append(row.forward(*operands))
    return values


W = autograd.array(RNG.normal(size=(3, 4)), name="W")
B = autograd.array(RNG.normal(size=3), name="b")


def dense(x):
    return autograd.sum([v * v for v in autograd.tanh(W @ x + B)])


def repeated(x):
    return autograd.sum([autograd.exp(x[0] * W[0, 0]) * v for v in x]) + autograd.exp(
        x[0] * W[0, 0]
    )


def folded(x):
    return x[0] ** 2 * 1.0 + (2.0 * 3.0 - 5.0) * x[1] + autograd.where(1.0, x[2], x[3]) - (-x[3])


def mixture(x):
    return autograd.logsumexp([x[i] * W[0, i] - (x[i] - B[0]) ** 2 for i in range(4)])


def written_out(x):
    return 1 / (1 + np.exp(-(W[0] @ x)))


FUNCTIONS = [dense, repeated, folded, mixture, written_out]
x0 = np.array([0.5, -1.0, 0.25, 2.0])


def theta_of(recording: Recording) -> list[float]:
    return [v.data for v in recording.parameters]


# Recording


@pytest.mark.parametrize("f", FUNCTIONS)
def test_the_tape_computes_what_the_function_does(f):
    recording = recorded(f)
    tape = recording.tape
    assert all(max(ops, default=-1) < n for n, ops in enumerate(tape.operands))
    found = interpret(tape, x0, theta_of(recording))[recording.outputs[0]]
    assert found == f(autograd.array(x0)).data


def test_the_tape_prints():
    text = str(recorded(lambda x: x[0] * 2.0 + W[0, 0]).tape)
    assert text.splitlines()[-3:] == ["v5 = v0 * v4", "v6 = parameter 0", "v7 = v5 + v6"]


# Differentiation


def parameters(tape):
    """The nodes of the parameters, in order."""
    nodes = [n for n, row in enumerate(tape.rows) if row is PARAMETER]
    return sorted(nodes, key=tape.payloads.__getitem__)


@pytest.mark.parametrize("f", FUNCTIONS)
def test_the_derivatives_are_the_engines(f):
    recording = recorded(f)
    tape, trace = recording.tape, TapeTrace(recording.tape)
    before = len(tape)
    wanted = parameters(recording.tape)
    found = differentiate(trace, recording.outputs[0], wanted)
    values = interpret(tape, x0, theta_of(recording))
    expected = autograd.gradients(f(autograd.array(x0)), recording.parameters)
    assert [0.0 if n is None else values[n] for n in found] == pytest.approx(expected, rel=1e-12)
    assert all(tape.sources[tape.places[n]] is None or tape.sources[tape.places[n]].gradient
               for n in tape.origins if n >= before)  # fmt: skip


def test_no_factor_of_one_is_written():
    recording = recorded(lambda x: W[0, 0] * x[0] + W[0, 1] * 1.0)
    tape = recording.tape
    [slope, other] = differentiate(TapeTrace(tape), recording.outputs[0], parameters(tape))
    assert (tape.rows[slope], tape.payloads[slope]) == (INPUT, (0, 0))
    assert (tape.rows[other], tape.payloads[other]) == (CONSTANT, 1.0)


def test_what_is_not_reached_has_no_derivative():
    recording = recorded(lambda x: (W[0, 0] * x[0]).detach() * W[0, 1] + (W[0, 2] > 0) * x[1])
    wanted = parameters(recording.tape)
    found = differentiate(TapeTrace(recording.tape), recording.outputs[0], wanted)
    assert [node is None for node in found] == [True, False, True]


# Simplification


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("f", FUNCTIONS)
def test_simplified_is_shorter_and_equal(f, final):
    recording = recorded(f)
    old = recording.tape
    new, outputs = simplify(old, recording.outputs, final=final)
    assert len(new) <= len(old)
    found = interpret(new, x0, theta_of(recording))[outputs[0]]
    assert found == pytest.approx(f(autograd.array(x0)).data, rel=1e-15)


def test_equal_expressions_become_one_node():
    recording = recorded(repeated)
    tape, _ = simplify(recording.tape, recording.outputs)
    assert sum(row is TABLE["exp"] for row in tape.rows) == 1
    assert sum(row is TABLE["exp"] for row in recording.tape.rows) == 5


def test_a_sigmoid_that_is_written_out_is_recognised():
    for f in (written_out, lambda x: 1.0 / (autograd.exp(-x[0]) + 1.0)):
        recording = recorded(f)
        tape, outputs = simplify(recording.tape, recording.outputs, final=False)
        assert tape.rows[outputs[0]] is TABLE["sigmoid"]
    for z in (-math.inf, -1000.0, 0.0, 1000.0, math.inf, math.nan):
        c = autograd.compile(lambda x: 1 / (1 + np.exp(-x)))
        expected = 1 / (1 + np.exp(-Value(z)))
        np.testing.assert_allclose(c([z]), [expected.data])


@pytest.mark.parametrize(("dtype", "far"), [("float64", 720.0), ("float32", 95.0)])
@pytest.mark.parametrize("f", [sigmoid, lambda x: sigmoid(-x), lambda x: 3.0 * sigmoid(x) ** 2])
def test_a_sigmoid_and_its_derivative_share_an_exponential(f, dtype, far):
    c = autograd.compile(f, dtype=dtype, input_gradients=True)
    rows = [step.row.name for step in c.lower(np.zeros(1)).steps if step.row]
    assert (rows.count("exp"), rows.count("sigmoid")) == (1, 1)
    close, least = (1e-14, 1e-307) if dtype == "float64" else (1e-6, 1e-37)
    for z in (0.0, 1.0, far / 2, far, 1e4, math.inf, math.nan):  # exp(far) is inf, exp(-far) not 0
        for number in (z, -z):
            x = Value(number)
            y = f(x)
            y.backward()
            mean, _, found = c.value_and_grad([number])
            np.testing.assert_allclose([mean, *found], [y.data, x.grad], rtol=close, atol=least)


def test_a_sigmoid_that_shares_its_exponential_is_small_and_not_zero():
    for dtype, far in (("float64", -720.0), ("float32", -95.0)):
        c = autograd.compile(lambda x: autograd.log(sigmoid(x)), dtype=dtype, input_gradients=True)
        assert c.value_and_grad([far])[0] == pytest.approx(far, rel=1e-6)


def test_the_sigmoid_of_what_becomes_a_constant_shares_nothing():
    c = autograd.compile(lambda x: sigmoid(x**0.0) * x, input_gradients=True)
    mean, _, found = c.value_and_grad([2.0])
    assert (mean, *found) == pytest.approx((2.0 * sigmoid(1.0), sigmoid(1.0)))


def test_a_stopped_gradient_stays_until_the_end():
    recording = recorded(lambda x: (x[0] * W[0, 0]).detach() * x[1])
    kept, _ = simplify(recording.tape, recording.outputs, final=False)
    gone, _ = simplify(recording.tape, recording.outputs)
    assert STOP in kept.rows
    assert STOP not in gone.rows


@pytest.mark.parametrize("number", [math.inf, math.nan, 1e308])
def test_nothing_is_multiplied_away_that_could_be_nan(number):
    c = autograd.compile(lambda x: 0.0 * x + (x - x) + 0.5 * (2.0 * x))
    x = Value(number)
    np.testing.assert_allclose(c([number]), [(0.0 * x + (x - x) + 0.5 * (2.0 * x)).data])


def test_what_nobody_needs_is_gone_but_for_inputs_and_parameters():
    recording = recorded(lambda x: (x[0] - 0.0) * 1.0 + autograd.where(1.0, 2.0 * x[1], W[0, 0]))
    tape, outputs = simplify(*simplify(recording.tape, recording.outputs))
    assert tape.rows == [INPUT] * 4 + [CONSTANT, mul, PARAMETER, add]
    assert tape.payloads[4] == 2.0
    assert outputs == [7]


def test_powers_stay_until_the_end():
    recording = recorded(lambda x: x[0] ** 3 + x[1] ** 2 + x[2] ** 1 + x[3] ** 0 + x[0] ** -1)
    kept, _ = simplify(recording.tape, recording.outputs, final=False)
    gone, _ = simplify(recording.tape, recording.outputs)
    assert kept.rows.count(TABLE["pow"]) == 5
    assert TABLE["pow"] not in gone.rows


def operations(f: Any) -> list[str]:
    """The names of the operations that are left of a function."""
    recording = recorded(f)
    tape, outputs = simplify(recording.tape, recording.outputs)
    alive = tape.live(outputs)
    return [row.name for node, row in enumerate(tape.rows) if alive[node] and tape.operands[node]]


@pytest.mark.parametrize(
    ("f", "left"),
    [
        (lambda x: x[0] - 0.0, []),
        (lambda x: x[0] + -0.0, []),
        (lambda x: -0.0 + x[0], []),
        (lambda x: x[0] + 0.0, ["add"]),  # -0.0 would become 0.0
        (lambda x: x[0] - -0.0, ["sub"]),
        (lambda x: x[0] - 1.0, ["sub"]),
        (lambda x: x[0] + -1.0, ["add"]),
        (lambda x: 1.0 * x[0] * 1.0, []),
        (lambda x: -1.0 * x[0], ["neg"]),
        (lambda x: x[0] * -1.0, ["neg"]),
        (lambda x: -x[0].neg(), []),
        (lambda x: x[0] / 1.0, []),
        (lambda x: x[0] / 2.0, ["div"]),
        (lambda x: 1.0 / x[0], ["div"]),
        (lambda x: 1.0 / (2.0 + autograd.exp(x[0])), ["exp", "add", "div"]),
        (lambda x: 1.0 / (1.0 + autograd.tanh(x[0])), ["tanh", "add", "div"]),
        (lambda x: autograd.where(x[0], x[1], x[1]), []),
        (lambda x: x[0] * x[1] + x[1] * x[0], ["mul", "add"]),
        (lambda x: (x[0] + x[1]) * (x[1] + x[0]), ["add", "mul"]),
        (lambda x: (x[0] - x[1]) * (x[1] - x[0]), ["sub", "sub", "mul"]),
        (lambda x: x[0] ** 0, []),
        (lambda x: x[0] ** 1, []),
        (lambda x: x[0] ** 2, ["mul"]),
        (lambda x: x[0] ** 3, ["mul", "mul"]),
        (lambda x: x[0] ** -1, ["div"]),
        (lambda x: (x[0] * x[0]) ** 0.5, ["mul", "sqrt"]),
        (lambda x: (x[0] ** 2 + x[1] ** 2) ** -0.5, ["mul", "mul", "add", "sqrt", "div"]),
        (lambda x: (x[0] ** 2 + 0.1) ** -1.5, ["mul", "add", "sqrt", "div", "div"]),
        (lambda x: autograd.exp(x[0]) ** 1.5, ["exp", "pow"]),
        (lambda x: abs(x[0]) ** -0.5, ["abs", "sqrt", "div"]),
        (lambda x: (x[0] * x[1] + 9.0) ** -0.5, ["mul", "add", "pow"]),  # perhaps below 0
        (lambda x: x[0] ** 4, ["pow"]),
        (lambda x: 2.0 ** x[0], ["pow"]),
    ],
)
def test_what_is_left_of_an_expression(f, left):
    assert operations(f) == left
    points = RNG.normal(size=(20, 4))
    expected = [f(autograd.array(x)).data for x in points]
    np.testing.assert_allclose(autograd.compile(f)(points), expected, rtol=1e-15)


@pytest.mark.parametrize("exponent", [0.5, -0.5, -1.5])
def test_powers_of_numbers_that_are_not_below_zero_are_those_of_the_engine(exponent):
    points = [0.0, -0.0, math.inf, -math.inf, math.nan, 1e-160, 1e-100, 3.0, 1e70, 1e103, 1e160]

    def f(x):
        return (x * x) ** exponent

    expected = [f(Value(x)).data for x in points]
    np.testing.assert_allclose(autograd.compile(f)(points), expected, rtol=1e-15, atol=5e-324)
    compare(f, [], np.array(points))


def test_a_square_sends_its_derivative_once():
    w = Value(3.0)
    program = autograd.compile(lambda x: (w * x) * (w * x)).lower([1.0])
    names = [step.row.name for step in program.steps if step.row]
    assert (names.count("add"), names.count("sub")) == (0, 0)


@pytest.mark.parametrize(
    ("inner", "count"),
    [(0.5, 1), (-0.25, 1), (2.0**-63, 1), (2.0**-64, 2), (2.0, 2), (0.1, 2), (0.75, 2), (1.5, 2)],
)
def test_only_small_powers_of_two_are_scaled_again(inner, count):
    """By others the product would round differently, or overflow."""
    for f in (lambda x: 3.7 * (inner * x[0]), lambda x: x[0] * inner * 3.7):
        assert operations(f) == ["mul"] * count
        x = RNG.normal(size=(50, 4))
        np.testing.assert_array_equal(
            autograd.compile(f)(x), [f(autograd.array(r)).data for r in x]
        )


@pytest.mark.parametrize(("scale", "left"), [(1.0, 0), (-1.0, 0), (0.3, 0), (2.0, 3), (-1.5, 3)])
def test_zero_times_what_may_grow_is_kept(scale, left):
    """Of numbers beyond 1 a few products are infinite, and zero times that is nan."""
    assert len(operations(lambda x: 0.0 * ((x[0] > 0) * scale))) == left
    c = autograd.compile(lambda x: 0.0 * ((x > 0) * 1e200 * 1e200))
    np.testing.assert_array_equal(c([1.0, -1.0]), [math.nan, 0.0])


@pytest.mark.parametrize("condition", [1.0, -1.0, math.nan, 0.0, -0.0])
def test_a_constant_condition_chooses_as_the_engine_does(condition):
    def f(x):
        return autograd.where(condition, x[0], x[1])

    assert operations(f) == []
    c = autograd.compile(f, input_gradients=True)
    y, _, [g] = c.value_and_grad([[2.0, 3.0]])
    x = autograd.array([2.0, 3.0])
    assert y == f(x).data
    assert g.tolist() == autograd.gradients(f(x), x.tolist())


@pytest.mark.parametrize("condition", [1.0, -1.0, math.nan, 0.0, -0.0])
def test_a_condition_chooses_as_the_engine_does(condition):
    c = autograd.compile(lambda x: autograd.where(x[0], x[1], x[2]), input_gradients=True)
    y, _, [g] = c.value_and_grad([[condition, 2.0, 3.0]])
    chosen = 2 if condition == 0.0 else 1
    assert y == chosen + 1
    assert g.tolist() == [0.0, chosen == 1, chosen == 2]


def test_a_nan_passes_a_relu():
    c = autograd.compile(lambda x: autograd.relu(x), input_gradients=True)
    _, _, g = c.value_and_grad([math.nan, -1.0, 0.0, 2.0])
    assert g.tolist() == [0.25, 0.0, 0.0, 0.25]


def test_what_a_gradient_wrote_knows_whose_visit_made_it():
    recording = recorded(lambda x: autograd.tanh(x[0] * W[0, 0]) + 0.0 * x[1])
    tape, [output] = simplify(recording.tape, recording.outputs, final=False)
    assert tape.origins == {}
    slopes = differentiate(TapeTrace(tape), output, parameters(tape))
    final, [y, *_] = simplify(tape, [output, *slopes])
    written = [node for node in range(len(final)) if node > y and final.operands[node]]
    assert [node for node in final.origins if final.operands[node]] == written
    assert all(final.operands[origin] for origin in final.origins.values())


# Sums


def evaluate(forms: Any, x: Any, theta: Any) -> dict[int, float]:
    """The number of every form."""
    tape = forms.tape
    values = {n: v for n, v in enumerate(interpret(tape, x, theta)) if not tape.operands[n]}
    for node in sorted(forms.form):
        form = forms.form[node]
        if isinstance(form, Apply):
            values[node] = form.row.forward(*[values[v] for v in form.operands])
        elif isinstance(form, SumOfProducts):
            terms = [s * values[a] * (1.0 if b == NONE else values[b]) for s, a, b in form.terms]
            values[node] = sum(terms[1:], terms[0])
        elif isinstance(form, Extreme):
            values[node] = (max if form.row.name == "maximum" else min)(
                values[v] for v in form.operands
            )
        else:
            assert isinstance(form, Take)
            values[node] = values[form.candidates[int(values[form.chooser])]]
    return values


@pytest.mark.parametrize("f", FUNCTIONS)
def test_forms_compute_the_same(f):
    recording = recorded(f)
    tape, outputs = simplify(recording.tape, recording.outputs)
    forms = gather_sums(tape, outputs, [])
    found = evaluate(forms, x0, theta_of(recording))[outputs[0]]
    assert found == pytest.approx(f(autograd.array(x0)).data, rel=1e-12)


def test_a_chain_is_one_sum_with_its_terms_in_order():
    recording = recorded(lambda x: x[0] * x[1] - x[2] + W[0, 0] * x[3] - (x[0] + x[1]))
    tape, outputs = simplify(recording.tape, recording.outputs)
    form = gather_sums(tape, outputs, []).form[outputs[0]]
    assert isinstance(form, SumOfProducts)
    assert [(term.sign, term.z != NONE) for term in form.terms] == [
        (1, True), (-1, False), (1, True), (-1, False)]  # fmt: skip


def test_zeros_are_dropped_from_sums_of_more_than_two_terms():
    def terms(f):
        recording = recorded(f)
        tape, [output] = simplify(recording.tape, recording.outputs)
        return [tape.rows[x] for _, x, _ in gather_sums(tape, [output], []).form[output].terms]

    assert terms(lambda x: sum(x.tolist())) == [INPUT] * 4  # begins with 0
    assert terms(lambda x: x[0] + 0.0 - x[1] + 1.0) == [INPUT, INPUT, CONSTANT]
    assert terms(lambda x: x[0] + 0.0 - x[1]) == [INPUT, INPUT]
    assert terms(lambda x: x[0] + 0.0) == [INPUT, CONSTANT]


def test_a_change_of_sign_alone_is_no_sum():
    for f, kind in [
        (lambda x: -x[0], Apply),
        (lambda x: -(x[0] * x[1]), SumOfProducts),
        (lambda x: -(x[0] + x[1]), SumOfProducts),
    ]:
        recording = recorded(f)
        tape, [output] = simplify(recording.tape, recording.outputs)
        assert type(gather_sums(tape, [output], []).form[output]) is kind


def test_what_differs_from_example_to_example_is_compared_first():
    recording = recorded(lambda x: reduce(autograd.maximum, [W[0, 0], x[0], W[0, 1], x[1]]))
    tape, [output] = simplify(recording.tape, recording.outputs)
    form = gather_sums(tape, [output], []).form[output]
    assert [tape.rows[x] for x in form.operands] == [INPUT, INPUT, PARAMETER, PARAMETER]


@pytest.mark.parametrize(("count", "terms"), [(1, 1), (2, 2), (3, 1)])
def test_a_mean_of_few_products_is_one_of_their_batched_factors(count, terms):
    """One of many is a matrix product first, which is cheaper, and then its mean."""
    recording = recorded(lambda x: sum([x[i] * W[0, i] for i in range(1, count)], W[0, 0] * x[0]))
    tape, [node] = simplify(recording.tape, recording.outputs)
    found = gather_sums(tape, [], [node]).form
    [form] = [form for form in found.values() if isinstance(form, Total)]
    assert [term.sign for term in form.terms] == [1] * terms
    assert (node in found) == (count == 3)
    [form] = [form for form in gather_sums(tape, [node], [node]).form.values()
              if isinstance(form, Total)]  # fmt: skip
    assert form.terms == (ProductTerm(1, node),)  # of an output, which is there anyway


def test_a_parameter_is_picked_once_however_often_take_chooses_it():
    specs = [InputSpec("x", (), False), InputSpec("i", (2,), True)]

    def f(x, i):
        first, again = (autograd.take([B[0], B[1]], j) for j in i)
        return first * x + again * x * autograd.take([B[1], 3.0, B[2]], i[0]) + B[1] * x

    recording = record(f, [ONE, ONE], specs, {})
    tape, [output] = simplify(recording.tape, recording.outputs, final=False)
    leaves = [node for node, row in enumerate(tape.rows) if row is PARAMETER]
    names = [tape.names[leaf] for leaf in leaves]
    gradient = differentiate(TapeTrace(tape), output, leaves, final=True)
    tape, totals = simplify(tape, gradient)
    found = gather_sums(tape, [], totals)
    forms = {name: found.form[found.total_of[n]] for name, n in zip(names, totals, strict=True)}
    choices = {
        name: [(tape.payloads[pick.chooser][1], pick.choice) for pick in form.picks]
        for name, form in forms.items()
    }
    assert choices == {"b[0]": [(1, 0), (0, 0)], "b[1]": [(0, 0), (1, 1), (0, 1)], "b[2]": [(0, 2)]}
    assert [len(form.terms) for form in forms.values()] == [0, 1, 0]
    assert sum(row is PICK for row in tape.rows) == 3


# Scheduling


@pytest.mark.parametrize("f", FUNCTIONS)
def test_a_group_needs_none_of_its_own_and_none_later(f):
    recording = recorded(f)
    tape, outputs = simplify(recording.tape, recording.outputs)
    forms = gather_sums(tape, outputs, [])
    groups = schedule(forms)
    assert sorted(n for group in groups for n in group) == sorted(forms.form)
    done: set[int] = set()
    for group in groups:
        for node in group:
            assert {v for v in operands_of(forms.form[node]) if v in forms.form} <= done
        done |= set(group)


def test_the_neurons_of_a_layer_are_one_group():
    model = nn.MLP(4, [5, 5, 2], seed=0)
    recording = recorded(model)
    tape, outputs = simplify(recording.tape, recording.outputs)
    sizes = [len(group) for group in schedule(gather_sums(tape, outputs, []))]
    assert sizes == [5, 5, 5, 5, 2]


def test_groups_that_need_each_other_are_taken_apart():
    def f(x):
        a, b = [], []
        for i in range(4):  # exp of tanh for even items, tanh of exp for odd ones
            u, v = (autograd.tanh, autograd.exp) if i % 2 else (autograd.exp, autograd.tanh)
            a.append(u(x[i])), b.append(v(a[-1]))
        return autograd.sum([p * q for p, q in zip(a, b, strict=True)])

    np.testing.assert_allclose(
        autograd.compile(f)(x0[None]), [f(autograd.array(x0)).data], rtol=1e-12
    )


# Views and blocks


@given(st.integers(-50, 50), st.lists(st.tuples(st.integers(1, 4), st.integers(-5, 5)), max_size=3))
def test_even_rows_are_recognised(offset, axes):
    rows = np.array(offset)
    for size, stride in axes:
        rows = rows[..., None] + stride * np.arange(size)
    found = even(rows)
    assert found
    again = np.array(found[0])
    for size, stride in zip(rows.shape, found[1], strict=True):
        again = again[..., None] + stride * np.arange(size)
    assert np.array_equal(rows, again)


@given(st.lists(st.lists(st.integers(0, 6), min_size=6, max_size=6), min_size=1, max_size=3))
def test_in_a_common_grid_all_rows_are_even(rows):
    grid = common_grid(np.array(rows))
    if grid:
        assert math.prod(grid) == 6
        assert all(even(np.array(each).reshape(grid)) for each in rows)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=12, unique=True)
)
def test_blocks_hold_every_sum_once(pairs):
    left = np.array([[10 * a, 10 * a + 1] for a, _ in pairs])
    right = np.array([[100 * b, 100 * b + 1] for _, b in pairs])
    seen = []
    for blocks in find_blocks(left, right):
        for (c, u, v), member in np.ndenumerate(blocks.members):
            if member >= 0:
                seen.append(member)
                assert np.array_equal(blocks.left[c, u], left[member])
                assert np.array_equal(blocks.right[c, v], right[member])
    assert sorted(seen) == list(range(len(pairs)))


def test_a_full_table_is_one_product():
    pairs = [(a, b) for a in range(3) for b in range(5)]
    [blocks] = find_blocks(np.array([[a] for a, _ in pairs]), np.array([[b] for _, b in pairs]))
    assert blocks.members.shape == (1, 3, 5)


# Re-rolling: how many instructions, of what kind


def kinds(f: Any, *inputs: Any, gradient: bool = True) -> list[str]:
    c = autograd.compile(f)
    program = c.lower(*inputs)
    return [step.kind for step in program.steps]


def test_dense_layers_are_matrix_products_whatever_their_width():
    counts = []
    for width in (3, 17):
        model = nn.MLP(6, [width, width, 4], seed=0)
        found = kinds(lambda x, y, m=model: nn.half_squared_error(m(x), y), np.zeros((1, 6)),
                      np.zeros((1, 4)))  # fmt: skip
        assert found.count("matmul") == 3 + 2
        assert found.count("outer") == 3
        assert "gather" not in found
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_a_recurrent_cell_gathers_nothing_for_its_weights():
    W, U = (autograd.array(RNG.normal(size=s), name=n) for s, n in (((4, 3), "W"), ((4, 4), "U")))

    def f(x):
        h = autograd.tanh(W @ x[0])
        for t in range(1, 6):
            h = autograd.tanh(W @ x[t] + U @ h)
        return h.sum()

    c = autograd.compile(f)
    program = c.lower(np.zeros((1, 6, 3)))
    steps = [step.kind for step in program.steps]
    assert steps.count("outer") == 2  # one product for each matrix, over time and batch
    assert steps.count("matmul") == 6 + 5 + 5


def test_what_an_instruction_stands_for_adds_up():
    model = nn.MLP(6, [5, 4], seed=0)
    c = autograd.compile(lambda x, y: nn.cross_entropy(model(x), y))
    program = c.lower(np.zeros((1, 6)), np.zeros(1, int))
    covered = [node for instruction in program.instructions for node in instruction.covers]
    assert len(covered) == len(set(covered)) == program.scalars
    product = program.instructions[0]
    assert product.left == "layer0.z[5,B]"
    assert product.formula == "layer0.w[5,6] @ x[6,B] + layer0.b"
    assert product.flops(10) == 10 * (2 * 5 * 6 + 5)
    assert "test_passes" not in program.explain(0)
    assert "layer0.neuron0.z, layer0.neuron1.z" in program.explain(0)
    assert "gradient of" in program.explain(len(program.instructions) - 3)
    with pytest.raises(ValueError, match="numbered 0 to"):
        program.explain(99)


# Working in place


@pytest.mark.parametrize("f", FUNCTIONS)
def test_in_place_computes_the_same_to_the_bit(f, monkeypatch):
    recording = recorded(f)
    x = RNG.normal(size=(7, 4))
    results = []
    for in_place in (True, False):
        if not in_place:
            monkeypatch.setattr(building, "work_in_place", lambda *arguments: {})
        runner = Runner(lower(recording, gradient=True), np.float64)
        results.append(runner.run(np.array(theta_of(recording)), [x], 7))
    np.testing.assert_array_equal(results[0].outputs, results[1].outputs)
    np.testing.assert_array_equal(results[0].gradient, results[1].gradient)


def test_a_batch_in_parts_is_the_whole_batch(monkeypatch):
    from autograd.compiler.running import run

    c = autograd.compile(dense)
    x = RNG.normal(size=(1000, 4))
    whole = c.value_and_grad(x)
    monkeypatch.setattr(run, "_MOST", 1)
    parts = autograd.compile(dense).value_and_grad(x)
    assert parts[0] == pytest.approx(whole[0], rel=1e-13)
    np.testing.assert_allclose(parts[1], whole[1], rtol=1e-12)


@settings(max_examples=examples(30))
@given(st.integers(0, 2**32 - 1))
def test_random_sums_of_products(seed):
    rng = np.random.RandomState(seed)
    w = autograd.array(rng.normal(size=12), name="w")
    picks = [
        [(rng.randint(12), rng.randint(6)) for _ in range(rng.randint(1, 9))]
        for _ in range(rng.randint(1, 9))
    ]

    def f(x):
        return [autograd.sum([w[i] * x[j] for i, j in pairs]) for pairs in picks]

    x = rng.normal(size=(3, 6))
    expected = [[y.data for y in f(autograd.array(row))] for row in x]
    found = np.stack(autograd.compile(f)(x), axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_contiguous_views_say_so():
    assert contiguous("batched", 3, (2, 1, 4)).rows.ravel().tolist() == list(range(3, 11))
    assert add in TABLE.values()
    assert mul in TABLE.values()
