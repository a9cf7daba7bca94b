"""Expressions of the shell: Python, in which the nodes of the graph have their names.

A node stands for its number at the moment: `w * 2`, `loss.grad`. Names that are no Python names,
such as `layer0.neuron3.w[5]`, are found before Python sees the expression.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import CodeType
from typing import Any

from autograd.errors import CommandError
from autograd.stepper import Stepper
from autograd.value import Value

_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\.[^\W\d]\w*|\[[\w, ]*\])*")
_STRING = re.compile(r"('[^']*'|\"[^\"]*\")")


class NodeState(float):
    """The number of a node at a moment, with its gradient then."""

    node: Value
    grad: float
    has_grad: bool
    is_computed: bool

    def __new__(cls, stepper: Stepper, node: Value) -> NodeState:
        """The state of a node where the stepper is; nan where it is not computed yet."""
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


class Names:
    """The nodes of a graph by what they are called: their names, and `v7` for number 7."""

    def __init__(self, stepper: Stepper) -> None:
        self.graph = stepper.graph
        self.by_name: dict[str, list[Value]] = {}
        for v in self.graph.nodes:
            if v.name:
                self.by_name.setdefault(v.name, []).append(v)

    def find(self, text: str) -> list[Value]:
        """The nodes that a text names; none if it names none."""
        text = text.strip()
        if text in self.by_name:
            return self.by_name[text]
        number = re.fullmatch(r"v(\d+)", text)
        if number and int(number[1]) < len(self.graph):
            return [self.graph.nodes[int(number[1])]]
        squeezed = " ".join(text.split())
        return next((v for k, v in self.by_name.items() if " ".join(k.split()) == squeezed), [])

    def one(self, text: str) -> Value:
        """The one node that a text names. Raises CommandError for none and for several."""
        found = self.find(text)
        if len(found) == 1:
            return found[0]
        if found:
            numbers = ", ".join(f"v{self.graph.index[v]}" for v in found[:6])
            more = ", …" if len(found) > 6 else ""
            raise CommandError(
                f"{len(found)} nodes are called {text.strip()!r}: say which one: {numbers}{more}"
            )
        raise CommandError(f"there is no node {text.strip()!r} in this graph{self.hint(text)}")

    def hint(self, text: str) -> str:
        """What else might have been meant."""
        import difflib

        if re.fullmatch(r"v\d+", text.strip()):
            return f": they are v0 to v{len(self.graph) - 1}"
        close = difflib.get_close_matches(text.strip(), self.by_name, n=3, cutoff=0.5)
        return f"; did you mean {' or '.join(close)}?" if close else "; `info leaves` lists names"

    def __call__(self, start: str) -> list[str]:
        """The names that begin like this, for completion."""
        names = [name for name in self.by_name if name.startswith(start)]
        if re.fullmatch(r"v\d*", start):
            numbers = (f"v{i}" for i in range(len(self.graph)))
            names += [n for n in numbers if n.startswith(start)][:100]
        return names


class Expression:
    """An expression, compiled once and evaluated at one event or at many.

    Raises CommandError if it is no Python.
    """

    def __init__(self, text: str, names: Names) -> None:
        self.text = text.strip()
        self.nodes: dict[str, Value] = {}
        source = "".join(
            part if i % 2 else _NAME.sub(lambda match: self._placed(match[0], names), part)
            for i, part in enumerate(_STRING.split(self.text))
        )
        self.code = _compiled(source, self.text)

    def _placed(self, path: str, names: Names) -> str:
        """The longest beginning of a dotted path that is a node, as a name for Python."""
        cuts = [len(path), *[m.start() for m in re.finditer(r"[.\[]", path)][::-1]]
        for cut in cuts:
            found = names.find(path[:cut])
            if len(found) == 1:
                place = f"_node{len(self.nodes)}"
                self.nodes[place] = found[0]
                return place + path[cut:]
            if found:
                names.one(path[:cut])
        return path

    def evaluate(self, stepper: Stepper, names: Mapping[str, Any]) -> Any:
        """Its value where the stepper is. Raises CommandError with what went wrong."""
        states = {place: NodeState(stepper, v) for place, v in self.nodes.items()}
        scope = {**vars(math), "nan": math.nan, "inf": math.inf, **names, **states}
        try:
            return eval(self.code, scope)
        except CommandError:
            raise
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            raise CommandError(f"{self.text}: {said}") from error


def _compiled(source: str, text: str) -> CodeType:
    try:
        return compile(source, "<expression>", "eval")
    except (SyntaxError, ValueError) as error:
        raise CommandError(f"{text!r} is no expression: {getattr(error, 'msg', error)}") from None
