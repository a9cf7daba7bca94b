"""The order in which examples are trained on, and how far within it a run came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.examples import Examples


class PlaceInEpoch(NamedTuple):
    """How far a run came within an epoch: its batches, and the sums over them.

    `order` tells how they are made: the seed, the batch size, whether shuffled, and the examples.
    """

    batches: int
    loss: float
    right: int | None  # None where there are no classes
    order: tuple[int, int, bool, int]


class Batches(NamedTuple):
    """The data in batches, shuffled anew for each epoch; the same seed gives the same order."""

    data: Examples
    size: int
    seed: int
    shuffle: bool

    def of(self, epoch: int) -> Iterator[NDArray[Any]]:
        """Yield the indices of the examples of each batch."""
        order = np.arange(len(self.data))
        if self.shuffle:
            order = np.random.RandomState([self.seed, epoch]).permutation(len(self.data))
        for start in range(0, len(self.data), self.size):
            yield order[start : start + self.size]

    def start(self, place: PlaceInEpoch | None) -> PlaceInEpoch:
        """Return the place to go on from. Raises ValueError for one in other batches than these."""
        order = (self.seed, self.size, self.shuffle, len(self.data))
        if place is not None and place.order != order:
            written = "seed={}, batch_size={}, shuffle={} and {} examples"
            raise ValueError(
                f"the history ends within an epoch, after {place.batches} batches of a run with "
                f"{written.format(*place.order)}, and this one has {written.format(*order)}; "
                "history.place = None begins that epoch anew"
            )
        return place or PlaceInEpoch(0, 0.0, None, order)
