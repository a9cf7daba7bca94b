"""Where a node comes from: the line that made it and the scope in which it was made.

Nodes know it that were made under `autograd.record()`. What a node keeps is the code that ran and
the offset of the instruction, which costs little; lines and columns are looked up when asked for.
"""

from __future__ import annotations

import sys
from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from types import CodeType, FrameType
from typing import NamedTuple

from autograd.source import Place, of_a_library, place_in, text_of, users_frame
from autograd.value import Value


class Origin(NamedTuple):
    """Where a node was made.

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
    path: str
    at: tuple[CodeType, int] | None
    """The user's line for all that is made within, where a library's own code makes it."""


_NONE = _Scope("", None)
_scope: ContextVar[_Scope] = ContextVar("scope", default=_NONE)


class scope(ContextDecorator):  # noqa: N801, used like a keyword
    """Name what is computed inside: nodes made under `record()` remember it.

    A context manager and a decorator; scopes nest, and their names are joined by dots.

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
        self._tokens: list[Token[_Scope]] = []

    def _recreate_cm(self) -> scope:  # as a decorator: a new one for every call
        return scope(self.name)

    def __enter__(self) -> scope:
        """Begin the scope."""
        self._tokens.append(enter(self.name))
        return self

    def __exit__(self, *exception: object) -> None:
        """End it."""
        leave(self._tokens.pop())


def enter(name: str, of_library: bool = False) -> Token[_Scope]:
    """Begin a scope; `leave` ends it.

    Args:
        name: of the scope.
        of_library: whether all that is made inside belongs to the line that called the library.
    """
    outer = _scope.get()
    path = f"{outer.path}.{name}" if outer.path and name else outer.path or name
    return _scope.set(_Scope(path, _users_instruction() if of_library else None))


def leave(token: Token[_Scope]) -> None:
    """End the scope that `enter` began."""
    _scope.reset(token)


def _users_instruction() -> tuple[CodeType, int] | None:
    frame = users_frame()
    return None if frame is None else (frame.f_code, frame.f_lasti)


def note_origin(v: Value) -> None:
    """Let a new node remember the line that is being run and the scope."""
    path, at = _scope.get()
    if at is not None:
        v._origin = (*at, path)
        return
    frame: FrameType | None = sys._getframe(2)  # this and what made the node are not the user's
    while frame is not None and of_a_library[frame.f_code.co_filename]:
        frame = frame.f_back
    if frame is not None:
        v._origin = (frame.f_code, frame.f_lasti, path)


def origin(v: Value) -> Origin:
    """Where a node was made; `UNKNOWN` for one that was not made under `record()`.

    >>> from autograd import Value
    >>> origin(Value(2.0)).line
    ''
    """
    noted = getattr(v, "_origin", None)
    if noted is None:
        return UNKNOWN
    code, instruction, path = noted
    return Origin(*place_in(code, instruction), path)
