"""The states of Python's and NumPy's random numbers, which a model or a callback may use."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

States = tuple[Any, Any]
_WORDS = 624  # of the Mersenne Twister


def random_states() -> States:
    """Return both states; None for a generator of NumPy's that is not the usual one."""
    usual = isinstance(np.random.mtrand.get_bit_generator(), np.random.MT19937)
    return random.getstate(), np.random.get_state() if usual else None


def set_random_states(states: States) -> None:
    """Set both states."""
    random.setstate(states[0])
    if states[1] is not None:
        np.random.set_state(states[1])


@contextmanager
def kept_random_states() -> Iterator[None]:
    """Leave both as they were before the block."""
    states = random_states()
    try:
        yield
    finally:
        set_random_states(states)


def as_data(states: States) -> Any:
    """Return the states in lists and numbers, for a file."""
    python, numpy = states
    return [python, numpy and [numpy[1].tolist(), *numpy[2:]]]


def from_data(data: Any) -> States:
    """Return the states of a file. Raises ValueError for what is none, which NumPy would take."""
    (version, words, gauss), numpy = data
    python = (version, tuple(words), gauss)
    if gauss is not None and not (type(gauss) is float and math.isfinite(gauss)):
        raise ValueError("it has no state of Python's random numbers")
    random.Random().setstate(python)
    if numpy is None:
        return python, None
    own, place, has_gauss, cached = numpy
    are_words = len(own) == _WORDS and all(type(w) is int and 0 <= w < 2**32 for w in own)
    is_place = type(place) is int and 0 <= place <= _WORDS and has_gauss in (0, 1)
    if not (are_words and any(own) and is_place and math.isfinite(cached)):
        raise ValueError("it has no state of NumPy's random numbers")
    return python, ("MT19937", np.array(own, dtype=np.uint32), place, has_gauss, cached)
