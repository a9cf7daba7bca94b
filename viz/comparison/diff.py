"""`diff` draws two graphs as one picture: which nodes were added, removed or changed."""

from __future__ import annotations

from functools import partial

from autograd.text.spelling import suggesting
from viz.appearance.options import DRAWN, Direction, Options, Style, check_count
from viz.comparison.changes import Comparison, compare, shared, whole
from viz.comparison.look import comparison_picture
from viz.diagram import Diagram, Formats, graph_of
from viz.render.engine import EnginePath
from viz.text.drawing import check_width, plain


@suggesting
def diff(
    before: object, after: object, *,
    rtol: float = 0.0, labels: tuple[str, str] = ("before", "after"),
    title: str | None = None, direction: Direction = "LR", style: Style = "auto",
    max_nodes: int = DRAWN, number_format: str = ".4g",
    engine: EnginePath = None, timeout: float = 60.0,
) -> Diagram:  # fmt: skip
    """Draw two graphs as one: before and after an edit, eager and expected, two checkpoints.

    A node changed if its data, its gradient or its operands differ. The caption counts the nodes
    that differ and names the first in the forward pass or, if only gradients differ, in the
    backward pass. Printed, the picture is a table of the nodes that differ. Nodes are matched by
    name, structure and neighbours (see `viz.comparison.matching`). A renamed node counts as removed
    and added.

    Args:
        before: a Value, a list or an array of Values, or a Graph.
        after: the same, to compare with it.
        rtol: two numbers are the same if they differ by at most this share of the larger. With 0
            every bit counts; nan equals nan in any case.
        labels: the names of the two in the caption.
        title: a heading above the picture.
        direction: "LR", from left to right, or "TB", from top to bottom.
        style: "auto", "light", "dark" or "print", as in `draw`.
        max_nodes: the most nodes to draw. Of larger graphs only the nodes that differ and their
            neighbours are drawn; the others are counted.
        number_format: the format of numbers, as in `format(x, ".4g")`; numbers that it does not
            tell apart get more digits.
        engine: the path of a layout program. By default the embedded one, else a system `dot`.
        timeout: the seconds that the layout may take.

    Raises TypeError for an object that is not a Value, ValueError for an empty list and for an
    invalid tolerance, direction, style, number of nodes or number format.

    >>> from autograd import Value
    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> print(diff(x * z + x, (x * z).relu() + x))
       before  after  name  operation           data  grad
    +          v3           relu(v2)            6.0   -
    ≠  v3      v4           v3 + x, was v2 + x  8.0   -
    1 changed, 1 added, 0 removed of 5 nodes; first: v3 (relu)
    """
    options = Options(title=title, direction=direction, number_format=number_format, style=style)
    check_count("max_nodes", max_nodes, 1)
    _check(rtol, labels)
    was, now = graph_of(before, "compare"), graph_of(after, "compare")
    comparison = compare(whole(was), whole(now), shared(was, now), rtol)
    shown = partial(comparison_picture, comparison, labels, options, max_nodes)
    makers = shown, partial(_text, comparison), comparison.table, comparison.as_data
    return Diagram(Formats(*makers), style=style, engine=engine, timeout=timeout)


def _text(comparison: Comparison, width: int, ascii: bool) -> str:
    """The table, which is as wide as its numbers."""
    check_width(width)
    table = comparison.table()
    return plain(table) if ascii else table


def _check(rtol: object, labels: object) -> None:
    if not isinstance(rtol, (int, float)) or not 0 <= rtol < 1:
        raise ValueError(f"rtol is a share from 0 to below 1, got {rtol!r}")
    texts = labels if isinstance(labels, (tuple, list)) else ()
    if len(texts) != 2 or not all(isinstance(text, str) for text in texts):
        raise TypeError(f'labels are two strings, ("before", "after"), got {labels!r}')
