"""`ValueArray`: an array of Values, which NumPy's operators and functions work on.

On a plain object array NumPy's own `maximum` compares and hands back one of its operands, so the
choice is not recorded. A ValueArray sends every function to `autograd.numpy_functions`, and numbers
that are written into it to its leaves (`autograd.writing`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import compositions, writing
from autograd.errors import ForeignName, readable_names
from autograd.floats.ieee import real
from autograd.numpy_functions import elements
from autograd.numpy_functions.elements import data_of, numbers_in, repeated
from autograd.numpy_functions.functions import apply_function
from autograd.numpy_functions.ufuncs import apply_ufunc
from autograd.writing import is_value

Scalar = Callable[..., Any]


def elementwise(function: Scalar, inputs: Sequence[Any]) -> Any:
    """Apply a function of scalars over arrays that broadcast: a ValueArray, or one element."""
    return wrap(elements.elementwise(function, inputs))


def wrap(result: Any) -> Any:
    """A ValueArray for an array of objects, anything else as it is."""
    if isinstance(result, (list, tuple)):
        return type(result)(map(wrap, result)) if type(result) in (list, tuple) else result
    if isinstance(result, np.ndarray) and result.dtype == object:
        return result.view(ValueArray)
    return result.view(np.ndarray) if isinstance(result, ValueArray) else result


def numbers(result: Any) -> Any:
    """Convert an array of plain numbers to floats; leave anything else as it is."""
    if isinstance(result, np.ndarray) and all(isinstance(x, (int, float)) for x in result.flat):
        return np.asarray(result, dtype=float)
    return result


def reduce_along(function: Callable[[list[Any]], Any], array: Any, axis: Any = None) -> Any:
    """Apply a function of a list along one axis, several, or all: a ValueArray, or one element."""
    return wrap(elements.reduce_along(function, array, axis))


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """What NumPy calls for `np.exp(v)`, `np.float64(2) * v`, `W + 1`."""
    return wrap(apply_ufunc(ufunc, method, inputs, options))


def array_function(self: Any, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """What NumPy calls for its other functions; a Value goes there as an array without axes."""
    given = (*args, *kwargs.values())
    boxed = [wrap(writing.objects(x)) if is_value(x) else x for x in given]
    named = dict(zip(kwargs, boxed[len(args) :], strict=True))
    result = wrap(apply_function(func, boxed[: len(args)], named))
    is_box = isinstance(result, ValueArray) and result.ndim == 0 and any(map(is_value, given))
    return result.item() if is_box else result


def _extreme(ufunc: np.ufunc) -> Callable[..., Any]:
    def method(
        self: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = None,
        where: Any = True,
    ) -> Any:  # fmt: skip
        """The largest or smallest elements; those that tie share the derivative equally."""
        options = {"keepdims": keepdims, "initial": initial, "where": where}
        return ufunc.reduce(self, axis, out=out, **options)

    return method


class ValueArray(np.ndarray[Any, np.dtype[np.object_]]):
    """An object array whose elements are Values; `autograd.array` makes one.

    All of ndarray works on it, and NumPy's functions give NumPy's own answer or a TypeError that
    says what to write (`docs/numpy.md` lists them). Numbers written in place into an array that
    owns its leaves, `W -= step`, `W[0] = 5.0`, are written into the leaves' data.

    >>> import autograd, numpy as np
    >>> W = autograd.array([[1.0, -2.0], [3.0, 0.5]], name="W")
    >>> np.maximum(W, 0).sum().backward()
    >>> W.grad
    array([[1., 0.],
           [1., 1.]])
    >>> W -= 0.5 * W.grad
    >>> W[0, 0], W.data.tolist()
    (Value(data=0.5, grad=1.0, name='W[0,0]'), [[0.5, -2.0], [2.5, 0.0]])
    """

    _owns_leaves = False
    _has_warned = False

    __array_ufunc__ = array_ufunc
    __array_function__ = array_function

    # What it shows: the numbers, the gradients, the names of its elements

    @property
    def data(self) -> Any:
        """The numbers as a read-only float array; what is assigned goes to the leaves."""
        return writing.read_only(
            data_of(self), "W[i] = number, W.data = numbers or autograd.assign(W, numbers)"
        )

    @data.setter
    def data(self, numbers: Any) -> None:
        writing.assign(writing.objects(self), numbers)

    @property
    def grad(self) -> Any:
        """The gradients as a read-only float array, 0.0 where unset; can be assigned, None too."""
        elements: list[Any] = self.ravel().tolist()
        numbers = [v.grad if hasattr(v, "_record") else 0.0 for v in elements]
        gradients = np.array(numbers, dtype=float).reshape(self.shape)
        return writing.read_only(gradients, "W.grad = numbers")

    @grad.setter
    def grad(self, numbers: Any) -> None:
        given = np.broadcast_to(np.asarray(numbers, dtype=object), self.shape)
        checked = [x if x is None else real(x) for x in given.flat]
        elements: list[Any] = self.ravel().tolist()
        for v, x in zip(elements, checked, strict=True):
            v.grad = x

    def zero_grad(self) -> None:
        """Unset the gradients of the elements."""
        self.grad = None

    @property
    def name(self) -> str | None:
        """The name by which the elements are named: `z1` of `z1[0,0]`, `z1[0,1]` …"""
        zero = place((0,) * self.ndim)
        elements: Any = self.view(np.ndarray).flat
        first = next((v.name for v in elements if is_value(v)), None)
        return first.removesuffix(zero) if first and first.endswith(zero) else None

    @name.setter
    def name(self, name: str | None) -> None:
        writing.check_name(name)
        for index, v in np.ndenumerate(self):
            if is_value(v):
                v.name = name and name + place(index)

    def backward(self, gradient: float = 1.0) -> None:
        """Run the backward pass of the only element. Raises ValueError if there are several."""
        if self.size != 1:
            raise ValueError(
                f"a gradient is that of one Value, and this array of shape {self.shape} has "
                f"{self.size}: write array.sum().backward(), or mean(), or call it on an element"
            )
        self.item().backward(gradient)

    def __repr__(self) -> str:
        try:
            numbers = data_of(self)
        except (AttributeError, TypeError, ValueError):
            return super().__repr__()
        return f"ValueArray({np.array2string(numbers, separator=', ', prefix='ValueArray(')})"

    __str__ = __repr__

    # Reading and writing elements

    def __getitem__(self, key: Any) -> Any:
        """The element or the part at an index; a tracer as an index is refused by name."""
        try:
            part = super().__getitem__(key)
        except IndexError:
            _refuse_tracer(key)
            raise
        if type(part) is ValueArray and not part.flags.writeable:
            # NumPy 2.0 makes even a copy, by a mask, read-only if its source is.
            return part if writing.owner_of(part) is not None else part.copy()
        return part

    def __setitem__(self, key: Any, value: Any) -> None:
        """Write at an index: numbers go to the leaves of an array that owns them."""
        try:
            if writing.owner_of(self) is None:
                super().__setitem__(key, value)
            else:
                writing.write(self, key, value)
        except IndexError:
            _refuse_tracer(key)
            raise

    def fill(self, value: Any) -> None:
        """Write one number, or one Value, everywhere."""
        self[...] = value

    def put(self, indices: Any, values: Any, mode: Any = "raise") -> None:
        """Write at flat indices, as `numpy.put` does."""
        places = np.take(np.arange(self.size), indices, mode=mode)
        self[np.unravel_index(places, self.shape)] = repeated(values, places.shape)

    def sort(self, axis: Any = -1, **options: Any) -> None:  # type: ignore[override]
        """Put the elements in the order of their numbers, nan last; leaves get the numbers."""
        self._reorder(np.argsort(self, axis, **options), axis)

    def partition(self, kth: Any, axis: Any = -1, **options: Any) -> None:  # type: ignore[override]
        """Put the elements in the order of `numpy.partition`; leaves get the numbers."""
        self._reorder(np.argpartition(self, kth, axis, **options), axis)

    def _reorder(self, order: Any, axis: int) -> None:
        given = self if writing.owner_of(self) is None else data_of(self)
        self[...] = np.take_along_axis(given, order, axis)

    # Functions of which NumPy's own code, for objects, would not be recorded

    max, min = _extreme(np.maximum), _extreme(np.minimum)

    def var(self, *args: Any, **options: Any) -> Any:
        """NumPy's own variance, of an array without axes too."""
        is_lone = self.ndim == 0 and not any(args) and not any(options.values())
        return self.reshape(1).var() if is_lone else super().var(*args, **options)

    def std(
        self, axis: Any = None, dtype: Any = None, out: Any = None, *args: Any, **options: Any
    ) -> Any:
        """The square root of `var`; where that is 0 its derivative is 0."""
        root = elementwise(compositions.root, (self.var(axis, dtype, None, *args, **options),))
        return root if out is None else _put(out, root)

    def clip(  # type: ignore[override]
        self, a_min: Any = None, a_max: Any = None, out: Any = None,
        *, min: Any = None, max: Any = None,
    ) -> Any:  # fmt: skip
        """Each element kept between two bounds, either of which may be None."""
        low, high = (a_min if min is None else min), (a_max if max is None else max)
        clipped = elementwise(compositions.clip, (self, low, high))
        return clipped if out is None else _put(out, clipped)

    numpy, zero_ = ForeignName("W.data"), ForeignName("W.zero_grad()")
    requires_grad = ForeignName("always true, but for constants")
    __dir__ = readable_names

    def __reduce__(self) -> Any:
        made, arguments, state = tuple(super().__reduce__())
        return made, arguments, (state, writing.owner_of(self) is not None)

    def __setstate__(self, state: Any) -> None:
        native, owns_leaves = state
        super().__setstate__(native)
        if owns_leaves:
            writing.own(self)

    def __deepcopy__(self, memo: Any) -> Any:
        copied = super().__deepcopy__(memo)
        return copied if writing.owner_of(self) is None else writing.own(copied)


