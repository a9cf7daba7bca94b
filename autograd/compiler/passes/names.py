"""What a block of scalars is called, from the names of the scalars."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=100_000)
def base_name(name: str) -> str:
    """A name without what numbers it: `layer0.neuron3.w[5]` is one of `layer0.w`."""
    return common_name([name]) or name


def common_name(names: Iterable[str]) -> str:
    """What names have in common, part by part; "" if their last parts differ.

    >>> common_name(["layer0.neuron0.w[0]", "layer0.neuron3.w[7]"])
    'layer0.w'
    """
    parts = {tuple(re.sub(r"\[.*?\]", "", name).split(".")) for name in set(names)}
    if len({len(part) for part in parts}) != 1:
        return ""
    columns = list(zip(*parts, strict=True))
    if len(set(columns[-1])) > 1:
        return ""
    shared = [column[0] for column in columns if len(set(column)) == 1]
    return ".".join(part for part in shared if not re.fullmatch(r"neuron\d+", part))
