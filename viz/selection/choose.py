"""The choice of the nodes that a picture shows: a neighbourhood, a folded graph, or the nearest."""

from __future__ import annotations

from collections.abc import Sequence

from autograd import Graph, Value
from viz.selection.elements import BY_MEANING, FoldOptions
from viz.selection.folding import folded, shortened
from viz.selection.nearest import Selection, nearest, neighbourhood

_MOST_LAYERS = 10


def choose(
    graph: Graph,
    limit: int,
    how: FoldOptions | None,
    around: Sequence[Value] = (),
    hops: int = 2,
    shorten: bool = False,
) -> Selection:
    """Choose at most `limit` nodes and boxes of a graph; see `draw`.

    With `shorten`, a small graph of many layers folds its sums and chains.

    >>> y = Value(2.0, "x").exp()
    >>> choose(Graph(y), 60, None).shown == Graph(y).nodes
    True
    """
    if around:
        return neighbourhood(graph, around, hops, limit)
    selection = None
    if shorten and how == BY_MEANING and len(graph) <= limit and _is_long(graph):
        return shortened(graph)
    if how is not None and (len(graph) > limit or how != BY_MEANING):
        selection = folded(graph, limit, how)
    return selection or nearest(graph, limit)


def _is_long(graph: Graph) -> bool:
    """True if a graph has too many layers to be drawn from left to right.

    >>> x = Value(0.1)
    >>> _is_long(Graph(x.exp())), _is_long(Graph((x**2**2**2 - 1).sin().exp().sin()))
    (False, False)
    """
    layer: dict[Value, int] = {}
    for v in graph:
        layer[v] = 1 + max((layer[p] for p in v.parents), default=0)
    return max(layer.values()) > _MOST_LAYERS


def fold_options(fold: object, depth: object, expand: str | Sequence[str]) -> FoldOptions | None:
    """The options of folding from the arguments of `draw`; None for no folding.

    Raises TypeError or ValueError for invalid arguments.

    >>> fold_options(True, None, "layer0").expand
    ('layer0',)
    """
    scopes, opened = _paths(fold), _paths(expand)
    if not (scopes or isinstance(fold, bool) or callable(fold)):
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
    if opened is None:
        raise TypeError(f"expand is a scope such as 'layer0.neuron3', or several, got {expand!r}")
    by = fold if callable(fold) else None
    return FoldOptions(by, depth, opened if expand else (), scopes or ())


def _paths(given: object) -> tuple[str, ...] | None:
    """A scope, or a list of several; None for anything else."""
    paths = (given,) if isinstance(given, str) else given
    if not isinstance(paths, list | tuple) or not all(isinstance(path, str) for path in paths):
        return None
    return tuple(paths)
