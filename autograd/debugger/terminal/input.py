"""The sources of the shell's commands: the keyboard, a file, a list, standard input."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import BuiltinFunctionType
from typing import Any

from autograd.system.files import write_whole

_script: Lines | None = None
"""Commands for every shell of this program: those of `python -m autograd -x FILE`."""


class Lines:
    """Lines of commands. A shell leaves those that it has not read to the next one."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)

    def __iter__(self) -> Iterator[str]:
        """Yield the lines not read so far, without line ends. Raises OSError if that fails."""
        while True:
            try:
                line = next(self._lines, None)
            except (OSError, ValueError) as error:  # pytest's, a closed file's, not UTF-8
                raise OSError(f"{_NO_INPUT}; reading it gave: {error}") from error
            if line is None:
                return
            if not isinstance(line, str):
                given = f"{type(line).__name__} {line!r}"
                raise TypeError(f"a command of debug() is a string, got {given}")
            yield line.rstrip("\r\n")

    @classmethod
    def of(cls, commands: str | Path | Iterable[str] | None) -> Lines | None:
        """Return the lines given to `debug`, None for the keyboard; or raise OSError."""
        if commands is None:
            return _script or (None if _someone_types() else cls(sys.stdin))
        if not isinstance(commands, (str, Path)):
            return cls(commands)
        try:
            return cls(Path(commands).read_text(encoding="utf-8").splitlines())
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or error
            raise OSError(
                f"debug() cannot read commands from the file {str(commands)!r}: {said}; for "
                "commands themselves pass a list of them"
            ) from error


_NO_INPUT = (
    "debug() cannot read commands from standard input: pass them as commands=[...], or give it a "
    "terminal (pytest does with -s)"
)


def _someone_types() -> bool:
    """True if there is a terminal, or an `input` other than Python's own, as in a notebook."""
    try:
        is_terminal = sys.stdin.isatty()
    except (AttributeError, ValueError) as error:  # None, or closed
        raise OSError(f"{_NO_INPUT}; it is closed") from error
    return is_terminal or not isinstance(input, BuiltinFunctionType)


def use_script(lines: Iterable[str] | None) -> None:
    """Make these lines the commands of all shells of this program."""
    global _script
    _script = None if lines is None else Lines(lines)


@contextlib.contextmanager
def interactive_editing() -> Iterator[None]:
    """Set up readline, if it is there: words end at blanks, and the shell has its own history.

    The settings of before, of Python's own prompt for example, are restored at the end.
    """
    try:
        import readline
    except ImportError:
        yield
        return
    delimiters, entries = readline.get_completer_delims(), _entries(readline)
    readline.set_completer_delims(" \t\n")
    if "libedit" in (readline.__doc__ or ""):  # which does not know `tab: complete`
        readline.parse_and_bind("bind ^I rl_complete")
    _replace(readline, _load())
    try:
        yield
    finally:
        _save(_entries(readline))
        readline.set_completer_delims(delimiters)
        _replace(readline, entries)


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
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        write_whole(_history_file(), "".join(f"{entry}\n" for entry in entries[-_KEPT:]))
