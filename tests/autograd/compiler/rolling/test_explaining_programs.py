"""`program.explain` names every scalar, and only what a gradient wrote is named as a cotangent."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest

import autograd
from autograd import Value, exp, gradients, sin, sqrt, tanh

w, u, q = Value(2.0, "w"), Value(3.0, "u"), Value(1.0)
W = autograd.array(np.ones((3, 3)), name="W")


def recurrent(x):
    h = tanh(x * w)
    h = tanh(h * u + h)
    return h * h


def bilinear(x):
    return sum(W[i, j] * tanh(x * W[i, j]) * tanh(u * x) for i in range(3) for j in range(3))


PROGRAMS = {
    "square": lambda x: (w * x) * (w * x),
    "product": lambda x: tanh(w * x) * sin(u * x),
    "product, differentiated as a power": lambda x: (tanh(w * x) * sin(u * x)) ** 1.0,
    "product of leaves": lambda x: q * x,
    "three factors": lambda x: (w * x) * (u * x) * (q * x),
    "sum": lambda x: (w * x + u) + (w * x + u),
    "square root": lambda x: sqrt(w * x) * sin(x * u) * 0.5 * 2.0,
    "exponential": lambda x: exp(w * x) * exp(w * x),
    "quotient": lambda x: (w * x) / (w * x + 1.0),
    "recurrent": recurrent,
    "bilinear": bilinear,
    "gradient": lambda x: gradients((w * x) * (w * x), [x], create_graph=True)[0] ** 2,
    "gradient of a gradient": lambda x: gradients(
        gradients((w * x) ** 3 * tanh(x), [x], create_graph=True)[0], [x], create_graph=True
    )[0],
}


@pytest.mark.parametrize("input_gradients", [False, True])
@pytest.mark.parametrize("name", PROGRAMS)
def test_every_scalar_is_explained(name, input_gradients):
    c = autograd.compile(PROGRAMS[name], input_gradients=input_gradients)
    program = c.lower(np.ones(4))
    for number in range(len(program.instructions)):
        assert "scalars     " in program.explain(number)
    for cotangent, node in program.tape.cotangent_of.items():
        assert node < cotangent, "names end"


def test_what_the_user_wrote_is_not_named_as_a_cotangent():
    program = autograd.compile(PROGRAMS["product"]).lower(np.ones(4))
    names = [instruction.name for instruction in program.instructions]
    assert names[: names.index("loss")] == ["v1", "v2", "v3"]
    assert {"dv1", "dw", "du"} < set(names)


def test_a_chain_of_maxima_is_one_of_so_many():
    for f, formula, kind in [
        (lambda x: autograd.maximum(x[0], x[1]), "max(x[0], x[1])", "apply"),
        (lambda x: autograd.max(x.tolist()), "max of 4 of x", "reduce"),
        (lambda x: reduce(autograd.maximum, [x[0], 0.5, x[1]]), "max of 3 of x[0:2], 0.5", "apply"),
    ]:
        program = autograd.compile(f).lower(np.ones((1, 4)))
        [found] = [i for i in program.instructions if i.formula == formula]
        assert {step.kind for step in found.steps} == {kind}
