"""The words about a whole picture: its caption, its subject, its description."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograd.text import wording
from autograd.text.characters import readable
from autograd.text.columns import shorten
from viz.snapshot.snapshot import NodeKind, Reference, ShownBox, Snapshot

_KINDS: dict[NodeKind, str] = {"leaf": "leaves", "constant": "constants", "operation": "operations"}
_UNNAMED = {"sum": "sum", "array": "array", "step": "group", "chain": "chain"}
_NAMED = 4  # boxes that are listed by their names; the unnamed are counted


def caption(snapshot: Snapshot) -> str:
    """A line about the part of the graph that is drawn, the moment, and data out of date."""
    lines = [_part(snapshot), shorten(readable(snapshot.moment), 100)]
    lines += [f"{snapshot.stale:,} changed since the forward pass"] if snapshot.stale else []
    return "; ".join(filter(None, lines))


def _part(snapshot: Snapshot) -> str:
    shown, count = len(snapshot.ends), snapshot.count
    if snapshot.boxes:
        boxes = sorted(snapshot.boxes, key=lambda box: box.place)
        better = "; record() and scope() fold it better" if snapshot.is_bare else ""
        return f"{count:,} nodes shown as {shown:,}, folded: {folded_parts(boxes)}{better}"
    if shown == count and not snapshot.around:
        return ""
    outputs = "the output" if len(snapshot.outputs) == 1 else "the outputs"
    centre = _named(snapshot.around) or outputs
    return f"{shown:,} of {count:,} nodes: those {snapshot.reason} {centre}"


def _named(nodes: Sequence[Reference]) -> str:
    """The labels of the first nodes, and the count of the others."""
    return wording.listed([shorten(readable(node.label), 40) for node in nodes] or [""])


def folded_parts(boxes: Sequence[ShownBox]) -> str:
    """List folded boxes in words: parts by their names, the others by their counts."""
    named = [
        shorten(readable(".".join((*box.scope, box.title))), 30)
        + (f" × {box.copies:,}" if box.copies > 1 else "")
        for box in boxes
        if box.kind not in _UNNAMED
    ]
    more = [f"{len(named) - _NAMED:,} more"] if len(named) > _NAMED else []
    counts = Counter(_UNNAMED[box.kind] for box in boxes if box.kind in _UNNAMED)
    counted = [wording.count(n, word) for word, n in counts.items()]
    return ", ".join(named[:_NAMED] + more + counted)


def subject(snapshot: Snapshot) -> str:
    """The subject of a picture in a line: the user's title, or else its outputs."""
    if snapshot.options.title:
        return readable(snapshot.options.title)
    outputs = snapshot.outputs
    names = [shorten(readable(v.name)) for v in outputs[:3] if v.name]
    if len(names) < len(outputs):
        names = [f"{len(outputs)} outputs"] if len(outputs) > 1 else []
    return f"Computation graph of {', '.join(names)}" if names else "Computation graph"


def description(snapshot: Snapshot) -> str:
    """A description of a picture for screen readers."""
    kinds = Counter(node.kind for node in snapshot.nodes)
    counts = [wording.count(kinds[k], k, plural) for k, plural in _KINDS.items()]
    outputs = [
        f"{shorten(readable(v.name or 'output'))} = {snapshot.options.number(x)}"
        for v, x in zip(snapshot.outputs[:3], snapshot.results, strict=False)
    ]
    some = any(node.grad is not None for node in snapshot.nodes)
    gradients = "with gradients" if some else "before any backward pass"
    sentences = (caption(snapshot), f"{', '.join(counts)}, {gradients}", ", ".join(outputs))
    return ". ".join(filter(None, sentences)) + "."
