"""The distributed demo: two processes of two devices, one that dies, and one that goes on."""

import json
import os
import socket
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

    lost = run(broken, "--epochs", "3", "--lose", "2")
    assert lost.returncode == 1
    assert "most often because another one stopped" in " ".join(lost.stderr.split())
    assert "--resume goes on from the last checkpoint" in " ".join(lost.stderr.split())
    assert not (broken / "distributed.json").exists()

    resumed = run(broken, "--epochs", "3", "--resume", "--processes", "1", "--devices", "3")
    assert resumed.returncode == 0, resumed.stderr
    assert "epoch   1 " not in resumed.stdout
    np.testing.assert_allclose(losses(broken), losses(whole), rtol=1e-12)


def test_the_first_process_may_be_lost(tmp_path):
    lost = run(tmp_path, "--epochs", "3", "--lose", "2", "--lost", "0")
    assert lost.returncode == 1
    assert "--resume goes on from the last checkpoint" in " ".join(lost.stderr.split())
    resumed = run(tmp_path, "--epochs", "3", "--resume")
    assert resumed.returncode == 0, resumed.stderr


def test_nothing_to_resume(tmp_path):
    found = run(tmp_path, "--resume")
    assert found.returncode == 1
    assert "there is nothing to resume" in found.stderr


TWO = """
import os, sys
import numpy as np
process, address, what = int(sys.argv[1]), *sys.argv[2:]
import jax
jax.config.update("jax_num_cpu_devices", 2)
jax.distributed.initialize(address, 2, process)
import nn
X, Y = np.arange(32.0).reshape(8, 4) / 32, np.arange(8) % 2
model = nn.MLP(4, [2], seed=process if what == "parameters" else 0)
options = {"epochs": 2, "lr": 0.1, "progress": False}
if what == "examples":
    X = X + process
if what in ("lr", "epochs", "batch_size"):
    options[what] = 4 + 4 * process
if what == "callback":
    options["callback"] = lambda history: process == 0
    options["epochs"] = 50
mesh = jax.make_mesh((4,), ("batch",))
try:
    history = nn.fit(model, X, Y, backend="jax", mesh=mesh, **options)
    print("trained", len(history))
except ValueError as error:
    print("refused", error)
sys.stdout.flush()
jax.distributed.shutdown()
"""


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("parameters", "process 1 has another set of parameters than process 0"),
        ("examples", "process 1 has another set of examples"),
        ("lr", "process 1 has another optimizer"),
        ("epochs", "process 1 has another seed, batch_size, shuffle or epochs"),
        ("batch_size", "process 1 has another seed, batch_size, shuffle or epochs"),
        ("callback", "trained 1"),
    ],
)
def test_processes_that_would_train_apart_are_refused(what, said):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", TWO, str(number), address, what],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        )
        for number in range(2)
    ]  # fmt: skip
    try:
        for process in started:
            out, errors = process.communicate(timeout=LIMIT)
            assert said in out, errors
    finally:
        for process in started:
            process.kill()
