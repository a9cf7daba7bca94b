"""The choice of the nodes that a picture shows: a neighbourhood, a folded graph, or the nearest."""

from __future__ import annotations

from collections.abc import Sequence

from autograd import Graph, Value
from viz.selection.chains import is_long
from viz.selection.elements import BY_MEANING, FoldOptions
from viz.selection.folding import folded, shortened
from viz.selection.nearest import Selection, nearest, neighbourhood


def choose(
    graph: Graph,
    limit: int,
    how: FoldOptions | None,
    around: Sequence[Value] = (),
    hops: int = 2,
    shorten: bool = False,
) -> Selection:
    """Choose at most `limit` nodes and boxes of a graph; see `draw`.

    Args:
        graph: the graph.
        limit: the most nodes and boxes.
        how: the options of folding; None for no boxes.
        around: the nodes whose neighbourhood is wanted, in place of the graph.
        hops: the steps to go from them.
        shorten: True to fold the chains of a graph that has many layers.

    >>> y = Value(2.0, "x").exp()
    >>> choose(Graph(y), 60, None).shown == Graph(y).nodes
    True
    """
    if around:
        return neighbourhood(graph, around, hops, limit)
    selection = None
    if shorten and how == BY_MEANING and len(graph) <= limit and is_long(graph):
        return shortened(graph)
    if how is not None and (len(graph) > limit or how != BY_MEANING):
        selection = folded(graph, limit, how)
    return selection or nearest(graph, limit)


def fold_options(fold: object, depth: object, expand: str | Sequence[str]) -> FoldOptions | None:
    """The options of folding from the arguments of `draw`; None for no folding.

    Raises TypeError or ValueError for invalid arguments.

    >>> fold_options(True, None, "layer0").expand
    ('layer0',)
    """
    named = (fold,) if isinstance(fold, str) else fold if isinstance(fold, list | tuple) else ()
    if not all(isinstance(path, str) for path in named) or not (
        isinstance(fold, bool) or callable(fold) or named
    ):
        raise TypeError(
            "fold is True, False, a scope such as 'layer0', several, or a function of a Value; "
            f"got {fold!r}"
        )
    if depth is not None and (not isinstance(depth, int) or depth < 1):
        raise ValueError(f"depth is a whole number from 1 on, got {depth!r}")
    if fold is False:
        if depth is not None or expand:
            raise ValueError("fold=False draws no boxes: leave out depth= and expand=")
        return None
    _check_expand(expand)
    opened = (expand,) if isinstance(expand, str) and expand else tuple(expand)
    return FoldOptions(fold if callable(fold) else None, depth, opened, tuple(named))


def _check_expand(expand: object) -> None:
    paths = [expand] if isinstance(expand, str) else expand
    if not isinstance(paths, list | tuple) or not all(isinstance(path, str) for path in paths):
        raise TypeError(f"expand is a scope such as 'layer0.neuron3', or several, got {expand!r}")
