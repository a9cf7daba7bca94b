"""The elements of a picture: nodes, boxes that stand for several nodes, stubs, and arrows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from autograd import Edge, Value
from viz.selection.frames import Scope

Side: TypeAlias = Literal["operands", "between", "consumers", "apart"]
Kind: TypeAlias = Literal["sum", "array", "scope", "alike", "step", "chosen", "chain"]
BoxKey: TypeAlias = tuple[Any, ...]
"""What tells a box from others."""
N = TypeVar("N", bound=Any)
"""A node of a graph, or of a comparison of graphs: both have `parents`."""


class Stub(NamedTuple, Generic[N]):
    """A placeholder for nodes that are not drawn, of a graph or of a comparison.

    A stub for "operands" or "consumers" is attached to the drawn node `at`. A stub "between" is a
    node on a path from one drawn node to another; it has a stub of its own so that the arrows form
    no cycle. The stub "apart" is for nodes that are connected to no drawn node.
    """

    at: N
    side: Side


@dataclass(frozen=True, eq=False)
class FoldedBox:
    """Several nodes that are drawn as one box."""

    kind: Kind
    title: str
    nodes: tuple[Value, ...]
    """In topological order."""
    outputs: tuple[Value, ...]
    """The nodes that are used outside the box or are outputs of the graph."""
    scope: Scope
    """The frames around the box."""
    copies: int = 1
    """The number of similar parts that the box stands for."""


ArrowEnd: TypeAlias = Value | Stub[Value] | FoldedBox


class PictureArrow(NamedTuple):
    """An arrow of the picture; it stands for one edge of the graph or for several."""

    start: ArrowEnd
    end: ArrowEnd
    edges: list[Edge]


class FoldOptions(NamedTuple):
    """The options of folding; see `draw`."""

    by: Callable[[Value], str | int | None] | None = None
    depth: int | None = None
    expand: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


BY_MEANING = FoldOptions()
"""Fold sums, arrays and scopes as far as necessary."""
