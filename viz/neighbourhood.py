"""What the debugger draws of a node; it finds these as plug-ins (see `pyproject.toml`)."""

from __future__ import annotations

import os
from pathlib import Path

from autograd import Value
from viz.appearance.numbers import State
from viz.diagram import draw
from viz.text.drawing import fitted


def save(
    output: object, node: Value, hops: int, state: State | None, path: str | os.PathLike[str]
) -> Path:
    """Draw the nodes around a node, with the numbers of some moment, and save the picture.

    Args:
        output: the Graph, or its output or outputs.
        node: the node in the middle.
        hops: how many steps from it to go, to operands and to consumers.
        state: where the numbers come from, such as a Stepper; None for the Values' own.
        path: the file; its ending chooses the format, as for `Diagram.save`.

    Raises what `draw` and `Diagram.save` raise: ValueError, TypeError, OSError, EngineError (a
    RuntimeError).

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
    """Draw the same in characters.

    Args:
        output: the Graph, or its output or outputs.
        node: the node in the middle.
        hops: how many steps from it to go, to operands and to consumers.
        state: where the numbers come from, such as a Stepper; None for the Values' own.
        width: how many columns there are.
        encoding: of where it will be written: what that lacks is put in ASCII.

    Raises what `draw` raises: ValueError, TypeError.

    >>> x = Value(2.0, "x")
    >>> print(text(x.exp(), x, 1, None, 80, "ascii"))
                   data  grad  derivative
    @  x              2     -
    *  v1 = exp(x)  7.389     -  dx 7.389
    2 of 2 nodes: those within 1 step of x
    * operation  @ highlighted
    """
    drawn = draw(output, around=node, hops=hops, state=state)
    return fitted(drawn.text, width, None, encoding)
