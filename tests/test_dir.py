"""`dir` lists what can be read: completion offers no name that raises."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd import Graph, Stepper, Value


def things():
    x, W = Value(2.0, "x"), autograd.array([[1.0, 2.0], [3.0, 4.0]], "W")
    y = x * 3 + 1
    compiled = autograd.compile(lambda a: (W @ a).sum())
    yield from {"leaf": x, "fresh": compiled}.items()
    y.backward()
    model, called = nn.MLP(2, [3, 2], seed=0), autograd.compile(lambda a: (W @ a).sum())
    called(np.ones((2, 2)))
    history = nn.fit(model, [[0.0, 1.0], [1.0, 0.0]], [0, 1], epochs=1, progress=False)
    yield from {
        "constant": y.parents[1], "result": y, "element": W[0, 0], "array": W, "vector": W[0],
        "computed": W + 1, "empty": W[:0], "graph": Graph(y), "stepper": Stepper(y), "model": model,
        "layer": model.layers[0], "neuron": model.layers[0].neurons[0], "history": history,
        "diagram": viz.draw(y), "compiled": called, "program": called.program,
        "explanation": autograd.explain(y, x), "optimizer": history.optimizer,
    }.items()  # fmt: skip


@pytest.mark.parametrize("thing", [pytest.param(x, id=name) for name, x in things()])
def test_every_name_can_be_read(thing):
    names = dir(thing)
    for name in names:
        getattr(thing, name)
    assert {"__class__", "__dir__"} < set(names)


def test_names_of_ours_are_all_there():
    """What a class defines and can be read is listed, so nothing is lost."""
    v = Value(1.0) * 2.0
    assert {"data", "grad", "tanh", "backward", "parents", "detach"} <= set(dir(v))
    assert {"data", "grad", "sum", "T", "shape", "backward"} <= set(dir(autograd.array([1.0])))


def test_the_names_of_a_tracer():
    seen = []
    autograd.compile(lambda a: seen.append(dir(a)) or a * 2.0)([1.0])
    assert "tanh" in seen[0]
    assert "data" not in seen[0]
