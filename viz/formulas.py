"""The formula of a box: what its nodes compute, in one line.

`tanh(Σ w·x + b)`: sums are written with one term for each kind, arrays by their name alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from autograd import Value, origin, wording
from autograd.primitive import CONST
from viz.ends import Fold
from viz.frames import split_name

_LENGTH = 40  # characters
_DEPTH = 8  # operations in each other
_ITEM = re.compile(r"\[[\d, ]+\]$")
_TERMS = 4
_MANY = 10**12  # from here on the number says nothing, and Python may refuse to write it


def formula(fold: Fold) -> str:
    """What a box computes; "" where that has no short form.

    >>> from autograd import Graph
    >>> from viz.folding import folded
    >>> w = [Value(float(i), f"w[{i}]") for i in range(9)]
    >>> y = w[0] * 2 + w[1] * 3 + w[2] * 4
    >>> formula(folded(Graph(y), limit=4).folds[-1])
    'w[0]·2 + w[1]·3 + w[2]·4'
    """
    if fold.kind == "array":
        return ""
    if fold.kind == "step":
        return _step(fold)
    text = _text(fold.outputs[-1], set(fold.nodes), _DEPTH)
    return text if len(text) <= _LENGTH else ""


def _step(fold: Fold) -> str:
    """The line that the nodes were made on, else their operation, and how many they are."""
    v = fold.nodes[-1]
    line = " ".join(origin(v).text.split())
    what = line if 0 < len(line) <= _LENGTH else v.op or "leaf"
    return f"{what}, {len(fold.nodes):,} nodes"


def name_of(v: Value, whole: bool = False) -> str:
    """What a node is called within a formula: without its scope and its place in an array.

    Args:
        v: the node.
        whole: whether to say the place, too.
    """
    if v.name:
        short = split_name(v.name)[1]
        return short if whole else _ITEM.sub("", short)
    if v._row is CONST:
        return wording.operand(v.data).removesuffix(".0")
    return "·"


def _text(v: Value, inside: Collection[Value], depth: int, whole: bool = False) -> str:
    if not v.parents or v not in inside or v._row is None:
        return name_of(v, whole)
    if depth <= 0:
        return (v.name and name_of(v, whole)) or v._row.written(["·"] * len(v.parents))
    if v.op == "add":
        return _sum(v, inside, depth)
    operands = [_text(p, inside, depth - 1, whole) for p in v.parents]
    if v.op == "mul":
        return "·".join(f"({t})" if " " in t else t for t in operands)
    infix = not v._row.text[0].isalpha()
    return v._row.written([f"({t})" if infix and " " in t else t for t in operands])


def _sum(v: Value, inside: Collection[Value], depth: int) -> str:
    """The kinds of terms that a tree of additions adds up, in the order in which they come.

    Several of one kind are one term, `Σ w·x`; one alone says which it is, `w[0]·x`.
    """
    counts: dict[str, int] = {}
    alone: dict[str, str] = {}
    for term, count in _counted(v, inside).items():
        kind = _term(term, inside, depth - 1)
        counts[kind] = counts.get(kind, 0) + count
        alone[kind] = _term(term, inside, depth - 1, whole=True)
    if len(counts) > _TERMS:
        count = sum(counts.values())
        return f"Σ of {count:,} terms" if count < _MANY else "Σ of very many terms"
    return " + ".join(f"Σ {kind}" if n > 1 else alone[kind] for kind, n in counts.items())


def _counted(v: Value, inside: Collection[Value]) -> dict[Value, int]:
    """What a tree of additions adds up, and how often: each node is visited once.

    Forty times `v = v + v` adds up a million million terms.
    """
    terms: dict[Value, int] = {}
    sums: list[Value] = []  # each after those that it adds up
    met: set[Value] = set()
    pending = [(v, False)]
    while pending:
        term, done = pending.pop()
        if done:
            sums.append(term)
        elif term not in met:
            met.add(term)
            if term.op == "add" and term in inside and (term is v or not term.name):
                pending += [(term, True), *((p, False) for p in term.parents[::-1])]
            else:
                terms[term] = 0
    count = {v: 1}
    for term in reversed(sums):
        for operand in term.parents:
            count[operand] = count.get(operand, 0) + count[term]
    return {term: count.get(term, 1) for term in terms}


def _term(v: Value, inside: Collection[Value], depth: int, whole: bool = False) -> str:
    if v.op == "mul" and v in inside:
        return "·".join(_text(p, inside, 0, whole) for p in v.parents)
    return _text(v, inside, depth, whole)
