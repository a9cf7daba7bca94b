"""`origin`: the line, the columns and the scope in which a node was made."""

from __future__ import annotations

import gc
import linecache
import threading
from contextlib import ExitStack

import numpy as np
import pytest
from origins import here, line, written

import autograd
from autograd import (
    Value,
    origin,
    record,
    scope,
)

# Lines


def test_lambdas_comprehensions_and_several_lines():
    x = Value(2.0)
    with record():
        f = lambda v: v * 3.0  # noqa: E731
        at = here()
        y = f(x)
        many = [
            x
            + i
            for i in range(2)
        ]  # fmt: skip
        long = (
            x * x
            + autograd.exp(
                x
            )
        )  # fmt: skip
        total = sum([x, x, x])
        keyed = {k: x * k for k in (1.0, 2.0)}
        chosen = max([x, x * 2.0], key=lambda v: (v * 1.0).data)
    assert (line(y), written(y)) == (at - 1, "v * 3.0")
    assert [line(v) for v in many] == [at + 3, at + 3]
    assert origin(many[0]).columns is None  # it begins in one line and ends in another
    assert line(long) == at + 8
    assert line(long.parents[0]) == at + 8
    assert line(long.parents[1]) == at + 9
    assert written(long.parents[0]) == "x * x"
    assert written(total) == "sum([x, x, x])"
    assert written(keyed[2.0]) == "x * k"
    assert written(chosen) == "x * 2.0"


def test_columns_count_characters():
    größe, x = Value(2.0), Value(3.0)
    with record():
        ergebnis, 数 = größe * x, (größe + x) * größe
    assert written(ergebnis) == "größe * x"
    assert written(数) == "(größe + x) * größe"
    assert written(数.parents[0]) == "größe + x"


@pytest.mark.parametrize(
    "name", ["<stdin>", "<string>", "<doctest a.b[0]>", "/tmp/ipykernel_1/2.py"]
)
def test_code_without_a_file(name):
    names = {"Value": Value}
    with record():
        exec(compile("\nx = Value(2.0)\ny = x * x + 1", name, "exec"), names)
    found = origin(names["y"])
    assert (found.place.file, found.place.line) == (name, 3)
    assert found.text == ""
    assert found.columns is None or found.columns[0] <= found.columns[1]
    linecache.cache[name] = (0, None, ["\n", "x = Value(2.0)\n", "y = x * x + 1\n"], name)
    try:
        assert written(names["y"]) == "x * x + 1"
    finally:
        del linecache.cache[name]


def test_libraries_are_not_the_user():
    W = autograd.array(np.ones((2, 2)))
    v = autograd.array([1.0, 2.0])
    with record():
        at = here()
        y = W @ v
        z = np.tanh(y).sum()
        m = autograd.mean([z, z])
        s = autograd.softmax(y)
        w = autograd.array([1.0, 2.0])
        g = autograd.gradients(z * z, [v[0]], create_graph=True)
        d = np.dot(v, v)
    assert {line(node) for node in y} == {at + 1}
    assert line(z) == at + 2
    assert line(m) == at + 3
    assert {line(node) for node in s} == {at + 4}
    assert {line(node) for node in w} == {at + 5}
    assert line(g[0]) == at + 6
    assert line(d) == at + 7
    assert written(y[0]) == "W @ v"


def test_a_class_of_one_s_own():
    class Weight(Value):
        def __init__(self, data):
            super().__init__(data, "w")

    with record():
        w = Weight(2.0)
    assert origin(w).text == 'super().__init__(data, "w")'


# Scopes


def test_scopes_nest_and_are_left():
    x = Value(2.0)
    with record():
        with scope("a"):
            y = x * x
            with scope("b"), scope("c"):
                z = x * x
            with pytest.raises(RuntimeError), scope("d"):
                raise RuntimeError
            w = x * x
            leaf = Value(1.0)
        v = x * x
    assert [origin(n).scope for n in (y, z, w, leaf, v)] == ["a", "a.b.c", "a", "a", ""]


def test_one_scope_within_itself():
    x, block = Value(2.0), scope("s")
    with record():
        with block, block:
            y = x * x
        z = x * x
    assert (origin(y).scope, origin(z).scope) == ("s.s", "")


def test_a_scope_decorates():
    @scope("f")
    def f(x, depth):
        return f(x, depth - 1) if depth else x * x

    with record(), scope("outer"):
        assert origin(f(Value(2.0), 2)).scope == "outer.f.f.f"
        assert origin(Value(2.0) * 2.0).scope == "outer"


@pytest.mark.parametrize(("name", "error"), [("", ValueError), (" ", ValueError), (3, TypeError)])
def test_bad_names(name, error):
    with pytest.raises(error, match="a scope's name"):
        scope(name)


def test_a_scope_in_a_generator_is_the_generator_s():
    def numbers(name, x):
        with scope(name):
            while True:
                yield x * x

    def of_generator(name, x):
        with scope(name):
            yield from numbers("inner", x)

    x = Value(2.0)
    with record():
        a, b, c = numbers("a", x), numbers("b", x), of_generator("c", x)
        with scope("main"):
            found = [origin(v).scope for v in (next(a), x * x, next(b), x * x, next(a))]
            assert found == ["main.a", "main", "main.b", "main", "main.a"]
        assert origin(next(c)).scope == "c.inner"
        assert origin(x * x).scope == ""
        with scope("later"):
            a.close()
            assert origin(x * x).scope == "later"
            assert origin(next(b)).scope in ("b.later", "later.b", "main.b.later")
        b.close()
        c.close()
        assert origin(x * x).scope == ""


def test_an_abandoned_generator_leaves_no_scope():
    def numbers(x):
        with scope("g"):
            yield x * x

    x = Value(2.0)
    with record():
        next(numbers(x))
        gc.collect()
        assert origin(x * x).scope == ""
        with ExitStack() as stack:
            stack.enter_context(scope("s"))
            assert origin(x * x).scope == "s"


def test_scopes_in_threads():
    x, found = Value(2.0), {}
    shared, ready = scope("s"), threading.Barrier(3)

    def work(name):
        with record(), scope(name):
            ready.wait()
            with shared:
                ready.wait()
                found[name] = origin(x * x).scope
            ready.wait()
            found[name, "after"] = origin(x * x).scope

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {k: v for n in "abc" for k, v in ((n, f"{n}.s"), ((n, "after"), n))}
