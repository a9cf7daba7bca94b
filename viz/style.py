"""The colours and the font of a diagram, and the style sheet that adapts them to the reader.

The DOT text carries the light colours, so it looks right in any engine and in a PNG. In an SVG a
style sheet maps each of them to its dark partner where the reader prefers dark; both are of the
Okabe-Ito palette, which colour-blind readers tell apart. The picture brings its own background,
since a page and the reader's setting do not always agree.

Boxes are measured in Courier New, whose metrics every engine knows, and shown in the first font of
`FONTS` that the reader has: all are as wide, or a little narrower.
"""

from __future__ import annotations

from typing import NamedTuple

FONT = "Courier New"
FONTS = "Consolas, Menlo, 'DejaVu Sans Mono', 'Liberation Mono', 'Courier New', monospace"


class Colour(NamedTuple):
    """One role of a colour in the picture."""

    light: str
    dark: str


PAPER = Colour("#ffffff", "#15191e")
INK = Colour("#1b1f24", "#e8eaed")
MUTED = Colour("#666b72", "#a3a9b1")
LINE = Colour("#4a5058", "#b4bac2")
FRAME = Colour("#f5f6f8", "#1c2127")
INNER_FRAME = Colour("#eaedf1", "#252b33")
FRAME_LINE = Colour("#b9c0c9", "#4a525d")
BOX = Colour("#fffffe", "#2d343d")  # not PAPER: the same white would get the same dark
LEAF = Colour("#dceefa", "#12395a")
POSITIVE = Colour("#0072b2", "#56b4e9")
NEGATIVE = Colour("#d55e00", "#e69f00")
BAD = Colour("#a81c00", "#ff9d80")
MARK = Colour("#8f2a6b", "#f0a6d2")
PALETTE = (
    PAPER, INK, MUTED, LINE, FRAME, INNER_FRAME, FRAME_LINE, BOX, LEAF, POSITIVE, NEGATIVE, BAD,
)  # fmt: skip


def style_sheet(root: str, marked: bool = False) -> str:
    """The style sheet of the picture with that id; it reaches nothing else on the page.

    Args:
        root: the id of the picture.
        marked: whether a node is highlighted in it.
    """
    dark = [
        f'#{root} [{paint}="{colour.light}"] {{{paint}: {colour.dark}}}'
        for colour in PALETTE + (MARK,) * marked
        for paint in ("fill", "stroke")
    ]
    return (
        f"#{root} text {{font-family: {FONTS}}}\n"
        "@media (prefers-color-scheme: dark) {\n" + "\n".join(dark) + "\n}"
    )
