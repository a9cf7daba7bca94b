"""The picture of a snapshot: its nodes, boxes and stubs as cards, its arrows as links."""

from __future__ import annotations

from dataclasses import replace

from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance import colours
from viz.look.arrows import links
from viz.look.boxes import box_card
from viz.look.legend import legend
from viz.look.nodes import node_card, stub_card
from viz.look.picture import Picture, Placing, Span
from viz.look.placing import place
from viz.snapshot.caption import caption, description, subject
from viz.snapshot.snapshot import Snapshot

_TITLE_SIZE = 14
_MOST_NUMBERED = 150  # arrows with numbers


def picture(snapshot: Snapshot, placing: Placing | None = None) -> Picture:
    """The picture of a snapshot; of a settled one with the placing that settled it.

    >>> from autograd import Graph, Value
    >>> from viz.snapshot.take import take
    >>> graph = Graph(Value(2.0, "x").exp())
    >>> [card.id for card in picture(take(graph)).cards]
    ['n0', 'n1']
    """
    if placing is None:
        placing = place(snapshot)
        snapshot = settled(snapshot, placing)
    options = snapshot.options
    words = caption(snapshot)
    part = ((Span(words, colours.MUTED),),) if words else ()
    return Picture(
        cards=(
            *(box_card(box, options) for box in snapshot.boxes),
            *(node_card(node, options) for node in snapshot.nodes),
            *(stub_card(stub) for stub in snapshot.stubs),
        ),
        links=tuple(links(snapshot, placing.joints)),
        heading=(*title_line(options.title), *part, *legend(snapshot)),
        direction=options.direction,
        placing=placing,
        title=subject(snapshot),
        description=description(snapshot),
        backward=options.view == "backward",
    )


def settled(snapshot: Snapshot, placing: Placing) -> Snapshot:
    """Decide which numbers arrows carry, if that was left open: many of them are unreadable."""
    options = snapshot.options
    if options.edges is not None:
        return snapshot
    is_crowded = placing.is_layered or len(snapshot.arrows) > _MOST_NUMBERED
    options = replace(options, edges="none" if is_crowded else "both")
    return replace(snapshot, options=options)


def title_line(title: str | None) -> tuple[tuple[Span, ...], ...]:
    """The line of a title, if there is one."""
    if not title:
        return ()
    return ((Span(shorten(readable(title), 80), bold=True, size=_TITLE_SIZE),),)
