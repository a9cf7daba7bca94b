"""Folding a large graph by meaning: sums, arrays, neurons, layers, parts that are alike.

A folding says for each node which box it lies in. There is a ladder of them, each coarser than the
one before; `fold` goes down it until the picture fits. What is folded is counted, and a part can be
kept open (`expand`). Nothing vanishes: every edge between two boxes is drawn, as one arrow that
says how many it stands for, so that skip connections and shared weights stay visible.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from autograd import Edge, Graph, Value
from viz.ends import Arrow, Fold, Kind
from viz.frames import Scope, scope_of, scopes, split_name
from viz.selection import Selection
from viz.steps import Key, Keys, by_line, by_step

_ITEM = re.compile(r"^(.*?)\[[\d, ]+\]$")
_NUMBER = re.compile(r"\d+(?=\D*$)")


class Folds(NamedTuple):
    """How to fold; see `draw`."""

    by: Callable[[Value], Hashable | None] | None = None
    depth: int | None = None
    expand: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


def how_to_fold(fold: object, depth: object, expand: str | Sequence[str]) -> Folds | None:
    """How to fold, from the arguments of `draw`; None for not at all.

    Raises TypeError or ValueError for what makes no sense.

    >>> how_to_fold(True, None, "layer0").expand
    ('layer0',)
    """
    named = (fold,) if isinstance(fold, str) else fold if isinstance(fold, list | tuple) else ()
    if not all(isinstance(path, str) for path in named) or not (
        isinstance(fold, bool) or callable(fold) or named
    ):
        raise TypeError(
            "fold is True, False, a scope such as 'layer0', several, or a function of a Value; "
            f"got {fold!r}"
        )
    if depth is not None and (not isinstance(depth, int) or depth < 1):
        raise ValueError(f"depth is a whole number from 1 on, got {depth!r}")
    if fold is False and depth is None and not expand:
        return None
    opened = (expand,) if isinstance(expand, str) and expand else tuple(expand)
    return Folds(fold if callable(fold) else None, depth, opened, tuple(named))


MEANING = Folds()
"""By meaning: sums, arrays, scopes, as far as it takes."""


def folded(graph: Graph, limit: int, how: Folds = MEANING) -> Selection | None:
    """Fold a graph until at most `limit` nodes and boxes are drawn; None if it cannot be.

    Raises ValueError for a scope to expand that there is not.

    >>> x = [Value(float(i), f"x[{i}]") for i in range(9)]
    >>> y = x[0] + x[1] + x[2] + x[3] + x[4] + x[5] + x[6] + x[7] + x[8]
    >>> chosen = folded(Graph(y), limit=5)
    >>> [(box.kind, box.title, len(box.nodes)) for box in chosen.folds]
    [('array', 'x', 9), ('sum', '', 8)]
    """
    parts = _Parts(graph)
    opened = [scope_of(path) for path in how.expand]
    if how.by is not None:
        return parts.selection(_chosen(graph, how.by))
    if how.scopes:
        keys = parts.of([scope_of(path) for path in how.scopes])
        return parts.selection(parts.opened(keys, opened, limit))
    if how.depth is not None:
        return parts.selection(parts.opened(parts.at_depth(how.depth), opened, limit))
    for keys in parts.ladder():
        chosen = parts.selection(parts.opened(keys, opened, limit))
        if len(chosen.shown) + len(chosen.folds) <= limit:
            return chosen
    return chosen if opened else None


def _chosen(graph: Graph, by: Callable[[Value], Hashable | None]) -> Keys:
    """The boxes that a function of the user's names."""
    found: Keys = {}
    for v in graph.nodes:
        name = by(v)
        try:
            hash(name)
        except TypeError:
            raise TypeError(
                f"fold gave {name!r} for {v!r}: the name of a box is hashable, such as a string; "
                "None is for no box"
            ) from None
        if name is not None:
            found[v] = ("chosen", name)
    return found


