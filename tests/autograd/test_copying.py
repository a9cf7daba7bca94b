"""copy, deepcopy and pickle: data, gradients, names, and one node stays one node."""

from __future__ import annotations

import copy
import gc
import io
import math
import pickle
import random
import weakref

import pytest

from autograd import Value, array, copying, gradients, partials

WAYS = [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))] + [
    lambda thing, p=p: pickle.loads(pickle.dumps(thing, protocol=p)) for p in (0, 2, 4)
]


def graph():
    x, z = Value(2.0, "x"), Value(-0.0, "z")
    h = x.tanh()
    y = h * z + x**2 + h
    y.name = "y"
    y.backward()
    return x, z, h, y


def look(v):
    return (v.data, math.copysign(1, v.data), v.grad, v.has_grad, v.name, v.op, partials(v))


@pytest.mark.parametrize("duplicate", WAYS)
def test_everything_is_kept(duplicate):
    for v in graph():
        twin = duplicate(v)
        assert twin is not v
        assert look(twin) == look(v)
        assert [look(p) for p in twin.parents] == [look(p) for p in v.parents]


@pytest.mark.parametrize("duplicate", WAYS)
@pytest.mark.parametrize("seed", range(12))
def test_identity_holds_in_any_order_and_container(duplicate, seed):
    nodes = list(graph())
    nodes += [p for v in nodes for p in v.parents]
    random.Random(seed).shuffle(nodes)
    twins, nested = duplicate((nodes, {"again": nodes[::-1], 0: (nodes[0],)}))
    for i, v in enumerate(nodes):
        assert look(twins[i]) == look(v)
        assert nested["again"][-1 - i] is twins[i]
        for k, p in enumerate(v.parents):
            if p in nodes:
                assert twins[i].parents[k] is twins[nodes.index(p)]
    assert nested[0][0] is twins[0]


@pytest.mark.parametrize("duplicate", WAYS)
def test_a_copy_is_differentiated_on_its_own(duplicate):
    x, _, _, y = graph()
    y2, x2 = duplicate((y, x))
    before = x2.grad
    y2.backward()
    assert x2.grad == 2 * before
    assert x.grad == before
    [slope] = gradients(y2, [x2], create_graph=True)
    assert gradients(slope, [x2]) == gradients(gradients(y, [x], create_graph=True)[0], [x])


@pytest.mark.parametrize("duplicate", WAYS)
def test_what_was_assigned_since_is_kept_apart_from_what_was_recorded(duplicate):
    x, _, h, y = graph()
    x.data, h.data = 5.0, 7.0
    x2, h2, y2 = duplicate((x, h, y))
    assert (x2.data, h2.data) == (5.0, 7.0)
    assert gradients(y2, [x2]) == gradients(y, [x])
    assert partials(h2) == partials(h)


def test_a_shallow_copy_shares_its_operands():
    y = graph()[-1]
    twin = copy.copy(y)
    assert look(twin) == look(y)
    assert twin.parents == y.parents
    twin.name = "other"
    assert y.name == "y"


def test_arrays():
    W = array([[1.0, 2.0]], name="W")
    for duplicate in WAYS:
        twin, first = duplicate((W, W[0, 0]))
        assert type(twin) is type(W)
        assert twin[0, 0] is first
        assert first.name == "W[0,0]"


def test_a_subclass_of_value_travels():
    for duplicate in WAYS:
        assert type(duplicate(Special(1.0))) is Special


class Special(Value):
    __slots__ = ()


def test_two_dumps_see_the_numbers_of_their_own_time():
    """A pickler that is kept alive must not make a later dump write old numbers."""
    x = Value(2.0)
    y = x * 3
    kept = pickle.Pickler(io.BytesIO())
    kept.dump(y)
    x.data, y.data = 5.0, 6.0
    y2, x2 = pickle.loads(pickle.dumps((y, x)))
    assert (y2.data, x2.data) == (6.0, 5.0)


def test_dumping_leaves_nothing_behind():
    _, _, _, y = graph()
    pickle.dumps(y)
    gc.collect()
    assert copying._bundle_of == {}
    alive = weakref.ref(y)
    del y
    gc.collect()
    assert alive() is None


def test_many_nodes_of_one_chain():
    nodes = [Value(1.0)]
    for _ in range(2000):
        nodes.append(nodes[-1] * 1.5)
    for order in (nodes, nodes[::-1]):
        for duplicate in WAYS[:2]:
            twins = duplicate(order)
            index = {v: i for i, v in enumerate(order)}
            assert all(
                twins[i].parents[0] is twins[index[v.parents[0]]]
                for i, v in enumerate(order)
                if v.parents
            )
