"""The frames of a player's picture, which a reader can fold, and their content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd import Value
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.look.picture import frame_numbers
from viz.page.steps import Playback
from viz.selection.elements import FoldedBox
from viz.selection.frames import Scope, common
from viz.snapshot.formulas import formula
from viz.snapshot.snapshot import ShownBox

_LABEL = 60
_KEY = 100  # letters: longer links are hard to copy


def frames_of(playback: Playback, places: Mapping[Value | ShownBox, int]) -> list[dict[str, Any]]:
    """Return the data of each frame, an outer one before its inner ones.

    `places` has the number of each node and box in the page.

    >>> from autograd.stepping.events import EventLog
    >>> from viz.snapshot.take import take
    >>> w, x = Value(2.0, "neuron.w"), Value(3.0, "x")
    >>> y = w * x
    >>> y.name = "neuron.y"
    >>> log = EventLog(y)
    >>> snapshot = take(log.graph)
    >>> [frame] = frames_of(Playback(snapshot, log), {w: 0, x: 1, y: 2})
    >>> frame["label"], frame["units"], frame["outputs"], frame["operations"], frame["formula"]
    ('neuron', [0, 2], [2], 1, 'w·x')
    """
    scopes: dict[Value | ShownBox, Scope] = {box: box.scope for box in playback.snapshot.boxes}
    scopes |= {v: node.scope for v, node in playback.shown.items()}
    numbers = frame_numbers(scopes.values())
    depths = _shared_depths(playback, scopes)
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
            **_inside(playback, scope, units, outputs),
        })  # fmt: skip
    return frames


def _shared_depths(
    playback: Playback, scopes: Mapping[Value | ShownBox, Scope]
) -> dict[Value | ShownBox, int]:
    """The number of frames that a node or a box shares with all its consumers."""
    graph, box = playback.log.graph, playback.box
    shared: dict[Value | ShownBox, int] = {unit: len(scope) for unit, scope in scopes.items()}
    for v in graph.outputs:
        shared[box.get(v, v)] = 0
    for edge in graph.edges:
        start, end = (box.get(v, v) for v in edge[:2])
        if start is not end and start in shared:
            depth = len(common([scopes[start], scopes.get(end, ())]))
            shared[start] = min(shared[start], depth)
    return shared


def _inside(
    playback: Playback, scope: Scope, units: list[Value | ShownBox], outputs: list[Value | ShownBox]
) -> dict[str, Any]:
    """The numbers of nodes and operations in a frame, and its formula."""

    def values(units: list[Value | ShownBox], which: str) -> tuple[Value, ...]:
        found: list[Value] = []
        for unit in units:
            numbers = getattr(unit, which, ())
            found += [unit] if isinstance(unit, Value) else [playback.nodes[i] for i in numbers]
        return tuple(sorted(found, key=playback.log.place))

    inside, ends = values(units, "nodes"), values(outputs, "outputs")
    whole = FoldedBox("scope", scope[-1], inside, ends, scope[:-1])
    return {
        "nodes": len(inside),
        "operations": sum(bool(v.parents) for v in inside),
        "formula": readable(formula(whole)) if ends else "",
    }
