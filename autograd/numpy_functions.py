"""NumPy's functions on Values and arrays of them: NumPy's own answer, or a TypeError.

A ufunc with a row in the table is that row. Where NumPy's answer has no floats in it (an order, a
mask, a count), it is that of the numbers alone. All else is NumPy's own code, run on the Values:
it records by their operators and methods. Unless it is known to be right, what it gives is held
against what it gives for the numbers, and refused where they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from inspect import signature
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple
from numpy.typing import NDArray

from autograd import compositions, writing
from autograd.errors import TracerError, refuse_equality
from autograd.floats.ieee import real, refuse_masked
from autograd.primitive import TABLE, Primitive
from autograd.writing import is_value, objects

Scalar = Callable[..., Any]


def _compare(row: Primitive) -> Scalar:
    """Compare the data alone, so that `W > 0` is a mask as `W[0, 0] > 0` is a bool."""
    return lambda x, z: row(getattr(x, "_stopped", x), getattr(z, "_stopped", z))


_MASKS = [row.ufunc for row in TABLE.values() if row.is_comparison]
_SCALAR: dict[Any, Scalar] = {
    **{row.ufunc: _compare(row) if row.is_comparison else row for row in TABLE.values()},
    **compositions.OF_UFUNC,
    np.divmod: compositions.division,
}
_EXTREMES = {np.maximum: TABLE["maximum"], np.minimum: TABLE["minimum"]}
_PRODUCTS = [getattr(np, name, None) for name in ("matmul", "vecdot", "matvec", "vecmat")]

_KNOWN = """
    append apply_along_axis apply_over_axes array_split astype atleast_1d atleast_2d atleast_3d
    block broadcast_arrays broadcast_to choose column_stack compress concat concatenate copy delete
    diag diagflat diagonal dsplit dstack empty_like expand_dims extract flip fliplr
    flipud full_like hsplit hstack insert ix_ matrix_transpose meshgrid moveaxis ones_like pad
    partition permute_dims piecewise put put_along_axis ravel repeat reshape resize roll rollaxis
    rot90 select sort split squeeze stack swapaxes take take_along_axis tile transpose tril triu
    unstack vsplit vstack zeros_like

    amax amin around clip convolve correlate cross cumprod cumsum cumulative_prod cumulative_sum
    diff dot einsum inner kron max mean min outer prod round std sum tensordot trace trapezoid
    vander var vdot linalg.cross linalg.diagonal linalg.matmul linalg.matrix_power
    linalg.matrix_transpose linalg.multi_dot linalg.outer linalg.tensordot linalg.trace
    linalg.vecdot

    can_cast diag_indices_from einsum_path imag iscomplexobj isrealobj may_share_memory ndim
    printoptions real real_if_close result_type shape shares_memory size tril_indices_from
    triu_indices_from
"""
"""Functions whose code is right on Values: they move them, do arithmetic, or ask for no numbers."""


def _named(name: str) -> Any:
    """NumPy's function of a name, or None in a NumPy that has none."""
    room, _, own = name.rpartition(".")
    return getattr(np.linalg if room else np, own, None)


_KNOWN_FUNCTIONS = frozenset(map(_named, _KNOWN.split()))


def elementwise(function: Scalar, inputs: Sequence[Any]) -> Any:
    """Apply a function of scalars over arrays that broadcast: an array, or one element."""
    with np.errstate(all="ignore"):  # floats follow IEEE 754 without a warning
        return np.frompyfunc(function, len(inputs), 1)(*map(objects, inputs))


# Ufuncs


def apply_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """Apply a NumPy ufunc to inputs with a Value or an array of Values among them.

    Raises TypeError for a ufunc that neither has a row nor works by arithmetic on objects, and
    where the result is to be written into an array of numbers.
    """
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
    mask = ... if where is True else np.broadcast_to(where, out.shape).astype(bool)
    out[mask] = result if where is True else np.broadcast_to(result, out.shape)[mask]
    return out


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
    of_users = set("".join(ufunc.types)) <= {"O", "-", ">"}  # made by np.frompyfunc, np.vectorize
    if scalar is None and not of_users and ufunc not in _PRODUCTS:
        return _answer_of_numbers(ufunc, method, inputs, options)
    run = ufunc
    if scalar is not None:
        identity = {"identity": ufunc.identity} if method != "__call__" else {}
        run = np.frompyfunc(scalar, ufunc.nin, ufunc.nout, **identity)
        if "where" in options and ufunc.identity is not None:  # NumPy takes none for objects
            options = {"initial": ufunc.identity, **options}
    arrays = list(map(objects, inputs))
    if method in ("at", "reduceat"):
        arrays[1] = inputs[1]  # indices
    with np.errstate(all="ignore"):
        result = getattr(run, method)(*arrays, **options)
    return _as_mask(result) if ufunc in _MASKS else result


