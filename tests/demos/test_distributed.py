"""The distributed demo: two processes of two devices, one that dies, and one that goes on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow
pytest.importorskip("jax")

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 200  # seconds


def run(out, *options):
    command = [sys.executable, ROOT / "demos" / "distributed.py", "--out", out, *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=LIMIT, env=environment, check=False
    )


def losses(out):
    return json.loads((out / "distributed.json").read_text())


def test_processes_share_every_batch_and_one_may_be_lost(tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    done = run(whole, "--epochs", "3")
    assert done.returncode == 0, done.stderr
    assert "4 share every batch" in done.stdout
    assert "One process, with NumPy, has the same losses" in done.stdout

    lost = run(broken, "--epochs", "3", "--lose", "1")
    assert lost.returncode == 1
    assert "another process of the mesh stopped" in lost.stderr
    assert "--resume goes on from the last checkpoint" in lost.stderr
    assert not (broken / "distributed.json").exists()

    resumed = run(broken, "--epochs", "3", "--resume", "--processes", "1", "--devices", "3")
    assert resumed.returncode == 0, resumed.stderr
    assert "epoch   1 " not in resumed.stdout
    np.testing.assert_allclose(losses(broken), losses(whole), rtol=1e-12)
