"""Where in the user's source an operation is written."""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
from types import CodeType, FrameType

from autograd.compiler.tape import Place

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_NUMPY = os.path.dirname(os.path.abspath(sys.modules["numpy"].__file__ or "")) + os.sep
_LIBRARIES = (_ROOT, os.path.join(os.path.dirname(_ROOT[:-1]), "nn") + os.sep, _NUMPY)
_STANDARD = sysconfig.get_paths()["stdlib"] + os.sep
_internal: dict[CodeType, bool] = {}


def calling_frame() -> FrameType:
    """The innermost frame outside this package and NumPy: a user's, or one of `nn`."""
    frame = sys._getframe(2)
    while _is_internal(frame.f_code) and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _is_internal(code: CodeType) -> bool:
    known = _internal.get(code)
    if known is None:
        known = _internal[code] = code.co_filename.startswith((_ROOT, _NUMPY))
    return known


def place_of(frame: FrameType) -> Place:
    """The line at which a frame is."""
    code = frame.f_code
    return Place(code.co_filename, frame.f_lineno, code.co_qualname)


def users_place() -> Place | None:
    """The user's line that is being run: outside this project, NumPy and the standard library."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_of_a_library(frame.f_code.co_filename):
        frame = frame.f_back
    return None if frame is None else place_of(frame)


def _is_of_a_library(file: str) -> bool:
    is_standard = file.startswith(_STANDARD) and "site-packages" not in file
    return is_standard or file.startswith(_LIBRARIES)


def users_line() -> str:
    """The user's line with its text, for an error message."""
    place = users_place()
    return "" if place is None else shown(place)


def shown(place: Place) -> str:
    """A place with the text of its line."""
    text = linecache.getline(place.file, place.line).strip()
    where = f"{os.path.basename(place.file)}:{place.line} in {place.function}"
    return f"{where}: {text}" if text else where


def place_of_function(f: object) -> Place:
    """Where a function, or what is called like one, is written."""
    function = f if hasattr(f, "__code__") else type(f).__call__
    code = getattr(function, "__code__", None)
    if code is None:
        return Place("<built in>", 0, repr(f))
    return Place(code.co_filename, code.co_firstlineno, code.co_qualname)