def _as_mask(result: Any) -> Any:
    """Bools for floats; a tracer is not yet one."""
    if not isinstance(result, np.ndarray):
        return bool(result) if type(result) is float else result
    return result if any(map(is_value, result.flat)) else result.astype(bool)


def _refuse_equality(inputs: Sequence[Any]) -> None:
    """Refuse `np.float64(2) == v`, as `v == 2` is."""
    values = [x for x in inputs if is_value(x)]
    if len(values) == 1 and all(np.ndim(x) == 0 for x in inputs):
        refuse_equality(values[0], next(x for x in inputs if x is not values[0]))


def _extreme(
    row: Primitive, array: Any, axis: Any = 0, dtype: None = None, keepdims: bool = False,
    initial: Any = None, where: Any = True,
) -> Any:  # fmt: skip
    """The largest or smallest elements; those that tie share the derivative equally."""
    refuse(dtype=dtype)
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


def reduce_along(function: Callable[[list[Any]], Any], array: Any, axis: Any = None) -> Any:
    """Apply a function of a list along one axis, several, or all: an array, or one element."""
    axes = normalize_axis_tuple(range(array.ndim) if axis is None else axis, array.ndim)
    moved = np.moveaxis(array.view(np.ndarray), axes, range(-len(axes), 0))
    results = np.empty(moved.shape[: array.ndim - len(axes)], dtype=object)
    for index in np.ndindex(results.shape):
        results[index] = function(moved[index].ravel().tolist())
    return results if results.ndim else results.item()


def _answer_of_numbers(
    ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]
) -> Any:
    """The answer for the numbers alone, which holds no floats."""
    with np.errstate(all="ignore"):
        answer = getattr(ufunc, method)(*numbers_in(inputs), **options)
    if _with_floats(answer):
        raise TypeError(
            f"np.{ufunc.__name__} has no derivative here: compose it from the functions of "
            "autograd, or take the numbers alone with v.data or autograd.data(array)"
        )
    return answer


# All other functions


