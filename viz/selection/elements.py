"""What a picture consists of: nodes, boxes that stand for several, stubs for the rest, arrows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from autograd import Edge, Value
from viz.selection.frames import Scope

Side: TypeAlias = Literal["operands", "between", "consumers", "apart"]
Kind: TypeAlias = Literal["sum", "array", "scope", "alike", "step", "chosen"]


class Stub(NamedTuple):
    """What stands for nodes that are not drawn.

    On the sides "operands" and "consumers" it hangs on the drawn node `at`. A stub "between" is
    itself a node that leads from one drawn node to another, so that no arrows go in a circle. What
    is "apart" hangs together with no node drawn.
    """

    at: Value
    side: Side


@dataclass(frozen=True, eq=False)
class Fold:
    """Nodes that are drawn as one box."""

    kind: Kind
    title: str
    nodes: tuple[Value, ...]
    """In topological order."""
    outputs: tuple[Value, ...]
    """Those that others use, or that are outputs of the graph."""
    scope: Scope
    """The frames around the box."""
    copies: int = 1
    """How many parts that are alike it stands for."""


End: TypeAlias = Value | Stub | Fold


class Arrow(NamedTuple):
    """An arrow of the picture: one edge of the graph, or all those between two of its ends."""

    start: End
    end: End
    edges: list[Edge]
