"""The inputs of a call, as arrays with a batch axis, and the key of the program that they need."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.tracing.nesting import Structure, check_depth, is_one_array, take_apart
from autograd.floats.ieee import is_masked
from autograd.graph import flatten
from autograd.system.source import users_line
from autograd.value import Value

Array = NDArray[Any]
ShapeAndKind = tuple[tuple[int, ...], bool]


class Arguments(NamedTuple):
    """The inputs of a call: their nesting, and the arrays in them."""

    structures: tuple[Structure, ...]
    arrays: list[Array]

    @property
    def shapes(self) -> tuple[ShapeAndKind, ...]:
        """For each array the shape of one example, and whether it holds integers."""
        return tuple([(a.shape[1:], a.dtype.kind in "biu") for a in self.arrays])

    @property
    def batch(self) -> int:
        """The number of examples, the length of what is no number shared by all; of none 1."""
        return next((len(a) for a in self.arrays if a.ndim), 1)

    def names(self, f: Callable[..., Any] | None) -> list[str]:
        """The name of each array, by the names that f gives its arguments."""
        given = [p.name for p in arguments_named(f) if p.kind <= p.POSITIONAL_OR_KEYWORD]
        given += [f"x{i}" for i in range(len(given), len(self.structures))]
        return [path for n, s in zip(given, self.structures, strict=False) for path in s.paths(n)]

    def check_lengths(self, f: Callable[..., Any] | None) -> None:
        """Raise ValueError unless all arrays have one number of examples."""
        if self.arrays and not any(a.ndim for a in self.arrays):
            raise ValueError(
                f"one input at least has a leading axis, the batch, got {self.arrays[0]!r}\n"
                f"  at {users_line()}\nfor one example write [{self.arrays[0]!r}]; settings are "
                "keyword arguments"
            )
        if any(a.ndim and len(a) != self.batch for a in self.arrays):
            named = zip(self.names(f), self.arrays, strict=True)
            sizes = [f"{n} has {len(a)}" for n, a in named if a.ndim]
            raise ValueError(
                f"the inputs have different numbers of examples: {', '.join(sizes)}\n"
                f"  at {users_line()}\nthe first axis of every input is the batch; a list is one "
                "array, of a row for each example: several inputs in one are a tuple or a dict"
            )


def arguments_named(f: Callable[..., Any] | None) -> list[inspect.Parameter]:
    """The arguments that a function names; none of one that does not say."""
    try:
        return list(inspect.signature(f).parameters.values()) if f else []
    except (TypeError, ValueError):
        return []


def arguments_of(inputs: Sequence[Any]) -> Arguments:
    """Take inputs apart: tuples and dicts are several inputs, a list is one array.

    Raises ValueError for anything but arrays of numbers and nests of them.
    """
    leaves: list[Any] = []
    structures = tuple([take_apart(x, is_one_array, leaves) for x in inputs])
    return Arguments(structures, [_as_array(leaf) for leaf in leaves])


def refuse_tracer(x: Any) -> None:
    """Raise TypeError for what JAX traces with, in place of an array, while it records."""
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(x, jax.core.Tracer):
        raise TypeError(
            f"a compiled function is called with numbers, and JAX is recording here\n"
            f"  at {users_line()}\nfor jax.jit, grad and vmap there is the function c.to_jax()"
        )


def _as_array(leaf: Any) -> Array:
    """An input as an array of floats or integers with a batch axis."""
    refuse_tracer(leaf)
    if _has_masked(leaf):
        raise ValueError(
            f"an input has masked elements\n  at {users_line()}\n"
            "fill them with numbers, as by np.ma.filled, or drop those examples"
        )
    try:
        array = np.asarray(leaf)
        if array.dtype == object and all(map(is_number, array.flat)):
            array = of_numbers(array)
    except (ValueError, OverflowError):
        array = np.asarray(None)
    if array.dtype == object and any(isinstance(x, Value) for x in array.flat):
        raise ValueError(
            f"an input is an array of numbers, got Values\n  at {users_line()}\n"
            "pass autograd.data(values); Values that the function uses by itself are its parameters"
        )
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"an input is an array of real numbers, got {type(leaf).__name__} "
            f"{f'of {array.dtype}' if array.dtype != object else repr(leaf)[:80]}\n"
            f"  at {users_line()}\nfloats and integers are taken, in rows of one length; several "
            "inputs in one are a tuple or a dict of arrays"
        )
    return array


def _has_masked(thing: Any, depth: int = 0) -> bool:
    """True for an array with masked elements, and for lists with one, of which asarray reads on."""
    if isinstance(thing, (list, tuple)):
        check_depth(thing, depth)
        return any(
            [_has_masked(part, depth + 1) for part in thing if not isinstance(part, (float, int))]
        )
    return is_masked(thing)


def is_number(x: Any) -> bool:
    """True for a real number of Python's or NumPy's, or of a type registered as one."""
    return isinstance(x, (Real, np.bool_)) and not isinstance(x, np.timedelta64)


def of_numbers(objects: Array) -> Array:
    """An object array of numbers as integers, if all are and fit, else floats.

    Raises OverflowError for a number that is too large.
    """
    fits = all(isinstance(x, (int, np.integer)) and -(2**63) <= x < 2**63 for x in objects.flat)
    return objects.astype(int if fits else float)


def has_values(inputs: Sequence[Any]) -> bool:
    """True for the inputs of one example while a function is recorded, and for none."""
    leaves: list[Any] = []
    take_apart(inputs, lambda _: False, leaves)
    return not leaves or any(
        isinstance(v, Value) for x in leaves for v in np.asarray(x, object).flat
    )


def key_of_arrays(arrays: Sequence[Array]) -> tuple[Any, ...]:
    """The key of a program for inputs that are arrays."""
    return tuple([(x.shape[1:], x.dtype) for x in arrays])


def key_of_setting(x: Any) -> Any:
    """The key of a setting; numbers are told apart by their digits: nan is nan, 1 is not True."""
    if isinstance(x, tuple):
        return type(x), tuple(map(key_of_setting, x))
    return type(x), repr(x) if isinstance(x, Real) else (x, repr(x))


@runtime_checkable
class _Module(Protocol):
    def parameters(self) -> Iterable[Value]: ...


def parameters_of(given: Any) -> list[Value]:
    """The leaves in nested lists, dicts, arrays and modules, in order.

    Raises TypeError for what is no Value and for a set, ValueError for none, one that is no leaf,
    one that is there twice.
    """
    if isinstance(given, (set, frozenset)):
        raise TypeError("parameters= is the order of a gradient, and a set has none: pass a list")
    places: dict[Value, int] = {}
    for thing in flatten(given, (Value, _Module)):
        for v in [thing] if isinstance(thing, Value) else flatten(thing.parameters()):
            if v.op is not None:
                raise ValueError(f"a parameter is a leaf, and this is none: {v!r}")
            if v in places:
                raise ValueError(f"parameters {places[v]} and {len(places)} are one Value: {v!r}")
            places[v] = len(places)
    return list(places)


def described(shapes: Iterable[ShapeAndKind]) -> str:
    """Describe the shapes and kinds of inputs."""
    texts = []
    for shape, is_integer in shapes:
        kind = "integers" if is_integer else "floats"
        texts.append(f"{kind} of shape (batch{''.join(f', {n}' for n in shape)})")
    return ", ".join(texts) or "no inputs"
