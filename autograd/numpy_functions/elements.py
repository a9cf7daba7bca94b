"""Arrays of Values element by element, along their axes, and as numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple
from numpy.typing import NDArray

from autograd.errors import TracerError
from autograd.floats.ieee import real, refuse_masked
from autograd.writing import is_value, objects

Scalar = Callable[..., Any]


def elementwise(function: Scalar, inputs: Sequence[Any]) -> Any:
    """Apply a function of scalars over arrays that broadcast: an array, or one element."""
    with np.errstate(all="ignore"):  # floats follow IEEE 754 without a warning
        return np.frompyfunc(function, len(inputs), 1)(*map(objects, inputs))


def reduce_along(function: Callable[[list[Any]], Any], array: Any, axis: Any = None) -> Any:
    """Apply a function of a list along one axis, several, or all: an array, or one element."""
    axes = normalize_axis_tuple(range(array.ndim) if axis is None else axis, array.ndim)
    moved = np.moveaxis(array.view(np.ndarray), axes, range(-len(axes), 0))
    kept = array.ndim - len(axes)
    vectors = moved.reshape(*moved.shape[:kept], math.prod(moved.shape[kept:]))
    results = np.empty(vectors.shape[:-1], dtype=object)
    for index in np.ndindex(results.shape):
        results[index] = function(vectors[index].tolist())
    return results if results.ndim else results.item()


def data_of(x: Any) -> NDArray[np.float64]:
    """The numbers of a Value, or of an array of Values and numbers, as an array of floats."""
    elements = objects(x)
    try:
        numbers = [v.data if hasattr(v, "_record") else real(v) for v in elements.ravel().tolist()]
    except TracerError as error:
        raise TracerError(
            f"{error}\nnor can a function be recorded that looks at the numbers, to sort or to "
            "count: autograd.where, maximum, minimum and take choose between Values"
        ) from None
    return np.array(numbers, dtype=float).reshape(elements.shape)


def numbers_in(x: Any) -> Any:
    """The same arguments with numbers in place of Values."""
    if isinstance(x, dict):
        return {key: numbers_in(each) for key, each in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)([numbers_in(each) for each in x])
    if is_value(x):
        return x.data
    refuse_masked(x)
    return data_of(x) if isinstance(x, np.ndarray) and x.dtype == object else x


def repeated(values: Any, shape: tuple[int, ...]) -> Any:
    """Values repeated to fill a shape. Raises ValueError for none."""
    if np.size(values) == 0 and 0 not in shape:
        raise ValueError("there are no values to write")
    return np.resize(values, shape)


def refuse(**options: Any) -> None:
    """Raise TypeError for an option of NumPy's that is given."""
    for name, given in options.items():
        if given is not None:
            raise TypeError(f"{name}= is not supported on an array of Values")
