"""`Listing`: what is found, as a sequence; its subclasses print as reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, overload

_Item = TypeVar("_Item")


class Listing(Sequence[_Item]):
    """A sequence that cannot be changed; a slice of it is what `items` gives for a slice."""

    def __init__(self, items: Sequence[_Item]) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, i: int) -> _Item: ...

    @overload
    def __getitem__(self, i: slice) -> Sequence[_Item]: ...

    def __getitem__(self, i: int | slice) -> Any:
        return self._items[i]
