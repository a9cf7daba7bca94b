"""Commands that move through the passes."""

from __future__ import annotations

from collections.abc import Callable

from autograd.debugger.commands.table import Desk, command
from autograd.debugger.commands.views import show_position
from autograd.errors import AnomalyError, CommandError, StaleGraphError
from autograd.stepping.events import Event
from autograd.text import wording
from autograd.value import Value


def _count(argument: str) -> int:
    """How often: 1 unless a number is given."""
    if not argument.strip():
        return 1
    try:
        count = int(argument)
    except ValueError:
        count = 0
    if count < 1:
        given = wording.name(argument)
        raise CommandError(f"a count is a whole number from 1 on, got {given!r}")
    return count


def _at_the_end(desk: Desk) -> bool:
    stepper = desk.session.stepper
    if stepper.position < len(stepper):
        return False
    desk.screen.line("the end: every event has happened; `finish` writes the gradients")
    return True


def _at_the_start(desk: Desk) -> bool:
    if desk.session.stepper.position:
        return False
    desk.screen.line("the start: nothing has happened yet")
    return True


@command("step", "s", group="moving", usage="[COUNT]", repeats=True)
def step(desk: Desk, argument: str) -> None:
    """Let the next event happen: a node is computed, or a contribution arrives."""
    count = _count(argument)
    if not _at_the_end(desk):
        desk.session.stepper.step(count)
        show_position(desk.session, desk.screen)


@command("next", "n", group="moving", usage="[COUNT]", repeats=True)
def next_node(desk: Desk, argument: str) -> None:
    """Let a whole node happen: backward, all that it sends to its operands."""
    count = _count(argument)
    if not _at_the_end(desk):
        _whole_nodes(desk, count, desk.session.stepper.next)


def _whole_nodes(desk: Desk, count: int, move: Callable[[], Event | None]) -> None:
    stepper = desk.session.stepper
    where = stepper.position
    try:
        for _ in range(min(count, len(stepper))):
            move()
    except BaseException:  # Ctrl-C: nothing has happened
        stepper.position = where
        raise
    show_position(desk.session, desk.screen)


@command("continue", "c", "cont", group="moving", repeats=True)
def go_on(desk: Desk, argument: str) -> None:
    """Go on to the next breakpoint, or to the end."""
    if not _at_the_end(desk):
        stepper = desk.session.stepper
        _run(desk, range(stepper.position, len(stepper)))


@command("until", "u", group="moving", usage="WHERE")
def until(desk: Desk, argument: str) -> None:
    """Go on to where a breakpoint would stop, once: `until z`, `until op mul`, `until nan`.

    The breakpoints count as well. The same as `tbreak WHERE` and `continue`.
    """
    temporary = desk.session.add_breakpoint(argument, temporary=True)
    try:
        go_on(desk, "")
    finally:
        desk.session.breakpoints.pop(temporary.number, None)


@command("reverse-step", "rs", "back", group="moving", usage="[COUNT]", repeats=True)
def reverse_step(desk: Desk, argument: str) -> None:
    """Undo the last event."""
    count = _count(argument)
    if not _at_the_start(desk):
        desk.session.stepper.back(count)
        show_position(desk.session, desk.screen)


@command("reverse-next", "rn", group="moving", usage="[COUNT]", repeats=True)
def reverse_next(desk: Desk, argument: str) -> None:
    """Undo a whole node."""
    count = _count(argument)
    if not _at_the_start(desk):
        _whole_nodes(desk, count, desk.session.stepper.previous)


@command("reverse-continue", "rc", group="moving", repeats=True)
def reverse_continue(desk: Desk, argument: str) -> None:
    """Go back to the last breakpoint, or to the start."""
    if not _at_the_start(desk):
        _run(desk, range(desk.session.stepper.position - 2, -1, -1))


def _run(desk: Desk, numbers: range) -> None:
    for hit in desk.session.run(numbers):
        desk.screen.line(f"{hit.kind} {hit.number}: {hit.text}")
        if hit.watched is not None:
            happened = desk.session.stepper.position
            was, now = (_state(desk, hit.watched, n) for n in (happened - 1, happened))
            desk.screen.line(f"  was {was}, is {now}", indent=2)
    show_position(desk.session, desk.screen)


def _state(desk: Desk, watched: Value, happened: int) -> str:
    """What is watched, in words, when so many events have happened."""
    v, events = desk.session.twin(watched), desk.session.stepper.events
    data, grad = events.data(v, happened), events.grad(v, happened)
    computed = "not computed" if data is None else f"data {data!r}"
    return f"{computed}, grad {grad!r}" if events.has_grad(v, happened) else computed


@command("goto", "g", group="moving", usage="POSITION | start | backward | end")
def goto(desk: Desk, argument: str) -> None:
    """Go to where so many events have happened, at once, however far it is.

    `goto backward` is where the forward pass is done and the backward pass begins; `goto +10` and
    `goto -10` count from here.
    """
    stepper, word = desk.session.stepper, argument.strip()
    places = {"start": 0, "backward": stepper.events.forward, "end": len(stepper)}
    if word in places:
        position = places[word]
    else:
        try:
            position = int(word) + (stepper.position if word[:1] in ("+", "-") else 0)
        except ValueError:
            raise CommandError(
                f"say where to go: 0 to {len(stepper)}, start, backward or end, got "
                f"{wording.name(word)!r}"
            ) from None
    if not 0 <= position <= len(stepper):
        raise CommandError(
            f"there are positions 0 to {len(stepper)}, {wording.name(word)} is none of them"
        )
    stepper.goto(position)
    show_position(desk.session, desk.screen)


@command("rewind", "rw", group="moving")
def rewind(desk: Desk, argument: str) -> None:
    """Go back to before the first event. Breakpoints stay."""
    desk.session.stepper.rewind()
    show_position(desk.session, desk.screen)


@command("finish", "fin", group="moving")
def finish(desk: Desk, argument: str) -> None:
    """Go to the end and write the gradients to the nodes, as one backward() does.

    Until then the nodes' own `.grad` stays as it was. In a what-if the user's nodes stay as they
    are. To finish twice adds nothing.
    """
    session = desk.session
    try:
        again = session.finish()
    except (AnomalyError, StaleGraphError, Warning) as error:
        raise CommandError(f"no gradient was written: {error}") from error
    where = "the nodes of this what-if" if session.is_branch else "the nodes"
    done = f"the gradients were written to {where} already" if again else f"written to {where}"
    desk.screen.line(f"{done}: {_leaves(desk)}", indent=2)


def _leaves(desk: Desk) -> str:
    """The leaves with their gradients, some of them."""
    leaves = [v for v in desk.session.graph.leaves if v.has_grad]
    shown = ", ".join(
        f"{desk.session.label(v)}.grad = {wording.number(v.grad)}" for v in leaves[:4]
    )
    more = f" and {len(leaves) - 4:,} more (`info leaves`)" if len(leaves) > 4 else ""
    return shown + more if leaves else "no leaf takes a gradient"
