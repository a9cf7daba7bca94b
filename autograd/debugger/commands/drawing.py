"""The command `show`, which draws the neighbourhood of a node."""

from __future__ import annotations

import importlib.metadata
from types import SimpleNamespace
from typing import Any

from autograd.debugger.commands.context import Context
from autograd.errors import CommandError
from autograd.system.display import has_display, saved_to_open


def show(context: Context, argument: str) -> None:
    """Draw the neighbourhood of a node as it is now: a picture; in text where there is no display.

    `show z 3` takes all nodes within 3 steps; `show z text` draws in characters in any case;
    `show z > z.svg` names a file, whose ending chooses the format.
    """
    what, _, file = argument.partition(">")
    words, path = what.split(), file.strip()
    in_text = words[-1:] == ["text"] and not (path or context.session.names.find(" ".join(words)))
    words = words[:-1] if in_text else words
    hops = min(int(words.pop()[:6]), 1000) if words and words[-1].isdecimal() else 2
    v = context.node(" ".join(words))
    screen = context.screen
    draw = _drawing()
    try:
        diagram = draw(context.session.graph, around=v, hops=hops, state=_moment(context))
        if path:
            screen.line(f"drawn: {diagram.save(path)}")
        elif in_text or not has_display():
            for line in diagram.text(screen.width).split("\n"):
                screen.code(line)
        else:
            name = f"{context.session.number(v)}.svg"
            screen.line(f"drawn: {saved_to_open(name, diagram.save, context.interactive)}")
    except Exception as error:  # the plug-in's
        raise CommandError(f"no picture: {error}") from error


def _moment(context: Context) -> SimpleNamespace:
    session, s = context.session, context.session.stepper
    current = session.current if s.position else None
    return SimpleNamespace(data=s.data, grad=s.grad, has_grad=s.has_grad, current=current)


def _drawing() -> Any:
    """The function of a plug-in that draws; the engine imports no package that does."""
    for point in importlib.metadata.entry_points(group="chainrule.pictures", name="draw"):
        return point.load()
    raise CommandError("nothing here draws: install chainrule, which brings the package viz")
