"""The rows of the table as functions of Values, numbers and arrays of either.

The module makes them from the table; `functions.pyi` (written by `make generate`) lists them for
editors and type checkers.
"""

from __future__ import annotations

import builtins
import inspect
from typing import Any

import numpy as np

from autograd.floats.ieee import refuse_masked
from autograd.primitive import TABLE, Primitive
from autograd.value_array import elementwise, numbers

__all__ = list(TABLE)


def _apply(row: Primitive, operands: tuple[Any, ...]) -> Any:
    """Apply a row to operands of which some are arrays or lists: by NumPy if all are numbers."""
    arrays = [np.asarray(x) if isinstance(x, (list, tuple)) else x for x in operands]
    if any(not isinstance(x, np.ndarray) or x.dtype == object for x in arrays):
        return numbers(elementwise(row, arrays))
    for x in arrays:
        refuse_masked(x)
        if x.dtype.kind not in "biuf":
            raise TypeError(f"{row.name} takes real numbers, got an array of {x.dtype}")
    with np.errstate(all="ignore"):
        return np.asarray(row.ufunc(*(x.astype(float) for x in arrays)), dtype=float)


def _is_array(x: object) -> bool:
    return isinstance(x, (np.ndarray, list, tuple)) and np.ndim(x) > 0


def _element(x: Any) -> Any:
    return x.item() if isinstance(x, np.ndarray) and x.dtype == object else x


def _function(row: Primitive) -> Any:
    def function(*operands: Any, **named: Any) -> Any:
        if any(map(_is_array, operands)):
            return _apply(row, (*operands, *named.values()))
        return row(*map(_element, operands), **named)

    return _described(function, row)


_OURS = (float, np.ndarray, np.generic, list, tuple)


def _like_builtin(row: Primitive) -> Any:
    """Make the function of a row, which passes on to the builtin of its name what is not ours."""
    builtin = getattr(builtins, row.name)
    of_row = _function(row)

    def function(*operands: Any, **named: Any) -> Any:
        below_one = all(isinstance(x, int) for x in operands) and min(operands[1:], default=0) < 0
        ours = below_one or any(hasattr(x, "_record") or isinstance(x, _OURS) for x in operands)
        if ours and not named and len(operands) <= row.arity:
            return of_row(*operands)
        return builtin(*operands, **named)

    return _described(function, row)


def _described(function: Any, row: Primitive) -> Any:
    """Give a function the name, the signature and the docstring of its row."""
    function.__name__ = function.__qualname__ = row.name
    function.__signature__ = _signature(row)
    edge = f"\n\nConvention: {row.convention}." if row.convention else ""
    function.__doc__ = (
        f"{row.doc}{edge}\n\nOf Values a Value, of numbers a float, of arrays an array of either; "
        "arrays broadcast. Raises TypeError for what is not a real number."
    )
    return function


def _signature(row: Primitive) -> inspect.Signature:
    """Name the operands; the optional ones have the defaults of `forward`."""
    given, of = row.arity, inspect.Parameter
    parameters = [of(name, of.POSITIONAL_ONLY) for name in row.operands[:given]]
    if row.optional:
        defaults = list(inspect.signature(row.forward).parameters.values())[given:]
        parameters += [
            of(name, of.POSITIONAL_OR_KEYWORD, default=parameter.default)
            for name, parameter in zip(row.operands[given:], defaults, strict=True)
        ]
    return inspect.Signature(parameters)


for _row in TABLE.values():
    _make = _like_builtin if hasattr(builtins, _row.name) else _function
    globals()[_row.name] = _make(_row)
