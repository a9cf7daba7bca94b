"""Characters that a terminal or a picture cannot show, put in characters that it can."""

from __future__ import annotations

import re

# Controls, line and paragraph separators, marks of direction, surrogates and what XML forbids. The
# list is spelled out because that of `str.isprintable` differs from one Python to the next.
_UNREADABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]|[\U0001fffe-\U0010ffff](?<=[\ufffe\uffff])"
)

_LAID_OUT = str.maketrans(
    "○▪●▣⋮◆│─├┤┼╰╯┴…→←∂·×÷−–₁₂₃▁▂▃▄▅▆▇█", "o.*#:@|-+++'''~><d**/--123_.:-=+*#"
)
_WORDS = {
    "…": "...", "→": "->", "Σ": "sum", "σ": "s", "≠": "!=", "≤": "<=", "≥": ">=", "±": "+-",
}  # fmt: skip
_TEXT = _LAID_OUT | str.maketrans(_WORDS)


def readable(text: str) -> str:
    r"""Spell out control characters and others without a picture, as Python would print them.

    >>> readable("a\tb\0")
    'a\\tb\\x00'
    """
    if text.isascii() and text.isprintable():  # most text is, and this is much quicker
        return text
    return _UNREADABLE.sub(lambda match: ascii(match[0])[1:-1], text)


def is_in_encoding(text: str, encoding: str | None) -> bool:
    """Return True if the encoding has every character of the text; without one, UTF-8.

    >>> is_in_encoding("café", "latin-1"), is_in_encoding("猫", "latin-1")
    (True, False)
    """
    try:
        text.encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def in_encoding(text: str, encoding: str = "ascii") -> str:
    r"""Replace the symbols of formulas and tables, and escape what else the encoding lacks.

    >>> in_encoding("╰─● σ(é) → ∂")
    "'-* s(\\xe9) -> d"
    """
    return text.translate(_TEXT).encode(encoding, "backslashreplace").decode(encoding)


def with_ascii_lines(text: str) -> str:
    """Replace lines, marks and signs by ASCII characters, one for each, so that columns stay.

    >>> with_ascii_lines("├─● a na…")
    '+-* a na~'
    """
    return text.translate(_LAID_OUT)