class _Parts:
    """What a graph is made of: sums, arrays, scopes, parts that are alike."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.scope = scopes(graph.nodes)
        self.uses: Counter[Value] = Counter()
        self.user: dict[Value, Value] = {}
        for v in graph.nodes:
            for operand in v.parents:
                self.uses[operand] += 1
                self.user[operand] = v

    def ladder(self) -> Iterator[Keys]:
        """Foldings by their keys, each coarser than the one before."""
        sums = self.sums()
        yield sums
        rest = self.arrays() | sums
        yield rest
        for depth in range(self.depth, 0, -1):
            inside = self.at_depth(depth)
            yield rest | inside
            alike = self.alike(depth)
            yield rest | inside | alike
        ends = {sums[v] for v in self.graph.outputs if v in sums}
        named = {v: key for v, key in sums.items() if key in ends} | self.arrays()
        named |= self.at_depth(1)
        free = [v for v in self.graph.nodes if v not in named]
        yield by_step(free, self.graph.outputs, sums) | named
        yield by_line(free, self.graph.outputs, sums) | named

    @property
    def depth(self) -> int:
        """How deep scopes nest."""
        return max(map(len, self.scope.values()), default=0)

    # Sums

    def sums(self) -> Keys:
        """Chains and trees of additions, with the products that are added up and their numbers."""
        root: dict[Value, Value] = {}
        for v in reversed(self.graph.nodes):
            if v.op == "add":
                above = self._alone_in(v)
                root[v] = root[above] if above in root and above.op == "add" else v
            elif v.op in ("mul", "const"):
                above = self._alone_in(v)
                if above in root and (above.op == "add" or v.op == "const"):
                    root[v] = root[above]
        size = Counter(root.values())
        return {v: ("sum", r) for v, r in root.items() if size[r] > 2}

    def _alone_in(self, v: Value) -> Value | None:
        """The one that uses a node without a name, if it is the only one and in the same scope."""
        if v.name or self.uses[v] != 1:
            return None
        user = self.user[v]
        return user if self.scope[user] == self.scope[v] else None

    # Arrays

    def arrays(self) -> Keys:
        """Leaves and constants that are items of one array: `x[0]`, `x[1]` …."""
        found: Keys = {}
        for v in self.graph.nodes:
            item = _ITEM.match(v.name or "") if not v.parents else None
            if item:
                found[v] = ("array", self.scope[v], v.op, item[1])
        size = Counter(found.values())
        return {v: key for v, key in found.items() if size[key] > 1}

    # Scopes

    def at_depth(self, depth: int) -> Keys:
        """The scopes that are so deep, or deeper, each with all that lies in it."""
        return {
            v: ("scope", path[:depth]) for v, path in self.scope.items() if len(path) >= depth > 0
        }

    def of(self, paths: Sequence[Scope]) -> Keys:
        """Some scopes, each with all that lies in it.

        Raises ValueError for one that there is not.
        """
        found: Keys = {}
        for path in paths:
            inside = [v for v, scope in self.scope.items() if scope[: len(path)] == path]
            if not inside:
                raise ValueError(self._no_scope(path, "fold"))
            found |= dict.fromkeys(inside, ("scope", path))
        return found

    def _no_scope(self, path: Scope, verb: str) -> str:
        every = {p[:n] for p in self.scope.values() for n in range(1, len(p) + 1)}
        known = [".".join(p) for p in sorted(every, key=lambda p: (len(p), p))]
        near = get_close_matches(".".join(path), known, n=3) or known[:5]
        there = (
            f"; there {'are' if near[1:] else 'is'} {', '.join(map(repr, near))}" if near else ""
        )
        return f"there is no scope {'.'.join(path)!r} to {verb} in this graph{there}"

    def alike(self, depth: int, without: Scope = ()) -> Keys:
        """The scopes of one depth that differ in a number of their name and in nothing else.

        Args:
            depth: how deep they lie.
            without: a scope to leave out.
        """
        shape: dict[Scope, Counter[tuple[str | None, str]]] = {}
        for v, path in self.scope.items():
            if len(path) >= depth and not (without and path[: len(without)] == without):
                short = _NUMBER.sub("", split_name(v.name)[1]) if v.name else ""
                shape.setdefault(path[:depth], Counter())[v.op, short] += 1
        families: dict[Key, list[Scope]] = {}
        for path, counted in shape.items():
            stem = _NUMBER.sub("", path[-1])
            family = (path[:-1], stem, frozenset(counted.items()))
            families.setdefault(family, []).append(path)
        key = {
            path: ("alike", members[0][:-1], _NUMBER.sub("", path[-1]), members[0])
            for members in families.values()
            if len(members) > 1
            for path in members
        }
        return {
            v: key[path[:depth]] for v, path in self.scope.items() if path[:depth] in key
        }  # fmt: skip

    def opened(self, keys: Keys, paths: Sequence[Scope], limit: int) -> Keys:
        """The same with some scopes open: they are drawn whole, or with their sums folded.

        What lies beside an open scope is folded for itself, so that the rest of a layer is there.
        """
        new = dict(keys)
        for path in paths:
            inside = [v for v in self.graph.nodes if self.scope[v][: len(path)] == path]
            if not inside:
                raise ValueError(self._no_scope(path, "expand"))
            for depth in range(1, len(path)):
                beside = self.at_depth(depth + 1) | self.alike(depth + 1, without=path)
                for v, scope in self.scope.items():
                    if scope[:depth] == path[:depth] and scope[: depth + 1] != path[: depth + 1]:
                        new.pop(v, None)
                        new |= {v: beside[v]} if v in beside else {}
            finer = self.arrays() | self.sums() if len(inside) > limit else {}
            for v in inside:
                new.pop(v, None)
                new |= {v: finer[v]} if v in finer else {}
        return new

    # Boxes

    def selection(self, keys: Keys) -> Selection:
        """What is drawn with these keys: boxes, and the nodes that are in none."""
        inside: dict[Key, list[Value]] = {}
        for v in self.graph.nodes:
            if v in keys:
                inside.setdefault(keys[v], []).append(v)
        used = self._used_outside(keys)
        box: dict[Value, Fold] = {}
        for key, nodes in inside.items():
            if len(nodes) > 1:
                box |= dict.fromkeys(nodes, self._fold(key, nodes, used))
        shown = [v for v in self.graph.nodes if v not in box]
        folds = list(dict.fromkeys(box[v] for v in self.graph.nodes if v in box))
        return Selection(shown, self.graph.nodes, box, self._arrows(box), folds=folds)

    def _arrows(self, box: Mapping[Value, Fold]) -> list[Arrow]:
        """The edges between what is drawn; those from or to a box are gathered by their ends."""
        single: list[Arrow] = []
        gathered: dict[tuple[Value | Fold, Value | Fold], list[Edge]] = {}
        for edge in self.graph.edges:
            start, end = (box.get(v, v) for v in edge[:2])
            if start is end:
                continue
            if isinstance(start, Fold) or isinstance(end, Fold):
                gathered.setdefault((start, end), []).append(edge)
            else:
                single.append(Arrow(start, end, [edge]))
        return single + [Arrow(*ends, edges) for ends, edges in gathered.items()]

    def _used_outside(self, keys: Keys) -> set[Value]:
        used = set(self.graph.outputs)
        for v in self.graph.nodes:
            used.update(p for p in v.parents if keys.get(p, p) != keys.get(v, v))
        return used

    def _fold(self, key: Key, nodes: list[Value], used: set[Value]) -> Fold:
        assert isinstance(key, tuple)
        kind: Kind = key[0]
        outputs = tuple([v for v in nodes if v in used])
        scope = self.scope[nodes[-1]]
        if kind == "scope":
            return Fold(kind, key[1][-1], tuple(nodes), outputs, key[1][:-1])
        if kind == "alike":
            members = {self.scope[v][: len(key[3])] for v in nodes}
            return Fold(kind, key[2], tuple(nodes), outputs, key[1], len(members))
        if kind == "array":
            return Fold(kind, split_name(key[3])[1], tuple(nodes), outputs, scope)
        title = split_name(nodes[-1].name)[1] if kind == "sum" and nodes[-1].name else ""
        if kind == "chosen":
            title = str(key[1])
        if kind == "step" and key[1] is not None:
            title = key[1].short
        scope = self._common(nodes) if kind in ("chosen", "step") else scope
        return Fold(kind, title, tuple(nodes), outputs, scope)

    def _common(self, nodes: Iterable[Value]) -> Scope:
        """The scope that all of some nodes lie in."""
        paths = [self.scope[v] for v in nodes]
        shortest = min(paths, key=len)
        agree = 0
        while agree < len(shortest) and len({path[agree] for path in paths}) == 1:
            agree += 1
        return shortest[:agree]
