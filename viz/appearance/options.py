"""The options of pictures: what they show of nodes and arrows, and checks of arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from autograd.text.characters import readable
from autograd.text.columns import shorten

DRAWN, PLAYED = 60, 200
"""The number of nodes that a picture, and a player's page, show by default."""

View: TypeAlias = Literal["both", "forward", "backward"]
EdgeNumbers: TypeAlias = Literal["none", "local", "both"]
Direction: TypeAlias = Literal["LR", "TB"]
Style: TypeAlias = Literal["auto", "light", "dark", "print"]


@dataclass(frozen=True)
class Options:
    """The numbers and words that a picture shows, and how it lies.

    Raises TypeError or ValueError for what no picture can show.

    >>> Options(view="sideways")
    Traceback (most recent call last):
    ValueError: view is "both", "forward" or "backward", got 'sideways'
    """

    view: View = "both"
    """Data, gradients, or both."""
    edges: EdgeNumbers | None = None
    """The numbers on arrows: none, local derivatives, or contributions, too; None to decide."""
    formulas: bool = False
    """True if nodes and arrows have formulas."""
    legend: bool = True
    """True if a legend explains colours, dashes and widths."""
    title: str | None = None
    direction: Direction = "LR"
    """From left to right, or from top to bottom."""
    number_format: str = ".4g"
    style: Style = "auto"

    def __post_init__(self) -> None:
        if self.title is not None and not isinstance(self.title, str):
            kind = type(self.title).__name__
            raise TypeError(f"title is a string or None, got {kind} {self.title!r}")
        check_word("view", self.view, get_args(View))
        check_word("edges", self.edges or "both", get_args(EdgeNumbers))
        check_word("direction", self.direction, get_args(Direction))
        check_word("style", self.style, get_args(Style))
        try:
            format(1.5, self.number_format)
        except ValueError as error:
            raise ValueError(
                f"number_format {self.number_format!r} does not format a float ({error}); "
                "take '.4g' or '.2f'"
            ) from None

    @property
    def forward(self) -> bool:
        """True if data are shown."""
        return self.view != "backward"

    @property
    def backward(self) -> bool:
        """True if gradients and derivatives are shown."""
        return self.view != "forward"

    def number(self, x: float | None) -> str:
        """A number in its format, short enough for a box; a dash for one that is not known yet.

        >>> Options().number(1 / 3), Options().number(-0.0), Options().number(None)
        ('0.3333', '-0', '–')
        """
        return "–" if x is None else shorten(readable(format(x, self.number_format)))

    def signed(self, x: float) -> str:
        """A contribution with its sign; the sign of a zero is left out."""
        text = self.number(x or 0.0)
        return f"+{text}" if x > 0 and text[0] != "+" else text


def check_word(name: str, given: object, words: tuple[str, ...]) -> None:
    """Raise ValueError unless it is one of some words.

    >>> check_word("style", "print", get_args(Style))
    """
    if given not in words:
        *first, last = (f'"{word}"' for word in words)
        raise ValueError(f"{name} is {', '.join(first)} or {last}, got {given!r}")


def check_count(name: str, given: object, least: int) -> None:
    """Raise ValueError unless it is a whole number, large enough.

    >>> check_count("max_nodes", 60, 1)
    """
    if not isinstance(given, int) or given < least:
        raise ValueError(f"{name} is a whole number from {least} on, got {given!r}")
