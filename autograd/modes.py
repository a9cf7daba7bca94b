"""Modes, which apply to every operation inside a `with` block: tracing, observing, `no_grad`.

A mode lives in a ContextVar, so threads and coroutines have their own. Operations read only
`active`, which counts the modes that are on anywhere, and look the mode up if it is not zero.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ContextDecorator, contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])

active = 0
_lock = threading.Lock()


class Trace(Protocol):
    """Records operations in place of the Values themselves, as `autograd.compiler` does."""

    def record(self, row: Any, operands: tuple[Any, ...]) -> Any:
        """Return the result of a row on Values, tracers and numbers."""

    def stop(self, v: Any) -> Any:
        """Return the same number without its gradient."""

    def read(self, v: Any) -> float:
        """Return the data of a Value, or raise an error that says why there is none."""

    def written(self, v: Any) -> None:
        """Refuse to change a Value that the traced function did not make."""

    def made(self, v: Any) -> None:
        """Note a leaf that the traced function made."""

    def gradients(self, output: Any, inputs: list[Any], create_graph: bool) -> list[Any]:
        """Return the derivatives of a traced output."""

    def inner_product(self, left: Any, right: Any) -> Any:
        """Return left0 * right0 + left1 * right1 + …."""


class Observer(Protocol):
    """Is called as Values are recorded (see `autograd.recording.observers`)."""

    def made(self, v: Any) -> None:
        """Note a new leaf."""

    def computed(self, v: Any) -> None:
        """Note a new operation."""

    def backward(self, output: Any, cotangents: dict[Any, float]) -> None:
        """Do what `Value.backward` does once the nodes are in order."""

    def pull_back(
        self, output: Any, cotangents: dict[Any, float], order: dict[Any, float], wanted: list[Any]
    ) -> None:
        """Do what `autograd.gradients` does with the nodes to pull back from, the last in order."""

    def record_pull_back(
        self, output: Any, order: dict[Any, float], wanted: list[Any], work: Callable[[], Any]
    ) -> Any:
        """Do it for `create_graph=True`: return the recorded cotangents, the result of `work`."""

    def stepped(self, parameters: list[Any]) -> None:
        """Note that an optimizer is about to move these parameters."""

    def ran(self, run: Any) -> None:
        """Note that a compiled program has run (`autograd.compiler.running.anomaly.Run`)."""


class Mode(NamedTuple):
    """The modes of a context."""

    trace: Trace | None = None  # records operations in place of the Values themselves
    observer: Observer | None = None  # is called for every operation
    no_grad: int = 0  # the number of `no_grad` blocks around


NONE = Mode()
current: ContextVar[Mode | None] = ContextVar("mode", default=None)
base = NONE
"""The modes of a context that has none of its own: `current.get() or base` are those that hold."""


def observe_always(new: Observer | None) -> None:
    """Let `new` observe this context and every one that has no modes of its own; None ends it."""
    global base
    _activate((new is not None) - (base.observer is not None))
    base = base._replace(observer=new)
    _set_observers(_observers.get())


def recording() -> bool:
    """True if operations are recorded in this context: not under `no_grad`."""
    return (current.get() or base).no_grad == 0


def trace() -> Trace | None:
    """Return what records operations in this context in place of the Values, if anything."""
    return (current.get() or base).trace


def observer() -> Observer | None:
    """Return the observer of this context, if there is one."""
    return (current.get() or base).observer


def _set(mode: Mode) -> None:
    current.set(mode if mode.trace or mode.no_grad or _observers.get() else None)


def _activate(change: int) -> None:
    global active
    with _lock:
        active += change


@contextmanager
def traced_by(new: Trace) -> Iterator[None]:
    """Let `new` record the operations of this context."""
    before = current.get() or base
    current.set(before._replace(trace=new, no_grad=0))  # the caller's no_grad ends here
    _activate(1)
    try:
        yield
    finally:
        _activate(-1)
        _set((current.get() or base)._replace(trace=before.trace, no_grad=before.no_grad))


_Observers: TypeAlias = tuple[tuple[object, Observer | None], ...]
_observers: ContextVar[_Observers] = ContextVar("observers", default=())
"""The observers of this context, the innermost last, each with its owner."""


def push_observer(owner: object, new: Observer | None) -> None:
    """Let `new` observe the operations of this context, until `pop_observer(owner)`."""
    _set_observers((*_observers.get(), (owner, new)))
    _activate(1)


def pop_observer(owner: object) -> None:
    """End the innermost `push_observer` of this owner.

    It need not be the innermost of all: a block within a generator may end at any time.
    """
    observers = _observers.get()
    for i in reversed(range(len(observers))):
        if observers[i][0] is owner:
            _set_observers(observers[:i] + observers[i + 1 :])
            break
    _activate(-1)


def _set_observers(observers: _Observers) -> None:
    _observers.set(observers)
    observer = observers[-1][1] if observers else base.observer
    _set((current.get() or base)._replace(observer=observer))


class Decorator(ContextDecorator):
    """A context manager that decorates functions, and generators: there it holds while they run."""

    def __call__(self, function: _F) -> _F:
        """Return the function, decorated. Raises TypeError for a class and for a coroutine."""
        mode, of = type(self).__name__, getattr(function, "__func__", function)
        if isinstance(of, type) or not callable(of):
            raise TypeError(f"{mode} decorates functions and methods, not {of!r}")
        kinds = (of, type(of).__call__)  # of a function, of an object that can be called
        if any(map(inspect.iscoroutinefunction, kinds)) or any(
            map(inspect.isasyncgenfunction, kinds)
        ):
            name = getattr(of, "__name__", repr(of))
            raise TypeError(f"{mode} would end before {name} runs: write a `with` block inside it")
        if isinstance(function, staticmethod | classmethod):
            return type(function)(self(of))
        if not any(map(inspect.isgeneratorfunction, kinds)):
            return super().__call__(function)

        @wraps(function)
        def generator(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            return (yield from _Resumed(function(*args, **kwargs), self))

        return generator  # type: ignore[return-value]


class _Resumed(Generator[Any, Any, Any]):
    """A generator whose body runs inside a `with` block, which ends at every yield."""

    def __init__(self, body: Generator[Any, Any, Any], mode: Any) -> None:
        self._body, self._mode = body, mode

    def send(self, value: Any) -> Any:
        """Resume, and return what is yielded next."""
        with self._mode:
            return self._body.send(value)

    def throw(self, *error: Any) -> Any:
        """Resume with an exception; `close` comes here, too."""
        with self._mode:
            return self._body.throw(*error)


class no_grad(Decorator):  # noqa: N801, used like a keyword
    """Switch recording off: results are constants, without operands and without gradient.

    A context manager and a decorator (with or without parentheses); it nests, and holds for the
    thread or coroutine that entered it.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.op, y.parents
    ('const', ())
    """

    def __new__(cls, function: _F | None = None) -> Any:
        """Return a mode to enter or, given a function, the function decorated."""
        self = super().__new__(cls)
        return self if function is None else self(function)

    def __enter__(self) -> no_grad:
        _deepen(1)
        return self

    def __exit__(self, *exception: Any) -> None:
        _deepen(-1)


def _deepen(change: int) -> None:
    mode = current.get() or base
    _set(mode._replace(no_grad=max(0, mode.no_grad + change)))
    _activate(change)
