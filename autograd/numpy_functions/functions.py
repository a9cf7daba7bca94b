"""All functions of NumPy but the ufuncs: those written anew, those known, those to be verified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.floats.ieee import refuse_masked
from autograd.numpy_functions.native import run, verified
from autograd.numpy_functions.rules import RULES

_KNOWN = """
    append apply_along_axis array_split astype atleast_1d atleast_2d atleast_3d
    block broadcast_arrays broadcast_to choose column_stack compress concat concatenate copy delete
    diag diagflat diagonal dsplit dstack empty_like expand_dims extract flip fliplr
    flipud full_like hsplit hstack insert ix_ matrix_transpose meshgrid moveaxis ones_like
    partition permute_dims piecewise put put_along_axis ravel repeat reshape resize roll rollaxis
    rot90 select sort split squeeze stack swapaxes take take_along_axis tile transpose tril triu
    unstack vsplit vstack zeros_like

    amax amin around clip convolve correlate cross cumprod cumsum cumulative_prod cumulative_sum
    diff dot einsum inner kron max mean min outer prod round std sum tensordot trace trapezoid
    vander var vdot linalg.cross linalg.diagonal linalg.matmul linalg.matrix_power
    linalg.matrix_transpose linalg.multi_dot linalg.outer linalg.tensordot linalg.trace
    linalg.vecdot

    can_cast diag_indices_from einsum_path imag iscomplexobj isrealobj may_share_memory ndim
    printoptions real real_if_close result_type shape shares_memory size tril_indices_from
    triu_indices_from
"""
"""Functions whose code is right on Values: they move them, do arithmetic, or ask for no numbers."""


def _named(name: str) -> Any:
    """NumPy's function of a name, or None in a NumPy that has none."""
    room, _, own = name.rpartition(".")
    return getattr(np.linalg if room else np, own, None)


_KNOWN_FUNCTIONS = frozenset(map(_named, _KNOWN.split()))


def apply_function(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Apply a function of NumPy to arguments with Values among them.

    Raises what NumPy raises for the numbers, and TypeError for a function whose code does not
    work on Values, or not rightly.
    """
    for x in args:
        for each in x if isinstance(x, (list, tuple)) else (x,):
            refuse_masked(each)
    if func in RULES:
        return RULES[func](*args, **kwargs)
    return (run if func in _KNOWN_FUNCTIONS else verified)(func, args, kwargs)
