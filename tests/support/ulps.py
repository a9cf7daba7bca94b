"""How many last digits of a derivative are right: rows over grids of points, against mpmath.

The error is counted in ulps of the true value or, where terms of it cancel, of the sum of their
absolute values.
"""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

import mpmath
import numpy as np
import oracle
from mpmath import mpf

import autograd
from autograd import Value
from autograd.backward import topological_order
from autograd.primitive import TABLE, Primitive

Point = tuple[float, ...]
SIZES = (0.0, 5e-324, 1e-310, 1e-300, 1e-42, 1e-20, 1e-9, 0.1, 0.49, 0.5, 0.7, 0.99999, 1 - 2**-53,
         1.0, 1 + 2**-52, 1.3, 2.0, 3.0, 5.0, 7.7, 20.0, 26.3, 37.0, 100.0, 300.5, 700.0, 1e9, 1e30,
         1e150, 1e300)  # fmt: skip
UNARY = [(sign * x,) for x in SIZES for sign in (1.0, -1.0)]
PAIRS = [
    *itertools.product(
        (1e-200, 1e-30, 0.3, 1.0, 40.0, 1e30, 1e160, -2.5, 5e-324, 0.0),
        (1e-200, 0.3, 1.0, 2.0, 37.3, 1e30, 1e160, -1e-310),
    )
]
_random = random.Random(0).uniform
UNARY += [(_random(-bound, bound),) for bound in (1.0, 8.0) for _ in range(50)]
PAIRS += [(_random(-8.0, 8.0), _random(-8.0, 8.0)) for _ in range(50)]
EXACT = ("mod", "copysign", "abs")  # whose derivatives are whole numbers
SMOOTH = [r for r in TABLE.values() if any(r.partials) and not r.selects and r.name not in EXACT]
NORMAL = {"float64": (2.3e-308, 1.7e308), "float32": (1.2e-38, 3.4e38)}


def grid(row: Primitive, every: int = 1, dtype: str = "float64") -> list[Point]:
    """Points of a row as finite numbers of the dtype; its own are among them, its edges are not."""
    points = [*(UNARY if row.arity == 1 else PAIRS)[::every], *row.points]
    with np.errstate(over="ignore"):
        rounded = [tuple(float(np.dtype(dtype).type(x)) for x in point) for point in points]
    edges = {at for at, _ in row.edges}
    return [p for p in dict.fromkeys(rounded) if all(map(math.isfinite, p)) and p not in edges]


@functools.cache
def exact(name: str, point: Point, orders: tuple[int, ...]) -> Any:
    """The derivative in many digits; None outside of the domain or where it is not a number."""
    tiny = min((abs(x) for x in point if x), default=1.0) < 1e-30
    with mpmath.workdps(1300 if tiny or max(map(abs, point)) > 1e5 else 400):
        try:
            found = mpmath.diff(oracle.FUNCTIONS[name], tuple(map(mpf, point)), orders)
        except (ValueError, ArithmeticError):
            return None
    return None if isinstance(found, mpmath.mpc) or not mpmath.isfinite(found) else found


def ulp(x: Any, dtype: str) -> Any:
    """The distance from a number to the next of the dtype."""
    number = float(x * mpf(1))  # in the usual digits
    return mpf(
        math.ulp(number) if dtype == "float64" else float(np.spacing(np.float32(abs(number))))
    )


def terms(derivative: Value) -> float:
    """The sum of the absolute values of the terms that the graph of a derivative adds up."""
    size: dict[Value, float] = {}
    for v in topological_order([derivative]):
        each = [size[x] for x in v.parents]
        if v.op in ("add", "sub"):
            size[v] = each[0] + each[1]
        elif v.op == "mul":
            size[v] = each[0] * each[1]
        elif v.op == "div":
            size[v] = each[0] / abs(v.parents[1].data) if v.parents[1].data else math.inf
        elif v.op == "where":
            size[v] = each[1] if v.parents[0].data else each[2]
        else:
            size[v] = each[0] if v.op == "neg" else abs(v.data)
    return size[derivative]


