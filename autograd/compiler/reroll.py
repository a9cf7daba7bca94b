"""Re-rolling: from groups of isomorphic scalars to array instructions.

Each group becomes one instruction over a block of rows. Its operands are slices where their rows
run evenly, else they are gathered first. Sums of products become matrix products where they share
operands (`blocks.py`), sums of many terms reductions, and what fits no pattern is computed term by
term, each over the whole group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.blocks import Blocks, find_blocks
from autograd.compiler.instructions import (
    APPLY,
    CONTRACT,
    GATHER,
    MATMUL,
    OUTER,
    PICK,
    PRODUCT,
    REDUCE,
    TAKE,
    TOTAL,
    Instruction,
    Step,
)  # fmt: skip
from autograd.compiler.layout import Layout
from autograd.compiler.schedule import term_kind
from autograd.compiler.sums import NONE, Apply, Fold, Forms, Node, Sum, Take, Total
from autograd.compiler.views import (
    BATCHED,
    MEANS,
    SHARED,
    Index,
    View,
    common_grid,
    contiguous,
    even,
)  # fmt: skip
from autograd.primitive import Primitive
from autograd.primitives import add, mul, neg, sub

Rows = tuple[str, Index]  # a space and row numbers in it
Kind = tuple[int, int, int]
_MANY = 64  # so many sums without a common factor are still one product each
_FEW = 8  # so many terms are added up one by one, in the order of the program


class Roller:
    """Turns groups into instructions, one after the other.

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

    def roll(self, group: Sequence[Node]) -> None:
        """Make the instructions of a group: one for those with equally many terms of each kind."""
        handler = _HANDLERS[type(self.forms.form[group[0]])]
        parts: dict[Hashable, list[Node]] = {}
        for node in group:
            parts.setdefault(self._shape_of(node), []).append(node)
        for part in parts.values():
            self._steps, self._name = [], ""
            handler(self, part)

    def _shape_of(self, node: Node) -> Hashable:
        form = self.forms.form[node]
        if isinstance(form, Apply):
            return None
        if isinstance(form, Fold):
            return tuple([self.forms.is_batched[x] for x in form.operands])
        if isinstance(form, Take):
            return len(form.candidates)
        kinds = Counter([term_kind(self.forms.is_batched, *term) for term in form.terms])
        picks = len(form.picks) if isinstance(form, Total) else 0
        return frozenset(kinds.items()), picks

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

    def _space(self, node: Node) -> str:
        return BATCHED if self.forms.is_batched[node] else SHARED

    # Views

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

    def _order(self, slots: Index) -> Index:
        """An order of n nodes in which the rows of their operands (m, n) are slices if possible."""
        count = slots.shape[1]
        candidates = [np.arange(count)]
        candidates += [np.argsort(rows, kind="stable") for rows in slots]
        for order in candidates:
            if common_grid(slots[:, order]):
                return order
        return candidates[0]

    def _located(self, slots: Iterable[Index]) -> list[Rows]:
        return [self.layout.where(nodes) for nodes in slots]

    # Operations of the table

    def _roll_apply(self, nodes: list[Node]) -> None:
        forms = [self.forms.form[node] for node in nodes]
        row: Primitive = forms[0].row  # type: ignore[union-attr]
        slots = np.array([form.operands for form in forms]).T  # type: ignore[union-attr]
        operands = self._located(slots)
        order = self._order(np.stack([rows for _, rows in operands]))
        nodes = [nodes[i] for i in order.tolist()]
        operands = [(space, rows[order]) for space, rows in operands]
        space = self._space(nodes[0])
        out = self._block(nodes, space, len(nodes))
        self._apply(row, operands, (space, out))
        labels = [self.layout.label(*rows) for rows in operands]
        formula = f"{row.name}({', '.join(labels)})"
        if len(labels) == row.arity:
            formula = row.text.format(*labels)
        self._done(nodes, (space, out), formula, self._shape((len(nodes),), space))

    def _roll_fold(self, nodes: list[Node]) -> None:
        forms = [self.forms.form[node] for node in nodes]
        row: Primitive = forms[0].row  # type: ignore[union-attr]
        slots = np.array([form.operands for form in forms])  # type: ignore[union-attr]
        space = self._space(nodes[0])
        out = self._block(nodes, space, len(nodes))
        if slots.shape[1] == 2 or len(set(self._shape_of(nodes[0]))) > 1:  # type: ignore[call-overload]
            columns = self._located(slots.T)
            self._apply(row, columns[:2], (space, out))
            for column in columns[2:]:
                self._apply(row, [(space, out), column], (space, out))
        else:
            self._reduce(row, self.layout.where(slots), (space, out))
        if slots.shape[1] == 2:
            formula = row.text.format(*map(self._label, slots.T))
        else:
            listed = dict.fromkeys(map(self._label, self._by_space(slots)))
            formula = f"{row.symbol} of {slots.shape[1]} of {', '.join(listed)}"
        self._done(nodes, (space, out), formula, self._shape((len(nodes),), space))

    def _by_space(self, nodes: Index) -> list[Index]:
        """The nodes that are batched, and those that are not."""
        batched = np.array([self.forms.is_batched[n] for n in nodes.ravel().tolist()])
        return [part for part in (nodes.ravel()[batched], nodes.ravel()[~batched]) if len(part)]

    def _reduce(self, row: Primitive, operands: Rows, out: Rows) -> None:
        """Along the last axis of (n, k) rows."""
        space, rows = operands
        view, sizes = self._table(space, rows)
        target = self._view((out[0], out[1].reshape(sizes)))
        self._steps.append(Step(REDUCE, target, (view,), row))

    def _table(self, space: str, rows: Index) -> tuple[View, tuple[int, ...]]:
        """A view of (n, k) rows, with n in as many axes as it takes, and these axes."""
        grid = common_grid(rows.T)
        if grid:
            shaped = rows.reshape(*grid, rows.shape[1])
            if even(shaped):
                return self._view((space, shaped)), grid
        return self._view((space, rows)), rows.shape[:1]

    # Sums

    def _roll_sum(self, nodes: list[Node]) -> None:
        kinds = self._by_kind(nodes)
        space = self._space(nodes[0])
        products = {
            kind: blocks for kind, slots in kinds.items()
            if (blocks := self._products(kind, *slots)) is not None
        }  # fmt: skip
        if products or sum(x.shape[1] for x, _ in kinds.values()) > _FEW or self._is_plain(kinds):
            self._sum_by_kind(nodes, space, kinds, products)
        else:
            self._sum_by_term(nodes, space)

    def _by_kind(self, nodes: Sequence[Node]) -> dict[Kind, tuple[Index, Index]]:
        """The factors of the terms of each kind: two arrays (n, k) of nodes."""
        found: dict[Kind, list[list[tuple[Node, Node]]]] = {}
        for i, node in enumerate(nodes):
            for term in self.forms.form[node].terms:  # type: ignore[union-attr]
                kind = term_kind(self.forms.is_batched, *term)
                rows = found.setdefault(kind, [])
                if len(rows) == i:
                    rows.append([])
                rows[i].append((term[1], term[2]))
        arrays = {kind: np.array(rows) for kind, rows in found.items()}
        return {kind: self._oriented(a[..., 0], a[..., 1]) for kind, a in arrays.items()}

    def _oriented(self, x: Index, z: Index) -> tuple[Index, Index]:
        """The factors with the shared one, or else the one computed later, first."""
        if z.flat[0] == NONE:
            return x, z
        swap = self._precedence(z) > self._precedence(x)
        return np.where(swap, z, x), np.where(swap, x, z)

    def _precedence(self, nodes: Index) -> Index:
        is_shared = ~np.array([self.forms.is_batched[n] for n in nodes.ravel().tolist()])
        return self.layout.rank[nodes] + (is_shared.reshape(nodes.shape) << 40)

    @staticmethod
    def _is_plain(kinds: dict[Kind, tuple[Index, Index]]) -> bool:
        """Whether it is one reduction of terms without factors."""
        return len(kinds) == 1 and all(
            (kind[1] == 1 and x.shape[1] > 2) or Roller._is_scaled(kind, x)
            for kind, (x, _) in kinds.items()
        )

    def _products(self, kind: Kind, x: Index, z: Index) -> list[Blocks] | None:
        """The matrix products that terms of a kind make up, if they do."""
        sums, count = x.shape
        if kind[1] < 2 or count < 2 or self._is_scaled(kind, x):
            return None
        blocks = self._find_blocks(x, z)
        if count >= _FEW or any(b.shares for b in blocks) or (sums == 1 and kind[2] < 2):
            return blocks
        if count > 2 and kind[2] == 1 and sums <= _MANY:  # each row its own weights
            return blocks
        return None

    def _scaled(self, x: Index, z: Index) -> Rows:
        """The products of nodes (n, k), each on its own."""
        rows = self._scratch(BATCHED, x.size)
        operands = self._located([x.ravel(), z.ravel()])
        self._apply(mul, operands, (BATCHED, rows))
        return BATCHED, rows.reshape(x.shape)

    @staticmethod
    def _is_scaled(kind: Kind, x: Index) -> bool:
        """Whether the products of each sum have one shared factor: c (z0 + z1 + …)."""
        return kind[1] == 2 and kind[2] == 1 and x.shape[1] > 2 and bool((x == x[:, :1]).all())

    def _find_blocks(self, x: Index, z: Index) -> list[Blocks]:
        """The matrix products in sums of products of nodes (n, k).

        A gradient gathers its terms backwards: they are turned round, so that rows ascend.
        """
        left, right = self.layout.where(x)[1], self.layout.where(z)[1]
        if right[0, 0] > right[0, -1]:
            left, right = left[:, ::-1], right[:, ::-1]
        return find_blocks(left, right)

    def _sum_by_kind(
        self, nodes: list[Node], space: str, kinds: dict[Kind, tuple[Index, Index]],
        products: dict[Kind, list[Blocks]],
    ) -> None:  # fmt: skip
        """Matrix products first, then reductions, then what is left, term by term."""
        order = sorted(kinds, key=lambda kind: (kind[2] == 0, kind not in products, kind[0] < 0))
        formulas: list[str] = []
        out: Index | None = None
        shape: tuple[int | str, ...] = (len(nodes),)
        for kind in order:
            x, z = kinds[kind]
            part_space = space if kind[2] else SHARED
            parts: list[Index] = []
            if kind in products:
                part, label, sizes = self._multiply(nodes, part_space, x, z, products[kind], kind)
                shape = sizes if out is None else shape
                parts, labels = [part], [label]
            elif (x.shape[1] > 2 and kind[1] == 1) or self._is_scaled(kind, x):
                parts = [self._new_rows(nodes, part_space, len(nodes))]
                addends = self.layout.where(x) if kind[1] == 1 else self._scaled(x, z)
                self._reduce(add, addends, (part_space, parts[0]))
                label = self._label(x) if kind[1] == 1 else self._term_label(x, z)
                labels = [f"sum of {x.shape[1]} of {label}"]
            else:
                labels = [self._term_label(x[:, j], z[:, j]) for j in range(x.shape[1])]
                for j in range(x.shape[1]):
                    parts.append(self._term_rows(nodes, part_space, x[:, j], z[:, j]))
            for part in parts:
                out = self._accumulate((space, out), kind[0], (part_space, part))
            formulas += [("- " if kind[0] < 0 else "+ ") + label for label in labels]
        assert out is not None
        self._done(nodes, (space, out), _joined(formulas), self._shape(shape, space))

    def _new_rows(self, nodes: Sequence[Node], space: str, count: int) -> Index:
        """Rows for the result if it has none yet, else for a part of it."""
        is_result = not self._name and space == self._space(nodes[0])
        return self._block(nodes, space, count) if is_result else self._scratch(space, count)

    def _term_rows(self, nodes: list[Node], space: str, x: Index, z: Index) -> Index:
        """The rows of one term of each node."""
        operands = self._located([x] if z[0] == NONE else [x, z])
        is_result = not self._name and space == self._space(nodes[0])
        if len(operands) == 1 and not is_result:
            return operands[0][1]
        rows = self._new_rows(nodes, space, len(nodes))
        self._apply(mul if len(operands) == 2 else None, operands, (space, rows))
        return rows

    def _accumulate(self, out: tuple[str, Index | None], sign: int, part: Rows) -> Index:
        """Add a part to the result, or begin with it."""
        space, rows = out
        if rows is None:
            assert part[0] == space
            if sign < 0:
                return self._in_order(neg, [part], part)
            return part[1]
        return self._in_order(add if sign > 0 else sub, [(space, rows), part], (space, rows))

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

    @staticmethod
    def _wider(operands: Sequence[Rows]) -> str:
        return BATCHED if any(space == BATCHED for space, _ in operands) else SHARED

    def _sum_by_term(self, nodes: list[Node], space: str) -> None:
        """Every term over the whole group, in the order of the program."""
        columns = self._columns(nodes)
        located = [[rows for _, rows in self._located(slots)] for _, slots in columns]
        order = self._order(np.concatenate([np.stack(rows) for rows in located]))
        nodes = [nodes[i] for i in order.tolist()]
        out = self._block(nodes, space, len(nodes))
        target = (space, out)
        terms: list[tuple[int, Rows]] = []
        formulas = []
        for sign, slots in columns:
            operands = [(s, rows[order]) for s, rows in self._located(slots)]
            label = " * ".join(self.layout.label(*rows) for rows in operands)
            formulas.append(("- " if sign < 0 else "+ ") + label)
            if len(operands) == 2:
                wider = self._wider(operands)
                product = (wider, self._scratch(wider, len(nodes)))
                self._apply(mul, operands, product)
                terms.append((sign, product))
            else:
                terms.append((sign, operands[0]))
        self._add_up(terms, target)
        self._done(nodes, target, _joined(formulas), self._shape((len(nodes),), space))

    def _columns(self, nodes: Sequence[Node]) -> list[tuple[int, list[Index]]]:
        """The terms in the order of the first node: their sign and the nodes of their factors."""

        def kind_of(term: tuple[int, Node, Node]) -> Kind:
            return term_kind(self.forms.is_batched, *term)

        terms = [self.forms.form[node].terms for node in nodes]  # type: ignore[union-attr]
        kinds = [kind_of(term) for term in terms[0]]
        lined_up = []
        for each in terms:
            left: dict[Kind, list[Any]] = {}
            for term in each:
                left.setdefault(kind_of(term), []).append(term)
            lined_up.append([left[kind].pop(0) for kind in kinds])
        columns = []
        for j, kind in enumerate(kinds):
            x = np.array([each[j][1] for each in lined_up])
            z = np.array([each[j][2] for each in lined_up])
            columns.append((kind[0], [x] if kind[1] == 1 else list(self._oriented(x, z))))
        return columns

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

    # Matrix products

    def _multiply(
        self, nodes: list[Node], space: str, x: Index, z: Index, found: list[Blocks], kind: Kind
    ) -> tuple[Index, str, tuple[int | str, ...]]:  # fmt: skip
        """The rows of each node's sum of products, the formula, and the shape of the result."""
        count = sum(blocks.members.size for blocks in found)
        rows = self._new_rows(nodes, space, count)
        place = np.full(len(nodes), -1)
        formulas, start = [], 0
        sizes: tuple[int | str, ...] = (count,)
        for blocks in found:
            here = rows[start : start + blocks.members.size]
            start += len(here)
            members, formula = self._product(kind, x, z, blocks, (space, here))
            wanted = members >= 0
            place[members[wanted]] = here.reshape(members.shape)[wanted]
            formulas.append(formula)
            if len(found) == 1:
                sizes = tuple(n for n in members.shape if n > 1) or (1,)
        assert (place >= 0).all()
        return place, "; ".join(dict.fromkeys(formulas)), sizes

    def _product(
        self, kind: Kind, x: Index, z: Index, blocks: Blocks, out: Rows
    ) -> tuple[Index, str]:
        """One step for products of one shape; which node each element is, in the rows' order."""
        left = self._view((self.layout.where(x)[0], blocks.left))
        right = self._view((self.layout.where(z)[0], blocks.right))
        c, u, v = blocks.members.shape
        labels = self._product_labels(blocks, x, z, kind)
        if kind[2] == 1:  # shared times batched
            members = blocks.members.transpose(0, 2, 1)
            target = contiguous(out[0], int(out[1][0]), (c, v, u))
            axes = tuple(i for i, n in enumerate((c, v)) if n == 1)
            step = Step(
                MATMUL, target.squeeze(axes), (left.expand(1).squeeze(axes), right.squeeze(axes))
            )
            formula = "{} @ {}".format(*labels)
        else:
            members = blocks.members
            target = contiguous(out[0], int(out[1][0]), (c, u, v))
            if kind[2] == 0:
                step = Step(PRODUCT, target, (left, right.transpose(0, 2, 1)))
                formula = "{} @ {}ᵀ".format(*labels)
            else:
                step = Step(CONTRACT, target, (left, right))
                formula = "sum({} * {})".format(*labels)
        self._steps.append(step)
        return members, formula

    def _product_labels(self, blocks: Blocks, x: Index, z: Index, kind: Kind) -> list[str]:
        labels = []
        for nodes, rows in ((x, blocks.left), (z, blocks.right)):
            space = self.layout.where(nodes)[0]
            sizes = [n for n in rows.shape if n > 1] or [1]
            axes = [*sizes, "B"] if space == BATCHED else sizes
            turned = "ᵀ" if space == SHARED and _is_transposed(rows) else ""
            label = self.layout.label(space, rows)
            labels.append(f"{label}{turned}[{','.join(map(str, axes))}]")
        return labels

    # Means over the batch

    def _roll_total(self, nodes: list[Node]) -> None:
        forms = [self.forms.form[node] for node in nodes]
        self._name = self._name_of_means(nodes)
        formulas: list[str] = []
        out: Index | None = None
        shape: tuple[int | str, ...] = (len(nodes),)
        if forms[0].picks:  # type: ignore[union-attr]
            out, formula = self._pick(nodes)
            formulas.append("+ " + formula)
        kinds = self._by_kind(nodes) if forms[0].terms else {}  # type: ignore[union-attr]
        for kind, (x, z) in sorted(kinds.items(), key=lambda item: item[0][0] < 0):
            if kind[1] == kind[2] == 2:
                part, formula, sizes = self._outer(nodes, x, z, out is None)
                shape = sizes if out is None else shape
            else:
                addends = self.layout.where(x) if kind[1] == 1 else self._scaled(x, z)
                view, grid = self._table(*addends)
                part, target = self._wished_rows(np.array(nodes).reshape(grid), out is None)
                self._steps.append(Step(TOTAL, target, (view,)))
                formula = f"mean over B of {self._term_label(x, z)}"
            formulas.append(("- " if kind[0] < 0 else "+ ") + formula)
            out = self._accumulate((MEANS, out), kind[0], (MEANS, part))
        assert out is not None
        self._done(nodes, (MEANS, out), _joined(formulas), shape)

    def _name_of_means(self, nodes: Sequence[Node]) -> str:
        rows = [self.wished[node] for node in nodes if node in self.wished]
        if len(rows) == len(nodes):  # the gradient of parameters, which are the first shared rows
            return self.layout.fresh("d" + self.layout.label(SHARED, np.array(rows)))
        owners = [self.forms.mean_of[node] for node in nodes]
        names = [self.forms.tape.names.get(owner) for owner in owners]
        if names[0] and len(names) == 1:
            return self.layout.fresh(f"mean {names[0]}")
        return self.layout.name_of(owners)

    def _wished_rows(self, nodes: Index, is_first: bool) -> tuple[Index, View]:
        """The rows in which totals are wanted if those run evenly, else new ones, and their view.

        A place where the array of nodes holds -1 is one that nobody wants.
        """
        wished = np.array([self.wished.get(node, -1) for node in nodes.ravel().tolist()])
        found = None
        if is_first and (wished >= 0).all():
            found = even(wished.reshape(nodes.shape))
        if found is None:
            wished = self._scratch(MEANS, nodes.size)
            return wished, contiguous(MEANS, int(wished[0]), nodes.shape)
        return wished, View(MEANS, found[0], nodes.shape, found[1])

    def _outer(
        self, nodes: list[Node], x: Index, z: Index, is_first: bool
    ) -> tuple[Index, str, tuple[int | str, ...]]:
        """Sums over the batch of products, as matrix products."""
        place = np.full(len(nodes), -1)
        formulas = []
        names = np.array(nodes)
        sizes: tuple[int | str, ...] = (len(nodes),)
        found = self._find_blocks(x, z)
        for blocks in found:
            left = self._view((self.layout.where(x)[0], blocks.left))
            right = self._view((self.layout.where(z)[0], blocks.right))
            members = blocks.members
            rows, out = self._wished_rows(np.where(members < 0, -1, names[members]), is_first)
            self._steps.append(Step(OUTER, out, (left, right)))
            wanted = members.ravel() >= 0
            place[members.ravel()[wanted]] = rows[wanted]
            formulas.append("{} @ {}ᵀ / B".format(*self._product_labels(blocks, x, z, (1, 2, 2))))
            if len(found) == 1:
                sizes = tuple(n for n in members.shape if n > 1) or (1,)
        return place, "; ".join(dict.fromkeys(formulas)), sizes

    def _pick(self, nodes: list[Node]) -> tuple[Index, str]:
        """Sums over the batch of what an index picks: the gradient of a table."""
        picks = [self.forms.form[node].picks for node in nodes]  # type: ignore[union-attr]
        index = np.array([[p.chooser for p in each] for each in picks])
        choice = np.array([[p.choice for p in each] for each in picks])
        x = np.array([[p.x for p in each] for each in picks])
        assert all(p.sign > 0 for each in picks for p in each)
        span = int(choice.max()) + 1
        keys = index * span + choice
        place = np.full(len(nodes), -1)
        space, rows = self.layout.where(x)
        for blocks in find_blocks(keys, rows):
            members = blocks.members
            target = self._scratch(MEANS, members.size)
            out = contiguous(MEANS, int(target[0]), members.shape)
            right = self._view((space, blocks.right))
            index, choices = np.divmod(blocks.left, span)
            self._steps.append(Step(PICK, out, (right,), index=index, choices=choices))
            wanted = members.ravel() >= 0
            place[members.ravel()[wanted]] = target[wanted]
        return place, f"pick({self._label(x)}) / B"

    # Choices by an integer input

    def _roll_take(self, nodes: list[Node]) -> None:
        forms = [self.forms.form[node] for node in nodes]
        candidates = np.array([form.candidates for form in forms])  # type: ignore[union-attr]
        index = np.array([form.chooser for form in forms])  # type: ignore[union-attr]
        spaces = {self._space(int(n)) for n in candidates.flat}
        space, rows = self.layout.where(candidates) if len(spaces) == 1 else self._mixed(candidates)
        if space == BATCHED:
            found = [
                Blocks(rows[:, None], index[:, None, None], np.arange(len(nodes))[:, None, None])
            ]
        else:
            found = find_blocks(rows, index[:, None])
        count = sum(blocks.members.size for blocks in found)
        out = self._block(nodes, BATCHED, count)
        place = np.full(len(nodes), -1)
        start = 0
        for blocks in found:
            here = out[start : start + blocks.members.size]
            start += len(here)
            view = self._view((space, blocks.left))
            target = contiguous(BATCHED, int(here[0]), blocks.members.shape)
            self._steps.append(Step(TAKE, target, (view,), index=blocks.right[..., 0]))
            wanted = blocks.members >= 0
            place[blocks.members[wanted]] = here.reshape(blocks.members.shape)[wanted]
        indices = self.layout.label(*self.layout.where(index))
        formula = f"take({self.layout.label(space, rows)}, {indices})"
        self._done(nodes, (BATCHED, place), formula, self._shape((len(nodes),), BATCHED))

    def _mixed(self, nodes: Index) -> Rows:
        """Rows of nodes of which some are shared and some batched: all copied to batched ones."""
        flat = nodes.ravel()
        out = self._scratch(BATCHED, len(flat))
        for space in (SHARED, BATCHED):
            here = np.array([self._space(int(n)) == space for n in flat])
            rows = self.layout.where(flat[here])
            for source, target in zip(rows[1].tolist(), out[here].tolist(), strict=True):
                step = contiguous(BATCHED, target, (1,))
                self._steps.append(Step(APPLY, step, (contiguous(space, source, (1,)),), None))
        return BATCHED, out.reshape(nodes.shape)

    # Texts

    def _label(self, nodes: Index) -> str:
        return self.layout.label(*self.layout.where(nodes))

    def _term_label(self, x: Index, z: Index) -> str:
        return self._label(x) if z.flat[0] == NONE else f"{self._label(x)} * {self._label(z)}"

    @staticmethod
    def _shape(sizes: tuple[int | str, ...], space: str) -> tuple[int | str, ...]:
        return (*sizes, "B") if space == BATCHED else sizes


def _is_transposed(rows: Index) -> bool:
    """Whether a matrix (c, u, k) lies in memory with its columns one after the other."""
    if rows.shape[1] < 2 or rows.shape[2] < 2:
        return False
    first = rows[0, 0, 0]
    return bool(0 < rows[0, 1, 0] - first < rows[0, 0, 1] - first)


def _joined(terms: Sequence[str]) -> str:
    text = " ".join(terms)
    return text[2:] if text.startswith("+ ") else "-" + text[2:]


_HANDLERS: dict[type, Callable[[Roller, list[Node]], None]] = {
    Apply: Roller._roll_apply, Fold: Roller._roll_fold, Sum: Roller._roll_sum,
    Take: Roller._roll_take, Total: Roller._roll_total,
}  # fmt: skip
