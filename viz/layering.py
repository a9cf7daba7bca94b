"""A layout of our own for pictures that are too large for `dot`: one of few steps, each quick.

Boxes lie in layers (`viz.ranks`). Each frame is laid out on its own (`viz.placing`), the inner
before the outer, where it is an item as a box is. Arrows bend in the gaps between layers, and long
ones run through the layers on tracks, so that none crosses a box. The time grows with the boxes,
the arrows and the layers that tracks and frames cross; both are left out where that is too much.

Points are along the layers, then across them: x and y where arrows go from left to right.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, TypeAlias

from viz.measure import Size
from viz.placing import Item, Pull, place
from viz.ranks import Pair, aligned, common_frame, depths, downhill, layers, tracks
from viz.sketch import ROOT, Sketch

_APART = 12  # from a box to the next in its layer
_LANE = 8  # the width of a track
_PAD = 8  # from the border of a frame to what lies in it
_GAP = 30  # between two layers, at least
_STEEP = 6  # a gap is at least this share of how far its arrows lead across, up to a limit
_WIDEST_GAP = 160
_PORTS = 31  # from the end of an arrow to the next at a box, where there is room
_BESIDE = 12  # the same from above, where labels lie on both sides
_MOST_CROSSED = 2_000_000  # layers, by all frames together
_STEM = 9  # how far an arrow goes straight at the border of a layer: longer than its head

Point: TypeAlias = tuple[int, int]


class Rectangle(NamedTuple):
    """Two corners."""

    low: Point
    high: Point


class Route(NamedTuple):
    """The way of an arrow, from the layer of its one end to the later one of its other."""

    points: list[Point]
    """Straight to the second, bent to the third, straight to the fourth, and so on."""
    turned: bool
    """Whether the arrow leads from the last point to the first."""


class Layout(NamedTuple):
    """Where everything lies."""

    boxes: list[Point]
    """The middle of each box."""
    frames: list[Rectangle | None]
    """None for the whole picture and for a frame in which there is nothing."""
    routes: list[Route | None]
    """None for an arrow from a box to itself."""
    size: Point
    """How far it reaches along the layers and across them."""


def layout(sketch: Sketch) -> Layout:
    """Lay a picture out.

    >>> from viz.sketch import sketch
    >>> found = layout(sketch('''digraph chainrule {
    ...   n0 [label="x"]
    ...   n1 [label="y"]
    ...   n0 -> n1 [id="e0"]
    ... }'''))
    >>> [x for x, y in found.boxes], [y for x, y in found.boxes]
    ([10, 78], [0, 0])
    """
    plan = _Layers(sketch)
    if sum(last - first for first, last in plan.spans[plan.first_frame :]) > _MOST_CROSSED:
        boxes = [box._replace(frame=ROOT) for box in sketch.boxes]
        plan = _Layers(replace(sketch, boxes=boxes))
    across = _Across(plan)
    along = _Along(plan, across)
    return Layout(
        [(along.middle[plan.layer[i]], across.middle[i]) for i in range(len(sketch.boxes))],
        [None, *(along.frame(i, across) for i in range(1, len(sketch.frames)))],
        [along.route(i, across) for i in range(len(sketch.links))],
        (along.left[-1] + along.width[-1], across.size[plan.first_frame]),
    )


class _Layers:
    """What lies in which layers: boxes, then tracks, then frames, numbered on."""

    def __init__(self, sketch: Sketch) -> None:
        self.sketch = sketch
        boxes, frames = sketch.boxes, sketch.frames
        self.arrows = downhill(sketch.links, len(boxes))
        ways = [way for way in self.arrows if way.start != way.end]
        self.layer = aligned(sketch, ways, layers(ways, len(boxes)))
        self.tracks, self.track_of = tracks(sketch, self.arrows, self.layer)
        self.first_track, self.first_frame = len(boxes), len(boxes) + len(self.tracks)
        self.home = [box.frame for box in boxes] + [track.frame for track in self.tracks]
        self.home += [frame.parent for frame in frames]
        self.spans = [(at, at) for at in self.layer]
        self.spans += [(track.first, track.last) for track in self.tracks]
        self.spans += self._frame_spans()
        self.count = max(self.layer, default=0) + 1
        self.along = [self.turn(box.size)[0] + box.border for box in boxes]
        self.across = [self.turn(box.size)[1] + box.border for box in boxes]
        self.room = self._room()

    def turn(self, size: Size) -> Pair:
        """A size along the layers and across them."""
        return (size.width, size.height) if self.sketch.flat else (size.height, size.width)

    def _room(self) -> list[int]:
        """How much room each box needs across, with the labels beside what arrives from above."""
        found = list(self.across)
        if not self.sketch.flat:
            for (_, end, _), link in zip(self.arrows, self.sketch.links, strict=True):
                found[end] = max(found[end], 2 * link.label.width + _BESIDE)
        return found

    def _frame_spans(self) -> list[Pair]:
        """The first and the last layer of each frame; -1 is the last one of an empty one."""
        nothing = (len(self.layer), -1)
        found = [nothing] * len(self.sketch.frames)
        for frame, (first, last) in zip(self.home, self.spans, strict=False):
            found[frame] = min(found[frame][0], first), max(found[frame][1], last)
        for i in range(len(found) - 1, ROOT, -1):
            around = self.sketch.frames[i].parent
            found[around] = min(found[around][0], found[i][0]), max(found[around][1], found[i][1])
        return found


class _Across:
    """Coordinates across the layers."""

    def __init__(self, plan: _Layers) -> None:
        self.plan = plan
        self.size = list(plan.room) + [0] * (len(plan.home) - len(plan.room))
        self.middle = [0] * len(plan.home)  # for now from the middle of the frame around
        links = self._links()
        members: list[list[int]] = [[] for _ in plan.sketch.frames]
        for thing, home in enumerate(plan.home):
            if thing != plan.first_frame and plan.spans[thing][1] >= 0:
                members[home].append(thing)
        for frame in range(len(members) - 1, -1, -1):
            self._fill(frame, members[frame], links[frame])
        for frame, inside in enumerate(members):
            for thing in inside:
                self.middle[thing] += self.middle[plan.first_frame + frame]

    def _links(self) -> list[list[Pair]]:
        """Between what each frame wants to see short ways: its arrows, by way of their tracks."""
        plan = self.plan
        depth = depths(plan.sketch)
        found: list[list[Pair]] = [[] for _ in plan.sketch.frames]
        for i, track in enumerate(plan.tracks):
            found[track.frame].append((track.start, plan.first_track + i))
        for (start, end, _), way in zip(plan.arrows, plan.track_of, strict=True):
            if start != end:
                frame = common_frame(plan.sketch, depth, plan.home[start], plan.home[end])
                found[frame].append((start if way is None else plan.first_track + way, end))
        return found

    def _fill(self, frame: int, inside: list[int], links: list[Pair]) -> None:
        """Place what lies in a frame, and find how large that makes it."""
        plan, number = self.plan, {thing: i for i, thing in enumerate(inside)}
        pulls = []
        for link in links:
            (start, beyond), (end, before) = (self._seen_from(frame, thing) for thing in link)
            pulls.append(Pull(number[start], number[end], beyond - before))
        items = [
            Item(*plan.spans[thing], self._half(thing), self._is_track(thing)) for thing in inside
        ]
        found = place(items, pulls)
        near, far, least = self._margins(frame)
        ends = (at + item.half for at, item in zip(found, items, strict=True))
        size = max(max(ends, default=0) + near + far, least)
        self.size[plan.first_frame + frame] = size
        for thing, at in zip(inside, found, strict=True):
            self.middle[thing] = near + at - size // 2

    def _seen_from(self, frame: int, thing: int) -> tuple[int, int]:
        """What lies in the frame itself and holds the thing, and where in that the thing is."""
        offset = 0
        while self.plan.home[thing] != frame:
            offset += self.middle[thing]
            thing = self.plan.first_frame + self.plan.home[thing]
        return thing, offset

    def _is_track(self, thing: int) -> bool:
        return self.plan.first_track <= thing < self.plan.first_frame

    def _half(self, thing: int) -> int:
        if self._is_track(thing):
            return _LANE // 2
        return (self.size[thing] + _APART + 1) // 2

    def _margins(self, frame: int) -> tuple[int, int, int]:
        """The room before and behind what lies in a frame, beside its own; the least size."""
        if frame == ROOT:
            return 0, 0, 0
        label = self.plan.sketch.frames[frame].label
        room = _PAD - _APART // 2
        if self.plan.sketch.flat:
            return room + label.height, room, 0
        return room, room, label.width + 2 * _PAD


class _Along:
    """Coordinates along the layers, and the ways of arrows."""

    def __init__(self, plan: _Layers, across: _Across) -> None:
        self.plan = plan
        self.width = [0] * plan.count
        for at, size in zip(plan.layer, plan.along, strict=True):
            self.width[at] = max(self.width[at], size)
        self.port = self._ports(across)
        self.opening, self.closing = self._borders()
        self.lettered = self._labels()
        gaps = self._gaps(across)
        self._widen(gaps)
        self.left = [0] * plan.count
        for at in range(1, plan.count):
            self.left[at] = self.left[at - 1] + self.width[at - 1] + gaps[at]
        self.middle = [x + size // 2 for x, size in zip(self.left, self.width, strict=True)]

    def _ports(self, across: _Across) -> list[int]:
        """Where each arrow arrives at its box, in the order in which they come from."""
        plan = self.plan
        arriving: list[list[int]] = [[] for _ in plan.layer]
        for i, (_, end, _) in enumerate(plan.arrows):
            arriving[end].append(i)
        found = [0] * len(plan.arrows)
        for end, some in enumerate(arriving):
            some.sort(key=lambda i: (across.middle[self._from(i)], i))
            most = _PORTS if plan.sketch.flat else _BESIDE
            apart = min(most, (plan.across[end] - 12) // max(len(some) - 1, 1))
            for k, i in enumerate(some):
                found[i] = across.middle[end] + (2 * k - len(some) + 1) * apart // 2
        return found

    def _from(self, arrow: int) -> int:
        """What the last bend of an arrow comes from: its start or its track."""
        way = self.plan.track_of[arrow]
        return self.plan.arrows[arrow][0] if way is None else self.plan.first_track + way

    def _borders(self) -> tuple[list[int], list[int]]:
        """How far each frame reaches beyond its first and its last layer."""
        plan, frames = self.plan, self.plan.sketch.frames
        opening, closing = [0] * len(frames), [0] * len(frames)
        for i in range(len(frames) - 1, ROOT, -1):
            around = frames[i].parent
            own, its = plan.spans[plan.first_frame + i], plan.spans[plan.first_frame + around]
            opening[i] += _PAD + (0 if plan.sketch.flat else frames[i].label.height)
            closing[i] += _PAD
            if own[0] == its[0]:
                opening[around] = max(opening[around], opening[i])
            if own[1] == its[1]:
                closing[around] = max(closing[around], closing[i])
        return opening, closing

    def _gaps(self, across: _Across) -> list[int]:
        """The width of the gap before each layer: for its arrows, their labels and borders."""
        plan = self.plan
        room = [_GAP] * (plan.count + 1)
        for i, (_, end, _) in enumerate(plan.arrows):
            at, lead = plan.layer[end], abs(self.port[i] - across.middle[self._from(i)])
            room[at] = max(room[at], min(lead // _STEEP, _WIDEST_GAP))
        for i, track in enumerate(plan.tracks):
            lead = abs(across.middle[plan.first_track + i] - across.middle[track.start])
            room[track.first] = max(room[track.first], min(lead // _STEEP, _WIDEST_GAP))
        opening, closing = [0] * (plan.count + 1), [0] * (plan.count + 1)
        for i in range(1, len(plan.sketch.frames)):
            first, last = plan.spans[plan.first_frame + i]
            if last >= 0:
                opening[first] = max(opening[first], self.opening[i])
                closing[last + 1] = max(closing[last + 1], self.closing[i])
        parts = zip(room, self.lettered, opening, closing, strict=False)
        return [sum(widths) + 2 * _STEM for widths in parts]

    def _labels(self) -> list[int]:
        """How much room the labels before each layer need."""
        plan = self.plan
        room = [0] * plan.count
        for (_, end, _), link in zip(plan.arrows, plan.sketch.links, strict=True):
            at = plan.layer[end]
            room[at] = max(room[at], plan.turn(link.label)[0])
        return room

    def _widen(self, gaps: list[int]) -> None:
        """Make room for the labels of frames that are longer than what lies in them."""
        plan = self.plan
        if not plan.sketch.flat:
            return
        for i in range(len(plan.sketch.frames) - 1, ROOT, -1):
            first, last = plan.spans[plan.first_frame + i]
            lacking = plan.sketch.frames[i].label.width + _PAD
            for at in range(first, last + 1):
                lacking -= self.width[at] + (gaps[at] if at > first else 0)
                if lacking <= 0:
                    break
            else:
                if last >= 0:
                    self.width[first] += lacking

    def frame(self, frame: int, across: _Across) -> Rectangle | None:
        """The border of a frame."""
        thing = self.plan.first_frame + frame
        first, last = self.plan.spans[thing]
        if last < 0:
            return None
        low = across.middle[thing] - across.size[thing] // 2
        return Rectangle(
            (self.left[first] - self.opening[frame], low),
            (self._right(last) + self.closing[frame], low + across.size[thing]),
        )

    def _right(self, layer: int) -> int:
        return self.left[layer] + self.width[layer]

    def route(self, arrow: int, across: _Across) -> Route | None:
        """The way of an arrow."""
        plan = self.plan
        start, end, _ = plan.arrows[arrow]
        if start == end:
            return None
        begin, port = across.middle[start], self.port[arrow]
        one, other = plan.layer[start], plan.layer[end]
        points = [
            (self.middle[one] + (plan.along[start] + 1) // 2, begin),
            (self._right(one) + _STEM, begin),
        ]
        way = plan.track_of[arrow]
        if way is not None:
            lane = across.middle[plan.first_track + way]
            points += [
                (self.left[one + 1] - _STEM, lane),
                (self._right(other - 1) + _STEM, lane),
            ]
        points += [
            (self.left[other] - _STEM - self.lettered[other], port),
            (self.middle[other] - (plan.along[end] + 1) // 2, port),
        ]
        return Route(points, plan.sketch.links[arrow].start != start)
