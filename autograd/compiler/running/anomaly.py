"""The example of a batch, and the node in it, from which a compiled function got a nan or an inf.

A compiled program computes whole batches and knows no lines. So the example is searched for, and
the function runs on it alone, in Values, under `detect_anomaly`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd.backward import traverse
from autograd.compiler.running.run import Result, Runner
from autograd.compiler.tracing.nesting import InputSpec, take_apart
from autograd.errors import AnomalyError
from autograd.node import set_data
from autograd.system.source import users_line
from autograd.value import Value, constant

Array: TypeAlias = NDArray[Any]
Among: TypeAlias = Callable[[list[float]], bool]
PullBack: TypeAlias = Callable[[Value, dict[Value, float]], None]


class Run(NamedTuple):
    """A run of a compiled function: its inputs and its results."""

    compiled: Any  # an `autograd.compiler.compiled.Compiled`
    entry: Any  # its specialization for inputs like these
    runner: Runner
    theta: Array
    arrays: list[Array]
    result: Result


def check_run(run: Run, bad: Among, pull_back: PullBack) -> None:
    """Raise AnomalyError if a run gave bad numbers, naming the example and, in it, the node.

    `bad` finds bad ones among numbers; `pull_back` is a backward pass that raises AnomalyError.
    """
    first = _first_bad(run, bad)
    if first is None:
        return
    what, example = first
    headline, at = _headline(run, what, example), f"\n  at {users_line()}"
    if example is None:
        raise AnomalyError(f"{headline}: of no example alone, but of all together{at}")
    if run.compiled.f is None:
        raise AnomalyError(f"{headline}{at}\n  it was unpickled: compile the function to see more")
    why = f"in Values there is no bad number, and it ran in {run.compiled.dtype}"
    try:
        _in_values(run, example, pull_back)
    except AnomalyError as error:
        text = f"{headline}{at}\nin Values: {error}"
        raise AnomalyError(text, error.node, error.output, error.event) from None
    except Exception as error:
        why = f"in Values it raises {type(error).__name__}: {error}"
    raise AnomalyError(f"{headline}{at}\n  {why}")


def _headline(run: Run, what: str, example: int | None) -> str:
    name = getattr(run.compiled.f, "__qualname__", "the function")
    count = run.result.outputs.shape[1]
    where = f" for example {example} of {count}" if run.arrays and example is not None else ""
    return f"compiled {name} gave a bad {what}{where}"


def _first_bad(run: Run, bad: Among) -> tuple[str, int | None] | None:
    """The bad quantity and its example; None for the example if only the mean is bad."""
    result = run.result
    if bad(result.outputs.ravel().tolist()):
        columns = result.outputs.T.tolist()
        return "output", next(i for i, column in enumerate(columns) if bad(column))
    if not _has_bad_gradient(result, bad):
        return None
    batch = result.outputs.shape[1]
    what = "mean" if bad([result.mean]) else "gradient"
    return what, _example_to_blame(run, bad, range(batch))


def _has_bad_gradient(result: Result, bad: Among) -> bool:
    if result.gradient is None:
        return False
    each = [result.gradient, *result.input_gradients]
    return bad([result.mean]) or any(bad(g.ravel().tolist()) for g in each)


def _example_to_blame(run: Run, bad: Among, among: range) -> int | None:
    """Search by bisection for an example whose own gradient is bad."""
    if len(among) == 1:
        return among[0]
    middle = len(among) // 2
    for half in (among[:middle], among[middle:]):
        arrays = [np.asarray(x)[half.start : half.stop] if x.ndim else x for x in run.arrays]
        runner = Runner(run.runner.program, run.runner.dtype)  # of NumPy: any number is no trouble
        if _has_bad_gradient(runner.run(run.theta, arrays, len(half)), bad):
            return _example_to_blame(run, bad, half)
    return None


def _in_values(run: Run, example: int, pull_back: PullBack) -> None:
    """Call the function on one example in Values, and differentiate its result."""
    kind = Value if run.compiled.input_gradients else constant
    leaves = [
        _leaf(x[example] if x.ndim else x, spec, kind)
        for x, spec in zip(run.arrays, run.runner.program.inputs, strict=False)
    ]
    with _having(run.entry.leaves, run.theta.tolist()):
        inputs, static = run.entry.arguments(iter(leaves))
        output = run.compiled.f(*inputs, **static)
        if run.result.gradient is None:
            return
        outputs: list[Any] = []
        take_apart(output, lambda _: False, outputs)
        first = np.ravel(outputs[0])[0]
        cotangents = traverse((first,))
        cotangents[first] = 1.0
        pull_back(first, cotangents)


def _leaf(x: Any, spec: InputSpec, kind: Callable[[float], Value]) -> Any:
    """One example of an input, as the function gets it, in Values."""

    def element(number: int, name: str) -> Value:
        v = kind(float(x.flat[number]))
        v.name = name
        return v

    return spec.filled(element)


@contextmanager
def _having(leaves: list[Value], numbers: list[float]) -> Iterator[None]:
    """Replace the data of leaves inside a `with` block."""
    before = [v._float for v in leaves]
    set_data(leaves, numbers)
    try:
        yield
    finally:
        set_data(leaves, before)
