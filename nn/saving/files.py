"""Arrays and what they are about in a safetensors file, written whole or not at all.

A file is read with suspicion: nothing is built from what it claims before that is held against its
size. The format is https://huggingface.co/docs/safetensors; what the arrays are about is JSON, in
the one entry `chainrule` of its metadata.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from autograd.system.files import write_whole
from autograd.text import wording

Arrays = dict[str, NDArray[Any]]
FORMAT = "chainrule 2"
_ENTRY = "chainrule"
_MOST_HEADER = 16 << 20  # bytes: 100,000 arrays
_MOST_ABOUT = 1 << 20
_DTYPES = ("F64", "I64")


def write(path: str | os.PathLike[str], arrays: Mapping[str, Any], about: dict[str, Any]) -> Path:
    """Write arrays of float64 and int64. Raises OSError, naming the path, if that fails."""
    contiguous = {name: np.asarray(a, order="C") for name, a in arrays.items()}
    about = about | {"format": FORMAT, "digest": _digest(contiguous)}
    try:
        content = save(contiguous, {_ENTRY: json.dumps(about, allow_nan=False)})
    except UnicodeEncodeError as error:
        raise ValueError(
            f"cannot save what is called {error.object!r:.60}: it is no text"
        ) from None
    return write_whole(path, content)


def read(path: str | os.PathLike[str]) -> tuple[Arrays, dict[str, Any]]:
    """Read what `write` wrote.

    Raises ValueError, naming the path, for a file that is anything else, OSError if it cannot be
    read.
    """
    if isinstance(path, int) or not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError(f"{path} is no file")
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
    if not 2 <= size <= min(_MOST_HEADER, os.path.getsize(path) - 8):
        raise ValueError(f"{path} is not a saved model: it is cut short, or no safetensors file")
    try:
        with safe_open(path, framework="numpy") as content:
            about = _about((content.metadata() or {}).get(_ENTRY, ""))
            slices = {name: content.get_slice(name) for name in content.keys()}  # noqa: SIM118
            strange = [n for n, s in slices.items() if s.get_dtype() not in _DTYPES]
            if strange:
                raise ValueError(f"{strange[0]!r:.60} is not of {' or '.join(_DTYPES)}")
            arrays = {name: content.get_tensor(name) for name in slices}
        if about.get("digest") != _digest(arrays):
            raise ValueError("its numbers are not those that were written: it was damaged since")
        return arrays, about
    except (SafetensorError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not a saved model: {harmless(error)}") from None


def _digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    """A fingerprint of all numbers."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        found.update(f"{name!a} {arrays[name].dtype} {arrays[name].shape}".encode())
        found.update(np.asarray(arrays[name], order="C").tobytes())
    return found.hexdigest()


def harmless(error: BaseException) -> str:
    """What an error says, which may quote the file: on one line, cut."""
    return wording.name(str(error), 300)


def _about(text: str) -> dict[str, Any]:
    if len(text) > _MOST_ABOUT:
        raise ValueError("what it says of itself is too long")
    about = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse_constant)
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise ValueError(f"it does not say {FORMAT!r}")
    return about


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
