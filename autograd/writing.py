"""Writing into arrays of Values: `W -= step`, `W[0] = 5.0`.

An array owns its leaves if `autograd.array` or a Module made it, or if it is a basic view of one
that does. Numbers that are written into it go to the data of its leaves, as `assign` writes them.
Its memory is read-only for NumPy, so that nothing replaces a leaf unseen.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from autograd import modes
from autograd.errors import ReplacedLeafWarning
from autograd.floats.ieee import real, refuse_masked
from autograd.system.source import users_place

Objects = NDArray[np.object_]


def own(array: Any) -> Any:
    """Let an array own its leaves; returns it."""
    array._owns_leaves = True
    array.flags.writeable = False
    return array


def owner_of(array: Any) -> Any:
    """The array that owns the leaves of this one: itself, or the one it is a view of; or None."""
    while isinstance(array, np.ndarray):
        if getattr(array, "_owns_leaves", False):
            return array
        array = array.base
    return None


def is_value(x: Any) -> bool:
    """True for a Value or a tracer."""
    return hasattr(x, "_record")


def is_leaf(x: Any) -> bool:
    """True for a Value that was not computed, and is no constant."""
    return getattr(x, "_row", x) is None


def check_name(name: Any) -> None:
    """Raise TypeError for a name that is neither a string nor None."""
    if name is not None and not isinstance(name, str):
        raise TypeError(f"a name is a string or None, got {type(name).__name__} {name!r}")


def objects(x: Any) -> Objects:
    """A plain array of the elements of x: of one Value, an array without axes."""
    refuse_masked(x)
    if is_value(x):
        box = np.empty((), dtype=object)
        box[()] = x
        return box
    return np.asarray(x, dtype=object)


def as_numbers(x: Any) -> NDArray[np.float64] | None:
    """Convert x to floats; None if there is a Value in it.

    Raises TypeError for masked elements, and for what is not a real number.
    """
    refuse_masked(x)
    array = np.asarray(x)
    if array.dtype.kind in "biuf":
        return array.astype(float)
    elements = array.ravel().tolist()
    if any(map(is_value, elements)):
        return None
    return np.array([real(v) for v in elements], dtype=float).reshape(array.shape)


def write(array: Any, key: Any, value: Any) -> None:
    """Write at an index of an array that owns its leaves: `array[key] = value`.

    Numbers go to the leaves' data. Values take the place of elements, and a warning says so where
    a computed one takes that of a leaf.

    Raises ValueError if two different numbers would go to one leaf, TracerError while a function
    is compiled. Nothing is written unless everything can be.
    """
    old = objects(array.view(np.ndarray)[key])
    numbers = as_numbers(value)
    if numbers is not None and all(map(is_leaf, old.flat)):
        _check_writeable(array)
        new = np.empty(old.shape)
        new[...] = numbers
        write_data(old, new)
        return
    elements = np.empty(old.shape, dtype=object)
    elements[...] = objects(value) if numbers is None else numbers
    replaced = [(v, x) for v, x in zip(old.flat, elements.flat, strict=True) if v is not x]
    if replaced:
        _check_writeable(array)
        _replace(owner_of(array), replaced)
        _slots(array)[key] = elements if old.ndim else elements.item()


def update(array: Any, operator: Any, other: Any) -> None:
    """Compute in place on an array that owns its leaves: `array -= other`. Raises as `write`."""
    numbers = as_numbers(other)
    elements = array.view(np.ndarray).ravel().tolist()
    if numbers is None or not all(map(is_leaf, elements)):
        array[...] = operator(array, other)
        return
    now = np.array([v._data for v in elements], dtype=float).reshape(array.shape)
    with np.errstate(all="ignore"):
        array[...] = operator(now, numbers)


def assign(leaves: Any, numbers: Any) -> None:
    """Write numbers into leaves: `autograd.assign`."""
    elements = objects(leaves)
    for v in elements.flat:
        if not is_leaf(v):
            raise ValueError(f"assign() writes to leaves only, and this is none: {v!r}")
    new = as_numbers(numbers)
    if new is None:
        raise TypeError(f"assign() writes numbers, got {numbers!r:.80}: take them by .data")
    if new.ndim and new.shape != elements.shape:
        raise ValueError(f"cannot assign numbers of shape {new.shape} to shape {elements.shape}")
    write_data(elements, np.broadcast_to(new, elements.shape))


def write_data(leaves: Objects, numbers: NDArray[np.float64]) -> None:
    """Write numbers into the data of leaves, all or none. Raises as `write`."""
    targets: list[Any] = leaves.ravel().tolist()
    new: list[float] = numbers.ravel().tolist()
    if len(set(targets)) < len(targets):
        _check_one_each(targets, new)
    if modes.active and (trace := modes.trace()):
        for v in targets:
            trace.written(v)
    for v, x in zip(targets, new, strict=True):
        v._data = x


def _check_one_each(targets: Sequence[Any], new: Sequence[float]) -> None:
    given: dict[Any, float] = {}
    for v, x in zip(targets, new, strict=True):
        first = given.setdefault(v, x)
        if x != first and not (math.isnan(x) and math.isnan(first)):
            raise ValueError(f"{v!r} is there more than once, and would become {first} and {x}")


def _check_writeable(array: Any) -> None:
    """Raise for a view that NumPy made read-only: of all owned memory, those that overlap."""
    if 0 in array.strides and array.size > 1:
        raise ValueError("assignment destination is read-only: a view in which elements repeat")


def _replace(owner: Any, replaced: Sequence[tuple[Any, Any]]) -> None:
    """Check that elements may be replaced, and warn where a leaf is by what is none."""
    lost = [(v, x) for v, x in replaced if is_leaf(v)]
    if modes.active and (trace := modes.trace()):
        for v, _ in lost:
            trace.written(v)
    lost = [(v, x) for v, x in lost if not is_leaf(x)]
    if lost and not owner._has_warned:
        owner._has_warned = True
        place = users_place()
        warnings.warn_explicit(
            f"in its array {lost[0][1]!r} takes the place of the leaf {lost[0][0]!r}, and assign() "
            "or an optimizer will not move what was computed; to write numbers into leaves, write "
            "W[i] = number, W -= numbers or autograd.assign(W, numbers) (said once for each array)",
            ReplacedLeafWarning, *((place.file, place.line) if place else ("<unknown>", 0)),
        )  # fmt: skip


def _slots(array: Any) -> Objects:
    """The memory of an array, writable."""
    owner = owner_of(array)
    start, first = (a.__array_interface__["data"][0] for a in (array, owner))
    owner.flags.writeable = True
    try:
        memory = owner.view(np.ndarray).ravel(order="K")[(start - first) // owner.itemsize :]
        return as_strided(memory, array.shape, array.strides)
    finally:
        owner.flags.writeable = False
