"""Commands that try other numbers, on nodes of their own, and the commands that leave."""

from __future__ import annotations

import math
from collections.abc import Iterator

from autograd import wording
from autograd.debugger.branches import central_difference
from autograd.debugger.commands import COMMANDS, GROUPS, Desk, command, resolve
from autograd.debugger.screen import MARK, Styled
from autograd.debugger.views import show_position
from autograd.errors import CommandError
from autograd.events import EventLog
from autograd.ieee import real
from autograd.primitive import CONST
from autograd.value import Value

_ROWS = 20  # of `diff`


@command("set", group="changing", usage="NODE = EXPRESSION")
def set_number(desk: Desk, argument: str) -> None:
    """Give a node another number, for `rerun`: `set w = 0.5`, `set x = x + 1`.

    A leaf, a constant or the result of an operation, which then no longer depends on its operands.
    Your own nodes stay as they are.
    """
    name, equals, expression = argument.partition("=")
    if not equals or not expression.strip():
        raise CommandError("write `set NODE = NUMBER`")
    v = desk.session.names.one(name)
    if v is desk.session.user.output:
        raise CommandError(f"{name.strip()} is the output: set a node that leads to it")
    try:
        number = real(desk.session.evaluate(expression))
    except TypeError as error:
        raise CommandError(f"{expression.strip()} is no number: {error}") from None
    desk.session.changes[v] = number
    old = wording.number(v._data)
    desk.screen.line(f"{name.strip()} = {number!r} (was {old}); `rerun` computes what follows")


@command("unset", group="changing", usage="[NODE]")
def unset(desk: Desk, argument: str) -> None:
    """Take back what was set for a node, or for all; `rerun` then computes it anew."""
    changes = desk.session.changes
    if not argument.strip():
        changes.clear()
    elif changes.pop(desk.session.names.one(argument), None) is None:
        raise CommandError(f"{argument.strip()} was not set")
    desk.screen.line(f"{wording.count(len(changes), 'number')} set; `rerun` computes anew")


@command("rerun", group="changing")
def rerun(desk: Desk, argument: str) -> None:
    """Run the recorded operations again with the numbers that are set, and step through that.

    A what-if: it has nodes of its own. Code that chose with `if` is not asked again. With nothing
    set it leads back to your own graph. The position stays.
    """
    session = desk.session
    session.rerun()
    name = session.label(session.user.output)
    before, now = session.user.output._data, session.stepper.output._data
    if session.is_branch:
        changes = ", ".join(
            f"{session.label(v)} = {wording.number(x)}" for v, x in session.changes.items()
        )
        change = f"{wording.number(before)} → {wording.number(now)}"
        desk.screen.line(f"what if {changes}: {name} {change}; `diff` shows more", indent=2)
    else:
        desk.screen.line(f"back to your own graph: {name} = {wording.number(before)}")
    show_position(session, desk.screen)


@command("diff", group="changing", usage="[all]")
def diff(desk: Desk, argument: str) -> None:
    """Show what differs between your graph and the what-if: data and final gradients."""
    session = desk.session
    if not session.is_branch:
        raise CommandError("there is no what-if to compare: `set NODE = NUMBER`, then `rerun`")
    rows = list(_differences(desk))
    shown = rows if argument.strip() == "all" else rows[:_ROWS]
    if not rows:
        desk.screen.line("nothing differs")
        return
    desk.screen.table([("node", "operation", "data", "→", "grad", "→"), *shown], right=(2, 3, 4, 5))
    if len(shown) < len(rows):
        desk.screen.line(f"… and {len(rows) - len(shown):,} more; `diff all` shows them")
    first = rows[0][0]
    desk.screen.line(f"{wording.count(len(rows), 'node')} of {len(session.user.graph):,} differ, "
                     f"{first} first")  # fmt: skip


def _differences(desk: Desk) -> Iterator[tuple[str, ...]]:
    session = desk.session
    ours, theirs = session.user.events, session.stepper.events
    for v in session.user.graph.nodes:
        twin = session.counterpart(v)
        if twin is None:
            continue
        numbers = (v._data, twin._data, _final(ours, v), _final(theirs, twin))
        if not (_same(*numbers[:2]) and _same(*numbers[2:])):
            formula = session.user.graph.formula(v, session.label)
            yield (session.label(v), formula, *_pair(*numbers[:2]), *_pair(*numbers[2:]))


def _final(log: EventLog, v: Value) -> float:
    return 0.0 if v._row is CONST else log.grad(v, len(log))


def _pair(before: float, after: float) -> tuple[str, str]:
    """Both numbers, the second left out where it is the same."""
    return wording.number(before), "" if _same(before, after) else wording.number(after)


def _same(x: float, z: float) -> bool:
    return x == z or (math.isnan(x) and math.isnan(z))


@command("check", group="changing", usage="[NODE]")
def check(desk: Desk, argument: str) -> None:
    """Compare a gradient with finite differences: the node is moved a little both ways."""
    session = desk.session
    v = session.find(argument) if argument.strip() else session.changed
    if v is session.stepper.output or v._row is CONST:
        raise CommandError(f"{session.label(v)} is {'a constant' if v._row else 'the output'}")
    exact = _final(session.stepper.events, v) / (session.stepper.events.seed or 1.0)
    found = central_difference(session.graph, v)
    out, name = session.label(session.stepper.output), session.label(v)
    difference = abs(exact - found.slope)
    agrees = difference <= 1e-6 * abs(exact) + 10 * found.error
    desk.screen.line(f"∂{out}/∂{name}")
    desk.screen.line(f"  by the chain rule        {exact!r}")
    desk.screen.line(f"  by central differences   {found.slope!r} ± {found.error:.1g}")
    verdict = "they agree" if agrees else "they differ: is there a kink, a jump or an edge nearby?"
    desk.screen.line(Styled(f"  {verdict}", MARK if agrees else "red"))


@command("help", "h", "?", group="leaving", usage="[COMMAND]")
def show_help(desk: Desk, argument: str) -> None:
    """List the commands, or say all about one."""
    if argument.strip():
        found = resolve(argument.strip())
        short = f" ({', '.join(found.abbreviations)})" if found.abbreviations else ""
        desk.screen.line(Styled(f"{found.name} {found.usage}".strip(), MARK), short)
        desk.screen.text(found.help)
        return
    for group in GROUPS:
        desk.screen.line(Styled(group, MARK))
        for c in COMMANDS.values():
            if c.group == group:
                short = f" ({', '.join(c.abbreviations)})" if c.abbreviations else ""
                desk.screen.line(f"  {c.name + short:<24}{c.summary}", indent=24)
    desk.screen.line("An empty line repeats a move; the beginning of a name is enough.")


@command("quit", "q", "exit", group="leaving")
def quit_shell(desk: Desk, argument: str) -> None:
    """Leave the shell; your program goes on. Without `finish` no gradient has been written."""
    desk.leaving = "quit"


@command("kill", "k", group="leaving")
def kill(desk: Desk, argument: str) -> None:
    """Leave the shell and end the program, with exit status 1."""
    desk.leaving = "kill"
