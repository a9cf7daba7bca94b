"""The steps of an instruction: operands are slices if their rows are evenly spaced, else copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.passes.forms import NONE, Forms, Node, ProductTerm, SumOfProducts, Total
from autograd.compiler.rolling import views
from autograd.compiler.rolling.instructions import Instruction, Step, StepKind
from autograd.compiler.rolling.layout import RowLayout
from autograd.compiler.rolling.views import BATCHED, MEANS, SHARED, Index, View
from autograd.primitive import Primitive
from autograd.primitives import add, neg, sub

Rows: TypeAlias = tuple[str, Index]  # a space and row numbers in it
Shape: TypeAlias = tuple[int | str, ...]
F = TypeVar("F")  # a form
_FEW_RUNS = 4  # of rows, for which an operation is called one by one rather than on a copy


class Emitter:
    """Writes the steps of instructions, one instruction after the other."""

    def __init__(
        self, forms: Forms, layout: RowLayout, wished: dict[Node, int], is_step: bool = False
    ) -> None:
        self.forms, self.layout, self.is_step = forms, layout, is_step
        self.programs: dict[Node, Any] = {}  # of loops, the program of a step
        self.stacks: dict[Node, tuple[str, int, int]] = {}  # of loops, the rows of their outputs
        self.wished = wished  # for a total the row of the means in which it is wanted
        self.filled: dict[Node, tuple[ProductTerm, ...]] = {}  # terms of sums, filled up with zeros
        self._gathered: dict[tuple[str, bytes], View] = {}  # rows that have been copied
        self.steps: list[Step] = []  # of the instruction that is being written

    def finish(
        self, name: str, nodes: Sequence[Node], rows: Rows, formula: str, sizes: Shape = ()
    ) -> Instruction:
        """Place the nodes and return the instruction, its result of these sizes, else a list."""
        space, numbers = rows
        self.layout.put(nodes, space, numbers)
        batch = ("B",) if space == BATCHED else ()
        shape = (*(sizes or (len(nodes),)), *batch)
        steps, self.steps = self.steps, []
        end, mean_of = len(self.forms.tape), self.forms.mean_of
        covers = {node for node in nodes if node < end}
        covers.update(*(self.forms.absorbed.get(node, ()) for node in nodes))
        results = [n for node in nodes if (n := mean_of.get(node, node)) < end]
        return Instruction(name, formula, shape, steps, sorted(covers), results)

    def forms_of(self, kind: type[F], nodes: Sequence[Node]) -> list[F]:
        """The forms of nodes that are all of one kind."""
        return [form for n in nodes if isinstance(form := self.forms.form[n], kind)]

    def terms(self, node: Node) -> tuple[ProductTerm, ...]:
        """The terms of a sum or a total."""
        form = self.forms.form[node]
        assert isinstance(form, (SumOfProducts, Total))
        return self.filled.get(node, form.terms)

    def block(self, space: str, count: int, name: str = "") -> Index:
        """Reserve rows for the result of that name, or for an intermediate one."""
        return self.layout.reserve(space, count, name or "scratch") + np.arange(count)

    def begin(self, nodes: Sequence[Node]) -> tuple[str, Rows]:
        """Name the result of a group of nodes, and reserve rows for it."""
        space = BATCHED if self.forms.is_batched[nodes[0]] else SHARED
        name = self.layout.name_of(nodes)
        return name, (space, self.block(space, len(nodes), name))

    def view(self, rows: Rows) -> View:
        """A view of rows in their shape: a slice, or gathered."""
        space, numbers = rows
        strided = views.even(numbers)
        if strided is None:
            return self.gather(rows)
        offset, strides = strided
        return View(space, offset, numbers.shape, strides)

    def gather(self, rows: Rows) -> View:
        """A view of the rows, copied one after the other unless they have been copied already."""
        space, numbers = rows
        key = (space, numbers.tobytes())
        known = self._gathered.get(key)
        if known is None:
            start = self.layout.reserve(space, numbers.size, "gathered")
            known = self._gathered[key] = views.contiguous(space, start, (numbers.size,))
            self.steps.append(
                Step(StepKind.GATHER, known, index=numbers.ravel().copy(), space=space)
            )
        return views.contiguous(space, known.offset, numbers.shape)

    def table(self, space: str, rows: Index) -> tuple[View, tuple[int, ...]]:
        """A view of (n, k) rows, with n in as many axes as it takes, and these axes."""
        grid = views.common_grid(rows.T)
        if grid:
            shaped = rows.reshape(*grid, rows.shape[1])
            if views.even(shaped):
                return self.view((space, shaped)), grid
        return self.view((space, rows)), rows.shape[:1]

    def rows_of_means(self, nodes: Index, is_first: bool) -> tuple[Index, View]:
        """The rows in which totals are wanted if these are evenly spaced, else new ones, as a view.

        The array of nodes holds -1 for an element that is not wanted.
        """
        wished = np.array([self.wished.get(node, -1) for node in nodes.ravel().tolist()])
        grid = wished.reshape(nodes.shape)
        if is_first and (wished >= 0).all() and views.even(grid):
            return wished, self.view((MEANS, grid))
        rows = self.block(MEANS, nodes.size)
        return rows, views.contiguous(MEANS, int(rows[0]), nodes.shape)

    def oriented(self, x: Index, z: Index) -> tuple[Index, Index]:
        """Put the shared factor first, or else the one computed later."""
        if z.flat[0] == NONE:
            return x, z
        late_x, late_z = (self.layout.rank[n] + (~self.is_batched(n) << 40) for n in (x, z))
        swapped = (late_z > late_x) & (x != self.layout.zero) & (z != self.layout.zero)
        return np.where(swapped, z, x), np.where(swapped, x, z)

    def order(self, slots: Sequence[Index]) -> Index:
        """Find an order of n nodes in which the rows of their operands, n of each, are slices."""
        as_it_is = np.arange(len(slots[0]))
        if len(as_it_is) < 3:  # always evenly spaced
            return as_it_is
        stacked = np.stack(slots)
        orders = [as_it_is, *(np.argsort(rows, kind="stable") for rows in slots)]
        for order in orders:
            if views.common_grid(stacked[:, order]):
                return order
        counts = [len(views.runs(stacked[:, order])) for order in orders]
        return orders[int(np.argmin(counts))] if min(counts) <= _FEW_RUNS else as_it_is

    def apply(self, row: Primitive | None, operands: Sequence[Rows], out: Rows) -> None:
        """Apply a primitive (None: copy) to lists of rows, as slices where possible."""
        kept = [out[1]]
        grid = views.common_grid(out[1][None])
        assert grid, "the rows of a result are evenly spaced"
        see = [self.gather] * len(operands)
        batched_first = sorted(range(len(operands)), key=lambda i: operands[i][0] != BATCHED)
        for i in batched_first:
            finer: tuple[int, ...] | None = grid
            if len(out[1]) > 2:
                finer = views.common_grid(np.stack([*kept, operands[i][1]]))
            if finer:
                kept.append(operands[i][1])
                grid, see[i] = finer, self.view
        if self.gather in see:
            parts = views.runs(np.stack([out[1], *(rows for _, rows in operands)]))
            if len(parts) <= _FEW_RUNS:
                for part in parts:
                    self.apply(row, [(s, r[part]) for s, r in operands], (out[0], out[1][part]))
                return
        shaped = [(space, rows.reshape(grid)) for space, rows in (*operands, out)]
        *inputs, into = [look(x) for look, x in zip([*see, self.view], shaped, strict=True)]
        self.steps.append(Step(StepKind.APPLY, into, tuple(inputs), row))

    def in_order(self, row: Primitive, operands: Sequence[Rows], out: Rows) -> Index:
        """Apply a primitive in place, in the order of the rows; return the rows of the result.

        Rows with gaps, of a product of which not all elements are wanted, are copied first.
        """
        space, rows = out
        order = np.argsort(rows, kind="stable")
        into = rows[order]
        if views.common_grid(into[None]) is None:
            into = self.block(space, len(rows))
        self.apply(row, [(s, r[order]) for s, r in operands], (space, into))
        result = np.empty_like(rows)
        result[order] = into
        return result

    def reduce(self, row: Primitive, operands: Rows, out: Rows) -> None:
        """Reduce (n, k) rows along their last axis."""
        space, rows = operands
        view, sizes = self.table(space, rows)
        target = self.view((out[0], out[1].reshape(sizes)))
        self.steps.append(Step(StepKind.REDUCE, target, (view,), row))

    def accumulate(self, out: tuple[str, Index | None], sign: int, part: Rows) -> Index:
        """Add a part to the result, or start with it."""
        space, rows = out
        if rows is None:
            assert part[0] == space
            return self.in_order(neg, [part], part) if sign < 0 else part[1]
        return self.in_order(add if sign > 0 else sub, [(space, rows), part], (space, rows))

    def add_up(self, terms: list[tuple[int, Rows]], out: Rows) -> None:
        """Add terms from left to right; the signs cost no further rounding."""
        (first_sign, first), *rest = terms
        if not rest:
            self.apply(neg if first_sign < 0 else None, [first], out)
            return
        (sign, second), *rest = rest
        if first_sign > 0:
            self.apply(add if sign > 0 else sub, [first, second], out)
        elif sign > 0:
            self.apply(sub, [second, first], out)
        else:
            self.apply(add, [first, second], out)
            self.apply(neg, [out], out)
        for sign, addend in rest:
            self.apply(add if sign > 0 else sub, [out, addend], out)

    def is_batched(self, nodes: Index) -> NDArray[np.bool_]:
        """For each node whether it differs from example to example."""
        batched = [self.forms.is_batched[n] for n in nodes.ravel().tolist()]
        return np.array(batched).reshape(nodes.shape)

    def label(self, nodes: Index) -> str:
        """The label of the rows of nodes; of shared and batched ones the labels of both."""
        spaces = self.layout.space[nodes]
        parts = [self.layout.where(nodes[spaces == space]) for space in np.unique(spaces)[::-1]]
        return ", ".join(dict.fromkeys(self.layout.label(*part) for part in parts))

    def term_label(self, x: Index, z: Index) -> str:
        """The label of terms, by their factors."""
        return self.label(x) if z.flat[0] == NONE else f"{self.label(x)} * {self.label(z)}"
