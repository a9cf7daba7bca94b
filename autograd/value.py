"""`Value`: one number that remembers how it was computed."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from numbers import Number
from typing import Any, Never, NoReturn, TypeAlias

import numpy as np

from autograd import backward as _backward
from autograd import copying, modes
from autograd import node as nodes
from autograd.compositions import clip
from autograd.errors import ForeignName, readable_names, refuse_equality
from autograd.floats.ieee import real, refuse_masked
from autograd.methods import Methods
from autograd.node import UNSET, Node, set_record
from autograd.primitive import CONST, Primitive
from autograd.primitives import abs as absolute
from autograd.primitives import add, div, floor_divide, ge, gt, le, lt, mod, mul, neg, pow, sub
from autograd.text.spelling import refuse_unknown
from autograd.value_array import array_function, array_ufunc
from autograd.writing import check_name

_new = object.__new__
_NEVER_OPERANDS = (str, bytes, complex, list, tuple, dict, set, type(None))
Operand: TypeAlias = Any  # a Value, or what `ieee.real` takes


def _operand(v: Value, x: Operand) -> Any:
    """The other operand as a Value, or NotImplemented, which leaves the operator to its class."""
    if isinstance(x, Value):
        return x
    try:
        return constant(real(x))
    except TypeError as error:
        if isinstance(x, _NEVER_OPERANDS):
            raise TypeError(f"{v!r} meets what is no operand: {error}") from None
        refuse_masked(x)
        return NotImplemented


_Infix: TypeAlias = Callable[["Value", Operand], "Value"]


def _infix(row: Primitive) -> tuple[_Infix, _Infix]:
    """The methods for `self op other` and for `other op self`, where `other` is a number."""

    def infix(self: Value, other: Operand) -> Value:
        other = _operand(self, other)
        return NotImplemented if other is NotImplemented else record(row, (self, other))

    def reflected(self: Value, other: Operand) -> Value:
        other = _operand(self, other)
        return NotImplemented if other is NotImplemented else record(row, (other, self))

    return infix, reflected


def _comparison(row: Primitive) -> Callable[..., bool]:
    """The method that compares data: with nan always False."""
    compare = getattr(operator, row.name)

    def method(self: Value, other: Operand) -> Any:
        other = _operand(self, other)
        if other is NotImplemented:
            return NotImplemented
        if modes.active and (trace := modes.trace()):
            result = trace.record(row, (self, other))
            return bool(result._float) if result._row is CONST else result
        return compare(self._float, other._float)

    return method


def record(row: Primitive, operands: tuple[Operand, ...]) -> Value:
    """Apply a row to Values and numbers, and remember it (unless under `no_grad`)."""
    trace, observer, no_grad = modes.current.get() or modes.base if modes.active else modes.NONE
    if trace is not None:
        traced: Value = trace.record(row, operands)
        return traced
    parents = [x if isinstance(x, Value) else constant(real(x)) for x in operands]
    primals = [p._float for p in parents]
    data = row.forward(*primals)
    if no_grad:
        return constant(data)
    node = _new(Value)
    node._float, node._grad, node._name = data, UNSET, None
    set_record(node, row, parents, primals, data)
    if observer is not None:
        observer.computed(node)
    return node


def constant(data: float) -> Value:
    """Make a Value that takes no gradient, as a plain number is among Values."""
    node = _new(Value)
    node._float = node._y = data
    node._grad, node._row = UNSET, CONST
    node._name = node._p0 = node._p1 = node._p2 = None
    return node


class Value(Methods, Node):
    """A real number, the operation that made it, and its gradient.

    `Value(data, name=None)` is a leaf. Arithmetic on Values gives Values that know their operands,
    so that `backward()` can carry derivatives from a result to the leaves.

    Raises TypeError if the data are not a real number.

    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> y = x * z + x
    >>> y.backward()
    >>> y.data, x.grad, z.grad
    (8.0, 4.0, 2.0)
    """

    __slots__ = ()

    def __init__(
        self, data: Operand, name: str | None = None, *more: Never, **foreign: Never
    ) -> None:
        self._float = self._y = data if type(data) is float else real(data)
        self._grad = UNSET
        if more or foreign or not (name is None or type(name) is str):
            _check_arguments(name, more, foreign)
        self._name = name
        self._row = self._p0 = self._p1 = self._p2 = None
        if modes.active and (watcher := modes.trace() or modes.observer()):
            watcher.made(self)

    # What a node shows

    @property
    def data(self) -> float:
        """The number. Assigning it does not touch what was computed from the old one."""
        if modes.active and (trace := modes.trace()):
            return trace.read(self)
        return self._float

    @data.setter
    def data(self, data: Operand) -> None:
        if modes.active and (trace := modes.trace()):
            trace.written(self)
        number, mark = real(data), object()
        self._float = number
        nodes.written = mark  # after it, for other threads; no interrupt comes between

    @property
    def grad(self) -> float:
        """The gradient: 0.0 until `backward` reaches this node (see `has_grad`)."""
        return 0.0 if self._grad is UNSET else self._grad

    @grad.setter
    def grad(self, grad: Operand) -> None:
        self._grad = UNSET if grad is None else real(grad)

    @property
    def history(self) -> Any:
        """The contributions to the gradient, by backward call and consumer, under `record()`.

        Printed, it is a table; see `autograd.recording.ledger.History`.
        """
        return _history_of(self)

    @property
    def name(self) -> str | None:
        """The name of the node in tables, diagrams and errors."""
        return self._name

    @name.setter
    def name(self, name: str | None) -> None:
        check_name(name)
        self._name = name

    @property
    def op(self) -> str | None:
        """The operation's short name; None for a leaf, "const" for a constant."""
        return None if self._row is None else self._row.name

    # The operators: the two hot ones spelled out, the others through their rows

    def __add__(self, other: Operand) -> Value:
        if type(other) is not Value:
            other = _operand(self, other)
            if other is NotImplemented:
                return NotImplemented
        if modes.active:
            return record(add, (self, other))
        node = _new(Value)
        node._x0 = x = self._float
        node._x1 = z = other._float
        node._float = node._y = x + z
        node._grad = UNSET
        node._name = node._p2 = None
        node._row = add
        node._p0 = self
        node._p1 = other
        return node

    def __mul__(self, other: Operand) -> Value:
        if type(other) is not Value:
            other = _operand(self, other)
            if other is NotImplemented:
                return NotImplemented
        if modes.active:
            return record(mul, (self, other))
        node = _new(Value)
        node._x0 = x = self._float
        node._x1 = z = other._float
        node._float = node._y = x * z
        node._grad = UNSET
        node._name = node._p2 = None
        node._row = mul
        node._p0 = self
        node._p1 = other
        return node

    __radd__, __rmul__ = _infix(add)[1], _infix(mul)[1]
    __sub__, __rsub__ = _infix(sub)
    __truediv__, __rtruediv__ = _infix(div)
    __mod__, __rmod__ = _infix(mod)
    __floordiv__, __rfloordiv__ = _infix(floor_divide)

    def __divmod__(self, other: Operand) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: Operand) -> tuple[Value, Value]:
        return other // self, other % self

    _power, __rpow__ = _infix(pow)

    def __pow__(self, other: Operand, modulo: None = None) -> Value:
        if modulo is not None:
            raise TypeError("pow() of a Value takes no third argument: write (v ** n) % m")
        return self._power(other)

    def __neg__(self) -> Value:
        return record(neg, (self,))

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return record(absolute, (self,))

    # Comparisons look at the data; equality and hash are those of the object

    __lt__, __le__ = _comparison(lt), _comparison(le)
    __gt__, __ge__ = _comparison(gt), _comparison(ge)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Number, np.bool_)):
            refuse_equality(self, other)
        return NotImplemented

    __hash__ = object.__hash__

    # Gradients

    def backward(self, gradient: float = 1.0) -> None:
        """Carry the derivative of this Value to every node that it depends on.

        A leaf gathers: the contributions of this call are summed from zero, and the sum is added
        to the leaf's `.grad` once, so gradients add up over calls until `zero_grad`. An interior
        node's `.grad` is that of the last call. Constants take none. The derivatives are those of
        the recorded forward pass, whatever was assigned to `.data` since.

        Args:
            gradient: the derivative of something further on with respect to this Value.

        Raises ValueError if this Value is a constant, TypeError if the gradient is not a number.
        """
        _backward.backward(self, gradient)

    def zero_grad(self) -> None:
        """Unset the gradient, as `autograd.zero_grad` does for several."""
        self._grad = UNSET

    def detach(self) -> Value:
        """A constant with the same data: no gradient flows back through it."""
        if modes.active and (trace := modes.trace()):
            stopped: Value = trace.stop(self)
            return stopped
        return constant(self._float)

    @property
    def _stopped(self) -> Any:
        """The number without its gradient, for compositions."""
        if modes.active and (trace := modes.trace()):
            return trace.stop(self)
        return self._float

    def clip(self, low: Operand = None, high: Operand = None, out: None = None) -> Value:
        """The same as `autograd.clip`; `np.clip(v, 0, 1)` finds it."""
        clipped: Value = clip(self, low, high)
        return clipped

    def conjugate(self) -> Value:
        """This Value, as a real number is its own conjugate; NumPy's var and vdot ask for it."""
        return self

    def item(self) -> float:
        """The data, as other libraries call it."""
        return self.data

    # How it prints, converts and travels

    def __repr__(self) -> str:
        shown = [f"data={self._float!r}"]
        shown += [f"grad={self._grad!r}"] if self.has_grad else []
        shown += [f"{key}={text!r}" for key in ("op", "name") if (text := getattr(self, key))]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    def __round__(self, digits: int | None = None) -> float:
        return round(self.data, digits)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} is neither true nor false: test v.data, or let autograd.where(v > 0, a, b) "
            "choose between two Values"
        )

    def __float__(self) -> NoReturn:
        raise TypeError(
            f"a float of {self!r} would lose its gradient: take the number with v.data, those of "
            "an array with W.data, or use the functions of autograd instead of those of math: "
            "autograd.exp(v), v.exp(); an array to put Values into is made with dtype=object"
        )

    __int__ = __trunc__ = __float__

    __dir__ = readable_names
    __copy__ = copying.copy_node
    __deepcopy__ = copying.deepcopy_node
    __reduce__ = copying.reduce_node

    __array_ufunc__ = array_ufunc
    __array_function__ = array_function

    label, _op, _prev = ForeignName("name"), ForeignName("op"), ForeignName("parents")
    _children, _local_grads = ForeignName("parents"), ForeignName("autograd.partials(v)")
    numpy, T, zero_ = map(ForeignName, ("v.data", "v", "autograd.zero_grad(v)"))
    requires_grad = ForeignName("always true, but for constants, as of v.detach()")
    _record = staticmethod(record)  # what a row calls that has a Value among its operands
    _constant = staticmethod(constant)  # for a number that a composition uses several times


def _check_arguments(name: Any, more: tuple[Any, ...], foreign: Mapping[str, Any]) -> None:
    if foreign:
        refuse_unknown(Value.__init__, foreign)
    if more or isinstance(name, (tuple, set)):
        raise TypeError("Value(data, name) takes no operands and no operation: operators note them")
    check_name(name)


def one_value(x: object, who: str, takes: str = "a Value") -> Value:
    """Return a Value, or the one in an array. Raises TypeError in the name of a function."""
    x = x.item() if isinstance(x, np.ndarray) and x.size == 1 else x
    if not isinstance(x, Value):
        which = "; say which element of the array" if isinstance(x, np.ndarray) else ""
        raise TypeError(f"{who}() takes {takes}, got {type(x).__name__} {x!r:.80}{which}")
    return x


_history_of: Callable[[Value], Any]


def register_history(history_of: Callable[[Value], Any]) -> None:
    """Set what `Value.history` returns: the one registration point for rooms above the core."""
    global _history_of
    _history_of = history_of
