"""Writing into arrays of Values: `W -= step`, `W[0] = 5.0`.

An array owns its leaves if `autograd.array` or a Module made it, or if it is a basic view of one
that does. Numbers that are written into it go to the data of its leaves, as `assign` writes them.
Its memory is read-only for NumPy, so that nothing replaces a leaf unseen.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import modes
from autograd.errors import ReplacedLeafWarning
from autograd.floats.ieee import real, refuse_masked
from autograd.node import set_data
from autograd.system.source import warn

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
    """True for a Value that was not computed, and is neither a constant nor a tracer."""
    return getattr(x, "_row", x) is None and not hasattr(x, "_trace")


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

    A number goes to the data of a leaf. Anything else takes the place of the element, with a
    warning where a leaf is lost by it.

    Raises ValueError if two different numbers would go to one leaf, TracerError while a function
    is compiled. Nothing is written unless everything can be.
    """
    old = objects(array.view(np.ndarray)[key])
    numbers = as_numbers(value)
    new = np.empty(old.shape, dtype=object)
    new[...] = objects(value) if numbers is None else numbers
    for x in new.flat if numbers is None else ():
        if not is_value(x):
            real(x)
    if any(step == 0 and n > 1 for step, n in zip(array.strides, array.shape, strict=True)):
        raise ValueError("assignment destination is read-only: a view in which elements repeat")
    pairs = [(v, x) for v, x in zip(old.flat, new.flat, strict=True) if v is not x]
    written = _numbers_for([(v, x) for v, x in pairs if is_leaf(v) and not is_value(x)])
    replaced = [(v, x) for v, x in pairs if is_value(x) or not is_leaf(v)]
    if replaced:
        _check_replaced(owner_of(array), replaced)
        kept = np.frompyfunc(lambda v, x: v if v in written and not is_value(x) else x, 2, 1)
        _slots(array)[key] = kept(old, new)
    set_data(written, written.values())


def update(array: Any, operator: Any, other: Any) -> None:
    """Compute in place on an array that owns its leaves: `array -= other`. Raises as `write`."""
    numbers = as_numbers(other)
    elements = array.view(np.ndarray)
    if numbers is not None and all(map(is_leaf, elements.flat)):
        now = np.array([v._float for v in elements.flat], dtype=float).reshape(array.shape)
        with np.errstate(all="ignore"):
            array[...] = operator(now, numbers)
        return
    result = operator(array, other)
    if numbers is not None and np.shape(result) == array.shape:  # what leaves there are, move
        result = np.frompyfunc(lambda v, x: x._float if is_leaf(v) else x, 2, 1)(elements, result)
    array[...] = result


def assign(leaves: Objects, numbers: Any) -> None:
    """Write numbers into leaves, one for all or in the same shape: `autograd.assign`."""
    for v in leaves.flat:
        if not is_leaf(v):
            raise ValueError(f"assign() writes to leaves only, and this is none: {v!r}")
    new = as_numbers(numbers)
    if new is None:
        raise TypeError(f"assign() writes numbers, got {numbers!r:.80}: take them by .data")
    if new.ndim and new.shape not in (leaves.shape, (leaves.size,)):
        raise ValueError(f"cannot assign numbers of shape {new.shape} to shape {leaves.shape}")
    spread = new.ravel().tolist() if new.ndim else [new.item()] * leaves.size
    written = _numbers_for(list(zip(leaves.ravel().tolist(), spread, strict=True)))
    set_data(written, written.values())


def _numbers_for(pairs: Sequence[tuple[Any, float]]) -> dict[Any, float]:
    """The number for each leaf, checked: only one, and no function is compiled."""
    written = dict(pairs)
    trace = modes.trace() if modes.active else None
    if len(written) < len(pairs) or trace:
        for v, x in pairs:
            if trace:
                trace.written(v)
            if written[v] != x and not (math.isnan(written[v]) and math.isnan(x)):
                raise ValueError(f"{v!r} is there twice, and would become {x} and {written[v]}")
    return written


def _check_replaced(owner: Any, replaced: Sequence[tuple[Any, Any]]) -> None:
    """Refuse it while a function is compiled; warn where a leaf is lost.

    One leaf in the place of another ties the two, as `W[0, 0] = W[0, 1]`. Several, as in
    `W[:] = V`, were most likely meant to be copied.
    """
    if modes.active and (trace := modes.trace()):
        for v, _ in replaced:
            if is_value(v) and v.op != "const" and not hasattr(v, "_trace"):
                trace.written(v)
        return
    lost = [(v, x) for v, x in replaced if is_leaf(v)]
    if any(len(lost) > 1 or not is_leaf(x) for _, x in lost) and not owner._has_warned:
        v, x = lost[0]
        warn(
            f"another Value, {x!r}, takes the place of the leaf {v!r} in its array: it is not "
            "copied, and who holds the leaf (an optimizer, a compiled function) will not see it; "
            "if numbers were meant, write W[i] = x.data, W -= step.data or autograd.assign(W, "
            "numbers); an array to be filled with Values is np.empty(n, dtype=object) (said once "
            "for each array)",
            ReplacedLeafWarning,
        )
        owner._has_warned = True


def _slots(array: Any) -> Objects:
    """The memory of an array, writable."""
    owner = owner_of(array)
    with _lock:
        owner.flags.writeable = True
        memory: Objects = array.view(np.ndarray)
        memory.flags.writeable = True
        owner.flags.writeable = False
    return memory


_lock = threading.Lock()


class ReadOnly(np.ndarray[Any, np.dtype[np.float64]]):
    """Numbers read from an array of Values: read-only, so that `W.data -= x` assigns new ones."""

    _write: str

    def __array_finalize__(self, source: Any) -> None:
        self._write = getattr(source, "_write", "")

    def __setitem__(self, key: Any, value: Any) -> None:
        if not self.flags.writeable:
            raise ValueError(
                "these numbers were read from an array of Values, and writing here would not reach "
                f"it: write {self._write}"
            )
        super().__setitem__(key, value)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else array

    def __reduce__(self) -> Any:
        return self.view(np.ndarray).__reduce__()

    def __repr__(self) -> str:
        return repr(self.view(np.ndarray))


def _declined(name: str) -> Any:
    native = getattr(np.ndarray, name)
    return lambda self, other: native(self, other) if self.flags.writeable else NotImplemented


IN_PLACE = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
for _name in IN_PLACE:
    setattr(ReadOnly, f"__i{_name}__", _declined(f"__i{_name}__"))


def read_only(numbers: NDArray[np.float64], write: str) -> ReadOnly:
    """Numbers that were read from an array of Values, with what to write to change them there."""
    numbers.flags.writeable = False
    view = numbers.view(ReadOnly)
    view._write = write
    return view
