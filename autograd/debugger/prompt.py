"""A Python prompt with the names of autograd loaded, in which nodes know their lines."""

from __future__ import annotations

import builtins
import code
import contextlib
import importlib
import linecache
import sys
import traceback
from typing import Any

from autograd.recording.observers import forget_warnings, record

# Run in the namespace of the prompt. `History` is then that of a gradient, not of a training.
_PRELUDE = """\
import numpy as np
import autograd
try:
    import nn, viz
    from nn import *
    from viz import *
except ImportError:
    pass
from autograd import *
"""
_BANNER = """\
chainrule {version} on Python {python}: all of autograd, nn, viz is loaded, and np.
    x = Value(2.0, "x"); y = x * x + x; y.name = "y"; y.backward()
    Graph(y)         its table, a line for each number
    draw(y)          its picture
    explain(y, x)    why the gradient of x is what it is
    debug(y)         steps through both passes; there, `help` lists commands"""


def open_prompt() -> int:
    """Open IPython, or Python's own prompt without it; return the exit status."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(_PRELUDE, names)
    record.always()
    try:
        return _prompt(names) if sys.stdin.isatty() else _run_stdin(names)
    finally:
        record.always(False)


def _prompt(names: dict[str, Any]) -> int:
    ipython: Any = None
    with contextlib.suppress(ImportError):
        ipython = importlib.import_module("IPython")
    if ipython is None:
        _plain(names)
    else:
        print(_banner())
        ipython.start_ipython(argv=["--no-banner", "--ext", "autograd"], user_ns=names)
    return 0


def _banner() -> str:
    from autograd import __version__

    return _BANNER.format(version=__version__, python=sys.version.split()[0])


def _run_stdin(names: dict[str, Any]) -> int:
    source = sys.stdin.read()
    linecache.cache["<stdin>"] = (len(source), None, source.splitlines(keepends=True), "<stdin>")
    try:
        exec(compile(source, "<stdin>", "exec"), names)
    except Exception:
        traceback.print_exc()
        return 1
    return 0


class _Console(code.InteractiveConsole):
    """Python's prompt, in which each input is a file of its own, so that its lines can be shown."""

    _count = 0

    def runsource(self, source: str, filename: str = "", symbol: str = "single") -> bool:
        """Run an input; return True if it is incomplete."""
        forget_warnings()
        name = f"<input {self._count + 1}>"
        lines = [f"{line}\n" for line in source.split("\n")]
        linecache.cache[name] = (len(source), None, lines, name)
        is_unfinished = super().runsource(source, name, symbol)
        if not is_unfinished:
            self._count += 1
        return is_unfinished


def _plain(names: dict[str, Any]) -> None:
    try:
        import readline
        import rlcompleter
    except ImportError:
        pass
    else:
        readline.set_completer(rlcompleter.Completer(names).complete)
        readline.parse_and_bind("tab: complete")
    sys.displayhook = _display
    try:
        _Console(names).interact(banner=_banner(), exitmsg="")
    finally:
        sys.displayhook = sys.__displayhook__


def _display(x: object) -> None:
    """Show the result of an expression; of what shows itself in a notebook, its whole text."""
    if hasattr(type(x), "_repr_mimebundle_") or hasattr(type(x), "_repr_html_"):
        builtins._ = x  # type: ignore[attr-defined]
        print(x)
    else:
        sys.__displayhook__(x)
