"""What `fit` and its like are given: data, settings, names of parameters."""

from __future__ import annotations

import sys
import threading
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
import nn
from autograd import TracerError, Value
from nn import MLP, SGD, Adam, History, Module, evaluate, fit, predict, summary
from nn.examples import check_examples

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = [0, 1, 1, 0]
BOTH = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "eager"])


def model(outputs=2):
    return MLP(2, [3, outputs], seed=0)


def with_parameters_only():
    class Forward(Module):
        def __init__(self):
            self.w = Value(1.0)

        def forward(self, x):
            return self.w * x[0]

    return Forward()


class Sparse:
    """As scipy.sparse has them."""

    def toarray(self):
        return X


DATA = [
    (np.ma.array(X, mask=X > 0.5), Y, r"X has a masked 1\.0 at row 1, column 1: fill it"),
    (X, np.ma.array(Y, mask=[0, 0, 1, 0]), r"Y has a masked 1 at row 2: fill it"),
    (Sparse(), Y, r"X is sparse, of Sparse: pass X\.toarray\(\)"),
    (
        X.astype(str),
        Y,
        r"X must hold numbers, and has '0\.0' at row 0, column 0: .*astype\(float\)",
    ),
    (X, ["a", "b", "c", "d"], "Y must hold numbers, and has 'a' at row 0"),
    ([[0.0, None], [1.0, 2.0]], [0, 1], r"X must hold numbers, and has None at row 0, column 1"),
    ([[0.0, Value(1.0)], [1.0, 2.0]], [0, 1], r"has Value\(data=1\.0\) at row 0.*autograd\.data"),
    (autograd.array(X), Y, r"X must hold numbers, and has Value.*autograd\.data"),
    (
        [np.ma.array([1.0, 2.0], mask=[0, 1]), [3.0, 4.0]],
        [0, 1],
        "X has a masked .* row 0, column 1",
    ),
    (np.array([[1, 2]] * 4, "m8[s]"), Y, "X must hold numbers, and has"),
    ([[1.0, [2.0]], [3.0, [4.0]]], [0, 1], "X must hold numbers, in rows of one length"),
    (np.array([[np.longdouble("1e4000")] * 2] * 4), Y, "X holds inf at row 0"),
    (X.astype(complex), Y, "X must hold numbers, and has"),
    (np.array(["2026-01-01"] * 8, "M8[D]").reshape(4, 2), Y, "X must hold numbers, and has"),
    ([[1.0, 10**400], [1.0, 2.0]], [0, 1], "X holds a number that is too large"),
    ([[1.0], [2.0, 3.0]], [0, 1], "in rows of one length: row 0 has 1 and row 1 has 2"),
    ([[1.0, 2.0], 3.0], [0, 1], "row 0 has 2 and row 1 has 1"),
    (X, None, "Y must hold numbers, in a row for each example; got None"),
    (X, 3, "Y must hold numbers, in a row for each example; got 3"),
    (X * np.nan, Y, "X holds nan at row 0, column 0: fill or drop"),
    (X, [0.0, np.inf, 0.0, 0.0], "Y holds inf at row 1"),
    (X[0], Y, r"one row for each example, got shape \(2,\)"),
    (X, Y[:3], "X has 4 examples and Y has 3"),
    (X[:0], Y[:0], r"no data: X has shape \(0, 2\)"),
    (X, np.empty((4, 0)), r"no data: Y has shape \(4, 0\)"),
    (X, [0, 0, 0, 0], "Y has one class only, 0"),
]


@BOTH
@pytest.mark.parametrize(("x", "y", "message"), DATA)
def test_data_that_cannot_be_trained_on(compiled, x, y, message):
    m = model()
    before = [v.data for v in m.parameters()]
    with pytest.raises(ValueError, match=message):
        fit(m, x, y, compiled=compiled, progress=False)
    assert [v.data for v in m.parameters()] == before
    if "one class" not in message:
        with pytest.raises(ValueError, match=r"validation [XY]"):
            fit(m, X, Y, validation=(x, y), compiled=compiled, progress=False)
        with pytest.raises(ValueError, match=message):
            evaluate(m, x, y, compiled=compiled)


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        ([True, False], [1, 0]),
        (np.array([1, 0], dtype=np.uint8), [1, 0]),
        (np.array([1, 0], dtype=object), [1, 0]),
        ([Fraction(1, 2), 1], [0.5, 1.0]),
        (np.ma.array([1, 2]), [1, 2]),
        (np.array([1.5, 2.5], dtype=">f4"), [1.5, 2.5]),
    ],
)
def test_numbers_of_every_make_are_taken(y, expected):
    found = check_examples(X[:2].tolist(), y).targets
    assert found.tolist() == expected
    assert (found.dtype.kind == "f") == isinstance(expected[0], float)


