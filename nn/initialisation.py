"""The rules by which weights are drawn."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd.primitive import Primitive
from autograd.text.spelling import hint

# NumPy promises never to change the numbers of a RandomState, so a seed is good for ever.
Generator: TypeAlias = np.random.RandomState


def generator(seed: int | Generator | None) -> Generator:
    """Return a generator of random numbers for a seed, or the generator given."""
    return seed if isinstance(seed, Generator) else Generator(seed)


def draw_weights(
    rng: Generator, nin: int, nout: int, activation: Primitive | None, rule: str
) -> NDArray[np.float64]:
    """Draw weights of shape (nout, nin), normally distributed about 0.

    The standard deviation is sqrt(2 / nin) by "he" (He et al., 2015), sqrt(2 / (nin + nout)) by
    "glorot" (Glorot and Bengio, 2010), 1 by "article". "auto" takes He's for activations that are
    cut off on one side, such as relu, and Glorot's for the others.

    Raises ValueError for an unknown rule.
    """
    if rule == "auto":
        rule = "he" if _is_one_sided(activation) else "glorot"
    deviations = {"he": math.sqrt(2 / nin), "glorot": math.sqrt(2 / (nin + nout)), "article": 1.0}
    if rule not in deviations:
        raise ValueError(f"unknown initialisation {rule!r}{hint(rule, ['auto', *deviations], 9)}")
    # Drawn inputs first, as the article's np.random.randn(nin, nout) does.
    return np.asarray(rng.standard_normal((nin, nout)).T * deviations[rule])


def _is_one_sided(activation: Primitive | None) -> bool:
    return activation is not None and activation(100.0) > 50.0 and activation(-100.0) > -50.0
