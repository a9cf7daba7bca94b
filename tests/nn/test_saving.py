"""Saving and loading: every bit, all or nothing."""

from __future__ import annotations

import inspect
import json
import math
import os

import numpy as np
import pytest
import safetensors.numpy

import nn
from autograd import Value, array, assign, data
from nn import MLP, SGD, Adam, Module, fit
from nn.saving.files import read, write

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
LABELS = [0, 1, 1, 0]


class Pair(Module):
    def __init__(self):
        self.a, self.b = Value(1.0), Value(2.0)


def numbers(model):
    return [v.data for v in model.parameters()]


def test_a_model_comes_back_to_the_last_bit(tmp_path):
    model = MLP(3, [4, 2], ["relu"], "sigmoid", init="he", seed=5)
    for i, odd in enumerate([math.pi, 1e-310, -0.0, math.inf]):
        model.parameters()[i].data = odd
    path = nn.save(model, tmp_path / "deep" / "model")
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
    path = nn.save(pair, tmp_path / "pair")
    other = Pair()
    assert nn.load(path, other) is other
    assert other.a.data == 7.0
    with pytest.raises(ValueError, match=r"pair\: it holds the parameters of a Pair, .*model="):
        nn.load(path)


@pytest.mark.parametrize("make", [lambda p: SGD(p, 0.1, 0.9), lambda p: Adam(p, 0.05)])
def test_training_goes_on_from_a_file(tmp_path, make):
    whole, first = MLP(2, [4, 2], seed=1), MLP(2, [4, 2], seed=1)
    expected = fit(whole, XOR, LABELS, epochs=5, optimizer=make(whole.parameters()), progress=False)
    optimizer = make(first.parameters())
    history = fit(first, XOR, LABELS, epochs=2, optimizer=optimizer, progress=False)
    path = nn.save(first, tmp_path / "run", optimizer=optimizer, history=history)
    model, optimizer, history = nn.load_checkpoint(path)
    fit(model, XOR, LABELS, epochs=5, optimizer=optimizer, history=history, progress=False)
    assert history.loss == expected.loss
    assert numbers(model) == numbers(whole)


def damaged(path, change):
    """Rewrite a file with what `change` makes of its arrays and of what they are about."""
    arrays, about = read(path)
    change(arrays, about)
    write(path, arrays, about)


def cut(arrays, about):
    """Take one number away."""
    arrays["model.layer0.neuron0.w"] = np.zeros(0)


CHANGES = [
    (
        lambda a, d: a.pop("model.layer0.neuron0.b"),
        "lacks parameters of an MLP.*neuron0.b",
    ),
    (lambda a, d: a.update({"model.z": np.zeros(1)}), "has unknown parameters.*: z"),
    (cut, r"layer0.neuron0.w is of shape \(0,\)"),
    (lambda a, d: a.update({"model.layer0.neuron0.b": np.zeros((), int)}), "not of float64"),
    (lambda a, d: d["arguments"].pop("nin"), "is damaged: KeyError"),
    (lambda a, d: d.update(arguments=None), "which only you can build"),
    (lambda a, d: d["arguments"].update(nin=3000), "layer0.neuron0.w is of shape"),
    (lambda a, d: d["arguments"].update(nin=True), "the widths are whole numbers"),
    (lambda a, d: d["arguments"].update(nin=999_999, nouts=[1]), "layer0.neuron0.w is of shape"),
    (lambda a, d: d["arguments"].update(nouts=[9**9]), "arrays, and layer0 387420489 neurons"),
    (lambda a, d: d["arguments"].update(nin=10**400), "layer0.neuron0.w is of"),
    (lambda a, d: d["arguments"].update(activation=["tahn"]), "unknown activation 'tahn'"),
    (lambda a, d: d["arguments"].update(init="best"), "unknown initialisation"),
    (lambda a, d: d["optimizer"].update({"class": "LBFGS"}), "is damaged"),
    (lambda a, d: d["optimizer"].update(betas=[0.9]), "betas are two numbers"),
    (lambda a, d: d["optimizer"].update(betas=[5, 7]), "a beta is at least 0"),
    (lambda a, d: d["optimizer"].update(eps="x"), "eps is a number"),
    (lambda a, d: d["optimizer"].update(lr=10**400), "learning rate"),
    (lambda a, d: d["optimizer"].update(lr=True), "learning rate"),
    (lambda a, d: a.update({"optimizer.steps": np.array([-1, 0])}), "not negative"),
    (lambda a, d: a.update({"optimizer.steps": np.array([1e300, 0.0])}), "steps are 2 numbers"),
    (lambda a, d: a.update({"optimizer.squares": np.array([-1.0, 0.0])}), "not negative"),
    (lambda a, d: a.update({"optimizer.means": np.array([np.nan, 0.0])}), "finite"),
    (lambda a, d: a.update({"optimizer.means": np.zeros(3)}), "state is of 3 parameters"),
    (lambda a, d: a.update({"optimizer.parameters": np.array([0, 0])}), "that there are not"),
    (lambda a, d: a.update({"optimizer.parameters": np.array([0, 9])}), "that there are not"),
    (lambda a, d: a.pop("optimizer.means"), "lacks means"),
    (lambda a, d: a.update({"history.accuracy": np.zeros(3)}), "not of one length"),
    (lambda a, d: a.pop("history.loss"), "is damaged"),
    (lambda a, d: d["history"].update(place=[1, "x", None, [0, 1, True, 1]]), "no place"),
    (lambda a, d: d["history"].update(place=7), "is damaged"),
    (lambda a, d: d["history"].update(place=[-7, 1.0, None, [0, 1, True, 1]]), "no place"),
    (lambda a, d: a.update({"optimizer.steps": np.array([2**62, 0])}), "finite"),
    (lambda a, d: d.update(history=[]), "is damaged"),
]


