"""Writing steps: operands as slices where their rows run evenly, gathered where they do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from autograd.compiler.passes.sums import NONE, Forms, Node
from autograd.compiler.rolling.instructions import (
    APPLY,
    GATHER,
    REDUCE,
    Instruction,
    Step,
)  # fmt: skip
from autograd.compiler.rolling.layout import Layout
from autograd.compiler.rolling.views import (
    BATCHED,
    SHARED,
    Index,
    View,
    common_grid,
    contiguous,
    even,
)  # fmt: skip
from autograd.primitive import Primitive
from autograd.primitives import add, neg, sub

Rows = tuple[str, Index]  # a space and row numbers in it


class Emitter:
    """Writes the steps of one instruction after the other.

    Attributes:
        layout: where each scalar lies.
        instructions: those made so far.
        wished: for a total the row of the means in which it is wanted.
    """

    def __init__(self, forms: Forms, layout: Layout, wished: dict[Node, int]) -> None:
        self.forms = forms
        self.layout = layout
        self.wished = wished
        self.instructions: list[Instruction] = []
        self._name = ""
        self._steps: list[Step] = []
        self._gathered: dict[tuple[str, bytes], View] = {}

    def _done(
        self, nodes: Sequence[Node], rows: Rows, formula: str, shape: tuple[int | str, ...]
    ) -> None:
        """Place the nodes and write the instruction."""
        space, numbers = rows
        self.layout.put(nodes, space, numbers)
        self.instructions.append(Instruction(self._name, formula, shape, self._steps, list(nodes)))

    def _block(self, nodes: Sequence[Node], space: str, count: int) -> Index:
        """New rows for the result of the instruction that is being made."""
        self._name = self.layout.name_of(nodes)
        return self.layout.reserve(space, count, self._name) + np.arange(count)

    def _scratch(self, space: str, count: int) -> Index:
        """New rows for a step on the way."""
        return self.layout.reserve(space, count, "scratch") + np.arange(count)

    def _new_rows(self, nodes: Sequence[Node], space: str, count: int) -> Index:
        """Rows for the result if it has none yet, else for a part of it."""
        is_result = not self._name and space == self._space(nodes[0])
        return self._block(nodes, space, count) if is_result else self._scratch(space, count)

    def _space(self, node: Node) -> str:
        return BATCHED if self.forms.is_batched[node] else SHARED

    def _located(self, slots: Iterable[Index]) -> list[Rows]:
        return [self.layout.where(nodes) for nodes in slots]

    @staticmethod
    def _wider(operands: Sequence[Rows]) -> str:
        return BATCHED if any(space == BATCHED for space, _ in operands) else SHARED

    def _view(self, rows: Rows) -> View:
        """A view of rows in their shape: a slice, or gathered."""
        space, numbers = rows
        found = even(numbers)
        return View(space, found[0], numbers.shape, found[1]) if found else self._gather(rows)

    def _gather(self, rows: Rows) -> View:
        """The rows one after the other, copied if nobody has copied them yet."""
        space, numbers = rows
        key = (space, numbers.tobytes())
        known = self._gathered.get(key)
        if known is None:
            start = self.layout.reserve(space, numbers.size, "gathered")
            known = self._gathered[key] = contiguous(space, start, (numbers.size,))
            self._steps.append(Step(GATHER, known, index=numbers.ravel().copy(), space=space))
        return contiguous(space, known.offset, numbers.shape)

    def _table(self, space: str, rows: Index) -> tuple[View, tuple[int, ...]]:
        """A view of (n, k) rows, with n in as many axes as it takes, and these axes."""
        grid = common_grid(rows.T)
        if grid:
            shaped = rows.reshape(*grid, rows.shape[1])
            if even(shaped):
                return self._view((space, shaped)), grid
        return self._view((space, rows)), rows.shape[:1]

    def _order(self, slots: Index) -> Index:
        """An order of n nodes in which the rows of their operands (m, n) are slices if possible."""
        count = slots.shape[1]
        candidates = [np.arange(count)]
        candidates += [np.argsort(rows, kind="stable") for rows in slots]
        for order in candidates:
            if common_grid(slots[:, order]):
                return order
        return candidates[0]

    def _apply(self, row: Primitive | None, operands: Sequence[Rows], out: Rows) -> None:
        """A row of the table (or a copy) over lists of rows, as slices wherever they can be."""
        kept = [out[1]]
        grid = common_grid(out[1][None])
        assert grid, "the rows of a result run evenly"
        batched_first = sorted(range(len(operands)), key=lambda i: operands[i][0] != BATCHED)
        sliced: set[int] = set()
        for i in batched_first:
            found = common_grid(np.stack([*kept, operands[i][1]]))
            if found:
                kept.append(operands[i][1])
                grid = found
                sliced.add(i)
        views = [
            self._view((space, rows.reshape(grid))) if i in sliced
            else self._gather((space, rows.reshape(grid)))
            for i, (space, rows) in enumerate(operands)
        ]  # fmt: skip
        view = self._view((out[0], out[1].reshape(grid)))
        self._steps.append(Step(APPLY, view, tuple(views), row))

    def _in_order(self, row: Primitive, operands: Sequence[Rows], out: Rows) -> Index:
        """Apply a row over rows that are written over, in their order; where the result is.

        Rows with gaps, of a product of which not all elements are wanted, are copied out first.
        """
        space, rows = out
        order = np.argsort(rows, kind="stable")
        into = rows[order]
        if common_grid(into[None]) is None:
            into = self._scratch(space, len(rows))
        self._apply(row, [(s, r[order]) for s, r in operands], (space, into))
        found = np.empty_like(rows)
        found[order] = into
        return found

    def _reduce(self, row: Primitive, operands: Rows, out: Rows) -> None:
        """Along the last axis of (n, k) rows."""
        space, rows = operands
        view, sizes = self._table(space, rows)
        target = self._view((out[0], out[1].reshape(sizes)))
        self._steps.append(Step(REDUCE, target, (view,), row))

    def _accumulate(self, out: tuple[str, Index | None], sign: int, part: Rows) -> Index:
        """Add a part to the result, or begin with it."""
        space, rows = out
        if rows is None:
            assert part[0] == space
            if sign < 0:
                return self._in_order(neg, [part], part)
            return part[1]
        return self._in_order(add if sign > 0 else sub, [(space, rows), part], (space, rows))

    def _add_up(self, terms: list[tuple[int, Rows]], out: Rows) -> None:
        """From left to right, signs included, without another rounding."""
        (first_sign, first), *rest = terms
        if not rest:
            self._apply(neg if first_sign < 0 else None, [first], out)
            return
        (sign, second), *rest = rest
        if first_sign > 0:
            self._apply(add if sign > 0 else sub, [first, second], out)
        elif sign > 0:
            self._apply(sub, [second, first], out)
        else:
            self._apply(add, [first, second], out)
            self._apply(neg, [out], out)
        for sign, addend in rest:
            self._apply(add if sign > 0 else sub, [out, addend], out)

    def _by_space(self, nodes: Index) -> list[Index]:
        """The nodes that are batched, and those that are not."""
        batched = np.array([self.forms.is_batched[n] for n in nodes.ravel().tolist()])
        return [part for part in (nodes.ravel()[batched], nodes.ravel()[~batched]) if len(part)]

    def _label(self, nodes: Index) -> str:
        return self.layout.label(*self.layout.where(nodes))

    def _term_label(self, x: Index, z: Index) -> str:
        return self._label(x) if z.flat[0] == NONE else f"{self._label(x)} * {self._label(z)}"

    @staticmethod
    def _shape(sizes: tuple[int | str, ...], space: str) -> tuple[int | str, ...]:
        return (*sizes, "B") if space == BATCHED else sizes
