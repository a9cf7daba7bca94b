"""Neurons, layers and perceptrons against NumPy."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import autograd
from autograd import Value, ValueArray
from autograd.primitive import TABLE
from nn import MLP, Layer, Neuron

X = [0.5, -1.2]


def matrices(model):
    return [
        (
            np.array([autograd.data(n.w) for n in layer.neurons]),
            np.array([n.b.data for n in layer.neurons]),
        )
        for layer in model.layers
    ]


def test_the_forward_pass_is_the_matrix_formula():
    model = MLP(2, [4, 3], activation="tanh", output_activation="sigmoid", seed=3)
    (W0, b0), (W1, b1) = matrices(model)
    hidden = np.tanh(W0 @ X + b0)
    expected = 1 / (1 + np.exp(-(W1 @ hidden + b1)))
    output = model(X)
    assert type(output) is ValueArray
    np.testing.assert_allclose(autograd.data(output), expected, rtol=1e-14)


def test_the_last_width_of_one_gives_one_value():
    assert isinstance(MLP(2, [3, 1], seed=0)(X), Value)
    assert isinstance(MLP(2, 1, seed=0)(np.array(X)), Value)
    assert isinstance(Neuron(2, seed=0)(X), Value)
    assert Layer(2, 1, seed=0)(X).shape == (1,)


@pytest.mark.parametrize("inputs", [X, tuple(X), np.array(X), [Value(x) for x in X], iter(X)])
def test_kinds_of_inputs(inputs):
    model = MLP(2, 2, seed=0)
    expected = [v.data for v in model(X)]
    assert [v.data for v in model(inputs)] == expected


def test_nodes_are_named():
    model = MLP(2, [2, 1], activation="relu", seed=0)
    y = model(X)
    names = {v.name for v in autograd.Graph(y).nodes if v.name}
    assert {"x[0]", "x[1]", "layer0.neuron1.z", "layer0.neuron1.a", "layer1.neuron0.z"} <= names
    assert "layer1.neuron0.a" not in names
    inputs = [v for v in autograd.Graph(y).nodes if v.name == "x[0]"]
    assert [v.op for v in inputs] == ["const"]


def test_values_as_inputs_get_gradients():
    x = [Value(v) for v in X]
    MLP(2, [3, 1], seed=0)(x).backward()
    assert all(v.has_grad for v in x)


@pytest.mark.parametrize("name", [r.name for r in TABLE.values() if r.arity == 1])
def test_every_unary_row_is_an_activation(name):
    neuron = Neuron(2, name, seed=0)
    z = float(autograd.data(neuron.w) @ X) + neuron.b.data
    expected = TABLE[name](z)
    assert neuron(X).data == pytest.approx(expected, nan_ok=True)


def test_activations_layer_by_layer():
    def ops(model):
        return [layer.neurons[0].activation and layer.neurons[0].activation.name
                for layer in model.layers]  # fmt: skip

    assert ops(MLP(1, [2, 2, 1])) == ["tanh", "tanh", None]
    assert ops(MLP(1, [2, 2, 1], "relu", "sigmoid")) == ["relu", "relu", "sigmoid"]
    assert ops(MLP(1, [2, 2, 1], ["relu", "sin"])) == ["relu", "sin", None]
    assert ops(MLP(1, [2, 2, 1], ["relu", "linear", "tanh"])) == ["relu", None, "tanh"]
    assert ops(MLP(1, [2, 1], autograd.relu, autograd.sigmoid)) == ["relu", "sigmoid"]
    assert ops(MLP(1, [2, 2, 1], None)) == [None, None, None]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MLP(2, [3], "ReLu6"), r"unknown activation 'ReLu6'; did you mean 'relu'"),
        (lambda: MLP(2, [3, 2], "reul"), r"unknown activation 'reul'; did you mean 'relu'\?$"),
        (lambda: MLP(2, [3, 2], "tahn"), r"did you mean 'tanh'\?$"),
        (lambda: MLP(2, [3, 2], "relu", "softmax"), "the loss cross_entropy takes logits"),
        (lambda: Neuron(2, "banana"), "unknown activation 'banana'; there are linear, neg, .*tanh"),
        (lambda: MLP(2), "at least one layer"),
        (lambda: Layer(2, [3]), r"nout is a whole number of at least 1, got \[3\]"),
        (lambda: Neuron(2, "maximum"), "unknown activation 'maximum'"),
        (lambda: Neuron(2, 3), "unknown activation 3"),
        (lambda: MLP(2, []), "at least one layer"),
        (lambda: MLP(0, [1]), "a width is a whole number of at least 1, got 0"),
        (lambda: MLP(2, [0]), "a width is a whole number of at least 1, got 0"),
        (lambda: MLP(2, [2.5]), r"got 2\.5"),
        (lambda: MLP(2, [True]), "got True"),
        (lambda: MLP(2, [2, 2], ["relu"] * 5), "5 activations for 1 hidden layers"),
        (lambda: MLP(2, [2, 2], ["relu"] * 2, "tanh"), "2 activations"),
        (lambda: MLP(2, 2, init="best"), "unknown initialisation 'best'; there are auto"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("given", "write"),
    [
        ((2, 8, 2), "MLP(2, [8, 2])"), ((2, 8, 8, 2), "MLP(2, [8, 8, 2])"),
        (([2, 8, 2],), "MLP(2, [8, 2])"), (((2, 8), 2), "MLP(2, [8, 2])"),
        ((2, [8], 2), "MLP(2, [8, 2])"),
    ],
)  # fmt: skip
def test_widths_outside_the_list(given, write):
    with pytest.raises(TypeError, match=re.escape(f"in one list: write {write}")):
        MLP(*given)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Layer(3, 4)([0.5, 1.2]),
         r"Layer\(3 -> 4\) takes 3 inputs, got 2: \[0\.5, 1\.2\]; pass one value per input"),
        (lambda: MLP(64, [2])([0.0] * 65), r"MLP\(64 -> 2\) takes 64 inputs, got 65: .*…\]"),
        (lambda: Neuron(1)([]), r"Neuron\(1 -> 1\) takes 1 input, got 0"),
        (lambda: MLP(2, 2)(np.ones((5, 2))), r"one example of 2 inputs, got .* shape \(5, 2\)"),
    ],
)  # fmt: skip
def test_wrong_inputs(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_inputs_that_are_no_numbers():
    with pytest.raises(TypeError, match="got str 'a'"):
        MLP(2, 2)(["a", 1.0])


# Initialisation


def test_the_same_seed_gives_the_same_network():
    numbers = [[v.data for v in MLP(3, [4, 2], seed=s).parameters()] for s in (1, 1, 2, None, None)]
    assert numbers[0] == numbers[1]
    assert numbers[0] != numbers[2]
    assert numbers[3] != numbers[4]


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].tolist()
    MLP(3, [4, 2], seed=1)
    assert np.random.get_state()[1].tolist() == before


@pytest.mark.parametrize(
    ("activation", "init", "deviation"),
    [
        ("relu", "auto", math.sqrt(2 / 200)), ("gelu", "auto", math.sqrt(2 / 200)),
        ("tanh", "auto", math.sqrt(2 / 300)), ("sigmoid", "auto", math.sqrt(2 / 300)),
        (None, "auto", math.sqrt(2 / 300)), ("tanh", "he", math.sqrt(2 / 200)),
        ("relu", "glorot", math.sqrt(2 / 300)), ("tanh", "article", 1.0),
    ],
)  # fmt: skip
def test_standard_deviations(activation, init, deviation):
    layer = Layer(200, 100, activation, init=init, seed=0)
    weights = np.array([autograd.data(n.w) for n in layer.neurons])
    assert weights.std() == pytest.approx(deviation, rel=0.02)
    assert abs(weights.mean()) < 0.02 * deviation
    assert all(n.b.data == 0.0 for n in layer.neurons)


def test_the_articles_weights_are_those_of_its_code():
    np.random.seed(7)
    W1, W2 = np.random.randn(5, 4), np.random.randn(4, 3)
    found = matrices(MLP(5, [4, 3], "sigmoid", "sigmoid", init="article", seed=7))
    np.testing.assert_array_equal(found[0][0].T, W1)
    np.testing.assert_array_equal(found[1][0].T, W2)
