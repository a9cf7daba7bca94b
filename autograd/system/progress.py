"""A bar of progress, on a terminal and in a notebook, for work that takes long."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from time import monotonic
from typing import Any

from tqdm import tqdm

from autograd.system.display import in_notebook

PATIENCE = 3.0  # seconds, after which there is a bar


def progress_bar(**options: Any) -> tqdm:
    """A bar on a terminal, which is what None means for tqdm, or in a notebook."""
    where = {"file": sys.stdout, "disable": False} if in_notebook() else {"disable": None}
    return tqdm(**{**where, **options})


class Progress(ExitStack):
    """Work of so many parts, in a `with` block; of what is done soon there is nothing to see."""

    def __init__(self, name: str, parts: int) -> None:
        super().__init__()
        self.name, self.parts, self.done = name, parts, 0.0
        self.bar: Any = None
        self._begun = monotonic()

    def advance(self, parts: float = 1.0) -> None:
        """Note that some more parts, or a fraction of one, are done."""
        self.done += parts
        if self.bar is None and monotonic() - self._begun > PATIENCE:
            bar = progress_bar(desc=self.name, total=self.parts, initial=self.done, leave=False,
                               bar_format="{desc}: {percentage:3.0f}%|{bar}|")  # fmt: skip
            self.bar = self.enter_context(bar)
        if self.bar is not None:
            self.bar.update(self.done - self.bar.n)