def apply_function(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Apply a function of NumPy to arguments with Values among them.

    Raises what NumPy raises for the numbers, and TypeError for a function whose code does not
    work on Values, or not rightly.
    """
    for x in args:
        for each in x if isinstance(x, (list, tuple)) else (x,):
            refuse_masked(each)
    if func in _OWN:
        return _OWN[func](*args, **kwargs)
    return (_run if func in _KNOWN_FUNCTIONS else _verified)(func, args, kwargs)


def _verified(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Run NumPy's own code on the numbers, and on the Values if floats come of it.

    Tracers have no numbers; code that records on them looks at none, and needs no check.
    """
    refuse(out=kwargs.get("out"))
    unknown = reason = None
    try:
        with np.errstate(all="ignore"):
            expected = _run(func, numbers_in(args), numbers_in(kwargs))
        if not _with_floats(expected):
            return expected
    except TracerError as error:
        unknown = error
    try:
        result = _run(func, args, kwargs)
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


def _run(func: Any, args: Sequence[Any], kwargs: Any) -> Any:
    """Run NumPy's own code."""
    return np.ndarray.__array_function__(_ANY, func, (), tuple(args), kwargs)


_ANY = np.empty(0)


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


def data_of(x: Any) -> NDArray[np.float64]:
    """The numbers of a Value, or of an array of Values and numbers, as an array of floats."""
    elements = objects(x)
    try:
        numbers = [v.data if is_value(v) else real(v) for v in elements.flat]
    except TracerError as error:
        raise TracerError(
            f"{error}\nnor can a function be recorded that looks at the numbers, to sort or to "
            "count: autograd.where, maximum, minimum and take choose between Values"
        ) from None
    return np.array(numbers, dtype=float).reshape(elements.shape)


def _parts(answer: Any) -> Iterator[Any]:
    """The arrays in an answer."""
    if isinstance(answer, (list, tuple)):
        for each in answer:
            yield from _parts(each)
    elif answer is not None:
        yield objects(answer) if is_value(answer) else np.asarray(answer)


def _with_floats(answer: Any) -> bool:
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


# The functions with a meaning of their own


def refuse(**options: Any) -> None:
    """Raise TypeError for an option of NumPy's that is given."""
    for name, given in options.items():
        if given is not None:
            raise TypeError(f"{name}= is not supported on an array of Values")


def _where(condition: Any, *choices: Any) -> Any:
    if choices:
        return elementwise(TABLE["where"], (condition, *choices))
    return np.nonzero(data_of(condition))


def _nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    refuse(copy=None if copy else False)
    largest = np.finfo(float).max
    x = np.where(np.not_equal(x, x), nan, x)
    x = np.where(np.equal(x, np.inf), largest if posinf is None else posinf, x)
    return np.where(np.equal(x, -np.inf), -largest if neginf is None else neginf, x)


def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    if all(np.asarray(condition).dtype != object for condition in condlist):
        return _run(np.select, (condlist, choicelist, default), {})
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = np.where(condition, choice, result)
    return result


def _cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None,
    fweights: None = None, aweights: None = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    refuse(fweights=fweights, aweights=aweights, dtype=dtype)
    variables = [np.atleast_2d(x if rowvar else np.transpose(x)) for x in (m, y) if x is not None]
    rows = np.concatenate(variables)
    rows = rows - np.mean(rows, axis=1, keepdims=True)
    count = rows.shape[1] - (int(not bias) if ddof is None else ddof)
    return np.squeeze(rows @ rows.T / count)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    array = np.asanyarray(x)
    axes = range(array.ndim) if axis is None else np.atleast_1d(axis)
    is_order = isinstance(ord, (int, float)) and (ord > 0 or np.isinf(ord))
    if ord is not None and not (is_order and len(axes) == 1):
        return _verified(np.linalg.norm, (x, ord, axis, keepdims), {})
    order = 2 if ord is None else ord
    found = reduce_along(partial(compositions.norm, order=order), array, tuple(axes))
    return np.expand_dims(objects(found), tuple(axes)) if keepdims else found


def _kept_an_array(func: Any) -> Scalar:
    """A function whose code computes with arrays only: a last axis makes one of any result."""

    def function(*args: Any, **kwargs: Any) -> Any:
        given: dict[str, Any] = signature(func).bind(*args, **kwargs).arguments
        shape, axis = np.shape(given["a"]), given.get("axis")
        for name in ("a", "weights"):
            if name in given and np.shape(given[name]) == shape:
                given[name] = np.expand_dims(given[name], -1)
        axes = range(len(shape)) if axis is None else axis
        given["axis"] = normalize_axis_tuple(axes, len(shape))
        result = _verified(func, (), given)
        return tuple(x[..., 0] for x in result) if isinstance(result, tuple) else result[..., 0]

    return function


def _setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    kept = np.ravel(ar1) if assume_unique else np.unique(ar1)
    return kept[~np.isin(kept, ar2)]


def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    chosen = ... if where is True else np.broadcast_to(where, dst.shape)
    dst[chosen] = src if where is True else np.broadcast_to(src, dst.shape)[chosen]


def _place(arr: Any, mask: Any, vals: Any) -> None:
    mask = np.asarray(mask, dtype=bool)
    arr[mask] = np.resize(vals, int(mask.sum()))


def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    mask = np.zeros(a.shape, dtype=bool)
    np.fill_diagonal(mask, True, wrap)
    _place(a, mask, val)


def _putmask(a: Any, mask: Any, values: Any) -> None:
    mask = np.asarray(mask, dtype=bool)
    a[mask] = np.resize(values, a.shape)[mask]


_OF_ARRAYS = (np.average, np.quantile, np.percentile, np.nanquantile, np.nanpercentile)
_OWN: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.nan_to_num: _nan_to_num,
    np.cov: _cov,
    np.select: _select,
    np.setdiff1d: _setdiff1d,
    np.copyto: _copyto,
    np.place: _place,
    np.fill_diagonal: _fill_diagonal,
    np.putmask: _putmask,
    np.linalg.norm: _norm,
    np.sinc: lambda x: elementwise(TABLE["sinc"], (x,)),
    **{func: _kept_an_array(func) for func in _OF_ARRAYS},
    np.ptp: lambda a, *args, **named: np.max(a, *args, **named) - np.min(a, *args, **named),
}