@pytest.mark.parametrize(("change", "message"), CHANGES)
def test_damaged_files_are_refused_and_nothing_is_half_loaded(tmp_path, change, message):
    model = MLP(1, 1, seed=0)
    optimizer = Adam(model.parameters(), lr=0.1)
    history = fit(model, [[1.0]], [2.0], loss="mse", epochs=1, optimizer=optimizer, progress=False)
    path = nn.save(model, tmp_path / "model.safetensors", optimizer=optimizer, history=history)
    damaged(path, change)
    before = numbers(model)
    with pytest.raises(ValueError, match=rf"model\.safetensors.*{message}"):
        nn.load_checkpoint(path)
    if "arguments" not in inspect.getsource(change):
        with pytest.raises(ValueError, match=r"model\.safetensors"):
            nn.load_checkpoint(path, model)
    assert numbers(model) == before


def header(entries, data=b""):
    text = entries.encode() if isinstance(entries, str) else entries
    return len(text).to_bytes(8, "little") + text + data


@pytest.mark.parametrize(
    "content",
    [b"", b"[1]", b"\x00\xff", b"\xff" * 99,
     header("[" * 100_000), header("{}"), header("{" * 5000),
     header('{"__metadata__":{"chainrule":"[1]"}}'),
     header('{"__metadata__":{"chainrule":"' + "[" * 100_000 + '"}}'),
     header('{"__metadata__":{"chainrule":"{\\"format\\":1,\\"format\\":2}"}}'),
     header('{"__metadata__":{"chainrule":"NaN"}}'),
     header('{"__metadata__":{"chainrule":"{}"},"__metadata__":{"chainrule":"{}"}}'),
     header('{"__metadata__":{"chainrule":"{}","chainrule":"{}"}}'),
     header('{"model.w":{"dtype":"I64","shape":[9],"data_offsets":[100,7]},'
            '"model.w":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}', b"\0" * 8),
     header('{"junk":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"__metadata__":{"chainrule":'
            '"{\\"format\\": \\"chainrule 2\\"}"}}', b"\0" * 8),
     header('{"a":{"dtype":"F64","shape":[9999999999],"data_offsets":[0,8]}}', b"\0" * 8),
     header('{"a":{"dtype":"F16","shape":[4],"data_offsets":[0,8]},"__metadata__":{"chainrule":'
            '"{\\"format\\": \\"chainrule 2\\"}"}}', b"\0" * 8),
     json.dumps({"format": "chainrule model 1"}).encode()],
)  # fmt: skip
def test_what_is_no_saved_model_says_so(tmp_path, content):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.safetensors is not a saved model"):
        nn.load(path)


def test_a_pipe_or_a_device_is_no_model_and_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero", "/dev/null"):
        with pytest.raises(ValueError, match="is no file"):
            nn.load(path)
        with pytest.raises(OSError, match=f"cannot write {path}.*a pipe or a device"):
            nn.save(MLP(1, 1, seed=0), path)


def test_a_link_stays_and_what_it_points_to_is_written(tmp_path):
    nn.save(MLP(1, 1, seed=0), tmp_path / "real")
    for target in ("real", "not yet"):
        link = tmp_path / f"to {target}"
        link.symlink_to(target)
        assert nn.save(MLP(1, 1, seed=1), link) == link
        assert link.is_symlink()
        assert numbers(nn.load(tmp_path / target)) == numbers(MLP(1, 1, seed=1))


def test_a_file_opens_elsewhere_with_an_array_for_each_array_of_the_model(tmp_path):
    model = MLP(3, [2], seed=0)
    path = nn.save(model, tmp_path / "model.safetensors")
    arrays = safetensors.numpy.load_file(path)
    assert sorted(arrays) == [f"model.layer0.neuron{i}.{p}" for i in (0, 1) for p in "bw"]
    np.testing.assert_array_equal(
        arrays["model.layer0.neuron1.w"], data(model.layers[0].neurons[1].w)
    )