def _put(out: Any, result: Any) -> Any:
    out[...] = result
    return out


def place(index: Sequence[int]) -> str:
    """The place of an element, as it is written after a name: `[0,1]`."""
    return f"[{','.join(map(str, index))}]" if index else ""


def _refuse_tracer(key: Any) -> None:
    """Raise TracerError for a tracer in an index: NumPy's own error does not name it."""
    for x in np.ravel(np.asarray(key, dtype=object)):
        if is_value(x) and hasattr(type(x), "__index__"):
            operator.index(x)


def _in_place(name: str) -> Callable[..., Any]:
    """`W -= other`: numbers are written into the leaves of an array that owns them."""
    native, function = getattr(np.ndarray, f"__i{name}__"), getattr(operator, name)

    def method(self: ValueArray, other: Any) -> Any:
        if writing.owner_of(self) is None:
            return native(self, other)
        writing.update(self, function, other)
        return self

    return method


def _asks_numbers(name: str) -> Callable[..., Any]:
    """A method whose answer is that of the numbers alone: an order, a mask, a count."""
    function = getattr(np, name)
    return lambda self, *args, **named: function(*numbers_in((self, *args)), **numbers_in(named))


def _refused(name: str, instead: str) -> Callable[..., Any]:
    def method(self: ValueArray, *args: Any, **named: Any) -> Any:
        raise TypeError(f"{name}() is of numbers, not of Values: write {instead}")

    return method


for _name, _instead in {
    "byteswap": "W.data.byteswap()", "resize": "np.resize(W, shape)", "tobytes": "W.data.tobytes()",
}.items():  # fmt: skip
    setattr(ValueArray, _name, _refused(_name, _instead))
for _name in writing.IN_PLACE:
    setattr(ValueArray, f"__i{_name}__", _in_place(_name))
for _name in ("all", "any", "argmax", "argmin", "argpartition", "argsort", "nonzero",
              "searchsorted"):  # fmt: skip
    setattr(ValueArray, _name, _asks_numbers(_name))
