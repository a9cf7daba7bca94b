"""What a misspelt or foreign word stands for, and what is said of it."""

from __future__ import annotations

import pickle

import pytest

import autograd
import nn
import viz
from autograd.primitive import TABLE
from autograd.text.spelling import advice, hint, nearest, suggesting

WORDS = [
    ("tahn", "tanh"), ("Relu", "relu"), ("RELU", "relu"), ("sigmod", "sigmoid"),
    ("leakyrelu", "leaky_relu"), ("leaky-relu", "leaky_relu"), ("Leaky ReLU", "leaky_relu"),
    ("sni", "sin"), ("sgimoid", "sigmoid"), ("swish", "silu"), ("arctahn", "arctanh"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "meant"), WORDS)
def test_the_nearest_operation(word, meant):
    assert nearest(word, TABLE) == [meant]


@pytest.mark.parametrize("row", [name for name in TABLE if len(name) > 3])
def test_two_letters_exchanged_in_any_operation(row):
    for i in range(len(row) - 1):
        word = row[:i] + row[i + 1] + row[i] + row[i + 2 :]
        if word not in TABLE:
            assert nearest(word, TABLE) == [row]


@pytest.mark.parametrize("word", ["nope", "qqqq", "", "softmax", "banana", "_"])
def test_nothing_is_near_a_word_of_its_own(word):
    assert nearest(word, TABLE, n=3) == []


def test_several_come_with_the_nearest_first():
    assert nearest("w[0,0]", ["w[0,1]", "b", "w[0,0,0]", "w[1,1]"], n=2) == ["w[0,0,0]", "w[0,1]"]


def test_a_hint_lists_what_there_is_only_if_asked():
    assert hint("nope", []) == hint("nope", ["x"]) == hint("nope", [], 3) == ""
    assert hint("nope", ["x", "y"], 2) == "; there are x, y"
    assert hint("nope", ["x", "y"], 1) == "; there are x, …"
    assert advice("requires_grad", ["a"], 9).startswith("; leave it out: ")
    assert hint("softmax", ["a"]) == ""  # it may be a name


def test_a_decorated_function_is_the_same_but_for_its_errors():
    @suggesting
    def scaled(x: float, *, factor: float = 1.0) -> float:
        """Scale."""
        return x * factor

    assert scaled(2.0, factor=3.0) == 6.0
    assert (scaled.__name__, scaled.__doc__) == ("scaled", "Scale.")
    with pytest.raises(
        TypeError, match=r"scaled\(\) takes no argument 'facotr'; did you mean 'fac"
    ):
        scaled(2.0, facotr=3.0)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        scaled(factor=3.0)
    functions = [autograd.softmax, autograd.array, autograd.explain, nn.fit, viz.diff, nn.MLP]
    assert pickle.loads(pickle.dumps(functions)) == functions
