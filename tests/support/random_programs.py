"""Random scalar programs, for Hypothesis: the rows of the table and what is composed of them."""

import math
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.primitive import TABLE


class Builder:
    """A random scalar program over a pool of nodes."""

    def __init__(self, steps: Any) -> None:
        self.steps = steps

    def __call__(self, x: Any, w: list[Value]) -> Any:
        pool = [x[0], x[1], x[2], *w, 0.5, -2.0, 1.0, 0.0]
        for name, picks in self.steps:
            operands = [pool[p % len(pool)] for p in picks]
            if name == "sum":
                pool.append(autograd.sum(operands) + 0.25 * operands[0])
            elif name == "dot":
                half = len(operands) // 2
                pool.append(autograd.dot(operands[:half], operands[half : 2 * half]))
            elif name == "logsumexp":
                pool.append(autograd.logsumexp(operands))
            elif name == "softmax":
                pool += autograd.softmax(operands)
            elif name == "loop":
                pool.append(autograd.sum([autograd.tanh(o * w[0] + x[1]) for o in operands]))
            else:
                row = TABLE[name]
                pool.append(getattr(autograd, name)(*operands[: row.arity]))
        return autograd.sum([v for v in pool[3:] if isinstance(v, Value)][-4:]) * 1.0


STEPS = st.lists(
    st.tuples(
        st.sampled_from([*sorted(TABLE), *["sum", "dot", "logsumexp", "softmax", "loop"] * 4]),
        st.lists(st.integers(0, 60), min_size=3, max_size=9),
    ),
    min_size=1,
    max_size=12,
)
NUMBERS = st.one_of(st.floats(-2, 2).map(lambda v: round(v, 3)), st.sampled_from([0.0, 1.0, -1.0]))
UNSIGNED = NUMBERS.map(lambda v: v + 0.0)  # zeros, whose sign a compiled program does not keep


def is_tame(f: Any, parameters: list[Value], *inputs: Any) -> bool:
    """Whether no number on the way is so large or so small that 1e-9 means nothing."""
    for x in inputs[0]:
        y = f(autograd.array(x))
        if not isinstance(y, Value) or y.op in (None, "const"):
            return False
        for v in autograd.Graph(y).nodes:
            if v.data != 0.0 and math.isfinite(v.data) and not 1e-6 < abs(v.data) < 1e6:
                return False
    return True


@st.composite
def programs(draw: Any, numbers: Any = NUMBERS) -> tuple[Any, list[Value], Any]:
    """A function of three inputs, its four parameters, and three examples."""
    xs = draw(st.lists(numbers, min_size=9, max_size=9))
    ws = draw(st.lists(numbers, min_size=4, max_size=4))
    w, x = [Value(v, f"w[{i}]") for i, v in enumerate(ws)], np.reshape(xs, (3, 3))
    build = Builder(draw(STEPS))

    def f(x: Any) -> Any:
        return build(x, w) + 0.0 * (x[0] + x[1] + x[2])

    try:
        tame = is_tame(f, w, x)
    except (ValueError, TypeError):
        tame = False
    assume(tame)
    return f, w, x


def assert_as_eager(outputs: Any, gradient: Any, f: Any, w: list[Value], x: Any) -> None:
    """The engine gives the same outputs, one example at a time, and the same mean gradient."""
    with np.errstate(all="ignore"):
        ys = [f(autograd.array(row)) for row in x]
        expected = np.mean([autograd.gradients(y, w) for y in ys], axis=0)
    close = {"rtol": 1e-9, "atol": 1e-9, "equal_nan": True}
    np.testing.assert_allclose(outputs, [y.data for y in ys], **close)
    np.testing.assert_allclose(gradient, expected, **close)
