"""The colours and the font of a diagram, and their adaptation to the reader or to paper.

The DOT text is written in the light colours, so it looks right in any engine and in a PNG. In an
SVG a style sheet maps each of them to its dark partner if the reader prefers dark; both are of the
Okabe-Ito palette, which colour-blind readers can distinguish. The picture has its own background,
since a page and the reader's setting do not always agree. The styles "dark" and "print" are other
colours for good: the dark ones, or those for paper, black and white with greys.

Boxes are measured in Courier New, whose metrics every engine knows, and shown in the first font of
`FONTS` that the reader has: all are as wide, or a little narrower.
"""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from viz.appearance.options import Style

FONT = "Courier New"
TEXT_SIZE = 11
FONTS = "Consolas, Menlo, 'DejaVu Sans Mono', 'Liberation Mono', 'Courier New', monospace"


_PLACES: dict[Style, int] = {"auto": 0, "light": 0, "dark": 1, "print": 2}  # of a role's colour


class Colour(NamedTuple):
    """One role of a colour in the picture."""

    light: str
    dark: str
    printed: str
    """On paper: black, white or a grey, since a printer may have no other."""

    def in_style(self, style: Style) -> str:
        """The colour in a style; "auto" has the light ones.

        >>> PAPER.in_style("dark")
        '#15191e'
        """
        return self[_PLACES[style]]


PAPER = Colour("#ffffff", "#15191e", "#ffffff")
INK = Colour("#1b1f24", "#e8eaed", "#000000")
MUTED = Colour("#666b72", "#a3a9b1", "#555555")
LINE = Colour("#4a5058", "#b4bac2", "#333333")
FRAME = Colour("#f5f6f8", "#1c2127", "#ffffff")
INNER_FRAME = Colour("#eaedf1", "#252b33", "#ffffff")
FRAME_LINE = Colour("#b9c0c9", "#4a525d", "#999999")
BOX = Colour("#fffffe", "#2d343d", "#ffffff")  # not PAPER: one white would get one dark
LEAF = Colour("#dceefa", "#12395a", "#eeeeee")
POSITIVE = Colour("#0072b2", "#56b4e9", "#000000")
NEGATIVE = Colour("#d55e00", "#e69f00", "#000000")
POSITIVE_TEXT = Colour("#005f94", "#56b4e9", "#000000")  # letters need more contrast than lines:
NEGATIVE_TEXT = Colour("#a34700", "#e69f00", "#000000")  # 4.5 to 1 (WCAG 2.2, 1.4.3)
BAD = Colour("#a81c00", "#ff9d80", "#000000")
MARK = Colour("#8f2a6b", "#f0a6d2", "#000000")
PALETTE = (
    PAPER, INK, MUTED, LINE, FRAME, INNER_FRAME, FRAME_LINE, BOX, LEAF, POSITIVE, NEGATIVE,
    POSITIVE_TEXT, NEGATIVE_TEXT, BAD, MARK,
)  # fmt: skip

LETTERS = {POSITIVE: POSITIVE_TEXT, NEGATIVE: NEGATIVE_TEXT}
"""The colours with another shade for text."""


def style_sheet(root: str, style: Style = "auto", used: Container[str | None] | None = None) -> str:
    """Return the style sheet of the picture with that id; it affects nothing else on the page.

    With "auto" the picture becomes dark where the reader prefers that. `used` are the light colours
    in it; None for all.
    """
    # Numbers beside arrows stay legible where another arrow passes under them.
    halo = f"#{root} .edge text {{paint-order: stroke; stroke-width: 3px; stroke: %s}}"
    sheet = f"#{root} text {{font-family: {FONTS}}}\n{halo % PAPER.in_style(style)}"
    if style != "auto":
        return sheet
    dark = [
        f'#{root} [{paint}="{colour.light}"] {{{paint}: {colour.dark}}}'
        for colour in PALETTE
        if used is None or colour.light in used
        for paint in ("fill", "stroke")
    ]
    dark.append(halo % PAPER.dark)
    return "\n".join([sheet, "@media screen and (prefers-color-scheme: dark) {", *dark, "}"])
