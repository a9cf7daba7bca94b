"""Ctrl-C while a function is compiled leaves everything as it was; what takes long shows a bar."""

import contextlib
import gc
import inspect
import io
import sys

import numpy as np
import pytest

import autograd
from autograd import Value, modes
from autograd.system import garbage, progress

X = np.linspace(-1.0, 1.0, 6)


def example():
    w = [Value(0.1 * i, f"w{i}") for i in range(4)]

    def f(x):
        for v in w:
            x = autograd.tanh(v * x + w[0])
        return x * x

    return w, f


SWITCHES = {modes.__file__, garbage.__file__, contextlib.__file__}


class Countdown:
    """Raises KeyboardInterrupt at the n-th call of a Python function, as a signal would.

    Not while a mode is switched on or off, which takes a microsecond, nor in a generator, which is
    also called to be closed.
    """

    def __init__(self, calls):
        self.calls = calls

    def __call__(self, frame, event, argument):
        code = frame.f_code
        is_generator = code.co_flags & inspect.CO_GENERATOR
        if event == "call" and code.co_filename not in SWITCHES and not is_generator:
            self.calls -= 1
            if self.calls == 0:
                raise KeyboardInterrupt


def interrupted(work, calls):
    """Interrupt at that call; True if the work was done before."""
    sys.setprofile(Countdown(calls))
    try:
        work()
    except KeyboardInterrupt:
        return False
    finally:
        sys.setprofile(None)
    return True


def test_an_interrupted_compilation_leaves_nothing_behind():
    _, f = example()
    whole = autograd.compile(f)
    listing, (value, gradient) = str(whole.lower(X)), whole.value_and_grad(X)
    at = 1
    while True:
        w, f = example()
        w[3].name = f"other{at}"  # another program than those that are kept
        compiled, numbers = autograd.compile(f), [v.data for v in w]
        is_done = interrupted(lambda c=compiled: c.value_and_grad(X), at)
        assert modes.trace() is None
        assert gc.isenabled()
        assert [v.data for v in w] == numbers
        assert not any(v.has_grad for v in w)
        found = compiled.value_and_grad(X)
        assert found[0] == value
        assert found[1].tolist() == gradient.tolist()
        assert str(compiled.lower(X)).replace(f"other{at}", "w3").split() == listing.split()
        if is_done:
            return
        at += 1 + at // 8


@pytest.mark.parametrize(
    "owner",
    ["autograd.compiler.pipeline.differentiate", "autograd.compiler.pipeline.build",
     "autograd.compiler.rolling.build.schedule", "autograd.compiler.rolling.build.roll",
     "autograd.compiler.rolling.build.work_in_place", "autograd.compiler.running.run.Workspace"],
)  # fmt: skip
def test_a_pass_that_is_interrupted_is_begun_again(monkeypatch, owner):
    w, f = example()
    w[1].name = owner
    compiled = autograd.compile(f)

    def interrupt(*arguments, **named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(owner, interrupt)
        with pytest.raises(KeyboardInterrupt):
            compiled.value_and_grad(X)
    value, gradient = compiled.value_and_grad(X)
    mean = sum(f(Value(x)) for x in X) / len(X)
    mean.backward()
    np.testing.assert_allclose(value, mean.data, rtol=1e-12)
    np.testing.assert_allclose(gradient, [v.grad for v in compiled.parameters], rtol=1e-12)


class Stream(io.StringIO):
    def __init__(self, is_terminal):
        super().__init__()
        self.isatty = lambda: is_terminal


@pytest.mark.parametrize(
    ("is_terminal", "patience", "shows"),
    [(True, -1.0, True), (False, -1.0, False), (True, 3600.0, False)],
)
def test_a_bar_is_shown_on_a_terminal_after_some_time(monkeypatch, is_terminal, patience, shows):
    stream = Stream(is_terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    w, f = example()
    w[2].name = f"{is_terminal} {patience}"
    autograd.compile(f).value_and_grad(X)
    assert ("compiling:" in stream.getvalue()) is shows
    assert stream.getvalue().rpartition("\r")[2].strip() == ""  # it is removed
