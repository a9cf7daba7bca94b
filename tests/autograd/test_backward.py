"""The backward pass: sums, accumulation, constants, recorded partials, order."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

import autograd
from autograd import StaleGraphError, Value, gradients, no_grad, partials, zero_grad
from autograd.backward import cotangents_of, topological_order


def test_one_operand_used_twice_gets_both_contributions():
    x = Value(3.0)
    (x * x).backward()
    assert x.grad == 6.0


def test_a_diamond():
    x = Value(2.0)
    a, b = x * 3, x + 1
    y = a * b
    y.backward()
    assert (x.grad, a.grad, b.grad, y.grad) == (15.0, 3.0, 6.0, 1.0)


def test_leaves_gather_over_calls_and_interior_nodes_do_not():
    x = Value(2.0)
    h = x * 3
    y = h * h
    y.backward()
    y.backward()
    assert (x.grad, h.grad, y.grad) == (72.0, 12.0, 1.0)
    (x * 1).backward()
    assert x.grad == 73.0


def test_cotangents_can_be_had_without_writing_gradients():
    x, z = Value(2.0), Value(3.0)
    y = x * z + x
    found = cotangents_of(y, topological_order([y]))
    assert [found[v] for v in (y, x, z)] == [1.0, 4.0, 2.0]
    assert not x.has_grad


def test_a_call_sums_from_zero_before_it_adds():
    """PyTorch's rule, visible in the rounding: 1e16 + (1 + 1), not (1e16 + 1) + 1."""
    x = Value(1.0)
    x.grad = 1e16
    (x + x).backward()
    assert x.grad == 1e16 + 2.0


def test_the_output_may_be_a_leaf():
    x = Value(2.0)
    x.backward()
    x.backward()
    assert x.grad == 2.0


def test_the_gradient_at_the_output_is_chosen():
    x = Value(2.0)
    (x * 3).backward(gradient=0.5)
    assert x.grad == 1.5
    (x * 3).backward(np.float32(2))
    assert x.grad == 7.5
    with pytest.raises(TypeError, match="real number"):
        (x * 3).backward("1")
    with pytest.raises(TypeError, match=r"detach"):
        (x * 3).backward(Value(1.0))


def test_constants_take_no_gradient():
    x = Value(2.0)
    y = x * 3
    y.backward()
    constant = y.parents[1]
    assert not constant.has_grad
    assert constant.grad == 0.0
    assert gradients(y, [constant]) == [0.0]


def test_a_negative_base_with_a_constant_exponent_has_no_nan():
    x = Value(-2.0)
    (x**2).backward()
    assert x.grad == -4.0


def test_backward_from_a_constant_says_why_not():
    with no_grad():
        y = Value(2.0) * 3
    with pytest.raises(ValueError, match=r"is a constant.*no_grad"):
        y.backward()


def test_zero_grad():
    x, z = Value(2.0), Value(3.0)
    for values in ([x, z], np.array([x, z]), [[x], (z,)], {"x": x, "z": z}, (v for v in (x, z))):
        (x * z).backward()
        zero_grad(values)
        assert [v.has_grad for v in (x, z)] == [False, False]
        assert x.grad == 0.0
    (x * z).backward()
    zero_grad(x)
    assert not x.has_grad
    assert z.has_grad
    with pytest.raises(TypeError, match=r"expected Values, found float 1.0"):
        zero_grad([1.0])


def test_a_zero_gradient_differs_from_none():
    x = Value(2.0)
    (x * 0).backward()
    assert x.grad == 0.0
    assert x.has_grad


def test_zero_times_an_infinite_partial_is_nan():
    x = Value(0.0)
    (x.log() * 0).backward()
    assert math.isnan(x.grad)


def test_no_derivative_flows_through_conditions():
    x = Value(0.0)
    infinite = autograd.where(autograd.gt(x, -1.0), x.sqrt(), 0.0) * 1e300
    infinite.backward(1e300)
    assert x.grad == math.inf  # a product 0 * inf through the comparison would make it nan


def test_what_only_a_condition_depends_on_is_not_reached():
    x, z = Value(1.0), Value(2.0)
    condition = autograd.gt(x, 0.0)
    autograd.where(condition, z, 0.0).backward()
    assert (x.has_grad, condition.has_grad, z.grad) == (False, False, 1.0)


def test_partials():
    x, z = Value(2.0), Value(3.0)
    assert partials(x) == ()
    assert partials(x * z) == (3.0, 2.0)
    assert partials(x * 3) == (3.0, None)
    assert partials(autograd.where(x > 0, x, z)) == (None, 1.0, 0.0)
    assert partials(autograd.tanh(z)) == (pytest.approx(1 - math.tanh(3.0) ** 2, rel=1e-13),)


# The gradient belongs to the recorded forward pass


