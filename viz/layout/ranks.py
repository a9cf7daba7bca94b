"""In which layer each box of a large picture lies, and along which tracks its long arrows run.

The first step of a layered drawing (Sugiyama, Tagawa and Toda, "Methods for visual understanding of
hierarchical system structures", 1981). Arrows that close a circle are turned round first, as the
back edges of a depth-first search (Gansner, Koutsofios, North and Vo, "A technique for drawing
directed graphs", 1993); then the layer of a box follows from the longest path that leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from viz.layout.sketch import ROOT, Link, Sketch

MOST_CROSSED = 500_000
"""How many layers all tracks may cross together; arrows without a track are straight."""

Pair: TypeAlias = tuple[int, int]


class DownhillArrow(NamedTuple):
    """An arrow downhill: from a box to one in a later layer."""

    start: int
    end: int
    least: int = 1
    """How many layers later, at least."""


class Track(NamedTuple):
    """A lane for all the long arrows from one box, past the boxes of the layers between."""

    start: int
    """The box whose arrows they are."""
    frame: int
    """The frame it lies in."""
    first: int
    last: int
    """The layers that it crosses."""


def downhill(links: Sequence[Link], count: int) -> list[DownhillArrow]:
    """The ends of each arrow; of those that close a circle, the other way round.

    >>> from viz.layout.measure import Size
    >>> found = downhill([Link(a, b, Size(0, 0)) for a, b in ((0, 1), (1, 2), (2, 0))], count=3)
    >>> [way[:2] for way in found]
    [(0, 1), (1, 2), (0, 2)]
    """
    place = {box: i for i, box in enumerate(_order(_successors(links, count)))}
    return [
        DownhillArrow(link.start, link.end, link.least)
        if place[link.start] <= place[link.end]
        else DownhillArrow(link.end, link.start, link.least)
        for link in links
    ]


def _successors(links: Iterable[Link | DownhillArrow], count: int) -> list[list[int]]:
    after: list[list[int]] = [[] for _ in range(count)]
    for link in links:
        after[link.start].append(link.end)
    return after


def _order(after: Sequence[Sequence[int]]) -> list[int]:
    """The boxes in the reverse of the order in which a depth-first search leaves them."""
    left: list[int] = []
    seen = [False] * len(after)
    for root in range(len(after)):
        if seen[root]:
            continue
        seen[root] = True
        walk: list[tuple[int, Iterator[int]]] = [(root, iter(after[root]))]
        while walk:
            following = next((box for box in walk[-1][1] if not seen[box]), None)
            if following is None:
                left.append(walk.pop()[0])
            else:
                seen[following] = True
                walk.append((following, iter(after[following])))
    return left[::-1]


def layers(ways: Sequence[DownhillArrow], count: int) -> list[int]:
    """The layer of each box: as late as its users allow, but an output not later than it must.

    Args:
        ways: the arrows, without circles (see `downhill`).
        count: how many boxes there are.

    >>> ways = [DownhillArrow(0, 1), DownhillArrow(1, 2), DownhillArrow(3, 2), DownhillArrow(0, 4)]
    >>> layers(ways, count=5)  # 3 is used by 2 alone, 4 by none
    [0, 1, 2, 1, 1]
    """
    after: list[list[DownhillArrow]] = [[] for _ in range(count)]
    for way in ways:
        after[way.start].append(way)
    to_end = [0] * count
    for box in reversed(_order(_successors(ways, count))):
        for way in after[box]:
            to_end[box] = max(to_end[box], to_end[way.end] + way.least)
    last = max(to_end, default=0)
    found = [last - steps for steps in to_end]
    earliest: dict[int, int] = {}
    for way in ways:
        at = found[way.start] + way.least
        earliest[way.end] = max(at, earliest.get(way.end, at))
    return [at if after[box] else earliest.get(box, at) for box, at in enumerate(found)]


def reach(sketch: Sketch) -> int:
    """How many layers the arrows cross, all together."""
    ways = [way for way in downhill(sketch.links, len(sketch.boxes)) if way.start != way.end]
    layer = layers(ways, len(sketch.boxes))
    return sum(layer[way.end] - layer[way.start] for way in ways)


def aligned(sketch: Sketch, ways: Sequence[DownhillArrow], layer: Sequence[int]) -> list[int]:
    """The layers with each frame as early as what enters it allows, as a whole.

    So the neurons of a layer of a network begin in one layer of the picture, though each of them
    is used a little later than the one before.

    Args:
        sketch: the picture.
        ways: its arrows.
        layer: of each box, as `layers` finds them.
    """
    found, depth = list(layer), depths(sketch)
    home = [box.frame for box in sketch.boxes]
    for level in range(max(depth), 0, -1):
        found = _pulled(home, ways, found, [d == level for d in depth])
        home = [sketch.frames[f].parent if depth[f] == level else f for f in home]
    first = min(found, default=0)
    return [at - first for at in found]


def _pulled(
    home: Sequence[int], ways: Sequence[DownhillArrow], layer: Sequence[int], moves: Sequence[bool]
) -> list[int]:
    """The layers after some frames, which do not lie in each other, were moved."""
    found, home = list(layer), _with_leaves(home, ways)
    inside: list[list[int]] = [[] for _ in moves]
    entering: list[list[DownhillArrow]] = [[] for _ in moves]
    for box, frame in enumerate(home):
        inside[frame].append(box)
    for way in ways:
        if home[way.start] != home[way.end]:
            entering[home[way.end]].append(way)
    frames = [f for f, is_moved in enumerate(moves) if is_moved and inside[f] and entering[f]]
    for frame in sorted(frames, key=lambda f: (min(found[box] for box in inside[f]), f)):
        slack = min(found[way.end] - found[way.start] - way.least for way in entering[frame])
        for box in inside[frame]:
            found[box] -= slack
    return found


def _with_leaves(home: Sequence[int], ways: Sequence[DownhillArrow]) -> list[int]:
    """The frames of the boxes; of a leaf that one frame alone uses, that one."""
    found, users = list(home), dict[int, set[int]]()
    entered = {way.end for way in ways}
    for way in ways:
        if way.start not in entered:
            users.setdefault(way.start, set()).add(home[way.end])
    for leaf, some in users.items():
        if len(some) == 1:
            found[leaf] = min(some)
    return found


def common_frame(sketch: Sketch, depth: Sequence[int], one: int, other: int) -> int:
    """The innermost frame around two frames."""
    while one != other:
        if depth[one] >= depth[other]:
            one = sketch.frames[one].parent
        else:
            other = sketch.frames[other].parent
    return one


def depths(sketch: Sketch) -> list[int]:
    """How many frames are around each frame."""
    found = [0]
    for frame in sketch.frames[ROOT + 1 :]:
        found.append(found[frame.parent] + 1)
    return found


def tracks(
    sketch: Sketch, ways: Sequence[DownhillArrow], layer: Sequence[int]
) -> tuple[list[Track], list[int | None]]:
    """The tracks, and for each arrow the number of its own, if it has one.

    All arrows from a box share a track in each frame that some of them have in common with their
    ends, as the hyperedges of Sander ("Layout of directed hypergraphs with orthogonal hyperedges",
    2004) do. If there are too many, the longest are left out.
    """
    depth = depths(sketch)
    lasts: dict[Pair, int] = {}
    keys: list[Pair | None] = []
    for start, end, _ in ways:
        keys.append(None)
        if layer[end] - layer[start] > 1:
            frame = common_frame(sketch, depth, sketch.boxes[start].frame, sketch.boxes[end].frame)
            keys[-1] = key = (start, frame)
            lasts[key] = max(lasts.get(key, 0), layer[end] - 1)
    spans = {(s, frame): last - layer[s] for (s, frame), last in lasts.items()}
    left, kept = MOST_CROSSED, set[Pair]()
    for key in sorted(spans, key=spans.__getitem__):
        left -= spans[key]
        if left >= 0:
            kept.add(key)
    found = [Track(*key, layer[key[0]] + 1, lasts[key]) for key in lasts if key in kept]
    number = {(track.start, track.frame): i for i, track in enumerate(found)}
    return found, [None if key is None else number.get(key) for key in keys]
