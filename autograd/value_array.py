"""`ValueArray`: an array of Values, and NumPy's functions on it.

On a plain object array NumPy's own `maximum` compares and hands back one of its operands, so the
choice is not recorded. A ValueArray sends every ufunc that has a row to that row.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compositions import clip, logaddexp
from autograd.errors import TracerError
from autograd.primitive import TABLE, Primitive

Scalar = Callable[..., Any]


def _compare(row: Primitive) -> Scalar:
    """Compare data and return a bool, so that `W > 0` is a mask as `W[0, 0] > 0` is a bool."""

    def compare(x: Any, z: Any) -> Any:
        result = row(getattr(x, "_stopped", x), getattr(z, "_stopped", z))
        return bool(result) if type(result) is float else result  # a tracer is not yet a bool

    return compare


_SCALAR: dict[Any, Scalar] = {
    row.ufunc: _compare(row) if row.is_comparison else row for row in TABLE.values()
}
_SCALAR[np.logaddexp] = logaddexp
_MASKS = [row.ufunc for row in TABLE.values() if row.is_comparison]
_UNRECORDED = (np.fmax, np.fmin)  # NumPy would hand back one of the operands, unrecorded


class ValueArray(np.ndarray[Any, np.dtype[np.object_]]):
    """An object array whose elements are Values; `autograd.array` makes one.

    All of ndarray works on it. What NumPy computes by `+ - * /` (`@`, `dot`, `sum`, `mean`) records
    by itself; ufuncs, comparisons, `where`, `clip`, `var` and `std` go to the table.

    >>> import autograd, numpy as np
    >>> W = autograd.array([[1.0, -2.0], [3.0, 0.5]], name="W")
    >>> np.maximum(W, 0).sum().backward()
    >>> autograd.grads(W)
    array([[1., 0.],
           [1., 1.]])
    """

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return apply_ufunc(ufunc, method, inputs, options)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Send where, clip, var and std to the table; the rest is NumPy's."""
        if func is np.where and len(args) == 3:
            return elementwise(TABLE["where"], args)
        if func in (np.clip, np.var, np.std):
            array, *others = args or (kwargs.pop("a"),)
            return getattr(np.asarray(array).view(ValueArray), func.__name__)(*others, **kwargs)
        return wrap(super().__array_function__(func, types, args, kwargs))

    def __getitem__(self, key: Any) -> Any:
        """The element or the part at an index; a tracer as an index is refused by name."""
        try:
            return super().__getitem__(key)
        except IndexError:
            for x in np.ravel(np.asarray(key, dtype=object)):
                if hasattr(type(x), "_record") and hasattr(type(x), "__index__"):
                    operator.index(x)
            raise

    def clip(  # type: ignore[override]
        self, a_min: Any = None, a_max: Any = None, out: None = None,
        *, min: Any = None, max: Any = None,
    ) -> Any:  # fmt: skip
        """Each element kept between two bounds, either of which may be None."""
        _refuse(out=out)
        low, high = (a_min if min is None else min), (a_max if max is None else max)
        return elementwise(clip, (np.asarray(self, dtype=object), low, high))

    def var(  # type: ignore[override]
        self, axis: Any = None, dtype: None = None, out: None = None, ddof: float = 0,
        keepdims: bool = False, **options: Any,
    ) -> Any:  # fmt: skip
        """The mean square distance from the mean, divided by the count less `ddof`."""
        _refuse(dtype=dtype, out=out, **options)
        distance = self - self.mean(axis=axis, keepdims=True)
        count = np.ones(self.shape).sum(axis=axis, keepdims=True).flat[0]
        return (distance * distance).sum(axis=axis, keepdims=keepdims) / (count - ddof)

    def std(  # type: ignore[override]
        self, axis: Any = None, dtype: None = None, out: None = None, ddof: float = 0,
        keepdims: bool = False, **options: Any,
    ) -> Any:  # fmt: skip
        """The square root of `var`."""
        variance = self.var(axis, dtype, out, ddof, keepdims, **options)
        return elementwise(TABLE["sqrt"], (variance,))

    def __repr__(self) -> str:
        try:
            numbers = np.vectorize(lambda v: v.data, otypes=[float])(np.asarray(self))
        except (AttributeError, ValueError, TracerError):
            return super().__repr__()
        return f"ValueArray({np.array2string(numbers, separator=', ', prefix='ValueArray(')})"

    __str__ = __repr__


def _refuse(**options: Any) -> None:
    for name, given in options.items():
        if given is not None:
            raise TypeError(f"{name}= is not supported on an array of Values")


def elementwise(function: Scalar, inputs: Sequence[Any]) -> Any:
    """Apply a function of scalars over arrays that broadcast: a ValueArray, or one element."""
    return wrap(np.frompyfunc(function, len(inputs), 1)(*map(plain, inputs)))


def wrap(result: Any) -> Any:
    """A ValueArray for an array of objects, anything else as it is."""
    if isinstance(result, np.ndarray) and result.dtype == object:
        return result.view(ValueArray)
    return result


def plain(x: Any) -> NDArray[Any]:
    """A plain array, on which ufuncs are NumPy's own."""
    if isinstance(x, np.ndarray):
        return x.view(np.ndarray)
    if isinstance(x, (list, tuple)):
        return np.array(x, dtype=object)
    box = np.empty((), dtype=object)
    box[()] = x.item() if isinstance(x, np.generic) else x
    return box


def apply_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """Apply a NumPy ufunc to inputs with a Value or a ValueArray among them.

    Raises TypeError for a ufunc that neither has a row nor works by arithmetic on objects, and
    where the result is to be written into an array of numbers.
    """
    outs = options.pop("out", ())
    scalar = clip if ufunc.__name__ == "clip" else _SCALAR.get(ufunc)
    if scalar is None:
        result = _native(ufunc, method, inputs, options)
    else:
        identity = {"identity": ufunc.identity} if method != "__call__" else {}
        twin = np.frompyfunc(scalar, ufunc.nin, 1, **identity)
        with np.errstate(all="ignore"):  # floats follow IEEE 754 without a warning
            result = wrap(getattr(twin, method)(*map(plain, inputs), **options))
        is_mask = ufunc in _MASKS and isinstance(result, np.ndarray)
        if is_mask and all(isinstance(x, (bool, np.bool_)) for x in result.flat):
            result = result.view(np.ndarray).astype(bool)
    if not outs or outs[0] is None:
        return result
    if outs[0].dtype != object:
        raise TypeError(
            f"np.{ufunc.__name__} cannot write Values into an array of {outs[0].dtype}: "
            "write `a = a + v` instead of `a += v`"
        )
    outs[0].view(np.ndarray)[...] = result
    return outs[0]


def _native(ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    try:
        if ufunc in _UNRECORDED:
            raise TypeError("the choice would not be recorded")
        return wrap(getattr(ufunc, method)(*map(plain, inputs), **options))
    except TracerError:
        raise
    except (TypeError, AttributeError) as error:
        raise TypeError(
            f"np.{ufunc.__name__} has no derivative here: compose it from the functions of "
            "autograd, or take the numbers alone with v.data or autograd.data(array)"
        ) from error
