"""`player` makes a `Player`, a page that plays a forward and a backward pass on a still picture."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from autograd import Graph, Stepper, Value
from autograd.system.files import write_whole
from autograd.text.characters import readable
from autograd.text.columns import shorten
from autograd.text.spelling import suggesting
from autograd.text.wording import count
from autograd.value import one_value
from viz.appearance.options import PLAYED, Direction, EdgeNumbers, Options, check_count
from viz.look.graph import picture, settled
from viz.look.picture import Picture
from viz.look.placing import place
from viz.page.as_data import page_data
from viz.page.boxes import BoxRanges
from viz.page.contributions import sums_of
from viz.page.html import in_iframe, page
from viz.page.picture import svg, widened
from viz.page.steps import Playback
from viz.render.engine import EnginePath
from viz.render.notebook import Kinds, mime_bundle, show
from viz.selection.choose import choose, fold_options
from viz.selection.elements import BY_MEANING, FoldOptions
from viz.selection.nearest import Selection
from viz.snapshot.take import take

_ARROWS = {"LR": 0.6, "TB": 0.4}  # inches between layers: contributions move there
_FOLDED = 60  # nodes and boxes: more of them, with their arrows, are hard to follow


class Player:
    """A page that plays the passes of an output as they were when `player` was called.

    A notebook shows it in an iframe, `show` opens it in the browser.

    >>> x = Value(2.0, "x")
    >>> player(x * x)
    <Player of 3 events on 2 nodes; .show() opens it, .save("steps.html") writes it>
    """

    def __init__(self, shown: Picture, data: dict[str, Any], svg: Callable[[Picture], str]) -> None:
        self._picture, self._float, self._svg = shown, data, svg

    def html(self) -> str:
        """Return the page, a single file that needs neither network nor server.

        Raises EngineError if there is no layout engine, it fails or is too slow, or the picture
        is too large.

        >>> player(Value(2.0, "x").exp()).html()[:15]
        '<!DOCTYPE html>'
        """
        return self._html

    @cached_property
    def _html(self) -> str:
        return page(self._float, self._svg(self._picture))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, whole or not at all, and return its path.

        Args:
            path: ends in .html or .htm. Missing folders are created.

        Raises ValueError for another ending, EngineError if the picture cannot be laid out,
        OSError if the file cannot be written.
        """
        ending = Path(path).suffix.lower()
        if ending not in (".html", ".htm"):
            raise ValueError(f"a player is saved as .html, got the ending {ending!r}")
        return write_whole(path, self.html())

    def show(self) -> None:
        """Open the page in the browser, or below the cell of a notebook; without a display say so.

        Raises EngineError as `html` does.
        """
        show(self, "steps.html")

    def _repr_mimebundle_(self, include: Kinds = None, exclude: Kinds = None) -> dict[str, str]:
        """Return the page in a frame, and a text, for a notebook."""
        title = self._float["title"]
        return mime_bundle(
            repr(self), ["text/html"], lambda: in_iframe(self.html(), title), include, exclude
        )

    def __repr__(self) -> str:
        """Return the number of steps and of nodes, and how to see them."""
        steps, drawn, nodes = len(self._float["events"]), self._float["drawn"], self._float["count"]
        if self._float["folded"]:
            size = f"{steps:,} steps on {nodes:,} nodes shown as {drawn:,}"
        else:
            size = f"{count(steps, 'event')} on {count(drawn, 'node')}"
        return f'<Player of {size}; .show() opens it, .save("steps.html") writes it>'


