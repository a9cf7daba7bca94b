"""Views of a session on the screen: the last event, a node, the Wengert list."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from autograd.debugger.session.session import Session
from autograd.debugger.terminal.screen import BACKWARD, FORWARD, MARK, MUTED, Screen
from autograd.errors import CommandError
from autograd.explaining.local_derivatives import local_formula
from autograd.provenance import origin
from autograd.stepping.events import Event
from autograd.system.source import shown
from autograd.text import wording
from autograd.text.styled import Styled
from autograd.text.tables import Row
from autograd.value import Value

_INDENT = "      "
_LONGEST = 4000  # characters of a value that are shown


def show_position(session: Session, screen: Screen) -> None:
    """Show the last event in symbols and numbers, and the line that made its node."""
    event, stepper = session.stepper.event, session.stepper
    if event is None:
        operations = wording.count(stepper.events.forward, "operation")
        size = f"{operations}, {wording.count(len(stepper), 'event')}"
        screen.line(Styled("start", MARK), f" of {session.label(stepper.output)}: {size} to come")
    else:
        _show_event(session, screen, event)
    show_displays(session, screen)


def show_displays(session: Session, screen: Screen) -> None:
    """Show the expressions that `display` was given."""
    for number, expression in session.displays.items():
        try:
            value = said(session.value(expression))
        except CommandError as error:
            value = str(error)
        screen.line(f"{_INDENT}{number}: {expression.text} = {value}", indent=2)


def said(x: object) -> str:
    """Return the `repr` of a value; of a long one the beginning."""
    try:
        text = repr(x)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # it is not ours
        text = f"<{type(x).__name__} whose repr raises {type(error).__name__}: {error}>"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"


def _show_event(session: Session, screen: Screen, event: Event) -> None:
    stepper, node = session.stepper, event.node
    kind = f"{event.kind} (what if)" if session.is_branch else event.kind
    colour = FORWARD if event.operand is None else BACKWARD
    head = [f"[{stepper.position:,}/{len(stepper):,}] ", Styled(kind, colour), "  "]
    if event.operand is None:
        screen.line(*head, Styled(session.label(node), MARK), f" = {session.formula(node)}")
        plugged, result = session.graph.computed(node), wording.number(event.after)
        screen.line(f"{_INDENT}= {plugged} = ", Styled(result, MARK), indent=2)
    else:
        _show_contribution(session, screen, event, head)
    show_source(node, screen)
    if stepper.position == len(stepper):
        screen.line(Styled(f"{_INDENT}the end", MUTED))


def _show_contribution(session: Session, screen: Screen, event: Event, head: list[str]) -> None:
    node, target = session.label(event.node), session.label(event.changed)
    twice = event.node.parents.count(event.changed) > 1
    slot = f" (operand {event.slot})" if twice else ""
    screen.line(*head, Styled(f"{node} → {target}", MARK), slot)
    for line in _contribution_lines(session, event):
        screen.line(_INDENT + line, indent=2)
    change = wording.change(event.before or 0.0, event.after)
    arrivals = session.stepper.events.arrivals(event.changed)
    left = len(arrivals) - bisect_right(arrivals, event.number)
    to_come = f"  ({left} more to come)" if left else "  (complete)"
    screen.line(f"{_INDENT}grad of {target}: ", Styled(change, MARK), to_come)


def _contribution_lines(session: Session, event: Event) -> list[str]:
    """The chain rule for a contribution: in symbols, then in numbers."""
    out, node = session.label(session.stepper.output), session.label(event.node)
    derivative = f"∂{node}/∂{session.label(event.changed)}"
    formula = local_formula(event.node, event.slot or 0, session.label)
    assert event.local is not None
    upstream, local = wording.number(event.upstream or 0.0), event.local
    product = wording.number(event.contribution or 0.0)
    result = "" if formula in (f"{local:g}", str(local)) else f" = {wording.number(local)}"
    return [
        f"{derivative} = {formula}{result}",
        f"∂{out}/∂{node} · {derivative} = {upstream} · {wording.operand(local)} = {product}",
    ]


def show_source(v: Value, screen: Screen) -> None:
    """Show the line that made a node, and its scope, if they are known."""
    known = origin(v)
    if known.place is not None:
        screen.line(Styled(f"{_INDENT}{shown(known.place)}", MUTED), indent=2)
    if known.scope:
        screen.line(Styled(f"{_INDENT}in scope {known.scope}", MUTED))


def show_node(session: Session, screen: Screen, v: Value) -> None:
    """Show the operation, data, gradient and source of a node at this moment."""
    stepper, number = session.stepper, session.number(v)
    called = f"{number} {session.name(v)}".rstrip()
    screen.line(Styled(called, MARK), f" = {session.formula(v)}", indent=2)
    data = stepper.data(v)
    if data is None:
        screen.line("  data  not computed yet")
    else:
        plugged = f" = {session.graph.computed(v)}" if v.parents else ""
        screen.line(f"  data  {data!r}{plugged}", indent=2)
    screen.line(f"  grad  {_gradient(session, v)}", indent=2)
    if v.has_grad and not session.is_branch and not session.user.finished:
        screen.line(f"  its own .grad is {v.grad!r}, from before", indent=2)
    show_source(v, screen)


def _gradient(session: Session, v: Value) -> str:
    if v.op == "const":
        return "none: a constant takes no gradient"
    stepper = session.stepper
    due = stepper.events.arrivals(v)
    arrived = bisect_left(due, stepper.position)
    if v is stepper.output and not stepper.has_grad(v):
        return f"none yet: {stepper.events.seed!r} when the backward pass begins"
    if not stepper.has_grad(v):
        waiting = f"none yet: {wording.count(len(due), 'contribution')} to come"
        return waiting if due else "none: no derivative reaches it"
    some = f" ({arrived} of {len(due)} contributions)" if arrived < len(due) else ""
    return f"{stepper.grad(v)!r}{some}"


def show_list(session: Session, screen: Screen, first: int, last: int) -> None:
    """Show the Wengert list from one node to another at this moment."""
    graph = session.user.graph
    current = session.original(session.current) if session.stepper.position else None
    rows: list[Row] = [("", "node", "name", "operation", "data", "grad")]
    for v in graph.nodes[first : last + 1]:
        mark, name = "=>" if v is current else "", session.name(v)
        rows.append((mark, session.number(v), name, graph.formula(v), *_state(session, v)))
    marked = next((i for i, row in enumerate(rows) if row[0]), -1)
    screen.table(rows, right=(4, 5), marked=marked)


def _state(session: Session, v: Value) -> tuple[str, str]:
    twin, stepper = session.counterpart(v), session.stepper
    if twin is None:
        return "", ""
    data = stepper.data(twin)
    grad = wording.number(stepper.grad(twin)) if stepper.has_grad(twin) else "-"
    return "" if data is None else wording.number(data), grad
