"""`==` of a tracer and a number would be decided at recording: it is refused."""

import numpy as np
import pytest

import autograd
from autograd import TracerError, Value

W = Value(2.0, "w")


@pytest.mark.parametrize(
    "f",
    [
        lambda x: W if x == 1 else x,
        lambda x: W if x != 1.0 else x,
        lambda x: W * (x in (0, 1)) + x,
        lambda x: W if x == np.float64(1.0) else x,
    ],
)
def test_it_says_eq(f):
    with pytest.raises(TracerError, match=r"autograd\.eq"):
        autograd.compile(f)([1.0, 2.0])


def test_eq_chooses():
    c = autograd.compile(lambda x: autograd.where(autograd.eq(x, 1), W * x, -x))
    assert c([1.0, 2.0]).tolist() == [2.0, -2.0]


def test_a_program_shows_itself_shortly():
    c = autograd.compile(lambda: W * W)
    assert repr(c.lower()) == "<program of 2 instructions for 2 operations; print lists them>"
    assert str(c.program).startswith(
        "1 parameter -> 1 output and its gradient: 2 scalar operations"
    )
    with pytest.raises(ValueError, match="no instruction 'z'"):
        c.program.explain("z")
