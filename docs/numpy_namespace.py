"""NumPy's whole public namespace, called on arrays of Values: what it answers.

`tests/autograd/arrays/test_numpy_namespace.py` holds every answer to NumPy's own;
`docs/numpy.md` lists them (`make generate`).
"""

from __future__ import annotations

import contextlib
import io
import pickle
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Value

Call = Callable[[Any, Any, Any], Any]  # of an array (2, 3), another one, a square one
ROOMS: dict[str, Any] = {"": np, "linalg": np.linalg, "fft": np.fft, "ndarray": np.ndarray}
NO_ARRAYS = """
    arange asmatrix bartlett base_repr binary_repr blackman bmat broadcast_shapes datetime_data
    diag_indices empty eye fftfreq format_float_positional format_float_scientific from_dlpack
    frombuffer fromfile fromfunction fromregex fromstring frompyfunc genfromtxt get_include
    get_printoptions getbufsize geterr geterrcall hamming hanning identity indices info isdtype
    issubdtype kaiser load loadtxt mask_indices mintypecode nested_iters ones printoptions
    promote_types rfftfreq set_printoptions setbufsize seterr seterrcall show_config show_runtime
    test tri tril_indices triu_indices typename zeros datetime_as_string busday_count
    busday_offset is_busday isnat ctypes device flags base dtype itemsize nbytes strides T mT
    shape size ndim setflags data to_device tostring trapz
"""
"""Names that take no array of numbers, say how it lies in memory, or are on their way out."""

I = np.array([[0, 2, 1], [1, 0, 2]])  # noqa: E741, indices
FLAT = np.array([0, 2, 5])
MASK = np.array([[True, False, True], [False, True, True]])

