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

_SVG = "http://www.w3.org/2000/svg"
_TOOLTIP = "{http://www.w3.org/1999/xlink}title"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_COMMON = {
    "font-family": colours.FONT,
    "font-size": f"{colours.TEXT_SIZE:.2f}",
}
_GROUP, _LINK, _TITLE = f"{{{_SVG}}}g", f"{{{_SVG}}}a", f"{{{_SVG}}}title"
_PATH, _POLYGON, _TEXT = (f"{{{_SVG}}}{tag}" for tag in ("path", "polygon", "text"))


def finish(picture: bytes, prefix: str, title: str, description: str, look: Style = "auto") -> str:
    """Return the SVG text of a diagram.

    Args:
        picture: from the engine.
        prefix: of the ids; the same picture should get the same.
        title: for screen readers.
        description: for screen readers.
        look: the style of the DOT text.

    Raises EngineError if the picture is not well-formed.
    """
    try:
        root = ElementTree.fromstring(picture)
    except ElementTree.ParseError as error:
        raise EngineError(f"the engine drew an SVG that does not parse: {error}") from error
    for group in list(root.iter(_GROUP)):
        _unlink(group)
    _join(root)
    for element in root.iter():
        if "id" in element.attrib:
            element.set("id", f"{prefix}-{element.attrib['id']}")
    _say_once(root)
    used = {e.get(paint) for e in root.iter() for paint in ("fill", "stroke")}
    _introduce(root, prefix, title, description, colours.style_sheet(prefix, look, used))
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _say_once(root: Element) -> None:
    """Move attributes that all texts share to their group: they are a third of the file."""
    for whole in root.findall(_GROUP):
        whole.attrib.update(_COMMON)
    for text in root.iter(_TEXT):
        attributes = text.attrib
        if attributes.get("text-anchor") == "start":  # the default
            del attributes["text-anchor"]
        for key, common in _COMMON.items():
            if attributes.get(key) == common:
                del attributes[key]
        words = text.text or ""
        if words == " ".join(words.split()):  # no spaces that must be kept
            attributes.pop(_SPACE, None)


def _join(root: Element) -> None:
    """Make one path of the two parts of an arrow with a joint, and drop the joint."""
    for whole in root.findall(_GROUP):
        edges = {g.get("id", ""): g for g in whole if g.get("class") == "edge"}
        for name, last in edges.items():
            for text in last.findall(_TEXT):
                if not (text.text or "").strip():  # keeps the order of frames, shows nothing
                    last.remove(text)
            first = edges.get(f"{name}{JOINED}")
            if first is not None:
                start, end = (edge.find(_PATH) for edge in (first, last))
                if start is not None and end is not None:
                    end.set("d", f"{start.get('d')}L{end.get('d', '')[1:]}")
                last.extend([part for part in first if part.tag == _POLYGON])
                whole.remove(first)
        for group in list(whole):
            if group.get("class") == "node joint":
                whole.remove(group)


def _unlink(group: Element) -> None:
    """Replace links, which the engine makes for tooltips, by titles, which browsers show."""
    for anchored in group.findall(f"{_GROUP}[{_LINK}]"):
        link = anchored.find(_LINK)
        if link is not None:
            place = list(group).index(anchored)
            group[place : place + 1] = list(link)
            _set_title(group, link.get(_TOOLTIP, ""))


def _set_title(group: Element, text: str) -> None:
    title = group.find(_TITLE)
    if title is not None:
        title.text = text


def _introduce(root: Element, prefix: str, title: str, description: str, sheet: str) -> None:
    names = f"{prefix}-title {prefix}-description"
    fit = "max-width: 100%; height: auto"  # in a notebook's cell, without blank space above
    root.attrib.update(id=prefix, role="img", style=fit)
    root.set("aria-labelledby", names)
    texts = {"title": readable(title), "desc": readable(description), "style": sheet}
    for place, (tag, text) in enumerate(texts.items()):
        element = Element(f"{{{_SVG}}}{tag}")
        element.text = text
        root.insert(place, element)
    root[0].set("id", f"{prefix}-title")
    root[1].set("id", f"{prefix}-description")
