"""`python -m viz`: draws a Value that a script defines, for slides that a Makefile builds."""

from __future__ import annotations

import argparse
import os
import runpy
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from autograd import Explanation, Graph, Value, record
from autograd.diagnosis.nonsmooth import Kinks
from autograd.diagnosis.postmortem import Autopsy
from autograd.graph import flatten
from autograd.system.source import of_a_library
from viz.content.highlights import DEAD, REPORTS
from viz.diagram import Diagram, draw
from viz.options import parser
from viz.page.player import Player, player
from viz.render.engine import EngineError
from viz.render.formats import check_ending

_MODULE = "chainrule_script"
"""What the script's `__name__` is."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says. Ends by SystemExit.

    >>> main(["missing.py:loss", "-o", "loss.svg"])
    Traceback (most recent call last):
    SystemExit: 2
    """
    options = parser().parse_args(arguments)
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
    except ValueError as error:
        _fail(str(error))
    names = _run(path)
    found = _find(names, name, path)
    try:
        picture = found if isinstance(found, Diagram | Player) else _picture(found, names, options)
    except (TypeError, ValueError) as error:
        _fail(str(error))
    try:
        if options.output is None:
            _print(repr(picture) if isinstance(picture, Player) else picture.text())
        elif isinstance(picture, Player):
            picture.save(options.output)
        else:
            picture.save(options.output, scale=options.scale)
    except (ValueError, OSError, EngineError) as error:
        _fail(str(error), 2 if isinstance(error, ValueError) else 1)
    raise SystemExit(0)


def _fail(message: str, status: int = 2) -> NoReturn:
    print(f"python -m viz: {message}", file=sys.stderr)
    raise SystemExit(status)


def _print(text: str) -> None:
    """Write the text to standard output, as far as it is read: `| head` may close it."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # lest the flush at exit fail, too


def _run(path: str) -> dict[str, Any]:
    """The names that a script defines; ends by SystemExit(1) if it fails."""
    sys.path[0] = str(Path(path).resolve().parent)  # in place of where `python -m` began
    sys.argv = [path]
    try:
        with record():
            return runpy.run_path(path, run_name=_MODULE)
    except SystemExit as error:
        _fail(f"{path} ended by SystemExit({error.code!r}) before it was done", 1)
    except Exception as error:
        _show_traceback(error)
        raise SystemExit(1) from None


def _show_traceback(error: Exception) -> None:
    """The traceback, from the user's code on."""
    told = traceback.TracebackException.from_exception(error)
    users = [frame for frame in told.stack if not of_a_library[frame.filename]]
    told.stack = traceback.StackSummary.from_list(users)
    lines = told.format() if users else told.format_exception_only()  # a SyntaxError in the script
    print("".join(lines), end="", file=sys.stderr, flush=True)


def _find(names: Mapping[str, Any], name: str, path: str) -> Diagram | Player | Graph:
    """What is to be drawn; ends by SystemExit(2) if there is no such name or it is no Value."""
    if name not in names:
        known = [key for key, x in names.items() if _drawable(x) is not None]
        _fail(f"{path} defines no {name!r}{_near(name, known)}")
    found = _drawable(names[name])
    if found is None:
        kind = type(names[name]).__name__
        _fail(f"{name} in {path} is of type {kind}; what can be drawn is a Value or several")
    return found


def _drawable(x: object) -> Diagram | Player | Graph | None:
    """A picture or a graph; None for what is neither and holds no Value."""
    if isinstance(x, Diagram | Player | Graph):
        return x
    try:
        nodes = list(flatten(x))
    except (TypeError, ValueError):
        return None
    return Graph(nodes) if nodes and all(isinstance(v, Value) for v in nodes) else None


def _near(name: str, known: Iterable[str]) -> str:
    """The end of a message that a name is not known: those like it, or all."""
    names = sorted({key for key in known if not key.startswith("_")})
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    if near:
        return f"; did you mean {' or '.join(map(repr, near))}?"
    return f"; there are {', '.join(map(repr, names[:10]))}" if names else ""


def _picture(
    graph: Graph, names: Mapping[str, Any], options: argparse.Namespace
) -> Diagram | Player:
    """What the options ask for. Raises what `draw` and `player` raise."""
    if options.backward or options.player:
        if len(graph.outputs) != 1:
            what = "--player" if options.player else "--backward"
            raise ValueError(f"{what} needs one output, got {len(graph.outputs)}")
        if options.backward:
            graph.output.backward()
    common = {
        "title": options.title, "direction": options.direction, "engine": options.engine,
        "timeout": options.timeout, "number_format": options.number_format,
        "fold": options.fold or not options.no_fold,
        "depth": options.depth, "expand": options.expand,
    }  # fmt: skip
    if options.max_nodes is not None:
        common["max_nodes"] = options.max_nodes
    if options.player:
        return player(graph.output, **common)
    around = None if options.around is None else _node(graph, names, options.around)
    return draw(
        graph, around=around, hops=options.hops, view=options.view, style=options.style,
        highlight=[_wanted(graph, names, what) for what in options.highlight],
        formulas=options.formulas, legend=not options.no_legend, **common,
    )  # fmt: skip


def _wanted(graph: Graph, names: Mapping[str, Any], what: str) -> object:
    """What `--highlight` names: a report, or a node, or what the script calls so."""
    if what == DEAD or what in REPORTS:
        return what
    if isinstance(names.get(what), Autopsy | Kinks | Explanation):
        return names[what]
    return _node(graph, names, what)


def _node(graph: Graph, names: Mapping[str, Any], name: str) -> Value | list[Value]:
    """The nodes of that name, else what the script calls so. Raises ValueError if there is none."""
    nodes = [v for v in graph if v.name == name]
    variables = {k: v for k, v in names.items() if isinstance(v, Value) and v in graph.index}
    if nodes or name in variables:
        return nodes or variables[name]
    known = [v.name for v in graph if v.name] + [*variables]
    raise ValueError(f"the graph has no node {name!r}{_near(name, known)}")
