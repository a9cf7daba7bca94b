"""Sums of different numbers of terms, as in a causal attention, filled up with zeros to one number.

A factor that several sums have in common stays as it is in the longest of them, so that the sums
are still a matrix product; the products that were none are left out (see `Step.choices`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autograd.compiler.passes.forms import NONE, Node, ProductTerm
from autograd.compiler.rolling.emitter import Emitter

_WASTE = 2  # at most so many terms for each that is wanted
Factors = list[list[Node]]  # of a sum: the left ones, and the right ones


def fill_up(emitter: Emitter, nodes: Sequence[Node]) -> bool:
    """Fill up the sums of nodes; False if their terms are of several kinds, shared, or too few."""
    sums = [emitter.terms(node) for node in nodes]
    lengths = [len(terms) for terms in sums]
    kinds = {term.kind(emitter.forms.is_batched) for terms in sums for term in terms}
    longest, kind = max(lengths), next(iter(kinds))
    is_too_long = longest * len(sums) > _WASTE * sum(lengths)
    if len(kinds) > 1 or kind.factors > kind.batched or is_too_long:
        return False
    factors: list[Factors] = []
    for terms in sums:
        x, z = np.array([(term.x, term.z) for term in terms]).T
        factors.append([side.tolist() for side in emitter.oriented(x, z)])
    zero = emitter.layout.place_zero()
    ends = [zero, NONE if kind.factors == 1 else zero]
    for node, (x, z) in zip(nodes, _filled(factors, longest, ends), strict=True):
        emitter.filled[node] = tuple(
            [ProductTerm(kind.sign, *pair) for pair in zip(x, z, strict=True)]
        )
    return True


def _filled(factors: list[Factors], longest: int, ends: list[Node]) -> Iterator[Factors]:
    """Fill up each sum, on one side with the rest of a longest list that it begins or ends."""
    options = [(side, step) for step in (1, -1) for side in (0, 1)]
    whole = {
        (side, step, own[side][::step][0]): own[side][::step]
        for own in factors if len(own[0]) == longest for side, step in options
    }  # fmt: skip
    for own in factors:
        more = [[end] * (longest - len(own[0])) for end in ends]
        for side, step in options:
            begun = own[side][::step]
            common = whole.get((side, step, begun[0]), [])
            if common[: len(begun)] == begun:
                more[side] = common[len(begun) :]
                break
        yield [(x[::step] + y)[::step] for x, y in zip(own, more, strict=True)]
