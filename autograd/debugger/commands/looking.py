"""Commands that show where the pass is, nodes, expressions, sums, the source, and lists."""

from __future__ import annotations

import linecache
from collections import Counter
from collections.abc import Callable
from typing import Any

from autograd.debugger.commands.context import Context
from autograd.debugger.commands.session_view import said, show_list, show_node, show_position
from autograd.debugger.commands.stopping import display, show_breakpoints
from autograd.debugger.session.expressions import NodeState, scope_of
from autograd.debugger.session.session import Session
from autograd.debugger.terminal.screen import MARK
from autograd.errors import CommandError
from autograd.explaining.explanation import explained
from autograd.provenance import origin
from autograd.recording.ledger import History
from autograd.text import wording
from autograd.text.styled import Styled
from autograd.text.tables import Row
from autograd.value import Value

_CONTRIBUTIONS = 50  # that `why` shows
_AROUND = 5  # nodes above and below the current one in `list`, lines in `source`


def where(context: Context, argument: str) -> None:
    """Say where the pass is, and the way to the output."""
    session, screen = context.session, context.screen
    show_position(session, screen)
    labels = [session.label(v) for v in session.path(session.current)]
    if len(labels) > 12:
        labels = [*labels[:6], f"({len(labels) - 12:,} more)", *labels[-6:]]
    if len(labels) > 1:
        screen.line("      to the output: ", " → ".join(labels), indent=2)
    if session.is_branch:
        changes = ", ".join(f"{session.label(v)} = {x!r}" for v, x in session.changes.items())
        screen.line(f"      what if {changes}", indent=2)


def print_value(context: Context, argument: str) -> None:
    """Show a node at this moment, or an expression.

    In an expression a node is its number: `print w * x + b`, `print loss.grad`, `print after / 2`.
    Your own variables are known too; a node of the same name comes first.
    """
    session = context.session
    given = argument.strip()
    nodes = session.names.find(given) if given else [session.original(session.changed)]
    if nodes:
        for v in nodes[:10]:
            show_node(session, context.screen, session.twin(v))
        if len(nodes) > 10:
            context.screen.line(f"… and {len(nodes) - 10:,} more nodes of that name")
    else:
        result = _evaluated(context, argument)
        _show_result(context, result)
        is_nan = isinstance(result, float) and result != result
        if is_nan and (waiting := session.not_computed(argument)):
            context.screen.line(f"  {waiting}")


def _evaluated(context: Context, text: str) -> Any:
    try:
        return context.session.evaluate(text)
    except CommandError as error:
        if hint := context.session.names.did_you_mean(text):
            raise CommandError(f"{error}; {hint}") from error
        raise


def _show_result(context: Context, result: Any) -> None:
    session = context.session
    if isinstance(result, NodeState):
        show_node(session, context.screen, result.node)
    elif isinstance(result, Value) and session.original(result) in session.user.graph.index:
        show_node(session, context.screen, session.twin(session.original(result)))
    else:
        context.screen.line(said(result), indent=2)


def list_nodes(context: Context, argument: str) -> None:
    """Show the Wengert list as it stands here, or at a node.

    `list z` is around z, `list 0,20` from v0 to v20. Another `list` goes on from there, `list .`
    comes back. `=>` marks the node of the last event.
    """
    session, last = context.session, len(context.session.user.graph) - 1
    position, listed = session.listed
    if argument.strip() and argument.strip() != ".":
        first, final = _range(context, argument)
    elif position == session.stepper.position and not argument.strip():
        first, final = listed + 1, listed + 1 + 2 * _AROUND
    else:
        first, final = _around(context, session.original(session.current))
    if first > last:
        context.screen.line("the end of the list; `list .` shows what is around here")
        return
    final = min(max(final, first), last)
    show_list(session, context.screen, max(first, 0), final)
    session.listed = (session.stepper.position, final)


def _range(context: Context, argument: str) -> tuple[int, int]:
    names, last = context.session.names, len(context.session.user.graph) - 1
    if "," not in argument or names.find(argument):
        return _around(context, names.one(argument))
    bounds = [word.strip().removeprefix("v") for word in argument.split(",", 1)]
    if not all(word.isdecimal() and len(word) < 10 for word in bounds):
        given = wording.name(argument)
        raise CommandError(f"list FIRST,LAST takes two numbers of nodes, got {given!r}")
    return min(int(bounds[0]), last), min(int(bounds[1]), last)


def _around(context: Context, v: Value) -> tuple[int, int]:
    i = context.session.user.graph.index[v]
    return i - _AROUND, i + _AROUND


def why(context: Context, argument: str) -> None:
    """Explain a gradient: every contribution to it."""
    session, screen = context.session, context.screen
    v, stepper = context.differentiable(argument), session.stepper
    out, name = session.label(stepper.output), session.label(v)
    arrivals = stepper.events.arrivals(v)
    events = [stepper.events[n] for n in arrivals[:_CONTRIBUTIONS]]
    if v is stepper.output:
        screen.line(f"∂{out}/∂{out} = {wording.number(stepper.events.seed)}: the pass begins here")
    elif not events:
        screen.line(f"no derivative reaches {name}: {out} does not depend on it")
    if not events:
        return
    screen.line(Styled(f"∂{out}/∂{name}", MARK), " = the sum over its consumers:")
    upstream = f"∂{out}/∂consumer"
    rows: list[Row] = [("", "consumer", "made by", upstream, "· local", "= part", "sum", "")]
    for e in events:
        happened = e.number < stepper.position
        assert e.local is not None
        numbers = (e.upstream or 0.0, e.local, e.contribution or 0.0, e.after)
        here = "=>" if e.number == stepper.position - 1 else ""
        rows.append((here, session.label(e.node), session.formula(e.node),
                     *map(wording.number, numbers), "" if happened else "to come"))  # fmt: skip
    screen.table(rows, right=(3, 4, 5, 6))
    if len(arrivals) > len(events):
        screen.line(f"… and {len(arrivals) - len(events):,} more contributions")
    total = wording.number(stepper.events[arrivals[-1]].after)
    screen.line(f"grad now {wording.number(stepper.grad(v))}, at the end {total}")


