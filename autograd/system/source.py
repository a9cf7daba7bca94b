"""Places in the user's source: the file, the line, the function and the text."""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
import traceback
import warnings
from types import CodeType, FrameType
from typing import NamedTuple

import numpy as np

from autograd.system.display import ipython_shell

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_NUMPY = os.path.dirname(os.path.abspath(np.__file__)) + os.sep
_BESIDE = tuple(os.path.join(os.path.dirname(_OURS[:-1]), p) + os.sep for p in ("nn", "viz"))
_STANDARD = sysconfig.get_paths()["stdlib"] + os.sep


class _Libraries(dict[str, bool]):
    def __missing__(self, file: str) -> bool:
        path = file if file.startswith("<") else os.path.abspath(file)
        is_standard = path.startswith((_STANDARD, "<frozen ")) and "site-packages" not in path
        self[file] = is_library = is_standard or path.startswith((_OURS, _NUMPY, *_BESIDE))
        return is_library


of_a_library = _Libraries()
"""By file: True if it is this project's, NumPy's or the standard library's."""


class Place(NamedTuple):
    """A line of the source; `gradient` marks nodes that a pass made there, not the user."""

    file: str
    line: int
    function: str
    gradient: bool = False

    @property
    def short(self) -> str:
        """The file's name and the line, `demo.py:12`; of a cell of a notebook `In [4]:1`."""
        return f"{_cell(self.file) or os.path.basename(self.file)}:{self.line}"

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}"


def _cell(file: str) -> str:
    """The prompt of the IPython cell that is compiled as this file; "" for any other file."""
    shell = ipython_shell()
    named = shell and shell.compile.format_code_name(file)  # as tracebacks have it: "In[4]"
    return named[1].replace("[", " [") if named else ""


def calling_frame() -> FrameType:
    """Return the innermost frame outside this package and NumPy: a user's, or one of `nn`."""
    frame = sys._getframe(2)
    while _is_internal[frame.f_code.co_filename] and frame.f_back is not None:
        frame = frame.f_back
    return frame


class _Internals(dict[str, bool]):
    def __missing__(self, file: str) -> bool:
        self[file] = is_internal = os.path.abspath(file).startswith((_OURS, _NUMPY))
        return is_internal


_is_internal = _Internals()


def users_frame() -> FrameType | None:
    """Return the user's innermost frame: outside this project, NumPy and the standard library."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and of_a_library[frame.f_code.co_filename]:
        frame = frame.f_back
    return frame


def place_of(frame: FrameType) -> Place:
    """Return the line at which a frame is."""
    return Place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_qualname)


def place_in(code: CodeType, instruction: int) -> tuple[Place, tuple[int, int] | None]:
    """Return the line of the instruction at an offset, and its columns if it is all on one line."""
    for i, (first, last, start, end) in enumerate(code.co_positions()):
        if i == instruction // 2:
            line = first or code.co_firstlineno
            place = Place(code.co_filename, line, code.co_qualname)
            within = first == last and start is not None and end is not None
            return place, _characters(place, start or 0, end or 0) if within else None
    return Place(code.co_filename, code.co_firstlineno, code.co_qualname), None


def _characters(place: Place, start: int, end: int) -> tuple[int, int]:
    """Convert columns to characters; Python counts them in bytes of UTF-8."""
    line = linecache.getline(place.file, place.line).encode()
    return len(line[:start].decode(errors="replace")), len(line[:end].decode(errors="replace"))


def users_place() -> Place | None:
    """Return the line of `users_frame`, which is being run."""
    frame = users_frame()
    return None if frame is None else place_of(frame)


def users_line() -> str:
    """Return the user's line with its text, for an error message."""
    place = users_place()
    return "" if place is None else shown(place)


def users_expression() -> str:
    """Return the text of the expression that the user's code is at; "" where it is not known."""
    frame = users_frame()
    if frame is None:
        return ""
    place, columns = place_in(frame.f_code, frame.f_lasti)
    line = linecache.getline(place.file, place.line)
    return line[slice(*columns)] if columns else ""


def warn(message: str, kind: type[Warning]) -> None:
    """Warn at the user's line."""
    frame = users_frame()
    if frame is None:
        warnings.warn_explicit(message, kind, "<unknown>", 1)
        return
    file, line, _, _ = place_of(frame)
    if (cell := _cell(file)) and file in linecache.cache:  # a warning shows a line of its file
        linecache.cache[cell] = linecache.cache[file]
    seen = frame.f_globals.setdefault("__warningregistry__", {})  # as `warnings.warn` does it
    module = frame.f_globals.get("__name__") or "<unknown>"
    warnings.warn_explicit(message, kind, cell or file, line, module, seen)


def text_of(place: Place) -> str:
    """Return the text of a line; "" where it cannot be read."""
    return linecache.getline(place.file, place.line).strip()


def shown(place: Place) -> str:
    """Write a place with the text of its line."""
    text = text_of(place)
    where = f"{place.short} in {place.function}"
    return f"{where}: {text}" if text else where


def show_traceback(error: BaseException) -> None:
    """Print a traceback without the frames of libraries."""
    report = traceback.TracebackException.from_exception(error)
    users = [frame for frame in report.stack if not of_a_library[frame.filename]]
    report.stack = traceback.StackSummary.from_list(users)
    lines = report.format() if users else report.format_exception_only()  # a syntax error
    print("".join(lines), end="", file=sys.stderr, flush=True)


def place_of_function(f: object) -> Place:
    """Return the first line of a function, or of the `__call__` of an object."""
    function = f if hasattr(f, "__code__") else type(f).__call__
    code = getattr(function, "__code__", None)
    if code is None:
        return Place("<built in>", 0, repr(f))
    return Place(code.co_filename, code.co_firstlineno, code.co_qualname)
