"""The formula of a box that several nodes are folded into, in one line.

`tanh(Σ w·x + b)`: sums have one term for each kind, arrays appear by their name alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable
from functools import lru_cache

from autograd import Value, origin
from autograd.explaining.symbols import PRODUCT, SUM, Symbol, known, quoted, written
from autograd.primitive import CONST
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.selection.elements import FoldedBox
from viz.selection.frames import split_name

_LENGTH = 40  # characters
_DEPTH = 8  # operations in each other
_LONG = 200  # characters: a part that is longer is an ellipsis
_MOST_OUTPUTS = 100  # of a box that are considered
_ITEM = re.compile(r"\[[\d, ]+\]$")
_TERMS = 4
_BLANK = "_"  # in place of an operand without a name
_MANY = 10**12  # from here on the number says nothing, and Python may refuse to write it


def formula(fold: FoldedBox) -> str:
    """The formula of a box; "" if it has no short form.

    >>> from autograd import Graph
    >>> from viz.selection.folding import folded
    >>> w = [Value(float(i), f"w[{i}]") for i in range(9)]
    >>> y = w[0] * 2 + w[1] * 3 + w[2] * 4
    >>> formula(folded(Graph(y), limit=4).folds[-1])
    'w[0]·2 + w[1]·3 + w[2]·4'
    """
    if fold.kind == "array":
        return ""
    if fold.kind == "step":
        return _step(fold)
    writer = _FormulaWriter(set(fold.nodes))
    first, *others = fold.outputs[:_MOST_OUTPUTS] or fold.nodes[-1:]
    for whole in (True, False):  # outputs may differ in the items of arrays that they take
        text = writer.symbol(first, _DEPTH, whole).text
        if all(writer.symbol(v, _DEPTH, whole).text == text for v in others):
            return text if len(text) <= _LENGTH else ""
    return ""


def _step(fold: FoldedBox) -> str:
    """The line that the nodes were made on, or else their operation, and their count."""
    v = fold.nodes[-1]
    line = " ".join(origin(v).text.split())
    what = line if 0 < len(line) <= _LENGTH else v.op or "leaf"
    return f"{what}, {len(fold.nodes):,} nodes"


class _FormulaWriter:
    def __init__(self, inside: Collection[Value]) -> None:
        self.inside = inside
        self._written: dict[tuple[Value, int, bool], Symbol] = {}
        self._operations: dict[Hashable, Symbol] = {}

    def symbol(self, v: Value, depth: int, whole: bool = False) -> Symbol:
        """The formula of a node, some operations deep; if `whole`, with the indices of items."""
        key = v, depth, whole
        if key not in self._written:
            symbol = self._symbol(v, depth, whole)
            self._written[key] = symbol if len(symbol.text) <= _LONG else Symbol("…", v.data)
        return self._written[key]

    def _symbol(self, v: Value, depth: int, whole: bool) -> Symbol:
        row = v._row
        if row is None or row is CONST or v not in self.inside or (depth <= 0 and v.name):
            return _called(v, whole)
        if depth <= 0:
            return written(row, [Symbol(_BLANK, x) for x in v._primals], v._y, style="formula")
        if v.op == "add":
            return self._sum(v, depth, whole)
        operands = [self.symbol(p, depth - 1, whole) for p in v.parents]
        alike = (row.name, *((operand.text, operand.level) for operand in operands))
        if alike not in self._operations:
            self._operations[alike] = written(row, operands, v._y, style="formula")
        return self._operations[alike]

    def _sum(self, v: Value, depth: int, whole: bool) -> Symbol:
        """The sum of the terms of a tree of additions, one for each kind, in their order.

        Several of one kind are one term, `Σ w·x`; a single one has its index, `w[0]·x`.
        """
        counts: dict[str, int] = {}
        alone: dict[str, Value] = {}
        counted = _counted(v, self.inside)
        for term, count in counted.items():
            kind = self._term(term, depth - 1)
            counts[kind] = counts.get(kind, 0) + count
            alone[kind] = term
            if len(counts) > _TERMS:
                every = sum(counted.values())
                words = f"Σ of {every:,} terms" if every < _MANY else "Σ of many terms"
                return Symbol(words, v.data)
        terms = [
            f"Σ {kind}" if n > 1 else self._term(alone[kind], depth - 1, whole)
            for kind, n in counts.items()
        ]
        return Symbol(" + ".join(terms), v.data, SUM)

    def _term(self, v: Value, depth: int, whole: bool = False) -> str:
        term = self.symbol(v, min(depth, 2), whole)  # long terms of a sum are not read
        loose = term.level < PRODUCT or term.text.startswith("−")
        return f"({term.text})" if loose else term.text


def _called(v: Value, whole: bool) -> Symbol:
    """The name of a node in a formula, without its scope and its place in an array."""
    if v.name:
        return _named(v.name if whole else _ITEM.sub("", v.name))
    if v._row is CONST:
        return known(v.data, "formula")
    return Symbol(_BLANK, v.data)


@lru_cache(maxsize=1000)
def _named(name: str) -> Symbol:
    """A name as a symbol, whose number no formula shows."""
    return Symbol(quoted(shorten(readable(split_name(name)[1]))), 0.0)


def _counted(v: Value, inside: Collection[Value]) -> dict[Value, int]:
    """The terms of a tree of additions, and how often each is added; every node is visited once.

    Forty times `v = v + v` adds a million million terms.
    """
    terms: dict[Value, int] = {}
    sums: list[Value] = []  # each after the sums in it
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
