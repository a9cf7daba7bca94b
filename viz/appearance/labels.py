"""Text of a diagram: names and numbers, escaped so that they are never markup.

Whatever the name of a node, the engine sees letters only: `escape` leaves no character that is
syntax in DOT, an HTML-like label or XML, and `readable` spells out the characters that have no
picture or that reverse the text around them.
"""

from __future__ import annotations

import html

from autograd.text.characters import readable
from autograd.text.columns import shorten

TOOLTIP_LENGTH = 1000
"""The number of characters of a name that a tooltip keeps."""


def escape(text: str) -> str:
    r"""Escape text for a label, HTML-like or not: it has no syntax of DOT, of XML or of labels.

    A backslash is doubled, since Graphviz reads `\N` in a label as the node's name.

    >>> print(escape('<b> & "\\N"'))
    &lt;b&gt; &amp; &quot;\\N&quot;
    """
    return html.escape(text).replace("\\", "\\\\")


def escape_tooltip(text: str) -> str:
    """Escape text for a tooltip, in which Graphviz replaces escapes twice; it may have lines."""
    return escape(text.replace("\\", "\\\\")).replace("\n", "&#10;")


def number(x: float, spec: str) -> str:
    """Format a number, short enough for a box.

    >>> number(2.0, ".4g"), number(-0.0, ".4g"), number(1e-300, ".4g"), number(1 / 3, ".4g")
    ('2', '-0', '1e-300', '0.3333')
    """
    return shorten(readable(format(x, spec)))


def check_number_format(spec: str) -> None:
    """Raise ValueError unless the specification formats a float (TypeError if it is no string)."""
    try:
        format(1.5, spec)
    except ValueError as error:
        raise ValueError(
            f"number_format {spec!r} does not format a float ({error}); take '.4g' or '.2f'"
        ) from None
