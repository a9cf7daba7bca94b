"""What a file claims of a model, held against it before any number is read or any Value made."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from autograd import Value
from nn.layers import MLP
from nn.module import named_parameters
from nn.saving.files import Shapes


def check_claims(shapes: Shapes, about: dict[str, Any], model: Any = None) -> Any:
    """Return the model that a file says it is of, an MLP if none is given.

    Raises ValueError where the arrays do not fit.
    """
    if model is not None:
        _check_activations(model, about)
        own = {f"model.{n}": a.shape for n, a in as_arrays(named_parameters(model)).items()}
        _compare(own, shapes, f"{model!r:.80}")
        return model
    widths, activation, init = _arguments(about)
    own = {}
    for layer, (count, width) in enumerate(pairwise(widths)):
        if width > len(shapes):
            raise ValueError(f"it has {len(shapes)} arrays, and layer{layer} {width} neurons")
        for neuron in range(width):
            own[f"model.layer{layer}.neuron{neuron}.w"] = (count,)
            own[f"model.layer{layer}.neuron{neuron}.b"] = ()
    _compare(own, shapes, f"an MLP of {widths!r:.60}")
    return MLP(widths[0], widths[1:], activation, init=init, seed=0)


def _check_activations(model: Any, about: dict[str, Any]) -> None:
    if isinstance(model, MLP) and about["arguments"] is not None:
        own, other = model.config["activation"], about["arguments"]["activation"]
        if own != other:
            raise ValueError(f"its activations are {other!r:.80}, and those of {model!r} {own}")


def _compare(own: Shapes, shapes: Shapes, who: str) -> None:
    saved = {name: shape for name, shape in shapes.items() if name.startswith("model.")}
    for what, names in (("lacks", own.keys() - saved), ("has unknown", saved.keys() - own)):
        if names:
            shown = ", ".join(sorted(name.removeprefix("model.") for name in names)[:3])
            raise ValueError(f"{what} parameters of {who}: {shown}")
    for name, shape in own.items():
        if saved[name] != shape:
            raise ValueError(f"{name} is of shape {saved[name]!r:.60}, and in {who} of {shape}")


def _arguments(about: dict[str, Any]) -> tuple[list[int], Any, Any]:
    """The widths, activations and rule of an MLP in a file."""
    if about["model"] != "MLP" or about["arguments"] is None:
        raise ValueError(
            f"it holds the parameters of a {about['model']!s:.60}, which only you can build: "
            "pass one as model="
        )
    nin, nouts, activation, init = (
        about["arguments"][name] for name in ("nin", "nouts", "activation", "init")
    )
    if any(type(n) is not int or n < 1 for n in (nin, *nouts)):
        raise ValueError(f"the widths are whole numbers from 1, got {[nin, *nouts]!r:.60}")
    return [nin, *nouts], activation, init


def as_arrays(named: Iterable[tuple[str, Value]]) -> dict[str, Any]:
    """Put parameters whose names are all the places of an array together, in an array of objects.

    >>> import autograd
    >>> w = autograd.array([[1.0, 2.0]], name="w")
    >>> as_arrays([("w[0,0]", w[0, 0]), ("w[0,1]", w[0, 1]), ("b", Value(0.0))])["w"].shape
    (1, 2)
    """
    groups: dict[str, list[tuple[str, Value]]] = {}
    for name, v in named:
        base, bracket, _ = name.rpartition("[")
        groups.setdefault(base if bracket and name[-1] == "]" else name, []).append((name, v))
    found: dict[str, Any] = {}
    for base, members in groups.items():
        shape = _shape(base, [name for name, _ in members])
        if shape is None:
            found |= {name: np.array(v, dtype=object) for name, v in members}
        else:
            values = np.empty(len(members), dtype=object)
            values[:] = [v for _, v in members]
            found[base] = values.reshape(shape)
    return found


def _shape(base: str, names: list[str]) -> tuple[int, ...] | None:
    """The shape of the array whose elements have these names, in order; None if there is none."""
    last = names[-1][len(base) + 1 : -1].split(",")
    if not all(index.isdecimal() and len(index) < 8 for index in last):
        return () if names == [base] else None
    shape = tuple(int(index) + 1 for index in last)
    if math.prod(shape) != len(names):
        return None
    places = [f"{base}[{','.join(map(str, place))}]" for place in np.ndindex(shape)]
    return shape if places == names else None