def explain_paths(context: Context, argument: str) -> None:
    """Explain a derivative as the sum over all paths."""
    v = context.differentiable(argument)
    context.screen.text(str(explained(context.session.graph, v)))


def source(context: Context, argument: str) -> None:
    """Show the lines of your code that made a node."""
    session, screen = context.session, context.screen
    v = session.find(argument) if argument.strip() else session.current
    known, name = origin(v), session.label(v)
    place = known.place
    if place is None:
        unknown = f"{name} was not made under record(): its line is not known"
        screen.line(unknown if session.has_lines else _no_origin(context, "lines"), indent=2)
        return
    scope = f", in scope {known.scope}" if known.scope else ""
    screen.line(f"{name}, made in {place.function}, {place.short}{scope}")
    lines = linecache.getlines(place.file)
    if not lines:
        screen.line("the source cannot be read")
    for number in range(max(place.line - _AROUND, 1), min(place.line + _AROUND, len(lines)) + 1):
        text, here = lines[number - 1].rstrip(), number == place.line
        mark = "=>" if here else "  "
        screen.code(f"{mark}{number:5}  {text.expandtabs(4)}")
        if here and known.columns:
            start, end = (len(text[:at].expandtabs(4)) for at in known.columns)
            screen.code(f"         {' ' * start}{'^' * max(end - start, 1)}")


def history(context: Context, argument: str) -> None:
    """Show which backward calls a node's `.grad` is made of."""
    session = context.session
    v = session.original(context.node(argument))
    context.screen.text(str(History(v, session.user.graph.names)))


def info(context: Context, argument: str) -> None:
    """Sum up the graph; list leaves, scopes, breakpoints."""
    word = argument.strip() or "graph"
    matching = [name for name in TOPICS if name.startswith(word)]
    if len(matching) != 1:
        raise CommandError(f"info of {', '.join(TOPICS)}, got {wording.name(word)!r}")
    TOPICS[matching[0]](context)


def _info_graph(context: Context) -> None:
    session, stepper = context.session, context.session.stepper
    backward = len(stepper) - stepper.events.forward
    context.screen.line(
        f"{session.label(stepper.output)}: {wording.count(len(session.graph), 'node')}, "
        f"{wording.count(len(session.graph.leaves), 'leaf', 'leaves')}; "
        f"{stepper.events.forward:,} forward and {wording.count(backward, 'backward event')}",
        indent=2,
    )
    state = "written to the nodes" if session.user.finished else "not written to the nodes"
    context.screen.line(f"at {stepper.position:,}, {stepper.phase}; the gradients are {state}")


def _info_leaves(context: Context) -> None:
    session, stepper = context.session, context.session.stepper
    rows = [("node", "name", "data", "grad", "made at")]
    leaves = session.graph.leaves
    for v in leaves[:200]:
        data = wording.number(stepper.events.numbers[stepper.events.place(v)])
        grad = wording.number(stepper.grad(v)) if stepper.has_grad(v) else "-"
        rows.append((session.number(v), session.name(v), data, grad, origin(v).line))
    context.screen.table(rows, right=(2, 3))
    if len(leaves) > 200:
        context.screen.line(f"… and {len(leaves) - 200:,} more leaves")


def _info_scopes(context: Context) -> None:
    rows = [("scope", "nodes", "from", "to")]
    for path, nodes in sorted(_scope_members(context.session).items()):
        rows.append((path, str(len(nodes)), f"v{nodes[0]}", f"v{nodes[-1]}"))
    if len(rows) == 1:
        context.screen.line(_no_origin(context, "scopes"), indent=2)
    else:
        context.screen.table(rows, right=(1,))


def _scope_members(session: Session) -> dict[str, list[int]]:
    members: dict[str, list[int]] = {}
    for number, v in enumerate(session.user.graph.nodes):
        scope = scope_of(v)
        parts = scope.split(".") if scope else []
        for depth in range(1, len(parts) + 1):
            members.setdefault(".".join(parts[:depth]), []).append(number)
    return members


def _info_operations(context: Context) -> None:
    counts = Counter(v.op or "leaf" for v in context.session.graph.nodes)
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    context.screen.table([("operation", "nodes"), *[(k, f"{n:,}") for k, n in rows]], right=(1,))


def _no_origin(context: Context, what: str) -> str:
    if context.session.has_lines:
        return f"no {what}: name them with `with autograd.scope(...)`, or use modules of nn"
    return f"no {what} are known: build the graph under `with autograd.record():`"


TOPICS: dict[str, Callable[[Context], None]] = {
    "graph": _info_graph,
    "leaves": _info_leaves,
    "breakpoints": show_breakpoints,
    "watchpoints": show_breakpoints,
    "scopes": _info_scopes,
    "operations": _info_operations,
    "displays": lambda context: display(context, ""),
}
