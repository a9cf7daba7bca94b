"""Names of any script and emoji line up: a text is that of names in ASCII which are as wide."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

import autograd
import nn
from autograd import Graph, Value, autopsy, explain, kinks, record, relu, tanh
from autograd.debugger.session.session import Session
from autograd.debugger.shell import Shell
from autograd.debugger.terminal.screen import Screen
from viz import diff, draw

# What stands in one place: wide, narrow, with marks, of several jamo; emoji of several parts.
PLACES = [
    "权", "重", "猫", "あ", "ﾈ", "Ａ", "한", "\u1112\u1161\u11ab", "é", "e\u0301", "ж", "ก็", "é7",
    "🎉", "👩\u200d🔬", "👍🏽", "❤\ufe0f", "☃", "🇨🇳", "1\ufe0f\u20e3", "🏳\ufe0f\u200d🌈",
    "क\u094d\u200dष",
]  # fmt: skip
SAMPLES = st.lists(st.sampled_from(PLACES), min_size=1, max_size=5).map("".join)
PAIRS = st.tuples(SAMPLES, SAMPLES).filter(lambda n: n[0] not in n[1] and n[1] not in n[0])


def computed(first, second):
    x, z = Value(0.0, first), Value(-2.0, second)
    y = relu(x) * z + z.log() * x
    y.name = "loss"
    return x, z, y


def history(first, second):
    x, z = Value(0.0, first), Value(-2.0, second)
    with record():
        (x * z + tanh(z) * z).backward()
    return f"{x.history}\n{z.history}"


def program(first, second):
    W, b = autograd.array(np.ones((3, 2)), name=first), Value(1.0, second)
    c = autograd.compile(lambda x: tanh(W @ x + b).sum())
    lowered = c.lower(np.ones((4, 2)))
    return f"{lowered}\n{lowered.explain(0)}\n{lowered.explain(1)}"


def summary(first, second):
    class Named(nn.Module):
        def __init__(self):
            setattr(self, first, nn.MLP(2, [3, 1]))
            setattr(self, second, nn.MLP(2, [3, 1]))

    return nn.summary(Named())


def explained(first, second):
    x, z = Value(0.5, f"{first} +"), Value(-2.0, f"{second} +")  # both in quotes in formulas
    return explain(tanh(x * z) * x + z, x)


def debugged(first, second):
    out = io.StringIO()
    shell = Shell(Session(computed(first, second)[2]), screen=Screen(out))
    for command in ("list", "next", "next", f"until {first}", "goto end", second, "info"):
        shell.onecmd(command)
    return out.getvalue()


TEXTS = {
    "Graph": lambda *names: Graph(computed(*names)[2]),
    "autopsy": lambda *names: autopsy(computed(*names)[2]),
    "kinks": lambda *names: kinks(computed(*names)[2]),
    "history": history,
    "program": program,
    "summary": summary,
    "explain": explained,
    "debugger": debugged,
    "draw": lambda *names: draw(computed(*names)[2], title=names[1]).text(width=80),
    "draw, narrow": lambda *names: draw(computed(*names)[2]).text(width=36),
    "draw.table": lambda *names: draw(computed(*names)[2]).table(),
    "diff": lambda *names: diff(computed(*names)[2], computed(*names)[0].exp()),
}


@pytest.mark.parametrize("write", TEXTS.values(), ids=TEXTS)
@given(names=PAIRS)
def test_columns_and_lines_are_those_of_names_as_wide(write, names):
    as_wide = [letter * wcswidth(name) for letter, name in zip("qw", names, strict=True)]
    text = str(write(*names))
    for name, plain in zip(names, as_wide, strict=True):
        text = text.replace(name, plain)
    assert text == str(write(*as_wide))
