"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write a file so that no one ever sees half of it, and an old one survives a failure.

    The content goes to a temporary file beside it, which is then renamed. Missing folders are
    created. Text is written as UTF-8. Returns the path.

    Raises OSError, naming the path, where the folder cannot be written to.
    """
    target = Path(path)
    raw = content.encode() if isinstance(content, str) else content
    temporary = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        Path(temporary).chmod(_permissions(target))
        os.replace(temporary, target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise type(error)(error.errno, f"cannot write {target}: {error.strerror}") from error
        raise
    return target


def _permissions(target: Path) -> int:
    """The permissions of the file that is replaced, or those of a new file here."""
    with contextlib.suppress(OSError):
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
