"""Text with styles, such as bold or red, which stay with it when it is broken into lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


class Styled(str):
    """Text with a style: `rich` knows what "bold" and "red" are, a pipe leaves them out."""

    style: str

    def __new__(cls, text: str, style: str) -> Styled:
        """Create a piece of text in a style."""
        self = super().__new__(cls, text)
        self.style = style
        return self


def restyled(lines: Sequence[str], parts: Sequence[str]) -> Iterator[list[str]]:
    """Give the lines into which parts of a text were broken the styles of the parts, in pieces."""
    styles = iter([getattr(p, "style", "") for p in parts for c in p if not c.isspace()])
    for line in lines:
        pieces: list[list[str]] = []
        style = ""
        for c in line:
            if not c.isspace():
                style = next(styles, "")
            if not pieces or pieces[-1][0] != style:
                pieces.append([style, ""])
            pieces[-1][1] += c
        yield [Styled(text, style) if style else text for style, text in pieces]
