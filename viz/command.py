"""The command `python -m viz`, which draws a Value that a script defines."""

from __future__ import annotations

import argparse
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, get_args

from autograd import Explanation, Graph, Value, record
from autograd.diagnosis.autopsy_report import Autopsy
from autograd.diagnosis.kink_report import Kinks
from autograd.graph import flatten
from autograd.system.source import show_traceback
from autograd.text.spelling import hint
from viz.appearance.options import DRAWN, PLAYED, EdgeNumbers, Style, View
from viz.diagram import Diagram, draw
from viz.page.player import Player, player
from viz.render.engine import EngineError
from viz.render.formats import check_ending
from viz.snapshot.highlights import DEAD, REPORTS

_MODULE = "chainrule_script"  # the script's `__name__`
_COMMON = ("title", "edges", "direction", "engine", "timeout", "number_format", "depth", "expand")
_OF_DRAW = ("hops", "view", "style", "formulas")
_EPILOG = """\
The file runs as a module, not as a program: code under `if __name__ == "__main__"` does not run.
NAME is what it calls a Value, a list of Values, a Graph, or a picture, as from viz.diff, which is
saved as it is. The ending of the output chooses the format: .svg .html .png .jpg .pdf .json .dot
.gv .txt. Without an output the picture is drawn in characters, as wide as the terminal. The exit
status is 0; 1 if the script fails or the picture cannot be made or written; 2 if the command line
is wrong: no such file, no such name, not a Value.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; end by SystemExit.

    >>> main(["missing.py:loss", "-o", "loss.svg"])
    Traceback (most recent call last):
    SystemExit: 2
    """
    options = _parser().parse_args(arguments)
    path, _, name = options.target.rpartition(":")
    if not path or not name:
        _fail(f"the target is FILE.py:NAME, such as script.py:loss; got {options.target!r}")
    if options.player and options.output is None:
        _fail("--player makes a page: say where, with -o steps.html")
    if not Path(path).is_file():
        _fail(f"there is no file {path!r}")
    try:
        if options.output is not None:
            check_ending(Path(options.output).suffix.lower())  # before the script takes its time
        names = _run(path)
        picture = _picture(_find(names, name, path), names, options)
        if options.output is None:
            _write(repr(picture) if isinstance(picture, Player) else picture.text())
        elif isinstance(picture, Player):
            picture.save(options.output)
        else:
            picture.save(options.output, scale=options.scale)
    except (TypeError, ValueError, OSError, EngineError) as error:
        _fail(str(error), 1 if isinstance(error, OSError | EngineError) else 2)
    raise SystemExit(0)


def _fail(message: str, status: int = 2) -> NoReturn:
    print(f"python -m viz: {message}", file=sys.stderr)
    raise SystemExit(status)


