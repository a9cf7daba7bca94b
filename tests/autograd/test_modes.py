"""`no_grad`, `detach`, and what they leave behind."""

from __future__ import annotations

import asyncio
import threading

import pytest

from autograd import Value, modes, no_grad, tanh


def test_results_are_constants():
    x = Value(2.0)
    with no_grad():
        results = [x * x, x + 1, x / 2, -x, tanh(x), x.exp(), sum([x, x])]
    assert {v.op for v in results} == {"const"}
    assert all(v.parents == () for v in results)
    assert (x * x).op == "mul"


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


def test_it_does_not_decorate_what_runs_later():
    def generator():
        yield 1

    with pytest.raises(TypeError, match="no_grad would end before generator runs"):
        no_grad(generator)
