"""`explain`: a derivative as the sum over paths of products of local derivatives.

The derivative of an output with respect to a node is the sum, over all paths from the node to the
output, of the product of the local derivatives along the path (Bauer, "Computational graphs and
rounding error", 1974; Griewank and Walther, "Evaluating Derivatives", 2008, section 3.2). There
may be more paths than atoms in the world: they are counted without being listed, and listed only
if they are few. The backward pass gets the same sum by adding up at every node first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograd.backward import partials, pull_back
from autograd.derivatives import check_fresh
from autograd.explaining import latex, text
from autograd.graph import Graph
from autograd.node import UNSET
from autograd.primitive import CONST
from autograd.recording.ledger import History
from autograd.value import Value


class Term(NamedTuple):
    """One summand: a path, or the first step of all paths that begin with it.

    Attributes:
        nodes: the path, from the node that is differentiated by towards the output.
        slots: which operand of `nodes[i + 1]` `nodes[i]` is.
        locals: the derivative of `nodes[i + 1]` with respect to that operand.
        upstream: the derivative of the output with respect to the last node; 1.0 for a whole path.
        product: of `upstream` and all `locals`, multiplied in the order of the backward pass.
        paths: how many paths the term stands for.
    """

    nodes: tuple[Value, ...]
    slots: tuple[int, ...]
    locals: tuple[float, ...]
    upstream: float
    product: float
    paths: int


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """The derivative of `output` with respect to `wrt`, term by term. `print` shows it in full.

    It is that of the moment at which it was made: gradients that change later do not change it.
    """

    output: Value
    wrt: Value
    value: float
    """The sum of the terms' products."""
    count: int
    """How many paths there are, exactly."""
    folded: bool
    """Whether a term stands for all paths through one consumer of `wrt`."""
    terms: list[Term]
    reverse: float
    """What the backward pass gives for the same derivative."""
    grad: float | None
    """`wrt.grad`; None where no backward has reached it."""
    history: History
    """What made `wrt.grad` up, as far as `record()` was on."""
    graph: Graph = field(repr=False)

    @property
    def size(self) -> float:
        """The sum of the terms' magnitudes: what rounding errors are measured by."""
        return sum([abs(t.product) for t in self.terms], 0.0)

    def __str__(self) -> str:
        """All of it in words, symbols and numbers, at most 80 columns wide."""
        return text.text(self)

    def __repr__(self) -> str:
        """The derivative and how many paths it is the sum of."""
        return text.one_line(self)

    def latex(self) -> str:
        r"""The sum in symbols, in formulas and in numbers, for math mode.

        >>> x = Value(3.0, "x")
        >>> y = 2 * x
        >>> y.name = "y"
        >>> print(explain(y, x).latex())
        \begin{aligned}
        \frac{\partial y}{\partial x} &= 2
        \end{aligned}
        """
        return latex.latex(self)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/latex": self._repr_latex_()}


def explain(output: Value, wrt: Value, *, max_paths: int = 12) -> Explanation:
    """The derivative of `output` with respect to `wrt`, as the sum over the paths between them.

    Up to `max_paths` paths are listed, each with the product of its local derivatives. Where there
    are more they are folded by node: a term for each place in which `wrt` is used, the derivative
    of the output with respect to that consumer times the consumer's local derivative.

    Args:
        output: the Value to differentiate.
        wrt: a leaf or an interior node.
        max_paths: how many paths to list at most.

    Raises TypeError for what is not a Value, ValueError for a constant, which takes no derivative,
    StaleGraphError if a Value's data changed since the forward pass.

    >>> w, x = Value(0.5, "w"), Value(2.0, "x")
    >>> z = w * x
    >>> z.name = "z"
    >>> loss = z * z
    >>> loss.name = "loss"
    >>> print(explain(loss, w))
    ∂loss/∂w = 4.0   at loss = 1.0, w = 0.5
    the sum over 2 paths, each the product of the local derivatives along it
    <BLANKLINE>
    nodes
      z    = w * x = 1.0
      loss = z * z = 1.0
    <BLANKLINE>
    local derivatives
      ∂z/∂w     = x = 2.0
      ∂₁loss/∂z = z = 1.0
      ∂₂loss/∂z = z = 1.0
      ∂₁, ∂₂ …: by the first, second … place of an operand that has several
    <BLANKLINE>
    paths
      1. w → z → loss
         ∂₁loss/∂z · ∂z/∂w = 1.0 · 2.0 = 2.0
      2. w → z → loss
         ∂₂loss/∂z · ∂z/∂w = 1.0 · 2.0 = 2.0
    <BLANKLINE>
    sum = 2.0 + 2.0 = 4.0
    backward gives 4.0: the same
    w.grad is not set: no backward has reached w yet
    >>> explain(loss, w).count, explain(loss, w)
    (2, <∂loss/∂w = 4.0, the sum over 2 paths>)
    """
    _check(output, wrt, max_paths)
    graph = Graph(output)
    check_fresh(graph)
    reached = _reached(graph, wrt) if wrt in graph.index else set()
    cotangents = dict.fromkeys(graph, UNSET)
    cotangents[output] = 1.0
    pull_back(cotangents)
    uses = _uses(graph, wrt, reached)
    count = 1 if output is wrt else sum(paths for _, _, paths in uses)
    folded = count > max_paths and output is not wrt
    if folded:
        terms = [_first_step(wrt, *use, cotangents[use[0]]) for use in uses]
    else:
        terms = _whole_paths(output, wrt, reached)
    return Explanation(
        output,
        wrt,
        value=sum([t.product for t in terms], 0.0),
        count=count,
        folded=folded,
        terms=terms,
        reverse=cotangents.get(wrt, 0.0),
        grad=wrt.grad if wrt.has_grad else None,
        history=History(wrt),
        graph=graph,
    )


