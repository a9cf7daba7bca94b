"""The demos as a user runs them: each a process of its own, in an empty folder."""

from __future__ import annotations

import os
import re
import runpy
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import nn

ROOT = Path(__file__).resolve().parents[2]
MADE = {"model.safetensors", "learning_curve.png", "confusion_matrix.png", "predictions.png"}
QUICK = ["--samples", "40", "--layers", "4", "--epochs", "2"]


def run(demo: str, *arguments: str, folder: Path, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "demos" / demo, *arguments],
        cwd=folder, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_forward(tmp_path):
    text = run("forward.py", folder=tmp_path)
    assert "All equal to 1e-12." in text
    assert text.count("[0.784566710147]") == 2
    assert "1.0 / v15" in text


def test_backward(tmp_path):
    text = run("backward.py", folder=tmp_path)
    assert "All equal to 1e-12." in text
    assert "updated b1" in text
    for number in ("[0.023205751188]", "-0.006251924864]", "0.700625192486]", "[0.303641291973]"):
        assert text.count(number) == 2, number


def test_graph(tmp_path):
    text = run("graph.py", "--out", "pictures", folder=tmp_path)
    assert "sigmoid(" in text
    svg = (tmp_path / "pictures" / "graph.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(svg)
    for shown in ("layer0", "neuron1", "loss", "-0.0291", "0.7846"):
        assert shown in svg, shown


@pytest.mark.slow
def test_digits_makes_all_it_promises(tmp_path):
    text = run("digits.py", *QUICK, "--out", "a", folder=tmp_path)
    assert "Made:" in text
    assert max(map(len, text.splitlines())) <= 80
    assert {p.name for p in (tmp_path / "a").iterdir()} == {*MADE, "neuron.svg"}
    assert len(re.findall(r"^epoch +\d+ +loss \d\.\d+ +right +[\d.]+%", text, re.M)) == 2
    for picture in MADE - {"model.safetensors"}:
        assert (tmp_path / "a" / picture).read_bytes().startswith(b"\x89PNG")
    assert repr(nn.load(tmp_path / "a" / "model.safetensors")) == "MLP(64 -> 4 -> 10)"


@pytest.mark.slow
def test_digits_are_the_same_each_time_unless_the_seed_differs(tmp_path):
    first, second, _ = (
        run("digits.py", *QUICK, "--seed", seed, "--out", out, folder=tmp_path)
        for seed, out in ("3a", "3b", "4c")
    )
    for name in ("model.safetensors", "neuron.svg"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert [line for line in first.splitlines() if "epoch" in line] == [
        line for line in second.splitlines() if "epoch" in line
    ]
    assert (tmp_path / "a/model.safetensors").read_bytes() != (
        tmp_path / "c/model.safetensors"
    ).read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        ["--epochs", "40"],
        pytest.param(["--epochs", "40", "--biases"], marks=pytest.mark.slow),
        pytest.param(["--eager"], marks=pytest.mark.slow),
    ],
)
def test_the_articles_experiment_has_the_articles_losses(tmp_path, options):
    text = run("digits.py", "--article", *options, folder=tmp_path)
    assert re.search(r"the first \d+ are equal to \de-1\d", text)
    assert len(re.findall(r"epoch \d+ +NumPy 0\.\d{12} +chainrule 0\.\d{12}", text)) >= 3
    assert {p.name for p in (tmp_path / "out").iterdir()} == {*MADE, "neuron.svg"}
    model = nn.load(tmp_path / "out" / "model.safetensors")
    moved = any(v.data for name, v in model.named_parameters() if name.endswith(".b"))
    assert moved == ("--biases" in options)


@pytest.mark.slow
def test_the_articles_whole_experiment(tmp_path):
    text = run("digits.py", "--article", folder=tmp_path)
    assert "epoch 990 " in text
    assert "the first 100 are equal to" in text


@pytest.mark.slow
@pytest.mark.parametrize(("options", "least"), [([], 97.0), (["--eager"], 90.0)])
def test_digits_are_read(tmp_path, options, least):
    text = run("digits.py", *options, folder=tmp_path)
    found = re.search(r"Of the held-out images ([\d.]+)% are right", text)
    assert found
    assert float(found[1]) >= least
    assert ("layer0.z[64,B] = layer0.w[64,64] @ x[64,B] + layer0.b" in text) == (not options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--activation", "reul", *QUICK], "unknown activation 'reul'; did you mean 'relu'"),
        (["--out", "file/deeper"], "cannot write"),
    ],
)
def test_digits_says_what_is_wrong_before_it_trains(
    tmp_path, monkeypatch, capsys, arguments, message
):
    # In this process: six that import scikit-learn would take as many seconds.
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(ROOT / "demos")
    monkeypatch.setattr(sys, "argv", ["digits.py", *arguments])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ROOT / "demos/digits.py"), run_name="__main__")
    assert message in " ".join(end.value.code.split())
    assert "epoch  " not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--samples", "0"], "--samples: a whole number of at least 1, got 0"),
        (["--samples", "1258"], "--samples is a number from 1 to 1257, got 1258"),
        (["--epochs", "0"], "--epochs: a whole number of at least 1, got 0"),
        (["--batch-size", "-3"], "--batch-size: a whole number"),
        (["--layers", "8", "0"], "--layers: a whole number"),
        (["--lr", "-1"], "--lr: a number above 0, got -1"),
        (["--lr", "nan"], "--lr: a number above 0, got nan"),
        (["--seed", "-1"], "--seed: a whole number from 0"),
        (["--biases"], "--biases is for --article"),
    ],
)
def test_digits_refuses_options_before_any_work(monkeypatch, capsys, arguments, message):
    monkeypatch.syspath_prepend(ROOT / "demos")
    monkeypatch.setattr(sys, "argv", ["digits.py", *arguments])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ROOT / "demos/digits.py"), run_name="__main__")
    assert end.value.code == 2
    written = capsys.readouterr()
    assert message in written.err
    assert written.out == ""


def test_digits_ends_with_status_1_where_something_is_wrong(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    text = run("digits.py", "--out", "file/deeper", folder=tmp_path, code=1)
    assert "cannot write" in text
    assert "Traceback" not in text


def test_help(tmp_path):
    text = run("digits.py", "--help", folder=tmp_path)
    for option in ("--samples", "--layers", "--activation", "--epochs", "--seed", "--out", "--lr"):
        assert option in text


def test_an_interrupted_training_keeps_what_it_learnt(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-u", ROOT / "demos/digits.py", "--samples", "60", "--epochs", "3000"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("epoch "):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(timeout=60) == 130
    finally:
        process.kill()
        process.stdout.close()
    assert "Interrupted after" in rest
    assert "model.safetensors" in rest
    history = nn.load_checkpoint(tmp_path / "out" / "model.safetensors").history
    assert history.interrupted
    assert len(history) >= 3000 // 15
