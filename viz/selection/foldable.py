"""The parts that can be folded: sums, arrays, scopes, and scopes that differ only in a number.

A folding gives the box of each folded node as a key. `FoldableParts.ladder` yields foldings, each
coarser than the one before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches

from autograd import Graph, Value
from viz.selection.code_lines import StepGroups, without_singles
from viz.selection.elements import Folding
from viz.selection.frames import Scope, scopes, split_name

_ITEM = re.compile(r"^(.*?)\[[\d, ]+\]$")
_NUMBER = re.compile(r"\d+(?=\D*$)")


class FoldableParts:
    """The sums, arrays, scopes and similar scopes of a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.scope = scopes(graph.nodes)
        self.uses: Counter[Value] = Counter()
        self.user: dict[Value, Value] = {}
        for v in graph.nodes:
            for operand in v.parents:
                self.uses[operand] += 1
                self.user[operand] = v

    def ladder(self, limit: int) -> Iterator[Folding]:
        """Yield foldings, each coarser than the one before.

        Args:
            limit: the most boxes allowed; foldings that must exceed it may be left out.
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
        results = {sums[v] for v in self.graph.outputs if v in sums}
        named = {v: key for v, key in sums.items() if key in results} | arrays | self.at_depth(1)
        free = [v for v in self.graph.nodes if v not in named]
        steps = StepGroups(free, self.graph.outputs, sums)
        if steps.longest <= limit:
            yield steps.by_step() | named
        yield steps.by_line() | named

    def count_drawn(self, folding: Folding) -> int:
        """The number of boxes and nodes that are drawn with a folding."""
        return len(self.graph) - len(folding) + len(set(folding.values()))

    @property
    def depth(self) -> int:
        """The depth of the innermost scope."""
        return max(map(len, self.scope.values()), default=0)

    def sums(self) -> Folding:
        """Fold trees of additions, with the products that they add up and their constants."""
        root: dict[Value, Value] = {}
        for v in reversed(self.graph.nodes):
            if v.op == "add":
                user = self._only_user(v)
                root[v] = root[user] if user in root and user.op == "add" else v
            elif v.op in ("mul", "const"):
                user = self._only_user(v)
                if user in root and (user.op == "add" or v.op == "const"):
                    root[v] = root[user]
        size = Counter(root.values())
        return {v: ("sum", r) for v, r in root.items() if size[r] > 2}

    def _only_user(self, v: Value) -> Value | None:
        """The only node that uses `v`, if `v` has no name and both lie in the same scope."""
        if v.name or self.uses[v] != 1:
            return None
        user = self.user[v]
        return user if self.scope[user] == self.scope[v] else None

    def arrays(self) -> Folding:
        """Fold leaves and constants that are items of one array: `x[0]`, `x[1]` …."""
        folding: Folding = {}
        for v in self.graph.nodes:
            item = _ITEM.match(v.name or "") if not v.parents else None
            if item:
                folding[v] = ("array", self.scope[v], v.op, item[1])
        return without_singles(folding)

    def at_depth(self, depth: int) -> Folding:
        """Fold the scopes of one depth, each with the scopes inside it."""
        return {
            v: ("scope", path[:depth]) for v, path in self.scope.items() if len(path) >= depth > 0
        }

    def of(self, paths: Sequence[Scope]) -> Folding:
        """Fold the given scopes, each with the scopes inside it.

        Raises ValueError for a scope that does not exist.
        """
        self.check(paths, "fold")
        return {v: ("scope", path) for path in paths for v in self._nodes_in(path)}

    def _nodes_in(self, path: Scope) -> list[Value]:
        return [v for v, scope in self.scope.items() if scope[: len(path)] == path]

    def check(self, paths: Sequence[Scope], verb: str) -> None:
        """Raise ValueError for a scope that does not exist."""
        if not paths:
            return
        every = {p[:n] for p in self.scope.values() for n in range(1, len(p) + 1)}
        for path in paths:
            if path not in every:
                known = [".".join(p) for p in sorted(every, key=lambda p: (len(p), p))]
                near = get_close_matches(".".join(path), known, n=3) or known[:5]
                there = f"; there are {', '.join(map(repr, near))}" if near else ""
                raise ValueError(f"there is no scope {'.'.join(path)!r} to {verb}{there}")

    def alike(self, depth: int, without: Collection[Scope] = ()) -> Folding:
        """Fold together the scopes of one depth that differ only in a number of their name.

        Args:
            depth: the depth of these scopes.
            without: scopes to leave out.
        """
        contents: dict[Scope, Counter[tuple[str | None, str]]] = {}
        for v, path in self.scope.items():
            if len(path) >= depth and path[:depth] not in without:
                short = _NUMBER.sub("", split_name(v.name)[1]) if v.name else ""
                contents.setdefault(path[:depth], Counter())[v.op, short] += 1
        families: dict[tuple[Scope, str, frozenset[object]], list[Scope]] = {}
        for path, counts in contents.items():
            family = path[:-1], _NUMBER.sub("", path[-1]), frozenset(counts.items())
            families.setdefault(family, []).append(path)
        key = {
            path: ("alike", around, stem, members[0])
            for (around, stem, _), members in families.items()
            if len(members) > 1
            for path in members
        }
        return {v: key[path[:depth]] for v, path in self.scope.items() if path[:depth] in key}

    def opened(self, folding: Folding, paths: Sequence[Scope], limit: int) -> Folding:
        """Open some scopes of a folding.

        An open scope is drawn node by node, or with its sums and arrays folded if it has more than
        `limit` nodes. The scopes beside it are folded one by one, so that the rest of a layer
        stays visible.
        """
        open_scopes = {path[:d] for path in paths for d in range(1, len(path) + 1)}
        opened = dict(folding)
        for path in sorted(paths, key=len, reverse=True):  # an outer scope opens the inner ones too
            for depth in range(1, len(path)):
                self._fold_beside(opened, path[:depth], open_scopes)
            inside = self._nodes_in(path)
            _refold(opened, inside, self.arrays() | self.sums() if len(inside) > limit else {})
        return opened

    def _fold_beside(self, folding: Folding, around: Scope, open_scopes: Collection[Scope]) -> None:
        """Fold the scopes directly inside `around` one by one, except those that are open."""
        depth = len(around) + 1
        closed = [v for v in self._nodes_in(around) if self.scope[v][:depth] not in open_scopes]
        _refold(folding, closed, self.at_depth(depth) | self.alike(depth, without=open_scopes))


def _refold(folding: Folding, nodes: Iterable[Value], new: Folding) -> None:
    """Fold some nodes as in the folding `new`; nodes that are not folded there are drawn."""
    for v in nodes:
        folding.pop(v, None)
        if v in new:
            folding[v] = new[v]
