"""`draw` makes a `Diagram`, the picture of a graph, to show in a notebook or to save."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple, Never

from graphviz import Digraph

from autograd import Graph, Value
from autograd.graph import flatten
from autograd.system.files import write_whole
from autograd.system.garbage import paused
from autograd.text.characters import is_in_encoding
from autograd.text.spelling import refuse_unknown
from viz.appearance.options import DRAWN, Direction, EdgeNumbers, Options, Style, View, check_count
from viz.dot.document import digraph
from viz.look.graph import picture
from viz.look.picture import Picture
from viz.render.engine import EnginePath, check_size, find_engine, render
from viz.render.formats import check_ending, json_text, page, pdf, pixels, resolution
from viz.render.notebook import Kinds, mime_bundle, show
from viz.render.svg import finish
from viz.selection.choose import choose, fold_options
from viz.snapshot.as_data import structure
from viz.snapshot.highlights import Highlight
from viz.snapshot.highlights import highlight as find_marks
from viz.snapshot.numbers import OWN, State, current
from viz.snapshot.take import take
from viz.text.drawing import drawing
from viz.text.table import table

_LARGE = 10_000  # nodes, which the garbage collector would visit again and again
_NARROWEST, _PAGE = 40, 120  # columns, on a terminal and in a file


class Formats(NamedTuple):
    """The content of a diagram, as it was when it was taken, in every format."""

    picture: Callable[[], Picture]
    drawing: Callable[[int, bool], str]
    table: Callable[[], str]
    data: Callable[[], Mapping[str, object]]


class Diagram:
    """A picture of a graph as it was when `draw` was called.

    A notebook shows the picture, `show` opens it in the browser; at a prompt, and printed, it is
    drawn in characters.

    >>> from autograd import Value
    >>> diagram = draw(Value(2.0, "x") ** 2)
    >>> diagram
                         data  grad  derivative
    ○    x                  2     –
    │ ▪  constant           2
    ●─╯  v2 = x ** 2.0      4     –  ∂x 4
    ○ leaf  ▪ constant  ● operation
    >>> print(diagram.table())
    node  name  operation  data  grad
    v0    x     leaf       2.0     -
    v1          const      2.0     -
    v2          x ** 2.0   4.0     -
    """

    def __init__(
        self, formats: Formats, *,
        style: Style = "auto", engine: EnginePath = None, timeout: float = 60.0,
    ) -> None:  # fmt: skip
        self._formats = formats
        self._style: Style = style
        self._engine = engine
        self._timeout = timeout

    @cached_property
    def _picture(self) -> Picture:
        return self._formats.picture()

    def to_graphviz(self) -> Digraph:
        """Return the picture as a `graphviz.Digraph`, for a Graphviz of your own.

        >>> from autograd import Value
        >>> draw(Value(2.0, "x")).to_graphviz().name
        'chainrule'
        """
        return digraph(self._picture, self._style)

    @cached_property
    def source(self) -> str:
        """The picture as DOT text, the same for equal graphs."""
        return str(self.to_graphviz().source)

    def table(self) -> str:
        """Return the table of the nodes, a line for each; of a comparison, of those that differ."""
        return self._formats.table()

    def text(self, width: int | None = None, ascii: bool | None = None) -> str:
        """Return the picture in characters, for a terminal: a row for each node, joined by lines.

        Operands come above the nodes that use them (see `viz.text.drawing`). The text of a
        comparison is its table. `print(diagram)` prints the same.

        Args:
            width: the number of columns, from 20 on; None for that of the terminal.
            ascii: use ASCII alone; None to do so if standard output lacks a character.

        Raises ValueError for an invalid width.

        >>> from autograd import Value
        >>> print(draw(Value(2.0, "x") * Value(3.0, "z")).text(width=80))
                         data  grad  derivative
        ○    x              2     –
        │ ○  z              3     –
        ●─╯  v2 = x * z     6     –  ∂x 3  ∂z 2
        ○ leaf  ● operation
        """
        if width is None:
            width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _PAGE)
        if ascii is None:
            text = self._formats.drawing(width, False)
            ascii = not is_in_encoding(text, getattr(sys.stdout, "encoding", None))
        return self._formats.drawing(width, ascii)

    def svg(self) -> str:
        """Return the picture as SVG, with colours for light and dark mode.

        Raises EngineError if there is no engine, it fails or is too slow, or the picture is too
        large: more than 2,000 nodes and boxes, or arrows past very many others.

        >>> from autograd import Value
        >>> draw(Value(2.0)).svg()[:4]
        '<svg'
        """
        return self._svg

    @cached_property
    def _svg(self) -> str:
        # Ids derive from the content, so that different pictures in one page share none.
        content = f"{self.source}{self._style}".encode()
        prefix = "d" + hashlib.sha256(content).hexdigest()[:10]
        shown = self._picture
        check_size(shown.size)
        engine = find_engine(self._engine, self._timeout)
        svg = render(engine, self.source, "svg", self._timeout)
        return finish(svg, prefix, shown.title, shown.description, self._style)

    def save(self, path: str | os.PathLike[str], *, scale: float = 2.0) -> Path:
        """Write the picture to a file, whole or not at all, and return its path.

        Args:
            path: its ending chooses the format: .svg, .html (a page with the picture), .png, .jpg,
                .pdf (needs vl-convert-python or a system Graphviz), .json (the content of the
                picture, see `viz.snapshot.as_data`), .dot or .gv (DOT text), .txt (in characters).
                Missing folders are created.
            scale: the pixels of a .png or .jpg for each pixel of the SVG, in each direction.

        Warns of characters that a .png or .jpg shows as boxes. Raises ValueError for another ending
        or scale, EngineError if the picture cannot be laid out or converted to that format, OSError
        if the file cannot be written.

        >>> import tempfile
        >>> from autograd import Value
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     draw(Value(2.0)).save(f"{folder}/y.html").stat().st_size > 1000
        True
        """
        return write_whole(path, self._file(Path(path).suffix.lower(), scale))

    def show(self) -> None:
        """Open the picture in the browser; print it in characters where there is no display.

        In a notebook it appears below the cell. Raises EngineError as `svg` does.
        """
        show(self, "diagram.html")

    def _file(self, ending: str, scale: float) -> str | bytes:
        check_ending(ending)
        resolution(scale)
        formats: dict[str, Callable[[], str | bytes]] = {
            ".svg": self.svg,
            ".html": lambda: page(self.svg(), self._picture.title, self._style),
            ".json": lambda: json_text(self._formats.data()),
            ".pdf": lambda: pdf(self.svg(), self.source, self._engine, self._timeout),
            ".dot": lambda: self.source,
            ".gv": lambda: self.source,
            # A name may contain half of a surrogate pair.
            ".txt": lambda: f"{self.text(_PAGE, False)}\n".encode(errors="backslashreplace"),
        }
        if ending in formats:
            return formats[ending]()
        return pixels(self.svg(), self.source, ending, scale, self._engine, self._timeout)

    def _repr_mimebundle_(self, include: Kinds = None, exclude: Kinds = None) -> dict[str, str]:
        """Return the picture and the text for a notebook; the text alone without an engine."""
        kinds = ("image/svg+xml", "text/html")
        return mime_bundle(str(self), kinds, self.svg, include, exclude)

    def _mime_(self) -> tuple[str, str]:
        """Return the MIME type and the content that marimo shows."""
        return list(self._repr_mimebundle_().items())[-1]

    def __str__(self) -> str:
        """Return the picture in characters, as wide as the terminal."""
        return self.text()

    __repr__ = __str__


def draw(
    value: object, *,
    around: object = None, hops: int = 2, state: State | None = None, view: View = "both",
    highlight: object = None, formulas: bool = False, legend: bool = True, title: str | None = None,
    edges: EdgeNumbers | None = None, direction: Direction = "LR", style: Style = "auto",
    max_nodes: int | None = None,
    fold: bool | str | Sequence[str] | Callable[[Value], str | int | None] = True,
    depth: int | None = None, expand: str | Sequence[str] = (), number_format: str = ".4g",
    engine: EnginePath = None, timeout: float = 60.0, **foreign: Never,
) -> Diagram:  # fmt: skip
    """Draw the graph of a Value: every node with its name, operation, data and gradient.

    Arrows lead from operands to results. `∂ 3` on an arrow is its local derivative, the derivative
    of the result with respect to that operand. Below it is its contribution to the operand's
    gradient, `+6`: the local derivative times the gradient of the result. A gradient with several
    contributions is shown as their sum. An arrow is solid and blue for a positive contribution,
    dashed and orange for a negative one, grey for zero, and dotted if no derivative flows (to a
    constant); the larger the contribution, the wider the arrow. Before a backward pass the local
    derivative takes its place. `grad –` says that no backward pass has reached the node, `grad 0`
    that the gradient is zero. Names with dots make frames: `layer0.neuron3.z` lies in neuron3 in
    layer0 (see `viz.selection.frames`).

    With `around`, only the neighbourhood of a node is drawn. The node has a double border, and the
    other nodes are counted on the side of the operands and on that of the consumers. With a
    `state`, such as a Stepper, the picture shows that moment: `data –` says that the number is not
    computed yet.

    Args:
        value: a Value, a list or an array of Values, or a Graph.
        around: the Value or Values of the graph whose neighbourhood to draw.
        hops: the steps to go from there, to operands and to consumers.
        state: the source of the numbers, in place of the Values' `.data` and `.grad`. If it has an
            attribute `current`, that node is highlighted, unless `around` is given.
        view: "forward" for data alone, "backward" for gradients alone, with arrows from results to
            operands, or "both".
        highlight: a Value or several, which are marked with the arrows between them; a report of
            `autopsy`, `kinks` or `explain` (where a nan began and how far it spread, where a
            derivative was a convention, through which nodes most of a gradient comes); "autopsy",
            "kinks", or "dead" for operations that pass no gradient; or a list of these.
        formulas: label nodes and arrows with what they compute in symbols, `tanh(w·x + b)`.
        legend: explain lines and marks above the picture.
        title: a heading above the picture.
        edges: the numbers on arrows: "none", "local" for derivatives, "both" for contributions,
            too. By default both, but none between layers, nor on more than 150 arrows.
        direction: "LR", from left to right, or "TB", from top to bottom.
        style: "light" or "dark"; "auto" for light, or dark if the reader of an SVG or a page
            prefers that; "print" for paper, in black, white and grey.
        max_nodes: the most nodes and boxes to draw. A larger graph is folded by meaning: sums,
            arrays, neurons, layers and parts that are alike become boxes with their formula, and
            the range and distribution of their numbers; the caption counts both. Where nothing
            folds, or with `around`, the nearest nodes are drawn. By default 60; and a smaller
            graph of more than ten layers, which would be a long strip, folds its sums and chains
            unless `max_nodes`, `state`, `highlight` or `formulas` is given.
        fold: False to draw the nodes nearest to the outputs instead; a scope to fold, such as
            "layer0", or several; or a function from a Value to the name of its box (None: in no
            box).
        depth: fold the scopes of this depth. If there are still too many nodes, the rest is folded
            by meaning, as it is beside the boxes that `fold` names.
        expand: a scope, such as "layer0.neuron3", or several, to keep open in the folded picture.
        number_format: the format of numbers, as in `format(x, ".4g")`.
        engine: the path of a layout program. By default the embedded one, else a system `dot`.
        timeout: the seconds that the layout may take.
        foreign: none; another keyword is refused with what was meant.

    Raises TypeError for an object that is not a Value and for a state without numbers; ValueError
    for an empty list, for `around` or a highlight outside of the graph, and for an invalid view,
    direction, style, number of nodes or steps, or number format.

    >>> from autograd import Value
    >>> x, z = Value(2.0, "x"), Value(3.0, "z")
    >>> y = x * z + x
    >>> y.backward()
    >>> diagram = draw(y)
    >>> diagram.source.count(" -> ")
    4
    >>> print(draw(y, around=z, hops=1).table())
    node  name  operation  data  grad
    v1    z     leaf       3.0   2.0
    v2          x * z      6.0   1.0
    2 of 4 nodes: those within 1 step of z
    """
    if foreign:
        refuse_unknown(draw, foreign)
    options = Options(view, edges, formulas, legend, title, direction, number_format, style)
    most = DRAWN if max_nodes is None else max_nodes
    check_count("max_nodes", most, 1)
    _check_state(state)
    check_count("hops", hops, 0)
    graph = graph_of(value, "draw")
    centre = [] if around is None else _centre(graph, around)
    numbers = OWN if state is None else state
    how = fold_options(fold, depth, expand)
    is_plain = not formulas and max_nodes is None and state is None and highlight is None
    with paused() if len(graph) > _LARGE else nullcontext():
        selection = choose(graph, most, how, centre, hops, shorten=is_plain)
        marks = Highlight() if highlight is None else find_marks(graph, highlight)
        for v in centre or ([] if marks.kinds else current(numbers)):
            marks.add(v, "marked")
        snapshot = take(graph, selection, options, numbers, marks)
    shown = partial(picture, snapshot), partial(drawing, snapshot), partial(table, snapshot)
    formats = Formats(*shown, partial(structure, snapshot))
    return Diagram(formats, style=style, engine=engine, timeout=timeout)


def graph_of(value: object, verb: str) -> Graph:
    """Return the graph of a Value or several. Raises ValueError for none, TypeError for others."""
    graph = value if isinstance(value, Graph) else Graph(value)
    if not len(graph):
        raise ValueError(f"there is nothing to {verb}: {value!r} holds no Value")
    return graph


def _check_state(state: object) -> None:
    if state is not None and not (isinstance(state, State) and callable(state.data)):
        raise TypeError(
            "state has the methods data(v), grad(v) and has_grad(v), as a Stepper has; "
            f"got {type(state).__name__} {state!r}"
        )


def _centre(graph: Graph, around: object) -> list[Value]:
    """The nodes to draw around, each once."""
    centre = list(dict.fromkeys(flatten(around)))
    if not centre:
        raise ValueError(f"around is a Value or several, got {around!r}, which holds none")
    for v in centre:
        if v not in graph.index:
            raise ValueError(f"around is a Value of the graph that is drawn; {v!r} is not in it")
    return centre