# Functions that are called with more than one array, or not with an array first.
CALLS: dict[str, Call] = {
    "allclose": lambda a, b, s: np.allclose(a, b),
    "append": lambda a, b, s: np.append(a, b, axis=0),
    "apply_along_axis": lambda a, b, s: np.apply_along_axis(lambda r: r * r, 1, a),
    "apply_over_axes": lambda a, b, s: np.apply_over_axes(np.sum, a, [0, 1]),
    "argpartition": lambda a, b, s: np.argpartition(a, 1),
    "array2string": lambda a, b, s: np.array2string(a * 1.0),
    "array_equal": lambda a, b, s: np.array_equal(a, b),
    "array_equiv": lambda a, b, s: np.array_equiv(a, a[0]),
    "array_split": lambda a, b, s: np.array_split(a, 2),
    "asmatrix": lambda a, b, s: np.asmatrix(a),
    "astype": lambda a, b, s: np.astype(a, float),
    "average": lambda a, b, s: np.average(a, weights=b),
    "bincount": lambda a, b, s: np.bincount(I[0], weights=a[0]),
    "block": lambda a, b, s: np.block([a, b]),
    "bmat": lambda a, b, s: np.bmat([[a, b]]),
    "broadcast_arrays": lambda a, b, s: np.broadcast_arrays(a, b[0]),
    "broadcast_to": lambda a, b, s: np.broadcast_to(a[0], (4, 3)),
    "can_cast": lambda a, b, s: np.can_cast(np.float32, float),
    "choose": lambda a, b, s: np.choose(MASK.astype(int), [a, b]),
    "clip": lambda a, b, s: np.clip(a, 0.4, b),
    "column_stack": lambda a, b, s: np.column_stack([a, b]),
    "compress": lambda a, b, s: np.compress([True, False, True], a, axis=1),
    "concat": lambda a, b, s: np.concatenate([a, b]),
    "concatenate": lambda a, b, s: np.concatenate([a, b], axis=1),
    "convolve": lambda a, b, s: np.convolve(a[0], b[0]),
    "copyto": lambda a, b, s: _writes(a, lambda c: np.copyto(c, b)),
    "correlate": lambda a, b, s: np.correlate(a[0], b[0]),
    "cross": lambda a, b, s: np.cross(a, b),
    "cumulative_prod": lambda a, b, s: np.cumulative_prod(a, axis=1),
    "cumulative_sum": lambda a, b, s: np.cumulative_sum(a, axis=1),
    "delete": lambda a, b, s: np.delete(a, 1, axis=1),
    "diag_indices_from": lambda a, b, s: np.diag_indices_from(s),
    "digitize": lambda a, b, s: np.digitize(a, np.array([0.3, 0.6])),
    "dot": lambda a, b, s: np.dot(a, s),
    "dsplit": lambda a, b, s: np.dsplit(a.reshape(1, 2, 3), 3),
    "einsum": lambda a, b, s: np.einsum("ij,kj->ik", a, b),
    "einsum_path": lambda a, b, s: np.einsum_path("ij,kj->ik", a, b)[0],
    "empty_like": lambda a, b, s: np.empty_like(a).shape,
    "expand_dims": lambda a, b, s: np.expand_dims(a, 0),
    "extract": lambda a, b, s: np.extract(MASK, a),
    "fill_diagonal": lambda a, b, s: _writes(s, lambda c: np.fill_diagonal(c, 5.0)),
    "fromiter": lambda a, b, s: np.fromiter(a.flat, float),
    "full": lambda a, b, s: np.full((2, 3), a),
    "full_like": lambda a, b, s: np.full_like(a, 2.0),
    "geomspace": lambda a, b, s: np.geomspace(a, b, 4),
    "gradient": lambda a, b, s: np.gradient(s),
    "histogram": lambda a, b, s: np.histogram(a, bins=3),
    "histogram2d": lambda a, b, s: np.histogram2d(a[0], b[0], bins=2),
    "histogramdd": lambda a, b, s: np.histogramdd(a, bins=2),
    "hsplit": lambda a, b, s: np.hsplit(a, 3),
    "hstack": lambda a, b, s: np.hstack([a, b]),
    "inner": lambda a, b, s: np.inner(a, b),
    "insert": lambda a, b, s: np.insert(a, 1, b[:, 0], axis=1),
    "interp": lambda a, b, s: np.interp(a[0], np.array([0.0, 1.0, 9.0]), b[0]),
    "intersect1d": lambda a, b, s: np.intersect1d(a, np.concatenate([a[0], b[0]])),
    "isclose": lambda a, b, s: np.isclose(a, b),
    "isin": lambda a, b, s: np.isin(a, a[0]),
    "ix_": lambda a, b, s: np.ix_([0, 1], [1]),
    "kron": lambda a, b, s: np.kron(a, b),
    "lexsort": lambda a, b, s: np.lexsort((a[0], b[0])),
    "linspace": lambda a, b, s: np.linspace(a, b, 4),
    "logspace": lambda a, b, s: np.logspace(a, b, 4),
    "matvec": lambda a, b, s: np.matvec(s, a),
    "may_share_memory": lambda a, b, s: np.may_share_memory(a, a[0]),
    "meshgrid": lambda a, b, s: np.meshgrid(a[0], b[0]),
    "moveaxis": lambda a, b, s: np.moveaxis(a, 0, 1),
    "nanpercentile": lambda a, b, s: np.nanpercentile(a, 30),
    "nanquantile": lambda a, b, s: np.nanquantile(a, 0.3),
    "outer": lambda a, b, s: np.outer(a, b),
    "packbits": lambda a, b, s: np.packbits(a > 0.5),
    "pad": lambda a, b, s: np.pad(a, 1),
    "partition": lambda a, b, s: np.partition(a, 1),
    "percentile": lambda a, b, s: np.percentile(a, [30, 60], axis=1),
    "permute_dims": lambda a, b, s: np.permute_dims(a, (1, 0)),
    "piecewise": lambda a, b, s: np.piecewise(a, [a > 0.5], [lambda x: x * x, lambda x: -x]),
    "place": lambda a, b, s: _writes(a, lambda c: np.place(c, MASK, [5.0, 6.0])),
    "poly": lambda a, b, s: np.poly(a[0]),
    "polyadd": lambda a, b, s: np.polyadd(a[0], b[0]),
    "polyder": lambda a, b, s: np.polyder(a[0]),
    "polydiv": lambda a, b, s: np.polydiv(a[0], b[0, :2]),
    "polyfit": lambda a, b, s: np.polyfit(a[0], b[0], 1),
    "polyint": lambda a, b, s: np.polyint(a[0]),
    "polymul": lambda a, b, s: np.polymul(a[0], b[0]),
    "polysub": lambda a, b, s: np.polysub(a[0], b[0]),
    "polyval": lambda a, b, s: np.polyval(a[0], b),
    "put": lambda a, b, s: _writes(a, lambda c: np.put(c, FLAT, [5.0, 6.0])),
    "put_along_axis": lambda a, b, s: _writes(a, lambda c: np.put_along_axis(c, I[:, :1], 5.0, 1)),
    "putmask": lambda a, b, s: _writes(a, lambda c: np.putmask(c, MASK, [5.0, 6.0])),
    "quantile": lambda a, b, s: np.quantile(a, 0.3, axis=0),
    "ravel_multi_index": lambda a, b, s: np.ravel_multi_index(I[:2], (2, 3)[::-1]),
    "repeat": lambda a, b, s: np.repeat(a, 2, axis=1),
    "require": lambda a, b, s: np.require(a),
    "reshape": lambda a, b, s: np.reshape(a, (3, 2)),
    "resize": lambda a, b, s: np.resize(a, (3, 3)),
    "result_type": lambda a, b, s: np.result_type(a, b).kind in "fO",
    "roll": lambda a, b, s: np.roll(a, 1),
    "rollaxis": lambda a, b, s: np.rollaxis(a, 1),
    "round": lambda a, b, s: np.round(a, 1),
    "around": lambda a, b, s: np.around(10 * a),
    "roots": lambda a, b, s: np.roots(a[0]),
    "row_stack": lambda a, b, s: np.vstack([a, b]),
    "save": lambda a, b, s: _bytes(lambda f: np.save(f, a)),
    "savetxt": lambda a, b, s: _bytes(lambda f: np.savetxt(f, a)),
    "savez": lambda a, b, s: _bytes(lambda f: np.savez(f, a)),
    "savez_compressed": lambda a, b, s: _bytes(lambda f: np.savez_compressed(f, a)),
    "searchsorted": lambda a, b, s: np.searchsorted(np.array([0.3, 0.6]), a),
    "select": lambda a, b, s: np.select([a > 0.5, b > 0.5], [a, b], 0.0),
    "setdiff1d": lambda a, b, s: np.setdiff1d(a, a[0]),
    "setxor1d": lambda a, b, s: np.setxor1d(a, b),
    "shares_memory": lambda a, b, s: np.shares_memory(a, a[0]),
    "split": lambda a, b, s: np.split(a, 3, axis=1),
    "stack": lambda a, b, s: np.stack([a, b]),
    "swapaxes": lambda a, b, s: np.swapaxes(a, 0, 1),
    "take": lambda a, b, s: np.take(a, FLAT),
    "take_along_axis": lambda a, b, s: np.take_along_axis(a, I, 1),
    "tensordot": lambda a, b, s: np.tensordot(a, b, axes=2),
    "tile": lambda a, b, s: np.tile(a, (2, 1)),
    "trapezoid": lambda a, b, s: np.trapezoid(a, b, axis=1),
    "tril_indices_from": lambda a, b, s: np.tril_indices_from(s),
    "trim_zeros": lambda a, b, s: np.trim_zeros(a[0]),
    "triu_indices_from": lambda a, b, s: np.triu_indices_from(s),
    "union1d": lambda a, b, s: np.union1d(a, b),
    "unpackbits": lambda a, b, s: np.unpackbits(a),
    "unravel_index": lambda a, b, s: np.unravel_index(FLAT, a.shape),
    "vander": lambda a, b, s: np.vander(a[0]),
    "vdot": lambda a, b, s: np.vdot(a, b),
    "vecmat": lambda a, b, s: np.vecmat(a, s),
    "vsplit": lambda a, b, s: np.vsplit(a, 2),
    "vstack": lambda a, b, s: np.vstack([a, b]),
    "where": lambda a, b, s: np.where(a > 0.5, a, b),
    "matmul": lambda a, b, s: np.matmul(a, s),
    "ldexp": lambda a, b, s: np.ldexp(a, 2),
    "linalg.cross": lambda a, b, s: np.linalg.cross(a, b),
    "linalg.lstsq": lambda a, b, s: np.linalg.lstsq(s, a[0])[0],
    "linalg.matmul": lambda a, b, s: np.linalg.matmul(a, s),
    "linalg.matrix_norm": lambda a, b, s: np.linalg.matrix_norm(s),
    "linalg.matrix_power": lambda a, b, s: np.linalg.matrix_power(s, 3),
    "linalg.multi_dot": lambda a, b, s: np.linalg.multi_dot([a, s, s]),
    "linalg.norm": lambda a, b, s: np.linalg.norm(a, axis=1),
    "linalg.outer": lambda a, b, s: np.linalg.outer(a[0], b[0]),
    "linalg.solve": lambda a, b, s: np.linalg.solve(s, a[0]),
    "linalg.tensordot": lambda a, b, s: np.linalg.tensordot(a, b, axes=2),
    "linalg.tensorinv": lambda a, b, s: np.linalg.tensorinv(s, 1),
    "linalg.tensorsolve": lambda a, b, s: np.linalg.tensorsolve(s, a[0]),
    "linalg.vecdot": lambda a, b, s: np.linalg.vecdot(a, b),
    "ndarray.argpartition": lambda a, b, s: a.argpartition(1),
    "ndarray.astype": lambda a, b, s: a.astype(float),
    "ndarray.choose": lambda a, b, s: MASK.astype(int).choose([a, b]),
    "ndarray.clip": lambda a, b, s: a.clip(0.4, 0.6),
    "ndarray.compress": lambda a, b, s: a.compress([True, False, True], axis=1),
    "ndarray.dot": lambda a, b, s: a.dot(s),
    "ndarray.dump": lambda a, b, s: _bytes(lambda f: a.dump(f)) > 0,
    "ndarray.dumps": lambda a, b, s: pickle.loads(a.dumps()).shape,
    "ndarray.fill": lambda a, b, s: _writes(a, lambda c: c.fill(5.0)),
    "ndarray.flat": lambda a, b, s: a.flat[1:4],
    "ndarray.item": lambda a, b, s: a.item(2),
    "ndarray.partition": lambda a, b, s: _writes(a, lambda c: c.partition(1)),
    "ndarray.put": lambda a, b, s: _writes(a, lambda c: c.put(FLAT, [5.0, 6.0, 7.0])),
    "ndarray.repeat": lambda a, b, s: a.repeat(2, axis=1),
    "ndarray.reshape": lambda a, b, s: a.reshape(3, 2),
    "ndarray.resize": lambda a, b, s: (a * 1.0).resize((2, 2), refcheck=False),
    "ndarray.round": lambda a, b, s: a.round(1),
    "ndarray.searchsorted": lambda a, b, s: np.sort(a[0]).searchsorted(b),
    "ndarray.sort": lambda a, b, s: _writes(a, lambda c: c.sort()),
    "ndarray.swapaxes": lambda a, b, s: a.swapaxes(0, 1),
    "ndarray.take": lambda a, b, s: a.take(FLAT),
    "ndarray.tofile": lambda a, b, s: _bytes(lambda f: a.tofile(f)),
    "ndarray.transpose": lambda a, b, s: a.transpose(1, 0),
}