def _check(output: Value, wrt: Value, max_paths: int) -> None:
    for v in (output, wrt):
        if not isinstance(v, Value):
            raise TypeError(f"explain() takes two Values, got {type(v).__name__} {v!r}")
    if output._row is CONST:
        raise ValueError(
            f"{output!r} is a constant: nothing that led to it was recorded; was it computed "
            "under no_grad(), or from numbers only?"
        )
    if wrt._row is CONST:
        raise ValueError(f"{wrt!r} is a constant, which takes no derivative: pass a leaf or a node")
    if isinstance(max_paths, bool) or not isinstance(max_paths, int) or max_paths < 0:
        raise ValueError(f"max_paths is how many paths to list, 0 or more, got {max_paths!r}")


def _flow(v: Value) -> Iterator[tuple[int, Value]]:
    """The operands to which a derivative flows, each with its place."""
    if v._row is not None:
        for slot, (operand, rule) in enumerate(zip(v.parents, v._row.partials, strict=False)):
            if rule is not None and operand._row is not CONST:
                yield slot, operand


def _reached(nodes: Iterable[Value], wrt: Value) -> set[Value]:
    """The nodes of which `wrt` moves the number: those on a path that begins with it."""
    reached = {wrt}
    for v in nodes:
        for _, operand in _flow(v):
            if operand in reached:
                reached.add(v)
    return reached


def _uses(graph: Graph, wrt: Value, reached: set[Value]) -> list[tuple[Value, int, int]]:
    """Each (consumer, slot) of `wrt` with the number of paths that begin there.

    In the order in which the backward pass comes to them. One pass, no path is walked: a node has
    as many paths to the output as its consumers together. The counts of nodes that are done are
    dropped, for a number of a million digits takes its room.
    """
    uses = []
    to_output = {graph.outputs[0]: 1}
    for v in reversed(graph.nodes):
        paths = to_output.pop(v, 0)
        if not paths or v not in reached or v is wrt:
            continue
        for slot, operand in _flow(v):
            if operand is wrt:
                uses.append((v, slot, paths))
            elif operand in reached:
                to_output[operand] = to_output.get(operand, 0) + paths
    return uses


def _first_step(wrt: Value, consumer: Value, slot: int, paths: int, upstream: float) -> Term:
    local = partials(consumer)[slot]
    assert local is not None
    return Term((wrt, consumer), (slot,), (local,), upstream, upstream * local, paths)


def _whole_paths(output: Value, wrt: Value, reached: set[Value]) -> list[Term]:
    if output is wrt:
        return [Term((wrt,), (), (), 1.0, 1.0, 1)]
    known: dict[Value, tuple[float | None, ...]] = {}
    return [_path(nodes, slots, known) for nodes, slots in _walks(output, wrt, reached)]


def _walks(
    output: Value, wrt: Value, reached: set[Value]
) -> Iterator[tuple[Sequence[Value], Sequence[int]]]:
    """Every path from the output down to `wrt`, operands left to right: none is a dead end."""
    if output not in reached:
        return
    nodes, slots, branches = [output], [-1], [_flow(output)]
    while branches:
        slot, operand = next(branches[-1], (-1, None))
        if operand is None:
            for trail in (nodes, slots, branches):
                trail.pop()
        elif operand is wrt:
            yield (*nodes, wrt), (*slots[1:], slot)
        elif operand in reached:
            nodes.append(operand)
            slots.append(slot)
            branches.append(_flow(operand))


def _path(
    down: Sequence[Value], slots: Sequence[int], known: dict[Value, tuple[float | None, ...]]
) -> Term:
    product, factors = 1.0, []
    for v, slot in zip(down, slots, strict=False):
        if v not in known:
            known[v] = partials(v)
        factors.append(known[v][slot])
        product *= known[v][slot]  # type: ignore[operator]
    return Term(tuple(down[::-1]), tuple(slots[::-1]), tuple(factors[::-1]), 1.0, product, 1)  # type: ignore[arg-type]
