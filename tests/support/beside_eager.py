"""A compiled function beside the engine: the same code on one example after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Value

Compiled = Any


def is_array(x: Any) -> bool:
    return not isinstance(x, (dict, list, tuple))


def example(inputs: Any, i: int, leaves: list[list[Value]]) -> Any:
    """The i-th example as the engine takes it: floats are leaves, noted down, integers ints."""
    if isinstance(inputs, dict):
        return {key: example(x, i, leaves) for key, x in inputs.items()}
    if isinstance(inputs, (list, tuple)):
        return type(inputs)([example(x, i, leaves) for x in inputs])
    x = inputs[i]
    if inputs.dtype.kind in "biu":
        return x.astype(int) if np.ndim(x) else int(x)
    made = autograd.array(np.asarray(x, float))
    leaves.append(made.ravel().tolist())
    return made if np.ndim(x) else made.item()


def arrays_in(inputs: Any) -> Iterator[Any]:
    if is_array(inputs):
        yield inputs
    else:
        for x in inputs.values() if isinstance(inputs, dict) else inputs:
            yield from arrays_in(x)


def numbers_in(output: Any) -> list[Any]:
    """The arrays of numbers in an output, in order."""
    if isinstance(output, dict):
        return [x for part in output.values() for x in numbers_in(part)]
    if isinstance(output, (list, tuple)):
        return [x for part in output for x in numbers_in(part)]
    if isinstance(output, np.ndarray) and output.dtype == object:
        return [autograd.data(output)]
    return [np.asarray(output.data if isinstance(output, Value) else output, float)]


def eager_outputs(f: Callable[..., Any], *inputs: Any, **static: Any) -> list[Any]:
    """Each output with a batch axis, from the engine."""
    batch = len(next(arrays_in(list(inputs))))
    with np.errstate(all="ignore"):
        each = [numbers_in(f(*example(list(inputs), i, []), **static)) for i in range(batch)]
    return [np.array(column) for column in zip(*each, strict=True)]


def eager_gradients(
    f: Callable[..., Any], parameters: Sequence[Value], *inputs: Any, **static: Any
) -> tuple[float, Any, list[Any]]:
    """The mean of f, its gradient for the parameters, and for each float input, from the engine."""
    batch = len(next(arrays_in(list(inputs))))
    values, total = [], np.zeros(len(parameters))
    rows: list[list[list[float]]] = []
    with np.errstate(all="ignore"):
        for i in range(batch):
            leaves: list[list[Value]] = []
            y = f(*example(list(inputs), i, leaves), **static)
            values.append(y.data)
            flat = [v for leaf in leaves for v in leaf]
            found = autograd.gradients(y, [*parameters, *flat])
            total += np.array(found[: len(parameters)])
            rest = iter(found[len(parameters) :])
            rows.append([[next(rest) for _ in leaf] for leaf in leaves])
        by_input = [np.array(column) / batch for column in zip(*rows, strict=True)]
        return float(np.mean(values)), total / batch, by_input


def assert_same(found: Any, expected: Any, rel: float = 1e-9) -> None:
    """Equal to a relative tolerance; nan and inf included."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    finite = np.abs(expected[np.isfinite(expected)])
    scale = min(1.0, float(finite.max(initial=0.0)))
    np.testing.assert_allclose(found, expected, rtol=rel, atol=1e-3 * rel * scale, equal_nan=True)


def in_order_of(c: Compiled, gradient: Any, parameters: Sequence[Value]) -> Any:
    """A flat gradient in the order of other parameters; 0 for one that the program lacks."""
    places = {p: i for i, p in enumerate(c.parameters)}
    assert set(places) <= set(parameters)
    return np.array([gradient[places[p]] if p in places else 0.0 for p in parameters])


def compare(
    f: Callable[..., Any],
    parameters: Sequence[Value],
    *inputs: Any,
    rel: float = 1e-9,
    input_gradients: bool = True,
    dtype: str = "float64",
    **static: Any,
) -> Compiled:
    """Hold outputs, mean, gradient and input gradients of one Value to the engine's."""
    parameters = list(parameters)
    c = autograd.compile(f, dtype=dtype)
    (outputs,) = eager_outputs(f, *inputs, **static)
    mean, gradient, by_input = eager_gradients(f, parameters, *inputs, **static)
    assert_same(c(*inputs, **static), outputs, rel)
    found_mean, found = c.value_and_grad(*inputs, **static)
    assert_same(found_mean, mean, rel)
    assert_same(in_order_of(c, found, parameters), gradient, rel)
    if input_gradients:
        d = autograd.compile(f, dtype=dtype, input_gradients=True)
        found_mean, found, for_inputs = d.value_and_grad(*inputs, **static)
        assert_same(found_mean, mean, rel)
        assert_same(in_order_of(d, found, parameters), gradient, rel)
        given = zip(_flat(for_inputs), arrays_in(inputs), strict=True)
        flat = [x for x, array in given if array.dtype.kind not in "biu"]
        assert len(flat) == len(by_input)
        for x, g in zip(flat, by_input, strict=True):
            assert_same(x.reshape(g.shape), g, rel)
    return c


def _flat(inputs: Any) -> list[Any]:
    if isinstance(inputs, dict):
        return [x for part in inputs.values() for x in _flat(part)]
    if isinstance(inputs, (list, tuple)):
        return [x for part in inputs for x in _flat(part)]
    return [inputs]


def weights(seed: int, *shape: int, name: str = "w", scale: float = 1.0) -> Any:
    return autograd.array(scale * np.random.default_rng(seed).normal(size=shape), name=name)


def leaves_of(*arrays: Any) -> list[Value]:
    return [v for a in arrays for v in (a.ravel().tolist() if isinstance(a, np.ndarray) else [a])]
