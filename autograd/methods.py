"""The methods of a Value that are rows of the table: `v.tanh()`, `v.exp()`, `v.maximum(w)` …

They are made from the table; `methods.pyi` (written by `make generate`) lists them for editors and
type checkers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.primitive import TABLE, Primitive


class Methods:
    """The methods of a Value that follow from the table."""

    __slots__ = ()


def _method(row: Primitive) -> Callable[..., Any]:
    def method(self: Any, *others: Any, **named: Any) -> Any:
        return row(self, *others, **named)

    method.__name__ = row.name
    method.__qualname__ = f"Value.{row.name}"
    method.__doc__ = f"{row.doc} The same as `autograd.{row.name}`."
    return method


for _each in TABLE.values():
    if _each.is_method:
        setattr(Methods, _each.name, _method(_each))
