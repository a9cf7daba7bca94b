"""The parts of an array program: steps that a machine runs, instructions that a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from autograd.compiler.rolling.views import BATCHED, MEANS, Index, View
from autograd.primitive import Primitive


class StepKind(StrEnum):
    """The kinds of array functions that a step calls; in comments the shapes, b the batch."""

    APPLY = "apply"  # a row of the table, element by element
    GATHER = "gather"  # rows copied one after the other
    MATMUL = "matmul"  # shared (…, u, k) @ (…, k, b) -> (…, u, b)
    PRODUCT = "product"  # shared (c, u, k) @ (c, k, v) -> (c, u, v)
    CONTRACT = "contract"  # (c, u, k, b), (c, v, k, b) -> (c, u, v, b), summed over k
    OUTER = "outer"  # the same summed over k and over the batch -> (c, u, v)
    REDUCE = "reduce"  # (…, k, b) -> (…, b), added up or the extreme taken
    TOTAL = "total"  # (…, k, b) -> (…), summed over k and over the batch
    TAKE = "take"  # candidates (c, u, n, b) at integer inputs (c, v) -> (c, u, v, b)
    SCAN = "scan"  # a loop: see `Plan`
    PICK = "pick"  # (c, v, k, b) -> (c, u, v), summed where the k-th index is the choice of u


class Feed(NamedTuple):
    """Rows of a step's program that are given: from an input view, to these rows."""

    view: int  # the number of the input view: (k,) or, an item of each step, (steps, k)
    rows: slice


@dataclass(frozen=True)
class Plan:
    """How a loop runs: the program of a step, and what goes in and out."""

    program: Any  # a Program, whose inputs are the carry, the items and the outer numbers
    length: int
    is_reversed: bool
    carry: int  # how many of the program's first outputs are the new carry,
    each: int  # how many outputs follow that each step has; the rest is added up
    first: tuple[Feed, ...]
    items: tuple[Feed, ...]
    outer: tuple[Feed, ...]
    theta: tuple[Feed, ...]  # the program's parameters
    totals: View | None  # where the sums over steps and batch go: the program's gradient


_PRODUCTS = (StepKind.MATMUL, StepKind.PRODUCT, StepKind.CONTRACT, StepKind.OUTER)


@dataclass(frozen=True)
class Step:
    """One call of an array function: input views to an output view."""

    kind: StepKind
    out: View
    inputs: tuple[View, ...] = ()
    row: Primitive | None = None
    index: Index | None = None  # GATHER: rows. TAKE (c, v), PICK (c, u, k): which integer inputs
    # PICK (c, u, k): what the integers must be. CONTRACT (c, u, v, k): False for a product with a 0
    # that only fills the sum up, which is left out even if it is nan.
    choices: Index | None = None
    space: str = ""  # GATHER: where the rows are
    plan: Plan | None = None  # SCAN; its result is all outputs of all steps, the last carry, sums

    @property
    def is_batched(self) -> bool:
        """True if it works on the examples of a batch."""
        return self.out.space in (BATCHED, MEANS)

    def operations(self) -> tuple[int, int]:
        """Floating-point operations: for each example, and once for a batch."""
        count = self.out.count
        if self.plan is not None:
            steps = self.plan.program.steps
            each, once = map(sum, zip(*map(Step.operations, steps), strict=True))
            return int(self.plan.length * each), int(once)
        if self.kind in (StepKind.GATHER, StepKind.TAKE):
            count = 0
        elif self.kind in _PRODUCTS:
            count *= 2 * self.inputs[0].sizes[-1]
        elif self.kind in (StepKind.REDUCE, StepKind.TOTAL, StepKind.PICK):
            count = self.inputs[0].count
        return (count, 0) if self.is_batched else (0, count)

    def scalars_moved(self) -> tuple[int, int]:
        """Scalars read and written: for each example, and once for a batch."""
        rows = [(view.space, view.distinct) for view in self.inputs]
        if self.kind == StepKind.GATHER:
            rows.append((self.space, self.out.count))
        rows.append((self.out.space, self.out.count))
        batched = sum(count for space, count in rows if space == BATCHED)
        return batched, sum(count for _, count in rows) - batched


@dataclass
class Instruction:
    """One line of the program: a block of rows, its name, and the steps that compute it."""

    name: str  # of the result
    formula: str  # the right-hand side, in the names of other results
    shape: tuple[int | str, ...]  # of the result; a batch axis is written B
    steps: list[Step]
    covers: list[int]  # the operations of the tape that it computes
    results: list[int]  # the nodes of the tape whose values or means its rows are

    @property
    def scalars(self) -> int:
        """The number of scalar operations it computes."""
        plans = [step.plan for step in self.steps if step.plan]
        return len(self.covers) + sum(p.length * int(p.program.scalars) for p in plans)

    @property
    def left(self) -> str:
        """The name with the shape: `z1[64,B]`."""
        return self.name + (f"[{','.join(map(str, self.shape))}]" if self.shape else "")

    def flops(self, batch: int) -> int:
        """Floating-point operations of a run on so many examples."""
        return sum(each * batch + once for each, once in map(Step.operations, self.steps))
