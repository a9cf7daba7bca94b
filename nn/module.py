"""`Module`: an object with parameters, which are collected and named by its attributes."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from itertools import product
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd import Value, modes, provenance, zero_grad
from autograd.floats.ieee import is_whole
from nn.prediction import predict

_P = ParamSpec("_P")
_R = TypeVar("_R")
_M = TypeVar("_M", bound="Module")


class Module:
    """The base class of what computes with parameters: derive from it and set attributes.

    Its parameters are the leaves among its attributes: Values, arrays of Values, other Modules, and
    lists, tuples, deques and dicts of these. A parameter is named by its path, an item of a list
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
        """Put what a module computes in the scope of its name, under `autograd.record()`."""
        super().__init_subclass__(**options)
        if "__call__" in vars(cls):
            own: Any = cls
            own.__call__ = in_scope(own.__call__)

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return the parameters with their names, each once, in the order of the attributes.

        Raises ValueError, naming both, for two parameters that would have one name.
        """
        named = [pair for pair in _walk(self) if isinstance(v := pair[1], Value) and v._row is None]
        if len(dict(named)) < len(named):
            _refuse_clash(self)
        return named

    def parameters(self) -> list[Value]:
        """Return the parameters, each once, in the order of the attributes. Raises the same."""
        return [v for _, v in self.named_parameters()]

    def children(self) -> list[tuple[str, Module]]:
        """Return the modules directly within this one, with their names."""
        within = _walk(self, with_arrays=False, deep=False)
        return [(name, m) for name, m in within if isinstance(m, Module) and m is not self]

    def zero_grad(self) -> None:
        """Unset the gradients of all parameters."""
        zero_grad(self.parameters())

    def predict(self, X: Any, *, compiled: bool = True) -> NDArray[np.float64]:
        """Return the outputs for each row of X, as `nn.predict` does."""
        model: Any = self  # which derived classes call
        return predict(model, X, compiled=compiled)


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


def named_parameters(model: Any) -> list[tuple[str, Value]]:
    """Return the parameters of a model with names; of one that is no Module numbered ones."""
    if hasattr(model, "named_parameters"):
        return list(model.named_parameters())
    return [(f"parameters[{i}]", v) for i, v in enumerate(model.parameters())]


def check_count(what: str, number: Any) -> None:
    """Raise ValueError for what is not a whole number of at least 1."""
    if not is_whole(number, 1):
        raise ValueError(f"{what} is a whole number of at least 1, got {number!r}")


def _refuse_clash(model: Module) -> None:
    """Raise ValueError for the first two parameters of one name, by the ways to them."""
    found: dict[str, str] = {}
    for (name, v), (way, _) in zip(_walk(model), _walk(model, literal=True), strict=True):
        if isinstance(v, Value) and v.op is None and found.setdefault(name, way) != way:
            raise ValueError(
                f"two parameters would be called {name!r}: that of model{found[name]} and that of "
                f"model{way}; rename one, for a file has each name once"
            )


def _walk(
    root: Any, *, with_arrays: bool = True, deep: bool = True, literal: bool = False
) -> Iterator[tuple[str, Any]]:
    """Yield the modules and Values within a thing with their paths, each once, in order.

    Arrays of Values are left out unless wanted: no modules are in them. Modules within modules are
    not gone through unless `deep`. Literal paths are what Python would write.
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
            if not deep and thing is not root:
                continue
        parts = _items(path, thing, literal)
        if isinstance(thing, np.ndarray) and thing.size and isinstance(thing.flat[0], Value):
            if not with_arrays:
                continue
            for way, part in parts:  # most Values are in arrays, where nothing else is
                if id(part) not in seen and isinstance(part, Value):
                    seen.add(id(part))
                    yield way, part
        else:
            stack.extend(reversed(list(parts)))


def _items(path: str, thing: Any, literal: bool) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a thing with their paths; nothing if it cannot hold parameters."""
    if isinstance(thing, Module):
        for key, item in vars(thing).items():
            way = f".{key}" if key.isidentifier() else f".__dict__[{key!r}]"
            yield path + way if literal else f"{path}.{key}" if path else key, item
    elif isinstance(thing, dict):
        for key, item in thing.items():
            yield f"{path}[{key!r}]" if literal else f"{path}.{key}" if path else str(key), item
    elif isinstance(thing, np.ndarray) and thing.dtype == object:
        places = range(len(thing)) if thing.ndim == 1 else map(
            ",".join, product(*[map(str, range(n)) for n in thing.shape])
        )  # fmt: skip
        for place, item in zip(places, thing.ravel().tolist(), strict=True):
            yield f"{path}[{place}]", item
    elif isinstance(thing, (set, frozenset)) and any(isinstance(x, (Value, Module)) for x in thing):
        raise TypeError(f"{path or 'a set'} has no order: keep its parameters in a list or a dict")
    elif isinstance(thing, (list, tuple, deque)):
        for i, item in enumerate(thing):
            is_module = isinstance(item, Module) and not literal
            yield f"{path.removesuffix('s')}{i}" if is_module else f"{path}[{i}]", item
