"""Inputs and outputs in lists, tuples and dicts: taken apart, and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.value import Value

LEAF = "leaf"


@dataclass(frozen=True)
class Structure:
    """How leaves are nested: a leaf, or a list, tuple or dict of structures."""

    kind: str
    keys: tuple[Any, ...] = ()
    parts: tuple[Structure, ...] = ()

    def build(self, leaves: Iterator[Any]) -> Any:
        """The nested thing with its leaves filled in, in order."""
        if self.kind == LEAF:
            return next(leaves)
        parts = [part.build(leaves) for part in self.parts]
        if self.kind == "dict":
            return dict(zip(self.keys, parts, strict=True))
        return tuple(parts) if self.kind == "tuple" else parts

    def paths(self, path: str) -> list[str]:
        """What each leaf is called, below a name."""
        if self.kind == LEAF:
            return [path]
        found: list[str] = []
        for key, part in zip(self.keys or range(len(self.parts)), self.parts, strict=True):
            found += part.paths(f"{path}.{key}" if self.kind == "dict" else f"{path}[{key}]")
        return found


_LEAF = Structure(LEAF)


def take_apart(thing: Any, is_leaf: Callable[[Any], bool], leaves: list[Any]) -> Structure:
    """The structure of a thing; its leaves are added to the list."""
    if isinstance(thing, dict):
        parts = tuple(take_apart(part, is_leaf, leaves) for part in thing.values())
        return Structure("dict", tuple(thing), parts)
    if isinstance(thing, (list, tuple)) and not is_leaf(thing):
        parts = tuple(take_apart(part, is_leaf, leaves) for part in thing)
        return Structure("tuple" if isinstance(thing, tuple) else "list", (), parts)
    leaves.append(thing)
    return _LEAF


def is_table(thing: Sequence[Any]) -> bool:
    """Whether nested lists are those of an array of numbers, not of several arrays."""
    return all(
        is_table(part) if isinstance(part, (list, tuple)) else np.isscalar(part) for part in thing
    )


def never(thing: Any) -> bool:
    """What a list of outputs is: always taken apart."""
    return False


def holds_value(thing: Any) -> bool:
    """Whether there is a Value in an output."""
    if isinstance(thing, np.ndarray):
        return thing.dtype == object and any(isinstance(x, Value) for x in thing.flat)
    return isinstance(thing, Value)
