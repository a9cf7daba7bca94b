"""Commands about breakpoints, watchpoints and displays."""

from __future__ import annotations

from collections.abc import Collection

from autograd.debugger.commands.context import Context
from autograd.debugger.commands.session_view import said, show_displays
from autograd.debugger.session.breakpoints import Breakpoint
from autograd.debugger.session.expressions import Expression
from autograd.errors import CommandError
from autograd.text import wording


def set_breakpoint(context: Context, argument: str) -> None:
    """Stop at a node, an operation, a scope, a line.

    WHERE is one of
      z  v7  layer0.neuron3.w[5]  a node: computed, or given a contribution
      mul  op mul                 an operation: its nodes, and what they send
      layer0  scope layer0        a scope, with the scopes within
      demo.py:12  line 12         a line of the source
      nan  inf  zero              a nan or an infinity, a zero gradient
      |grad| > 10                 a large gradient
      if EXPRESSION               any condition: `break if local == 0`

    An expression sees the event (kind, op, upstream, local, contribution, before, after, data,
    grad, slot, name, scope, line), every node by its name, and Python's math.
    Without WHERE the breakpoints are listed.
    """
    if not argument.strip():
        show_breakpoints(context)
    else:
        _say(context, context.breakpoints.add(argument))


def set_temporary(context: Context, argument: str) -> None:
    """Like break, for one stop only."""
    _say(context, context.breakpoints.add(argument, temporary=True))


def watch(context: Context, argument: str) -> None:
    """Stop whenever a node's data or gradient changes."""
    if not argument.strip():
        raise CommandError("say what to watch: `watch w`")
    _say(context, context.breakpoints.add(argument, watch=True))


def _say(context: Context, new: Breakpoint) -> None:
    context.screen.line(f"{new.kind} {new.number}: {new.text}")


def delete(context: Context, argument: str) -> None:
    """Delete breakpoints and watchpoints, or all."""
    numbers = _numbers(argument, context.breakpoints)
    for number in numbers:
        del context.breakpoints[number]
    context.screen.line(f"deleted {', '.join(map(str, numbers))}" if numbers else "there were none")


def disable(context: Context, argument: str) -> None:
    """Let breakpoints be passed, or all, until `enable`."""
    _enable(context, argument, False)


def enable(context: Context, argument: str) -> None:
    """Let breakpoints and watchpoints stop again."""
    _enable(context, argument, True)


def _enable(context: Context, argument: str, enabled: bool) -> None:
    numbers = _numbers(argument, context.breakpoints)
    for number in numbers:
        context.breakpoints[number].enabled = enabled
    done = "enabled" if enabled else "disabled"
    context.screen.line(f"{done} {', '.join(map(str, numbers))}" if numbers else "there are none")


def _numbers(argument: str, known: Collection[int], what: str = "breakpoint") -> list[int]:
    words = argument.replace(",", " ").split()
    for word in words:
        if not word.isdecimal() or len(word) > 9 or int(word) not in known:
            called = wording.name(word)
            raise CommandError(f"there is no {what} {called}; `info {what}s` lists them")
    return list(dict.fromkeys(map(int, words)) if words else known)


def display(context: Context, argument: str) -> None:
    """Show an expression after every move: `display w.grad`."""
    session = context.session
    if not argument.strip():
        show_displays(session, context.screen) if session.displays else context.screen.line("none")
        return
    expression = Expression(argument, session.names)
    value = said(session.value(expression))
    number = max(session.displays, default=0) + 1
    session.displays[number] = expression
    context.screen.line(f"{number}: {expression.text} = {value}", indent=2)


def undisplay(context: Context, argument: str) -> None:
    """No longer show an expression after a move, or all."""
    for number in _numbers(argument, context.session.displays, "display"):
        del context.session.displays[number]


def show_breakpoints(context: Context) -> None:
    """Show the breakpoints and watchpoints, with how often each stopped."""
    known = context.breakpoints.values()
    if not known:
        context.screen.line("no breakpoints")
        return
    rows = [("number", "kind", "where", "stops")]
    for b in known:
        kind = b.kind if b.enabled else f"{b.kind}, disabled"
        rows.append((str(b.number), kind, b.text, str(b.hits)))
    context.screen.table(rows, right=(3,))