def _write(text: str) -> None:
    """Print the text; a reader such as `| head` may close the pipe before the end."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # so that the flush at exit does not fail as well


def _run(path: str) -> dict[str, Any]:
    """Return the names that a script defines; end by SystemExit(1) if it fails."""
    sys.path[0] = str(Path(path).resolve().parent)  # where `python -m` put the current folder
    sys.argv = [path]
    try:
        with record():
            return runpy.run_path(path, run_name=_MODULE)
    except SystemExit as error:
        _fail(f"{path} ended by SystemExit({error.code!r}) before it was done", 1)
    except Exception as error:
        show_traceback(error)
        raise SystemExit(1) from None


def _find(names: Mapping[str, Any], name: str, path: str) -> Diagram | Player | Graph:
    """Return the object to draw; end by SystemExit(2) if there is none of that name."""
    if name not in names:
        known = [key for key, x in names.items() if key[0] != "_" and _drawable(x) is not None]
        _fail(f"{path} defines no {name!r}{hint(name, known, 9)}")
    target = _drawable(names[name])
    if target is None:
        kind = type(names[name]).__name__
        _fail(f"{name} in {path} is of type {kind}; what can be drawn is a Value or several")
    return target


def _drawable(x: object) -> Diagram | Player | Graph | None:
    """Return the picture, or the graph of the Values in `x`; None if there are none."""
    if isinstance(x, Diagram | Player | Graph):
        return x
    try:
        nodes = list(flatten(x))
    except (TypeError, ValueError):
        return None
    return Graph(nodes) if nodes and all(isinstance(v, Value) for v in nodes) else None


def _picture(
    graph: Diagram | Player | Graph, names: Mapping[str, Any], options: argparse.Namespace
) -> Diagram | Player:
    """Draw or play a graph as the options say. Raises what `draw` and `player` raise."""
    if isinstance(graph, Diagram | Player):
        return graph
    if (options.backward or options.player) and len(graph.outputs) != 1:
        option = "--player" if options.player else "--backward"
        raise ValueError(f"{option} needs one output, got {len(graph.outputs)}")
    if options.backward:
        graph.output.backward()
    common = {name: getattr(options, name) for name in _COMMON}
    common["fold"] = options.fold or not options.no_fold
    if options.max_nodes is not None:
        common["max_nodes"] = options.max_nodes
    if options.player:
        return player(graph.output, **common)
    around = None if options.around is None else _node(graph, names, options.around)
    common |= {name: getattr(options, name) for name in _OF_DRAW}
    highlight = [_highlight(graph, names, name) for name in options.highlight]
    return draw(graph, around=around, highlight=highlight, legend=not options.no_legend, **common)


def _highlight(graph: Graph, names: Mapping[str, Any], name: str) -> object:
    if name == DEAD or name in REPORTS:
        return name
    if isinstance(names.get(name), Autopsy | Kinks | Explanation):
        return names[name]
    return _node(graph, names, name)


def _node(graph: Graph, names: Mapping[str, Any], name: str) -> Value | list[Value]:
    """Return the nodes of that name, else the script's variable. Raises ValueError if none."""
    nodes = [v for v in graph if v.name == name]
    variables = {k: v for k, v in names.items() if isinstance(v, Value) and v in graph.index}
    if nodes or name in variables:
        return nodes or variables[name]
    known = dict.fromkeys([v.name for v in graph if v.name] + [*variables])
    raise ValueError(f"the graph has no node {name!r}{hint(name, known, 9)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m viz", description="Draw a Value that a script defines.", epilog=_EPILOG
    )
    add = parser.add_argument
    add("target", metavar="FILE.py:NAME", help="a Python file, and what to draw of it")
    add("-o", "--output", metavar="OUT", help="the file to write (default: draw on the terminal)")
    add("--backward", action="store_true", help="call backward() before drawing")
    add("--player", action="store_true", help="make the page that plays both passes (.html)")
    _add_selection(parser.add_argument_group("what is drawn"))
    _add_appearance(parser.add_argument_group("how it looks"))
    return parser


def _add_selection(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "--max-nodes", type=int, metavar="N",
        help=f"how many nodes and boxes at most ({DRAWN}; of a player {PLAYED})",
    )  # fmt: skip
    add("--around", metavar="NAME", help="draw around this node: its name, or the script's")
    add("--hops", type=int, default=2, metavar="N", help="how far around it (%(default)s)")
    add("--depth", type=int, metavar="N", help="fold the scopes of this depth")
    add(
        "--expand", action="append", default=[], metavar="SCOPE",
        help="keep a scope open, such as layer0.neuron3; may be repeated",
    )  # fmt: skip
    add(
        "--fold", action="append", default=[], metavar="SCOPE",
        help="fold this scope and nothing else; may be repeated",
    )  # fmt: skip
    add("--no-fold", action="store_true", help="draw the nearest nodes in place of folding")
    add(
        "--highlight", action="append", default=[], metavar="WHAT",
        help="a node, by its name or the script's, or `autopsy`, `kinks`, `dead`, or what the "
        "script calls such a report; may be repeated",
    )  # fmt: skip


def _add_appearance(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--title", help="a heading above the picture")
    add("--view", choices=get_args(View), default="both", help="which numbers (%(default)s)")
    add("--edges", choices=get_args(EdgeNumbers), help="which numbers on arrows")
    add("--style", choices=get_args(Style), default="auto", help="its colours (%(default)s)")
    add("--direction", choices=("LR", "TB"), default="LR", help="where arrows go (%(default)s)")
    add("--formulas", action="store_true", help="say what nodes and arrows compute, in symbols")
    add("--no-legend", action="store_true", help="leave the legend out")
    add("--number-format", default=".4g", metavar="SPEC", help="as in format(x, '%(default)s')")
    add("--scale", type=float, default=2.0, help="pixels of a .png for one of SVG (%(default)s)")
    add("--engine", metavar="PATH", help="a layout program in place of the embedded one")
    add("--timeout", type=float, default=60.0, metavar="S", help="seconds for it (%(default)s)")
