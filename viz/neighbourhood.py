"""`save`: what the debugger draws of a node, found by it as a plug-in (see `pyproject.toml`)."""

from __future__ import annotations

import os
from pathlib import Path

from autograd import Value
from viz.diagram import draw
from viz.state import State


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
