"""The layout of a program: the row of each scalar, and the names of blocks of rows."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from autograd.compiler.passes.forms import Forms, Node
from autograd.compiler.passes.names import base_name, common_name
from autograd.compiler.rolling.views import BATCHED, SHARED, Index
from autograd.compiler.tracing.nesting import InputSpec
from autograd.compiler.tracing.tape import CONSTANT, INPUT, PARAMETER
from autograd.text.characters import readable

_ANONYMOUS = ("constants", "scratch", "gathered", "zero")
_SPACES = ("nowhere", SHARED, BATCHED, "means")


class Block(NamedTuple):
    """Consecutive rows of one name."""

    start: int
    stop: int
    name: str


class RowLayout:
    """The row of every scalar that has one.

    Parameters come first among the shared rows, in their order, then constants; inputs come first
    among the batched ones.
    """

    def __init__(self, forms: Forms, inputs: Sequence[InputSpec]) -> None:
        self.forms = forms
        last = max(len(forms.tape) - 1, *forms.form, *forms.total_of.values(), *forms.made_by, 0)
        size = 2 + last
        self.zero = size - 1  # a node that is 0 for each example, once `place_zero` placed it
        forms.is_batched[self.zero] = True
        self.row = np.full(size, -1, dtype=np.int64)
        self.rank = np.full(size, -1, dtype=np.int64)  # the block's number: earlier blocks first
        self.space = np.zeros(size, dtype=np.int8)
        self.sizes = dict.fromkeys(_SPACES[1:], 0)
        self.blocks: dict[str, list[Block]] = {space: [] for space in _SPACES[1:]}
        self._starts: dict[str, list[int]] = {space: [] for space in _SPACES[1:]}
        self._rows_named: dict[str, list[int]] = {}  # of parameters
        self._taken: dict[str, int] = {}
        self._unnamed = 0
        tape = forms.tape
        parameters, constants, elements = (
            [n for n, row in enumerate(tape.rows) if row is leaf]
            for leaf in (PARAMETER, CONSTANT, INPUT)
        )
        constants.sort(key=lambda n: (tape.payloads[n] % 1 != 0, tape.payloads[n]))  # 0, 1, 2 …
        self._place_parameters(parameters)
        start = self.reserve(SHARED, len(constants), "constants")
        self.put(constants, SHARED, start + np.arange(len(constants)))
        self.constants = {start + i: tape.payloads[n] for i, n in enumerate(constants)}
        starts = [self.reserve(BATCHED, spec.size, self.fresh(spec.name)) for spec in inputs]
        places = [tape.payloads[n] for n in elements]
        rows = [starts[number] + element for number, element in places]
        self.put(elements, BATCHED, np.array(rows, dtype=np.int64))

    def _place_parameters(self, parameters: Sequence[Node]) -> None:
        names = [base_name(self.forms.tape.names.get(n, "theta")) for n in parameters]
        self._parameters = len(parameters)
        for name, run in groupby(range(len(names)), key=names.__getitem__):
            rows = list(run)
            self.reserve(SHARED, len(rows), name)
            self._rows_named.setdefault(name, []).extend(rows)
        self.put(parameters, SHARED, np.arange(len(parameters)))

    def reserve(self, space: str, count: int, name: str) -> int:
        """Reserve `count` new rows and return the first."""
        start = self.sizes[space]
        self.sizes[space] += count
        if count:
            self.blocks[space].append(Block(start, start + count, name))
            self._starts[space].append(start)
        return start

    def put(self, nodes: Sequence[Node] | Index, space: str, rows: Index) -> None:
        """Set the rows of nodes."""
        if len(nodes):
            at = np.asarray(nodes)
            self.row[at] = rows
            self.space[at] = _SPACES.index(space)
            self.rank[at] = len(self.blocks[SHARED]) + len(self.blocks[BATCHED])

    def place_zero(self) -> Node:
        """Return the node that is 0; no step writes its row."""
        if not self.space[self.zero]:
            self.put([self.zero], BATCHED, np.array([self.reserve(BATCHED, 1, "zero")]))
        return self.zero

    def where(self, nodes: Index) -> tuple[str, Index]:
        """Return the space and the rows of nodes that are all in one space."""
        spaces = self.space[nodes]
        space = spaces.item(0)
        assert spaces.size == 1 or (spaces == space).all(), "operands of one slot are of one space"
        assert space, "an operand is computed before it is used"
        return _SPACES[space], self.row[nodes]

    # Names

    def fresh(self, name: str) -> str:
        """Return the name, harmless to print, with a number if it is taken."""
        name = readable(name)
        number = self._taken[name] = self._taken.get(name, 0) + 1
        return name if number == 1 else self.fresh(f"{name}_{number}")

    def name_of(self, nodes: Iterable[Node]) -> str:
        """Name a block of nodes: by their names, by the nodes they are cotangents of, or v1 …"""
        tape = self.forms.tape
        nodes = [n for n in nodes if n < len(tape)]
        named = common_name([tape.names[n] for n in nodes if n in tape.names])
        if named and all(n in tape.names for n in nodes):
            return self.fresh(named)
        owners = [tape.cotangent_of[n] for n in nodes if n in tape.cotangent_of]
        if nodes and len(owners) == len(nodes):
            space = _SPACES[self.space[owners[0]]]
            rows = self.row[[n for n in owners if self.space[n] == self.space[owners[0]]]]
            if space != "nowhere" and rows.min() >= 0:
                first = self._block(space, int(rows.min()))
                last = self._block(space, int(rows.max()))
                if first.name == last.name and first.name not in _ANONYMOUS:
                    return self.fresh("d" + first.name)
        self._unnamed += 1
        return self.fresh(f"v{self._unnamed}")

    def label(self, space: str, rows: Index) -> str:
        """Label rows: by the name of a block, a number, or a part of a block."""
        if space == BATCHED and (rows != self.row[self.zero]).any():
            rows = rows[rows != self.row[self.zero]]
        low = high = rows.item(0)
        if rows.size > 1:
            low, high = int(rows.min()), int(rows.max())
        first, last = self._block(space, low), self._block(space, high)
        if space == SHARED and low in self.constants and high in self.constants:
            return f"{self.constants[low]:g}" if low == high else "constants"
        if space == SHARED and first.name == last.name and high < self._parameters:
            return self._part(first.name, self._rows_named[first.name], low, high)
        if first is last:
            return self._part(first.name, range(first.start, first.stop), low, high)
        return f"{first.name}…{last.name}"

    @staticmethod
    def _part(name: str, rows: Sequence[int], low: int, high: int) -> str:
        first, last = bisect.bisect_left(rows, low), bisect.bisect_left(rows, high)
        if last - first + 1 >= len(rows):
            return name
        return f"{name}[{first}]" if first == last else f"{name}[{first}:{last + 1}]"

    def _block(self, space: str, row: int) -> Block:
        return self.blocks[space][bisect.bisect_right(self._starts[space], row) - 1]
