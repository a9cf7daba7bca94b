"""The parts that a graph folds into: sums, arrays, scopes, scopes that are alike.

A folding says for each node which box it lies in, by a key. `Parts.ladder` gives foldings, each
coarser than the one before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches

from autograd import Graph, Value
from viz.selection.code_lines import Key, Keys, Steps
from viz.selection.frames import Scope, scopes, split_name

_ITEM = re.compile(r"^(.*?)\[[\d, ]+\]$")
_NUMBER = re.compile(r"\d+(?=\D*$)")


class Parts:
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

    def ladder(self, limit: int) -> Iterator[Keys]:
        """Foldings by their keys, each coarser than the one before.

        Args:
            limit: how many boxes there may be; foldings that cannot keep it may be left out.
        """
        sums = self.sums()
        yield sums
        arrays = self.arrays()
        rest = arrays | sums
        yield rest
        for depth in range(self.depth, 0, -1):
            inside = self.at_depth(depth)
            yield rest | inside
            yield rest | inside | self.alike(depth)
        ends = {sums[v] for v in self.graph.outputs if v in sums}
        named = {v: key for v, key in sums.items() if key in ends} | arrays | self.at_depth(1)
        free = [v for v in self.graph.nodes if v not in named]
        steps = Steps(free, self.graph.outputs, sums)
        if steps.longest <= limit:
            yield steps.by_step() | named
        yield steps.by_line() | named

    def drawn(self, keys: Keys) -> int:
        """How many boxes and nodes there are with these keys."""
        return len(self.graph) - sum(size - 1 for size in Counter(keys.values()).values())

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
        self.check(paths, "fold")
        found: Keys = {}
        for path in paths:
            inside = [v for v, scope in self.scope.items() if scope[: len(path)] == path]
            found |= dict.fromkeys(inside, ("scope", path))
        return found

    def check(self, paths: Sequence[Scope], verb: str) -> None:
        """Raise ValueError for a scope that there is not."""
        if not paths:
            return
        every = {p[:n] for p in self.scope.values() for n in range(1, len(p) + 1)}
        for path in paths:
            if path not in every:
                known = [".".join(p) for p in sorted(every, key=lambda p: (len(p), p))]
                near = get_close_matches(".".join(path), known, n=3) or known[:5]
                there = f"; there are {', '.join(map(repr, near))}" if near else ""
                raise ValueError(f"there is no scope {'.'.join(path)!r} to {verb}{there}")

    def alike(self, depth: int, without: Collection[Scope] = ()) -> Keys:
        """The scopes of one depth that differ in a number of their name and in nothing else.

        Args:
            depth: how deep they lie.
            without: those to leave out.
        """
        shape: dict[Scope, Counter[tuple[str | None, str]]] = {}
        for v, path in self.scope.items():
            if len(path) >= depth and path[:depth] not in without:
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
        kept = {path[:d] for path in paths for d in range(1, len(path) + 1)}
        new = dict(keys)
        for path in sorted(paths, key=len, reverse=True):  # what lies around others opens all
            inside = [v for v in self.graph.nodes if self.scope[v][: len(path)] == path]
            for depth in range(1, len(path)):
                self._fold_beside(new, path[:depth], kept)
            finer = self.arrays() | self.sums() if len(inside) > limit else {}
            for v in inside:
                new.pop(v, None)
                new |= {v: finer[v]} if v in finer else {}
        return new

    def _fold_beside(self, keys: Keys, around: Scope, kept: Collection[Scope]) -> None:
        """Fold each part of a scope for itself, but for those that are kept open."""
        depth = len(around) + 1
        beside = self.at_depth(depth) | self.alike(depth, without=kept)
        for v, scope in self.scope.items():
            if scope[: depth - 1] == around and scope[:depth] not in kept:
                keys.pop(v, None)
                keys |= {v: beside[v]} if v in beside else {}
