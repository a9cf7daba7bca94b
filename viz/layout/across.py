"""Where the parts of a picture lie across its layers: frame by frame, the inner before the outer.

An inner frame is to the outer one what a box is: an item of some size (see `viz.layout.placing`).
"""

from __future__ import annotations

from viz.layout.measure import Size
from viz.layout.placing import Item, Pull, place
from viz.layout.ranks import Pair, aligned, common_frame, depths, downhill, layers, tracks
from viz.layout.sketch import ROOT, Sketch

PAD = 8
"""How far what lies in a frame is from its border."""

_APART = 12  # from a box to the next in its layer
_LANE = 8  # the width of a track
_BESIDE = 12  # between the labels on both sides of what arrives from above


class Layers:
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


class Across:
    """Coordinates across the layers."""

    def __init__(self, plan: Layers) -> None:
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
        room = PAD - _APART // 2
        if self.plan.sketch.flat:
            return room + label.height, room, 0
        return room, room, label.width + 2 * PAD
