"""Words that are misspelt, or another library's: what was meant."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from typing import Any, NoReturn, ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")
_ALIKE = 2 / 3  # near words have a larger share of their letters in common
_IGNORED = str.maketrans("", "", "_- ")
_ELSEWHERE = {
    "MSELoss": "mse", "callbacks": "callback", "dim": "axis", "hidden_layers": "nouts",
    "label": "name", "learning_rate": "lr", "mean_squared_error": "mse", "nonlin": "activation",
    "random_state": "seed", "rankdir": "direction", "swish": "silu", "verbose": "progress",
    "validation_data": "validation", "xavier": "glorot",
}  # fmt: skip
"""Words of other libraries, and ours."""
_NOT_HERE = {
    "dtype": "leave it out: a Value is a float of 64 bits",
    "format": 'leave it out: the ending chooses it, as in save("y.svg")',
    "requires_grad": "leave it out: all but constants take gradients",
    "retain_graph": "leave it out: a graph can be run backward again",
    "softmax": "leave it out: the loss cross_entropy takes logits",
}
"""Arguments of other libraries, and what to do without."""


def nearest(word: str, known: Iterable[str], n: int = 1) -> list[str]:
    """Return the known words, at most `n`, that a word may stand for, the nearest first.

    Case, blanks, hyphens and underscores count for nothing, the order of letters for little.

    >>> nearest("tahn", ["tan", "tanh"]), nearest("Leaky-ReLU", ["relu", "leaky_relu"])
    (['tanh'], ['leaky_relu'])
    >>> nearest("nope", ["loss", "x"])
    []
    """
    known = list(known)
    if (ours := _ELSEWHERE.get(word)) in known:
        return [ours]
    pair, near = SequenceMatcher(autojunk=False), []
    pair.set_seq2(word.lower().translate(_IGNORED))
    for each in known:
        pair.set_seq1(each.lower().translate(_IGNORED))
        bound = pair.quick_ratio()  # 1.0 if the letters are the same, in whatever order
        if bound > _ALIKE and (score := pair.ratio() + (bound == 1.0)) > _ALIKE:
            near.append((-score, each))
    return [each for _, each in sorted(near)[:n]]


def hint(word: str, known: Iterable[str], shown: int = 0) -> str:
    """Write the end of a message about an unknown word: what was meant, else `shown` of the known.

    >>> hint("actvation", ["nin", "activation"]), hint("nope", "xyz", 2), hint("nope", "xyz")
    ("; did you mean 'activation'?", '; there are x, y, …', '')
    """
    known = list(known)
    if near := nearest(word, known):
        return f"; did you mean {near[0]!r}?"
    there = ", ".join(known[:shown] + ["…"] * (len(known) > shown))
    return f"; there are {there}" if known and shown else ""


def advice(word: str, known: Iterable[str], shown: int) -> str:
    """Write the same about an argument, which may be one that is not needed here."""
    return f"; {_NOT_HERE[word]}" if word in _NOT_HERE else hint(word, known, shown)


def suggesting(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorate a function: a keyword that it does not take is an error that says what was meant."""
    known = inspect.signature(function).parameters.keys()

    @functools.wraps(function)
    def call(*arguments: _P.args, **named: _P.kwargs) -> _R:
        if not named.keys() <= known:
            refuse_unknown(function, named)
        return function(*arguments, **named)

    return call


def refuse_unknown(function: Callable[..., Any], named: Iterable[str]) -> NoReturn:
    """Raise TypeError for the first keyword that a function does not take."""
    called = function.__qualname__.removesuffix(".__init__")
    parameters = inspect.signature(function).parameters
    known = [name for name in parameters if name not in ("self", "more", "foreign")]
    name = next(name for name in named if name not in known)
    raise TypeError(f"{called}() takes no argument {name!r}{advice(name, known, len(known))}")
