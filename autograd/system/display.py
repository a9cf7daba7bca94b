"""The place where a picture is shown: a cell of a notebook, or a browser on a display."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any


def ipython_shell() -> Any:
    """Return the running shell of IPython, which is imported then; None outside of one."""
    ipython = sys.modules.get("IPython")
    return ipython and ipython.get_ipython()


def in_notebook() -> bool:
    """Return True in the cells of a notebook, which have a kernel and no terminal."""
    return hasattr(ipython_shell(), "kernel")


def on_terminal() -> bool:
    """Return True at the prompt of IPython on a terminal."""
    return ipython_shell() is not None and not in_notebook()


def has_display() -> bool:
    """Return True where a browser can open a window."""
    on_a_desk = sys.platform in ("darwin", "win32")
    return on_a_desk or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def saved_to_open(name: str, save: Callable[[Path], Path], opens: bool = True) -> Path:
    """Save a file in a temporary folder, open it in the browser, and return its path."""
    path = save(Path(tempfile.mkdtemp(prefix="chainrule-"), name)).resolve()
    if opens:
        webbrowser.open(path.as_uri())
    return path
