"""Arrays of Values: making them, reading their numbers and gradients, writing to them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import modes, writing
from autograd.floats.ieee import refuse_masked
from autograd.graph import flatten
from autograd.numpy_functions.elements import data_of
from autograd.text.spelling import suggesting
from autograd.value import Value
from autograd.value_array import ValueArray


@suggesting
def array(a: Any, name: str | None = None) -> ValueArray:
    """Make an array of leaves in the shape of `a`: nested lists or an array of numbers.

    Values among the elements stay as they are. With a name, each element is named by it and its
    place: `W[0,1]`. Numbers that are written into the array, or into a view of it, are written into
    its leaves: `W -= step`, `W[0] = 5.0`.

    Raises TypeError for an element that is not a real number, ValueError for ragged rows.

    >>> W = array([[1.0, 2.0], [3.0, 4.0]], name="W")
    >>> W[0, 1]
    Value(data=2.0, name='W[0,1]')
    """
    elements = _objects(a)
    leaves = ValueArray(elements.shape, dtype=object)
    leaves.ravel()[:] = [x if isinstance(x, Value) else Value(x) for x in elements.flat]
    if name is not None:
        leaves.name = name
    writing.own(leaves)
    return leaves


def _objects(a: Any) -> NDArray[np.object_]:
    """Put `a` in an object array; a Value alone becomes one without axes."""
    try:
        elements = writing.objects(a)
        rows = [x for x in elements.ravel().tolist() if isinstance(x, (list, tuple, np.ndarray))]
        for x in rows:
            refuse_masked(x)
        ragged = bool(rows)
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
    return data_of(_objects(arr))


def grads(arr: Any) -> NDArray[np.float64]:
    """Return the gradients of an array of Values, in a new float64 array; 0.0 where unset.

    >>> w = array([1.0, 2.0])
    >>> (w @ w).backward()
    >>> grads(w)
    array([2., 4.])
    """
    return np.array(_objects(arr).view(ValueArray).grad)


def assign(values: Any, numbers: Any) -> None:
    """Write numbers into the data of leaves: a Value, an array, nested lists or dicts of either.

    The numbers are one for all, of the same shape, or a flat array with one for each leaf, as
    SciPy's `minimize` returns them. Nothing is written unless everything can be.

    Raises ValueError where the shapes differ or a Value is not a leaf, TypeError for what is not
    a number.

    >>> w, b = array([1.0, 2.0]), Value(0.0)
    >>> assign(w, [3.0, 4.0])
    >>> assign([w, b], [5.0, 6.0, 7.0])
    >>> data(w), b.data
    (array([5., 6.]), 7.0)
    """
    try:
        leaves = _objects(values)
        is_table = all(isinstance(v, Value) for v in leaves.flat)
    except ValueError:
        is_table = False
    writing.assign(leaves if is_table else _objects(list(flatten(values))), numbers)


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
