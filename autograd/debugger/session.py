"""What the shell is about: the stepper, the breakpoints, and the branch of a what-if."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import CodeType
from typing import Any

from autograd.debugger.branches import branch
from autograd.debugger.breakpoints import Breakpoint, Test, parse
from autograd.debugger.expressions import Expression, Names, NodeState
from autograd.errors import CommandError
from autograd.events import Event
from autograd.graph import Graph
from autograd.provenance import origin
from autograd.stepper import Stepper
from autograd.value import Value


class Session:
    """A pass that is being looked at. It writes nothing to the user's nodes but by `finish`.

    Args:
        output: the Value to differentiate.
        gradient: the derivative of something further on with respect to it.
        variables: the user's names, for expressions.
    """

    def __init__(
        self, output: Value, gradient: float = 1.0, variables: Mapping[str, Any] | None = None
    ) -> None:
        self.user = Stepper(output, gradient)
        """The stepper on the user's own nodes."""
        self.stepper = self.user
        """The one that the commands move: the user's, or that of a branch."""
        self.variables = variables or {}
        self.breakpoints: dict[int, Breakpoint] = {}
        self._numbered = 0
        self.changes: dict[Value, float] = {}
        """Numbers set for a what-if, by the user's nodes."""
        self._originals: dict[Value, Value] = {}
        self._twins: dict[Value, Value] = {}

    # Nodes

    @property
    def graph(self) -> Graph:
        """The graph that is stepped through."""
        return self.stepper.graph

    @property
    def names(self) -> Names:
        """The user's nodes by name: they keep their numbers in a branch."""
        return self._names

    @cached_property
    def _names(self) -> Names:
        return Names(self.user)

    @cached_property
    def scopes(self) -> list[str]:
        """The scopes in which nodes were made."""
        noted = (getattr(v, "_origin", None) for v in self.user.graph.nodes)
        return sorted({at[2] for at in noted if at is not None and at[2]})

    @cached_property
    def has_lines(self) -> bool:
        """Whether any node knows the line that made it."""
        return any(hasattr(v, "_origin") for v in self.user.graph.nodes)

    def label(self, v: Value) -> str:
        """What a node is called, in a branch as in the user's graph."""
        return self.user.graph.label(self.original(v))

    def formula(self, v: Value) -> str:
        """The operation that made a node, in the names of its operands."""
        return self.graph.formula(v, self.label)

    def number(self, v: Value) -> str:
        """The number of a node: `v7`."""
        return f"v{self.user.graph.index[self.original(v)]}"

    def find(self, text: str) -> Value:
        """The node, of those stepped through, that a text names; see `Names.one`."""
        return self.twin(self.names.one(text))

    @property
    def current(self) -> Value:
        """The node that the last event was about; before any event the output."""
        event = self.stepper.event
        return self.stepper.output if event is None else event.node

    @property
    def changed(self) -> Value:
        """The node that the last event changed; before any event the output."""
        event = self.stepper.event
        return event.operand if event is not None and event.operand is not None else self.current

    # Branches

    @property
    def is_branch(self) -> bool:
        """Whether a what-if is stepped through, and not the user's graph."""
        return self.stepper is not self.user

    def original(self, v: Value) -> Value:
        """The user's node behind one that is stepped through."""
        return self._originals.get(v, v)

    def twin(self, v: Value) -> Value:
        """The node that is stepped through in place of a user's. Raises CommandError if none is."""
        found = self.counterpart(v)
        if found is None:
            raise CommandError(
                f"{self.user.graph.label(v)} plays no part in this branch: the number set further "
                "on does not depend on it"
            )
        return found

    def counterpart(self, v: Value) -> Value | None:
        """The same, or None if the node plays no part in the branch."""
        found = self._twins.get(v, v)
        return found if found in self.graph.index else None

    def rerun(self) -> None:
        """Run the recorded operations again with the numbers set; without any, the user's graph.

        The position stays, as far as there are events.
        """
        position = self.stepper.position
        self._twins = branch(self.user.graph, self.changes) if self.changes else {}
        self._originals = {twin: v for v, twin in self._twins.items()}
        output = self._twins.get(self.user.output)
        self.stepper = self.user if output is None else Stepper(output, self.user.events.seed)
        self.stepper.position = min(position, len(self.stepper))

    # Breakpoints

    def add_breakpoint(self, text: str, temporary: bool = False) -> Breakpoint:
        """Set a breakpoint. Raises CommandError for what means nothing."""
        return self._add(text.strip(), parse(text, self), temporary, None)

    def add_watch(self, text: str) -> Breakpoint:
        """Stop whenever the data or the gradient of a node change."""
        v = self.names.one(text)
        return self._add(text.strip(), parse(f"node {text}", self), False, v)

    def _add(self, text: str, test: Test, temporary: bool, watched: Value | None) -> Breakpoint:
        self._numbered += 1
        new = Breakpoint(self._numbered, text, test, temporary, watched)
        self.breakpoints[new.number] = new
        return new

    def run(self, numbers: range) -> list[Breakpoint]:
        """Go through events until breakpoints are hit after one; gives those, if any.

        Args:
            numbers: of the events, in the order in which to go through them.
        """
        where = self.stepper.position
        if not self.breakpoints:
            numbers = numbers[:0]
        try:
            for number in numbers:
                self.stepper.position = number + 1
                event = self.stepper.events[number]
                hit = [b for b in self.breakpoints.values() if b.test(event)]
                if hit:
                    self._count(hit)
                    return hit
        except BaseException:  # an error in a condition, or Ctrl-C: nothing has happened
            self.stepper.position = where
            raise
        self.stepper.position = len(self.stepper) if numbers.step > 0 else 0
        return []

    def _count(self, hit: list[Breakpoint]) -> None:
        for b in hit:
            b.hits += 1
            if b.temporary:
                del self.breakpoints[b.number]

    # Expressions

    def evaluate(self, text: str) -> Any:
        """An expression of nodes, of the last event, and of the user's names."""
        expression = Expression(text, self.names)
        return self._evaluated(expression, self.event_names(self.stepper.event))

    def _evaluated(self, expression: Expression, names: Mapping[str, Any]) -> Any:
        expression.nodes = {place: self.twin(v) for place, v in expression.nodes.items()}
        return expression.evaluate(self.stepper, {**self.variables, **names})

    def condition(self, text: str) -> Callable[[Event], Any]:
        """A test of an event, from an expression."""
        expression = Expression(text, self.names)
        users = dict(expression.nodes)

        def test(event: Event) -> Any:
            expression.nodes = users
            return self._evaluated(expression, self.event_names(event))

        return test

    def event_names(self, event: Event | None) -> dict[str, Any]:
        """What the parts of an event are called in an expression; nan where it has no such part."""
        if event is None:
            return {"event": None}
        nan = float("nan")
        numbers = {
            key: nan if (x := getattr(event, key)) is None else x
            for key in ("upstream", "local", "contribution", "before", "after")
        }
        changed = event.node if event.operand is None else event.operand
        where = origin(event.node)
        return {
            **numbers, "event": event, "kind": event.kind, "op": event.op, "slot": event.slot,
            "node": NodeState(self.stepper, event.node),
            "operand": None if event.operand is None else NodeState(self.stepper, event.operand),
            "data": event.after if event.operand is None else self.stepper.data(changed),
            "grad": nan if event.operand is None else event.after,
            "name": changed.name, "scope": where.scope, "line": where.line,
        }  # fmt: skip


def scope_members(session: Session) -> Iterator[tuple[str, list[Value]]]:
    """Each scope with the nodes that were made in it or below."""
    inside: dict[str, list[Value]] = {path: [] for path in session.scopes}
    for v in session.user.graph.nodes:
        code: tuple[CodeType, int, str] | None = getattr(v, "_origin", None)
        parts = code[2].split(".") if code is not None and code[2] else []
        for depth in range(1, len(parts) + 1):
            inside.setdefault(".".join(parts[:depth]), []).append(v)
    return iter(sorted(inside.items()))
