"""Sums of products as instructions: matrix products, reductions, or term by term."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autograd.compiler.passes.forms import NONE, Node, ProductTerm, TermKind, Total
from autograd.compiler.rolling import matrix_products
from autograd.compiler.rolling.choosing import pick
from autograd.compiler.rolling.emitter import Emitter, Rows, Shape
from autograd.compiler.rolling.instructions import Instruction, Step, StepKind
from autograd.compiler.rolling.matrix_blocks import Blocks, aligned
from autograd.compiler.rolling.matrix_products import FEW, Part, Terms
from autograd.compiler.rolling.views import BATCHED, MEANS, SHARED, Index
from autograd.primitives import add, mul

_SHOWN = 3  # products that are named in the sum of many


def roll_sum(emitter: Emitter, nodes: list[Node]) -> Instruction:
    """Make the instruction of sums of products."""
    kinds = _by_kind(emitter, nodes)
    products = {
        terms.kind: blocks for terms in kinds
        if (blocks := matrix_products.find(emitter, terms)) is not None
    }  # fmt: skip
    is_reduction = len(kinds) == 1 and _reduces(kinds[0])
    if products or sum(terms.per_sum for terms in kinds) > FEW or is_reduction:
        return _sum_by_kind(emitter, nodes, kinds, products)
    return _sum_by_term(emitter, nodes)


def _by_kind(emitter: Emitter, nodes: Sequence[Node]) -> list[Terms]:
    """Sort the terms of sums, which have equally many of each kind, by their kind."""
    factors: dict[TermKind, list[list[tuple[Node, Node]]]] = {}
    for i, node in enumerate(nodes):
        for term in emitter.terms(node):
            rows = factors.setdefault(term.kind(emitter.forms.is_batched), [])
            if len(rows) == i:
                rows.append([])
            rows[i].append((term.x, term.z))
    found = []
    for kind, rows in factors.items():
        x, z = emitter.oriented(*np.moveaxis(np.array(rows), 2, 0))
        if kind.factors == 2 and kind.batched != 1:
            x, z = aligned(x, z)
        found.append(Terms(kind, x, z))
    return found


def _reduces(terms: Terms) -> bool:
    """True for terms without factors, or products with one shared factor."""
    return (terms.kind.factors == 1 and terms.per_sum > 2) or terms.is_scaled


def _sum_by_kind(
    emitter: Emitter, nodes: list[Node], kinds: list[Terms], products: dict[TermKind, list[Blocks]]
) -> Instruction:
    """Add matrix products first, then reductions, then the rest, term by term."""
    space = BATCHED if emitter.forms.is_batched[nodes[0]] else SHARED
    name = emitter.layout.name_of(nodes)
    formulas: list[str] = []
    out: Index | None = None
    shape: Shape = (len(nodes),)

    def order(terms: Terms) -> tuple[bool, bool, bool]:
        return terms.kind.batched == 0, terms.kind not in products, terms.kind.sign < 0

    for terms in sorted(kinds, key=order):
        part_space = space if terms.kind.batched else SHARED
        blocks = products.get(terms.kind)
        for part in list(_parts(emitter, name if out is None else "", part_space, terms, blocks)):
            if out is None and terms.kind in products:
                shape = part.shape
            formulas.append(_signed(terms.kind, part.formula))
            out = emitter.accumulate((space, out), terms.kind.sign, (part_space, part.rows))
    assert out is not None
    return emitter.finish(name, nodes, (space, out), _joined(formulas), shape)


def _parts(
    emitter: Emitter, name: str, space: str, terms: Terms, products: list[Blocks] | None
) -> Iterator[Part]:
    """Compute the sums of terms of one kind in as few parts as possible.

    With the name of the result the first part is computed in the rows of the result.
    """
    count = len(terms.x)
    if products is not None:
        rows = emitter.block(space, sum(blocks.members.size for blocks in products), name)
        yield matrix_products.multiply(emitter, terms, products, (space, rows))
    elif _reduces(terms):
        rows = emitter.block(space, count, name)
        emitter.reduce(add, _addends(emitter, terms), (space, rows))
        label = emitter.term_label(terms.x, terms.z)
        yield Part(rows, f"sum of {terms.per_sum} of {label}", (count,))
    else:
        for j, (x, z) in enumerate(zip(terms.x.T, terms.z.T, strict=True)):
            rows = _term_rows(emitter, "" if j else name, space, x, z)
            yield Part(rows, emitter.term_label(x, z), (count,))


def _addends(emitter: Emitter, terms: Terms) -> Rows:
    """The rows of the terms, multiplied out first if they have two factors."""
    if terms.kind.factors == 1:
        return emitter.layout.where(terms.x)
    rows = emitter.block(BATCHED, terms.x.size)
    operands = [emitter.layout.where(nodes.ravel()) for nodes in (terms.x, terms.z)]
    emitter.apply(mul, operands, (BATCHED, rows))
    return BATCHED, rows.reshape(terms.x.shape)


def _term_rows(emitter: Emitter, name: str, space: str, x: Index, z: Index) -> Index:
    """The rows of one term of each node: those of the result if named, else new or its own."""
    operands = [*map(emitter.layout.where, [x] if z[0] == NONE else [x, z])]
    if len(operands) == 1 and not name:
        return operands[0][1]
    rows = emitter.block(space, len(x), name)
    emitter.apply(mul if len(operands) == 2 else None, operands, (space, rows))
    return rows


def _sum_by_term(emitter: Emitter, nodes: list[Node]) -> Instruction:
    """Compute every term over the whole group, in the order of the program."""
    columns = _columns(emitter, nodes)
    located = [emitter.layout.where(nodes)[1] for _, factors in columns for nodes in factors]
    order = emitter.order(located)
    nodes = [nodes[i] for i in order.tolist()]
    name, target = emitter.begin(nodes)
    terms: list[tuple[int, Rows]] = []
    formulas = []
    for kind, factors in columns:
        operands = [(s, rows[order]) for s, rows in map(emitter.layout.where, factors)]
        label = " * ".join(emitter.layout.label(*rows) for rows in operands)
        formulas.append(_signed(kind, label))
        addend = operands[0]
        if len(operands) == 2:
            product_space = BATCHED if kind.batched else SHARED
            addend = (product_space, emitter.block(product_space, len(nodes)))
            emitter.apply(mul, operands, addend)
        terms.append((kind.sign, addend))
    emitter.add_up(terms, target)
    return emitter.finish(name, nodes, target, _joined(formulas))


def _columns(emitter: Emitter, nodes: Sequence[Node]) -> list[tuple[TermKind, list[Index]]]:
    """The terms in the order of the first node: their kind and the nodes of their factors."""
    is_batched = emitter.forms.is_batched
    kinds = [term.kind(is_batched) for term in emitter.terms(nodes[0])]
    aligned = []
    for node in nodes:
        left: dict[TermKind, list[ProductTerm]] = {}
        for term in emitter.terms(node):
            left.setdefault(term.kind(is_batched), []).append(term)
        aligned.append([left[kind].pop(0) for kind in kinds])
    columns = []
    for j, kind in enumerate(kinds):
        x = np.array([terms[j].x for terms in aligned])
        z = np.array([terms[j].z for terms in aligned])
        columns.append((kind, [x] if kind.factors == 1 else list(emitter.oriented(x, z))))
    return columns


# Means over the batch


def roll_total(emitter: Emitter, nodes: list[Node]) -> Instruction:
    """Make the instruction of means over the batch."""
    forms, name = emitter.forms_of(Total, nodes), _name_of_means(emitter, nodes)
    formulas: list[str] = []
    products: list[str] = []
    out: Index | None = None
    shape: Shape = (len(nodes),)
    if forms[0].picks:
        out, formula = pick(emitter, nodes)
        formulas.append("+ " + formula)
    kinds = _by_kind(emitter, nodes) if forms[0].terms else []
    kinds = [part for terms in kinds for part in matrix_products.without_copies(emitter, terms)]
    for terms in sorted(kinds, key=lambda terms: terms.kind.sign < 0):
        part = _mean(emitter, nodes, terms, out is None)
        shape = part.shape if out is None else shape
        is_product = terms.kind.factors == terms.kind.batched == 2
        (products if is_product else formulas).append(_signed(terms.kind, part.formula))
        out = emitter.accumulate((MEANS, out), terms.kind.sign, (MEANS, part.rows))
    assert out is not None
    if products:
        formulas.insert(0, _over_batch(products))
    return emitter.finish(name, nodes, (MEANS, out), _joined(formulas), shape)


def _mean(emitter: Emitter, nodes: list[Node], terms: Terms, is_first: bool) -> Part:
    if terms.kind.factors == terms.kind.batched == 2:
        return matrix_products.outer(emitter, nodes, terms, is_first)
    view, grid = emitter.table(*_addends(emitter, terms))
    rows, target = emitter.rows_of_means(np.array(nodes).reshape(grid), is_first)
    emitter.steps.append(Step(StepKind.TOTAL, target, (view,)))
    return Part(rows, f"mean over B of {emitter.term_label(terms.x, terms.z)}", (len(nodes),))


def _name_of_means(emitter: Emitter, nodes: Sequence[Node]) -> str:
    rows = [emitter.wished[node] for node in nodes if node in emitter.wished]
    if (
        len(rows) == len(nodes) and not emitter.is_step
    ):  # the gradient of parameters, which are the first shared rows
        return emitter.layout.fresh("d" + emitter.layout.label(SHARED, np.array(rows)))
    owners = [emitter.forms.mean_of[node] for node in nodes]
    names = [emitter.forms.tape.names.get(owner) for owner in owners]
    if names[0] and len(names) == 1:
        return emitter.layout.fresh(f"mean {names[0]}")
    return emitter.layout.name_of(owners)


def _signed(kind: TermKind, label: str) -> str:
    return ("- " if kind.sign < 0 else "+ ") + label


def _over_batch(products: Sequence[str]) -> str:
    """The formula of signed sums over the batch, divided by its size; of many the first."""
    if len(products) == 1:
        return f"{products[0]} / B"
    more = [f"+ … {len(products) - _SHOWN} more"] if len(products) > _SHOWN else []
    return f"+ ({_joined([*products[:_SHOWN], *more])}) / B"


def _joined(terms: Sequence[str]) -> str:
    text = " ".join(terms)
    return text[2:] if text.startswith("+ ") else "-" + text[2:]
