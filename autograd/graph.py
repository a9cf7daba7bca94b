"""`Graph`: the nodes below one or several outputs, to look at and to print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from autograd.backward import topological_order
from autograd.primitive import CONST
from autograd.text import wording
from autograd.text.columns import cut
from autograd.text.report import Report, Table
from autograd.value import Value

_SHOWN = 30  # rows at the head and at the tail of a long table
FORMULA = 40  # columns of a formula in the table


class Edge(NamedTuple):
    """`operand` is the operand number `slot` of `result`."""

    operand: Value
    result: Value
    slot: int


class Graph(Report):
    """The graph below an output, or below each of a list of outputs.

    Printed, it is the Wengert list: one line an operation, in the order of the forward pass.

    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> print(Graph(x * z + x))
    node  name  operation  data  grad
    v0    x     leaf        2.0     -
    v1    z     leaf        3.0     -
    v2          x * z       6.0     -
    v3          v2 + x      8.0     -
    """

    def __init__(self, output: object) -> None:
        """List the nodes. Raises TypeError for anything but Values and nests of them."""
        self.names: Mapping[Value, str] = {}
        """Names for nodes that have none of their own, such as those of variables."""
        self.outputs: list[Value] = list(flatten(output))
        self.nodes: list[Value] = topological_order(self.outputs)
        """Depth-first, operands before results and left to right, each once."""

    @property
    def output(self) -> Value:
        """The output, or the first of several."""
        return self.outputs[0]

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Value]:
        return iter(self.nodes)

    @property
    def leaves(self) -> list[Value]:
        """The nodes that take a gradient and have no operands."""
        return [v for v in self.nodes if v.op is None]

    @property
    def edges(self) -> list[Edge]:
        """(operand, result, slot) for every operand of every node: `x * x` gives two."""
        return [Edge(p, v, i) for v in self.nodes for i, p in enumerate(v.parents)]

    @cached_property
    def index(self) -> dict[Value, int]:
        """The number of each node: its place in `nodes`."""
        return {v: i for i, v in enumerate(self.nodes)}

    def label(self, v: Value) -> str:
        """The label of a node: its name where no other node has it, else its number.

        A constant without a name has its number as a label: `2.0`.

        >>> x = Value(2.0, "x")
        >>> y = x * 3
        >>> graph = Graph(y)
        >>> graph.label(x), graph.label(y)
        ('x', 'v2')
        """
        name = self.name(v)
        if name and self.bearers[name] == 1:
            return wording.name(name)
        if v._row is CONST and not name:
            return wording.operand(v._float)
        return f"v{self.index[v]}"

    def name(self, v: Value) -> str | None:
        """The name of a node: its own, or else the one in `names`."""
        return v._name or self.names.get(v)

    @cached_property
    def bearers(self) -> Counter[str]:
        """The number of nodes that bear each name."""
        return Counter(filter(None, map(self.name, self.nodes)))

    def formula(self, v: Value, label: Callable[[Value], str] | None = None) -> str:
        """The operation that made a node, its operands by their labels: `w * x`."""
        if v._row is None:
            return "leaf"
        if not v.parents:
            return v._row.name
        return v._row.written(list(map(label or self.label, v.parents)))

    def computed(self, v: Value) -> str:
        """The same with the recorded numbers: `2.0 * 3.0`; of a leaf its number."""
        if v._row is None or not v.parents:
            return wording.number(v._float)
        return v._row.computed(v._primals)

    def table(self, shown: int = _SHOWN) -> str:
        """The Wengert list; of a long one the first and the last `shown` lines."""
        return "\n".join(self._table(shown).lines())

    def _table(self, shown: int) -> Table:
        count = len(self.nodes)
        head = self.nodes if count <= 2 * shown else self.nodes[:shown]
        tail = self.nodes[max(len(head), count - shown) :]
        left_out = [f"… {count - 2 * shown:,} more nodes …"] if tail else []
        rows = [*map(self._row, head), *left_out, *map(self._row, tail)]
        return Table([("node", "name", "operation", "data", "grad"), *rows], right=(3, 4))

    def _row(self, v: Value) -> tuple[str, str, str, str, str]:
        grad = f"{v.grad:.6g}" if v.has_grad else "-"
        name = wording.name(self.name(v) or "")
        formula = cut(self.formula(v), FORMULA)
        return (f"v{self.index[v]}", name, formula, wording.number(v.data), grad)

    def _parts(self) -> tuple[Table]:
        return (self._table(_SHOWN),)

    def __repr__(self) -> str:
        return f"<Graph of {len(self)} nodes, {len(self.leaves)} of them leaves>"


def flatten(values: Any, kinds: Any = Value) -> Iterator[Any]:
    """Yield the Values of nested iterables, or what is of other `kinds`, in order.

    Raises TypeError for anything else there, ValueError for a list that contains itself.
    """
    pending = [iter((values,))]
    opened: list[Any] = [None]  # what each of the iterators goes through
    while pending:
        for x in pending[-1]:
            if isinstance(x, kinds):
                yield x
            elif hasattr(x, "__iter__") and not isinstance(x, (str, bytes)):
                if any(x is each for each in opened):
                    raise ValueError(f"expected Values, found a {type(x).__name__} within itself")
                parts = x.ravel().tolist() if isinstance(x, np.ndarray) else x
                pending.append(iter(x.values() if isinstance(x, dict) else parts))
                opened.append(x)
                break
            else:
                raise TypeError(f"expected Values, found {type(x).__name__} {x!r:.80}")
        else:
            pending.pop()
            opened.pop()