def test_backward_uses_what_was_recorded():
    x, z = Value(2.0), Value(3.0)
    h = x.exp()
    y = h * z + x**3
    x.data, z.data, h.data = 5.0, 7.0, 11.0
    y.backward()
    assert x.grad == pytest.approx(3 * math.exp(2.0) + 12, rel=1e-15)
    assert z.grad == math.exp(2.0)
    assert partials(h) == (math.exp(2.0),)


def test_create_graph_refuses_changed_leaves():
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    with pytest.raises(StaleGraphError, match=r"name='x'.*2\.0.*3\.0.*forward pass again"):
        gradients(y, [x], create_graph=True)
    assert gradients(y, [x]) == [4.0]
    x.data = 2.0
    assert gradients(y, [x], create_graph=True)[0].data == 4.0


def test_create_graph_refuses_changed_interior_nodes_and_outputs():
    x = Value(2.0)
    h = x.exp()
    y = h * 2
    h.data = 1.0
    with pytest.raises(StaleGraphError):
        gradients(y, [x], create_graph=True)
    z = x.exp()
    z.data = 1.0
    with pytest.raises(StaleGraphError):
        gradients(z, [x], create_graph=True)


def test_a_changed_sign_of_zero_is_stale():
    x = Value(0.0)
    y = 1 / x
    x.data = -0.0
    with pytest.raises(StaleGraphError):
        gradients(y, [x], create_graph=True)


def test_nan_is_not_stale():
    x = Value(math.nan)
    [slope] = gradients(x * x, [x], create_graph=True)
    assert math.isnan(slope.data)


# gradients()


def test_gradients_touch_nothing():
    x, z = Value(2.0), Value(3.0)
    h = x * z
    y = h * x
    assert gradients(y, [x, z, h, y]) == [12.0, 4.0, 2.0, 1.0]
    assert not any(v.has_grad for v in (x, z, h, y))
    y.backward()
    x.grad = 5.0
    gradients(y, [x], create_graph=True)
    assert x.grad == 5.0


def test_gradients_of_what_is_not_reached_are_zero():
    x, other = Value(2.0), Value(1.0)
    assert gradients(x * 2, [other]) == [0.0]
    [g] = gradients(x * 2, [other], create_graph=True)
    assert (g.data, g.op) == (0.0, "const")


def test_gradients_take_any_collection():
    x, z = Value(2.0), Value(3.0)
    assert gradients(x * z, (v for v in (x, x, z))) == [3.0, 3.0, 2.0]
    assert gradients(x * z, np.array([x, z])) == [3.0, 2.0]
    assert gradients(x * z, x) == [3.0]
    assert gradients(x * z, []) == []
    with pytest.raises(TypeError, match=r"expected Values, found float"):
        gradients(x, [1.0])
    with pytest.raises(TypeError, match="got float"):
        gradients(1.0, [x])


@pytest.mark.parametrize("order", range(1, 6))
def test_higher_derivatives_of_a_polynomial(order):
    x = Value(1.5)
    y = x**5 - 2 * x**3 + x
    for _ in range(order):
        [y] = gradients(y, [x], create_graph=True)
    expected = np.polyder(np.poly1d([1, 0, -2, 0, 1, 0]), order)(1.5)
    assert y.data == pytest.approx(expected, rel=1e-14)


def test_nested_derivatives_do_not_confuse_their_perturbations():
    """d/dx (x * d/dz (x + z)) = 1, the classic trap (Siskind and Pearlmutter, 2005)."""
    x, z = Value(1.0), Value(1.0)
    [inner] = gradients(x + z, [z], create_graph=True)
    assert gradients(x * inner, [x]) == [1.0]


def test_backward_through_a_recorded_gradient():
    x = Value(2.0)
    [slope] = gradients(x**3, [x], create_graph=True)
    (slope * slope).backward()
    assert x.grad == 2 * 12.0 * 12.0


# Order


def test_topological_order_is_depth_first_left_to_right():
    a, b, c, d = (Value(float(i), name) for i, name in enumerate("abcd"))
    ab, cd = a * b, c * d
    y = (cd + ab) * autograd.where(a, ab, d)
    names = [v.name or v.op for v in topological_order([y])]
    assert names == ["c", "d", "mul", "a", "b", "mul", "add", "where", "mul"]
    assert topological_order([ab, y, ab])[:3] == [a, b, ab]


def test_threads_that_share_leaves_do_not_corrupt_each_other():
    weight = Value(1.0)
    found = []

    def work(k):
        for _ in range(200):
            y = weight * k
            for _ in range(20):
                y = y + weight * 0
            found.append((k, gradients(y, [weight])[0]))

    threads = [threading.Thread(target=work, args=(k,)) for k in (1.0, 2.0, 3.0)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(found) == 600
    assert all(k == g for k, g in found)
