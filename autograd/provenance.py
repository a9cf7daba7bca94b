"""The origin of a node: the line that made it, its scope, the variable that holds it.

Nodes made under `autograd.record()` have one. A node keeps the code object that ran and the offset
of the instruction, which costs little; line and columns are computed when they are asked for.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from autograd import modes
from autograd.backward import deliver, pull_back
from autograd.primitive import CONST
from autograd.system.source import Place, of_a_library, place_in, text_of, users_frame
from autograd.value import Value

_ITEMS = 1000  # of a list that is searched for Values
_GENERATOR = CO_GENERATOR | CO_ASYNC_GENERATOR


class Origin(NamedTuple):
    """The line and the scope that a node was made in.

    Attributes:
        place: the line.
        columns: where in the line the expression begins and ends, if it lies within it.
        scope: the names of the scopes around, joined by dots; "" outside all of them.
    """

    place: Place | None
    columns: tuple[int, int] | None
    scope: str

    @property
    def line(self) -> str:
        """The file and the line, `demo.py:12`; "" if it is unknown."""
        return self.place.short if self.place else ""

    @property
    def text(self) -> str:
        """The text of the line; "" if it cannot be read."""
        return text_of(self.place) if self.place else ""


UNKNOWN = Origin(None, None, "")


class _Scope(NamedTuple):
    """A scope that was entered, and the one around it."""

    name: str
    path: str
    # The user's line for all that is made within, where a library's own code makes it
    at: tuple[CodeType, int] | None = None
    owner: object = None
    outer: _Scope | None = None
    generator: FrameType | None = None  # that entered it: while it is suspended, nothing is made
    has_generator: bool = False  # true if a generator entered this scope or one around it


_NONE = _Scope("", "")
_scope: ContextVar[_Scope] = ContextVar("scope", default=_NONE)


class scope(modes.Decorator):  # noqa: N801, used like a keyword
    """Name what is computed inside: nodes made under `record()` remember it.

    A context manager and a decorator; scopes nest, and their names are joined by dots. A scope
    holds for the thread or task that entered it; one inside a generator for that generator.

    Raises TypeError for a name that is not a string, ValueError for an empty one.

    >>> from autograd import Value, record
    >>> with record(), scope("encoder"), scope("gate"):
    ...     y = Value(2.0) * 3
    >>> origin(y).scope
    'encoder.gate'
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"a scope's name is a string, got {type(name).__name__} {name!r}")
        if not name.strip():
            raise ValueError("a scope's name is empty")
        self.name = name

    def __enter__(self) -> scope:
        frame = sys._getframe(1)
        is_generator = frame.f_code.co_flags & _GENERATOR
        _scope.set(_within(_scope.get(), self.name, self, None, frame if is_generator else None))
        return self

    def __exit__(self, *exception: object) -> None:
        leave(self)


def enter(name: str, owner: object, of_library: bool = False) -> None:
    """Begin a scope, with "" for none of its own; `leave` ends that of the same owner.

    In a scope of a library all that is made belongs to the line that called the library.
    """
    frame = users_frame() if of_library else None
    at = None if frame is None else (frame.f_code, frame.f_lasti)
    _scope.set(_within(_scope.get(), name, owner, at))


def leave(owner: object) -> None:
    """End the innermost scope of an owner, which others may have outlasted."""
    inner: list[_Scope] = []
    here: _Scope | None = _scope.get()
    while here is not None and here.owner is not owner:
        inner.append(here)
        here = here.outer
    if here is not None and here.outer is not None:
        _scope.set(_again(here.outer, inner))


def _within(
    outer: _Scope, name: str, owner: object, at: Any, generator: FrameType | None = None
) -> _Scope:
    path = f"{outer.path}.{name}" if outer.path and name else outer.path or name
    has_generator = outer.has_generator or generator is not None
    return _Scope(name, path, at, owner, outer, generator, has_generator)


def _again(outer: _Scope, inner: list[_Scope]) -> _Scope:
    """The same scopes, the innermost first, within another one."""
    for s in reversed(inner):
        outer = _within(outer, s.name, s.owner, s.at, s.generator)
    return outer


