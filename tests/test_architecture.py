"""The account of the project's structure names every module, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
# Folders whose rows name modules by their files; `nn` is told in one row, without endings.
FOLDERS = ("autograd", "autograd/debugger", "autograd/compiler", "viz")


def named():
    """The files that the table names: a row begins with a whole path, others are beside it."""
    found = set()
    for row in re.findall(r"^\| (`.*?) \|", TEXT, re.M):
        folder = ""
        for path in re.findall(r"`([\w/]+\.(?:py|js|css))`", row):
            folder = path.rpartition("/")[0] or folder
            found.add(f"{folder}/{path.rpartition('/')[2]}")
    return found


def test_every_module_is_named_and_every_name_is_a_module():
    there = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).iterdir()
        if path.suffix in (".py", ".js", ".css") and not path.name.startswith("__")
    }
    assert named() == there


def test_the_row_of_the_networks_names_its_modules():
    [row] = re.findall(r"^\| `nn/` \| (.*) \|$", TEXT, re.M)
    modules = {path.stem for path in (ROOT / "nn").glob("[a-z]*.py")}
    assert set(re.findall(r"`(\w+)`", row)) == modules
