"""Expressions of the shell: Python, with the names of the graph's nodes.

A node is its number at the moment: `w * 2`, `loss.grad`. Names that are no Python names, such as
`layer0.neuron3.w[5]`, are recognised in the parsed expression, the longest first.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from types import CodeType
from typing import Any

from autograd.debugger.session.names import Names
from autograd.errors import CommandError
from autograd.stepping.events import Event
from autograd.stepping.stepper import Stepper
from autograd.system.source import Place, place_in
from autograd.value import Value

_NAMING = (ast.Name, ast.Attribute, ast.Subscript)
_BASE = {**vars(math), "nan": math.nan, "inf": math.inf}


class NodeState(float):
    """The number of a node at a moment, with its gradient then."""

    node: Value
    grad: float
    has_grad: bool
    is_computed: bool
    data = property(float)
    name = property(lambda self: self.node.name)
    op = property(lambda self: self.node.op)

    def backward(self, *given: object) -> None:
        """Say which command does it."""
        raise CommandError("`finish` runs the backward pass and writes the gradients")

    def __new__(cls, stepper: Stepper, node: Value) -> NodeState:
        """Make the state of a node at the position of a stepper; nan if it is not computed yet."""
        data = stepper.data(node)
        self = super().__new__(cls, math.nan if data is None else data)
        self.node, self.grad = node, stepper.grad(node)
        self.has_grad, self.is_computed = stepper.has_grad(node), data is not None
        return self


class Expression:
    """An expression, compiled once. Raises CommandError if it is no Python."""

    def __init__(self, text: str, names: Names) -> None:
        self.text = text.strip()
        try:
            tree = ast.parse(self.text, "<expression>", "eval")
            replacer = _NodeReplacer(names, tree)
            replaced = ast.fix_missing_locations(replacer.visit(tree))
            self.code: CodeType = compile(replaced, "<expression>", "eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            said = getattr(error, "msg", "") or str(error)
            raise CommandError(f"{self.text!r} is no expression: {said}") from None
        self.nodes: dict[str, Value] = replacer.nodes
        """The nodes in it, by their names in the code."""
        self.names = frozenset(v.id for v in ast.walk(replaced) if isinstance(v, ast.Name))
        """Every name in the code."""
        self.free = self.names - set(self.nodes) - replacer.bound - {"nan", "inf"}
        """The names that are no nodes, and that it does not define itself."""

    def evaluate(self, names: Mapping[str, Any]) -> Any:
        """Return the value, for values of the names. Raises CommandError for any error in it."""
        try:
            return eval(self.code, {**_BASE, **names})
        except (CommandError, KeyboardInterrupt):
            raise
        except BaseException as error:  # SystemExit too: `print exit()` does not leave the program
            raise CommandError(f"{self.text}: {type(error).__name__}: {error}") from error


class _NodeReplacer(ast.NodeTransformer):
    """Replaces every node in an expression by a name of its own."""

    def __init__(self, names: Names, tree: ast.AST) -> None:
        self.names = names
        self.nodes: dict[str, Value] = {}
        self.bound = {v.arg for v in ast.walk(tree) if isinstance(v, ast.arg)}
        """Names that the expression itself defines, as a comprehension does."""
        for v in ast.walk(tree):
            if isinstance(v, ast.Name) and isinstance(v.ctx, ast.Store):
                self.bound.add(v.id)

    def visit(self, part: ast.AST) -> Any:
        """Replace a part that is a node's name; otherwise look at its own parts."""
        text = ast.unparse(part) if isinstance(part, _NAMING) else ""
        if not text or _root(part) in self.bound or not self.names.find(text):
            return self.generic_visit(part)
        place = f"_node{len(self.nodes)}"
        self.nodes[place] = self.names.one(text)
        return ast.Name(place, ast.Load())


def _root(part: ast.AST) -> str:
    """The name with which a chain of attributes and items begins, if it does."""
    while isinstance(part, ast.Attribute | ast.Subscript):
        part = part.value
    return part.id if isinstance(part, ast.Name) else ""


_Variable = Callable[[Event, Stepper], Any]


def scope_of(v: Value) -> str:
    """Return the scope in which a node was made; "" outside all, and if it is not known."""
    noted = getattr(v, "_origin", None)
    return "" if noted is None else str(noted[2])


def place_of(v: Value) -> Place | None:
    """Return the line that made a node, if it is known."""
    noted = getattr(v, "_origin", None)
    return None if noted is None else _place_in(*noted[:2])[0]


_place_in = lru_cache(maxsize=1024)(place_in)  # one instruction often makes many nodes


def _number(key: str, event: Event, stepper: Stepper) -> float:
    x = getattr(event, key)
    return math.nan if x is None else float(x)


_NUMBERS = ("upstream", "local", "contribution", "before", "after")
EVENT_VARIABLES: dict[str, _Variable] = {
    **{key: partial(_number, key) for key in _NUMBERS},
    "event": lambda event, stepper: event,
    "kind": lambda event, stepper: event.kind,
    "op": lambda event, stepper: event.op,
    "slot": lambda event, stepper: event.slot,
    "node": lambda event, stepper: NodeState(stepper, event.node),
    "operand": lambda e, stepper: None if e.operand is None else NodeState(stepper, e.operand),
    "data": lambda event, stepper: stepper.data(event.changed),
    "grad": lambda event, stepper: math.nan if event.operand is None else event.after,
    "name": lambda event, stepper: event.changed.name,
    "scope": lambda event, stepper: scope_of(event.node),
    "line": lambda event, stepper: place.short if (place := place_of(event.node)) else "",
}
"""Each name with the function that computes its value; a number that an event lacks is nan."""


def event_variables(event: Event | None, stepper: Stepper, wanted: Iterable[str]) -> dict[str, Any]:
    """Return the values of those variables of an event that are wanted."""
    if event is None:
        return {"event": None} if "event" in wanted else {}
    return {key: EVENT_VARIABLES[key](event, stepper) for key in wanted if key in EVENT_VARIABLES}