@suggesting
def player(
    output: Value, *,
    title: str | None = None, edges: EdgeNumbers | None = None, direction: Direction = "LR",
    max_nodes: int = PLAYED,
    fold: bool | str | Sequence[str] | Callable[[Value], str | int | None] = True,
    depth: int | None = None, expand: str | Sequence[str] = (), number_format: str = ".4g",
    engine: EnginePath = None, timeout: float = 60.0, gradient: float = 1.0,
) -> Player:  # fmt: skip
    """Play the forward and the backward pass of a Value, step by step, in a page of its own.

    The picture is laid out once and does not move; its numbers appear step by step. A step is an
    event of `autograd.Stepper`: a node is computed, or a contribution arrives at an operand. A
    click on a node shows its formula, its local derivatives and the contributions to its gradient.
    Arrows and sums are those of `draw`: a contribution appears in the step in which it arrives.

    `player(loss).save("steps.html")` writes the page; `steps.html#step=12&node=v7` opens it at a
    step, with a node chosen.

    A frame, such as `layer0.neuron3`, folds and unfolds with a click on its name or the key f (all
    of them with F); an uninterrupted run of events in a folded frame is one step. A larger graph is
    folded at first, as `draw` folds it. The page plays the engine's own events in their order, and
    stops for each box when the last node in it is done: it shows the true state at that moment, in
    which other boxes may have begun.

    Args:
        output: the Value to differentiate. The nodes' own `.grad` stays as it is.
        title: a heading above the picture.
        edges: the numbers on arrows, as in `draw`.
        direction: "LR", from left to right, or "TB", from top to bottom.
        max_nodes: the most nodes to draw. A larger graph is folded by meaning until 60 nodes and
            boxes are left, or `max_nodes` if that is less; the page says so.
        fold: False to draw of a larger graph the nodes nearest to the output, and to play the
            events that touch them; a scope to fold, such as "layer0", or several; or a function
            from a Value to the name of its box (None: in no box).
        depth: fold the scopes of this depth.
        expand: a scope, such as "layer0.neuron3", or several, to keep open in the folded picture.
        number_format: the format of the numbers in boxes, as in `format(x, ".4g")`; in sentences
            they have six digits.
        engine: the path of a layout program. By default the embedded one, else a system `dot`.
        timeout: the seconds that the layout may take.
        gradient: the gradient of the output, with which the backward pass starts.

    Raises TypeError for an object that is not a Value; ValueError for a constant and for an invalid
    direction, number of nodes or number format; StaleGraphError if a Value's data changed since the
    forward pass.

    >>> w, x = Value(2.0, "w"), Value(3.0, "x")
    >>> player(w * x + w, title="A product and a sum")
    <Player of 6 events on 4 nodes; .show() opens it, .save("steps.html") writes it>
    """
    output = one_value(output, "player")
    options = Options(
        edges=edges, legend=False, title=title, direction=direction, number_format=number_format
    )
    heading = _title(output, title)
    check_count("max_nodes", max_nodes, 1)
    how = fold_options(fold, depth, expand)
    end = Stepper(output, gradient)
    end.position = len(end)
    snapshot = take(end.graph, _choose(end.graph, max_nodes, how), options, end)
    placing = place(snapshot)
    snapshot = settled(replace(snapshot, moment=""), placing)
    playback = Playback(snapshot, end.events)
    ranges = {box: BoxRanges(playback, box) for box in snapshot.boxes}
    sums = sums_of(playback)
    shown = widened(picture(snapshot, placing), playback, ranges, sums)
    shown = replace(shown, heading=(), title=heading, rank_gap=_ARROWS[direction])
    data = page_data(playback, ranges, sums, heading)
    return Player(shown, data, partial(svg, engine=engine, timeout=timeout))


def _choose(graph: Graph, max_nodes: int, how: FoldOptions | None) -> Selection:
    """Choose the whole graph, a folded one, or a part of it."""
    by_meaning = how is not None and how._replace(expand=()) == BY_MEANING
    if by_meaning and len(graph) > max_nodes > _FOLDED:
        folded = choose(graph, _FOLDED, how)
        if folded.folds:
            return folded
    return choose(graph, max_nodes, how)


def _title(output: Value, title: str | None) -> str:
    """The title of a page: the user's, or else the name of the output."""
    if title:
        return readable(title)
    name = shorten(readable(output.name)) if output.name else "a computation"
    return f"Forward and backward through {name}"
