"""What a caption says of the boxes that stand for several nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.selection.elements import FoldedBox

_CALLED = {"sum": "sum", "array": "array", "step": "group"}
_NAMED = 4  # boxes


def what_is_folded(folds: Sequence[FoldedBox]) -> str:
    """What is folded, in words: parts by their names, the rest by how many they are.

    >>> from autograd import Graph, Value
    >>> from viz.selection.folding import folded
    >>> x = [Value(float(i), f"x[{i}]") for i in range(9)]
    >>> chosen = folded(Graph(x[0] + x[1] + x[2] + x[3] + x[4] + x[5] + x[6] + x[7]), limit=5)
    >>> what_is_folded(chosen.folds)
    '1 array, 1 sum'
    """
    named = [
        shorten(readable(".".join((*box.scope, box.title))), 30)
        + (f" × {box.copies:,}" if box.copies > 1 else "")
        for box in folds
        if box.kind not in _CALLED
    ]
    more = [f"{len(named) - _NAMED:,} more"] if len(named) > _NAMED else []
    counts = Counter(_CALLED[box.kind] for box in folds if box.kind in _CALLED)
    counted = [f"{n:,} {word}{'s' * (n > 1)}" for word, n in counts.items()]
    return ", ".join(named[:_NAMED] + more + counted)
