"""The GPT demo: its words, its model in Values, and a short run of it all."""

from __future__ import annotations

import hashlib
import importlib
import random
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def gpt(monkeypatch):
    """The demo, with words and vectors so short that it compiles in a second."""
    monkeypatch.syspath_prepend(str(ROOT / "demos"))
    module = importlib.import_module("gpt")
    monkeypatch.setattr(module, "LONGEST", 4)
    monkeypatch.setattr(module, "WIDTH", 8)
    return module


def losses(gpt, model, word):
    """The surprise at each letter of a word, and after it."""
    letters, targets = gpt.encode(word)
    pairs = zip(gpt.predict(model, letters), targets, strict=True)
    return autograd.data([gpt.surprise(scores, target) for scores, target in pairs]).tolist()


def test_the_words_are_the_same_everywhere(gpt, monkeypatch):
    monkeypatch.setattr(gpt, "LONGEST", 8)
    words = gpt.collect_words()
    assert {"alpha", "gimel", "snowman", "zigzag"} < set(words)
    assert hashlib.sha256(" ".join(words).encode()).hexdigest().startswith("902686997e8d")


def test_a_short_word_is_padded_with_what_costs_nothing(gpt):
    assert gpt.encode("eta") == ([0, 5, 20, 1, 0], [5, 20, 1, 0, gpt.NOTHING])
    model = gpt.make_gpt(layers=1, seed=0)
    eta, etas = (losses(gpt, model, word) for word in ("eta", "etas"))
    assert eta[-1] == 0.0
    assert min(eta[:-1]) > 0.0
    assert eta[:3] == etas[:3]  # what comes later is not seen
    assert eta[3] != etas[3]


def test_probabilities_add_up_to_one(gpt):
    model = gpt.make_gpt(layers=2, seed=1)
    scores = gpt.predict(model, [0, 5])[-1]
    each = autograd.data([gpt.surprise(scores, i) for i in range(len(gpt.SYMBOLS))])
    assert np.exp(-each).sum() == pytest.approx(1.0, rel=1e-12)


def test_words_of_all_lengths_share_a_program_that_computes_what_the_values_do(gpt):
    model, words = gpt.make_gpt(layers=1, seed=0), ["eta", "etas", "ox", "zeta"]
    compiled = autograd.compile(lambda x, y: gpt.loss(model, x, y))
    letters, targets = (np.array(rows) for rows in zip(*map(gpt.encode, words), strict=True))
    got, gradient = compiled.value_and_grad(letters, targets)
    expected = autograd.mean([gpt.loss(model, *gpt.encode(word)) for word in words])
    expected.backward()
    assert got == pytest.approx(expected.data, rel=1e-12)
    np.testing.assert_allclose(gradient, autograd.grads(compiled.parameters), atol=1e-12)
    compiled.value_and_grad(letters[:1], targets[:1])
    assert repr(compiled).endswith("1 recorded>")


def test_it_makes_up_what_it_is_sure_of(gpt):
    spelled = np.full((5, 27), -50.0)
    for place, letter in enumerate("zoo."):
        spelled[place, gpt.SYMBOLS.index(letter)] = 50.0
    assert gpt.make_up(lambda letters: np.repeat(spelled[..., None], len(letters), -1), 2, 1.0,
                       random.Random(0)) == ["zoo", "zoo"]  # fmt: skip


def check(text, folder, layer):
    """What a run of a few steps prints and draws."""
    assert len(re.findall(r"^step +\d+ +loss \d\.\d\d ", text, re.M)) == 2
    assert "Nothing in Unicode is called so yet" in text
    assert "until fits[2]" in text
    assert f"in scope place2.layer{layer}.attention.head1" in text
    assert text.count("they agree") == 1
    svg = (folder / "gpt.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(svg)
    parts = "embed norm query key value head0 fits[0] powers[1] total weights[2] found[1] head3 mix"
    for shown in f"After “sn” comes “o” {parts} perceptron scores loss".split():
        assert shown in svg, shown


def test_a_short_run_learns_and_draws(gpt, tmp_path, capsys):
    gpt.main(["--steps", "2", "--out", str(tmp_path)])
    check(capsys.readouterr().out, tmp_path, 0)


@pytest.mark.slow
def test_two_layers_as_a_user_runs_them(tmp_path):
    options = ["--steps", "2", "--layers", "2", "--temperature", "1"]
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "demos/gpt.py", *options],
        cwd=tmp_path, capture_output=True, text=True, timeout=280, check=True,
    )  # fmt: skip
    check(done.stdout, tmp_path / "out", 1)
    assert "layer0" in (tmp_path / "out" / "gpt.svg").read_text(encoding="utf-8")


@pytest.mark.slow
def test_it_learns(gpt, monkeypatch):
    for name, number in (("LONGEST", 8), ("WIDTH", 16)):
        monkeypatch.setattr(gpt, name, number)
    draw = random.Random(0)
    found = list(gpt.train(gpt.make_gpt(1, 0), gpt.collect_words(), 600, draw))
    assert np.mean(found[-100:]) < 2.4  # by the letters' frequencies alone it would be 2.9
