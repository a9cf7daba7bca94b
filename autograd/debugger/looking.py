"""Commands that look and change nothing."""

from __future__ import annotations

import importlib.metadata
import linecache
import os
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Any

from autograd import wording
from autograd.anomalies import path_to
from autograd.debugger.commands import Desk, command
from autograd.debugger.expressions import NodeState
from autograd.debugger.screen import MARK, Row, Styled
from autograd.debugger.session import scope_members
from autograd.debugger.stopping import show_breakpoints
from autograd.debugger.views import show_list, show_node, show_position
from autograd.errors import CommandError
from autograd.paths import explain
from autograd.provenance import origin
from autograd.value import Value

_AROUND = 5  # nodes above and below the current one in `list`, lines in `source`


def _node(desk: Desk, argument: str) -> Value:
    """The node that is named; else the one that the last event changed."""
    return desk.session.find(argument) if argument.strip() else desk.session.changed


@command("where", "w", "bt", group="looking")
def where(desk: Desk, argument: str) -> None:
    """Say where the pass is, and how the node leads to the output."""
    session, screen = desk.session, desk.screen
    show_position(session, screen)
    stepper = session.stepper
    labels = [session.label(v) for v in path_to(stepper.output, session.current)]
    if len(labels) > 12:
        labels = [*labels[:6], f"({len(labels) - 12:,} more)", *labels[-6:]]
    if len(labels) > 1:
        screen.line("      to the output: ", " → ".join(labels), indent=2)
    if session.is_branch:
        changes = ", ".join(f"{session.label(v)} = {x!r}" for v, x in session.changes.items())
        screen.line(f"      what if {changes}", indent=2)


@command("print", "p", group="looking", usage="[NODE | EXPRESSION]")
def print_value(desk: Desk, argument: str) -> None:
    """Show a node as it is at this moment, or the value of a Python expression.

    In an expression a node is its number: `print w * x + b`, `print loss.grad`, `print after / 2`.
    Your own variables are known too; where a node has the same name, it is meant.
    """
    session = desk.session
    nodes = session.names.find(argument)
    if not argument.strip():
        nodes = [session.original(_node(desk, ""))]
    if nodes:
        for v in nodes[:10]:
            show_node(session, desk.screen, session.twin(v))
        if len(nodes) > 10:
            desk.screen.line(f"… and {len(nodes) - 10:,} more nodes of that name")
    else:
        _show_result(desk, session.evaluate(argument))


def _show_result(desk: Desk, result: Any) -> None:
    if isinstance(result, NodeState):
        show_node(desk.session, desk.screen, result.node)
    else:
        desk.screen.line(repr(result), indent=2)


@command("info", "i", group="looking", usage="[leaves | breakpoints | scopes | operations]")
def info(desk: Desk, argument: str) -> None:
    """List the leaves, the breakpoints, the scopes or the operations; else sum up the graph."""
    word = argument.strip() or "graph"
    views = {
        "graph": _info_graph, "leaves": _info_leaves, "breakpoints": show_breakpoints,
        "scopes": _info_scopes, "operations": _info_operations,
    }  # fmt: skip
    matching = [name for name in views if name.startswith(word)]
    if len(matching) != 1:
        raise CommandError(f"info of {', '.join(views)}, got {word!r}")
    views[matching[0]](desk)


def _info_graph(desk: Desk) -> None:
    session, stepper = desk.session, desk.session.stepper
    backward = len(stepper) - stepper.events.forward
    desk.screen.line(
        f"{session.label(stepper.output)}: {wording.count(len(session.graph), 'node')}, "
        f"{wording.count(len(session.graph.leaves), 'leaf', 'leaves')}; "
        f"{stepper.events.forward:,} forward and {wording.count(backward, 'backward event')}",
        indent=2,
    )
    state = "written to the nodes" if session.user.finished else "not written to the nodes"
    desk.screen.line(f"at {stepper.position:,}, {stepper.phase}; the gradients are {state}")


def _info_leaves(desk: Desk) -> None:
    session, stepper = desk.session, desk.session.stepper
    rows = [("node", "name", "data", "grad", "made at")]
    leaves = session.graph.leaves
    for v in leaves[:200]:
        grad = wording.number(stepper.grad(v)) if stepper.has_grad(v) else "-"
        name, line = wording.name(v.name or ""), origin(v).line
        rows.append((session.number(v), name, wording.number(v._data), grad, line))
    desk.screen.table(rows, right=(2, 3))
    if len(leaves) > 200:
        desk.screen.line(f"… and {len(leaves) - 200:,} more leaves")


def _info_scopes(desk: Desk) -> None:
    rows = [("scope", "nodes", "from", "to")]
    for path, nodes in scope_members(desk.session):
        numbers = [desk.session.user.graph.index[v] for v in nodes]
        rows.append((path, str(len(nodes)), f"v{min(numbers)}", f"v{max(numbers)}"))
    if len(rows) == 1:
        desk.screen.line(_no_origin(desk, "scopes"), indent=2)
    else:
        desk.screen.table(rows, right=(1,))


def _info_operations(desk: Desk) -> None:
    counts: dict[str, int] = {}
    for v in desk.session.graph.nodes:
        kind = v.op or "leaf"
        counts[kind] = counts.get(kind, 0) + 1
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    desk.screen.table([("operation", "nodes"), *[(k, f"{n:,}") for k, n in rows]], right=(1,))


def _no_origin(desk: Desk, what: str) -> str:
    if desk.session.has_lines:
        return f"no {what}: name them with `with autograd.scope(...)`, or use modules of nn"
    return f"no {what} are known: build the graph under `with autograd.record():`"


