"""The garbage collector: it would visit every scalar of a graph again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Pause collection, for work that makes many objects and no cycles."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # what is there counts as old: else all is visited at once
            gc.freeze()
            gc.unfreeze()
        gc.enable()
