"""How much of a proof `make test` runs; `make test-all` runs the whole of it."""

import pytest
from hypothesis import settings


def examples(count):
    """So many in the thorough profile of `tests/conftest.py`, a part of them in the quick one."""
    return count * settings().max_examples // 100


def few(cases, every):
    """The first of every so many cases; the others repeat its proof and are slow."""
    return [
        case if i % every == 0 else pytest.param(case, marks=pytest.mark.slow)
        for i, case in enumerate(cases)
    ]
