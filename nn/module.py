"""`Module`: a thing with parameters, and how they are found and named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Value, zero_grad


class Module:
    """Something that computes with parameters: derive from it and set attributes.

    Its parameters are the leaves among its attributes: Values, arrays of Values, other Modules, and
    lists, tuples and dicts of these. A parameter is named by the way to it, an item of a list
    `layers` as `layer0`: `layer0.neuron3.w[5]`.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(0.0)
    ...
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> [name for name, _ in Line().named_parameters()]
    ['slope', 'offset']
    """

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters with their names, each once, in the order of the attributes."""
        names: dict[Value, str] = {}
        for name, v in _leaves("", self, set()):
            names.setdefault(v, name)
        return [(name, v) for v, name in names.items()]

    def parameters(self) -> list[Value]:
        """The parameters, each once, in the order of the attributes."""
        return [v for _, v in self.named_parameters()]

    def zero_grad(self) -> None:
        """Unset the gradients of all parameters."""
        zero_grad(self.parameters())


def _leaves(path: str, thing: Any, seen: set[int]) -> Iterator[tuple[str, Value]]:
    if isinstance(thing, Value):
        if thing.op is None:
            yield path, thing
    elif id(thing) not in seen:  # a module may refer to one that holds it
        seen.add(id(thing))
        for name, item in _items(path, thing):
            yield from _leaves(name, item, seen)


def _items(path: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """The parts of a thing with their names; none of what cannot hold parameters."""
    if isinstance(thing, (Module, dict)):
        parts = thing if isinstance(thing, dict) else vars(thing)
        for key, item in parts.items():
            yield f"{path}.{key}" if path else str(key), item
    elif isinstance(thing, np.ndarray) and thing.dtype == object:
        for index, item in np.ndenumerate(thing):
            yield f"{path}[{','.join(map(str, index))}]", item
    elif isinstance(thing, (list, tuple)):
        for i, item in enumerate(thing):
            yield (
                (f"{path.removesuffix('s')}{i}" if isinstance(item, Module) else f"{path}[{i}]"),
                item,
            )
