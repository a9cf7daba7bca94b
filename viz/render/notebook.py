"""Pictures and pages shown: the MIME bundles from which a notebook chooses, and `show`."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from importlib import import_module
from typing import Any, TypeAlias

from autograd.system.display import has_display, in_notebook, on_terminal, saved_to_open
from viz.render.engine import EngineError

Kinds: TypeAlias = Container[str] | None
"""MIME types; None for no choice."""


_PAGE = '<div class="tex2jax_ignore mathjax_ignore">{}</div>'  # no $x$ in it is a formula


def mime_bundle(
    text: str, kinds: Sequence[str], make: Callable[[], str], include: Kinds, exclude: Kinds
) -> dict[str, str]:
    """Return a text, and the picture or page that `make` returns, by MIME type.

    A picture is inline HTML, too: in an image of its own it could not fit the cell's width. If the
    engine fails, the text says why there is no picture.

    >>> mime_bundle("x", ["text/html"], lambda: "<b>x</b>", None, {"text/plain"})
    {'text/html': '<div class="tex2jax_ignore mathjax_ignore"><b>x</b></div>'}
    """
    bundle = {"text/plain": text}
    if on_terminal():  # which shows no other kind
        kinds = ()
    try:
        bundle |= {kind: _PAGE.format(make()) if kind == "text/html" else make() for kind in kinds}
    except EngineError as error:
        bundle["text/plain"] += f"\n\n(There is no picture: {error})"
    kept = [k for k in bundle if not include or k in include]
    return {k: bundle[k] for k in kept if not exclude or k not in exclude}


def show(shown: Any, name: str) -> None:
    """Show a diagram or a player below the cell of a notebook, or a file of that name in a browser.

    Where there is no display its `repr` is printed, with a line that says so.
    """
    if in_notebook():
        import_module("IPython.display").display(shown)
    elif has_display():
        print(f"opened: {saved_to_open(name, shown.save)}")
    else:
        print(f"{shown!r}\n(no display to open it on; .save({name!r}) writes a file)")
