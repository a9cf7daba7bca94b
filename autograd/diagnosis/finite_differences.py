"""A slope by finite differences, with its error, to compare a derivative with.

Nothing says beforehand on which scale a function changes. So differences are taken on a ladder of
steps, from far beyond the size of the number down to its last digits, and extrapolated to step zero
(Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", 1982); the extrapolation with the least
estimated error counts. The estimate has three parts: rounding; the gap between the slopes of both
sides, extrapolated as well, which is zero unless there is a kink; and how far the extrapolation is
from others and, but for rounding, from the slopes over smaller steps.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

Verdict: TypeAlias = Literal["agree", "differ", "cannot tell"]

_STEPS = 19  # with two evaluations each
_TOP, _BOTTOM, _NEAR_ZERO = 6, 48, 100  # the ends of the ladder: factors of two above x, below x, 1
_ORDER = 4  # extrapolations
_SURE = 2.5e-4  # the largest error, as a part of the slope, with which agreement means something
_SAME = 1e-7  # the part of the slope by which rounding may change a derivative
_NEGLIGIBLE = 1e-7  # a slope is as good as zero if it is this part of those of the secants
_NOISE = 1e-3  # the part of a function's size below which a change may be due to rounding
_EPSILON = sys.float_info.epsilon

_BAD = "a number on the way is nan or infinite"
_LOST = "the change is lost in rounding"
_WILD = "the slope depends on the side or the step, as at a kink or a jump"


class _Step(NamedTuple):
    h: float
    slope: float  # of the secant over both sides
    gap: float  # between those to the right and to the left
    size: float  # of the function's numbers


@dataclass(frozen=True)
class FiniteDifference:
    """The slope of a function at a point, its estimated error, and what causes most of that.

    A slope up to `negligible` is as good as zero.
    """

    slope: float
    error: float
    negligible: float
    cause: str

    def verdict(self, exact: float) -> tuple[Verdict, str]:
        """Return whether an exact derivative agrees, and if there is no telling the reason, or "".

        >>> measured = finite_difference(math.sin, 1e5)
        >>> [measured.verdict(factor * math.cos(1e5))[0] for factor in (1.0, 1.001)]
        ['agree', 'differ']
        """
        apart, rounding = abs(self.slope - exact), _SAME * abs(self.slope) + self.negligible
        sure = self.error <= _SURE * abs(self.slope) + self.negligible
        flat = exact == self.slope == 0.0 and self.cause == _LOST
        if flat or (sure and apart <= 3 * self.error + rounding):
            return "agree", ""
        if self.slope == self.error == 0.0:
            return "cannot tell", _LOST
        if apart > 16 * self.error + rounding and math.isfinite(exact):
            return "differ", ""
        return "cannot tell", self.cause if math.isfinite(exact) else _BAD


def finite_difference(f: Callable[[float], float], x: float) -> FiniteDifference:
    """Return the slope of f at x, by at most 39 evaluations.

    The error is infinite if f is not finite around x, or if it changes too much over any step.

    >>> finite_difference(lambda x: x**3, 2.0).slope
    12.0
    """
    steps = _ladder(f, x)
    if not steps:
        return FiniteDifference(math.nan, math.inf, 0.0, _BAD)
    unknown = FiniteDifference(steps[-1].slope, math.inf, 0.0, _WILD)
    return min(_extrapolated(steps, _noise(steps)), key=lambda found: found.error, default=unknown)


def _ladder(f: Callable[[float], float], x: float) -> list[_Step]:
    """Return the steps from the largest down; only those below the last that is not finite."""
    bits = math.frexp(x)[1]
    top, bottom = min(max(bits, 0) + _TOP, 1023), bits - _BOTTOM if x else -_NEAR_ZERO
    factor, here, steps = math.ceil((top - bottom) / (_STEPS - 1)), f(x), []
    for i in range(_STEPS):
        h = math.ldexp(1.0, top - factor * i)
        below, above = x - h, x + h
        if below < x < above:
            down, up = f(below), f(above)
            left, right = (here - down) / (x - below), (up - here) / (above - x)
            size = max(map(abs, (down, here, up)))
            steps.append(_Step(h, left / 2 + right / 2, right - left, size))
            if not math.isfinite(right - left):
                steps.clear()
    return steps


def _noise(steps: list[_Step]) -> float:
    """Return how much the function scatters, by rounding: infinite if that is too much for it."""
    size, noise = max(s.size for s in steps), 0.0
    changes = [(abs(s.slope + side * s.gap) * s.h, s.size) for s in steps for side in (-0.5, 0.5)]
    if any(change == 0.0 for change, _ in changes):  # it is flat, or 1 + x * x at 1e-9
        least, around = min(((c, n) for c, n in changes if c), default=(0.0, 0.0))
        is_noise = least < max(64 * _EPSILON * size, _NOISE * around)
        noise = least if is_noise and least else _EPSILON * size
    for before, s in pairwise(steps[-3:]):
        noise = max(noise, abs(s.gap) * s.h / 2, abs(s.slope - before.slope) * s.h)
    return noise if noise <= _NOISE * size else math.inf


def _extrapolated(steps: list[_Step], noise: float) -> Iterator[FiniteDifference]:
    """Yield the extrapolations with a finite error, from two triangles: of slopes and of gaps."""
    rounding = [2 * max(noise, _EPSILON * s.size) / s.h for s in steps]
    slopes: list[float] = []
    gaps: list[float] = []
    for k, s in enumerate(steps):
        before, slopes = slopes, [s.slope]
        before_gaps, gaps = gaps, [s.gap]
        for j in range(1, min(k, _ORDER) + 1):  # gaps have odd powers of h, slopes even ones
            ratio = steps[k - 1].h / s.h
            gaps.append(gaps[-1] + (gaps[-1] - before_gaps[j - 1]) / (ratio ** (2 * j - 1) - 1))
            slopes.append(slopes[-1] + (slopes[-1] - before[j - 1]) / (ratio ** (2 * j) - 1))
            others = (abs(t.slope - slopes[j]) for t in steps[k + 1 :])
            off = [d for d, r in zip(others, rounding[k + 1 :], strict=True) if d > 16 * r]
            off += [abs(slopes[j] - slopes[j - 1]), abs(slopes[j] - before[j - 1])]
            apart, first = max(off) + abs(gaps[j]), steps[k - j]
            if math.isfinite(apart + rounding[k]):
                cause = _LOST if rounding[k] >= apart else _WILD
                negligible = _NEGLIGIBLE * (abs(first.slope) + abs(first.gap) / 2)
                yield FiniteDifference(slopes[j], apart + rounding[k], negligible, cause)
