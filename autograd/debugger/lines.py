"""Where the shell's commands come from: the keyboard, a file, a list, standard input."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

_script: Lines | None = None
"""Commands for every shell of this program: those of `python -m autograd -x FILE`."""


class Lines:
    """Lines of commands. Those that one shell leaves are there for the next."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)

    def __iter__(self) -> Iterator[str]:
        """The lines that are left, without their ends."""
        return (line.rstrip("\r\n") for line in self._lines)

    @classmethod
    def of(cls, commands: str | Path | Iterable[str] | None) -> Lines | None:
        """The lines that were given; None for the keyboard.

        Raises OSError for a file that cannot be read.
        """
        if commands is None:
            return _script or (None if sys.stdin.isatty() else cls(sys.stdin))
        if isinstance(commands, (str, Path)):
            return cls(Path(commands).read_text(encoding="utf-8").splitlines())
        return cls(commands)


def use_script(lines: Iterable[str] | None) -> None:
    """Let all shells of this program read these lines."""
    global _script
    _script = None if lines is None else Lines(lines)


@contextlib.contextmanager
def interactive_editing(complete: Callable[[str, str], list[str]]) -> Iterator[None]:
    """Completion with the tab key and a history of the shell's own, where readline is.

    What was set before, by Python's own prompt for example, is set again afterwards.

    Args:
        complete: gives what the last word of a line may become.
    """
    try:
        import readline
    except ImportError:
        yield
        return
    before = (readline.get_completer(), readline.get_completer_delims(), _entries(readline))
    readline.set_completer(_completer(readline, complete))
    readline.set_completer_delims(" \t\n")
    readline.parse_and_bind("tab: complete")
    _replace(readline, _load())
    try:
        yield
    finally:
        _save(_entries(readline))
        readline.set_completer(before[0])
        readline.set_completer_delims(before[1])
        _replace(readline, before[2])


def _completer(
    readline: Any, complete: Callable[[str, str], list[str]]
) -> Callable[[str, int], str | None]:
    found: list[str] = []

    def completer(text: str, state: int) -> str | None:
        if state == 0:
            line = readline.get_line_buffer()[: readline.get_endidx()]
            found[:] = complete(text, line)
        return found[state] if state < len(found) else None

    return completer


def _entries(readline: Any) -> list[str]:
    count = readline.get_current_history_length()
    return [readline.get_history_item(i) or "" for i in range(1, count + 1)]


def _replace(readline: Any, entries: Iterable[str]) -> None:
    readline.clear_history()
    for entry in entries:
        readline.add_history(entry)


_KEPT = 1000


def _history_file() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "chainrule" / "history"


def _load() -> list[str]:
    try:
        return _history_file().read_text(encoding="utf-8").splitlines()[-_KEPT:]
    except (OSError, ValueError, RuntimeError):  # a history is a convenience
        return []


def _save(entries: list[str]) -> None:
    from autograd.files import write_whole

    with contextlib.suppress(OSError, ValueError, RuntimeError):
        write_whole(_history_file(), "".join(f"{entry}\n" for entry in entries[-_KEPT:]))
