"""What is committed is what `make generate` writes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
assert _spec is not None
assert _spec.loader is not None
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)


@pytest.mark.parametrize("path", generate.generated())
def test_generated_files_are_fresh(path):
    assert (ROOT / path).read_text(encoding="utf-8") == generate.generated()[path], (
        f"{path} is not what the table says: run `make generate`"
    )
