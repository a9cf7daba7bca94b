"""Re-rolling: from groups of isomorphic scalars to array instructions.

Each group becomes one instruction over a block of rows. Its operands are slices where their rows
run evenly, else they are gathered first. Sums of products become matrix products where they share
operands (`blocks.py`), sums of many terms reductions, and what fits no pattern is computed term by
term, each over the whole group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.passes.schedule import term_kind
from autograd.compiler.passes.sums import NONE, Apply, Fold, Node, Sum, Take, Total
from autograd.compiler.rolling.emitter import Rows
from autograd.compiler.rolling.instructions import (
    APPLY,
    PICK,
    TAKE,
    TOTAL,
    Step,
)  # fmt: skip
from autograd.compiler.rolling.matrices import Blocks, find_blocks
from autograd.compiler.rolling.products import FEW, Kind, ProductEmitter
from autograd.compiler.rolling.views import (
    BATCHED,
    MEANS,
    SHARED,
    Index,
    contiguous,
)  # fmt: skip
from autograd.primitive import Primitive
from autograd.primitives import add, mul


class Roller(ProductEmitter):
    """Turns groups into instructions, one after the other."""

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

    # Sums

    def _roll_sum(self, nodes: list[Node]) -> None:
        kinds = self._by_kind(nodes)
        space = self._space(nodes[0])
        products = {
            kind: blocks for kind, slots in kinds.items()
            if (blocks := self._products(kind, *slots)) is not None
        }  # fmt: skip
        if products or sum(x.shape[1] for x, _ in kinds.values()) > FEW or self._is_plain(kinds):
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

    @staticmethod
    def _is_plain(kinds: dict[Kind, tuple[Index, Index]]) -> bool:
        """Whether it is one reduction of terms without factors."""
        return len(kinds) == 1 and all(
            (kind[1] == 1 and x.shape[1] > 2) or Roller._is_scaled(kind, x)
            for kind, (x, _) in kinds.items()
        )

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

    def _term_rows(self, nodes: list[Node], space: str, x: Index, z: Index) -> Index:
        """The rows of one term of each node."""
        operands = self._located([x] if z[0] == NONE else [x, z])
        is_result = not self._name and space == self._space(nodes[0])
        if len(operands) == 1 and not is_result:
            return operands[0][1]
        rows = self._new_rows(nodes, space, len(nodes))
        self._apply(mul if len(operands) == 2 else None, operands, (space, rows))
        return rows

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


def _joined(terms: Sequence[str]) -> str:
    text = " ".join(terms)
    return text[2:] if text.startswith("+ ") else "-" + text[2:]


_HANDLERS: dict[type, Callable[[Roller, list[Node]], None]] = {
    Apply: Roller._roll_apply, Fold: Roller._roll_fold, Sum: Roller._roll_sum,
    Take: Roller._roll_take, Total: Roller._roll_total,
}  # fmt: skip
