"""The SVG of a picture of tens of thousands of boxes, written without an engine, which is slow.

It draws what `layering.py` has laid out: boxes with lines of text, frames, arrows, in the colours,
with the ids, classes and tooltips that an engine gives them. All text in it comes from
`viz.appearance.labels`, which has made it harmless: once its backslashes are single, it is XML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from viz.appearance.colours import FONT, TEXT_SIZE
from viz.layout.along import Point
from viz.layout.measure import plain_label
from viz.layout.placed import Placed
from viz.layout.sketch import ROOT

_ATTRIBUTE = re.compile(r'([\w-]+)="((?:[^"\\]|\\.)*)"')
_DASHES = {"dashed": "5,2", "dotted": "1,5"}
_BETWEEN, _BASE = 13.2, 10.0  # from a line of text to the next; from its top to where letters stand
_LETTER = 6.6
_HEAD = 2.1  # half of the width of the head of a thin arrow
_BLANKS = "\xa0\xa0"  # two spaces, which would be taken for one
_MARGIN = 11

Attributes: TypeAlias = dict[str, str]


def plain_svg(placed: Placed) -> bytes:
    """The picture, with plain labels.

    >>> from viz.layout.sketch import sketch
    >>> picture = plain_svg(Placed(sketch('''digraph chainrule {
    ...   n0 [id="n0", class="leaf", label="x"]
    ... }''')))
    >>> picture.count(b'<g id="n0" class="node leaf">')
    1
    """
    return _Drawing(placed).svg().encode()


class _Drawing:
    """A picture, and its borders, which its parts widen."""

    def __init__(self, placed: Placed) -> None:
        self.placed = placed
        self.left = self.top = self.right = self.bottom = 0.0
        self.whole: Attributes = {}
        self.heading: list[str] = []

    def svg(self) -> str:
        """The whole picture."""
        parts = list(self._parts())
        if self.heading:
            room = (len(self.heading) + 1) * _BETWEEN
            middle = (self.left + self.right) / 2
            half = max(map(len, self.heading)) * _LETTER / 2
            self._reach(middle - half, self.top)
            self._reach(middle + half, self.top)
            parts += _texts(self.heading, False, middle, self.top - room / 2, {})
            self.top -= room
        left, top = self.left - _MARGIN, self.top - _MARGIN
        width, height = self.right + _MARGIN - left, self.bottom + _MARGIN - top
        paper = _rectangle(left, top, width, height, "")
        return (
            f'<svg width="{width:.8g}pt" height="{height:.8g}pt" '
            f'viewBox="{left:.8g} {top:.8g} {width:.8g} {height:.8g}" '
            'xmlns="http://www.w3.org/2000/svg">\n'
            f'<g id="graph" class="graph" fill="{self.whole.get("fontcolor", "black")}" '
            f'font-family="{FONT}" font-size="{TEXT_SIZE}">\n'
            f'{paper} fill="{self.whole.get("bgcolor", "white")}"/>\n'
            + "\n".join(parts)
            + "\n</g>\n</svg>\n"
        )

    def _parts(self) -> Iterator[str]:
        """Frames, boxes and arrows."""
        for text, said, i in self.placed.sketch.lines:
            if said.kind not in ("box", "link", "graph"):
                continue
            label = plain_label(text)
            words = label.lines if label else []
            a = dict(_ATTRIBUTE.findall(label.before + label.after if label else text))
            if said.kind == "box":
                yield self._box(i, a, words, bool(label and label.headed))
            elif said.kind == "link":
                yield from self._arrow(i, a, words)
            elif i == ROOT:
                self.whole, self.heading = self.whole | a, words or self.heading
            else:
                yield from self._frame(i, a, words)

    def _reach(self, x: float, y: float) -> None:
        self.left, self.right = min(self.left, x), max(self.right, x)
        self.top, self.bottom = min(self.top, y), max(self.bottom, y)

    def _box(self, i: int, a: Attributes, words: Sequence[str], headed: bool) -> str:
        (x, y), box = self.placed.box(i), self.placed.sketch.boxes[i]
        corners = ' rx="6"' if "rounded" in a.get("style", "rounded") else ""
        shapes = []
        for border in sorted({0, box.border}, reverse=True):
            width, height = box.size.width + border, box.size.height + border
            left, top = x - width / 2, y - height / 2
            shapes.append(f"{_rectangle(left, top, width, height, corners)}{_painted(a)}/>")
            self._reach(left, top)
            self._reach(left + width, top + height)
        return _group(a, f"node {a.get('class', '')}", [*shapes, *_texts(words, headed, x, y, a)])

    def _frame(self, i: int, a: Attributes, words: Sequence[str]) -> Iterator[str]:
        found = self.placed.frame(i)
        if found is not None:
            ((left, top), (right, bottom)), label = found
            self._reach(left, top)
            self._reach(right, bottom)
            shape = _rectangle(left, top, right - left, bottom - top, ' rx="8"')
            texts = _texts(words, False, *label, a)
            yield _group(a, "cluster frame", [f"{shape}{_painted(a)}/>", *texts])

    def _arrow(self, i: int, a: Attributes, words: Sequence[str]) -> Iterator[str]:
        way = self.placed.way(i)
        if way is not None:
            curves, tip, label = way
            self._reach(*curves[len(curves) // 2])  # on its track, if it has one
            wide, high = self.placed.sketch.links[i].label
            self._reach(label[0] - wide / 2, label[1] - high / 2)
            self._reach(label[0] + wide / 2, label[1] + high / 2)
            x, y = curves[0] if self.placed.sketch.links[i].backward else curves[-1]
            half = _HEAD + float(a.get("penwidth", 1)) / 2
            aside = (0.0, half) if y == tip[1] else (half, 0.0)
            head = f"{tip[0]},{tip[1]} {x + aside[0]},{y + aside[1]} {x - aside[0]},{y - aside[1]}"
            shapes = [
                f'<path d="{_path(curves)}"{_painted(a)}/>',
                f'<polygon points="{head}" fill="{a.get("color", "black")}"/>',
            ]
            yield _group(a, "edge", shapes + _texts(words, False, *label, a))


def _path(curves: Sequence[Point]) -> str:
    """Bézier curves, of which every other one is a line."""
    pieces = ["M{},{}".format(*curves[0])]
    for i in range(3, len(curves), 3):
        if i % 2:
            pieces.append("L{},{}".format(*curves[i]))
        else:
            (a, b), (c, d), (e, f) = curves[i - 2 : i + 1]
            pieces.append(f"C{a},{b} {c},{d} {e},{f}")
    return "".join(pieces)


def _rectangle(left: float, top: float, width: float, height: float, corners: str) -> str:
    """What a rectangle begins with."""
    return f'<rect x="{left:.9g}" y="{top:.9g}" width="{width:.9g}" height="{height:.9g}"{corners}'


def _painted(a: Attributes) -> str:
    """Colours, and what kind of line."""
    look = f' fill="{a.get("fillcolor", "none")}" stroke="{a.get("color", "black")}"'
    if "penwidth" in a:
        look += f' stroke-width="{a["penwidth"]}"'
    dash = next((_DASHES[s] for s in a.get("style", "").split(",") if s in _DASHES), "")
    return look + f' stroke-dasharray="{dash}"' * bool(dash)


def _texts(lines: Sequence[str], headed: bool, x: float, y: float, a: Attributes) -> list[str]:
    """Lines around a point: a heading in the middle, the others from the left of the longest."""
    texts = [line.replace("\\\\", "\\").replace("  ", _BLANKS) for line in lines]
    left = x - max((len(html.unescape(t)) for t in texts), default=0) * _LETTER / 2
    color = f' fill="{a["fontcolor"]}"' if "fontcolor" in a else ""
    y += _BASE - len(texts) * _BETWEEN / 2
    places = [f'x="{left:.8g}"'] * len(texts)
    if headed and places:
        places[0] = f'x="{x:.8g}" text-anchor="middle" font-weight="bold"'
    return [
        f'<text {place} y="{y + i * _BETWEEN:.8g}"{color}>{text}</text>'
        for i, (place, text) in enumerate(zip(places, texts, strict=True))
    ]


def _group(a: Attributes, kind: str, parts: Sequence[str]) -> str:
    """Something with its id, and what it says when one points at it."""
    tooltip = a.get("tooltip", "").replace("\\" * 4, "\\")
    name = f'<g id="{a["id"]}" class="{kind}">'
    return f"{name}\n<title>{tooltip}</title>\n" + "\n".join(parts) + "\n</g>"
