"""The frames of a player's picture, which a reader can fold, and their content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd import Value
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.content.formulas import formula
from viz.content.plan import Plan
from viz.dot.document import drawn, frame_numbers
from viz.selection.elements import FoldedBox
from viz.selection.frames import Scope

_LABEL = 60
_KEY = 100  # letters: longer links are hard to copy


def frames_of(plan: Plan, places: Mapping[Value | FoldedBox, int]) -> list[dict[str, Any]]:
    """Return the data of each frame, an outer one before its inner ones.

    Args:
        plan: the plan of the picture.
        places: the number of each node and box in the page.

    >>> from viz.content.plan import plan
    >>> from viz.appearance.numbers import OWN
    >>> from autograd import Graph
    >>> w, x = Value(2.0, "neuron.w"), Value(3.0, "x")
    >>> y = w * x
    >>> y.name = "neuron.y"
    >>> [frame] = frames_of(plan(Graph(y), 60, ".4g", [], 0, OWN), {w: 0, x: 1, y: 2})
    >>> frame["label"], frame["units"], frame["outputs"], frame["operations"], frame["formula"]
    ('neuron', [0, 2], [2], 1, 'w·x')
    """
    scopes = drawn(plan)
    numbers = frame_numbers(scopes.values())
    depths = _shared_depths(plan, scopes)
    keys: dict[str, int] = {}
    frames = []
    for scope, number in list(numbers.items())[1:]:
        units = [unit for unit, around in scopes.items() if around[: len(scope)] == scope]
        outputs = [unit for unit in units if depths[unit] < len(scope)]
        name = ".".join(scope)
        key = keys.setdefault(name, number) == number and len(name) <= _KEY
        frames.append({
            "id": f"f{number}",
            "key": readable(name) if key else f"frame {number}",
            "label": shorten(readable(name[: 2 * _LABEL]), _LABEL),
            "title": shorten(readable(scope[-1])),
            "around": numbers[scope[:-1]] - 1,
            "units": sorted(places[unit] for unit in units),
            "outputs": sorted(places[unit] for unit in outputs),
            **_inside(plan, scope, units, outputs),
        })  # fmt: skip
    return frames


def _shared_depths(
    plan: Plan, scopes: Mapping[Value | FoldedBox, Scope]
) -> dict[Value | FoldedBox, int]:
    """The number of frames that a node or a box shares with all its consumers."""
    box = {v: fold for fold in plan.selection.folds for v in fold.nodes}
    shared: dict[Value | FoldedBox, int] = {unit: len(scope) for unit, scope in scopes.items()}
    for v in plan.graph.outputs:
        shared[box.get(v, v)] = 0
    for edge in plan.graph.edges:
        start, end = (box.get(v, v) for v in edge[:2])
        if start is not end and start in shared:
            around = scopes.get(end, plan.scopes.get(edge.result, ()))
            shared[start] = min(shared[start], _common(scopes[start], around))
    return shared


def _common(one: Scope, other: Scope) -> int:
    """The number of frames around both."""
    same = [a == b for a, b in zip(one, other, strict=False)]
    return [*same, False].index(False)


def _inside(
    plan: Plan, scope: Scope, units: list[Value | FoldedBox], outputs: list[Value | FoldedBox]
) -> dict[str, Any]:
    """The numbers of nodes and operations in a frame, and its formula."""
    place = plan.graph.index.__getitem__
    inside = [v for unit in units for v in (unit.nodes if isinstance(unit, FoldedBox) else [unit])]
    ends = [
        v for unit in outputs for v in (unit.outputs if isinstance(unit, FoldedBox) else [unit])
    ]
    inner, outer = (tuple(sorted(nodes, key=place)) for nodes in (inside, ends))
    whole = FoldedBox("scope", scope[-1], inner, outer, scope[:-1])
    return {
        "nodes": len(inside),
        "operations": sum(bool(v.parents) for v in inside),
        "formula": readable(formula(whole)) if ends else "",
    }
