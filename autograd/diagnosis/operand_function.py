"""A node as a function of one operand: its one-sided derivatives, and the kind of its kink.

Nothing here depends on the operation. Value and derivative are compared at the operand, one float
to either side, and a million floats further out. A change between neighbours that does not go on
further out is no slope but a break. The one-sided derivatives are limits of the derivative (Clarke,
"Optimization and Nonsmooth Analysis", 1983; Griewank and Walther, "Evaluating Derivatives", 2008,
chapter 14).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from functools import cached_property
from typing import Literal, TypeAlias

from autograd.value import Value

KinkKind: TypeAlias = Literal["kink", "tie", "edge", "pole", "jump"]
Side: TypeAlias = tuple[float, float]  # value and derivative

_FAR = 2.0**20  # floats further out
_FROM_ZERO = (2.0**-500, 2.0**-100, 2.0**-20, 1.0)  # zero has no scale of its own
_TINY = math.ulp(0.0)
_UNDERFLOW, _OVERFLOW = 2.0**-960, 2.0**960  # beyond them steps are rounding errors
LARGEST = 2.0**1023  # up to here there are floats further out
_ROUNDING = 64 * sys.float_info.epsilon


def _next_floats(x: float) -> tuple[float, float]:
    return math.nextafter(x, -math.inf), math.nextafter(x, math.inf)


class OperandFunction:
    """A node as a function of one operand, in all its slots; the others keep their numbers."""

    def __init__(self, node: Value, slot: int) -> None:
        assert node._row is not None
        operand = node.parents[slot]
        self.row, self.primals = node._row, node._primals
        self.slots = [i for i, p in enumerate(node.parents) if p is operand]
        self.rules = [rule for i in self.slots if (rule := self.row.partials[i]) is not None]
        self.x = self.primals[slot]
        self.here: Side = node._y, self._slope(node._y, self.primals)

    def _slope(self, y: float, operands: Sequence[float]) -> float:
        return sum([float(rule(y, *operands)) for rule in self.rules], 0.0)

    def _at(self, x: float, slots: Sequence[int] | None = None) -> Side:
        operands = list(self.primals)
        for slot in slots or self.slots:
            operands[slot] = x
        y = self.row.forward(*operands)
        return y, self._slope(y, operands)

    def _around(self, step: float) -> tuple[Side, Side]:
        return self._at(self.x - step), self._at(self.x + step)

    @cached_property
    def _near(self) -> tuple[Side, Side]:
        below, above = _next_floats(self.x)
        return self._at(below), self._at(above)

    @cached_property
    def _far(self) -> tuple[Side, Side]:
        return self._around(_FAR * math.ulp(self.x))

    @property
    def _equals(self) -> list[int]:
        """The slots of all operands with the same number; none if no other operand has it."""
        slots = [i for i, x in enumerate(self.primals) if x == self.x]
        return slots if len(slots) > len(self.slots) else []

    def triple(self, i: int) -> tuple[float, float, float]:
        """Return the values (0) or derivatives (1) on the left, here and on the right."""
        (left, right), here = self._near, self.here
        return left[i], here[i], right[i]

    def kind(self) -> KinkKind | None:
        """Return the kind of the kink at the operand, None if the node is smooth there."""
        left, here, right = self.triple(0)
        if self.row.is_comparison:
            return "tie" if self._equals and not left == here == right else None
        if here != here:  # a hole, as 0/0, and not the outside of a domain, as log(-1)
            return "edge" if left == left and right == right and self._is_hole() else None
        if math.isinf(here):
            return "pole" if self._is_pole() else None
        if left != left or right != right:
            return "edge"
        if self._breaks(0) or self._is_wall():
            return "jump" if abs(self.x) != _TINY else None
        if self._breaks(1) and self._is_no_rounding():
            if self._is_tie():
                return "tie"
            # At the first float beside 0, a kink at 0 looks like one here.
            return "kink" if abs(self.x) != _TINY else None
        return None

    def _breaks(self, i: int) -> bool:
        """True if values (0) or derivatives (1) change here, but not further out as slopes do."""
        near = self.triple(i)
        change = max(near) - min(near)
        if not change > max(_ROUNDING * max(map(abs, near)), _UNDERFLOW):
            return False
        left, right = self._far
        return abs(near[0] - left[i]) + abs(near[2] - right[i]) < change / 4

    def _is_wall(self) -> bool:
        """True if the value is finite here and infinite all along one side."""
        sides = [i for i in (0, 1) if math.isinf(self._near[i][0])]
        return bool(sides) and abs(self.here[0]) < _OVERFLOW and math.isinf(self._far[sides[0]][0])

    def _is_pole(self) -> bool:
        """True if the value is infinite here alone, and so has not overflowed."""
        sides = [self._near, *map(self._around, _FROM_ZERO if self.x == 0.0 else ())]
        return any(
            not math.isinf(a) and not math.isinf(b) and (a == a or b == b)
            for (a, _), (b, _) in sides
        )

    def _is_hole(self) -> bool:
        """True if it is defined two floats away: (-2)**z is at every other float near 2**51."""
        around = self._around(2.0 * math.ulp(self.x))
        return all(y == y for y, _ in around)

    def _is_tie(self) -> bool:
        """True if operands are equal and, moved together, leave the derivative as it is."""
        return bool(self._equals) and all(
            self._at(x, self._equals)[1] == self.here[1] for x in _next_floats(self.x)
        )

    def _is_no_rounding(self) -> bool:
        """True if the break is not due to a rounded result, as in 1 - y * y near y = 1."""
        slopes = self.triple(1)
        y, taken = self.here
        rounded = [abs(self._slope(at, self.primals) - taken) for at in _next_floats(y)]
        return not max(slopes) - min(slopes) <= 8 * max(rounded)

    def limit(self, side: Literal[0, 1]) -> float:
        """Return the limit of the derivative from one side: 0 left, 1 right."""
        y, near = self._near[side]
        if y != y or (math.isinf(y) and math.isfinite(self.here[0])):
            return math.nan
        if self.x != 0.0:
            return self._limit(near, self._far[side][1])
        if not math.isfinite(near):  # the square of the smallest float is 0, its inverse infinite
            near = self._around(_FROM_ZERO[0])[side][1]
        return self._limit(near, self._around(_FROM_ZERO[1])[side][1])

    def _limit(self, near: float, far: float) -> float:
        # A derivative that grows or shrinks over so short a distance is a power or a logarithm.
        if abs(near) > abs(far) * (1.0 if math.isinf(self.here[1]) else 1.5):
            return math.copysign(math.inf, near)
        return 0.0 if abs(near) * 1.5 < abs(far) else near
