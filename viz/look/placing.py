"""The places of cards: columns, the order in them, and the ways of arrows into frames.

A layer is a column of its neurons, and the items of an input are one. `dot` ranks a card by the
longest path to it, so the weights of a later layer would lie beside the first one: they come after
what their frame receives. And it leads no arrow through a frame: an arrow to a node behind the
first rank of a frame would come from above or below, through other frames. Such an arrow passes a
joint in the first rank.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from viz.look.picture import Placing
from viz.selection.frames import DEPTH, Scope, common, split_name
from viz.snapshot.snapshot import End, ShownArrow, ShownBox, ShownNode, ShownStub, Snapshot

_NUMBER = re.compile(r"\d+")


def place(snapshot: Snapshot) -> Placing:
    """Decide the places of what is drawn.

    >>> from autograd import Graph, Value
    >>> from viz.snapshot.take import take
    >>> x = [Value(float(i), f"x[{i}]") for i in range(11)]
    >>> graph = Graph(x[10] * 2.0 + x[2] * 3.0)
    >>> place(take(graph)).columns
    (('n3', 'n0'),)
    """
    return _Placer(snapshot).place()


class _Placer:
    def __init__(self, snapshot: Snapshot) -> None:
        self.ends, self.arrows = snapshot.ends, snapshot.arrows
        self.rank: dict[End, int] = dict.fromkeys((*self.ends, *snapshot.stubs), 0)
        self.uses: dict[End, list[End]] = {end: [] for end in self.rank}
        self.operands: dict[End, list[End]] = {end: [] for end in self.rank}
        for arrow in sorted(self.arrows, key=lambda arrow: arrow.end.place):
            self.rank[arrow.end] = max(self.rank[arrow.end], self.rank[arrow.start] + 1)
            self.uses[arrow.start].append(arrow.end)
            self.operands[arrow.end].append(arrow.start)

    def place(self) -> Placing:
        layers = [c for c in self._families(_layer) if len({self.rank[end] for end in c}) == 1]
        inputs = [c for c in self._families(self._input) if len(set(map(self._first, c))) == 1]
        weights = [self._with_joints(column) for column in self._families(self._weight)]
        columns = [[end.id for end in column] for column in layers + inputs] + weights
        before = tuple(dict.fromkeys(self._before()))
        return Placing(self.joints, tuple(map(tuple, columns)), before, bool(layers))

    def _families(self, named: Callable[[End], str]) -> Iterator[list[ShownNode | ShownBox]]:
        """Yield what has one name but for a number, in one frame, unless one leads to another."""
        families: dict[object, list[ShownNode | ShownBox]] = {}
        for end in self.ends:
            if _NUMBER.search(name := named(end)):
                families.setdefault((end.scope, _NUMBER.sub("", name)), []).append(end)
        for family in families.values():
            inside = set(family)
            if len(family) > 1 and inside.isdisjoint(u for end in family for u in self.uses[end]):
                yield sorted(family, key=lambda e: [int(n) for n in _NUMBER.findall(named(e))])

    def _input(self, end: End) -> str:
        return "" if end.scope else self._leaf(end)

    def _weight(self, end: End) -> str:
        return split_name(self._leaf(end))[1] if end.scope else ""

    def _leaf(self, end: End) -> str:
        """The name of a leaf."""
        return end.name or "" if isinstance(end, ShownNode) and not self.operands[end] else ""

    def _first(self, end: End) -> int:
        """The rank of the first use of a card."""
        return min((self.rank[use] for use in self.uses[end]), default=0)

    @cached_property
    def joints(self) -> dict[int, str]:
        """The joints of the arrows into frames that have cards to which nothing leads."""
        begins = {
            end.scope[:n] for end in self.ends if not self.operands[end] for n in range(DEPTH + 1)
        }
        entered = enumerate(map(_entered, self.arrows))
        return {i: f"j{i}" for i, frame in entered if frame and frame in begins}

    def _with_joints(self, column: Sequence[ShownNode | ShownBox]) -> list[str]:
        """Put the joints of arrows to a use of a leaf above the leaf, unless it leads to them."""
        arrows = {i: self.arrows[i] for i in self.joints}
        free = {i: a.end for i, a in arrows.items() if self._behind(a.start).isdisjoint(column)}
        ids: list[str] = []
        for end in column:
            beside = [
                i for i, use in free.items() if use in self.uses[end] and use.scope == end.scope
            ]
            ids += [*(self.joints[i] for i in beside), end.id]
            for i in beside:
                del free[i]
        return ids

    def _before(self) -> Iterator[tuple[str, str]]:
        """Yield the last card that leads into a frame, and the leaves that are used beside it."""
        entering: dict[Scope, list[ShownArrow]] = {}
        for arrow in self.arrows:
            if frame := _entered(arrow):
                for depth in range(len(frame), len(arrow.end.scope) + 1):
                    entering.setdefault(arrow.end.scope[:depth], []).append(arrow)
        for frame, arrows in entering.items():
            last = max((arrow.start for arrow in arrows), key=lambda e: (self.rank[e], e.place))
            behind = self._behind(last)
            for leaf in (leaf for arrow in arrows for leaf in self.operands[arrow.end]):
                is_inside = not self.operands[leaf] and leaf.scope[: len(frame)] == frame
                if is_inside and leaf not in behind:
                    yield last.id, leaf.id

    def _behind(self, end: End) -> set[End]:
        """The cards that lead to a card."""
        behind: set[End] = set()
        pending = [end]
        while pending:
            new = set(self.operands[pending.pop()]) - behind
            behind |= new
            pending += new
        return behind


def _layer(end: End) -> str:
    return end.title if isinstance(end, ShownBox) and end.kind == "scope" else ""


def _entered(arrow: ShownArrow) -> Scope:
    """The outermost frame that an arrow enters; () if it enters none."""
    if isinstance(arrow.start, ShownStub):
        return ()
    scope = arrow.end.scope
    shared = len(common([arrow.start.scope, scope]))
    return scope[: shared + 1] if len(scope) > shared else ()
