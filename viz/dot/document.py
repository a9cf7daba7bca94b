"""The DOT text of a picture: the same bytes for the same picture.

The package `graphviz` writes it. User text appears only in labels and tooltips, always escaped by
`viz.dot.markup`; the ids of nodes are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from graphviz import Digraph

from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.appearance import colours
from viz.appearance.options import Style
from viz.dot.markup import Markup, escape, escape_tooltip
from viz.look.picture import USUAL_WIDTH, Border, Card, Link, Picture
from viz.selection.frames import Scope

JOINED = "a"
"""What the id of the first part of an arrow with a joint ends with."""
# With long arrows, as from a weight that every step of a long recurrence uses, `dot` would take
# minutes: from this reach on it makes fewer rounds, and arrows are straight.
_LONG_REACH = 1500
_FEWER_ROUNDS = {"splines": "line", "nslimit": "0.1", "mclimit": "0.1"}


def digraph(picture: Picture, style: Style = "auto") -> Digraph:
    """The DOT text of a picture, in the colours of a style.

    >>> from viz.look.picture import Picture
    >>> print(digraph(Picture((), (), (), "LR", "nothing", "")).source.splitlines()[0])
    digraph chainrule {
    """
    return _Writer(picture, style).digraph()


class _Writer:
    def __init__(self, picture: Picture, style: Style) -> None:
        self.picture, self.markup = picture, Markup(style)
        self.colour = self.markup.colour
        self.inside: dict[Scope, list[Card]] = {scope: [] for scope in picture.frames}
        for card in picture.cards:
            self.inside[card.scope].append(card)
        self.nested: dict[Scope, list[Scope]] = {scope: [] for scope in picture.frames}
        for scope in list(picture.frames)[1:]:
            self.nested[scope[:-1]].append(scope)
        scope_of = {card.id: card.scope for card in picture.cards}
        self.joints: dict[Scope, list[Link]] = {}
        for link in picture.links:
            if link.joint:
                scope_of[link.joint] = scope_of[link.end]
                self.joints.setdefault(scope_of[link.end], []).append(link)
        has_sides = picture.placing.is_layered or bool(self.joints)
        tail, head = ("e", "w") if picture.direction == "LR" else ("s", "n")
        self.sides = {"tailport": tail, "headport": head} if has_sides else {}
        self.columns: dict[Scope, list[Sequence[str]]] = {}
        for column in picture.placing.columns:
            self.columns.setdefault(scope_of[column[0]], []).append(column)

    def digraph(self) -> Digraph:
        document = Digraph("chainrule", **self._defaults())
        if self.picture.heading:
            lines = "<BR/>".join(map(self.markup.spans, self.picture.heading))
            document.attr("graph", label=f"<{lines}>", labelloc="t")
        self._frame(document, ())
        for link in self.picture.links:
            self._link(document, link)
        for earlier, later in self.picture.placing.before:
            document.edge(earlier, later, style="invis", weight="0")
        return document

    def _defaults(self) -> dict[str, dict[str, str]]:
        """The attributes of the whole picture, of all nodes and of all edges."""
        picture = self.picture
        text = {
            "fontname": colours.FONT,
            "fontsize": str(colours.TEXT_SIZE),
            "fontcolor": self.colour(colours.INK),
        }
        flat = picture.direction == "LR"
        graph = {
            "id": "graph",
            "rankdir": picture.direction,
            "bgcolor": self.colour(colours.PAPER),
            "pad": "0.15",
            "nodesep": "0.15" if flat else "0.25",
            "ranksep": str(picture.rank_gap or (0.3 if flat else 0.25)),
        }
        if len(picture.frames) > 1 or picture.placing.columns:
            graph["newrank"] = "true"  # else `dot` ranks each cluster by itself, some backwards
        if picture.placing.columns:
            graph["remincross"] = "false"  # a second search for crossings would undo their order
        if picture.placing.is_layered:
            graph["ranksep"] = "0.8"
            graph |= {} if any(link.lines for link in picture.links) else {"splines": "polyline"}
        rounds = _FEWER_ROUNDS if picture.size.reach > _LONG_REACH else {}
        return {
            "graph_attr": graph | text | rounds,
            "node_attr": {"shape": "box", "style": "rounded,filled", "margin": "0.08,0.06"} | text,
            "edge_attr": {"arrowsize": "0.6", "penwidth": str(USUAL_WIDTH)} | text,
        }

    def _frame(self, document: Digraph, scope: Scope) -> None:  # at most frames.DEPTH deep
        """The cards in a frame, after the frames in it."""
        for inner in self.nested[scope]:
            number = self.picture.frames[inner]
            with document.subgraph(name=f"cluster_{number}") as frame:
                frame.attr("graph", **self._frame_look(number, inner))
                self._frame(frame, inner)
        for card in self.inside[scope]:
            document.node(card.id, **self._card(card))
        for link in self.joints.get(scope, ()):
            document.node(link.joint, **self._joint(link))
        for column in self.columns.get(scope, ()):
            self._column(document, column, scope)

    def _column(self, document: Digraph, column: Sequence[str], scope: Scope) -> None:
        """Cards in one rank, held in their order by a chain that is not drawn."""
        # From left to right, `dot` reverses the order within a cluster.
        reverse = bool(scope) and self.picture.direction == "LR"
        with document.subgraph() as rank:
            rank.attr(rank="same")
            for above, below in pairwise(column[::-1] if reverse else column):
                rank.edge(above, below, style="invis")

    def _frame_look(self, number: int, scope: Scope) -> dict[str, str]:
        ground = colours.FRAME if len(scope) % 2 else colours.INNER_FRAME
        return {
            "id": f"f{number}",
            "class": "frame",
            "label": f"<{escape(shorten(readable(scope[-1]), 24))}>",
            "labeljust": "c" if self.picture.direction == "LR" else "l",  # beside the arrows
            "labelloc": "t",
            "tooltip": escape_tooltip(shorten(readable(".".join(scope)), 200)),
            "style": "rounded,filled",
            "fillcolor": self.colour(ground),
            "color": self.colour(colours.FRAME_LINE),
            "fontcolor": self.colour(colours.MUTED),
            "margin": "6",
        }

    def _card(self, card: Card) -> dict[str, str]:
        look = {
            "id": card.id,
            "class": " ".join(card.classes),
            "tooltip": escape_tooltip(card.tooltip),
            "label": self.markup.card(card.lines),
            **self._border(card.border),
        }
        return look if card.ink is colours.INK else look | {"fontcolor": self.colour(card.ink)}

    def _joint(self, link: Link) -> dict[str, str]:
        """A short stroke of the arrow, whose border reaches over the gap between its parts."""
        width = link.width or USUAL_WIDTH
        border = min(width, 2.2)
        sides = ("height", "width") if self.picture.direction == "LR" else ("width", "height")
        size = {sides[0]: f"{max(width - border, 0.01) / 72:.4f}", sides[1]: "0.08"}
        colour = self.colour(link.colour)
        paint = {"color": colour, "fillcolor": colour, "penwidth": f"{border:g}"}
        look = {"shape": "rect", "style": "filled", "fixedsize": "true", "label": ""}
        return look | size | paint | {"id": link.joint, "class": "joint"}

    def _border(self, border: Border) -> dict[str, str]:
        dashes = "" if border.dashes == "solid" else f",{border.dashes}"
        look = {
            "style": f"{'rounded,' * border.rounded}filled{dashes}",
            "fillcolor": self.colour(border.ground),
            "color": self.colour(border.colour),
        }
        look |= {"penwidth": f"{border.width:g}"} if border.width else {}
        look |= {"peripheries": "2"} if border.double else {}
        return look | ({"margin": "0.12,0.1"} if border.room else {})

    def _link(self, document: Digraph, link: Link) -> None:
        """An arrow; one with a joint has two parts, of which `viz.render.svg` makes one."""
        look = {"id": link.id, "tooltip": escape_tooltip(link.tooltip), **self.sides}
        look |= {"color": self.colour(link.colour)}
        look |= {"style": link.dashes} if link.dashes != "solid" else {}
        look |= {"penwidth": f"{link.width:.2f}"} if link.width else {}
        label = {"label": self.markup.beside(link.lines)} if link.lines else {}
        if self.joints and not label:
            label = {"label": '<<FONT POINT-SIZE="1"> </FONT>>'}
        back = self.picture.backward
        if not link.joint:
            way = {"dir": "back"} if back else {}
            document.edge(link.start, link.end, **look, **label, **way)
            return
        first = {"id": f"{link.id}{JOINED}", "headclip": "false", "dir": "back" if back else "none"}
        last = label | {"tailclip": "false"} | ({"dir": "none"} if back else {})
        document.edge(link.start, link.joint, **look | first)
        document.edge(link.joint, link.end, **look | last)
