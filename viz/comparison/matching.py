"""Matching the nodes of two graphs, on which `diff` rests.

Two graphs of the same shape are matched node by node. Others are matched in rounds, by the most
reliable sign first: the same object; a name that is unique on both sides; the same structure from
the leaves up to the node, where a matched node counts as a leaf; the only consumer of a matched
node at that operand; the operands of a matched node in their order. Where a node was inserted or
removed, its neighbour is then searched for a few steps further down. What is still ambiguous is
matched in topological order.

Nodes are matched if they have the same operation and no names that differ; a constant, only as an
operand of its consumer. Operands count in their order: `x * z` is not `z * x`. Each round is linear
in the edges, and there are a few of them. Numbers only decide between leaves without a name, in the
first rounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from functools import partial
from typing import TypeAlias

from viz.snapshot.snapshot import Snapshot

Groups: TypeAlias = dict[Hashable, tuple[list[int], list[int]]]
"""The nodes of either side, by a key that they share."""

_ROUNDS = 4
_STEPS = 8  # nodes to search below one that may have been inserted


def match(before: Snapshot, after: Snapshot, same: Mapping[int, int]) -> dict[int, int]:
    """Return the number of the node after for each node before that has one.

    Both graphs are whole; `same` has the numbers of the objects that are in both of them.

    >>> from autograd import Graph, Value
    >>> from viz.comparison.changes import whole
    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> match(whole(Graph(x * z)), whole(Graph((x * z).exp())), {0: 0, 1: 1})
    {0: 0, 1: 1, 2: 2}
    """
    rounds = _Rounds(_Side(before), _Side(after))
    if rounds.is_same_shape(same):
        return {i: i for i in range(before.count)}
    return dict(sorted(rounds.play(same).items()))


class _Side:
    def __init__(self, graph: Snapshot) -> None:
        self.nodes = graph.nodes
        self.op, self.name = [v.op for v in graph.nodes], [v.name for v in graph.nodes]
        self.operands = [[operand.number for operand in v.operands] for v in graph.nodes]
        self.outputs = [output.number for output in graph.outputs]
        self.consumers: list[list[tuple[int, int]]] = [[] for _ in graph.nodes]
        for i, operands in enumerate(self.operands):
            for slot, p in enumerate(operands):
                self.consumers[p].append((i, slot))

    def unique_names(self) -> dict[str, int]:
        count = Counter(self.name)
        return {name: i for i, name in enumerate(self.name) if name and count[name] == 1}

    def only_consumers(self, i: int, matched: dict[int, int]) -> dict[tuple[str | None, int], int]:
        """The unmatched consumers of a node that are its only ones of their operation and slot."""
        free = [(user, slot) for user, slot in self.consumers[i] if user not in matched]
        count = Counter((self.op[user], slot) for user, slot in free)
        return {key: user for user, slot in free if count[key := (self.op[user], slot)] == 1}

    def below(self, i: int, matched: dict[int, int]) -> list[int]:
        """A few unmatched nodes below an unmatched one, the nearest first."""
        visited = dict.fromkeys(p for p in self.operands[i] if p not in matched)
        queue = list(visited)
        for p in queue:  # grows in the loop
            if len(queue) >= _STEPS:
                break
            new = [q for q in self.operands[p] if q not in matched and q not in visited]
            visited |= dict.fromkeys(new)
            queue += dict.fromkeys(new)
        return queue


class _Rounds:
    def __init__(self, before: _Side, after: _Side) -> None:
        self.a, self.b = before, after
        self.pair: dict[int, int] = {}
        self.back: dict[int, int] = {}
        self.sides = ((self.a, self.pair), (self.b, self.back))

    def is_same_shape(self, same: Mapping[int, int]) -> bool:
        """True if the graphs differ in numbers alone, so that equal places match."""
        return (
            self.a.operands == self.b.operands
            and self.a.outputs == self.b.outputs
            and all(i == j for i, j in same.items())
            and all(self._fit(i, i) for i in range(len(self.a.nodes)))
        )

    def play(self, same: Mapping[int, int]) -> dict[int, int]:
        for i, j in same.items():
            self._join(i, j)
        names = self.b.unique_names()
        for name, i in self.a.unique_names().items():
            self._join(i, names.get(name, -1))
        self._spread(numbers=True)
        self._spread(numbers=False)
        self._skip()
        self._spread(numbers=False)
        for alike in (partial(self._alike, True), partial(self._alike, False), self._namesakes):
            self._in_order({} if self._done else alike())
        return self.pair

    def _join(self, i: int, j: int) -> bool:
        """Match two nodes if both are unmatched and they may be the same."""
        if j < 0 or i in self.pair or j in self.back or not self._fit(i, j):
            return False
        self.pair[i], self.back[j] = j, i
        return True

    def _fit(self, i: int, j: int) -> bool:
        v, w = self.a.name[i], self.b.name[j]
        return self.a.op[i] == self.b.op[j] and (not v or not w or v == w)

    @property
    def _done(self) -> bool:
        return len(self.pair) == min(len(self.a.nodes), len(self.b.nodes))

    def _spread(self, numbers: bool) -> None:
        """Match neighbours of matched nodes, until there are no more or after a few rounds."""
        for _ in range(0 if self._done else _ROUNDS):
            count = len(self.pair)
            for left, right in self._alike(numbers).values():
                if len(left) == len(right) == 1:
                    self._join(left[0], right[0])
            self._upwards()
            for i, j in zip(self.a.outputs, self.b.outputs, strict=False):
                self._join(i, j)
            self._downwards(self.pair)
            if len(self.pair) == count or self._done:
                break

    def _alike(self, numbers: bool) -> Groups:
        """Group the unmatched nodes by their structure, down to matched nodes and leaves.

        Numbers may tell leaves without a name apart.
        """
        ids: dict[Hashable, int] = {}
        groups: Groups = {}
        for right, (side, matched) in enumerate(self.sides):
            keys: list[int] = []
            for i, v in enumerate(side.nodes):
                key: Hashable
                if i in matched:
                    key = matched[i] if right else i
                else:
                    below = tuple([keys[p] for p in side.operands[i]])
                    data = repr(v.data) if numbers and not below and not side.name[i] else ""
                    key = (side.op[i], side.name[i] or "", data, below)
                keys.append(ids.setdefault(key, len(ids)))
                if i not in matched and side.op[i] != "const":
                    groups.setdefault(keys[i], ([], []))[right].append(i)
        return groups

    def _namesakes(self) -> Groups:
        groups: Groups = {}
        for right, (side, matched) in enumerate(self.sides):
            for i, key in enumerate(zip(side.op, side.name, strict=True)):
                if side.name[i] and i not in matched:
                    groups.setdefault(key, ([], []))[right].append(i)
        return groups

    def _upwards(self) -> None:
        """Match consumers of matched nodes that are the only ones of their kind."""
        queue = sorted(self.pair.items())
        for i, j in queue:  # grows in the loop
            users = self.b.only_consumers(j, self.back)
            for kind, user in self.a.only_consumers(i, self.pair).items():
                if self._join(user, users.get(kind, -1)):
                    queue.append((user, users[kind]))

    def _downwards(self, pairs: dict[int, int]) -> None:
        queue = sorted(pairs.items(), reverse=True)
        for i, j in queue:  # grows in the loop
            queue += [pq for pq in self._operands(i, j) if self._join(*pq)]

    def _operands(self, i: int, j: int) -> Iterator[tuple[int, int]]:
        return zip(self.a.operands[i], self.b.operands[j], strict=False)

    def _skip(self) -> None:
        """Match nodes across a few that were inserted or removed."""
        queue = [*zip(self.a.outputs, self.b.outputs, strict=False)]
        for pair in sorted(self.pair.items(), reverse=True):
            queue += self._operands(*pair)
        for p, q in queue:  # grows in the loop
            if p not in self.pair and q not in self.back:
                deeper = ((p, w) for w in self.b.below(q, self.back))
                higher = ((v, q) for v in self.a.below(p, self.pair))
                joined = next((pq for pq in ((p, q), *deeper, *higher) if self._join(*pq)), None)
                queue += self._operands(*joined) if joined else []

    def _in_order(self, groups: Groups) -> None:
        """Match nodes that are alike in their order, those nearest to the outputs first."""
        for left, right in sorted(groups.values(), reverse=True):
            for i, j in zip(left, right, strict=False):
                if self._join(i, j):
                    self._downwards({i: j})
