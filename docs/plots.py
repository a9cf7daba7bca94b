"""A row of the table and its derivatives as a plot: the numbers are the engine's, the SVG ours.

One operand runs along the axis, the others stay. A dot is the number at a jump, at a kink or at the
end of the domain; ∞ above or below the frame stands where a curve is infinite.
"""

from __future__ import annotations

import functools
import html
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import autograd
from autograd import Value
from autograd.primitive import Primitive
from viz.appearance import colours
from viz.appearance.colours import INK, INNER_FRAME, LETTERS, MUTED, PAPER, Colour

REACH = 4.0  # of both axes
FIXED = 2.0  # the operands that stay, but for those with a default
JUMP = 1e-3  # less from one float to the next is rounding, or a steep curve
WIDTH, HEIGHT = 328, 200
LEFT, TOP, RIGHT, BOTTOM = 32, 32, 238, 174  # of the frame

Place = tuple[float, float]


class Pen(NamedTuple):
    """How a line is drawn: in words, its colour, its dashes."""

    words: str
    colour: Colour
    dashes: str

    def __str__(self) -> str:
        return f'stroke="{self.colour.light}" stroke-width="1.8" stroke-dasharray="{self.dashes}"'


PENS = (  # of the function and its derivatives
    Pen("solid", colours.POSITIVE, "none"), Pen("dashed", colours.NEGATIVE, "7 3"),
    Pen("dotted", colours.MARK, "1.5 2.5"),
)  # fmt: skip
USED = {
    shade.light
    for colour in (PAPER, INK, MUTED, INNER_FRAME, colours.FRAME_LINE, *(p.colour for p in PENS))
    for shade in (colour, LETTERS.get(colour, colour))
}


class Curve(NamedTuple):
    """A function of one number at points of a grid: one float below each, at it, and above."""

    name: str
    pen: Pen
    xs: list[float]
    ys: list[list[float]]

    def parts(self) -> tuple[list[list[Place]], list[Place]]:
        """The connected pieces, and the points at which it jumps, ends or is infinite."""
        pieces: list[list[Place]] = [[]]
        breaks: list[Place] = []
        for x, (below, here, above) in zip(self.xs, self.ys, strict=True):
            if abs(here - below) <= JUMP and abs(above - here) <= JUMP:
                before = pieces[-1][-1][1] if pieces[-1] else here
                if min(abs(before), abs(here)) > REACH and before * here < 0.0:
                    pieces.append([])  # a pole between two points of the grid
                pieces[-1].append((x, here))
            else:
                pieces[-1] += [(x, below)] * math.isfinite(below)
                pieces.append([(x, above)] * math.isfinite(above))
                breaks += [(x, here)] * (here == here and self.xs[0] < x < self.xs[-1])
        return [piece for piece in pieces if len(piece) > 1], breaks


def numbers(row: Primitive, point: Sequence[float]) -> list[float]:
    """The value of a row at a point, and the derivative to each operand.

    >>> from autograd.primitives import mul
    >>> numbers(mul, (2.0, 3.0))
    [6.0, 3.0, 2.0]
    """
    operands = [Value(x) for x in point]
    y = row(*operands)
    return [y.data, *autograd.gradients(y, operands)]


def completed(row: Primitive, point: Sequence[float]) -> tuple[float, ...]:
    """A point with the default of an operand that is optional.

    >>> from autograd.primitives import leaky_relu
    >>> completed(leaky_relu, (1.0,)), completed(leaky_relu, (1.0, 0.2))
    ((1.0, 0.01), (1.0, 0.2))
    """
    defaults = next(filter(None, row.partials)).__defaults__ or () if row.optional else ()
    return (*point, *defaults)[: len(row.partials)]


def curves(row: Primitive) -> list[Curve]:
    """The function of the operand along the axis, and its derivatives to those that take one."""
    slot, stay = axis(row), completed(row, [FIXED] * row.arity)

    @functools.cache
    def at(x: float) -> list[float]:
        y, *slopes = numbers(row, (*stay[:slot], x, *stay[slot + 1 :]))
        return [y, *(math.nan if y != y else slope for slope in slopes)]

    xs = _grid([x / 16 for x in range(-64, 65) if at(x / 16)[0] == at(x / 16)[0]])
    steep = [x for x in xs if any(map(math.isinf, at(x)))]
    close = [sign * (xs[1] - xs[0]) / 2**i for i in range(1, 12) for sign in (-1, 1)]
    xs = sorted({*xs, *(x + near for x in steep for near in close)})
    sides = [[at(math.nextafter(x, -9.0)), at(x), at(math.nextafter(x, 9.0))] for x in xs]
    names = ["y", *(f"∂y/∂{name}" for name in row.operands)]
    shown = [0, *(i for i, rule in enumerate(row.partials, 1) if rule)]
    return [
        Curve(names[i], pen, xs, [[each[i] for each in three] for three in sides])
        for i, pen in zip(shown, PENS, strict=False)
    ]


def axis(row: Primitive) -> int:
    """The slot of the operand along the axis: the first, or the one that shows more."""
    return 1 if row.name in ("div", "where") else 0


def _grid(domain: Sequence[float]) -> list[float]:
    """Some 150 numbers, exact in binary, that hold 0 and reach a little beyond the domain."""
    low, high = min(domain[0], 0.0), max(domain[-1], 0.0)
    low, high = max(low * 1.25 - 0.25, -REACH), min(high * 1.25 + 0.25, REACH)
    step = 2.0 ** math.floor(math.log2((high - low) / 128))
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


