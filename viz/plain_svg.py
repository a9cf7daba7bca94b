"""The SVG of a picture of tens of thousands of boxes, written without an engine, which is slow.

It draws what `viz.positions` has placed, and knows no other DOT: boxes with lines of text, frames,
arrows, in the colours, with the ids, classes and tooltips that an engine gives them. All text in it
comes from `viz.labels`, which has made it harmless: once its backslashes are single, it is XML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from viz.measure import without_markup
from viz.sketch import ROOT, Line
from viz.style import FONT, TEXT_SIZE

_ATTRIBUTE = re.compile(r'([\w-]+)="((?:[^"\\]|\\.)*)"')
_LINE = re.compile(r"((?:[^\\]|\\\\)+)(?:\\([ln])|$)")
_DASHES = {"dashed": "5,2", "dotted": "1,5"}
_BETWEEN, _BASE = 13.2, 10.0  # from a line of text to the next; from its top to where letters stand
_LETTER = 6.6
_HEAD = 2.1  # half of the width of an arrow's head
_BLANKS = "\xa0\xa0"  # two spaces, which would be taken for one
_INCH, _GAP, _MARGIN = 72, 4, 11

Attributes: TypeAlias = dict[str, str]


def plain_svg(lines: Iterable[Line]) -> bytes:
    """The picture of a text in which `viz.positions` has put positions and plain labels.

    >>> from viz.sketch import numbered
    >>> picture = plain_svg(numbered('''digraph chainrule {
    ...   n0 [pos="10,0", width="0.5", height="0.5", id="n0", class="leaf", label="x"]
    ... }'''))
    >>> picture.count(b'<g id="n0" class="node leaf">')
    1
    """
    return _Drawing().svg(lines).encode()


class _Drawing:
    """The borders of a picture, which its parts widen."""

    def __init__(self) -> None:
        self.left = self.top = self.right = self.bottom = 0.0

    def svg(self, lines: Iterable[Line]) -> str:
        """The whole picture."""
        whole: dict[str, str] = {}
        parts = list(self._parts(lines, whole))
        if "label" in whole:
            room = (whole["label"].count("\\l") + 2) * _BETWEEN
            parts += _words(whole, (self.left + self.right) / 2, self.top - room / 2)
            self.top -= room
        left, top = self.left - _MARGIN, self.top - _MARGIN
        width, height = self.right + _MARGIN - left, self.bottom + _MARGIN - top
        paper = _rectangle(left + width / 2, top + height / 2, width, height, "")
        ink = whole.get("fontcolor", "black")
        return (
            f'<svg width="{width:.8g}pt" height="{height:.8g}pt" '
            f'viewBox="{left:.8g} {top:.8g} {width:.8g} {height:.8g}" '
            'xmlns="http://www.w3.org/2000/svg">\n'
            f'<g id="graph" class="graph" xml:space="preserve" fill="{ink}" '
            f'font-family="{FONT}" font-size="{TEXT_SIZE}">\n'
            f'{paper} fill="{whole.get("bgcolor", "white")}"/>\n'
            + "\n".join(parts)
            + "\n</g>\n</svg>\n"
        )

    def _parts(self, lines: Iterable[Line], whole: dict[str, str]) -> Iterator[str]:
        """Frames, boxes and arrows; what is said of the whole picture is put aside."""
        for line, said, number in lines:
            if said.kind == "box":
                yield self._box(dict(_ATTRIBUTE.findall(line)))
            elif said.kind == "link":
                yield self._arrow(dict(_ATTRIBUTE.findall(line)))
            elif said.kind == "graph":
                attributes = dict(_ATTRIBUTE.findall(without_markup(line)))
                if number == ROOT:
                    whole |= attributes
                else:
                    yield self._frame(attributes)

    def _reach(self, x: float, y: float) -> None:
        self.left, self.right = min(self.left, x), max(self.right, x)
        self.top, self.bottom = min(self.top, y), max(self.bottom, y)

    def _box(self, a: Attributes) -> str:
        (x, y), width, height = _point(a["pos"]), _points(a["width"]), _points(a["height"])
        gap = _GAP if a.get("peripheries") == "2" else 0.0
        round_ = ' rx="6"' if "rounded" in a.get("style", "rounded") else ""
        sizes = [(width + 2 * g, height + 2 * g) for g in sorted({0.0, gap}, reverse=True)]
        shapes = [f"{_rectangle(x, y, *size, round_)}{_painted(a)}/>" for size in sizes]
        self._reach(x - width / 2 - gap, y - height / 2 - gap)
        self._reach(x + width / 2 + gap, y + height / 2 + gap)
        return _group(a, f"node {a.get('class', '')}", [*shapes, *_words(a, x, y)])

    def _frame(self, a: Attributes) -> str:
        left, low, right, high = map(float, a["bb"].split(","))
        self._reach(left, -high)
        self._reach(right, -low)
        x, y, size = (left + right) / 2, -(low + high) / 2, (right - left, high - low)
        shape = _rectangle(x, y, *size, ' rx="8"') + f"{_painted(a)}/>"
        return _group(a, "cluster frame", [shape, *_words(a, *_point(a["lp"]))])

    def _arrow(self, a: Attributes) -> str:
        tip, *way = map(_point, a["pos"][2:].split())
        self._reach(min(x for x, _ in way), min(y for _, y in way))
        self._reach(max(x for x, _ in way), max(y for _, y in way))
        x, y = way[0] if a["pos"][0] == "s" else way[-1]
        half = _HEAD + float(a.get("penwidth", 1)) / 2
        aside = (0.0, half) if y == tip[1] else (half, 0.0)
        head = (tip, (x + aside[0], y + aside[1]), (x - aside[0], y - aside[1]))
        line = [
            f'<path d="{_path(way)}"{_painted(a)}/>',
            f'<polygon points="{" ".join(map(_pair, head))}" fill="{a.get("color", "black")}"/>',
        ]
        words = _words(a, *_point(a["lp"])) if "label" in a else []
        return _group(a, "edge", [*line, *words])


def _point(text: str) -> tuple[int, int]:
    """A point of Graphviz, whose y grows upward."""
    x, _, y = text.partition(",")
    return int(x), -int(y)


def _points(inches: str) -> float:
    return float(inches) * _INCH


def _pair(point: Sequence[float]) -> str:
    return "{},{}".format(*point)


def _path(way: Sequence[tuple[int, int]]) -> str:
    """Bézier curves, of which every other one is a line."""
    pieces = [f"M{_pair(way[0])}"]
    for i in range(3, len(way), 3):
        curve = way[i - 2 : i + 1] if i % 2 == 0 else way[i : i + 1]
        pieces.append(("C" if i % 2 == 0 else "L") + " ".join(map(_pair, curve)))
    return "".join(pieces)


def _rectangle(x: float, y: float, width: float, height: float, corners: str) -> str:
    """What a rectangle around a point begins with."""
    left, top = f"{x - width / 2:.8g}", f"{y - height / 2:.8g}"
    return f'<rect x="{left}" y="{top}" width="{width:.6g}" height="{height:.6g}"{corners}'


def _painted(a: Attributes) -> str:
    """Colours, and what kind of line."""
    fill, color = a.get("fillcolor", "none"), a.get("color", "black")
    wide = a.get("penwidth", "1")
    dash = next((_DASHES[s] for s in a.get("style", "").split(",") if s in _DASHES), "")
    look = f' fill="{fill}" stroke="{color}"' + f' stroke-width="{wide}"' * (wide != "1")
    return look + f' stroke-dasharray="{dash}"' * bool(dash)


def _words(a: Attributes, x: float, y: float) -> list[str]:
    """The lines of a label around a point: in its middle, or from the left of the longest."""
    found = [match.groups("") for match in _LINE.finditer(a["label"])]
    texts = [words.replace("\\\\", "\\").replace("  ", _BLANKS) for words, _ in found]
    left = x - max(len(html.unescape(text)) for text in texts) * _LETTER / 2
    color = f' fill="{a["fontcolor"]}"' if "fontcolor" in a else ""
    y += _BASE - len(texts) * _BETWEEN / 2
    lines = []
    for i, text in enumerate(texts):
        if found[i][1] == "l":
            place = f'x="{left:.8g}"'
        else:
            place = f'x="{x:.8g}" text-anchor="middle" font-weight="bold"'
        lines.append(f'<text {place} y="{y + i * _BETWEEN:.8g}"{color}>{text}</text>')
    return lines


def _group(a: Attributes, kind: str, parts: Sequence[str]) -> str:
    """Something with its id, and what it says when one points at it."""
    tooltip = a.get("tooltip", "").replace("\\" * 4, "\\")
    name = f'<g id="{a["id"]}" class="{kind}">'
    return f"{name}\n<title>{tooltip}</title>\n" + "\n".join(parts) + "\n</g>"
