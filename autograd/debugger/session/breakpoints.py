"""The breakpoints of a session: set from a text, tested at each event, counted when they stop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograd.debugger.session.conditions import Condition, changes, parse
from autograd.debugger.session.session import Session
from autograd.errors import CommandError
from autograd.stepping.events import Event
from autograd.value import Value


@dataclass
class Breakpoint:
    """A condition on which the shell stops, and the text that the user wrote for it."""

    number: int
    text: str
    condition: Condition
    temporary: bool = False
    watched: Value | None = None
    hits: int = 0
    enabled: bool = True

    @property
    def kind(self) -> str:
        """The word for it in answers and in the list of breakpoints."""
        if self.watched is not None:
            return "watchpoint"
        return "temporary breakpoint" if self.temporary else "breakpoint"

    def is_hit(self, event: Event) -> bool:
        """True if the condition holds. Raises CommandError if it cannot be evaluated."""
        try:
            return bool(self.condition.holds(event))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # such as a truth value that an array does not have
            said = str(error) if isinstance(error, CommandError) else f"{error!r}"
            raise CommandError(
                f"{self.kind} {self.number}, after event {event.number + 1:,}: {said}; nothing "
                f"was moved: `delete {self.number}` takes it away"
            ) from error


class Breakpoints(dict[int, Breakpoint]):
    """The breakpoints and watchpoints of a session by number. No number is given twice."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._last = 0

    def add(self, text: str, temporary: bool = False, watch: bool = False) -> Breakpoint:
        """Set a breakpoint, or a watchpoint. Raises CommandError for a text that means nothing."""
        v = self.session.names.one(text) if watch else None
        condition = parse(text, self.session) if v is None else changes(v, self.session)
        self._last += 1
        self[self._last] = Breakpoint(self._last, text.strip(), condition, temporary, v)
        return self[self._last]

    def run(self, numbers: range) -> list[Breakpoint]:
        """Move through events, by number, until one hits breakpoints; return these."""
        stepper = self.session.stepper
        start = stepper.position
        active = [b for b in self.values() if b.enabled]
        hit: list[Breakpoint] = []
        try:
            for number in self._candidates(active, numbers):
                stepper.position = number + 1
                event = stepper.events[number]
                if hit := [b for b in active if b.is_hit(event)]:
                    break
        except BaseException:  # an error in a condition, or Ctrl-C: stay where the run began
            stepper.position = start
            raise
        if not hit:
            stepper.position = len(stepper) if numbers.step > 0 else 0
        for b in hit:
            b.hits += 1
            if b.temporary:
                del self[b.number]
        return hit

    def _candidates(self, active: list[Breakpoint], numbers: range) -> Iterable[int]:
        log, touching = self.session.stepper.events, set[int]()
        for b in active:
            if b.condition.nodes is None:
                return numbers
            for twin in map(self.session.counterpart, b.condition.nodes):
                if twin is not None:
                    first = log.next_touching(twin, 0)
                    touching.update(log.arrivals(twin), () if first is None else (first,))
        return sorted([n for n in touching if n in numbers], reverse=numbers.step < 0)
