"""Sums of products as matrix products, for each example and summed over the batch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autograd.compiler.passes.forms import Node, TermKind
from autograd.compiler.rolling.emitter import Emitter, Rows, Shape
from autograd.compiler.rolling.instructions import Step, StepKind
from autograd.compiler.rolling.matrix_blocks import Blocks, find_blocks, place_members
from autograd.compiler.rolling.views import BATCHED, SHARED, Index, View, contiguous, even

MANY = 64  # so many sums without a common factor are still one product each
FEW = 8  # so many terms are added up one by one, in the order of the program
_SHORT = 4  # fewer products of numbers and a vector are computed in less time one by one


class Terms(NamedTuple):
    """Terms of one kind in n sums, k in each: their factors as two arrays (n, k) of nodes."""

    kind: TermKind
    x: Index
    z: Index

    @property
    def per_sum(self) -> int:
        """The number of terms in each sum."""
        return int(self.x.shape[1])

    @property
    def is_scaled(self) -> bool:
        """True if the products of each sum have one shared factor: c (z0 + z1 + …)."""
        one_shared = self.kind.factors == 2 and self.kind.batched == 1
        return one_shared and self.per_sum > 2 and bool((self.x == self.x[:, :1]).all())


class Part(NamedTuple):
    """A part of a sum: its rows, one for each node, its formula, and its shape."""

    rows: Index
    formula: str
    shape: Shape


def find(emitter: Emitter, terms: Terms) -> list[Blocks] | None:
    """Find the matrix products that terms make up; None if they make up none."""
    sums, count = terms.x.shape
    if terms.kind.factors < 2 or count < 2 or terms.is_scaled:
        return None
    blocks = _find_blocks(emitter, terms)
    batched = terms.kind.batched
    side = min if batched == 2 and count < _SHORT else max  # of products that share scalars
    shares = any(side(b.members.shape[1:]) > 1 for b in blocks)
    is_filled = bool(((terms.x == emitter.layout.zero) | (terms.z == emitter.layout.zero)).any())
    if count >= FEW or shares or is_filled or (sums == 1 and batched < 2):
        return blocks
    if count > 2 and batched == 1 and sums <= MANY:  # each row its own weights
        return blocks
    return None


def _find_blocks(emitter: Emitter, terms: Terms) -> list[Blocks]:
    """Find the matrix products in terms with two factors.

    A gradient gathers its terms backwards: they are reversed, so that rows ascend.
    """
    left, right = emitter.layout.where(terms.x)[1], emitter.layout.where(terms.z)[1]
    if right[0, 0] > right[0, -1]:
        left, right = left[:, ::-1], right[:, ::-1]
    return find_blocks(left, right)


def multiply(emitter: Emitter, terms: Terms, products: list[Blocks], out: Rows) -> Part:
    """Compute the sums of terms as matrix products, in rows that hold all their elements."""
    space, rows = out
    parts, start = [], 0
    for blocks in products:
        here = rows[start : start + blocks.members.size]
        start += len(here)
        members, formula = _product(emitter, terms, blocks, (space, here))
        parts.append((members, here, formula))
    return _whole(len(terms.x), parts, len(rows))


def _whole(count: int, parts: list[tuple[Index, Index, str]], rows_in_all: int) -> Part:
    """Put parts together, each with the sums that it computes (-1 for none) and their rows."""
    place = np.full(count, -1)
    for members, rows, _ in parts:
        place_members(place, members, rows)
    assert (place >= 0).all()
    sizes = tuple(n for n in parts[0][0].shape if n > 1) or (1,)
    formulas = dict.fromkeys(formula for _, _, formula in parts)
    return Part(place, "; ".join(formulas), sizes if len(parts) == 1 else (rows_in_all,))


def _product(emitter: Emitter, terms: Terms, blocks: Blocks, out: Rows) -> tuple[Index, str]:
    """Write the step of products of one shape; return the node of each row, and the formula."""
    left, right = _factors(emitter, terms, blocks)
    c, u, v = blocks.members.shape
    members = blocks.members
    if terms.kind.batched == 1:  # shared times batched
        members = members.transpose(0, 2, 1)
        target = contiguous(out[0], int(out[1][0]), (c, v, u))
        axes = [i for i, n in enumerate((c, v)) if n > 1]
        views = left.expand(1).transpose(*axes, 2, 3), right.transpose(*axes, 2)
        step, formula = Step(StepKind.MATMUL, target.transpose(*axes, 2), views), "{} @ {}"
    else:
        target = contiguous(out[0], int(out[1][0]), (c, u, v))
        if terms.kind.batched == 0:
            step = Step(StepKind.PRODUCT, target, (left, right.transpose(0, 2, 1)))
            formula = "{} @ {}ᵀ"
        else:
            wanted = _wanted(blocks, int(emitter.layout.row[emitter.layout.zero]))
            step = Step(StepKind.CONTRACT, target, (left, right), choices=wanted)
            formula = "sum({} * {})"
    emitter.steps.append(step)
    return members, formula.format(*_factor_labels(emitter, terms, blocks))


def _wanted(blocks: Blocks, zero: int) -> Index | None:
    """Where a factor fills a product up with zero and the other is a number (c, u, v, k), False."""
    left, right = (blocks.left == zero)[:, :, None], (blocks.right == zero)[:, None]
    return ~(left | right) if (left != right).any() else None


def _factors(emitter: Emitter, terms: Terms, blocks: Blocks) -> tuple[View, View]:
    left = emitter.view((emitter.layout.where(terms.x)[0], blocks.left))
    return left, emitter.view((emitter.layout.where(terms.z)[0], blocks.right))


def _factor_labels(emitter: Emitter, terms: Terms, blocks: Blocks) -> list[str]:
    labels = []
    for nodes, rows in ((terms.x, blocks.left), (terms.z, blocks.right)):
        space = emitter.layout.where(nodes)[0]
        sizes = [n for n in rows.shape if n > 1] or [1]
        axes = [*sizes, "B"] if space == BATCHED else sizes
        transposed = "ᵀ" if space == SHARED and _is_transposed(rows) else ""
        label = emitter.layout.label(space, rows)
        labels.append(f"{label}{transposed}[{','.join(map(str, axes))}]")
    return labels


def without_copies(emitter: Emitter, terms: Terms) -> list[Terms]:
    """Take a few terms one by one where their factors together would have to be copied."""
    if terms.kind.batched < 2 or not 1 < terms.per_sum <= FEW:
        return [terms]
    if all(even(rows) for blocks in _find_blocks(emitter, terms) for rows in blocks[:2]):
        return [terms]
    return [
        Terms(terms.kind, x[:, None], z[:, None]) for x, z in zip(terms.x.T, terms.z.T, strict=True)
    ]


def outer(emitter: Emitter, nodes: list[Node], terms: Terms, is_first: bool) -> Part:
    """Compute sums over the batch of products, as matrix products."""
    numbers = np.array(nodes)
    parts = []
    for blocks in _find_blocks(emitter, terms):
        members = blocks.members
        factors = _factors(emitter, terms, blocks)
        rows, out = emitter.rows_of_means(np.where(members < 0, -1, numbers[members]), is_first)
        emitter.steps.append(Step(StepKind.OUTER, out, factors))
        formula = "{} @ {}ᵀ".format(*_factor_labels(emitter, terms, blocks))
        parts.append((members, rows, formula))
    return _whole(len(nodes), parts, len(nodes))


def _is_transposed(rows: Index) -> bool:
    """True if the columns of a matrix (c, u, k) follow one another in memory."""
    if rows.shape[1] < 2 or rows.shape[2] < 2:
        return False
    first = rows[0, 0, 0]
    return bool(0 < rows[0, 1, 0] - first < rows[0, 0, 1] - first)
