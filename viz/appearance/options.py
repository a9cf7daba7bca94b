"""The options of pictures: what they show of nodes and arrows, and checks of arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from viz.appearance.labels import check_number_format

DRAWN, PLAYED = 60, 200
"""The number of nodes that a picture, and a player's page, show by default."""

View: TypeAlias = Literal["both", "forward", "backward"]


@dataclass(frozen=True)
class PictureOptions:
    """The numbers and words that a picture shows of each node and arrow."""

    view: View = "both"
    """Data, gradients, or both."""
    contributions: bool = False
    """True if arrows have their contributions, and nodes show gradients as sums of these."""
    formulas: bool = False
    """True if nodes and arrows have formulas."""
    legend: bool = False
    """True if a legend explains colours, dashes and widths."""
    margin: str = ""
    """A space between an upright arrow and its label, which would touch it."""

    @property
    def forward(self) -> bool:
        """True if data are shown."""
        return self.view != "backward"

    @property
    def backward(self) -> bool:
        """True if gradients and derivatives are shown."""
        return self.view != "forward"


def check_view(view: object) -> None:
    """Raise ValueError unless it is a view.

    >>> check_view("forward")
    """
    if view not in get_args(View):
        raise ValueError(f'view is "both", "forward" or "backward", got {view!r}')


PLAIN = PictureOptions()
"""Data and gradients; the player's page draws everything else itself."""


def check(title: object, direction: object, max_nodes: object, number_format: str) -> None:
    """Raise TypeError or ValueError for arguments that `draw`, `diff` or `player` cannot take.

    >>> check("A neuron", "LR", 60, ".4g")
    """
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title is a string or None, got {type(title).__name__} {title!r}")
    if direction not in ("LR", "TB"):
        raise ValueError(f'direction is "LR" or "TB", got {direction!r}')
    if not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"max_nodes is a whole number from 1 on, got {max_nodes!r}")
    check_number_format(number_format)
