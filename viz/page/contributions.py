"""The contributions on a player's page: the steps in which arrows and sums show them.

The picture is laid out at the end of the pass, when every arrow has the colour, the dashes and the
width that `draw` gives it. The page hides these until the contribution has arrived; before that an
arrow shows the sign of its local derivative, as in `draw`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from autograd import Value
from autograd.stepping.events import EventLog
from viz.appearance.options import PLAIN
from viz.content.chain_rule import GradientSum
from viz.content.plan import Plan
from viz.dot.arrows import sign_of
from viz.page.steps import PageStep
from viz.selection.elements import PictureArrow

Sums: TypeAlias = Mapping[Value, list[tuple[int, str]]]
"""The lines below the gradient of a node, each text with the step from which on it is shown."""


def step_of(event: int, steps: Sequence[PageStep]) -> int | None:
    """Return the first step at whose end an event of the log has happened; None if there is none.

    >>> [step_of(event, [PageStep(2), PageStep(5)]) for event in (0, 2, 3, 6)]
    [1, 1, 2, None]
    """
    at = bisect_left(steps, event, key=lambda step: step.event)
    return at + 1 if at < len(steps) else None


def sums_of(plan: Plan, log: EventLog, steps: Sequence[PageStep]) -> Sums:
    """Return the sums below the gradients of drawn nodes, as contributions arrive.

    >>> from viz.appearance.options import PictureOptions
    >>> from viz.page.picture import WidestTexts
    >>> from viz.content.plan import plan
    >>> x = Value(3.0, "x")
    >>> log = EventLog(x * x, gradient=-1.0)
    >>> widest = WidestTexts(log, ".4g")
    >>> options = PictureOptions(contributions=True)
    >>> planned = plan(log.graph, 60, ".4g", [], 0, widest, options=options)
    >>> sums_of(planned, log, [PageStep(k) for k in range(3)])[x]
    [(2, '= -3 + …'), (3, '= -3 - 3')]
    """
    sums = {v: list(_filling(plan, log, v, steps)) for v in plan.sums}
    return {v: changes for v, changes in sums.items() if changes}


def _filling(
    plan: Plan, log: EventLog, v: Value, steps: Sequence[PageStep]
) -> Iterator[tuple[int, str]]:
    terms = plan.sums[v].terms
    arrived: dict[int, int] = {}  # by step: of several in one step the last counts
    for count, event in enumerate(log.arrivals(v), start=1):
        if (step := step_of(event, steps)) is not None:
            arrived[step] = count
    before = ""
    for step, count in arrived.items():
        some = GradientSum(terms[:count], waiting=count < len(terms))
        if (text := "\n".join(some.lines(plan.number))) != before:
            yield step, text
            before = text


def arrivals(plan: Plan, log: EventLog, steps: Sequence[PageStep]) -> list[list[int | str]]:
    """Return for each arrow the step in which its contribution arrives, -1 for never.

    The style of the arrow before that step follows if it is different, as a class of the page's
    style sheet. For an arrow of several edges the last contribution counts.
    """
    first = at_first(plan)

    def arrival(arrow: PictureArrow) -> list[int | str]:
        events = [log.sending(edge.result, edge.slot) for edge in arrow.edges]
        sent = [event for event in events if event is not None]
        step = step_of(max(sent), steps) if sent else None
        if step is None:
            return [-1]
        before = sign_of(first, arrow)
        return [step, before] if before != sign_of(plan, arrow) else [step]

    return [arrival(arrow) for arrow in plan.selection.arrows]


def at_first(plan: Plan) -> Plan:
    """Return the plan of the picture before any contribution has arrived."""
    return replace(plan, options=PLAIN)
