"""Inputs and outputs nested in lists, tuples and dicts: taken apart and put together again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np

from autograd.value_array import ValueArray

LEAF, NOTHING = "leaf", "nothing"
_DEEPEST = 100


class InputSpec(NamedTuple):
    """An input: its name, its shape without the batch axis, and whether integers in it select."""

    name: str
    shape: tuple[int, ...]
    is_integer: bool

    @property
    def size(self) -> int:
        """The number of elements of one example."""
        return math.prod(self.shape)

    def filled(self, make: Callable[[int, str], Any]) -> Any:
        """One example as the function gets it, each element made from its number and its name."""
        names = [f"{self.name}[{','.join(map(str, place))}]" for place in np.ndindex(self.shape)]
        names = names if self.shape else [self.name]
        return _shaped([make(i, name) for i, name in enumerate(names)], self.shape)


def _shaped(numbers: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """Numbers as an array of this shape; without axes, the number."""
    if shape == ():
        return numbers[0]
    array = np.empty(shape, dtype=object)
    array.flat[:] = numbers
    return array.view(ValueArray)


@dataclass(frozen=True)
class Structure:
    """The nesting of leaves: a leaf, or a list, tuple or dict of structures."""

    kind: str
    keys: tuple[Any, ...] = ()
    parts: tuple[Structure, ...] = ()

    def build(self, leaves: Iterator[Any]) -> Any:
        """Put leaves together, in order."""
        if self.kind == LEAF:
            return next(leaves)
        if self.kind == NOTHING:
            return None
        parts = [part.build(leaves) for part in self.parts]
        if self.kind == "dict":
            return dict(zip(self.keys, parts, strict=True))
        return tuple(parts) if self.kind == "tuple" else parts

    def leaves(self, thing: Any) -> list[Any]:
        """Take a thing of this nesting apart; its dicts may have their keys in another order.

        Raises ValueError for another nesting.
        """
        if self.kind == LEAF:
            return [thing]
        if self.kind == "dict" and isinstance(thing, dict) and {*thing} == {*self.keys}:
            thing = [thing[key] for key in self.keys]
        is_alike = isinstance(thing, (list, tuple)) and len(thing) == len(self.parts)
        if not is_alike and self.kind != NOTHING:
            raise ValueError(f"a nest is {thing!r:.60}, not {self.build(iter(lambda: '…', ''))}")
        parts = zip(self.parts, thing or (), strict=True)
        return [*chain(*(part.leaves(each) for part, each in parts))]

    def paths(self, path: str) -> list[str]:
        """The name of each leaf, below a name: `x[0].b`."""
        if self.kind == LEAF:
            return [path]
        paths: list[str] = []
        for key, part in zip(self.keys or range(len(self.parts)), self.parts, strict=True):
            paths += part.paths(f"{path}.{key}" if self.kind == "dict" else f"{path}[{key}]")
        return paths


_LEAF = Structure(LEAF)


class Nest(NamedTuple):
    """A nest of numbers: the nesting, and the shape of the array at each leaf of it."""

    structure: Structure
    shapes: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        """The number of its numbers."""
        return sum(map(math.prod, self.shapes))

    def build(self, numbers: Sequence[Any]) -> Any:
        """Put numbers, in order, together."""
        rest = iter(numbers)
        leaves = [_shaped([*islice(rest, math.prod(shape))], shape) for shape in self.shapes]
        return self.structure.build(iter(leaves))

    def __str__(self) -> str:
        leaves = iter(["a number" if s == () else f"an array of {s}" for s in self.shapes])
        return str(self.structure.build(leaves)).replace("'", "")


def nested(thing: Any, *, has_none: bool = True) -> tuple[Nest, list[Any]]:
    """Take a nest of numbers and arrays apart: its shape, and its numbers; None may have none."""
    leaves: list[Any] = []
    structure = take_apart(thing, lambda _: False, leaves, has_none=has_none)
    shapes = tuple([leaf.shape if isinstance(leaf, np.ndarray) else () for leaf in leaves])
    numbers = [*chain(*(x.flat if isinstance(x, np.ndarray) else [x] for x in leaves))]
    return Nest(structure, shapes), numbers


def take_apart(
    thing: Any, is_leaf: Callable[[Any], bool], leaves: list[Any], depth: int = 0, *,
    has_none: bool = False,
) -> Structure:  # fmt: skip
    """Return the structure of a thing and add its leaves to the list; None may have no leaf.

    Raises ValueError for a list within itself.
    """
    kind = next((kind for kind in (dict, list, tuple) if isinstance(thing, kind)), None)
    if kind is not None:
        check_depth(thing, depth)
    if kind is dict or (kind is not None and not is_leaf(thing)):
        keys, items = (tuple(thing), thing.values()) if kind is dict else ((), thing)
        parts = [take_apart(x, is_leaf, leaves, depth + 1, has_none=has_none) for x in items]
        return Structure(kind.__name__, keys, tuple(parts))
    if has_none and thing is None:
        return Structure(NOTHING)
    leaves.append(thing)
    return _LEAF


def is_one_array(thing: Sequence[Any], depth: int = 0) -> bool:
    """True for a list, and for a tuple of nothing but numbers and such tuples."""
    check_depth(thing, depth)
    return isinstance(thing, list) or all(
        is_one_array(part, depth + 1) if isinstance(part, tuple) else np.isscalar(part)
        for part in thing
    )


def check_depth(thing: Any, depth: int) -> None:
    """Raise ValueError for a list within itself."""
    if depth > _DEEPEST:
        raise ValueError(f"a {type(thing).__name__} within itself, or nested {depth} deep")
