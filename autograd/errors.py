"""The errors and the warnings of this package, beside Python's own."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn


class StaleGraphError(RuntimeError):
    """A Value's data changed after the forward pass that recorded it.

    Raised by operations that read the operands again, such as `gradients(..., create_graph=True)`.
    Run the forward pass again, then ask for the gradients of the new result.
    """


class TracerError(TypeError):
    """Code under `autograd.compile` read the number of a tracer, which has none yet.

    The function is recorded once and then run on whole batches, so it cannot branch on a number
    or convert it. The message shows the line and what to write there instead.
    """


class IndexRangeError(IndexError, ValueError):
    """An index of `autograd.take` lies outside the values."""


class RecompilationWarning(UserWarning):
    """A compiled function was recorded again, for inputs of another shape or another argument."""


class AnomalyError(ArithmeticError):
    """A nan or an infinity under `autograd.detect_anomaly()`: the message names its origin.

    Attributes:
        node: the first node that went bad; in a backward pass the one whose gradient did.
        output: what was differentiated, or the node itself in a forward pass.
        event: the event of the backward pass that did it, None in a forward pass.
    """

    def __init__(
        self, message: str, node: Any = None, output: Any = None, event: Any = None
    ) -> None:
        super().__init__(message)
        self.node, self.output, self.event = node, output, event


class GradientWarning(UserWarning):
    """Gradients will not be what most people expect; all but one are issued under `record()`."""


class BackwardTwiceWarning(GradientWarning):
    """`backward` ran again on the same output: the leaves have both gradients, added up."""


class ChangedLeafWarning(GradientWarning):
    """A Value's data changed between the forward pass and `backward`, which uses the old data."""


class LeftoverGradientWarning(GradientWarning):
    """A leaf still had its gradient from before the last step: `zero_grad` was left out."""


class ReplacedLeafWarning(GradientWarning):
    """Values were written into an array in place of its leaves; issued always."""


class UnreachedParameterWarning(GradientWarning):
    """The loss does not depend on a parameter: it has no gradient."""


class CommandError(Exception):
    """A command of the debugger cannot be carried out; the message says why."""


def refuse_equality(v: object, number: object) -> NoReturn:
    """Raise TypeError for `v == 2.0`, which would be False whatever the number is."""
    raise TypeError(
        f"== and != of {v!r} ask whether another Value is the same object, and {number!r} is a "
        f"number: compare v.data == {number!r}, or write autograd.eq(v, {number!r}), which gives "
        "1.0 or 0.0"
    )


class ForeignName:
    """An attribute of other libraries' classes: to read or write it is an error that names ours."""

    def __init__(self, here: str, name: str = "") -> None:
        self.__doc__ = f"Here it is {here}."
        self.here, self.name = here, name

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, x: object, owner_or_value: Any) -> NoReturn:
        kind = owner_or_value if x is None else type(x)
        message = f"{kind.__name__} has no {self.name!r}: here it is {self.here}"
        raise AttributeError(message, obj=x)  # so that Python adds no hint of its own

    __set__ = __get__


def refuse_methods(kind: type, functions: Mapping[str, Any], module: str, **named: str) -> None:
    """Let functions that are asked for as methods of a class say how they are called.

    Their parameters are shown by name, or as `named` has them.
    """
    for name, function in functions.items():
        if inspect.isfunction(function) and name[0] != "_" and not hasattr(kind, name):
            given = inspect.signature(function).parameters.values()
            shown = [
                named.get(p.name, p.name) for p in given if p.default is p.empty and p.kind < 3
            ]
            setattr(kind, name, ForeignName(f"{module}.{name}({', '.join(shown)})", name))


@contextlib.contextmanager
def needing(extra: str) -> Iterator[None]:
    """Let an import within that fails say what to install."""
    try:
        yield
    except ImportError as error:
        message = f"{error}: `pip install -e '.[{extra}]'` in the folder of chainrule brings it"
        raise ImportError(message, name=error.name) from error


def readable_names(self: object) -> list[str]:
    """List the attributes that can be read: a `__dir__`."""
    names = []
    for name in object.__dir__(self):
        with contextlib.suppress(Exception):
            getattr(self, name)
            names.append(name)
    return names
