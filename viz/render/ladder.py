"""The ladder of layouts: a picture too large for one is laid out by the next, which is said.

1. `dot`, as any Graphviz does it.
2. `dot` with fewer rounds (`nslimit`, `mclimit`) and straight arrows.
3. A layout of our own (`viz/layout`), which takes seconds where `dot` takes hours. The engine
   draws it (`neato -n2`), but for an SVG of many thousands of boxes, which we write ourselves.

The size of a picture and the length of its arrows choose the rung to begin with. One that is not
done within its share of the time leaves the picture to the next.
"""

from __future__ import annotations

import sys
import time
import warnings
from typing import NamedTuple

from autograd.system.garbage import paused
from autograd.system.source import of_a_library
from viz.dot.document import FEWER_ROUNDS
from viz.layout.measure import Size
from viz.layout.placed import Placed
from viz.layout.plain_svg import plain_svg
from viz.layout.positions import positioned
from viz.layout.ranks import reach
from viz.layout.sketch import Sketch, sketch
from viz.render.engine import Engine, EngineError, EngineTimeoutError, render, too_slow

_FEW_LINES = 300  # of DOT: so little is never too much
_MOST_BOXES = 2000
_MOST_CROSSED = 10_000  # layers, by all arrows together: what the time of `dot` grows with
_SHARES = {1: 1 / 3, 2: 1 / 2}  # of the time left, for a rung that is not the last
_RESOLUTION = "-Gdpi="
_LONGEST_SIDE = 65_535  # pixels: what a JPEG can hold, and most programs can show
_MOST_PIXELS = 4 * 10**8
_FIX = "for a picture to read, draw less: fold=True, a smaller max_nodes=, or around="


class LayoutWarning(UserWarning):
    """A picture was too large to be laid out as smaller ones are."""


class Picture(NamedTuple):
    """What was drawn, and what is to be said about the way in which it was laid out."""

    content: bytes
    remark: str
    plain: bool = False
    """Whether it is an SVG by `viz.layout.plain_svg`."""


def climb(engine: Engine, dot: str, kind: str, timeout: float, *options: str) -> Picture:
    """The picture of a DOT text of this package, on the first rung that is quick enough.

    Args:
        engine: what draws it.
        dot: the text.
        kind: one of the formats of the engine.
        timeout: how many seconds all rungs may take together.
        options: what else the engine is told.

    Warns with LayoutWarning if the picture is not laid out as smaller ones are.

    Raises EngineError if the engine refuses, if no rung is done in time, and if there would be more
    pixels than a file should hold.
    """
    end = time.monotonic() + timeout
    read = _read(dot) if dot.count("\n") > _FEW_LINES else None
    first = _first_rung(dot, read)
    for rung in range(first, 4):
        share = max(end - time.monotonic(), 0.0) * _SHARES.get(rung, 1.0)
        try:
            if rung == 3:
                picture = _quick(engine, read or _read(dot), kind, end, options)
            else:
                picture = _by_dot(engine, dot, kind, share, options, coarse=rung == 2)
        except EngineTimeoutError:
            continue
        if picture.remark:
            late = "" if rung == first else "dot was not done in time: "
            picture = picture._replace(remark=late + picture.remark)
            _warn(f"{picture.remark}; {_FIX}")
        return picture
    raise too_slow(engine.path, timeout)


def _read(dot: str) -> Sketch:
    with paused():
        return sketch(dot)


def _first_rung(dot: str, read: Sketch | None) -> int:
    """The lowest rung that may be done in time."""
    if read and (len(read.boxes) > _MOST_BOXES or reach(read) > _MOST_CROSSED):
        return 3
    return 2 if _says_rounds(dot) else 1


def _says_rounds(dot: str) -> bool:
    """Whether the text itself asks for fewer rounds."""
    return ' nslimit="' in dot[: dot.find("]")]


def _by_dot(
    engine: Engine, dot: str, kind: str, timeout: float, options: tuple[str, ...], coarse: bool
) -> Picture:
    """The first two rungs."""
    told = [f"-G{key}={value}" for key, value in FEWER_ROUNDS.items()] if coarse else []
    content = render(engine, dot, kind, timeout, *told, *options)
    return Picture(content, "laid out in fewer rounds, with straight arrows" if coarse else "")


def _quick(
    engine: Engine, read: Sketch, kind: str, end: float, options: tuple[str, ...]
) -> Picture:
    """The third rung."""
    with paused():
        found = Placed(read)
        if kind == "svg" and not found.marked_up:
            return Picture(plain_svg(found), _remark(found), plain=True)
    for option in options:
        if option.startswith(_RESOLUTION):
            _check_pixels(found.size, float(option[len(_RESOLUTION) :]))
    left = max(end - time.monotonic(), 0.0)
    content = render(engine, positioned(found), kind, left, *options, keep=True)
    return Picture(content, _remark(found))


def _remark(found: Placed) -> str:
    lost = ["its frames"] * (not found.framed)
    lost += ["the colours of its labels"] * (not found.marked_up)
    without = f", without {' and '.join(lost)}" if lost else ""
    size = f"{len(found.sketch.boxes):,} boxes and {len(found.sketch.links):,} arrows"
    return f"{size}, laid out by a quicker way than that of dot{without}"


def _check_pixels(size: Size, dpi: float) -> None:
    """Raise EngineError for a picture that no program would show."""
    width, height = (side * dpi / 72 for side in size)
    most = min(_LONGEST_SIDE / max(width, height), (_MOST_PIXELS / (width * height)) ** 0.5)
    if most < 1:
        raise EngineError(
            f"the picture would have {width:,.0f} × {height:,.0f} pixels, which is too much for a "
            f"file of pixels: save it as .svg, or at most with scale={dpi / 96 * most:.2g}, "
            "or draw less of it (max_nodes=)"
        )


def _warn(message: str) -> None:
    """Warn at the user's line."""
    level, frame = 1, sys._getframe()
    while of_a_library[frame.f_code.co_filename] and frame.f_back is not None:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, LayoutWarning, stacklevel=level)
