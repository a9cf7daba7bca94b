"""Commands that move through the forward and the backward pass."""

from __future__ import annotations

from collections.abc import Callable

from autograd.debugger.commands.context import Context
from autograd.debugger.commands.session_view import show_position
from autograd.errors import AnomalyError, CommandError, StaleGraphError
from autograd.stepping.events import Event
from autograd.text import wording
from autograd.value import Value

_START = "the start: nothing has happened yet"
_END = "the end: every event has happened; `finish` writes the gradients"


def _count(context: Context, argument: str) -> int:
    try:
        count = int(argument.strip() or 1)
    except ValueError:
        count = 0
    if count < 1:
        called = f"{wording.name(argument)!r}{_until(context, argument)}"
        raise CommandError(f"a count is a whole number from 1 on, got {called}")
    return count


def _until(context: Context, argument: str) -> str:
    """A hint, if a node is called like that."""
    is_node = context.session.names.find(argument)
    return f"; to go on to that node write `until {wording.name(argument)}`" if is_node else ""


def _can_go(context: Context, back: bool) -> bool:
    stepper = context.session.stepper
    if stepper.position != (0 if back else len(stepper)):
        return True
    context.screen.line(_START if back else _END)
    return False


def _move(
    context: Context, argument: str, move: Callable[[int], Event | None], back: bool = False
) -> None:
    count = _count(context, argument)
    if _can_go(context, back):
        move(count)
        show_position(context.session, context.screen)


def step(context: Context, argument: str) -> None:
    """Let the next event happen: a node, a contribution."""
    _move(context, argument, context.session.stepper.step)


def next_node(context: Context, argument: str) -> None:
    """Let a whole node happen, with all that it sends."""
    _move(context, argument, context.session.stepper.next)


def go_on(context: Context, argument: str) -> None:
    """Go on to the next breakpoint, or to the end."""
    if _can_go(context, back=False):
        stepper = context.session.stepper
        _run(context, range(stepper.position, len(stepper)))


def until(context: Context, argument: str) -> None:
    """Go on to a node, an operation, a nan: `until z`.

    WHERE is what `break` takes: `until op mul`, `until nan`.

    The breakpoints count as well. The same as `tbreak WHERE` and `continue`.
    """
    temporary = context.breakpoints.add(argument, temporary=True)
    try:
        go_on(context, "")
    finally:
        context.breakpoints.pop(temporary.number, None)


def reverse_step(context: Context, argument: str) -> None:
    """Undo the last event."""
    _move(context, argument, context.session.stepper.back, back=True)


def reverse_next(context: Context, argument: str) -> None:
    """Undo a whole node."""
    _move(context, argument, context.session.stepper.previous, back=True)


def reverse_continue(context: Context, argument: str) -> None:
    """Go back to the last breakpoint, or to the start."""
    if _can_go(context, back=True):
        _run(context, range(context.session.stepper.position - 2, -1, -1))


def _run(context: Context, numbers: range) -> None:
    for hit in context.breakpoints.run(numbers):
        context.screen.line(f"{hit.kind} {hit.number}: {hit.text}")
        if hit.watched is not None:
            happened = context.session.stepper.position
            was, now = (_state(context, hit.watched, n) for n in (happened - 1, happened))
            context.screen.line(f"  was {was}, is {now}", indent=2)
    show_position(context.session, context.screen)


def _state(context: Context, watched: Value, happened: int) -> str:
    v, events = context.session.twin(watched), context.session.stepper.events
    data, grad = events.data(v, happened), events.grad(v, happened)
    computed = "not computed" if data is None else f"data {data!r}"
    return f"{computed}, grad {grad!r}" if events.has_grad(v, happened) else computed


def goto(context: Context, argument: str) -> None:
    """Go to where so many events have happened.

    `goto backward` is where the forward pass is done and the backward pass begins; `goto +10` and
    `goto -10` count from here.
    """
    stepper, word, called = context.session.stepper, argument.strip(), wording.name(argument)
    places = {"start": 0, "backward": stepper.events.forward, "end": len(stepper)}
    origin = stepper.position if word[:1] in ("+", "-") else 0
    try:
        position = places[word] if word in places else origin + int(word)
    except ValueError:
        places_are = f"0 to {len(stepper)}, start, backward or end"
        got = f"{called!r}{_until(context, argument)}"
        raise CommandError(f"say where to go: {places_are}, got {got}") from None
    if not 0 <= position <= len(stepper):
        raise CommandError(f"there are positions 0 to {len(stepper)}, {called} is none of them")
    stepper.goto(position)
    show_position(context.session, context.screen)


def rewind(context: Context, argument: str) -> None:
    """Go back to before the first event. Breakpoints stay."""
    context.session.stepper.rewind()
    show_position(context.session, context.screen)


def finish(context: Context, argument: str) -> None:
    """Write the gradients to the nodes, as backward() does.

    Until then the nodes' own `.grad` stays as it was. In a what-if the user's nodes stay as they
    are. Finishing twice adds nothing.
    """
    session = context.session
    try:
        again = session.finish()
    except (AnomalyError, StaleGraphError, Warning) as error:
        raise CommandError(f"no gradient was written: {error}") from error
    where = "the nodes of this what-if" if session.is_branch else "the nodes"
    done = f"the gradients were written to {where} already" if again else f"written to {where}"
    leaves = [v for v in session.graph.leaves if v.has_grad]
    shown = ", ".join(f"{session.label(v)}.grad = {wording.number(v.grad)}" for v in leaves[:4])
    more = f" and {len(leaves) - 4:,} more (`info leaves`)" if len(leaves) > 4 else ""
    context.screen.line(f"{done}: {shown or 'no leaf takes a gradient'}{more}", indent=2)