@command("list", "l", group="looking", usage="[NODE | FIRST,LAST]")
def list_nodes(desk: Desk, argument: str) -> None:
    """Show the Wengert list around the current node, or around another, as it stands now.

    `list z` is around z, `list 0,20` from v0 to v20. `=>` marks the node of the last event.
    """
    graph, last = desk.session.user.graph, len(desk.session.user.graph) - 1
    if "," in argument and not desk.session.names.find(argument):
        bounds = [word.strip().removeprefix("v") for word in argument.split(",", 1)]
        if not all(word.isdecimal() for word in bounds):
            raise CommandError(f"list FIRST,LAST takes two numbers, got {argument.strip()!r}")
        first, final = min(int(bounds[0]), last), min(int(bounds[1]), last)
    else:
        session = desk.session
        v = session.names.one(argument) if argument.strip() else session.original(session.current)
        first, final = graph.index[v] - _AROUND, graph.index[v] + _AROUND
    show_list(desk.session, desk.screen, max(first, 0), min(max(final, first), last))


@command("why", "y", group="looking", usage="[NODE]")
def why(desk: Desk, argument: str) -> None:
    """Explain the gradient of a node: every contribution to it, those still to come included."""
    session, screen = desk.session, desk.screen
    v, stepper = _node(desk, argument), desk.session.stepper
    out, name = session.label(stepper.output), session.label(v)
    if v.op == "const":
        raise CommandError(f"{name} is a constant: it takes no gradient")
    events = [stepper.events[n] for n in stepper.events.arrivals(v)]
    if v is stepper.output:
        screen.line(f"∂{out}/∂{out} = {wording.number(stepper.events.seed)}: the pass begins here")
    elif not events:
        screen.line(f"no derivative reaches {name}: {out} does not depend on it")
    if not events:
        return
    screen.line(Styled(f"∂{out}/∂{name}", MARK), " = the sum over its consumers:")
    rows: list[Row] = [
        ("", "consumer", "made by", f"∂{out}/∂consumer", "· local", "= part", "sum", "")
    ]
    for e in events[:50]:
        happened = e.number < stepper.position
        numbers = (e.upstream or 0.0, e.local or 0.0, e.contribution or 0.0, e.after)
        here = "=>" if e.number == stepper.position - 1 else ""
        rows.append((here, session.label(e.node), session.formula(e.node),
                     *map(wording.number, numbers), "" if happened else "to come"))  # fmt: skip
    screen.table(rows, right=(3, 4, 5, 6))
    if len(events) > 50:
        screen.line(f"… and {len(events) - 50:,} more contributions")
    total = wording.number(events[-1].after)
    screen.line(f"grad now {wording.number(stepper.grad(v))}, at the end {total}")


@command("explain", "e", group="looking", usage="[NODE]")
def explain_paths(desk: Desk, argument: str) -> None:
    """Explain the derivative to a node as the sum over all paths from it to the output."""
    desk.screen.text(str(explain(desk.session.stepper.output, _node(desk, argument))))


@command("show", "sh", group="looking", usage="[NODE] [HOPS] [> FILE]")
def show(desk: Desk, argument: str) -> None:
    """Draw the neighbourhood of a node as it is now, and open it where there is a display.

    `show z 3` takes all nodes within 3 steps; `show z > z.svg` names the file, whose ending
    chooses the format.
    """
    what, _, file = argument.partition(">")
    words = what.split()
    hops = int(words.pop()) if len(words) > 0 and words[-1].isdecimal() else 2
    v = _node(desk, " ".join(words))
    path = Path(file.strip()) if file.strip() else _temporary(desk.session.number(v))
    try:
        saved = _drawing()(desk.session.graph, v, hops, desk.session.stepper, path)
    except (OSError, ValueError, RuntimeError) as error:
        raise CommandError(f"no picture: {error}") from error
    desk.screen.line(f"drawn: {saved}")
    if desk.interactive and not file.strip() and _has_display():
        webbrowser.open(Path(saved).resolve().as_uri())


def _drawing() -> Any:
    """What draws, found as a plug-in: the engine does not know who does."""
    for found in importlib.metadata.entry_points(group="chainrule.pictures", name="neighbourhood"):
        return found.load()
    raise CommandError("nothing here draws: the package viz is not installed")


def _temporary(number: str) -> Path:
    return Path(tempfile.mkdtemp(prefix="chainrule-")) / f"{number}.svg"


def _has_display() -> bool:
    on_a_desk = sys.platform in ("darwin", "win32")
    return on_a_desk or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@command("source", "so", group="looking", usage="[NODE]")
def source(desk: Desk, argument: str) -> None:
    """Show the lines of your code around the one that made a node, and which part of it."""
    v = desk.session.find(argument) if argument.strip() else desk.session.current
    known = origin(v)
    if known.place is None:
        desk.screen.line(_no_origin(desk, "lines"), indent=2)
        return
    place, columns = known.place, known.columns
    scope = f", in scope {known.scope}" if known.scope else ""
    desk.screen.line(f"{desk.session.label(v)}, made in {place.function}, {place.short}{scope}")
    lines = linecache.getlines(place.file)
    if not lines:
        desk.screen.line("the source cannot be read")
    for number in range(max(place.line - _AROUND, 1), min(place.line + _AROUND, len(lines)) + 1):
        text, here = lines[number - 1].rstrip(), number == place.line
        mark = "=>" if here else "  "
        desk.screen.text(f"{mark}{number:5}  {text}")
        if here and columns:
            desk.screen.text(f"         {' ' * columns[0]}{'^' * max(columns[1] - columns[0], 1)}")


@command("history", "hist", group="looking", usage="[NODE]")
def history(desk: Desk, argument: str) -> None:
    """Show which backward calls made up a node's own `.grad`, as far as record() was on."""
    desk.screen.text(str(desk.session.original(_node(desk, argument)).history))
