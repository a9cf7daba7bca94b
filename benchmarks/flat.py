"""Parameters as one vector and as arrays: so a workload and its rivals get the same numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Shape: TypeAlias = tuple[int, ...]


def split(vector: Floats, shapes: Iterable[Shape]) -> list[Floats]:
    """The vector as arrays of these shapes, one after the other; they share its memory."""
    shapes = list(shapes)
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    if ends[-1] != len(vector):
        raise ValueError(f"these shapes have {ends[-1]} numbers, the vector has {len(vector)}")
    pieces = np.split(vector, ends[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]


def join(arrays: Iterable[Any]) -> Any:
    """Arrays of numbers, or of Values, as one vector: what `split` takes apart."""
    return np.concatenate([a.ravel() for a in arrays])
