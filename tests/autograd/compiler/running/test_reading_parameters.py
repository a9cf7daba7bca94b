"""A compiled function sees every number that is written to its parameters."""

import threading

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, dot


def assigned(W):
    W[1].data = 5.0


def assigned_under_no_grad(W):
    with autograd.no_grad():
        W[1].data = 5.0


def added_in_place(W):
    W += 1.0


def written_by_index(W):
    W[1:] = [4.0, 3.0]


def assigned_at_once(W):
    autograd.assign(W, [4.0, 3.0, 2.0])


def stepped(W):
    W[2].grad = 1.0
    nn.SGD(W.tolist(), lr=1.0).step()


def written_by_a_thread(W):
    thread = threading.Thread(target=assigned, args=[W])
    thread.start()
    thread.join()


def trained(W):
    class Model(nn.Module):
        def __init__(self):
            self.W = W

        def __call__(self, x):
            return dot(W, x)

    nn.fit(Model(), [[1.0, 2.0, 3.0]], [[9.0]], loss=lambda y, t: (y - t[0]) ** 2, epochs=1)


@pytest.mark.parametrize(
    "write",
    [assigned, assigned_under_no_grad, added_in_place, written_by_index, assigned_at_once,
     stepped, written_by_a_thread, trained],
)  # fmt: skip
def test_what_was_written_is_read(write):
    W = autograd.array([1.0, 2.0, 3.0])
    c = autograd.compile(lambda x: dot(W, x))
    x = np.array([[1.0, 10.0, 100.0]])
    for _ in range(2):
        assert c(x) == [321.0]
    before = autograd.data(W).tolist()
    write(W)
    assert autograd.data(W).tolist() != before
    assert c(x) == c.value_and_grad(x)[0] == pytest.approx(autograd.data(W) @ x[0])


def test_a_write_that_is_interrupted_is_read_as_far_as_it_came():
    w = [Value(1.0), Value(2.0)]
    c = autograd.compile(lambda x: w[0] * x + w[1])
    assert c([1.0]) == [3.0]
    with pytest.raises(ValueError, match="zip"):
        autograd.node.set_data(w, [5.0])
    assert c([1.0]) == [7.0]


def test_numbers_that_are_given_do_not_stay():
    w = Value(1.0)
    c = autograd.compile(lambda x: w * x)
    assert (c([1.0]), c([1.0], theta=[4.0]), c([1.0])) == ([1.0], [4.0], [1.0])