def test_parameters_that_fill_no_array_are_saved_one_by_one(tmp_path):
    class Odd(Module):
        def __init__(self):
            self.w = array([[1.0, 2.0], [3.0, 4.0]])
            self.w[0, 1] = self.w[0, 0]  # tied
            self.list = [Value(5.0), Value(6.0)]
            self.names = {
                "a[0]": Value(7.0),
                "a[x]": Value(8.0),
                "[0]": Value(9.0),
                "é\n": Value(1.0),
            }

    odd, other = Odd(), Odd()
    assign(other.parameters(), 0.0)
    nn.load(nn.save(odd, tmp_path / "odd"), other)
    assert numbers(other) == numbers(odd)
    assert len(numbers(odd)) == 9


def test_an_optimizer_of_some_parameters_is_saved_with_their_names(tmp_path):
    model = MLP(2, [np.int64(3), 2], seed=1)
    weights = [v for name, v in model.named_parameters() if ".w" in name]
    optimizer = SGD(weights, lr=np.float32(0.5), momentum=0.9)
    fit(model, XOR, LABELS, epochs=1, optimizer=optimizer, progress=False)
    path = nn.save(model, tmp_path / "some", optimizer=optimizer)
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
            nn.save(model, tmp_path / "model", optimizer=optimizer)
    assert not (tmp_path / "model").exists()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        nn.load(tmp_path / "nowhere")


def test_an_unwritable_place_is_named_and_nothing_is_left(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    with pytest.raises(OSError, match=r"cannot write .*model"):
        nn.save(MLP(1, 1, seed=0), blocked / "model")
    assert os.listdir(tmp_path) == ["file"]


def test_an_old_file_survives_a_failure(tmp_path, monkeypatch):
    path = nn.save(MLP(1, 1, seed=0), tmp_path / "model")
    before = path.read_bytes()

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match=r"cannot write .*model: No space"):
        nn.save(MLP(1, 1, seed=1), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["model"]


def test_a_number_that_changed_on_the_disk_is_noticed(tmp_path):
    path = nn.save(MLP(2, 2, seed=0), tmp_path / "model")
    raw = bytearray(path.read_bytes())
    raw[-3] ^= 1
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=r"model is not a saved model: .* damaged since"):
        nn.load(path)
    path.write_bytes(raw[:-9])
    with pytest.raises(ValueError, match="model is not a saved model"):
        nn.load(path)


def test_a_model_with_other_activations_is_not_filled(tmp_path):
    path = nn.save(MLP(2, [2, 1], "relu", seed=0), tmp_path / "model")
    with pytest.raises(ValueError, match=r"its activations are \['relu', None\], and those of MLP"):
        nn.load(path, MLP(2, [2, 1], "tanh", seed=0))


def test_what_is_no_module_is_neither_saved_nor_filled(tmp_path):
    path = nn.save(MLP(1, 1, seed=0), tmp_path / "model")
    for work in (lambda: nn.save([MLP(1, 1)], path), lambda: nn.load(path, MLP)):
        with pytest.raises(TypeError, match="a file is of a Module, got"):
            work()
    with pytest.raises(ValueError, match="2 is no file"):
        nn.load(2)


def test_a_name_that_is_no_text_cannot_be_saved(tmp_path):
    model = Module()
    model.table = {"\ud800": Value(1.0)}
    with pytest.raises(ValueError, match=r"cannot save what is called 'model\.table\."):
        nn.save(model, tmp_path / "model")
    assert os.listdir(tmp_path) == []


def test_a_file_is_refused_for_its_claims_before_its_numbers_are_read(tmp_path):
    path = nn.save(MLP(2, 2, seed=0), tmp_path / "model")
    claims = json.loads(path.read_bytes()[8:].split(b"}}", 1)[0] + b"}}")
    weights = claims["model.layer0.neuron0.w"]
    for shape, offsets, message in (
        ([9 * 10**7], [0, 72 * 10**7], r"is not as long as it says|no place for it"),
        ([9 * 10**7], weights["data_offsets"], r"of shape \[90000000\] in 16 bytes"),
        ([-2], weights["data_offsets"], "at no place for it"),
        ([2.0], weights["data_offsets"], "at no place for it"),
        ([2], [1, 17], "at no place for it"),
    ):
        weights |= {"shape": shape, "data_offsets": offsets}
        path.write_bytes(header(json.dumps(claims), bytes(48)))
        with pytest.raises(ValueError, match=message):
            nn.load(path)
    os.truncate(path, 10**10)  # sparse
    with pytest.raises(ValueError, match="cut short, too large, or no safetensors file"):
        nn.load(path)


def test_names_too_long_for_a_header_are_refused_when_they_are_written(tmp_path):
    model = Module()
    model.table = {"x" * 9_000_000: Value(1.0)}
    with pytest.raises(ValueError, match="cannot save 1 arrays: their names are too long"):
        nn.save(model, tmp_path / "model")


def test_a_circle_of_links_is_no_place_to_write(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="the link leads in a circle"):
        nn.save(MLP(1, 1, seed=0), tmp_path / "a")
    assert (tmp_path / "a").is_symlink()
