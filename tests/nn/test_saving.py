"""Saving and loading: every bit, all or nothing."""

from __future__ import annotations

import json
import math
import os

import numpy as np
import pytest

import nn
from autograd import Value
from nn import MLP, SGD, Adam, Module, fit

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
LABELS = [0, 1, 1, 0]


class Pair(Module):
    def __init__(self):
        self.a, self.b = Value(1.0), Value(2.0)


def numbers(model):
    return [v.data for v in model.parameters()]


def test_a_model_comes_back_to_the_last_bit(tmp_path):
    model = MLP(3, [4, 2], ["relu"], "sigmoid", seed=5)
    for i, odd in enumerate([math.pi, 1e-310, -0.0, math.inf]):
        model.parameters()[i].data = odd
    path = nn.save(model, tmp_path / "deep" / "model.json")
    twin = nn.load(path)
    assert list(map(repr, numbers(twin))) == list(map(repr, numbers(model)))
    assert repr(twin) == repr(model)
    assert twin.config == model.config
    assert [n.activation for layer in twin.layers for n in layer.neurons] == [
        n.activation for layer in model.layers for n in layer.neurons
    ]


def test_another_module_is_filled(tmp_path):
    pair = Pair()
    pair.a.data = 7.0
    path = nn.save(pair, tmp_path / "pair.json")
    other = Pair()
    assert nn.load(path, other) is other
    assert other.a.data == 7.0
    with pytest.raises(ValueError, match=r"pair\.json: it holds the parameters of a Pair.*model="):
        nn.load(path)


@pytest.mark.parametrize("make", [lambda p: SGD(p, 0.1, 0.9), lambda p: Adam(p, 0.05)])
def test_training_goes_on_from_a_file(tmp_path, make):
    whole, first = MLP(2, [4, 2], seed=1), MLP(2, [4, 2], seed=1)
    expected = fit(whole, XOR, LABELS, epochs=5, optimizer=make(whole.parameters()), progress=False)
    optimizer = make(first.parameters())
    history = fit(first, XOR, LABELS, epochs=2, optimizer=optimizer, progress=False)
    path = nn.save(first, tmp_path / "run.json", optimizer=optimizer, history=history)
    model, optimizer, history = nn.load_checkpoint(path)
    fit(model, XOR, LABELS, epochs=5, optimizer=optimizer, history=history, progress=False)
    assert history.loss == expected.loss
    assert numbers(model) == numbers(whole)


def damaged(content, change):
    content = json.loads(content)
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (lambda t: t[:-50], "is not a saved model"),
        (lambda t: "", "is not a saved model"),
        (lambda t: "[1]", "does not say"),
        (lambda t: "\x00\xff", "is not a saved model"),
        (lambda t: damaged(t, lambda c: c.pop("parameters")), "is damaged"),
        (lambda t: damaged(t, lambda c: c["parameters"].popitem()), "lacks parameters.*layer0"),
        (lambda t: damaged(t, lambda c: c["parameters"].update(z=1.0)), "unknown parameters.*z"),
        (lambda t: damaged(t, lambda c: c["parameters"].update({"layer0.neuron0.b": "1"})),
         "layer0.neuron0.b is no number but '1'"),
        (lambda t: damaged(t, lambda c: c["arguments"].pop("nin")), "damaged|arguments"),
        (lambda t: damaged(t, lambda c: c.update(arguments=None)), "damaged|arguments"),
        (lambda t: damaged(t, lambda c: c.update(optimizer={"class": "LBFGS"})), "is damaged"),
        (lambda t: damaged(t, lambda c: c.update(history={"loss": []})), "is damaged"),
    ],
)  # fmt: skip
def test_damaged_files_are_refused_and_nothing_is_half_loaded(tmp_path, text, message):
    model = MLP(1, 1, seed=0)
    path = nn.save(model, tmp_path / "model.json")
    path.write_text(text(path.read_text()), encoding="utf-8")
    before = numbers(model)
    with pytest.raises(ValueError, match=message):
        nn.load_checkpoint(path)
    if "arguments" not in message:
        with pytest.raises(ValueError, match=message):
            nn.load_checkpoint(path, model)
    assert numbers(model) == before


def test_an_optimizer_of_some_parameters_is_saved_with_their_names(tmp_path):
    model = MLP(2, [np.int64(3), 2], seed=1)
    weights = [v for name, v in model.named_parameters() if ".w" in name]
    optimizer = SGD(weights, lr=np.float32(0.5), momentum=0.9)
    fit(model, XOR, LABELS, epochs=1, optimizer=optimizer, progress=False)
    path = nn.save(model, tmp_path / "some.json", optimizer=optimizer)
    twin, other, _ = nn.load_checkpoint(path)
    assert [v.name for v in other.parameters] == [v.name for v in weights]
    assert other.velocity.tolist() == optimizer.velocity.tolist()
    assert numbers(nn.load(path)) == numbers(twin) == numbers(model)


def test_an_optimizer_that_cannot_be_restored_is_refused(tmp_path):
    class Mine(SGD):
        pass

    model = MLP(1, 1, seed=0)
    for optimizer, message in (
        (Mine(model.parameters(), 0.1), "only SGD and Adam can be saved, not a Mine"),
        (SGD([Value(1.0)], 0.1), "no parameter of MLP"),
    ):
        with pytest.raises(ValueError, match=message):
            nn.save(model, tmp_path / "model.json", optimizer=optimizer)
    assert not (tmp_path / "model.json").exists()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.json"):
        nn.load(tmp_path / "nowhere.json")


def test_an_unwritable_place_is_named_and_nothing_is_left(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    with pytest.raises(OSError, match=r"cannot write .*model\.json"):
        nn.save(MLP(1, 1, seed=0), blocked / "model.json")
    assert os.listdir(tmp_path) == ["file"]


def test_an_old_file_survives_a_failure(tmp_path, monkeypatch):
    path = nn.save(MLP(1, 1, seed=0), tmp_path / "model.json")
    before = path.read_bytes()

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match=r"cannot write .*model\.json: No space"):
        nn.save(MLP(1, 1, seed=1), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model.json"]
