"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat

import pytest

from autograd.system.files import write_whole


def test_text_and_bytes_and_missing_folders(tmp_path):
    path = write_whole(tmp_path / "a" / "b" / "t.txt", "σ")
    assert path.read_bytes() == "σ".encode()
    assert write_whole(str(path), b"\x00").read_bytes() == b"\x00"
    assert os.listdir(path.parent) == ["t.txt"]


def test_permissions_are_those_of_the_file_that_is_replaced(tmp_path):
    path = write_whole(tmp_path / "t", "1")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    path.chmod(0o640)
    write_whole(path, "2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, error):
    path = write_whole(tmp_path / "t", "old")

    def fail(*arguments):
        raise error

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(type(error)) as caught:
        write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["t"]
    if isinstance(error, OSError):
        assert f"cannot write {path}: No space left" in str(caught.value)


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match=r"cannot write .*file/x"):
        write_whole(tmp_path / "file" / "x", "")


def test_the_content_is_on_the_disk_before_the_name_and_the_name_before_the_end(
    tmp_path, monkeypatch
):
    calls = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *a, name=name, real=real: (calls.append((name, *a)), real(*a))[1]
        )
    write_whole(tmp_path / "x", "content")
    assert [call[0] for call in calls] == ["fsync", "replace", "fsync"]
    assert calls[1][2] == tmp_path / "x"
