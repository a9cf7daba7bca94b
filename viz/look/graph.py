"""The picture of a snapshot: its nodes, boxes and stubs as cards, its arrows as links."""

from __future__ import annotations

from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance import colours
from viz.look.arrows import links
from viz.look.boxes import box_card
from viz.look.legend import legend
from viz.look.nodes import node_card, stub_card
from viz.look.picture import Picture, Span
from viz.snapshot.caption import caption, description, subject
from viz.snapshot.snapshot import Snapshot

_TITLE_SIZE = 14


def picture(snapshot: Snapshot) -> Picture:
    """The picture of a snapshot.

    >>> from autograd import Graph, Value
    >>> from viz.appearance.options import Options
    >>> from viz.selection.nearest import nearest
    >>> from viz.snapshot.take import take
    >>> graph = Graph(Value(2.0, "x").exp())
    >>> [card.id for card in picture(take(graph, nearest(graph, 60), Options())).cards]
    ['n0', 'n1']
    """
    options = snapshot.options
    words = caption(snapshot)
    part = ((Span(words, colours.MUTED),),) if words else ()
    return Picture(
        cards=(
            *(box_card(box, options) for box in snapshot.boxes),
            *(node_card(node, options) for node in snapshot.nodes),
            *(stub_card(stub) for stub in snapshot.stubs),
        ),
        links=tuple(links(snapshot)),
        heading=(*title_line(options.title), *part, *legend(snapshot)),
        direction=options.direction,
        title=subject(snapshot),
        description=description(snapshot),
        backward=options.view == "backward",
    )


def title_line(title: str | None) -> tuple[tuple[Span, ...], ...]:
    """The line of a title, if there is one."""
    if not title:
        return ()
    return ((Span(shorten(readable(title), 80), bold=True, size=_TITLE_SIZE),),)