def _writes(array: Any, write: Callable[[Any], None]) -> Any:
    """The array after something was written into a copy of it."""
    copy = array.copy()
    write(copy)
    return copy


def _bytes(save: Callable[[Any], None]) -> int:
    file = io.BytesIO()
    save(file)
    return len(file.getvalue())


def names() -> Iterator[str]:
    """Every public function, ufunc and method: `exp`, `linalg.norm`, `ndarray.sort`."""
    left_out = NO_ARRAYS.split()
    for room, where in ROOMS.items():
        for name in dir(where):
            thing = getattr(where, name)
            is_function = callable(thing) and not isinstance(thing, type)
            if (
                not name.startswith("_")
                and name not in left_out
                and (is_function or room == "ndarray")
            ):
                yield f"{room}.{name}" if room else name


def call_of(name: str) -> Call:
    """How a function is called here; a ufunc with as many arrays as it takes."""
    if name in CALLS:
        return CALLS[name]
    room, _, own = name.rpartition(".")
    if room == "ndarray":
        is_method = callable(getattr(np.ndarray, own))
        return lambda a, b, s: getattr(a, own)() if is_method else getattr(a, own)
    function = getattr(getattr(np, room) if room else np, own)
    if isinstance(function, np.ufunc):
        return lambda a, b, s: function(*(a, b)[: function.nin])
    if room == "linalg":
        return lambda a, b, s: function(s)
    return lambda a, b, s: function(a)


