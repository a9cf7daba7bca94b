"""The layout engine: the embedded one, a program by its path, or a system `dot`.

The embedded engine is the binary of the package `graphviz-pure`, which installs no module: the
package's list of files leads to it. It is run directly, text in and picture out, because the
`graphviz` package has no timeout and chooses its program by a variable that all its users share.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from importlib import metadata
from typing import NamedTuple, TypeAlias

from viz.look.picture import Size

EMBEDDED = "graphviz-pure==0.2.2"
"""The release whose pictures the tests hold; pyproject.toml pins the same."""

EnginePath: TypeAlias = "str | os.PathLike[str] | None"

# An HTML-like label: engines built without expat, and other programs, fail on it.
_PROBE = "digraph { probe [label=<<B>bold</B>>] }"
_FIXES = (
    f"to have one, `pip install {EMBEDDED}`, or install Graphviz (its `dot` is found on the PATH), "
    "or give draw() a path: engine='/path/to/dot'. Text needs none: print(diagram), diagram.source"
)

_MOST_BOXES = 2000
_MOST_REACH = 100_000  # which `dot` lays out in 3 to 13 s, in fewer rounds
_WAYS_OUT = (
    "draw fewer nodes (fold=True or a smaller max_nodes=, expand= to open a part, around= for the "
    "neighbours of a node) or take what needs no layout: .text(), .source, save('y.json'), print"
)


class EngineError(RuntimeError):
    """A diagram could not be laid out: too large, no engine, one that fails or takes too long."""


class EngineTimeoutError(EngineError):
    """An engine takes too long."""


class Engine(NamedTuple):
    """A layout program, and the choice that led to it."""

    path: str
    origin: str
    """The choice: "explicit", "embedded" or "system"."""


def check_size(size: Size) -> None:
    """Raise EngineError for a picture that an engine would take minutes for.

    Counts decide and not the clock, so that the same picture is drawn on every machine or on none.

    >>> check_size(Size(cards=2000, reach=4000))
    """
    if size.cards > _MOST_BOXES:
        raise EngineError(
            f"{size.cards:,} nodes and boxes are too many for a layout, which takes up to "
            f"{_MOST_BOXES:,}: {_WAYS_OUT}"
        )
    if size.reach > _MOST_REACH:
        raise EngineError(
            f"the arrows between {size.cards:,} nodes and boxes cross {size.reach:,} layers, too "
            f"many for a layout, which takes up to {_MOST_REACH:,}: {_WAYS_OUT}"
        )


def find_engine(path: EnginePath = None, timeout: float = 60.0) -> Engine:
    """Choose an engine: the one given, else the embedded one, else a system `dot`.

    Args:
        path: a program that takes the options of Graphviz's `dot`, or its name on the PATH.
        timeout: seconds that it may take to draw a word, the test before it is chosen.

    Raises EngineError if there is none that draws; it names the fixes. Raises ValueError for an
    invalid timeout.
    """
    if not isinstance(timeout, int | float) or not timeout > 0:
        raise ValueError(f"timeout is a number of seconds above 0, got {timeout!r}")
    failures = []
    for engine in _candidates(path):
        try:
            _validate(engine, timeout)
            return engine
        except EngineError as error:
            failures.append(f"the {engine.origin} one: {error}")
    tried = "; ".join(failures) or "neither graphviz-pure nor a `dot` on the PATH was found"
    raise EngineError(f"there is no engine to lay out the diagram ({tried}); {_FIXES}")


def render(engine: Engine, dot: str, kind: str, timeout: float, *options: str) -> bytes:
    """Render a DOT text in one of the formats of the engine, in at most `timeout` seconds.

    Raises EngineError if the engine refuses, EngineTimeoutError if it is not done in time.
    """
    path, pipe = engine.path, subprocess.PIPE
    try:
        process = subprocess.Popen(
            [path, f"-T{kind}", "-Kdot", *options],
            stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise EngineError(f"{path} does not start: {error.strerror or error}") from error
    with process:
        try:
            picture, messages = process.communicate(dot.encode(), timeout)
        except BaseException as error:
            _kill(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise EngineTimeoutError(
                    f"{path} was not done after {timeout:g} s (timeout=): {_WAYS_OUT}"
                ) from None
            raise
    if process.returncode or not picture:
        said = " ".join(messages.decode(errors="replace").strip().splitlines()[-3:])[:500]
        code = process.returncode
        raise EngineError(f"{path} made no {kind} (exit code {code}): {said or 'no message'}")
    return picture


def _candidates(path: EnginePath) -> Iterator[Engine]:
    if path is not None:
        program = os.fspath(path)
        yield Engine(shutil.which(program) or program, "explicit")
        return
    if embedded := _embedded():
        yield Engine(embedded, "embedded")
    if system := shutil.which("dot"):
        yield Engine(system, "system")


def _embedded() -> str | None:
    """The path of the embedded engine, in the folder for programs of its environment."""
    try:
        files = metadata.files("graphviz-pure") or []
    except metadata.PackageNotFoundError:
        return None
    programs = [file for file in files if file.stem == "graphviz-pure" and not file.suffix[4:]]
    paths = (p.locate() for p in programs if p.parent.name in ("bin", "Scripts"))
    return next((os.path.normpath(str(path)) for path in paths), None)


@lru_cache(maxsize=32)
def _validate(engine: Engine, timeout: float) -> None:
    if b">bold</text>" not in render(engine, _PROBE, "svg", timeout):
        raise EngineError(f"{engine.path} does not draw: what it returned is no SVG of its input")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the engine and its child processes, which would keep the pipes open."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
