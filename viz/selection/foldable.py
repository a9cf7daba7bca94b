"""The parts that can be folded: sums, arrays, scopes, and scopes that differ only in a number.

`FoldableParts.ladder` yields foldings, and the first that fits is drawn. A graph with several
scopes folds whole levels of them, so that equals look alike: all neurons are boxes, or none is.
For each level, from the innermost to the outermost, it tries

1. each scope of the level as one box, and all that lies beside node by node,
2. the same with the sums and arrays beside as boxes,
3. the scopes that differ only in a number as one box: `neuron × 4`,
4. again 1 and then 3, with groups of code lines beside (`code_lines.py`).

If nothing fits, the groups are of whole lines. In a graph with one scope, or none, sums come first,
then sums and arrays.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache, cached_property

import numpy as np

from autograd import Graph
from autograd.text.spelling import hint
from viz.selection.code_lines import StepGroups
from viz.selection.elements import BoxKey
from viz.selection.frames import Scope, numbered_scopes, split_name
from viz.selection.partition import Folding, keyed
from viz.selection.wiring import Ints, Mask, Wiring, combined, equals, numbered

_ITEM = re.compile(r"^(.*?)\[[\d, ]+\]$")
_NUMBER = re.compile(r"\d+(?=\D*$)")


class FoldableParts:
    """The sums, arrays, scopes and similar scopes of a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.wiring = Wiring(graph.nodes, graph.index)
        self.scope, self.scopes = numbered_scopes(self.wiring)
        """For each node the number of its scope, and the scopes that the numbers stand for."""
        self.outputs = [graph.index[v] for v in graph.outputs]
        self.nothing = Folding(np.full(len(graph), -1), [])

    def ladder(self, limit: int) -> Iterator[Folding]:
        """Yield foldings, the preferred ones first; some that exceed the limit may be absent."""
        rest = self.arrays.over(self.sums)
        if len(set(self.scopes) - {()}) <= 1:
            yield rest
        each = alike = self.nothing
        for depth in range(self.depth, 0, -1):
            each = self.at_depth(depth)
            alike = self.alike(depth).over(each)
            yield each
            yield each.over(rest)
            yield alike.over(rest)
            yield from self._with_steps(limit, each, alike)
        if not self.depth:
            yield from self._with_steps(limit, self.nothing)
        lines = self._beside.over(self._steps.by_line())
        yield each.over(lines)
        yield alike.over(lines)

    def _with_steps(self, limit: int, *foldings: Folding) -> Iterator[Folding]:
        """Foldings of scopes, with groups for the rest if they are not sure to exceed the limit."""
        if self._steps.longest <= limit:
            steps = self._beside.over(self._steps.by_step())
            yield from (folding.over(steps) for folding in foldings)

    @cached_property
    def _beside(self) -> Folding:
        """The arrays, and the sums that are outputs: these are in no group of steps."""
        boxes = self.sums.box[self.outputs]
        return self.arrays.over(self.sums.only(np.isin(self.sums.box, boxes[boxes >= 0])))

    @cached_property
    def _steps(self) -> StepGroups:
        """The groups of what lies outside the scopes."""
        free = ~(self._beside.is_folded | self.at_depth(1).is_folded)
        return StepGroups(self.wiring, free, self.outputs, self.sums)

    @property
    def depth(self) -> int:
        """The depth of the innermost scope."""
        return max(map(len, self.scopes), default=0)

    @cached_property
    def sums(self) -> Folding:
        """Fold trees of additions, with the products that they add up and their constants.

        A part of a sum has no name, one user, and the same scope as that.
        """
        wiring, edges = self.wiring, self.wiring.edges
        user = np.arange(len(self.scope))
        user[edges.start] = edges.end
        is_used_once = np.bincount(edges.start, minlength=len(user)) == 1
        inner = is_used_once & ~wiring.is_named & (self.scope[user] == self.scope)
        is_add = wiring.made_by("add")
        of_sum = inner & is_add[user]
        product = of_sum & wiring.made_by("mul")
        constant = inner & (is_add | product)[user] & wiring.made_by("const")
        root = np.where((of_sum & is_add) | product | constant, user, np.arange(len(user)))
        while not np.array_equal(further := root[root], root):
            root = further
        root[~(is_add | product | constant)] = -1
        sizes = np.bincount(root + 1, minlength=len(root) + 1)[1:]
        box = np.where(root < 0, -1, (np.cumsum(sizes > 2) - 1)[root])
        box[(root >= 0) & (sizes[root] <= 2)] = -1
        return Folding(box, [("sum", r) for r in np.flatnonzero(sizes > 2).tolist()])

    @cached_property
    def arrays(self) -> Folding:
        """Fold leaves and constants that are items of one array: `x[0]`, `x[1]` …."""
        box = np.full(len(self.graph), -1)
        items = np.flatnonzero(self.wiring.is_source & self.wiring.is_named)
        found = keyed(map(self._array, items.tolist()))
        box[items] = found.box
        return Folding(box, found.keys).without_singles()

    def _array(self, i: int) -> BoxKey | None:
        v = self.graph.nodes[i]
        item = _ITEM.match(v._name or "")
        return ("array", int(self.scope[i]), v.op, item[1]) if item else None

    def at_depth(self, depth: int) -> Folding:
        """Fold the scopes of one depth, each with the scopes inside it."""
        found = keyed(("scope", s[:depth]) if len(s) >= depth > 0 else None for s in self.scopes)
        return Folding(found.box[self.scope], found.keys)

    def of(self, paths: Sequence[Scope]) -> Folding:
        """Fold the given scopes, each with the scopes inside it.

        Raises ValueError for a scope that does not exist.
        """
        self.check(paths, "fold")
        folding = self.nothing
        for path in paths:
            box = np.where(self._inside(path), 0, -1)
            folding = Folding(box, [("scope", path)]).over(folding)
        return folding

    def _inside(self, path: Scope) -> Mask:
        return np.array([s[: len(path)] == path for s in self.scopes], dtype=bool)[self.scope]

    def check(self, paths: Sequence[Scope], verb: str) -> None:
        """Raise ValueError for a scope that does not exist."""
        if not paths:
            return
        every = {s[:n] for s in self.scopes for n in range(1, len(s) + 1)}
        for path in paths:
            if path not in every:
                called = ".".join(path)
                known = [".".join(p) for p in sorted(every, key=lambda p: (len(p), p))]
                raise ValueError(f"there is no scope {called!r} to {verb}{hint(called, known, 5)}")

    def alike(self, depth: int, without: Collection[Scope] = ()) -> Folding:
        """Fold together the scopes of one depth that differ only in a number of their name."""
        each = self.at_depth(depth)
        families: dict[BoxKey, list[int]] = {}
        for box, contents in self._contents(each).items():
            path: Scope = each.keys[box][1]
            if path not in without:
                family = path[:-1], _NUMBER.sub("", path[-1]), contents
                families.setdefault(family, []).append(box)
        similar = [members for members in families.values() if len(members) > 1]
        number = np.full(len(each.keys) + 1, -1)  # the last is that of no box
        for i, members in enumerate(similar):
            number[members] = i
        return Folding(number[each.box], [_alike(each.keys[m[0]][1]) for m in similar])

    def _contents(self, folding: Folding) -> dict[int, frozenset[tuple[int, int]]]:
        """For each box its operations and short names without numbers, each with its count."""
        at = np.flatnonzero(folding.is_folded)
        boxes, kinds = folding.box[at], self._kind[at]
        contents: dict[int, list[tuple[int, int]]] = {}
        for places in equals(combined(boxes, kinds)):
            first = places[0]
            counted = int(kinds[first]), len(places)
            contents.setdefault(int(boxes[first]), []).append(counted)
        return {box: frozenset(counted) for box, counted in contents.items()}

    @cached_property
    def _kind(self) -> Ints:
        """A number for the operation of each node and its short name without number."""
        short = cache(lambda name: _NUMBER.sub("", split_name(name)[1]))
        names = numbered(short(v._name) if v._name else "" for v in self.graph.nodes)[0]
        return combined(self.wiring.operation, names)

    def opened(self, folding: Folding, paths: Sequence[Scope], limit: int) -> Folding:
        """Open some scopes of a folding.

        An open scope is drawn node by node, or with its sums and arrays folded if it has more than
        `limit` nodes. The scopes beside it are folded one by one, so that the rest of a layer
        stays visible; those that are alike become one box if these would be too many.
        """
        one_by_one = self._opened(folding, paths, limit, alike=False)
        if one_by_one.drawn <= limit:
            return one_by_one
        return self._opened(folding, paths, limit, alike=True)

    def _opened(self, folding: Folding, paths: Sequence[Scope], limit: int, alike: bool) -> Folding:
        open_scopes = {path[:d] for path in paths for d in range(1, len(path) + 1)}
        for path in sorted(paths, key=len, reverse=True):  # an outer scope opens the inner ones too
            for depth in range(2, len(path) + 1):
                is_open = np.array([s[:depth] in open_scopes for s in self.scopes], dtype=bool)
                closed = self._inside(path[: depth - 1]) & ~is_open[self.scope]
                beside = self.at_depth(depth)
                if alike:
                    beside = self.alike(depth, without=open_scopes).over(beside)
                folding = _refolded(folding, closed, beside)
            inside = self._inside(path)
            many = np.count_nonzero(inside) > limit
            new = self.arrays.over(self.sums) if many else self.nothing
            folding = _refolded(folding, inside, new)
        return folding


def _refolded(folding: Folding, nodes: Mask, new: Folding) -> Folding:
    """Fold some nodes as in the folding `new`; nodes that are not folded there are drawn."""
    return new.only(nodes).over(folding.only(~nodes))


def _alike(path: Scope) -> BoxKey:
    """The key for a scope and those that are alike."""
    return "alike", path[:-1], _NUMBER.sub("", path[-1]), path
