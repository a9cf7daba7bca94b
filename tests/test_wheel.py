"""The wheel built from the tree works in an empty environment."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent
USE = """
import autograd, nn, viz
x = autograd.Value(2.0, "x")
y = x * x
y.backward()
assert x.grad == 4.0
print(viz.draw(y).save("y.svg").stat().st_size)
model = nn.MLP(2, [3, 2], seed=0)
nn.fit(model, [[0, 1], [1, 0]], [0, 1], epochs=2, progress=False)
nn.load(nn.save(model, "model.safetensors"))
"""


@pytest.mark.slow
def test_the_wheel_installs_and_works_in_an_empty_environment(tmp_path):
    pip = ["-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = [sys.executable, *pip, "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT]
    subprocess.run(build, check=True, timeout=300)
    [wheel] = tmp_path.glob("chainrule-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if "dist-info" not in name} == {
        "autograd", "nn", "viz",
    }  # fmt: skip
    scripts = ("player.css", *(path.name for path in (ROOT / "viz/page/static").glob("*.js")))
    typed = ("autograd/py.typed", "nn/py.typed", "viz/py.typed", "autograd/arrays/functions.pyi")
    for needed in (*typed, *(f"viz/page/static/{name}" for name in scripts)):
        assert needed in names
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    subprocess.run([python, *pip, "install", wheel], check=True, timeout=300)
    subprocess.run([python, "-W", "error", "-c", USE], check=True, timeout=60, cwd=tmp_path)

    ElementTree.parse(tmp_path / "y.svg")
