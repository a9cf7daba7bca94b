"""Sums of products as matrix products, for each example and summed over the batch."""

from __future__ import annotations

import numpy as np

from autograd.compiler.passes.sums import NONE, Node
from autograd.compiler.rolling.emitter import Emitter, Rows
from autograd.compiler.rolling.instructions import (
    CONTRACT,
    MATMUL,
    OUTER,
    PRODUCT,
    Step,
)  # fmt: skip
from autograd.compiler.rolling.matrices import Blocks, find_blocks
from autograd.compiler.rolling.views import (
    BATCHED,
    MEANS,
    SHARED,
    Index,
    View,
    contiguous,
    even,
)  # fmt: skip
from autograd.primitives import mul

Kind = tuple[int, int, int]
MANY = 64  # so many sums without a common factor are still one product each
FEW = 8  # so many terms are added up one by one, in the order of the program


class ProductEmitter(Emitter):
    """Writes the steps of matrix products."""

    def _oriented(self, x: Index, z: Index) -> tuple[Index, Index]:
        """The factors with the shared one, or else the one computed later, first."""
        if z.flat[0] == NONE:
            return x, z
        swap = self._precedence(z) > self._precedence(x)
        return np.where(swap, z, x), np.where(swap, x, z)

    def _precedence(self, nodes: Index) -> Index:
        is_shared = ~np.array([self.forms.is_batched[n] for n in nodes.ravel().tolist()])
        return self.layout.rank[nodes] + (is_shared.reshape(nodes.shape) << 40)

    def _products(self, kind: Kind, x: Index, z: Index) -> list[Blocks] | None:
        """The matrix products that terms of a kind make up, if they do."""
        sums, count = x.shape
        if kind[1] < 2 or count < 2 or self._is_scaled(kind, x):
            return None
        blocks = self._find_blocks(x, z)
        if count >= FEW or any(b.shares for b in blocks) or (sums == 1 and kind[2] < 2):
            return blocks
        if count > 2 and kind[2] == 1 and sums <= MANY:  # each row its own weights
            return blocks
        return None

    @staticmethod
    def _is_scaled(kind: Kind, x: Index) -> bool:
        """Whether the products of each sum have one shared factor: c (z0 + z1 + …)."""
        return kind[1] == 2 and kind[2] == 1 and x.shape[1] > 2 and bool((x == x[:, :1]).all())

    def _scaled(self, x: Index, z: Index) -> Rows:
        """The products of nodes (n, k), each on its own."""
        rows = self._scratch(BATCHED, x.size)
        operands = self._located([x.ravel(), z.ravel()])
        self._apply(mul, operands, (BATCHED, rows))
        return BATCHED, rows.reshape(x.shape)

    def _find_blocks(self, x: Index, z: Index) -> list[Blocks]:
        """The matrix products in sums of products of nodes (n, k).

        A gradient gathers its terms backwards: they are turned round, so that rows ascend.
        """
        left, right = self.layout.where(x)[1], self.layout.where(z)[1]
        if right[0, 0] > right[0, -1]:
            left, right = left[:, ::-1], right[:, ::-1]
        return find_blocks(left, right)

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


def _is_transposed(rows: Index) -> bool:
    """Whether a matrix (c, u, k) lies in memory with its columns one after the other."""
    if rows.shape[1] < 2 or rows.shape[2] < 2:
        return False
    first = rows[0, 0, 0]
    return bool(0 < rows[0, 1, 0] - first < rows[0, 0, 1] - first)
