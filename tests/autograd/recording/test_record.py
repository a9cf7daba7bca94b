"""`record()`: where nodes were made, in which scope; what it costs when it is off."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import gc
import pickle
import threading
import tracemalloc
import weakref

import numpy as np
import pytest
from origins import here, line, written

import autograd
from autograd import (
    AnomalyError,
    Graph,
    Value,
    detect_anomaly,
    modes,
    no_grad,
    origin,
    record,
    scope,
)
from autograd.provenance import UNKNOWN

# Off and on


def test_off_nodes_know_nothing():
    x = Value(2.0)
    y = x * x + 1
    y.backward()
    assert not any(hasattr(v, "_origin") or hasattr(v, "_ledger") for v in Graph(y))
    assert origin(x) is UNKNOWN
    assert (origin(y).line, origin(y).text, origin(y).scope) == ("", "", "")
    with record():
        pass
    assert not hasattr(x * x, "_origin")
    assert modes.active == 0


def test_nodes_leaves_and_constants():
    with record():
        x, at = Value(2.0, "x"), here()
        y = x * 3.0
        z = autograd.tanh(y) + y
    assert (line(x), line(y), line(z)) == (at, at + 1, at + 2)
    assert [written(v) for v in (x, y, z)] == ['Value(2.0, "x")', "x * 3.0", "autograd.tanh(y) + y"]
    assert written(z.parents[0]) == "autograd.tanh(y)"
    assert origin(z).place.file == __file__
    assert origin(z).place.function == "test_nodes_leaves_and_constants"
    assert origin(z).line == f"test_record.py:{at + 2}"
    assert origin(z).text == "z = autograd.tanh(y) + y"


def test_it_is_on_while_any_block_is():
    x = Value(2.0)
    block = record()
    with record(), block, block, record():
        assert line(x * x)
    assert modes.active == 0
    assert line(x * x) is None
    with pytest.raises(RuntimeError), block:
        raise RuntimeError
    with block:
        assert line(x * x)
    assert line(x * x) is None


@pytest.mark.parametrize("mode", [record(), detect_anomaly(), scope("s")])
def test_as_a_decorator(mode):
    @mode
    def square(x, deeper=0):
        """The square."""
        return square(x, deeper - 1) if deeper else x * x

    with record():
        assert line(square(Value(2.0), 3))
    assert bool(line(square(Value(2.0)))) == (not isinstance(mode, scope))
    assert square.__doc__ == "The square."
    assert modes.active == 0


def test_options_are_named():
    with pytest.raises(TypeError):
        detect_anomaly(lambda x: x)


@pytest.mark.parametrize("make", [record, detect_anomaly])
def test_one_instance_in_many_threads(make):
    shared, ready, errors = make(), threading.Barrier(4), []

    def work(number):
        try:
            for _ in range(50):
                x = Value(2.0)
                assert line(x * x) is None
                with shared:
                    ready.wait()
                    assert line(x * x)
                    with shared:
                        ready.wait()
                    assert line(x * x)
                assert line(x * x) is None
        except BaseException as error:
            errors.append(error)
            ready.abort()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert modes.active == 0


def test_a_thread_is_looked_on_at_if_it_asks():
    x, seen = Value(2.0), []
    with record(), scope("s"):
        for run in (lambda f: f(), contextvars.copy_context().run):
            thread = threading.Thread(target=run, args=(lambda: seen.append(origin(x * x).scope),))
            thread.start()
            thread.join()
    assert seen == ["", "s"]


def test_tasks_have_their_own():
    x = Value(2.0)

    async def work(name, turns):
        with record(), scope(name):
            scopes = []
            for _ in range(turns):
                await asyncio.sleep(0)
                scopes.append(origin(x * x).scope)
            return scopes

    async def main():
        return await asyncio.gather(work("a", 3), work("b", 5), work("c", 1)), line(x * x)

    assert asyncio.run(main()) == ([["a"] * 3, ["b"] * 5, ["c"]], None)
    assert modes.active == 0


def test_blocks_that_end_out_of_order():
    """As those in generators do: each ends itself and no other."""
    x = Value(2.0)

    def recording():
        with record():
            yield

    generator = recording()
    next(generator)
    with no_grad():
        assert list(generator) == []
        assert (x * x).op == "const"
        assert modes.observer() is None
    assert (x * x).op == "mul"
    assert modes.active == 0
    assert modes.current.get() is None

    first, second = recording(), recording()
    next(first)
    next(second)
    assert list(first) == []
    assert line(x * x)
    assert list(second) == []
    assert line(x * x) is None
    assert modes.active == 0


def test_a_detector_stays_when_another_block_ends_before_it():
    def recording():
        with record():
            yield

    generator, x = recording(), Value(-1.0)
    next(generator)
    with detect_anomaly():
        assert list(generator) == []
        with pytest.raises(AnomalyError):
            autograd.log(x)
    assert modes.active == 0
    assert line(autograd.log(x)) is None


def test_a_block_that_ends_in_another_context():
    def recording():
        with record(), scope("s"), no_grad():
            yield

    generator = recording()
    contextvars.copy_context().run(next, generator)
    assert list(generator) == []
    x = Value(2.0)
    assert modes.active == 0
    assert (x * x).op == "mul"
    with record():
        assert origin(x * x).scope == ""


def test_no_grad_under_record():
    x = Value(2.0)
    with record():
        with no_grad():
            y = x * x
        z = x * x
    assert (y.op, line(y)) == ("const", None)
    assert line(z)
    with no_grad(), record():
        assert (x * x).op == "const"


# Other parts of the library under record()


def test_compiled_functions_do_the_same():
    w = Value(2.0, "w")

    def f(x):
        with scope("inside"):
            return autograd.tanh(w * x)

    data = np.array([0.5, -1.0])
    plain = autograd.compile(f).value_and_grad(data)
    with record(), scope("s"):
        compiled = autograd.compile(f)
        recorded = compiled.value_and_grad(data)
        again = compiled.value_and_grad(data)
        line_of = str(compiled.program)
    assert recorded[0] == again[0] == plain[0]
    assert (recorded[1] == plain[1]).all()
    with detect_anomaly():
        assert compiled.value_and_grad(data)[0] == plain[0]
    assert line_of


def test_second_derivatives_do_the_same():
    x = Value(1.3)

    def second():
        [slope] = autograd.gradients(autograd.exp(x * x), [x], create_graph=True)
        return slope.data, autograd.gradients(slope, [x])

    plain = second()
    with record():
        assert second() == plain
    with detect_anomaly():
        assert second() == plain


# Copies, pickles, memory


def test_copies_and_pickles_drop_what_was_recorded():
    x = Value(2.0, "x")
    with record():
        y = x * x
        y.backward()
    for twin in (copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert origin(twin) is UNKNOWN
        assert len(twin.history) == 0
        assert twin.data == 4.0
        assert twin.grad == 1.0
    leaf = copy.deepcopy(x)
    assert leaf.grad == 4.0
    assert str(leaf.history).splitlines() == [
        "x.grad = 4.0, from 0 backward calls known",
        "it was assigned, or came from a backward call that was not recorded",
    ]


def step(w: Value, size: int = 50) -> weakref.ref[Value]:
    autograd.zero_grad(w)
    y = w * 1.0
    for _ in range(size):
        y = y * w
    y.backward()
    w.data -= 0.001 * w.grad
    return weakref.ref(y)


def test_old_graphs_go():
    w = Value(0.9, "w")
    with record():
        first = step(w)
        gc.collect()
        assert first() is not None  # its ledger refers to it
        second = step(w)
        gc.collect()
        assert first() is None
    assert second() is not None
    del w
    gc.collect()
    assert second() is None


def test_a_training_loop_does_not_grow():
    w = Value(0.9, "w")

    def size() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        with record():
            for _ in range(10):
                step(w)
            before = size()
            for _ in range(200):
                step(w)
            assert size() - before < 20_000
    finally:
        tracemalloc.stop()


def test_an_error_does_not_keep_a_mode():
    with pytest.raises(AnomalyError), record(), detect_anomaly(), scope("s"):
        autograd.log(Value(-1.0))
    assert modes.active == 0
    assert modes.current.get() is None
