"""The drawing of a node's neighbourhood: plug-ins of the debugger (see `pyproject.toml`)."""

from __future__ import annotations

import os
from pathlib import Path

from autograd import Value
from viz.diagram import draw
from viz.snapshot.numbers import State
from viz.text.drawing import fitted


def save(
    output: object, node: Value, hops: int, state: State | None, path: str | os.PathLike[str]
) -> Path:
    """Draw the nodes around a node, with the numbers of a state, and save the picture.

    Args:
        output: the Graph, or its output or outputs.
        node: the node in the middle.
        hops: the steps to go from it, to operands and to consumers.
        state: the source of the numbers, such as a Stepper; None for the Values' own.
        path: the file; its ending chooses the format, as for `Diagram.save`.

    Raises ValueError, TypeError, OSError and EngineError (a RuntimeError) as `draw` and
    `Diagram.save` do.

    >>> import tempfile
    >>> x = Value(2.0, "x")
    >>> folder = tempfile.TemporaryDirectory()
    >>> save(x.exp(), x, 1, None, f"{folder.name}/x.dot").name
    'x.dot'
    >>> folder.cleanup()
    """
    return draw(output, around=node, hops=hops, state=state).save(path)


def text(
    output: object, node: Value, hops: int, state: State | None, width: int, encoding: str = ""
) -> str:
    """Draw the nodes around a node in characters.

    It has `width` columns, and is in ASCII if the encoding lacks a character. The other arguments
    are those of `save`.

    >>> x = Value(2.0, "x")
    >>> print(text(x.exp(), x, 1, None, 80, "ascii"))
                   data  grad  derivative
    @  x              2     -
    *  v1 = exp(x)  7.389     -  dx 7.389
    2 of 2 nodes: those within 1 step of x
    * operation  @ highlighted
    """
    diagram = draw(output, around=node, hops=hops, state=state)
    return fitted(diagram.text, width, None, encoding)
