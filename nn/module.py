"""`Module`: an object with parameters, which are collected and named by its attributes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from autograd import Value, modes, provenance, zero_grad

_P = ParamSpec("_P")
_R = TypeVar("_R")
_M = TypeVar("_M", bound="Module")


class Module:
    """The base class of what computes with parameters: derive from it and set attributes.

    Its parameters are the leaves among its attributes: Values, arrays of Values, other Modules, and
    lists, tuples and dicts of these. A parameter is named by its path, an item of a list `layers`
    as `layer0`: `layer0.neuron3.w[5]`.

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
        """Put what a module computes in the scope of its name, under `autograd.record()`."""
        super().__init_subclass__(**options)
        if "__call__" in vars(cls):
            own: Any = cls
            own.__call__ = in_scope(own.__call__)

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return the parameters with their names, each once, in the order of the attributes."""
        within = _walk(self, with_arrays=True)
        return [(name, v) for name, v in within if isinstance(v, Value) and v.op is None]

    def parameters(self) -> list[Value]:
        """Return the parameters, each once, in the order of the attributes."""
        return [v for _, v in self.named_parameters()]

    def zero_grad(self) -> None:
        """Unset the gradients of all parameters."""
        zero_grad(self.parameters())


def in_scope(method: Callable[Concatenate[_M, _P], _R]) -> Callable[Concatenate[_M, _P], _R]:
    """Decorate a method of a module: its nodes lie in the module's scope if they are observed.

    The module that is called first has no scope of its own; those within it are named by the path
    to them from the calling module, as their parameters are: `layer0.neuron3`.
    """

    @functools.wraps(method)
    def call(self: _M, /, *arguments: _P.args, **named: _P.kwargs) -> _R:
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

    return call


class _Call:
    """A call of a module that is running, and the names of the modules within."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._names: dict[int, tuple[str, Module]] | None = None

    def name_of(self, module: Module) -> str:
        """Return the first path to a module within this one; "" for another."""
        if self._names is None:
            within = _walk(self.module, with_arrays=False)
            self._names = {id(m): (name, m) for name, m in within if isinstance(m, Module)}
        return self._names.get(id(module), ("", module))[0]


_running: ContextVar[_Call | None] = ContextVar("running", default=None)


def check_count(what: str, number: Any) -> None:
    """Raise ValueError for what is not a whole number of at least 1."""
    if not isinstance(number, (int, np.integer)) or isinstance(number, bool) or number < 1:
        raise ValueError(f"{what} is a whole number of at least 1, got {number!r}")


def _walk(root: Any, with_arrays: bool) -> Iterator[tuple[str, Any]]:
    """Yield the modules and Values within a thing with their paths, each once, in order.

    Arrays of Values are left out unless wanted: no modules are in them.
    """
    stack = [("", root)]
    seen: set[int] = set()  # a module may refer to one that holds it
    while stack:
        path, thing = stack.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, Value):  # most things are, and nothing is within them
            yield path, thing
            continue
        if isinstance(thing, Module):
            yield path, thing
        is_array = isinstance(thing, np.ndarray) and thing.size and isinstance(thing.flat[0], Value)
        if with_arrays or not is_array:
            stack.extend(reversed(list(_items(path, thing))))


def _items(path: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a thing with their paths; nothing if it cannot hold parameters."""
    if isinstance(thing, (Module, dict)):
        parts = thing if isinstance(thing, dict) else vars(thing)
        for key, item in parts.items():
            yield f"{path}.{key}" if path else str(key), item
    elif isinstance(thing, np.ndarray) and thing.dtype == object:
        for index, item in np.ndenumerate(thing):
            yield f"{path}[{','.join(map(str, index))}]", item
    elif isinstance(thing, (list, tuple)):
        for i, item in enumerate(thing):
            is_module = isinstance(item, Module)
            yield f"{path.removesuffix('s')}{i}" if is_module else f"{path}[{i}]", item