def test_the_data_are_copied():
    x = X.copy()
    data = check_examples(x, x)
    x[:] = 7.0
    assert not (data.inputs == 7.0).any()
    assert not (data.targets == 7.0).any()


def test_a_decimal_is_no_number_of_ours():
    with pytest.raises(ValueError, match="Y must hold numbers, and has Decimal"):
        check_examples(X, [Decimal(1)] * 4)


ARGUMENTS = [
    (
        {"optimizer": SGD},
        TypeError,
        r"nn\.SGD\(model\.parameters\(\), lr=0\.1\), or a name, got <class",
    ),
    ({"optimizer": 3}, TypeError, "or a name, got 3"),
    ({"optimizer": "adma"}, ValueError, "there is no optimizer 'adma'; did you mean 'adam'"),
    ({"optimizer": "x"}, ValueError, "there are adam, sgd"),
    ({"optimizer": "sgd", "lr": -1}, ValueError, "learning rate is a number above 0, got -1"),
    ({"lr": "fast"}, ValueError, "learning rate is a number above 0, got 'fast'"),
    ({"loss": "mes"}, ValueError, "there is no loss 'mes'; did you mean 'mse'"),
    ({"loss": 3}, TypeError, "a loss is a function of a prediction and a target, or the name"),
    ({"callback": 3}, TypeError, "callback is a function of the history, got 3"),
    ({"seed": None}, ValueError, r"seed is a whole number from 0 to 2\*\*32 - 1, got None"),
    ({"seed": -1}, ValueError, "seed is a whole number"),
    ({"seed": 2**32}, ValueError, "seed is a whole number"),
    ({"seed": True}, ValueError, "seed is a whole number"),
    ({"epochs": 0}, ValueError, "epochs is a whole number of at least 1, got 0"),
    ({"every": 0}, ValueError, "every is a whole number of at least 1, got 0"),
    ({"batch_size": 2.5}, ValueError, "batch_size is a whole number"),
    ({"dtype": "float16"}, ValueError, "dtype is float64 or float32"),
    ({"validation": X}, ValueError, r"validation is a pair \(X, Y\), got"),
    ({"history": [1]}, TypeError, "history is the History of an earlier run"),
    ({"history": History(), "resume": "x"}, ValueError, "history= or resume="),
    ({"every": 3}, ValueError, "every= is for checkpoint="),
    ({"shuffle": "no"}, TypeError, "shuffle is True or False, got 'no'"),
    ({"validation": (np.ones((4, 3)), Y)}, ValueError, "validation X has 3 columns and X has 2"),
    ({"verbose": 1}, TypeError, "did you mean 'progress'"),
    ({"learning_rate": 1}, TypeError, "did you mean 'lr'"),
    ({"epoch": 3}, TypeError, r"fit\(\) takes no argument 'epoch'; did you mean 'epochs'\?"),
    ({"zzz": 3}, TypeError, "there are model, X, Y, loss"),
]


@BOTH
@pytest.mark.parametrize(("options", "kind", "message"), ARGUMENTS, ids=lambda x: str(x)[:24])
def test_arguments_are_refused_before_any_work(compiled, options, kind, message):
    def never(x):
        raise AssertionError

    m = model()
    m.__class__ = type("Untouched", (Module,), {"__call__": never})
    with pytest.raises(kind, match=message):
        fit(m, X, Y, compiled=compiled, progress=False, **options)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: MLP(2, [8, 2], actvation="relu"), r"MLP\(\) .*did you mean 'activation'"),
        (lambda: MLP(2, hidden_layers=[8, 2]), "did you mean 'nouts'"),
        (lambda: nn.Layer(2, 3, act="relu"), r"Layer\(\) takes no argument 'act'"),
        (lambda: nn.Neuron(2, nonlin=False), "did you mean 'activation'"),
        (lambda: SGD([Value(1.0)], learning_rate=0.1), r"SGD\(\) .*did you mean 'lr'"),
        (lambda: SGD([Value(1.0)], lr=0.1, nesterov=True), "there are parameters, lr, momentum$"),
        (lambda: Adam([Value(1.0)], learning_rate=0.1), r"Adam\(\) .*did you mean 'lr'"),
        (lambda: Adam([Value(1.0)], beta1=0.9), "did you mean 'betas'"),
        (lambda: evaluate(model(), X, Y, los="mse"), "did you mean 'loss'"),
    ],
)
def test_keywords_that_are_misspelt_or_of_others(call, said):
    with pytest.raises(TypeError, match=said):
        call()


