"""`take`: choosing a value by an integer, which may differ from example to example."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd import modes
from autograd.errors import IndexRangeError
from autograd.primitive import CONST
from autograd.value import Value
from autograd.value_array import wrap


def take(values: Any, index: Any) -> Any:
    """Return the value at an index, counted from 0 along the first axis: `values[index]`.

    From a list or a 1-D array this is one value, from a 2-D array a row. Under `autograd.compile`
    the index may be an element of an integer input: an embedding's row, the target's probability.

    Args:
        values: a list, a tuple or an array of Values or numbers.
        index: a whole number, or an array of them, which gives an array of the values selected.

    Raises IndexRangeError (an IndexError and a ValueError) for an index outside the values,
    TypeError for one that is not a whole number.

    >>> table = [[1.0, 2.0], [3.0, 4.0]]
    >>> take([0.1, 0.7, 0.2], 1), take(table, 0)
    (0.7, [1.0, 2.0])
    """
    if isinstance(index, (list, tuple, np.ndarray)) and np.ndim(index):
        chosen = [take(values, i) for i in index]
        has_values = isinstance(values, np.ndarray) and values.dtype == object
        return wrap(np.array(chosen, dtype=object)) if has_values else np.array(chosen)
    if isinstance(index, Value) and (trace := modes.trace()) and index._row is not CONST:
        return _traced(trace, values, index)
    place, count = _whole(index), len(values)
    if not 0 <= place < count:
        raise IndexRangeError(f"index {place} is outside the {count} values 0..{count - 1}")
    return values[place]


def _whole(index: Any) -> int:
    """Convert an index to an int. Raises TypeError for anything but a whole number."""
    number: Any = index._float if isinstance(index, Value) else index
    if isinstance(number, np.ndarray):
        number = number.item()
    if isinstance(number, float) and number.is_integer() and isinstance(index, Value):
        return int(number)
    try:
        return operator.index(number)
    except TypeError:
        raise TypeError(
            f"an index is a whole number, got {type(index).__name__} {index!r}; "
            "labels in a float array become whole by .astype(int)"
        ) from None


def _traced(trace: Any, values: Any, index: Any) -> Any:
    """Select by a tracer; of rows, element by element."""
    items = list(values)
    if items and isinstance(items[0], (list, tuple, np.ndarray)):
        rows = np.array([np.asarray(item, dtype=object) for item in items], dtype=object)
        columns = rows.reshape(len(rows), -1)
        taken = np.empty(columns.shape[1], dtype=object)
        for j, column in enumerate(columns.T):
            taken[j] = trace.take(column.tolist(), index)
        return wrap(taken.reshape(rows.shape[1:]))
    return trace.take(items, index)
