"""The lines that connect the rows of a text drawing, each in a column of its own, its lane.

Every row has a value. Its lane leads the value down, past other rows, to the last row that uses it;
that row, or a later one, may then take the lane. So the drawing has as many lanes as values are
alive at once, like the registers of a program.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate

# The character where a row joins a lane, by whether lines go on to the left, right and down.
_JOINTS = {
    (False, True, True): "├", (True, False, True): "┤", (True, True, True): "┼",
    (False, True, False): "╰", (True, False, False): "╯", (True, True, False): "┴",
}  # fmt: skip


@dataclass(frozen=True)
class Strip:
    """The lanes beside one row."""

    place: int
    """The column of the row's own mark."""
    above: Set[int]
    """The lanes that come from above."""
    below: Set[int]
    """The lanes that go on below."""
    joined: Sequence[int]
    """The lanes of the values that the row uses."""
    named: Sequence[int]
    """The rows whose values it uses without a lane."""

    def text(self, mark: str) -> str:
        """The row's lanes with its mark; a lane that the row does not use is not interrupted.

        >>> Strip(2, {0, 1}, {0, 1, 2}, [0], []).text("●")
        '├─│─●'
        """
        ends = [self.place, *self.joined]
        first, last = min(ends), max(ends)
        text = ""
        for column in range(max([last, *self.above]) + 1):
            if column:
                text += "─" if first < column <= last else " "
            text += mark if column == self.place else self._glyph(column, first, last)
        return text

    def _glyph(self, column: int, first: int, last: int) -> str:
        if column in self.joined:
            return _JOINTS[column > first, column < last, column in self.below]
        if column in self.above:
            return "│"
        return "─" if first < column < last else " "

    def after(self) -> str:
        """The lanes beside a line of text below the row.

        >>> Strip(2, {0, 1}, {0, 2}, [1], []).after()
        '│   │'
        """
        last = max(self.below, default=-1)
        return " ".join("│" if column in self.below else " " for column in range(last + 1))


def strips(sources: Sequence[Iterable[int]], most: int) -> list[Strip]:
    """Return the lanes beside each row, given the rows whose values it uses.

    At most `most` lanes fit side by side. Where more values are alive, those that live longest get
    none, and the rows that use them name them. So do rows that use a value from below.

    >>> [strip.text("●") for strip in strips([[], [], [0, 1], [2, 0]], most=9)]
    ['●', '│ ●', '├─●', '●─╯']
    >>> [strip.named for strip in strips([[], [], [0, 1], [2, 0]], most=1)]
    [[], [], [0], [0]]
    """
    used = [list(dict.fromkeys(row)) for row in sources]
    last = [-1] * len(used)  # the last row that uses each value
    for i, row in enumerate(used):
        for source in row:
            if source < i:
                last[source] = i
    carried = _carried(last, most)
    width = _most_alive(last, carried)
    lane: dict[int, int] = {}
    taken: set[int] = set()
    found = []
    for i, row in enumerate(used):
        joined = {source: lane[source] for source in row if source in lane}
        named = [source for source in row if source not in lane]
        ending = [column for source, column in joined.items() if last[source] == i]
        above = frozenset(taken)
        place = min(ending) if ending else _free(taken, width)
        taken.difference_update(ending)
        if carried[i]:
            taken.add(place)
            lane[i] = place
        found.append(Strip(place, above, frozenset(taken), [*joined.values()], named))
    return found


def _carried(last: Sequence[int], most: int) -> list[bool]:
    """Return for each row if its value has a lane, for as many values as possible."""
    carried = [end > i for i, end in enumerate(last)]
    alive: list[int] = []
    for i, end in enumerate(last):
        alive = [value for value in alive if last[value] > i] + [i] * (end > i)
        if len(alive) > most:
            longest = max(alive, key=lambda value: last[value])
            alive.remove(longest)
            carried[longest] = False
    return carried


def _most_alive(last: Sequence[int], carried: Sequence[bool]) -> int:
    change = [0] * (len(last) + 1)
    for i in filter(carried.__getitem__, range(len(last))):
        change[i] += 1
        change[last[i]] -= 1
    return max(accumulate(change))


def _free(taken: Set[int], width: int) -> int:
    """The column right of all lanes if there is room, else the leftmost free one."""
    beside = max(taken, default=-1) + 1
    return beside if beside < width else min({*range(width + 1)} - taken)
