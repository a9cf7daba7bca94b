"""How right the derivatives of each row are: the largest errors in ulps, against mpmath.

    make accuracy        a table, and docs/accuracy.json, from which docs/operations.md has its own

Each row in every mode, to the third order, over the grid of the tests (tests/support/ulps.py).
"""

from __future__ import annotations

import json
import math
import platform
from pathlib import Path

import numpy as np
import ulps
from tqdm import tqdm

from autograd.primitive import Primitive
from autograd.system.files import write_whole

FILE = Path(__file__).resolve().parent.parent / "docs" / "accuracy.json"
MODES = {"eager": "eager", "compiled": "float64", "compiled, float32": "float32"}


def largest(row: Primitive, mode: str) -> list[float | None]:
    """The largest errors of first, second and third derivatives; None for what is not finite."""
    errors = (max(e for e, *_ in ulps.errors(row, order, mode)) for order in (1, 2, 3))
    return [float(f"{e:.3g}") if e < math.inf else None for e in errors]


def main() -> None:
    print(f"{'row':<12}{''.join(f'{mode:<26}' for mode in MODES)}".rstrip())
    measured = {}
    for row in tqdm(ulps.SMOOTH, unit="row"):
        measured[row.name] = {mode: largest(row, dtype) for mode, dtype in MODES.items()}
        each = ("".join(f"{e!s:<8}" for e in errors) for errors in measured[row.name].values())
        tqdm.write(f"{row.name:<12}{'  '.join(each)}".rstrip())
    versions = f"CPython {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}"
    content = json.dumps({"on": versions, "ulps": measured}, indent=1)
    print(write_whole(FILE, content + "\n"))


if __name__ == "__main__":
    main()
