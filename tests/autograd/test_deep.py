"""Tens of thousands of operations deep, a million in `make test-all`: no recursion limit."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
import tracemalloc
import weakref

import pytest

from autograd import Graph, Value, gradients

DEPTHS = [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)]


def chain(depth: int) -> tuple[Value, Value]:
    x = y = Value(1.0, "x")
    for i in range(depth):
        y = y * 1.0000001 if i % 2 else y + 1e-7
    return x, y


@pytest.fixture(scope="module", params=DEPTHS)
def deep(request):
    assert sys.getrecursionlimit() <= 1000
    return *chain(request.param), request.param


def test_backward(deep):
    x, y, depth = deep
    x.grad = None
    y.backward()
    assert x.grad == pytest.approx(1.0000001 ** (depth // 2), rel=1e-9)


def test_differentiates_twice(deep):
    x, y, depth = deep
    [slope] = gradients(y, [x], create_graph=True)
    assert slope.data == pytest.approx(1.0000001 ** (depth // 2), rel=1e-9)
    assert gradients(slope, [x]) == [0.0]


def test_prints_shortened(deep):
    _, y, _ = deep
    assert len(repr(y)) < 100
    assert len(str(Graph(y)).splitlines()) == 62


def test_deepcopy(deep):
    x, y, _ = deep
    x2, y2 = copy.deepcopy((x, y))
    assert gradients(y2, [x2]) == gradients(y, [x])


def test_pickle(deep):
    x, y, _ = deep
    y2, x2 = pickle.loads(pickle.dumps((y, x)))
    assert y2.data == y.data
    assert gradients(y2, [x2]) == gradients(y, [x])


@pytest.mark.parametrize("depth", DEPTHS)
def test_is_freed(depth):
    _, y = chain(depth)
    middle = y
    for _ in range(1000):
        middle = middle.parents[0]
    alive = weakref.ref(middle)
    del middle, y
    gc.collect()
    assert alive() is None


def test_memory_is_linear():
    def bytes_a_node(depth):
        tracemalloc.start()
        _, y = chain(depth)
        y.backward()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size / len(Graph(y))

    small, large = bytes_a_node(2_000), bytes_a_node(20_000)
    assert large < 350
    assert large == pytest.approx(small, rel=0.05)


def test_a_wide_sum_and_a_deep_second_derivative():
    x = Value(0.5)
    y = x
    for _ in range(5_000):
        y = y + x.tanh()
    [slope] = gradients(y, [x], create_graph=True)
    [curvature] = gradients(slope, [x])
    t = x.tanh().data
    assert curvature == pytest.approx(5_000 * -2 * t * (1 - t * t), rel=1e-9)
