"""Re-rolling: from groups of isomorphic scalars to array instructions.

Each group becomes one instruction over a block of rows. Its operands are slices where their rows
are evenly spaced, else they are gathered first. Sums of products become matrix products where they
share operands (`matrix_products.py`), sums of many terms reductions, and the rest is computed term
by term, each over the whole group (`summing.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from autograd.compiler.passes.forms import (
    Apply,
    Extreme,
    Forms,
    Node,
    Scan,
    SumOfProducts,
    Take,
    Total,
)  # fmt: skip
from autograd.compiler.rolling.choosing import roll_take
from autograd.compiler.rolling.emitter import Emitter
from autograd.compiler.rolling.filling import fill_up
from autograd.compiler.rolling.instructions import Instruction
from autograd.compiler.rolling.scanning import roll_scan
from autograd.compiler.rolling.summing import roll_sum, roll_total

_FEW_LENGTHS = 2  # sums of so many different numbers of terms are an instruction each


def roll(emitter: Emitter, group: Sequence[Node]) -> list[Instruction]:
    """Make the instructions of a group: one for those with equally many terms of each kind."""
    handler = _HANDLERS[type(emitter.forms.form[group[0]])]
    parts: dict[Hashable, list[Node]] = {}
    for node in group:
        parts.setdefault(_terms_of_each_kind(emitter.forms, node), []).append(node)
    if handler is roll_sum and len(parts) > _FEW_LENGTHS and fill_up(emitter, group):
        parts = {None: list(group)}
    return [handler(emitter, part) for part in parts.values()]


def _terms_of_each_kind(forms: Forms, node: Node) -> Hashable:
    form = forms.form[node]
    if isinstance(form, (Apply, Scan)):
        return None
    if isinstance(form, Extreme):
        return tuple([forms.is_batched[x] for x in form.operands])
    if isinstance(form, Take):
        return len(form.candidates)
    kinds = [term.kind(forms.is_batched) for term in form.terms]
    picks = len(form.picks) if isinstance(form, Total) else 0
    return frozenset([(kind, kinds.count(kind)) for kind in set(kinds)]), picks


def roll_apply(emitter: Emitter, nodes: list[Node]) -> Instruction:
    """Make the instruction of a primitive."""
    forms = emitter.forms_of(Apply, nodes)
    row = forms[0].row
    operands = [*map(emitter.layout.where, np.array([form.operands for form in forms]).T)]
    order = emitter.order([rows for _, rows in operands])
    nodes = [nodes[i] for i in order.tolist()]
    operands = [(space, rows[order]) for space, rows in operands]
    name, out = emitter.begin(nodes)
    emitter.apply(row, operands, out)
    labels = [emitter.layout.label(*rows) for rows in operands]
    return emitter.finish(name, nodes, out, row.written(labels))


def roll_extreme(emitter: Emitter, nodes: list[Node]) -> Instruction:
    """Make the instruction of a chain of maxima or minima."""
    forms = emitter.forms_of(Extreme, nodes)
    row, operands = forms[0].row, np.array([form.operands for form in forms])
    count = operands.shape[1]
    name, out = emitter.begin(nodes)
    is_batched = emitter.is_batched(operands)
    if count == 2 or len(set(is_batched[0].tolist())) > 1:
        first, *columns = map(emitter.layout.where, operands.T)
        for column in columns:
            emitter.apply(row, [first, column], out)
            first = out
    else:
        emitter.reduce(row, emitter.layout.where(operands), out)
    if count == 2:
        formula = row.written([*map(emitter.label, operands.T)])
    else:
        formula = f"{row.symbol} of {count} of {emitter.label(operands)}"
    return emitter.finish(name, nodes, out, formula)


_HANDLERS: dict[type, Callable[[Emitter, list[Node]], Instruction]] = {
    Apply: roll_apply, Extreme: roll_extreme, SumOfProducts: roll_sum,
    Take: roll_take, Total: roll_total, Scan: roll_scan,
}  # fmt: skip
