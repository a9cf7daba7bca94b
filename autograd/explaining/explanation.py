"""`explain`: a derivative as the sum over all paths of products of local derivatives.

See Bauer, "Computational graphs and rounding error", 1974; Griewank and Walther, "Evaluating
Derivatives", 2008, section 3.2. The backward pass gets the same sum by adding up at every node.
"""

from __future__ import annotations

from typing import Any

from autograd.backward import check_differentiable, cotangents_of
from autograd.derivatives import check_fresh
from autograd.explaining import latex, text
from autograd.explaining.paths import PathSum, terms_between
from autograd.floats.ieee import is_whole
from autograd.graph import Graph
from autograd.primitive import CONST
from autograd.recording.ledger import History
from autograd.system.garbage import paused
from autograd.text.spelling import suggesting
from autograd.value import Value, one_value


class Explanation(PathSum):
    """The derivative of `output` with respect to `wrt`, term by term. `print` shows it in full.

    It is a snapshot: gradients that change later do not change it.
    """

    def __str__(self) -> str:
        """The explanation in words, symbols and numbers, at most 80 columns wide."""
        return text.text(self)

    def __repr__(self) -> str:
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


@suggesting
def explain(output: Value, wrt: Value, *, max_paths: int = 12) -> Explanation:
    """Return the derivative of `output` with respect to `wrt` as a sum over the paths between them.

    Up to `max_paths` paths are listed, each with the product of its local derivatives. If there
    are more, they are folded into one term for each use of `wrt`: the derivative of the output with
    respect to that consumer times the consumer's local derivative.

    Args:
        output: the Value to differentiate.
        wrt: a leaf or an interior node.
        max_paths: the largest number of paths that is listed.

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
      ∂₁, ∂₂ …: by the first, second … operand alone
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
    output, wrt = (one_value(v, "explain", "two Values") for v in (output, wrt))
    _check(output, wrt, max_paths)
    return explained(Graph(output), wrt, max_paths)


@paused()
def explained(graph: Graph, wrt: Value, max_paths: int = 12) -> Explanation:
    """Return the same for a graph, with the names that it has for its nodes."""
    check_fresh(graph)
    output = graph.output
    cotangents = cotangents_of(output, graph)
    terms, count, folded = terms_between(graph, wrt, cotangents, max_paths)
    value, reverse = sum([t.product for t in terms], 0.0), cotangents.get(wrt, 0.0)
    grad = wrt.grad if wrt.has_grad else None
    return Explanation(output, wrt, value, count, folded, terms, reverse, grad, History(wrt), graph)


def _check(output: Value, wrt: Value, max_paths: int) -> None:
    check_differentiable(output)
    if wrt._row is CONST:
        raise ValueError(f"{wrt!r} is a constant, which takes no derivative: pass a leaf or a node")
    if not is_whole(max_paths, 0):
        raise ValueError(f"max_paths is how many paths to list, 0 or more, got {max_paths!r}")
