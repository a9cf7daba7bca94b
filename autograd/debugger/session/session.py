"""The state of a debugging session: the position in the pass, the names, the what-if branch."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from functools import cached_property
from typing import Any

from autograd.debugger.session.branches import branch, position_after, unobserved
from autograd.debugger.session.expressions import Expression, NodeState, event_variables, scope_of
from autograd.debugger.session.names import Names
from autograd.errors import CommandError
from autograd.graph import Graph
from autograd.primitive import CONST
from autograd.provenance import variable_names
from autograd.recording.anomalies import path_to
from autograd.stepping.events import Event
from autograd.stepping.stepper import Stepper
from autograd.system.interrupts import uninterrupted
from autograd.text import wording
from autograd.value import Value


class Session:
    """A pass that a user steps through. Only `finish` writes to the user's nodes."""

    def __init__(
        self, output: Value, gradient: float = 1.0, variables: Mapping[str, Any] | None = None
    ) -> None:
        self.user = Stepper(output, gradient)
        """The stepper on the user's own nodes."""
        self.stepper = self.user
        """The stepper that the commands move: the user's, or that of a branch."""
        self.variables = variables or {}
        """The user's names, for expressions."""
        self.user.graph.names = self._variable_names()
        self.unwritten = "no gradient was written"
        """What is said when the shell is left before `finish`."""
        self.changes: dict[Value, float] = {}
        """The user's nodes with the numbers set for a what-if."""
        self._originals: dict[Value, Value] = {}
        self._twins: dict[Value, Value] = {}
        self.displays: dict[int, Expression] = {}
        """Expressions that are shown after every move, by their numbers."""
        self.listed = (-1, -1)
        """The position at the last `list`, and the last node that it showed."""

    def _variable_names(self) -> dict[Value, str]:
        graph = self.user.graph
        own = {v._name for v in graph.nodes}
        names = variable_names(self.variables).items()
        return {v: name for v, name in names if v in graph.index and name not in own}

    @property
    def graph(self) -> Graph:
        """The graph that is stepped through."""
        return self.stepper.graph

    @cached_property
    def names(self) -> Names:
        """The user's nodes by name; their numbers are the same in a branch."""
        return Names(self.user.graph, self.variables)

    @cached_property
    def scopes(self) -> list[str]:
        """The scopes in which nodes were made."""
        return sorted(set(map(scope_of, self.user.graph.nodes)) - {""})

    @cached_property
    def has_lines(self) -> bool:
        """True if the line that made it is known of some node."""
        return any(hasattr(v, "_origin") for v in self.user.graph.nodes)

    def label(self, v: Value) -> str:
        """Return the label of a node, the same in a branch as in the user's graph."""
        return self.user.graph.label(self.original(v))

    def formula(self, v: Value) -> str:
        """Return the operation that made a node, with the labels of its operands."""
        return self.graph.formula(v, self.label)

    def name(self, v: Value) -> str:
        """Return the name of a node, its own or a variable's; "" if it has none."""
        return wording.name(self.user.graph.name(self.original(v)) or "", 24)

    def number(self, v: Value) -> str:
        """Return the number of a node, such as `v7`."""
        return f"v{self.user.graph.index[self.original(v)]}"

    def find(self, text: str) -> Value:
        """Return the node that a text names, in the graph stepped through; see `Names.one`."""
        return self.twin(self.names.one(text))

    @property
    def current(self) -> Value:
        """The node of the last event; before any event the output."""
        event = self.stepper.event
        return self.stepper.output if event is None else event.node

    @property
    def changed(self) -> Value:
        """The node that the last event changed; before any event the output."""
        changed = self.stepper.current
        return self.stepper.output if changed is None else changed

    def path(self, v: Value) -> list[Value]:
        """Return a shortest path along which derivatives flow, from a node to the output."""
        return path_to(self.stepper.output, v)

    @property
    def is_branch(self) -> bool:
        """True while a what-if is stepped through, and not the user's graph."""
        return self.stepper is not self.user

    def original(self, v: Value) -> Value:
        """Return the user's node behind one that is stepped through."""
        return self._originals.get(v, v)

    def twin(self, v: Value) -> Value:
        """Return the node stepped through in place of a user's. Raises CommandError if none is."""
        twin = self.counterpart(v)
        if twin is None:
            why = "the number set further on does not depend on it"
            raise CommandError(f"{self.label(v)} plays no part in this branch: {why}")
        return twin

    def counterpart(self, v: Value) -> Value | None:
        """Return the twin of a user's node, or None if it plays no part in the branch."""
        twin = self._twins.get(v, v)
        return twin if twin in self.graph.index else None

    def rerun(self) -> None:
        """Run the recorded operations again with the numbers set; without any, the user's graph.

        The position stays after the same event, or at the same number if the branch has no such
        event.
        """
        event, position = self.stepper.event, self.stepper.position
        twins = branch(self.user.events, self.changes) if self.changes else {}
        output = twins.get(self.user.output)
        with unobserved():
            stepper = self.user if output is None else Stepper(output, self.user.events.seed)
        if stepper is not self.user:
            unnamed = (v for v in twins if v._row is not CONST and not v._name)
            stepper.graph.names = {twins[v]: self.label(v) for v in unnamed}
            self.listed = (-1, -1)
        same = None
        if event is not None:
            v = self.original(event.node)
            same = position_after(twins.get(v, v), event.slot, stepper.events)
        stepper.position = min(position, len(stepper)) if same is None else same
        originals = {twin: v for v, twin in twins.items()}
        # Ctrl-C does not come between these.
        self._twins, self._originals, self.stepper = twins, originals, stepper

    def finish(self) -> bool:
        """Write all gradients to the nodes stepped through, or none; True if they already were."""
        again = self.stepper.finished
        with uninterrupted(), unobserved() if self.is_branch else nullcontext():
            self.stepper.finish()
        return again

    def evaluate(self, text: str) -> Any:
        """Return the value of an expression of nodes, of the last event, and of variables."""
        return self.value(Expression(text, self.names))

    def value(self, expression: Expression) -> Any:
        """Return the value of an expression at this moment."""
        return self.value_at(expression, self.stepper.event)

    def value_at(self, expression: Expression, event: Event | None) -> Any:
        """Return the value of an expression at an event."""
        names = {name: self.variables[name] for name in expression.names if name in self.variables}
        names |= event_variables(event, self.stepper, expression.names)
        nodes = expression.nodes.items()
        names |= {place: NodeState(self.stepper, self.twin(v)) for place, v in nodes}
        return expression.evaluate(names)

    def not_computed(self, text: str) -> str:
        """Return a hint at a node of an expression that is not computed yet; "" if all are."""
        nodes = map(self.twin, Expression(text, self.names).nodes.values())
        waiting = [self.label(v) for v in nodes if self.stepper.data(v) is None]
        return f"{waiting[0]} is not computed yet: `until {waiting[0]}`" if waiting else ""