def test_a_learning_rate_beside_an_optimizer_that_has_one():
    m = model()
    with pytest.raises(ValueError, match=r"has its own learning rate, and lr is 0\.3"):
        fit(m, X, Y, optimizer=Adam(m.parameters()), lr=0.3, progress=False)


@pytest.mark.parametrize("what", [MLP, lambda x: x[0], X, None, with_parameters_only()])
def test_what_is_no_model(what):
    with pytest.raises(TypeError, match=r"a model is a Module with a method __call__\(self, x\)"):
        fit(what, X, Y, progress=False)


def test_an_optimizer_of_a_model_wants_its_parameters():
    with pytest.raises(TypeError, match=r"pass MLP\(2 -> 3 -> 2\)\.parameters\(\)"):
        Adam(model())


def test_parameters_in_a_set_are_refused():
    module = Module()
    module.weights = {Value(1.0)}
    with pytest.raises(TypeError, match="weights has no order: keep its parameters in a list"):
        module.parameters()


@pytest.mark.parametrize("name", ["adam", "Adam", "sgd", "SGD"])
@pytest.mark.parametrize("lr", [None, 0.05])
def test_names_stand_for_what_they_name(name, lr):
    m, other = model(), model()
    fit(m, X, Y, loss="cross_entropy", optimizer=name, lr=lr, epochs=2, progress=False)
    kind, rate = (Adam, 0.01) if name.lower() == "adam" else (SGD, 0.1)
    fit(other, X, Y, optimizer=kind(other.parameters(), lr=lr or rate), epochs=2, progress=False)
    assert autograd.data(m.parameters()).tolist() == autograd.data(other.parameters()).tolist()


# Names of parameters


class Sub(Module):
    def __init__(self):
        self.w = Value(1.0)


def with_attributes(**attributes):
    module = Module()
    vars(module).update(attributes)
    return module


@pytest.mark.parametrize(
    ("module", "name", "ways"),
    [
        (with_attributes(block=[Sub()], blocks=[Sub()]), "block0.w", ["block[0].w", "blocks[0].w"]),
        (with_attributes(blocks=[Sub()], block0=Sub()), "block0.w", ["blocks[0].w", "block0.w"]),
        (with_attributes(d={1: Value(1.0), "1": Value(2.0)}), "d.1", ["d[1]", "d['1']"]),
        (
            with_attributes(**{"a.b": Value(1.0), "a": {"b": Value(2.0)}}),
            "a.b",
            ["__dict__['a.b']", "a['b']"],
        ),
        (
            with_attributes(w=autograd.array([1.0]), **{"w[0]": Value(2.0)}),
            "w[0]",
            ["w[0]", "__dict__['w[0]']"],
        ),
    ],
)
def test_two_parameters_of_one_name_are_an_error_that_names_both(module, name, ways, tmp_path):
    for work in (
        module.parameters,
        module.named_parameters,
        lambda: nn.save(module, tmp_path / "m"),
    ):
        with pytest.raises(ValueError, match="two parameters would be called") as error:
            work()
        assert repr(name) in str(error.value)
        assert all(f"model.{way}" in str(error.value) for way in ways)


def test_a_parameter_that_is_there_twice_has_one_name():
    shared = Value(1.0)
    assert with_attributes(a=shared, b=[shared]).named_parameters() == [("a", shared)]


# Predictions and summaries


class Two(Module):
    def __init__(self):
        self.w = Value(2.0)

    def __call__(self, x):
        return [self.w * x[0], x[1] + 0.0]


class Branching(Module):
    def __init__(self):
        self.w = Value(2.0)

    def __call__(self, x):
        return self.w if x[0] > 0.5 else 0.0 * self.w


