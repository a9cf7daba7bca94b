"""A Python prompt with the names of autograd loaded, in which nodes know their lines."""

from __future__ import annotations

import code
import linecache
import sys
import traceback
from typing import Any

from autograd.recording.observers import record

# Run in the namespace of the prompt.
_PRELUDE = """\
import numpy as np
import autograd
from autograd import *
try:
    import nn, viz
except ImportError:
    pass
"""
_BANNER = """\
chainrule {version} on Python {python}: Value, the functions of autograd, np, nn and viz are loaded.
    x = Value(2.0, "x"); y = x * x; debug(y)        steps through both passes"""


def open_prompt() -> int:
    """Open IPython, or Python's own prompt without it; return the exit status."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(_PRELUDE, names)
    with record():
        if not sys.stdin.isatty():
            return _run_stdin(names)
        try:
            from IPython import start_ipython
        except ImportError:
            _plain(names)
        else:
            print(_banner())
            start_ipython(argv=["--no-banner"], user_ns=names)
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
    _Console(names).interact(banner=_banner(), exitmsg="")
