"""`Neuron`, `Layer` and `MLP`: the multilayer perceptron, one number at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np

from autograd import Value, ValueArray, array
from autograd.compositions import inner_product
from autograd.floats.ieee import is_whole
from autograd.primitive import TABLE, Primitive
from autograd.text.spelling import advice, suggesting
from autograd.value import constant
from nn.initialisation import Generator, draw_weights, generator
from nn.module import Module, check_count, in_scope

Activation = str | Callable[..., Any] | None
Activations = Activation | Sequence[Activation]


class Neuron(Module):
    """A weighted sum of the inputs plus a bias, and an activation.

    Its weights are named `neuron.w[0]` …, its bias `neuron.b`. In each call the weighted sum is
    named `neuron.z` and the activated output `neuron.a`.

    >>> neuron = Neuron(2, "tanh", seed=0)
    >>> [v.name for v in neuron.parameters()]
    ['neuron.w[0]', 'neuron.w[1]', 'neuron.b']
    """

    @suggesting
    def __init__(
        self, nin: int, activation: Activation = "tanh", *, init: str = "auto",
        seed: int | Generator | None = None, name: str = "neuron",
    ) -> None:  # fmt: skip
        check_count("nin", nin)
        row = find_activation(activation)
        weights = draw_weights(generator(seed), nin, 1, row, init)[0]
        self._build(weights.tolist(), row, name)

    def _build(self, weights: list[float], activation: Primitive | None, name: str) -> None:
        self.w = array(weights, name=f"{name}.w")
        self.b = Value(0.0, name=f"{name}.b")
        self.activation = activation
        self.name = name

    def __call__(self, inputs: Any) -> Value:
        """Return the output for one example. Raises ValueError for a wrong count of inputs."""
        return self.respond(as_inputs(inputs, len(self.w), repr(self)))

    @in_scope
    def respond(self, inputs: list[Value]) -> Value:
        """Compute the output for inputs that are known to fit."""
        z: Value = inner_product(self.w.tolist(), inputs) + self.b
        z.name = f"{self.name}.z"
        if self.activation is None:
            return z
        a: Value = self.activation(z)
        a.name = f"{self.name}.a"
        return a

    def __repr__(self) -> str:
        return f"Neuron({len(self.w)} -> 1)"


class Layer(Module):
    """Neurons side by side: each sees all inputs.

    >>> layer = Layer(2, 3, "relu", seed=0)
    >>> layer([1.0, 2.0]).shape
    (3,)
    """

    @suggesting
    def __init__(
        self, nin: int, nout: int, activation: Activation = "tanh", *, init: str = "auto",
        seed: int | Generator | None = None, name: str = "layer",
    ) -> None:  # fmt: skip
        check_count("nin", nin)
        check_count("nout", nout)
        row = find_activation(activation)
        self.nin = nin
        self.activation = row
        self.neurons = []
        for i, weights in enumerate(draw_weights(generator(seed), nin, nout, row, init)):
            neuron = Neuron.__new__(Neuron)
            neuron._build(weights.tolist(), row, f"{name}.neuron{i}")
            self.neurons.append(neuron)

    def __call__(self, inputs: Any) -> ValueArray:
        """Return the outputs (nout,) for one example. Raises ValueError for a wrong count."""
        return array(self.respond(as_inputs(inputs, self.nin, repr(self))))

    @in_scope
    def respond(self, inputs: list[Value]) -> list[Value]:
        """Compute the output for inputs that are known to fit."""
        return [neuron.respond(inputs) for neuron in self.neurons]

    def __repr__(self) -> str:
        return f"Layer({self.nin} -> {len(self.neurons)})"


class MLP(Module):
    """A multilayer perceptron: layers one after the other.

    Args:
        nin: the number of inputs.
        nouts: the widths of the layers, ending with the output; one number makes one layer.
        activation: for the hidden layers, the name of a unary operation of the table (None or
            "linear" for none), or a list with one for each hidden layer (or for every layer).
        output_activation: the same for the last layer.
        init: the rule of `nn.initialisation.draw_weights`: "auto", "he", "glorot" or "article".
            Biases begin at 0.
        seed: of the random weights; the same seed gives the same network, whatever the version of
            NumPy. None gives another network each time.

    Parameters come in the order of the layers and are named `layer0.neuron3.w[5]`,
    `layer0.neuron3.b`. Numbers given as inputs become constants named `x[0]`, `x[1]` ….

    Raises ValueError for widths below 1, an unknown activation or rule, lists of a wrong length.

    >>> model = MLP(2, [3, 1], activation="tanh", seed=0)
    >>> y = model([0.5, -1.0])
    >>> y.name, len(model.parameters())
    ('layer1.neuron0.z', 13)
    """

    @suggesting
    def __init__(
        self, nin: int, nouts: Sequence[int] | int = (), activation: Activations = "tanh",
        output_activation: Activation = None, *, init: str = "auto",
        seed: int | Generator | None = None,
    ) -> None:  # fmt: skip
        widths = list(nouts) if isinstance(nouts, (Sequence, np.ndarray)) else [nouts]
        _refuse_loose(nin, widths, activation, output_activation)
        if not widths:
            raise ValueError("an MLP has at least one layer: nouts is empty")
        for width in (nin, *widths):
            check_count("a width", width)
        names = _spread(activation, output_activation, len(widths))
        rng = generator(seed)
        nouts = [int(n) for n in widths]
        self.config = {"nin": int(nin), "nouts": nouts, "activation": names, "init": init}
        self.layers = [
            Layer(n, width, name, init=init, seed=rng, name=f"layer{i}")
            for i, (n, width, name) in enumerate(zip([nin, *widths], widths, names, strict=False))
        ]

    def __call__(self, inputs: Any) -> Any:
        """Return the outputs for one example of nin numbers or Values.

        Returns a ValueArray of shape (last width,), or one Value where that is 1.
        Raises ValueError for a wrong count of inputs or a whole batch.
        """
        values = as_inputs(inputs, self.layers[0].nin, repr(self))
        for layer in self.layers:
            values = layer.respond(values)
        return values[0] if len(values) == 1 else array(values)

    def __repr__(self) -> str:
        widths = [self.layers[0].nin, *(len(layer.neurons) for layer in self.layers)]
        return f"MLP({' -> '.join(map(str, widths))})"


def as_inputs(inputs: Any, count: int, who: str) -> list[Value]:
    """Convert the inputs of one example to Values: numbers become constants named by place."""
    if hasattr(inputs, "__array__") and not isinstance(inputs, Value):
        inputs = np.asarray(inputs)
        _refuse_batch(inputs.ndim > 1, count, who, f"an array of shape {inputs.shape}")
        inputs = inputs.ravel().tolist()
    inputs = [inputs] if isinstance(inputs, (Value, Real, np.generic)) else list(inputs)
    are_rows = any(isinstance(x, (list, tuple, np.ndarray)) for x in inputs)
    _refuse_batch(are_rows, count, who, f"{len(inputs)} rows")
    if len(inputs) != count:
        plural = "" if count == 1 else "s"
        shown = ", ".join(map(repr, inputs[:4])) + (", …" if len(inputs) > 4 else "")
        if any(isinstance(x, Value) for x in inputs):
            shown = "Values"
        raise ValueError(
            f"{who} takes {count} input{plural}, got {len(inputs)}: [{shown}]; "
            "pass one value per input"
        )
    return [x if isinstance(x, Value) else _input(i, x) for i, x in enumerate(inputs)]


def _refuse_batch(is_batch: bool, count: int, who: str, got: str) -> None:
    if is_batch:
        raise ValueError(
            f"{who} takes one example of {count} inputs, got {got}; for a batch write "
            "model.predict(X), or [model(x) for x in X] to go on computing with the Values"
        )


def _input(i: int, number: Any) -> Value:
    v = constant(Value(number).data)
    v.name = f"x[{i}]"
    return v


def _refuse_loose(nin: Any, widths: list[Any], *others: Any) -> None:
    """Raise TypeError for widths that are not in one list: `MLP(2, 8, 2)`, `MLP([2, 8, 2])`."""
    is_list, more = isinstance(nin, (list, tuple)), [x for x in others if is_whole(x)]
    given = [*(nin if is_list else [nin]), *widths, *more]
    if given and (is_list or more):
        raise TypeError(
            "an MLP takes the number of its inputs, and the widths of all layers in one list: "
            f"write MLP({given[0]}, {given[1:]})"
        )


def find_activation(activation: Activation) -> Primitive | None:
    """Find the row of an activation, by its name or its function; None for None and "linear".

    Raises ValueError for a name that no unary operation has.
    """
    name = getattr(activation, "__name__", activation)
    if name is None or name == "linear":
        return None
    known = ["linear", *(row.name for row in TABLE.values() if row.arity == 1)]
    if name not in known:
        raise ValueError(f"unknown activation {name!r}{advice(str(name), known, len(known))}")
    return TABLE[name]


def _spread(activation: Activations, output: Activation, layers: int) -> list[str | None]:
    """Return the name of one activation for each layer, checked."""
    if activation is None or isinstance(activation, str) or callable(activation):
        return [*[_named(activation)] * (layers - 1), _named(output)]
    names = [_named(a) for a in activation]
    if len(names) == layers - 1:
        return [*names, _named(output)]
    if len(names) == layers and output is None:
        return names
    raise ValueError(
        f"{len(names)} activations for {layers - 1} hidden layers and the output: give one for "
        "each hidden layer, or one for every layer and no output_activation"
    )


def _named(activation: Activation) -> str | None:
    row = find_activation(activation)
    return None if row is None else row.name
