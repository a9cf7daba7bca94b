"""Arrays of Values: making them, reading their numbers and gradients, writing to them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import modes
from autograd.floats.ieee import real
from autograd.graph import flatten
from autograd.value import Value
from autograd.value_array import ValueArray, plain


def array(a: Any, name: str | None = None) -> ValueArray:
    """Make an array of leaves in the shape of `a`: nested lists or an array of numbers.

    With a name, each leaf is named by it and its place: `W[0,1]`. Values among the elements stay as
    they are. Raises TypeError for an element that is not a real number, ValueError for ragged rows.

    >>> W = array([[1.0, 2.0], [3.0, 4.0]], name="W")
    >>> W[0, 1]
    Value(data=2.0, name='W[0,1]')
    """
    if name is not None and not isinstance(name, str):
        raise TypeError(f"a name is a string or None, got {type(name).__name__} {name!r}")
    elements = _objects(a)
    leaves = np.empty(elements.shape, dtype=object)
    for index, x in np.ndenumerate(elements):
        place = f"[{','.join(map(str, index))}]" if index else ""
        leaves[index] = x if isinstance(x, Value) else Value(x, name and name + place)
    return leaves.view(ValueArray)


def _objects(a: Any) -> NDArray[np.object_]:
    """Put `a` in an object array; a Value alone becomes one without axes."""
    if isinstance(a, Value):
        return plain(a)
    try:
        elements = np.array(a, dtype=object).view(np.ndarray)
        ragged = any(isinstance(x, (list, tuple, np.ndarray)) for x in elements.flat)
    except ValueError:
        ragged = True
    if ragged:
        raise ValueError("the rows of an array must be of one length, and these are not")
    return elements


def data(arr: Any) -> NDArray[np.float64]:
    """Return the numbers of an array, a list or a single Value, in a new float64 array.

    >>> data(array([1.0, 2.0]) * 3)
    array([3., 6.])
    """
    return _floats(arr, lambda v: v.data if isinstance(v, Value) else real(v))


def grads(arr: Any) -> NDArray[np.float64]:
    """Return the gradients of an array of Values, in a new float64 array; 0.0 where unset.

    >>> w = array([1.0, 2.0])
    >>> (w @ w).backward()
    >>> grads(w)
    array([2., 4.])
    """
    return _floats(arr, lambda v: v.grad if isinstance(v, Value) else 0.0)


def _floats(arr: Any, read: Any) -> NDArray[np.float64]:
    elements = _objects(arr)
    return np.array([read(v) for v in elements.flat], dtype=float).reshape(elements.shape)


def assign(values: Any, numbers: Any) -> None:
    """Write numbers into the data of leaves: an array, a list or a single Value.

    A gradient descent without `nn`: `assign(W, data(W) - 0.1 * grads(W))`. A single
    number is written to all. Nothing is written unless everything can be.

    Raises ValueError where the shapes differ or a Value is not a leaf, TypeError for what is not
    a number.

    >>> w = array([1.0, 2.0])
    >>> assign(w, [3.0, 4.0])
    >>> data(w)
    array([3., 4.])
    """
    leaves = _objects(values)
    new = data(numbers)
    if new.ndim and new.shape != leaves.shape:
        raise ValueError(f"cannot assign numbers of shape {new.shape} to shape {leaves.shape}")
    for v in leaves.flat:
        if not isinstance(v, Value) or v.op is not None:
            raise ValueError(f"assign() writes to leaves only, and this is none: {v!r}")
    spread = np.broadcast_to(new, leaves.shape).ravel().tolist()
    for v, x in zip(leaves.ravel().tolist(), spread, strict=True):
        v.data = x


def zero_grad(values: Any) -> None:
    """Unset the gradients of a Value, or of all Values in an array or in nested lists.

    >>> x = Value(2.0)
    >>> (x * x).backward()
    >>> zero_grad([x])
    >>> x.has_grad
    False
    """
    for v in flatten(values):
        v.grad = None
        if modes.active:
            v._ledger = None  # also frees the graph that the gradient came from
