"""Commands about breakpoints."""

from __future__ import annotations

from collections.abc import Collection

from autograd.debugger.commands import Desk, command
from autograd.errors import CommandError


@command("break", "b", group="stopping", usage="WHERE [if EXPRESSION]")
def set_breakpoint(desk: Desk, argument: str) -> None:
    """Stop where a node, an operation, a scope, a line or a condition comes up.

    WHERE is one of
      z  v7  layer0.neuron3.w[5]   a node: when it is computed, and when a contribution arrives
      mul  op mul                  an operation: its nodes, and what they send
      layer0  scope layer0         a scope, with the scopes within
      demo.py:12  line 12          a line of the source
      nan  inf  zero               a result or a gradient that is nan, infinite; a zero gradient
      |grad| > 10                  a large gradient
      if EXPRESSION                any condition: `break if local == 0 and kind == "backward"`
    An expression sees the event (kind, op, upstream, local, contribution, before, after, data,
    grad, slot, name, scope, line), every node by its name, and Python's math.
    Without WHERE the breakpoints are listed.
    """
    if not argument.strip():
        show_breakpoints(desk)
    else:
        _say(desk, desk.session.add_breakpoint(argument).number)


@command("tbreak", "tb", group="stopping", usage="WHERE [if EXPRESSION]")
def set_temporary(desk: Desk, argument: str) -> None:
    """Like break, for one stop only."""
    _say(desk, desk.session.add_breakpoint(argument, temporary=True).number)


@command("watch", "wa", group="stopping", usage="NODE")
def watch(desk: Desk, argument: str) -> None:
    """Stop whenever the data or the gradient of a node change, and say from what to what."""
    if not argument.strip():
        raise CommandError("say what to watch: `watch w`")
    _say(desk, desk.session.add_watch(argument).number)


def _say(desk: Desk, number: int) -> None:
    new = desk.session.breakpoints[number]
    desk.screen.line(f"{new.kind} {number}: {new.text}")


@command("delete", "d", "del", group="stopping", usage="[NUMBER …]")
def delete(desk: Desk, argument: str) -> None:
    """Delete breakpoints and watchpoints by their numbers; without numbers all of them."""
    known = desk.session.breakpoints
    numbers = list(known)
    if argument.strip():
        numbers = [_existing(word, known) for word in argument.replace(",", " ").split()]
    for number in dict.fromkeys(numbers):
        del known[number]
    desk.screen.line(f"deleted {', '.join(map(str, numbers))}" if numbers else "there were none")


def _existing(word: str, known: Collection[int]) -> int:
    if not word.isdecimal() or int(word) not in known:
        raise CommandError(f"there is no breakpoint {word}; `info breakpoints` lists them")
    return int(word)


def show_breakpoints(desk: Desk) -> None:
    """The breakpoints and watchpoints, with how often they stopped."""
    known = desk.session.breakpoints.values()
    if not known:
        desk.screen.line("no breakpoints")
        return
    rows = [("number", "kind", "where", "stops")]
    rows += [(str(b.number), b.kind, b.text, str(b.hits)) for b in known]
    desk.screen.table(rows, right=(3,))
