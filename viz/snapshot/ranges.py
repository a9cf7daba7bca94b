"""The range of several numbers, for boxes and tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Range(NamedTuple):
    """The smallest and the largest finite number, and the count of the others."""

    low: float | None
    high: float | None
    bad: int
    """The count of nan and infinite ones."""

    def text(self, written: Callable[[float], str]) -> str:
        """The range in a box.

        >>> Range(-1.0, 2.5, 0).text(str), Range(None, None, 3).text(str)
        ('-1.0 … 2.5', '3 not finite')
        """
        parts = [f"{self.bad:,} not finite"] if self.bad else []
        if self.low is not None and self.high is not None:
            low, high = written(self.low), written(self.high)
            parts.insert(0, low if low == high else f"{low} … {high}")
        return ", ".join(parts)


def range_of(numbers: Iterable[float]) -> Range:
    """The range of some numbers.

    >>> range_of([1.0, math.nan, 3.0])
    Range(low=1.0, high=3.0, bad=1)
    """
    known = list(numbers)
    finite = [x for x in known if math.isfinite(x)]
    low, high = (min(finite), max(finite)) if finite else (None, None)
    return Range(low, high, len(known) - len(finite))


def spread(numbers: Sequence[float], bins: int = 6) -> list[float]:
    """The histogram of numbers: for each bin its count, as a share of the fullest.

    >>> spread([0.0, 0.1, 0.1, 1.0], bins=3)
    [1.0, 0.0, 0.3333333333333333]
    """
    low, high = min(numbers), max(numbers)
    width = high / bins - low / bins  # halves, lest their difference overflow
    counts = [0] * bins
    for x in numbers:
        counts[min(int((x / bins - low / bins) / width * bins), bins - 1) if width else 0] += 1
    return [count / max(counts) for count in counts]
