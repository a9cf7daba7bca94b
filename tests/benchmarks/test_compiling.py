"""Compiling takes work in proportion to the program: counted, not timed."""

import importlib
import sys
from pathlib import Path

import pytest

import autograd
from autograd.compiler import specialization

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SIZES = {"chain": 60, "average": 100, "network": 10, "weighted": 200, "table": 40}


@pytest.fixture
def works(monkeypatch):
    monkeypatch.setattr(specialization, "_kept", [])  # programs that were made before
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("compiling")


def compiled(works, name, size):
    f, batch = getattr(works, name)(size)
    return autograd.compile(f), batch


def calls_of(work):
    """The number of calls of functions, also of those written in C."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event.endswith("call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", SIZES)
def test_four_times_the_program_takes_about_four_times_as_much(works, name):
    small, large = (compiled(works, name, size) for size in (SIZES[name], 4 * SIZES[name]))
    once, again = (calls_of(lambda c=c, x=x: c.lower(*x)) for c, x in (small, large))
    assert again < 4.4 * once


@pytest.mark.parametrize("name", [*SIZES, "lstm", "pendulum"])
def test_a_work_runs(works, name):
    work = works.Work(getattr(works, name), 1 if name in ("lstm", "pendulum") else 8, 1.0)
    *seconds, megabytes, operations, instructions = works.measure(work, 1.0)
    assert min(seconds) >= 0.0
    assert megabytes > 1.0
    assert operations >= instructions > 0
