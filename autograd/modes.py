"""Modes: what holds for every operation inside a `with` block.

A mode lives in a ContextVar, so threads and coroutines have their own. Operations do not look at
it: they read `active`, which counts the modes that are on anywhere, and ask only if it is not zero.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from contextlib import ContextDecorator
from contextvars import ContextVar
from typing import Any, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])

active = 0
_lock = threading.Lock()
_no_grad_depth: ContextVar[int] = ContextVar("no_grad_depth", default=0)


def _activate(change: int) -> None:
    global active
    with _lock:
        active += change


def recording() -> bool:
    """Whether operations record themselves in this context: not under `no_grad`."""
    return _no_grad_depth.get() == 0


class no_grad(ContextDecorator):  # noqa: N801, used like a keyword
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
        """A mode to enter, or with a function the function decorated."""
        self = super().__new__(cls)
        return self if function is None else self(function)

    def __init__(self, function: Callable[..., Any] | None = None) -> None:
        """Nothing to keep: the depth is in the context."""

    def __call__(self, function: _F) -> _F:
        """The function with recording off. Raises TypeError for a generator or a coroutine."""
        if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
            raise TypeError(
                f"no_grad would end before {function.__name__} runs: "
                "write `with no_grad():` inside it"
            )
        return super().__call__(function)

    def __enter__(self) -> no_grad:
        """Stop recording."""
        _no_grad_depth.set(_no_grad_depth.get() + 1)
        _activate(1)
        return self

    def __exit__(self, *exception: object) -> None:
        """Record again, unless an outer block holds."""
        _activate(-1)
        _no_grad_depth.set(_no_grad_depth.get() - 1)
