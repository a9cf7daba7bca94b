"""The inputs of a call, as arrays with a batch axis, and the key of the program that they need."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.rolling.program import Program
from autograd.compiler.tracing.nesting import Structure, is_table, take_apart
from autograd.errors import IndexRangeError
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
        """The number of examples; without inputs 1."""
        return len(self.arrays[0]) if self.arrays else 1

    def names(self, f: Callable[..., Any] | None) -> list[str]:
        """The name of each array, by the names that f gives its arguments."""
        try:
            parameters = list(inspect.signature(f).parameters.values()) if f else []
        except (TypeError, ValueError):
            parameters = []
        given = [p.name for p in parameters if p.kind <= p.POSITIONAL_OR_KEYWORD]
        given += [f"x{i}" for i in range(len(given), len(self.structures))]
        return [path for n, s in zip(given, self.structures, strict=False) for path in s.paths(n)]

    def check_lengths(self, f: Callable[..., Any] | None) -> None:
        """Raise ValueError unless all arrays have one number of examples."""
        if any(len(a) != self.batch for a in self.arrays):
            sizes = [f"{n} has {len(a)}" for n, a in zip(self.names(f), self.arrays, strict=True)]
            raise ValueError(
                f"the inputs have different numbers of examples: {', '.join(sizes)}\n"
                f"  at {users_line()}\nthe first axis of every input is the batch"
            )


def arguments_of(inputs: Sequence[Any]) -> Arguments:
    """Take inputs apart. Raises ValueError for anything but arrays of numbers and nests of them."""
    leaves: list[Any] = []
    structures = tuple([take_apart(x, is_table, leaves) for x in inputs])
    return Arguments(structures, [_as_array(leaf) for leaf in leaves])


def _as_array(leaf: Any) -> Array:
    """An input as an array of floats or integers with a batch axis."""
    if isinstance(leaf, Value) or (isinstance(leaf, np.ndarray) and leaf.dtype == object):
        raise ValueError(
            f"an input is an array of numbers, got Values\n  at {users_line()}\n"
            "pass autograd.data(values); Values that the function uses by itself are its parameters"
        )
    try:
        array = np.asarray(leaf)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"an input is an array of real numbers, got {type(leaf).__name__} "
            f"{f'of {array.dtype}' if array.dtype != object else repr(leaf)[:80]}\n"
            f"  at {users_line()}\nfloats and integers are taken, in rows of one length"
        )
    if array.ndim == 0:
        raise ValueError(
            f"an input has a leading axis, the batch, and this is one number: {leaf!r}\n"
            f"  at {users_line()}\nfor one example write [{leaf!r}]; settings are keyword arguments"
        )
    return array


def check_indices(program: Program, arrays: Sequence[Array]) -> None:
    """Raise IndexRangeError for an integer input that selects outside of the values."""
    for use in program.indices:
        chosen = arrays[use.input].reshape(len(arrays[use.input]), -1)[:, use.element]
        if chosen.size and not (0 <= chosen.min() and chosen.max() < use.bound):
            wrong = int(np.flatnonzero((chosen < 0) | (chosen >= use.bound))[0])
            raise IndexRangeError(
                f"index {chosen[wrong]} of input {program.inputs[use.input].name!r}, example "
                f"{wrong}, is outside the {use.bound} values 0..{use.bound - 1} that "
                f"autograd.take chooses from\n  at {users_line()}"
            )


def described(shapes: Iterable[ShapeAndKind]) -> str:
    """Describe the shapes and kinds of inputs."""
    texts = []
    for shape, is_integer in shapes:
        kind = "integers" if is_integer else "floats"
        texts.append(f"{kind} of shape (batch{''.join(f', {n}' for n in shape)})")
    return ", ".join(texts) or "no inputs"
