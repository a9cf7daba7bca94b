"""What the shell is about: the stepper, the breakpoints, and the branch of a what-if."""

from __future__ import annotations

import builtins
import difflib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from types import CodeType
from typing import Any

from autograd.debugger.session.branches import branch, on_its_own
from autograd.debugger.session.breakpoints import Breakpoint, Changes, Test, parse
from autograd.debugger.session.deferred_interrupt import uninterrupted
from autograd.debugger.session.event_parts import PARTS, changed, parts
from autograd.debugger.session.expressions import Expression
from autograd.debugger.session.names import Names
from autograd.debugger.session.shortest_paths import Ways, after_twin
from autograd.errors import CommandError
from autograd.graph import Graph
from autograd.stepping.events import Event
from autograd.stepping.stepper import Stepper
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
        self._ways: Ways | None = None
        self.displays: dict[int, Expression] = {}
        """Expressions that are shown after every move, by their numbers."""
        self.listed = (-1, -1)
        """The position at which `list` was last given, and the last node that it showed."""

    # Nodes

    @property
    def graph(self) -> Graph:
        """The graph that is stepped through."""
        return self.stepper.graph

    @cached_property
    def names(self) -> Names:
        """The user's nodes by name: they keep their numbers in a branch."""
        return Names(self.user.graph, self.variables)

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
        return self.stepper.output if event is None else changed(event)

    def way(self, v: Value) -> list[Value]:
        """The nodes of a shortest way along which derivatives flow, from a node to the output."""
        if self._ways is None or self._ways.log is not self.stepper.events:
            self._ways = Ways(self.stepper.events)
        return self._ways.to_output(v)

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

        It stays after the same event; where the branch has no such event, after as many.
        """
        event, position = self.stepper.event, self.stepper.position
        twins = branch(self.user.events, self.changes) if self.changes else {}
        output = twins.get(self.user.output)
        with on_its_own():
            stepper = self.user if output is None else Stepper(output, self.user.events.seed)

        def twin(v: Value) -> Value:
            user = self.original(v)
            return twins.get(user, user)

        found = None if event is None else after_twin(event, twin, stepper.events)
        stepper.position = min(position, len(stepper)) if found is None else found
        originals = {twin: v for v, twin in twins.items()}
        # Ctrl-C does not come between these.
        self._twins, self._originals, self.stepper = twins, originals, stepper

    def finish(self) -> bool:
        """Write the gradients to the nodes that are stepped through; whether they were already.

        As a whole or not at all: Ctrl-C waits. What `backward` raises it raises, and nothing is
        written then.
        """
        if self.stepper.finished:
            self.stepper.finish()
            return True
        with uninterrupted():
            if self.is_branch:
                with on_its_own():
                    self.stepper.finish()
            else:
                self.stepper.finish()
        return False

    # Breakpoints

    def add_breakpoint(self, text: str, temporary: bool = False) -> Breakpoint:
        """Set a breakpoint. Raises CommandError for what means nothing."""
        return self._add(text.strip(), parse(text, self), temporary, None)

    def add_watch(self, text: str) -> Breakpoint:
        """Stop whenever the data or the gradient of a node change."""
        v = self.names.one(text)
        return self._add(text.strip(), Changes([v], self), False, v)

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
        active = [b for b in self.breakpoints.values() if b.enabled]
        hit: list[Breakpoint] = []
        try:
            for number in self._candidates(active, numbers):
                self.stepper.position = number + 1
                event = self.stepper.events[number]
                if hit := [b for b in active if self._is_hit(b, event)]:
                    break
        except BaseException:  # an error in a condition, or Ctrl-C: nothing has happened
            self.stepper.position = where
            raise
        if hit:
            self._count(hit)
        else:
            self.stepper.position = len(self.stepper) if numbers.step > 0 else 0
        return hit

    def _candidates(self, active: list[Breakpoint], numbers: range) -> Iterable[int]:
        """Those of the events at which one of the breakpoints may stop."""
        log, found = self.stepper.events, set[int]()
        for b in active:
            if b.nodes is None:
                return numbers
            for twin in map(self.counterpart, b.nodes):
                if twin is not None:
                    first = log.next_touching(twin, 0)
                    found.update(log.arrivals(twin), () if first is None else (first,))
        return sorted([n for n in found if n in numbers], reverse=numbers.step < 0)

    def _is_hit(self, b: Breakpoint, event: Event) -> bool:
        try:
            return bool(b.test(event))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # such as a truth value that an array does not have
            said = str(error) if isinstance(error, CommandError) else f"{error!r}"
            raise CommandError(
                f"{b.kind} {b.number}, after event {event.number + 1:,}: {said}; nothing was "
                f"moved: `delete {b.number}` takes it away"
            ) from error

    def _count(self, hit: list[Breakpoint]) -> None:
        for b in hit:
            b.hits += 1
            if b.temporary:
                del self.breakpoints[b.number]

    # Expressions

    def evaluate(self, text: str) -> Any:
        """An expression of nodes, of the last event, and of the user's names."""
        return self.value(Expression(text, self.names))

    def value(self, expression: Expression) -> Any:
        """The value of an expression at this moment."""
        return self._value(expression, self.stepper.event)

    def not_computed(self, text: str) -> str:
        """Which node of an expression is not computed yet; "" if all are."""
        nodes = map(self.twin, Expression(text, self.names).nodes.values())
        waiting = [self.label(v) for v in nodes if self.stepper.data(v) is None]
        return f"{waiting[0]} is not computed yet: `until {waiting[0]}`" if waiting else ""

    def _value(self, expression: Expression, event: Event | None) -> Any:
        names = {name: self.variables[name] for name in expression.names if name in self.variables}
        names.update(parts(event, self.stepper, expression.names))
        nodes = {place: self.twin(v) for place, v in expression.nodes.items()}
        return expression.evaluate(self.stepper, nodes, names)

    def condition(self, text: str) -> Callable[[Event], Any]:
        """A test of an event, from an expression."""
        expression = Expression(text, self.names)
        self._check_names(expression)
        return lambda event: self._value(expression, event)

    def _check_names(self, expression: Expression) -> None:
        """Raise CommandError for a name that will mean nothing at any event."""
        for name in sorted(expression.free):
            known = name in self.variables or name in PARTS
            if not known and not hasattr(math, name) and not hasattr(builtins, name):
                close = difflib.get_close_matches(name, [*PARTS, *self.names.by_name], n=1)
                hint = f"; did you mean {close[0]}?" if close else ""
                raise CommandError(f"{name!r} is no node, no part of an event, no variable{hint}")


def scope_members(session: Session) -> Iterator[tuple[str, list[Value]]]:
    """Each scope with the nodes that were made in it or below."""
    inside: dict[str, list[Value]] = {path: [] for path in session.scopes}
    for v in session.user.graph.nodes:
        code: tuple[CodeType, int, str] | None = getattr(v, "_origin", None)
        parts = code[2].split(".") if code is not None and code[2] else []
        for depth in range(1, len(parts) + 1):
            inside.setdefault(".".join(parts[:depth]), []).append(v)
    return iter(sorted(inside.items()))