def parts(result: Any) -> list[Any]:
    """The arrays in a result: of floats, of Values, or of anything else."""
    if isinstance(result, (list, tuple)):
        return [part for each in result for part in parts(each)]
    if isinstance(result, Value):
        return [autograd.array(result)]
    if isinstance(result, (type, np.dtype)):
        result = str(result)
    return [] if result is None else [np.asanyarray(result)]


def answer(call: Call, arrays: Sequence[Any]) -> list[Any] | Exception:
    """The arrays that a call gives, or its error; nothing is printed."""
    quiet = contextlib.redirect_stdout(io.StringIO())
    with warnings.catch_warnings(), np.errstate(all="ignore"), quiet:
        warnings.simplefilter("ignore")
        try:
            return parts(call(*arrays))
        except Exception as error:
            return error


INSIDE = (  # of the domain of arcsin and arctanh
    np.array([[0.3127, 0.7091, 0.4553], [0.6139, 0.2171, 0.9077]]),
    np.array([[0.8231, 0.3573, 0.5519], [0.1567, 0.6659, 0.4261]]),
    np.array([[0.9127, 0.2213, 0.1327], [0.3319, 0.8123, 0.2587], [0.1531, 0.3593, 0.7027]]),
)
OUTSIDE = (
    np.array([[1.3171, -2.7367, 3.4591], [1.6273, 4.2179, -1.9139]]),
    np.array([[2.8283, 1.3561, -3.5227], [1.1693, -2.6581, 1.4387]]),
    np.array([[3.9229, -1.2377, 1.1471], [1.3121, 2.8433, -1.2539], [1.1663, 1.3697, 4.7351]]),
)
SPECIAL = (  # nan, infinities, ties
    np.array([[np.nan, 1.0, np.inf], [-0.0, 1.0, -np.inf]]),
    np.array([[1.0, 1.0, 2.0], [0.0, np.nan, -3.0]]),
    np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 0.0], [0.0, 1.0, 1.0]]),
)
SAMPLES = (INSIDE, OUTSIDE, SPECIAL)


