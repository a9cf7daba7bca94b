"""The part of an explanation that is shown: its terms and steps, and the names of its nodes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest
from typing import NamedTuple, TypeVar

from autograd.explaining.paths import MOST, PathSum, Term
from autograd.explaining.symbols import quoted
from autograd.text import wording
from autograd.text.columns import UNBROKEN, shorten
from autograd.value import Value

_NAME = 22  # columns of a name
_LONG = 10_000  # characters of a name that are read
_OUTSIDE = "wrt"  # a node without a name that is not in the graph
_SHOWN = 4  # steps at each end of a long path
_TERMS = 20  # of a folded sum
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_Item = TypeVar("_Item")


class PathStep(NamedTuple):
    """A local derivative: of `node` with respect to its operand number `slot`."""

    node: Value
    slot: int
    operand: Value
    local: float


def ends(items: Sequence[_Item]) -> tuple[Sequence[_Item], int, Sequence[_Item]]:
    """Return the head of a long sequence, the number of items left out, and the tail."""
    if len(items) <= 2 * _SHOWN + 1:
        return items, 0, []
    return items[:_SHOWN], len(items) - 2 * _SHOWN, items[-_SHOWN:]


def steps(term: Term) -> tuple[list[PathStep], int, list[PathStep]]:
    """Return the local derivatives of a term from the output down, split as by `ends`."""

    def step(i: int) -> PathStep:
        return PathStep(term.nodes[i + 1], term.slots[i], term.nodes[i], term.locals[i])

    head, left_out, tail = ends(range(len(term.slots) - 1, -1, -1))
    return [*map(step, head)], left_out, [*map(step, tail)]


class ExplanationView:
    """The terms, steps and nodes of an explanation that are shown, and the nodes' names.

    A name is the graph's label, shortened; nodes whose names would look the same have numbers.
    """

    def __init__(self, e: PathSum) -> None:
        self.e = e
        self.terms = _largest(e.terms) if e.folded else list(e.terms)
        self.hidden = len(e.terms) - len(self.terms)
        index = e.graph.index
        shown = (s for t in self.terms for half in steps(t)[::2] for s in half)
        places = {(index[s.node], s.slot): s for s in shown}
        self.steps = [places[place] for place in sorted(places)]
        between = [v for t in self.terms for half in ends(t.nodes)[::2] for v in half]
        between += [v for s in self.steps for v in (s.operand, s.node)]
        self.nodes = sorted(set(between) - {e.wrt}, key=index.__getitem__)
        operands = [p for v in self.nodes for p in v.parents]
        self._labels = self._distinct([e.output, e.wrt, *between, *operands])

    def _distinct(self, nodes: Iterable[Value]) -> dict[Value, str]:
        labels = {v: self._short(v) for v in nodes}
        looks = Counter(map(quoted, labels.values()))
        alike = {v: self._number(v) for v, name in labels.items() if looks[quoted(name)] > 1}
        return labels | alike

    def _short(self, v: Value) -> str:
        if v not in self.e.graph.index:
            return shorten(wording.name(v.name or _OUTSIDE, _LONG), _NAME)
        label = self.e.graph.label(v)
        if re.fullmatch(r"v\d+", v.name or ""):  # it may be another node's number
            return self._number(v)
        return shorten(wording.name(v.name or label, _LONG), _NAME)

    def _number(self, v: Value) -> str:
        index = self.e.graph.index.get(v)
        return _OUTSIDE if index is None else f"v{index}"

    def mark(self, s: PathStep) -> str:
        """The slot, from 1, where this is not the whole derivative by the operand; else ""."""
        is_part = (s.node, s.operand) == (self.e.output, self.e.wrt) and self.e.count > 1
        return str(s.slot + 1) if is_part or s.node.parents.count(s.operand) > 1 else ""

    def name(self, v: Value) -> str:
        """Return the name of a node."""
        return self._labels[v]

    def label(self, v: Value) -> str:
        """Return the name as part of a formula, with spaces at which no line is broken."""
        return quoted(self._labels[v]).replace(" ", UNBROKEN)

    def product(
        self, t: Term, upstream: str, factor: Callable[[PathStep], str], dots: str, times: str
    ) -> str:
        """Return a term as a product from the output down; `dots` stand for a middle left out."""
        head, left_out, tail = steps(t)
        first = [] if t.nodes[-1] is self.e.output else [upstream]
        middle = [dots.format(left_out)] if left_out else []
        return times.join([*first, *map(factor, head), *middle, *map(factor, tail)])

    def recorded(self, v: Value) -> float:
        """Return the number of a node in the forward pass."""
        if v._p0 is not None:
            return v._y
        first = self.e.terms[0] if self.e.terms and v is self.e.wrt else None
        return first.nodes[1]._primals[first.slots[0]] if first and first.slots else v._float


def _largest(terms: Sequence[Term]) -> list[Term]:

    def size(i: int) -> float:
        product = abs(terms[i].product)
        return math.inf if math.isnan(product) else product

    return [terms[i] for i in sorted(nlargest(_TERMS, range(len(terms)), key=size))]


def ratio(of: str, by: str, mark: str = "") -> str:
    """Return a derivative in symbols.

    >>> ratio("y", "x"), ratio("y", "x", "2")
    ('∂y/∂x', '∂₂y/∂x')
    """
    return f"∂{mark.translate(_SUBSCRIPTS)}{of}/∂{by}"


def path_count(count: int) -> str:
    """Return a number of paths in words, a long number rounded.

    >>> path_count(1), path_count(1200), path_count(2**60)
    ('1 path', '1,200 paths', 'about 1.2e18 paths')
    """
    if count < 10**9:
        return wording.count(count, "path")
    about = "more than" if count >= MOST else "about"
    exponent = math.floor(digits := math.log10(min(count, MOST)))
    mantissa = round(10 ** (digits - exponent), 1)
    if mantissa >= 10:
        mantissa, exponent = 1.0, exponent + 1
    return f"{about} {mantissa}e{exponent} paths"
