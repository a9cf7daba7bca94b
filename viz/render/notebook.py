"""The MIME bundles of pictures and pages, from which a notebook chooses what to show."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import TypeAlias

from viz.render.engine import EngineError

Kinds: TypeAlias = Container[str] | None
"""MIME types; None for no choice."""


def mime_bundle(
    text: str, kinds: Sequence[str], make: Callable[[], str], include: Kinds, exclude: Kinds
) -> dict[str, str]:
    """Return a text, and the picture or page that `make` returns, by MIME type.

    A picture is inline HTML, too: in an image of its own it could not fit the cell's width. If the
    engine fails, the text says why there is no picture.

    >>> mime_bundle("x", ["text/html"], lambda: "<b>x</b>", None, {"text/plain"})
    {'text/html': '<b>x</b>'}
    """
    bundle = {"text/plain": text}
    try:
        bundle |= dict.fromkeys(kinds, make())
    except EngineError as error:
        bundle["text/plain"] += f"\n\n(There is no picture: {error})"
    kept = [k for k in bundle if not include or k in include]
    return {k: bundle[k] for k in kept if not exclude or k not in exclude}
