"""What `draw`, `diff` and `player` share: checks of their arguments, how much they show."""

from __future__ import annotations

from viz.appearance.labels import check_number_format

DRAWN, PLAYED = 60, 200
"""How many nodes a picture and a player's page show by default."""


def check(title: object, direction: object, max_nodes: object, number_format: str) -> None:
    """Raise TypeError or ValueError for what cannot be drawn.

    >>> check("A neuron", "LR", 60, ".4g")
    """
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title is a string or None, got {type(title).__name__} {title!r}")
    if direction not in ("LR", "TB"):
        raise ValueError(f'direction is "LR" or "TB", got {direction!r}')
    if not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"max_nodes is a whole number from 1 on, got {max_nodes!r}")
    check_number_format(number_format)
