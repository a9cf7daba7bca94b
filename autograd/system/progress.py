"""A bar of progress, on a terminal and in a notebook, for work that takes long."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Any

from autograd.system.display import in_notebook

PATIENCE = 3.0  # seconds, after which a bar is shown


def where_shown() -> dict[str, Any]:
    """Where tqdm shows a bar: on a terminal, which is what None means for it, and in a notebook."""
    return {"file": sys.stdout, "disable": False} if in_notebook() else {"disable": None}


class Progress:
    """Work of so many parts, in a `with` block; of what is done soon there is nothing to see."""

    def __init__(self, name: str, parts: int) -> None:
        self._name, self._parts = name, parts
        self._done, self._began = 0.0, monotonic()
        self._bar: Any = None

    def advance(self, parts: float = 1.0) -> None:
        """Note that some more parts, or a fraction of one, are done."""
        self._done += parts
        if self._bar is None and monotonic() - self._began > PATIENCE:
            from tqdm import tqdm  # the first bar of a process starts a thread

            form = "{desc}: {percentage:3.0f}%|{bar}|"
            self._bar = tqdm(total=self._parts, initial=self._done, desc=self._name,
                             bar_format=form, leave=False, **where_shown())  # fmt: skip
        if self._bar is not None:
            self._bar.update(self._done - self._bar.n)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()
