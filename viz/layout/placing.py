"""Where the boxes of one frame lie across its layers: their order, then their coordinates.

An item is a box, a track or a whole inner frame: it crosses some layers and needs some room there.
Order: sweeps over the layers, in which items are sorted by the mean of their neighbours, first of
those behind them, then of those before them (the barycentre method of Sugiyama, Tagawa and Toda,
"Methods for visual understanding of hierarchical system structures", 1981). Coordinates: with the
order kept, each layer comes as near as it can to where its neighbours want it; of these the longest
chain counts first, so that it becomes a straight line (their priority method).

All numbers are whole, so that every Python gives the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

_SWEEPS = 4
_ROUNDS = 4
_FAR = 10**12
_STRAIGHT = 1000  # how much more the wish of an item in a chain weighs


class Item(NamedTuple):
    """What takes room in some layers."""

    first: int
    last: int
    half: int
    """How much room it needs on either side of its middle."""
    soft: bool = False
    """Whether it goes where others want it, and pulls none: a track."""


class Pull(NamedTuple):
    """An arrow: the item `end` would like to lie `shift` beyond the item `start`."""

    start: int
    end: int
    shift: int


_Neighbours: TypeAlias = list[list[tuple[int, int]]]


def place(items: Sequence[Item], pulls: Sequence[Pull]) -> list[int]:
    """The middle of each item, so that no two overlap in a layer; the first room begins at 0.

    Args:
        items: in the order in which they lie where nothing else orders them.
        pulls: the arrows between them.

    >>> items = [Item(0, 0, 5), Item(0, 0, 5), Item(1, 1, 5)]
    >>> place(items, [Pull(0, 2, 0), Pull(1, 2, 0)])
    [5, 15, 10]
    """
    middle = [0] * len(items)
    bottom = [0] * (max((item.last for item in items), default=0) + 1)
    for part, inside in _parts(len(items), pulls):
        some = [items[i] for i in part]
        found = _Part(some, inside).lay_out() if inside else [0] * len(part)
        for i, place in zip(part, _dropped(some, found, bottom), strict=True):
            middle[i] = place
    return middle


def _parts(count: int, pulls: Sequence[Pull]) -> Iterator[tuple[list[int], list[Pull]]]:
    """The items that hang together, by their first, and the arrows by their places in the part."""
    head = list(range(count))  # a forest: from each item a way to the first of its part
    for start, end, _ in pulls:
        one, other = _head(head, start), _head(head, end)
        head[max(one, other)] = min(one, other)
    parts: dict[int, list[int]] = {}
    number = [0] * count
    for i in range(count):
        part = parts.setdefault(_head(head, i), [])
        number[i] = len(part)
        part.append(i)
    inside: dict[int, list[Pull]] = {}
    for start, end, shift in pulls:
        found = inside.setdefault(_head(head, start), [])
        found.append(Pull(number[start], number[end], shift))
    return ((part, inside.get(first, [])) for first, part in parts.items())


def _head(head: list[int], i: int) -> int:
    while head[i] != i:
        head[i] = i = head[head[i]]  # halve the way for the next who asks
    return i


def _dropped(items: Sequence[Item], middles: Sequence[int], bottom: list[int]) -> list[int]:
    """A part, moved as a whole to where it touches those that lie already."""
    shift = max(
        max(bottom[item.first : item.last + 1]) - middle + item.half
        for item, middle in zip(items, middles, strict=True)
    )
    for item, middle in zip(items, middles, strict=True):
        edge = middle + shift + item.half
        for layer in range(item.first, item.last + 1):
            bottom[layer] = max(bottom[layer], edge)
    return [middle + shift for middle in middles]


class _Part:
    """Items that hang together, to be laid out without regard to others."""

    def __init__(self, items: Sequence[Item], pulls: Sequence[Pull]) -> None:
        self.items = items
        self.all = range(len(items))
        self.before: _Neighbours = [[] for _ in items]
        self.after: _Neighbours = [[] for _ in items]
        for start, end, shift in pulls:
            self.before[end].append((start, shift))
            self.after[start].append((end, -shift))
        self.middle = [0] * len(items)
        self.straight: set[int] = set()
        self.start = min(item.first for item in items)
        self.width = max(item.last for item in items) + 1 - self.start

    def lay_out(self) -> list[int]:
        """The coordinates; see `place`."""
        entered = self._by_layer([item.first for item in self.items])
        left = self._by_layer([item.last for item in self.items])[::-1]
        operands, users = self._spines(self.before, entered), self._spines(self.after, left)
        self.straight = {j for near in operands for j, _ in near if self.before[j]}
        # What is not in a chain follows its users alone, else it would be drawn away from them.
        side = {i for i in self.all if self.after[i]} - self.straight
        operands = [[] if i in side else near for i, near in enumerate(operands)]
        for layer in entered:
            self._settle(layer, [0] * len(layer))
        for _ in range(_SWEEPS):
            self._order(left, self.after, users)
            self._order(entered, self.before, operands)
        order = sorted(self.all, key=lambda i: (self.middle[i], i))
        self._put(order, self._pushed(order, [self.middle[i] for i in order]))
        self._straighten(order, operands, users, side)
        return self.middle

    def _straighten(
        self, order: Sequence[int], operands: _Neighbours, users: _Neighbours, side: set[int]
    ) -> None:
        """Draw chains straight, in that order, and what is beside them near to them."""
        both = [b + a for b, a in zip(self.before, self.after, strict=True)]
        rows = self._rows(order)
        for _ in range(_ROUNDS):
            self._move_wide(order, both)
            self._sweep(rows[::-1], users)
            self._sweep(rows, operands)
        self._sweep(rows[::-1], [near if i in side else [] for i, near in enumerate(users)])

    def _by_layer(self, layers: list[int]) -> list[list[int]]:
        """The items of each layer."""
        found: list[list[int]] = [[] for _ in range(self.width)]
        for i, layer in enumerate(layers):
            found[layer - self.start].append(i)
        return [layer for layer in found if layer]

    def _spines(self, neighbours: _Neighbours, layers: Sequence[Sequence[int]]) -> _Neighbours:
        """Of the neighbours of each item those at the end of the longest way, tracks last.

        An item that follows these alone makes long chains straight, and one with several equal
        operands lies in their middle.
        """
        items, far = self.items, [0] * len(self.items)
        found: _Neighbours = [[] for _ in items]
        place = {i: k for k, layer in enumerate(layers) for i in layer}
        for layer in layers:
            for i in layer:
                near = neighbours[i]
                most = max((-1 if items[j].soft else far[j] for j, _ in near), default=0)
                found[i] = [n for n in near if (-1 if items[n[0]].soft else far[n[0]]) == most]
                earlier = (far[j] for j, _ in near if place[j] < place[i])
                far[i] = max(earlier, default=-1) + 1
        return found

    def _put(self, order: Sequence[int], places: Sequence[int]) -> None:
        for i, place in zip(order, places, strict=True):
            self.middle[i] = place

    def _order(
        self, layers: Sequence[Sequence[int]], neighbours: _Neighbours, spines: _Neighbours
    ) -> None:
        """Order each layer by the means of the neighbours there, as if nothing crossed it."""
        middle = self.middle
        for layer in layers:
            means = self._means(layer, neighbours)
            wished = sorted(zip(means, (middle[i] for i in layer), layer, strict=True))
            order = [i for *_, i in wished]
            self._settle(order, self._means(order, spines))

    def _rows(self, order: Sequence[int]) -> list[list[int]]:
        """What lies in each layer in which not everything is wide, in that order."""
        rows: list[list[int]] = [[] for _ in range(self.width)]
        for i in order:
            item = self.items[i]
            for layer in range(item.first, item.last + 1):
                rows[layer - self.start].append(i)
        return [row for row in rows if not all(map(self._is_wide, row))]

    def _is_wide(self, i: int) -> bool:
        """Whether an item crosses several layers."""
        return self.items[i].first != self.items[i].last

    def _move_wide(self, order: Sequence[int], neighbours: _Neighbours) -> None:
        """Move what crosses several layers nearer to its neighbours, and push aside the rest."""
        if any(map(self._is_wide, order)):
            means = self._means(order, neighbours)
            wishes = [
                mean if self._is_wide(i) else self.middle[i]
                for i, mean in zip(order, means, strict=True)
            ]
            self._put(order, self._pushed(order, wishes))

    def _sweep(self, rows: Sequence[Sequence[int]], neighbours: _Neighbours) -> None:
        """Move what lies in one layer, layer after layer, to between what crosses it."""
        for row in rows:
            low, some = -_FAR, list[int]()
            for i in row:
                if self._is_wide(i):
                    high = self.middle[i] - self.items[i].half
                    self._settle(some, self._means(some, neighbours), low, high)
                    low, some = self.middle[i] + self.items[i].half, []
                else:
                    some.append(i)
            self._settle(some, self._means(some, neighbours), low)

    def _means(self, order: Sequence[int], neighbours: _Neighbours) -> list[int]:
        """Where items would like to lie; one without neighbours stays."""
        middle, means = self.middle, []
        for i in order:
            near = neighbours[i]
            means.append(
                sum(middle[j] + shift for j, shift in near) // len(near) if near else middle[i]
            )
        return means

    def _settle(
        self, row: Sequence[int], wishes: Sequence[int], low: int = -_FAR, high: int = _FAR
    ) -> None:
        """Put items above each other as near to their wishes as they can lie.

        Without the room of those before, their places must not fall: the least sum of squares is
        found by pooling neighbours that would (Ayer et al., "An empirical distribution function for
        sampling with incomplete information", 1955). An item in a chain weighs more than others.

        Args:
            row: the items, in their order.
            wishes: where each of them would like to have its middle.
            low: where their room begins.
            high: where it ends.
        """
        room = 0
        pools: list[tuple[int, int, int]] = []  # the place, the weight, how many
        for i, wish in zip(row, wishes, strict=True):
            half = self.items[i].half
            pool = wish - room - half, _STRAIGHT if i in self.straight else 1, 1
            while pools and pools[-1][0] >= pool[0]:
                (one, weight, count), (other, more, others) = pools.pop(), pool
                all_weight = weight + more
                place = (2 * (one * weight + other * more) + all_weight) // (2 * all_weight)
                pool = place, all_weight, count + others
            pools.append(pool)
            room += 2 * half
        at, number = 0, 0
        for place, _, count in pools:
            place = max(min(place, high - room), low)
            for i in row[number : number + count]:
                at += self.items[i].half
                self.middle[i] = place + at
                at += self.items[i].half
            number += count

    def _pushed(self, order: Sequence[int], wishes: Sequence[int]) -> list[int]:
        """As near to their wishes as items can lie which cross layers, if not as near as possible.

        They are pushed down as far as they must, then up, and lie in the mean of the two, which is
        as free of overlaps as both.
        """
        spans = [
            (slice(item.first - self.start, item.last + 1 - self.start), item.half)
            for item in (self.items[i] for i in order)
        ]
        down, up = [], []
        edge = [-_FAR] * self.width
        for (span, half), wish in zip(spans, wishes, strict=True):
            down.append(max(wish, max(edge[span]) + half))
            edge[span] = [down[-1] + half] * (span.stop - span.start)
        edge = [_FAR] * self.width
        for (span, half), wish in zip(reversed(spans), reversed(wishes), strict=True):
            up.append(min(wish, min(edge[span]) - half))
            edge[span] = [up[-1] - half] * (span.stop - span.start)
        return [(one + other) // 2 for one, other in zip(down, reversed(up), strict=True)]
