"""`Tracer`: a Value without a number, which differs from example to example."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import compress, count
from typing import Any, NoReturn, Protocol

import numpy as np

from autograd import modes
from autograd.compiler.tracing.advice import instead
from autograd.compiler.tracing.tape import INPUT, LEAVES, Tape
from autograd.errors import TracerError
from autograd.floats.ieee import real
from autograd.primitive import Primitive
from autograd.primitives import abs as absolute
from autograd.primitives import add, div, floor_divide, ge, gt, le, lt, mod, mul, neg, pow, sub
from autograd.system.source import users_line
from autograd.value import Value

Operator = Callable[..., Any]


def refuse(problem: str, instead: str) -> NoReturn:
    """Raise the TracerError of the user's line."""
    line = users_line()
    raise TracerError(f"{problem}\n  at {line}\n{instead}" if line else f"{problem}\n{instead}")


class TapeRecorder(modes.Trace, Protocol):
    """The part of a trace that tracers and the differentiation of a tape use."""

    tape: Tape
    inputs_differ: str  # how an input does, in words

    def placing(self) -> AbstractContextManager[None]:
        """Leave the place in the source to the caller."""


def _infix(row: Primitive) -> tuple[Operator, Operator]:
    """The methods for `self op other` and for `other op self`."""

    def infix(self: Tracer, other: Any) -> Any:
        return self._trace.record(row, (self, other)) if _is_operand(other) else NotImplemented

    def reflected(self: Tracer, other: Any) -> Any:
        return self._trace.record(row, (other, self)) if _is_operand(other) else NotImplemented

    return infix, reflected


def _is_operand(other: Any) -> bool:
    if isinstance(other, (float, int, Value)):
        return True
    try:
        real(other)
    except TypeError:
        return False
    return True


def _unary(row: Primitive) -> Operator:
    return lambda self: self._trace.record(row, (self,))


class Tracer(Value):
    """A Value without data: operations on it are written on a tape, to be run later.

    It has the operators, methods and functions of a Value. Everything that needs the number raises
    TracerError with the user's line.
    """

    __slots__ = ("_node", "_trace")
    _trace: TapeRecorder
    _node: int

    def __init__(self, trace: TapeRecorder, node: int) -> None:
        self._trace = trace
        self._node = node

    # The operators look at no mode, so that a rule of the table can be traced after recording.
    __add__, __radd__ = _infix(add)
    __sub__, __rsub__ = _infix(sub)
    __mul__, __rmul__ = _infix(mul)
    __truediv__, __rtruediv__ = _infix(div)
    __pow__, __rpow__ = _infix(pow)
    __mod__, __rmod__ = _infix(mod)
    __floordiv__, __rfloordiv__ = _infix(floor_divide)
    __neg__, __abs__ = _unary(neg), _unary(absolute)
    __lt__, __le__ = _infix(lt)[0], _infix(le)[0]
    __gt__, __ge__ = _infix(gt)[0], _infix(ge)[0]

    def detach(self) -> Any:
        """Return the same number, through which no gradient flows."""
        return self._trace.stop(self)

    _stopped = property(detach)

    @staticmethod
    def _record(row: Primitive, operands: tuple[Any, ...]) -> Any:
        traced = next(x for x in operands if isinstance(x, Tracer))
        return traced._trace.record(row, operands)

    # The node on the tape

    @property
    def name(self) -> str | None:
        """The name of the result in the program."""
        return self._trace.tape.names.get(self._node)

    @name.setter
    def name(self, name: str | None) -> None:
        if name is None:
            self._trace.tape.names.pop(self._node, None)
        elif isinstance(name, str):
            self._trace.tape.names[self._node] = name
        else:
            raise TypeError(f"a name is a string or None, got {type(name).__name__} {name!r}")

    @property
    def _row(self) -> Any:  # type: ignore[override]
        row = self._trace.tape.rows[self._node]
        return None if row in LEAVES else row

    @property
    def parents(self) -> tuple[Any, ...]:
        """The operands in order."""
        operands = self._trace.tape.operands[self._node]
        return tuple(Tracer(self._trace, operand) for operand in operands)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (int, float, np.number)):
            refuse(
                f"{self!r} == {other!r} would be decided now, by identity, for all examples",
                "write autograd.eq(a, b), and autograd.where to choose by it",
            )
        return (
            isinstance(other, Tracer) and other._trace is self._trace and other._node == self._node
        )

    def __hash__(self) -> int:
        return hash((id(self._trace), self._node))

    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"<tracer{name}: {self._trace.tape.rows[self._node].name}>"

    def __format__(self, spec: str) -> str:
        return self.__float__() if spec else repr(self)

    # Numbers, which a tracer does not have

    @property
    def _differs(self) -> str:
        tape = self._trace.tape
        if any(tape.rows[node] is INPUT for node in compress(count(), tape.live([self._node]))):
            return self._trace.inputs_differ
        return "changes with the parameters, which every call reads anew"

    @property
    def data(self) -> float:
        """Raises TracerError: there is no number yet."""
        refuse(
            f"{self!r} has no .data while the function is recorded: the number differs from "
            "example to example",
            "compute with the Value itself; to stop its gradient write v.detach(); to look at it, "
            "return it as one more output",
        )

    @data.setter
    def data(self, data: Any) -> None:
        refuse(f"{self!r} cannot be assigned", "compute a new Value instead")

    _float = data

    @property
    def grad(self) -> float:
        """Raises TracerError: gradients come with the program."""
        refuse(
            f"{self!r} has no .grad while the function is recorded",
            "write autograd.gradients(output, inputs, create_graph=True) inside the function, or "
            "call value_and_grad() on what compile() gives",
        )

    @grad.setter
    def grad(self, grad: Any) -> None:
        if grad is not None:
            refuse(f"{self!r} takes no .grad", "leave it to value_and_grad()")

    @property
    def has_grad(self) -> bool:
        """False: a tracer takes no gradient."""
        return False

    def backward(self, gradient: float = 1.0) -> None:
        """Raises TracerError: the gradient is part of the program."""
        refuse(
            f"backward() of {self!r} would need its number",
            "return the loss and call value_and_grad() or backward() on what compile() gives; "
            "inside the function use autograd.gradients(output, inputs, create_graph=True)",
        )

    def __bool__(self) -> NoReturn:
        refuse(
            f"{self!r} is neither true nor false yet: it {self._differs}",
            instead(
                "instead of `if` write autograd.where(condition, a, b), autograd.maximum or "
                "minimum, or autograd.clip; a loop must not depend on it"
            ),
        )

    def __float__(self) -> NoReturn:
        refuse(
            f"{self!r} has no number yet to convert: it {self._differs}",
            instead(
                "use the functions of autograd instead of those of math and the table by "
                "autograd.take(values, index)"
            ),
        )

    def __index__(self) -> NoReturn:
        refuse(
            f"{self!r} cannot be an index: it {self._differs}",
            "write autograd.take(values, index) for values[index]; a count, as in range(), must "
            "be a plain number: pass it as a keyword argument",
        )

    def __round__(self, digits: int | None = None) -> NoReturn:
        self.__float__()

    def item(self) -> NoReturn:
        """Raises TracerError: there is no number yet."""
        self.__float__()

    def _refuse_copy(self, *memo: Any) -> NoReturn:
        refuse(f"{self!r} cannot be copied or pickled", "use it as it is")

    __int__ = __trunc__ = __float__
    __copy__ = __deepcopy__ = __reduce__ = _refuse_copy  # type: ignore[assignment]
