"""Text in columns of a fixed-width font: how wide it is, cut, padded, wrapped.

Widths follow Unicode's East_Asian_Width: wide and fullwidth characters take two columns, combining
marks none, all others one, ambiguous ones included.
"""

from __future__ import annotations

import re
from unicodedata import category, east_asian_width

WIDTH = 80
"""Columns of a printed report."""

UNBROKEN = "\N{NO-BREAK SPACE}"
"""A space at which `wrap` breaks no line."""

_STACKED = 4  # characters a column; beyond that, marks piled on a letter are cut as well


def display_width(text: str) -> int:
    r"""Return how many columns the text takes.

    >>> display_width("abc"), display_width("猫"), display_width("☃"), display_width("e\u0301")
    (3, 2, 1, 1)
    """
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if category(character) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def shorten(text: str, width: int = 24) -> str:
    """Cut the middle out of a text wider than `width`: both ends tell names apart.

    >>> shorten("a name that goes on for ever and ever", 16)
    'a name tha… ever'
    """
    if _fits(text, width):
        return text
    tail = _head(text[: -_STACKED * width - 1 : -1], width // 3)[::-1]
    while tail and not _width(tail[0]):  # a mark whose letter was cut off
        tail = tail[1:]
    return _head(text, width - 1 - display_width(tail)) + "…" + tail


def cut(text: str, width: int) -> str:
    """Cut the end off a text wider than `width`.

    >>> cut("return a + b", 8)
    'return …'
    """
    return text if _fits(text, width) else _head(text, width - 1) + "…"


def _fits(text: str, width: int) -> bool:
    return len(text) <= _STACKED * width and display_width(text) <= width


def _head(text: str, width: int) -> str:
    text = text[: max(_STACKED * width, 0)]
    for i, character in enumerate(text):
        width -= _width(character)
        if width < 0:
            return text[:i]
    return text


def pad(text: str, width: int, right: object = False) -> str:
    """Fill a text up with spaces, after it or, to align it to the right, before it.

    >>> pad("猫", 4), pad("1.5", 5, right=True)
    ('猫  ', '  1.5')
    """
    gap = " " * (width - display_width(text))
    return gap + text if right else text + gap


def wrap(text: str, width: int = WIDTH, indent: int = 0, shortened: bool = False) -> list[str]:
    """Break a text into lines of at most `width` columns, at spaces where there are any.

    Spaces at the beginning of a line are kept, and the lines below it begin `indent` further. If
    `shortened`, the middle of a word wider than a line is cut out; otherwise the word is broken.

    >>> wrap("  one two three", 10, indent=2)
    ['  one two', '    three']
    """
    lines: list[str] = []
    for line in text.split("\n"):
        if display_width(line) <= width:
            lines.append(line.rstrip())
        else:
            lines += _broken(line, width, indent, shortened)
    return lines


def _broken(text: str, width: int, indent: int, shortened: bool) -> list[str]:
    words = text.lstrip(" ")
    first = min(len(text) - len(words), width // 2)
    rest = " " * min(first + indent, width // 2)
    lines: list[str] = []
    line = start = " " * first
    for spaces, word in re.findall(r"( *)([^ ]+)", words):
        if line != start and display_width(line + spaces + word) > width:
            lines.append(line)
            line = start = rest
        elif line != start:
            line += spaces
        room = width - display_width(line)
        if shortened or display_width(word) <= room:
            line += shorten(word, room)
            continue
        for character in word:
            if display_width(line + character) > width:
                lines.append(line)
                line = start = rest
            line += character
    return [*lines, line]