class Scale(NamedTuple):
    """Numbers from `low` to `high` as pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, x: float) -> float:
        """The pixel of a number; what is far beyond the frame comes nearer."""
        far = (x - self.low) / (self.high - self.low)
        return round(self.start + (self.end - self.start) * min(max(far, -1.0), 2.0), 1)

    def ticks(self) -> list[tuple[float, str, Colour]]:
        """The pixels of a few round numbers, how they are written, and the colour of the line."""
        step = next(s for s in (0.5, 1.0, 2.0) if (self.high - self.low) / s < 5.5)
        count = range(math.ceil(self.low / step), math.floor(self.high / step) + 1)
        return [(self(k * step), _signed(k * step), INNER_FRAME if k else MUTED) for k in count]


def svg(row: Primitive) -> str:
    """The plot of a row; it is dark where the reader prefers that."""
    drawn, variable, root = curves(row), row.operands[axis(row)], f"operation-{row.name}"
    stay = zip(row.operands, completed(row, [FIXED] * row.arity), strict=True)
    fixed = "".join(f", {name} = {x:g}" for name, x in stay if name != variable)
    title = html.escape(f"y = {row.written(row.operands, 'formula')}{fixed}")
    across, up = _scales(drawn)
    reach = f"{variable} from {across.low:g} to {across.high:g}"
    frame = f'x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" height="{BOTTOM - TOP}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" id="{root}" role="img" '
        f'aria-labelledby="{root}-title {root}-desc">',
        f'<title id="{root}-title">{title}</title>',
        f'<desc id="{root}-desc">{", ".join(f"{c.name} {c.pen.words}" for c in drawn)}; {reach}.',
        f"</desc><style>{colours.style_sheet(root, used=USED)}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER.light}"/>',
        _text(title, LEFT, 15, "start", INK),
        *(_line(x, TOP, x, BOTTOM, colour) for x, _, colour in across.ticks()),
        *(_line(LEFT, y, RIGHT, y, colour) for y, _, colour in up.ticks()),
        *(_text(text, LEFT - 5, y + 3.5, "end", size=10) for y, text, _ in up.ticks()),
        f'<rect {frame} fill="none" stroke="{colours.FRAME_LINE.light}"/>',
        f'<svg {frame} viewBox="{LEFT} {TOP} {RIGHT - LEFT} {BOTTOM - TOP}">',  # cuts the curves
        *(line for curve in drawn for line in _drawn(curve, across, up)),
        "</svg>",
        *_above_and_below(drawn, across, variable),
        *_beside(drawn, up),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _scales(drawn: Sequence[Curve]) -> tuple[Scale, Scale]:
    """The one across holds the grid, the one upwards 0 and what the curves reach."""
    ys = [0.0, *(y for c in drawn for sides in c.ys for y in sides if y == y)]
    low, high = max(min(ys), -REACH), min(max(ys), REACH)
    margin = 0.07 * (high - low)
    xs = drawn[0].xs
    upwards = Scale(max(low - margin, -REACH), min(high + margin, REACH), BOTTOM, TOP)
    return Scale(xs[0], xs[-1], LEFT, RIGHT), upwards


def _drawn(curve: Curve, across: Scale, up: Scale) -> Iterator[str]:
    """The pieces of a curve as paths, and its dots."""
    pieces, breaks = curve.parts()
    for piece in pieces:
        path = "L".join(f"{across(x):g} {up(y):g}" for x, y in piece)
        yield f'<path d="M{path}" fill="none" {curve.pen}/>'
    for x, y in breaks:
        if math.isfinite(y):
            place = f'cx="{across(x):g}" cy="{up(y):g}" r="2.6"'
            yield f'<circle {place} fill="{curve.pen.colour.light}"/>'


def _above_and_below(drawn: Sequence[Curve], across: Scale, variable: str) -> Iterator[str]:
    """Where curves are infinite, and the numbers of the axis, lower where an infinity is below."""
    infinite: dict[Place, str] = {}
    for curve in drawn:
        for x, y in curve.parts()[1]:
            if math.isinf(y):
                mark = f'<tspan fill="{curve.pen.colour.light}">{_signed(y)}</tspan>'
                infinite[x, y] = infinite.get((x, y), "") + mark
    for (x, y), marks in infinite.items():
        yield _text(marks, across(x), TOP - 3 if y > 0.0 else BOTTOM + 10, "middle")
    line = BOTTOM + (21 if any(y < 0.0 for _, y in infinite) else 13)
    for x, text, _ in across.ticks():
        if x < RIGHT - 10:
            yield _text(text, x, line, "middle", size=10)
    yield _text(variable, RIGHT, line, "middle")


def _beside(drawn: Sequence[Curve], up: Scale) -> Iterator[str]:
    """The names of the curves where they end on the right, each with a sample of its line."""
    ends = [min(max(up(c.parts()[0][-1][-1][1]), TOP + 4), BOTTOM - 4) for c in drawn]
    y, left = 0.0, RIGHT + 4
    for end, curve in sorted(zip(ends, drawn, strict=True), key=lambda pair: pair[0]):
        y = max(y + 14, end)
        yield _line(left, y, left + 14, y, curve.pen.colour, str(curve.pen))
        yield _text(curve.name, left + 18, y + 3.5, "start", curve.pen.colour)


def _signed(x: float) -> str:
    return f"{x:g}".replace("-", "−").replace("inf", "∞")


def _text(
    text: str, x: float, y: float, anchor: str, colour: Colour = MUTED, size: int = 11
) -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}"'
    return f'<text {place} fill="{LETTERS.get(colour, colour).light}">{text}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: Colour, pen: str = "") -> str:
    pen = pen or f'stroke="{colour.light}"'
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" {pen}/>'
