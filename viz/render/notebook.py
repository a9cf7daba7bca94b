"""The MIME bundles of pictures and pages, from which a notebook chooses what to show."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TypeAlias

from viz.render.engine import EngineError

Kinds: TypeAlias = Container[str] | None
"""MIME types; None for no choice."""


def mime_bundle(
    text: str, kind: str, make: Callable[[], str], include: Kinds, exclude: Kinds
) -> dict[str, str]:
    """Return a text, and the picture or page that `make` returns, by MIME type.

    If the engine fails, the text says why there is no picture.

    >>> mime_bundle("x", "text/html", lambda: "<b>x</b>", None, {"text/plain"})
    {'text/html': '<b>x</b>'}
    """
    bundle = {"text/plain": text}
    try:
        bundle[kind] = make()
    except EngineError as error:
        form = "picture" if kind.startswith("image/") else "page"
        bundle["text/plain"] += f"\n\n(There is no {form}: {error})"
    kept = [k for k in bundle if not include or k in include]
    return {k: bundle[k] for k in kept if not exclude or k not in exclude}
