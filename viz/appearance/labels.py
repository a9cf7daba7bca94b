"""Text that goes into a diagram: names, numbers, and how they are kept from being markup.

Whatever a user named a node, the engine sees letters only: `escape` leaves no character that DOT,
an HTML-like label or XML would take for syntax, and `readable` spells out the characters that have
no picture or that turn the text around them.
"""

from __future__ import annotations

import html

from autograd.text.characters import readable
from autograd.text.columns import shorten

TOOLTIP_LENGTH = 1000
"""How many characters of a name are kept for the tooltip."""


def escape(text: str) -> str:
    r"""The text for a label, HTML-like or not: it holds no syntax of DOT, of XML or of labels.

    A backslash is doubled, since Graphviz reads `\N` in a label as the node's name.

    >>> print(escape('<b> & "\\N"'))
    &lt;b&gt; &amp; &quot;\\N&quot;
    """
    return html.escape(text).replace("\\", "\\\\")


def escape_tooltip(text: str) -> str:
    """The same for a tooltip, in which Graphviz replaces escapes twice; it may have lines."""
    return escape(text.replace("\\", "\\\\")).replace("\n", "&#10;")


def number(x: float, spec: str) -> str:
    """A number in a format, short enough for a box.

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
