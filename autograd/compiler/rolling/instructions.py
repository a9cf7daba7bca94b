"""The parts of an array program: steps that a machine runs, instructions that a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
    PICK = "pick"  # (c, v, k, b) -> (c, u, v), summed where the k-th index is the choice of u


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
    bits: int | None = None  # APPLY: of a comparison and of the choices that alone read it

    @property
    def is_batched(self) -> bool:
        """True if it works on the examples of a batch."""
        return self.out.space in (BATCHED, MEANS)

    def operations(self) -> tuple[int, int]:
        """Floating-point operations: for each example, and once for a batch."""
        count = self.out.count
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
        return len(self.covers)

    @property
    def left(self) -> str:
        """The name with the shape: `z1[64,B]`."""
        return self.name + (f"[{','.join(map(str, self.shape))}]" if self.shape else "")

    def flops(self, batch: int) -> int:
        """Floating-point operations of a run on so many examples."""
        return sum(each * batch + once for each, once in map(Step.operations, self.steps))
