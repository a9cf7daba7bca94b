"""A function that is recorded the same again takes the programs that were made before."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import autograd
from autograd import RecompilationWarning, Value, dot
from autograd.compiler import specialization
from autograd.compiler.arguments import arguments_of
from autograd.compiler.specialization import _kept
from autograd.compiler.tracing.nesting import InputSpec
from autograd.compiler.tracing.record import record

X = np.array([[1.0, -2.0], [3.0, 0.5]])


def specs_of(x):
    given = arguments_of([x])
    return given.structures, [InputSpec("x", *given.shapes[0])], {}


def linear(scale, w, b, last=0.0):
    """Functions of one line, that differ in what they close over."""
    return lambda x: scale * (w * x[0] + b * x[1]) + last


def compiled(f, x=X, **options):
    c = autograd.compile(f, **options)
    c.value_and_grad(x)
    return c


def test_an_equal_function_takes_the_program_with_parameters_of_its_own():
    one = compiled(linear(2.0, Value(1.0), Value(3.0)))
    w, b = Value(-1.0), Value(0.5)
    two = compiled(linear(2.0, w, b))
    assert one.program is two.program
    assert two.parameters == [w, b]
    assert one.recorded.kept is two.recorded.kept
    assert two(X).tolist() == [2.0 * (-x[0] + 0.5 * x[1]) for x in X]


@pytest.mark.parametrize(
    "other",
    [
        lambda: compiled(linear(2.5, Value(1.0), Value(3.0))),
        lambda: compiled(linear(2.0, Value(1.0, "w"), Value(3.0))),
        lambda: compiled(linear(2.0, Value(1.0), 3.0)),
        lambda: compiled(linear(2.0, *[Value(1.0)] * 2)),
        lambda: compiled(linear(2.0, Value(1.0), Value(3.0), -0.0)),
        lambda: compiled(linear(2.0, Value(1.0), Value(3.0), float("nan"))),
        lambda: compiled(linear(2.0, Value(1.0), Value(3.0)), dtype="float32"),
        lambda: compiled(linear(2.0, Value(1.0), Value(3.0)), input_gradients=True),
        lambda: compiled(linear(2.0, Value(1.0), Value(3.0)), np.ones((2, 3))),
    ],
)  # fmt: skip
def test_another_function_takes_another(other):
    one = compiled(linear(2.0, Value(1.0), Value(3.0)))
    zero = compiled(linear(2.0, Value(1.0), Value(3.0), 0.0))
    assert not any(other().program is each.program for each in (one, zero))
    assert zero.program is one.program


def test_numbers_that_reach_no_output_do_not_matter():
    def make(unused):
        def f(x):
            unused * x[0]
            return w * x[1]

        return f

    w = Value(1.0)
    assert compiled(make(Value(1.0))).program is compiled(make(Value(2.0))).program


def test_what_is_kept_keeps_no_parameters_and_has_a_bound(monkeypatch):
    w = Value(1.0)
    alive = weakref.ref(w)
    compiled(linear(7.0, w, w))
    del w
    gc.collect()
    assert alive() is None
    monkeypatch.setattr(specialization, "_MOST_KEPT", 40)
    for scale in range(20, 30):
        compiled(linear(float(scale), Value(1.0), Value(2.0)))
    assert 1 <= len(_kept) < 8
    monkeypatch.setattr(specialization, "_MOST_KEPT", 0)
    compiled(linear(31.0, Value(1.0), Value(2.0)))
    assert len(_kept) == 2


def test_is_current_tells_what_changed():
    numbers = {"scale": 2.0}
    w, b = [Value(1.0)], Value(3.0)
    c = autograd.compile(lambda x: numbers["scale"] * w[0] * x[0] + b * x[1])
    c(X)
    assert c.is_current(X)
    w[0].data = 5.0
    assert c.is_current(X)
    numbers["scale"] = 3.0
    assert not c.is_current(X)
    numbers["scale"] = 2.0
    w[0] = Value(1.0)
    assert not c.is_current(X)


def test_inputs_may_be_unused_if_that_is_said():
    w = Value(2.0)
    c = autograd.compile(lambda x, y: w * x, unused_inputs=True)
    assert c([1.0, 2.0], [[9.0], [9.0]]).tolist() == [2.0, 4.0]
    mean, gradient = c.value_and_grad([1.0, 2.0], [[9.0], [9.0]])
    assert (mean, gradient.tolist()) == (3.0, [1.5])
    with pytest.raises(ValueError, match="unused_inputs=True"):
        autograd.compile(lambda x, y: w * x)([1.0], [2.0])


@pytest.mark.filterwarnings("ignore", category=RecompilationWarning)
def test_each_scalar_knows_its_line_in_loops_and_sums():
    w = autograd.array([1.0, 2.0, 3.0])

    def f(x):
        a = dot(w.tolist(), [x[0], x[1], x[0]])
        b = dot(w.tolist(), [x[1], x[1], x[0]])
        c = sum(v * v for v in w)
        for v in w:
            c = c + v
            c = c * 0.5
        return a * b + c

    program = autograd.compile(f).lower(X)
    tape, first = program.tape, f.__code__.co_firstlineno
    lines: dict[int, int] = {}
    for node, row in enumerate(tape.rows):
        place = tape.sources[tape.places[node]]
        if place is not None and not place.gradient and row.name in ("mul", "add"):
            lines[place.line - first] = lines.get(place.line - first, 0) + 1
    assert lines.keys() <= {1, 2, 3, 5, 6, 7}
    assert {1, 2, 3, 5, 6, 7} <= lines.keys()
    assert (lines[5], lines[6]) == (3, 3)


def test_a_sum_in_a_loop_beside_an_inner_product_keeps_its_line():
    w = autograd.array([1.0, 2.0])

    def f(x):
        s = x[0]
        for _ in range(3):
            d = dot(w, x)
            s = s + d
        return s

    tape, first = autograd.compile(f).lower(X).tape, f.__code__.co_firstlineno
    recorded = record(f, *specs_of(X)).tape
    adds = [
        recorded.sources[recorded.places[n]].line - first
        for n, row in enumerate(recorded.rows) if row.name == "add"
    ]  # fmt: skip
    assert sorted(adds) == [3, 3, 3, 4, 4, 4]
    assert tape is not recorded


def test_an_inner_product_of_plain_numbers_stays_one():
    def f(x):
        n = dot([1, 1], [1, 1])
        return sum(x[0] for _ in range(int(n))) * n

    assert autograd.compile(f)([[2.0]]).tolist() == [8.0]


def test_nan_constants_are_alike():
    def f(x):
        return autograd.where(x[0] > 100.0, float("nan"), Value(2.0) * x[1])

    assert autograd.compile(f)(X).tolist() == [-4.0, 1.0]
    c = autograd.compile(f)
    c(X)
    assert c.is_current(X)


def test_an_inner_product_of_numbers_stays_a_number():
    c = autograd.compile(lambda x: x[0] * dot([Value(2.0), 3.0], [4.0, 5.0]) + dot([x[1]], [1.0]))
    assert c(X).tolist() == [23.0 * a + b for a, b in X]
    with autograd.no_grad():
        assert c(X).tolist() == [23.0 * a + b for a, b in X]
    w = Value(3.0)

    def stopped(x):
        with autograd.no_grad():
            fixed = dot([w, w], x)
        return fixed * w

    mean, gradient = autograd.compile(stopped).value_and_grad(X)
    assert gradient[0] == pytest.approx(mean / 3.0)


def test_listings_show_names_harmlessly():
    w = Value(2.0, "w\x1b[2J\nevil\u202e\ud800")
    c = autograd.compile(lambda d: (w * d["k\x1b\n"]) ** 2)
    program = c.lower({"k\x1b\n": [1.0]})
    texts = [str(program), *map(program.explain, range(len(program.instructions)))]
    for text in texts:
        assert all(line.isprintable() for line in text.splitlines())
        assert "\u202e" not in text
        text.encode()
    assert "w\\x1b[2J\\nevil\\u202e\\ud800" in texts[0]


def test_a_list_within_itself_is_refused():
    cyclic = [Value(1.0)]
    cyclic.append(cyclic)
    output, input = autograd.compile(lambda x: cyclic), autograd.compile(lambda x: x)
    for work in (lambda: output([1.0]), lambda: input(cyclic)):
        with pytest.raises(ValueError, match="a list within itself, or nested 101 deep"):
            work()
