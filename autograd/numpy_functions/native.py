"""NumPy's own code, run on Values: as it is, or held against its answer for the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import TracerError
from autograd.numpy_functions.elements import data_of, numbers_in, refuse
from autograd.writing import is_value, objects

_ANY = np.empty(0)


def run(func: Any, args: Sequence[Any], kwargs: Any) -> Any:
    """Run NumPy's own code."""
    return np.ndarray.__array_function__(_ANY, func, (), tuple(args), kwargs)


def verified(func: Any, args: Sequence[Any], kwargs: dict[str, Any], ours: Any = None) -> Any:
    """Run NumPy's own code on the numbers, and on the Values, or ours, if floats come of it.

    Tracers have no numbers; code that records on them looks at none, and needs no check.
    """
    refuse(out=kwargs.get("out"))
    unknown = reason = None
    try:
        with np.errstate(all="ignore"):
            expected = run(func, numbers_in(args), numbers_in(kwargs))
        if not with_floats(expected):
            return expected
    except TracerError as error:
        unknown = error
    try:
        result = ours(*args, **kwargs) if ours else run(func, args, kwargs)
        if _has_values(result) and (unknown or _is_same(result, expected)):
            return result
    except TracerError:
        raise
    except Exception as error:
        reason = error
    name = f"{func.__module__}.{func.__name__}".replace("numpy", "np", 1)
    raise unknown or TypeError(
        f"{name} cannot be computed on Values, or not with these arguments: write it with the "
        f"functions of autograd and + - * / @, or take {name} of the numbers, autograd.data(array)"
    ) from reason


def _parts(answer: Any) -> Iterator[Any]:
    """The arrays in an answer."""
    if isinstance(answer, (list, tuple)):
        for each in answer:
            yield from _parts(each)
    elif answer is not None:
        yield objects(answer) if is_value(answer) else np.asarray(answer)


def with_floats(answer: Any) -> bool:
    """True if floats are in an answer; one of objects may be a type, or a list of strings."""
    return any(
        part.dtype.kind in "fc" or any(isinstance(x, (float, complex)) for x in part.flat)
        for part in _parts(answer)
    )


def _has_values(result: Any) -> bool:
    return any(is_value(x) for part in _parts(result) for x in part.flat)


def _is_same(result: Any, expected: Any) -> bool:
    """True if the numbers in a result are those expected, but for rounding."""
    return all(
        part.shape == other.shape and _is_close(data_of(part), other)
        for part, other in zip(_parts(result), _parts(expected), strict=True)
    )


def _is_close(found: NDArray[Any], expected: NDArray[Any]) -> bool:
    finite = np.abs(expected[np.isfinite(expected)])
    return np.allclose(found, expected, 1e-9, 1e-9 * finite.max(initial=0.0), equal_nan=True)
