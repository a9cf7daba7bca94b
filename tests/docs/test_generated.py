"""What is committed is what `make generate` writes."""

from __future__ import annotations

import pytest
from docs_modules import ROOT, docs_module

generate = docs_module("generate")


@pytest.mark.parametrize("path", generate.generated())
def test_generated_files_are_fresh(path):
    assert (ROOT / path).read_text(encoding="utf-8") == generate.generated()[path], (
        f"{path} is not what the table says: run `make generate`"
    )
