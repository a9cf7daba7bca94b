"""What our own DOT text says of a picture: boxes and how large they are, frames, arrows.

It reads what `viz/dot` and `viz/comparison` write, a statement to a line, and no other DOT. So the
quick layout needs to know nothing of what the picture is about.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from viz.layout.measure import Size, label_size

ROOT = 0
"""The frame that is the whole picture."""

_STATEMENT = re.compile(r"\s*(?:(subgraph) \w+ \{$|(\})|(\w+)(?: -> (\w+))? \[)")
_LEAST = re.compile(r', minlen="(\d+)"')
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_MARGIN, _PERIPHERY = 72, 8  # points to the inch of a margin; what a second border adds


class Statement(NamedTuple):
    """What a line of DOT is."""

    kind: str
    """"box", "link", "graph", "subgraph", "}" (which ends one), or "" for another."""
    name: str = ""
    end: str = ""
    """The name of what a link leads to."""
    place: int = 0
    """Where the attributes begin."""


class Line(NamedTuple):
    """A line of DOT."""

    text: str
    said: Statement
    number: int
    """That of the box, the link or the frame that it is about."""


class Box(NamedTuple):
    """A node of the picture."""

    name: str
    size: Size
    """Without a second border."""
    border: int
    """What a second border adds to the width and to the height."""
    frame: int


class Frame(NamedTuple):
    """A frame, and the one that it lies in; those around it have smaller numbers."""

    parent: int
    label: Size


class Link(NamedTuple):
    """An arrow between two boxes, by their numbers."""

    start: int
    end: int
    label: Size
    least: int = 1
    """How many layers it crosses at least."""
    backward: bool = False
    """Whether its head is at its start."""


@dataclass
class Sketch:
    """A picture, without positions."""

    lines: list[Line]
    """Its text."""
    boxes: list[Box] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=lambda: [Frame(ROOT, Size(0, 0))])
    links: list[Link] = field(default_factory=list)
    flat: bool = True
    """Whether arrows go from left to right; else from top to bottom."""


def sketch(dot: str) -> Sketch:
    """Read a DOT text that this package wrote.

    >>> found = sketch('''digraph chainrule {
    ...   graph [rankdir="TB"]
    ...   subgraph cluster_1 {
    ...     graph [label=<layer>]
    ...     n0 [label="x"]
    ...   }
    ...   n1 [label=<<B>y</B>>]
    ...   n0 -> n1 [id="e0"]
    ... }''')
    >>> [(box.name, box.frame) for box in found.boxes], found.flat
    ([('n0', 1), ('n1', 0)], False)
    >>> [(link.start, link.end) for link in found.links]
    [(0, 1)]
    """
    found, inside, number = Sketch(list(numbered(dot))), [ROOT], dict[str, int]()
    for line, said, _ in found.lines:
        if said.kind == "subgraph":
            found.frames.append(Frame(inside[-1], Size(0, 0)))
            inside.append(len(found.frames) - 1)
        elif said.kind == "}":
            inside.pop()
        elif said.kind == "graph":
            _whole(found, inside[-1], line)
        elif said.kind == "link":
            found.links.append(_link(number[said.name], number[said.end], line))
        elif said.kind == "box":
            number[said.name] = len(found.boxes)
            found.boxes.append(_box(said.name, line, inside[-1]))
    return found


def statement(line: str) -> Statement:
    """What a line of DOT is, where this package wrote it.

    >>> statement('  n0 -> n1 [id="e0"]')
    Statement(kind='link', name='n0', end='n1', place=12)
    """
    match = _STATEMENT.match(line)
    if match is None:
        return Statement("")
    opens, closes, name, end = match.groups(default="")
    if opens or closes:
        return Statement(opens or closes)
    kind = "link" if end else {"graph": "graph", "node": "", "edge": ""}.get(name, "box")
    return Statement(kind, name, end, match.end())


def numbered(dot: str) -> Iterator[Line]:
    r"""The lines of a text.

    >>> [(line.said.kind, line.number) for line in numbered("graph [a=1]\nn0 [a=1]\nn1 [a=1]")]
    [('graph', 0), ('box', 0), ('box', 1)]
    """
    inside, frames, boxes, links = [ROOT], 0, 0, 0
    for line in dot.split("\n"):
        said = statement(line)
        if said.kind == "box":
            yield Line(line, said, boxes)
            boxes += 1
        elif said.kind == "link":
            yield Line(line, said, links)
            links += 1
        else:
            if said.kind == "subgraph":
                frames += 1
                inside.append(frames)
            yield Line(line, said, inside[-1])
            if said.kind == "}" and len(inside) > 1:
                inside.pop()


def _whole(found: Sketch, frame: int, line: str) -> None:
    """Read what is said of the whole picture or of a frame."""
    if frame == ROOT:
        found.flat = found.flat and 'rankdir="TB"' not in line
    else:
        found.frames[frame] = found.frames[frame]._replace(label=label_size(line))


def _link(start: int, end: int, line: str) -> Link:
    least = _LEAST.search(line)
    backward = ', dir="back"' in line
    return Link(start, end, label_size(line), int(least[1]) if least else 1, backward)


def _box(name: str, line: str, frame: int) -> Box:
    text = label_size(line)
    look = dict(_ATTRIBUTE.findall(line[: line.index("label=")]))
    across, along = (float(x) for x in look.get("margin", "0.06,0.03").split(","))
    size = Size(
        math.ceil(max(text.width + 2 * _MARGIN * across, 20)),
        math.ceil(max(text.height + 2 * _MARGIN * along, 20)),
    )
    return Box(name, size, _PERIPHERY * (int(look.get("peripheries", 1)) - 1), frame)
