"""The contributions on a player's page: the steps in which arrows and sums show them.

The picture is laid out at the end of the pass, when every arrow has the colour, the dashes and the
width that `draw` gives it. The page hides these until the contribution has arrived; before that an
arrow shows the sign of its local derivative, as in `draw`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from autograd import Value
from viz.page.steps import Playback
from viz.snapshot.chain_rule import GradientSum
from viz.snapshot.snapshot import ShownNode, ShownStub

Sums: TypeAlias = Mapping[Value, list[tuple[int, str]]]
"""The lines below the gradient of a node, each text with the step from which on it is shown."""


def sums_of(playback: Playback) -> Sums:
    """Return the sums below the gradients of drawn nodes, as contributions arrive.

    >>> from autograd import Stepper
    >>> from viz.snapshot.take import take
    >>> x = Value(3.0, "x")
    >>> stepper = Stepper(x * x, gradient=-1.0)
    >>> stepper.position = len(stepper)
    >>> snapshot = take(stepper.graph, state=stepper)
    >>> sums_of(Playback(snapshot, stepper.events))[x]
    [(2, '= -3 + …'), (3, '= -3 - 3')]
    """
    sums = {v: list(_filling(playback, v, node)) for v, node in playback.shown.items()}
    return {v: texts for v, texts in sums.items() if texts}


def _filling(playback: Playback, v: Value, node: ShownNode) -> Iterator[tuple[int, str]]:
    """Yield the texts of a sum as its terms arrive."""
    if node.sum is None:
        return
    arrived = {  # of several in one step the last counts
        playback.step_of(event): count
        for count, event in enumerate(playback.log.arrivals(v), start=1)
    }
    terms, before = node.sum.terms, ""
    for step, count in arrived.items():
        some = GradientSum(tuple(terms[:count]), waiting=count < len(terms))
        text = "\n".join(some.lines(playback.snapshot.options.number))
        if step is not None and text != before:
            yield step, text
            before = text


def arrivals(playback: Playback, arrows: Mapping[tuple[Value, int], int]) -> list[list[int | str]]:
    """Return for each arrow the step in which its contribution arrives, -1 for never.

    The sign of the arrow before that step follows if it is different, as a class of the page's
    style sheet. For an arrow of several edges the last contribution counts. The arrow of each edge
    comes from `arrows_of`.
    """
    last: dict[int, int] = {}
    for (result, slot), i in arrows.items():
        event = playback.log.sending(result, slot)
        if event is not None:
            last[i] = max(last.get(i, event), event)
    arriving: list[list[int | str]] = []
    for i, arrow in enumerate(playback.snapshot.arrows):
        step, before = playback.step_of(last.get(i)), arrow.sign(contributions=False)
        is_changing = step is not None and before != arrow.sign()
        arriving.append([-1 if step is None else step, *([before] if is_changing else [])])
    return arriving


def arrows_of(playback: Playback) -> dict[tuple[Value, int], int]:
    """Return the number of the arrow that stands for an edge, by the edge's result and slot."""
    numbers: dict[tuple[Value, int], int] = {}
    bundles: dict[tuple[str, str], int] = {}
    for i, arrow in enumerate(playback.snapshot.arrows):
        if arrow.is_bundle:
            bundles[arrow.start.id, arrow.end.id] = i
        elif not isinstance(arrow.end, ShownStub):
            numbers[playback.nodes[arrow.result.number], arrow.slot] = i
    end = {v: node.id for v, node in playback.shown.items()}
    end |= {v: box.id for v, box in playback.box.items()}
    for operand, result, slot in playback.log.graph.edges if bundles else ():
        ends = end.get(operand, ""), end.get(result, "")
        if ends in bundles:
            numbers[result, slot] = bundles[ends]
    return numbers
