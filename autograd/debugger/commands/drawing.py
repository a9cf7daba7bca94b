"""The command `show`, which draws the neighbourhood of a node."""

from __future__ import annotations

import importlib.metadata
import os
import sys
import tempfile
import webbrowser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from autograd.debugger.commands.context import Context
from autograd.errors import CommandError
from autograd.value import Value


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
    if in_text or not (path or _has_display()):
        text = _drawn(context, "text", v, hops, screen.width, screen.out.encoding or "utf-8")
        for line in text.split("\n"):
            screen.code(line)
        return
    folder = "" if path else tempfile.mkdtemp(prefix="chainrule-")
    target = Path(folder, path or f"{context.session.number(v)}.svg")
    saved = _drawn(context, "neighbourhood", v, hops, target)
    screen.line(f"drawn: {saved}")
    if context.interactive and not path:
        webbrowser.open(Path(saved).resolve().as_uri())


def _drawn(context: Context, kind: str, v: Value, hops: int, *target: object) -> Any:
    session, s = context.session, context.session.stepper
    current = session.current if s.position else None
    moment = SimpleNamespace(data=s.data, grad=s.grad, has_grad=s.has_grad, current=current)
    try:
        return _drawing(kind)(session.graph, v, hops, moment, *target)
    except CommandError:
        raise
    except Exception as error:  # the plug-in's
        raise CommandError(f"no picture: {error}") from error


def _drawing(kind: str) -> Any:
    """The function of a plug-in that draws; the engine imports no package that does."""
    for point in importlib.metadata.entry_points(group="chainrule.pictures", name=kind):
        return point.load()
    raise CommandError("nothing here draws: install chainrule, which brings the package viz")


def _has_display() -> bool:
    on_a_desk = sys.platform in ("darwin", "win32")
    return on_a_desk or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
