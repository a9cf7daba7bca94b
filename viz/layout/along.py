"""Where layers lie one behind the other, and the ways of arrows: they bend in the gaps between.

A gap has room for the borders of frames, for the bends, which are the longer the farther they lead
across, and for labels, along which arrows are straight.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from viz.layout.across import PAD, Across, Layers
from viz.layout.sketch import ROOT

_GAP = 30  # between two layers, at least
_STEEP = 6  # a bend is at least this share of how far it leads across, up to a limit
_WIDEST_BEND = 160
_PORTS = 31  # from the end of an arrow to the next at a box, where there is room
_NARROW_PORTS = 12  # the same from above, where labels lie on both sides
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


class Along:
    """Coordinates along the layers, and the ways of arrows."""

    def __init__(self, plan: Layers, across: Across) -> None:
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

    def _ports(self, across: Across) -> list[int]:
        """Where each arrow arrives at its box, in the order in which they come from."""
        plan = self.plan
        arriving: list[list[int]] = [[] for _ in plan.layer]
        for i, (_, end, _) in enumerate(plan.arrows):
            arriving[end].append(i)
        found = [0] * len(plan.arrows)
        for end, some in enumerate(arriving):
            some.sort(key=lambda i: (across.middle[self._from(i)], i))
            most = _PORTS if plan.sketch.flat else _NARROW_PORTS
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
            opening[i] += PAD + (0 if plan.sketch.flat else frames[i].label.height)
            closing[i] += PAD
            if own[0] == its[0]:
                opening[around] = max(opening[around], opening[i])
            if own[1] == its[1]:
                closing[around] = max(closing[around], closing[i])
        return opening, closing

    def _gaps(self, across: Across) -> list[int]:
        """The width of the gap before each layer: for its arrows, their labels and borders."""
        plan = self.plan
        room = [_GAP] * (plan.count + 1)
        for i, (_, end, _) in enumerate(plan.arrows):
            at, lead = plan.layer[end], abs(self.port[i] - across.middle[self._from(i)])
            room[at] = max(room[at], min(lead // _STEEP, _WIDEST_BEND))
        for i, track in enumerate(plan.tracks):
            lead = abs(across.middle[plan.first_track + i] - across.middle[track.start])
            room[track.first] = max(room[track.first], min(lead // _STEEP, _WIDEST_BEND))
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
            lacking = plan.sketch.frames[i].label.width + PAD
            for at in range(first, last + 1):
                lacking -= self.width[at] + (gaps[at] if at > first else 0)
                if lacking <= 0:
                    break
            else:
                if last >= 0:
                    self.width[first] += lacking

    def frame(self, frame: int, across: Across) -> Rectangle | None:
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

    def route(self, arrow: int, across: Across) -> Route | None:
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
