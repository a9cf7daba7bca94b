"""The MIME bundles of pictures and pages, from which a notebook chooses what to show."""

from __future__ import annotations

from collections.abc import Callable, Container

from viz.render.engine import EngineError


def mime_bundle(
    text: str,
    kind: str,
    make: Callable[[], str],
    include: Container[str] | None,
    exclude: Container[str] | None,
) -> dict[str, str]:
    """Return a text, and its picture or page unless the engine fails; then the text says why.

    Args:
        text: the plain text.
        kind: the MIME type of the other form.
        make: returns the other form, or raises EngineError.
        include: the MIME types to keep; None for all.
        exclude: the MIME types to leave out.

    >>> mime_bundle("x", "text/html", lambda: "<b>x</b>", None, {"text/plain"})
    {'text/html': '<b>x</b>'}
    """
    bundle = {"text/plain": text}
    try:
        bundle[kind] = make()
    except EngineError as error:
        form = "picture" if kind.startswith("image/") else "page"
        bundle["text/plain"] += f"\n\n(There is no {form}: {error})"
    return {
        kind: content
        for kind, content in bundle.items()
        if (not include or kind in include) and not (exclude and kind in exclude)
    }
