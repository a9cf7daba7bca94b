"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write a file so that no one ever sees half of it, and an old one survives a failure.

    The content goes to a temporary file beside it, which is renamed when it is on the disk; so a
    crash of the machine leaves the old file or the new one. A symbolic link stays, and the file
    that it points to is written. Missing folders are created. Text is written as UTF-8. Returns
    the path.

    Raises OSError, naming the path, where the folder cannot be written to, or for a pipe or a
    device.
    """
    target = Path(os.path.realpath(path))
    name = repr(os.fspath(path)).strip("'\"")  # harmless to print
    raw = content.encode() if isinstance(content, str) else content
    temporary = ""
    try:
        if target.is_symlink():
            raise OSError(errno.ELOOP, "the link leads in a circle")
        if target.exists() and not (target.is_file() or target.is_dir()):
            raise OSError(errno.EINVAL, "it is no file, but a pipe or a device")
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(handle)
        Path(temporary).chmod(_permissions(target))
        os.replace(temporary, target)
        _sync(target.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise type(error)(error.errno, f"cannot write {name}: {error.strerror}") from error
        raise
    return Path(path)


def _sync(folder: Path) -> None:
    """Put the names in a folder on the disk; some systems do that by themselves, and refuse."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _permissions(target: Path) -> int:
    """The permissions of the file that is replaced, or those of a new file here."""
    with contextlib.suppress(OSError):
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
