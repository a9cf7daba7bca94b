"""Arrays and what they are about in a safetensors file, written whole or not at all.

A file is read with suspicion: what it claims is there to be checked before any array is read, and
the arrays have a digest. The format is https://huggingface.co/docs/safetensors; what the arrays are
about is JSON, in the one entry `chainrule` of its metadata.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from autograd.system.files import write_whole
from autograd.text import wording
from autograd.text.characters import readable

Arrays = dict[str, NDArray[Any]]
Shapes = dict[str, tuple[int, ...]]
FORMAT = "chainrule 2"
_ENTRY = "chainrule"
_PARTS = ("model.", "optimizer.", "history.", "run.")
_MOST_HEADER = 8 << 20  # bytes: some 80,000 arrays
_MOST_ABOUT = 1 << 20
_BYTES = 8  # of a number
_MOST = 1 << 30  # a hundred million Values would not fit into memory


def write(path: str | os.PathLike[str], arrays: Mapping[str, Any], about: dict[str, Any]) -> Path:
    """Write arrays of float64 and int64.

    Raises OSError, naming the path, if that fails; ValueError for names that cannot be written.
    """
    contiguous = {name: np.asarray(a, order="C") for name, a in arrays.items()}
    about = about | {"format": FORMAT}
    about["digest"] = _digest(contiguous, about)
    try:
        content = save(contiguous, {_ENTRY: json.dumps(about, allow_nan=False)})
    except UnicodeEncodeError as error:
        raise ValueError(f"cannot save what is called {error.object!a:.60}: no text") from None
    if int.from_bytes(content[:8], "little") > _MOST_HEADER:
        raise ValueError(f"cannot save {len(arrays):,} arrays: their names are too long together")
    return write_whole(path, content)


def read(
    path: str | os.PathLike[str],
    check: Callable[[Shapes, dict[str, Any]], None] = lambda shapes, about: None,
) -> tuple[Arrays, dict[str, Any]]:
    """Read what `write` wrote, once `check` has let its claims pass.

    Raises ValueError, naming the path, for a file that is anything else, OSError if it cannot be
    read.
    """
    name = readable(os.fsdecode(path)) if not isinstance(path, int) else path
    if isinstance(path, int) or not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError(f"{name} is no file")
    with open(path, "rb") as file:
        try:
            shapes, about, begin = _header(file, os.fstat(file.fileno()).st_size)
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{name} is not a saved model: {harmless(error)}") from None
        check(shapes, about)
        try:
            arrays = load(begin + file.read(_MOST))
        except (SafetensorError, ValueError, KeyError) as error:
            raise ValueError(f"{name} is not a saved model: {harmless(error)}") from None
    if about.get("digest") != _digest(arrays, about):
        raise ValueError(f"{name} is not a saved model: it was damaged since it was written")
    return arrays, about


def _header(file: Any, size: int) -> tuple[Shapes, dict[str, Any], bytes]:
    """Return the shapes of the arrays, what they are about, and the bytes that said so."""
    begin = file.read(8)
    length = int.from_bytes(begin, "little")
    if not 2 <= length <= min(_MOST_HEADER, size - 8) or size > _MOST:
        raise ValueError(
            "it is cut short, too large, or no safetensors file (older versions wrote JSON)"
        )
    begin += file.read(length)
    entries = _parsed(begin[8:].decode())
    text = entries.pop("__metadata__")[_ENTRY]
    if len(text) > _MOST_ABOUT:
        raise ValueError("what it says of itself is too long")
    about = _parsed(text)
    if about.get("format") != FORMAT:
        raise ValueError(f"it does not say {FORMAT!r}")
    end = 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1]["data_offsets"]):
        shape, (start, stop) = entry["shape"], entry["data_offsets"]
        if not name.startswith(_PARTS) or entry["dtype"] not in ("F64", "I64"):
            raise ValueError(f"{name!a:.60} is no part of it")
        if any(type(n) is not int or n < 0 for n in (*shape, start, stop)) or start != end:
            raise ValueError(f"{name!a:.60} is of shape {shape!r:.60} at no place for it")
        if stop - start != _BYTES * math.prod(shape):
            raise ValueError(f"{name!a:.60} is of shape {shape!r:.60} in {stop - start} bytes")
        end = stop
    if end != size - 8 - length:
        raise ValueError("it is not as long as it says")
    return {name: tuple(entry["shape"]) for name, entry in entries.items()}, about, begin


def _parsed(text: str) -> dict[str, Any]:
    found = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse_constant)
    if not isinstance(found, dict):
        raise ValueError(f"it does not say {FORMAT!r}")
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _digest(arrays: Mapping[str, NDArray[Any]], about: dict[str, Any]) -> str:
    """A fingerprint of all numbers and of all that is said of them."""
    said = {name: thing for name, thing in about.items() if name != "digest"}
    found = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for name in sorted(arrays):
        found.update(f"{name!a} {arrays[name].dtype} {arrays[name].shape}".encode())
        found.update(np.asarray(arrays[name], order="C").tobytes())
    return found.hexdigest()


def harmless(error: BaseException) -> str:
    """What an error says, which may quote the file: on one line, cut."""
    return wording.name(str(error), 300)
