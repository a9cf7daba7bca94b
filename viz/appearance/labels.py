"""Text that goes into a diagram: names, numbers, and how they are kept from being markup.

Whatever a user named a node, the engine sees letters only: `escape` leaves no character that DOT,
an HTML-like label or XML would take for syntax, and `readable` spells out the characters that have
no picture or that turn the text around them.
"""

from __future__ import annotations

import html
import re

NAME_CELLS = 24
"""How wide a name or a number may be in a box; what is longer is shortened."""

TOOLTIP_LENGTH = 1000
"""How many characters of a name are kept for the tooltip."""

# Controls, line and paragraph separators, marks of direction, surrogates and what XML forbids. The
# list is spelled out because that of `str.isprintable` differs from one Python to the next.
_NO_PICTURE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]|[\U0001fffe-\U0010ffff](?<=[\ufffe\uffff])"
)
# Scripts and pictures that take two columns where letters take one; rather too many than too few.
_WIDE = re.compile("[\u1100-\u115f\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\u2e80-\U0010ffff]")


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


def readable(text: str) -> str:
    r"""The text with characters that have no picture spelled out, as Python would print them.

    >>> readable("a\tb\0")
    'a\\tb\\x00'
    """
    if text.isascii() and text.isprintable():  # most text is, and this is much quicker
        return text
    return _NO_PICTURE.sub(lambda match: ascii(match[0])[1:-1], text)


def cells(text: str) -> int:
    """How many columns of a fixed-width font the text takes.

    >>> cells("abc"), cells("猫")
    (3, 2)
    """
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def shorten(text: str, limit: int = NAME_CELLS) -> str:
    """The text cut in its middle to at most `limit` columns: both ends tell names apart.

    >>> shorten("a name that goes on for ever and ever", 16)
    'a name tha… ever'
    """
    if (len(text) <= limit and text.isascii()) or cells(text[: limit + 1]) <= limit:
        return text
    tail = _fitting(text[: -limit - 1 : -1], limit // 3)[::-1]
    return _fitting(text[:limit], limit - 1 - cells(tail)) + "…" + tail


def _fitting(text: str, limit: int) -> str:
    """As much of the head of the text as takes at most `limit` columns."""
    while cells(text) > limit:
        text = text[:-1]
    return text


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
