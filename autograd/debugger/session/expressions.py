"""Expressions of the shell: Python, with the names of the graph's nodes.

A node is its number at the moment: `w * 2`, `loss.grad`. Names that are no Python names, such as
`layer0.neuron3.w[5]`, are recognised in the parsed expression, the longest first.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from types import CodeType
from typing import Any

from autograd.debugger.session.names import Names
from autograd.errors import CommandError
from autograd.stepping.stepper import Stepper
from autograd.value import Value

_BASE = {**vars(math), "nan": math.nan, "inf": math.inf}


class NodeState(float):
    """The number of a node at a moment, with its gradient then."""

    node: Value
    grad: float
    has_grad: bool
    is_computed: bool

    def __new__(cls, stepper: Stepper, node: Value) -> NodeState:
        """Make the state of a node at the position of a stepper; nan if it is not computed yet."""
        data = stepper.data(node)
        self = super().__new__(cls, math.nan if data is None else data)
        self.node, self.grad = node, stepper.grad(node)
        self.has_grad, self.is_computed = stepper.has_grad(node), data is not None
        return self

    @property
    def data(self) -> float:
        """The number."""
        return float(self)

    @property
    def name(self) -> str | None:
        """The node's name."""
        return self.node.name

    @property
    def op(self) -> str | None:
        """The node's operation."""
        return self.node.op


class Expression:
    """An expression, compiled once. Raises CommandError if it is no Python."""

    def __init__(self, text: str, names: Names) -> None:
        self.text = text.strip()
        try:
            tree = ast.parse(self.text, "<expression>", "eval")
            placing = _Placing(names, tree)
            placed = ast.fix_missing_locations(placing.visit(tree))
            self.code: CodeType = compile(placed, "<expression>", "eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            said = getattr(error, "msg", "") or str(error)
            raise CommandError(f"{self.text!r} is no expression: {said}") from None
        self.nodes: dict[str, Value] = placing.nodes
        """The nodes in it, by their names in the code."""
        self.names = frozenset(v.id for v in ast.walk(placed) if isinstance(v, ast.Name))
        """Every name in the code."""
        self.free = self.names - set(self.nodes) - placing.bound - {"nan", "inf"}
        """The names that are no nodes, and that it does not define itself."""

    def evaluate(
        self, stepper: Stepper, nodes: Mapping[str, Value], names: Mapping[str, Any]
    ) -> Any:
        """Return the value. Raises CommandError for an error in the evaluation.

        Args:
            stepper: gives the nodes their state.
            nodes: the node of the stepper's graph for each key of `self.nodes`.
            names: the values of the other names.
        """
        scope = {**_BASE, **names}
        for place, v in nodes.items():
            scope[place] = NodeState(stepper, v)
        try:
            return eval(self.code, scope)
        except (CommandError, KeyboardInterrupt):
            raise
        except BaseException as error:  # SystemExit too: `print exit()` does not leave the program
            said = f"{type(error).__name__}: {error}"
            raise CommandError(f"{self.text}: {said}") from error


class _Placing(ast.NodeTransformer):
    """Replaces every node in an expression by a name of its own."""

    def __init__(self, names: Names, tree: ast.AST) -> None:
        self.names = names
        self.nodes: dict[str, Value] = {}
        self.bound = {v.arg for v in ast.walk(tree) if isinstance(v, ast.arg)}
        """Names that the expression itself defines, as a comprehension does."""
        for v in ast.walk(tree):
            if isinstance(v, ast.Name) and isinstance(v.ctx, ast.Store):
                self.bound.add(v.id)

    def visit_Name(self, part: ast.Name) -> ast.AST:
        """Replace a name."""
        return self._place(part)

    def visit_Attribute(self, part: ast.Attribute) -> ast.AST:
        """Replace a name with a dot."""
        return self._place(part)

    def visit_Subscript(self, part: ast.Subscript) -> ast.AST:
        """Replace a name with an index."""
        return self._place(part)

    def _place(self, part: ast.expr) -> ast.AST:
        text = ast.unparse(part)
        if _root(part) in self.bound or not self.names.find(text):
            return self.generic_visit(part)
        v = self.names.one(text)
        place = f"_node{len(self.nodes)}"
        self.nodes[place] = v
        return ast.Name(place, ast.Load())


def _root(part: ast.expr) -> str:
    """The name with which a chain of attributes and items begins; "" if it begins otherwise."""
    while isinstance(part, ast.Attribute | ast.Subscript):
        part = part.value
    return part.id if isinstance(part, ast.Name) else ""
