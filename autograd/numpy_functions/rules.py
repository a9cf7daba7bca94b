"""Functions of NumPy whose own code is not right on Values, written anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from inspect import signature
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd import compositions
from autograd.numpy_functions.elements import (
    Scalar,
    data_of,
    elementwise,
    reduce_along,
    refuse,
    repeated,
)
from autograd.numpy_functions.native import run, verified
from autograd.primitive import TABLE
from autograd.writing import objects


def _where(condition: Any, *choices: Any) -> Any:
    if choices:
        return elementwise(TABLE["where"], (condition, *choices))
    return np.nonzero(data_of(condition))


def _nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    refuse(copy=None if copy else False)
    largest = np.finfo(float).max
    high, low = largest if posinf is None else posinf, -largest if neginf is None else neginf
    result = np.where(np.equal(x, np.inf), high, np.where(np.equal(x, -np.inf), low, x))
    return np.where(np.not_equal(x, x), nan, result)


def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    if all(np.asarray(condition).dtype != object for condition in condlist):
        return run(np.select, (condlist, choicelist, default), {})
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = np.where(condition, choice, result)
    return result


def _cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None,
    *, dtype: None = None,
) -> Any:  # fmt: skip
    variables = [np.atleast_2d(x if rowvar else np.transpose(x)) for x in (m, y) if x is not None]
    rows = np.concatenate(variables)
    rows = rows - np.mean(rows, axis=1, keepdims=True)
    count = rows.shape[1] - (int(not bias) if ddof is None else ddof)
    return np.squeeze(rows @ rows.T / count)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    array = np.asanyarray(x)
    axes = range(array.ndim) if axis is None else np.atleast_1d(axis)
    is_order = isinstance(ord, (int, float)) and (ord > 0 or np.isinf(ord))
    if len(axes) == 0 or (ord is not None and not (is_order and len(axes) == 1)):
        return verified(np.linalg.norm, (x, ord, axis, keepdims), {})
    order = 2 if ord is None else ord
    found = reduce_along(partial(compositions.norm, order=order), array, tuple(axes))
    return np.expand_dims(objects(found), tuple(axes)) if keepdims else found


def _kept_an_array(func: Any) -> Scalar:
    """A function whose code computes with arrays only: a last axis makes one of any result."""

    def function(*args: Any, **kwargs: Any) -> Any:
        given: dict[str, Any] = signature(func).bind(*args, **kwargs).arguments
        given.pop("overwrite_input", None)
        shape, axis = np.shape(given["a"]), given.get("axis")
        for name in ("a", "weights"):
            if name in given and np.shape(given[name]) == shape:
                given[name] = np.expand_dims(given[name], -1)
        axes = range(len(shape)) if axis is None else axis
        given["axis"] = normalize_axis_tuple(axes, len(shape))
        result = verified(func, (), given)
        parts = result if isinstance(result, tuple) else (result,)
        first = tuple(x[..., 0][()] for x in parts)
        return first if isinstance(result, tuple) else first[0]

    return function


def _setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    kept = np.ravel(ar1) if assume_unique else np.unique(ar1)
    return kept[~np.isin(kept, ar2)]


def _ptp(a: Any, axis: Any = None, out: None = None, **options: Any) -> Any:
    refuse(out=out)
    return np.max(a, axis, **options) - np.min(a, axis, **options)


def _nanstd(a: Any, axis: Any = None, dtype: Any = None, out: None = None, **options: Any) -> Any:
    refuse(out=out)
    return elementwise(compositions.root, (np.nanvar(a, axis, dtype, **options),))


def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    chosen = ... if where is True else np.broadcast_to(where, dst.shape)
    dst[chosen] = src if where is True else np.broadcast_to(src, dst.shape)[chosen]


def _place(arr: Any, mask: Any, vals: Any) -> None:
    mask = np.asarray(mask, dtype=bool).reshape(arr.shape)
    arr[mask] = repeated(vals, (int(mask.sum()),))


def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    mask = np.zeros(a.shape, dtype=bool)
    np.fill_diagonal(mask, True, wrap)
    _place(a, mask, val)


def _putmask(a: Any, mask: Any, values: Any) -> None:
    mask = np.asarray(mask, dtype=bool).reshape(a.shape)
    a[mask] = repeated(values, a.shape)[mask]


_OF_ARRAYS = (
    np.average, np.median, np.nanmedian, np.quantile, np.percentile, np.nanquantile,
    np.nanpercentile,
)  # fmt: skip
RULES: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.nan_to_num: _nan_to_num,
    np.cov: lambda *args, **kwargs: verified(np.cov, args, kwargs, _cov),
    np.select: _select,
    np.setdiff1d: _setdiff1d,
    np.copyto: _copyto,
    np.place: _place,
    np.fill_diagonal: _fill_diagonal,
    np.putmask: _putmask,
    np.linalg.norm: _norm,
    np.sinc: lambda x: elementwise(TABLE["sinc"], (x,)),
    **{func: _kept_an_array(func) for func in _OF_ARRAYS},
    np.ptp: _ptp,
    np.nanstd: _nanstd,
}
