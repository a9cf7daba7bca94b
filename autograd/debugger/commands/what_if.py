"""Commands that try other numbers in a branch, and check a derivative by moving a node."""

from __future__ import annotations

from collections.abc import Iterator

from autograd.backward import cotangents_of
from autograd.debugger.commands.context import Context
from autograd.debugger.commands.session_view import show_position
from autograd.debugger.session.branches import dependents, output_of
from autograd.debugger.session.session import Session
from autograd.debugger.terminal.screen import BAD, MARK
from autograd.diagnosis.finite_differences import finite_difference
from autograd.diagnosis.kink_report import kinks
from autograd.errors import CommandError
from autograd.floats.ieee import real
from autograd.recording.ledger import same
from autograd.text import wording
from autograd.text.styled import Styled
from autograd.text.tables import Row
from autograd.value import Value

_ROWS = 20  # of `diff`


def set_number(context: Context, argument: str) -> None:
    """Give a node another number, for `rerun`: `set w = 0.5`, `set x = x + 1`.

    A leaf, a constant or the result of an operation, which then no longer depends on its operands.
    Your own nodes stay as they are.
    """
    v, name, expression = _assignment(context, argument)
    if v is context.session.user.output:
        raise CommandError(f"{name} is the output: set a node that leads to it")
    if waiting := context.session.not_computed(expression):
        raise CommandError(waiting)
    try:
        number = real(context.session.evaluate(expression))
    except (TypeError, ValueError, OverflowError) as error:
        raise CommandError(f"{wording.name(expression)} is no number: {error}") from None
    context.session.changes[v] = number
    log = context.session.user.events
    old = wording.number(log.numbers[log.place(v)])
    context.screen.line(f"{name} = {number!r} (was {old}); `rerun` computes what follows", indent=2)


def _assignment(context: Context, argument: str) -> tuple[Value, str, str]:
    names = context.session.names
    parts = argument.split("=")
    splits = [("=".join(parts[:i]), "=".join(parts[i:])) for i in range(1, len(parts))]
    called, expression = next((s for s in splits if names.find(s[0])), (splits or [("", "")])[0])
    called = called.strip()
    if called.startswith("var ") and not names.find(called):  # as in gdb
        called = called.removeprefix("var ").strip()
    if not called or not expression.strip():
        raise CommandError("write `set NODE = NUMBER`")
    return names.one(called), wording.name(called), expression


def unset(context: Context, argument: str) -> None:
    """Take back what was set for a node, or for all; `rerun` then computes it anew."""
    changes = context.session.changes
    if not argument.strip():
        changes.clear()
    elif changes.pop(context.session.names.one(argument), None) is None:
        raise CommandError(f"{wording.name(argument)} was not set")
    context.screen.line(f"{wording.count(len(changes), 'number')} set; `rerun` computes anew")


def rerun(context: Context, argument: str) -> None:
    """Run the recorded operations again with the numbers that are set, and step through that.

    A what-if: it has nodes of its own. Code that chose with `if` is not run again. With nothing
    set it leads back to your own graph. The position stays.
    """
    session = context.session
    session.rerun()
    name = session.label(session.user.output)
    before, now = (stepper.events.numbers[-1] for stepper in (session.user, session.stepper))
    if session.is_branch:
        set_to = ((session.label(v), wording.number(x)) for v, x in session.changes.items())
        changes, change = ", ".join(map(" = ".join, set_to)), wording.change(before, now)
        context.screen.line(f"what if {changes}: {name} {change}; `diff` shows more", indent=2)
    else:
        context.screen.line(f"back to your own graph: {name} = {wording.number(before)}")
    show_position(session, context.screen)


def diff(context: Context, argument: str) -> None:
    """Show what differs between your graph and the what-if: data and final gradients."""
    session = context.session
    if not session.is_branch:
        raise CommandError("there is no what-if to compare: `set NODE = NUMBER`, then `rerun`")
    differences = list(_differences(session))
    if not differences:
        context.screen.line("nothing differs")
        return
    shown = differences if argument.strip() == "all" else differences[:_ROWS]
    rows: list[Row] = []
    for v, (data, new_data, grad, new_grad) in shown:
        formula = session.user.graph.formula(v, session.label)
        numbers = *_pair(data, new_data), *_pair(grad, new_grad)
        rows.append((session.label(v), formula, *numbers))
    heading = ("node", "operation", "data", "→", "grad", "→")
    context.screen.table([heading, *rows], right=(2, 3, 4, 5))
    if len(shown) < len(differences):
        context.screen.line(f"… and {len(differences) - len(shown):,} more; `diff all` shows them")
    count = f"{wording.count(len(differences), 'node')} of {len(session.user.graph):,}"
    context.screen.line(f"{count} differ, {session.label(differences[0][0])} first")


def _differences(session: Session) -> Iterator[tuple[Value, tuple[float, float, float, float]]]:
    """The user's nodes that differ from their twins, with both data, then both final gradients."""
    ours, theirs = session.user.events, session.stepper.events
    for v in session.user.graph.nodes:
        twin = session.counterpart(v)
        if twin is not None:
            data = ours.numbers[ours.place(v)], theirs.numbers[theirs.place(twin)]
            numbers = (*data, ours.grad(v, len(ours)), theirs.grad(twin, len(theirs)))
            if not (same(*numbers[:2]) and same(*numbers[2:])):
                yield v, numbers


def _pair(before: float, after: float) -> tuple[str, str]:
    return wording.number(before), "" if same(before, after) else wording.number(after)


def check(context: Context, argument: str) -> None:
    """Compare a gradient with finite differences: the node is moved both ways, far and little."""
    session = context.session
    v = context.differentiable(argument)
    out, name = session.label(session.stepper.output), session.label(v)
    if v is session.stepper.output:
        raise CommandError(f"{name} is the output: say which node to move, such as a leaf")
    screen, log = context.screen, session.stepper.events
    exact = cotangents_of(log.output, log.graph)[v]
    measured = finite_difference(output_of(log, v), log.numbers[log.place(v)])
    verdict, cause = measured.verdict(exact)
    said = f"cannot tell: {cause}" if cause else f"they {verdict}"
    screen.line(f"∂{out}/∂{name}")
    screen.line(f"  by the chain rule        {exact!r}")
    line = f"  by central differences   {measured.slope!r} ± {measured.error:.1g}"
    screen.line(line, indent=2)
    screen.line(Styled(f"  {said}", MARK if verdict == "agree" else BAD), indent=2)
    for kink in _kinks_after(context, v):
        screen.line(Styled(f"  but {kink}", BAD), indent=2)


def _kinks_after(context: Context, v: Value) -> list[str]:
    session = context.session
    moved = {v, *dependents(session.stepper.events, v)}
    return [
        f"{session.label(k.node)} = {session.formula(k.node)} sits at a {k.kind}: derivative "
        f"{wording.number(k.left)} on the left, {wording.number(k.right)} on the right"
        for k in kinks(session.stepper.output)
        if k.node.parents[k.slot] in moved
    ][:3]