def outcome(name: str) -> str:
    """Tell whether a function is "right" on Values, "refused", or has "no numbers" as arguments."""
    call = call_of(name)
    if all(isinstance(answer(call, sample), Exception) for sample in SAMPLES):
        return "no numbers"
    given = answer(call, list(map(autograd.array, INSIDE)))
    return "refused" if isinstance(given, Exception) else "right"


def is_recorded(name: str) -> bool:
    """True if a function is right in a compiled one, too; else it is a TracerError there."""
    call = call_of(name)
    f = autograd.compile(lambda *arrays: parts(call(*arrays))[0], unused_inputs=True)
    try:
        f(*[x[None] for x in INSIDE])
    except autograd.TracerError:
        return False
    return True


def page() -> str:
    """The list for `docs/numpy.md`."""
    outcomes = {name: outcome(name) for name in names()}
    right = [name for name, each in outcomes.items() if each == "right"]
    lists = {
        "NumPy's own answer, with its derivative, also compiled": filter(is_recorded, right),
        "The same, but compiled a TracerError, or no Value that could be returned": [
            n for n in right if not is_recorded(n)
        ],
        "Refused": [name for name, each in outcomes.items() if each == "refused"],
    }
    lines = [f"With NumPy {'.'.join(np.__version__.split('.')[:2])}:", ""]
    for title, listed in lists.items():
        lines += [f"**{title}**: {', '.join(f'`{name}`' for name in listed)}.", ""]
    return "\n".join(lines)
