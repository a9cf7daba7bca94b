"""Ufuncs on Values: rows of the table, compositions of them, or answers of the numbers alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd import compositions, writing
from autograd.errors import refuse_equality
from autograd.numpy_functions.elements import Scalar, numbers_in, reduce_along
from autograd.numpy_functions.native import with_floats
from autograd.primitive import TABLE, Primitive, stopped
from autograd.writing import is_value, objects


def _compare(row: Primitive) -> Scalar:
    """Compare the data alone, so that `W > 0` is a mask as `W[0, 0] > 0` is a bool."""
    return lambda x, z: row(stopped(x), stopped(z))


_MASKS = [row.ufunc for row in TABLE.values() if row.is_comparison]
_SCALAR: dict[Any, Scalar] = {
    **{row.ufunc: _compare(row) if row.is_comparison else row for row in TABLE.values()},
    **compositions.OF_UFUNC,
    np.divmod: compositions.division,
}
_DTYPES = ([np.dtype(float), np.dtype(object)], [np.dtype(bool), np.dtype(object)])
_EXTREMES = {np.maximum: TABLE["maximum"], np.minimum: TABLE["minimum"]}
_PRODUCTS = [getattr(np, name, None) for name in ("matmul", "vecdot", "matvec", "vecmat")]


def apply_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """Apply a NumPy ufunc to inputs with a Value or an array of Values among them.

    Raises TypeError for a ufunc that neither has a row nor works by arithmetic on objects, and
    where the result is to be written into an array of numbers.
    """
    _check_options(ufunc, options)
    (out, *_) = options.pop("out", None) or (None,)
    where = options.pop("where", True) if method == "__call__" else True
    if where is not True and out is None:
        raise TypeError(f"np.{ufunc.__name__}: where= leaves elements without a value; pass out=")
    if method == "at":
        _check_target(ufunc, inputs[0])
        if writing.owner_of(inputs[0]) is not None:
            raise TypeError(f"np.{ufunc.__name__}.at would replace leaves: write W[i] = numbers")
    result = _result(ufunc, method, inputs, options)
    if out is None:
        return result
    if np.asarray(result).dtype == object:
        _check_target(ufunc, out)
    mask = ... if where is True else np.broadcast_to(where, out.shape)
    out[mask] = result if where is True else np.broadcast_to(result, out.shape)[mask]
    return out


def _check_options(ufunc: Any, options: dict[str, Any]) -> None:
    """Raise TypeError for what no array of Values can follow; make a mask of `where`."""
    dtype = options.pop("dtype", None)
    if dtype is not None and np.dtype(dtype) not in _DTYPES[ufunc in _MASKS]:
        raise TypeError(f"np.{ufunc.__name__}: Values are float64, and dtype= cannot change that")
    if len(options.get("out") or ()) > 1:
        raise TypeError(f"np.{ufunc.__name__}: out= is not supported for several results")
    if options.get("where", True) is not True:
        options["where"] = objects(options["where"]).astype(bool)
    if isinstance(options.get("initial"), np.ndarray):
        options["initial"] = options["initial"].item()


def _check_target(ufunc: Any, array: Any) -> None:
    """Raise TypeError for an array of numbers, which holds no Values."""
    if array.dtype != object:
        raise TypeError(
            f"np.{ufunc.__name__} cannot write Values into an array of {array.dtype}: write "
            "`a = a + v` instead of `a += v`, or make the array with dtype=object"
        )


def _result(ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    scalar = compositions.clip if ufunc.__name__ == "clip" else _SCALAR.get(ufunc)
    if method == "reduce" and ufunc in _EXTREMES:
        return _extreme(_EXTREMES[ufunc], objects(inputs[0]), **options)
    if ufunc in (np.equal, np.not_equal):
        _refuse_equality(inputs)
    if ufunc in _PRODUCTS and any(getattr(x, "size", 1) == 0 for x in inputs):  # sums are None
        return getattr(ufunc, method)(*numbers_in(inputs), **options)
    if scalar is None and ufunc not in _PRODUCTS and not _is_made_by_user(ufunc):
        return _answer_of_numbers(ufunc, method, inputs, options)
    run = ufunc if scalar is None else _recording(ufunc, scalar, method, options)
    arrays = list(map(objects, inputs))
    if method in ("at", "reduceat"):
        arrays[1] = inputs[1]  # indices
    with np.errstate(all="ignore"):
        result = getattr(run, method)(*arrays, **options)
    if options.get("keepdims"):  # of an array without axes, too
        result = objects(result)
    if ufunc not in _MASKS:
        return result
    # A number beside a Value comes as a float array without axes.
    is_array = any(isinstance(x, np.ndarray) and (x.ndim or x.dtype == object) for x in inputs)
    return _as_mask(result) if is_array else bool(result) if type(result) is float else result


def _recording(ufunc: Any, scalar: Scalar, method: str, options: dict[str, Any]) -> Any:
    """A ufunc of objects that calls a function of scalars, with the identity of another."""
    if method == "__call__":
        return np.frompyfunc(scalar, ufunc.nin, ufunc.nout)
    needs_first = method == "reduce" and ("where" in options or ufunc is np.hypot)
    if needs_first and ufunc.identity is not None:  # NumPy takes none for objects
        options.setdefault("initial", ufunc.identity)
    return np.frompyfunc(scalar, ufunc.nin, ufunc.nout, identity=ufunc.identity)


def _is_made_by_user(ufunc: Any) -> bool:
    """True for one of `np.frompyfunc` or `np.vectorize`, which takes objects and nothing else."""
    return set("".join(ufunc.types)) <= {"O", "-", ">"}


def _as_mask(result: Any) -> Any:
    """Bools for floats; a tracer is not yet one."""
    has_tracers = any(map(is_value, objects(result).flat))
    return result if has_tracers else np.not_equal(result, 0.0, dtype=bool)


def _refuse_equality(inputs: Sequence[Any]) -> None:
    """Refuse `np.float64(2) == v`, as `v == 2` is."""
    values = [x for x in inputs if is_value(x)]
    if len(values) == 1 and all(np.ndim(x) == 0 for x in inputs):
        refuse_equality(values[0], next(x for x in inputs if x is not values[0]))


def _extreme(
    row: Primitive, array: Any, axis: Any = 0, keepdims: bool = False, initial: Any = None,
    where: Any = True,
) -> Any:  # fmt: skip
    """The largest or smallest elements; those that tie share the derivative equally."""
    axis = None if array.ndim == 0 and axis in (0, -1) else axis
    first = [] if initial is None else [initial]
    if where is not True:
        if initial is None:
            raise ValueError(f"np.{row.name} with where= needs initial=, for where all is left out")
        array = np.where(np.broadcast_to(where, array.shape), array, initial)
    found = reduce_along(lambda v: compositions.extreme(row, [*first, *v]), array, axis)
    if not keepdims:
        return found
    axes = normalize_axis_tuple(range(array.ndim) if axis is None else axis, array.ndim)
    return np.expand_dims(objects(found), axes)


def _answer_of_numbers(
    ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]
) -> Any:
    """The answer for the numbers alone, which holds no floats."""
    with np.errstate(all="ignore"):
        answer = getattr(ufunc, method)(*numbers_in(inputs), **options)
    if with_floats(answer):
        raise TypeError(
            f"np.{ufunc.__name__} has no derivative here: compose it from the functions of "
            "autograd, or take the numbers alone with v.data or autograd.data(array)"
        )
    return answer
