"""Modules are scopes under `record()`, named as their parameters are."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Graph, Value, detect_anomaly, origin, record, scope
from autograd.compositions import inner_product


class Line(nn.Module):
    """y = slope * x, in the user's own code."""

    def __init__(self, slope: float = 2.0) -> None:
        self.slope = Value(slope)

    def __call__(self, x: Any) -> Any:
        return self.slope * x


def scopes(y: Value) -> list[str]:
    """The scopes of the operations below a node, in order, each once."""
    return list(dict.fromkeys(origin(v).scope for v in Graph(y) if v.parents))


def owner(parameter: str) -> str:
    """The module in the name of a parameter."""
    return parameter.rpartition(".")[0]


def check_named_like_parameters(model: nn.Module, y: Value) -> None:
    """Each operation on a parameter lies in the scope in which the parameter is."""
    names = {v: name for name, v in model.named_parameters()}
    found = 0
    for v in Graph(y):
        for operand in v.parents:
            if operand in names:
                assert origin(v).scope == owner(names[operand])
                found += 1
    assert found >= len(names)


def test_an_mlp_s_layers_and_neurons():
    model = nn.MLP(2, [2, 1], seed=0)
    with record():
        y = model([1.0, 2.0])
    assert sorted(scopes(y)) == ["layer0.neuron0", "layer0.neuron1", "layer1.neuron0"]
    check_named_like_parameters(model, y)
    assert {origin(v).place.function for v in Graph(y) if v.parents} == {
        "test_an_mlp_s_layers_and_neurons"
    }


def test_within_a_scope():
    model = nn.MLP(1, 1, seed=0)
    with record(), scope("student"):
        y = model([1.0])
        z = y * y
    assert scopes(y) == ["student.layer0.neuron0"]
    assert origin(z).scope == "student"


def test_one_s_own_module_in_lists_and_dicts():
    class Model(nn.Module):
        def __init__(self):
            self.blocks = [Line(), Line()]
            self.heads = {"mean": Line(), "spread": [Line()]}
            self.pair = (Line(), nn.Neuron(1, seed=0))
            self.grid = np.array([Line(), Line()], dtype=object)

        def __call__(self, x):
            for block in self.blocks:
                x = block(x)
            x = x + 1.0
            x = self.heads["spread"][0](self.heads["mean"](x))
            x = self.pair[1]([self.pair[0](x)])
            return self.grid[1](self.grid[0](x))

    model = Model()
    with record():
        y = model(Value(1.0))
    expected = ["block0", "block1", "", "heads.mean", "heads.spread0", "pair0", "pair1"]
    assert scopes(y) == [*expected, "grid[0]", "grid[1]"]
    check_named_like_parameters(model, y)


def test_a_module_called_twice_and_a_shared_one():
    class Model(nn.Module):
        def __init__(self):
            self.first = shared = Line()
            self.second = shared
            self.inner = Outer(shared)

        def __call__(self, x):
            return self.inner(self.second(self.first(x)))

    class Outer(nn.Module):
        def __init__(self, line):
            self.line = line

        def __call__(self, x):
            return self.line(x) + 1.0

    model = Model()
    with record():
        y = model(Value(1.0))
        z = model(Value(1.0))
    assert [name for name, _ in model.named_parameters()] == ["first.slope"]
    assert scopes(y) == scopes(z) == ["first", "inner.line", "inner"]


def test_a_module_within_one_that_is_not_called():
    class Model(nn.Module):
        def __init__(self):
            self.holder = Holder()

        def __call__(self, x):
            return self.holder.lines[1](x)

    class Holder(nn.Module):
        def __init__(self):
            self.lines = [Line(), Line()]

    with record():
        y = Model()(Value(1.0))
    assert scopes(y) == ["holder.line1"]


def test_modules_from_elsewhere_have_no_name():
    stranger = Line()

    class Model(nn.Module):
        def __call__(self, x):
            return stranger(x) * Line(1.0)(x)

    with record(), scope("s"):
        assert scopes(Model()(Value(1.0))) == ["s"]


def test_modules_that_know_each_other():
    class Child(Line):
        def __init__(self, parent):
            super().__init__()
            self.parent = parent

        def __call__(self, x):
            return self.parent.other(super().__call__(x))

    class Parent(nn.Module):
        def __init__(self):
            self.child = Child(self)
            self.other = Line()

        def __call__(self, x):
            return self.child(x)

    with record():
        assert scopes(Parent()(Value(1.0))) == ["child", "child.parent.other"]


def test_a_subclass_that_calls_the_one_above():
    class Doubled(nn.MLP):
        def __call__(self, x):
            return super().__call__(x) * 2.0

    class Model(nn.Module):
        def __init__(self):
            self.net = Doubled(1, [1], seed=0)

        def __call__(self, x):
            return self.net([x])

    model = Model()
    with record():
        y = model(Value(1.0))
    assert scopes(y) == ["net.layer0.neuron0", "net"]
    assert origin(y).text == "return super().__call__(x) * 2.0"


def test_a_module_that_raises_leaves_its_scope():
    class Failing(Line):
        def __call__(self, x):
            super().__call__(x)
            raise RuntimeError

    class Model(nn.Module):
        def __init__(self):
            self.failing, self.line = Failing(), Line()

        def __call__(self, x):
            with pytest.raises(RuntimeError):
                self.failing(x)
            return self.line(x) + 1.0

    with record():
        assert scopes(Model()(Value(1.0))) == ["line", ""]
        with pytest.raises(RuntimeError):
            Failing()(Value(1.0))
        assert origin(Value(1.0) * 2.0).scope == ""


def test_its_own_scopes_within():
    class Gated(Line):
        def __call__(self, x):
            with scope("gate"):
                y = self.slope * x
            return y + 1.0

    class Model(nn.Module):
        def __init__(self):
            self.layers = [Gated()]

        def __call__(self, x):
            with scope("loop"):
                return self.layers[0](x)

    with record():
        assert scopes(Model()(Value(1.0))) == ["loop.layer0.gate", "loop.layer0"]


def test_lines_of_one_s_own_modules_are_their_own():
    with record():
        y = Line()(Value(1.0))
    assert origin(y).text == "return self.slope * x"


def test_in_threads():
    class Pair(nn.Module):
        def __init__(self):
            self.lines = [Line(), Line()]

        def __call__(self, x):
            return self.lines[1](self.lines[0](x))

    model, found = Pair(), []

    def work():
        with record():
            found.extend([scopes(model(Value(1.0))) for _ in range(20)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["line0", "line1"]] * 80


def test_an_anomaly_names_the_scope():
    class Bad(Line):
        def __call__(self, x):
            return (self.slope * x).log()

    class Model(nn.Module):
        def __init__(self):
            self.layers = [Bad(-1.0)]

        def __call__(self, x):
            return self.layers[0](x)

    with detect_anomaly(), pytest.raises(ArithmeticError, match="in scope layer0\n"):
        Model()(Value(1.0))


def test_off_nothing_is_looked_up():
    class Never(Line):
        @property
        def __dict__(self):
            raise AssertionError

        def __call__(self, x):
            return inner_product([x], [x])

    model = Never.__new__(Never)
    assert model(Value(2.0)).data == 4.0