def _awake(here: _Scope | None) -> _Scope:
    """The scopes without those of generators that are suspended."""
    running: list[_Scope] = []
    while here is not None:
        if here.owner is not None and (here.generator is None or here.generator.f_back):
            running.append(here)
        here = here.outer
    return _again(_NONE, running)


def note_origin(v: Value, depth: int = 3) -> None:
    """Let a new node remember the scope, and the user's line, at least `depth` frames down."""
    here = _scope.get()
    if here.has_generator:
        here = _awake(here)
    if here.at is not None:
        v._origin = (*here.at, here.path)
        return
    try:
        frame: FrameType | None = sys._getframe(depth)
    except ValueError:  # called by what is no Python
        return
    while frame is not None and of_a_library[frame.f_code.co_filename]:
        frame = frame.f_back
    if frame is not None:
        v._origin = (frame.f_code, frame.f_lasti, here.path)


class OriginObserver:
    """An observer that notes where nodes are made, and else lets all be as without one."""

    computed = staticmethod(note_origin)

    def made(self, v: Value) -> None:
        """Note the origin of a new leaf."""
        note_origin(v)

    def backward(self, output: Value, cotangents: dict[Value, float]) -> None:
        """Run a backward pass and add to the gradients."""
        pull_back(cotangents)
        deliver(cotangents)

    def pull_back(
        self,
        output: Value,
        cotangents: dict[Value, float],
        order: dict[Value, float],
        wanted: list[Value],
    ) -> None:
        """Run a backward pass that writes no `.grad`, from the nodes in `order`."""
        pull_back(cotangents, len(order))

    def record_pull_back(
        self, output: Value, order: dict[Value, float], wanted: list[Value], work: Callable[[], Any]
    ) -> dict[Value, Any]:
        """Run a backward pass, `work`, that is recorded itself."""
        cotangents: dict[Value, Any] = work()
        return cotangents

    def stepped(self, parameters: list[Value]) -> None:
        """Do nothing where an optimizer moves parameters."""

    def ran(self, run: Any) -> None:
        """Do nothing: compiled programs are only checked for anomalies."""


def origin(v: Value) -> Origin:
    """Return the origin of a node; `UNKNOWN` for one that was not made under `record()`.

    >>> from autograd import Value
    >>> origin(Value(2.0)).line
    ''
    """
    noted = getattr(v, "_origin", None)
    if noted is None:
        return UNKNOWN
    code, instruction, path = noted
    return Origin(*place_in(code, instruction), path)


def variables_of(frame: FrameType) -> dict[str, Any]:
    """Return the variables that a frame sees, those of its module first."""
    return {**frame.f_globals, **frame.f_locals}


def variable_names(variables: Mapping[str, Any]) -> dict[Value, str]:
    """Return names for Values without one: the variables that hold them, the first of each.

    An element of a list or an array is called `hidden[2]`, `W[0,1]`. The first variable is that of
    the model, a later one may be of a loop over it.

    >>> x = Value(2.0)
    >>> list(variable_names({"inputs": [x], "y": x * x, "p": x}).values())
    ['inputs[0]', 'y']
    """
    names: dict[Value, str] = {}
    for variable, x in variables.items():
        if re.match(r"_|v\d+$", variable):
            continue
        for name, v in _values_in(variable, x):
            if not v._name and v._row is not CONST:
                names.setdefault(v, name)
    return names


def _values_in(name: str, x: Any) -> Iterator[tuple[str, Value]]:
    """The Values of a variable, of an array, of lists within a list, with their names."""
    kind = type(x)  # a stranger's `__class__` may raise
    if issubclass(kind, Value):
        yield name, x
    elif issubclass(kind, np.ndarray) and x.dtype == object:
        for index, v in np.ndenumerate(x):
            if isinstance(v, Value):
                yield f"{name}[{','.join(map(str, index))}]", v
    elif issubclass(kind, (list, tuple)) and len(x) <= _ITEMS and name.count("[") < 2:
        for i, item in enumerate(x):
            if not issubclass(type(item), (int, float)):
                yield from _values_in(f"{name}[{i}]", item)