@BOTH
def test_predictions_are_those_of_each_example(compiled):
    for m in (model(3), model(1), Two()):
        expected = np.array([autograd.data(m(x)) for x in X])
        for found in (predict(m, X, compiled=compiled), m.predict(X.tolist(), compiled=compiled)):
            np.testing.assert_allclose(found, expected, rtol=1e-14)
        assert not any(v.has_grad for v in m.parameters())
    for data, message in ((X * np.nan, "X holds nan"), (X[0], "one row for each"), ([], "no data")):
        with pytest.raises(ValueError, match=message):
            predict(model(), data, compiled=compiled)


def test_a_model_that_branches_is_predicted_uncompiled():
    with pytest.raises(TracerError) as error:
        predict(Branching(), X)
    assert "compiled=False" in error.value.__notes__[0]
    assert predict(Branching(), X, compiled=False).tolist() == [0.0, 0.0, 2.0, 2.0]


@pytest.mark.parametrize("batch", [X, X.tolist(), [X[0], X[1]], [[0.0, 1.0], [1.0, 0.0]]])
def test_a_batch_given_to_a_model_for_one_example_says_so(batch):
    for module in (model(), nn.Layer(2, 2, seed=0), nn.Neuron(2, seed=0)):
        with pytest.raises(ValueError, match=r"takes one example of 2 inputs.*model\.predict\(X\)"):
            module(batch)


def test_a_summary_counts_each_parameter_once():
    shared = Sub()
    module = with_attributes(one=shared, many=[shared, model()], own=autograd.array([1.0, 2.0]))
    lines = summary(module).splitlines()
    assert [line.split()[-1] for line in lines] == ["parameters", "1", "17", "2", "20"]
    assert repr(summary(module)) == str(summary(module))
    with pytest.raises(TypeError, match="takes a Module, got int 3"):
        summary(3)


# Histories


def trained():
    return fit(model(), X, Y, epochs=3, validation=(X, Y), progress=False)


def test_a_history_as_a_frame():
    pandas = pytest.importorskip("pandas")
    history = trained()
    frame = history.frame()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.index.tolist() == [1, 2, 3]
    assert frame.to_dict("list") == history.curves()
    assert list(fit(model(1), X, Y, loss="mse", epochs=1, progress=False).frame()) == ["loss"]


def test_a_history_as_a_picture(monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib import pyplot

    history = trained()
    axes = history.plot()
    assert [a.get_title() for a in axes] == ["loss", "accuracy"]
    assert [line.get_ydata().tolist() for line in axes[0].lines] == [
        history.loss, history.validation_loss
    ]  # fmt: skip
    negative = History(loss=[1.0, -2.0])
    [alone] = negative.plot()
    assert alone.get_ylim()[0] <= -2.0
    assert len(History().plot()) == 1
    pyplot.close("all")


@pytest.mark.parametrize(
    ("package", "extra", "work"),
    [("pandas", "tables", History.frame), ("matplotlib", "demos", History.plot)],
)
def test_a_package_that_is_not_installed_is_named_with_what_brings_it(
    monkeypatch, package, extra, work
):
    monkeypatch.setitem(sys.modules, package, None)
    message = rf"{package}.*`pip install -e '\.\[{extra}\]'` in the folder of chainrule"
    with pytest.raises(ImportError, match=message):
        work(History(loss=[1.0]))


# Threads of the linear algebra


def blas_threads():
    from threadpoolctl import threadpool_info

    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


def test_small_batches_run_in_one_thread_and_the_number_is_restored(monkeypatch):
    from threadpoolctl import threadpool_limits

    from nn import compiled_engine

    seen = []

    def looks(history):
        seen.append(blas_threads())

    def fails(history):
        raise KeyError

    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        fit(model(), X, Y, epochs=1, callback=looks, progress=False)
        with pytest.raises(KeyError):
            fit(model(), X, Y, epochs=1, callback=fails, progress=False)
        inner = threading.Thread(target=lambda: fit(model(), X, Y, epochs=1, progress=False))
        fit(model(), X, Y, epochs=2, progress=False, callback=lambda h: (
            inner.start() if len(h) == 1 else inner.join()))  # fmt: skip
        assert blas_threads() == before
        monkeypatch.setattr(compiled_engine, "_SMALL", 0)
        fit(model(), X, Y, epochs=1, callback=looks, progress=False)
    assert set(seen[0]) == {1}
    assert seen[1] == before
