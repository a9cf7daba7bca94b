"""The picture of a player's page, laid out once, with room for the longest number of every box.

The page's script then changes texts and classes; no node ever moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Literal
from xml.etree.ElementTree import Element

from autograd.text.columns import display_width
from viz.appearance import colours
from viz.dot.document import digraph
from viz.look.picture import Card, Line, Picture, Span
from viz.page.boxes import BoxRanges
from viz.page.contributions import Sums
from viz.page.steps import Playback
from viz.render.engine import EnginePath, check_size, find_engine, render
from viz.render.svg import SPACE, SVG, parsed, written
from viz.snapshot.snapshot import ShownBox

ROOT = "picture"
"""The id of the picture in the page; the ids of its nodes and arrows begin with it."""

_LAYERS = {"node": 2, "edge": 1}
_LETTER = 0.6 * colours.TEXT_SIZE  # the width of every letter of Courier New


def widened(
    picture: Picture, playback: Playback, ranges: Mapping[ShownBox, BoxRanges], sums: Sums
) -> Picture:
    """Return the picture at the end of a pass, every number as wide as it ever is in the pass."""
    number = playback.snapshot.options.number
    lines: dict[str, list[Line]] = {}
    for box in playback.snapshot.boxes:
        data, grad = ranges[box].widest(number)
        lines[box.id] = [_line("data", data), *([_line("grad", grad)] if box.grads else [])]
    for v, node in playback.shown.items():
        if node.op != "const":
            grads = map(number, (*playback.grads(v).values(), 0.0))
            parts = zip_longest(*(text.split("\n") for _, text in sums.get(v, ())), fillvalue="")
            lines[node.id] = [
                _line("data", number(node.data)),
                _line("grad", max(grads, key=display_width)),
                *(Line("sum", (Span(max(n, key=display_width), colours.MUTED),)) for n in parts),
            ]
    cards = (_with(card, lines[card.id]) if card.id in lines else card for card in picture.cards)
    return replace(picture, cards=tuple(cards))


def _line(key: Literal["data", "grad"], text: str) -> Line:
    return Line(key, (Span(text),), key)


def _with(card: Card, lines: Sequence[Line]) -> Card:
    kept = [line for line in card.lines if line.place in ("heading", "badge")]
    return replace(card, lines=(*kept, *lines))


def svg(picture: Picture, engine: EnginePath = None, timeout: float = 60.0) -> str:
    """Return the SVG of a picture, marked up for the page's script.

    Raises EngineError if there is no engine, or it fails or is too slow, or for too many cards.
    """
    check_size(picture.size)
    drawn = render(find_engine(engine, timeout), digraph(picture).source, "svg", timeout)
    root = parsed(drawn, ROOT)
    for attribute in ("width", "height"):
        root.attrib.pop(attribute, None)
    root.attrib.update({"id": ROOT, "role": "group", "aria-label": "Graph"})
    _mark(root)
    return written(root)


def _mark(root: Element) -> None:
    """Give classes to the parts that the script changes, and drop what the style sheet sets.

    Arrows go below the nodes, so that the cover of a folded frame fits between the two.
    """
    whole = root[0]
    whole[:] = sorted(whole, key=lambda e: _LAYERS.get(e.get("class", "").split(" ")[0], 0))
    for group in root.iter(f"{SVG}g"):
        for title in group.findall(f"{SVG}title"):
            group.remove(title)  # the engine's tooltips show the end of the pass
        classes = group.get("class", "").split()
        if classes[:1] == ["node"] and "more" not in classes:
            _mark_node(group)
        if classes == ["edge"]:
            _mark_edge(group)
    for text in whole.findall(f"{SVG}text"):
        whole.remove(text)  # the page has its own caption
    for text in root.iter(f"{SVG}text"):
        text.attrib.pop(SPACE, None)
        if text.get("fill") == colours.INK.light:
            del text.attrib["fill"]


def _mark_edge(group: Element) -> None:
    """Mark the local derivative and the contribution; a single text does not change."""
    texts = group.findall(f"{SVG}text")
    if len(texts) < 2:
        return
    local, contribution = texts
    local.attrib.pop("fill", None)
    local.set("class", "local")
    contribution.attrib.pop("font-weight", None)
    contribution.set("class", "contribution")


def _mark_node(group: Element) -> None:
    """Mark the numbers, the last texts of a box, and align them at their right end."""
    texts = group.findall(f"{SVG}text")
    words = [(text.text or "").strip() for text in texts]
    if {"constant", "fold"}.isdisjoint(group.get("class", "").split()):
        while words[-2] != "grad":
            words.pop()
            _mark_end(texts.pop(), "sum")
    kinds = ("grad", "data") if words[-2] == "grad" else ("data",)
    for kind, text in zip(kinds, texts[::-2], strict=False):
        _mark_end(text, kind)


def _mark_end(text: Element, kind: str) -> None:
    end = float(text.get("x", 0)) + _LETTER * display_width(text.text or "")
    text.attrib.update({"class": kind, "text-anchor": "end", "x": f"{end:.2f}"})
    text.attrib.pop("fill", None)
