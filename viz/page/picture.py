"""The picture of a player's page, laid out once, with room for the longest number of every box.

The page's script then changes texts and classes; no node ever moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from autograd import Value
from autograd.stepping.events import EventLog
from autograd.text.columns import display_width
from viz.appearance import colours
from viz.appearance.labels import number
from viz.page.box_ranges import BoxRanges
from viz.page.contributions import Sums
from viz.render.engine import EnginePath, find_engine, render
from viz.render.svg import finish
from viz.selection.elements import FoldedBox

ROOT = "picture"
"""The id of the picture in the page; the ids of its nodes and arrows begin with it."""

_SVG = "{http://www.w3.org/2000/svg}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_LAYERS = {"node": 2, "edge": 1}
_LETTER = 0.6 * colours.TEXT_SIZE  # the width of every letter of Courier New
_USUAL = {
    "font-family": colours.FONT, "font-size": f"{colours.TEXT_SIZE:.2f}", "fill": colours.INK.light,
    "text-anchor": "start", _SPACE: "preserve",
}  # fmt: skip


class WidestTexts:
    """The state of the layout: the end of a pass, and the widest texts of all its moments.

    >>> x = Value(1.0, "x")
    >>> widest = WidestTexts(EventLog(x * 0.25 + x * 0.75), ".4g")
    >>> widest.grad(x), widest.grad_texts(x)
    (1.0, ('0.75', []))
    """

    def __init__(self, log: EventLog, number_format: str) -> None:
        self.log = log
        self.number_format = number_format
        self.ranges: Mapping[FoldedBox, BoxRanges] = {}
        """The ranges of the boxes in the picture, set once these are planned."""
        self.sums: Sums = {}
        """The sums below the gradients, set with the ranges."""

    def range_texts(self, box: FoldedBox) -> tuple[str, str]:
        """The widest texts that a box ever shows of its data and its gradients."""
        return self.ranges[box].widest(lambda x: number(x, self.number_format))

    def data(self, v: Value) -> float | None:
        """The number of a node."""
        return self.log.data(v, len(self.log))

    def has_grad(self, v: Value) -> bool:
        """True if a gradient ever arrives."""
        return self.log.has_grad(v, len(self.log))

    def grad(self, v: Value) -> float:
        """The gradient."""
        return self.log.grad(v, len(self.log))

    def grad_texts(self, v: Value) -> tuple[str, list[str]]:
        """The widest text of the gradient, and of every line of its sum."""
        grads = [number(x, self.number_format) for x in self._grads(v)]
        sums = [text.split("\n") for _, text in self.sums.get(v, [])]
        return max(grads, key=display_width), [
            max(n, key=display_width) for n in zip_longest(*sums, fillvalue="")
        ]

    def _grads(self, v: Value) -> Iterator[float]:
        if v is self.log.output:
            yield self.log.seed
        for k in self.log.arrivals(v):
            yield self.log.grad(v, k + 1)
        yield 0.0


def picture(dot: str, title: str, engine: EnginePath = None, timeout: float = 60.0) -> str:
    """Return the SVG of a DOT text, marked up for the page's script.

    Raises EngineError if there is no engine, or it fails or is too slow.
    """
    drawn = render(find_engine(engine, timeout), dot, "svg", timeout)
    root = ElementTree.fromstring(finish(drawn, ROOT, title, ""))
    for element in [e for e in root if e.tag != f"{_SVG}g"]:
        root.remove(element)  # the page has its own title and style sheet
    for attribute in ("width", "height", "aria-labelledby"):
        root.attrib.pop(attribute, None)
    root.attrib.update({"role": "group", "aria-label": "Graph"})
    _mark(root)
    ElementTree.register_namespace("", _SVG.strip("{}"))
    return ElementTree.tostring(root, encoding="unicode")


def _mark(root: Element) -> None:
    """Give classes to the parts that the script changes, and drop what the style sheet sets.

    Arrows go below the nodes, so that the cover of a folded frame fits between the two.
    """
    root[0][:] = sorted(root[0], key=lambda e: _LAYERS.get(e.get("class", "").split(" ")[0], 0))
    for group in root.iter(f"{_SVG}g"):
        for title in group.findall(f"{_SVG}title"):
            group.remove(title)  # the engine's tooltips show the end of the pass
        classes = group.get("class", "").split()
        if classes[:1] == ["node"] and "more" not in classes:
            _mark_node(group)
        if classes == ["edge"]:
            _mark_edge(group)
    for text in (whole := root[0]).findall(f"{_SVG}text"):
        whole.remove(text)  # the page has its own caption
    for text in root.iter(f"{_SVG}text"):
        for attribute, usual in _USUAL.items():
            if text.get(attribute) == usual:
                del text.attrib[attribute]


def _mark_edge(group: Element) -> None:
    """Mark the local derivative and the contribution; a single text does not change."""
    texts = group.findall(f"{_SVG}text")
    if len(texts) < 2:
        return
    local, contribution, space = texts
    local.attrib.pop("fill", None)
    local.set("class", "local")
    contribution.attrib.pop("font-weight", None)
    contribution.set("class", "contribution")
    group.remove(space)


def _mark_node(group: Element) -> None:
    """Mark the numbers, the last texts of a box, and align them at their right end."""
    texts = group.findall(f"{_SVG}text")
    words = [(text.text or "").strip() for text in texts]
    if {"constant", "fold"}.isdisjoint(group.get("class", "").split()):
        while words[-2] != "grad":
            words.pop()
            _mark_end(texts.pop(), "sum")
    kinds = ("grad", "data") if words[-2] == "grad" else ("data",)
    for kind, text in zip(kinds, texts[::-2], strict=False):
        _mark_end(text, kind)


def _mark_end(text: Element, kind: str) -> None:
    """Anchor a text at its end."""
    end = float(text.get("x", 0)) + _LETTER * display_width(text.text or "")
    text.attrib.update({"class": kind, "text-anchor": "end", "x": f"{end:.2f}"})
    text.attrib.pop("fill", None)
