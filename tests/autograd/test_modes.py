"""`no_grad`, `detach`, and what they leave behind."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import math
import threading
from functools import partial

import pytest

import autograd
from autograd import (
    AnomalyError,
    TracerError,
    Value,
    compile,
    detect_anomaly,
    gradients,
    log,
    modes,
    no_grad,
    origin,
    record,
    scope,
    tanh,
)


def test_results_are_constants():
    x = Value(2.0)
    with no_grad():
        results = [x * x, x + 1, x / 2, -x, tanh(x), x.exp(), sum([x, x])]
    assert {v.op for v in results} == {"const"}
    assert all(v.parents == () for v in results)
    assert (x * x).op == "mul"


def test_values_are_read_and_written_as_ever():
    x = Value(2.0, "x")
    for mode in (no_grad(), record(), detect_anomaly()):
        with mode:
            x.data = x.data + 1.0
            made = Value(1.0)
            assert (made < x, made >= x, x > 1.5, x.detach().op) == (True, False, True, "const")
            assert autograd.max([x, made, x]).data == x.data
    assert x.data == 5.0


def test_gradients_of_an_earlier_graph_can_be_asked_for():
    x = Value(2.0)
    y = x * x
    with no_grad():
        y.backward()
        assert gradients(y, [x]) == [x.grad] == [4.0]


def test_a_backward_pass_is_observed():
    x = Value(2.0)
    with record():
        y = x * x
        y.backward()
    assert [entry.after for entry in x.history] == [4.0]
    assert x.grad == 4.0


def test_it_nests_and_survives_errors():
    x = Value(2.0)
    block = no_grad()
    with block, block:
        pass
    with pytest.raises(RuntimeError), no_grad():
        raise RuntimeError
    assert modes.active == 0
    assert (x * x).op == "mul"


@pytest.mark.parametrize("decorator", [no_grad, no_grad()])
def test_it_decorates(decorator):
    @decorator
    def square(x):
        """The square."""
        return x * x

    x = Value(2.0)
    assert square(x).op == "const"
    assert square.__doc__ == "The square."
    assert (x * x).op == "mul"


def test_threads_and_tasks_have_their_own():
    x, seen = Value(2.0), []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append((x * x).op))
        thread.start()
        thread.join()
    assert seen == ["mul"]

    async def inside(started, go_on):
        with no_grad():
            started.set()
            await go_on.wait()
            return (x * x).op

    async def outside():
        started, go_on = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(inside(started, go_on))
        await started.wait()
        here = (x * x).op
        go_on.set()
        return here, await task

    assert asyncio.run(outside()) == ("mul", "const")


def test_detach_cuts_the_gradient():
    x = Value(3.0)
    y = x * x.detach()
    y.backward()
    assert x.grad == 3.0
    assert x.detach().op == "const"


def maximum_of(*values):
    return autograd.max(list(values))


# While a function is recorded by `compile`


def test_a_recording_takes_the_numbers_of_parameters_anew():
    """Comparisons and detached numbers of Values that existed before are part of the program."""
    w, u = Value(2.0), Value(3.0)
    c = compile(lambda x: (w > 1.0) * x + w.detach() * u)
    assert c.value_and_grad([5.0])[1].tolist() == [0.0, 2.0]
    w.data = 0.5
    assert c([5.0]) == [1.5]


def test_a_recording_writes_the_gradients_of_what_it_computes():
    w = Value(2.0)
    c = compile(lambda x: gradients(w * w * x, [w])[0])
    assert c([5.0]) == [20.0]
    w.data = 1.0
    assert c([5.0]) == [10.0]


@pytest.mark.parametrize("use", [lambda w: w.data, lambda w: setattr(w, "data", 1.0)])
def test_a_recording_freezes_no_parameter(use):
    w = Value(2.0)
    with pytest.raises(TracerError):
        compile(lambda x: (use(w), w * x)[1])([1.0])
    assert w.data == 2.0


def test_a_recording_may_make_values_and_read_them():
    def f(x):
        step = Value(2.0)
        step.data = step.data + 1.0
        return x * step if step > 2.5 else x

    assert compile(f)([5.0]) == [15.0]


def test_compositions_stop_gradients_in_every_mode():
    x, z = Value(1.0), Value(2.0)
    (y,) = compile(lambda v: maximum_of(v, x, z), input_gradients=True).value_and_grad([3.0])[2:]
    assert y.tolist() == [1.0]
    with no_grad():
        assert maximum_of(x, z, x).data == 2.0
    assert gradients(maximum_of(x, z, x), [x, z]) == [0.0, 1.0]
    c = compile(lambda v: v + autograd.logsumexp([x, z]))
    c.lower([0.0])
    x.data = 1000.0
    assert c([0.0]) == [1000.0]  # shifted by the largest of now


# As decorators


async def coroutine():
    pass


async def async_generator():
    yield 1


class Later:
    async def __call__(self):
        pass

    async def method(self):
        pass


DECORATORS = [no_grad, no_grad(), record(), detect_anomaly(), scope("s")]
each_decorator = pytest.mark.parametrize(
    "mode", DECORATORS, ids=["no_grad", "no_grad()", "record()", "detect_anomaly()", "scope"]
)


@each_decorator
def test_what_runs_later_is_refused(mode):
    later = [coroutine, async_generator, Later(), Later().method, staticmethod(coroutine)]
    for function in [*later, partial(coroutine), partial(partial(Later().method))]:
        with pytest.raises(TypeError, match=r"would end before .+ runs: write a `with` block"):
            mode(function)


@each_decorator
@pytest.mark.parametrize("thing", [Value, int, 3, property(len)], ids=["Value", "int", "3", "p"])
def test_classes_and_what_cannot_be_called_are_refused(mode, thing):
    with pytest.raises(TypeError, match=r"decorates functions and methods, not <?(class|prop|3)"):
        mode(thing)


class Squares:
    """Every kind of callable, decorated."""

    def __call__(self, x):
        return x * x

    @no_grad
    def method(self, x):
        return x * x

    @no_grad
    @staticmethod
    def below(x):
        return x * x

    @no_grad()
    @classmethod
    def of_class(cls, x):
        return x * x

    @staticmethod
    @no_grad
    def above(x):
        return x * x

    def plain(self, x):
        return x * x


@pytest.mark.parametrize(
    "square",
    [
        *(Squares().method, Squares().below, Squares.below, Squares.of_class, Squares.above),
        *(no_grad(Squares()), no_grad(Squares().plain), no_grad(partial(Squares().plain))),
        no_grad(partial(pow, exp=2)),
        no_grad(tanh),
    ],
)
def test_callables_of_every_kind(square):
    x = Value(2.0)
    assert square(x).op == "const"
    assert (x * x).op == "mul"
    assert modes.active == 0


# Generators: the mode holds while the body runs, not while others do


def ops(x):
    """Yields the operation of a product, made in the body; takes another factor; tells the end."""
    log = []
    try:
        while True:
            try:
                factor = yield (x * x).op
                log.append((factor * x).op if factor is not None else None)
            except KeyError:
                log.append((x + x).op)
            if len(log) == 3:
                return log
    finally:
        x.name = (x * x).op


def test_a_generator_keeps_its_mode_to_itself():
    x = Value(2.0)
    numbers = no_grad(ops)(x)
    assert inspect.isgenerator(numbers)
    assert modes.active == 0
    assert [next(numbers), (x * x).op] == ["const", "mul"]
    assert [numbers.send(x), (x * x).op] == ["const", "mul"]
    assert [numbers.throw(KeyError), (x * x).op] == ["const", "mul"]
    with no_grad():  # the caller's own mode goes on
        with pytest.raises(StopIteration) as stopped:
            next(numbers)
        assert (x * x).op == "const"
    assert stopped.value.value == ["const", "const", None]
    assert (x * x).op == "mul"
    assert modes.active == 0


@pytest.mark.parametrize("end", ["close", "abandon", "throw"])
def test_a_generator_ends_inside_its_mode(end):
    x = Value(2.0)
    numbers = no_grad(ops)(x)
    next(numbers)
    if end == "close":
        numbers.close()
    elif end == "throw":
        with pytest.raises(OSError, match="of the caller"):
            numbers.throw(OSError("of the caller"))
    else:
        del numbers
    assert x.name == "const"
    assert (x * x).op == "mul"
    assert modes.active == 0


def test_generators_take_turns():
    x = Value(2.0)
    free, held = ops(x), no_grad(ops)(x)
    assert [next(v) for v in (held, free, held, free, held)] == ["const", "mul"] * 2 + ["const"]
    with no_grad():
        assert next(free) == "const"  # made under the caller's


def test_a_generator_that_does_not_close():
    @no_grad
    def stubborn():
        with contextlib.suppress(GeneratorExit):
            yield 1
        yield 2

    numbers = stubborn()
    next(numbers)
    with pytest.raises(RuntimeError, match="ignored GeneratorExit"):
        numbers.close()
    assert modes.active == 0


@pytest.mark.parametrize("mode", [record(), detect_anomaly(), scope("s")])
def test_the_other_modes_hold_in_generators_too(mode):
    def squares(x):
        while True:
            yield x * x

    x = Value(2.0)
    with contextlib.nullcontext() if not isinstance(mode, scope) else record():
        numbers = mode(squares)(x)
        for _ in range(2):
            inside, outside = next(numbers), x * x
            assert origin(inside).line.startswith("test_modes.py:")
            assert origin(inside).scope == ("s" if isinstance(mode, scope) else "")
            assert origin(outside).scope == ""
            assert bool(origin(outside).line) == isinstance(mode, scope)
    assert modes.active == 0


def test_an_anomaly_passes_through_a_generator():
    @detect_anomaly()
    def logs(x):
        yield from (log(v) for v in x)

    numbers = logs([Value(1.0), Value(-1.0)])
    assert next(numbers).data == 0.0
    assert math.isnan(log(Value(-1.0)).data)
    with pytest.raises(AnomalyError, match="log gave nan"):
        next(numbers)
    assert modes.active == 0
