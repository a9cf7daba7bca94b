"""`predict`: the outputs of a model for a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import no_grad
from autograd.errors import TracerError
from nn.examples import check_inputs

_TIMES = 3  # a function is recorded again: a coin may fall the same way once


def predict(model: Callable[[Any], Any], X: Any, *, compiled: bool = True) -> NDArray[np.float64]:
    """Return the outputs of a model for each row of X; nothing is recorded.

    The shape is (n, outputs), or (n,) for a model that returns one Value. The class with the
    largest output is `predict(model, X).argmax(axis=1)`.

    Raises ValueError for bad data, TracerError for a model that cannot be compiled because it
    branches on its numbers: `compiled=False` computes one example after the other.

    >>> from nn import MLP
    >>> predict(MLP(2, 3, init="article", seed=0), [[0.0, 0.0], [1.0, 1.0]]).shape
    (2, 3)
    """
    inputs = check_inputs(X)
    if not compiled:
        with no_grad():
            return np.array([autograd.data(_array(model(x))) for x in inputs])
    program = autograd.compile(lambda x: _array(model(x)), unused_inputs=True)
    with hinting():
        outputs: NDArray[np.float64] = program(inputs)
        check_repeatable(program, "model", inputs[:1])
    return outputs


def _array(prediction: Any) -> Any:
    """A list of Values as an array, so that the outputs of a batch are one."""
    if isinstance(prediction, dict):
        raise TypeError(
            f"predict() is for one Value or an array, and the model returns {prediction!r:.60}"
        )
    is_nested = isinstance(prediction, (list, tuple))
    return np.array(prediction, dtype=object) if is_nested else prediction


def check_repeatable(program: Any, what: str, *inputs: Any) -> None:
    """Raise TracerError if a function was compiled that is another each time it is recorded."""
    kept = program.recorded.kept
    if not kept.is_repeatable:
        if not all(program.is_current(*inputs) for _ in range(_TIMES)):
            refuse_change(what, "from one call to the next, as if by random numbers")
        kept.is_repeatable = True


def refuse_change(what: str, since: str) -> NoReturn:
    """Raise TracerError for a function that compiled code cannot follow."""
    raise TracerError(
        f"the {what} changes {since}, and compiled it cannot follow: layers, and numbers that are "
        "no Values, are read once\nmake a number that changes a Value and assign its .data, pass "
        "noise as an input, or take compiled=False"
    )


@contextmanager
def hinting() -> Iterator[None]:
    """Add to a TracerError that it can be done uncompiled."""
    try:
        yield
    except TracerError as error:
        error.add_note("or take it as it is, one example at a time: compiled=False")
        raise
