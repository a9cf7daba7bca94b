"""The command `info`: lists of leaves, breakpoints, scopes, operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from autograd.debugger.commands.context import Context
from autograd.debugger.commands.stopping import display, show_breakpoints
from autograd.debugger.session.expressions import scope_of
from autograd.debugger.session.session import Session
from autograd.errors import CommandError
from autograd.provenance import origin
from autograd.text import wording


def info(context: Context, argument: str) -> None:
    """List the leaves, the breakpoints, the scopes or the operations; else sum up the graph."""
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
        name = wording.name(v.name or "")
        rows.append((session.number(v), name, data, grad, origin(v).line))
    context.screen.table(rows, right=(2, 3))
    if len(leaves) > 200:
        context.screen.line(f"… and {len(leaves) - 200:,} more leaves")


def _info_scopes(context: Context) -> None:
    rows = [("scope", "nodes", "from", "to")]
    for path, nodes in sorted(_scope_members(context.session).items()):
        rows.append((path, str(len(nodes)), f"v{nodes[0]}", f"v{nodes[-1]}"))
    if len(rows) == 1:
        context.screen.line(no_origin(context, "scopes"), indent=2)
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


def no_origin(context: Context, what: str) -> str:
    """Return the reason why no lines or scopes are known, and what to do."""
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
