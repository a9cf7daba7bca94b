"""The engine's SVG made fit for any page.

The engine's own links, comments and document type are removed. A title and a description for screen
readers, the style sheet, and a prefix to every id are added, so that two pictures in one page share
no id. The SVG is parsed and written again, so the result is well-formed XML.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from autograd.text.characters import readable
from viz.appearance import colours
from viz.appearance.options import Style
from viz.dot.document import JOINED
from viz.render.engine import EngineError

SVG = "{http://www.w3.org/2000/svg}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TOOLTIP = "{http://www.w3.org/1999/xlink}title"
_COMMON = {"font-family": colours.FONT, "font-size": f"{colours.TEXT_SIZE:.2f}"}


def finish(picture: bytes, prefix: str, title: str, description: str, look: Style = "auto") -> str:
    """Return the SVG text of a diagram, from the engine's picture in that style.

    The prefix of the ids should be the same for the same picture. The title and the description are
    for screen readers.

    Raises EngineError if the picture is not well-formed.
    """
    root = parsed(picture, prefix)
    names = f"{prefix}-title {prefix}-description"
    fit = "max-width: 100%; height: auto"  # in a notebook's cell, without blank space above
    root.attrib.update({"id": prefix, "role": "img", "aria-labelledby": names, "style": fit})
    used = {e.get(paint) for e in root.iter() for paint in ("fill", "stroke")}
    sheet = colours.style_sheet(prefix, look, used)
    texts = {"title": readable(title), "desc": readable(description), "style": sheet}
    for place, (tag, text) in enumerate(texts.items()):
        element = Element(f"{SVG}{tag}")
        element.text = text
        root.insert(place, element)
    root[0].set("id", f"{prefix}-title")
    root[1].set("id", f"{prefix}-description")
    return written(root) + "\n"


def parsed(picture: bytes, prefix: str) -> Element:
    """Return the engine's SVG without links, with a prefix to every id.

    Raises EngineError if it is not well-formed.
    """
    try:
        root = ElementTree.fromstring(picture)
    except ElementTree.ParseError as error:
        raise EngineError(f"the engine drew an SVG that does not parse: {error}") from error
    for group in list(root.iter(f"{SVG}g")):
        _unlink(group)
    _join(root)
    for element in root.iter():
        if "id" in element.attrib:
            element.set("id", f"{prefix}-{element.attrib['id']}")
    _say_once(root)
    return root


def written(root: Element) -> str:
    """Return the text of an SVG."""
    ElementTree.register_namespace("", SVG.strip("{}"))
    return ElementTree.tostring(root, encoding="unicode")


def _say_once(root: Element) -> None:
    """Move attributes that all texts share to their group: they are a third of the file."""
    for whole in root.findall(f"{SVG}g"):
        whole.attrib.update(_COMMON)
    for text in root.iter(f"{SVG}text"):
        for key, common in (_COMMON | {"text-anchor": "start"}).items():  # the default
            if text.get(key) == common:
                del text.attrib[key]
        words = text.text or ""
        if words == " ".join(words.split()):  # no spaces that must be kept
            text.attrib.pop(SPACE, None)


def _join(root: Element) -> None:
    """Make one path of the two parts of an arrow with a joint, and drop the joint."""
    for whole in root.findall(f"{SVG}g"):
        edges = {g.get("id", ""): g for g in whole if g.get("class") == "edge"}
        for name, last in edges.items():
            for text in last.findall(f"{SVG}text"):
                if not (text.text or "").strip():  # keeps the order of frames, shows nothing
                    last.remove(text)
            first = edges.get(f"{name}{JOINED}")
            if first is not None:
                start, end = (edge.find(f"{SVG}path") for edge in (first, last))
                if start is not None and end is not None:
                    end.set("d", f"{start.get('d')}L{end.get('d', '')[1:]}")
                last.extend([part for part in first if part.tag == f"{SVG}polygon"])
                whole.remove(first)
        for group in list(whole):
            if group.get("class") == "node joint":
                whole.remove(group)


def _unlink(group: Element) -> None:
    """Replace links, which the engine makes for tooltips, by titles, which browsers show."""
    for anchored in group.findall(f"{SVG}g[{SVG}a]"):
        link = anchored.find(f"{SVG}a")
        if link is not None:
            place = list(group).index(anchored)
            group[place : place + 1] = list(link)
            title = group.find(f"{SVG}title")
            if title is not None:
                title.text = link.get(_TOOLTIP, "")
