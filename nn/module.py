"""`Module`: a thing with parameters, and how they are found and named."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

import numpy as np

from autograd import Value, modes, provenance, zero_grad

_F = TypeVar("_F", bound=Callable[..., Any])


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

    def __init_subclass__(cls, **options: Any) -> None:
        """Under `autograd.record()`, what a module computes is in the scope of its name."""
        super().__init_subclass__(**options)
        if "__call__" in vars(cls):
            cls.__call__ = in_scope(cls.__call__)  # type: ignore[method-assign]

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


def in_scope(method: _F) -> _F:
    """A method of a module whose nodes lie in the module's scope, where anything looks on.

    The module that is called first has no scope of its own; those within it are named by the way
    to them from the one that calls, as their parameters are: `layer0.neuron3`.
    """

    @functools.wraps(method)
    def call(self: Module, *arguments: Any, **named: Any) -> Any:
        if not modes.active or modes.observer() is None:
            return method(self, *arguments, **named)
        outer = _running.get()
        if outer is not None and outer.module is self:  # a method that calls another of its own
            return method(self, *arguments, **named)
        is_ours = type(self).__module__.startswith("nn.")
        inside = _Call(self)
        provenance.enter("" if outer is None else outer.name_of(self), inside, of_library=is_ours)
        running = _running.set(inside)
        try:
            return method(self, *arguments, **named)
        finally:
            _running.reset(running)
            provenance.leave(inside)

    return call  # type: ignore[return-value]


class _Call:
    """A module that runs, and what those within it are called."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._names: dict[int, tuple[str, Module]] | None = None

    def name_of(self, module: Module) -> str:
        """The way to a module within this one, the first there is; "" for another."""
        if self._names is None:
            self._names = _names_within(self.module)
        found = self._names.get(id(module))
        return "" if found is None else found[0]


_running: ContextVar[_Call | None] = ContextVar("running", default=None)


def _names_within(module: Module) -> dict[int, tuple[str, Module]]:
    """By the id of each module within a module the way to it, as `named_parameters` goes."""
    names: dict[int, tuple[str, Module]] = {}
    stack: list[tuple[str, Any]] = [("", module)]
    seen: set[int] = set()
    while stack:
        path, thing = stack.pop()
        if isinstance(thing, Value) or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, Module):
            names[id(thing)] = path, thing
        if not _holds_values(thing):
            stack.extend(list(_items(path, thing))[::-1])
    return names


def _holds_values(thing: Any) -> bool:
    """Whether a thing is an array of Values, in which no modules are looked for."""
    return isinstance(thing, np.ndarray) and bool(thing.size) and isinstance(thing.flat[0], Value)


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
