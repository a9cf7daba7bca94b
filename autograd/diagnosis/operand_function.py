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


class OperandFunction:
    """A node as a function of one operand, in all its slots; the others keep their numbers."""

    def __init__(self, node: Value, slot: int) -> None:
        assert node._row is not None
        operand = node.parents[slot]
        self.row, self.primals = node._row, node._primals
        self.slots = [i for i, p in enumerate(node.parents) if p is operand]
        self.rules = [rule for i in self.slots if (rule := self.row.partials[i]) is not None]
        self.x = self.primals[slot]
        self.here: Side = node._y, self.slope(node._y, self.primals)

    def slope(self, y: float, operands: Sequence[float]) -> float:
        """Return the derivative for a result and operands, all slots of the operand together."""
        return sum([float(rule(y, *operands)) for rule in self.rules], 0.0)

    def at(self, x: float, slots: Sequence[int] | None = None) -> Side:
        """Return value and derivative with other operands, or this one, at x."""
        operands = list(self.primals)
        for slot in slots or self.slots:
            operands[slot] = x
        y = self.row.forward(*operands)
        return y, self.slope(y, operands)

    def around(self, step: float) -> tuple[Side, Side]:
        """Return value and derivative at a step to the left and to the right."""
        return self.at(self.x - step), self.at(self.x + step)

    @cached_property
    def near(self) -> tuple[Side, Side]:
        """Value and derivative one float to the left and to the right."""
        return (
            self.at(math.nextafter(self.x, -math.inf)),
            self.at(math.nextafter(self.x, math.inf)),
        )

    @cached_property
    def far(self) -> tuple[Side, Side]:
        """Value and derivative a million floats to the left and to the right."""
        return self.around(_FAR * math.ulp(self.x))

    @property
    def equals(self) -> list[int]:
        """The slots of all operands with the same number; none if no other operand has it."""
        slots = [i for i, x in enumerate(self.primals) if x == self.x]
        return slots if len(slots) > len(self.slots) else []

    def triple(self, i: int) -> tuple[float, float, float]:
        """Return the values (0) or derivatives (1) on the left, here and on the right."""
        (left, right), here = self.near, self.here
        return left[i], here[i], right[i]

    def kind(self) -> KinkKind | None:
        """Return the kind of the kink at the operand, None if the node is smooth there."""
        left, here, right = self.triple(0)
        if self.row.is_comparison:
            return "tie" if self.equals and not left == here == right else None
        if here != here:  # a hole, as 0/0, and not the outside of a domain, as log(-1)
            return "edge" if left == left and right == right and self.is_hole() else None
        if math.isinf(here):
            return "pole" if self.is_pole() else None
        if left != left or right != right:
            return "edge"
        if self.breaks(0) or self.is_wall():
            return "jump" if abs(self.x) != _TINY else None
        if self.breaks(1) and self.is_no_rounding():
            if self.is_tie():
                return "tie"
            # At the first float beside 0, a kink at 0 looks like one here.
            return "kink" if abs(self.x) != _TINY else None
        return None

    def breaks(self, i: int) -> bool:
        """True if values (0) or derivatives (1) change here, but not further out as slopes do."""
        near = self.triple(i)
        change = max(near) - min(near)
        if not change > max(_ROUNDING * max(map(abs, near)), _UNDERFLOW):
            return False
        left, right = self.far
        return abs(near[0] - left[i]) + abs(near[2] - right[i]) < change / 4

    def is_wall(self) -> bool:
        """True if the value is finite here and infinite all along one side."""
        sides = [i for i in (0, 1) if math.isinf(self.near[i][0])]
        return bool(sides) and abs(self.here[0]) < _OVERFLOW and math.isinf(self.far[sides[0]][0])

    def is_pole(self) -> bool:
        """True if the value is infinite here alone, and so has not overflowed."""
        sides = [self.near, *map(self.around, _FROM_ZERO if self.x == 0.0 else ())]
        return any(
            not math.isinf(a) and not math.isinf(b) and (a == a or b == b)
            for (a, _), (b, _) in sides
        )

    def is_hole(self) -> bool:
        """True if the node is defined on both sides, two floats away.

        (-2)**z has a value at every other float near 2**51.
        """
        around = self.around(2.0 * math.ulp(self.x))
        return all(y == y for y, _ in around)

    def is_tie(self) -> bool:
        """True if operands are equal and the derivative stays when they move together."""
        return bool(self.equals) and all(
            self.at(math.nextafter(self.x, to), self.equals)[1] == self.here[1]
            for to in (-math.inf, math.inf)
        )

    def is_no_rounding(self) -> bool:
        """True if the break is not due to a rounded result, as in 1 - y * y near y = 1."""
        slopes = self.triple(1)
        y, taken = self.here
        rounded = [
            abs(self.slope(math.nextafter(y, to), self.primals) - taken)
            for to in (-math.inf, math.inf)
        ]
        return not max(slopes) - min(slopes) <= 8 * max(rounded)

    def limit(self, side: Literal[0, 1]) -> float:
        """Return the limit of the derivative from one side: 0 left, 1 right."""
        y, near = self.near[side]
        if y != y or (math.isinf(y) and math.isfinite(self.here[0])):
            return math.nan
        if self.x != 0.0:
            return self._limit(near, self.far[side][1])
        if not math.isfinite(near):  # the square of the smallest float is 0, its inverse infinite
            near = self.around(_FROM_ZERO[0])[side][1]
        return self._limit(near, self.around(_FROM_ZERO[1])[side][1])

    def _limit(self, near: float, far: float) -> float:
        # A derivative that grows or shrinks over so short a distance is a power or a logarithm.
        if abs(near) > abs(far) * (1.0 if math.isinf(self.here[1]) else 1.5):
            return math.copysign(math.inf, near)
        return 0.0 if abs(near) * 1.5 < abs(far) else near
