"""Modules: which parameters there are and what they are called."""

from __future__ import annotations

import copy
import pickle

from autograd import Value, array
from nn import MLP, Layer, Module, Neuron


class Custom(Module):
    def __init__(self):
        self.scale = Value(1.0)
        self.table = {"left": Value(2.0), "right": [Value(3.0), Value(4.0)]}
        self.blocks = [MLP(1, 1, seed=0), Neuron(1, seed=0)]
        self.w = array([[1.0, 2.0]])
        self.again = self.scale
        self.computed = self.scale * 2
        self.text, self.number = "text", 3


def test_parameters_are_found_once_in_order_and_named_by_their_place():
    module = Custom()
    names = [name for name, _ in module.named_parameters()]
    assert names == [
        "scale", "table.left", "table.right[0]", "table.right[1]",
        "block0.layer0.neuron0.w[0]", "block0.layer0.neuron0.b", "block1.w[0]", "block1.b",
        "w[0,0]", "w[0,1]",
    ]  # fmt: skip
    assert module.parameters() == [v for _, v in module.named_parameters()]
    assert len(set(module.parameters())) == len(names)


def test_an_mlps_parameters_bear_the_names_of_their_places():
    model = MLP(2, [3, 1], seed=0)
    named = model.named_parameters()
    assert [v.name for _, v in named] == [name for name, _ in named]
    assert [name for name, _ in named][:4] == [
        "layer0.neuron0.w[0]", "layer0.neuron0.w[1]", "layer0.neuron0.b", "layer0.neuron1.w[0]"
    ]  # fmt: skip
    assert named[-1][0] == "layer1.neuron0.b"
    assert len(named) == 3 * 3 + 4


def test_zero_grad():
    model = MLP(2, 1, seed=0)
    model([1.0, 2.0]).backward()
    assert all(v.has_grad for v in model.parameters())
    model.zero_grad()
    assert not any(v.has_grad for v in model.parameters())


def test_modules_are_copied_and_pickled():
    model = MLP(2, [3, 2], seed=0)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert [v.data for v in twin.parameters()] == [v.data for v in model.parameters()]
        assert not set(twin.parameters()) & set(model.parameters())
        assert [y.data for y in twin([1.0, 2.0])] == [y.data for y in model([1.0, 2.0])]


def test_a_module_without_parameters():
    assert Module().parameters() == []
    assert Layer(1, 1, seed=0).named_parameters()[0][0] == "neuron0.w[0]"
