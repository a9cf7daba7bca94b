"""What a picture shows of each node and arrow, as the arguments of `draw` choose it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

View: TypeAlias = Literal["both", "forward", "backward"]


@dataclass(frozen=True)
class Look:
    """Which numbers, which words."""

    view: View = "both"
    """Data, gradients, or both."""
    contributions: bool = False
    """Whether arrows carry what they bring to a gradient, and nodes show it as their sum."""
    formulas: bool = False
    """Whether nodes and arrows say what they compute, in symbols."""
    legend: bool = False
    """Whether a line explains colours, dashes and widths."""
    margin: str = ""
    """What stands between an upright arrow and its label, which would touch it."""

    @property
    def forward(self) -> bool:
        """Whether data are shown."""
        return self.view != "backward"

    @property
    def backward(self) -> bool:
        """Whether gradients and derivatives are shown."""
        return self.view != "forward"


def check_view(view: object) -> None:
    """Raise ValueError for what is no view.

    >>> check_view("forward")
    """
    if view not in get_args(View):
        raise ValueError(f'view is "both", "forward" or "backward", got {view!r}')


PLAIN = Look()
"""Data and gradients, and nothing that the player's page draws itself."""
