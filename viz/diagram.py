"""`draw` makes a `Diagram`: a picture of a graph, to look at in a notebook or to save."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Container, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Literal

from autograd import Graph, Value
from autograd.graph import flatten
from autograd.system.files import write_whole
from autograd.system.garbage import paused
from autograd.text.characters import readable
from viz.appearance.arguments import DRAWN, check
from viz.appearance.colours import Style, check_style, repaint
from viz.appearance.numbers import OWN, State
from viz.appearance.options import Look, View, check_view
from viz.content.as_data import structure
from viz.content.highlights import highlight as find_marks
from viz.content.plan import Plan, plan
from viz.dot.document import dot_text
from viz.layout.ladder import Picture, climb
from viz.render.engine import EngineError, EnginePath, find_engine
from viz.render.formats import PIXELS, check_ending, json_text, page, pdf, resolution
from viz.render.svg import finish, finish_plain
from viz.selection.folding import how_to_fold
from viz.text.drawing import Drawn, fitted, plain, write
from viz.text.rows import sheet
from viz.text.table import table


class Diagram:
    """A picture of a graph as it was when `draw` was called.

    In a notebook it shows itself; printed, it is the graph's table.

    >>> from autograd import Value
    >>> diagram = draw(Value(2.0, "x") ** 2)
    >>> diagram
    <Diagram of 3 nodes>
    >>> print(diagram)
    node  name  operation  data  grad
    v0    x     leaf        2.0     -
    v1          const       2.0     -
    v2          v0 ** v1    4.0     -
    """

    def __init__(
        self, dot: str, text: str, *, title: str, description: str, count: int,
        engine: EnginePath = None, timeout: float = 60.0, style: Style = "auto",
        content: Callable[[], Mapping[str, object]] = dict, drawn: Drawn | None = None,
    ) -> None:  # fmt: skip
        self.dot = repaint(dot, style)
        """The picture as DOT text: the same bytes for the same graph."""
        self._text = text
        self._title = title
        self._description = description
        self._count = count
        self._engine = engine
        self._timeout = timeout
        self._style = style
        self._facts = content
        self._drawn = drawn or (lambda width, ascii: plain(text) if ascii else text)

    def text(self, width: int | None = None, ascii: bool | None = None) -> str:
        """The picture in characters, for a terminal: a line for each node, connected by lines.

        Operands stand above what uses them (see `viz.text.drawing`). Of a comparison it is the table.

        Args:
            width: how many columns there are, from 20 on; None for those of the terminal.
            ascii: whether to do without box characters; None for whether standard output lacks any.

        Raises ValueError for a width that makes no sense.

        >>> from autograd import Value
        >>> print(draw(Value(2.0, "x") * Value(3.0, "z")).text(width=80))
                         data  grad  derivative
        ○    x              2     –
        │ ○  z              3     –
        ●─╯  v2 = x * z     6     –  ∂x 3  ∂z 2
        ○ leaf  ● operation
        """
        return fitted(self._drawn, width, ascii)

    def svg(self) -> str:
        """The picture as SVG, in light or dark colours as the reader has set.

        Raises EngineError if there is no engine, or it fails or is too slow.

        >>> from autograd import Value
        >>> draw(Value(2.0)).svg()[:4]
        '<svg'
        """
        return self._svg

    @cached_property
    def _svg(self) -> str:
        # Ids come from the content: pictures in one page do not share any, unless they are equal.
        prefix = "d" + hashlib.sha256(self.dot.encode()).hexdigest()[:10]
        picture = self._render("svg")
        said = self._description + f" ({picture.remark})" * bool(picture.remark)
        make = finish_plain if picture.plain else finish
        return make(picture.content, prefix, self._title, said, self._style)

    def _render(self, form: str, *options: str) -> Picture:
        engine = find_engine(self._engine, self._timeout)
        return climb(engine, self.dot, form, self._timeout, *options)

    def save(self, path: str | os.PathLike[str], *, scale: float = 2.0) -> Path:
        """Write the picture to a file, whole or not at all, and return its path.

        Args:
            path: its ending chooses the format: .svg, .html (a page with the picture), .png, .jpg,
                .pdf (needs vl-convert-python or a system Graphviz), .json (what the picture shows,
                see `viz.content.as_data`), .dot or .gv (DOT text), .txt (the graph's table). Missing
                folders are made.
            scale: how many pixels a .png or .jpg has for each of the SVG's, in each direction.

        Raises ValueError for another ending or scale, EngineError if the picture cannot be laid
        out or nothing makes that format, OSError if the file cannot be written.

        >>> import tempfile
        >>> from autograd import Value
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     draw(Value(2.0)).save(f"{folder}/y.html").stat().st_size > 1000
        True
        """
        return write_whole(path, self._content(Path(path).suffix.lower(), resolution(scale)))

    def _content(self, ending: str, pixels: str) -> str | bytes:
        check_ending(ending)
        texts: dict[str, Callable[[], str | bytes]]
        texts = {
            ".svg": self.svg, ".html": self._page, ".json": self._json, ".pdf": self._pdf,
            ".dot": self._dot, ".gv": self._dot, ".txt": self._table,
        }  # fmt: skip
        return texts[ending]() if ending in texts else self._pixels(ending, pixels)

    def _pixels(self, ending: str, resolution: str) -> bytes:
        return self._render(PIXELS[ending], resolution).content

    def _page(self) -> str:
        return page(self.svg(), self._title, self._style)

    def _json(self) -> str:
        return json_text(self._facts())

    def _pdf(self) -> bytes:
        return pdf(self.svg(), self.dot, self._engine, self._timeout)

    def _dot(self) -> str:
        return self.dot

    def _table(self) -> bytes:
        return f"{self}\n".encode(errors="backslashreplace")  # a name may hold half a character

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """What a notebook shows: the picture, or the table where no engine draws it."""
        bundle = {"text/plain": str(self)}
        try:
            bundle["image/svg+xml"] = self.svg()
        except EngineError as error:
            bundle["text/plain"] += f"\n\n(There is no picture: {error})"
        return {
            kind: content
            for kind, content in bundle.items()
            if (not include or kind in include) and not (exclude and kind in exclude)
        }

    def _mime_(self) -> tuple[str, str]:
        """What marimo shows: the same."""
        bundle = self._repr_mimebundle_()
        kind = "image/svg+xml" if "image/svg+xml" in bundle else "text/plain"
        return kind, bundle[kind]

    def __str__(self) -> str:
        """The graph's table."""
        return self._text

    def __repr__(self) -> str:
        """How large the graph is."""
        return f"<Diagram of {self._count:,} node{'s' * (self._count != 1)}>"


def draw(
    value: object,
    *,
    around: object = None,
    hops: int = 2,
    state: State | None = None,
    view: View = "both",
    highlight: object = None,
    formulas: bool = False,
    legend: bool = True,
    title: str | None = None,
    direction: Literal["LR", "TB"] = "LR",
    style: Style = "auto",
    max_nodes: int = DRAWN,
    fold: bool | str | Sequence[str] | Callable[[Value], str | int | None] = True,
    depth: int | None = None,
    expand: str | Sequence[str] = (),
    number_format: str = ".4g",
    engine: EnginePath = None,
    timeout: float = 60.0,
) -> Diagram:
    """Draw the graph of a Value: every node with its name, operation, data and gradient.

    Arrows go from operands to results. `∂ 3` on an arrow is its local derivative: how fast the
    result changes with that operand. Under it stands what it brings to the operand's gradient,
    `+6`: the local derivative times the gradient of the result. A gradient that has several parts
    is shown as their sum. An arrow is solid and blue where it brings something positive, dashed and
    orange where negative, grey where zero, dotted where no derivative flows (to a constant); the
    more it brings, the wider it is. Before a backward pass the local derivative counts instead.
    `grad –` says that no backward pass has reached the node, `grad 0` that the gradient is zero.
    Names with dots make frames: `layer0.neuron3.z` lies in neuron3 in layer0 (see `viz.selection.frames`).

    Around a node, only its neighbourhood is drawn. The node has a double border, and what is left
    out is counted, on the side of the operands and on that of the consumers. With a `state`, such
    as a Stepper, it is a picture of that moment: `data –` says that the number is not computed yet.

    Args:
        value: a Value, a list or an array of Values, or a Graph.
        around: a Value of the graph, or several, around which to draw.
        hops: how many steps from there to go, to operands and to consumers.
        state: where the numbers come from in place of the Values' `.data` and `.grad`. If it has an
            attribute `current`, that node is highlighted where nothing is drawn around another.
        view: "forward" for data alone, "backward" for gradients alone, with arrows from results to
            operands, or "both".
        highlight: what to point out: a Value or several, with the arrows between them; what
            `autopsy`, `kinks` or `explain` gave (where a nan was born and how far it went, where a
            derivative was a convention, through which nodes most of a gradient comes); "autopsy",
            "kinks", or "dead" for operations that pass no gradient; or a list of these.
        formulas: whether nodes and arrows say what they compute in symbols, `tanh(w·x + b)`.
        legend: whether lines and marks are explained above the picture.
        title: a heading above the picture.
        direction: "LR", from left to right, or "TB", from top to bottom.
        style: "light" or "dark"; "auto" for light that becomes dark where the reader of an SVG or a
            page prefers that; "print" for paper, in black, white and grey.
        max_nodes: how many nodes and boxes to draw at most. A larger graph is folded by meaning:
            sums, arrays, neurons, layers and parts that are alike become boxes with their formula,
            the range of their numbers and how these are spread; the caption counts both. Where
            nothing folds, or with `around`, the nearest nodes are drawn.
        fold: False to draw the nodes nearest to the outputs instead; a scope to fold, such as
            "layer0", or several; or a function from a Value to the name of the box that it lies in
            (None: in none).
        depth: fold the scopes of this depth. Where the rest is still too much, it is folded by
            meaning, as it is beside the boxes that `fold` names.
        expand: a scope to keep open in the folded picture, such as "layer0.neuron3", or several.
        number_format: how numbers are printed, as in `format(x, ".4g")`.
        engine: the path of a layout program. By default the embedded one, else a system `dot`.
        timeout: how many seconds the layout may take.

    Raises TypeError for what is not a Value and for a state that has no numbers; ValueError for a
    list of none, for `around` or a highlight outside of the graph, and for a view, a direction, a
    style, a number of nodes or steps, or a number format that makes no sense.

    >>> from autograd import Value
    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> y = x * z + x
    >>> y.backward()
    >>> diagram = draw(y)
    >>> diagram.dot.count(" -> ")
    4
    >>> print(draw(y, around=z, hops=1))
    node  name  operation  data  grad
    v1    z     leaf       3.0   2.0
    v2          v0 * v1    6.0   1.0
    2 of 4 nodes: those within 1 step of z
    """
    check(title, direction, max_nodes, number_format)
    check_style(style)
    check_view(view)
    _check_state(state, hops)
    graph = value if isinstance(value, Graph) else Graph(value)
    if not len(graph):
        raise ValueError(f"there is nothing to draw: {value!r} holds no Value")
    centre = [] if around is None else _centre(graph, around)
    state_shown = OWN if state is None else state
    how = how_to_fold(fold, depth, expand)
    margin = " " if direction == "TB" else ""
    look = Look(view, contributions=True, formulas=formulas, legend=legend, margin=margin)
    marks = find_marks(graph, highlight)
    with paused():
        planned = plan(graph, max_nodes, number_format, centre, hops, state_shown, how, marks, look)
        facts, words = structure(planned), sheet(planned, title)  # now: the numbers may change
        dot = dot_text(planned, title, direction)
    return Diagram(
        dot,
        graph.table() if _is_whole(planned, state) else table(planned),
        title=readable(title) if title else planned.subject,
        description=planned.description,
        count=len(graph),
        engine=engine,
        timeout=timeout,
        style=style,
        content=lambda: facts,
        drawn=partial(write, words),
    )


def _is_whole(planned: Plan, state: object) -> bool:
    """Whether the graph's own table says what the picture shows."""
    selection = planned.selection
    return state is None and not selection.around and not selection.folds


def _check_state(state: object, hops: object) -> None:
    if state is not None and not (isinstance(state, State) and callable(state.data)):
        raise TypeError(
            "state has the methods data(v), grad(v) and has_grad(v), as a Stepper has; "
            f"got {type(state).__name__} {state!r}"
        )
    if not isinstance(hops, int) or hops < 0:
        raise ValueError(f"hops is a whole number from 0 on, got {hops!r}")


def _centre(graph: Graph, around: object) -> list[Value]:
    """The nodes to draw around, each once."""
    centre = list(dict.fromkeys(flatten(around)))
    if not centre:
        raise ValueError(f"around is a Value or several, got {around!r}, which holds none")
    for v in centre:
        if v not in graph.index:
            raise ValueError(f"around is a Value of the graph that is drawn; {v!r} is not in it")
    return centre
