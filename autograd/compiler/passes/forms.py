"""The forms of nodes: operations, sums of products, extremes, choices, means over the batch."""

from __future__ import annotations

from typing import NamedTuple

from autograd.compiler.tracing.loops import Loop
from autograd.compiler.tracing.tape import Tape
from autograd.primitive import Primitive

Node = int
NONE = -1


class TermKind(NamedTuple):
    """The kind of a term: its sign, its number of factors, and how many of them are batched."""

    sign: int
    factors: int
    batched: int


class ProductTerm(NamedTuple):
    """+1 or -1, times a node, times another node if there are two factors."""

    sign: int
    x: Node
    z: Node = NONE

    def kind(self, is_batched: dict[Node, bool]) -> TermKind:
        """Return the kind of the term."""
        if self.z == NONE:
            return TermKind(self.sign, 1, int(is_batched[self.x]))
        return TermKind(self.sign, 2, is_batched[self.x] + is_batched[self.z])


class Pick(NamedTuple):
    """A node where an integer input, the chooser, is `choice`; elsewhere nothing."""

    chooser: Node
    x: Node
    choice: int


class Apply(NamedTuple):
    """A row of the table, on its own."""

    row: Primitive
    operands: tuple[Node, ...]


class SumOfProducts(NamedTuple):
    """The sum of terms, from left to right."""

    terms: tuple[ProductTerm, ...]


class Extreme(NamedTuple):
    """The largest or the smallest of several nodes."""

    row: Primitive
    operands: tuple[Node, ...]


class Take(NamedTuple):
    """The candidate at an integer input, the chooser."""

    chooser: Node
    candidates: tuple[Node, ...]


class Total(NamedTuple):
    """The mean over the batch of a sum of terms."""

    terms: tuple[ProductTerm, ...]
    picks: tuple[Pick, ...] = ()


class Scan(NamedTuple):
    """A loop; its results are ITEMs, which have no form of their own."""

    loop: Loop
    operands: tuple[Node, ...]


Form = Apply | SumOfProducts | Extreme | Take | Total | Scan


def operands_of(form: Form) -> list[Node]:
    """Return the operands of a form."""
    if isinstance(form, (Apply, Extreme, Scan)):
        return list(form.operands)
    if isinstance(form, Take):
        return [form.chooser, *form.candidates]
    operands = [node for _, x, z in form.terms for node in (x, z) if node != NONE]
    for pick in form.picks if isinstance(form, Total) else ():
        operands += (pick.chooser, pick.x)
    return operands


class Forms:
    """The forms of the nodes, after chains have become sums.

    The tape has the leaves, names and places. Totals and nodes that depend on them have numbers
    beyond its end.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.form: dict[Node, Form] = {}  # of every node that is to be computed, in no order
        self.is_batched: dict[Node, bool] = {}  # whether it differs from example to example
        self.absorbed: dict[Node, list[Node]] = {}  # the nodes of the tape that a form includes
        self.total_of: dict[Node, Node] = {}  # the form that is the mean over the batch of a node
        self.items: dict[Node, list[Node]] = {}  # of a loop the ITEMs that are needed
        self.totals: dict[Node, list[tuple[Node, int]]] = {}  # its sums over steps and batch
        self.made_by: dict[Node, Node] = {}  # the loop of an ITEM and of such a sum
        self.mean_of: dict[Node, Node] = {}  # of a Total the node whose mean it is, or is most of
