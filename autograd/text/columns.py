"""Text in columns of a fixed-width font: how wide it is, cut, padded, wrapped.

Widths follow Unicode's East_Asian_Width: wide and fullwidth characters take two columns, combining
marks none, all others one, ambiguous ones included. An emoji made of several characters takes two,
a Hangul syllable of several jamo those of its first; see UAX #11, #29, UTS #51. Nothing is cut or
broken within what stands in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import category, east_asian_width

WIDTH = 80
"""Columns of a printed report."""

UNBROKEN = "\N{NO-BREAK SPACE}"
"""A space at which `wrap` breaks no line."""

_JOINERS = "\u200c\u200d"
_EMOJI = "\ufe0f"  # after a symbol: shown as an emoji
_SYMBOLS = ("So", "Sm")  # the categories of what emoji are made of
_STACKED = 6  # characters a column; beyond that, marks piled on a letter are cut as well


def display_width(text: str) -> int:
    r"""Return how many columns the text takes.

    >>> display_width("abc"), display_width("猫"), display_width("☃"), display_width("e\u0301")
    (3, 2, 1, 1)
    """
    return len(text) if text.isascii() else sum(width for _, width in _places(text))


def _places(text: str) -> Iterator[tuple[str, int]]:
    """Yield the characters that stand in one place, and its columns."""
    place, width = "", 0
    for c in text:
        if not place or not _joins(place, c):
            if place:
                yield place, width
            place, width = c, _width(c)
            continue
        if _is_flag(c) or (c == _EMOJI and category(place[0])[0] in "SPN"):
            width = 2
        place += c
    if place:
        yield place, width


def _joins(place: str, c: str) -> bool:
    """True if a character stands in the place of those before it."""
    if _is_flag(c):
        return len(place) == 1 and _is_flag(place)
    if "\U0001f3fb" <= c <= "\U0001f3ff" or place[-1] == "\u200d":  # a tone of skin, or joined
        return category(place[0]) in _SYMBOLS and category(c) in ("Sk", *_SYMBOLS)
    return not _width(c)


def _is_flag(c: str) -> bool:
    return "\U0001f1e6" <= c <= "\U0001f1ff"


@lru_cache(4096)
def _width(c: str) -> int:
    is_vowel = "\u1160" <= c <= "\u11ff" or "\ud7b0" <= c <= "\ud7ff"  # or final, of Hangul
    if is_vowel or c in _JOINERS or category(c) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(c) in "WF" else 1


def shorten(text: str, width: int = 24) -> str:
    """Cut the middle out of a text wider than `width`: both ends tell names apart.

    >>> shorten("a name that goes on for ever and ever", 16)
    'a name tha… ever'
    """
    if _fits(text, width):
        return text
    tail, room = "", width // 3
    for place, columns in reversed([*_places(text[-_STACKED * width :])]):
        room -= columns
        if room < 0 or not _width(place[0]):  # a mark whose letter was cut off
            break
        tail = place + tail
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
    head = ""
    for place, columns in _places(text[: max(_STACKED * width, 0)]):
        width -= columns
        if width < 0:
            break
        head += place
    return head


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
        for place, columns in _places(word):
            if display_width(line) + columns > width:
                lines.append(line)
                line = start = rest
            line += place
    return [*lines, line]
