"""The name of a block of scalars, from the names of the scalars."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from autograd.text.characters import readable

_INDEX = re.compile(r"\[.*?\]")


def base_name(name: str) -> str:
    """Return a name without its indices: `layer0.neuron3.w[5]` belongs to `layer0.w`."""
    return _base(_INDEX.sub("", name)) or readable(name)


@lru_cache(maxsize=100_000)
def _base(name: str) -> str:
    return common_name([name])


def common_name(names: Iterable[str]) -> str:
    """Return the parts that names have in common; "" if their last parts differ.

    >>> common_name(["layer0.neuron0.w[0]", "layer0.neuron3.w[7]"])
    'layer0.w'
    """
    bare = {_INDEX.sub("", name) for name in names}
    parts = {tuple(_INDEX.sub("", readable(name)).split(".")) for name in bare}
    if len({len(part) for part in parts}) != 1:
        return ""
    columns = list(zip(*parts, strict=True))
    if len(set(columns[-1])) > 1:
        return ""
    shared = [column[0] for column in columns if len(set(column)) == 1]
    return ".".join(part for part in shared if not re.fullmatch(r"neuron\d+", part))