def error(row: Primitive, point: Point, slots: Sequence[int], found: float, dtype: str) -> float:
    """The error in ulps of a derivative to these operands, one after the other.

    0 where nothing is held: beyond the domain, and where the true value is no normal number.
    """
    orders = tuple(map(slots.count, range(len(point))))
    true = exact(row.name, point, orders)
    least, most = NORMAL[dtype]
    if true is None or not least < abs(true) < most:
        return 0.0
    unit = ulp(true, dtype)
    if abs(mpf(found) - true) > 2 * unit:
        added = terms(derived(row, slots, [*map(Value, point)]))
        unit = max(unit, ulp(added, dtype) if math.isfinite(added) else unit)
    return float(abs(mpf(found) - true) / unit) if math.isfinite(found) else math.inf


def derived(row: Primitive, slots: Sequence[int], operands: Sequence[Any]) -> Any:
    """Differentiate a row to these operands, one after the other."""
    y = row(*operands)
    for slot in slots:
        [y] = autograd.gradients(y, [operands[slot]], create_graph=True)
    return y


def found(row: Primitive, slots: Sequence[int], points: Sequence[Point], mode: str) -> list[float]:
    """Differentiate at points of one length; a mode is "eager", or the dtype to compile for."""
    if mode == "eager":
        return [derived(row, slots, [*map(Value, point)]).data for point in points]
    c = autograd.compile(
        lambda *operands: derived(row, slots, operands), dtype=mode, unused_inputs=True
    )
    with np.errstate(all="ignore"):
        answers: list[float] = c(*np.array(points, mode).T).tolist()
    return answers


def chains(row: Primitive, order: int, count: int) -> Iterator[tuple[int, ...]]:
    """The operands that a derivative of an order can be taken to, one after the other."""
    flowing = [slot for slot in range(count) if row.partials[slot]]
    return itertools.product(flowing, repeat=order)


def errors(
    row: Primitive, order: int, mode: str, every: int = 1
) -> Iterator[tuple[float, Point, tuple[int, ...], float]]:
    """Each error of the derivatives of an order: in ulps, where, to which operands, and found."""
    dtype = "float64" if mode == "eager" else mode
    points = [point for point in grid(row, every, dtype) if math.isfinite(row(*point))]
    for count, alike in itertools.groupby(sorted(points, key=len), len):
        at = list(alike)
        for slots in chains(row, order, count):
            for point, number in zip(at, found(row, slots, at, mode), strict=True):
                yield error(row, point, slots, number, dtype), point, slots, number


# At zeros and infinities


def limit(name: str, point: Point, slots: Sequence[int]) -> float | None:
    """The limit of a derivative as zeros and infinities are approached; None if it has none.

    Two operands approach theirs at several relative speeds, and the limits have to agree.
    """
    orders = tuple(map(slots.count, range(len(point))))
    speeds = [(1,)] if len(point) == 1 else [(1, 1), (1, 2), (2, 1)]
    limits = {_approached(name, point, orders, speed) for speed in speeds}
    return None if None in limits or max(limits) - min(limits) > 1e-4 else limits.pop()


def _approached(
    name: str, point: Point, orders: tuple[int, ...], speed: Sequence[int]
) -> float | None:
    far, farther, last = (
        exact(name, tuple(_close(x, n * s) for x, s in zip(point, speed, strict=True)), orders)
        for n in (3, 6, 12)
    )
    if far is None or farther is None or last is None:
        return None
    if abs(last - farther) <= 1e-4 * abs(last):
        return float(last)
    if abs(last) < abs(farther) / 10 < abs(far) / 100:
        return 0.0
    if abs(last) > abs(farther) * 10 > abs(far) * 100:
        return math.copysign(math.inf, last)
    return None


def _close(x: float, digits: int) -> float:
    """A number close to a zero or an infinity; any other number itself."""
    if x == 0.0 or math.isinf(x):
        return math.copysign(10.0 ** (digits if x else -digits), x)
    return x
